"""A case to its decision: results over all worlds, grounds, what to ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from .evidence import questions
from .policy import CLAUSES, Judgement, World, judge, questions_of
from .request import Record, open_case
from .settle import Answer, Question

__all__ = ["decide"]

Decision = dict[str, Any]
Possible = Mapping[str, tuple[Answer, ...]]


class _Worlds:
    """All worlds of some possible answers, as products of factor values."""

    def __init__(self, possible: Possible, readings: Mapping[str, str | int]) -> None:
        self.possible = possible
        self.readings = readings
        self.factors = questions_of(list(possible), readings)
        self.values = {name: self._values(name) for name in self.factors}

    def _assignments(self, asked: list[str]) -> Iterator[dict[str, Answer]]:
        for answers in product(*(self.possible[question] for question in asked)):
            yield dict(zip(asked, answers, strict=True))

    def _values(self, name: str) -> list[Any]:
        asked, value = self.factors[name]
        found = (value(answers, self.readings) for answers in self._assignments(asked))
        return list(dict.fromkeys(found))

    def judgements(self) -> dict[World, Judgement]:
        """Return every world with what follows in it."""
        other, under_18 = str(self.readings["other_relapsing"]), str(self.readings["under_18"])
        worlds = (World(*values) for values in product(*self.values.values()))
        return {world: judge(world, other, under_18) for world in worlds}

    def twins(self, name: str) -> Iterator[tuple[str, Any, Any]]:
        """Yield question and two values of a factor that a change of it alone brings about."""
        asked, value = self.factors[name]
        for question in asked:
            others = [other for other in asked if other != question]
            pairs: set[tuple[Any, Any]] = set()
            if len(self.possible[question]) > 1:
                for rest in self._assignments(others):
                    values = {
                        value({**rest, question: answer}, self.readings)
                        for answer in self.possible[question]
                    }
                    pairs |= set(combinations(sorted(values, key=str), 2))
            for one, two in sorted(pairs, key=str):
                yield question, one, two


def _missing(worlds: _Worlds) -> list[str]:
    """Return the questions on which alone two worlds differ whose results differ."""
    results = {w: (j.recommendation, j.vials) for w, j in worlds.judgements().items()}
    asked: set[str] = set()
    for name in worlds.factors:
        if len(worlds.values[name]) == 1:
            continue
        for question, one, two in worlds.twins(name):
            shown = f"{question.split('(')[0]}(_)" if "(" in question else question
            if shown not in asked and any(
                result != results[world._replace(**{name: two})]
                for world, result in results.items()
                if getattr(world, name) == one
            ):
                asked.add(shown)
    return sorted(asked)


def _grounds(judgements: list[Judgement]) -> list[str | list[str]]:
    """Return what blocks in every world, and the smallest certain disjunction of the rest.

    Of several equally small ones, that with the fewest criteria, then the first in order.
    """
    blocking = {judgement.blocking for judgement in judgements}
    certain = frozenset.intersection(*blocking)
    rest = [blocks - certain for blocks in blocking]
    grounds: list[str | list[str]] = [*certain]
    if all(rest):
        candidates = [clause for clause in CLAUSES if any(clause in blocks for blocks in rest)]
        for size in range(2, len(candidates) + 1):
            covers = [
                choice
                for choice in combinations(candidates, size)
                if all(blocks & set(choice) for blocks in rest)
            ]
            if covers:
                best = min(covers, key=lambda c: sum(n.startswith("approval") for n in c))
                grounds.append(list(best))
                break
    return sorted(grounds, key=lambda g: CLAUSES.index(g if isinstance(g, str) else g[0]))


def _statuses(worlds: _Worlds) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {clause: set() for clause in CLAUSES}
    for judgement in worlds.judgements().values():
        for clause, value in zip(CLAUSES, judgement.clauses, strict=True):
            found[clause].add(value)
    return found


def _clauses(
    asked: Mapping[str, Question], worlds: _Worlds, readings: Mapping[str, str | int]
) -> dict[str, str]:
    """Return the status of every clause; conflict: disputed records alone keep it unsettled."""
    seen = _statuses(worlds)
    disputed = [name for name, question in asked.items() if question.conflict]
    settled_by_them = {clause: bool(disputed) for clause in CLAUSES}
    if disputed:
        for answers in product(*(asked[name].possible for name in disputed)):
            fixed = {name: (answer,) for name, answer in zip(disputed, answers, strict=True)}
            part = _statuses(_Worlds({**worlds.possible, **fixed}, readings))
            for clause, values in part.items():
                settled_by_them[clause] &= len(values) == 1
    return {
        clause: next(iter(values))
        if len(values) == 1
        else ("conflict" if settled_by_them[clause] else "unknown")
        for clause, values in seen.items()
    }


def decide(raw: Record, readings: Mapping[str, str | int] | None = None) -> Decision:
    """Return the decision on a case (a mapping as CLI.md describes it)."""
    case = open_case(raw, readings)
    asked = questions(case)
    worlds = _Worlds({name: q.possible for name, q in asked.items()}, case.readings)
    freed = _Worlds({name: q.freed for name, q in asked.items()}, case.readings)
    judgements = list(worlds.judgements().values())
    results = {(j.recommendation, j.vials) for j in judgements}
    recommendation, vials = next(iter(results)) if len(results) == 1 else ("pend", 0)
    missing: list[str] = []
    grounds: list[str | list[str]] = []
    if recommendation == "deny":
        free = list(freed.judgements().values())
        if all(judgement.recommendation == "deny" for judgement in free):
            grounds = _grounds(free)
        else:
            recommendation, missing = "pend", _missing(freed)
    elif recommendation == "pend":
        missing = _missing(worlds)
    elif recommendation == "partial":
        grounds = ["quantity.limit"]
    return {
        "recommendation": recommendation,
        "grounds": grounds,
        "approved_vials": vials if recommendation in ("approve", "partial") else None,
        "missing": missing,
        "clauses": _clauses(asked, worlds, case.readings),
        "conflicts": sorted(name for name, question in asked.items() if question.conflict),
        "assumptions": {
            name: question.presumed
            for name, question in sorted(asked.items())
            if question.presumed is not None
        },
    }
