"""`what-if` without answers: every smallest change that leads to a wanted recommendation.

What is suggested is applied by `Reasoner.decide`, and compared with all sets of answers tried
one by one, which knows nothing of requirements, boxes and kinds.

`REPAIR_CASES=1000 pytest tests/test_what_if.py -k generated` applies every suggestion, and every
part of it, for so many generated cases.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import combinations, islice, product
from pathlib import Path
from typing import Any

import pytest
from clingo import Symbol

import oracle
from benchmarks import cases as invented
from reasoner import smallest as smallest_module
from reasoner import terminology, wishes
from reasoner.alternatives import Alternative, Alternatives, Change
from reasoner.case import decode_case, load_case, load_document
from reasoner.cli import run
from reasoner.cli.failure import ANSWERED, USAGE
from reasoner.engine import Reasoner
from reasoner.errors import UsageError
from reasoner.facts import answer_value
from reasoner.model import AnswerValue, Case, Recommendation
from reasoner.policy import load_policy, rules_folder
from reasoner.wishes import find_alternatives

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
FILES = [*EXAMPLES, *sorted((ROOT / "tests" / "data" / "cases").glob("*.yaml"))]
REPAIRS = int(os.environ.get("REPAIR_CASES", "0"))
WANTED: tuple[Recommendation, ...] = ("approve", "partial", "deny", "refer", "not_applicable")
POLICY = "policies/mp-rx-fp-52-23"
DRUGS = [
    *("Avonex", "Copaxone", "Gilenya", "Mayzent", "Zeposia", "Ponvory"),
    *("Aubagio", "Tecfidera", "Mavenclad", "Kesimpta", "Ocrevus", "Tysabri"),
]

Given = dict[str, AnswerValue]


@cache
def reasoner() -> Reasoner:
    folder = rules_folder()
    return Reasoner(load_policy(folder), terminology.load(folder / "terminology"), version="0")


def changed(tmp_path: Path, file: str, *changes: tuple[str, str]) -> Reasoner:
    """A reasoner whose rules have *changes*, each of which must apply."""
    rules = tmp_path / "rules"
    shutil.copytree(rules_folder(), rules)
    text = (rules / file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (rules / file).write_text(text, encoding="utf-8")
    return Reasoner(load_policy(rules), terminology.load(rules / "terminology"), version="0")


def example(name: str) -> Case:
    return load_case(str(ROOT / "examples" / f"{name}.yaml"))


def raw(name: str) -> dict[str, Any]:
    document = load_document(str(ROOT / "examples" / f"{name}.yaml")).value
    assert isinstance(document, dict)
    return document


def search(case: Case, want: Recommendation = "approve", **readings: str) -> Alternatives:
    return find_alternatives(reasoner(), case, want, readings=readings)


# --- what a suggestion stands for -------------------------------------------------------------


def picked(change: Change) -> Iterator[Given]:
    for option in change.options:
        parts = []
        for pick in option:
            ways = [
                dict(zip(some, answers, strict=True))
                for some in combinations(pick.of, pick.any)
                for answers in product(pick.answers, repeat=pick.any)
            ]
            parts.append(ways)
        for chosen in product(*parts):
            found: Given = {}
            for one in chosen:
                found |= one
            if len(found) == sum(pick.any for pick in option):  # not one question twice
                yield found


def sets(alternative: Alternative) -> Iterator[Given]:
    """Every set of answers that an alternative stands for."""
    for chosen in product(*(list(picked(change)) for change in alternative.changes)):
        found: Given = {}
        for one in chosen:
            found |= one
        yield found


def spread(alternative: Alternative, most: int) -> list[Given]:
    """So many of the sets, from the first to the last."""
    every = list(islice(sets(alternative), 2000))
    return every[:: max(1, len(every) // most)]


def parts(given: Given, *, every: bool) -> Iterator[Given]:
    """Every proper part of a set, or those with one answer less."""
    sizes = range(len(given)) if every else [len(given) - 1]
    for size in sizes:
        for some in combinations(given.items(), size):
            yield dict(some)


def decided(case: Case, given: Given, rules: Reasoner | None = None, **readings: str) -> str:
    return (rules or reasoner()).decide(case, answers=given, readings=readings).recommendation


# --- each suggestion, applied -----------------------------------------------------------------


@pytest.mark.parametrize("want", WANTED)
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_suggestion_leads_there_and_no_part_of_it(path: Path, want: Recommendation) -> None:
    case = load_case(str(path))
    found = search(case, want)
    assert found.already == (decided(case, {}) == want)
    assert not (found.already and found.alternatives)
    assert not found.bounds.reached
    for alternative in found.alternatives:
        for given in spread(alternative, 2):
            assert decided(case, given) == want, given
            for part in parts(given, every=len(given) <= 3):
                assert decided(case, part) != want, (given, part)


def generated(count: int) -> Iterator[tuple[str, Case]]:
    for seed in range(count - count // 3):
        yield f"oracle {seed}", decode_case(oracle.generate(seed), where=f"seed {seed}")
    for number, made in enumerate(invented.cases(count // 3, seed=11)):
        yield f"invented {number}", decode_case(json.loads(json.dumps(made)), where=f"{number}")


@pytest.mark.parametrize("want", ["approve", "deny"])
def test_each_suggestion_for_generated_cases_leads_there(want: Recommendation) -> None:
    """Of few cases some suggestions are tried, of many cases all, with all of their parts."""
    told = 0
    for name, case in generated(REPAIRS or 39):
        found = search(case, want)
        assert found.already == (decided(case, {}) == want), name
        assert not found.bounds.reached, name
        for alternative in found.alternatives[: None if REPAIRS else 3]:
            (given,) = spread(alternative, 1)[:1]
            assert decided(case, given) == want, (name, given)
            every = parts(given, every=len(given) <= 6) if REPAIRS else parts(given, every=False)
            for part in every if REPAIRS else islice(every, 3):
                assert decided(case, part) != want, (name, given, part)
            told += 1
    assert told > 15


# --- none is lost -----------------------------------------------------------------------------


def tried(
    case: Case, want: Recommendation, most: int, rules: Reasoner, readings: Mapping[str, str]
) -> set[frozenset[tuple[str, AnswerValue]]]:
    """The smallest sets of at most *most* answers, found by trying them all."""
    examined = rules.examine(case, readings=readings)
    looked = wishes._Search(rules, examined, rules.choose(readings), want)
    pairs = [(q, a) for q, answers in sorted(looked.ways.items()) for a in sorted(answers)]
    found: set[frozenset[tuple[Symbol, Symbol]]] = set()
    for size in range(most + 1):
        for some in combinations(pairs, size):
            given = frozenset(some)
            if len(dict(some)) < size or any(one <= given for one in found):
                continue
            if looked._leads_there({q: frozenset({a}) for q, a in some}):
                found.add(given)
    return {frozenset((str(q), answer_value(a)) for q, a in one) for one in found}


def suggested(
    case: Case, want: Recommendation, most: int, rules: Reasoner, readings: Mapping[str, str]
) -> set[frozenset[tuple[str, AnswerValue]]]:
    found = find_alternatives(rules, case, want, readings=readings)
    every = {
        frozenset(given.items())
        for alternative in found.alternatives
        for given in sets(alternative)
    }
    return {one for one in every if len(one) <= most}


def dominated(one: frozenset[tuple[str, AnswerValue]]) -> frozenset[tuple[str, AnswerValue]]:
    """The set with one further failed drug where *one* has two: it says more than is needed."""
    return frozenset((q, 1) if (q, a) == ("failed(others)", 2) else (q, a) for q, a in one)


COMPLETE: dict[str, tuple[Recommendation, int, dict[str, str]]] = {
    "exhausted": ("approve", 2, {}),
    "partial": ("approve", 2, {}),
    "several": ("approve", 3, {}),
    "open": ("approve", 2, {}),
    "two claims": ("approve", 2, {}),
    "by class": ("approve", 2, {"counted_by": "class"}),
    "deny": ("deny", 2, {}),
    "split": ("approve", 2, {}),
    "bypass": ("approve", 2, {"highly_active_bypass": "yes"}),
    "doses not stated": ("approve", 2, {}),
    "quantity not stated": ("partial", 2, {}),
}


def case_named(name: str) -> Case:
    made = raw("approve")
    claims = [
        {"id": f"c{i}", "product": product, "taken": True, "documented": False, "end": "2019"}
        for i, product in enumerate(["Avonex", "Rebif", "Betaseron", "Gilenya"])
    ]
    match name:
        case "exhausted":
            return example("deny-exhausted")
        case "partial":
            return example("partial")
        case "several":
            return example("deny-several")
        case "open":
            return example("pend-missing")
        case "two claims" | "by class":
            made["therapies"] = claims
            made["complete"] = ["doses"]
        case "split":
            # Either form will do, and so will any number of further drugs: no answer is needed
            # for them, though neither is known.
            made["conditions"] = [*made["conditions"], active_spms()]
            made["complete"] = ["doses"]
            made["observations"] = []
        case "doses not stated":
            made["complete"] = ["therapies"]
        case "quantity not stated":
            del made["request"]["quantity"]
            made["request"].pop("billed_units", None)
        case "bypass":
            made["therapies"] = claims[:1]
            made["complete"] = ["doses"]
    return decode_case(made, where=name)


def active_spms() -> dict[str, Any]:
    return {
        "id": "dx9",
        "code": "G35.C1",
        "status": "active",
        "recorded": "2026-02-11",
        "source": {"document": "neurology.pdf", "page": 1},
    }


@pytest.mark.parametrize("name", COMPLETE)
def test_none_is_lost_that_trying_every_set_finds(name: str) -> None:
    want, most, readings = COMPLETE[name]
    case = case_named(name)
    by_hand = tried(case, want, most, reasoner(), readings)
    ours = suggested(case, want, most, reasoner(), readings)
    left_out = by_hand - ours
    assert ours <= by_hand
    assert {dominated(one) for one in left_out} <= by_hand & ours
    assert by_hand


# --- what may be suggested --------------------------------------------------------------------


def changes(found: Alternatives) -> dict[str, Change]:
    """The changes of the only alternative, by what they change."""
    (alternative,) = found.alternatives
    return {", ".join(change.questions): change for change in alternative.changes}


def test_what_records_have_settled_is_no_wish() -> None:
    found = search(example("deny-hiv"))
    assert found.alternatives == ()
    (hiv,) = found.in_the_way
    assert (hiv.question, hiv.answers, hiv.state) == ("hiv", ("positive",), "settled")
    assert hiv.records == ("hiv1", "hiv2")


def test_a_dispute_is_settled_among_the_answers_that_records_give() -> None:
    change = changes(search(example("conflict")))["phenotype"]
    assert [pick.answers for (pick,) in change.options] == [("rrms",)]
    (now,) = change.now
    assert (now.state, now.answers, now.records) == ("disputed", ("ppms", "rrms"), ("dx1", "dx2"))
    (both_excluded,) = search(example("split")).in_the_way
    assert (both_excluded.question, both_excluded.state) == ("phenotype", "disputed")


def test_the_world_may_change_what_is_settled() -> None:
    found = changes(search(example("deny-several")))
    assert list(found) == ["infection", "failed(_)", "concurrent(_)"]
    assert {one.state for change in found.values() for one in change.now} == {"settled"}
    assert all("change" in one.can for change in found.values() for one in change.now)


def test_a_drug_that_records_show_to_work_is_not_said_to_fail() -> None:
    found = changes(search(example("deny-several")))["failed(_)"]
    ((pick,),) = found.options
    assert (pick.of, pick.answers) == (("failed(others)",), (1,))


def test_days_that_are_planned_later_free_the_limit_and_not_the_exception() -> None:
    change = changes(search(example("deny-exhausted")))["vials_available"]
    assert [pick.answers for (pick,) in change.options] == [((3, 3),)]


def test_what_can_neither_change_nor_be_documented_is_never_suggested(tmp_path: Path) -> None:
    rules = changed(
        tmp_path, f"{POLICY}/questions.lp", ("vials_available; hiv)", "vials_available)")
    )
    found = find_alternatives(rules, example("pend-missing"), "approve")
    assert found.alternatives == ()
    assert [one.question for one in found.in_the_way] == ["hiv"]
    assert found.in_the_way[0].state == "open"


def test_all_that_stands_in_the_way_is_named() -> None:
    made = raw("deny-hiv")
    made["conditions"][0] |= {"code": "G35.B0", "display": "Primary progressive multiple sclerosis"}
    found = search(decode_case(made, where="two"))
    assert [one.question for one in found.in_the_way] == ["phenotype", "hiv"]


def test_nobody_wants_a_case_to_pend() -> None:
    with pytest.raises(UsageError, match="no answer leads there"):
        search(example("approve"), "pend")


# --- presumptions -----------------------------------------------------------------------------


def test_silence_that_would_deny_has_to_be_confirmed(tmp_path: Path) -> None:
    rules = changed(
        tmp_path, f"{POLICY}/questions.lp", ("presumed(infection, no)", "presumed(infection, yes)")
    )
    case = example("assumption")
    assert decided(case, {}, rules) == "pend"
    first, *_ = find_alternatives(rules, case, "deny").alternatives
    assert list(sets(first)) == [{"infection": "yes"}]
    assert first.changes[0].now[0].state == "assumed"
    assert decided(case, {"infection": "yes"}, rules) == "deny"


# --- families ---------------------------------------------------------------------------------


def many_drugs() -> Case:
    made = raw("approve")
    made["therapies"] = [
        {"id": f"rx{i}", "product": drug, "start": "2015", "end": "2018", "taken": True}
        for i, drug in enumerate(DRUGS)
    ]
    made["complete"] = ["doses"]
    return decode_case(made, where="many")


def test_drugs_that_are_interchangeable_are_one_line() -> None:
    change = changes(search(many_drugs()))["failed(_)"]
    assert change.texts == ("evidence that two more MS drugs failed",)
    shapes = [
        [(pick.any, len(pick.of), pick.answers) for pick in option] for option in change.options
    ]
    assert sorted(shapes) == [
        [(1, 1, (2,))],
        [(1, 12, ("yes",)), (1, 1, (1,))],
        [(2, 12, ("yes",))],
    ]


def test_a_reading_under_which_drugs_differ_tells_them_apart() -> None:
    change = changes(search(many_drugs(), counted_by="class"))["failed(_)"]
    for given in list(picked(change))[::5]:
        assert decided(many_drugs(), given, counted_by="class") == "approve", given
    assert max(len(pick.of) for option in change.options for pick in option) < len(DRUGS)


def test_what_is_asked_for_says_how_many_more() -> None:
    change = changes(search(example("pend-undocumented")))["failed(_)"]
    assert change.texts == ("evidence that one more MS drug failed",)
    assert len(change.options) == 2


def test_what_has_to_be_ruled_out_is_not_asked_for_as_evidence() -> None:
    found = search(many_drugs(), "deny")
    (failed,) = [a.changes[0] for a in found.alternatives if "failed(_)" in a.changes[0].questions]
    assert failed.texts == ("Which other MS drugs were taken and failed, with documentation?",)


def test_answers_that_depend_on_each_other_stay_together() -> None:
    found = search(case_named("doses not stated"))
    together = [one for a in found.alternatives for one in a.changes if len(one.questions) > 1]
    assert [one.questions for one in together] == [("vials_requested", "vials_available")]


def test_a_number_beyond_the_usual_ones_can_be_changed() -> None:
    made = raw("partial")
    made["request"] |= {"quantity": {"value": 40, "unit": "vial"}}
    del made["request"]["billed_units"]
    change = changes(search(decode_case(made, where="forty")))["vials_requested"]
    assert [pick.answers for (pick,) in change.options] == [(1, 2, 3)]


# --- bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name", "bound"),
    [
        (smallest_module, "MOST_ANSWERS", "answers"),
        (smallest_module, "MOST_SETS", "sets"),
        (wishes, "MOST_ALTERNATIVES", "alternatives"),
    ],
)
def test_a_bound_that_cuts_something_off_is_named(
    monkeypatch: pytest.MonkeyPatch,
    command: Command,
    tmp_path: Path,
    module: object,
    name: str,
    bound: str,
) -> None:
    monkeypatch.setattr(module, name, 1)
    made = raw("approve")
    made["complete"] = ["therapies"]
    made["observations"] = []
    found = search(decode_case(made, where="cut"))
    assert found.bounds.reached == (bound,)
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(made, default=str), encoding="utf-8")
    assert "Not all" in command("what-if", str(path))[1]


# --- the same bytes ---------------------------------------------------------------------------


def test_the_order_of_the_records_does_not_matter() -> None:
    made = oracle.generate(21) | {"therapies": raw("approve")["therapies"]}
    rng = random.Random(3)
    first = search(decode_case(made, where="as it is"))
    for _ in range(3):
        shuffled = dict(made)
        for section in ("conditions", "therapies", "observations", "doses"):
            shuffled[section] = rng.sample(made.get(section) or [], len(made.get(section) or []))
        assert search(decode_case(shuffled, where="shuffled")) == first


def test_the_hash_seed_does_not_matter() -> None:
    arguments = [sys.executable, "-m", "reasoner", "what-if", str(ROOT / "examples/approve.yaml")]
    arguments += ["--want", "deny", "--format", "json"]
    outputs = {
        subprocess.run(
            arguments,
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


# --- the command ------------------------------------------------------------------------------

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.delenv("ACCESSIBLE", raising=False)

    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        status = run(list(arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return called


def path_of(name: str) -> str:
    return str(ROOT / "examples" / f"{name}.yaml")


def test_the_text_says_what_where_from_and_that_it_is_no_advice(command: Command) -> None:
    status, out, _ = command("what-if", path_of("deny-several"))
    assert status == ANSWERED
    for line in (
        "WHAT WOULD LEAD TO: APPROVE RECOMMENDED  PA-2026-004588",
        "now: DENY RECOMMENDED",
        "These are facts that the policy tests for, not treatment advice.",
        "  · evidence that one more MS drug failed",
        "    concurrent(glatiramer_acetate) = no",
        "    now yes, by rx3; it can change",
    ):
        assert line in out.splitlines(), line


def test_the_next_step_that_is_offered_leads_there(command: Command) -> None:
    import shlex

    _, out, _ = command("what-if", path_of("deny-several"))
    offered = out.splitlines()[-1].partition("reasoner ")[2]
    assert "APPROVE RECOMMENDED" in command(*shlex.split(offered))[1]


def test_the_text_says_plainly_that_nothing_leads_there(command: Command) -> None:
    _, out, _ = command("what-if", path_of("deny-hiv"))
    assert "Nothing that can still be answered leads there" in out
    assert "✗ hiv  now positive, by hiv1, hiv2" in out
    _, out, _ = command("what-if", path_of("approve"))
    assert "nothing has to change: that is the recommendation now" in out


def test_the_search_as_data(command: Command) -> None:
    _, out, _ = command("what-if", path_of("refer"), "--want", "not-applicable", "--format", "json")
    found = json.loads(out)
    assert found["want"] == "not_applicable"
    assert found["bounds"]["reached"] == []
    ((change,),) = [one["changes"] for one in found["alternatives"]]
    assert change["options"] == [[{"any": 1, "of": ["scope"], "answers": ["no"]}]]
    assert change["now"][0]["can"] == ["change"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--want", "aprove"], "did you mean `approve`?"),
        (["--want", "pend"], "no answer leads there"),
        (["hiv=positive", "--want", "deny"], "leave out one of the two"),
    ],
)
def test_what_cannot_be_wanted(command: Command, arguments: list[str], said: str) -> None:
    status, out, err = command("what-if", path_of("approve"), *arguments)
    assert (status, out) == (USAGE, "")
    assert said in err


def test_answers_that_cannot_come_about_are_left_out_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One vial left would do, and no waiting leads there: a whole limit comes back, or nothing."""
    case = str(ROOT / "examples" / "deny-exhausted.yaml")
    assert run(["what-if", case, "vials_available=1,1"]) == ANSWERED
    assert "PARTIAL APPROVAL" in capsys.readouterr().out
    assert run(["what-if", case, "--want", "partial"]) == ANSWERED
    out = capsys.readouterr().out
    assert "vials_available = 3,3\n" in out
    assert "Answers that cannot come about any more are left out" in out
