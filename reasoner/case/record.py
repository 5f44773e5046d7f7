"""The parts of a case, one by one: what a record says, checked for sense."""

from __future__ import annotations

import re

from reasoner.case import notation
from reasoner.case.amount import read_amount, read_measured
from reasoner.case.day import read_day
from reasoner.case.place import Fault, each, optional, show
from reasoner.model import (
    Allergy,
    Answer,
    AnswerValue,
    Coding,
    Condition,
    Day,
    Dose,
    Dosed,
    Member,
    Observation,
    Quantity,
    Request,
    Source,
    Therapy,
)

__all__ = [
    "check_name",
    "read_allergy",
    "read_answer",
    "read_condition",
    "read_dose",
    "read_member",
    "read_observation",
    "read_request",
    "read_therapy",
]

_QUESTION = re.compile(notation.QUESTION_PATTERN)


def read_request(note: notation.Request) -> Request:
    """Return what is asked for."""
    if note.hcpcs is not None:
        check_name(note.hcpcs, "hcpcs")
    _check_drug_code(note.code, note.system)
    return Request(
        received=_day("received", note.received),
        plan=note.plan,
        product=note.product,
        code=note.code,
        system=note.system,
        hcpcs=note.hcpcs,
        quantity=optional("quantity", _quantity, note.quantity),
        billed_units=note.billed_units,
        dosed=each("dosed", _dosed, note.dosed),
        service_dates=each("service_dates", read_day, note.service_dates),
        course=note.course,
        indication=optional("indication", _coding, note.indication),
        source=_source(note.source),
    )


def read_member(note: notation.Member) -> Member:
    """Return the person."""
    return Member(_day("birth_date", note.birth_date))


def read_condition(note: notation.Condition) -> Condition:
    """Return the diagnosis; without a system its code is one of ICD-10-CM."""
    check_name(note.id, "id")
    if note.code is not None:
        check_name(note.code, "code")
    elif note.activity is None and not (note.display and note.display.strip()):
        raise Fault(
            "case.missing",
            "a condition needs a `code`, a `display` or an `activity`",
            hint="write the code, or what the source says in words as `display`",
        )
    return Condition(
        id=note.id,
        code=note.code,
        system=note.system or "icd-10-cm",
        display=note.display,
        status=note.status,
        activity=note.activity,
        onset=_day("onset", note.onset),
        recorded=_day("recorded", note.recorded),
        end=_day("end", note.end),
        documented=note.documented,
        source=_source(note.source),
    )


def read_therapy(note: notation.Therapy) -> Therapy:
    """Return the therapy: it names its drug, or gives a code and the system of it."""
    check_name(note.id, "id")
    _check_drug(note, "a therapy", hint="write the brand or the ingredient as the source does")
    return Therapy(
        id=note.id,
        product=note.product,
        code=note.code,
        system=note.system,
        start=_day("start", note.start),
        end=_day("end", note.end),
        ongoing=note.ongoing,
        taken=note.taken,
        response=note.response,
        stopped_for=note.stopped_for,
        indication=optional("indication", _coding, note.indication),
        documented=note.documented,
        source=_source(note.source),
    )


def read_observation(note: notation.Observation) -> Observation:
    """Return the test; without a system its code is one of LOINC."""
    check_name(note.id, "id")
    check_name(note.code, "code")
    if note.value is not None and not (note.unit and note.unit.strip()):
        message = "a `value` needs its `unit`"
        raise Fault("case.missing", message, "unit", hint="unit: copies/mL")
    return Observation(
        id=note.id,
        code=note.code,
        system=note.system or "loinc",
        display=note.display,
        result=note.result,
        value=optional("value", read_measured, note.value),
        unit=note.unit,
        date=_day("date", note.date),
        documented=note.documented,
        source=_source(note.source),
    )


def read_dose(note: notation.Dose) -> Dose:
    """Return the dose."""
    check_name(note.id, "id")
    return Dose(
        id=note.id,
        date=_day("date", note.date),
        quantity=optional("quantity", _quantity, note.quantity),
        documented=note.documented,
        source=_source(note.source),
    )


