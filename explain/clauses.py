"""The clauses over the worlds of a case: what each reads, why it holds, what it counted."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property

import clingo
import msgspec
from clingo import Function, Symbol

from explain.contexts import Contexts, PairModel
from explain.instrument import Counting, Fired
from explain.misses import misses
from explain.reach import THROUGH_CLAUSES, Reach
from reasoner.certificate.format import Leaf, Tree
from reasoner.policy import Clause
from reasoner.terminology import Terminology
from reasoner.worlds import Answers, Worlds

__all__ = ["Clauses", "Count", "bound", "goal_of", "standing"]

_GOALS = {"criterion": "met", "exclusion": "applies", "exception": "opens"}
_BOUND = re.compile(r"(?P<left>[^{}]*?)\s*(?P<least><=|<|>=|>)\s*#\w+\+?\s*\{")


def goal_of(clause: Clause) -> Symbol | None:
    """Return what rules derive where *clause* has its effect: `met(C)`; of a limit, nothing."""
    name = _GOALS.get(clause.kind)
    return None if name is None else Function(name, [clause.symbol])


class Count(msgspec.Struct, frozen=True, eq=False):
    """What a rule counted (tuples of terms), for certain and perhaps; how much it needs.

    *not_counted* are the questions that keep something from being counted.
    """

    rule: str
    value: int
    needed: int
    at_most: bool
    counted: tuple[tuple[Symbol, ...], ...]
    perhaps: tuple[tuple[Symbol, ...], ...]
    not_counted: tuple[Symbol, ...]


class Clauses:
    """The criteria over the worlds of one case, *asked*; all other questions as usual."""

    def __init__(
        self,
        worlds: Worlds,
        terminology: Terminology,
        readings: Mapping[str, Symbol],
        asked: Answers,
    ) -> None:
        self.worlds = worlds
        self.answers = asked
        self.contexts = Contexts(worlds, terminology, readings)
        self.asked = {q: frozenset(a) for q, a in asked.items() if q.name != "reading"}
        self._split: dict[Symbol, list[PairModel]] = {}

    @cached_property
    def here(self) -> PairModel:
        """What holds in the worlds of the case."""
        return self.contexts.models([self.asked, self._free])[0]

    # -- what reads what ----------------------------------------------------------------------

    @cached_property
    def _free(self) -> dict[Symbol, frozenset[Symbol]]:
        """The questions of the case with every answer."""
        return {q: self.worlds.every[q] | answers for q, answers in self.asked.items()}

    @cached_property
    def reach(self) -> Reach:
        """What reads which of the questions."""
        free = self._free
        key = ("reach", *sorted(self.contexts.readings.items()), frozenset(free.items()))

        def made() -> Reach:
            return Reach(self.worlds, free, self.contexts.models([self.asked, free])[1])

        return self.worlds.remembered(key, made)

    def questions_of(self, clause: Symbol) -> tuple[Symbol, ...]:
        """Return the asked questions that the status of *clause* depends on, in their order."""
        return self.reach.questions_of(clause)

    def questions_of_result(self) -> tuple[Symbol, ...]:
        """Return the asked questions that decide the result without any clause."""
        return self.reach.questions_of_result()

    # -- what holds, in words -----------------------------------------------------------------

    def status(self, clause: Symbol, value: str) -> Symbol | None:
        """Return the status of *clause* that certainly holds, if one does.

        *value* is the one that was found, over all worlds: it may take a case split to see it.
        """
        status = self.here.statuses.get(clause)
        split = Function("status", [clause, Function(value, [])])
        if status is None and self.worlds.certain(self.answers, split):
            return split if self._leaves(split, self.questions_of(clause)) else None
        return status

    def because(self, status: Symbol) -> list[Fired]:
        """Return the policy's own words for *status*, the nearest ones that hold in every world."""
        first, *others = (
            model.certain_rules.nearest([status], _is_of_the_policy)
            for model in self._leaves(status)
        )
        kept = [{(one.rule.place, one.values) for one in said} for said in others]
        return [one for one in first if all((one.rule.place, one.values) in k for k in kept)]

    def _leaves(self, atom: Symbol, questions: Sequence[Symbol] = ()) -> list[PairModel]:
        """The sets of worlds in which *atom* is derived: one, unless only a case split shows it.

        The split is over *questions*.
        """
        if atom not in self._split:
            tree = self.contexts.prove(self.asked, lambda model: model.has(atom), questions)
            names = [] if tree is None else _names(tree)
            self._split[atom] = [self.contexts.named[name] for name in names]
        return self._split[atom]

    def because_of_result(self, recommendation: str) -> list[Fired]:
        """Return the policy's own words for a result, where no clause has them."""
        results = self.here.certain_of("result")
        starts = [atom for atom in results if atom.arguments[0].name == recommendation]
        return self.here.certain_rules.nearest(
            starts, _is_of_the_policy, lambda atom: atom.name in THROUGH_CLAUSES
        )

    # -- counts -------------------------------------------------------------------------------

    def counts_of(self, clause: Symbol, status: Symbol | None) -> list[Count]:
        """Return what the rules of *clause* count: where it holds, and where it falls short."""
        goal = goal_of(next(c for c in self.worlds.policy.identity.clauses if c.symbol == clause))
        if status is not None and goal is not None and self._leaves(status)[0].has(goal):
            fired = self._leaves(status)[0].certain_rules
            return [
                self._count(one.rule.place, text, counting.function, tuples, one)
                for one in fired.by_head.get(goal, ())
                for text, counting, tuples in _comparisons(one)
            ]
        if (
            goal is None
            or self.here.may_have(goal)
            or not any(rule.aggregates for rule in self.contexts.rules if rule.name == goal.name)
        ):
            return []
        found = misses(
            [goal],
            self.contexts.rules,
            sorted(self.here.plain),
            self.here,
            self.worlds.policy.world_predicates,
        )
        return [
            self._count(miss.rule.place, tally.text, "#count", tally.tuples, None)
            for miss in found
            if miss.atom == goal and len(miss.fails) == len(miss.tallies)
            for tally in miss.tallies
        ]

    def _count(
        self,
        rule: str,
        text: str,
        function: str,
        tuples: tuple[tuple[Symbol, ...], ...],
        one: Fired | None,
    ) -> Count:
        least, needed = bound(text)
        told = set(tuples)
        short = one is None
        sure = self._sure(rule) if short else told
        counted = tuple(each for each in tuples if each in sure)
        perhaps = tuple(each for each in tuples if each not in sure)
        value = len(counted) if function == "#count" else sum(t[0].number for t in counted)
        others = self.not_counted(rule, told) if short else ()
        return Count(rule, value, needed, not least, counted, perhaps, others)

    def _sure(self, rule: str) -> set[tuple[Symbol, ...]]:
        """What *rule* counts in every world of the case."""
        return {
            each.terms
            for one in self.reach.instances(rule)
            for tuples in one.counted
            for each in tuples
            if all(self.here.has(atom) for atom in each.atoms)
        }

    def not_counted(self, rule: str, told: Container[tuple[Symbol, ...]]) -> tuple[Symbol, ...]:
        """Return the questions whose answers keep from being counted what *rule* could count.

        *told* is what it counts.
        """
        found = {
            question
            for one in self.reach.instances(rule)
            for tuples in one.counted
            for each in tuples
            if each.terms not in told
            for answer, question in self.reach.answers_behind(each.atoms).items()
            if not self.here.may_have(answer)
        }
        return tuple(sorted(found, key=self.worlds.position))

    # -- case splits --------------------------------------------------------------------------

    def split(self, blocks: Mapping[str, Symbol]) -> tuple[Symbol, list[tuple[Symbol, str]]] | None:
        """Return the question of which each answer makes one of *blocks* certain, and which."""
        for question in sorted(self.asked, key=self.worlds.position):
            if len(self.asked[question]) == 1:
                continue
            branches: list[tuple[Symbol, str]] = []
            sets = {a: {**self.asked, question: frozenset({a})} for a in self.asked[question]}
            models = dict(zip(sets, self.contexts.models(list(sets.values())), strict=True))
            for answer in sorted(self.asked[question]):
                model = models[answer]
                found = next((id_ for id_, atom in blocks.items() if model.has(atom)), None)
                if found is None:
                    break
                branches.append((answer, found))
            else:
                return question, branches
        return None


