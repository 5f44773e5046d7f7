"""Conditions of a chart: what was diagnosed, and whether it still stands."""

from __future__ import annotations

from typing import Final

from reasoner.case.place import show
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import CONDITION_SYSTEMS
from reasoner.fhir.element import bound
from reasoner.fhir.resource import Resource
from reasoner.model import Condition, Status

__all__ = ["conditions"]

_CLINICAL: Final[dict[str, Status]] = {
    "active": "active", "recurrence": "active", "relapse": "active",
    "inactive": "resolved", "remission": "resolved", "resolved": "resolved",
}  # fmt: skip
_VERIFIED: Final[dict[str, Status]] = {
    "refuted": "ruled_out",
    "unconfirmed": "unconfirmed", "provisional": "unconfirmed", "differential": "unconfirmed",
}  # fmt: skip
_UNREAD: Final = (
    "onsetAge", "onsetRange", "onsetString",
    "abatementAge", "abatementRange", "abatementString", "note", "stage",
)  # fmt: skip


def conditions(chart: Chart) -> list[Condition]:
    """Read the Conditions: one record a coding, the further ones as `Condition/x#2`."""
    found: list[Condition] = []
    for resource, documented in chart.records("Condition"):
        element = resource.element
        verified = chart.words(element.one("verificationStatus"))
        if "entered-in-error" in verified:
            chart.note(resource, "entered in error")
            continue
        chart.note_fields(resource, resource.element, *_UNREAD)
        status = _status(chart, resource, verified)
        coded = chart.concept(element.one("code"))
        for key, coding in chart.numbered(
            resource, chart.codings(resource, coded, CONDITION_SYSTEMS)
        ):
            record = Condition(
                id=key,
                code=coding.code,
                system=coding.system,
                display=coding.display,
                status=status,
                onset=element.day("onsetDateTime") or bound(element, "onsetPeriod", "start"),
                recorded=element.day("recordedDate"),
                end=element.day("abatementDateTime") or bound(element, "abatementPeriod", "end"),
                documented=documented,
                source=resource.source,
            )
            found.append(record)
    return found


def _status(chart: Chart, resource: Resource, verified: set[str]) -> Status | None:
    """Return what the two statuses say together; what is unreadable leaves it open."""
    element = resource.element
    name, words = "verificationStatus", verified - {"confirmed"}
    told: set[Status | None] = {_VERIFIED.get(word) for word in words}
    if not words and (verified or element.fields.get(name) is None):
        name, words = "clinicalStatus", chart.words(element.one("clinicalStatus"))
        told = {_CLINICAL.get(word) for word in words}
    if len(told) == 1 and None not in told:
        return told.pop()
    if element.fields.get(name) is not None:
        said = show(", ".join(sorted(words)) or None)
        chart.note(resource, f"the status cannot be read: {said}", element.at(name))
    return None
