"""Proofs are whole, minimal and true: on every example and on generated cases.

`PROOF_CASES=1000 pytest tests/test_proof.py` looks at so many generated cases.
"""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import clingo
import msgspec
import pytest
from clingo import Function, Symbol

import oracle
from explain.certificate import certify
from explain.contexts import Contexts
from explain.evidence import Ground, derivations, ground_evidence
from explain.instrument import read, speaking
from explain.misses import misses
from explain.node import CountNode, SplitNode, WorldNode
from explain.proof import Proof, prove
from reasoner.case import decode_case, load_case
from reasoner.certificate.check import check_proof
from reasoner.certificate.format import Claim, Differ, Leaf, Split, Tree
from reasoner.days import Calendar
from reasoner.engine import Examination, decision_day
from reasoner.model import Case
from reasoner.reasons import MOST_REASONS, minimal_sets, reasons
from shipped import the_reasoner

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent / "examples").glob("*.yaml"))
SEEDS = range(int(os.environ.get("PROOF_CASES", "24")))


@cache
def case_of(name: str) -> Case:
    if name.isdigit():
        return decode_case(oracle.generate(int(name)), where=f"seed {name}")
    return load_case(str(HERE.parent / "examples" / f"{name}.yaml"))


@cache
def examined(name: str) -> Examination:
    return the_reasoner().examine(case_of(name))


@cache
def proved(name: str) -> Proof:
    return prove(the_reasoner(), examined(name), decision_day(case_of(name)))


def readings_of(name: str) -> dict[str, Symbol]:
    used = examined(name).decision.readings
    return the_reasoner().choose({r.id: str(r.value) for r in used})


NAMES = [path.stem for path in EXAMPLES]
MANY = NAMES + [str(seed) for seed in SEEDS]


# --- certificates -----------------------------------------------------------------------------


def leaves(tree: Tree) -> list[Leaf]:
    if isinstance(tree, Split):
        return [leaf for branch in tree.branches.values() for leaf in leaves(branch)]
    return [tree]


@pytest.mark.parametrize("name", MANY)
def test_a_decision_has_a_proof(name: str) -> None:
    decision = examined(name).decision
    proof = certify(the_reasoner(), examined(name), decision_day(case_of(name)))
    if decision.recommendation == "pend":
        assert isinstance(proof.result, Differ)
        assert proof.result.atoms[0] != proof.result.atoms[1]
    else:
        assert isinstance(proof.result, Claim)
        assert proof.result.atom.startswith(f"result({decision.recommendation},")
        for leaf in leaves(proof.result.tree):
            assert proof.result.atom in proof.contexts[leaf.context].certain
    reasoner = the_reasoner()
    checked = check_proof(proof, case_of(name), reasoner.policy, reasoner.terminology)
    assert checked.faults == ()
    assert list(proof.statuses) == [clause.id for clause in decision.clauses]
    for clause in decision.clauses:
        claim = proof.statuses[clause.id]
        settled = clause.status not in ("unknown", "conflict")
        told = isinstance(claim, Claim) and not claim.atom.endswith(",undetermined)")
        assert settled == told, clause.id
        if isinstance(claim, Claim) and settled:
            assert claim.atom.endswith(f",{clause.status})")
    assert {text for claim in proof.blocking for text in claim.atom.split(" | ")} == (
        {f"blocks({_symbol(id_)})" for id_ in _flat(decision.grounds)}
        if decision.recommendation == "deny"
        else set()
    )


def _flat(grounds: tuple[str | tuple[str, ...], ...]) -> list[str]:
    return [one for g in grounds for one in ((g,) if isinstance(g, str) else g)]


def _symbol(id_: str) -> str:
    return next(str(c.symbol) for c in the_reasoner().policy.identity.clauses if c.id == id_)


