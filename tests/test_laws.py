"""Laws that hold of every case, tried on generated ones; a case is named by its seed.

What is *not* a law: taking a record away may well help. Without a reactive screen an older
negative one counts again, without an infection there is none, without a dose the window is
empty. The laws below name the records whose absence never helps.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import product
from typing import Any

import msgspec
import pytest

import oracle
from oracle.evidence import questions
from oracle.request import open_case
from oracle.settle import Answer
from reasoner.case import decode_case
from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.model import Case
from test_oracle import reasoner

Raw = dict[str, Any]
Result = tuple[str, int | None]

SECTIONS = ("conditions", "therapies", "observations", "doses")
FAVOURABLE = ("approve", "partial", "refer")
SEEDS = range(20_000, 20_160)  # none that the oracle is compared on
SOURCE = {"document": "chart.pdf", "page": 1}


def case_of(raw: Raw) -> Case:
    return decode_case(raw, where=str(raw["id"]))


@cache
def document(seed: int) -> Raw:
    return oracle.generate(seed)


@cache
def decided() -> dict[int, Decision]:
    cases = [case_of(document(seed)) for seed in SEEDS]
    return dict(zip(SEEDS, reasoner().decide_many(cases), strict=True))


def again(change: Callable[[Raw, random.Random], object], among: Iterable[int]) -> dict[int, Any]:
    """Decide the cases of the seeds *among* after a change."""
    changed: dict[int, Raw] = {}
    for seed in among:
        raw = copy.deepcopy(document(seed))
        if change(raw, random.Random(seed)) is not False:
            changed[seed] = raw
    decisions = reasoner().decide_many(case_of(raw) for raw in changed.values())
    return dict(zip(changed, decisions, strict=True))


def result(decision: Decision) -> Result:
    approved = decision.quantity.approved
    return decision.recommendation, approved["vials"] if approved else None


def encoded(decision: Decision) -> bytes:
    return msgspec.json.encode(decision)


def seeds_of(*recommendations: str) -> list[int]:
    return [s for s, d in decided().items() if d.recommendation in recommendations]


# --- the same case, the same bytes ------------------------------------------------------------


def shuffle(raw: Raw, rng: random.Random) -> None:
    for name in (*SECTIONS, "answers", "complete"):
        rng.shuffle(raw.get(name, []))
    for record in (raw, raw["request"], *(r for s in SECTIONS for r in raw.get(s, ()))):
        keys = list(record.items())
        rng.shuffle(keys)
        record.clear()
        record.update(keys)


def test_the_order_of_records_does_not_matter() -> None:
    turned = again(shuffle, SEEDS)
    assert [s for s, d in decided().items() if encoded(turned[s]) != encoded(d)] == []


def test_a_case_alone_is_decided_as_among_others() -> None:
    alone = {s: reasoner().decide(case_of(document(s))) for s in SEEDS[:40]}
    assert [s for s, d in alone.items() if encoded(d) != encoded(decided()[s])] == []


def test_other_company_changes_nothing() -> None:
    order = list(reversed(SEEDS))
    decisions = reasoner().decide_many(case_of(document(s)) for s in order)
    other = dict(zip(order, decisions, strict=True))
    assert [s for s, d in decided().items() if encoded(other[s]) != encoded(d)] == []


def test_a_decision_is_repeated_from_its_record() -> None:
    for seed in SEEDS[:60]:
        old = msgspec.json.decode(encoded(decided()[seed]), type=Decision)
        new = reasoner().decide(
            case_of(document(seed)),
            readings={used.id: str(used.value) for used in old.readings},
            decided_on=dt.date.fromisoformat(old.decided_on) if old.decided_on else None,
        )
        assert encoded(new) == encoded(old), seed


HASHED = """
import sys
import msgspec
from test_laws import SEEDS, case_of, document
from test_oracle import reasoner

for decision in reasoner().decide_many(case_of(document(seed)) for seed in SEEDS[:60]):
    sys.stdout.buffer.write(msgspec.json.encode(decision))
