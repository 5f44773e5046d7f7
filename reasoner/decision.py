"""The decision as plain, frozen data: the record that is shown, kept and replayed."""

from __future__ import annotations

import msgspec

from reasoner.model import AnswerValue, Recommendation, Unread
from reasoner.policy import Kind

__all__ = [
    "SCHEMA",
    "Advisory",
    "Assumption",
    "Authorization",
    "CaseRef",
    "ClauseStatus",
    "Conflict",
    "Decision",
    "Doubt",
    "Engine",
    "HumanReview",
    "Missing",
    "PolicyRef",
    "QuantityPair",
    "ReadingUsed",
    "TerminologyRef",
]


SCHEMA = "policy-reasoner/decision/1"


class CaseRef(msgspec.Struct, frozen=True):
    """Which case was decided; *digest* is over its meaning."""

    id: str
    digest: str


class PolicyRef(msgspec.Struct, frozen=True):
    """By which policy; *digest* covers every rule file that was loaded."""

    id: str
    version: str
    digest: str


class TerminologyRef(msgspec.Struct, frozen=True):
    """With which tables."""

    digest: str


class Engine(msgspec.Struct, frozen=True):
    """By which program."""

    version: str
    clingo: str


class QuantityPair(msgspec.Struct, frozen=True):
    """What was asked for and what is approved, in each unit; null where it is not known."""

    requested: dict[str, int] | None
    approved: dict[str, int] | None


class Authorization(msgspec.Struct, frozen=True):
    """For how long an approval is, from its first day on."""

    months: int


class ClauseStatus(msgspec.Struct, frozen=True):
    """A clause in every possible world, with the status that its kind may have.

    *decisive* says that it counts for the recommendation.
    """

    id: str
    kind: Kind
    status: str
    decisive: bool
    text: str
    locator: str


class Missing(msgspec.Struct, frozen=True):
    """A question, or a family of them, whose answer can still change the result.

    *needed* says how many more of a family must be shown, 1 for a single question.
    """

    question: str
    text: str
    answers: tuple[AnswerValue, ...]
    needed: int


class Assumption(msgspec.Struct, frozen=True):
    """A presumption in force; *decisive* if the decision rests on it."""

    question: str
    answer: AnswerValue
    decisive: bool


class ReadingUsed(msgspec.Struct, frozen=True):
    """A reading that the decision depends on, or that was chosen instead of its default."""

    id: str
    value: AnswerValue
    decisive: bool


class Conflict(msgspec.Struct, frozen=True):
    """Records that leave no common answer."""

    question: str
    answers: tuple[AnswerValue, ...]
    records: tuple[str, ...]


class Doubt(msgspec.Struct, frozen=True):
    """A record that supports nothing, what it could bear on, and why it is not used."""

    record: str
    questions: tuple[str, ...]
    reason: str


class Advisory(msgspec.Struct, frozen=True):
    """What the reader should know besides; it decides nothing."""

    id: str
    text: str


class HumanReview(msgspec.Struct, frozen=True):
    """Whether a person must confirm; the product recommends and never determines."""

    required: bool
    reviewed: bool


class Decision(msgspec.Struct, frozen=True):
    """A recommendation with everything that it rests on; a record that can be replayed.

    *authorization* is there only where the policy says for how long it approves, and approves.
    """

    schema: str
    case: CaseRef
    decided_on: str | None
    as_of: str | None
    policy: PolicyRef
    terminology: TerminologyRef
    engine: Engine
    recommendation: Recommendation
    certain: bool
    quantity: QuantityPair
    clauses: tuple[ClauseStatus, ...]
    grounds: tuple[str | tuple[str, ...], ...]
    refer_reasons: tuple[str, ...]
    missing: tuple[Missing, ...]
    assumptions: tuple[Assumption, ...]
    readings: tuple[ReadingUsed, ...]
    conflicts: tuple[Conflict, ...]
    doubts: tuple[Doubt, ...]
    unread: tuple[Unread, ...]
    advisories: tuple[Advisory, ...]
    human_review: HumanReview
    authorization: Authorization | msgspec.UnsetType = msgspec.UNSET
