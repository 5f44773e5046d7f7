"""What codes and names mean: the tables of `rules/terminology/` as frozen rows.

A row says that a code of a system, or a drug name, means a concept, from when to when,
after which source. Nothing here knows a drug or a disease: which concepts exist is said
in the tables, what follows from them in the policies.

A file is a table. `systems.csv` names the code systems, `ranges.csv` gives a concept to
an interval of codes, `properties.csv` says something of concepts; every other file lists
codes, whose system is the file's name (`rxnorm.csv`) or stands in a column `system`.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from operator import itemgetter
from pathlib import Path
from typing import Final

import msgspec

from reasoner.errors import PolicyError, nearest

__all__ = [
    "PropertyRow",
    "RangeRow",
    "Row",
    "Terminology",
    "load",
    "normal_code",
    "normal_display",
]

CONFIDENCES: Final = ("high", "medium-high", "medium", "low", "unverified")
_REQUIRED: Final[Mapping[str, list[str]]] = {
    "systems": ["alias", "system", "source"],
    "ranges": ["system", "first", "last", "concept", "source", "note"],
    "properties": ["concept", "property", "value", "source"],
}
_REQUIRED_OF_CODES: Final = [
    "code",
    "display",
    "concept",
    "labelled_for",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
    "note",
]
_OPTIONAL_OF_CODES: Final = ["lists", "system"]
_OF_ONE_CODE: Final = ["code", "display", "source", "note"]

# Trademark signs and invisible characters go, what typesetting makes of a hyphen or an
# apostrophe becomes one again.
_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("\u00ae\u2122\u00a9\u2120\u200b\ufeff"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2019": "'",
    }
)
# SNOMED CT says behind a name, in parentheses, what kind of thing it names.
_KINDS: Final = (
    "(disorder)",
    "(finding)",
    "(situation)",
    "(substance)",
    "(product)",
    "(medicinal product)",
    "(procedure)",
    "(observable entity)",
    "(assessment scale)",
    "(morphologic abnormality)",
)
_WORDS: Final = re.compile(r"[^\W\d_]+|\d+")  # `10mg` is two words, as `10 mg` is


class Row(msgspec.Struct, frozen=True, gc=False):
    """A code or name of *system* means *concept*, on the days *valid_from* to *valid_to*.

    *labelled_for* are the uses of this product where they differ from its ingredient's,
    *lists* the lists of a policy that name it, *place* is `rxnorm.csv:12`. A code may
    have several rows: they agree in these and differ in display, days or source.
    """

    system: str
    code: str
    display: str
    concept: str
    labelled_for: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: str
    confidence: str
    note: str
    lists: tuple[str, ...]
    place: str


class RangeRow(msgspec.Struct, frozen=True, gc=False):
    """The codes of *system* from *first* to *last*, with all below them, have *concept*."""

    system: str
    first: str
    last: str
    concept: str
    source: str
    note: str
    place: str


class PropertyRow(msgspec.Struct, frozen=True, gc=False):
    """*concept* has *property* with *value*: `ocrelizumab`, `dosing_interval_months`, `6`."""

    concept: str
    property: str
    value: str
    source: str
    place: str


class Terminology(msgspec.Struct, frozen=True, eq=False, dict=True):
    """All rows, by the names of their files and then by line.

    *by_code* has them by system and normal code, *aliases* has the short names of systems
    by their other names. *digest* is `sha256:…` over the names and bytes of the files,
    whatever their order.
    """

    table: tuple[Row, ...]
    ranges: tuple[RangeRow, ...]
    property_rows: tuple[PropertyRow, ...]
    by_code: Mapping[tuple[str, str], tuple[Row, ...]]
    aliases: Mapping[str, str]
    digest: str

    def system(self, text: str) -> str:
        """Return the short name of the system that *text* names, or *text* itself."""
        return self.aliases.get(_alias(text), text)

    def rows(self, system: str, code: str) -> tuple[Row, ...]:
        """Return the rows of *code*, valid on whatever day; none if it is unknown."""
        name = self.system(system)
        return self.by_code.get((name, normal_code(name, code)), ())

    def named(self, display: str, system: str | None = None) -> tuple[Row, ...]:
        """Return the rows (of *system*, if given) whose display says what *display* says."""
        found = self._by_display.get(normal_display(display), ())
        if system is None:
            return found
        name = self.system(system)
        return tuple(row for row in found if row.system == name)

    def in_ranges(self, system: str, code: str) -> tuple[RangeRow, ...]:
        """Return the ranges that *code* lies in, also where a row lists the code itself."""
        name = self.system(system)
        key = normal_code(name, code)
        return tuple(row for row in self.ranges if row.system == name and _within(row, key))

    @cached_property
    def properties(self) -> tuple[tuple[str, str, str], ...]:
        """What is said of concepts, as triples: concept, property, value."""
        return tuple((row.concept, row.property, row.value) for row in self.property_rows)

    def spoken(self, concept: str) -> str:
        """Return the name of *concept* as it is usually spelt: `interferon beta-1a`.

        A concept, or any other word of the rules, that no name spells has its underscores
        read as blanks.
        """
        return self._spellings.get(concept, concept.replace("_", " "))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self.table:
            letters = "".join(c for c in row.display.casefold() if c.isalnum())
            if row.system == "name" and letters == row.concept.replace("_", ""):
                found.setdefault(row.concept, row.display)
        return found

    @cached_property
    def concepts(self) -> frozenset[str]:
        """Every concept that a code, a name or a range has."""
        return frozenset(row.concept for row in self.table + self.ranges)

    @cached_property
    def _by_display(self) -> dict[str, tuple[Row, ...]]:
        found: dict[str, list[Row]] = {}
        for row in self.table:
            found.setdefault(normal_display(row.display), []).append(row)
        found.pop("", None)
        return {key: tuple(rows) for key, rows in found.items()}


def normal_code(system: str, code: str) -> str:
    """Return *code* as it is compared in *system* (a short name).

    >>> normal_code("icd-10-cm", "g35a"), normal_code("name", " Tysabri®  IV")
    ('G35A', 'tysabri iv')
    """
    match system:
        case "icd-10-cm":
            return "".join(code.replace(".", "").split()).upper()
        case "name":
            return " ".join(_plain(code).split())
        case _:
            return code.strip()


def normal_display(display: str) -> str:
    """Return *display* without case, punctuation and the kind of thing that it names.

    >>> normal_display("Diabetes mellitus, type-2 (disorder)")
    'diabetes mellitus type 2'
    >>> normal_display("Alemtuzumab 10mg/mL [Lemtrada]")
    'alemtuzumab 10 mg ml lemtrada'
    """
    text = _plain(display)
    if "(" in text:
        for kind in _KINDS:
            text = text.replace(kind, " ")
    return " ".join(_WORDS.findall(text.replace("'", "")))


def _plain(text: str) -> str:
    """Return *text* without signs and case; nearly every text is ASCII and has no signs."""
    return (text if text.isascii() else text.translate(_SIGNS)).casefold()


def load(folder: Path, *more: Path) -> Terminology:
    """Read the tables of *folder*, then those of *more*: folders or single files.

    What *more* says extends *folder* and may not contradict it. Neither the rows nor the
    digest depend on the order of the files.

    Raises:
        PolicyError: a file cannot be read, or a table is malformed or contradicts
            another one.
    """
    files = _read((folder, *more))
    tables = [_table(path, data) for path, data, _ in files]
    aliases = _aliases(tables)
    by_code: dict[tuple[str, str], tuple[Row, ...]] = {}
    rows: list[Row] = []
    ranges: list[RangeRow] = []
    for table in tables:
        if table.kind == "ranges":
            ranges += [_range(line, aliases) for line in table]
        elif table.kind not in _REQUIRED:
            rows += _codes(table, aliases, by_code)
    known = {row.concept for row in rows} | {row.concept for row in ranges}
    return Terminology(
        table=tuple(rows),
        ranges=tuple(ranges),
        property_rows=tuple(
            _property(line, known)
            for table in tables
            if table.kind == "properties"
            for line in table
        ),
        by_code=by_code,
        aliases=aliases,
        digest=_digest(files),
    )


class _Line(msgspec.Struct, frozen=True, gc=False):
    """A line of a table: its fields by column, without the blanks around them."""

    path: Path
    number: int
    fields: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.path.name}:{self.number}"

    def fault(self, message: str, hint: str) -> PolicyError:
        return _fault(message, hint, self.path, self.number)


class _Table(msgspec.Struct, frozen=True, gc=False):
    """A file: its columns, and its lines as they are, with their numbers."""

    path: Path
    columns: list[str]
    lines: list[tuple[int, list[str]]]

    @property
    def kind(self) -> str:
        """`systems`, `ranges`, `properties`, or the name of a table of codes."""
        return self.path.stem

    def line(self, number: int, values: list[str]) -> _Line:
        fields = zip(self.columns, map(str.strip, values), strict=True)
        return _Line(self.path, number, dict(fields))

    def __iter__(self) -> Iterator[_Line]:
        for number, values in self.lines:
            yield self.line(number, values)


class _Sense(msgspec.Struct, frozen=True, gc=False):
    """What a line says of its code, read once for the many lines that say the same."""

    system: str
    concept: str
    labelled_for: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    confidence: str
    lists: tuple[str, ...]


def _fault(message: str, hint: str, path: Path, line: int = 0) -> PolicyError:
    where = f"{path}:{line}" if line else str(path)
    return PolicyError("policy.terminology", message, where=where, hint=hint)


def _read(places: tuple[Path, ...]) -> list[tuple[Path, bytes, str]]:
    """Return path, bytes and digest of every file, by name and digest."""
    files: list[tuple[Path, bytes, str]] = []
    for place in places:
        paths = list(place.glob("*.csv")) if place.is_dir() else [place]
        if not paths:
            raise _fault("the folder holds no tables", "tables end in `.csv`", place)
        for path in paths:
            try:
                data = path.read_bytes()
            except OSError as error:
                reason = (error.strerror or "unknown reason").lower()
                hint = "name a folder of `.csv` files, or one such file"
                raise _fault(f"the table cannot be read: {reason}", hint, path) from None
            files.append((path, data, hashlib.sha256(data).hexdigest()))
    return sorted(files, key=lambda file: (file[0].name, file[2]))


def _digest(files: list[tuple[Path, bytes, str]]) -> str:
    names = "".join(f"{path.name}\0{digest}\n" for path, _, digest in files)
    return "sha256:" + hashlib.sha256(names.encode()).hexdigest()


def _table(path: Path, data: bytes) -> _Table:
    """Split *data* into lines that have every column of the header."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _fault("the table is not UTF-8", "save it as UTF-8", path, line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _fault("the table holds a NUL character", "remove it", path, line)
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
                raise _fault(message, hint, path, reader.line_num)
            elif values:
                columns = _columns(path, reader.line_num, [value.strip() for value in values])
    except csv.Error as error:
        hint = 'a quoted field ends with `"`, and a quote inside it is doubled'
        raise _fault(f"the line is not CSV: {error}", hint, path, reader.line_num) from None
    if not columns:
        raise _fault("the table is empty", "the first line names the columns", path, 1)
    return _Table(path, columns, lines)


