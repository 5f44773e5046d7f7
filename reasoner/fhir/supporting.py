"""What a request says that it rests on, and the document does not hold.

A reference that leads nowhere is a record that somebody meant to send. It stays in the case
as something unknown, so that it casts doubt instead of disappearing.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reasoner.case.place import show
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import NOT_STATED
from reasoner.fhir.element import Element
from reasoner.fhir.resource import Resource
from reasoner.model import Condition, Observation, Source, Therapy

__all__ = ["Absent", "absent"]

_DRUGS = (
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
)


class Absent(msgspec.Struct, frozen=True):
    """The records that are pointed at and not there: nothing is known of any."""

    conditions: tuple[Condition, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    observations: tuple[Observation, ...] = ()


def absent(chart: Chart, *owners: Resource | None) -> Absent:
    """Return what the supporting information of *owners* points at and nobody sent."""
    conditions: dict[str, Condition] = {}
    therapies: dict[str, Therapy] = {}
    observations: dict[str, Observation] = {}
    for owner in owners:
        if owner is None:
            continue
        for reference in _references(owner):
            text = reference.word("reference")
            kind = chart.resources.kind(owner, reference)
            if text is None or chart.resources.leads(owner, text):
                continue
            reason = f"the request rests on {show(text)}, which is not here: it may say anything"
            chart.note(owner, reason, reference.pointer)
            source = Source(reference=text, pointer=reference.pointer)
            key = f"{text} (absent)"
            if kind == "Condition":
                conditions[key] = Condition(
                    key, NOT_STATED, NOT_STATED, documented=False, source=source
                )
            elif kind in _DRUGS:
                therapies[key] = Therapy(key, NOT_STATED, documented=False, source=source)
            elif kind in ("Observation", "DiagnosticReport"):
                observations[key] = Observation(key, NOT_STATED, NOT_STATED, source=source)
    return Absent(
        tuple(conditions.values()), tuple(therapies.values()), tuple(observations.values())
    )


def _references(owner: Resource) -> Iterator[Element]:
    yield from owner.element.many("supportingInformation")
    for part in owner.element.many("supportingInfo"):
        if (reference := part.one("valueReference")) is not None:
            yield reference
