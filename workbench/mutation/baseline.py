"""The policy as it is, over its rows: what a mutant is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
from clingo import Symbol

from explain.instrument import read
from explain.misses import without
from reasoner.engine import Examination, Reasoner, decision_day
from reasoner.evidence import Change, Reading, Settled
from workbench.coverage.implied import theory
from workbench.coverage.measure import observed
from workbench.coverage.observation import Observation
from workbench.mutation.mutant import Mutant
from workbench.suite.bench import groups
from workbench.suite.row import Row

__all__ = ["Baseline", "Tried", "baseline", "reaching"]


class Tried(msgspec.Struct, frozen=True, eq=False):
    """A row with the day it is seen from, its readings, and what its records leave."""

    row: Row
    day: dt.date | None
    chosen: Mapping[str, Symbol]
    settled: Settled
    others: Mapping[Reading, Change]


class Baseline(msgspec.Struct, frozen=True, eq=False):
    """A policy with all rows tried, and what they reach of its rules."""

    reasoner: Reasoner
    tried: tuple[Tried, ...]
    observations: tuple[Observation, ...]
    literals: Mapping[str, tuple[int, frozenset[int]]]
    implied: Mapping[str, frozenset[int]]


def baseline(reasoner: Reasoner, rows: Sequence[Row]) -> Baseline:
    """Return *reasoner* with *rows* tried.

    Raises:
        PolicyError: the rules are broken.
    """
    tried: dict[int, Tried] = {}
    examinations: dict[int, Examination] = {}
    for (readings, _), members in groups(enumerate(rows)):
        chosen = reasoner.choose(dict(readings))
        dated = [(row.case, row.decided_on or decision_day(row.case)) for _, row in members]
        for (number, row), (_, day), (settled, others) in zip(
            members, dated, reasoner.evidence.settle(dated, chosen), strict=True
        ):
            tried[number] = Tried(row, day, chosen, settled, others)
            examinations[number] = reasoner.conclude(row.case, day, settled, others, chosen)
    ordered = dict(sorted(examinations.items()))
    policy = reasoner.policy
    literals = {
        rule.place: (len(rule.body), frozenset(p for one in without(rule) for p in one.places))
        for rule in read((*policy.evidence, *policy.criteria))
    }
    return Baseline(
        reasoner,
        tuple(tried[number] for number in range(len(rows))),
        observed(reasoner, rows, ordered),
        literals,
        {
            place: found
            for file in policy.evidence
            for place, found in theory(policy).implied(file).items()
        },
    )


def reaching(base: Baseline, mutant: Mutant) -> tuple[list[int], bool]:
    """Return the rows that may notice *mutant*, the likeliest first, and whether they are all.

    They are those in which its rule fires, and those in which all of the rule holds but for
    what is changed: in every other row, the rule derives nothing before and nothing after.
    Without a literal, it fires where it did: then they are the latter only. Where the change
    is of worlds, or of a fact, that says what is likely only.
    """
    policy = base.reasoner.policy
    fired: dict[int, None] = {}
    held: dict[int, None] = {}
    decisive: dict[int, None] = {}
    for one in base.observations:
        decisive |= dict.fromkeys(sorted(one.decisive.get(mutant.rule, ())))
        fired |= dict.fromkeys(sorted(one.fired.get(mutant.rule, ())))
        key = mutant.rule, (mutant.literal,)
        held |= dict.fromkeys(sorted(one.held.get(key, ())))
    only_fired = mutant.literal < 0
    if mutant.operator == "drop literal":
        likely = held  # what fires with the literal fires without it
    else:
        likely = decisive | fired if only_fired else _woven(held, decisive | fired)
    of_worlds = any(file.name == mutant.file for file in policy.criteria)
    count, can_fail = base.literals.get(mutant.rule, (0, frozenset()))
    known = count > 0 and (only_fired or mutant.literal in can_fail)
    if known and not of_worlds:
        return list(likely), True
    return list(likely | dict.fromkeys(range(len(base.tried)))), False


def _woven(one: dict[int, None], other: dict[int, None]) -> dict[int, None]:
    """Return both in turn: a change may be seen where it lets in, or where it keeps out."""
    found: dict[int, None] = {}
    for first, second in zip(one, other, strict=False):
        found |= {first: None, second: None}
    return found | one | other
