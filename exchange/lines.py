"""What a response says of each item of the Claim: its action, and how much is authorized.

A policy decides on the items that ask for its product. What else a Claim asks for, the infusion
beside the drug for instance, stays pended: nobody here has decided on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from exchange.review import Action, Review
from reasoner.fhir.items import Item
from reasoner.model import Day

__all__ = ["Line", "divided", "lines_of"]

_UNITS: Final = {"vial": "vials", "mg": "mg", "unit": "units"}
"""The units of a case as a decision names its amounts; mL are in none."""


class Line(msgspec.Struct, frozen=True):
    """An item's *action*; of a smaller amount that was divided, how much of *unit* is its own.

    *other* says that the item asks for something that the policy does not decide on.
    """

    action: Action
    amount: Decimal | None = None
    unit: str = ""
    other: bool = False


def lines_of(
    review: Review, items: Sequence[Item], count: int, approved: Mapping[str, int]
) -> tuple[Line, ...]:
    """Return a line for each of the *count* items of a Claim; *items* ask for the product.

    A smaller amount goes to the items day by day, in the Claim's order where the days do not
    tell, until nothing is left.
    """
    own = {_place(item): item for item in items}
    parts = divided(items, approved) if review.action == "A6" else None
    lines: list[Line] = []
    for at in range(count):
        if at not in own:
            lines.append(Line("A4", other=True))
        elif parts is None or len(own) == 1:
            lines.append(Line(review.action))
        else:
            lines.append(_part(own[at], parts[at]))
    return tuple(lines)


def divided(items: Sequence[Item], approved: Mapping[str, int]) -> dict[int, Decimal] | None:
    """Return what of the *approved* amount each item gets, by its place in the Claim.

    None: an item states no amount, or they are not in one unit that the amount is told in.
    """
    stated = [(item, item.quantity) for item in items]
    units = {quantity.unit if quantity else "" for _, quantity in stated}
    unit = _UNITS.get(units.pop(), "") if len(units) == 1 else ""
    if unit not in approved:
        return None
    left = Decimal(approved[unit])
    found: dict[int, Decimal] = {}
    dated = all(item.days for item in items)
    for item, quantity in sorted(stated, key=lambda one: _first(one[0].days)) if dated else stated:
        if quantity is not None:
            found[_place(item)] = min(quantity.value, left)
            left -= found[_place(item)]
    return found


def _part(item: Item, amount: Decimal) -> Line:
    whole = item.quantity.value if item.quantity else amount
    unit = _UNITS[item.quantity.unit] if item.quantity else ""
    if amount == whole:
        return Line("A1")
    return Line("A6", amount, unit) if amount else Line("A3")


def _first(days: Sequence[Day]) -> int:
    return min(day.first for day in days).toordinal()


def _place(item: Item) -> int:
    return int(item.pointer.rsplit("/", 1)[-1])
