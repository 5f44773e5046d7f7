"""What a response may say of a decision: an action code, and who stands behind it.

A program never denies. Whatever takes something away, or leaves a matter to judgement, goes
out as pended until a person is named who has reviewed it.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from reasoner.decision import Decision

__all__ = ["ACTIONS", "WHY", "Action", "Review", "reviewed"]

Action = Literal["A1", "A3", "A4", "A6"]

ACTIONS: Final = "https://codesystem.x12.org/005010/306"
"""The system of the action codes. Its texts are X12's; none stands here."""

_CONFIRMED: Final[dict[str, Action]] = {"deny": "A3", "partial": "A6"}


WHY: Final = {
    "refer": "the policy leaves it to a person, and what that person decides is not said",
    "pend": "what is missing is not there yet: there is nothing to confirm",
    "items": "the items of the Claim state no amounts among which the smaller one can be divided",
}
"""Why a review that was given is not enough."""


class Review(msgspec.Struct, frozen=True):
    """An action code; *by* is the person behind it, None where nobody has reviewed it.

    *why* is one of `WHY`, or empty.
    """

    action: Action
    by: str | None = None
    why: str = ""


def reviewed(decision: Decision, by: str | None, *, divisible: bool = True) -> Review:
    """Return what may be said of *decision*, which the person *by* has reviewed, if anybody.

    A smaller amount needs an item to stand for, or several among which it is *divisible*.
    """
    if decision.recommendation == "approve":
        return Review("A1", by)
    action = _CONFIRMED.get(decision.recommendation)
    if by is None:
        return Review("A4")
    if action is None:
        return Review("A4", why=WHY["refer" if decision.recommendation == "refer" else "pend"])
    if action == "A6" and not divisible:
        return Review("A4", why=WHY["items"])
    return Review(action, by)
