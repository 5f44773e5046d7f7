"""A case narrows the worlds: the answers that its records leave to each question."""

from __future__ import annotations

from collections.abc import Mapping

from clingo import Symbol

from reasoner.evidence import Settled
from reasoner.worlds import Answers, Worlds

__all__ = ["beyond", "freed", "inside"]


def beyond(worlds: Worlds, settled: Settled) -> frozenset[tuple[Symbol, Symbol]]:
    """Return the answers that a case names and no rule lists: numbers beyond the usual ones."""
    return frozenset(
        (question, answer)
        for question, answers in settled.candidates.items()
        if question in worlds.every
        for answer in answers - worlds.every[question]
    )


def inside(
    worlds: Worlds, settled: Settled, chosen: Mapping[str, Symbol], given: Answers
) -> Answers:
    """Return the worlds that a case leaves, with presumptions in force.

    *chosen* are the readings; *given* are answers taken as certain, whatever the records say.
    """
    out = {question: worlds.every[question] for question in settled.open}
    for question, answers in settled.candidates.items():
        if question in worlds.every:
            out[question] = frozenset(answers)
    for question, answer in settled.assumed.items():
        out[question] = frozenset({answer})
    for name, value in chosen.items():
        question = worlds.readings[name]
        if value != worlds.usual[question]:
            out[question] = frozenset({value})
    out.update(given)
    return worlds.narrowed(out)


def freed(worlds: Worlds, settled: Settled, kept: Answers, given: Answers) -> Answers:
    """Return the worlds *kept* with presumptions freed; what was *given* stays."""
    presumed = {question for question in settled.assumed if question not in given}
    if not presumed:
        return kept
    return worlds.narrowed({**kept, **{question: worlds.every[question] for question in presumed}})
