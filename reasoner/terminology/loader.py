"""The one loader: every file of the tables, checked against each other."""

from __future__ import annotations

from pathlib import Path

from reasoner.terminology.codes import read_codes
from reasoner.terminology.index import Terminology
from reasoner.terminology.others import (
    lines_of,
    read_aliases,
    read_property,
    read_range,
    read_result,
    read_unit,
)
from reasoner.terminology.row import ResultRow, Row, UnitRow
from reasoner.terminology.table import Table, digest_of, read_files, read_table

__all__ = ["load"]


def load(folder: Path, *more: Path) -> Terminology:
    """Read the tables of *folder*, then those of *more*: folders or single files.

    What *more* says extends *folder* and may not contradict it. Neither the rows nor the
    digest depend on the order of the files.

    Raises:
        PolicyError: a file cannot be read, or a table is malformed or contradicts
            another one.
    """
    files = read_files((folder, *more))
    tables = [read_table(path, data) for path, data, _ in files]
    aliases = read_aliases(tables)
    by_code: dict[tuple[str, str], tuple[Row, ...]] = {}
    rows: list[Row] = []
    for table in tables:
        if table.holds_codes:
            rows += read_codes(table, aliases, by_code)
    ranges = tuple(read_range(line, aliases) for line in lines_of(tables, "ranges"))
    known = {row.concept for row in rows} | {row.concept for row in ranges}
    return Terminology(
        table=tuple(rows),
        ranges=ranges,
        property_rows=tuple(read_property(line, known) for line in lines_of(tables, "properties")),
        by_code=by_code,
        aliases=aliases,
        units=_units(tables, aliases),
        results=_results(tables, aliases),
        digest=digest_of(files),
    )


def _units(tables: list[Table], aliases: dict[str, str]) -> dict[tuple[str, str], UnitRow]:
    found: dict[tuple[str, str], UnitRow] = {}
    for line in lines_of(tables, "units"):
        row = read_unit(line, aliases)
        before = found.setdefault((row.system, row.code), row)
        if (before.unit, before.factor) != (row.unit, row.factor):
            message = f"`{row.code}` is another unit in {before.place}"
            raise line.fault(message, "a unit means one thing; remove one of the rows")
    return found


def _results(tables: list[Table], aliases: dict[str, str]) -> dict[tuple[str, str], ResultRow]:
    found: dict[tuple[str, str], ResultRow] = {}
    for line in lines_of(tables, "results"):
        row = read_result(line, aliases)
        before = found.setdefault((row.system, row.code), row)
        if before.result != row.result:
            message = f"`{row.code}` has the result `{before.result}` in {before.place}"
            raise line.fault(message, "an answer means one thing; remove one of the rows")
    return found
