"""Whether a policy's rows notice its mutants: those that can, until one comes out otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import clingo
import msgspec
from clingo import Symbol

from reasoner.days import Calendar
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from reasoner.policy import Policy
from workbench.mutation.baseline import Baseline
from workbench.mutation.delta import Delta
from workbench.mutation.equivalence import TwoCriteria, of_worlds
from workbench.mutation.local import touched
from workbench.mutation.model import Left
from workbench.mutation.mutant import Mutant, mutated
from workbench.mutation.trial import Trial

__all__ = ["Fate", "Numbered", "fates", "hunts"]

Numbered = Mapping[int, Mutant]
"""Mutants by their numbers."""
_SIZES = (3, 9, 27)
"""So many rows are tried first, then so many more; then all that are left."""
_TOGETHER = 192
"""Pairs of mutant and row that are grounded together."""


class Fate(msgspec.Struct, frozen=True):
    """What became of a mutant, and *by* what: a row, an error, a proof."""

    mutant: Mutant
    state: Literal["killed", "stillborn", "equivalent", "survived"]
    by: str = ""


def hunts(base: Baseline, mutants: Sequence[Mutant]) -> list[Numbered]:
    """Return *mutants* by their numbers, those together that are hunted together.

    They are the mutants of one predicate of the evidence, and each mutant of the criteria.
    """
    heads = {(rule.file, rule.begin): sorted(rule.head) for rule in base.model.rules}
    found: dict[object, dict[int, Mutant]] = {}
    for number, mutant in enumerate(mutants):
        names = heads.get((mutant.file, mutant.begin))
        key = names[0] if names else number
        found.setdefault(key, {})[number] = mutant
    return list(found.values())


def fates(base: Baseline, mutants: Numbered) -> dict[int, Fate]:
    """Return what becomes of *mutants*, which are hunted together."""
    policy = base.reasoner.policy
    found: dict[int, Fate] = {}
    living: dict[int, Mutant] = {}
    for number, mutant in mutants.items():
        if broken := _unsafe(policy, mutant) or base.orphans.orphan(mutant):
            found[number] = Fate(mutant, "stillborn", broken)
        elif why := base.excuses.excuse(mutant):
            found[number] = Fate(mutant, "equivalent", why)
        else:
            living[number] = mutant
    of_evidence = {file.name for file in policy.evidence}
    if not living:
        return found
    if next(iter(living.values())).file in of_evidence:
        hunt = _Evidence(base, living)
        hunt.run()
        found |= hunt.found
    else:
        found |= {number: _of_criteria(base, mutant) for number, mutant in living.items()}
    return found


def _unsafe(policy: Policy, mutant: Mutant) -> str:
    """Return what clingo says against the changed rule by itself, or nothing."""
    files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
    text = files[mutant.file].text
    said: list[str] = []
    control = clingo.Control(["--warn=none"], lambda _, message: said.append(message))
    try:
        control.add(
            "base",
            [],
            text[mutant.begin : mutant.start] + mutant.put + text[mutant.end : mutant.stop],
        )
        control.ground([("base", [])], context=Calendar())
    except (RuntimeError, AttributeError) as error:
        return " ".join((said or [str(error)])[0].split()).partition("error: ")[2] or "unsafe"
    return ""


# -- criteria ---------------------------------------------------------------------------------


def _of_criteria(base: Baseline, mutant: Mutant) -> Fate:
    """Try the rows of which some world tells the mutant from the rule."""
    policy = base.reasoner.policy
    both = None
    if of_worlds(policy, mutant):
        both = TwoCriteria(policy, mutant, base.reasoner.terminology)
        if both.same:
            return Fate(mutant, "equivalent", "no world tells the two apart")
    try:
        trial = Trial(_mutated(base, mutant), base.like)
    except (ReasonerError, KeyError, StopIteration) as error:
        return Fate(mutant, "stillborn", _said(error))
    apart: dict[tuple[Left, frozenset[tuple[str, Symbol]]], bool] = {}
    for tried, left, worlds in zip(base.model.tried, base.model.left, base.worlds, strict=True):
        key = left, frozenset(tried.chosen.items())
        if key not in apart:
            apart[key] = both is None or worlds is None or both.apart(base.reasoner.worlds, worlds)
        if apart[key] and trial.fails(tried, left, tried.chosen):
            return Fate(mutant, "killed", tried.row.name)
    return Fate(mutant, "survived")


def _mutated(base: Baseline, mutant: Mutant) -> Reasoner:
    old = base.reasoner
    return Reasoner(mutated(old.policy, mutant), old.terminology, version="mutant")


def _said(error: Exception) -> str:
    if isinstance(error, ReasonerError):
        return error.message
    return f"no worlds can be made: {error!r}"  # a default that is no answer


# -- evidence ---------------------------------------------------------------------------------


class _Evidence:
    """Mutants of the rules of one predicate, tried together on more and more rows."""

    def __init__(self, base: Baseline, mutants: Numbered) -> None:
        self.found: dict[int, Fate] = {}
        self._base = base
        self._mutants = mutants
        rules = {(rule.file, rule.begin): rule for rule in base.model.rules}
        first = next(iter(mutants.values()))
        (self._predicate,) = rules[first.file, first.begin].head
        self._trials: dict[int, Trial] = {}
        self._kills: Counter[int] = Counter()

    def run(self) -> None:
        """Find what becomes of every mutant."""
        alive = dict(self._mutants)
        for number, mutant in self._mutants.items():
            if self._base.bearing.on_criteria(mutant) and not self._make_trial(number, mutant):
                del alive[number]
        seen = {n: m for n, m in alive.items() if self._base.bearing.on_evidence(m)}
        rows: dict[int, list[int]] = {}
        local = {n: m for n, m in seen.items() if n not in self._trials}
        if local:
            rows |= self._touched(local)
        for number in self._trials.keys() & alive.keys():
            rows[number] = list(range(len(self._base.model.tried)))
        often = Counter(row for every in rows.values() for row in every)
        left = {n: sorted(every, key=lambda r: (often[r], r)) for n, every in rows.items()}
        if left:
            self._delta = Delta(self._base.model, self._predicate, alive)
        sizes = iter(_SIZES)
        while left := {n: every for n, every in left.items() if every and n not in self.found}:
            size = next(sizes, len(self._base.model.tried))
            pairs: list[tuple[int, int]] = []
            for n, every in left.items():
                every.sort(key=lambda r: -self._kills[r])
                pairs += [(n, row) for row in every[:size]]
                del every[:size]
            self._try(pairs)
        for n, mutant in self._mutants.items():
            if n not in self.found:
                seen_at_all = n in seen or n in self._trials
                self.found[n] = (
                    Fate(mutant, "survived")
                    if seen_at_all
                    else Fate(mutant, "equivalent", "no decision rests on what the rule derives")
                )

    def _touched(self, mutants: Numbered) -> dict[int, list[int]]:
        """Return the rows that each of *mutants* touches; one that clingo refuses is stillborn."""
        try:
            return touched(self._base.model, self._predicate, mutants)
        except (RuntimeError, AttributeError) as error:
            numbers = list(mutants)
            if len(numbers) == 1:
                self.found[numbers[0]] = Fate(mutants[numbers[0]], "stillborn", str(error))
                return {}
            half = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
            return {
                number: rows
                for part in half
                for number, rows in self._touched({n: mutants[n] for n in part}).items()
            }

    def _make_trial(self, number: int, mutant: Mutant) -> bool:
        try:
            self._trials[number] = Trial(_mutated(self._base, mutant), self._base.like)
        except (ReasonerError, KeyError, StopIteration) as error:
            self.found[number] = Fate(mutant, "stillborn", _said(error))
            return False
        return True

    def _try(self, pairs: Sequence[tuple[int, int]]) -> None:
        for start in range(0, len(pairs), _TOGETHER):
            batch = [p for p in pairs[start : start + _TOGETHER] if p[0] not in self.found]
            for (number, row), left in self._left(batch):
                if number in self.found:
                    continue
                try:
                    if self._fails(number, row, left):
                        self.found[number] = self._killed(number, row)
                except (KeyError, StopIteration) as error:
                    self.found[number] = Fate(self._mutants[number], "stillborn", _said(error))

    def _left(self, pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], Left]]:
        """Yield what is left of each pair; a mutant that clingo refuses is stillborn."""
        if not pairs:
            return
        chosen = {place: self._chosen(n, row) or {} for place, (n, row) in enumerate(pairs)}
        try:
            found = self._delta.left(pairs, chosen)
        except (RuntimeError, AttributeError) as error:
            numbers = sorted({number for number, _ in pairs})
            if len(numbers) == 1:
                mutant = self._mutants[numbers[0]]
                self.found[numbers[0]] = Fate(mutant, "stillborn", str(error))
                return
            half = set(numbers[: len(numbers) // 2])
            yield from self._left([p for p in pairs if p[0] in half])
            yield from self._left([p for p in pairs if p[0] not in half])
            return
        yield from zip(pairs, found, strict=True)

    def _chosen(self, number: int, row: int) -> Mapping[str, Symbol] | None:
        """Return the readings of a row; nothing, where the mutant does not know one of them."""
        tried = self._base.model.tried[row]
        trial = self._trials.get(number)
        if trial is None:
            return tried.chosen
        try:
            return trial.reasoner.choose(tried.row.readings)
        except ReasonerError:
            return None

    def _fails(self, number: int, row: int, left: Left) -> bool:
        model = self._base.model
        trial = self._trials.get(number)
        if trial is None:
            same = left == model.left[row]
            tried = model.tried[row]
            return not same and self._base.trial.fails(tried, left, tried.chosen)
        chosen = self._chosen(number, row)
        return chosen is None or trial.fails(model.tried[row], left, chosen)

    def _killed(self, number: int, row: int) -> Fate:
        self._kills[row] += 1
        return Fate(self._mutants[number], "killed", self._base.model.tried[row].row.name)
