"""What goes out as FHIR: it reads back, it is valid R4, it keeps the rules of the guides."""

import copy
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

import oracle
from exchange.asked import asked
from exchange.coverage import annotated_order
from exchange.element import to_json
from exchange.lines import Line, divided, lines_of
from exchange.notes import notes_of
from exchange.questionnaire import canonical, questionnaire
from exchange.reasons import read_reason_codes
from exchange.request import request_bundle
from exchange.response import Answer, response_bundle
from exchange.review import WHY, Review, reviewed
from exchange.systems import addresses
from explain.language import load_language
from explain.proof import Proof, prove
from explain.telling import tell_notice
from pas_rules import broken, codes, lines, resources, response, reviewer
from reasoner.case import decode_case, load_case
from reasoner.cli import run
from reasoner.decision import Decision
from reasoner.engine import Examination, decision_day
from reasoner.errors import CaseError
from reasoner.fhir.vocabulary import ANSWERS, RESTATED
from reasoner.model import Case
from reasoner.policy import rules_folder
from shipped import the_reasoner

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
    for name in NAMES:
        reviewed_one = answer(name, REVIEWER, "es", pre_auth_ref="PA-1")
        found[f"response {name}"] = respond(request(name), answer(name))
        found[f"reviewed {name}"] = respond(request(name), reviewed_one)
        found[f"crd {name}"] = crd(name, reviewed_one)
        found[f"questions {name}"] = asks(name, "es")
    return found


# --- a case, written and read back -------------------------------------------------------


def same(decision: Decision) -> Decision:
    """What two decisions on one case must share; a reader says besides what it left unread."""
    return msgspec.structs.replace(decision, unread=())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reads_back_as_itself(path: Path) -> None:
    before = case(path.stem)
    after = decode_case(request(path.stem), where="a.json")
    expected = msgspec.structs.replace(before, origin="", unread=())
    assert msgspec.structs.replace(after, origin="", unread=()) == expected
    assert after.digest == before.digest
    decision = the_reasoner().decide(after)
    assert same(decision) == same(examined(path.stem).decision)


@pytest.mark.parametrize("first", SEEDS[::20])
def test_a_generated_case_reads_back_as_itself(first: int) -> None:
    for seed in range(first, first + 20):
        before = decode_case(oracle.generate(seed), where="a")
        bundle = through(request_bundle(before, addresses(rules_folder())))
        after = decode_case(bundle, where="a.json")
        expected = msgspec.structs.replace(before, origin="", unread=())
        assert msgspec.structs.replace(after, origin="", unread=()) == expected, seed
        assert after.digest == before.digest


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


@pytest.mark.parametrize("name", ODD)
def test_an_odd_case_reads_back_as_itself(name: str) -> None:
    before, bundle = odd(name)
    assert decode_case(bundle, where="a.json").digest == before.digest


ORDERS = sorted((ROOT / "examples" / "fhir").glob("*.json"))


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.stem)
def test_the_case_of_an_order_reads_back_as_itself(path: Path) -> None:
    before = load_case(str(path))
    bundle = through(request_bundle(before, addresses(rules_folder())))
    after = decode_case(bundle, where="a.json")
    expected = msgspec.structs.replace(before, origin="", unread=(), digest="")
    assert msgspec.structs.replace(after, origin="", unread=(), digest="") == expected


def test_a_dose_over_some_days_reads_back_as_such() -> None:
    bundle = copy.deepcopy(request("partial"))
    for one in resources(bundle):
        if one["resourceType"] == "MedicationAdministration":
            del one["extension"], one["effectiveDateTime"]
            one["effectivePeriod"] = {"start": "2024-02", "end": "2024-02-20"}
    before = decode_case(bundle, where="a.json")
    assert before.doses[0].date is not None
    assert before.doses[0].date.text == "2024-02/2024-02-20"
    after = decode_case(through(request_bundle(before, {})), where="a.json")
    assert after.doses == before.doses
    assert after.excerpts == before.excerpts


