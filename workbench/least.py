"""The least part of a collection that is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["least"]

Item = TypeVar("Item")


def least(items: Sequence[Item], enough: Callable[[Sequence[Item]], bool]) -> list[Item]:
    """Return a part of *items*, in their order, that is *enough* and needs each of its items.

    Larger parts are left out first, the first items before the last. *items* are enough.
    It is minimal where more is never less: what is enough stays so with items added.

    >>> least("abcdefgh", lambda kept: {"b", "g"} <= set(kept))
    ['b', 'g']
    """
    kept = list(range(len(items)))
    groups = [kept]
    while groups:
        group = groups.pop()
        fewer = [place for place in kept if place not in group]
        if enough([items[place] for place in fewer]):
            kept = fewer
        elif len(group) > 1:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    return [items[place] for place in kept]
