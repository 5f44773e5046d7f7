"""The score of a policy's tests: how many of its mutants they notice, clause by clause."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from reasoner.engine import Reasoner
from workbench.mutation.baseline import Baseline, baseline
from workbench.mutation.clauses import clauses_of
from workbench.mutation.equivalence import proved
from workbench.mutation.hunt import Fate, fate
from workbench.mutation.mutant import Mutant
from workbench.mutation.operators import mutants
from workbench.suite.row import Row

__all__ = ["Score", "Tally", "scored"]

_CHUNK = 8
_bases: list[Baseline] = []
"""What the processes share: they are forked, and read it."""


class Tally(msgspec.Struct, frozen=True):
    """So many mutants *killed* of those that are neither stillborn nor equivalent."""

    killed: int
    survived: int

    @property
    def percent(self) -> float:
        """The share that was noticed, rounded down to a tenth."""
        every = self.killed + self.survived
        return self.killed * 1000 // every / 10 if every else 100.0


class Score(msgspec.Struct, frozen=True):
    """What became of every mutant of a policy."""

    policy: str
    rows: int
    fates: tuple[Fate, ...]
    clauses: Mapping[str, Tally]

    def count(self, state: str) -> int:
        """Return how many mutants have this *state*."""
        return sum(one.state == state for one in self.fates)

    @property
    def tally(self) -> Tally:
        """All of them together."""
        return Tally(self.count("killed"), self.count("survived"))

    @property
    def survivors(self) -> list[Fate]:
        """Those that no row notices and no proof excuses."""
        return [one for one in self.fates if one.state == "survived"]


def scored(reasoner: Reasoner, rows: Sequence[Row], processes: int = 1, only: str = "") -> Score:
    """Return what becomes of the mutants of the policy under its *rows*.

    With *only*, of those in files whose name holds it.

    Raises:
        PolicyError: the rules are broken.
    """
    every = [one for one in mutants(reasoner) if only in one.where]
    base = baseline(reasoner, rows)
    fates = tuple(_fates(base, every, processes))
    of_clauses: dict[str, list[Fate]] = {}
    names = clauses_of(reasoner.policy)
    for one in fates:
        for clause in names.get(one.mutant.rule, ("other",)):
            of_clauses.setdefault(clause, []).append(one)
    order = [clause.id for clause in reasoner.policy.identity.clauses]
    order += sorted(of_clauses.keys() - set(order))
    tallies = {
        clause: Tally(
            sum(one.state == "killed" for one in of_clauses[clause]),
            sum(one.state == "survived" for one in of_clauses[clause]),
        )
        for clause in order
        if clause in of_clauses
    }
    return Score(reasoner.policy.id, len(rows), fates, tallies)


def _fates(base: Baseline, every: Sequence[Mutant], processes: int) -> Iterator[Fate]:
    if processes <= 1:
        yield from (_judged(base, one) for one in every)
        return
    _bases[:] = [base]
    try:
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            yield from pool.imap(_forked, every, _CHUNK)
    finally:
        _bases.clear()


def _forked(mutant: Mutant) -> Fate:
    return _judged(_bases[0], mutant)


def _judged(base: Baseline, mutant: Mutant) -> Fate:
    found = fate(base, mutant)
    if found.state == "survived" and (why := proved(base, mutant)):
        return Fate(mutant, "equivalent", why)
    return found