def standing(over: Sequence[Clauses], clause: Symbol, value: str) -> tuple[Clauses, Symbol | None]:
    """Return the first of some sets of worlds in which the status of *clause* is certain.

    It comes with the status; the first set with nothing, where it is certain in none. A clause
    that no record settles may have a status by a presumption alone, of which a denial is free.
    """
    for one in over:
        if (status := one.status(clause, value)) is not None:
            return one, status
    return over[0], None


def _names(tree: Tree) -> list[str]:
    if isinstance(tree, Leaf):
        return [tree.context]
    return [name for branch in tree.branches.values() for name in _names(branch)]


def _is_of_the_policy(one: Fired) -> bool:
    return bool(one.rule.sentence) and not one.rule.place.startswith("core/")


def _comparisons(one: Fired) -> Iterable[tuple[str, Counting, tuple[tuple[Symbol, ...], ...]]]:
    values = dict(zip(one.rule.variables, one.values, strict=True))
    texts = [text for text in one.rule.body if "{" in text]
    for text, counting, tuples in zip(texts, one.rule.aggregates, one.counted, strict=True):
        filled = re.sub(r"\b_*[A-Z]\w*", lambda v: str(values.get(v.group(), v.group())), text)
        if _BOUND.match(filled):
            yield filled, counting, tuple(sorted({each.terms for each in tuples}))


def bound(text: str) -> tuple[bool, int]:
    """Return whether *text* compares with a least number, and which.

    >>> bound("(2-0) <= #count { D: counted(D) }")
    (True, 2)
    """
    match = _BOUND.match(text)
    if match is None:
        return True, 0
    number = clingo.parse_term(match["left"]).number
    strict = match["least"] in ("<", ">")
    least = match["least"].startswith("<")
    return least, number + (1 if strict and least else -1 if strict else 0)
