"""A rule file as rows: the statements of one line, a comment, an empty line."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reasoner.program import statements
from workbench.layout.spelling import LAYOUT, Token
from workbench.layout.statement import Statement

__all__ = ["Row", "rows"]


class Row(msgspec.Struct, frozen=True, eq=False):
    """*statements* that share a line, and the *comment* behind them; or a comment alone.

    Neither: an empty line.
    """

    statements: tuple[Statement, ...] = ()
    comment: str = ""


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of *text*; empty lines at its ends are left out, and no two follow."""
    gap = False
    first = True
    for row in _rows(text):
        if not row.statements and not row.comment:
            gap = True
            continue
        if gap and not first:
            yield Row()
        gap = first = False
        yield row


def _rows(text: str) -> Iterator[Row]:
    held: list[Statement] = []
    for item in _items(text):
        match item:
            case Statement():
                held.append(item)
            case ("comment", comment):
                yield Row(tuple(held), _stripped(comment))
                held = []
            case (_, space):
                count = space.count("\n")
                if count and held:
                    yield Row(tuple(held))
                    held = []
                yield from [Row()] * (count > 1)
    if held:
        yield Row(tuple(held))


def _items(text: str) -> Iterator[Statement | Token]:
    """Yield every statement, and the comments and blanks between them."""
    for statement in statements(text):
        tokens = statement.tokens
        begin = next((i for i, (kind, _) in enumerate(tokens) if kind not in LAYOUT), len(tokens))
        yield from tokens[:begin]
        if begin < len(tokens):
            own = tokens[begin:]
            yield Statement(own, "".join(mark for _, mark in own))


def _stripped(comment: str) -> str:
    return "\n".join(line.rstrip() for line in comment.split("\n"))
