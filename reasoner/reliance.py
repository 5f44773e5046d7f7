"""What a decision rests on: the presumptions and readings whose change can change the result."""

from __future__ import annotations

from collections.abc import Mapping

from clingo import Symbol

from reasoner.criteria import Narrowed
from reasoner.decision import Assumption, ReadingUsed
from reasoner.facts import answer_value
from reasoner.narrowing import Narrowing
from reasoner.verdict import Verdict, recommended

__all__ = ["rests_on"]


def rests_on(
    narrowing: Narrowing, chosen: Mapping[str, Symbol], found: Verdict
) -> tuple[tuple[Assumption, ...], tuple[ReadingUsed, ...]]:
    """Return the presumptions in force, and the readings that matter or were chosen.

    A presumption, or a reading of the criteria, is decisive if two worlds differ in it and in
    the result. A reading of the evidence is, if what the records support under it leads to
    another recommendation.
    """
    worlds, kept, presumed = narrowing.worlds, narrowing.kept, narrowing.presumed
    decisive = worlds.resting_on(kept, narrowing.alternatives)
    matter = {question.arguments[0].name for question in decisive if question.name == "reading"}
    for (name, _), (there, freed) in narrowing.elsewhere.items():
        if name in matter or _follows(found, narrowing, there):
            continue
        if recommended(worlds, there, freed) != (found.recommendation, found.quantity):
            matter.add(name)
    return (
        tuple(
            Assumption(str(question), answer_value(presumed[question]), question in decisive)
            for question in sorted(presumed, key=worlds.position)
        ),
        tuple(
            ReadingUsed(name, answer_value(chosen[name]), name in matter)
            for name, usual in worlds.usual_readings.items()
            if name in matter or chosen[name] != usual
        ),
    )


def _follows(found: Verdict, here: Narrowing, other: Narrowed) -> bool:
    """Whether the *other* worlds give the same recommendation, without a look at them.

    More worlds than those that differ still differ; fewer than those that all deny still deny.
    """
    before, after = here.kept.state, other.state
    if before.keys() != after.keys():
        return False
    if len(found.inside.results) > 1:
        return all(not before[place] & ~mask for place, mask in after.items())
    free = here.freed.state
    return found.recommendation == "deny" and all(
        not mask & ~free[place] for place, mask in after.items()
    )
