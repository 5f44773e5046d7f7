"""The rows of the tables: what one line says of a code, a range, a concept or a unit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

import msgspec

from reasoner.model import Result, Unit

__all__ = ["CONFIDENCES", "PropertyRow", "RangeRow", "ResultRow", "Row", "UnitRow"]

CONFIDENCES: Final = ("high", "medium-high", "medium", "low", "unverified")
"""How sure we are of a row, from a source that is an authority to none that was read."""


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


class UnitRow(msgspec.Struct, frozen=True, gc=False):
    """A unit as FHIR writes it: *code* of *system* is *factor* times *unit* of a case.

    The system is `ucum`, where case counts, another code system, or `word`, where it does not.
    """

    system: str
    code: str
    unit: Unit
    factor: Decimal
    source: str
    place: str


class ResultRow(msgspec.Struct, frozen=True, gc=False):
    """The answer *code* of *system*, as a laboratory gives it, means *result*."""

    system: str
    code: str
    result: Result
    source: str
    place: str
