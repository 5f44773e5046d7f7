"""Where a mutant of the evidence derives anything else than its rule does: one step, no more.

Over what holds in a row, the changed rule is one more companion. Where it derives the same
atoms as before (or others that other rules derive anyhow), all that holds is still so: the row
cannot notice. All mutants of a predicate are grounded together, over all rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from clingo import Function, Number, Symbol

from reasoner.program import dependents, relocate
from workbench.mutation.grounding import Holding
from workbench.mutation.model import Model
from workbench.mutation.mutant import Mutant
from workbench.mutation.written import changed, guarded

__all__ = ["touched"]

_NEW, _BY, _ON, _OFF, _ROW, _MUTANT = "_new", "_by", "_on", "_off", "_row", "_mutant"
_RULES = """
_have(H) :- _by(_,H).
_else(K,H) :- _by(K,H), _by(L,H), L != K.
_changed(J) :- _new(J,H), not _have(H).
_changed(J) :- _by(K,H), _of(J,K), not _new(J,H), not _else(K,H).
"""
_RULES_BEYOND = """
_have(R,H) :- _by(R,_,H).
_then(J,R,H) :- _new(J,R,_,H).
_changed(R,J) :- _then(J,R,H), not _have(R,H).
_changed(R,J) :- _have(R,H), _mutant(J), not _then(J,R,H).
"""


def touched(model: Model, predicate: str, mutants: Mapping[int, Mutant]) -> dict[int, list[int]]:
    """Return the rows in which each of *mutants*, by its number, derives something else.

    All are of rules that derive *predicate*. Where that depends on no case, the step ends where
    a case comes in: at the rules that read what follows from it.

    Raises:
        RuntimeError: clingo refuses a mutant.
    """
    program = _here if predicate in model.predicates else _beyond
    texts, read, facts = program(model, predicate, mutants)
    rows = range(len(model.tried))
    given = [*facts, *(Function(_ROW, [Number(n)]) for n in rows), *model.facts(read, rows)]
    found: dict[int, set[int]] = {j: set() for j in mutants}
    for atom in Holding(texts, given).atoms([("_changed", 2)]):
        row, j = (argument.number for argument in atom.arguments)
        found[j].add(row)
    return {j: sorted(every) for j, every in found.items()}


_Program = tuple[list[str], frozenset[str], list[Symbol]]
"""Rules, the predicates that they read of what holds, and facts."""


def _here(model: Model, predicate: str, mutants: Mapping[int, Mutant]) -> _Program:
    """Return the rules of a predicate of cases beside their mutants."""
    rules = model.heads[predicate]
    places = {(rule.file, rule.begin): k for k, rule in enumerate(rules)}
    texts = [_inside(f"{_BY}({k},", rule.text) for k, rule in enumerate(rules)]
    facts: list[Symbol] = []
    for j, mutant in mutants.items():
        k = places[mutant.file, mutant.begin]
        facts.append(Function("_of", [Number(j), Number(k)]))
        if text := changed(rules[k], mutant):
            texts.append(_inside(f"{_NEW}({j},", text))
    moved = model.predicates | {_NEW, _BY, "_have", "_else", "_changed"}
    read = frozenset().union(*(rule.body for rule in rules))
    return [relocate(text, moved, "Row", _ROW) for text in [*texts, _RULES]], read, facts


def _beyond(model: Model, predicate: str, mutants: Mapping[int, Mutant]) -> _Program:
    """Return what follows from each mutant alone, and the rules of cases that read of it."""
    follow = dependents(model.policy.evidence, [predicate]) - model.predicates
    within = [rule for rule in model.rules if not rule.head.isdisjoint(follow)]
    readers = [
        rule
        for rule in model.rules
        if rule.head.isdisjoint(follow) and not rule.body.isdisjoint(follow)
    ]
    places = {(rule.file, rule.begin): k for k, rule in enumerate(within)}
    changing = {(one.file, one.begin) for one in mutants.values()}
    texts = []
    for place, k in places.items():
        text = within[k].text
        texts.append(guarded(text, f"not {_OFF}({k})") if place in changing else text)
    facts: list[Symbol] = []
    for j, mutant in mutants.items():
        k = places[mutant.file, mutant.begin]
        facts += [
            Function(name, [Number(j), *more])
            for name, more in ((_MUTANT, []), (_ON, [Number(j)]), (_OFF, [Number(k)]))
        ]
        if text := changed(within[k], mutant):
            texts.append(guarded(text, f"{_ON}({j})"))
    before = [_inside(f"{_BY}({k},", rule.text) for k, rule in enumerate(readers)]
    after = [_inside(f"{_NEW}({k},", rule.text) for k, rule in enumerate(readers)]
    of_cases = model.predicates | {_NEW, _BY}
    moved = follow | {_NEW, _ON, _OFF}
    after = [relocate(text, of_cases, "Row", _ROW) for text in after]
    program = [
        *(relocate(text, of_cases, "Row", _ROW) for text in before),
        *(relocate(text, moved, "Mutant", _MUTANT) for text in [*texts, *after]),
        _RULES_BEYOND,
    ]
    read = frozenset().union(*(rule.body for rule in (*within, *readers)))
    return program, read, facts


def _inside(opening: str, text: str) -> str:
    """Return the rule *text* with its head inside of another atom."""
    head, mark, body = text[:-1].partition(":-")
    return f"{opening}{head}\n) {mark}{body}\n."
