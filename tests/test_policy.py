"""The policy row by row: one request that is approved, and what one change makes of it.

The rows stand in `policy_table.yaml`, worked out from the document and its reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reasoner import terminology
from reasoner.case import decode_case, iter_jsonl, load_case
from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.model import Case, Condition, Dose, Observation, Therapy
from reasoner.policy import load_policy, rules_folder

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"
TABLE = yaml.safe_load((TESTS / "policy_table.yaml").read_text(encoding="utf-8"))
SECTIONS = ("conditions", "therapies", "observations", "doses", "allergies")

READINGS = {  # every reading with its alternatives, as the reading of the document lists them
    "other_relapsing": ("met", "not_met"),
    "intolerance_counts": ("yes",),
    "counted_by": ("brand", "class"),
    "off_label_counts": ("yes",),
    "minimum_trial_days": ("28", "90"),
    "highly_active_bypass": ("yes",),
    "hiv_test_max_age_months": ("12", "24"),
    "exclusion_iv_list": ("closed",),
    "concurrent_means": ("dosing_interval",),
    "chronic_infection": ("any",),
    "infection_unstated": ("ask",),
    "under_18": ("refer", "silent"),
    "twelve_months": ("calendar_year", "from_first_dose"),
    "exception_vials_count": ("no",),
    "first_course": ("again_after_5_years",),
    "parent_code_after_2025": ("ask",),
}
CLAUSES = (
    *("approval.I", "approval.II", "approval.III"),
    *("exclusion.I", "exclusion.II", "exclusion.III", "exclusion.IV", "exclusion.V"),
    *("exclusion.VI", "quantity.limit", "quantity.initiation"),
)

Row = dict[str, Any]


def rows() -> Iterator[Row]:
    """Every row, and again for every reading under which it is judged."""
    for row in TABLE["rows"]:
        yield row | {"readings": {}}
        for reading, expect in row.get("under", {}).items():
            name, value = reading.split("=")
            yield {
                "id": f"{row['id']} ({reading})",
                "change": row["change"],
                "expect": expect,
                "readings": {name: value},
            }


ROWS = list(rows())


@cache
def reasoner() -> Reasoner:
    folder = rules_folder()
    return Reasoner(load_policy(folder), terminology.load(folder / "terminology"), version="0")


def patched(base: object, change: object) -> object:
    """A JSON merge patch: null takes a key away."""
    if not isinstance(change, dict):
        return change
    kept = dict(base) if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = patched(kept.get(key), value)
    return kept


def plain(value: object) -> object:
    """Dates as text: a case knows no others."""
    match value:
        case dict():
            return {key: plain(below) for key, below in value.items()}
        case list():
            return [plain(below) for below in value]
        case dt.date():
            return value.isoformat()
    return value


def case_of(row: Row) -> Case:
    document = plain(patched(TABLE["base"], row["change"]))
    assert isinstance(document, dict)
    for section in SECTIONS:
        records = document.get(section, {})
        document[section] = [{"id": key} | record for key, record in records.items()]
    return decode_case(document, where=row["id"])


@cache
def decided(number: int) -> Decision:
    row = ROWS[number]
    return reasoner().decide(case_of(row), readings=row["readings"])


def outcome(decision: Decision) -> Row:
    """What the decision comes to, in the words of the table."""
    found = decision.recommendation
    match found:
        case "approve" | "partial":
            approved = decision.quantity.approved or {}
            return {found: approved.get("vials")}
        case "deny":
            return {found: [[*g] if isinstance(g, tuple) else g for g in decision.grounds]}
        case "pend":
            return {found: sorted(missing.question for missing in decision.missing)}
    return {found: None}


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: ROWS[number]["id"])
def test_row(number: int) -> None:
    row, decision = ROWS[number], decided(number)
    found, expected = outcome(decision), dict(row["expect"])
    if expected.get("pend", [])[-1:] == ["..."]:
        expected["pend"] = expected["pend"][:-1]
        found["pend"] = [asked for asked in found["pend"] if asked in expected["pend"]]
    elif "pend" in expected:
        expected["pend"] = sorted(expected["pend"])
    assert found == expected

    status = {clause.id: clause.status for clause in decision.clauses}
    needed = {missing.question: missing.needed for missing in decision.missing}
    assumed = {assumption.question: assumption.answer for assumption in decision.assumptions}
    disputed = {conflict.question for conflict in decision.conflicts}
    for seen, name in ((status, "clauses"), (needed, "needed"), (assumed, "assumes")):
        wanted = row.get(name, {})
        assert {key: seen.get(key) for key in wanted} == wanted
    assert disputed >= set(row.get("conflicts", ()))


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: ROWS[number]["id"])
def test_a_decision_agrees_with_itself(number: int) -> None:
    decision = decided(number)
    recommended = decision.recommendation
    assert decision.certain is (recommended != "pend")
    assert bool(decision.missing) is (recommended == "pend")
    assert bool(decision.refer_reasons) is (recommended == "refer")
    assert tuple(clause.id for clause in decision.clauses) == CLAUSES
    if recommended in {"deny", "partial"}:
        assert decision.grounds
        assert decision.human_review.required
    if recommended == "partial":
        assert decision.grounds == ("quantity.limit",)
    approved = decision.quantity.approved
    assert (approved is not None) is (recommended in {"approve", "partial"})
    if approved:
        vials = approved["vials"]
        assert approved == {"vials": vials, "mg": 12 * vials, "units": 12 * vials}


@pytest.mark.parametrize(
    "reading", [f"{name}={value}" for name, values in READINGS.items() for value in values]
)
def test_every_alternative_of_a_reading_changes_some_row(reading: str) -> None:
    changed = [
        row["id"]
        for row in TABLE["rows"]
        if reading in row.get("under", {}) and row["under"][reading] != row["expect"]
    ]
    assert changed


def test_the_policy_has_these_readings_and_no_others() -> None:
    found = reasoner()
    alternatives = {
        name: {str(answer) for answer in answers} - {str(found.defaults[name])}
        for name, answers in found.readings.items()
    }
    assert alternatives == {name: set(values) for name, values in READINGS.items()}


def test_an_id_opens_with_what_it_is_about_and_stands_once() -> None:
    ids = [row["id"] for row in TABLE["rows"]]
    assert sorted(ids) == sorted(set(ids))
    subjects = {name.split(" ")[0] for name in ids}
    assert subjects == {"scope", "service_dates", *CLAUSES}


# --- the examples -----------------------------------------------------------------------------


def examples() -> list[tuple[str, str]]:
    """File and expectation, from the table of `examples/README.md`."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    cells = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| [")]
    return [(first.split("]")[0].strip(" [`"), last.strip()) for first, *_, last in cells]


