"""A case as a request for prior authorization: a Bundle with the Claim first.

What the elements cannot say is restated in extensions (`restatement`), so that the Bundle reads
back as the case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from exchange.bundle import Entries, collection
from exchange.element import Element, Systems, absent, codeable, coded, measure, present
from exchange.records import (
    administration,
    allergy,
    answered,
    condition,
    date,
    observation,
    request_drug,
    statement,
)
from exchange.restatement import MEMBER, REQUEST, SECTIONS, Restated, named, restatement
from reasoner.fhir.claim import REQUESTED
from reasoner.fhir.vocabulary import CASE_ID, COMPLETE, EXCERPT, RESTATED
from reasoner.model import (
    Allergy,
    Answer,
    Case,
    Condition,
    Day,
    Dose,
    Observation,
    Quantity,
    Request,
    Therapy,
)

__all__ = ["request_bundle"]

_CLAIM_TYPE: Final = "http://terminology.hl7.org/CodeSystem/claim-type"
_PRIORITY: Final = "http://terminology.hl7.org/CodeSystem/processpriority"
_COVERAGE_CLASS: Final = "http://terminology.hl7.org/CodeSystem/coverage-class"


def request_bundle(case: Case, systems: Systems) -> Element:
    """Return *case* as a Bundle that reads back as *case*."""
    plain, keys = _bundle(case, {}, systems)
    bundle, _ = _bundle(case, restatement(case, plain, keys), systems)
    return bundle


def _bundle(
    case: Case, said: Mapping[str, Restated], systems: Systems
) -> tuple[Element, dict[str, str]]:
    """Return the Bundle, and the resource that each record was made, by the record's name."""
    entries = Entries(case.digest)
    later = Entries(case.digest)
    person = _extended(_patient(case), said.get(MEMBER, []))
    patient = {"reference": later.add(person, "patient")}
    coverage = {"reference": later.add(_coverage(case.request, patient), "coverage")}
    drug = request_drug(case.request, systems)
    order = _order(case.request, drug, patient, coverage, systems) if drug else None
    ordered = {"reference": later.add(order, "order")} if order else None
    claim = _claim(case, patient, coverage, ordered, systems)
    entries.add(_listed(_extended(claim, said.get(REQUEST, [])), case), "claim")
    for entry in later.all:
        entries.keep(entry["fullUrl"], entry["resource"])
    keys: dict[str, str] = {}
    for section, name, record in named(case):
        if section in SECTIONS:
            resource = _resource(record, patient, case.request, systems)
            url = entries.add(_extended(resource, said.get(name, [])), name)
            keys[name] = entries.key(url)
    day = case.request.received
    return collection(entries, case.digest, day.last.isoformat() if day else None), keys


def _resource(
    record: Condition | Therapy | Observation | Dose | Allergy | Answer,
    patient: Element,
    request: Request,
    systems: Systems,
) -> Element:
    match record:
        case Condition():
            return condition(record, patient, systems)
        case Therapy():
            return statement(record, patient, systems)
        case Observation():
            return observation(record, patient, systems)
        case Dose():
            return administration(record, patient, request, systems)
        case Allergy():
            return allergy(record, patient, systems)
        case Answer():
            return answered(record, patient)


def _extended(resource: Element, said: Restated) -> Element:
    return {**resource, "extension": [{"url": RESTATED, "extension": said}]} if said else resource


def _listed(claim: Element, case: Case) -> Element:
    """Return *claim* with what is said of whole lists: which are complete, which excerpts."""
    lists = ((COMPLETE, case.complete), (EXCERPT, case.excerpts))
    said = [{"url": url, "valueCode": name} for url, names in lists for name in names]
    return {**claim, "extension": [*claim.get("extension", []), *said]} if said else claim


def _patient(case: Case) -> Element:
    return present(resourceType="Patient", birthDate=date(case.member.birth_date))


def _coverage(request: Request, patient: Element) -> Element:
    plan = request.plan
    named = {"type": coded(_COVERAGE_CLASS, "plan"), "value": plan, "name": plan}
    return present(
        resourceType="Coverage",
        status="active",
        beneficiary=patient,
        payor=[{"display": plan} if plan else absent()],
        **{"class": [named] if plan else None},
    )


def _order(
    request: Request, drug: Element, patient: Element, coverage: Element, systems: Systems
) -> Element:
    reason = [request.indication] if request.indication else []
    days = [day.text for day in request.service_dates]
    return present(
        resourceType="MedicationRequest",
        status="active",
        intent="order",
        medicationCodeableConcept=drug,
        subject=patient,
        authoredOn=request.received.text if request.received else None,
        reasonCode=[codeable([one], None, systems) for one in reason],
        insurance=[coverage],
        dosageInstruction=[{"timing": {"event": days}}] if days else None,
        dispenseRequest={"quantity": measure(request.quantity)} if request.quantity else None,
    )


def _claim(
    case: Case, patient: Element, coverage: Element, order: Element | None, systems: Systems
) -> Element:
    request = case.request
    reason = [request.indication] if request.indication else []
    diagnoses = [
        {"sequence": at, "diagnosisCodeableConcept": concept}
        for at, one in enumerate(reason, 1)
        if (concept := codeable([one], None, systems))
    ]
    quantity = _billed(request)
    item = present(
        extension=[{"url": REQUESTED, "valueReference": order}] if order else None,
        sequence=1,
        diagnosisSequence=[1] if diagnoses else None,
        productOrService=request_drug(request, systems) or absent(),
        **_serviced(request.service_dates),
        quantity=measure(quantity) if quantity else None,
    )
    created: dict[str, Any] = (
        {"created": request.received.text} if request.received else {"_created": absent()}
    )
    return present(
        resourceType="Claim",
        identifier=[{"system": CASE_ID, "value": case.id}],
        status="active",
        type=coded(_CLAIM_TYPE, "professional"),
        use="preauthorization",
        patient=patient,
        **created,
        insurer={"display": request.plan} if request.plan else None,
        provider=absent(),
        priority=coded(_PRIORITY, "normal"),
        prescription=order,
        diagnosis=diagnoses,
        insurance=[{"sequence": 1, "focal": True, "coverage": coverage}],
        item=[item],
    )


def _billed(request: Request) -> Quantity | None:
    if request.billed_units is not None:
        return Quantity(Decimal(request.billed_units), "unit")
    return request.quantity


def _serviced(days: Sequence[Day]) -> Element:
    """Return the days of service as far as the item can hold them: one, or from first to last."""
    if len(days) == 1:
        return {"servicedDate": days[0].text}
    if not days or any(day.first != day.last for day in days):
        return {}
    texts = sorted(day.text for day in days)
    return {"servicedPeriod": {"start": texts[0], "end": texts[-1]}}
