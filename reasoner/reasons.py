"""Why a result is certain: the minimal sets of clause statuses that force it.

A denial by three grounds has three reasons, each enough by itself; an approval has one, with
every clause in it that the others do not imply. A clause that is in none is not decisive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec
from clingo import Function, Symbol

from reasoner.verdict import Verdict
from reasoner.worlds import Worlds

__all__ = ["MOST_REASONS", "Reasons", "minimal_sets", "reasons", "shrunk"]

MOST_REASONS = 32
"""More minimal sets than that are not looked for; that there are more is said."""


class Reasons(msgspec.Struct, frozen=True, eq=False):
    """The minimal *sets* of what forces a result; *complete* is false where there are more.

    A member is a status (`status(exclusion(v),applies)`) or, of a question that the result
    reads without any clause, an answer (`is(scope,no)`).
    """

    sets: tuple[tuple[Symbol, ...], ...]
    complete: bool

    @property
    def clauses(self) -> frozenset[Symbol]:
        """The clauses whose status is in some of the sets."""
        return frozenset(m.arguments[0] for one in self.sets for m in one if m.name == "status")


def reasons(worlds: Worlds, found: Verdict) -> Reasons:
    """Return why the recommendation of *found* is certain; nothing for a pend.

    Readings stay as they are.
    """
    if found.recommendation == "pend":
        return Reasons((), complete=True)
    survey = found.freed if found.recommendation == "deny" else found.inside
    statuses = [
        Function("status", [clause, Function(next(iter(values)))])
        for clause in worlds.policy.clause_ids
        if len(values := survey.statuses.get(clause, frozenset())) == 1
    ]
    told = [
        Function("is", [question, next(iter(answers))])
        for question, answers in found.asked.items()
        if question.name in worlds.policy.asked_beside_clauses and len(answers) == 1
    ]
    told.sort(key=lambda one: worlds.position(one.arguments[0]))
    readings = {q: answers for q, answers in found.asked.items() if q.name == "reading"}
    alike = (found.recommendation, *sorted(readings.items()))
    return worlds.remembered(
        ("reasons", *alike, *statuses, *told),
        lambda: minimal_sets(
            [*statuses, *told],
            lambda members: worlds.forcing(readings, members, found.recommendation),
            # What forces the result in one case forces it in another.
            worlds.remembered(("forcing", *alike), set),
        ),
    )


Forcing = Callable[[Sequence[Symbol]], list[Symbol] | None]
"""Which of some members force something, or nothing where all of them do not."""


def minimal_sets(
    members: Sequence[Symbol], forcing: Forcing, known: set[frozenset[Symbol]] | None = None
) -> Reasons:
    """Return the minimal subsets of *members* that force something, in order.

    Each minimal set that is found is taken apart, member by member: what is left without
    that member either forces no more, or holds another one. Sets that are *known* from other
    members are not looked for again; those that are found are added to them.
    """
    known = set() if known is None else known
    found = _all_minimal(members, forcing, {one for one in known if one.issubset(members)})
    if found is None:  # which of them are found must not depend on what was known before
        found = _all_minimal(members, forcing, set(), most=MOST_REASONS) or set()
        return Reasons(_ordered(found, members), complete=False)
    known |= found
    return Reasons(_ordered(found, members), complete=True)


def _all_minimal(
    members: Sequence[Symbol],
    forcing: Forcing,
    found: set[frozenset[Symbol]],
    most: int | None = None,
) -> set[frozenset[Symbol]] | None:
    """Return all minimal sets, of which some are *found*; nothing, if they are too many.

    With *most*, it stops where that many are found.
    """
    asked: dict[frozenset[Symbol], list[Symbol] | None] = {}

    def without(left_out: frozenset[Symbol], *more: Symbol) -> list[Symbol] | None:
        some = left_out.union(more)
        if some not in asked:
            asked[some] = forcing([member for member in members if member not in some])
        return asked[some]

    sets = sorted(found, key=lambda one: _place(one, members))
    breaking: list[frozenset[Symbol]] = []  # without these, nothing is forced
    seen: set[frozenset[Symbol]] = set()
    queue: list[frozenset[Symbol]] = [frozenset()]
    while queue:
        some = queue.pop(0)
        if some in seen or any(one <= some for one in breaking):
            continue
        seen.add(some)
        one = next((s for s in sets if some.isdisjoint(s)), None)
        if one is None:
            enough = without(some)
            if enough is None:
                breaking.append(some)
                continue
            if len(sets) == most:
                break
            one = _minimal(enough, partial(without, some), forcing)
            sets.append(one)
            if most is None and len(sets) > MOST_REASONS:
                return None
        queue += [some | {member} for member in members if member in one]
    return set(sets)


def _minimal(
    enough: Sequence[Symbol], without: Callable[[Symbol], list[Symbol] | None], forcing: Forcing
) -> frozenset[Symbol]:
    """Return a subset of *enough* that forces something and from which nothing can be left out.

    Where all members *without* one force nothing, that one is needed. So these come first:
    they are asked for anyway, to find the other sets.
    """
    needed: set[Symbol] = set()
    kept = list(enough)
    for member in enough:
        if member in kept:
            fewer = without(member)
            if fewer is None:
                needed.add(member)
            elif len(fewer) < len(kept):
                kept = fewer
    spare = [member for member in kept if member not in needed]
    return frozenset(shrunk(kept, lambda fewer: forcing(fewer) is not None, spare))


def _ordered(
    found: Iterable[frozenset[Symbol]], members: Sequence[Symbol]
) -> tuple[tuple[Symbol, ...], ...]:
    ordered = sorted(found, key=lambda one: _place(one, members))
    return tuple(tuple(member for member in members if member in one) for one in ordered)


def _place(one: frozenset[Symbol], members: Sequence[Symbol]) -> tuple[int, list[int]]:
    """Return what sorts sets: the smaller one first, then by the order of their *members*."""
    return len(one), [place for place, member in enumerate(members) if member in one]


def shrunk(
    members: Sequence[Symbol],
    forces: Callable[[Sequence[Symbol]], bool],
    spare: Sequence[Symbol] | None = None,
) -> list[Symbol]:
    """Return a subset of *members* from which nothing can be left out; the last go first.

    None but those of *spare* can be left out, if that is given.
    """
    kept = list(members)
    for member in reversed(members if spare is None else spare):
        fewer = [one for one in kept if one != member]
        if forces(fewer):
            kept = fewer
    return kept
