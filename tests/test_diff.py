"""Ten kinds of rule change: each harmful one is shown by a true case, each harmless one is known.

Every change is made in a copy of the shipped rules.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from planting import laid_out
from reasoner.case import decode_case
from reasoner.cli import run
from reasoner.engine import Reasoner
from reasoner.errors import PolicyError, UsageError
from reasoner.policy import load_policy, rules_folder
from workbench.difference.comparison import Comparison, Difference, compare
from workbench.difference.revision import open_rules
from workbench.difference.version import Version, load_version

POLICY = "policies/mp-rx-fp-52-23"
THERAPIES = "library/therapies.lp"


class Edit(NamedTuple):
    """In *file*, *old* stands and becomes *new*."""

    file: str
    old: str
    new: str


def edited(folder: Path, *edits: Edit) -> Path:
    rules = Path(shutil.copytree(rules_folder(), folder / "rules"))
    for edit in edits:
        path = rules / edit.file
        text = path.read_text(encoding="utf-8")
        old = laid_out(edit.old)
        assert old.search(text), edit
        path.write_text(edit.new.join(old.split(text)), encoding="utf-8")
    return rules


@cache
def shipped() -> Version:
    return load_version("shipped", rules_folder())


def compared(folder: Path, *edits: Edit) -> tuple[Comparison, Version]:
    new = load_version("edited", edited(folder, *edits))
    found = compare(shipped(), new)
    for number, difference in enumerate(found.differences):
        really_differs(difference, new, whole=number == 0)
    return found, new


def really_differs(difference: Difference, new: Version, *, whole: bool) -> None:
    """The witness is decided as claimed by both versions; of a *whole* one all is needed."""
    renamed = difference.renamed or difference.document
    assert outcomes(difference.document, renamed, difference.readings, new) == (
        (difference.old.recommendation, difference.old.quantity),
        (difference.new.recommendation, difference.new.quantity),
    )
    if not whole:
        return
    for section in ("answers", "conditions", "therapies", "observations", "doses"):
        for place in range(len(difference.document.get(section, []))):
            if difference.renamed is None:
                fewer = without(difference.document, section, place)
                old, other = outcomes(fewer, fewer, difference.readings, new)
                assert (old, other) != (
                    (difference.old.recommendation, difference.old.quantity),
                    (difference.new.recommendation, difference.new.quantity),
                ), (section, place)


def without(document: dict[str, Any], section: str, place: int) -> dict[str, Any]:
    kept = [one for n, one in enumerate(document[section]) if n != place]
    return {**document, section: kept}


def outcomes(
    old_case: dict[str, Any], new_case: dict[str, Any], readings: dict[str, str], new: Version
) -> tuple[tuple[str, int | None], ...]:
    found = []
    for version, document in ((shipped(), old_case), (new, new_case)):
        decision = version.reasoner.decide(decode_case(document, where="w"), readings=readings)
        approved = decision.quantity.approved
        found.append((decision.recommendation, approved["vials"] if approved else None))
    return tuple(found)


def moved(found: Comparison) -> set[tuple[str, str]]:
    return {(one.old.recommendation, one.new.recommendation) for one in found.differences}


# --- criteria: proved, or a world ---------------------------------------------------------------


def test_a_threshold_of_the_criteria(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(f"{POLICY}/parameters.lp", "failures_needed, 2)", "failures_needed, 3)"),
    )

    assert found.criteria.verdict == "tightened"
    assert ("approve", "deny") in moved(found)
    assert {cause.clause for one in found.differences for cause in one.causes} == {"approval.II"}
    assert found.evidence.same  # no rule that reads records reads this number
    assert [(one.topic, one.old, one.new) for one in found.changes] == [("parameter", "2", "3")]


def test_a_dropped_exclusion(tmp_path: Path) -> None:
    toml = (rules_folder() / POLICY / "policy.toml").read_text(encoding="utf-8")
    start = toml.index('[[clauses]]\nid = "exclusion.V"')
    clause = toml[start : toml.index("[[clauses]]", start + 1)]
    found, _ = compared(
        tmp_path,
        Edit(f"{POLICY}/policy.toml", clause, ""),
        Edit(f"{POLICY}/exclusions.lp", "applies(exclusion(v)) :- is(infection, yes).", ""),
    )

    assert found.criteria.verdict == "loosened"
    assert ("deny", "approve") in moved(found)
    assert ("clause", "removed", "exclusion.V") in {
        (one.topic, one.what, one.name) for one in found.changes
    }
    (first, *_) = found.differences
    assert [cause.clause for cause in first.causes] == ["exclusion.V"]
    assert first.causes[0].new == "absent"


def test_an_added_clause(tmp_path: Path) -> None:
    clause = """[[clauses]]
