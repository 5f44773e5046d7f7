"""Vials: how many are asked for, how many the window still allows, which course it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from .days import Span, add_months, plus_months, span
from .request import Case, Record
from .settle import Answer, Question, intersect
from .therapies import given_as_therapy

__all__ = ["first_course", "vials_available", "vials_requested"]

_LIMIT, _LIMIT_AT_INITIATION = 3, 5
_MG_A_VIAL, _MG_A_ML = 12, 10
MORE_THAN_ANY_LIMIT = _LIMIT_AT_INITIATION + 1
ALL_PAIRS: tuple[tuple[int, int], ...] = tuple(
    (a, b) for a in range(_LIMIT + 1) for b in range(a, _LIMIT_AT_INITIATION + 1)
)


def vials_of(quantity: Record | None) -> int | None:
    """Return a quantity in whole vials, milligrams rounded up.

    >>> vials_of({"value": 6, "unit": "mL"})
    5
    """
    if not quantity:
        return None
    value = Fraction(str(quantity["value"]))
    match quantity["unit"]:
        case "vial":
            vials = value
        case "mL":
            vials = value * _MG_A_ML / _MG_A_VIAL
        case _:
            vials = value / _MG_A_VIAL
    return -int(-vials // 1)


def vials_requested(case: Case) -> Question:
    """Settle the requested quantity; one more than any limit stands for all larger ones."""
    billed = case.request.get("billed_units")
    stated = [vials_of(case.request.get("quantity"))]
    stated.append(vials_of({"value": billed, "unit": "unit"}) if billed is not None else None)
    stated += [int(text) for text in case.answers("vials_requested")]
    voices: list[frozenset[Answer]] = [frozenset({n}) for n in stated if n is not None]
    return intersect(range(1, MORE_THAN_ANY_LIMIT + 1), voices)


def _renewed(case: Case) -> bool:
    """Tell whether the reading makes a course after five years a first course again."""
    doses = [when for d in _doses(case) if (when := d.when) is not None]
    return (
        case.readings["first_course"] == "again_after_5_years"
        and bool(doses)
        and all(plus_months(when, 60).last <= case.first.first for when in doses)
    )


def first_course(case: Case) -> Question:
    """Settle whether this is the first treatment course."""
    voices: list[frozenset[Answer]] = []
    course = case.request.get("course")
    if _renewed(case):
        voices.append(frozenset({"yes"}))
    elif course is not None:
        voices.append(frozenset({"yes" if course == 1 else "no"}))
    a_year_before = add_months(case.first.first, -12)
    if given_as_therapy(case, "first_course", not_after=a_year_before) and not _renewed(case):
        voices.append(frozenset({"no"}))
    voices += [frozenset({answer}) for answer in case.answers("first_course")]
    return intersect(("no", "yes"), voices)


# --- the window ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Dose:
    """Vials of an earlier day; *sure* is how many were given for certain."""

    when: Span | None
    vials: int
    sure: int


def _doses(case: Case) -> list[_Dose]:
    found: list[_Dose] = []
    for record in case.records("doses", question="vials_available"):
        when, vials = span(record.get("date")), vials_of(record.get("quantity"))
        doubtful = record.get("documented") is False or case.after_decision(when) or when is None
        most = _LIMIT_AT_INITIATION if vials is None else vials
        least = 1 if vials is None else vials
        found.append(_Dose(when, most, 0 if doubtful else least))
    return sorted(found, key=lambda dose: (dose.when is None, dose.when))


Occupies = Callable[[Span, Span], bool]


def _window(case: Case, *, worst: bool, anchor: Span) -> Occupies:
    """Return whether a vial of one day stands in the window of another day.

    *worst* asks whether it possibly does, otherwise whether it does for certain.
    """

    def possibly(given: Span, day: Span) -> bool:
        return given.first <= day.last and day.first < plus_months(given, 12).last

    def certainly(given: Span, day: Span) -> bool:
        return given.last <= day.first and day.last < plus_months(given, 12).first

    def year_of(when: Span) -> set[int]:
        if case.readings["twelve_months"] == "calendar_year":
            return {when.first.year, when.last.year}
        return {_whole_years(anchor.first, when.first), _whole_years(anchor.first, when.last)}

    def same_year(given: Span, day: Span) -> bool:
        if worst:
            return given.first <= day.last and bool(year_of(given) & year_of(day))
        return given.last <= day.first and len(year_of(given) | year_of(day)) == 1

    if case.readings["twelve_months"] != "rolling":
        return same_year
    return possibly if worst else certainly


def _whole_years(start: dt.date, day: dt.date) -> int:
    """Return how many whole years lie between, none before the start."""
    years = max(0, day.year - start.year)
    return years - (years > 0 and add_months(start, 12 * years) > day)


def _counted_later(case: Case, doses: list[_Dose]) -> list[_Dose]:
    """Return the doses that count in a later course: by one reading not the fourth and fifth."""
    if case.readings["exception_vials_count"] == "yes":
        return doses
    kept: list[_Dose] = []
    given = 0
    for dose in doses:
        numbers = range(given + 1, given + dose.vials + 1)
        given += dose.vials
        spared = sum(n in (4, 5) for n in numbers)
        kept.append(_Dose(dose.when, dose.vials - spared, max(0, dose.sure - spared)))
    return kept


def _given_since(case: Case, doses: list[_Dose], day: Span, *, worst: bool) -> list[Span]:
    """Return the days of doses given after a vial on which that vial still counts.

    A request made afterwards must fit on them too, in any 12 months.
    """
    if case.readings["twelve_months"] != "rolling":
        return []
    given = [d.when for d in doses if d.when is not None and (d.vials if worst else d.sure)]
    if worst:
        firsts = [Span(when.first, when.first) for when in given]
    else:
        firsts = [when for when in given if when.first == when.last and day.first == day.last]
    free = plus_months(day, 12).first
    return [when for when in firsts if day.first < when.first < free]


def _prefix(case: Case, *, worst: bool, exception: bool) -> int:
    """Return how many requested vials fit: i-th vial on the i-th planned day, rest on the last."""
    doses = _doses(case)
    ever = [d.when for d in doses if d.when and (d.vials if worst else d.sure)]
    first_ever = case.first
    if ever:
        first_ever = Span(min(w.first for w in ever), min(w.last for w in ever))
    if not exception:
        doses = _counted_later(case, doses)
    occupies = _window(case, worst=worst, anchor=first_ever)
    started = case.first if _renewed(case) else first_ever
    until = plus_months(started, 12)

    def limit(day: Span) -> int:
        early = day.last < until.first if worst else day.first < until.last
        early = early or day == started == case.first  # nothing was given before this day
        return _LIMIT_AT_INITIATION if exception and early else _LIMIT

    def standing(day: Span) -> int:
        if worst:
            return sum(d.vials for d in doses if d.when is None or occupies(d.when, day))
        return sum(d.sure for d in doses if d.when is not None and occupies(d.when, day))

    most = _LIMIT_AT_INITIATION if exception else _LIMIT
    days = [case.planned[min(i, len(case.planned) - 1)] for i in range(most)]
    for number in range(1, most + 1):
        day = days[number - 1]
        beside = sum(days[i] == day or occupies(days[i], day) for i in range(number - 1))
        busiest = max(standing(on) for on in (day, *_given_since(case, doses, day, worst=worst)))
        if busiest + beside + 1 > limit(day):
            return number - 1
    return most


def _given_before(case: Case) -> bool:
    """Tell whether something says that the drug was given before: an empty list lacks that."""
    return (
        (case.request.get("course") or 1) > 1
        or "no" in case.answers("first_course")
        or given_as_therapy(case, "vials_available")
    )


def vials_available(case: Case) -> Question:
    """Settle the pair of vials that fit without and with the exception.

    Days known only as a span leave every pair between the worst and the best.
    """
    voices: list[frozenset[Answer]] = [frozenset({pair}) for pair in case.pairs("vials_available")]
    unread = any(
        span(dose.get("date")) is None or vials_of(dose.get("quantity")) is None
        for dose in case.records("doses", question="vials_available")
    )
    if unread:
        return intersect(ALL_PAIRS, voices)
    if case.raw.get("doses") or (case.complete("doses") and not _given_before(case)):
        worst, best = (
            (_prefix(case, worst=w, exception=False), _prefix(case, worst=w, exception=True))
            for w in (True, False)
        )
        between = {
            (a, b)
            for a, b in ALL_PAIRS
            if worst[0] <= a <= best[0] and max(worst) <= b <= max(best)
        }
        voices.append(frozenset(between))
    return intersect(ALL_PAIRS, voices)
