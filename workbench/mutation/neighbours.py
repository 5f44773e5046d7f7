"""Cases near the rows of a policy: one or two things changed, made of what other rows say.

Where no row notices a mutant, one of these may, and shows which row is missing. They are
drawn by a generator with a fixed seed, so that the same rows have the same neighbours.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from reasoner import model
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from workbench.suite.row import Row, case_of

__all__ = ["neighbours"]

_SEED = 52
_WORDS: Mapping[str, Sequence[object]] = {
    "status": model.Status.__args__,  # type: ignore[attr-defined]
    "activity": model.Activity.__args__,  # type: ignore[attr-defined]
    "response": model.Response.__args__,  # type: ignore[attr-defined]
    "stopped_for": model.StoppedFor.__args__,  # type: ignore[attr-defined]
    "result": model.Result.__args__,  # type: ignore[attr-defined]
    "taken": (True, False),
    "ongoing": (True, False),
    "documented": (True, False),
}
_STEPS = (-366, -365, -31, -28, -27, -1, 1, 27, 28, 31, 365, 366)
"""Days by which a date is moved: a day, a month, a year, and one less."""

_KINDS = {"field": 50, "record": 22, "drop": 8, "complete": 6, "answer": 7, "reading": 7}
_CHANGES = {"away": 2, "moved": 3, "other": 5}
"""What is changed, and how often of a hundred or of ten."""

Document = dict[str, Any]


def neighbours(reasoner: Reasoner, rows: Sequence[Row], count: int, seed: int = _SEED) -> list[Row]:
    """Return up to *count* rows near *rows*, whose expectations say nothing yet."""
    drawn = random.Random(seed)  # noqa: S311 -- not a secret: the same draws each time
    known = _Known(rows, reasoner)
    found: list[Row] = []
    seen: set[str] = {row.case.digest + repr(sorted(row.readings.items())) for row in rows}
    for _ in range(count * 2):
        if len(found) == count:
            break
        row = drawn.choice(rows)
        document = copy.deepcopy(row.document)
        readings = dict(row.readings)
        for _ in range(drawn.choice((1, 1, 2))):
            known.change(document, readings, drawn)
        try:
            case = case_of(document, "near", "near")
            reasoner.check_questions(case)
        except ReasonerError:
            continue
        key = case.digest + repr(sorted(readings.items()))
        if key not in seen:
            seen.add(key)
            found.append(
                msgspec.structs.replace(row, document=document, case=case, readings=readings)
            )
    return found


class _Known:
    """What the rows say: the records of each section, the values of each field."""

    def __init__(self, rows: Sequence[Row], reasoner: Reasoner) -> None:
        self.records: dict[str, dict[str, Document]] = {}
        self.values: dict[tuple[str, str], dict[str, object]] = {}
        self.answers: dict[str, Document] = {}
        self.readings = {name: [str(v) for v in vs] for name, vs in reasoner.readings.items()}
        for row in rows:
            for section, place, fields in _parts(row.document):
                if place and section != "request":
                    self.records.setdefault(section, {}).setdefault(repr(fields), fields)
                for field, value in fields.items():
                    self.values.setdefault((section, field), {}).setdefault(repr(value), value)
            for answer in row.document.get("answers", ()):
                self.answers.setdefault(repr(answer), answer)

    def change(self, document: Document, readings: dict[str, str], drawn: random.Random) -> None:
        """Change one thing in *document*, or a reading."""
        section, place, fields = drawn.choice(list(_parts(document)))
        match drawn.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]:
            case "field":
                self._field(section, fields, drawn)
            case "record":
                self._add(document, drawn)
            case "drop" if place:
                document[section].pop(place)
            case "complete":
                given = set(document.get("complete", ()))
                document["complete"] = sorted(given ^ {drawn.choice(model.SECTIONS[:4])})
            case "answer" if self.answers:
                more = drawn.choice(list(self.answers.values()))
                document["answers"] = [*document.get("answers", ()), more]
            case "reading" if self.readings:
                name = drawn.choice(sorted(self.readings))
                readings[name] = drawn.choice(self.readings[name])

    def _add(self, document: Document, drawn: random.Random) -> None:
        """Add a record of another row, as it is or with one thing changed."""
        section = drawn.choice(sorted(self.records))
        record = copy.deepcopy(drawn.choice(list(self.records[section].values())))
        own = document.setdefault(section, {})
        if isinstance(own, dict):
            if drawn.choice((True, False)):
                self._field(section, record, drawn)
            own[f"n{len(own) + 1}"] = record

    def _field(self, section: str, fields: Document, drawn: random.Random) -> None:
        """Change one field of a record: away, moved a little, or as it is elsewhere."""
        names = sorted(name for place, name in self.values if place == section)
        if not names:
            return  # no row says anything of it
        name = drawn.choice(drawn.choice([sorted(fields) or names, names]))
        others = _WORDS.get(name) or list(self.values.get((section, name), {}).values())
        match drawn.choices(tuple(_CHANGES), tuple(_CHANGES.values()))[0]:
            case "away":
                fields.pop(name, None)
            case "moved" if (value := _moved(fields.get(name), drawn)) is not None:
                fields[name] = value
            case _ if others:
                fields[name] = copy.deepcopy(drawn.choice(others))


def _parts(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Yield the records of a case with their sections and ids, and the request."""
    for section in model.SECTIONS:
        records = document.get(section)
        if isinstance(records, dict):
            for place, fields in records.items():
                if isinstance(fields, dict):
                    yield section, place, fields
    for section in ("request", "member"):
        yield section, "", document.setdefault(section, {})


def _moved(value: object, drawn: random.Random) -> object | None:
    """Return *value* moved by a little, where it is a day or a number."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + drawn.choice((-1, 1)))
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
        return str(day + dt.timedelta(days=drawn.choice(_STEPS)))
    except (ValueError, OverflowError):
        return None
