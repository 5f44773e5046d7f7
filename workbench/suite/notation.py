"""How a file of tests is written: its keys, their types, and the first place that does not fit."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from reasoner.case.place import Fault, show
from reasoner.errors import nearest
from workbench.suite.expectation import RECOMMENDATIONS, Expectation, from_words

__all__ = ["File", "RowNote", "expectation", "fitted"]

_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_PLACE = re.compile(r" - at `(?:key in )?`?\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"unknown field `(.*)`")


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all have in common: an unknown key is an error."""


class File(_Keys, frozen=True):
    """A file of tests; *base* is a case or the name of the file that has it."""

    base: dict[str, Any] | str | None = None
    rows: list[Any] = []
    about: str = ""
    decided_on: str | None = None
    as_of: str | None = None
    readings: dict[str, Any] = {}
    shapes: Any = None


class RowNote(_Keys, frozen=True):
    """A row as it is written."""

    name: str
    expect: Any
    origin: str = msgspec.field(name="from", default="")
    change: dict[str, Any] | None = None
    case: dict[str, Any] | None = None
    under: dict[str, Any] = {}
    decided_on: str | None = None
    as_of: str | None = None
    readings: dict[str, Any] = {}


def fitted(value: object, kind: type[_Kind]) -> _Kind:
    """Return *value* as the *kind* that it should be.

    Raises:
        Fault: it does not fit; the fault says where.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), kind) from None


def _misfit(message: str, kind: type[msgspec.Struct]) -> Fault:
    text = _PLACE.sub("", message)
    place = _PLACE.search(message)
    path: list[str | int] = []
    for found in _STEP.finditer(place[1] if place else ""):
        if found[1]:
            path.append(found[1])
        elif found[2]:
            path.append(int(found[2]))
    unknown = _UNKNOWN.search(text)
    if unknown:
        known = [field.encode_name for field in msgspec.structs.fields(kind)]
        hint = nearest(unknown[1], known) or f"known here: {', '.join(known)}"
        name = unknown[1]
        return Fault("test.unknown_key", f"unknown key {show(name)}", *path, name, hint=hint)
    hint = 'write "yes" or "no" in quotes' if "got `bool`" in text else "see docs/testing.md"
    return Fault("test.type", text[:1].lower() + text[1:], *path, hint=hint)


def expectation(value: object) -> Expectation:
    """Return what *value*, keys or their short form, expects.

    Raises:
        Fault: it is no expectation, or it looks at nothing.
    """
    if isinstance(value, str):
        try:
            value = from_words(value)
        except ValueError as error:
            hint = f"one of {', '.join(RECOMMENDATIONS)}"
            raise Fault("test.expect", str(error), hint=hint) from None
    if not isinstance(value, dict) or not value:
        message = f"an expectation is a mapping, found {show(value)}"
        raise Fault("test.expect", message, hint="expect: {approve: 5}")
    several = [name for name in RECOMMENDATIONS if name in value]
    if len(several) > 1:
        message = f"one recommendation is expected, found {' and '.join(map(show, several))}"
        raise Fault("test.expect", message, several[1])
    return fitted(value, Expectation)
