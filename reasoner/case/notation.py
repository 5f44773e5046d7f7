"""How a case is written: the keys of YAML and JSON, their types, and the schema of them.

The structs mirror `reasoner.model`; a date is still text here and an amount still a
number. What is absent or null is not stated.
"""

# No `from __future__ import annotations`: what is text would be read again at every start.
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from reasoner.case.day import DATE_PATTERN
from reasoner.model import (
    Activity,
    Response,
    Result,
    Section,
    Status,
    StoppedFor,
    Unit,
)

__all__ = [
    "QUESTION_PATTERN",
    "Allergy",
    "Answer",
    "Case",
    "Coding",
    "Condition",
    "Dose",
    "Member",
    "Observation",
    "Quantity",
    "Request",
    "Source",
    "Therapy",
    "case_schema",
]

QUESTION_PATTERN = r"[a-z][a-z0-9_]*(\([a-z0-9_]+\))?"
"""The id of a question, or of one member of a family: `hiv`, `failed(glatiramer_acetate)`."""
_WHOLE = Meta(ge=1, le=2_000_000)

Date = Annotated[
    str | int,
    Meta(
        description="A date: YYYY, YYYY-MM or YYYY-MM-DD; a shorter one is a range.",
        extra_json_schema={"pattern": f"^{DATE_PATTERN}$", "minimum": 1000, "maximum": 9999},
        extra={"noun": "a date"},
    ),
]
Id = Annotated[str, Meta(min_length=1, description="The record's own id, unique in the case.")]
Code = Annotated[str, Meta(min_length=1, description="A code as its system writes it.")]
System = Annotated[
    str,
    Meta(min_length=1, description="icd-10-cm, snomed, rxnorm, ndc, hcpcs or loinc."),
]
Documented = Annotated[
    bool,
    Meta(description="Written in the chart, not only claimed; absent: true beside a source."),
]


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all have in common: an unknown key is an error."""


class Quantity(_Keys, frozen=True):
    """An amount: a whole number of vials or billing units, or mg or mL to three decimals."""

    value: Annotated[
        Any,
        Meta(
            extra_json_schema={"type": "number", "exclusiveMinimum": 0, "maximum": 2_000_000},
        ),
    ]
    unit: Annotated[Unit, Meta(description="`unit` is the HCPCS billing unit.")]


class Dosed(Quantity, frozen=True):
    """A dose, and how many times it is to be given; without `times`, once at least."""

    times: Annotated[int, _WHOLE] | None = None


class Source(_Keys, frozen=True):
    """Where a record was read."""

    document: str | None = None
    page: Annotated[int, _WHOLE] | None = None
    line: Annotated[int, _WHOLE] | None = None
    quote: str | None = None
    reference: Annotated[str, Meta(description="A FHIR reference.")] | None = None
    pointer: Annotated[str, Meta(description="A JSON pointer into the resource.")] | None = None


class Coding(_Keys, frozen=True):
    """A diagnosis."""

    code: Code
    system: System | None = None
    display: str | None = None


class Request(_Keys, frozen=True):
    """What is asked for."""

    received: Date | None = None
    plan: str | None = None
    product: str | None = None
    code: Code | None = None
    system: System | None = None
    hcpcs: Code | None = None
    quantity: Quantity | None = None
    billed_units: (
        Annotated[int, _WHOLE, Meta(description="The same quantity in HCPCS units.")] | None
    ) = None
    dosed: (
        Annotated[
            list[Dosed], Meta(max_length=1_000, description="The doses that the quantity is for.")
        ]
        | None
    ) = None
    service_dates: list[Date] | None = None
    course: (
        Annotated[int, _WHOLE, Meta(description="Which treatment course this is, from 1.")] | None
    ) = None
    indication: Coding | None = None
    source: Source | None = None


class Member(_Keys, frozen=True):
    """The person."""

    birth_date: Date | None = None


class Condition(_Keys, frozen=True):
    """An entry of the problem list or a diagnosis: a code, a statement in words, or both."""

    id: Id
    code: Code | None = None
    system: System | None = None
    display: str | None = None
    status: Status | None = None
    activity: Activity | None = None
    onset: Date | None = None
    recorded: Date | None = None
    end: Date | None = None
    documented: Documented | None = None
    source: Source | None = None


class Therapy(_Keys, frozen=True):
    """A drug that was ordered, taken or given: by name, or by code and system."""

    id: Id
    product: str | None = None
    code: Code | None = None
    system: System | None = None
    start: Date | None = None
    end: Date | None = None
    ongoing: bool | None = None
    taken: bool | None = None
    response: Response | None = None
    stopped_for: StoppedFor | None = None
    indication: Coding | None = None
    documented: Documented | None = None
    source: Source | None = None


class Observation(_Keys, frozen=True):
    """A test: its result in words, or a value with its unit."""

    id: Id
    code: Code
    system: System | None = None
    display: str | None = None
    result: Result | None = None
    value: Annotated[Any, Meta(extra_json_schema={"type": ["number", "null"]})] = None
    unit: str | None = None
    date: Date | None = None
    documented: Documented | None = None
    source: Source | None = None


class Dose(_Keys, frozen=True):
    """A dose of the requested product that was given before."""

    id: Id
    date: Date | None = None
    quantity: Quantity | None = None
    documented: Documented | None = None
    source: Source | None = None


class Allergy(_Keys, frozen=True):
    """An allergy to a substance, or an intolerance of it: by name, or by code and system."""

    id: Id
    product: str | None = None
    code: Code | None = None
    system: System | None = None
    status: Status | None = None
    onset: Date | None = None
    recorded: Date | None = None
    documented: Documented | None = None
    source: Source | None = None


# A pair stays a list here: msgspec 0.22 reads beyond its memory for a tuple beside a
# bounded integer in one union.
Value = Annotated[
    str | int | list[int],
    Meta(
        description="The answer: a word, a whole number, or a pair of whole numbers.",
        extra={"noun": "text, a whole number or a pair of whole numbers"},
    ),
]


class Answer(_Keys, frozen=True):
    """A question answered directly."""

    question: Annotated[
        str,
        Meta(
            description="The id of a question: hiv, failed(glatiramer_acetate).",
            extra_json_schema={"pattern": f"^{QUESTION_PATTERN}$"},
        ),
    ]
    answer: Value
    by: str | None = None
    date: Date | None = None
    overrules: (
        Annotated[list[Id], Meta(description="Records set aside for this question.")] | None
    ) = None
    source: Source | None = None


class Case(_Keys, frozen=True):
    """A request with everything that is known about it."""

    id: Id
    request: Request | None = None
    member: Member | None = None
    conditions: list[Condition] | None = None
    therapies: list[Therapy] | None = None
    observations: list[Observation] | None = None
    doses: list[Dose] | None = None
    allergies: list[Allergy] | None = None
    answers: list[Answer] | None = None
    complete: (
        Annotated[list[Section], Meta(description="Lists that the sender states to be complete.")]
        | None
    ) = None
    excerpts: (
        Annotated[list[Section], Meta(description="Lists that are known to be excerpts.")] | None
    ) = None


def case_schema() -> dict[str, Any]:
    """Return the JSON Schema of a case (draft 2020-12)."""
    schema = msgspec.json.schema(Case)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Case", **schema}
