"""The fields of a line: words, days and code systems, each checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

from reasoner.errors import PolicyError, nearest
from reasoner.terminology.normal import normal_alias
from reasoner.terminology.table import Line

__all__ = ["date", "empty", "filled", "system_of", "word", "words"]


def system_of(line: Line, text: str, aliases: Mapping[str, str]) -> str:
    """Return the short name of the code system that *text* names."""
    if found := aliases.get(normal_alias(text)):
        return found
    hint = nearest(text, sorted(aliases)) or "name the system in `systems.csv`"
    raise line.fault(f"`{text}` is not a code system", hint)


def filled(line: Line, column: str) -> str:
    """Return what stands in *column*, which may not be empty."""
    if text := line.fields[column]:
        return text
    raise empty(line, column)


def empty(line: Line, column: str) -> PolicyError:
    """Return the error for an empty *column*."""
    return line.fault(f"`{column}` is empty", "fill it in, or remove the row")


@cache
def _is_constant(text: str) -> bool:
    """Whether rules can read *text* as a constant."""
    return text.isascii() and text.isidentifier() and text.islower() and text[0] != "_"


def _constant(line: Line, column: str, text: str) -> str:
    if _is_constant(text):
        return text
    hint = "start with a lower-case letter; then lower-case letters, digits and `_`"
    raise line.fault(f"`{column}` cannot be `{text}`", hint)


def word(line: Line, column: str) -> str:
    """Return the constant in *column*."""
    return _constant(line, column, filled(line, column))


def words(line: Line, column: str) -> tuple[str, ...]:
    """Return the constants in *column*, which blanks part."""
    if text := line.fields.get(column):
        return tuple([_constant(line, column, word) for word in text.split()])
    return ()


def date(line: Line, column: str) -> dt.date | None:
    """Return the day in *column*, or None where it is empty."""
    if not (text := line.fields[column]):
        return None
    try:
        day = dt.date.fromisoformat(text)
        if day.isoformat() == text:  # it also reads week dates
            return day
    except ValueError:
        pass
    raise line.fault(f"`{column}` is not a date: `{text}`", "write it as 2025-10-01")
