"""Words of a decision, the same in every command.

The words are in English; `headlines` gives them in the language of a reader. Nothing here is
imported for English alone: a cold start is a promise.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reasoner.marks import HEADLINES

__all__ = [
    "TONES",
    "Words",
    "english",
    "headlines",
    "plural",
    "spoken",
]

Words = Callable[..., str]
"""What the program says, in a language: a message with the values of its placeholders."""

TONES = {"✓": "good", "✗": "bad", "~": "open", "?": "open", "!": "open", "-": "faint"}


def english(message: str, **values: str) -> str:
    """Return what the program says in English: *message* with its *values*.

    >>> english("{count} vials", count="3")
    '3 vials'
    """
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[1]), message)


def headlines(text: Words) -> dict[str, str]:
    """Return the first line of each recommendation in the language of *text*."""
    return {name: text(line) for name, line in HEADLINES.items()}


def spoken(word: str) -> str:
    """Return a status as it is read: `not_met` is `not met`."""
    return word.replace("_", " ")


def plural(count: int, one: str, several: str = "") -> str:
    """Return *count* with its noun.

    >>> plural(1, "record"), plural(3, "record")
    ('1 record', '3 records')
    """
    return f"{count} {one if count == 1 else several or one + 's'}"
