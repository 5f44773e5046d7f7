"""Which way a recommendation moved: towards giving more, or less, or to where neither is said.

approve, then partial, then refer and pend, then deny. Of two approvals, or two partial ones, the
larger quantity gives more. Refer and pend both leave it to what comes next: between them, and
to and from *not applicable*, a change is neither more nor less, but different.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from reasoner.model import Recommendation

__all__ = ["Direction", "Movement", "direction", "movement"]

Direction = Literal["same", "loosened", "tightened", "different"]
Movement = Literal["unchanged", "loosened", "tightened", "loosened and tightened", "different"]

_RANK = {"approve": 3, "partial": 2, "refer": 1, "pend": 1, "deny": 0}

_Told = tuple[Recommendation, int | None]


def direction(old: _Told, new: _Told) -> Direction:
    """Return which way a result moved.

    >>> direction(("deny", 0), ("approve", 3)), direction(("approve", 5), ("approve", 3))
    ('loosened', 'tightened')
    >>> direction(("refer", 0), ("pend", None)), direction(("deny", None), ("deny", 0))
    ('different', 'same')
    """
    before, after = _RANK.get(old[0]), _RANK.get(new[0])
    if old[0] == new[0]:
        change = (new[1] or 0) - (old[1] or 0)
        return "same" if not change else "loosened" if change > 0 else "tightened"
    if before is None or after is None or before == after:
        return "different"
    return "loosened" if after > before else "tightened"


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
