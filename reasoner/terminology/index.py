"""All rows of the tables, by what they are looked up by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from reasoner.terminology.normal import normal_alias, normal_code, normal_display, perhaps
from reasoner.terminology.row import PropertyRow, RangeRow, ResultRow, Row, UnitRow

__all__ = ["Terminology", "within"]


class Terminology(msgspec.Struct, frozen=True, eq=False, dict=True):
    """All rows, by the names of their files and then by line.

    *by_code* has them by system and normal code, *aliases* has the short names of systems
    by their other names, *units* and *results* have what FHIR writes by system and code.
    *digest* is `sha256:…` over the names and bytes of the files, whatever their order.
    """

    table: tuple[Row, ...]
    ranges: tuple[RangeRow, ...]
    property_rows: tuple[PropertyRow, ...]
    by_code: Mapping[tuple[str, str], tuple[Row, ...]]
    aliases: Mapping[str, str]
    units: Mapping[tuple[str, str], UnitRow]
    results: Mapping[tuple[str, str], ResultRow]
    digest: str

    def system(self, text: str) -> str:
        """Return the short name of the system that *text* names, or *text* itself."""
        return self.aliases.get(normal_alias(text), text)

    def rows(self, system: str, code: str) -> tuple[Row, ...]:
        """Return the rows of *code*, valid on whatever day; none if it is unknown."""
        name = self.system(system)
        if found := self.by_code.get((name, normal_code(name, code))):
            return found
        read = [rows for key in perhaps(name, code) if (rows := self.by_code.get((name, key)))]
        return read[0] if len(read) == 1 else ()

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
        return tuple(row for row in self.ranges if row.system == name and within(row, key))

    @cached_property
    def ranged(self) -> frozenset[str]:
        """The systems of which ranges say something about every code."""
        return frozenset(row.system for row in self.ranges)

    @cached_property
    def properties(self) -> tuple[tuple[str, str, str], ...]:
        """What is said of concepts, as triples: concept, property, value."""
        return tuple((row.concept, row.property, row.value) for row in self.property_rows)

    @cached_property
    def called(self) -> Mapping[str, frozenset[str]]:
        """The concepts that words name, by what `properties.csv` says that they are `called`."""
        found: dict[str, set[str]] = {}
        for concept, what, value in self.properties:
            if what == "called":
                found.setdefault(value.replace("_", " "), set()).add(concept)
        return {word: frozenset(concepts) for word, concepts in found.items()}

    def kind(self, name: str) -> frozenset[str]:
        """Return the concepts that `properties.csv` calls a *name* (`kind`)."""
        return frozenset(c for c, what, value in self.properties if (what, value) == ("kind", name))

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


def within(row: RangeRow, key: str) -> bool:
    """Whether the normal code *key* is between the bounds or below one of them."""
    first = normal_code(row.system, row.first)
    last = normal_code(row.system, row.last)
    if len(key) < min(len(first), len(last)):
        return False
    return first <= key and key[: len(last)] <= last
