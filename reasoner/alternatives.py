"""What leads to a wanted recommendation, as plain, frozen data: what is shown and published."""

from __future__ import annotations

from typing import Literal

import msgspec

from reasoner.decision import CaseRef
from reasoner.model import AnswerValue, Recommendation

__all__ = ["NOTE", "Alternative", "Alternatives", "Bounds", "Change", "Pick", "Standing", "State"]

NOTE = "These are facts that the policy tests for, not treatment advice."

State = Literal["settled", "disputed", "narrowed", "open", "assumed"]


class Standing(msgspec.Struct, frozen=True):
    """How a question stands: the *answers* that the case leaves, and the *records* behind them.

    *state* is `settled` (one answer), `disputed` (records leave none in common), `narrowed`
    (they leave several), `open` (none speaks) or `assumed`. *can* is what may happen to it.
    """

    question: str
    answers: tuple[AnswerValue, ...]
    state: State
    records: tuple[str, ...]
    can: tuple[str, ...]


class Pick(msgspec.Struct, frozen=True):
    """So many (*any*) of the questions *of* get one of *answers*, whichever of them."""

    any: int
    of: tuple[str, ...]
    answers: tuple[AnswerValue, ...]


class Change(msgspec.Struct, frozen=True):
    """A part of an alternative: one of *options*, of which all picks are needed.

    *questions* name single questions or a whole family, `failed(_)`, each with its *text*.
    Several stand together where the answer of one depends on that of another. *now* is how
    each question of the options stands.
    """

    questions: tuple[str, ...]
    texts: tuple[str, ...]
    options: tuple[tuple[Pick, ...], ...]
    now: tuple[Standing, ...]


class Alternative(msgspec.Struct, frozen=True):
    """Changes that lead to the wanted recommendation together, and not without one of them."""

    changes: tuple[Change, ...]


class Bounds(msgspec.Struct, frozen=True):
    """How far was looked; *reached* names the bounds that cut something off."""

    answers: int
    sets: int
    alternatives: int
    reached: tuple[str, ...]


class Alternatives(msgspec.Struct, frozen=True):
    """Every smallest change after which a case gets the recommendation *want*.

    *already* says that it has it. Where there is no alternative, *in_the_way* are the
    questions whose answers rule the recommendation out and cannot be given otherwise.
    """

    case: CaseRef
    recommendation: Recommendation
    want: Recommendation
    already: bool
    alternatives: tuple[Alternative, ...]
    in_the_way: tuple[Standing, ...]
    bounds: Bounds
    note: str = NOTE
