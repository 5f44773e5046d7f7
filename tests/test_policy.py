"""What holds of all rows of the shipped policy's own tests together, and of the examples.

The rows themselves, one request that is approved and what one change makes of it, stand beside
the rules and are items of their own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from reasoner.case import iter_jsonl, load_case
from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.model import Case, Condition, Dose, Observation, Therapy
from reasoner.policy import rules_folder
from workbench.suite.bench import decided, reasoner_of
from workbench.suite.files import policy_rows
from workbench.suite.row import Row

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"
FOLDER = rules_folder() / "policies" / "mp-rx-fp-52-23"

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


@cache
def reasoner() -> Reasoner:
    return reasoner_of(FOLDER)


@cache
def rows() -> list[Row]:
    return policy_rows(FOLDER)


@cache
def decisions() -> list[Decision]:
    found = decided(reasoner(), rows())
    assert all(isinstance(one, Decision) for one in found)
    return [one for one in found if isinstance(one, Decision)]


def test_every_decision_agrees_with_itself() -> None:
    assert len(decisions()) > 400
    for decision in decisions():
        agrees_with_itself(decision)


def agrees_with_itself(decision: Decision) -> None:
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
    plain = {row.name: row.expect for row in rows()}
    switched = [row for row in rows() if row.name.endswith(f" ({reading})")]
    assert any(row.expect != plain[row.name.removesuffix(f" ({reading})")] for row in switched)


def test_the_policy_has_these_readings_and_no_others() -> None:
    found = reasoner()
    alternatives = {
        name: {str(answer) for answer in answers} - {str(found.defaults[name])}
        for name, answers in found.readings.items()
    }
    assert alternatives == {name: set(values) for name, values in READINGS.items()}


def test_a_name_opens_with_what_it_is_about() -> None:
    subjects = {row.name.split(" ")[0] for row in rows()}
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
