"""What a case says as a whole: its records, each checked for sense, and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from reasoner.case import notation
from reasoner.case.digest import case_digest
from reasoner.case.place import Fault, each, optional, show
from reasoner.case.record import (
    check_name,
    read_allergy,
    read_answer,
    read_condition,
    read_dose,
    read_member,
    read_observation,
    read_request,
    read_therapy,
)
from reasoner.errors import nearest
from reasoner.model import (
    Allergy,
    Answer,
    Case,
    Condition,
    Dose,
    Member,
    Observation,
    Request,
    Therapy,
)

__all__ = ["MAX_ANSWERS", "MAX_RECORDS", "check_records", "read_content"]

MAX_RECORDS = 10_000
"""Records of a case, its answers among them."""
MAX_ANSWERS = 1_000
"""Answers of one question; planned days of one request."""


_KEPT = ("request", "member")


def read_content(note: notation.Case, *, origin: str) -> Case:
    """Return what *note* says.

    A record that contradicts the calendar or itself (it ends before it starts) is no fault
    here: the rules weigh it.

    Raises:
        Fault: no rule could make sense of it.
    """
    check_name(note.id, "id")
    _check_counts(note)
    case = Case(
        id=note.id,
        digest="",
        request=optional("request", read_request, note.request) or Request(),
        member=optional("member", read_member, note.member) or Member(),
        conditions=each("conditions", read_condition, note.conditions),
        therapies=each("therapies", read_therapy, note.therapies),
        observations=each("observations", read_observation, note.observations),
        doses=each("doses", read_dose, note.doses),
        allergies=each("allergies", read_allergy, note.allergies),
        answers=each("answers", read_answer, note.answers),
        complete=tuple(dict.fromkeys(note.complete or ())),
        excerpts=tuple(dict.fromkeys(note.excerpts or ())),
        origin=origin,
    )
    check_records(case)
    return msgspec.structs.replace(case, digest=case_digest(case))


def check_records(case: Case) -> None:
    """Refuse records of one id, and answers that overrule what is not there.

    Raises:
        Fault: it names the section and the record.
    """
    _check_answers(case.answers, _check_ids(case))


def _check_counts(note: notation.Case) -> None:
    both = set(note.complete or ()) & set(note.excerpts or ())
    if both:
        message = f"`{min(both)}` is called complete and an excerpt"
        raise Fault("case.complete", message, "excerpts", hint="name it in one of the two")
    count = 0
    for name in ("conditions", "therapies", "observations", "doses", "allergies", "answers"):
        count += len(getattr(note, name) or ())
        if count > MAX_RECORDS:
            raise Fault("case.size", f"the case has more than {MAX_RECORDS:,} records", name)
    if note.request and len(note.request.service_dates or ()) > MAX_ANSWERS:
        message = f"the request has more than {MAX_ANSWERS:,} planned days"
        raise Fault("case.size", message, "request", "service_dates")


def _check_ids(case: Case) -> dict[str, tuple[str, int]]:
    """Return the section and index of every id; an id is unique in the case."""
    places: dict[str, tuple[str, int]] = {}
    sections: dict[str, Sequence[Condition | Therapy | Observation | Dose | Allergy]] = {
        "conditions": case.conditions,
        "therapies": case.therapies,
        "observations": case.observations,
        "doses": case.doses,
        "allergies": case.allergies,
    }
    for section, records in sections.items():
        for index, record in enumerate(records):
            if record.id in _KEPT or record.id.startswith(("answers[", "complete[")):
                message = f"the id {show(record.id)} is kept for another part of the case"
                raise Fault("case.id", message, section, index, "id", hint="choose another id")
            if record.id in places:
                first, at = places[record.id]
                raise Fault(
                    "case.duplicate",
                    f"the id {show(record.id)} is used twice",
                    *(section, index, "id"),
                    hint=f"{first}[{at}] has it too; an id is unique in the whole case",
                )
            places[record.id] = (section, index)
    return places


def _check_answers(answers: tuple[Answer, ...], places: dict[str, tuple[str, int]]) -> None:
    counts: Counter[str] = Counter()
    for index, answer in enumerate(answers):
        counts[answer.question] += 1
        if counts[answer.question] > MAX_ANSWERS:
            message = f"{show(answer.question)} is answered more than {MAX_ANSWERS:,} times"
            raise Fault("case.size", message, "answers", index, "question")
        for at, name in enumerate(answer.overrules):
            if name not in places and name != "request":
                raise Fault(
                    "case.reference",
                    f"`overrules` names {show(name)}, and no record has that id",
                    *("answers", index, "overrules", at),
                    hint=nearest(name, list(places)),
                )