@pytest.mark.parametrize("name", MANY)
def test_every_derived_atom_rests_on_what_is_stated(name: str) -> None:
    """Followed down its rule instances, no atom rests on itself alone."""
    policy = the_reasoner().policy
    grounded = ground_evidence(
        policy,
        the_reasoner().terminology,
        case_of(name),
        decision_day(case_of(name)),
        readings_of(name),
    )
    holds = set(grounded.atoms)
    heads = {one.head for one in grounded.fired}
    founded = {atom for atom in holds if atom not in heads}
    assert founded >= set(grounded.stated)
    waiting = list(grounded.fired)
    while True:
        more = [one for one in waiting if founded.issuperset(one.below)]
        if not more:
            break
        founded |= {one.head for one in more}
        waiting = [one for one in waiting if one.head not in founded]
    assert founded == holds
    for one in grounded.fired:
        assert holds.isdisjoint(one.negatives)
        assert holds.issuperset(one.below)


@pytest.mark.parametrize("name", NAMES[::4])
def test_a_proof_is_the_same_whatever_the_order_of_the_records(name: str) -> None:
    case = case_of(name)
    draw = random.Random(7)
    shuffled = msgspec.structs.replace(
        case,
        conditions=tuple(draw.sample(case.conditions, len(case.conditions))),
        therapies=tuple(draw.sample(case.therapies, len(case.therapies))),
        observations=tuple(draw.sample(case.observations, len(case.observations))),
    )
    first, second = (
        msgspec.json.encode(certify(the_reasoner(), the_reasoner().examine(one), decision_day(one)))
        for one in (case, shuffled)
    )
    assert first == second


def test_a_proof_is_the_same_whatever_the_hash_seed() -> None:
    path = next(str(path) for path in EXAMPLES if path.stem == "deny-several")
    for command in (["why", "--full"], ["why", "--format", "json"], ["why-not"], ["report"]):
        outputs = {
            subprocess.run(
                [sys.executable, "-m", "reasoner", command[0], path, *command[1:]],
                capture_output=True,
                check=False,
                env={**os.environ, "PYTHONHASHSEED": seed},
            ).stdout
            for seed in ("0", "1", "2")
        }
        assert len(outputs) == 1, command
        assert outputs != {b""}, command


# --- why not ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MANY)
def test_every_false_clause_has_literals_that_fail_by_themselves(name: str) -> None:
    """Each literal that is said to fail is evaluated alone, by clingo, in every such world."""
    reasoner = the_reasoner()
    worlds = reasoner.worlds_for(examined(name).settled)
    contexts = Contexts(worlds, reasoner.terminology, readings_of(name))
    asked = examined(name).verdict.asked
    model = contexts.model({q: frozenset(a) for q, a in asked.items() if q.name != "reading"})
    local = reasoner.policy.world_predicates
    goals = {"criterion": "met", "exclusion": "applies", "exception": "opens"}
    for clause in reasoner.policy.identity.clauses:
        if clause.kind not in goals:
            continue
        goal = Function(goals[clause.kind], [clause.symbol])
        if goal in model.possible:
            continue
        found = misses([goal], contexts.rules, sorted(model.plain), model, local)
        assert found, f"{goal} does not hold, and no rule says why"
        holds = [*model.possible, *model.plain]
        for miss in found:
            assert miss.fails
            for literal in miss.fails:
                assert not _holds(literal, holds), (str(goal), literal)


def _holds(literal: str, atoms: list[Symbol]) -> bool:
    control = clingo.Control(["--warn=none"], lambda *_: None)
    control.add("base", [], f"found :- {literal}.")
    with control.backend() as backend:
        for atom in atoms:
            backend.add_rule([backend.add_atom(atom)])
    control.ground([("base", [])], context=Calendar())
    return Function("found", []) in control.symbolic_atoms


def test_a_near_miss_of_the_evidence_names_the_literal_and_its_values() -> None:
    reasoner = the_reasoner()
    name = "deny-several"
    policy = reasoner.policy
    grounded = ground_evidence(
        policy, reasoner.terminology, case_of(name), decision_day(case_of(name)), readings_of(name)
    )
    goal = clingo.parse_term('in_use("rx1")')
    found = misses([goal], read(policy.evidence), grounded.ground.atoms())
    assert ("736783 >= 739691",) in [miss.fails for miss in found]
    assert goal not in grounded.ground


