"""An outline as lines: a tree for a terminal, or numbered sentences for a listener."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explain.outline import Item

__all__ = ["numbered", "tree"]

_UNICODE = ("├─ ", "└─ ", "│  ", "   ")
_ASCII = ("|- ", "`- ", "|  ", "   ")

_MARKS = {
    "met": "✓",
    "clear": "✓",
    "within": "✓",
    "open": "?",
    "opened": "✓",
    "not_met": "✗",
    "applies": "✗",
    "exhausted": "✗",
    "reduces": "~",
    "closed": "-",
    "unknown": "?",
    "conflict": "!",
    "disputed": "!",
    "undetermined": "?",
    "settled": "=",
    "assumed": "~",
    "absent": "∅",
    "record": "•",
    "unused": "∅",
    "reading": "~",
    "because": "·",
    "detail": "",
    "rule": "",
    "above": "…",
    "folded": "…",
}
_PLAIN_MARKS = {"✓": "+", "✗": "x", "∅": "-", "•": "*", "·": "-", "…": "..."}


def tree(
    item: Item, headlines: Mapping[str, str], *, unicode: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield each line as its lead, the lead of a line that continues it, and its text.

    *headlines* are the words of each recommendation.
    """
    yield "", "   ", _line(item, headlines, unicode=unicode)
    yield from _below(item, "", headlines, unicode=unicode)


def _below(
    item: Item, lead: str, headlines: Mapping[str, str], *, unicode: bool
) -> Iterator[tuple[str, str, str]]:
    branch, last, bar, gap = _UNICODE if unicode else _ASCII
    for index, below in enumerate(item.below):
        end = index == len(item.below) - 1
        inner = lead + (gap if end else bar)
        hang = inner + (bar if below.below else gap)
        yield lead + (last if end else branch), hang, _line(below, headlines, unicode=unicode)
        yield from _below(below, inner, headlines, unicode=unicode)


def _line(item: Item, headlines: Mapping[str, str], *, unicode: bool) -> str:
    if item.status.startswith("result:"):
        return f"{headlines[item.status.removeprefix('result:')]}  {item.text}"
    mark = _MARKS.get(item.status, "")
    if not unicode:
        mark = _PLAIN_MARKS.get(mark, mark)
    return f"{mark} {item.text}" if mark else item.text


def numbered(item: Item, headlines: Mapping[str, str]) -> Iterator[str]:
    """Yield each line as a numbered sentence: `2.1 Record t1 says negative: …`."""
    if item.status.startswith("result:"):
        yield f"{headlines[item.status.removeprefix('result:')]}: case {_sentence(item.text)}"
    else:
        yield _sentence(item.text)
    yield from _numbered(item, "")


def _numbered(item: Item, number: str) -> Iterator[str]:
    for index, below in enumerate(item.below, 1):
        here = f"{number}{index}"
        yield f"{here} {_SPOKEN.get(below.status, '')}{_sentence(below.text)}"
        yield from _numbered(below, f"{here}.")


_SPOKEN = {
    "because": "Because: ",
    "record": "Record ",
    "unused": "Record ",
    "settled": "Question ",
    "open": "Open question ",
    "disputed": "Disputed question ",
    "assumed": "",
    "detail": "It states: ",
    "rule": "Rule: ",
}


def _sentence(text: str) -> str:
    text = ", ".join(part.strip() for part in text.split("  ") if part.strip())
    return text if text.endswith((".", "?", "!")) else f"{text}."
