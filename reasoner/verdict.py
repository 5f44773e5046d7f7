"""What the worlds say of a case: the recommendation, each clause's status, the grounds.

Approve, partial, refer and not applicable must be certain with presumptions in force, deny
with presumptions freed: silence alone never denies, and what is missing or contradictory
never approves. Everything else pends.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from clingo import Symbol

from reasoner.model import Amount, Recommendation
from reasoner.policy import Policy
from reasoner.worlds import Answers, Survey, Worlds

__all__ = [
    "Grounds",
    "Verdict",
    "clause_statuses",
    "grounds",
    "recommended",
    "verdict",
]

Grounds = tuple[str | tuple[str, ...], ...]
"""Clause ids in the document's order; a tuple of ids is a certain disjunction."""


class Verdict(msgspec.Struct, frozen=True):
    """What the worlds say, before it is put into words.

    *asked* are the worlds over which `missing` is computed: with presumptions freed where
    only they keep a denial from being certain.
    """

    recommendation: Recommendation
    quantity: Amount | None
    inside: Survey
    freed: Survey
    asked: Answers


def verdict(worlds: Worlds, inside: Answers, freed: Answers) -> Verdict:
    """Return what the worlds say: *inside*, presumptions in force; *freed*, not.

    Raises:
        PolicyError: there is no world, or the criteria give no result in one, or two.
    """
    here = worlds.survey(inside)
    if len(here.results) == 1:
        ((recommendation, quantity),) = here.results
        if recommendation != "deny":
            return Verdict(recommendation, quantity, here, here, inside)
        there = worlds.survey(freed)
        if there.recommendations == {"deny"}:
            return Verdict("deny", None, here, there, freed)
        return Verdict("pend", None, here, there, freed)
    return Verdict("pend", None, here, here, inside)


def recommended(
    worlds: Worlds, inside: Answers, freed: Answers
) -> tuple[Recommendation, Amount | None]:
    """Return the recommendation and quantity of `verdict`, and nothing else of it."""
    result = worlds.outcome(inside)
    if result is None:
        return "pend", None
    recommendation, quantity = result
    if recommendation != "deny":
        return recommendation, quantity
    beyond = worlds.outcome(freed)
    return ("deny" if beyond and beyond[0] == "deny" else "pend"), None


def clause_statuses(
    worlds: Worlds, verdict: Verdict, conflicts: Collection[Symbol]
) -> dict[Symbol, str]:
    """One status a clause: its value where all worlds agree, else conflict or unknown."""
    out: dict[Symbol, str] = {}
    unsettled: list[Symbol] = []
    for clause in worlds.policy.clause_ids:
        values = verdict.inside.statuses.get(clause, frozenset())
        out[clause] = "unknown"
        if len(values) > 1:
            unsettled.append(clause)
        elif values != {"undetermined"}:
            out[clause] = next(iter(values), "unknown")
    if conflicts and unsettled:
        # With the disputed questions fixed, what still varies is open for another reason.
        varying = worlds.varying(verdict.asked, conflicts)
        out |= {clause: "conflict" for clause in unsettled if clause not in varying}
    return out


def grounds(worlds: Worlds, verdict: Verdict, policy: Policy) -> Grounds:
    """The clauses that block in every world, and the certain disjunctions of others."""
    if verdict.recommendation == "partial":
        return tuple(c.id for c in policy.identity.clauses if c.kind == "limit")
    if verdict.recommendation != "deny":
        return ()
    ids = policy.clause_ids
    always = verdict.freed.always_blocking
    order = {clause.symbol: place for place, clause in enumerate(policy.identity.clauses)}
    found: list[tuple[int, str | tuple[str, ...]]] = [(order[c], ids[c]) for c in always]
    # An exclusion says more of the case than a criterion that is not met: it is named first.
    rest = [
        clause.symbol
        for clause in sorted(policy.identity.clauses, key=lambda c: c.kind == "criterion")
        if clause.symbol in verdict.freed.blocking and clause.symbol not in always
    ]
    if group := worlds.disjunction(verdict.asked, rest):
        group = tuple(sorted(group, key=order.__getitem__))
        found.append((order[group[0]], tuple(ids[clause] for clause in group)))
    return tuple(ground for _, ground in sorted(found, key=lambda item: item[0]))
