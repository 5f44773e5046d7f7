"""Days and spans of days: a date of which only the year or month is known is a span."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import NamedTuple

__all__ = ["EVER", "Span", "add_months", "plus_months", "span"]


class Span(NamedTuple):
    """The days between which something happened, both included."""

    first: dt.date
    last: dt.date

    def before(self, other: Span) -> bool:
        """Tell whether this lies before *other* for certain."""
        return self.last < other.first


EVER = Span(dt.date.min, dt.date.max)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day *months* later; a day the month lacks becomes its last.

    >>> add_months(dt.date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.max if months > 0 else dt.date.min
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def plus_months(when: Span, months: int) -> Span:
    """Return the span *months* later."""
    return Span(add_months(when.first, months), add_months(when.last, months))


def span(text: object) -> Span | None:
    """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; None where nothing is stated.

    >>> span("2024-02")
    Span(first=datetime.date(2024, 2, 1), last=datetime.date(2024, 2, 29))
    """
    if text is None:
        return None
    parts = [int(part) for part in str(text).split("-")]
    match parts:
        case [year]:
            return Span(dt.date(year, 1, 1), dt.date(year, 12, 31))
        case [year, month]:
            return Span(
                dt.date(year, month, 1),
                dt.date(year, month, calendar.monthrange(year, month)[1]),
            )
        case [year, month, day]:
            return Span(dt.date(year, month, day), dt.date(year, month, day))
    raise ValueError(f"not a date: `{text}`")
