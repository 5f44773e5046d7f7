"""Coverage: each rule and each literal of a policy, and why one is not covered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from explain.instrument import TracedRule, read
from explain.misses import without
from reasoner.engine import Examination, Reasoner
from workbench.coverage.criteria import observe_criteria, pairs_of_criteria
from workbench.coverage.evidence import observe_evidence, pairs_of_evidence
from workbench.coverage.implied import theory
from workbench.coverage.observation import Observation
from workbench.suite.bench import groups
from workbench.suite.row import Row

__all__ = [
    "Coverage",
    "LiteralCoverage",
    "RuleCoverage",
    "examined",
    "implied_literals",
    "measured",
    "observed",
]

State = Literal["covered", "never_true", "never_false", "unreached", "fixed"]
"""Of a literal. `fixed`: it cannot fail while the rest holds. It follows from the rest, no case
and no world changes it, or it is what gives a variable its value."""


class LiteralCoverage(msgspec.Struct, frozen=True):
    """A literal of a body: in how many rows it *held* with the rest, or alone *failed*."""

    text: str
    state: State
    held: int
    failed: int


class RuleCoverage(msgspec.Struct, frozen=True):
    """A rule: in how many rows it *fired* and was *decisive*, and why it is not covered.

    *place* is `file:line`, with the column where several rules stand on a line.
    """

    place: str
    text: str
    fired: int
    decisive: int
    literals: tuple[LiteralCoverage, ...]
    why: str = ""

    @property
    def file(self) -> str:
        """The file of the rule, below the rules folder."""
        return self.place.partition(":")[0]

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return int(self.place.split(":")[1])

    @property
    def points(self) -> tuple[int, int]:
        """How much of it is covered, and how much there is: itself, each literal both ways."""
        every = 1 + sum(1 for one in self.literals if one.state != "fixed")
        found = sum(one.state == "covered" for one in self.literals)
        return found + (self.fired > 0), every


class Coverage(msgspec.Struct, frozen=True):
    """What the rows of a policy cover."""

    policy: str
    rows: int
    rules: tuple[RuleCoverage, ...]

    @property
    def percent(self) -> float:
        """The share of rules and literals that are covered, rounded down to a tenth."""
        points = [rule.points for rule in self.rules]
        covered, every = sum(c for c, _ in points), sum(n for _, n in points)
        return covered * 1000 // every / 10 if every else 100.0

    @property
    def uncovered(self) -> Iterator[RuleCoverage]:
        """The rules of which something is not covered."""
        return (rule for rule in self.rules if rule.points[0] < rule.points[1])


def examined(reasoner: Reasoner, rows: Sequence[Row]) -> dict[int, Examination]:
    """Return the decision on each row with what it was made from, by its number."""
    found: dict[int, Examination] = {}
    for (readings, day), members in groups(enumerate(rows)):
        many = reasoner.examine_many(
            (row.case for _, row in members), readings=dict(readings), decided_on=day
        )
        found.update(zip((number for number, _ in members), many, strict=True))
    return found


def observed(
    reasoner: Reasoner, rows: Sequence[Row], found: Mapping[int, Examination]
) -> tuple[Observation, Observation]:
    """Return what is seen of the evidence and of the criteria."""
    criteria, questions = observe_criteria(reasoner, rows, found)
    return observe_evidence(reasoner, rows, questions), criteria


def measured(reasoner: Reasoner, rows: Sequence[Row]) -> Coverage:
    """Return what *rows* cover of the policy and of the library that it uses.

    Raises:
        PolicyError: the rules are broken.
        CaseError: an answer of a row is to a question that the policy does not ask.
    """
    found = examined(reasoner, rows)
    both = observed(reasoner, rows, found)
    rules = _rules(reasoner)
    silent = frozenset(
        rule.place for rule in rules if not any(rule.place in one.fired for one in both)
    )
    fixed = implied_literals(reasoner)
    pairs: tuple[Observation, ...] = ()
    if silent:
        pairs = (
            pairs_of_evidence(reasoner, rows, silent),
            pairs_of_criteria(reasoner, rows, found, silent),
        )
    told = tuple(_covered(rule, both, pairs, fixed) for rule in rules)
    return Coverage(reasoner.policy.id, len(rows), told)


def implied_literals(reasoner: Reasoner) -> dict[str, frozenset[int]]:
    """Return the literals that cannot fail alone, by the places of their rules.

    They follow from the rest of the body, or neither the case nor the world changes them.
    """
    policy = reasoner.policy
    proofs = theory(policy)
    found: dict[str, frozenset[int]] = {}
    for file in policy.evidence:
        found |= proofs.implied(file)
    changing = policy.case_predicates | policy.world_predicates | {"reading"}
    for rule in _rules(reasoner, core=True):
        still = frozenset(
            number
            for number, text in enumerate(rule.body)
            if (name := _NAME.match(text)) and name[1] not in changing
        )
        found[rule.place] = found.get(rule.place, frozenset()) | still
    return found


_NAME = re.compile(r"(?:not )?(_*[a-z]\w*)(?!\w)(?=\(|$)")


def _rules(reasoner: Reasoner, *, core: bool = False) -> list[TracedRule]:
    """Return the rules with a body, each once, in the order of the files."""
    policy = reasoner.policy
    files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
    return [
        rule
        for file in files.values()
        if core or not file.name.startswith("core/")
        for rule in read([file])
        if rule.body
    ]


def _covered(
    rule: TracedRule,
    both: Sequence[Observation],
    pairs: Sequence[Observation],
    fixed: Mapping[str, frozenset[int]],
) -> RuleCoverage:
    fired = len(set().union(*(one.fired.get(rule.place, ()) for one in both)))
    decisive = len(set().union(*(one.decisive.get(rule.place, ()) for one in both)))
    can_fail = {one.places[0] for one in without(rule)} - fixed.get(rule.place, frozenset())
    literals = []
    for number, text in enumerate(rule.body):
        failed = len(set().union(*(one.held.get((rule.place, (number,)), ()) for one in both)))
        state = _state(fired, failed, can_fail=number in can_fail)
        literals.append(LiteralCoverage(_plain(text), state, fired, failed))
    why = "" if fired else _why(rule, literals, pairs)
    return RuleCoverage(rule.place, rule.text, fired, decisive, tuple(literals), why)


def _state(fired: int, failed: int, *, can_fail: bool) -> State:
    if fired:
        return "covered" if failed else "never_false" if can_fail else "fixed"
    return "never_true" if failed else "unreached"


def _why(
    rule: TracedRule, literals: Sequence[LiteralCoverage], pairs: Sequence[Observation]
) -> str:
    """Say what always holds *rule* back."""
    alone = [one for one in literals if one.state == "never_true"]
    if alone:
        said = ", ".join(f"`{one.text}` ({_rows(one.failed)})" for one in alone)
        return f"all but this holds, and never this: {said}"
    both = {
        places: len(found)
        for one in pairs
        for (place, places), found in one.held.items()
        if place == rule.place
    }
    if both:
        places, count = max(both.items(), key=lambda item: (item[1], item[0]))
        said = " and ".join(f"`{literals[place].text}`" for place in places)
        return f"these never hold together: {said} ({_rows(count)} with all the rest)"
    return "no row comes near: three literals or more fail in each"


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _plain(text: str) -> str:
    return re.sub(r"\bAnonymous[0-9]+\b", "_", text)
