"""A record as a line: what it says, when, and where it was read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from reasoner.model import (
    Answer,
    Case,
    Coding,
    Condition,
    Day,
    Dose,
    Observation,
    Quantity,
    Source,
    Therapy,
)

__all__ = ["RecordView", "records_of", "source_text"]

_NO_CONTENT = {"id", "source", "documented", "system", "date", "recorded", "question", "overrules"}
Record = Condition | Therapy | Observation | Dose | Answer


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


def records_of(case: Case) -> dict[str, RecordView]:
    """Return every record of *case* by the name that a voice has for it."""
    found: dict[str, RecordView] = {}
    for section in ("conditions", "therapies", "observations", "doses"):
        for record in getattr(case, section):
            found[record.id] = _view(record.id, section, record)
        complete = section in case.complete
        found[f"complete[{section}]"] = RecordView(
            f"the list of {section}",
            section,
            "stated to be complete" if complete else "as it stands",
        )
    for index, answer in enumerate(case.answers):
        name = f"answers[{index}]"
        found[name] = _view(name, "answers", answer)
    request = case.request
    found["request"] = RecordView(
        "the request",
        "request",
        ", ".join(_fields(request)),
        request.received.text if request.received else "",
        source_text(request.source),
    )
    birth = case.member.birth_date
    found["member"] = RecordView("the person", "member", f"born {birth.text}" if birth else "")
    return found


def _view(name: str, section: str, record: Record) -> RecordView:
    day = getattr(record, "date", None) or getattr(record, "recorded", None)
    said = ", ".join(_fields(record))
    if record.source is None and getattr(record, "documented", None) is not True:
        said += ", no source" if section in ("conditions", "therapies") else ""
    if getattr(record, "documented", None) is False:
        said += ", not documented"
    return RecordView(name, section, said, day.text if day else "", source_text(record.source))


def _fields(record: msgspec.Struct) -> Iterator[str]:
    """Yield what is stated, in the order in which the fields are declared."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value is None or value == () or name in _NO_CONTENT:
            continue
        if name == "code" and isinstance(record, Condition | Observation):
            yield f"{value} ({record.display})" if record.display else str(value)
        elif name not in {"display", "received"}:
            yield f"{name.replace('_', ' ')} {_value(value)}"


def _value(value: object) -> str:
    match value:
        case Day():
            return value.text
        case Coding():
            return value.code
        case Quantity():
            return f"{_value(value.value)} {value.unit}"
        case Decimal():
            return f"{value:f}"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(_value(one) for one in value)
        case _:
            return str(value).replace("_", " ")


def source_text(source: Source | None) -> str:
    """Return a source as it is cited: `neurology.pdf, page 2`."""
    if source is None:
        return ""
    parts = [source.document or "", source.reference or ""]
    parts += [f"page {source.page}"] if source.page is not None else []
    parts += [f"line {source.line}"] if source.line is not None else []
    parts += [source.pointer or ""]
    text = ", ".join(part for part in parts if part)
    return f'{text}: "{source.quote}"' if source.quote else text
