"""Whether a policy's rows notice a mutant: each is run until a row comes out otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import clingo
import msgspec

from reasoner.days import Calendar
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from reasoner.evidence import Change, Evidence, Reading, Settled
from reasoner.policy import Policy
from workbench.mutation.baseline import Baseline, Tried, reaching
from workbench.mutation.mutant import Mutant, mutated
from workbench.suite.bench import Result
from workbench.suite.judgement import judged

__all__ = ["Fate", "fate"]

_SIZES = (4, 16, 64)
"""So many rows are tried first, then so many, then always so many at once."""


class Fate(msgspec.Struct, frozen=True):
    """What became of a mutant, and *by* what: a row, an error, a proof."""

    mutant: Mutant
    state: Literal["killed", "stillborn", "equivalent", "survived"]
    by: str = ""


def fate(base: Baseline, mutant: Mutant) -> Fate:
    """Return whether a row notices *mutant*; one that no row notices has survived."""
    broken = _unsafe(base.reasoner.policy, mutant)
    if broken:
        return Fate(mutant, "stillborn", broken)
    policy = mutated(base.reasoner.policy, mutant)
    numbers, _ = reaching(base, mutant)
    try:
        for tried, result in _results(base, policy, mutant, [base.tried[n] for n in numbers]):
            if isinstance(result, ReasonerError) or judged(tried.row.expect, result):
                return Fate(mutant, "killed", tried.row.name)
    except ReasonerError as error:
        return Fate(mutant, "stillborn", error.message)
    except (KeyError, StopIteration) as error:  # a default that is no answer, a question without
        return Fate(mutant, "stillborn", f"no worlds can be made: {error!r}")
    return Fate(mutant, "survived")


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


def _results(
    base: Baseline, policy: Policy, mutant: Mutant, rows: Sequence[Tried]
) -> Iterator[tuple[Tried, Result]]:
    """Yield what comes of *rows* under *policy*, where it can be another decision at all."""
    old = base.reasoner
    in_evidence = any(file.name == mutant.file for file in policy.evidence)
    in_criteria = any(file.name == mutant.file for file in policy.criteria)
    if not in_criteria:
        reasoner, evidence = old, Evidence(policy, old.terminology)
    else:
        reasoner = Reasoner(policy, old.terminology, version="mutant")
        evidence = reasoner.evidence
    if not in_evidence:
        for tried in rows:
            yield tried, _concluded(reasoner, tried, tried.settled, tried.others)
        return
    for batch in _batches(rows):
        chosen = reasoner.choose(batch[0].row.readings)
        settled = evidence.settle([(one.row.case, one.day) for one in batch], chosen)
        for tried, (found, others) in zip(batch, settled, strict=True):
            if in_criteria or not _same(found, tried.settled) or _rests(tried):
                yield tried, _concluded(reasoner, tried, found, others)


def _concluded(
    reasoner: Reasoner, tried: Tried, settled: Settled, others: Mapping[Reading, Change]
) -> Result:
    try:
        chosen = reasoner.choose(tried.row.readings)
        return reasoner.conclude(tried.row.case, tried.day, settled, others, chosen).decision
    except ReasonerError as error:
        return error


def _batches(rows: Sequence[Tried]) -> Iterator[list[Tried]]:
    """Yield *rows* in their order, those together that have the same readings."""
    sizes = iter(_SIZES)
    size = next(sizes)
    left = list(rows)
    while left:
        first = left[0].row.readings
        batch = [one for one in left if one.row.readings == first][:size]
        taken = set(map(id, batch))
        left = [one for one in left if id(one) not in taken]
        size = next(sizes, _SIZES[-1])
        yield batch


def _same(found: Settled, before: Settled) -> bool:
    """Whether a row cannot tell the two apart: what it looks at rests on nothing else."""
    return (
        found.profile == before.profile
        and found.conflicts == before.conflicts
        and set(found.advisories) == set(before.advisories)
    )


def _rests(tried: Tried) -> bool:
    return tried.row.expect.rests_on is not msgspec.UNSET