def said(decision: Decision) -> str:
    """The decision in the words of `examples/README.md`."""
    parts = [
        " or ".join(ground) if isinstance(ground, tuple) else ground for ground in decision.grounds
    ]
    match decision.recommendation:
        case "approve" | "partial":
            approved = decision.quantity.approved or {}
            return f"{decision.recommendation}, {approved.get('vials')} vials"
        case "deny":
            return f"deny: {', '.join(parts)}"
        case "pend":
            return f"pend: {', '.join(missing.question for missing in decision.missing)}"
        case "not_applicable":
            return "not applicable"
    return decision.recommendation


@pytest.mark.parametrize(("file", "expected"), examples())
def test_an_example_comes_out_as_its_table_says(file: str, expected: str) -> None:
    assert said(reasoner().decide(load_case(str(EXAMPLES / file)))) == expected


def test_every_example_is_in_the_table() -> None:
    assert sorted(file for file, _ in examples()) == sorted(
        path.name for path in EXAMPLES.glob("*.yaml")
    )


def test_every_record_of_an_example_has_its_source() -> None:
    for file, _ in examples():
        case = load_case(str(EXAMPLES / file))
        records: tuple[Condition | Therapy | Observation | Dose, ...] = (
            *case.conditions,
            *case.therapies,
            *case.observations,
            *case.doses,
        )
        bare = [record.id for record in records if not (record.source and record.source.document)]
        assert bare == [], file


def test_the_example_lines_are_five_of_the_examples() -> None:
    alone = {
        case.id: case.digest for case in (load_case(str(path)) for path in EXAMPLES.glob("*.yaml"))
    }
    with (EXAMPLES / "cases.jsonl").open("rb") as stream:
        lines = [found for _, found in iter_jsonl(stream, name="cases.jsonl")]
    assert len(lines) == 5
    for line in lines:
        assert isinstance(line, Case)
        assert alone[line.id] == line.digest
