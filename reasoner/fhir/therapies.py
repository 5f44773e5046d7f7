"""Therapies of a chart: drugs that were taken, and drugs that were only ordered."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from reasoner.case.place import show
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import DRUG_SYSTEMS, NOT_STATED, meanings
from reasoner.fhir.element import bound
from reasoner.fhir.resource import Resource
from reasoner.model import Coding, Day, StoppedFor, Therapy

__all__ = ["of_drug", "ordered", "therapies"]

# A reason to stop that leaves no room: SNOMED CT 281647001, adverse reaction.
_STOPPED_FOR: Final[dict[tuple[str, str], StoppedFor]] = {("snomed", "281647001"): "intolerance"}
_VOID: Final = {
    "entered-in-error": "entered in error",
    "cancelled": "the order was cancelled",
    "draft": "the order is a draft",
}


def therapies(chart: Chart) -> list[Therapy]:
    """Read the MedicationStatements."""
    found: list[Therapy] = []
    for resource, documented in chart.records("MedicationStatement"):
        element = resource.element
        status = element.word("status")
        if status == "entered-in-error":
            chart.note(resource, "entered in error")
            continue
        period = element.one("effectivePeriod")
        start = element.day("effectiveDateTime") or (period.day("start") if period else None)
        end = period.day("end") if period else None
        taken, ongoing = _use(chart, resource, status, end)
        stopped = _stopped_for(chart, resource) if status == "stopped" else None
        found += of_drug(
            chart,
            resource,
            Therapy(
                id=resource.key,
                start=start,
                end=end,
                taken=taken,
                ongoing=ongoing,
                stopped_for=stopped,
                indication=chart.reason(resource),
                documented=documented,
                source=chart.cited(resource, *element.many("derivedFrom")),
            ),
        )
    return found


def ordered(chart: Chart, order: Resource | None) -> list[Therapy]:
    """Read the MedicationRequests but *order*: an order proves neither intake nor use."""
    found: list[Therapy] = []
    for resource, documented in chart.records("MedicationRequest"):
        if resource is order:
            continue
        element = resource.element
        status = element.word("status")
        if element.flag("doNotPerform"):
            chart.note(resource, "an order not to give the drug")
            continue
        if status in _VOID:
            chart.note(resource, _VOID[status])
            continue
        dispense = element.one("dispenseRequest")
        end = bound(dispense, "validityPeriod", "end") if dispense else None
        found += of_drug(
            chart,
            resource,
            Therapy(
                id=resource.key,
                end=end if status in {"completed", "stopped"} else None,
                ongoing=False if status == "stopped" else None,
                indication=chart.reason(resource),
                documented=documented,
                source=resource.source,
            ),
        )
    return found


def _use(
    chart: Chart, resource: Resource, status: str | None, end: Day | None
) -> tuple[bool | None, bool | None]:
    """Return whether the drug was taken, and whether it still is."""
    match status:
        case "active":
            return True, True if end is None else None
        case "completed" | "stopped":
            return True, False
        case "not-taken":
            return False, None
        case "intended" | "on-hold" | "unknown" | None:
            return None, None
        case _:
            pointer = resource.element.at("status")
            chart.note(resource, f"the status cannot be read: {show(status)}", pointer)
            return None, None


def _stopped_for(chart: Chart, resource: Resource) -> StoppedFor | None:
    reasons: set[StoppedFor | None] = set()
    for element in resource.element.many("statusReason"):
        found = chart.concept(element)
        codes = found.codings if found else ()
        told = {_STOPPED_FOR.get((coding.system, coding.code)) for coding in codes}
        reason = told.pop() if len(told) == 1 else None
        if reason is None:
            name = show(found.name if found else None)
            chart.note(resource, f"this reason to stop is not read: {name}", element.pointer)
        reasons.add(reason)
    return reasons.pop() if len(reasons) == 1 else None


def of_drug(chart: Chart, resource: Resource, record: Therapy) -> list[Therapy]:
    """Return *record* with its drug; codings that mean different drugs give one record each."""
    drug, name = chart.medication(resource)
    codings = drug.read(chart.terminology, *DRUG_SYSTEMS) if drug else []
    distinct: list[Coding] = []
    for coding in codings:
        mine = meanings(coding, chart.terminology)
        if all(mine.isdisjoint(meanings(one, chart.terminology)) for one in distinct):
            distinct.append(coding)
    if drug:
        chart.others(resource, drug, distinct)
    if not distinct or distinct[0].system == NOT_STATED:
        if name is None:
            chart.note(resource, "which drug it is cannot be read")
        return [replace(record, product=name or NOT_STATED)]
    return [
        replace(
            record,
            id=key,
            product=(drug.text if drug else None) or coding.display or name,
            code=coding.code,
            system=coding.system,
            stopped_for=record.stopped_for if len(distinct) == 1 else None,
        )
        for key, coding in chart.numbered(resource, distinct)
    ]
