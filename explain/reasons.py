"""Why a result is certain: the minimal sets of clause statuses that force it.

A denial by three grounds has three reasons, each enough by itself; an approval has one, with
every clause in it. Behind each status stands a smallest set of answers that forces it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import msgspec
from clingo import Function, Symbol

from reasoner.worlds import Answers, Worlds

__all__ = ["MOST_REASONS", "Reasons", "minimal_sets", "reasons", "smallest"]

MOST_REASONS = 32
"""More minimal sets than that are not looked for; that there are more is said."""

_FEW = 200
"""So many sets of one size are tried for the smallest; beyond, one that cannot shrink is taken."""


class Reasons(msgspec.Struct, frozen=True, eq=False):
    """The minimal *sets* of what forces a result; *complete* is false where there are more.

    A member is a status (`status(exclusion(v),applies)`) or, of a question that the result
    reads without any clause, an answer (`is(scope,no)`).
    """

    sets: tuple[tuple[Symbol, ...], ...]
    complete: bool


def reasons(
    worlds: Worlds,
    answers: Answers,
    recommendation: str,
    statuses: Sequence[Symbol],
    questions: Sequence[Symbol],
) -> Reasons:
    """Return why *recommendation* is certain over the worlds of *answers*.

    *statuses* are those that hold in all of them, *questions* those that the result reads
    without any clause. Readings stay as they are.
    """
    fixed = {q: a for q, a in answers.items() if q.name == "reading"}
    told = [Function("is", [q, min(answers[q])]) for q in questions if len(answers[q]) == 1]

    def forcing(members: Sequence[Symbol]) -> list[Symbol] | None:
        return worlds.forcing(fixed, members, recommendation)

    return minimal_sets([*statuses, *told], forcing)


Forcing = Callable[[Sequence[Symbol]], list[Symbol] | None]
"""Which of some members force something, or nothing where all of them do not."""


def minimal_sets(members: Sequence[Symbol], forcing: Forcing) -> Reasons:
    """Return the minimal subsets of *members* that force something, in order.

    Each minimal set that is found is taken apart, member by member: what is left without
    that member either forces no more, or holds another one.
    """
    order = {member: place for place, member in enumerate(members)}
    found: list[tuple[Symbol, ...]] = []
    seen: set[frozenset[Symbol]] = set()
    queue: list[frozenset[Symbol]] = [frozenset()]
    while queue:
        without = queue.pop(0)
        if without in seen:
            continue
        seen.add(without)
        one = next((s for s in found if without.isdisjoint(s)), None)
        if one is None:
            enough = forcing([member for member in members if member not in without])
            if enough is None:
                continue
            if len(found) == MOST_REASONS:
                return Reasons(_ordered(found, order), complete=False)
            one = tuple(_shrunk(enough, lambda fewer: forcing(fewer) is not None))
            found.append(one)
        queue += [without | {member} for member in one]
    return Reasons(_ordered(found, order), complete=True)


def _ordered(
    found: Iterable[tuple[Symbol, ...]], order: dict[Symbol, int]
) -> tuple[tuple[Symbol, ...], ...]:
    return tuple(sorted(found, key=lambda one: (len(one), [order[m] for m in one])))


def _shrunk(members: Sequence[Symbol], forces: Callable[[Sequence[Symbol]], bool]) -> list[Symbol]:
    """Return a subset of *members* from which nothing can be left out; the last go first."""
    kept = list(members)
    for member in reversed(members):
        fewer = [one for one in kept if one != member]
        if forces(fewer):
            kept = fewer
    return kept


def smallest(
    worlds: Worlds, answers: Answers, atom: Symbol, questions: Sequence[Symbol]
) -> tuple[Symbol, ...]:
    """Return a smallest set of *questions* whose answers make *atom* certain.

    The others may have any answer. Of several smallest sets, the first in the order of
    *questions*; where there are too many sets to try, one from which nothing can be left out.
    """

    def forces(kept: Sequence[Symbol]) -> bool:
        free = {q: worlds.every[q] for q in questions if q not in kept}
        return worlds.certain({**answers, **free}, atom)

    settled = [q for q in questions if answers[q] != worlds.every[q]]
    if not forces(settled):
        return ()
    small = _shrunk(settled, forces)
    for size in range(len(small)):
        groups = list(combinations(settled, size))
        if len(groups) > _FEW:
            break
        for group in groups:
            if forces(group):
                return group
    return tuple(small)
