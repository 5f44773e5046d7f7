"""What the evidence derives of every row, each under its own readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec
from clingo import Function, Number, Symbol

from reasoner.engine import Reasoner, decision_day
from reasoner.evidence import Settled
from reasoner.facts import Code, case_facts, reference_facts, word
from reasoner.policy import Policy
from reasoner.program import dependents, relocate
from workbench.mutation.grounding import Holding
from workbench.mutation.written import Written, written
from workbench.suite.row import Row

__all__ = ["OUTPUTS", "Left", "Model", "Tried", "left_of", "modelled", "settled_as"]

OUTPUTS: Mapping[str, int] = {
    "candidate": 2,
    "assumed": 2,
    "open": 1,
    "conflict": 1,
    "advisory": 2,
}
"""All that a row can look at of what records leave, with the number of arguments."""
_ROW = "_row"

Left = frozenset[tuple[str, tuple[Symbol, ...]]]
"""What the records of a row leave: outputs with their arguments."""


class Tried(msgspec.Struct, frozen=True, eq=False):
    """A row with the day it is seen from and the readings that are chosen for it."""

    row: Row
    day: dt.date | None
    chosen: Mapping[str, Symbol]


class Model(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What holds in every row: *local* by predicate and row, *shared* by predicate."""

    policy: Policy
    tried: tuple[Tried, ...]
    local: Mapping[str, Mapping[int, list[Symbol]]]
    shared: Mapping[str, list[Symbol]]
    predicates: frozenset[str]
    left: tuple[Left, ...]

    @cached_property
    def rules(self) -> list[Written]:
        """The rules of the evidence."""
        return written(self.policy.evidence)

    @cached_property
    def heads(self) -> Mapping[str, list[Written]]:
        """The rules of the evidence by the predicate that they derive."""
        found: dict[str, list[Written]] = {}
        for rule in self.rules:
            for name in sorted(rule.head):
                found.setdefault(name, []).append(rule)
        return found

    def facts(self, names: Iterable[str], rows: Iterable[int]) -> Iterator[Symbol]:
        """Yield what holds of the predicates *names* in *rows*."""
        numbers = list(rows)
        for name in sorted(names):
            yield from self.shared.get(name, ())
            by_row = self.local.get(name, {})
            for number in numbers:
                yield from by_row.get(number, ())


def modelled(reasoner: Reasoner, rows: Sequence[Row]) -> Model:
    """Return what the evidence derives of *rows*.

    Raises:
        RuntimeError: clingo refuses the rules.
    """
    policy = reasoner.policy
    tried = tuple(
        Tried(row, row.decided_on or decision_day(row.case), reasoner.choose(row.readings))
        for row in rows
    )
    facts, of_codes = _facts(reasoner, tried)
    predicates = dependents(policy.evidence, [*policy.case_vocabulary, "reading", *of_codes])
    texts = [relocate(file.text, predicates, "Row", _ROW) for file in policy.evidence]
    holding = Holding(texts, facts)
    local: dict[str, dict[int, list[Symbol]]] = {}
    shared: dict[str, list[Symbol]] = {}
    for atom in holding.atoms(holding.signatures):
        if atom.name in predicates:
            row = atom.arguments[0].number
            local.setdefault(atom.name, {}).setdefault(row, []).append(atom)
        elif atom.name != _ROW:
            shared.setdefault(atom.name, []).append(atom)
    left = left_of(holding, OUTPUTS)
    nothing: Left = frozenset()
    return Model(
        policy,
        tried,
        local,
        shared,
        predicates,
        tuple(left.get(number, nothing) for number in range(len(tried))),
    )


def left_of(holding: Holding, outputs: Iterable[str]) -> dict[int, Left]:
    """Return what is left of each case by its number, as far as *outputs* say it."""
    found: dict[int, set[tuple[str, tuple[Symbol, ...]]]] = {}
    for atom in holding.atoms((name, OUTPUTS[name] + 1) for name in outputs):
        number, *arguments = atom.arguments
        found.setdefault(number.number, set()).add((atom.name, tuple(arguments)))
    return {number: frozenset(each) for number, each in found.items()}


def _facts(reasoner: Reasoner, tried: Sequence[Tried]) -> tuple[list[Symbol], frozenset[str]]:
    """Return what is known of all rows, and the predicates of what is known of a row's codes.

    That is the row's own: a rule that no longer asks for its code must not find another's.
    """
    shared = list(reference_facts((), reasoner.terminology))
    facts: list[Symbol] = [*shared]
    of_codes: set[str] = set()
    for number, one in enumerate(tried):
        stated, used = case_facts(one.row.case, reasoner.terminology, one.day, number=number)
        row = Number(number)
        facts += [*stated, Function(_ROW, [row])]
        for fact in _of_codes(reasoner, used, len(shared)):
            facts.append(Function(fact.name, [row, *fact.arguments]))
            of_codes.add(fact.name)
        for name, value in one.chosen.items():
            facts.append(Function("reading", [row, word(name), value]))
    return facts, frozenset(of_codes)


def _of_codes(reasoner: Reasoner, codes: set[Code], shared: int) -> list[Symbol]:
    """Return what the tables say of *codes*: all but the *shared* facts, which come last."""
    facts = list(reference_facts(codes, reasoner.terminology))
    return facts[: len(facts) - shared]


def settled_as(left: Left) -> Settled:
    """Return what the criteria are told of *left*."""
    settled = Settled()
    for name, arguments in sorted(left):
        settled.add(name, arguments)
    return settled
