"""The policy as it is, over its rows: what a mutant is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.narrowing import freed, inside
from reasoner.worlds import Answers
from workbench.mutation.bearing import Bearing
from workbench.mutation.excuses import Excuses
from workbench.mutation.model import Model, modelled, settled_as
from workbench.mutation.orphans import Orphans
from workbench.mutation.trial import Trial
from workbench.suite.row import Row

__all__ = ["Baseline", "baseline"]


class Baseline(msgspec.Struct, frozen=True, eq=False):
    """A policy with all rows tried: what their records leave, and which worlds that leaves.

    *worlds* are, for each row, those over which its decision is made, presumptions freed; none
    where the case names a number of its own.
    """

    reasoner: Reasoner
    model: Model
    trial: Trial
    like: Decision
    worlds: tuple[Answers | None, ...]
    bearing: Bearing
    excuses: Excuses
    orphans: Orphans


def baseline(reasoner: Reasoner, rows: Sequence[Row]) -> Baseline:
    """Return *reasoner* with *rows* tried.

    Raises:
        PolicyError: the rules are broken.
    """
    model = modelled(reasoner, rows)
    like = reasoner.decide(rows[0].case)
    policy = reasoner.policy
    worlds: list[Answers | None] = []
    for tried, left in zip(model.tried, model.left, strict=True):
        settled = settled_as(left)
        if reasoner.worlds_for(settled) is not reasoner.worlds:
            worlds.append(None)
            continue
        kept = inside(reasoner.worlds, settled, tried.chosen, {})
        worlds.append(freed(reasoner.worlds, settled, kept, {}))
    return Baseline(
        reasoner,
        model,
        Trial(reasoner, like),
        like,
        tuple(worlds),
        Bearing(policy),
        Excuses(policy),
        Orphans(policy),
    )
