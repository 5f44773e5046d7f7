"""Which cases of a set get another recommendation: by another version, or another reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from reasoner.model import Amount, Case, Recommendation
from workbench.difference.direction import Direction, direction

__all__ = ["Flip", "Flips", "Unread", "flips_of", "readings_flipped"]

_Told = tuple[Recommendation, Amount | None]


class Flip(msgspec.Struct, frozen=True):
    """A case with another recommendation or quantity: *from_* and *to*, as text and as told."""

    case: str
    old: Recommendation
    new: Recommendation
    old_quantity: Amount | None
    new_quantity: Amount | None
    direction: Direction


class Unread(msgspec.Struct, frozen=True):
    """A case that one side or both could not decide, and why."""

    case: str
    message: str


class Flips(msgspec.Struct, frozen=True):
    """What another way to decide makes of a set of cases.

    *matrix* counts cases by old and new recommendation; *flips* are those that differ.
    """

    cases: int
    matrix: dict[str, dict[str, int]]
    flips: tuple[Flip, ...]
    unread: tuple[Unread, ...]


def flips_of(
    cases: Iterable[tuple[str, Case | ReasonerError]],
    old: Reasoner,
    new: Reasoner,
    *,
    old_readings: Mapping[str, str] | None = None,
    new_readings: Mapping[str, str] | None = None,
) -> Flips:
    """Decide each named case in two ways, and say where they differ."""
    named = list(cases)
    sides = [
        list(reasoner.decide_each((case for _, case in named), readings=readings))
        for reasoner, readings in ((old, old_readings), (new, new_readings))
    ]
    units = [reasoner.policy.identity.quantity.unit for reasoner in (old, new)]
    return _compared([name for name, _ in named], sides[0], sides[1], units)


def readings_flipped(
    cases: Iterable[tuple[str, Case | ReasonerError]], reasoner: Reasoner
) -> Iterator[tuple[str, str, Flips]]:
    """Yield each alternative reading, by id and value, and which cases it flips."""
    named = list(cases)
    unit = reasoner.policy.identity.quantity.unit
    usual = list(reasoner.decide_each(case for _, case in named))
    names = [name for name, _ in named]
    for identifier, values in reasoner.readings.items():
        for value in values:
            if value != reasoner.defaults[identifier]:
                other = reasoner.decide_each(
                    (case for _, case in named), readings={identifier: str(value)}
                )
                yield identifier, str(value), _compared(names, usual, list(other), [unit, unit])


def _compared(
    names: Sequence[str],
    old: Sequence[Decision | ReasonerError],
    new: Sequence[Decision | ReasonerError],
    units: Sequence[str],
) -> Flips:
    matrix: dict[str, dict[str, int]] = {}
    flips: list[Flip] = []
    unread: list[Unread] = []
    for name, one, other in zip(names, old, new, strict=True):
        if isinstance(one, ReasonerError) or isinstance(other, ReasonerError):
            error = one if isinstance(one, ReasonerError) else other
            message = error.message if isinstance(error, ReasonerError) else ""
            unread.append(Unread(name, message))
            continue
        before, after = _told(one, units[0]), _told(other, units[1])
        row = matrix.setdefault(before[0], {})
        row[after[0]] = row.get(after[0], 0) + 1
        moved = direction(before, after)
        if moved != "same":
            flips.append(Flip(name, before[0], after[0], before[1], after[1], moved))
    return Flips(len(names), matrix, tuple(flips), tuple(unread))


def _told(decision: Decision, unit: str) -> _Told:
    approved = decision.quantity.approved
    return decision.recommendation, None if approved is None else approved.get(unit)
