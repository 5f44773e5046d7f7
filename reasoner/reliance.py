"""What a decision rests on: the presumptions and readings whose change can change the result."""

from __future__ import annotations

from collections.abc import Mapping

from clingo import Symbol

from reasoner.decision import Assumption, ReadingUsed
from reasoner.evidence import Reading, Settled
from reasoner.facts import answer_value
from reasoner.narrowing import beyond, freed, inside
from reasoner.verdict import Verdict, recommended
from reasoner.worlds import Answers, Worlds

__all__ = ["rests_on"]


def rests_on(
    worlds: Worlds,
    settled: Settled,
    others: Mapping[Reading, Settled],
    chosen: Mapping[str, Symbol],
    given: Answers,
    kept: Answers,
    found: Verdict,
) -> tuple[tuple[Assumption, ...], tuple[ReadingUsed, ...]]:
    """Return the presumptions in force, and the readings that matter or were chosen.

    A presumption, or a reading of the criteria, is decisive if two worlds differ in it and in
    the result. A reading of the evidence is, if what the records support under it, *others*,
    leads to another recommendation.
    """
    presumed = {q: a for q, a in settled.assumed.items() if q not in given}
    alternatives = {question: worlds.every[question] for question in presumed}
    for name in worlds.readings_read:
        alternatives[worlds.readings[name]] = worlds.every[worlds.readings[name]]
    decisive = worlds.resting_on(kept, alternatives)
    matter = {question.arguments[0].name for question in decisive if question.name == "reading"}
    for (name, _), other in others.items():
        if name in matter or beyond(worlds, other):
            continue
        there = inside(worlds, other, chosen, given)
        if _follows(found, kept, there):
            continue
        again = recommended(worlds, there, freed(worlds, other, there, given))
        if again != (found.recommendation, found.quantity):
            matter.add(name)
    return (
        tuple(
            Assumption(str(question), answer_value(presumed[question]), question in decisive)
            for question in sorted(presumed, key=worlds.position)
        ),
        tuple(
            ReadingUsed(name, answer_value(chosen[name]), name in matter)
            for name, question in worlds.readings.items()
            if name in matter or chosen[name] != worlds.usual[question]
        ),
    )


def _follows(found: Verdict, kept: Answers, other: Answers) -> bool:
    """Whether the *other* worlds give the same recommendation, without a look at them.

    More worlds than those that differ still differ; fewer than those that all deny still deny.
    """
    if other.keys() != kept.keys():
        return False
    if len(found.inside.results) > 1:
        return all(kept[question] <= answers for question, answers in other.items())
    return found.recommendation == "deny" and all(
        answers <= found.asked.get(question, kept[question]) for question, answers in other.items()
    )
