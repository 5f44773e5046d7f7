"""What is written of the examples as FHIR, for the tests that look at it."""

import copy
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

import oracle
from exchange.asked import asked
from exchange.coverage import annotated_order
from exchange.element import to_json
from exchange.lines import Line, divided, lines_of
from exchange.notes import notes_of
from exchange.questionnaire import canonical, questionnaire
from exchange.request import request_bundle
from exchange.response import Answer, response_bundle
from exchange.review import Review, reviewed
from exchange.systems import addresses
from explain.language import load_language
from explain.proof import Proof, prove
from explain.telling import tell_notice
from pas_rules import codes, response
from reasoner.case import decode_case, load_case
from reasoner.decision import Decision
from reasoner.engine import Examination, decision_day
from reasoner.model import Case
from reasoner.policy import rules_folder
from shipped import the_reasoner

__all__ = [
    "CLINIC",
    "EXAMPLES",
    "GOVERNED",
    "NAMES",
    "NEWEST_REFUSED",
    "ODD",
    "REVIEWER",
    "ROOT",
    "SEEDS",
    "SERVICE",
    "VALIDATOR",
    "Json",
    "action",
    "answer",
    "asks",
    "case",
    "crd",
    "examined",
    "information",
    "keeps_the_rules_of_crd",
    "odd",
    "of_a_clinic",
    "request",
    "respond",
    "same",
    "several",
    "through",
    "told",
    "units",
    "written",
]


Json = dict[str, Any]


ROOT = Path(__file__).parent.parent


EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


GOVERNED = [path for path in EXAMPLES if path.stem != "not-applicable"]


NAMES = [path.stem for path in GOVERNED]


VALIDATOR = Path(__file__).parent / "fhir_validator"


NEWEST_REFUSED = 22  # the validator asks for Node.js 22 or later


REVIEWER = "Dr. Ana Ortiz"


SEEDS = range(40_000, 40_120)  # none that the oracle or the laws use


@cache
def case(name: str) -> Case:
    return load_case(str(ROOT / "examples" / f"{name}.yaml"))


@cache
def examined(name: str) -> Examination:
    return the_reasoner().examine(case(name))


@cache
def request(name: str) -> Json:
    return through(request_bundle(case(name), addresses(rules_folder())))


def through(resource: Json) -> Json:
    """The resource as whoever gets it reads it."""
    found: Json = json.loads(to_json(resource))
    return found


@cache
def told(name: str) -> Proof:
    examination = examined(name)
    return prove(the_reasoner(), examination, decision_day(examination.case))


def answer(
    name: str,
    by: str | None = None,
    lang: str = "en",
    **more: str | Mapping[str, Json] | Review | tuple[Line, ...],
) -> Answer:
    reasoner, examination = the_reasoner(), examined(name)
    language = load_language(lang, reasoner.policy)
    review = reviewed(examination.decision, by)
    notice = tell_notice(reasoner, examination, told(name), language)
    notes = tuple(notes_of(notice, review, language))
    return msgspec.structs.replace(Answer(examination.decision, review, notes, lang), **more)


def respond(bundle: Json, answered: Answer) -> Json:
    found = asked([bundle], "a.json", "seed")
    assert found is not None
    return through(response_bundle(found, answered))


def crd(name: str, answered: Answer) -> Json:
    found = asked([request(name)], "a.json", "seed")
    assert found is not None
    return through(annotated_order(found, answered, canonical(examined(name))))


def asks(name: str, lang: str = "en") -> Json:
    reasoner = the_reasoner()
    language = load_language(lang, reasoner.policy)
    return through(questionnaire(reasoner, examined(name), language))


@cache
def written() -> dict[str, Json]:
    """Everything that is written of every example."""
    found = {f"request {path.stem}": request(path.stem) for path in EXAMPLES}
    found |= {f"request {name}": odd(name)[1] for name in ODD}
    for seed in SEEDS[:30]:
        raw = decode_case(oracle.generate(seed), where="a")
        found[f"request {seed}"] = through(request_bundle(raw, addresses(rules_folder())))
    found["response that names others"] = respond(of_a_clinic(), answer("deny-several"))
    found["reviewed items"] = several(units(24, "2026-03-16"), units(36, "2026-03-18"))
    found["reviewed services"] = several(SERVICE, units(60, "2026-03-16"))
    for name in NAMES:
        reviewed_one = answer(name, REVIEWER, "es", pre_auth_ref="PA-1")
        found[f"response {name}"] = respond(request(name), answer(name))
        found[f"reviewed {name}"] = respond(request(name), reviewed_one)
        found[f"crd {name}"] = crd(name, reviewed_one)
        found[f"questions {name}"] = asks(name, "es")
    return found