"""


def test_the_hash_seed_changes_no_byte() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", HASHED],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1234")
    }
    assert outputs == {b"".join(encoded(decided()[seed]) for seed in SEEDS[:60])}


# --- questions and answers --------------------------------------------------------------------

Assignment = tuple[tuple[str, Answer], ...]


def under(assignments: Iterable[tuple[int, Assignment]]) -> dict[tuple[int, Assignment], Result]:
    """The result of each seed's case with questions answered as if for certain."""
    groups: dict[Assignment, list[int]] = {}
    for seed, assignment in assignments:
        groups.setdefault(assignment, []).append(seed)
    found: dict[tuple[int, Assignment], Result] = {}
    for assignment, seeds in groups.items():
        decisions = reasoner().decide_many(
            (case_of(document(seed)) for seed in seeds), answers=dict(assignment)
        )
        found |= {
            (seed, assignment): result(decision)
            for seed, decision in zip(seeds, decisions, strict=True)
        }
    return found


def test_answering_what_is_open_changes_no_certain_result() -> None:
    tried = [
        (seed, ((name, answer),))
        for seed in seeds_of("approve", "partial", "deny", "refer", "not_applicable")
        for name, question in questions(open_case(document(seed))).items()
        if question.presumed is None and set(question.possible) == set(question.declared)
        for answer in random.Random(seed).sample(question.possible, 2)
    ]
    assert len(tried) > 100
    changed = {
        key: found for key, found in under(tried).items() if found != result(decided()[key[0]])
    }
    assert changed == {}


def asked(seed: int) -> dict[str, tuple[Answer, ...]]:
    """Every single question behind what is missing, with the answers that it may have.

    Presumptions are freed where only they keep a denial from being certain.
    """
    labels = {missing.question for missing in decided()[seed].missing}
    open_questions: dict[str, tuple[Answer, ...]] = {}
    for name, question in questions(open_case(document(seed))).items():
        label = f"{name.split('(')[0]}(_)" if "(" in name else name
        if label in labels and len(question.freed) > 1:
            open_questions[name] = question.freed
    return open_questions


def test_what_is_asked_for_suffices() -> None:
    tried: list[tuple[int, Assignment]] = []
    for seed in seeds_of("pend"):
        rng, open_questions = random.Random(seed), asked(seed)
        tried += [
            (seed, tuple((name, rng.choice(answers)) for name, answers in open_questions.items()))
            for _ in range(3)
        ]
    still = [key for key, (recommendation, _) in under(tried).items() if recommendation == "pend"]
    assert still == []


def test_each_question_asked_for_can_change_the_result() -> None:
    """Two worlds that differ in it alone differ in the result, found by trying every answer."""
    small: dict[int, dict[str, tuple[Answer, ...]]] = {}
    for seed in seeds_of("pend"):
        open_questions = asked(seed)
        combinations = 1
        for answers in open_questions.values():
            combinations *= len(answers)
        if combinations <= 12:
            small[seed] = open_questions
    assert len(small) > 40
    worlds = {
        seed: [tuple(zip(names, choice, strict=True)) for choice in product(*names.values())]
        for seed, names in small.items()
    }
    results = under((seed, world) for seed, every in worlds.items() for world in every)
    idle: list[tuple[int, str]] = []
    for seed in small:
        changing = set()
        for one, two in product(worlds[seed], repeat=2):
            apart = [name for (name, a), (_, b) in zip(one, two, strict=True) if a != b]
            if len(apart) == 1 and results[seed, one] != results[seed, two]:
                changing.add(apart[0].split("(")[0])
        idle += [
            (seed, missing.question)
            for missing in decided()[seed].missing
            if missing.question.split("(")[0] not in changing
        ]
    assert idle == []


def test_an_undeclared_answer_settles_nothing() -> None:
    names = ("infection", "hiv", "phenotype", "adult", "concurrent(others)", "first_course")

    def stray(raw: Raw, rng: random.Random) -> None:
        given = {"question": rng.choice((*names, "vials_requested")), "answer": "perhaps"}
        raw["answers"] = [*raw.get("answers", []), given]

    for seed, decision in again(stray, SEEDS).items():
        before = result(decided()[seed])
        assert result(decision) in (before, ("pend", None)), seed
        assert any("undeclared_answer" in doubt.reason for doubt in decision.doubts), seed