def test_the_same_case_gives_the_same_bytes() -> None:
    systems = addresses(rules_folder())
    first, second = (request_bundle(case("partial"), systems) for _ in range(2))
    assert to_json(first) == to_json(second)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "section", "valueCode": "drugs"}, "`drugs` is no section of a case"),
        ({"url": "response", "valueString": "bad"}, "response"),
        ({"url": "responce", "valueString": "adequate"}, "unknown key `responce`"),
        ({"url": "response"}, "`response` has no value"),
    ],
)
def test_a_restatement_of_nothing_is_an_error_with_its_place(change: Json, said: str) -> None:
    bundle = copy.deepcopy(request("deny-several"))
    at = next(
        at
        for at, one in enumerate(resources(bundle))
        if one["resourceType"] == "MedicationStatement"
    )
    parts = bundle["entry"][at]["resource"]["extension"][0]["extension"]
    if change["url"] == "section":
        parts[0] = change
    else:
        parts[1:] = [part for part in parts[1:] if part["url"] != change["url"]]
        parts.append(change)
    with pytest.raises(CaseError) as error:
        decode_case(bundle, where="a.json")
    assert said in error.value.message
    assert f"/entry/{at}/resource" in error.value.where


def test_whose_record_it_is_cannot_be_restated() -> None:
    bundle = copy.deepcopy(request("deny-several"))
    bundle["entry"].append({"resource": {"resourceType": "Patient", "id": "another"}})
    for one in resources(bundle):
        if one["resourceType"] == "MedicationStatement":
            del one["subject"]
            one["extension"][0]["extension"].append({"url": "documented", "valueBoolean": True})
    found = decode_case(bundle, where="a.json")
    assert [one.documented for one in found.therapies] == [False] * len(found.therapies)


# --- what is written is valid ------------------------------------------------------------


def tool() -> str:
    """Node.js, where it and the validator are installed."""
    node = shutil.which("node")
    version = node and subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    )
    old = not version or int(version.stdout.strip("v\n").partition(".")[0] or 0) < NEWEST_REFUSED
    if node is None or old or not (VALIDATOR / "node_modules").is_dir():
        if os.environ.get("REQUIRE_TOOLS"):
            pytest.fail("no validator of FHIR is installed, and REQUIRE_TOOLS asks for it")
        pytest.skip("no validator: Node.js 22, and `npm ci --prefix tests/fhir_validator`")
    return node


@pytest.fixture(scope="module")
def validated() -> Callable[[str], list[str]]:
    """What the validator says, by name: one process for everything that is written."""
    node = tool()
    given = list(written().items()) + [(name, one) for name, one, _ in CORRUPTED]
    bound, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        ran = subprocess.run(
            [node, str(VALIDATOR / "validate.mjs")],
            input=json.dumps(given), capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found.__getitem__


KINDS = ("request", "response", "reviewed", "crd", "questions")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_valid_r4(kind: str, validated: Callable[[str], list[str]]) -> None:
    names = [name for name in written() if name.startswith(f"{kind} ")]
    assert len(names) >= len(NAMES)
    assert {name: validated(name) for name in names} == {name: [] for name in names}


def corrupted() -> Iterator[tuple[str, Json, str]]:
    """A response with one fault, and a word of what the validator must say of it."""
    plain = request("partial")
    claim = plain["entry"][0]["resource"]

    def changed(**fields: object) -> Json:
        kept = {k: v for k, v in {**claim, **fields}.items() if v is not None}
        return {**plain, "entry": [{**plain["entry"][0], "resource": kept}, *plain["entry"][1:]]}

    yield "lacks a field", changed(priority=None), "Missing required property"
    yield "has another field", changed(colour="red"), "additional property"
    yield "has an unknown code", changed(use="purchase"), "not a code of"
    yield "has no date", changed(created="last week"), "Invalid"
    yield "has a list for one", changed(status=["active"]), "Claim.status"
    yield "has a type that is none", changed(item=[{"sequence": "one"}]), "Claim.item"
    twice = {**plain, "entry": [plain["entry"][0], plain["entry"][0]]}
    yield "has an entry twice", twice, "bdl-7"


CORRUPTED = list(corrupted())


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, said in CORRUPTED])
def test_the_validator_refuses_what_is_corrupt(
    name: str, said: str, validated: Callable[[str], list[str]]
) -> None:
    faults = validated(name)
    assert any(said in fault or said in fault.replace("resource.", "Claim.") for fault in faults), (
        faults
    )


