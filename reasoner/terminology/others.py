"""Tables beside those of codes: code systems, ranges, properties, units and results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import get_args

import msgspec

from reasoner.errors import nearest
from reasoner.model import Result, Unit
from reasoner.terminology.field import filled, system_of, word
from reasoner.terminology.index import within
from reasoner.terminology.normal import normal_alias, normal_code
from reasoner.terminology.row import PropertyRow, RangeRow, ResultRow, UnitRow
from reasoner.terminology.table import Line, Table

__all__ = ["lines_of", "read_aliases", "read_property", "read_range", "read_result", "read_unit"]


def lines_of(tables: list[Table], kind: str) -> Iterator[Line]:
    """Yield the lines of every table of *kind*."""
    return (line for table in tables if table.kind == kind for line in table)


def read_aliases(tables: list[Table]) -> dict[str, str]:
    """Return the short name of each system by each of its names, its short name included."""
    found: dict[str, str] = {}
    for line in lines_of(tables, "systems"):
        system = filled(line, "system")
        filled(line, "source")
        for name in (normal_alias(filled(line, "alias")), normal_alias(system)):
            if found.setdefault(name, system) != system:
                other = found[name]
                raise line.fault(
                    f"`{filled(line, 'alias')}` names two systems, `{other}` and `{system}`",
                    "keep one of them",
                )
    return found


def read_range(line: Line, aliases: Mapping[str, str]) -> RangeRow:
    """Return the range of codes that *line* gives a concept to."""
    row = RangeRow(
        system=system_of(line, filled(line, "system"), aliases),
        first=filled(line, "first"),
        last=filled(line, "last"),
        concept=word(line, "concept"),
        source=filled(line, "source"),
        note=line.fields["note"],
        place=line.place,
    )
    if not within(row, normal_code(row.system, row.first)):
        raise line.fault(f"`{row.first}` comes after `{row.last}`", "write the lower code first")
    return row


def read_property(line: Line, known: set[str]) -> PropertyRow:
    """Return what *line* says of one of the *known* concepts."""
    concept = word(line, "concept")
    if concept not in known:
        hint = nearest(concept, sorted(known)) or "add a row that has this concept"
        raise line.fault(f"no code, name or range has the concept `{concept}`", hint)
    return PropertyRow(
        concept=concept,
        property=word(line, "property"),
        value=filled(line, "value"),
        source=filled(line, "source"),
        place=line.place,
    )


def read_unit(line: Line, aliases: Mapping[str, str]) -> UnitRow:
    """Return the unit that *line* explains; words are compared without case."""
    system = _address(line, aliases)
    code = filled(line, "code")
    unit = line.fields["unit"]
    try:
        factor = Decimal(line.fields["factor"])
        known = msgspec.convert(unit, Unit)
    except InvalidOperation:
        message = f"`{line.fields['factor']}` is no factor"
        raise line.fault(message, "how many of `unit` it makes: 1 or 0.001") from None
    except msgspec.ValidationError:
        message = f"`{unit}` is no unit of a case"
        raise line.fault(message, f"one of {', '.join(get_args(Unit))}") from None
    if not factor.is_finite() or factor <= 0:
        raise line.fault(f"`{factor}` is no factor", "a factor is more than 0")
    code = code.casefold() if system == "word" else code
    return UnitRow(system, code, known, factor, filled(line, "source"), line.place)


def read_result(line: Line, aliases: Mapping[str, str]) -> ResultRow:
    """Return the result that an answer of a laboratory means."""
    try:
        result = msgspec.convert(line.fields["result"], Result)
    except msgspec.ValidationError:
        message = f"`{line.fields['result']}` is no result"
        raise line.fault(message, f"one of {', '.join(get_args(Result))}") from None
    source = filled(line, "source")
    return ResultRow(_address(line, aliases), filled(line, "code"), result, source, line.place)


def _address(line: Line, aliases: Mapping[str, str]) -> str:
    """Return the short name of a system, or its address where the tables give it none."""
    text = filled(line, "system")
    return aliases.get(normal_alias(text), text)