def same(decision: Decision) -> Decision:
    """What two decisions on one case must share; a reader says besides what it left unread."""
    return msgspec.structs.replace(decision, unread=())


ODD: dict[str, Json] = {
    "says nothing": {"id": "PA 1 (draft)"},
    "no element can hold it": {
        "id": "a/b",
        "request": {"plan": "A\nB", "code": "x  y", "system": "a system", "product": "Lemtrada"},
        "conditions": [{"id": "é 1", "code": "G35 .A", "system": "the  chart"}],
        "therapies": [
            {"id": "rx", "product": "Avonex", "start": "2024-05", "end": 2023, "ongoing": True}
        ],
        "allergies": [{"id": "al", "product": "Peanuts", "status": "active", "documented": True}],
        "complete": ["therapies"],
        "excerpts": ["doses"],
        "answers": [
            {"question": "hiv", "answer": "3"},
            {"question": "vials_available", "answer": [3, 5], "overrules": ["rx", "é 1"]},
        ],
    },
}


def odd(name: str) -> tuple[Case, Json]:
    before = decode_case(ODD[name], where="a")
    return before, through(request_bundle(before, addresses(rules_folder())))


def action(bundle: Json) -> str:
    (found,) = {code for line in response(bundle)["item"] for code in codes(line)}
    return found


def several(*items: Json) -> Json:
    """Return what answers, as reviewed, to the smaller amount of a Claim with *items*."""
    bundle = copy.deepcopy(request("partial"))
    claim = response(bundle)
    template = claim["item"][0]
    kept = {key: template[key] for key in ("productOrService", "diagnosisSequence")}
    claim["item"] = [kept | {"sequence": at} | one for at, one in enumerate(items, 1)]
    found = asked([bundle], "a.json", "seed")
    assert found is not None
    decision = examined("partial").decision
    approved = decision.quantity.approved or {}
    wanted = found.wanted(the_reasoner().terminology)
    divisible = len(wanted) == 1 or divided(wanted, approved) is not None
    review = reviewed(decision, REVIEWER, divisible=divisible)
    lines = lines_of(review, wanted, len(items), approved)
    return through(response_bundle(found, answer("partial", REVIEWER, review=review, lines=lines)))


SERVICE: Json = {
    "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "96413"}]},
    "quantity": {"value": 1},
}


def units(value: int, day: str) -> Json:
    return {"quantity": {"value": value, "unit": "units"}, "servicedDate": day}


CLINIC = "https://clinic.example/fhir"


def of_a_clinic() -> Json:
    """A request that names parties by relative and by absolute references."""
    bundle = copy.deepcopy(request("deny-several"))
    claim = response(bundle)
    claim["insurer"] = {"reference": "Organization/plan"}
    claim["provider"] = {"reference": f"{CLINIC}/Practitioner/p", "display": "Dr. P"}
    claim["identifier"].insert(0, {"system": "https://clinic.example/claims", "value": "77"})
    del claim["prescription"]
    service = {"reference": "ServiceRequest/s"}
    claim["item"][0]["extension"][0]["valueReference"] = service
    bundle["entry"][0]["fullUrl"] = f"{CLINIC}/Claim/claim"
    patient = claim["patient"]
    others: list[Json] = [
        {"resourceType": "Organization", "id": "plan", "name": "Plan",
         "partOf": {"reference": "Organization/all"}},
        {"resourceType": "Organization", "id": "all", "name": "All"},
        {"resourceType": "Practitioner", "id": "p"},
        {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
         "subject": patient},
    ]  # fmt: skip
    for one in others:
        url = f"{CLINIC}/{one['resourceType']}/{one['id']}"
        bundle["entry"].append({"fullUrl": url, "resource": one})
    return bundle


def information(order: Json) -> dict[str, list[Json]]:
    (found,) = [one for one in order["extension"] if "coverage-information" in one["url"]]
    parts: dict[str, list[Json]] = {}
    for part in found["extension"]:
        parts.setdefault(part["url"], []).append(part)
    return parts


def keeps_the_rules_of_crd(parts: dict[str, list[Json]]) -> bool:
    """The guide's invariants crd-ci-q1 to q5, and what it wants once."""
    covered = parts["covered"][0]["valueCode"]
    needed = parts.get("pa-needed", [{}])[0].get("valueCode")
    once = all(len(parts[name]) == 1 for name in ("coverage", "date", "coverage-assertion-id"))
    return (
        once
        and ("questionnaire" not in parts or "doc-needed" in parts)
        and (covered != "not-covered") == ("pa-needed" in parts)
        and "info-needed" not in parts
        and (needed == "satisfied") == ("satisfied-pa-id" in parts)
    )
