"""What a wanted result requires of the answers, learned from the solver one piece at a time.

A *requirement* is a set of answers of which one at least must hold: where none of them does,
no world gives a wanted result. A world that gives another result shows one, as the part of it
that is to blame; the solver names that part (an unsatisfiable core), and here it is shrunk
until nothing more can be left out. So one world that fails teaches something about very many,
and a handful of requirements describes a policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from clingo import Number, Symbol

from reasoner.criteria import Answers, Criteria, Result, place_of
from reasoner.errors import PolicyError

__all__ = ["Requirement", "Requirements"]

Requirement = Mapping[Symbol, frozenset[Symbol]]
"""Answers of questions, one of which at least must hold."""

_FIRST = Number(1)
_Pair = tuple[Symbol, Symbol]
"""A question and an answer of it."""


class Requirements:
    """What results require, in worlds that answer each question within *ranges*.

    Questions that *ranges* leave out have their usual answer.
    """

    def __init__(self, criteria: Criteria, ranges: Answers) -> None:
        self._criteria = criteria
        # One world is looked at whole; what holds in some world or other is not asked here.
        criteria.control.configuration.solve.enum_mode = "auto"  # type: ignore[union-attr]
        criteria.control.configuration.solve.models = 1  # type: ignore[union-attr]
        self._ranges = {question: sorted(ranges[question]) for question in sorted(ranges)}
        self._within = self._assume(ranges)
        self._literals: dict[_Pair, int] = {}
        for atom in criteria.control.symbolic_atoms.by_signature("is", 3):
            world, question, answer = atom.symbol.arguments
            if world == _FIRST:
                self._literals[question, answer] = atom.literal

    def given(self, answers: Answers, among: Iterable[Result]) -> list[Result]:
        """Return which results of *among* some world of *answers* gives, in order."""
        assumed = self._assume(answers)
        return [
            result
            for result in sorted(among, key=place_of)
            if self._criteria.possible([*assumed, self._criteria.results[result]])
        ]

    def lacking(self, answers: Answers, wanted: Collection[Result]) -> Requirement | None:
        """Return what the *wanted* results require and some world of *answers* lacks.

        Nothing, where every world of *answers*, which lie within the ranges, gives one of them.
        """
        assumed = self._assume(answers)
        assumed += [-x for result, x in self._criteria.results.items() if result in wanted]
        with self._criteria.control.solve(assumptions=assumed, yield_=True) as handle:
            model = handle.model()
            if model is None:
                return None
            away = [
                (question, answer)
                for question, allowed in self._ranges.items()
                for answer in allowed
                if not model.is_true(self._literals[question, answer])
            ]
        found = self._shrunk(away, wanted)
        if found is None:
            raise PolicyError("policy.worlds", "a world has no result, or more than one")
        return found

    def out_of_reach(self, answers: Answers, wanted: Collection[Result]) -> Requirement | None:
        """Return what the *wanted* results require and no world of *answers* has.

        Nothing, where some world of *answers*, which lie within the ranges, gives one of them.
        """
        away = [
            (question, answer)
            for question, allowed in self._ranges.items()
            for answer in allowed
            if question in answers and answer not in answers[question]
        ]
        return self._shrunk(away, wanted)

    def _assume(self, answers: Answers) -> list[int]:
        return self._criteria.assume(self._criteria.state(answers), 1) + self._criteria.alone

    def _shrunk(self, away: list[_Pair], wanted: Collection[Result]) -> Requirement | None:
        """Return the least part of what is *away* without which no wanted result is possible."""
        results = self._criteria.results
        base = self._within + [-x for result, x in results.items() if result not in wanted]
        core = self._core(away, base)
        if core is None:
            return None
        for question in {question: None for question, _ in core}:  # in order, each once
            core = self._without([pair for pair in core if pair[0] == question], core, base)
        for pair in tuple(core):
            core = self._without([pair], core, base)
        found: dict[Symbol, set[Symbol]] = {}
        for question, answer in core:
            found.setdefault(question, set()).add(answer)
        return {question: frozenset(answers) for question, answers in found.items()}

    def _without(self, some: list[_Pair], core: list[_Pair], base: list[int]) -> list[_Pair]:
        """Return *core* without *some* of it, or a part of that, if that is a core still."""
        rest = [pair for pair in core if pair not in some]
        if len(rest) == len(core):
            return core
        return self._core(rest, base) or core

    def _core(self, away: list[_Pair], base: list[int]) -> list[_Pair] | None:
        """Return which of *away*, all denied, leave no world; nothing, if one is left."""
        denied = {-self._literals[pair]: pair for pair in away}
        with self._criteria.control.solve(assumptions=[*base, *denied], yield_=True) as handle:
            if handle.model() is not None:
                return None
            core = set(handle.core())
        return [pair for literal, pair in denied.items() if literal in core]
