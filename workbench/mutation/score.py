"""The score of a policy's tests: how many of its mutants they notice, clause by clause."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from reasoner.engine import Reasoner
from workbench.mutation.baseline import Baseline, baseline
from workbench.mutation.clauses import clauses_of
from workbench.mutation.hunt import Fate, Numbered, fates, hunts
from workbench.mutation.mutant import Mutant
from workbench.mutation.operators import mutants
from workbench.mutation.witness import near
from workbench.suite.row import Row

__all__ = ["Score", "Tally", "scored"]

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
    """What became of every mutant of a policy.

    *witnesses* are, for survivors, rows that are missing: the policy as it is passes them, the
    mutant does not.
    """

    policy: str
    rows: int
    fates: tuple[Fate, ...]
    clauses: Mapping[str, Tally]
    witnesses: Mapping[Mutant, Row] = {}

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


def scored(
    reasoner: Reasoner, rows: Sequence[Row], processes: int = 1, only: str = "", near_rows: int = 0
) -> Score:
    """Return what becomes of the mutants of the policy under its *rows*.

    With *only*, of those in files whose name holds it. For survivors, up to *near_rows* cases
    near the rows are tried: the first that both versions decide differently is a witness.

    Raises:
        PolicyError: the rules are broken.
    """
    every = [one for one in mutants(reasoner) if only in one.where]
    base = baseline(reasoner, rows)
    found = tuple(_fates(base, every, processes))
    witnesses = _witnesses(reasoner, rows, found, processes, near_rows)
    of_clauses: dict[str, list[Fate]] = {}
    names = clauses_of(reasoner.policy)
    for one in found:
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
    return Score(reasoner.policy.id, len(rows), found, tallies, witnesses)


def _fates(base: Baseline, every: Sequence[Mutant], processes: int) -> Iterator[Fate]:
    """Yield the fate of each mutant, in their order."""
    tasks = hunts(base, every)
    found: dict[int, Fate] = {}
    if processes <= 1:
        for task in tasks:
            found |= fates(base, task)
    else:
        _bases[:] = [base]
        try:
            with multiprocessing.get_context("fork").Pool(processes) as pool:
                for one in pool.imap_unordered(_forked, tasks):
                    found |= one
        finally:
            _bases.clear()
    yield from (found[number] for number in range(len(every)))


def _witnesses(
    reasoner: Reasoner, rows: Sequence[Row], found: Sequence[Fate], processes: int, count: int
) -> dict[Mutant, Row]:
    """Return a row near *rows* for each survivor that one of them kills."""
    survivors = [one.mutant for one in found if one.state == "survived"]
    if not survivors or not count:
        return {}
    tried = near(reasoner, rows, count)
    by_name = {row.name: row for row in tried}
    again = _fates(baseline(reasoner, tried), survivors, processes)
    return {one.mutant: by_name[one.by] for one in again if one.state == "killed"}


def _forked(task: Numbered) -> dict[int, Fate]:
    return fates(_bases[0], task)