def test_a_response_keeps_the_rules_of_the_guide() -> None:
    for name, one in written().items():
        if name.startswith(("response", "reviewed")):
            assert broken(one) == [], name


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("type",), "batch", "type is collection"),
        (("timestamp",), "2026-03-05", "timestamp"),
        (("entry", 0, "resource", "patient"), {"reference": "Patient/x"}, "patient"),
        (("entry", 0, "resource", "outcome"), "queued", "outcome"),
        (("entry", 0, "resource", "preAuthRef"), "PA", "preAuthRef"),
        (("entry", 0, "resource", "item", 0, "noteNumber"), [99], "noteNumber"),
        (("entry", 0, "resource", "item", 0, "adjudication", 0, "extension"), [], "reviewAction"),
        (("entry", 0, "resource", "extension"), [], "wasHumanReviewedFlag"),
    ],
)
def test_the_rules_see_what_is_broken(path: tuple[Any, ...], value: object, said: str) -> None:
    bundle = copy.deepcopy(written()["response deny-several"])
    below: Any = bundle
    for step in path[:-1]:
        below = below[step]
    below[path[-1]] = value
    assert any(said in rule for rule in broken(bundle))


# --- what a response says ----------------------------------------------------------------


def action(bundle: Json) -> str:
    (found,) = {code for line in response(bundle)["item"] for code in codes(line)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_denied_without_a_reviewer(name: str) -> None:
    recommended = examined(name).decision.recommendation
    plain, confirmed = (written()[f"{kind} {name}"] for kind in ("response", "reviewed"))
    assert action(plain) == ("A1" if recommended == "approve" else "A4")
    expected = {"approve": "A1", "deny": "A3", "partial": "A6"}.get(recommended, "A4")
    assert action(confirmed) == expected
    assert reviewer(plain) == [False]
    assert reviewer(confirmed) == [expected != "A4"]
    notes = [one["text"] for one in response(plain)["processNote"]]
    assert ("draft" in notes[0]) == (recommended in {"deny", "partial", "refer"})


def test_a_smaller_amount_is_added_as_it_is_billed() -> None:
    (added,) = response(written()["reviewed partial"])["addItem"]
    assert added["quantity"] == {"value": 36, "unit": "units"}
    assert codes(added) == ["A1"]
    assert "addItem" not in response(written()["response partial"])


def several(*items: Json) -> Json:
    """Return the response, as reviewed, to the smaller amount of a Claim with *items*."""
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
    told = through(response_bundle(found, answer("partial", REVIEWER, review=review, lines=lines)))
    assert broken(told) == []
    return response(told)


def units(value: int, day: str) -> Json:
    return {"quantity": {"value": value, "unit": "units"}, "servicedDate": day}


@pytest.mark.parametrize(
    ("amounts", "actions", "added"),
    [
        ([(12, 16), (12, 17), (12, 18), (12, 19), (12, 20)], "A1 A1 A1 A3 A3", []),
        ([(24, 16), (36, 18)], "A1 A6", [([2], 12)]),
        ([(36, 18), (24, 16)], "A6 A1", [([1], 12)]),  # day by day, in whatever order
    ],
)
def test_a_smaller_amount_is_divided_day_by_day(
    amounts: list[tuple[int, int]], actions: str, added: list[tuple[list[int], int]]
) -> None:
    told = several(*(units(value, f"2026-03-{day}") for value, day in amounts))
    assert [codes(item) for item in told["item"]] == [[one] for one in actions.split()]
    more = told.get("addItem", [])
    assert [(one["itemSequence"], one["quantity"]["value"]) for one in more] == added


def test_what_the_policy_does_not_decide_on_stays_pended() -> None:
    cpt = {"system": "http://www.ama-assn.org/go/cpt", "code": "96413"}
    service = {"productOrService": {"coding": [cpt]}, "quantity": {"value": 1}}
    told = several(service, units(60, "2026-03-16"))
    assert [codes(item) for item in told["item"]] == [["A4"], ["A6"]]
    (added,) = told["addItem"]
    assert (added["itemSequence"], added["quantity"]["value"]) == ([2], 36)


def test_an_amount_that_no_item_states_is_divided_by_nobody() -> None:
    told = several({}, units(60, "2026-03-16"))
    assert [codes(item) for item in told["item"]] == [["A4"], ["A4"]]
    assert "addItem" not in told
    found = reviewed(examined("partial").decision, REVIEWER, divisible=False)
    assert (found.action, found.by, found.why) == ("A4", None, WHY["items"])


def test_the_number_is_there_only_where_one_is_given() -> None:
    with_number = respond(request("approve"), answer("approve", pre_auth_ref="PA-7"))
    assert response(with_number)["preAuthRef"] == "PA-7"
    assert "preAuthRef" not in response(written()["response approve"])
    assert "preAuthRef" not in response(written()["reviewed deny-hiv"])


def test_notes_speak_the_language_of_the_reader() -> None:
    notes = response(written()["reviewed deny-several"])["processNote"]
    assert {one["language"]["coding"][0]["code"] for one in notes} == {"es"}
    assert f"Una persona lo revisó: {REVIEWER}." in [one["text"] for one in notes]
    grounds = [one["text"].partition(":")[0] for one in notes]
    assert {"approval.II", "exclusion.IV", "exclusion.V"} <= set(grounds)


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


def test_whom_the_request_names_comes_along() -> None:
    found = written()["response that names others"]
    assert broken(found) == []
    kinds = [one["resourceType"] for one in resources(found)]
    assert kinds == ["ClaimResponse", "Patient", "Organization", "Practitioner", "Organization"]
    assert response(found)["insurer"] == {"reference": f"{CLINIC}/Organization/plan"}
    assert response(found)["request"]["identifier"]["value"] == "77"


def test_a_service_that_is_asked_for_carries_the_coverage_information() -> None:
    found = asked([of_a_clinic()], "a.json", "seed")
    assert found is not None
    order = through(annotated_order(found, answer("deny-several"), None))
    assert order["resourceType"] == "ServiceRequest"
    assert keeps_the_rules_of_crd(information(order))


def test_reason_codes_come_from_the_users_table(tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text(
        "reason,system,code\napproval.II,https://x.example/r,7\npended,https://x.example/r,P\n"
    )
    clauses = [clause.id for clause in the_reasoner().policy.identity.clauses]
    found = read_reason_codes(table, clauses)

    def told_codes(by: str | None) -> list[str]:
        bundle = respond(request("deny-several"), answer("deny-several", by, codes=found))
        return [
            part["valueCodeableConcept"]["coding"][0]["code"]
            for line in lines(bundle)
            for part in line["adjudication"][0]["extension"][0]["extension"]
            if part["url"] == "reasonCode"
        ]

    assert told_codes(REVIEWER) == ["7"]
    assert told_codes(None) == ["P"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reason,code\n", "the column `system` is missing"),
        ("reason,system,code\napproval.2,a,b\n", "`approval.2` is no clause of the policy"),
        ("reason,system,code\napproval.II,a,\n", "`system` and `code` must be filled"),
        ("reason,system,code\napproval.II,a,b\napproval.II,a,c\n", "`approval.II` has two codes"),
        ("reason,system,code\nx", "`x` is no clause"),
    ],
)
def test_a_table_that_is_none_is_an_error_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    table = tmp_path / "codes.csv"
    table.write_text(text)
    with pytest.raises(CaseError) as error:
        read_reason_codes(table, ["approval.II"])
    assert said in error.value.message
    assert str(table) in error.value.where


# --- coverage information ----------------------------------------------------------------


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


@pytest.mark.parametrize("name", NAMES)
def test_coverage_information_keeps_the_rules_of_its_guide(name: str) -> None:
    recommended = examined(name).decision.recommendation
    plain = information(crd(name, answer(name)))
    confirmed = information(written()[f"crd {name}"])
    assert keeps_the_rules_of_crd(plain)
    assert keeps_the_rules_of_crd(confirmed)
    assert plain["covered"][0]["valueCode"] == (
        "covered" if recommended == "approve" else "conditional"
    )
    if recommended == "deny":
        assert confirmed["covered"][0]["valueCode"] == "not-covered"
    assert ("questionnaire" in plain) == bool(examined(name).decision.missing)


def test_the_number_satisfies_the_authorization() -> None:
    parts = information(written()["crd approve"])
    assert parts["pa-needed"][0]["valueCode"] == "satisfied"
    assert parts["satisfied-pa-id"][0]["valueString"] == "PA-1"


# --- pend, ask, answer, decide -----------------------------------------------------------


def items(questions: Json) -> Iterator[Json]:
    waiting = list(questions.get("item", []))
    while waiting:
        item = waiting.pop(0)
        waiting += item.get("item", [])
        if item["type"] != "group":
            yield item


def answered(questions: Json, given: dict[str, str | int]) -> Json:
    """The QuestionnaireResponse of somebody who answers *given*."""
    known = {item["linkId"]: item for item in items(questions)}
    found = []
    for question, value in given.items():
        item = known[question]
        if item["type"] == "integer":
            found.append({"linkId": question, "answer": [{"valueInteger": value}]})
            continue
        (coding,) = [
            option["valueCoding"]
            for option in item["answerOption"]
            if option["valueCoding"]["code"] == value
        ]
        found.append({"linkId": question, "answer": [{"valueCoding": coding}]})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "answers",
        "questionnaire": questions["url"],
        "status": "completed",
        "subject": {"reference": "Patient/patient"},
        "authored": "2026-03-12",
        "author": {"display": "treating neurologist"},
        "item": found,
    }


