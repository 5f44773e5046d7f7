"""Parts of FHIR documents, composed of real resources, for the tests that read them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from reasoner.case.known import Known, Laid
from reasoner.decision import Decision
from reasoner.errors import CaseError
from reasoner.fhir import read_order
from reasoner.model import Case
from reasoner.policy import rules_folder
from reasoner.terminology import load as load_terminology
from shipped import the_reasoner

__all__ = [
    "DATA",
    "EXAMPLES",
    "FILES",
    "HCPCS",
    "HERE",
    "ICD",
    "INTERPRETATION",
    "LOINC",
    "MS",
    "RESULTS",
    "RXNORM",
    "SNOMED",
    "Json",
    "administration",
    "attempt",
    "bundle",
    "case_of",
    "changed",
    "claim",
    "concept",
    "condition",
    "coverage",
    "days",
    "decided",
    "dosage",
    "example",
    "laid",
    "load",
    "observation",
    "order",
    "other",
    "patient",
    "read",
    "reasons",
    "resource",
    "response",
    "statement",
    "status",
    "with_",
]

Json = dict[str, Any]

HERE = Path(__file__).parent
DATA = HERE / "data" / "fhir"
EXAMPLES = HERE.parent / "examples" / "fhir"
FILES = sorted(DATA.glob("*.json")) + sorted(EXAMPLES.glob("*.json"))
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
RESULTS = load_terminology(rules_folder() / "terminology").results
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


def load(path: Path) -> Json:
    loaded: Json = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def concept(system: str, code: str, display: str | None = None) -> Json:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def status(code: str) -> Json:
    return {"coding": [{"code": code}]}


def order(**changes: object) -> Json:
    """Return the order of a public test record, for Lemtrada."""
    resource = load(DATA / "rems_snow_medicationrequest_turalio.json")
    resource |= {
        "medicationCodeableConcept": concept(RXNORM, "1594660", "alemtuzumab 10 MG/ML [Lemtrada]"),
        "authoredOn": "2026-03-02",
        "dispenseRequest": {"quantity": {"value": 5, "unit": "vial"}},
        "dosageInstruction": [],
        "reasonCode": [concept(ICD, "G35.A", "Relapsing-remitting multiple sclerosis")],
    }
    return changed(resource, changes)


def patient(**changes: object) -> Json:
    return changed(load(DATA / "rems_snow_01_patient.json"), changes)


def condition(**changes: object) -> Json:
    return changed(load(DATA / "rems_snow_condition_diabetes.json"), changes)


def statement(**changes: object) -> Json:
    return changed(load(DATA / "rems_snow_medicationstatement_metformin.json"), changes)


def observation(**changes: object) -> Json:
    hiv = {"code": concept(LOINC, "56888-1", "HIV 1+2 Ab+HIV1 p24 Ag"), "interpretation": []}
    resource = changed(load(DATA / "rems_snow_observation_alt.json"), hiv | {"valueQuantity": None})
    return changed(resource, changes)


def coverage(**changes: object) -> Json:
    plan = {"type": status("plan"), "value": "H4003", "name": "MMM MA"}
    return changed(load(DATA / "rems_snow_coverage.json"), {"class": [plan]} | changes)


def changed(resource: Json, changes: dict[str, Any]) -> Json:
    """Return *resource* with *changes*; None takes a field away."""
    return {name: value for name, value in (resource | changes).items() if value is not None}


def bundle(*resources: Json, kind: str = "collection") -> Json:
    entries = [
        {
            "fullUrl": f"https://ehr.example.org/fhir/{one['resourceType']}/{one['id']}",
            "resource": one,
        }
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def other(name: str, **changes: object) -> Json:
    drug = {"medicationCodeableConcept": concept(RXNORM, "6809", "metformin")}
    return order(**{"id": name, "reasonCode": None} | drug | changes)


def claim(**changes: object) -> Json:
    """Return the Claim of a public PAS bundle, for Lemtrada."""
    entries = load(DATA / "conformant_pas_bundle_v110.json")["entry"]
    item = {
        "sequence": 1,
        "diagnosisSequence": [1],
        "productOrService": concept(HCPCS, "J0202"),
        "servicedPeriod": {"start": "2026-03-16", "end": "2026-03-20"},
        "quantity": {"value": 60},
    }
    coded = {"sequence": 1, "diagnosisCodeableConcept": concept(ICD, "G35.A")}
    asked = {
        "item": [item],
        "created": "2026-03-02",
        "diagnosis": [coded],
        "patient": {"reference": "Patient/pat017"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/cov017"}}],
    }
    return changed(entries[0]["resource"], asked | changes)


def read(*resources: Json, request: Json | None = None) -> Case:
    return read_order(bundle(*resources), where="bundle.json", request=laid(request))


def laid(request: Json | None) -> Laid | None:
    return None if request is None else Laid(request, "request.json")


def attempt(document: Json, where: str, request: Json | None = None) -> Case | CaseError:
    try:
        return read_order(document, where=where, request=laid(request))
    except CaseError as error:
        return error


def dosage(repeat: Json | None = None, events: list[str] | None = None, dose: object = 12) -> Json:
    timing: Json = {"repeat": repeat} if repeat else {"event": events or []}
    return {"timing": timing, "doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}]}


def reasons(case: Case, record: str = "") -> str:
    return "\n".join(one.reason for one in case.unread if record in one.record)


def days(case: Case) -> list[str]:
    return [day.text for day in case.request.service_dates]


# --- a whole chart, with the answers that approve it --------------------------------------

MS = {"reference": "Patient/maria"}
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def example() -> Json:
    """Return the example order with answers that approve it."""
    whole: Json = json.loads((EXAMPLES / "lemtrada-order-bundle.json").read_text("utf-8"))
    whole["entry"].append({"resource": response()})
    return whole


def response(**answers: Any) -> Json:  # noqa: ANN401 - any element of FHIR
    told = {
        "failed(interferon_beta_1a)": {"valueCoding": {"code": "yes"}},
        "failed(dimethyl_fumarate)": {"valueBoolean": True},
        "first_course": {"valueString": "yes"},
        "vials_available": {"valueCoding": {"code": "(3,5)"}},
    } | answers
    items = [{"linkId": name, "answer": [value]} for name, value in told.items() if value]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "answers",
        "status": "completed",
        "subject": MS,
        "authored": "2026-03-05T10:00:00-04:00",
        "author": {"display": "Dr. Example"},
        "item": [items[0], {"linkId": "group", "item": items[1:]}],
    }


def with_(*resources: Json, base: Json | None = None) -> Json:
    whole = copy.deepcopy(base or example())
    whole["entry"] += [{"resource": one} for one in resources]
    return whole


def case_of(document: Json) -> Case:
    return read_order(document, where="chart.json", known=Known(asks=the_reasoner().asks))


def decided(document: Json) -> Decision:
    return the_reasoner().decide(case_of(document))


def resource(kind: str, name: str, **fields: object) -> Json:
    return {"resourceType": kind, "id": name, "subject": MS} | fields


def administration(name: str, day: str, **fields: object) -> Json:
    given = {
        "status": "completed",
        "medicationCodeableConcept": concept(RXNORM, "1594660", "alemtuzumab 10 MG/ML [Lemtrada]"),
        "effectiveDateTime": day,
        "dosage": {"dose": {"value": 12, "unit": "mg", "code": "mg"}},
    }
    return resource("MedicationAdministration", name, **given | fields)
