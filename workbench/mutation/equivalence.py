"""The criteria and a mutant of them in one program: which worlds tell the two apart, if any."""

from __future__ import annotations

import clingo
from clingo import Function, Symbol

from explain.instrument import read
from reasoner.criteria import criteria_facts
from reasoner.days import Calendar
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology
from reasoner.worlds import Answers, Worlds
from workbench.mutation.mutant import Mutant, mutated

__all__ = ["TwoCriteria", "of_worlds"]

_SHOWN = (
    "status(C,V)",
    "result(R,N)",
    "refer(W)",
    "advisory(A)",
)
"""What a decision states of a world."""
_OLD, _NEW = "_old", "_new"


def of_worlds(policy: Policy, mutant: Mutant) -> bool:
    """Whether the changed rule derives what depends on the world: the rest stands there once."""
    heads = {rule.name for rule in read(policy.criteria) if rule.place == mutant.rule}
    return bool(heads) and heads <= policy.world_predicates


class TwoCriteria:
    """Both criteria over the same answers."""

    def __init__(self, policy: Policy, mutant: Mutant, terminology: Terminology) -> None:
        self._control = clingo.Control(["--warn=none"], lambda *_: None)
        shared = {file.name for file in policy.evidence}
        for version, guard in ((policy, _OLD), (mutated(policy, mutant), _NEW)):
            for file in version.criteria:
                if file.name not in shared or guard == _OLD:
                    text = relocate(file.text, policy.world_predicates, "World", guard)
                    self._control.add("base", [], text)
        self._control.add("base", [], policy.worlds[0].text)
        self._control.add("base", [], "#defined _old/1. #defined _new/1. _old(1). _new(2).")
        self._control.add("base", [], "is(2,Q,A) :- is(1,Q,A).")
        for atom in _SHOWN:
            name, _, rest = atom.partition("(")
            for one, other in ((1, 2), (2, 1)):
                rule = f"_apart :- {name}({one},{rest}, not {name}({other},{rest}."
                self._control.add("base", [], rule)
        with self._control.backend() as backend:
            for symbol in criteria_facts(policy, terminology):
                backend.add_rule([backend.add_atom(symbol)])
        self._control.ground([("base", [])], context=Calendar())
        apart = self._control.symbolic_atoms[Function("_apart")]
        self._apart = None if apart is None else apart.literal
        self._is: dict[Symbol, list[tuple[Symbol, int]]] = {}
        for answer in self._control.symbolic_atoms.by_signature("is", 3):
            world, question, value = answer.symbol.arguments
            if world.number == 1:
                self._is.setdefault(question, []).append((value, answer.literal))
        self.same = not self._some([])

    def apart(self, worlds: Worlds, answers: Answers) -> bool:
        """Whether some world in which each question has one of *answers* tells the two apart."""
        assumptions = []
        for question, literals in self._is.items():
            allowed = answers.get(question)
            if allowed is None and question in worlds.usual:
                allowed = frozenset({worlds.usual[question]})
            if allowed is not None:
                assumptions += [-lit for value, lit in literals if value not in allowed]
        return self._some(assumptions)

    def _some(self, assumptions: list[int]) -> bool:
        if self._apart is None:
            return False
        found = self._control.solve(assumptions=[self._apart, *assumptions])
        return bool(found.satisfiable)
