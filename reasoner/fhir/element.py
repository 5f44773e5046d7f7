"""One element of a FHIR document: its fields by name and type, each with its JSON pointer.

What has the wrong JSON type is an error that names the place; what is absent is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from reasoner.case.day import read_day
from reasoner.case.document import check_text
from reasoner.case.place import Fault, show
from reasoner.errors import CaseError
from reasoner.model import Day

__all__ = ["Element", "bound", "pointer_to"]

_T = TypeVar("_T")

# A dateTime is read up to its day, as written: the time and its zone are no part of it.
_DATE_TIME = re.compile(
    r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)"
    r"(?:(?<=-[0-9]{2}-[0-9]{2})T[0-9]{2}:[0-9]{2}[0-9:.]*(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A JSON object of the document *where*, at *pointer*."""

    fields: Mapping[str, object]
    where: str
    pointer: str

    def at(self, *steps: str | int) -> str:
        """Return the pointer to what lies below."""
        return pointer_to(self.pointer, *steps)

    def fault(self, code: str, message: str, *steps: str | int, hint: str = "") -> CaseError:
        """Return the error that names the place below."""
        where = f"{self.where} {self.at(*steps)}".strip()
        return CaseError(code, message, where=where, hint=hint)

    def text(self, name: str) -> str | None:
        """Return a string; one without a visible character is absent."""
        found = self.fields.get(name)
        if found is None:
            return None
        return self._clean(self._typed(found, str, "text", name), name)

    def word(self, name: str) -> str | None:
        """Return a code or an id: a string that holds nothing invisible."""
        text = self.text(name)
        if text is not None and not text.isprintable():
            raise self.fault(
                "fhir.text",
                f"`{name}` holds an invisible character, found {show(text)}",
                name,
                hint="remove it; line breaks and tabs are for free text",
            )
        return text

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        found = self.fields.get(name)
        return None if found is None else self._typed(found, bool, "`true` or `false`", name)

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        found = self.fields.get(name)
        return None if found is None else self._typed(found, int, "a whole number", name)

    def day(self, name: str) -> Day | None:
        """Return the days that a date or dateTime means, its time ignored."""
        text = self.word(name)
        return None if text is None else self._day(text, name)

    def days(self, name: str) -> list[Day | None]:
        """Return a list of dateTimes; one that only has an extension is None."""
        return [
            None if item is None else self._day(self._typed(item, str, "text", name, at), name, at)
            for at, item in enumerate(self._list(name))
        ]

    def one(self, name: str) -> Element | None:
        """Return the element below."""
        found = self.fields.get(name)
        if found is None:
            return None
        return Element(self._typed(found, dict, "an object", name), self.where, self.at(name))

    def many(self, name: str) -> Iterator[Element]:
        """Yield the elements of a list."""
        for at, item in enumerate(self._list(name)):
            fields = self._typed(item, dict, "an object", name, at)
            yield Element(fields, self.where, self.at(name, at))

    def length(self, name: str) -> int:
        """Return how many items a list has."""
        return len(self._list(name))

    def numbers(self, name: str) -> list[int]:
        """Return a list of whole numbers."""
        return [
            self._typed(item, int, "a whole number", name, at)
            for at, item in enumerate(self._list(name))
        ]

    def _list(self, name: str) -> list[object]:
        found = self.fields.get(name)
        return [] if found is None else self._typed(found, list, "a list", name)

    def _typed(self, found: object, kind: type[_T], noun: str, *steps: str | int) -> _T:
        if isinstance(found, kind) and (kind is bool or not isinstance(found, bool)):
            return found
        raise self.fault(
            "fhir.type",
            f"`{steps[0]}` must be {noun}, found {show(found)}",
            *steps,
            hint="write the resource as FHIR R4 has it",
        )

    def _clean(self, text: str, *steps: str | int) -> str | None:
        try:
            check_text(text)
        except Fault as fault:
            raise self.fault(fault.code, fault.message, *steps, hint=fault.hint) from None
        return text if text.strip() else None

    def _day(self, text: str, *steps: str | int) -> Day:
        found = _DATE_TIME.fullmatch(text)
        try:
            return read_day(found[1] if found else text)
        except Fault as fault:
            raise self.fault(fault.code, fault.message, *steps, hint=fault.hint) from None


def bound(element: Element, name: str, side: str) -> Day | None:
    """Return the `start` or `end` of the Period called *name*."""
    period = element.one(name)
    return None if period is None else period.day(side)


def pointer_to(pointer: str, *steps: str | int) -> str:
    """Return the JSON pointer (RFC 6901) to what lies below *pointer*.

    >>> pointer_to("/entry/3", "resource", "a/b")
    '/entry/3/resource/a~1b'
    """
    below = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join((pointer, *("/" + step for step in below)))
