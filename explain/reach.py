"""Which questions a clause reads, and the result beside its clauses, whatever their answers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from clingo import Function, Symbol

from explain.contexts import PairModel, Set
from explain.instrument import Fired
from explain.saying import Derived
from reasoner.worlds import Worlds

__all__ = ["THROUGH_CLAUSES", "Reach"]

THROUGH_CLAUSES = ("status", "asks", "allows")
"""What the result rests on through its clauses only."""


class Reach:
    """What the criteria could make of the *asked* questions, had each any of its answers.

    *model* is what holds then. It is the same for all cases that are asked the same.
    """

    def __init__(self, worlds: Worlds, asked: Set, model: PairModel) -> None:
        self._position = worlds.position
        self._asked = asked
        self._rules: Derived = model.possible_rules
        self._read: dict[Symbol | None, tuple[Symbol, ...]] = {}

    def questions_of(self, clause: Symbol) -> tuple[Symbol, ...]:
        """Return the asked questions that the status of *clause* depends on, in their order."""
        if clause not in self._read:
            starts = [h for h in self._heads.get("status", ()) if h.arguments[0] == clause]
            self._read[clause] = self._questions(starts, ())
        return self._read[clause]

    def questions_of_result(self) -> tuple[Symbol, ...]:
        """Return the asked questions that decide the result without any clause."""
        if None not in self._read:
            starts = self._heads.get("result", ())
            self._read[None] = self._questions(starts, THROUGH_CLAUSES)
        return self._read[None]

    def instances(self, rule: str) -> list[Fired]:
        """Return the instances of the rule that stands at the place *rule*."""
        return [
            one for fired in self._rules.by_head.values() for one in fired if one.rule.place == rule
        ]

    def answers_behind(self, atoms: Iterable[Symbol]) -> dict[Symbol, Symbol]:
        """Return the answers that *atoms* rest on, as `is(Q, A)`, each with its question."""
        reached = self._rules.reached(atoms)
        return {atom: self._about[atom] for atom in reached if atom in self._about}

    def _questions(self, starts: Iterable[Symbol], past: Iterable[str]) -> tuple[Symbol, ...]:
        reached = self._rules.reached(starts, past)
        found = {self._about[atom] for atom in reached if atom in self._about}
        return tuple(sorted(found, key=self._position))

    @cached_property
    def _heads(self) -> dict[str, list[Symbol]]:
        found: dict[str, list[Symbol]] = {}
        for head in self._rules.by_head:
            found.setdefault(head.name, []).append(head)
        return found

    @cached_property
    def _about(self) -> dict[Symbol, Symbol]:
        """The question of each answer that the case asks about, by `is(Q, A)`."""
        return {
            Function("is", [question, answer]): question
            for question, answers in self._asked.items()
            for answer in answers
        }
