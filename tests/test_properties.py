"""`verify`: what is proved of the shipped policy, and which faults each proof would notice."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from planting import laid_out
from reasoner.case import load_case
from reasoner.cli import run
from reasoner.cli.failure import ANSWERED, FAILED, INPUT, OPEN
from reasoner.engine import Reasoner
from reasoner.errors import PolicyError
from reasoner.policy import load_policy, rules_folder
from reasoner.terminology import Terminology, load
from shipped import the_reasoner
from workbench.properties import PAIRS, Verified, read_properties, try_records, verify
from workbench.structure import Finding, structure

POLICY = "policies/mp-rx-fp-52-23"
CORE = "core/recommendation.lp"
CRITERIA, EXCLUSIONS = f"{POLICY}/criteria.lp", f"{POLICY}/exclusions.lp"
LIMITS, PARAMETERS = f"{POLICY}/limits.lp", f"{POLICY}/parameters.lp"
QUESTIONS = f"{POLICY}/questions.lp"
EVIDENCE = f"{POLICY}/evidence.lp"
PROPERTIES = f"{POLICY}/properties.lp"


class Fault(NamedTuple):
    """In *file*, each text stands once and is replaced by the one after it."""

    file: str
    edits: tuple[tuple[str, str], ...]


def fault(file: str, *texts: str) -> Fault:
    return Fault(file, tuple(zip(texts[::2], texts[1::2], strict=True)))


BLOCKS = "blocks(C) :- status(C, {0})."
APPROVES = "result(approve, N) :- asks(N), allows(L), N <= L, L > 0, not timed, not referred"
PARTIAL = "result(partial, L) :- asks(N), allows(L), N > L, L > 0"
LATER = "is(first_course, no)."
UNNAMED = (
    "undetermined(approval(i)) :- is(indication, ms), is(phenotype, other_relapsing), "
    "is(reading(other_relapsing)"
)
NO_DRUG = "applies(exclusion(iv)) :- is(concurrent(others), yes)"
FAULTS = {
    "exclusion_excludes": fault(CORE, BLOCKS.format("applies"), ""),
    "criterion_required": fault(CORE, BLOCKS.format("not_met"), ""),
    "undetermined_is_judged": fault(
        EXCLUSIONS, "refer(under_18) :- is(adult, no)", "refer(under_18) :- outside"
    ),
    "denial_has_a_ground": fault(
        CORE, "blocked  :- blocks(_).", "blocked :- blocks(_). blocked :- referred."
    ),
    "no_more_than_asked": fault(CORE, "result(approve, N) :-", "result(approve, N + 1) :-"),
    "within_the_limit": fault(
        CORE,
        APPROVES,
        APPROVES.replace("N <= L", "N <= L + 1"),
        PARTIAL,
        PARTIAL.replace("N > L", "N > L + 1"),
    ),
    "something_is_approved": fault(
        CORE,
        PARTIAL,
        PARTIAL.removesuffix(", L > 0"),
        "blocks(C) :- status(C, exhausted), not waived(C).",
        "",
    ),
    "referral_is_judged": fault(CORE, "referred :- refer(_).", "referred :- refer(_), outside."),
    "outside_is_outside": fault(
        CORE,
        "result(deny, 0)    :- blocked, not outside.",
        "result(deny, 0) :- blocked.",
        "result(not_applicable, 0) :- outside.",
        "result(not_applicable, 0) :- outside, not blocked.",
    ),
    "hiv_positive": fault(CRITERIA, "is(hiv, negative)", "is(hiv, _)"),
    "unnamed_form": fault(
        CRITERIA,
        "is(reading(other_relapsing), met)",
        "is(reading(other_relapsing), refer)",
        f"{UNNAMED}, refer)",
        f"{UNNAMED}, met)",
    ),
    "no_failure": fault(
        PARAMETERS, "parameter(failures_needed, 2)", "parameter(failures_needed, 0)"
    ),
    "infection": fault(EXCLUSIONS, "is(infection, yes)", "is(infection, yes), is(adult, no)"),
    "concurrent_drug": fault(EXCLUSIONS, NO_DRUG, f"{NO_DRUG}, is(infection, yes)"),
    "other_indication": fault(
        CRITERIA,
        "is(indication, ms), is(phenotype, P)",
        "is(phenotype, P)",
        "is(indication, ms), parameter(failures_needed",
        "parameter(failures_needed",
    ),
    "minor": fault(
        EXCLUSIONS, "is(reading(under_18), exclusion_vi)", "is(reading(under_18), silent)"
    ),
    "more_than_available": fault(
        LIMITS,
        "allows(Most) :- is(vials_available, (_, Most))",
        "allows(5) :- is(vials_available, (_, _))",
    ),
    "later_course": fault(
        LIMITS,
        "allows(Least) :- is(vials_available, (Least, _))",
        "allows(Most) :- is(vials_available, (_, Most))",
    ),
    "more_failures": fault(
        CRITERIA,
        ">= Needed - More",
        ">= Needed - More, #count { Drug : counted(Drug) } <= Needed - More",
    ),
    "more_available": fault(
        LIMITS, "allows(Least) :- is(vials_available", "allows(3 - Least) :- is(vials_available"
    ),
    "fewer_asked": fault(
        LIMITS,
        LATER,
        "is(first_course, no), not is(vials_requested, 1)."
        "allows(0) :- is(first_course, no), is(vials_requested, 1).",
    ),
    "wider_reading": fault(
        CRITERIA,
        "alternative(D), is(reading(intolerance_counts), yes)",
        "alternative(D), is(reading(intolerance_counts), no)",
    ),
    "exclusion_helps": fault(EXCLUSIONS, "is(infection, yes)", "is(infection, no)"),
}
ALSO = {
    "other_indication": fault(EXCLUSIONS, "applies(exclusion(vi)) :- is(indication, other).", "")
}
"""What must be broken besides."""
BY_NO_CASE = {"one_result"}
"""A world without a result is refused by `decide`, so that no case shows it."""


@cache
def tables() -> Terminology:
    return load(rules_folder() / "terminology")


def broken(tmp_path: Path, *faults: Fault) -> Reasoner:
    rules = tmp_path / "rules"
    shutil.copytree(rules_folder(), rules)
    for one in faults:
        path = rules / one.file
        text = path.read_text(encoding="utf-8")
        for sound, planted in one.edits:
            once = laid_out(sound)
            assert len(once.findall(text)) == 1, f"`{sound}` no longer stands once in {one.file}"
            text = planted.join(once.split(text))
        path.write_text(text, encoding="utf-8")
    return Reasoner(load_policy(rules), tables(), version="0")


def planted(tmp_path: Path, *added: tuple[str, str]) -> Reasoner:
    """A copy of the rules with more of them at the end of some files."""
    folder = Path(shutil.copytree(rules_folder(), tmp_path / "rules"))
    for file, rules in added:
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8") + rules + "\n", encoding="utf-8")
    return Reasoner(load_policy(folder), tables(), version="0")


def outcomes(reasoner: Reasoner) -> dict[str, Verified]:
    return {one.property.id: one for one in verify(reasoner)}


# -- the shipped policy ---------------------------------------------------------------------------


def test_every_property_of_the_policy_is_proved_and_says_something() -> None:
    found = outcomes(the_reasoner())
    assert {name: (one.outcome, one.vacuous) for name, one in found.items()} == dict.fromkeys(
        found, ("proved", False)
    )


def test_every_property_has_a_fault_that_breaks_it() -> None:
    _, properties = read_properties(the_reasoner().policy)
    assert {one.id for one in properties} == FAULTS.keys() | BY_NO_CASE


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_shown_by_a_case_that_is_decided_so(name: str, tmp_path: Path) -> None:
    also = [ALSO[name]] if name in ALSO else []
    reasoner = broken(tmp_path, FAULTS[name], *also)
    found = outcomes(reasoner)[name]
    assert found.outcome == "violated"
    assert len(found.cases) == found.property.worlds
    sound = the_reasoner()
    changed = False
    for case in found.cases:
        path = tmp_path / "case.yaml"
        path.write_text(case.as_yaml("a comment"), encoding="utf-8")
        read = load_case(str(path))
        decision = reasoner.decide(read, readings=case.readings)
        assert decision.recommendation == case.decision.recommendation
        before = sound.decide(read, readings=case.readings)
        changed |= (before.recommendation, before.quantity) != (
            decision.recommendation,
            decision.quantity,
        )
    assert changed, "the sound rules decide the cases alike, so they show no fault"
    differing = {a.question: a.answer for a in found.cases[0].case.answers}.items() ^ {
        a.question: a.answer for a in found.cases[-1].case.answers
    }.items()
    readings = {case.options for case in found.cases}
    assert bool(differing) or len(readings) > 1 or found.property.worlds == 1


def test_a_world_without_a_result_is_named(tmp_path: Path) -> None:
    edit = fault(CORE, "blocks(C) :- status(C, exhausted), not waived(C).", "")
    found = outcomes(broken(tmp_path, edit))["one_result"]
    assert found.outcome == "violated"
    assert not found.cases
    (world,) = found.violated_by
    said = {str(question): str(answer) for question, answer in world.items()}
    assert said["vials_available"] == "(0,0)"
    assert "infection" not in said


def test_what_starts_from_nothing_is_vacuous(tmp_path: Path) -> None:
    body = "is(phenotype, cis), is(phenotype, rrms), result(approve, _)"
    rules = f"%! A form is one form.\nviolated(one_form) :- {body}."
    found = outcomes(planted(tmp_path, (PROPERTIES, rules)))["one_form"]
    assert (found.outcome, found.vacuous) == ("proved", True)


def test_the_guide_leads_to_a_reading(tmp_path: Path) -> None:
    guide = (rules_folder().parent / "docs" / "verifying.md").read_text(encoding="utf-8")
    first, second = re.findall(r"`violated\((minor)\) :- (.*?)`", guide)
    for number, (_, body) in enumerate((first, second)):
        rules = f"%! A minor is never approved.\nviolated(guide) :- {body}"
        found = outcomes(planted(tmp_path / str(number), (PROPERTIES, rules)))["guide"]
        assert found.outcome == ("violated", "proved")[number]
        assert [case.options for case in found.cases] == ["--reading under_18=silent"][number:]


def test_no_time_is_no_conclusion() -> None:
    assert {one.outcome for one in verify(the_reasoner(), seconds=0)} == {"unknown"}


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (":- is(hiv, positive).", "a constraint or a choice would change the worlds"),
        (
            "{ violated(x) } :- is(hiv, positive).",
            "a constraint or a choice would change the worlds",
        ),
        ("met(approval(i)) :- is(hiv, negative).", "a property derives `met`"),
        ("granted :- is(hiv, negative).", "`granted` is derived in core/properties.lp too"),
        ("violated(x) :- is(hiv, positive).", "the property `x` has no sentence"),
        ("%! X.\nviolated(x(Y)) :- is(hiv, Y).", "`violated(x(Y))` does not name a property"),
        ("%! X.\nviolated(x) :- first(resutl(deny, _)).", "nothing says in which questions"),
        (
            "compares(x, hiv).\n%! X.\nviolated(x) :- first(resutl(deny, _)).",
            "`first(resutl…)` is nothing that a world says",
        ),
        ("compares(hiv_positiv, hiv).", "`compares` names `hiv_positiv`, which is no property"),
        ("compares(hiv_positive, hiv).", "`hiv_positive` speaks of one world"),
        ("%! X.\nviolated(x) :- is(hiv, positiv, 1).", "does not occur in any rule head"),
    ],
)
def test_what_is_no_property_is_refused(rules: str, says: str, tmp_path: Path) -> None:
    reasoner = planted(tmp_path, (PROPERTIES, rules))
    with pytest.raises(PolicyError) as refused:
        list(verify(reasoner))
    assert says in str(refused.value)


# -- records --------------------------------------------------------------------------------------

RECORD_FAULTS = {
    "silent_record_approves": (EVIDENCE, "supports(hiv, negative, request) :- observation(_)."),
    "claim_approves": (EVIDENCE, "supports(failed(D), yes, R) :- tried(R, D), undocumented(R)."),
    "flawed_record_approves": (
        EVIDENCE,
        "supports(hiv, negative, R) :- observation(R), flaw(R, _).",
    ),
    "silent_record_denies": (
        EVIDENCE,
        "supports(infection, yes, request) :- condition(R), status(R, resolved).",
    ),
    "failure_denies": (CRITERIA, "applies(exclusion(v)) :- is(failed(D), yes), alternative(D)."),
    "reactive_test_approves": (
        EVIDENCE,
        "supports(hiv, negative, R) :- observation(R), result(R, reactive).",
    ),
}


def test_no_record_breaks_a_property_and_each_was_tried() -> None:
    found = {one.property.id: one for one in try_records(the_reasoner())}
    assert found.keys() == RECORD_FAULTS.keys()
    assert {one.outcome for one in found.values()} == {"none found"}
    assert all(one.met for one in found.values())
    (bounds,) = {one.bounds for one in found.values()}
    assert bounds.pairs == bounds.cases * bounds.records <= PAIRS


TOGETHER = [
    ("silent_record_approves", "failure_denies"),
    ("claim_approves", "flawed_record_approves", "silent_record_denies", "reactive_test_approves"),
]
"""Faults that do not hide each other are planted at once."""


def test_every_fault_is_planted() -> None:
    assert sorted(name for names in TOGETHER for name in names) == sorted(RECORD_FAULTS)


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names[0])
def test_a_record_that_breaks_a_property_is_shown(names: tuple[str, ...], tmp_path: Path) -> None:
    reasoner = planted(tmp_path, *(RECORD_FAULTS[name] for name in names))
    sections = ("conditions", "therapies", "observations", "doses")
    tried = {one.property.id: one for one in try_records(reasoner)}
    for name in names:
        found = tried[name]
        assert found.outcome == "violated", name
        first, second = found.cases
        for case in found.cases:
            path = tmp_path / "case.yaml"
            path.write_text(case.as_yaml(), encoding="utf-8")
            decision = reasoner.decide(load_case(str(path)))
            assert decision.recommendation == case.decision.recommendation
        assert first.decision.recommendation != second.decision.recommendation
        assert first.case.answers == second.case.answers
        more = [len(getattr(second.case, s)) - len(getattr(first.case, s)) for s in sections]
        assert sorted(more) == [0, 0, 0, 1]


# -- structure ------------------------------------------------------------------------------------


def kinds(found: list[Finding], kind: str) -> list[str]:
    return [one.about for one in found if one.kind == kind]


def test_what_the_build_of_the_policy_shows() -> None:
    found = list(structure(the_reasoner()))
    assert kinds(found, "clause_without_effect") == ["exclusion.I", "exclusion.II", "exclusion.III"]
    assert kinds(found, "definition_excluded") == ["phenotype = cis"]
    assert kinds(found, "rule_never_fires") == []
    assert kinds(found, "rule_without_effect") == []
    assert kinds(found, "answer_unsupported") == ["service_dates", "highly_active"]
    (idle,) = kinds(found, "question_without_effect")
    assert "intolerant(rituximab)" in idle
    rules = rules_folder()
    for place in (place for one in found for place in one.places):
        file, _, line = place.rpartition(":")
        assert "(" in (rules / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


FLAWS = [
    (CRITERIA, "met(approval(iii)) :- is(hiv, negative), is(adult, yes)."),
    (EXCLUSIONS, "applies(exclusion(v)) :- is(phenotype, cis), is(phenotype, ppms)."),
    (QUESTIONS, "question(weather). answer(weather, (fine; bad))."),
    (PARAMETERS, "relapsing(cis)."),
]


def test_what_is_planted_is_found(tmp_path: Path) -> None:
    found = list(structure(planted(tmp_path, *FLAWS)))
    assert kinds(found, "rule_without_effect") == ["met(approval(iii))"]
    assert kinds(found, "rule_never_fires") == ["applies(exclusion(v))"]
    assert "weather" in kinds(found, "question_without_effect")
    assert "weather" in kinds(found, "answer_unsupported")
    said = [one.text for one in found if one.kind == "definition_excluded"]
    assert any("meets approval.I and makes exclusion.I apply" in text for text in said)
    assert "exclusion.I" not in kinds(found, "clause_without_effect")


# -- the command ----------------------------------------------------------------------------------


def test_the_command_proves(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--pairs", "30"]) == ANSWERED
    out = capsys.readouterr().out
    assert "PROVED   hiv_positive  An HIV-positive request is never approved." in out
    assert "24 properties: 24 proved" in out
    assert "Records: tried on 22 pairs of cases, nothing of it proved" in out


def test_the_command_shows_and_saves_a_violation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(tmp_path, FAULTS["more_failures"])
    rules, cases = ["--rules", str(tmp_path / "rules")], tmp_path / "cases"
    assert (
        run(["verify", *rules, "--save-case", str(cases), "--format", "json", "--pairs", "0"])
        == FAILED
    )
    found = json.loads(capsys.readouterr().out)
    (row,) = [one for one in found["properties"] if one["id"] == "more_failures"]
    assert row["outcome"] == "violated"
    assert [case["recommendation"] for case in row["cases"]] == ["approve", "deny"]
    for case in row["cases"]:
        assert run(["decide", *rules, case["file"], "--format", "json"]) == ANSWERED
        assert json.loads(capsys.readouterr().out)["recommendation"] == case["recommendation"]
    assert run(["verify", *rules, "--pairs", "0"]) == FAILED
    assert "VIOLATED more_failures" in capsys.readouterr().out


def test_no_conclusion_has_its_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def out_of_time(reasoner: Reasoner, *, seconds: float | None) -> Iterator[Verified]:
        assert seconds
        return verify(reasoner, seconds=0)

    monkeypatch.setattr("workbench.properties.verify", out_of_time)
    assert run(["verify", "--pairs", "0"]) == OPEN
    assert "UNKNOWN  hiv_positive" in capsys.readouterr().out


def test_a_property_that_is_none_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted(tmp_path, (PROPERTIES, ":- is(hiv, positive)."))
    assert run(["verify", "--rules", str(tmp_path / "rules")]) == INPUT
    assert "error[policy.property]" in capsys.readouterr().err