# --- what never approves ----------------------------------------------------------------------


def test_an_exclusion_that_applies_never_approves() -> None:
    applying = {
        seed: decision.recommendation
        for seed, decision in decided().items()
        if any(c.kind == "exclusion" and c.status == "applies" for c in decision.clauses)
    }
    assert len(applying) > 25
    assert set(applying.values()) <= {"deny", "pend", "not_applicable"}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("hiv", "positive"),
        ("infection", "yes"),
        ("concurrent(others)", "yes"),
        ("phenotype", "cis"),
        ("phenotype", "ppms"),
        ("phenotype", "nonactive_spms"),
        ("indication", "other"),
        ("adult", "no"),
        ("vials_available", (0, 0)),
        ("scope", "no"),
        ("service_dates", "unplanned"),
    ],
)
def test_an_answer_that_blocks_never_approves(question: str, answer: str | tuple[int, int]) -> None:
    cases = (case_of(document(seed)) for seed in SEEDS)
    decisions = reasoner().decide_many(cases, answers={question: answer})
    wrong = FAVOURABLE if question != "service_dates" else ("approve", "partial")
    assert [d.case.id for d in decisions if d.recommendation in wrong] == []


def test_no_more_is_approved_than_was_asked_for_or_fits() -> None:
    later = reasoner().decide_many(
        (case_of(document(seed)) for seed in SEEDS), answers={"first_course": "no"}
    )
    for decision, most in [*((d, 5) for d in decided().values()), *((d, 3) for d in later)]:
        if decision.recommendation not in ("approve", "partial"):
            assert decision.quantity.approved is None
            continue
        assert decision.quantity.requested is not None
        assert decision.quantity.approved is not None
        requested = decision.quantity.requested["vials"]
        approved = decision.quantity.approved["vials"]
        assert 0 < approved <= min(most, requested), decision.case.id
        assert (approved == requested) is (decision.recommendation == "approve"), decision.case.id


# --- records that are added -------------------------------------------------------------------