def test_what_a_program_leaves_open_is_decided_by_its_answer_set() -> None:
    ground = Ground((), ["#defined c/0. a :- not b. b :- not a, c."], [], ())
    assert [str(atom) for atom in ground.atoms()] == ["a"]


def test_what_a_rule_names_and_nothing_derives_does_not_hold() -> None:
    """Clingo has a name for such an atom, and the number 0, which to the solver is true."""
    ground = Ground((), ["#defined c/0. a. b :- not b, c."], [], ())
    assert [str(atom) for atom in ground.atoms()] == ["a"]


@pytest.mark.parametrize("name", MANY)
def test_a_proof_tells_of_what_decided(name: str) -> None:
    """Told of the answer set of the decision, or of rules grounded anew: it is the same."""
    reasoner = the_reasoner()
    given = reasoner.policy, reasoner.terminology, case_of(name), decision_day(case_of(name))
    anew, told = (
        ground_evidence(*given, readings_of(name), whole=whole)
        for whole in (None, examined(name).settled.whole)
    )
    assert set(told.atoms) == set(anew.atoms)
    assert derivations(told.fired) == derivations(anew.fired)
    spoken = speaking(reasoner.policy)
    less = ground_evidence(
        *given, readings_of(name), only=spoken, whole=examined(name).settled.whole
    )
    assert derivations(less.fired) == derivations(f for f in anew.fired if f.head.name in spoken)


# --- what the reader is shown -----------------------------------------------------------------


def test_a_count_that_falls_short_names_what_counted_and_what_did_not() -> None:
    graph = proved("deny-several").graph
    (key,) = [k for k in graph if k.startswith("count:approval.II")]
    node = graph.nodes[key]["node"]
    assert isinstance(node, CountNode)
    assert (node.value, node.needed, node.counted) == (1, 2, ("interferon beta-1a",))
    assert list(graph[key]) == ["question:failed(glatiramer_acetate)"]


def test_a_certain_disjunction_is_shown_as_a_case_split() -> None:
    graph = proved("split").graph
    node = graph.nodes["split:exclusion.II|exclusion.III"]["node"]
    assert isinstance(node, SplitNode)
    assert node.question == "phenotype"
    assert dict(node.branches) == {"nonactive_spms": "exclusion.III", "ppms": "exclusion.II"}


@pytest.mark.parametrize("name", ["conflict", "pend-missing", "pend-undocumented"])
def test_a_pend_carries_two_worlds_with_different_results(name: str) -> None:
    graph = proved(name).graph
    worlds = [graph.nodes[key]["node"] for key in graph if key.startswith("world:")]
    assert all(isinstance(world, WorldNode) for world in worlds)
    first, second = worlds
    assert (first.recommendation, first.quantity) != (second.recommendation, second.quantity)
    assert [q for q, _ in first.answers] == [q for q, _ in second.answers]
    assert len(first.answers) == 1
    asked = {m.question.replace("(_)", "") for m in examined(name).decision.missing}
    assert first.answers[0][0].partition("(")[0] in asked


# --- reasons ----------------------------------------------------------------------------------


def test_a_denial_by_three_grounds_has_three_reasons() -> None:
    reasons = proved("deny-several").graph.nodes["result"]["node"].reasons
    assert reasons == (
        (("approval.II", "not_met"), ("scope", "yes")),
        (("exclusion.IV", "applies"), ("scope", "yes")),
        (("exclusion.V", "applies"), ("scope", "yes")),
    )


