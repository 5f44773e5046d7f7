"""Decisions on rows: one reasoner a policy and process, many cases at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.errors import PolicyError, ReasonerError
from workbench.draft import Draft, open_draft
from workbench.suite.row import Row
from workbench.suite.vocabulary import check_names

__all__ = ["Result", "decided", "draft_of", "groups", "reasoner_of"]

Result = Decision | ReasonerError
"""What came of a row: an error stands where the decision would."""


@lru_cache(maxsize=4)
def draft_of(folder: Path) -> Draft:
    """Return the policy in *folder*, which lies in a rules folder, and why `decide` refuses it.

    Raises:
        PolicyError: its rules are broken.
    """
    return open_draft(folder.parent.parent, folder.name)


def reasoner_of(folder: Path) -> Reasoner:
    """Return the reasoner of the policy in *folder*; errors as in `draft_of`."""
    return draft_of(folder).reasoner


def decided(reasoner: Reasoner, rows: Sequence[Row]) -> list[Result]:
    """Return what comes of each of *rows*; one that fails stops no other."""
    found: dict[int, Result] = {}
    good = []
    for place, row in enumerate(rows):
        try:
            check_names(row, reasoner)
            _check_in_force(row, reasoner)
            good.append((place, row))
        except ReasonerError as error:
            found[place] = error
    for (readings, day), members in groups(good):
        results = reasoner.decide_each(
            (row.case for _, row in members), readings=dict(readings), decided_on=day
        )
        found.update(zip((place for place, _ in members), results, strict=True))
    return [found[place] for place in range(len(rows))]


_Group = tuple[frozenset[tuple[str, str]], dt.date | None]


def groups(
    rows: Iterable[tuple[int, Row]],
) -> Iterator[tuple[_Group, list[tuple[int, Row]]]]:
    """Yield *rows* with their places, those together that may be decided together."""
    found: dict[_Group, list[tuple[int, Row]]] = {}
    for place, row in rows:
        key = frozenset(row.readings.items()), row.decided_on
        found.setdefault(key, []).append((place, row))
    yield from found.items()


def _check_in_force(row: Row, reasoner: Reasoner) -> None:
    identity, day = reasoner.policy.identity, row.as_of
    if day is None:
        return
    first, last = identity.effective_from or dt.date.min, identity.effective_to or dt.date.max
    if not first <= day <= last:
        raise PolicyError(
            "test.as_of",
            f"`{identity.id}` version {identity.version} is not in force on {day}",
            where=f"{row.where} {row.name}",
            hint=f"in force from {identity.effective_from or 'ever'}"
            f" to {identity.effective_to or 'now'}",
        )
