"""Words and marks of a decision, the same in every view; readable without colour."""

from __future__ import annotations

__all__ = ["HEADLINES", "MARKS", "TONES", "plural", "spoken"]

HEADLINES = {
    "approve": "APPROVE RECOMMENDED",
    "partial": "PARTIAL APPROVAL RECOMMENDED",
    "deny": "DENY RECOMMENDED",
    "pend": "PEND RECOMMENDED",
    "refer": "REFER RECOMMENDED",
    "not_applicable": "NOT APPLICABLE",
}
"""What the first line says. The product recommends; it never approves or denies."""

MARKS = {
    "met": "✓",
    "clear": "✓",
    "within": "✓",
    "open": "✓",
    "not_met": "✗",
    "applies": "✗",
    "exhausted": "✗",
    "reduces": "~",
    "closed": "-",
    "unknown": "?",
    "conflict": "!",
    "undetermined": "?",
}
TONES = {"✓": "good", "✗": "bad", "~": "open", "?": "open", "!": "open", "-": "faint"}


def spoken(word: str) -> str:
    """Return a status as it is read: `not_met` is `not met`."""
    return word.replace("_", " ")


def plural(count: int, one: str, several: str = "") -> str:
    """Return *count* with its noun.

    >>> plural(1, "record"), plural(3, "record")
    ('1 record', '3 records')
    """
    return f"{count} {one if count == 1 else several or one + 's'}"