NEUTRAL: dict[str, tuple[str, Raw]] = {
    "a known other drug that ended": (
        "therapies",
        {"product": "metformin", "start": "2015-01-01", "end": "2016-01-01", "taken": True},
    ),
    "a known other drug in use": (
        "therapies",
        {"product": "metformin", "start": "2015-01-01", "ongoing": True, "taken": True},
    ),
    "a known disease that is no infection": (
        "conditions",
        {"code": "I10", "status": "active", "recorded": "2020-05-05"},
    ),
    "an MS drug that was never taken": (
        "therapies",
        {"product": "Zinbryta", "start": "2015-01-01", "end": "2015-01-02", "taken": False},
    ),
    "an MS drug that worked until it ended": (
        "therapies",
        {"product": "Zinbryta", "start": "2015-01-01", "end": "2016-01-01", "taken": True,
         "response": "adequate", "indication": {"code": "G35"}},
    ),
    "an old negative screen": (
        "observations",
        {"code": "56888-1", "result": "non_reactive", "date": "2012-02-02"},
    ),
    "an infection that is over": (
        "conditions",
        {"code": "N10", "status": "resolved", "recorded": "2019-03-03", "end": "2019-04-03"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", NEUTRAL)
def test_a_neutral_record_turns_no_approval_into_a_denial(what: str) -> None:
    section, record = NEUTRAL[what]

    def add(raw: Raw, rng: random.Random) -> None:
        raw[section] = [*raw.get(section, []), {"id": "neutral", "source": SOURCE} | record]

    changed = {
        seed: (result(decided()[seed]), result(decision))
        for seed, decision in again(add, seeds_of("approve", "partial")).items()
        if result(decision) != result(decided()[seed])
    }
    assert changed == {}


# --- records that are taken away --------------------------------------------------------------


def only_worse(decisions: Mapping[int, Decision]) -> list[int]:
    """The seeds whose case is now looked on with favour and was not before."""
    return [
        seed
        for seed, decision in decisions.items()
        if decision.recommendation in FAVOURABLE
        and decided()[seed].recommendation not in FAVOURABLE
    ]


def without(section: str, question: str) -> Callable[[Raw, random.Random], None]:
    """Take a whole section away, and what was answered directly in its place."""

    def take(raw: Raw, rng: random.Random) -> None:
        raw.pop(section, None)
        given = raw.get("answers", [])
        raw["answers"] = [answer for answer in given if not answer["question"].startswith(question)]
        for answer in raw["answers"]:
            answer.pop("overrules", None)

    return take


@pytest.mark.parametrize(
    ("section", "question"),
    [("conditions", "phenotype"), ("therapies", "failed"), ("observations", "hiv")],
)
def test_nothing_is_approved_without_its_evidence(section: str, question: str) -> None:
    decisions = again(without(section, question), SEEDS)
    assert [s for s, d in decisions.items() if d.recommendation in FAVOURABLE] == []


def test_nothing_is_approved_on_claims_alone() -> None:
    def claim(raw: Raw, rng: random.Random) -> None:
        raw["answers"] = []
        for section in SECTIONS:
            for record in raw.get(section, ()):
                record.pop("source", None)
                record["documented"] = False

    decisions = again(claim, SEEDS)
    assert [s for s, d in decisions.items() if d.recommendation in FAVOURABLE] == []


def test_a_list_that_is_not_complete_settles_no_more() -> None:
    def reopen(raw: Raw, rng: random.Random) -> None:
        raw["complete"] = []

    for seed, decision in again(reopen, SEEDS).items():
        assert result(decision) in (result(decided()[seed]), ("pend", None)), seed


def shows_a_failure(record: Raw, raw: Raw) -> bool:
    """A trial that failed and ended, and that no other record of the same start disputes."""
    others = [r for r in raw["therapies"] if r is not record]
    return (
        record.get("taken") is True
        and record.get("response") == "inadequate"
        and len(record.get("start", "")) == len(record.get("end", "")) == len("2020-01-01")
        and record["start"] < record["end"] < raw["request"]["received"]
        and "ongoing" not in record
        and all(other.get("start") != record["start"] for other in others)
    )


def test_a_failure_less_never_helps() -> None:
    def forget(raw: Raw, rng: random.Random) -> bool:
        therapies = raw.get("therapies", [])
        shown = [r for r in therapies if raw["request"].get("received") and shows_a_failure(r, raw)]
        if not shown:
            return False
        gone = rng.choice(shown)
        therapies.remove(gone)
        for answer in raw.get("answers", ()):
            if gone["id"] in answer.get("overrules", ()):
                del answer["overrules"]
        return True

    decisions = again(forget, SEEDS)
    assert len(decisions) > len(SEEDS) // 3
    assert only_worse(decisions) == []


def test_a_negative_test_less_never_helps() -> None:
    def forget(raw: Raw, rng: random.Random) -> bool:
        tests = raw.get("observations", [])
        if not tests or any(test["result"] != "non_reactive" for test in tests):
            return False
        tests.remove(rng.choice(tests))
        return True

    decisions = again(forget, SEEDS)
    assert len(decisions) > len(SEEDS) // 3
    assert only_worse(decisions) == []


def test_a_dose_more_never_helps() -> None:
    def give(raw: Raw, rng: random.Random) -> bool:
        days = raw["request"].get("service_dates")
        if not raw.get("doses") or not days or len(days[0]) < len("2020-01-01"):
            return False
        last = max(dose["date"] for dose in raw["doses"])
        if len(last) < len("2020-01-01"):
            return False
        raw["doses"].append({"id": "more", "date": last, "quantity": {"value": 1, "unit": "vial"}})
        return True

    for seed, decision in again(give, SEEDS).items():
        before, after = result(decided()[seed]), result(decision)
        if after[1] is not None:
            assert before[1] is not None, seed
            assert after[1] <= before[1], seed


def test_the_rules_that_are_asked_are_those_that_are_shipped() -> None:
    assert isinstance(reasoner(), Reasoner)
    assert reasoner().policy.id == "mp-rx-fp-52-23"
