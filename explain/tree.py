"""An outline as lines: a tree for a terminal, or numbered sentences for a listener."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explain.language import ENGLISH, Language
from explain.outline import Item

__all__ = ["numbered", "tree"]

_UNICODE = ("├─ ", "└─ ", "│  ", "   ")
_ASCII = ("|- ", "`- ", "|  ", "   ")

_PLAIN_MARKS = {"✓": "+", "✗": "x", "∅": "-", "•": "*", "·": "-", "…": "...", "≡": "=", "◇": "?"}


def tree(
    item: Item, headlines: Mapping[str, str], marks: Mapping[str, str], *, unicode: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield each line as its lead, the lead of a line that continues it, and its text.

    *headlines* are the words of each recommendation, *marks* the sign of each status.
    """
    shown = {
        status: mark if unicode else _PLAIN_MARKS.get(mark, mark) for status, mark in marks.items()
    }
    signs = _UNICODE if unicode else _ASCII
    yield "", "   ", _line(item, headlines, shown)
    yield from _below(item, "", headlines, shown, signs)


def _below(
    item: Item,
    lead: str,
    headlines: Mapping[str, str],
    marks: Mapping[str, str],
    signs: tuple[str, str, str, str],
) -> Iterator[tuple[str, str, str]]:
    branch, last, bar, gap = signs
    for index, below in enumerate(item.below):
        end = index == len(item.below) - 1
        inner = lead + (gap if end else bar)
        hang = inner + (bar if below.below else gap)
        yield lead + (last if end else branch), hang, _line(below, headlines, marks)
        yield from _below(below, inner, headlines, marks, signs)


def _line(item: Item, headlines: Mapping[str, str], marks: Mapping[str, str]) -> str:
    if item.status.startswith("result:"):
        return f"{headlines[item.status.removeprefix('result:')]}  {item.text}"
    mark = marks.get(item.status, "")
    return f"{mark} {item.text}" if mark else item.text


def numbered(
    item: Item, headlines: Mapping[str, str], language: Language = ENGLISH
) -> Iterator[str]:
    """Yield each line as a numbered sentence: `2.1 Record t1 says negative: …`."""
    if item.status.startswith("result:"):
        case = language.text("case {id}", id=item.text)
        yield f"{headlines[item.status.removeprefix('result:')]}: {_sentence(case)}"
    else:
        yield _sentence(item.text)
    yield from _numbered(item, "", language)


def _numbered(item: Item, number: str, language: Language) -> Iterator[str]:
    for index, below in enumerate(item.below, 1):
        here = f"{number}{index}"
        spoken = _SPOKEN.get(below.status, "")
        lead = f"{language.text(spoken)} " if spoken else ""
        yield f"{here} {lead}{_sentence(below.text)}"
        yield from _numbered(below, f"{here}.", language)


_SPOKEN = {
    "because": "Because:",
    "record": "Record",
    "unused": "Record",
    "settled": "Question",
    "unsettled": "Open question",
    "disputed": "Disputed question",
    "detail": "It states:",
    "rule": "Rule:",
}


def _sentence(text: str) -> str:
    text = ", ".join(part.strip() for part in text.split("  ") if part.strip())
    return text if text.endswith((".", "?", "!")) else f"{text}."