id = "exclusion.VII"
kind = "exclusion"
locator = "Medical Necessity Guidelines, not approved VII"
text = "Highly active disease"

[[clauses]]
id = "quantity.limit"
"""
    found, _ = compared(
        tmp_path,
        Edit(f"{POLICY}/policy.toml", '[[clauses]]\nid = "quantity.limit"\n', clause),
        Edit(
            f"{POLICY}/exclusions.lp",
            "applies(exclusion(v)) :- is(infection, yes).",
            "applies(exclusion(v)) :- is(infection, yes).\n"
            "applies(exclusion(vii)) :- is(highly_active, yes).",
        ),
    )

    assert found.criteria.verdict == "tightened"
    assert ("approve", "deny") in moved(found)
    assert ("clause", "added", "exclusion.VII") in {
        (one.topic, one.what, one.name) for one in found.changes
    }


def test_a_swapped_default_of_a_reading(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(f"{POLICY}/readings.lp", "(under_18, exclusion_vi).", "(under_18, silent)."),
    )

    assert found.criteria.verdict == "loosened"
    assert ("deny", "approve") in moved(found)
    assert not any(one.readings for one in found.differences)  # as each decides by itself
    assert ("reading", "under_18 default", "exclusion_vi", "silent") in {
        (one.topic, one.name, one.old, one.new) for one in found.changes
    }


def test_a_rule_under_a_reading_that_is_not_the_default(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(
            f"{POLICY}/criteria.lp",
            "is(intolerant(D), yes), alternative(D), is(reading(intolerance_counts), yes).",
            "is(intolerant(D), no), alternative(D), is(reading(intolerance_counts), yes).",
        ),
    )

    assert found.criteria.verdict != "unchanged"
    assert all(one.readings["intolerance_counts"] == "yes" for one in found.differences)


def test_a_harmless_refactoring_of_criteria_is_proved(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(
            f"{POLICY}/criteria.lp",
            "met(approval(iii)) :- is(hiv, negative).",
            "hiv_free :- not is(hiv, positive), is(hiv, _).\nmet(approval(iii)) :- hiv_free.",
        ),
        Edit(
            f"{POLICY}/exclusions.lp",
            "applies(exclusion(i)) :- is(indication, ms), is(phenotype, cis).",
            "applies(exclusion(i)) :- is(phenotype, cis), is(indication, ms).",
        ),
    )

    assert found.criteria.proved
    assert found.criteria.verdict == "unchanged"
    assert not found.criteria.quiet
    assert found.evidence.same
    assert not found.moves
    assert {"changed", "written differently"} <= {one.what for one in found.changes}


def test_a_status_that_changes_no_result_is_told_as_such(tmp_path: Path) -> None:
    found, _ = compared(tmp_path, Edit(f"{POLICY}/limits.lp", "Least < Most.", "Least <= Most."))

    assert found.criteria.proved
    assert [one.clause for one in found.criteria.quiet] == ["quantity.initiation"]


RENAMED = (
    Edit(f"{POLICY}/questions.lp", "question(adult). ", "question(grown_up). "),
    Edit(f"{POLICY}/questions.lp", "answer(adult, ", "answer(grown_up, "),
    Edit(f"{POLICY}/questions.lp", "presumed(adult, ", "presumed(grown_up, "),
    Edit(f"{POLICY}/questions.lp", "text(adult, ", "text(grown_up, "),
    Edit(f"{POLICY}/questions.lp", "phenotype; adult; ", "phenotype; grown_up; "),
    Edit(f"{POLICY}/exclusions.lp", "is(adult, no)", "is(grown_up, no)"),
    Edit(f"{POLICY}/advisories.lp", "is(adult, no)", "is(grown_up, no)"),
    Edit(f"{POLICY}/evidence.lp", "supports(adult, ", "supports(grown_up, "),
    Edit(f"{POLICY}/evidence.lp", "doubt(adult, ", "doubt(grown_up, "),
)


def test_a_renamed_question_is_matched(tmp_path: Path) -> None:
    found, _ = compared(tmp_path, *RENAMED)

    assert found.criteria.proved
    assert found.evidence.same
    assert not found.criteria.only_old
    assert not found.criteria.only_new
    assert ("question", "renamed", "adult", "grown_up") in {
        (one.topic, one.what, one.old, one.new) for one in found.changes
    }


def test_a_renamed_question_with_another_change_is_matched_by_its_words(tmp_path: Path) -> None:
    months = Edit(f"{POLICY}/parameters.lp", "adult_months, 216", "adult_months, 228")
    found, _ = compared(tmp_path, *RENAMED, months)

    assert found.criteria.proved
    assert found.evidence.verdict == "tightened"
    (difference,) = found.evidence.differences
    assert difference.question == "adult"


# --- evidence: the same, or records ---------------------------------------------------------------


def test_a_brand_moved_to_another_ingredient(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit("terminology/names.csv", "briumvi,Briumvi,ublituximab", "briumvi,Briumvi,ocrelizumab"),
    )

    assert found.criteria.proved
    assert found.evidence.differences
    for difference in found.evidence.differences:
        assert [one["product"] for one in difference.document["therapies"]] == ["briumvi"]
    assert ("name briumvi concept", "ublituximab", "ocrelizumab") in {
        (one.name, one.old, one.new) for one in found.changes if one.topic == "terminology"
    }


def test_a_changed_window(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path, Edit(f"{POLICY}/parameters.lp", "limit_months(12)", "limit_months(11)")
    )

    assert found.criteria.proved
    assert any("doses" in one.document for one in found.evidence.differences)
    assert "quantity.limit" in {c.clause for one in found.differences for c in one.causes}


def test_a_boundary_that_moves_by_a_day(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(THERAPIES, "First >= Day, not taken(R, no)", "First > Day, not taken(R, no)"),
    )

    assert found.evidence.differences
    (difference, *_) = found.evidence.differences
    (therapy,) = difference.document["therapies"]
    assert therapy["end"] == difference.document["request"]["service_dates"][0]
    assert difference.rules
    assert all(rule.startswith(THERAPIES) for rule in difference.rules)


def test_a_swapped_default_of_a_reading_of_records(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(f"{POLICY}/readings.lp", "(minimum_trial_days, 0).", "(minimum_trial_days, 28)."),
    )

    assert found.criteria.proved
    assert found.evidence.differences
    assert not found.evidence.same


def test_harmless_changes_of_evidence_are_recognised(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path,
        Edit(THERAPIES, "misnamed", "named_twice"),
        Edit(
            THERAPIES,
            "over(R)    :- well_dated(R), ends(R, _, Last), first_planned(Day, _), Last < Day.",
            "over(X) :- first_planned(D, _), D > L, ends(X, _, L), well_dated(X).",
        ),
    )

    assert found.evidence.same
    assert found.evidence.renamed == {"misnamed": "named_twice"}
    assert not found.moves


HELPER = (
    Edit(
        THERAPIES,
        "ended(R) :- well_dated(R), starts_after(R).",
        "ended(R) :- late(R).\nlate(X) :- starts_after(X), well_dated(X).",
    ),
    Edit(
        THERAPIES,
        "ended(R) :- over(R), not lingers(R).",
        "ended(R) :- over(R), not lasts_on(R).\nlasts_on(R) :- lingers(R).",
    ),
)


def test_a_helper_predicate_is_seen_through(tmp_path: Path) -> None:
    found, _ = compared(tmp_path, *HELPER)

    assert found.criteria.proved
    assert found.evidence.same


def test_a_helper_predicate_that_changes_a_rule_is_not(tmp_path: Path) -> None:
    wrong = Edit(
        THERAPIES, "late(X) :- starts_after(X), well_dated(X).", "late(X) :- starts_after(X)."
    )
    found, _ = compared(tmp_path, *HELPER, wrong)

    assert not found.evidence.same


def test_what_decide_refuses_is_compared_as_a_draft(tmp_path: Path) -> None:
    rule = "applies(exclusion(v)) :- is(infection, yes)."
    found, new = compared(tmp_path, Edit(f"{POLICY}/exclusions.lp", rule, ""))

    assert ("deny", "approve") in moved(found)
    assert {cause.clause for one in found.differences for cause in one.causes} == {"exclusion.V"}
    assert "clause.rules" in {one.code for one in new.refused}
    with pytest.raises(PolicyError, match=r"no rule decides the clause `exclusion\.V`"):
        decide_strictly(new)


def decide_strictly(version: Version) -> None:
    rules = version.policy.folder.parent.parent
    policy = load_policy(rules, version.policy.id)
    Reasoner(policy, version.terminology, version="0").decide(decode_case({"id": "x"}, where="x"))


def test_a_misspelt_predicate_is_named_with_its_nearest_and_compared(tmp_path: Path) -> None:
    body, typo = "birth(_, Last), birth_possible,", "birth(_, Last), birth_posible,"
    found, new = compared(tmp_path, Edit("library/ages.lp", body, typo))

    assert not found.evidence.same
    (first, *_) = new.refused
    assert first.where.startswith("library/ages.lp:")
    assert "birth_possible" in first.hint
    with pytest.raises(PolicyError, match="birth_posible"):
        decide_strictly(new)


def test_rules_that_clingo_cannot_ground_do_not_load(tmp_path: Path) -> None:
    rules = edited(tmp_path, Edit("library/ages.lp", "birth(_, Last), birth_possible,", "birth("))

    with pytest.raises(PolicyError) as caught:
        load_version("the new one", rules)
    assert "the new one" in caught.value.where


# --- the command ----------------------------------------------------------------------------------


def test_nothing_differs_from_itself(capsys: pytest.CaptureFixture[str]) -> None:
    rules = str(rules_folder())

    assert run(["diff", rules, rules, "--fail-on", "any"]) == 0
    text = capsys.readouterr().out
    assert "nothing was changed" in text
    assert "Criteria: unchanged (proved)" in text
    assert "Evidence: unchanged up to renaming and order" in text


def test_the_command_saves_cases_counts_flips_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = edited(
        tmp_path, Edit(f"{POLICY}/parameters.lp", "failures_needed, 2)", "failures_needed, 3)")
    )
    examples = sorted(map(str, (rules_folder().parent / "examples").glob("*.yaml")))
    arguments = ["diff", str(rules_folder()), str(rules), "--save-case", str(tmp_path / "cases")]
    arguments += [word for path in examples for word in ("--cases", path)]
    arguments += ["--csv", str(tmp_path / "flips.csv")]

    assert run([*arguments, "--fail-on", "loosened"]) == 0
    assert "Criteria: tightened" in capsys.readouterr().out
    rows = (tmp_path / "flips.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "case,old,new,old_quantity,new_quantity,direction"
    assert len(rows) > 1
    assert all(row.endswith("tightened") for row in rows[1:])
    saved = sorted((tmp_path / "cases").glob("*.yaml"))
    assert saved[0].name == "01-approve-deny.yaml"
    assert run(["decide", str(saved[0])]) == 0
    assert "APPROVE RECOMMENDED" in capsys.readouterr().out
    assert run(["decide", str(saved[0]), "--rules", str(rules)]) == 0
    assert "DENY RECOMMENDED" in capsys.readouterr().out


def test_a_revision_of_git(tmp_path: Path) -> None:
    rules = edited(tmp_path)

    def git(*words: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        command = ["git", "-C", str(tmp_path), *identity, *words]
        subprocess.run(command, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    found = open_rules("HEAD", tmp_path / "out", rules=rules)

    assert (found / POLICY / "criteria.lp").read_bytes() == (
        rules / POLICY / "criteria.lp"
    ).read_bytes()
    with pytest.raises(UsageError, match="no-such-thing"):
        open_rules("no-such-thing", tmp_path / "out", rules=rules)
    with pytest.raises(UsageError, match="no rules folder"):
        open_rules(str(tmp_path / "out" / "rules" / "core"), tmp_path / "out", rules=rules)


def test_readings_say_which_cases_they_flip(capsys: pytest.CaptureFixture[str]) -> None:
    folder = rules_folder().parent / "examples"

    assert (
        run(
            [
                "readings",
                "--cases",
                str(folder / "reading.yaml"),
                "--cases",
                str(folder / "approve.yaml"),
            ]
        )
        == 0
    )
    text = capsys.readouterr().out
    assert "(default" in text
    assert "of 2 differently" in text
