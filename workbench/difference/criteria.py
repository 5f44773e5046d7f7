"""The criteria of two versions over all worlds: no world tells them apart, or here is one.

Both versions stand in one program. The questions that they share have one answer for both;
a question that only one version asks has every answer. So *no world* means: whatever the
answers to the shared questions, and whatever the others would have been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import msgspec
from clingo import Function, Symbol

from reasoner.criteria import Answers, Result, criteria_facts
from reasoner.facts import answer_value
from reasoner.model import Amount, Recommendation
from workbench.difference.matching import Matching, by_name
from workbench.difference.version import Version
from workbench.joint import NEW, OLD, SIDES, Joint, Key, copied, stated

__all__ = ["Criteria", "CriteriaVerdict", "Pair", "compare_criteria"]

_RULES = """
{ _has(Q, A) : _common(Q, A, _, _) } = 1 :- _common(Q, _, _, _).
{ _own(V, Q, A) : _private(V, Q, A) } = 1 :- _private(V, Q, _).
{ _defaults }.
_set(V, Q) :- _defaults, _default(V, Q, _).
is(V, Q, A) :- _defaults, _default(V, Q, A).
is(V, Q, A) :- _own(V, Q, A), not _set(V, Q).
is(old, Q, A) :- _has(Q, A), not _set(old, Q).
is(new, P, B) :- _has(Q, A), _common(Q, A, P, B), not _set(new, P), not _split(Q).

{ _apart }.
{ _split(Q) } :- _common(Q, _, _, _), _apart.
{ _else(Q, P, B) : _common(Q, _, P, B) } = 1 :- _split(Q).
is(new, P, B) :- _else(Q, P, B), not _set(new, P).

_version(old; new).
_pair(R, S) :- result(old, R, N), result(new, S, M), (R, N) != (S, M).
_unequal :- _pair(_, _).
_shift(C) :- _both(C), status(old, C, X), not status(new, C, X).
_shift(C) :- _both(C), status(new, C, X), not status(old, C, X).
_shift(advisory(I)) :- advisory(old, I), not advisory(new, I).
_shift(advisory(I)) :- advisory(new, I), not advisory(old, I).
#defined advisory/2.
_some(V) :- result(V, _, _).
_faulty(V) :- _version(V), not _some(V).
_faulty(V) :- _version(V), 2 #count { R, N : result(V, R, N) }.
#defined _private/3.
"""
"""Questions and answers are those of the old version; `_common` says what the new one calls them.

