"""On each side of every clause: two neighbouring cases that differ in one answer.

For each clause two worlds are looked for that differ in the answer to one question and in the
status of the clause, and if there are such, in the recommendation too. Each is shown as the
smallest case; the two answer the same questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import msgspec
from clingo import Function, Number, Symbol, SymbolType

from reasoner.criteria import Criteria, State
from reasoner.engine import Reasoner
from reasoner.policy import Clause, Kind
from workbench.witness import Claim, Witness, World, plainest_first, smallest_cases

__all__ = ["Boundary", "boundaries", "test_row"]

_SIDES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "criterion": (("met", "not_met"),),
    "exclusion": (("clear", "applies"),),
    "limit": (("within", "reduces"), ("reduces", "exhausted")),
    "exception": (("open", "closed"),),
}
"""The statuses of a clause that lie side by side, the favourable one first."""
_FAR_APART = (("approve", "deny"), ("approve", "partial"), ("partial", "deny"), ("", ""))
"""Recommendations on the two sides; those that tell most first, then any that differ."""


class Boundary(msgspec.Struct, frozen=True, eq=False):
    """Two cases on the two sides of a clause, which differ in *changed* alone.

    *changed* is a question, or the place of a value, as `doses.ID.date`; *statuses* are those of
    the clause in the two *cases*, which are empty where no two such cases exist.
    """

    clause: str
    statuses: tuple[str, str]
    changed: str = ""
    cases: tuple[Witness, ...] = ()


def boundaries(reasoner: Reasoner) -> Iterator[Boundary]:
    """Yield what lies on both sides of each clause, in the document's order."""
    criteria = Criteria(reasoner.policy, reasoner.terminology, (), worlds=2)
    for clause in reasoner.policy.identity.clauses:
        for statuses in _SIDES[clause.kind]:
            yield _between(reasoner, criteria, clause, statuses)


def _between(
    reasoner: Reasoner, criteria: Criteria, clause: Clause, statuses: tuple[str, str]
) -> Boundary:
    held = [
        criteria.control.symbolic_atoms[
            Function("status", [Number(world), clause.symbol, Function(status)])
        ]
        for world, status in enumerate(statuses, start=1)
    ]
    literals = [atom.literal for atom in held if atom is not None]
    if len(literals) < len(statuses):
        return Boundary(clause.id, statuses)
    for inside in plainest_first(reasoner):
        state = criteria.state(inside)
        base = [*criteria.assume(state, 1), *criteria.assume(state, 2), *literals]
        for apart in _ways(criteria):
            worlds = _nearest(criteria, state, [*base, *apart])
            cases = _shown(reasoner, clause, statuses, worlds) if worlds else ()
            if worlds and cases:
                return Boundary(clause.id, statuses, _changed(worlds), cases)
    return Boundary(clause.id, statuses)


def _ways(criteria: Criteria) -> Iterator[list[int]]:
    """Yield what lets two worlds differ in one question: far apart in their results, then alike."""
    for one, other in _FAR_APART:
        yield [*criteria.apart[1], *criteria.having(one, 1), *criteria.having(other, 2)]
    for free in criteria.differ:
        same = [-literal for place, literal in criteria.differ.items() if place != free]
        yield [*criteria.beside, *same]


def _nearest(criteria: Criteria, state: State, assumptions: list[int]) -> tuple[World, ...]:
    """Return two worlds, or nothing; numbers in which they differ are as near as they can be."""
    found = criteria.worlds(state, assumptions, 1, 2)
    if found is None:
        return ()
    (question,) = (q for q in found[0] if found[0][q] != found[1][q])
    at = criteria.place[question]
    same = [-literal for place, literal in criteria.differ.items() if place != at]
    now = _distance(found[0][question], found[1][question])
    pairs = sorted(
        (near, one, other)
        for one, other in permutations(criteria.answers[question], 2)
        if (near := _distance(one, other)) < now
    )
    for _, one, other in pairs:
        held = [_answer(criteria, 1, question, one), _answer(criteria, 2, question, other)]
        nearer = criteria.worlds(state, [*assumptions, *same, *held], 1, 2)
        if nearer is not None:
            return nearer
    return found