def test_what_is_asked_is_what_is_missing() -> None:
    links = {item["linkId"] for item in items(written()["questions pend-missing"])}
    assert links == {"hiv", "phenotype"}
    options = {item["linkId"]: item["answerOption"] for item in items(asks("pend-missing"))}
    assert [one["valueCoding"]["code"] for one in options["hiv"]] == ["negative", "positive"]
    assert {one["valueCoding"]["system"] for one in options["hiv"]} == {ANSWERS}
    assert "item" not in written()["questions approve"]
    (family,) = asks("pend-undocumented")["item"]
    assert (family["linkId"], family["type"]) == ("failed(_)", "group")


def test_every_answer_that_is_offered_is_one_of_the_policy() -> None:
    reasoner = the_reasoner()
    for name in NAMES:
        for item in items(written()[f"questions {name}"]):
            known = {
                str(one)
                for q, s in reasoner.worlds.answers.items()
                if str(q) == item["linkId"]
                for one in s
            }
            if item["type"] == "integer":
                values = {str(one["valueInteger"]) for one in item["extension"]}
                assert values <= known
            else:
                assert {one["valueCoding"]["code"] for one in item["answerOption"]} == known


def test_a_whole_number_is_asked_for_as_one() -> None:
    document = {
        "id": "a",
        "request": {"plan": "MMM MA", "product": "Lemtrada", "received": "2026-03-01"},
    }
    examination = the_reasoner().examine(decode_case(document, where="a"))
    language = load_language("en", the_reasoner().policy)
    found = {
        item["linkId"]: item for item in items(questionnaire(the_reasoner(), examination, language))
    }
    assert found["vials_requested"]["type"] == "integer"
    assert found["failed(others)"]["type"] == "integer"
    assert found["failed(others)"]["text"].endswith("Further ones:")