With `_defaults` each version reads ambiguous words as it does where nobody chooses; without,
both read them in the same way, whichever. With `_apart` some questions are split: each version
has an answer of its own, as where it reads the records differently. The names of the rules
themselves have no underscore in front.
"""

_ORDER = ("approve", "partial", "refer", "deny", "not_applicable")


class Pair(msgspec.Struct, frozen=True, eq=False):
    """A world in which the versions have different results.

    *answers* has each version's own questions; *readings* are those that both must choose,
    by the old version's names; none where each reads by its own defaults.
    """

    old: Result
    new: Result
    answers: tuple[Mapping[Symbol, Symbol], Mapping[Symbol, Symbol]]
    readings: Mapping[Symbol, Symbol]
    shifted: tuple[Symbol, ...]


class CriteriaVerdict(msgspec.Struct, frozen=True, eq=False):
    """What holds over all worlds.

    *pairs* has a smallest witness for each ordered pair of recommendations that some world
    gives; *quiet* the clauses whose status differs in a world though the results do not, with
    that world; *faulty* a world in which a version has no result or two.
    """

    matching: Matching
    pairs: tuple[Pair, ...]
    quiet: tuple[tuple[Symbol, Pair], ...]
    faulty: tuple[tuple[str, Mapping[Symbol, Symbol]], ...]

    @property
    def proved(self) -> bool:
        """Whether no world tells the results of the two versions apart."""
        return not self.pairs and not self.faulty


class Criteria:
    """The criteria of two versions, grounded side by side."""

    def __init__(self, old: Version, new: Version, matching: Matching | None = None) -> None:
        self.versions = (old, new)
        self.matching = matching or by_name(old.questions, new.questions)
        self._joint = Joint()
        facts: list[Symbol] = list(self._shared())
        for side, symbol, version in zip(SIDES, (OLD, NEW), self.versions, strict=True):
            for file in version.policy.criteria:
                self._joint.add(copied(file, side))
            facts += stated(symbol, criteria_facts(version.policy, version.terminology))
        self._joint.ground(_RULES, facts)
        self._index()

    def _shared(self) -> Iterator[Symbol]:
        old, new = self.versions
        for question, renamed in self.matching.questions.items():
            for answer, other in self.matching.answers[question].items():
                yield Function("_common", [question, answer, renamed, other])
        for symbol, version, only in (
            (OLD, old, self.matching.only_old),
            (NEW, new, self.matching.only_new),
        ):
            for question in only:
                for answer in sorted(version.questions[question]):
                    yield Function("_private", [symbol, question, answer])
            for question in sorted(version.reasoner.worlds.readings.values()):
                default = version.reasoner.worlds.usual[question]
                yield Function("_default", [symbol, question, default])
        kinds = {(c.symbol, c.kind) for c in old.policy.identity.clauses}
        for clause in new.policy.identity.clauses:
            if (clause.symbol, clause.kind) in kinds:
                yield Function("_both", [clause.symbol])

    def _index(self) -> None:
        joint = self._joint
        self._has = joint.literals("_has", 2)
        self._own = joint.literals("_own", 3)
        self._pairs = joint.literals("_pair", 2)
        self._shift = joint.literals("_shift", 1)
        self._results = joint.literals("result", 3)
        self._faulty = joint.literals("_faulty", 1)
        self._defaults = joint.literal("_defaults") or 0
        self._unequal = joint.literal("_unequal")
        self._apart = joint.literal("_apart") or 0
        self._split = joint.literals("_split", 1)
        self._else = joint.literals("_else", 3)

    # -- the verdict ----------------------------------------------------------------------------

    def verdict(self) -> CriteriaVerdict:
        """Say what holds over all worlds, with a witness for all that does not."""
        return CriteriaVerdict(
            self.matching, self._different(), tuple(self._quiet()), tuple(self._broken())
        )

    @property
    def proved(self) -> bool:
        """Whether no world tells the results apart: all that an equivalence asks for."""
        some = [x for x in (self._unequal, *self._faulty.values()) if x is not None]
        return not any(self._joint.possible([literal, -self._apart]) for literal in some)

    def _sound(self) -> list[int]:
        return [-self._apart, *(-literal for literal in self._faulty.values())]

    def _different(self) -> tuple[Pair, ...]:
        if self._unequal is None or not self._joint.possible([self._unequal, *self._sound()]):
            return ()
        found: list[Pair] = []
        for _, literal in sorted(self._pairs.items(), key=_far_apart):
            for mode in (self._defaults, -self._defaults):
                pair = self._witness([literal, mode, *self._sound()])
                if pair is not None:
                    found.append(pair)
                    break
        return tuple(found)

    def _quiet(self) -> Iterator[tuple[Symbol, Pair]]:
        same = [] if self._unequal is None else [-self._unequal]
        for (clause,), literal in self._shift.items():
            for mode in (self._defaults, -self._defaults):
                pair = self._witness([literal, mode, *same, *self._sound()])
                if pair is not None:
                    yield clause, pair
                    break

    def _broken(self) -> Iterator[tuple[str, Mapping[Symbol, Symbol]]]:
        for (side,), literal in self._faulty.items():
            answers = self._least_surprising([literal, -self._apart])
            if answers is not None:
                yield side.name, self._told(answers)[SIDES.index(side.name)]

    def telling(self, old: Answers, new: Answers, given: Answers) -> Iterator[dict[Symbol, Symbol]]:
        """Yield worlds that give different results where the versions are left *old* and *new*.

        A question that both are left alike, or one that is *given* an answer, has one answer
        for both; the others have one in each. What is yielded are the answers of the former,
        by their old names, those first whose results tell most.
        """
        base = [self._apart, self._defaults, *(-literal for literal in self._faulty.values())]
        split: set[Symbol] = set()
        for question, renamed in self.matching.questions.items():
            one, other = self._left(0, question, old), self._left(1, renamed, new)
            names = self.matching.answers[question]
            alike = {names[a] for a in one if a in names} == other
            one = given.get(question, one)
            base += [-lit for (q, a), lit in self._has.items() if q == question and a not in one]
            if alike or question in given:
                base.append(-self._split[question,])
                continue
            split.add(question)
            base.append(self._split[question,])
            base += [
                -literal
                for (q, _, b), literal in self._else.items()
                if q == question and b not in other
            ]
        if not self._joint.possible([*base, *([self._unequal] if self._unequal else [])]):
            return
        for _, literal in sorted(self._pairs.items(), key=_far_apart):
            chosen = self._least_surprising([literal, *base])
            if chosen is not None:
                yield {key[0]: key[1] for key in chosen if key[0] not in split and len(key) == 2}  # noqa: PLR2004 -- its arity

    def _left(self, side: int, question: Symbol, answers: Answers) -> frozenset[Symbol]:
        """Return the answers that a case leaves of *question*: those of a question unasked too."""
        version = self.versions[side]
        if question in answers:
            return answers[question]
        usual = version.reasoner.worlds.usual.get(question)
        return version.questions[question] if usual is None else frozenset({usual})

    # -- a world --------------------------------------------------------------------------------

    def _witness(self, assumptions: Sequence[int]) -> Pair | None:
        chosen = self._least_surprising(assumptions)
        if chosen is None:
            return None
        fixed = [self._literal(key) for key in chosen]
        results = self._joint.chosen([*assumptions, *fixed], self._results) or frozenset()
        shifted = self._joint.chosen([*assumptions, *fixed], self._shift) or frozenset()
        by_side = {side: _result(results, side) for side in (OLD, NEW)}
        answers = self._told(chosen)
        readings = {} if self._defaults in assumptions else self._chosen(answers[0])
        return Pair(
            by_side[OLD],
            by_side[NEW],
            answers,
            readings,
            tuple(sorted(key[0] for key in shifted)),
        )

    def _chosen(self, answers: Mapping[Symbol, Symbol]) -> dict[Symbol, Symbol]:
        """Return the readings of *answers* that are not the default of both versions."""
        old, new = (version.reasoner.worlds.usual for version in self.versions)
        renamed = self.matching.questions
        return {
            question: answer
            for question, answer in answers.items()
            if question.name == "reading"
            and not answer == old[question] == new.get(renamed.get(question, question))
        }

    def _literal(self, key: Key) -> int:
        return self._has[key] if len(key) == 2 else self._own[key]  # noqa: PLR2004 -- its arity

    def _least_surprising(self, assumptions: Sequence[int]) -> list[Key] | None:
        """Return the choices of a world: as far as they can be, those that are presumed.

        What belongs to a family comes first, because each of its members that is not as usual
        needs a word of its own in a case.
        """
        every: dict[Key, int] = {**self._has, **self._own}
        world = self._joint.chosen(assumptions, every)
        if world is None:
            return None
        usual = [
            every[key]
            for key in every
            if self._usual(key) and key[-2].name != "reading" and self._in_family(key)
        ]
        kept = list(assumptions)
        if (calm := self._joint.chosen([*kept, *usual], every)) is not None:
            kept, world = [*kept, *usual], calm
        groups: dict[Key, list[Key]] = {}
        for key in every:
            groups.setdefault(key[:-1], []).append(key)
        fixed: list[Key] = []
        for group in sorted(groups, key=lambda g: (not self._in_family((*g, g[-1])), g)):
            for key in sorted(groups[group], key=lambda k: (not self._usual(k), k)):
                if key not in world:
                    other = self._joint.chosen([*kept, every[key]], every)
                    if other is None:
                        continue
                    world = other
                kept.append(every[key])
                fixed.append(key)
                break
        return fixed

    def _usual(self, key: Key) -> bool:
        version = self.versions[1] if key[0] == NEW and len(key) > 2 else self.versions[0]  # noqa: PLR2004 -- its arity
        return version.presumed.get(key[-2]) == key[-1]

    def _in_family(self, key: Key) -> bool:
        version = self.versions[1] if key[0] == NEW and len(key) > 2 else self.versions[0]  # noqa: PLR2004 -- its arity
        return key[-2] in version.reasoner.worlds.families

    def _told(self, chosen: Sequence[Key]) -> tuple[dict[Symbol, Symbol], dict[Symbol, Symbol]]:
        """Return the answers of a world as each version calls them."""
        old: dict[Symbol, Symbol] = {}
        new: dict[Symbol, Symbol] = {}
        for key in chosen:
            question, answer = key[-2:]
            if len(key) == 2:  # noqa: PLR2004 -- its arity
                old[question] = answer
                new[self.matching.questions[question]] = self.matching.answers[question][answer]
            else:
                (old if key[0] == OLD else new)[question] = answer
        return old, new


def compare_criteria(
    old: Version, new: Version, matching: Matching | None = None
) -> CriteriaVerdict:
    """Say whether the criteria of two versions agree over all worlds, and where they do not."""
    return Criteria(old, new, matching).verdict()


def _result(results: frozenset[Key], side: Symbol) -> Result:
    return next(
        (cast("Recommendation", name.name), cast("Amount", answer_value(quantity)))
        for version, name, quantity in sorted(results)
        if version == side
    )


def _far_apart(item: tuple[Key, int]) -> tuple[int, int, int]:
    """What tells most comes first: an approval that becomes a denial, a denial an approval."""
    one, other = (_ORDER.index(symbol.name) for symbol in item[0])
    return -abs(one - other) if max(one, other) < len(_ORDER) - 1 else 0, one, other
