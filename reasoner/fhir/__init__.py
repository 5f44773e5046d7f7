"""FHIR R4 orders read as cases: a MedicationRequest or a Claim with the chart around it.

    document -> resources (`resource`) -> the order (`order`, `claim`) -> records
    (`conditions`, `therapies`, `observations`)

An order proves that a drug is wanted, a chart what it states; nothing is guessed. What is
not used is listed in `Case.unread` with the reason, and what cannot be read stays in the
case as something unknown, so that it casts doubt instead of disappearing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from msgspec.structs import replace

from reasoner.case.content import MAX_RECORDS
from reasoner.case.digest import case_digest
from reasoner.case.place import show
from reasoner.errors import CaseError
from reasoner.fhir.chart import Chart
from reasoner.fhir.claim import diagnoses, find_claim, ordered_by, read_claim
from reasoner.fhir.conditions import conditions
from reasoner.fhir.element import Element
from reasoner.fhir.observations import observations
from reasoner.fhir.order import find_order, read_medication_request
from reasoner.fhir.resource import Resource, Resources
from reasoner.fhir.results import rules_folder
from reasoner.fhir.subject import subject_of
from reasoner.fhir.therapies import ordered, therapies
from reasoner.model import Case, Condition, Member, Observation, Request, Therapy
from reasoner.terminology import Terminology, load

__all__ = ["read_order"]

_Sourced = TypeVar("_Sourced", Request, Condition, Therapy, Observation)

_READ = frozenset(
    {
        "Claim",
        "Condition",
        "Coverage",
        "Medication",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
    }
)


def read_order(
    document: dict[str, object],
    *,
    where: str,
    request: dict[str, object] | None = None,
    terminology: Terminology | None = None,
) -> Case:
    """Read a FHIR R4 resource or Bundle as a case; *where* is what an error calls it.

    *request* is laid over it: FHIR as well, a reference such as `{"reference":
    "MedicationRequest/x"}`, or a case with the request alone. *terminology* has the names
    of the code systems and the known codes; without it, the installed tables are read.

    Raises:
        CaseError: it is malformed, has no order, or does not say which one it is; the error
            names the place by its JSON pointer.
    """
    if not isinstance(document, dict):
        raise CaseError("fhir.type", f"FHIR is an object, found {show(document)}", where=where)
    over = request if request is not None and "resourceType" in request else None
    resources = Resources()
    for fields, name in ((over, f"{where} (request)"), (document, where)):
        if fields is not None:
            resources.add(Element(fields, name, ""))
    stated = None if request is None or over or "reference" in request else request
    case = Case(id="request", digest="") if stated is None else _stated(stated, where)
    pointed = _pointed(resources, request, where) if request and "reference" in request else None
    claim = find_claim(resources) if stated is None and pointed is None else None
    if stated is None and claim is None:
        pointed = find_order(resources, where, pointed)
    elif claim is not None:
        pointed = ordered_by(resources, claim)
    tables = terminology or _installed()
    return _case(case, resources, pointed, claim, tables, where)


def _case(
    stated: Case,
    resources: Resources,
    order: Resource | None,
    claim: Resource | None,
    tables: Terminology,
    where: str,
) -> Case:
    main = claim or order
    subject = subject_of(main, resources)
    if main is None and not subject.alone:
        raise CaseError(
            "fhir.subject",
            "the record is of several patients, and the request names none",
            where=where,
            hint="lay a MedicationRequest with its `subject` over it",
        )
    chart = Chart(resources, subject, tables)
    asked = read_medication_request(chart, order) if order else None
    if claim is not None:
        asked = read_claim(chart, claim, asked)
    patient = subject.patient
    case = Case(
        id=main.key if main else stated.id,
        digest="",
        request=asked or stated.request,
        member=Member(patient.element.day("birthDate")) if patient else stated.member,
        conditions=(*stated.conditions, *conditions(chart), *_claimed(chart, claim, asked)),
        therapies=(*stated.therapies, *therapies(chart), *ordered(chart, order)),
        observations=(*stated.observations, *observations(chart)),
        doses=stated.doses,
        answers=stated.answers,
        complete=stated.complete,
        origin=where,
    )
    _note_unused(chart, main)
    _check(case, where)
    return replace(case, unread=tuple(resources.unread), digest=_digest(case))


def _digest(case: Case) -> str:
    """Return the digest of *case* wherever in the document its records stand."""
    return case_digest(
        replace(
            case,
            request=_placeless(case.request),
            conditions=tuple(map(_placeless, case.conditions)),
            therapies=tuple(map(_placeless, case.therapies)),
            observations=tuple(map(_placeless, case.observations)),
        )
    )


def _placeless(record: _Sourced) -> _Sourced:
    source = record.source
    if source is None or source.pointer is None:
        return record
    return replace(record, source=replace(source, pointer=None))


def _claimed(chart: Chart, claim: Resource | None, asked: Request | None) -> list[Condition]:
    return diagnoses(chart, claim, asked) if claim and asked else []


def _stated(request: Mapping[str, object], where: str) -> Case:
    """Return the case of a request that is no FHIR: a case, or its `request` section alone."""
    from reasoner.case import decode_case

    fields = dict(request) if "request" in request else {"request": dict(request)}
    return decode_case({"id": "request laid over", **fields}, where=f"{where} (request)")


def _pointed(resources: Resources, request: Mapping[str, object], where: str) -> Resource:
    name = request["reference"]
    found = [one for one in resources.of("MedicationRequest") if name in (one.key, one.url)]
    if len(found) != 1:
        raise CaseError(
            "fhir.order",
            f"the request points at {show(name)}, and no MedicationRequest is called so",
            where=f"{where} (request) /reference",
            hint="name it as `MedicationRequest/x`",
        )
    return found[0]


def _note_unused(chart: Chart, main: Resource | None) -> None:
    for resource in chart.resources.all:
        if resource.type not in _READ:
            chart.note(
                resource, f"{show(resource.type).strip('`')} is a kind of resource that is not read"
            )
        elif resource.type == "Medication" and not chart.resources.is_used(resource):
            chart.note(resource, "nothing that is read points at this medication")
        elif resource.type == "Claim" and resource is not main:
            chart.note(resource, "another claim than the one that asks")
        elif resource.type == "Patient" and resource is not chart.subject.patient:
            chart.note(resource, "another patient than the order's, or nobody can tell")


def _check(case: Case, where: str) -> None:
    """Refuse what no case may hold: too many records, or two of one id."""
    sections = (case.conditions, case.therapies, case.observations, case.doses)
    ids = [record.id for section in sections for record in section]
    if len(ids) > MAX_RECORDS:
        message = f"the record has more than {MAX_RECORDS:,} entries"
        raise CaseError("case.size", message, where=where)
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        message = f"the id {show(twice[0])} is used twice"
        raise CaseError("case.duplicate", message, where=where, hint="give each record its own")


@cache
def _installed() -> Terminology:
    return load(rules_folder() / "terminology")
