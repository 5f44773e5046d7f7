"""Each property proved over all worlds, refuted with a case, or left open at the time limit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from clingo import Symbol

from reasoner.engine import Reasoner
from reasoner.errors import PolicyError
from workbench.least import least
from workbench.properties.control import Properties, TimeUp
from workbench.properties.source import Property, read_properties
from workbench.witness import Witness, World, left_by, plainest_first, smallest_cases

__all__ = ["Outcome", "Verified", "verify"]

Outcome = Literal["proved", "violated", "unknown"]


class Verified(msgspec.Struct, frozen=True, eq=False):
    """What became of a property.

    *vacuous* says that what it starts from holds in no world, so that it says nothing.
    *violated_by* are worlds that break it; *cases* show the same, and are empty where no case of
    direct answers does.
    """

    property: Property
    outcome: Outcome
    vacuous: bool = False
    violated_by: tuple[World, ...] = ()
    cases: tuple[Witness, ...] = ()


def verify(reasoner: Reasoner, *, seconds: float | None = None) -> Iterator[Verified]:
    """Yield what becomes of each property of the policy, in their order.

    What is not settled after *seconds* is unknown; proofs and refutations are exact.

    Raises:
        PolicyError: a property is not written as properties are.
    """
    until = None if seconds is None else time.monotonic() + seconds
    files, found = read_properties(reasoner.policy)
    if not found:
        return
    control = Properties(reasoner, files, found, until)
    for one in found:
        try:
            if control.violated(one):
                yield _refuted(reasoner, control, one)
            else:
                yield Verified(one, "proved", vacuous=not control.holding(one))
        except TimeUp:
            yield Verified(one, "unknown")


def _refuted(reasoner: Reasoner, control: Properties, one: Property) -> Verified:
    worlds = next(
        (found for inside in plainest_first(reasoner) if (found := control.example(one, inside))),
        (),
    )
    results = [_result(reasoner, world) for world in worlds]

    def shown(cases: Sequence[Witness]) -> bool:
        return all(
            case.decision.recommendation == result
            for case, result in zip(cases, results, strict=True)
        ) and control.always(one, [case.inside for case in cases])

    def likely(parts: Sequence[World]) -> bool:
        sides = [left_by(reasoner, part)[0] for part in parts]
        return control.always(one, sides) and all(
            reasoner.worlds.survey(side).recommendations == {result}
            for side, result in zip(sides, results, strict=True)
        )

    if None in results:
        return Verified(one, "violated", violated_by=_telling(reasoner, control, one, worlds))
    names = [one.id] if one.worlds == 1 else [f"{one.id}-first", f"{one.id}-second"]
    cases = smallest_cases(reasoner, worlds, shown, names=names, likely=likely)
    return Verified(one, "violated", violated_by=worlds, cases=cases)


def _telling(
    reasoner: Reasoner, control: Properties, one: Property, worlds: Sequence[World]
) -> tuple[World, ...]:
    """Return what of *worlds* matters; the criteria give them no result, so no case shows it."""
    questions = sorted(worlds[0], key=reasoner.worlds.position, reverse=True)

    def enough(kept: Sequence[Symbol]) -> bool:
        parts = [{q: world[q] for q in kept} for world in worlds]
        return control.always(one, [left_by(reasoner, part)[0] for part in parts])

    kept = least(questions, enough) if enough(questions) else questions
    return tuple({q: world[q] for q in reversed(kept)} for world in worlds)


def _result(reasoner: Reasoner, world: World) -> str | None:
    """Return the recommendation of *world*, or None where the criteria give none, or two."""
    try:
        survey = reasoner.worlds.survey({q: frozenset({a}) for q, a in world.items()})
    except PolicyError:
        return None
    return next(iter(survey.recommendations)) if len(survey.results) == 1 else None
