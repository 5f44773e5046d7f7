"""Charts as FHIR Bundles of a wanted size: an order with a long record around it.

Invented: the codes are real, the person is not. A year of the record has the same mix of tests,
orders, diagnoses and doses given.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["chart"]

_PERSON = {"reference": "Patient/p"}
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_TESTS = [("1742-6", "Alanine aminotransferase"), ("56888-1", "HIV 1+2 Ab+HIV1 p24 Ag")]
_DRUGS = [("6809", "metformin"), ("153326", "Avonex"), ("999999999", "a drug in no table")]
_DISEASES = [
    ("44054006", "Diabetes mellitus type 2"),
    ("445967004", "Clinically isolated syndrome"),
]


def chart(size: int) -> str:
    """Return a Bundle of at least *size* bytes."""
    entries = [json.dumps(_entry(one)) for one in _request()]
    length, number = sum(map(len, entries)), 0
    while length < size:
        entry = json.dumps(_entry(_record(number)))
        entries.append(entry)
        length += len(entry)
        number += 1
    return f'{{"resourceType": "Bundle", "type": "collection", "entry": [{", ".join(entries)}]}}'


def _entry(resource: dict[str, Any]) -> dict[str, Any]:
    url = f"https://ehr.example.org/fhir/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _request() -> list[dict[str, Any]]:
    drug = _concept(_RXNORM, "1594660", "alemtuzumab 10 MG/ML [Lemtrada]")
    return [
        {
            "resourceType": "MedicationRequest",
            "id": "order",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": drug,
            "subject": _PERSON,
            "authoredOn": "2026-03-02",
            "dispenseRequest": {"quantity": {"value": 5, "unit": "vial"}},
        },
        {"resourceType": "Patient", "id": "p", "birthDate": "1986-07-14"},
    ]


def _record(number: int) -> dict[str, Any]:
    day = f"{2005 + number % 20}-{1 + number % 12:02}-{1 + number % 28:02}"
    if number % 20 == 0:
        return _condition(number, day)
    if number % 10 == 1:
        return _order(number, day)
    return _test(number, day)


def _condition(number: int, day: str) -> dict[str, Any]:
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verified = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return {
        "resourceType": "Condition",
        "id": f"c{number}",
        "clinicalStatus": {"coding": [{"system": status, "code": "resolved"}]},
        "verificationStatus": {"coding": [{"system": verified, "code": "confirmed"}]},
        "code": _concept("http://snomed.info/sct", *_DISEASES[number % len(_DISEASES)]),
        "subject": _PERSON,
        "onsetDateTime": f"{day}T10:00:00-04:00",
        "recordedDate": day,
    }


def _order(number: int, day: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": f"m{number}",
        "status": "stopped",
        "intent": "order",
        "medicationCodeableConcept": _concept(_RXNORM, *_DRUGS[number % len(_DRUGS)]),
        "subject": _PERSON,
        "authoredOn": f"{day}T10:00:00-04:00",
        "dosageInstruction": [{"sequence": 1, "text": "as the label says"}],
    }


def _test(number: int, day: str) -> dict[str, Any]:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "laboratory"}]}],
        "code": _concept("http://loinc.org", *_TESTS[number % 50 == 0]),
        "subject": _PERSON,
        "effectiveDateTime": f"{day}T10:00:00-04:00",
        "issued": f"{day}T12:00:00.000-04:00",
        "valueQuantity": {"value": number % 90 + 0.5, "unit": "U/L", "code": "U/L"},
    }
