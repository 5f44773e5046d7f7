"""A record as a line: what it says, when, and where it was read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from explain.language import ENGLISH, Language
from reasoner.model import (
    Allergy,
    Answer,
    Case,
    Coding,
    Condition,
    Day,
    Dose,
    Dosed,
    Observation,
    Quantity,
    Source,
    Therapy,
)

__all__ = ["RecordView", "records_of", "source_text"]

_NO_CONTENT = {"id", "source", "documented", "system", "date", "recorded", "question", "overrules"}
_LABELS = {"hcpcs": "HCPCS code"}
_SEVERAL = {"vial": "vials", "unit": "units"}
# Fields with a word of a closed list, or with yes or no.
_CLOSED = {"status", "activity", "response", "stopped_for", "result", "taken", "ongoing"}
Record = Condition | Therapy | Observation | Dose | Allergy | Answer


class RecordView(msgspec.Struct, frozen=True):
    """A record, or a part of the request, as it is shown.

    *section* is where it stands in the case, *said* what it says, *day* its date and
    *source* where it was read; empty is *not stated*.
    """

    id: str
    section: str
    said: str
    day: str = ""
    source: str = ""


def records_of(case: Case, language: Language = ENGLISH) -> dict[str, RecordView]:
    """Return every record of *case* by the name that a voice has for it, in *language*."""
    text = language.text
    found: dict[str, RecordView] = {}
    received = case.request.received.text if case.request.received else ""
    for section in ("conditions", "therapies", "observations", "doses"):
        for record in getattr(case, section):
            found[record.id] = _view(record.id, section, record, language)
        complete = section in case.complete
        found[f"complete[{section}]"] = RecordView(
            text(f"the list of {section}"),
            section,
            text("stated to be complete") if complete else text("as it stands"),
            received,
            text("the request"),
        )
    for allergy in case.allergies:
        found[allergy.id] = _view(allergy.id, "allergies", allergy, language)
    for index, answer in enumerate(case.answers):
        name = f"answers[{index}]"
        found[name] = _view(name, "answers", answer, language)
    request = case.request
    found["request"] = RecordView(
        text("the request"),
        "request",
        ", ".join(_fields(request, language)),
        received,
        source_text(request.source, language),
    )
    birth = case.member.birth_date
    born = text("born {day}", day=birth.text) if birth else ""
    found["member"] = RecordView(text("the person"), "member", born, received, text("the request"))
    return found


def _view(name: str, section: str, record: Record, language: Language) -> RecordView:
    text = language.text
    day = getattr(record, "date", None) or getattr(record, "recorded", None)
    said = list(_fields(record, language))
    if record.source is None and getattr(record, "documented", None) is not True:
        said += [text("no source")] if section != "answers" else []
    if getattr(record, "documented", None) is False:
        said.append(text("not documented"))
    return RecordView(
        name,
        section,
        ", ".join(said),
        day.text if day else _span(record, language),
        source_text(record.source, language),
    )


def _span(record: Record, language: Language) -> str:
    """Return from when to when a therapy lasted, as far as that is stated."""
    start, end = (getattr(record, name, None) for name in ("start", "end"))
    match start, end:
        case Day(), Day():
            return language.text("{start} to {end}", start=start.text, end=end.text)
        case Day(), None:
            return language.text("from {start}", start=start.text)
        case None, Day():
            return language.text("to {end}", end=end.text)
        case _:
            return ""


def _fields(record: msgspec.Struct, language: Language) -> Iterator[str]:
    """Yield what is stated, in the order in which the fields are declared."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value is None or value == () or name in _NO_CONTENT:
            continue
        if name == "code" and isinstance(record, Condition | Observation):
            yield f"{value} ({record.display})" if record.display else str(value)
        elif name in _CLOSED:  # field and word are one message: they agree in other languages
            yield language.text(f"{name} {_value(value, ENGLISH)}".replace("_", " "))
        elif name == "value":  # its unit is a code of UCUM: no word
            unit = getattr(record, "unit", None) or ""
            yield f"{language.text(name)} {_value(value, language)} {unit}".rstrip()
        elif name not in {"display", "received", "unit"}:
            label = _LABELS.get(name, name.replace("_", " "))
            yield f"{language.text(label)} {_value(value, language)}"


def _value(value: object, language: Language) -> str:
    match value:
        case Day():
            return value.text
        case Coding():
            return value.code
        case Quantity():
            return _amount(value, language)
        case Dosed():
            each = _amount(value, language)
            return f"{value.times} x {each}" if value.times else each
        case Decimal():
            return f"{value:f}"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(_value(one, language) for one in value)
        case _:
            return str(value).replace("_", " ")


def _amount(amount: Quantity | Dosed, language: Language) -> str:
    unit = amount.unit if amount.value == 1 else _SEVERAL.get(amount.unit, amount.unit)
    return f"{_value(amount.value, language)} {language.text(unit)}"


def source_text(source: Source | None, language: Language = ENGLISH) -> str:
    """Return a source as it is cited: `neurology.pdf, page 2`."""
    if source is None:
        return ""
    parts = [source.document or "", source.reference or ""]
    for number, words in ((source.page, "page {number}"), (source.line, "line {number}")):
        parts += [language.text(words, number=str(number))] if number is not None else []
    parts += [source.pointer or ""]
    text = ", ".join(part for part in parts if part)
    return f'{text}: "{source.quote}"' if source.quote else text