def test_what_is_asked_and_answered_is_decided(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Pend, ask, answer, decide: each step by its command, and nothing in between by hand."""
    record, questions = tmp_path / "request.json", tmp_path / "questions.json"
    command(capsys, "to-fhir", example("pend-missing"), "-o", str(record))
    command(capsys, "questionnaire", str(record), "-o", str(questions))
    given: dict[str, str | int] = {"hiv": "negative", "phenotype": "rrms"}
    filled = answered(json.loads(questions.read_text()), given)
    bundle = json.loads(record.read_text())
    patient = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    filled["subject"] = {"reference": patient["fullUrl"]}
    bundle["entry"].append({"fullUrl": "urn:uuid:00000000-0000-5000-8000-1", "resource": filled})
    record.write_text(json.dumps(bundle))
    status, out, _ = command(capsys, "decide", str(record), "--format", "json")
    assert (status, json.loads(out)["recommendation"]) == (0, "approve")
    assert json.loads(out)["decided_on"] == "2026-03-12"
    found = load_case(str(record)).answers
    assert [(one.question, one.answer, one.by) for one in found] == [
        ("hiv", "negative", "treating neurologist"),
        ("phenotype", "rrms", "treating neurologist"),
    ]


def test_a_number_and_a_pair_are_answered_as_such() -> None:
    asks_for = {"plan": "MMM MA", "product": "Lemtrada", "course": 2}
    case_ = decode_case({"id": "a", "request": asks_for}, where="a")
    examination = the_reasoner().examine(case_)
    language = load_language("en", the_reasoner().policy)
    asked_ = through(questionnaire(the_reasoner(), examination, language))
    filled = answered(asked_, {"vials_requested": 3, "vials_available": "(3,5)"})
    bundle = through(request_bundle(case_, {}))
    bundle["entry"].append(
        {"resource": {**filled, "subject": bundle["entry"][0]["resource"]["patient"]}}
    )
    found = decode_case(bundle, where="a.json").answers
    assert [one.answer for one in found] == [3, (3, 5)]


# --- the commands ------------------------------------------------------------------------


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run(list(arguments))
    out = capsys.readouterr()
    return status, out.out, out.err


def example(name: str) -> str:
    return str(ROOT / "examples" / f"{name}.yaml")


def test_respond_gives_the_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = command(capsys, "respond", example("deny-hiv"), "--format", "json")
    assert status == 0
    assert broken(json.loads(out)) == []
    status, out, _ = command(capsys, "respond", example("deny-hiv"), "--reviewed-by", REVIEWER)
    assert (status, out.splitlines()[0][:2]) == (0, "A3")


def test_what_the_policy_does_not_govern_gets_no_response(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = tmp_path / "out.json"
    status, out, err = command(capsys, "respond", example("not-applicable"), "-o", str(place))
    assert (status, out) == (3, "")
    assert "error[respond.not_applicable]" in err
    assert not place.exists()


def test_several_cases_give_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    names = [example("approve"), example("not-applicable"), example("deny-hiv")]
    status, out, _ = command(capsys, "respond", *names, "--format", "json")
    first, second, third = map(json.loads, out.splitlines())
    assert status == 3
    assert (action(first), action(third)) == ("A1", "A4")
    assert second["error"]["code"] == "respond.not_applicable"


def test_a_fhir_request_is_answered_in_its_own_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "request.json"
    path.write_bytes(to_json(request("partial")))
    status, out, _ = command(capsys, "respond", str(path), "--format", "json")
    assert status == 0
    found = json.loads(out)
    patient = next(e["fullUrl"] for e in request("partial")["entry"]
                   if e["resource"]["resourceType"] == "Patient")  # fmt: skip
    assert response(found)["patient"] == {"reference": patient}


@pytest.mark.parametrize("text", ["a\ud800b", "a\x00b", "x" * 100_001])
def test_what_cannot_be_written_again_is_an_error_with_its_place(
    text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bundle = copy.deepcopy(request("deny-hiv"))
    patient = next(one for one in resources(bundle) if one["resourceType"] == "Patient")
    patient["maritalStatus"] = {"text": text}
    path = tmp_path / "request.json"
    path.write_text(json.dumps(bundle))
    status, out, err = command(capsys, "respond", str(path), "--format", "json")
    assert (status, out) == (3, "")
    assert "/entry/1/resource/maritalStatus/text" in json.loads(err)["error"]["where"]


def test_a_response_without_a_day_asks_for_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: a\nrequest: {plan: MMM MA, product: Lemtrada}\n")
    status, _, err = command(capsys, "respond", str(path))
    assert status == 2
    assert "--decided-on" in err
    status, out, _ = command(
        capsys, "respond", str(path), "--decided-on", "2026-03-01", "--format", "json"
    )
    assert (status, response(json.loads(out))["created"]) == (0, "2026-03-01T00:00:00Z")


def test_a_case_is_written_and_decided_alike(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "request.json"
    status, out, _ = command(capsys, "to-fhir", example("conflict"), "-o", str(path))
    assert status == 0
    assert "the Claim first" in out
    decisions = [
        command(capsys, "decide", one, "--format", "json")[1]
        for one in (example("conflict"), str(path))
    ]
    first, second = map(json.loads, decisions)
    for name in ("case", "recommendation", "grounds", "clauses", "conflicts", "missing"):
        assert first[name] == second[name]


def test_the_questionnaire_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = command(capsys, "questionnaire", example("pend-missing"))
    assert status == 0
    assert "answers: negative, positive" in out


def test_the_hash_seed_changes_no_byte() -> None:
    arguments = [sys.executable, "-m", "reasoner", "respond", example("split"), "--format", "json"]
    first, second = (
        subprocess.run(
            arguments,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("0", "1")
    )
    assert first == second


def test_every_record_that_is_written_says_what_it_is() -> None:
    for one in resources(request("approve-second-course")):
        if one["resourceType"] not in {"Coverage", "MedicationRequest"}:
            assert any(e["url"] == RESTATED for e in one["extension"]), one["resourceType"]
