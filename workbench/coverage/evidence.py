"""The evidence rules over the rows: what fired, what held back, what the answers rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from clingo import Function, Number, Symbol

from explain.evidence import Ground
from explain.instrument import read
from reasoner.engine import Reasoner, decision_day
from reasoner.facts import Code, case_facts, reference_facts, word
from reasoner.program import dependents, relocate
from workbench.coverage.observation import ARITIES, LOCAL, Observation, marks, probes
from workbench.suite.row import Row

__all__ = ["observe_evidence"]

_BATCH = 64
_ROOTS = [
    f"_need({name}) :- {name}; _root(Q)."
    for name in (
        "candidate(Q,A)",
        "assumed(Q,A)",
        "open(Q)",
        "conflict(Q)",
        "doubt(Q,R)",
        "stray(Q,A,R)",
    )
]
"""What the criteria see of a question, and what can keep it from being presumed."""


def observe_evidence(
    reasoner: Reasoner, rows: Sequence[Row], questions: Mapping[int, AbstractSet[Symbol]]
) -> Observation:
    """Return what is seen of the evidence rules in *rows*.

    *questions* are, for each row by its number, those that decided it.
    """
    rules = read(reasoner.policy.evidence)
    return _observe(reasoner, rows, [*marks(rules, _ROOTS), *probes(rules)], questions)


def pairs_of_evidence(
    reasoner: Reasoner, rows: Sequence[Row], places: AbstractSet[str]
) -> Observation:
    """Return which two literals together hold back the rules at *places*."""
    rules = [rule for rule in read(reasoner.policy.evidence) if rule.place in places]
    return _observe(reasoner, rows, [*probes(rules, 2)], {}, places)


def _observe(
    reasoner: Reasoner,
    rows: Sequence[Row],
    companions: Sequence[str],
    questions: Mapping[int, AbstractSet[Symbol]],
    only: AbstractSet[str] | None = None,
) -> Observation:
    policy = reasoner.policy
    local = dependents(policy.evidence, [*policy.case_vocabulary, "reading"])
    texts = [relocate(file.text, local, "Case", "case") for file in policy.evidence]
    beside = [relocate(text, local | LOCAL, "Case", "case") for text in companions]
    rules = [r for r in read(policy.evidence) if only is None or r.place in only]
    found = Observation()
    for first in range(0, len(rows), _BATCH):
        batch = rows[first : first + _BATCH]
        facts = _facts(reasoner, batch)
        for number in range(len(batch)):
            asked = questions.get(first + number, frozenset())
            facts += [Function("_root", [Number(number), question]) for question in sorted(asked)]
        ground = Ground(policy.evidence, ["#defined case/1.", *texts], facts, beside)
        for name, arity in ARITIES.items():
            for atom in ground.atoms(name, arity + 1):
                found.take(atom, rules, [first + atom.arguments[0].number])
    return found


def _facts(reasoner: Reasoner, rows: Sequence[Row]) -> list[Symbol]:
    """Return what *rows* state, each with its number and under its own readings."""
    codes: set[Code] = set()
    facts: list[Symbol] = []
    for number, row in enumerate(rows):
        day = row.decided_on or decision_day(row.case)
        stated, used = case_facts(row.case, reasoner.terminology, day, number=number)
        codes |= used
        facts += [*stated, Function("case", [Number(number)])]
        for name, value in reasoner.choose(row.readings).items():
            facts.append(Function("reading", [Number(number), word(name), value]))
    return [*facts, *reference_facts(codes, reasoner.terminology)]
