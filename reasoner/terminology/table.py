"""Files as tables: CSV in UTF-8 with the columns of its kind, each line with its place."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from reasoner.errors import PolicyError, nearest

__all__ = ["Line", "Table", "digest_of", "read_files", "read_table"]

_REQUIRED: Final[Mapping[str, list[str]]] = {
    "systems": ["alias", "system", "source"],
    "ranges": ["system", "first", "last", "concept", "source", "note"],
    "properties": ["concept", "property", "value", "source"],
    "units": ["system", "code", "unit", "factor", "source"],
    "results": ["system", "code", "result", "source"],
}
_REQUIRED_OF_CODES: Final = ["code", "display", "concept", "source"]
_OPTIONAL_OF_CODES: Final = [
    "labelled_for",
    "valid_from",
    "valid_to",
    "confidence",
    "note",
    "lists",
    "system",
]


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line of a table: its fields by column, without the blanks around them."""

    path: Path
    number: int
    fields: dict[str, str]

    @property
    def place(self) -> str:
        """Where the line stands: `rxnorm.csv:12`."""
        return f"{self.path.name}:{self.number}"

    def fault(self, message: str, hint: str) -> PolicyError:
        """Return the error that names the line."""
        return fault_at(message, hint, self.path, self.number)


class Table(msgspec.Struct, frozen=True, gc=False):
    """A file: its columns, and its lines as they are, with their numbers."""

    path: Path
    columns: list[str]
    lines: list[tuple[int, list[str]]]

    @property
    def kind(self) -> str:
        """`systems`, `ranges`, `properties`, `units`, `results`, or that of a table of codes."""
        return self.path.stem

    @property
    def holds_codes(self) -> bool:
        """Whether each line says what a code means."""
        return self.kind not in _REQUIRED

    def line(self, number: int, values: list[str]) -> Line:
        """Return a line of the table with its fields by column."""
        fields = zip(self.columns, map(str.strip, values), strict=True)
        return Line(self.path, number, dict(fields))

    def __iter__(self) -> Iterator[Line]:
        for number, values in self.lines:
            yield self.line(number, values)


def fault_at(message: str, hint: str, path: Path, line: int = 0) -> PolicyError:
    where = f"{path}:{line}" if line else str(path)
    return PolicyError("policy.terminology", message, where=where, hint=hint)


def read_files(places: tuple[Path, ...]) -> list[tuple[Path, bytes, str]]:
    """Return path, bytes and digest of every file, by name and digest."""
    files: list[tuple[Path, bytes, str]] = []
    for place in places:
        paths = list(place.glob("*.csv")) if place.is_dir() else [place]
        if not paths:
            raise fault_at("the folder holds no tables", "tables end in `.csv`", place)
        for path in paths:
            try:
                data = path.read_bytes()
            except OSError as error:
                reason = (error.strerror or "unknown reason").lower()
                hint = "name a folder of `.csv` files, or one such file"
                raise fault_at(f"the table cannot be read: {reason}", hint, path) from None
            files.append((path, data, hashlib.sha256(data).hexdigest()))
    return sorted(files, key=lambda file: (file[0].name, file[2]))


def digest_of(files: list[tuple[Path, bytes, str]]) -> str:
    """Return the digest over the names and bytes of *files*."""
    names = "".join(f"{path.name}\0{digest}\n" for path, _, digest in files)
    return "sha256:" + hashlib.sha256(names.encode()).hexdigest()


def read_table(path: Path, data: bytes) -> Table:
    """Split *data* into lines that have every column of the header."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise fault_at("the table is not UTF-8", "save it as UTF-8", path, line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise fault_at("the table holds a NUL character", "remove it", path, line)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] = []
    lines: list[tuple[int, list[str]]] = []
    try:
        for values in reader:
            if len(values) == len(columns):
                lines.append((reader.line_num, values))
            elif values and columns:
                message = f"{len(values)} fields in a table of {len(columns)} columns"
                hint = "quote a field that holds a comma"
                raise fault_at(message, hint, path, reader.line_num)
            elif values:
                columns = _columns(path, reader.line_num, [value.strip() for value in values])
    except csv.Error as error:
        hint = 'a quoted field ends with `"`, and a quote inside it is doubled'
        raise fault_at(f"the line is not CSV: {error}", hint, path, reader.line_num) from None
    if not columns:
        raise fault_at("the table is empty", "the first line names the columns", path, 1)
    absent = [name for name in allowed_columns(path.stem) if name not in columns]
    padding = [""] * len(absent)
    padded = [(number, [*values, *padding]) for number, values in lines] if absent else lines
    return Table(path, columns + absent, padded)


def required_columns(kind: str) -> list[str]:
    """Return the columns that every table of *kind* has."""
    return _REQUIRED.get(kind, _REQUIRED_OF_CODES)


def allowed_columns(kind: str) -> list[str]:
    """Return the columns that a table of *kind* may have."""
    return _REQUIRED.get(kind) or _REQUIRED_OF_CODES + _OPTIONAL_OF_CODES


def _columns(path: Path, number: int, columns: list[str]) -> list[str]:
    allowed = allowed_columns(path.stem)
    for name in columns:
        if name not in allowed:
            hint = nearest(name, allowed) or f"the columns are {', '.join(allowed)}"
            raise fault_at(f"no table of this kind has a column `{name}`", hint, path, number)
        if columns.count(name) > 1:
            raise fault_at(f"two columns are called `{name}`", "keep one", path, number)
    for name in required_columns(path.stem):
        if name not in columns:
            hint = f"the columns are {', '.join(allowed)}"
            raise fault_at(f"the column `{name}` is missing", hint, path, number)
    return columns