def read_allergy(note: notation.Allergy) -> Allergy:
    """Return the allergy: it names its substance, or gives a code and the system of it."""
    check_name(note.id, "id")
    _check_drug(note, "an allergy", hint="write the drug or the substance as the source does")
    return Allergy(
        id=note.id,
        product=note.product,
        code=note.code,
        system=note.system,
        status=note.status,
        onset=_day("onset", note.onset),
        recorded=_day("recorded", note.recorded),
        documented=note.documented,
        source=_source(note.source),
    )


def read_answer(note: notation.Answer) -> Answer:
    """Return the answer; whether its question exists is for the policy to say."""
    if not _QUESTION.fullmatch(note.question):
        raise Fault(
            "case.question",
            f"`question` must be the id of a question, found {show(note.question)}",
            "question",
            hint="write it as `reasoner policy questions` does: hiv, failed(glatiramer_acetate)",
        )
    return Answer(
        question=note.question,
        answer=_answer_value(note.answer),
        by=note.by,
        date=_day("date", note.date),
        overrules=tuple(note.overrules or ()),
        source=_source(note.source),
    )


def _answer_value(value: str | int | list[int]) -> AnswerValue:
    match value:
        case str():
            check_name(value, "answer")
            return value
        case [first, second] if _is_small(first) and _is_small(second):
            return first, second
        case int() if _is_small(value):
            return value
        case [_, _] | int():
            raise Fault("case.answer", f"`answer` is out of range, found {show(value)}", "answer")
        case _:
            message = f"`answer` must be a pair of numbers, found a list of {len(value)}"
            raise Fault("case.answer", message, "answer", hint="answer: [3, 5]")


def _is_small(value: int) -> bool:
    return -(2**31) <= value < 2**31


# --- what records are made of ------------------------------------------------------------


def check_name(text: str, name: str) -> None:
    """Refuse a name or a code that is blank or holds what nobody sees."""
    if not text.isprintable():
        raise Fault(
            "case.text",
            f"`{name}` holds an invisible character, found {show(text)}",
            name,
            hint="remove it; line breaks and tabs are for quotes",
        )
    if not text or text.isspace():
        raise Fault("case.text", f"`{name}` must not be empty", name)


def _check_drug(note: notation.Therapy | notation.Allergy, what: str, *, hint: str) -> None:
    if note.code is None and not (note.product and note.product.strip()):
        message = f"{what} needs a `product`, or a `code` with its `system`"
        raise Fault("case.missing", message, hint=hint)
    _check_drug_code(note.code, note.system)


def _check_drug_code(code: str | None, system: str | None) -> None:
    """Check the code of a drug: it means nothing without its system."""
    if code is not None:
        check_name(code, "code")
        if system is None:
            hint = "name it: rxnorm, ndc, hcpcs or snomed"
            raise Fault("case.missing", "a `code` needs its `system`", "system", hint=hint)
    elif system is not None:
        raise Fault("case.missing", "a `system` stands without a `code`", "code")


def _coding(note: notation.Coding) -> Coding:
    check_name(note.code, "code")
    return Coding(note.code, note.system or "icd-10-cm", note.display)


def _quantity(note: notation.Quantity) -> Quantity:
    if note.value is None:
        raise Fault("case.missing", "`value` is missing", "value")
    try:
        return Quantity(read_amount(note.value, note.unit), note.unit)
    except Fault as fault:
        raise fault.under("value") from None


def _dosed(note: notation.Dosed) -> Dosed:
    dose = _quantity(note)
    if note.times is not None:
        read_amount(dose.value * note.times, dose.unit)  # together no more than an amount can be
    return Dosed(dose.value, dose.unit, note.times)


def _day(name: str, value: str | int | None) -> Day | None:
    return optional(name, read_day, value)


def _source(note: notation.Source | None) -> Source | None:
    if note is None:
        return None
    return Source(note.document, note.page, note.line, note.quote, note.reference, note.pointer)
