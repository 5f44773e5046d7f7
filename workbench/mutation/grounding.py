"""A stratified program over facts: what holds, decided by grounding, and else by one model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import clingo
from clingo import Symbol

from reasoner.days import Calendar

__all__ = ["Holding"]


class Holding:
    """What holds in the one answer set of *texts* with *facts*.

    Raises:
        RuntimeError: clingo refuses a rule.
        AttributeError: a rule calls a function that there is not.
    """

    def __init__(self, texts: Iterable[str], facts: Iterable[Symbol]) -> None:
        self._control = clingo.Control(["--warn=none"], lambda *_: None)
        self._control.add("base", [], "\n".join(texts))
        with self._control.backend() as backend:
            for symbol in facts:
                backend.add_rule([backend.add_atom(symbol)])
        self._control.ground([("base", [])], context=Calendar())

    def atoms(self, signatures: Iterable[tuple[str, int]]) -> Iterator[Symbol]:
        """Yield what holds of some predicates, given with the numbers of their arguments."""
        symbolic = self._control.symbolic_atoms
        unsure = []
        for name, arity in signatures:
            for atom in symbolic.by_signature(name, arity):
                if atom.is_fact:
                    yield atom.symbol
                else:
                    unsure.append((atom.symbol, atom.literal))
        if unsure:
            with self._control.solve(yield_=True) as handle:
                model = handle.model()
                true = [symbol for symbol, lit in unsure if model and model.is_true(lit)]
            yield from true

    @property
    def signatures(self) -> list[tuple[str, int]]:
        """The predicates that the program has atoms of."""
        return [(name, arity) for name, arity, _ in self._control.symbolic_atoms.signatures]
