"""Changes that only records show, or that no record shows: of both policies, by their own words.

The values that are tried are read off the rules, so each test changes something that no list in
the program could know of.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from planting import laid_out
from reasoner.case import decode_case
from reasoner.policy import rules_folder
from workbench.difference.comparison import Comparison, compare
from workbench.difference.seeds import seeds
from workbench.difference.version import Version, load_version
from workbench.records.amounts import amounts

LEMTRADA, TEACHING = "mp-rx-fp-52-23", "teaching-infliximab"
L, T = f"policies/{LEMTRADA}", f"policies/{TEACHING}"


@cache
def shipped(policy: str) -> Version:
    return load_version("shipped", rules_folder(), policy)


def compared(folder: Path, policy: str, *edits: tuple[str, str, str]) -> Comparison:
    ignored = shutil.ignore_patterns("locale")
    rules = Path(shutil.copytree(rules_folder(), folder / "rules", ignore=ignored))
    for file, old, new in edits:
        path = rules / file
        text = path.read_text(encoding="utf-8")
        parts = laid_out(old).split(text)
        assert len(parts) > 1, old
        path.write_text(new.join(parts), encoding="utf-8")
    changed = load_version("changed", rules, policy)
    found = compare(shipped(policy), changed)
    for one in found.differences:
        for version, said in ((shipped(policy), one.old), (changed, one.new)):
            case = decode_case(one.document, where="witness")
            decision = version.reasoner.decide(case, readings=one.readings)
            assert decision.recommendation == said.recommendation
    return found


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ("parameter(crohn_months, 72)", "parameter(crohn_months, 84)", "approval.II"),
        ("parameter(raised_protein, 10000)", "parameter(raised_protein, 10001)", "initial.II"),
        ("parameter(protein_months, 3)", "parameter(protein_months, 4)", "initial.II"),
    ],
    ids=["age of a child", "a measured number", "a window"],
)
def test_a_threshold_that_no_program_knows(old: str, new: str, clause: str, tmp_path: Path) -> None:
    found = compared(tmp_path, TEACHING, (f"{T}/parameters.lp", old, new))

    assert found.criteria.proved
    assert found.evidence.differences
    assert clause in {cause.clause for one in found.differences for cause in one.causes}


def test_a_threshold_of_criteria_that_give_months(tmp_path: Path) -> None:
    edit = (f"{T}/parameters.lp", "parameter(signs_needed, 2)", "parameter(signs_needed, 3)")
    found = compared(tmp_path, TEACHING, edit)

    assert found.criteria.verdict == "tightened"
    assert found.differences[0].old.quantity == (1, 6)
    assert found.evidence.same


def test_a_question_that_a_library_passes_on_is_recognised_under_its_new_name(
    tmp_path: Path,
) -> None:
    rules = rules_folder() / L
    edits = []
    for path in sorted(rules.glob("*.lp")):
        text = path.read_text(encoding="utf-8")
        renamed = re.sub(r"(?<=[(;, ])hiv(?=[,;)])", "hiv_status", text)
        if renamed != text:
            edits.append((f"{L}/{path.name}", text, renamed))
    found = compared(tmp_path, LEMTRADA, *edits)

    assert ("hiv", "hiv_status") in {(one.old, one.new) for one in found.changes}
    assert found.criteria.proved
    assert found.evidence.same


LATER = (
    (f"{T}/questions.lp", "answer(course, (initial; later))", "answer(course, (initial; again))"),
    (f"{T}/evidence.lp", "supports(course, later,", "supports(course, again,"),
    (f"{T}/criteria.lp", "is(course, later)", "is(course, again)"),
    (f"{T}/parameters.lp", "months_approved(later,", "months_approved(again,"),
)


def test_an_answer_is_recognised_under_its_new_name(tmp_path: Path) -> None:
    found = compared(tmp_path, TEACHING, *LATER)

    assert found.criteria.proved
    assert found.evidence.same


def test_a_word_that_the_case_states_is_not_renamed_with_an_answer(tmp_path: Path) -> None:
    """`taken(R, yes)` comes from the case: a rule that reads another word reads nothing."""
    edit = (f"{T}/evidence.lp", "activity(R, nonactive)", "activity(R, quiet)")
    found = compared(tmp_path, TEACHING, edit)

    assert not found.evidence.same
    assert found.evidence.differences or found.evidence.misread


def test_an_advisory_that_rests_on_records_is_told(tmp_path: Path) -> None:
    edit = (f"{L}/parameters.lp", "short_trial_days, 28)", "short_trial_days, 30)")
    found = compared(tmp_path, LEMTRADA, edit)

    assert not found.evidence.same
    (one,) = found.evidence.misread
    assert one.question == "advisory(short_trial)"
    told = [
        {note.id for note in decision.advisories}
        for version in (shipped(LEMTRADA), load_version("x", tmp_path / "rules", LEMTRADA))
        for decision in [
            version.reasoner.decide(decode_case({"id": "w", **one.document}, where="w"))
        ]
    ]
    assert told[0] ^ told[1] == {"short_trial"}


def test_an_advisory_of_worlds_is_told(tmp_path: Path) -> None:
    edit = (f"{L}/advisories.lp", "advisory(minor) :- is(adult, no).", "")
    found = compared(tmp_path, LEMTRADA, edit)

    assert found.criteria.proved
    assert "advisory(minor)" in {one.clause for one in found.criteria.quiet}


def test_a_reading_that_only_criteria_read_is_none_of_the_evidence(tmp_path: Path) -> None:
    edit = (f"{T}/readings.lp", "default(dose_rounding, up)", "default(dose_rounding, down)")
    found = compared(tmp_path, TEACHING, edit)

    assert found.criteria.verdict == "tightened"
    assert found.evidence.same


def test_rows_that_choose_a_reading_that_matters_come_first() -> None:
    one = shipped(LEMTRADA)
    found = list(seeds(one, one, ["first_course"]))

    assert "first_course" in found[0].readings
    assert len({repr(seed) for seed in found}) == len(found)


def test_amounts_are_those_of_the_rules() -> None:
    forms = ["per_unit(tablet,5)", "per_unit(vial,1000)", "per_unit(mg,7000)", "limit(day,2)"]
    found = amounts(forms, [40000])

    assert found.quantities == (
        *((1, "vial"), (2, "vial"), (3, "vial"), (4, "vial"), (5, "vial"), (6, "vial")),
        *((7, "mg"), (28, "mg"), (42, "mg")),
    )
    assert found.billed == ()
    assert {value for value, _ in found.measured} == {0, 1, 40, 39.999, 40.001}