def _columns(path: Path, number: int, columns: list[str]) -> list[str]:
    required = _REQUIRED.get(path.stem, _REQUIRED_OF_CODES)
    allowed = required if path.stem in _REQUIRED else required + _OPTIONAL_OF_CODES
    for name in columns:
        if name not in allowed:
            hint = nearest(name, allowed) or f"the columns are {', '.join(allowed)}"
            raise _fault(f"no table of this kind has a column `{name}`", hint, path, number)
        if columns.count(name) > 1:
            raise _fault(f"two columns are called `{name}`", "keep one", path, number)
    for name in required:
        if name not in columns:
            hint = f"the columns are {', '.join(required)}"
            raise _fault(f"the column `{name}` is missing", hint, path, number)
    return columns


def _alias(text: str) -> str:
    return text.strip().rstrip("/").casefold()


def _aliases(tables: list[_Table]) -> dict[str, str]:
    """Return the short name of each system by each of its names, its short name included."""
    found: dict[str, str] = {}
    for table in tables:
        if table.kind != "systems":
            continue
        for line in table:
            system = _filled(line, "system")
            _filled(line, "source")
            for name in (_alias(_filled(line, "alias")), _alias(system)):
                if found.setdefault(name, system) != system:
                    other = found[name]
                    raise line.fault(
                        f"`{_filled(line, 'alias')}` names two systems, `{other}` and `{system}`",
                        "keep one of them",
                    )
    return found


