"""Doses that were given or handed out: MedicationAdministration and MedicationDispense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from reasoner.case.place import show
from reasoner.fhir.amount import amount
from reasoner.fhir.chart import Chart
from reasoner.fhir.element import Element
from reasoner.fhir.resource import Resource
from reasoner.fhir.therapies import of_drug
from reasoner.model import Day, Dose, Request, Therapy
from reasoner.terminology import Row, Terminology

__all__ = ["administered", "dispensed", "doses_given"]

_NOT_GIVEN: Final = {"not-done": "the dose was not given", "entered-in-error": "entered in error"}
_NOT_DISPENSED: Final = {
    "cancelled": "the dispense was cancelled",
    "declined": "the dispense was declined",
    "entered-in-error": "entered in error",
}
_GIVEN: Final = ("completed", "in-progress", "stopped")


def administered(chart: Chart) -> list[Therapy]:
    """Read the MedicationAdministrations: intake on a day, and nothing of the days after it."""
    found: list[Therapy] = []
    for resource, documented in chart.records("MedicationAdministration"):
        element = resource.element
        status = element.word("status")
        if status in _NOT_GIVEN:
            chart.note(resource, _NOT_GIVEN[status])
            continue
        given = status in _GIVEN
        if not given:
            reason = f"the status of the dose is {show(status)}: it proves no intake"
            chart.note(resource, reason, element.at("status"))
        day = _day(element)
        record = Therapy(
            id=resource.key,
            start=day if given else None,
            taken=True if given else None,
            indication=chart.reason(resource),
            documented=documented,
            source=resource.source,
        )
        found += of_drug(chart, resource, record)
    return found


def dispensed(chart: Chart) -> list[Therapy]:
    """Read the MedicationDispenses: the drug was handed out, which proves no intake."""
    found: list[Therapy] = []
    for resource, documented in chart.records("MedicationDispense"):
        element = resource.element
        status = element.word("status")
        if status in _NOT_DISPENSED:
            chart.note(resource, _NOT_DISPENSED[status])
            continue
        record = Therapy(id=resource.key, documented=documented, source=resource.source)
        found += of_drug(chart, resource, record)
    return found


def doses_given(chart: Chart, request: Request) -> list[Dose]:
    """Return the administrations of the requested product as doses of it.

    Whether it is the same product is what the tables say of both; one that may be the same,
    or may have been given, is a dose that is not documented.
    """
    wanted = _products(chart.terminology, request.product, [(request.system, request.code)])
    wanted |= _products(chart.terminology, None, [("hcpcs", request.hcpcs)])
    wanted = {one for one in wanted if one[1]} or wanted  # a label says more than none
    found: list[Dose] = []
    for resource, documented in chart.records("MedicationAdministration", note=False):
        status = resource.element.word("status")
        if status in _NOT_GIVEN or not wanted:
            continue
        drug, name = chart.medication(resource)
        codes = [(one.system, one.code) for one in drug.codings] if drug else []
        same = _same(wanted, _products(chart.terminology, name, codes))
        if same is None:
            continue
        dose = Dose(
            id=f"{resource.key}#dose",
            date=_day(resource.element),
            quantity=None,
            documented=documented if same and status in _GIVEN else False,
            source=resource.source,
        )
        found.append(_amount(chart, resource, dose, whole=status != "stopped"))
    return found


def _amount(chart: Chart, resource: Resource, dose: Dose, *, whole: bool) -> Dose:
    dosage = resource.element.one("dosage")
    told = dosage.one("dose") if dosage else None
    if told is None or not whole:
        reason = "how much was given is not stated" if whole else "the dose was stopped"
        chart.note(resource, reason, resource.element.at("dosage"))
        return dose

    def note(pointer: str, reason: str) -> None:
        chart.note(resource, reason, pointer)

    return replace(dose, quantity=amount(told, chart.terminology, note))


def _day(element: Element) -> Day | None:
    """Return when a dose was given: a period is all the days from its start to its end."""
    period = element.one("effectivePeriod")
    start = element.day("effectiveDateTime") or (period.day("start") if period else None)
    end = period.day("end") if period else None
    if start is None or end is None or end.last < start.first:
        return start or end
    return (
        start if end.last == start.last else Day(start.first, end.last, f"{start.text}/{end.text}")
    )


_Product = tuple[str, tuple[str, ...]]
"""A concept, and what this very product is labelled for."""


def _products(
    tables: Terminology, name: str | None, codes: Sequence[tuple[str | None, str | None]]
) -> set[_Product]:
    rows: list[Row] = []
    if name:
        rows += tables.rows("name", name) or tables.named(name)
    for system, code in codes:
        if system and code:
            rows += tables.rows(system, code)
    return {(row.concept, row.labelled_for) for row in rows}


def _same(wanted: set[_Product], given: set[_Product]) -> bool | None:
    """Say whether two products are the same: None is no, False is perhaps."""
    if wanted & given:
        return True
    concepts = {concept for concept, _ in wanted}
    labels = {uses for concept, uses in given if concept in concepts}
    if not labels:
        return None
    return False if () in labels or any(not uses for _, uses in wanted) else None
