"""A file of tests in CSV: a row a case, its columns are paths."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from reasoner.case import notation
from reasoner.case.place import Fault, field, show
from reasoner.case.yaml_text import read_yaml
from reasoner.errors import CaseError, PolicyError, nearest
from workbench.suite.expectation import RECOMMENDATIONS, Expectation, from_words
from workbench.suite.notation import expectation
from workbench.suite.row import Row, case_of, merged, wrong
from workbench.suite.table import Base, check_name, day, read_base, readings_of, switch

__all__ = ["read_sheet"]

_PLAIN: Final = ("name", "from", "decided_on", "as_of", "expect")
_KEYS: Final = tuple(Expectation.__struct_fields__)
_ENTRIES: Final = ("clauses", "needed", "assumes")
_SECTIONS: Final = tuple(notation.Case.__struct_fields__)


def read_sheet(path: Path) -> list[Row]:
    """Return the rows of the file at *path*, over the base of the YAML file of its name.

    Raises:
        PolicyError: it is no file of tests; the error names line and column.
        CaseError: a row is no case.
    """
    base = Base({})
    for suffix in (".yaml", ".yml"):
        if path.with_suffix(suffix).is_file():
            base = read_base(path.with_suffix(suffix))
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            _check_header(header, path)
            found: list[Row] = []
            for cells in reader:
                if any(cells):
                    found += _rows(path, reader.line_num, header, cells, base)
            return found
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"the file cannot be read: {reason}"
        raise PolicyError("test.file", message, where=str(path)) from None


def _check_header(header: list[str], path: Path) -> None:
    def refuse(column: str, message: str, hint: str) -> PolicyError:
        return wrong(Fault("test.column", message, hint=hint), f"{path}:1 {column}".strip())

    for needed in ("name",):
        if needed not in header:
            hint = "the first line names the columns; see docs/testing.md"
            raise refuse("", f"there is no column `{needed}`", hint)
    for place, column in enumerate(header):
        first, _, rest = column.partition(".")
        if column in header[:place]:
            raise refuse(column, f"the column {show(column)} is there twice", "keep one")
        if column in _PLAIN or (first in ("readings", "under") and rest):
            continue
        if first == "expect":
            key, _, entry = rest.partition(".")
            if key not in _KEYS or bool(entry) != (key in _ENTRIES):
                hint = nearest(key, list(_KEYS)) or f"one of {', '.join(_KEYS)}"
                raise refuse(column, f"nothing is expected under {show(rest)}", hint)
        elif first not in _SECTIONS or (not rest and first not in ("id", "complete")):
            known = [*_PLAIN, "readings", "under", *_SECTIONS]
            hint = nearest(first, known) or "a path begins with a section of a case"
            raise refuse(column, f"{show(column)} is no column and no path of a case", hint)


def _rows(path: Path, line: int, header: list[str], cells: list[str], base: Base) -> Iterator[Row]:
    where = f"{path}:{line}"
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells, the header {len(header)}"
        raise wrong(Fault("test.row", message, hint="a text with a comma stands in quotes"), where)
    given = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    given = {column: cell for column, cell in given.items() if cell}
    try:
        case = merged(base.case, _change(given, where))
        own = Row(
            name=check_name(given.get("name", "")),
            path=path,
            line=line,
            case=case_of(case, given["name"], where),
            expect=expectation(_expected(given, where)),
            readings={**base.readings, **readings_of(_below(given, "readings."), "readings")},
            decided_on=day("decided_on", given.get("decided_on")) or base.decided_on,
            as_of=day("as_of", given.get("as_of")) or base.as_of,
            origin=given.get("from", ""),
            document=case if isinstance(case, dict) else {},
        )
        yield own
        for switched, words in _below(given, "under.").items():
            yield msgspec.structs.replace(
                own,
                name=f"{own.name} ({switched})",
                expect=expectation(words),
                readings={**own.readings, **switch(switched)},
            )
    except Fault as fault:
        raise wrong(fault, f"{where} {field(fault.path)}".strip()) from None


def _below(given: Mapping[str, str], first: str) -> dict[str, str]:
    """Return the cells whose columns begin with *first*, by what follows it."""
    return {c.removeprefix(first): cell for c, cell in given.items() if c.startswith(first)}


def _change(given: Mapping[str, str], where: str) -> dict[str, object]:
    """Return what the cells say of the case, as a merge patch."""
    change: dict[str, object] = {}
    for column, cell in given.items():
        if column in _PLAIN or column.startswith(("readings.", "under.", "expect.")):
            continue
        *above, last = column.split(".")
        target = change
        for step in above:
            target = _at(target, step)
        target[last] = _value(cell, where)
    return change


def _expected(given: Mapping[str, str], where: str) -> dict[str, object]:
    """Return what the cells expect, as the keys of an expectation."""
    expect = dict(_words(given["expect"])) if "expect" in given else {}
    for column, cell in _below(given, "expect.").items():
        key, _, entry = column.partition(".")
        if entry:
            _at(expect, key)[entry] = _word(cell, where)
        else:
            expect[key] = _key(key, cell)
    return expect


def _words(cell: str) -> Mapping[str, object]:
    try:
        return from_words(cell)
    except ValueError as error:
        hint = f"one of {', '.join(RECOMMENDATIONS)}"
        raise Fault("test.expect", str(error), hint=hint) from None


def _key(key: str, cell: str) -> object:
    """Return the value of an expectation's *key*: a number, nothing, or several names."""
    if cell == "null" or key == "not_applicable":
        return None
    if key in ("approve", "partial"):
        return int(cell) if cell.isdecimal() else cell
    return [word.split("|") if "|" in word else word for word in cell.split()]


def _at(target: dict[str, object], step: str) -> dict[str, object]:
    below = target.setdefault(step, {})
    if not isinstance(below, dict):
        raise Fault("test.column", f"`{step}` has a value and something below it")
    return below


def _word(cell: str, where: str) -> object:
    """Return a status, a number or an answer: `no` is a word here."""
    value = _value(cell, where)
    return cell if isinstance(value, bool) else value


def _value(cell: str, where: str) -> object:
    """Return what a cell means as YAML has it; text may hold what YAML would take for a sign."""
    if not cell.startswith(("[", "{", '"', "'")) and (": " in cell or " #" in cell):
        return cell
    try:
        (value, *_) = read_yaml(f"cell: {cell}", where)
    except CaseError as error:
        raise Fault("test.value", error.message, hint=error.hint) from None
    return value["cell"] if isinstance(value, dict) else value
