"""What the tables say of one code or name: for a person who asks."""

from __future__ import annotations

import datetime as dt

import msgspec

from reasoner.errors import nearest
from reasoner.terminology.index import Terminology
from reasoner.terminology.normal import normal_code, normal_display
from reasoner.terminology.row import PropertyRow, RangeRow, Row

__all__ = ["Entry", "Found", "lookup"]


class Entry(msgspec.Struct, frozen=True):
    """One row that fits, and whether it is in force on the day that was asked about.

    *by* says what fitted: its `code`, or its `display`.
    """

    row: Row
    by: str
    in_force: bool | None


class Found(msgspec.Struct, frozen=True):
    """What is known: *entries*, the *ranges* that hold the code, *properties* of concepts.

    Where no row fits, *nearest* names the code or name that is spelt most like it.
    """

    code: str
    system: str | None
    entries: tuple[Entry, ...]
    ranges: tuple[RangeRow, ...]
    properties: tuple[PropertyRow, ...]
    nearest: str

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts that the rows name, each once."""
        return tuple(dict.fromkeys(entry.row.concept for entry in self.entries))


def lookup(
    terminology: Terminology, code: str, *, system: str | None = None, day: dt.date | None = None
) -> Found:
    """Return the rows whose code or display is *code*, of *system* or of all of them."""
    systems = [terminology.system(system)] if system else _systems(terminology)
    rows = {row.place: (row, "code") for name in systems for row in terminology.rows(name, code)}
    for row in terminology.named(code, system):
        rows.setdefault(row.place, (row, "display"))
    entries = tuple(Entry(row, by, in_force(row, day)) for row, by in rows.values())
    concepts = {entry.row.concept for entry in entries}
    ranges = [row for name in systems for row in terminology.in_ranges(name, code)]
    return Found(
        code=code,
        system=terminology.system(system) if system else None,
        entries=entries,
        ranges=tuple(ranges),
        properties=tuple(row for row in terminology.property_rows if row.concept in concepts),
        nearest="" if entries else _nearest(terminology, code, systems),
    )


def in_force(row: Row, day: dt.date | None) -> bool | None:
    """Whether *row* may be used on *day*; None: no day was asked about."""
    if day is None:
        return None
    return (row.valid_from or day) <= day <= (row.valid_to or day)


def _systems(terminology: Terminology) -> list[str]:
    return list(dict.fromkeys(row.system for row in terminology.table))


def _nearest(terminology: Terminology, code: str, systems: list[str]) -> str:
    spelt = {normal_code(row.system, row.code): row for row in terminology.table}
    spelt |= {normal_display(row.display): row for row in terminology.table}
    start = code.casefold()[:2]  # what is spelt otherwise from its first letter on is no slip
    known = [
        text
        for text, row in spelt.items()
        if row.system in systems and text.casefold().startswith(start)
    ]
    return nearest(code.casefold(), known) or nearest(code.upper(), known)
