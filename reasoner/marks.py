"""How a recommendation and a status look, in every view: its headline, its mark."""

from __future__ import annotations

__all__ = ["HEADLINES", "MARKS"]

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
    # the statuses of clauses
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
    # the lines of a proof: questions, records, sentences
    "settled": "=",
    "unsettled": "?",
    "disputed": "!",
    "assumed": "~",
    "absent": "∅",
    "record": "•",
    "unused": "∅",
    "reading": "~",
    "count": "#",
    "split": "≡",
    "world": "◇",
    "because": "·",
    "above": "…",
    "folded": "…",
    # recommendations
    "approve": "✓",
    "partial": "~",
    "deny": "✗",
    "pend": "?",
    "refer": "?",
    "not_applicable": "-",
}
"""What stands before a line. A mark never stands without a word beside it."""
