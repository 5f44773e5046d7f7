"""Parts of the records in `composed`: the example, and what stands beside or instead of it."""

from __future__ import annotations

import json
from collections.abc import Callable

from fhir_parts import (
    HCPCS,
    ICD,
    LOINC,
    MS,
    RXNORM,
    SNOMED,
    Json,
    concept,
    example,
    resource,
    status,
    with_,
)

__all__ = [
    "CPT",
    "DRUGS",
    "NDC",
    "NEGATIVE",
    "REACTIVE",
    "amount",
    "asking",
    "by_uuid",
    "changed",
    "claimed",
    "diagnosis",
    "diseased",
    "entry",
    "item",
    "lab",
    "on",
    "only",
    "rewritten",
    "without",
]

NDC = "http://hl7.org/fhir/sid/ndc"
CPT = "http://www.ama-assn.org/go/cpt"
NEGATIVE: Json = {"valueCodeableConcept": concept(SNOMED, "131194007", "Non-Reactive")}
REACTIVE: Json = {"valueCodeableConcept": concept(SNOMED, "11214006", "Reactive")}
DRUGS = (
    ("153326", "Avonex"), ("1012896", "Gilenya"), ("135779", "Copaxone"), ("1310526", "Aubagio"),
    ("1876381", "Ocrevus"),
)  # fmt: skip


def entry(whole: Json, name: str) -> Json:
    found: Json = next(
        one["resource"] for one in whole["entry"] if one["resource"].get("id") == name
    )
    return found


def changed(name: str, base: Json | None = None, **fields: object) -> Json:
    """Return the example with *fields* of the resource called *name* changed; None takes one."""
    whole = base or example()
    found = entry(whole, name)
    found.update(fields)
    for field in [field for field, value in fields.items() if value is None]:
        del found[field]
    return whole


def without(*names: str, base: Json | None = None) -> Json:
    whole = base or example()
    whole["entry"] = [one for one in whole["entry"] if one["resource"].get("id") not in names]
    return whole


def asking(drug: Json, **fields: object) -> Json:
    named = {"medicationReference": None, "medicationCodeableConcept": drug}
    return changed("lemtrada-1", None, **named | fields)


def amount(quantity: Json, doses: list[Json] | None = None) -> Json:
    told: Json = {} if doses is None else {"dosageInstruction": doses}
    return changed("lemtrada-1", dispenseRequest={"quantity": quantity}, **told)


def diagnosis(name: str, code: Json, **fields: object) -> Json:
    told = {"clinicalStatus": status("active"), "verificationStatus": status("confirmed")}
    return resource("Condition", name, **told | {"code": code} | fields)


def diseased(*conditions: Json) -> Json:
    """Return the example with these diagnoses in the place of its own."""
    reason = [concept(ICD, "G35.A", "Relapsing-remitting multiple sclerosis")]
    base = changed("lemtrada-1", without("rrms"), reasonReference=None, reasonCode=reason)
    return with_(*conditions, base=base)


def on(kind: str, word: str, drug: tuple[str, str] = DRUGS[4], **fields: object) -> Json:
    told = {"status": word, "medicationCodeableConcept": concept(RXNORM, *drug)}
    more = {"intent": "order", "authoredOn": "2025-06-01"} if kind == "MedicationRequest" else {}
    return resource(kind, f"{kind}-{drug[0]}", **told | more | fields)


def lab(code: str, day: str = "2026-02-20", system: str = LOINC, **fields: object) -> Json:
    told = {"status": "final", "code": concept(system, code), "effectiveDateTime": day}
    return resource("Observation", f"t{code}", **told | fields)


def only(*tests: Json) -> Json:
    return with_(*tests, base=without("hiv"))


def item(code: str = "J0202", system: str = HCPCS, **fields: object) -> Json:
    told = {
        "sequence": 1,
        "productOrService": concept(system, code),
        "quantity": {"value": 60},
        "servicedPeriod": {"start": "2026-03-16", "end": "2026-03-20"},
    }
    return {key: value for key, value in (told | fields).items() if value is not None}


def claimed(*items: Json, code: str = "G35.A", **fields: object) -> Json:
    """Return the example as a PAS request: a Claim first, in the place of the order."""
    whole = without("lemtrada-1", "lemtrada")
    kinds = ("Condition", "MedicationStatement", "Observation", "QuestionnaireResponse")
    named = [one["resource"] for one in whole["entry"]]
    claim: Json = {
        "resourceType": "Claim", "id": "c", "status": "active", "use": "preauthorization",
        "patient": MS, "created": "2026-03-02", "item": list(items),
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/mmm"}}],
        "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": concept(ICD, code)}],
        "supportingInfo": [
            {"sequence": n, "valueReference": {"reference": f"{one['resourceType']}/{one['id']}"}}
            for n, one in enumerate(named, 1) if one["resourceType"] in kinds
        ],
    }  # fmt: skip
    whole["entry"].insert(0, {"resource": claim | fields})
    return whole


def rewritten(change: Callable[[str], str]) -> Json:
    found: Json = json.loads(change(json.dumps(example())))
    return found


def by_uuid() -> Json:
    """Return the example as generated patients write it: every reference a `urn:uuid`."""
    whole = example()
    text = json.dumps(whole)
    for at, one in enumerate(whole["entry"]):
        name = f"{one['resource']['resourceType']}/{one['resource']['id']}"
        url = f"urn:uuid:0000000{at:x}-0000-4000-8000-000000000000"
        text = text.replace(f'"reference": "{name}"', f'"reference": "{url}"')
        whole["entry"][at]["fullUrl"] = url
    found: Json = json.loads(text)
    for one, other in zip(found["entry"], whole["entry"], strict=True):
        one["fullUrl"] = other["fullUrl"]
    return found
