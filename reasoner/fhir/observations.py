"""Observations of a chart: tests with their results, in words or in numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from reasoner.case.amount import read_measured
from reasoner.case.content import MAX_RECORDS
from reasoner.case.place import Fault, show
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import NOT_STATED, TEST_SYSTEMS
from reasoner.fhir.element import Element, bound
from reasoner.fhir.reports import void_results
from reasoner.fhir.resource import Resource
from reasoner.model import Coding, Observation, Result
from reasoner.terminology import normal_display

__all__ = ["observations"]

_FINAL: Final = ("final", "amended", "corrected")
_MEMBERS: Final = ("Observation", "QuestionnaireResponse", "MolecularSequence")
_OWN: Final = ("interpretation", "dataAbsentReason")
_VOID: Final = ("cancelled", "entered-in-error")
_UNREAD: Final = (
    "valueBoolean", "valueInteger", "valueRange", "valueRatio",
    "valueSampledData", "valueTime", "valueDateTime", "dataAbsentReason", "note",
)  # fmt: skip


def observations(chart: Chart) -> list[Observation]:
    """Read the Observations, each component as one more: `Observation/x#component2`.

    One that is not final, or may be of somebody else, was done: its result is not known, and
    what an older test found is then not the last word.
    """
    found: list[Observation] = []
    many = sum(1 for _ in chart.resources.of("Observation")) > MAX_RECORDS // 2
    void = void_results(chart)
    for resource, proven in chart.records("Observation"):
        certain = resource.key not in void and proven is None
        element = resource.element
        status = element.word("status")
        if status in _VOID:
            chart.note(resource, f"the test is {status}")
            continue
        if status not in _FINAL:
            reason = f"the status of the test is {show(status)}: its result is not read"
            chart.note(resource, reason, element.at("status"))
            certain = False
        date = (
            element.day("effectiveDateTime")
            or bound(element, "effectivePeriod", "end")
            or bound(element, "effectivePeriod", "start")
            or element.day("effectiveInstant")
            or element.day("issued")
        )
        for key, part in _parts(chart, resource):
            if part is not element:
                chart.note_fields(resource, part, *_UNREAD)
            record = _observation(chart, resource, key, part)
            if many and not _may_bear(chart, record):
                reason = "the tests are many, and no table says that this one bears on anything"
                chart.note(resource, reason, part.pointer)
                continue
            if not certain:
                record = replace(record, result=None, value=None, unit=None)
            found.append(replace(record, date=date))
    return found


def _parts(chart: Chart, resource: Resource) -> list[tuple[str, Element]]:
    """Return the tests of *resource* by the ids of their records.

    A panel without a result of its own is its components and its members; one of them that is
    not here was done, with a result unknown.
    """
    element = resource.element
    parts = [
        (f"{resource.key}#component{at}", part)
        for at, part in enumerate(element.many("component"), start=1)
    ]
    members = list(element.many("hasMember"))
    led = [chart.resources.follow(resource, one, *_MEMBERS).resource for one in members]
    own = [name for name in element.fields if name.startswith("value") or name in _OWN]
    if None in led or own or not (parts or members):
        parts.insert(0, (resource.key, element))
    return parts


def _observation(chart: Chart, resource: Resource, key: str, part: Element) -> Observation:
    coded = chart.concept(part.one("code"))
    loinc = coded.codes("loinc") if coded else []
    codings = loinc[:1] or chart.codings(resource, coded, TEST_SYSTEMS)[:1]
    if _is_unnamed(part, codings[0]):
        codings = [Coding(NOT_STATED, NOT_STATED, codings[0].display)]
    if coded:
        chart.others(resource, coded, codings)
    value, unit = _measured(chart, resource, part)
    pointer = part.pointer
    return Observation(
        id=key,
        code=codings[0].code,
        system=codings[0].system,
        display=codings[0].display,
        result=_result(chart, resource, part),
        value=value,
        unit=unit,
        source=chart.cited(resource, *part.many("derivedFrom"))
        if part is resource.element
        else resource.source_at(pointer),
    )


def _may_bear(chart: Chart, record: Observation) -> bool:
    """Say whether a test may bear on a question: it has no code, or one that the tables relate."""
    concepts = {row.concept for row in chart.terminology.rows(record.system, record.code)}
    return record.code == NOT_STATED or bool(concepts - chart.terminology.kind("unrelated"))


def _is_unnamed(part: Element, coding: Coding) -> bool:
    """Say whether a test was coded, and the code or its system is missing."""
    code = part.one("code")
    coded = code is not None and code.length("coding") > 0
    return coding.system == NOT_STATED and (coded or coding.code == NOT_STATED)


def _result(chart: Chart, resource: Resource, part: Element) -> Result | None:
    """Return the result that value and interpretation agree on."""
    table = chart.terminology.results
    told: set[Result] = set()
    value = part.one("valueCodeableConcept")
    if (text := part.text("valueString")) is not None:
        told |= _worded(chart, resource, text, part.at("valueString"))
    for element in [value, *part.many("interpretation")]:
        found = chart.concept(element)
        if element is None or found is None:
            continue
        read = {
            table[coding.system, coding.code].result
            for coding in found.codings
            if (coding.system, coding.code) in table
        }
        if not read and element is value:
            read = _worded(chart, resource, found.name or "", element.pointer)
        told |= read
    if len(told) > 1:
        chart.note(resource, f"the results disagree: {', '.join(sorted(told))}", part.pointer)
        return None
    return told.pop() if told else None


def _worded(chart: Chart, resource: Resource, text: str, pointer: str) -> set[Result]:
    """Return the result that the whole of *text* means, as the tables have it."""
    row = chart.terminology.results.get(("word", normal_display(text)))
    if row is None:
        chart.note(resource, f"the result is not read: {show(text or None)}", pointer)
        return set()
    return {row.result}


def _measured(chart: Chart, resource: Resource, part: Element) -> tuple[Decimal | None, str | None]:
    quantity = part.one("valueQuantity")
    if quantity is None:
        return None, None
    unit = quantity.text("unit") or quantity.text("code")
    comparator = quantity.text("comparator")
    if comparator is not None:
        reason = f"{show(comparator)} leaves the value open"
    elif unit is None:
        reason = "the value has no unit"
    else:
        try:
            return read_measured(quantity.fields.get("value")), unit
        except Fault as fault:
            reason = fault.message
    chart.note(resource, reason, quantity.pointer)
    return None, None
