"""The criteria over the worlds that the rows leave: what fired, and what decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from clingo import Function, Number, Symbol

from explain.contexts import Contexts
from explain.evidence import Ground
from explain.instrument import read
from reasoner.engine import Examination, Reasoner
from reasoner.narrowing import inside
from reasoner.program import relocate
from reasoner.worlds import Answers, Worlds
from workbench.coverage.observation import ARITIES, LOCAL, NEED, Observation, marks, probes
from workbench.suite.row import Row

__all__ = ["observe_criteria", "pairs_of_criteria"]

_BATCH = 64
_ROOTS = [
    "_need(status(C,V)) :- status(C,V); _root(C).",
    "_need(result(R,N)) :- result(R,N); _root(result).",
    "_need(refer(W)) :- refer(W); _root(result).",
    "_need(advisory(A)) :- advisory(A); _root(result).",
]
_RESULT = Function("result", [])


def observe_criteria(
    reasoner: Reasoner, rows: Sequence[Row], examined: Mapping[int, Examination]
) -> tuple[Observation, dict[int, set[Symbol]]]:
    """Return what is seen of the criteria, and the questions that decided each row.

    A rule fires where it does in every world that the row leaves; it carries a pend where it
    may, in some of them.
    """
    rules = read(reasoner.policy.criteria)
    found = Observation()
    questions: dict[int, set[Symbol]] = {number: set() for number in examined}
    companions = [*marks(rules, _ROOTS), *probes(rules)]
    for numbers, ground in _grounded(reasoner, rows, examined, companions):
        for name, arity in ARITIES.items():
            for atom in ground.atoms(name, arity + 1):
                world = atom.arguments[0]
                if world.name == "certain" or name == "_carries":
                    found.take(atom, rules, [numbers[world.arguments[0].number]])
        for atom in ground.atoms(NEED, 2):
            world, needed = atom.arguments
            if needed.match("is", 2):
                questions[numbers[world.arguments[0].number]].add(needed.arguments[0])
    return found, questions


def pairs_of_criteria(
    reasoner: Reasoner,
    rows: Sequence[Row],
    examined: Mapping[int, Examination],
    places: AbstractSet[str],
) -> Observation:
    """Return which two literals together hold back the rules at *places*."""
    rules = [rule for rule in read(reasoner.policy.criteria) if rule.place in places]
    found = Observation()
    for numbers, ground in _grounded(reasoner, rows, examined, [*probes(rules, 2)]):
        for atom in ground.atoms("_held", 3):
            world = atom.arguments[0]
            if world.name == "certain":
                found.take(atom, rules, [numbers[world.arguments[0].number]])
    return found


def _grounded(
    reasoner: Reasoner,
    rows: Sequence[Row],
    examined: Mapping[int, Examination],
    companions: Sequence[str],
) -> Iterator[tuple[list[int], Ground]]:
    """Yield the criteria over the worlds of the rows, with the numbers of the rows."""
    local = reasoner.policy.world_predicates | LOCAL
    beside = [relocate(text, local, "World", "pair", "Dual") for text in companions]
    by_worlds: dict[int, tuple[Worlds, list[tuple[int, Answers]]]] = {}
    for number, examination in examined.items():
        worlds = reasoner.worlds_for(examination.settled)
        chosen = reasoner.choose(rows[number].readings)
        kept = inside(worlds, examination.settled, chosen, {})
        by_worlds.setdefault(id(worlds), (worlds, []))[1].append((number, kept))
    for worlds, members in by_worlds.values():
        contexts = Contexts(worlds, reasoner.terminology, {}, beside)
        for first in range(0, len(members), _BATCH):
            batch = members[first : first + _BATCH]
            facts = [
                Function("_root", [Function(kind, [Number(place)]), root])
                for place, (number, _) in enumerate(batch)
                for kind, roots in [_roots(reasoner, examined[number])]
                for root in roots
            ]
            yield [n for n, _ in batch], contexts.ground([kept for _, kept in batch], facts)


def _roots(reasoner: Reasoner, examination: Examination) -> tuple[str, list[Symbol]]:
    """Return what a recommendation rests on: the result, and the clauses that count for it."""
    decision = examination.decision
    ids = {clause.id: clause.symbol for clause in reasoner.policy.identity.clauses}
    clauses = [ids[clause.id] for clause in decision.clauses if clause.decisive]
    return ("possible" if decision.recommendation == "pend" else "certain"), [*clauses, _RESULT]
