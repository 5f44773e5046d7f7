"""A file of tests in YAML: a base case, and one change a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from reasoner.case import read_day
from reasoner.case.place import NOWHERE, Fault, Positions, field, show
from reasoner.case.yaml_text import read_yaml
from reasoner.errors import CaseError, PolicyError
from workbench.suite.expectation import Expectation
from workbench.suite.notation import File, RowNote, expectation, fitted
from workbench.suite.row import Row, case_of, keyed, merged, wrong

__all__ = ["Base", "day", "read_base", "read_table", "readings_of"]


class Base(msgspec.Struct, frozen=True):
    """What the rows of a file share: a case, days, and readings."""

    case: object = None
    decided_on: dt.date | None = None
    as_of: dt.date | None = None
    readings: Mapping[str, str] = {}


class _Document(msgspec.Struct, frozen=True):
    path: Path
    file: File
    positions: Positions = NOWHERE

    def line(self, *path: str | int) -> int:
        """Return the line of a value, or of the nearest above it."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))[0]

    def error(self, fault: Fault) -> PolicyError:
        """Return *fault* as an error with its place."""
        at = f"{self.path}:{self.line(*fault.path)} {field(fault.path[:6])}".strip()
        return wrong(fault, at)


def read_table(path: Path) -> list[Row]:
    """Return the rows of the file at *path*, those under other readings after their own.

    Raises:
        PolicyError: it is no file of tests; the error names the place.
        CaseError: a row is no case.
    """
    document = _open(path)
    try:
        base = _base(document)
        return [
            row
            for index, note in enumerate(document.file.rows)
            for row in _rows(document, base, index, note)
        ]
    except Fault as fault:
        raise document.error(fault) from None


def read_base(path: Path) -> Base:
    """Return what the rows of the file at *path* share."""
    document = _open(path)
    try:
        return _base(document)
    except Fault as fault:
        raise document.error(fault) from None


def _open(path: Path) -> _Document:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"the file cannot be read: {reason}"
        raise PolicyError("test.file", message, where=str(path)) from None
    try:
        value, _, positions = read_yaml(text, str(path), anchors=True)
    except CaseError as error:
        code = error.code.replace("case.", "test.", 1)
        raise PolicyError(code, error.message, where=error.where, hint=error.hint) from None
    try:
        return _Document(path, fitted(value, File), positions)
    except Fault as fault:
        raise _Document(path, File(), positions).error(fault) from None


def _base(document: _Document) -> Base:
    file = document.file
    found = Base(
        case=keyed(file.base),
        decided_on=day("decided_on", file.decided_on),
        as_of=day("as_of", file.as_of),
        readings=readings_of(file.readings, "readings"),
    )
    if not isinstance(file.base, str):
        return found
    other = _open(document.path.with_name(file.base))
    if not isinstance(other.file.base, dict):
        message = f"{show(file.base)} has no base of its own"
        raise Fault("test.base", message, "base", hint="name the file that holds the case")
    return msgspec.structs.replace(found, case=keyed(other.file.base))


def _rows(document: _Document, base: Base, index: int, value: object) -> Iterator[Row]:
    try:
        note = fitted(value, RowNote)
        where = f"{document.path}:{document.line('rows', index)}"
        case = _case(note, base)
        own = Row(
            name=check_name(note.name),
            path=document.path,
            line=document.line("rows", index),
            case=case_of(case, note.name, where),
            expect=_expect(note.expect, "expect"),
            readings={**base.readings, **readings_of(note.readings, "readings")},
            decided_on=day("decided_on", note.decided_on) or base.decided_on,
            as_of=day("as_of", note.as_of) or base.as_of,
            origin=note.origin,
            document=case if isinstance(case, dict) else {},
        )
        yield own
        for switched, expected in note.under.items():
            yield msgspec.structs.replace(
                own,
                name=f"{own.name} ({switched})",
                line=document.line("rows", index, "under", switched),
                expect=_expect(expected, "under", switched),
                readings={**own.readings, **switch(switched)},
            )
    except Fault as fault:
        raise fault.under("rows", index) from None


def _case(note: RowNote, base: Base) -> object:
    """Return the case of a row, as plain data."""
    if (note.change is None) == (note.case is None):
        message = "a row has either a `change` of the base or a whole `case`"
        raise Fault("test.row", message, hint="change: {} is the base itself")
    if note.case is not None:
        return keyed(note.case)
    if base.case is None:
        raise Fault("test.base", "the file has no `base` to be changed", "change")
    return merged(base.case, note.change)


def _expect(value: object, *path: str) -> Expectation:
    try:
        return expectation(value)
    except Fault as fault:
        raise fault.under(*path) from None


def check_name(name: str) -> str:
    """Return *name*, which must stand on one line and name no part of an item.

    Raises:
        Fault: it does not.
    """
    if not name.strip() or not name.isprintable() or "::" in name:
        message = f"a row's name is one line of text without `::`, found {show(name)}"
        raise Fault("test.name", message, "name")
    return name


def day(name: str, text: str | None) -> dt.date | None:
    """Return the day that *text*, the value of *name*, means.

    Raises:
        Fault: it is no day of the calendar.
    """
    if text is None:
        return None
    try:
        found = read_day(text)
    except Fault as fault:
        raise fault.under(name) from None
    if found.first != found.last:
        raise Fault("test.date", f"{show(text)} is no single day", name, hint="write YYYY-MM-DD")
    return found.first


def switch(text: str) -> dict[str, str]:
    """Return the readings that *text* switches.

    >>> switch("counted_by=class, under_18=refer")
    {'counted_by': 'class', 'under_18': 'refer'}

    Raises:
        Fault: it switches none.
    """
    found = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not (name and equals and value):
            message = f"{show(text)} switches no reading"
            raise Fault("test.reading", message, "under", text, hint="under: {READING=VALUE: …}")
        found[name] = value
    return found


def readings_of(given: Mapping[str, object], name: str) -> dict[str, str]:
    """Return chosen readings; a number is a value like any other.

    Raises:
        Fault: a value is neither a word nor a number.
    """
    found = {}
    for reading, value in given.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            message = f"a reading is a word or a number, found {show(value)}"
            hint = 'write "yes" or "no" in quotes'
            raise Fault("test.reading", message, name, reading, hint=hint)
        found[reading] = str(value)
    return found
