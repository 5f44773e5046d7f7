"""DiagnosticReports: what they conclude, and the tests that they point at."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from reasoner.case.place import show
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import NOT_STATED, TEST_SYSTEMS, Concept
from reasoner.fhir.resource import Resource
from reasoner.model import Coding, Observation, Result

__all__ = ["reports", "void_results"]

_VOID: Final = ("cancelled", "entered-in-error")
_FINAL: Final = ("final", "amended", "corrected", "appended")


def reports(chart: Chart) -> list[Observation]:
    """Read the DiagnosticReports: a conclusion in codes, and each test that is not here.

    A test that a report points at is read where it stands. One that is not here was done, and
    its result is unknown.
    """
    found: list[Observation] = []
    for resource, proven in chart.records("DiagnosticReport"):
        element = resource.element
        status = element.word("status")
        if status in _VOID:
            chart.note(resource, f"the report is {status.replace('-', ' ')}")
            continue
        certain = proven is None
        if status not in _FINAL:
            reason = f"the status of the report is {show(status)}: its result is not read"
            chart.note(resource, reason, element.at("status"))
            certain = False
        coding = _coding(chart, resource)
        record = _observation(resource, coding)
        concluded = list(element.many("conclusionCode"))
        if concluded or not element.length("result"):
            result = _concluded(chart, resource, [chart.concept(one) for one in concluded])
            found.append(replace(record, result=result if certain else None))
        found += [
            replace(record, id=f"{resource.key}#result{at}") for at in _missing(chart, resource)
        ]
    return found


def void_results(chart: Chart) -> frozenset[str]:
    """Return the tests of reports that were cancelled or entered in error."""
    found: set[str] = set()
    for report in chart.resources.of("DiagnosticReport"):
        if report.element.word("status") not in _VOID:
            continue
        for reference in report.element.many("result"):
            link = chart.resources.follow(report, reference, "Observation")
            if link.resource is not None:
                reason = f"{report.key} is void, and reports this test: it proves nothing"
                chart.note(link.resource, reason)
                found.add(link.resource.key)
    return frozenset(found)


def _observation(resource: Resource, coding: Coding) -> Observation:
    element = resource.element
    period = element.one("effectivePeriod")
    return Observation(
        id=resource.key,
        code=coding.code,
        system=coding.system,
        display=coding.display,
        date=element.day("effectiveDateTime")
        or (period.day("end") if period else None)
        or element.day("issued"),
        source=resource.source,
    )


def _coding(chart: Chart, resource: Resource) -> Coding:
    coded = chart.concept(resource.element.one("code"))
    found = coded.codes(*TEST_SYSTEMS) if coded else []
    name = coded.name if coded else None
    return found[0] if found else Coding(NOT_STATED, NOT_STATED, name)


def _missing(chart: Chart, resource: Resource) -> list[int]:
    """Return which of the tests that the report points at are not here."""
    return [
        at
        for at, reference in enumerate(resource.element.many("result"), start=1)
        if chart.resources.follow(resource, reference, "Observation").resource is None
    ]


def _concluded(chart: Chart, resource: Resource, concepts: list[Concept | None]) -> Result | None:
    table = chart.terminology.results
    told = {
        row.result
        for concept in concepts
        if concept is not None
        for coding in concept.codings
        if (row := table.get((coding.system, coding.code))) is not None
    }
    if len(told) == 1:
        return told.pop()
    if concepts:
        said = ", ".join(show(one.name) for one in concepts if one is not None) or "nothing"
        chart.note(
            resource, f"the conclusion is not read: {said}", resource.element.at("conclusionCode")
        )
    return None
