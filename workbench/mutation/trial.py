"""Decisions on rows by one version of the criteria: does a row come out otherwise?"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from clingo import Symbol
from msgspec import UNSET

from reasoner import record
from reasoner.decision import Assumption, Decision
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from reasoner.facts import answer_value
from reasoner.narrowing import freed, inside
from reasoner.reasons import Reasons
from reasoner.verdict import clause_statuses, grounds, recommended, verdict
from workbench.mutation.model import Left, Tried, settled_as
from workbench.suite.expectation import Expectation
from workbench.suite.judgement import judged

__all__ = ["Trial"]

_NO_REASONS = Reasons((), complete=True)
_Key = tuple[Left, frozenset[tuple[str, Symbol]]]


class Trial:
    """The decisions of *reasoner* on what records leave; equal ones are made once.

    *like* is any decision of the policy. What it rests on is not worked out: a row that looks
    at nothing else notices no mutant.

    Raises:
        PolicyError: the criteria are broken.
    """

    def __init__(self, reasoner: Reasoner, like: Decision) -> None:
        self.reasoner = reasoner
        _ = reasoner.worlds
        self._like = like
        self._outcomes: dict[_Key, tuple[str, int | None] | None] = {}
        self._decisions: dict[_Key, Decision | ReasonerError] = {}

    def fails(self, tried: Tried, left: Left, chosen: Mapping[str, Symbol]) -> bool:
        """Whether the row of *tried* fails where its records leave *left*.

        What is recommended is looked at first: it costs a tenth of the whole decision.
        """
        key = left, frozenset(chosen.items())
        expect = tried.row.expect
        if expect.recommendation is not None:
            if key not in self._outcomes:
                self._outcomes[key] = self._outcome(left, chosen)
            found = self._outcomes[key]
            if found is None or _contradicts(expect, *found):
                return True
        if key not in self._decisions:
            self._decisions[key] = self._decision(left, chosen)
        decision = self._decisions[key]
        seen = msgspec.structs.replace(expect, rests_on=UNSET)
        return isinstance(decision, ReasonerError) or bool(judged(seen, decision))

    def _outcome(self, left: Left, chosen: Mapping[str, Symbol]) -> tuple[str, int | None] | None:
        settled = settled_as(left)
        try:
            worlds = self.reasoner.worlds_for(settled)
            kept = inside(worlds, settled, chosen, {})
            name, amount = recommended(worlds, kept, freed(worlds, settled, kept, {}))
        except ReasonerError:
            return None
        return name, amount[0] if isinstance(amount, tuple) else amount

    def _decision(self, left: Left, chosen: Mapping[str, Symbol]) -> Decision | ReasonerError:
        """Return what a row looks at of a decision: not what is decisive, which costs most."""
        settled, policy = settled_as(left), self.reasoner.policy
        try:
            worlds = self.reasoner.worlds_for(settled)
            kept = inside(worlds, settled, chosen, {})
            found = verdict(worlds, kept, freed(worlds, settled, kept, {}))
            statuses = clause_statuses(worlds, found, settled.conflicts)
            blocking = grounds(worlds, found, policy)
            missing = record.missing(worlds, found)
        except ReasonerError as error:
            return error
        return msgspec.structs.replace(
            self._like,
            recommendation=found.recommendation,
            quantity=record.quantity(policy, settled, found),
            clauses=record.clauses(policy, found, statuses, blocking, _NO_REASONS),
            grounds=blocking,
            refer_reasons=tuple(map(str, found.inside.referrals))
            if found.recommendation == "refer"
            else (),
            missing=missing,
            assumptions=tuple(
                Assumption(str(question), answer_value(answer), decisive=False)
                for question, answer in settled.assumed.items()
            ),
            conflicts=record.conflicts(settled),
            advisories=record.advisories(policy, found, settled),
        )


def _contradicts(expect: Expectation, recommendation: str, quantity: int | None) -> bool:
    wanted = expect.recommendation
    if wanted != recommendation:
        return True
    value = getattr(expect, wanted)
    return wanted in ("approve", "partial") and value is not None and value != quantity
