"""The calendar that rules may call: days are numbers, months and years are counted here.

The closed registry of `@functions`: `plus_months`, `months_between`, `year`. A day is its
proleptic Gregorian ordinal, as `datetime.date.toordinal` counts it; a day beyond the
calendar is the nearest day of the calendar.
"""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from clingo import Number

if TYPE_CHECKING:
    from clingo import Symbol

__all__ = ["Calendar", "plus_months"]

_FIRST = dt.date.min.toordinal()
_LAST = dt.date.max.toordinal()


@lru_cache(maxsize=16384)  # cases are about the same few years
def plus_months(day: int, months: int) -> int:
    """Return the day *months* after *day*; where that month is shorter, its last day.

    >>> leap = dt.date(2024, 2, 29).toordinal()
    >>> dt.date.fromordinal(plus_months(leap, 12)).isoformat()
    '2025-02-28'
    """
    start = _date(day)
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    if year < dt.MINYEAR:
        return _FIRST
    if year > dt.MAXYEAR:
        return _LAST
    length = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(start.day, length)).toordinal()


class Calendar:
    """The context that grounding calls: one method for each `@function`."""

    def plus_months(self, day: Symbol, months: Symbol) -> Symbol:
        """The day so many months later."""
        return Number(plus_months(day.number, months.number))

    def months_between(self, first: Symbol, second: Symbol) -> Symbol:
        """The full months from the first day to the second, which is not before it."""
        start, end = _date(first.number), _date(second.number)
        months = (end.year - start.year) * 12 + end.month - start.month
        while months > 0 and plus_months(first.number, months) > second.number:
            months -= 1
        return Number(months)

    def year(self, day: Symbol) -> Symbol:
        """The calendar year of a day."""
        return Number(_date(day.number).year)


def _date(day: int) -> dt.date:
    return dt.date.fromordinal(min(max(day, _FIRST), _LAST))
