"""A case narrows the worlds: the answers that its records leave to each question."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import msgspec
from clingo import Symbol

from reasoner.criteria import Narrowed
from reasoner.evidence import Change, Reading, Settled
from reasoner.worlds import Answers, Worlds

__all__ = ["Narrowing", "beyond", "foresee", "freed", "inside", "narrowing"]


class Narrowing(msgspec.Struct, frozen=True, eq=False):
    """The sets of worlds that a case is judged by, among those of *worlds*.

    *kept* has presumptions in force, *freed* has not. *presumed* are the presumptions,
    *alternatives* what their questions, and those of the readings, might be answered instead,
    and *shaken* the worlds with them. *elsewhere* are *kept* and *freed* under other readings
    of the evidence.
    """

    worlds: Worlds
    kept: Narrowed
    freed: Narrowed
    presumed: Mapping[Symbol, Symbol]
    alternatives: Answers
    shaken: Answers
    elsewhere: Mapping[Reading, tuple[Narrowed, Narrowed]]


def narrowing(
    worlds: Worlds,
    settled: Settled,
    others: Mapping[Reading, Change],
    chosen: Mapping[str, Symbol],
    given: Answers,
) -> Narrowing:
    """Return the sets of worlds that a case is judged by.

    *settled* is what its records leave possible under the *chosen* readings, *others* what is
    different under another one. Where that is a number that no rule lists, it is left out.
    """
    kept = inside(worlds, settled, chosen, given)
    presumed = {q: a for q, a in settled.assumed.items() if q not in given}
    every = {question: worlds.every[question] for question in presumed}
    alternatives = worlds.altered(worlds.narrowed(every), worlds.reading_answers)
    fixed = set(_chosen(worlds, chosen)) | given.keys()
    elsewhere = {}
    for reading, change in others.items():
        if not beyond(worlds, change.settled):
            there = _changed(worlds, kept, change, fixed)
            free = {q: a for q, a in every.items() if q not in change.questions}
            for question in change.settled.assumed.keys() - given.keys():
                free[question] = worlds.every[question]
            elsewhere[reading] = there, worlds.altered(there, free)
    return Narrowing(
        worlds=worlds,
        kept=kept,
        freed=worlds.altered(kept, every) if every else kept,
        presumed=presumed,
        alternatives=alternatives,
        shaken=worlds.altered(kept, alternatives),
        elsewhere=elsewhere,
    )


def _changed(worlds: Worlds, kept: Narrowed, change: Change, fixed: Container[Symbol]) -> Narrowed:
    """Return the worlds *kept* with what another reading leaves possible; what is *fixed* stays."""
    gone = {q for q in change.questions - change.settled.questions if q in kept and q not in fixed}
    if gone:
        kept = worlds.narrowed({q: answers for q, answers in kept.items() if q not in gone})
    left = _left(worlds, change.settled)
    return worlds.altered(kept, {q: a for q, a in left.items() if q not in fixed})


def foresee(worlds: Worlds, cases: Iterable[Narrowing]) -> None:
    """Look at the worlds of many *cases* at once, as far as they are among *worlds*."""
    asked: list[tuple[Answers, bool]] = []
    for case in cases:
        if case.worlds is worlds:
            asked += [(case.kept, True), (case.freed, True), (case.shaken, False)]
            asked += [(answers, False) for pair in case.elsewhere.values() for answers in pair]
    worlds.foresee(asked)


def beyond(worlds: Worlds, settled: Settled) -> frozenset[tuple[Symbol, Symbol]]:
    """Return the answers that a case names and no rule lists: numbers beyond the usual ones."""
    return frozenset(
        (question, answer)
        for question in worlds.whole_numbers
        for answer in settled.candidates.get(question, worlds.every[question])
        if answer not in worlds.every[question]
    )


def inside(
    worlds: Worlds, settled: Settled, chosen: Mapping[str, Symbol], given: Answers
) -> Narrowed:
    """Return the worlds that a case leaves, with presumptions in force.

    *chosen* are the readings; *given* are answers taken as certain, whatever the records say.
    """
    out = _left(worlds, settled) | _chosen(worlds, chosen)
    out.update(given)
    return worlds.narrowed(out)


def _left(worlds: Worlds, settled: Settled) -> dict[Symbol, frozenset[Symbol]]:
    out = {question: worlds.every[question] for question in settled.open}
    for question, answers in settled.candidates.items():
        if question in worlds.every:
            out[question] = frozenset(answers)
    for question, answer in settled.assumed.items():
        out[question] = frozenset({answer})
    return out


def _chosen(worlds: Worlds, chosen: Mapping[str, Symbol]) -> dict[Symbol, frozenset[Symbol]]:
    """Return the readings that are not the usual ones, as answers."""
    return {
        worlds.readings[name]: frozenset({value})
        for name, value in chosen.items()
        if value != worlds.usual_readings[name]
    }


def freed(worlds: Worlds, settled: Settled, kept: Answers, given: Answers) -> Answers:
    """Return the worlds *kept* with presumptions freed; what was *given* stays."""
    presumed = {question for question in settled.assumed if question not in given}
    if not presumed:
        return kept
    return worlds.narrowed({**kept, **{question: worlds.every[question] for question in presumed}})
