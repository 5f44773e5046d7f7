"""The answer set of an evidence program: everything that it derives of one case."""

from __future__ import annotations

from collections.abc import Container, Mapping

import clingo
from clingo import Symbol

__all__ = ["AnswerSet"]


class AnswerSet:
    """What a grounded program derives under *chosen* readings, looked up when a proof asks."""

    def __init__(self, control: clingo.Control, chosen: Mapping[str, Symbol]) -> None:
        self._control = control
        self._chosen = chosen

    @property
    def predicates(self) -> frozenset[str]:
        """The predicates of which something may hold."""
        return frozenset(name for name, _, _ in self._control.symbolic_atoms.signatures)

    def atoms(self, predicates: Container[str] | None = None) -> list[Symbol]:
        """Return the atoms that hold, all of them or those of *predicates*."""
        symbolic = self._control.symbolic_atoms
        chosen = set(self._chosen.items())
        assumptions = [
            atom.literal
            for atom in symbolic.by_signature("reading", 2)
            if (atom.symbol.arguments[0].name, atom.symbol.arguments[1]) in chosen
        ]
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            if model is None:
                return []
            if predicates is None:
                return list(model.symbols(atoms=True))
            return [
                atom.symbol
                for name, arity, _ in symbolic.signatures
                if name in predicates
                for atom in symbolic.by_signature(name, arity)
                if atom.is_fact or (atom.literal and model.is_true(atom.literal))
            ]
