"""Whether the words beside a code can mean what the code means.

Wrong codes are common in real records: one RxNorm number stands for five drugs in public
files. A display that shares no word with anything the code is called is not trusted, and
neither is the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from reasoner.terminology import Row, Terminology, normal_display

__all__ = ["agrees"]

_SHORTEST = 3
_SAY_NOTHING = frozenset(
    [
        "and",
        "for",
        "the",
        "with",
        "without",
        "per",
        "not",
        "due",
        "type",
        "unspecified",
        "specified",
        "disease",
        "disorder",
        "syndrome",
        "finding",
        "generic",
        "brand",
        "drug",
        "medication",
        "therapy",
        "treatment",
        "infusion",
        "injection",
        "injectable",
        "solution",
        "product",
        "tablet",
        "capsule",
        "oral",
        "pack",
        "dose",
        "vial",
        "ml",
        "mg",
        "mcg",
    ]
)


def agrees(terminology: Terminology, rows: Iterable[Row], text: str) -> bool:
    """Whether *text* shares a word with a display or a name of what *rows* mean.

    Text without any telling word (an abbreviation of two letters, a number) agrees.
    """
    said = _words(text)
    if not said:
        return True
    names = _names(terminology)
    return any(said & (_words(row.display) | names.get(row.concept, frozenset())) for row in rows)


def _words(text: str) -> frozenset[str]:
    words = normal_display(text).split()
    return frozenset(w for w in words if len(w) >= _SHORTEST and not w.isdigit()) - _SAY_NOTHING


@lru_cache(maxsize=4)
def _names(terminology: Terminology) -> dict[str, frozenset[str]]:
    """Every telling word that a concept is called by, in any system."""
    found: dict[str, frozenset[str]] = {}
    for row in terminology.table:
        words = _words(row.display) | _words(row.concept.replace("_", " "))
        if row.system == "name":
            words |= _words(row.code)
        found[row.concept] = found.get(row.concept, frozenset()) | words
    return found
