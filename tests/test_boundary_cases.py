"""`policy boundaries`: on both sides of every clause a case that is decided as its row says."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from reasoner.case import decode_case
from reasoner.cli import run
from reasoner.cli.failure import ANSWERED
from reasoner.policy import rules_folder
from shipped import the_reasoner
from workbench.boundaries import Boundary, boundaries
from workbench.boundaries import test_row as row_of
from workbench.edges import edges

CRITERIA = "policies/mp-rx-fp-52-23/criteria.lp"


@pytest.fixture(scope="module")
def found() -> list[Boundary]:
    return list(boundaries(the_reasoner()))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    path = tmp_path_factory.mktemp("boundaries") / "boundaries.yaml"
    run_of = ["policy", "boundaries", "mp-rx-fp-52-23", "--no-days", "-o", str(path)]
    assert run(run_of) == ANSWERED
    read: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read["rows"]


def test_every_clause_has_two_sides(found: list[Boundary]) -> None:
    clauses = [clause.id for clause in the_reasoner().policy.identity.clauses]
    assert list(dict.fromkeys(one.clause for one in found)) == clauses
    assert [one.clause for one in found if not one.cases] == []


def test_the_sides_differ_in_one_thing_and_in_the_recommendation(found: list[Boundary]) -> None:
    for one in found:
        first, second = ({a.question: a.answer for a in case.case.answers} for case in one.cases)
        assert first.keys() == second.keys()
        assert [q for q in first if first[q] != second[q]] == [one.changed]
        assert one.cases[0].readings == one.cases[1].readings == {}
        results = [case.decision.recommendation for case in one.cases]
        assert results[0] != results[1], one.clause


def test_a_day_to_each_side() -> None:
    found = list(edges(the_reasoner()))
    turns = {
        (one.clause, one.changed): [case.decision.recommendation for case in one.cases]
        for one in found
    }
    assert turns["exclusion.IV", "therapies.added.end"] == ["approve", "deny"]
    assert turns["exclusion.V", "conditions.added.end"] == ["approve", "deny"]
    assert turns["exclusion.VI", "member.birth_date"] == ["approve", "deny"]
    assert turns["quantity.limit", "doses.added.date"] == ["approve", "deny"]
    for one in found:
        days = [_at(case.document, one.changed) for case in one.cases]
        first, second = (dt.date.fromisoformat(day) for day in days)
        assert second - first == dt.timedelta(days=1)
        statuses = [
            next(clause.status for clause in case.decision.clauses if clause.id == one.clause)
            for case in one.cases
        ]
        assert tuple(statuses) == one.statuses
        assert statuses[0] != statuses[1]
    named = [row_of(one, side)["name"] for one in found for side in (0, 1)]
    assert "exclusion.VI clear, member birth_date = 2008-03-16" in named
    assert "exclusion.VI applies, member birth_date = 2008-03-17" in named


def _at(document: dict[str, Any], place: str) -> str:
    section, *record, field = place.split(".")
    content = document[section]
    found = next(one for one in content if [one["id"]] == record) if record else content
    return str(found[field])


def test_numbers_are_next_to_each_other(found: list[Boundary]) -> None:
    sides = {one.clause: one for one in found}
    answers = [
        next(a.answer for a in case.case.answers if a.question == "failed(others)")
        for case in sides["approval.II"].cases
    ]
    assert answers == [2, 1]


def test_every_row_is_decided_as_it_expects(rows: list[dict[str, Any]]) -> None:
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names) == 24
    for row in rows:
        case = _plain({"id": "row", **row["case"]})
        decision = the_reasoner().decide(
            decode_case(case, where=row["name"]), readings=row.get("readings")
        )
        (expected,) = row["expect"].keys() - {"clauses"}
        assert decision.recommendation == expected, row["name"]
        statuses = {clause.id: clause.status for clause in decision.clauses}
        assert statuses.items() >= row["expect"]["clauses"].items()
        value = row["expect"][expected]
        if expected == "deny":
            assert [list(g) if isinstance(g, tuple) else g for g in decision.grounds] == value
        if expected in ("approve", "partial"):
            assert decision.quantity.approved is not None
            assert decision.quantity.approved["vials"] == value


def _plain(value: object) -> object:
    """PyYAML takes a day for a date; a case has it as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if hasattr(value, "isoformat") else value


def test_a_clause_without_a_second_side_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = shutil.copytree(rules_folder(), tmp_path / "rules")
    path = rules / CRITERIA
    text = path.read_text(encoding="utf-8")
    sound = "met(approval(iii)) :- is(hiv, negative)."
    assert text.count(sound) == 1
    path.write_text(text.replace(sound, "met(approval(iii)) :- is(hiv, _)."), encoding="utf-8")
    assert run(["policy", "boundaries", "--no-days", "--rules", str(rules)]) == ANSWERED
    out = capsys.readouterr().out
    assert "# approval.III: no two cases lie between met and not met" in out
    assert "name: approval.III" not in out


def test_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "boundaries", "--no-days", "--format", "json"]) == ANSWERED
    content = json.loads(capsys.readouterr().out)
    assert content["boundaries"][0]["clause"] == "approval.I"
    assert [case["recommendation"] for case in content["boundaries"][0]["cases"]] == [
        "approve",
        "deny",
    ]


def test_the_boundaries_of_a_policy_pass_as_its_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = "teaching-infliximab"
    ignored = shutil.ignore_patterns("locale", "tests")
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules", ignore=ignored))
    path = rules / "policies" / policy / "tests" / "boundaries.yaml"
    path.parent.mkdir()
    assert run(["policy", "boundaries", policy, "--rules", str(rules), "-o", str(path)]) == ANSWERED
    capsys.readouterr()
    assert run(["test", "--rules", str(rules), policy]) == ANSWERED
    assert " passed" in capsys.readouterr().out
