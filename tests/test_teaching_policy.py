"""The invented policy: its examples, an independent reading of it, and how cases come to it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import teaching_oracle as oracle
from reasoner import terminology
from reasoner.case import decode_case, load_case
from reasoner.cli import run
from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.governance import Governance
from reasoner.policy import load_policy, rules_folder
from workbench.skeleton import TEMPLATE

POLICY = "teaching-infliximab"
LEMTRADA = "mp-rx-fp-52-23"
EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "teaching"
COUNT = 400


@cache
def reasoner() -> Reasoner:
    rules = rules_folder()
    return Reasoner(
        load_policy(rules, POLICY), terminology.load(rules / "terminology"), version="0"
    )


def said(decision: Decision) -> dict[str, object]:
    approved, months = decision.quantity.approved, decision.authorization
    return {
        "recommendation": decision.recommendation,
        "mg": approved["mg"] if approved else None,
        "months": months.months if months else None,
        "grounds": {g for g in decision.grounds if isinstance(g, str)}
        if decision.recommendation == "deny"
        else None,
    }


def expected(answer: dict[str, object]) -> dict[str, object]:
    return answer | {"mg": answer["mg"] or None}


def test_the_rules_agree_with_the_oracle() -> None:
    raw = [oracle.generate(seed) for seed in range(COUNT)]
    cases = [decode_case(one, where=one["id"]) for one in raw]
    found = {
        one["id"]: (expected(oracle.decide(one)), said(decision))
        for one, decision in zip(raw, reasoner().decide_many(cases), strict=True)
    }
    assert {seed: both for seed, both in found.items() if both[0] != both[1]} == {}
    results = [both[0]["recommendation"] for both in found.values()]
    assert {"approve", "partial", "deny", "pend", "not_applicable"} <= set(results)


@pytest.mark.parametrize(
    ("name", "recommendation", "mg", "months"),
    [
        ("approve", "approve", 400, 6),
        ("later-course", "approve", 400, 12),
        ("partial", "partial", 500, 6),
        ("unless", "approve", 400, 6),
        ("deny", "deny", None, None),
        ("pend", "pend", None, None),
    ],
)
def test_an_example(name: str, recommendation: str, mg: int | None, months: int | None) -> None:
    decision = reasoner().decide(load_case(str(EXAMPLES / f"{name}.yaml")))
    found = said(decision)
    assert (found["recommendation"], found["mg"], found["months"]) == (recommendation, mg, months)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_notice_tells_of_numbers_that_no_rule_lists(
    capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    """A weight of 120 kg is an answer that only this case names."""
    path = str(EXAMPLES / "partial.yaml")
    assert run(["notice", path, "--lang", lang]) == 0
    assert ("6 months" if lang == "en" else "6 meses") in capsys.readouterr().out


def test_the_length_of_an_approval_must_be_certain() -> None:
    """Both courses would be approved with the same quantity, and for different months."""
    raw = load_case(str(EXAMPLES / "approve.yaml"))
    assert reasoner().decide(raw).recommendation == "approve"
    document = {
        **_document("approve"),
        "answers": [{"question": "responded", "answer": "yes"}],
    }
    del document["request"]["course"]
    decision = reasoner().decide(decode_case(document, where="course not stated"))
    assert decision.recommendation == "pend"
    assert [one.question for one in decision.missing] == ["course"]


def _document(name: str) -> dict[str, Any]:
    return _plain(yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")))


def _plain(value: object) -> dict[str, Any]:
    """Dates as text, as JSON has them."""

    def plain(one: object) -> object:
        if isinstance(one, dict):
            return {key: plain(inner) for key, inner in one.items()}
        if isinstance(one, list):
            return [plain(inner) for inner in one]
        return one.isoformat() if isinstance(one, dt.date) else one

    found = plain(value)
    assert isinstance(found, dict)
    return found


# --- which policy governs -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "policy"),
    [
        ({"product": "Remicade"}, POLICY),
        ({"hcpcs": "J1745"}, POLICY),
        ({"code": "191831", "system": "rxnorm"}, POLICY),
        ({"product": "Lemtrada"}, LEMTRADA),
        ({"product": "Humira"}, LEMTRADA),  # governed by none: the real policy says so
        ({}, LEMTRADA),
    ],
)
def test_a_case_comes_to_the_policy_of_its_drug(request_: dict[str, object], policy: str) -> None:
    case = decode_case({"id": "x", "request": request_}, where="here")
    assert Governance(rules_folder()).of(case, reasoner().terminology, None) == policy


def test_a_policy_not_in_force_is_not_applied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (EXAMPLES / "approve.yaml").read_text(encoding="utf-8")
    path = tmp_path / "early.yaml"
    path.write_text(text.replace("[2026-03-16]", "[2025-12-31]"), encoding="utf-8")
    assert run(["decide", str(path)]) == 2
    error = capsys.readouterr().err
    assert "no policy for `Remicade` is in force on 2025-12-31" in error
    assert run(["decide", str(path), "--policy", POLICY]) == 0


def test_a_stream_may_hold_cases_of_several_policies(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["approve", "../approve", "partial"]
    assert run(["decide", *(str(EXAMPLES / f"{name}.yaml") for name in names)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-1] for line in lines if "for 6 months" in line] != []
    assert "5 vials" in lines[1]


def test_several_real_policies_have_to_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules"))
    toml = rules / "policies" / POLICY / "policy.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("invented = true\n", ""), "utf-8")
    case = tmp_path / "case.yaml"
    case.write_text("id: x\n", encoding="utf-8")
    assert run(["decide", str(case), "--rules", str(rules)]) == 2
    assert "name the policy" in capsys.readouterr().err


# --- a new policy ---------------------------------------------------------------------------------


def test_a_new_policy_passes_from_its_first_minute(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules"))
    options = ["--rules", str(rules)]
    assert run(["policy", "new", "rx-17", *options]) == 0
    for command in ("check", "verify", "test"):
        assert run([command, "rx-17", *options]) == 0, command
    assert "VIOLATED" not in capfd.readouterr().out
    assert not list((rules / "policies").glob(".new-*"))


def test_a_new_policy_is_not_written_into_the_installed_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "reasoner" / "_rules"
    (installed / "policies").mkdir(parents=True)
    monkeypatch.setattr("reasoner.installed.__file__", str(tmp_path / "reasoner" / "installed.py"))
    assert run(["policy", "new", "rx-17"]) == 2
    told = capsys.readouterr().err
    assert f"--> {installed}" in told
    assert f"cp -r {installed} rules" in told
    assert "--rules rules" in told
    assert not list((installed / "policies").iterdir())


@pytest.mark.parametrize("name", ["rx-17", "RX 17", "../rx", "-", "rx_17"])
def test_a_new_policy_takes_no_place_and_no_other_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    taken = tmp_path / "policies" / "rx-17"
    taken.mkdir(parents=True)
    (taken / "mine.txt").write_text("mine", encoding="utf-8")
    assert run(["policy", "new", "--rules", str(tmp_path), "--", name]) == 2
    assert "error[usage.policy]" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mine.txt"]


def test_the_template_is_the_policy_of_the_guides() -> None:
    """What `policy new` writes is what the authoring and the testing guide show."""
    docs = Path(__file__).resolve().parent.parent / "docs"
    texts = "".join((docs / f"{name}.md").read_text("utf-8") for name in ("authoring", "testing"))
    place = "rules/policies/demo-natalizumab/"
    shown = {
        name.removeprefix(place): text
        for name, text in re.findall(r"<!-- file:(\S+) -->\n```\w+\n((?:(?!```).*\n)*)```\n", texts)
        if name.startswith(place)
    }
    written = {
        path.relative_to(TEMPLATE).as_posix(): path.read_text("utf-8")
        for path in TEMPLATE.rglob("*")
        if path.is_file()
    }
    assert written == shown
