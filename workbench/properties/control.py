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

    What speaks of one world is asked in a program of one world, which costs a call half.
    *until* is when every question must be answered, by the monotonic clock; None is never.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        files: Sequence[RuleFile],
        properties: Sequence[Property],
        until: float | None = None,
    ) -> None:
        self._until = until
        self._proved: list[str] = []
        self._programs = {
            worlds: _Program(reasoner, files, properties, worlds)
            for worlds in sorted({one.worlds for one in properties})
        }
        self.compared: dict[str, frozenset[Symbol]] = {}
        for program in self._programs.values():
            for atom in program.criteria.control.symbolic_atoms.by_signature(COMPARES, 2):
                name, question = atom.symbol.arguments
                self.compared[name.name] = self.compared.get(name.name, frozenset()) | {question}

    def holding(self, one: Property) -> bool:
        """Whether some rule's premise of *one* holds in some world.

        Raises:
            TimeUp: the time is over.
        """
        return any(
            literal is not None and self._possible(one, literal)
            for number in range(len(one.rules))
            for literal in [self._literal(one, PREMISE, Number(number))]
        )

    def violated(self, one: Property) -> bool:
        """Whether some world, or two, violate *one*.

        Raises:
            TimeUp: the time is over.
        """
        literal = self._literal(one, VIOLATED)
        found = literal is not None and self._possible(one, literal)
        if not found and one.worlds == 1:
            self._proved.append(one.id)
        return found

    def example(self, one: Property, inside: Answers) -> tuple[World, ...]:
        """Return worlds of *inside* that violate *one*, the least surprising, or nothing."""
        criteria = self._criteria(one)
        literal = self._literal(one, VIOLATED)
        if literal is None:
            return ()
        state = criteria.state(inside)
        numbers = range(1, one.worlds + 1)
        assumed = [x for number in numbers for x in criteria.assume(state, number)]
        found = criteria.worlds(state, [*assumed, *self._about(one), literal], *numbers) or ()
        _one_model(criteria)
        return found

    def always(self, one: Property, sides: Sequence[Answers]) -> bool:
        """Whether *one* is violated in every world of *sides*, one side a world."""
        criteria = self._criteria(one)
        literal = self._literal(one, VIOLATED)
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
        criteria = self._criteria(one)
        if one.worlds == 1:
            return criteria.alone
        compared = {criteria.place[q] for q in self.compared[one.id] if q in criteria.place}
        same = [-literal for place, literal in criteria.differ.items() if place not in compared]
        return criteria.beside + same + self._lemmas()

    def _lemmas(self) -> list[int]:
        """Return what is proved of every world, of each of two: the proofs to come are shorter."""
        atoms = self._programs[2].criteria.control.symbolic_atoms
        found = (
            atoms[Function(VIOLATED, [Number(world), Function(name)])]
            for name in self._proved
            for world in (1, 2)
        )
        return [-atom.literal for atom in found if atom is not None]

    def _criteria(self, one: Property) -> Criteria:
        return self._programs[one.worlds].criteria

    def _literal(self, one: Property, name: str, *more: Symbol) -> int | None:
        return self._programs[one.worlds].literals.get((name, Function(one.id), *more))

    def _possible(self, one: Property, literal: int) -> bool:
        criteria = self._criteria(one)
        assumptions = [*self._about(one), literal]
        if self._until is None:
            return criteria.possible(assumptions)
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeUp
        with criteria.control.solve(assumptions=assumptions, async_=True) as handle:
            if not handle.wait(left):
                handle.cancel()
                raise TimeUp
            return bool(handle.get().satisfiable)


class _Program:
    """The criteria in one world or two, and the literals of the properties in the first."""

    def __init__(
        self,
        reasoner: Reasoner,
        files: Sequence[RuleFile],
        properties: Sequence[Property],
        worlds: int,
    ) -> None:
        policy = reasoner.policy
        premises = RuleFile(Path(), "premises", companions(policy, files, properties))
        one, two = policy.worlds
        both = RuleFile(two.path, two.name, f"{two.text}\n{wrappers(files, policy)}\n")
        alone = RuleFile(one.path, one.name, f"{one.text}\n{_ALONE}\n")
        self.criteria = Criteria(
            msgspec.structs.replace(
                policy,
                criteria=(*policy.criteria, *files, premises),
                worlds=(alone if worlds == 1 else one, both),
            ),
            reasoner.terminology,
            (),
            worlds=worlds,
        )
        _one_model(self.criteria)
        atoms = self.criteria.control.symbolic_atoms
        self.literals = {
            (name, *symbol.arguments[1:]): atom.literal
            for name, arity in ((VIOLATED, 2), (PREMISE, 3))
            for atom in atoms.by_signature(name, arity)
            if (symbol := atom.symbol).arguments[0] == Number(1)
        }


_ALONE = "#defined first/1. #defined second/1."
"""Properties of two worlds say nothing where there is one."""


def _one_model(criteria: Criteria) -> None:
    """Let a call end with its first model: all that is asked here is whether there is one."""
    solving: Any = criteria.control.configuration.solve
    solving.enum_mode, solving.models = "auto", 1
