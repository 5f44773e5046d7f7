"""What must follow from a case, as tests write it: the keys, and their short form."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["MORE", "RECOMMENDATIONS", "Expectation", "Ground", "from_words", "one_line"]

MORE: Final = "..."
"""The last member of a list that names only some of what must be there."""

RECOMMENDATIONS: Final = ("approve", "partial", "deny", "pend", "refer", "not_applicable")

Ground = str | list[str]
"""A clause, or a certain disjunction of clauses."""

Whole = int | None | UnsetType
Names = list[str] | UnsetType


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must follow; what is not set is not looked at.

    At most one recommendation is set. A list that ends in `...` names some of what must be
    there; under a recommendation, None stands for any quantity or list.
    """

    approve: Whole = UNSET
    partial: Whole = UNSET
    deny: list[Ground] | UnsetType | None = UNSET
    pend: list[str] | UnsetType | None = UNSET
    refer: list[str] | UnsetType | None = UNSET
    not_applicable: UnsetType | None = UNSET
    clauses: dict[str, str] | UnsetType = UNSET
    needed: dict[str, int] | UnsetType = UNSET
    assumes: dict[str, str | int | list[int] | None] | UnsetType = UNSET
    rests_on: Names = UNSET
    conflicts: Names = UNSET
    advisories: Names = UNSET
    not_grounds: Names = UNSET
    not_asked: Names = UNSET
    not_advised: Names = UNSET

    @property
    def recommendation(self) -> str | None:
        """The recommendation that is expected, if one is."""
        return next((name for name in RECOMMENDATIONS if getattr(self, name) is not UNSET), None)


def from_words(text: str) -> dict[str, object]:
    """Return the keys of the short form *text*.

    >>> from_words("deny approval.I exclusion.II|exclusion.III")
    {'deny': ['approval.I', ['exclusion.II', 'exclusion.III']]}
    >>> from_words("approve 5"), from_words("refer")
    ({'approve': 5}, {'refer': None})

    Raises:
        ValueError: it is no short form; the message says why.
    """
    name, *rest = text.split()
    if name not in RECOMMENDATIONS:
        raise ValueError(f"`{name}` is no recommendation")
    if not rest:
        return {name: None}
    if name in ("approve", "partial"):
        if len(rest) > 1 or not rest[0].isdecimal():
            raise ValueError(f"`{name}` takes one whole number")
        return {name: int(rest[0])}
    if name == "not_applicable":
        raise ValueError("`not_applicable` takes nothing")
    return {name: [word.split("|") if "|" in word else word for word in rest]}


def one_line(name: str, value: object) -> str:
    """Return a recommendation with its quantity, grounds or questions as the short form has it.

    >>> one_line("deny", ["approval.I", ["exclusion.II", "exclusion.III"]])
    'deny approval.I exclusion.II|exclusion.III'
    >>> one_line("approve", 5)
    'approve 5'
    """
    if value is None:
        return name
    parts = value if isinstance(value, list | tuple) else [value]
    words = ["|".join(part) if isinstance(part, list | tuple) else str(part) for part in parts]
    return " ".join((name, *words))
