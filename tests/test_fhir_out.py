"""Coverage information, questions and their answers, and the commands that write FHIR."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.element import to_json
from exchange.questionnaire import questionnaire
from exchange.request import request_bundle
from explain.language import load_language
from fhir_out_parts import (
    NAMES,
    REVIEWER,
    ROOT,
    Json,
    action,
    answer,
    asks,
    crd,
    examined,
    information,
    keeps_the_rules_of_crd,
    request,
    through,
    written,
)
from pas_rules import broken, resources, response
from reasoner.case import decode_case, load_case
from reasoner.cli import run
from reasoner.fhir.vocabulary import ANSWERS, RESTATED
from shipped import the_reasoner


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
