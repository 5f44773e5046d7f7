"""Three ways to one answer: from tables in a stream, from the solver, and from few questions."""

from __future__ import annotations

import random
from collections.abc import Callable

import clingo
import msgspec
import pytest

import oracle
import teaching_oracle
from benchmarks.cases import cases as generated
from reasoner import table, terminology
from reasoner.case import decode_case
from reasoner.circuit import Circuit, GroundRules, compiled
from reasoner.criteria import State
from reasoner.engine import MANY, Reasoner, decision_day
from reasoner.errors import CaseError
from reasoner.model import Case
from reasoner.narrowing import beyond, narrowing
from reasoner.policy import load_policy, rules_folder
from reasoner.worlds import Worlds

encode = msgspec.json.Encoder().encode


def new(policy: str | None = None) -> Reasoner:
    folder = rules_folder()
    tables = terminology.load(folder / "terminology")
    return Reasoner(load_policy(folder, policy), tables, version="0")


@pytest.fixture(scope="module")
def alone() -> Reasoner:
    return new()


@pytest.fixture(scope="module")
def quick() -> Worlds:
    worlds = new().worlds
    worlds.tabulate()
    return worlds


def batch(seed: int) -> list[Case]:
    """Cases of both generators: the one is full of conflicts, the other of drugs."""
    drawn = [oracle.generate(seed * 1000 + number) for number in range(MANY // 2)]
    return [decode_case(raw, where="") for raw in (*drawn, *generated(MANY // 2, seed=seed))]


def some_readings(reasoner: Reasoner, draw: random.Random) -> dict[str, str]:
    names = draw.sample(sorted(reasoner.readings), draw.randrange(4))
    return {name: str(draw.choice(reasoner.readings[name])) for name in names}


# --- decisions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [21, 22])
def test_a_stream_decides_as_each_case_alone(alone: Reasoner, seed: int) -> None:
    cases = batch(seed)
    readings = some_readings(alone, random.Random(seed))
    stream = new()
    together = list(stream.decide_many(cases, readings=readings))
    one_by_one = [alone.decide(case, readings=readings) for case in cases]
    assert stream.worlds.has_tables
    assert not alone.worlds.has_tables
    assert [encode(decision) for decision in together] == [encode(one) for one in one_by_one]


def test_where_the_worlds_are_too_many_the_solver_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [case for seed in range(30, 36) for case in batch(seed)]
    quick = [encode(decision) for decision in new().decide_many(cases)]
    monkeypatch.setattr(table, "MOST_WORLDS", 1)
    monkeypatch.setattr(table, "MOST_VARIANTS", 1)
    assert [encode(decision) for decision in new().decide_many(cases)] == quick


@pytest.mark.parametrize("seed", [23, 24])
def test_worlds_of_one_case_decide_as_all_worlds_do(alone: Reasoner, seed: int) -> None:
    cases, once = batch(seed), new()
    readings = some_readings(alone, random.Random(seed))
    for case in cases:
        found = once.decide_alone(case, readings=readings)
        assert encode(found.decision) == encode(alone.decide(case, readings=readings))
        assert len(found.worlds.answers) < len(alone.worlds.answers)
    assert "worlds" not in vars(once) or any(case.answers for case in cases)


def test_worlds_of_one_case_of_another_policy_decide_alike() -> None:
    always, once = new("teaching-infliximab"), new("teaching-infliximab")
    for number in range(24):
        case = decode_case(teaching_oracle.generate(number), where="")
        assert encode(once.decide_alone(case).decision) == encode(always.decide(case))


def test_a_number_beyond_the_usual_ones_and_a_wrong_answer_are_known_alone(alone: Reasoner) -> None:
    raw = oracle.generate(1)
    raw["answers"] = [{"question": "vials_requested", "answer": 77, "date": "2026-01-05"}]
    case = decode_case(raw, where="")
    assert encode(new().decide_alone(case).decision) == encode(alone.decide(case))
    for question in ("failed(fingolimodd)", "nonsense"):
        raw["answers"] = [{"question": question, "answer": "yes", "date": "2026-01-05"}]
        with pytest.raises(CaseError, match="asks no question") as error:
            new().decide_alone(decode_case(raw, where=""))
        assert "fingolimod" in (error.value.hint or "") or "fingo" not in question


# --- queries -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_tables_answer_as_the_solver_does(alone: Reasoner, quick: Worlds, seed: int) -> None:
    """Random sets of worlds, which no case need leave: readings and dozens of drugs open."""
    draw = random.Random(seed)
    slow = alone.worlds
    asked = draw.sample(list(slow.every), draw.randrange(4, 24))
    answers = {
        question: frozenset(draw.sample(slow.answers[question], draw.choice([1, 1, 2])))
        for question in asked
    }
    single = [question for question, allowed in answers.items() if len(allowed) == 1]
    freed = {question: slow.every[question] for question in single[:8]}
    assert quick.has_tables
    queries: tuple[Callable[[Worlds], object], ...] = (
        lambda worlds: worlds.survey(answers).results,
        lambda worlds: worlds.survey(answers).statuses,
        lambda worlds: worlds.survey(answers).free,
        lambda worlds: worlds.survey(answers).blocking,
        lambda worlds: worlds.survey(answers).referrals,
        lambda worlds: worlds.survey(answers).advisories,
        lambda worlds: worlds.outcome(answers),
        lambda worlds: worlds.separating(answers),
        lambda worlds: worlds.varying(answers, asked[:3]),
        lambda worlds: worlds.needed(answers, "deny"),
        lambda worlds: worlds.disjunction(answers, list(slow.policy.clause_ids)),
        lambda worlds: worlds.resting_on(answers, freed),
    )
    for query in queries:
        assert query(quick) == query(slow)


def test_what_was_foreseen_is_what_is_seen(quick: Worlds) -> None:
    draw = random.Random(5)
    tables = quick._tables  # what is remembered between queries
    assert tables is not None
    states = []
    for _ in range(40):
        places = draw.sample(range(len(quick.every)), 9)
        sizes = [len(answers) for answers in quick.answers.values()]
        states.append(State({place: draw.randrange(1, 1 << sizes[place]) for place in places}))
    tables.foresee((state, True) for state in states)
    together = [tables.insight(state, more=True) for state in states]
    for state, seen in zip(states, together, strict=True):
        tables._known.clear()  # and so looked at again, alone
        again = tables.insight(state, more=True)
        assert (again.places, again.results, again.is_certain) == (
            seen.places,
            seen.results,
            seen.is_certain,
        )


@pytest.mark.parametrize("seed", [41])
def test_a_change_leaves_what_choosing_the_reading_leaves(quick: Worlds, seed: int) -> None:
    reasoner = new()
    dated = [(case, decision_day(case)) for case in batch(seed)]
    chosen = reasoner.choose({})
    cases = [
        narrowing(quick, settled, changes, chosen, {})
        for settled, changes in reasoner.evidence.settle(dated, chosen)
    ]
    tried = {reading for case in cases for reading in case.elsewhere}
    assert len(tried) > 2
    for name, value in tried:
        there = {**chosen, name: value}
        for case, (settled, _) in zip(cases, reasoner.evidence.settle(dated, there), strict=True):
            if not beyond(quick, settled):
                expected = narrowing(quick, settled, {}, chosen, {})
                found = case.elsewhere.get((name, value), (case.kept, case.freed))
                assert found == (expected.kept, expected.freed)
                assert [a.state for a in found] == [expected.kept.state, expected.freed.state]


# --- circuits ----------------------------------------------------------------------------------


def circuit(text: str) -> Circuit | None:
    rules = GroundRules()
    control = clingo.Control(["--warn=none"])
    control.register_observer(rules)
    control.add("base", [], f"1 {{ a; b; c }} 1. 1 {{ p; q }} 1. {text}")
    control.ground([("base", [])])
    literal = {str(atom.symbol): atom.literal for atom in control.symbolic_atoms}
    return compiled(
        rules, [[literal[x] for x in "abc"], [literal[x] for x in "pq"]], [literal["x"]]
    )


@pytest.mark.parametrize(
    ("text", "worlds"),
    [
        ("x :- a, p.", "ap"),
        ("x :- not a, not p.", "bq cq"),
        ("x :- y. y :- a. y :- not q.", "ap aq bp cp"),
        ("x :- #count { 1 : a; 2 : p } >= 1.", "ap aq bp cp"),
        ("x :- #sum { 3 : a; 2 : b; 1 : p } >= 3.", "ap aq bp"),
        ("x :- not y. y :- #count { 1 : a; 2 : p } >= 2.", "aq bp bq cp cq"),
        ("x :- #sum { -1 : a; 2 : p } >= 2.", "bp cp"),
        ("x.", "ap aq bp bq cp cq"),
    ],
)
def test_a_circuit_says_in_which_worlds_an_atom_holds(text: str, worlds: str) -> None:
    made = circuit(text)
    assert made is not None
    every = [first + second for first in "abc" for second in "pq"]
    rows = [0] * made.size
    for row, name in zip((row for group in made.inputs for row in group), "abcpq", strict=True):
        rows[row] = sum(1 << n for n, world in enumerate(every) if name in world)
    full = (1 << len(every)) - 1
    made.work_out(rows, full, full.__xor__)
    output = made._gates[-1][0]
    assert [world for n, world in enumerate(every) if rows[output] >> n & 1] == worlds.split()

    tables = table.Tables(made, [0b111, 0b11], [output], {})
    places = tables.insight(State(), more=False).places
    assert {place for place in (0, 1) if _matters(place, worlds.split())} <= set(places)


def _matters(place: int, worlds: list[str]) -> bool:
    """Whether the output can hang on one question: the rest of a world does not tell it."""
    rests = [world[:place] + world[place + 1 :] for world in worlds]
    return any(rests.count(rest) not in (0, len("abc" if place == 0 else "pq")) for rest in rests)


@pytest.mark.parametrize(
    "text",
    [
        "x :- y. y :- x. x :- a.",  # an atom that depends on itself
        "x :- d. { d }.",  # a choice besides the answers
        "x :- a. :- a, p.",  # a combination of answers that cannot be
        "x :- a. :- c.",  # an answer that cannot be
        "x | y :- a.",  # one or the other
    ],
)
def test_what_is_no_circuit_is_left_to_the_solver(text: str) -> None:
    assert circuit(text) is None
