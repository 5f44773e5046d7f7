"""Dates of any precision, as the days that they can mean."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

from reasoner.case.place import Fault, show
from reasoner.model import Day

__all__ = ["DATE_FORMS", "DATE_PATTERN", "is_date", "read_day"]

DATE_FORMS = "a date is YYYY, YYYY-MM or YYYY-MM-DD"
"""How a date is written; a shorter one is a range."""

DATE_PATTERN = r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"

_DAY = re.compile(DATE_PATTERN)
_TIMED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ].*", re.DOTALL)


@lru_cache(maxsize=8192)
def read_day(text: str | int) -> Day:
    """Return the days that a date means.

    >>> read_day("2024-02").last
    datetime.date(2024, 2, 29)

    Raises:
        Fault: no date, or none of the calendar.
    """
    parts = _DAY.fullmatch(str(text))
    if not parts:
        timed = _TIMED.fullmatch(str(text))
        hint = f"leave the time out: {timed[1]}" if timed else DATE_FORMS
        raise Fault("case.date", f"{show(text)} is no date", hint=hint)
    year, month, day = (int(part or 0) for part in parts.groups())
    try:
        first = dt.date(year, month if parts[2] else 1, day if parts[3] else 1)
    except ValueError:
        message = f"{show(text)} is no day of the calendar"
        raise Fault("case.date", message, hint=DATE_FORMS) from None
    if parts[3]:
        last = first
    elif parts[2]:
        last = first.replace(day=calendar.monthrange(year, month)[1])
    else:
        last = first.replace(month=12, day=31)
    return Day(first, last, parts[0])


def is_date(day: Day) -> bool:
    """Say whether a case can write *day*: a chart may leave any day open, or name a span.

    >>> is_date(read_day("2026-03"))
    True
    """
    return _DAY.fullmatch(day.text) is not None
