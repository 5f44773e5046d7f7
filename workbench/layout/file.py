"""A rule file in its one layout; whatever would change its meaning is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from reasoner.check.source import parse
from reasoner.errors import PolicyError
from reasoner.program import RuleFile, statements
from workbench.layout.rows import Row, rows
from workbench.layout.statement import WIDTH, Statement, lines

__all__ = ["lay_out"]

_SPREAD: Final = 14
"""Heads of one predicate whose lengths differ by no more have their `:-` in one column."""
_NOTE_SPREAD: Final = 24
"""The same for the comments behind statements."""
_NOTE_GAP: Final = "   "
_GAP: Final = "  "
_UNKNOWN: Final = ("#external", "#theory", "#edge", "#heuristic", "#minimize", "#maximize")


def lay_out(file: RuleFile) -> str:
    """Return the text of *file* in its one layout.

    It has the same tokens and the same comments, in the same order, and clingo reads the same
    statements in it.

    Raises:
        PolicyError: clingo cannot read the file, or it holds a statement without a layout.
    """
    source = parse(file)
    if source.findings:
        first = source.findings[0]
        raise PolicyError(first.code, first.message, where=first.where, hint=first.hint)
    for statement in statements(file.text):
        for kind, mark in statement.tokens:
            if (kind, mark) in (("operator", ":~"), ("operator", "&")) or mark in _UNKNOWN:
                raise PolicyError(
                    "format.statement",
                    f"a statement with `{mark}` has no layout",
                    where=f"{file.name}:{statement.line}",
                    hint="rules and facts have one; `reasoner check` says what to write",
                )
    text = "".join(f"{line}\n" for line in _lines(list(rows(file.text))))
    after = parse(RuleFile(file.path, file.name, text))
    same = list(map(str, source.nodes)) == list(map(str, after.nodes)) and not after.findings
    if not same or _marks(file.text) != _marks(text):
        raise PolicyError(
            "format.meaning",
            "laid out, the file would say something else",
            where=file.name,
            hint="write it plainly: a comment inside another one cannot be laid out",
        )
    return text


def _marks(text: str) -> list[str]:
    """Return the tokens of *text*, comments among them, without blanks."""
    return [
        "\n".join(line.strip() for line in mark.split("\n"))
        for statement in statements(text)
        for kind, mark in statement.tokens
        if kind != "space"
    ]


def _lines(found: list[Row]) -> Iterator[str]:
    for together, run in groupby(found, key=lambda row: bool(row.statements)):
        if together:
            yield from _block(_fitting(run))
        else:
            for row in run:
                yield row.comment


def _fitting(run: Iterable[Row]) -> Iterator[Row]:
    """Give each statement a line of its own where those of one line do not fit together."""
    for row in run:
        width = sum(len(" ".join(lines(one))) + len(_GAP) for one in row.statements)
        alone = any(one.verbatim or len(lines(one)) > 1 for one in row.statements)
        if len(row.statements) > 1 and (alone or width > WIDTH):
            *most, last = row.statements
            yield from (Row((one,)) for one in most)
            yield Row((last,), row.comment)
        else:
            yield row


def _block(run: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of rows that stand directly below each other."""
    block = list(run)
    texts = [text for several, some in _kinds(block) for text in _texts(some, several=several)]
    yield from _with_comments(block, texts)


def _kinds(block: list[Row]) -> Iterator[tuple[bool, list[Row]]]:
    for several, some in groupby(block, key=lambda row: len(row.statements) > 1):
        yield several, list(some)


def _texts(block: list[Row], *, several: bool) -> Iterator[list[str]]:
    """Yield the lines of each row, without the comment behind it."""
    if several:
        yield from ([line] for line in _table(block))
        return
    pads = _pads([row.statements[0] for row in block])
    for row, pad in zip(block, pads, strict=True):
        yield lines(row.statements[0], pad)


def _table(block: list[Row]) -> list[str]:
    """Return rows of several statements as a table."""
    cells = [[lines(one)[0] for one in row.statements] for row in block]
    count = max(map(len, cells))
    widths = [
        max((len(row[place]) for row in cells if len(row) > place + 1), default=0)
        for place in range(count)
    ]
    table = [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in cells
    ]
    return table if max(map(len, table)) <= WIDTH else [_GAP.join(row) for row in cells]


def _pads(block: list[Statement]) -> list[int]:
    """Return how far each head is filled up: rules of one predicate begin their bodies together."""
    out: list[int] = []
    for _, some in groupby(block, key=lambda one: one.name):
        widths = [len(one.head) if one.conditional and not one.verbatim else 0 for one in some]
        out += _columns(widths, _SPREAD)
    return out


def _columns(widths: list[int], spread: int) -> list[int]:
    """Return the largest width of each stretch of *widths* that differ by *spread* at most.

    A width of 0 ends a stretch.

    >>> _columns([3, 5, 0, 4, 20, 22], 8)
    [5, 5, 0, 4, 22, 22]
    """
    out: list[int] = []
    stretch: list[int] = []
    for width in [*widths, 0]:
        if stretch and (not width or max(*stretch, width) - min(*stretch, width) > spread):
            out += [max(stretch)] * len(stretch)
            stretch = []
        if width:
            stretch.append(width)
        else:
            out.append(0)
    return out[:-1]


def _with_comments(block: list[Row], texts: list[list[str]]) -> Iterator[str]:
    """Yield the lines of rows, with the comments behind them in one column."""
    noted = [index for index, row in enumerate(block) if row.comment]
    columns = dict(
        zip(noted, _columns([len(texts[i][-1]) for i in noted], _NOTE_SPREAD), strict=True)
    )
    for index, (row, text) in enumerate(zip(block, texts, strict=True)):
        yield from text[:-1]
        last = text[-1]
        if row.comment:
            last = f"{last.ljust(columns[index])}{_NOTE_GAP}{row.comment}"
        yield last
