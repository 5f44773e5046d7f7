"""Whose record it is, where references lead, and what a Claim asks for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_parts import (
    HCPCS,
    ICD,
    RXNORM,
    Json,
    bundle,
    changed,
    claim,
    concept,
    condition,
    coverage,
    days,
    observation,
    order,
    other,
    patient,
    read,
    reasons,
    statement,
)
from reasoner.errors import CaseError
from reasoner.fhir import read_order
from reasoner.model import Quantity

# --- whose record it is ----------------------------------------------------------------


def test_records_of_another_patient_are_dropped() -> None:
    another = {"subject": {"reference": "Patient/two"}}
    case = read(
        order(),
        patient(),
        patient(id="two", birthDate="1950-01-01"),
        condition(**another),
        statement(**another),
        observation(**another),
        other("b", **another),
    )
    assert not case.conditions + case.therapies + case.observations
    assert reasons(case).count("of another patient: `Patient/two`") == 4
    assert case.member.birth_date is not None
    assert case.member.birth_date.text == "1996-06-01"


@pytest.mark.parametrize(
    "subject", [{"reference": "Patient/cut"}, {"reference": "Group/1"}, {"display": "Jon"}, None]
)
def test_a_record_of_nobody_known_proves_nothing(subject: Json | None) -> None:
    case = read(order(), patient(), patient(id="two"), condition(subject=subject))
    assert [one.documented for one in case.conditions] == [False]
    assert "cannot be told whose" in reasons(case, "Condition")


def test_one_patient_need_not_be_named() -> None:
    case = read(order(), patient(), condition(subject=None))
    assert [one.documented for one in case.conditions] == [None]
    nobody = read(order(subject=None), patient(), condition())
    assert nobody.member.birth_date is not None
    assert [one.documented for one in nobody.conditions] == [None]


def test_an_order_for_somebody_else_than_the_patient_takes_nothing_from_the_record() -> None:
    case = read(order(subject={"reference": "Patient/cut"}), patient(), condition())
    assert case.member.birth_date is not None
    assert case.member.birth_date.text == "not stated"
    assert [one.documented for one in case.conditions] == [False]


# --- references ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        "Medication/m",
        "https://ehr.example.org/fhir/Medication/m",
        "https://ehr.example.org/fhir/Medication/m/_history/3",
        "Medication/m/_history/3",
    ],
)
def test_references_are_followed(reference: str) -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "1594660")}
    asked = order(medicationCodeableConcept=None, medicationReference={"reference": reference})
    assert read(asked, drug).request.code == "1594660"


@pytest.mark.parametrize(
    "reference",
    ["Medication/x", "https://elsewhere.org/fhir/Medication/m", "#m", "#", "", "urn:uuid:1", "m/"],
)
def test_references_that_lead_nowhere_leave_the_thing_unstated(reference: str) -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "1594660")}
    asked = order(medicationCodeableConcept=None, medicationReference={"reference": reference})
    case = read(asked, drug)
    assert (case.request.product, case.request.code) == (None, None)
    assert reference == "" or "leads" in reasons(case, "MedicationRequest")


def test_uuids_are_followed() -> None:
    drug = {"resourceType": "Medication", "code": concept(RXNORM, "1594660")}
    asked = order(medicationCodeableConcept=None, medicationReference={"reference": "urn:uuid:7"})
    document = bundle(asked)
    document["entry"].append({"fullUrl": "urn:uuid:7", "resource": drug})
    assert read_order(document, where="x").request.code == "1594660"


def test_one_id_on_two_servers() -> None:
    document = bundle(order(), patient())
    document["entry"].append(
        {"fullUrl": "https://two.example.org/Patient/pat017", "resource": patient(gender="female")}
    )
    case = read_order(document, where="x")
    assert case.member.birth_date is not None
    assert "another patient" in reasons(case, "https://two.example.org/Patient/pat017")


def test_the_same_resource_twice_counts_once() -> None:
    case = read(order(), patient(), statement(), statement())
    assert len(case.therapies) == 1
    assert "the same resource stands at /entry/2/resource" in reasons(case)
    with pytest.raises(CaseError, match="two different resources are called"):
        read(order(), patient(), statement(), statement(status="stopped"))


# --- claims ----------------------------------------------------------------------------


def test_a_claim_is_read_as_the_request() -> None:
    case = read(claim(), patient(), coverage())
    request = case.request
    assert (request.hcpcs, request.quantity) == ("J0202", Quantity(Decimal(60), "unit"))
    assert (request.plan, days(case)) == ("MMM MA", ["2026-03-16", "2026-03-20"])
    assert request.indication is not None
    assert (request.indication.code, case.conditions) == ("G35.A", ())


def test_a_claim_beside_its_order() -> None:
    extension = {
        "url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-requestedService",
        "valueReference": {"reference": "MedicationRequest/pat017-mr-turalio"},
    }
    item = claim()["item"][0] | {"extension": [extension]}
    case = read(claim(item=[item]), patient(), other("b"), order())
    request = case.request
    assert (request.quantity, request.billed_units) == (Quantity(Decimal(5), "vial"), 60)
    assert (request.code, request.hcpcs) == ("1594660", "J0202")
    assert [one.id for one in case.therapies] == ["MedicationRequest/b"]


def test_items_of_one_product_add_up() -> None:
    item = claim()["item"][0] | {"servicedPeriod": None, "quantity": {"value": 12}}
    items = [
        changed(item, {"sequence": at, "servicedDate": f"2026-03-1{at}"}) for at in range(1, 6)
    ]
    case = read(claim(item=items), patient())
    assert case.request.quantity == Quantity(Decimal(60), "unit")
    assert len(days(case)) == 5


def test_items_of_several_products_are_refused() -> None:
    items = claim()["item"] + [claim()["item"][0] | {"productOrService": concept(HCPCS, "J2323")}]
    with pytest.raises(CaseError, match="asks for several products"):
        read(claim(item=items), patient())


def test_a_further_diagnosis_of_a_claim_is_claimed_only() -> None:
    further = {"sequence": 2, "diagnosisCodeableConcept": concept(ICD, "B20")}
    case = read(claim(diagnosis=claim()["diagnosis"] + [further]), patient())
    assert [(one.code, one.documented, one.status) for one in case.conditions] == [
        ("B20", False, None)
    ]