@pytest.mark.parametrize(
    "name", [n for n in MANY if examined(n).decision.recommendation in ("deny", "partial")]
)
def test_each_ground_names_the_records_that_make_it(name: str) -> None:
    graph = proved(name).graph
    records = {"request", "member", *(record.id for record in case_of(name).records)}
    records |= {f"answers[{index}]" for index, _ in enumerate(case_of(name).answers)}
    for ground in _flat(examined(name).decision.grounds):
        questions = [
            key
            for key, edge in graph[f"clause:{ground}"].items()
            if edge["kind"] == "reads" and not edge["aside"]
        ]
        named = [
            below.removeprefix("record:")
            for key in questions
            for below, edge in graph[key].items()
            if edge["kind"] == "settled_by"
        ]
        assert named, ground
        for one in named:
            assert one in records or one.startswith("complete["), (ground, one)
            assert graph.nodes[f"record:{one}"]["node"].said or one == "request", (ground, one)


@pytest.mark.parametrize("name", [n for n in MANY if examined(n).decision.recommendation == "deny"])
def test_each_ground_of_a_denial_is_a_reason_by_itself(name: str) -> None:
    reasons = proved(name).graph.nodes["result"]["node"].reasons
    named = {name for members in reasons for name, _ in members}
    assert named >= {g for g in examined(name).decision.grounds if isinstance(g, str)}


def test_minimal_sets_are_all_found_and_none_can_shrink() -> None:
    a, b, c, d = (Function(name, []) for name in "abcd")
    wanted = [{a, b}, {b, c}, {d}]

    def forcing(members: object) -> list[Symbol] | None:
        have = set(members)  # type: ignore[call-overload]
        return list(members) if any(one <= have for one in wanted) else None  # type: ignore[call-overload]

    found = minimal_sets([a, b, c, d], forcing)
    assert found.complete
    assert found.sets == ((d,), (a, b), (b, c))

    known: set[frozenset[Symbol]] = set()
    assert minimal_sets([b, a, d], forcing, known).sets == ((d,), (b, a))
    assert known == {frozenset({d}), frozenset({a, b})}
    assert minimal_sets([a, b, c, d], forcing, known).sets == found.sets  # whatever is known
    assert known == {frozenset({d}), frozenset({a, b}), frozenset({b, c})}


def test_what_is_told_of_too_many_sets_does_not_depend_on_what_is_known() -> None:
    members = [Function(f"m{n}", []) for n in range(MOST_REASONS + 2)]

    def forcing(some: Sequence[Symbol]) -> list[Symbol] | None:
        return list(some) or None  # each of them is enough

    found = minimal_sets(members, forcing)
    assert not found.complete
    assert len(found.sets) == MOST_REASONS
    assert minimal_sets(members, forcing, {frozenset({members[-1]})}).sets == found.sets


@pytest.mark.parametrize("name", MANY)
def test_what_is_decisive_stands_in_a_reason_that_cannot_shrink(name: str) -> None:
    found, decision = examined(name), examined(name).decision
    if decision.recommendation == "pend":
        return
    worlds = the_reasoner().worlds_for(found.settled)
    readings = {q: a for q, a in found.verdict.asked.items() if q.name == "reading"}
    sets = reasons(worlds, found.verdict).sets

    def forces(members: object) -> bool:
        return worlds.forcing(readings, members, decision.recommendation) is not None  # type: ignore[arg-type]

    for members in sets:
        assert forces(members)
        assert not any(forces([m for m in members if m != one]) for one in members)
    ids = the_reasoner().policy.clause_ids
    named = {ids[m.arguments[0]] for one in sets for m in one if m.name == "status"}
    split = {
        clause for ground in decision.grounds if not isinstance(ground, str) for clause in ground
    }
    assert {one.id for one in decision.clauses if one.decisive} == named | split
    # Every ground is enough by itself, given what the result reads without any clause.
    alone = {
        ids[m.arguments[0]]
        for one in sets
        for m in one
        if m.name == "status" and sum(other.name == "status" for other in one) == 1
    }
    assert alone >= {ground for ground in decision.grounds if isinstance(ground, str)} or (
        decision.recommendation != "deny"
    )
