"""Which way a recommendation moved: towards giving more, or less, or to where neither is said.

approve, then partial, then refer and pend, then deny. Of two approvals, or two partial ones, the
larger quantity gives more, and the longer authorization. Refer and pend both leave it to what
comes next: between them, and to and from *not applicable*, a change is neither more nor less,
but different.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from reasoner.model import Amount, Recommendation

__all__ = ["Direction", "Movement", "direction", "movement"]

Direction = Literal["same", "loosened", "tightened", "different"]
Movement = Literal["unchanged", "loosened", "tightened", "loosened and tightened", "different"]

_RANK = {"approve": 3, "partial": 2, "refer": 1, "pend": 1, "deny": 0}

_Told = tuple[Recommendation, Amount | None]


def direction(old: _Told, new: _Told) -> Direction:
    """Return which way a result moved.

    >>> direction(("deny", 0), ("approve", 3)), direction(("approve", 5), ("approve", 3))
    ('loosened', 'tightened')
    >>> direction(("approve", (3, 6)), ("approve", (4, 3)))
    'different'
    >>> direction(("refer", 0), ("pend", None)), direction(("deny", None), ("deny", 0))
    ('different', 'same')
    """
    before, after = _RANK.get(old[0]), _RANK.get(new[0])
    if old[0] == new[0]:
        return _amount([b - a for a, b in zip(_parts(old[1]), _parts(new[1]), strict=False)])
    if before is None or after is None or before == after:
        return "different"
    return "loosened" if after > before else "tightened"


def _parts(amount: Amount | None) -> tuple[int, ...]:
    return amount if isinstance(amount, tuple) else (amount or 0,)


def _amount(changes: Collection[int]) -> Direction:
    """More of the quantity and fewer of the months is neither more nor less."""
    if min(changes) < 0 < max(changes):
        return "different"
    return "loosened" if max(changes) > 0 else "tightened" if min(changes) < 0 else "same"


def movement(directions: Iterable[Direction]) -> Movement:
    """Return what several moves make together.

    >>> movement(["loosened", "same"]), movement(["loosened", "tightened"]), movement([])
    ('loosened', 'loosened and tightened', 'unchanged')
    """
    found = set(directions) - {"same"}
    if "different" in found:
        return "different"
    if len(found) > 1:
        return "loosened and tightened"
    return "loosened" if "loosened" in found else "tightened" if found else "unchanged"
