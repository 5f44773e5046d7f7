"""Tables of codes: what each code means, and that no two rows of one contradict each other."""

from __future__ import annotations

import datetime as dt
from operator import itemgetter
from typing import Final

import msgspec

from reasoner.errors import nearest
from reasoner.terminology.field import date, empty, system_of, word, words
from reasoner.terminology.normal import normal_code
from reasoner.terminology.row import CONFIDENCES, Row
from reasoner.terminology.table import Line, Table

__all__ = ["read_codes"]

_OF_ONE_CODE: Final = ["code", "display", "source", "note"]


class _Sense(msgspec.Struct, frozen=True, gc=False):
    """What a line says of its code, read once for the many lines that say the same."""

    system: str
    concept: str
    labelled_for: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    confidence: str
    lists: tuple[str, ...]


def read_codes(
    table: Table, aliases: dict[str, str], by_code: dict[tuple[str, str], tuple[Row, ...]]
) -> list[Row]:
    """Return the rows of a table of codes, and add them to *by_code*."""
    rows: list[Row] = []
    senses: dict[tuple[str, ...], _Sense] = {}
    own = [table.columns.index(name) for name in _OF_ONE_CODE]
    shared = [i for i, name in enumerate(table.columns) if name not in _OF_ONE_CODE]
    own_values, shared_values = itemgetter(*own), itemgetter(*shared)
    file = table.path.name
    for number, values in table.lines:
        code, display, source, note = own_values(values)
        key = shared_values(values)
        sense = senses.get(key)
        if sense is None:
            sense = senses[key] = _sense(table.line(number, values), table.kind, aliases)
        normal = normal_code(sense.system, code)
        if not normal or not source.strip():
            raise empty(table.line(number, values), "source" if normal else "code")
        row = Row(
            sense.system,
            code.strip(),
            display.strip(),
            sense.concept,
            sense.labelled_for,
            sense.valid_from,
            sense.valid_to,
            source.strip(),
            sense.confidence,
            note.strip(),
            sense.lists,
            f"{file}:{number}",
        )
        before = by_code.get((sense.system, normal))
        if before is None:
            by_code[sense.system, normal] = (row,)
        else:
            _agree(table.line(number, values), row, before[0])
            by_code[sense.system, normal] = (*before, row)
        rows.append(row)
    return rows


def _sense(line: Line, kind: str, aliases: dict[str, str]) -> _Sense:
    confidence = line.fields["confidence"] or "unverified"
    if confidence not in CONFIDENCES:
        hint = nearest(confidence, list(CONFIDENCES)) or f"one of {', '.join(CONFIDENCES)}"
        raise line.fault(f"`{confidence}` is not a confidence", hint)
    sense = _Sense(
        system=system_of(line, line.fields.get("system") or kind, aliases),
        concept=word(line, "concept"),
        labelled_for=words(line, "labelled_for"),
        valid_from=date(line, "valid_from"),
        valid_to=date(line, "valid_to"),
        confidence=confidence,
        lists=words(line, "lists"),
    )
    if sense.valid_from and sense.valid_to and sense.valid_from > sense.valid_to:
        message = f"`valid_from` {sense.valid_from} is after `valid_to` {sense.valid_to}"
        raise line.fault(message, "both days belong to the period")
    return sense


def _agree(line: Line, row: Row, other: Row) -> None:
    """Refuse *row* if it says something else of its code than *other* does."""
    for column, ours, theirs in (
        ("concept", row.concept, other.concept),
        ("labelled_for", " ".join(row.labelled_for), " ".join(other.labelled_for)),
        ("lists", " ".join(row.lists), " ".join(other.lists)),
    ):
        if ours != theirs:
            raise line.fault(
                f"`{row.code}` has the {column} `{ours}` here and `{theirs}` in {other.place}",
                "a code means one thing; correct or remove one of the rows",
            )