def _codes(
    table: _Table, aliases: dict[str, str], by_code: dict[tuple[str, str], tuple[Row, ...]]
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
            raise _empty(table.line(number, values), "source" if normal else "code")
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


def _sense(line: _Line, kind: str, aliases: dict[str, str]) -> _Sense:
    confidence = line.fields["confidence"]
    if confidence not in CONFIDENCES:
        hint = nearest(confidence, list(CONFIDENCES)) or f"one of {', '.join(CONFIDENCES)}"
        raise line.fault(f"`{confidence}` is not a confidence", hint)
    sense = _Sense(
        system=_system(line, line.fields.get("system") or kind, aliases),
        concept=_word(line, "concept"),
        labelled_for=_words(line, "labelled_for"),
        valid_from=_date(line, "valid_from"),
        valid_to=_date(line, "valid_to"),
        confidence=confidence,
        lists=_words(line, "lists"),
    )
    if sense.valid_from and sense.valid_to and sense.valid_from > sense.valid_to:
        message = f"`valid_from` {sense.valid_from} is after `valid_to` {sense.valid_to}"
        raise line.fault(message, "both days belong to the period")
    return sense


def _agree(line: _Line, row: Row, other: Row) -> None:
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


def _range(line: _Line, aliases: dict[str, str]) -> RangeRow:
    row = RangeRow(
        system=_system(line, _filled(line, "system"), aliases),
        first=_filled(line, "first"),
        last=_filled(line, "last"),
        concept=_word(line, "concept"),
        source=_filled(line, "source"),
        note=line.fields["note"],
        place=line.place,
    )
    if not _within(row, normal_code(row.system, row.first)):
        raise line.fault(f"`{row.first}` comes after `{row.last}`", "write the lower code first")
    return row


def _within(row: RangeRow, key: str) -> bool:
    """Whether the normal code *key* is between the bounds or below one of them."""
    first = normal_code(row.system, row.first)
    last = normal_code(row.system, row.last)
    if len(key) < min(len(first), len(last)):
        return False
    return first <= key and key[: len(last)] <= last


def _property(line: _Line, known: set[str]) -> PropertyRow:
    concept = _word(line, "concept")
    if concept not in known:
        hint = nearest(concept, sorted(known)) or "add a row that has this concept"
        raise line.fault(f"no code, name or range has the concept `{concept}`", hint)
    return PropertyRow(
        concept=concept,
        property=_word(line, "property"),
        value=_filled(line, "value"),
        source=_filled(line, "source"),
        place=line.place,
    )


def _system(line: _Line, text: str, aliases: dict[str, str]) -> str:
    if found := aliases.get(_alias(text)):
        return found
    hint = nearest(text, sorted(aliases)) or "name the system in `systems.csv`"
    raise line.fault(f"`{text}` is not a code system", hint)


def _filled(line: _Line, column: str) -> str:
    if text := line.fields[column]:
        return text
    raise _empty(line, column)


def _empty(line: _Line, column: str) -> PolicyError:
    return line.fault(f"`{column}` is empty", "fill it in, or remove the row")


@cache
def _is_constant(text: str) -> bool:
    """Whether rules can read *text* as a constant."""
    return text.isascii() and text.isidentifier() and text.islower() and text[0] != "_"


def _constant(line: _Line, column: str, text: str) -> str:
    if _is_constant(text):
        return text
    hint = "start with a lower-case letter; then lower-case letters, digits and `_`"
    raise line.fault(f"`{column}` cannot be `{text}`", hint)


def _word(line: _Line, column: str) -> str:
    return _constant(line, column, _filled(line, column))


def _words(line: _Line, column: str) -> tuple[str, ...]:
    if text := line.fields.get(column):
        return tuple([_constant(line, column, word) for word in text.split()])
    return ()


def _date(line: _Line, column: str) -> dt.date | None:
    if not (text := line.fields[column]):
        return None
    try:
        day = dt.date.fromisoformat(text)
        if day.isoformat() == text:  # it also reads week dates
            return day
    except ValueError:
        pass
    raise line.fault(f"`{column}` is not a date: `{text}`", "write it as 2025-10-01")
