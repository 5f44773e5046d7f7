"""Where literals are looked up, and what aggregates count there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reasoner.certificate.store import Row, Store
from reasoner.certificate.term import INFIMUM, SUPREMUM, Term, order, write_term

__all__ = ["Counted", "Side"]


class Side:
    """The atoms that positive literals are looked up in, and those of negated ones.

    *dual* is the other way round, for aggregates that only take something away.
    """

    def __init__(self, positive: Store, negative: Store) -> None:
        self.positive = positive
        self.negative = negative
        self.dual: Side = self
        self.counted: dict[tuple[Any, ...], Counted] = {}


class Counted:
    """What an aggregate counted, and its value."""

    __slots__ = ("_elements", "tuples", "value")

    def __init__(self, function: str, tuples: set[Row]) -> None:
        self.tuples = tuples
        self.value = _value(function, tuples)
        self._elements: tuple[str, ...] | None = None

    @property
    def elements(self) -> tuple[str, ...]:
        """The tuples as a proof writes them, in clingo's order."""
        if self._elements is None:
            ordered = sorted(self.tuples, key=lambda row: [order(term) for term in row])
            self._elements = tuple(",".join(map(write_term, row)) for row in ordered)
        return self._elements


def _value(function: str, tuples: Iterable[Row]) -> Term:
    if function == "#count":
        return sum(1 for _ in tuples)
    weights = [row[0] for row in tuples if row]
    match function:
        case "#min":
            return min(weights, key=order, default=SUPREMUM)
        case "#max":
            return max(weights, key=order, default=INFIMUM)
        case "#sum+":
            return sum(w for w in weights if isinstance(w, int) and w > 0)
    return sum(w for w in weights if isinstance(w, int))
