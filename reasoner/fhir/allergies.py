"""Allergies and intolerances of a chart."""

from __future__ import annotations

from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import DRUG_SYSTEMS, NOT_STATED
from reasoner.fhir.conditions import status_of, void
from reasoner.fhir.element import bound
from reasoner.model import Allergy

__all__ = ["allergies"]


def allergies(chart: Chart) -> list[Allergy]:
    """Read the AllergyIntolerances: one record a coding, as of a Condition."""
    found: list[Allergy] = []
    for resource, documented in chart.records("AllergyIntolerance"):
        element = resource.element
        if void(chart, resource):
            continue
        status = status_of(chart, resource)
        coded = chart.concept(element.one("code"))
        codings = coded.codes(*DRUG_SYSTEMS) if coded else []
        if coded:
            chart.others(resource, coded, codings)
        name = coded.name if coded else None
        for key, coding in chart.numbered(resource, codings or [None]):
            record = Allergy(
                id=key,
                product=(coding.display if coding else None) or name or NOT_STATED,
                code=coding.code if coding else None,
                system=coding.system if coding else None,
                status=status,
                onset=element.day("onsetDateTime") or bound(element, "onsetPeriod", "start"),
                recorded=element.day("recordedDate"),
                documented=documented,
                source=resource.source,
            )
            found.append(record)
    return found
