"""Why an atom holds, as an outline: every rule instance that derives it, down to what is stated."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import clingo
from clingo import Function, Symbol, SymbolType

from explain.clauses import Clauses
from explain.evidence import ground_evidence, record_of
from explain.instrument import Fired, read
from explain.outline import Item
from explain.rules import spoken
from explain.saying import Derived, sentence_of
from reasoner.errors import UsageError
from reasoner.policy import Policy

if TYPE_CHECKING:
    from reasoner.engine import Examination, Reasoner

__all__ = ["MOST_DEEP", "atom_of", "why_atom"]

MOST_DEEP = 8
"""So many steps down are told; what lies deeper is asked for by itself."""


def atom_of(policy: Policy, text: str) -> Symbol | None:
    """Return *text* as an atom, if it is one over a predicate that the rules derive."""
    try:
        atom = clingo.parse_term(text)
    except RuntimeError:
        return None
    rules = (*read(policy.evidence), *read(policy.criteria))
    known = {rule.name for rule in rules} | {"is"}
    return atom if atom.type is SymbolType.Function and atom.name in known else None


def why_atom(
    reasoner: Reasoner, examination: Examination, decided_on: dt.date | None, atom: Symbol
) -> Item:
    """Return why *atom* holds: of the evidence, or in every world that the case leaves.

    Raises:
        UsageError: it does not hold.
    """
    return _Teller(reasoner, examination, decided_on).tell(atom)


class _Teller:
    def __init__(
        self, reasoner: Reasoner, examination: Examination, decided_on: dt.date | None
    ) -> None:
        self.terminology = reasoner.terminology
        policy = reasoner.policy
        used = examination.decision.readings
        readings = reasoner.choose({r.id: str(r.value) for r in used})
        worlds = reasoner.worlds_for(examination.settled)
        upper = Clauses(worlds, reasoner.terminology, readings, examination.verdict.asked)
        self.here = upper.here
        self.local = policy.world_predicates
        self.grounded = ground_evidence(
            policy,
            reasoner.terminology,
            examination.case,
            decided_on,
            readings,
            whole=examination.settled.whole,
        )
        self.derived = {
            True: self.here.certain_rules,
            False: Derived.of(self.grounded.fired),
        }
        self.stated = frozenset(self.grounded.stated)
        self.told: set[Symbol] = set()

    def tell(self, atom: Symbol) -> Item:
        """Return why *atom* holds."""
        local = atom.name in self.local
        if atom not in (self.here.certain if local else self.grounded.ground):
            where = "in every world that the case leaves" if local else "here"
            raise UsageError(
                "usage.why", f"`{atom}` does not hold {where}", hint="`reasoner why-not` says why"
            )
        return self._atom(atom, 0)

    def _atom(self, atom: Symbol, depth: int) -> Item:
        item = Item("met", str(atom))
        if atom in self.told:
            item.text = f"{atom}, as above"
            return item
        if depth >= MOST_DEEP:
            item.text = f"{atom}: ask for it by itself, `why '{atom}'`"
            return item
        self.told.add(atom)
        if atom in self.stated:
            item.text = f"{atom}  stated by {record_of(atom)}"
            return item
        if atom.name == "is":
            question, answer = atom.arguments
            item.text = f"{question} = {answer} in every world that the case leaves"
            settled = (Function(name, [question, answer]) for name in ("candidate", "assumed"))
            item.below = [
                self._atom(one, depth + 1) for one in settled if one in self.grounded.ground
            ]
            return item
        instances = self.derived[atom.name in self.local].by_head.get(atom, [])
        if not instances:
            item.text = f"{atom}  reference data, or a parameter of the policy"
        item.below = [self._instance(one, depth + 1) for one in instances]
        return item

    def _instance(self, one: Fired, depth: int) -> Item:
        said = sentence_of(one, self.terminology).text or one.rule.text
        item = Item("because", f"{said}  {one.rule.place}")
        values = ", ".join(
            f"{one.rule.shown(name)} = {value}"
            for name, value in zip(one.rule.variables, one.values, strict=True)
        )
        if values:
            item.below.append(Item("rule", f"with {values}"))
        item.below += [self._atom(atom, depth) for atom in dict.fromkeys(one.positives)]
        for tuples in one.counted:
            names = sorted({each.terms for each in tuples})
            told = "; ".join(", ".join(spoken(t, self.terminology) for t in n) for n in names)
            counted = Item("because", f"{len(names)} counted: {told}")
            atoms = dict.fromkeys(atom for each in tuples for atom in each.atoms)
            counted.below = [self._atom(atom, depth) for atom in atoms]
            item.below.append(counted)
        item.below += [Item("absent", f"not {atom}") for atom in dict.fromkeys(one.negatives)]
        return item
