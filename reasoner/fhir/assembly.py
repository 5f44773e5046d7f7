"""A document, or two laid over each other, as one case."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from msgspec.structs import replace

from reasoner.case.content import MAX_ANSWERS, MAX_RECORDS
from reasoner.case.known import Asks, Known, Laid
from reasoner.case.place import show
from reasoner.errors import CaseError
from reasoner.fhir.administrations import administered, dispensed, doses_given
from reasoner.fhir.allergies import allergies
from reasoner.fhir.answers import answers
from reasoner.fhir.chart import Chart
from reasoner.fhir.claim import diagnoses, find_claim, ordered_by, read_claim
from reasoner.fhir.conditions import conditions
from reasoner.fhir.document import unread_document
from reasoner.fhir.element import Element
from reasoner.fhir.fields import unread_fields
from reasoner.fhir.observations import observations
from reasoner.fhir.order import find_order, read_medication_request
from reasoner.fhir.placeless import digest
from reasoner.fhir.reports import reports
from reasoner.fhir.resource import Resource, Resources
from reasoner.fhir.restated import restated
from reasoner.fhir.subject import PERSONAL, Subject, subject_of
from reasoner.fhir.supporting import absent
from reasoner.fhir.therapies import ordered, therapies
from reasoner.installed import rules_folder
from reasoner.model import Case, Condition, Day, Member, Request
from reasoner.terminology import Terminology, load

__all__ = ["read_lines", "read_order"]

_READ = frozenset({*PERSONAL, "Coverage", "DocumentReference", "Medication", "Patient"})

# Nobody is presumed an adult whose record says no birth date: any day may be it.
_ANY_DAY = Day(dt.date(1, 1, 1), dt.date(9000, 12, 31), "not stated")


def read_order(
    document: Mapping[str, object],
    *,
    where: str,
    request: Laid | None = None,
    known: Known | None = None,
) -> Case:
    """Read a FHIR R4 resource or Bundle as a case; *where* is what an error calls it.

    Raises:
        CaseError: it is malformed, has no order, or does not say which one it is; the error
            names the place by its JSON pointer.
    """
    if not isinstance(document, dict):
        raise CaseError("fhir.type", f"FHIR is an object, found {show(document)}", where=where)
    resources = _over(request)
    resources.add(Element(document, where, ""))
    return _read(resources, request, where, known or Known())


def read_lines(
    files: Iterable[tuple[str, Iterable[tuple[int, Mapping[str, object]]]]],
    *,
    where: str,
    request: Laid | None = None,
    known: Known | None = None,
) -> Case:
    """Read a bulk export as a case: files by name, each with its resources by line.

    Raises:
        CaseError: as `read_order` does.
    """
    resources = _over(request)
    resources.begin(Element({}, where, ""))
    for name, lines in files:
        resources.add_lines(
            name, ((number, Element(fields, f"{name}:{number}", "")) for number, fields in lines)
        )
    return _read(resources, request, where, known or Known())


def _over(request: Laid | None) -> Resources:
    resources = Resources()
    if request is not None and request.is_fhir:
        resources.add(Element(request.document, request.where, ""))
    return resources


def _read(resources: Resources, request: Laid | None, where: str, known: Known) -> Case:
    stated = pointed = claim = None
    if request is not None and request.is_reference:
        pointed = _pointed(resources, request)
    elif request is not None and not request.is_fhir:
        stated = _stated(request)
    else:
        claim = find_claim(resources)
    if claim is not None:
        pointed = ordered_by(resources, claim)
    elif stated is None:
        pointed = find_order(resources, where, pointed)
    subject = subject_of(claim or pointed, resources)
    if claim is None and pointed is None and not subject.alone:
        raise CaseError(
            "fhir.subject",
            "the record is of several patients, and the request names none",
            where=where,
            hint="lay a MedicationRequest with its `subject` over it",
        )
    tables = known.tables() if known.tables else _installed()
    chart = Chart(resources, subject, tables)
    case = _case(chart, stated, pointed, claim, known.asks)
    _note_fields(chart, case)
    case = restated(case, resources, claim or pointed)
    _note_unused(chart, claim or pointed)
    _check(case, where)
    case = replace(case, origin=where, unread=tuple(resources.unread))
    return replace(case, digest=digest(case))


def _case(
    chart: Chart,
    stated: Case | None,
    order: Resource | None,
    claim: Resource | None,
    asks: Asks | None,
) -> Case:
    """Return the case of *stated*, a request that is no FHIR, or of *claim* and *order*."""
    base = stated or Case(id="request", digest="")
    main = claim or order
    asked = read_medication_request(chart, order) if order else None
    if claim is not None:
        asked = read_claim(chart, claim, asked)
    request = asked or base.request
    missing = absent(chart, claim, order)
    given = doses_given(chart, request)
    return replace(
        base,
        id=main.key if main else base.id,
        request=request,
        member=_member(chart.subject, base),
        conditions=(
            *base.conditions,
            *conditions(chart),
            *_claimed(chart, claim, asked),
            *missing.conditions,
        ),
        therapies=(
            *base.therapies,
            *therapies(chart),
            *ordered(chart, order),
            *administered(chart),
            *dispensed(chart),
            *missing.therapies,
        ),
        observations=(
            *base.observations,
            *observations(chart),
            *reports(chart),
            *missing.observations,
        ),
        doses=(*base.doses, *given),
        allergies=(*base.allergies, *allergies(chart)),
        answers=(*base.answers, *answers(chart, asks or _anything)),
        excerpts=("doses",) if given and "doses" not in base.complete else base.excerpts,
    )


def _anything(question: str) -> bool:
    return bool(question)


def _member(subject: Subject, base: Case) -> Member:
    """Return the person; who is named and has no birth date here may be of any age."""
    if base.member.birth_date is not None:
        return base.member
    if subject.patient is None:
        return Member(_ANY_DAY) if subject.name else base.member
    return Member(subject.patient.element.day("birthDate") or _ANY_DAY)


def _claimed(chart: Chart, claim: Resource | None, asked: Request | None) -> list[Condition]:
    return diagnoses(chart, claim, asked) if claim and asked else []


def _stated(request: Laid) -> Case:
    """Return the case of a request that is no FHIR: a case, or its `request` section alone."""
    from reasoner.case import decode_case

    fields = dict(request.document)
    fields = fields if "request" in fields else {"request": fields}
    return decode_case({"id": "request laid over", **fields}, where=request.where)


def _pointed(resources: Resources, request: Laid) -> Resource:
    name = request.document["reference"]
    found = [one for one in resources.of("MedicationRequest") if name in (one.key, one.url)]
    if len(found) != 1:
        raise CaseError(
            "fhir.order",
            f"the request points at {show(name)}, and no MedicationRequest is called so",
            where=f"{request.where} /reference",
            hint="name it as `MedicationRequest/x`",
        )
    return found[0]


def _note_unused(chart: Chart, main: Resource | None) -> None:
    for resource in chart.resources.all:
        used = chart.resources.is_used(resource)
        if resource.type not in _READ:
            kind = show(resource.type).strip("`")
            chart.note(resource, f"{kind} is a kind of resource that is not read")
        elif resource.type == "DocumentReference":
            chart.note(resource, unread_document(resource))
        elif resource.type == "Medication" and not used:
            chart.note(resource, "nothing that is read points at this medication")
        elif resource.type == "Claim" and resource is not main:
            chart.note(resource, "another claim than the one that asks")
        elif resource.type == "Patient" and resource is not chart.subject.patient:
            chart.note(resource, "another patient than the order's, or nobody can tell")


def _note_fields(chart: Chart, case: Case) -> None:
    """Note what nobody reads of each resource that says something in *case*."""
    told = (case.request, *case.records, *case.answers)
    sources = {one.source.reference for one in told if one.source}
    for resource in chart.resources.all:
        if resource.type not in PERSONAL or resource.key in sources:
            for pointer in unread_fields(resource.type, resource.element):
                name = show(pointer.rsplit("/", 1)[-1])
                chart.note(resource, f"{name} is not read", pointer)


def _check(case: Case, where: str) -> None:
    """Refuse what no case may hold: too many records, or two of one id."""
    ids = [record.id for record in case.records]
    if len(ids) + len(case.answers) > MAX_RECORDS:
        raise CaseError(
            "case.size",
            f"the record has more than {MAX_RECORDS:,} entries",
            where=where,
            hint="send what bears on the request, not the whole chart",
        )
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        message = f"the id {show(twice[0])} is used twice"
        raise CaseError("case.duplicate", message, where=where, hint="give each record its own")
    for question, count in Counter(answer.question for answer in case.answers).items():
        if count > MAX_ANSWERS:
            message = f"{show(question)} is answered more than {MAX_ANSWERS:,} times"
            raise CaseError("case.size", message, where=where)


@cache
def _installed() -> Terminology:
    return load(rules_folder() / "terminology")
