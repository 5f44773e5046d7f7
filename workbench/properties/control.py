"""The criteria in one world or two, with the properties grounded beside them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from clingo import Function, Number, Symbol

from reasoner.criteria import Answers, Criteria, State
from reasoner.engine import Reasoner
from reasoner.program import RuleFile
from workbench.properties.source import (
    COMPARES,
    PREMISE,
    VIOLATED,
    Property,
    companions,
    wrappers,
)
from workbench.witness import World

__all__ = ["Properties", "TimeUp"]


class TimeUp(Exception):  # noqa: N818 -- it is no error: there is no conclusion
    """The time is over before there is a conclusion."""


class Properties:
    """The properties of a policy, ready to be asked about its worlds.

    *until* is when every question must be answered, by the monotonic clock; None is never.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        files: Sequence[RuleFile],
        properties: Sequence[Property],
        until: float | None = None,
    ) -> None:
        policy = reasoner.policy
        premises = RuleFile(Path(), "premises", companions(policy, files, properties))
        one, two = policy.worlds
        both = RuleFile(two.path, two.name, f"{two.text}\n{wrappers(files, policy)}\n")
        self._criteria = Criteria(
            msgspec.structs.replace(
                policy, criteria=(*policy.criteria, *files, premises), worlds=(one, both)
            ),
            reasoner.terminology,
            (),
            worlds=2,
        )
        self._until = until
        self._one_model()
        atoms = self._criteria.control.symbolic_atoms
        self._literals = {
            (name, *symbol.arguments[1:]): atom.literal
            for name, arity in ((VIOLATED, 2), (PREMISE, 3))
            for atom in atoms.by_signature(name, arity)
            if (symbol := atom.symbol).arguments[0] == Number(1)
        }
        self.compared: dict[str, frozenset[Symbol]] = {}
        for atom in atoms.by_signature(COMPARES, 2):
            name, question = atom.symbol.arguments
            self.compared[name.name] = self.compared.get(name.name, frozenset()) | {question}

    def _one_model(self) -> None:
        """Let a call end with its first model: all that is asked here is whether there is one."""
        solving: Any = self._criteria.control.configuration.solve
        solving.enum_mode, solving.models = "auto", 1

    def holding(self, one: Property) -> bool:
        """Whether some rule's premise of *one* holds in some world.

        Raises:
            TimeUp: the time is over.
        """
        return any(
            literal is not None and self._possible(one, literal)
            for number in range(len(one.rules))
            for literal in [self._literals.get((PREMISE, Function(one.id), Number(number)))]
        )

    def violated(self, one: Property) -> bool:
        """Whether some world, or two, violate *one*.

        Raises:
            TimeUp: the time is over.
        """
        literal = self._literals.get((VIOLATED, Function(one.id)))
        return literal is not None and self._possible(one, literal)

    def example(self, one: Property, inside: Answers) -> tuple[World, ...]:
        """Return worlds of *inside* that violate *one*, the least surprising, or nothing."""
        criteria = self._criteria
        literal = self._literals.get((VIOLATED, Function(one.id)))
        if literal is None:
            return ()
        state = criteria.state(inside)
        numbers = range(1, one.worlds + 1)
        assumed = [x for number in numbers for x in criteria.assume(state, number)]
        found = criteria.worlds(state, [*assumed, *self._about(one), literal], *numbers) or ()
        self._one_model()
        return found

    def always(self, one: Property, sides: Sequence[Answers]) -> bool:
        """Whether *one* is violated in every world of *sides*, one side a world."""
        criteria = self._criteria
        literal = self._literals.get((VIOLATED, Function(one.id)))
        if literal is None:
            return False
        states = [criteria.state(side) for side in sides]
        every = State({place: mask for state in states for place, mask in state.items()})
        assumed = [
            x
            for number, state in enumerate(states, start=1)
            for x in criteria.assume(state, number, beside=every)
        ]
        return not criteria.possible([*assumed, *self._about(one), -literal])

    def _about(self, one: Property) -> list[int]:
        """Return what is assumed of the worlds that *one* speaks of, whatever they answer."""
        criteria = self._criteria
        if one.worlds == 1:
            return criteria.alone
        compared = {criteria.place[q] for q in self.compared[one.id] if q in criteria.place}
        same = [-literal for place, literal in criteria.differ.items() if place not in compared]
        return criteria.beside + same

    def _possible(self, one: Property, literal: int) -> bool:
        control = self._criteria.control
        assumptions = [*self._about(one), literal]
        if self._until is None:
            return self._criteria.possible(assumptions)
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeUp
        with control.solve(assumptions=assumptions, async_=True) as handle:
            if not handle.wait(left):
                handle.cancel()
                raise TimeUp
            return bool(handle.get().satisfiable)
