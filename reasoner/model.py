"""The case and the decision as plain, frozen data: what crosses every boundary.

A case is a set of records with sources. Nothing here knows a drug, a disease or a
policy; which codes mean what is said in `rules/terminology/`, what follows from them
in `rules/policies/`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final, Literal, get_args

import msgspec

__all__ = [
    "Activity",
    "Allergy",
    "Amount",
    "Answer",
    "AnswerValue",
    "Case",
    "Coding",
    "Condition",
    "Day",
    "Dose",
    "Dosed",
    "Member",
    "Observation",
    "Quantity",
    "Recommendation",
    "Request",
    "Response",
    "Result",
    "Section",
    "Source",
    "Status",
    "StoppedFor",
    "Therapy",
    "Unit",
    "Unread",
]

AnswerValue = str | int | tuple[int, int]
"""`negative`, `3`, or a pair such as `[3, 5]`."""

Amount = int | tuple[int, int]
"""What a result gives, in the policy's unit; as a pair, with the months that it is for."""

Recommendation = Literal["approve", "partial", "deny", "pend", "refer", "not_applicable"]

Section = Literal["conditions", "therapies", "observations", "doses"]
"""The lists that a sender may state to be complete, or that a chart shows in part."""
SECTIONS: Final = (*get_args(Section), "allergies")
"""The lists of records of a case."""
Unit = Literal["vial", "mg", "mL", "unit"]
Status = Literal["active", "resolved", "ruled_out", "unconfirmed"]
Activity = Literal["active", "nonactive"]
Response = Literal["inadequate", "adequate", "not_assessable"]
StoppedFor = Literal[
    "inadequate_response", "intolerance", "contraindication", "choice", "cost", "other"
]
Result = Literal["reactive", "non_reactive", "indeterminate", "detected", "not_detected"]


_DIAGNOSES: Final = "icd-10-cm"
_TESTS: Final = "loinc"


def _share(record: Coding | Condition | Observation, usual: str) -> None:
    """Give *record* the very string *usual* where its system equals it.

    A field is left out of the JSON of a record, and so out of digests, only where it *is* its
    default: `system: loinc`, stated, must not be another case than `system` absent.
    """
    if record.system == usual and record.system is not usual:
        msgspec.structs.force_setattr(record, "system", usual)


class Day(msgspec.Struct, frozen=True, omit_defaults=True):
    """A date of any precision as the first and the last day that it can mean (inclusive)."""

    first: dt.date
    last: dt.date
    text: str


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code with its system (`icd-10-cm`, `snomed`, `rxnorm`, `ndc`, `hcpcs`, `loinc`, …)."""

    code: str
    system: str = _DIAGNOSES
    display: str | None = None

    def __post_init__(self) -> None:
        _share(self, _DIAGNOSES)


class Quantity(msgspec.Struct, frozen=True, omit_defaults=True):
    """An amount: *value* in *unit* (`vial`, `mg`, `mL`, `unit` = HCPCS billing unit)."""

    value: Decimal
    unit: str


class Dosed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dose that is asked for, and how many *times* it is to be given (None: once at least)."""

    value: Decimal
    unit: str
    times: int | None = None


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a record was read: a document with page, or a FHIR reference with a JSON pointer."""

    document: str | None = None
    page: int | None = None
    line: int | None = None
    quote: str | None = None
    reference: str | None = None
    pointer: str | None = None


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked for. Everything may be absent: absent means *not stated*."""

    received: Day | None = None
    plan: str | None = None
    product: str | None = None
    code: str | None = None
    system: str | None = None
    hcpcs: str | None = None
    quantity: Quantity | None = None
    billed_units: int | None = None
    dosed: tuple[Dosed, ...] = ()
    service_dates: tuple[Day, ...] = ()
    course: int | None = None
    indication: Coding | None = None
    source: Source | None = None


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """The person: only what a policy may ask for."""

    birth_date: Day | None = None


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry of the problem list or a diagnosis: a code, a statement in words, or both."""

    id: str
    code: str | None = None
    system: str = _DIAGNOSES
    display: str | None = None
    status: Status | None = None
    activity: Activity | None = None
    onset: Day | None = None
    recorded: Day | None = None
    end: Day | None = None
    documented: bool | None = None
    source: Source | None = None

    def __post_init__(self) -> None:
        _share(self, _DIAGNOSES)


class Therapy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A drug that was ordered, taken or given: by name, or by code and system."""

    id: str
    product: str | None = None
    code: str | None = None
    system: str | None = None
    start: Day | None = None
    end: Day | None = None
    ongoing: bool | None = None
    taken: bool | None = None
    response: Response | None = None
    stopped_for: StoppedFor | None = None
    indication: Coding | None = None
    documented: bool | None = None
    source: Source | None = None


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A test: *result* in words, or *value* with its *unit*."""

    id: str
    code: str
    system: str = _TESTS
    display: str | None = None
    result: Result | None = None
    value: Decimal | None = None
    unit: str | None = None
    date: Day | None = None
    documented: bool | None = None
    source: Source | None = None

    def __post_init__(self) -> None:
        _share(self, _TESTS)


class Dose(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dose of the requested product that was given before."""

    id: str
    date: Day | None = None
    quantity: Quantity | None = None
    documented: bool | None = None
    source: Source | None = None


class Allergy(msgspec.Struct, frozen=True, omit_defaults=True):
    """An allergy to a substance, or an intolerance of it: by name, or by code and system."""

    id: str
    product: str | None = None
    code: str | None = None
    system: str | None = None
    status: Status | None = None
    onset: Day | None = None
    recorded: Day | None = None
    documented: bool | None = None
    source: Source | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question answered directly; *overrules* names records set aside for that question."""

    question: str
    answer: AnswerValue
    by: str | None = None
    date: Day | None = None
    overrules: tuple[str, ...] = ()
    source: Source | None = None


class Unread(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a document held and the case does not use: which record, where, and why not."""

    record: str
    pointer: str
    reason: str


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request with everything that is known about it.

    *digest* is over the meaning, not the bytes: the order of records and the notation
    (YAML or JSON) do not change it. *excerpts* names the lists that are known to be excerpts:
    a chart shows doses, and never that there were no others.
    """

    id: str
    digest: str
    request: Request = Request()
    member: Member = Member()
    conditions: tuple[Condition, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    observations: tuple[Observation, ...] = ()
    doses: tuple[Dose, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    answers: tuple[Answer, ...] = ()
    complete: tuple[Section, ...] = ()
    excerpts: tuple[Section, ...] = ()
    origin: str = ""
    unread: tuple[Unread, ...] = ()

    @property
    def records(self) -> tuple[Condition | Therapy | Observation | Dose | Allergy, ...]:
        """Every record that has an id of its own, section by section."""
        return (
            *self.conditions,
            *self.therapies,
            *self.observations,
            *self.doses,
            *self.allergies,
        )