def _answer(criteria: Criteria, world: int, question: Symbol, answer: Symbol) -> int:
    atom = criteria.control.symbolic_atoms[Function("is", [Number(world), question, answer])]
    return 0 if atom is None else atom.literal


def _distance(one: Symbol, other: Symbol) -> int:
    """Return how far numbers, or pairs of them, are apart; words are no farther than others."""
    pairs = zip(_numbers(one), _numbers(other), strict=False)
    return sum(abs(a - b) for a, b in pairs)


def _numbers(answer: Symbol) -> list[int]:
    if answer.type is SymbolType.Number:
        return [answer.number]
    if answer.type is SymbolType.Function and not answer.name:
        return [one.number for one in answer.arguments if one.type is SymbolType.Number]
    return []


def _changed(worlds: Sequence[World]) -> str:
    one, other = worlds
    return ", ".join(str(question) for question in one if one[question] != other[question])


def _shown(
    reasoner: Reasoner, clause: Clause, statuses: tuple[str, str], worlds: Sequence[World]
) -> tuple[Witness, ...]:
    results = [
        next(iter(reasoner.worlds.survey({q: frozenset({a}) for q, a in w.items()}).results))
        for w in worlds
    ]
    claims = [
        Claim(name, None if name not in ("approve", "partial") else quantity, {clause.id: status})
        for (name, quantity), status in zip(results, statuses, strict=True)
    ]

    def holds(cases: Sequence[Witness]) -> bool:
        return all(claim(case) for claim, case in zip(claims, cases, strict=True))

    def likely(parts: Sequence[World]) -> bool:
        return all(claim.likely(reasoner, part) for claim, part in zip(claims, parts, strict=True))

    names = [f"{clause.id} {status}" for status in statuses]
    return smallest_cases(reasoner, worlds, holds, names=names, likely=likely)


# -- as tests -------------------------------------------------------------------------------------


def test_row(boundary: Boundary, side: int) -> dict[str, object]:
    """Return one *side* of a boundary as a row of the policy's tests: see docs/testing.md."""
    case = boundary.cases[side]
    status = boundary.statuses[side]
    row: dict[str, object] = {
        "name": f"{boundary.clause} {status.replace('_', ' ')}, {_value(boundary, side)}",
        "case": {key: value for key, value in case.document.items() if key != "id"},
    }
    if case.readings:
        row["readings"] = case.readings
    return row | {"expect": {**_expected(case), "clauses": {boundary.clause: status}}}


def _expected(case: Witness) -> dict[str, object]:
    decision = case.decision
    name = decision.recommendation
    match name:
        case "approve" | "partial":
            approved = decision.quantity.approved or {}
            return {name: next(iter(approved.values()), None)}  # the policy's unit stands first
        case "deny":
            return {name: [list(g) if isinstance(g, tuple) else g for g in decision.grounds]}
        case "pend":
            return {name: [one.question for one in decision.missing]}
        case "refer":
            return {name: list(decision.refer_reasons)}
        case _:
            return {name: None}


def _value(boundary: Boundary, side: int) -> str:
    """Return what was changed as this *side* has it: `hiv = positive`."""
    document = boundary.cases[side].document
    if boundary.changed.startswith("reading("):
        name = boundary.changed.removeprefix("reading(").removesuffix(")")
        return f"reading {name} = {boundary.cases[side].readings.get(name, 'as ever')}"
    section, *rest = boundary.changed.split(".")
    if rest:  # a value of a record, or of a section that is one
        content: Any = document[section]
        *record, field = rest
        held = next(one for one in content if [one["id"]] == record) if record else content
        return f"{section} {field} = {held[field]}"
    for answer in boundary.cases[side].case.answers:
        if answer.question == boundary.changed:
            value = answer.answer
            said = f"({value[0]},{value[1]})" if isinstance(value, tuple) else value
            return f"{boundary.changed} = {said}"
    return boundary.changed
