"""Amounts of a drug and the days of its doses, as far as FHIR states them beyond doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from reasoner.case.amount import read_amount
from reasoner.case.place import Fault, show
from reasoner.fhir.element import Element
from reasoner.model import Day, Quantity

__all__ = ["Doses", "amount", "doses", "number"]

Note = Callable[[str, str], None]
"""Takes the pointer to what is not used, and why."""

# Units as FHIR writes them, in UCUM or in words: the four that a case knows.
_UNITS = {
    "mg": "mg", "milligram": "mg", "milligrams": "mg",
    "ml": "mL", "milliliter": "mL", "milliliters": "mL", "millilitre": "mL", "millilitres": "mL",
    "vial": "vial", "vials": "vial", "vial(s)": "vial", "{vial}": "vial", "{vials}": "vial",
    "[vial]": "vial", "415818006": "vial",
    "unit": "unit", "units": "unit", "unit(s)": "unit", "{unit}": "unit", "{units}": "unit",
    "un": "unit", "{hcpcs}": "unit", "units {hcpcs}": "unit", "hcpcs unit": "unit",
    "hcpcs units": "unit", "{hcpcs unit}": "unit", "{hcpcs units}": "unit",
    "billing unit": "unit", "billing units": "unit", "{billing unit}": "unit",
}  # fmt: skip
_NO_UNIT = {"1"}  # UCUM: the unit stands in words beside it
_OTHERWISE_UCUM = {"MG", "Mg", "mG"}  # UCUM tells case apart: Mg is a tonne
_MAX_DOSES = 1_000


@dataclass(frozen=True, slots=True)
class Doses:
    """What dosage instructions add up to: the *total*, and the *days* of the doses."""

    total: Quantity | None
    days: tuple[Day, ...]


def amount(element: Element, note: Note, *, default: str | None = None) -> Quantity | None:
    """Read a Quantity in one of the four units; *default* is the unit of a bare number.

    What is no such amount is noted and not stated.
    """
    if element.text("comparator") is not None:
        note(element.pointer, f"{show(element.text('comparator'))} leaves the amount open")
        return None
    unit = _unit(element, default)
    if unit is None:
        shown = show(element.text("unit") or element.text("code"))
        note(element.pointer, f"the unit {shown} is none of vial, mg, mL and HCPCS unit")
        return None
    return _exact(element.fields.get("value"), unit, element.at("value"), note)


def number(found: object) -> Decimal | None:
    """Return a JSON number exactly, or None if it is none."""
    match found:
        case bool():
            return None
        case int() | Decimal():
            value = Decimal(found)
        case float():
            value = Decimal(str(found))
        case _:
            return None
    return value if value.is_finite() else None


def doses(dosages: list[Element], note: Note) -> Doses:
    """Add up dosage instructions whose timing leaves no doubt of how many doses there are."""
    total: list[Quantity | None] = []
    days: list[tuple[Day, ...] | None] = []
    for dosage in dosages:
        count, when = _timing(dosage, note)
        dose = _dose(dosage, note)
        if dose is None or count is None:
            total.append(None)
        else:
            total.append(_exact(dose.value * count, dose.unit, dosage.pointer, note))
        days.append(when)
    return Doses(_sum(total), _all_days(days, note, dosages))


def _unit(element: Element, default: str | None) -> str | None:
    code, unit = element.text("code"), element.text("unit")
    told = [text.strip() for text in (code, unit) if text is not None and text not in _NO_UNIT]
    if not told:
        return default
    units = {None if text in _OTHERWISE_UCUM else _UNITS.get(text.lower()) for text in told}
    return units.pop() if len(units) == 1 else None


def _exact(found: object, unit: str, pointer: str, note: Note) -> Quantity | None:
    try:
        return Quantity(read_amount(found, unit), unit)
    except Fault as fault:
        note(pointer, fault.message)
        return None


def _sum(amounts: list[Quantity | None]) -> Quantity | None:
    units = {one.unit if one else None for one in amounts}
    if len(units) != 1 or None in units:
        return None
    value = sum((one.value for one in amounts if one), Decimal(0))
    return Quantity(value, next(one.unit for one in amounts if one))


def _dose(dosage: Element, note: Note) -> Quantity | None:
    if dosage.fields.get("asNeededCodeableConcept") is not None or dosage.flag("asNeededBoolean"):
        note(dosage.pointer, "a dose as needed has no certain amount")
        return None
    rates = list(dosage.many("doseAndRate"))
    told = [one for rate in rates if (one := rate.one("doseQuantity")) is not None]
    if len(told) != 1 or len(rates) != 1:
        return None
    return amount(told[0], note)


def _timing(dosage: Element, note: Note) -> tuple[int | None, tuple[Day, ...] | None]:
    """Return how many doses there are and on which days, each None where it is open."""
    timing = dosage.one("timing")
    if timing is None:
        return None, None
    events = timing.days("event")
    repeat = timing.one("repeat")
    if events and repeat is None:
        when = tuple(day for day in events if day is not None)
        if len(when) == len(events):
            return len(when), when
        note(timing.at("event"), "not every event has its date")
        return None, None
    if events or repeat is None:
        if events:
            note(timing.pointer, "events and a repetition: how many doses there are is open")
        return None, None
    return _repeated(repeat, note)


def _repeated(repeat: Element, note: Note) -> tuple[int | None, tuple[Day, ...] | None]:
    count = _whole(repeat, "count") if repeat.fields.get("countMax") is None else None
    if not _is_daily(repeat):
        return count, None
    bounds = repeat.one("boundsPeriod")
    first = bounds.day("start") if bounds else None
    last = bounds.day("end") if bounds else None
    if bounds is None:
        days = _days_long(repeat)
        return (days if count in {None, days} else None) if days else count, None
    if first is None or first.first != first.last:
        return count, None
    if last is not None and last.first == last.last:
        length = (last.first - first.first).days + 1
        if count not in {None, length} or not 1 <= length <= _MAX_DOSES:
            note(repeat.pointer, "the count and the period of the doses do not fit together")
            return None, None
        return length, _from(first.first, length)
    if count is None or last is not None:
        return count, None
    return count, _from(first.first, count)


def _is_daily(repeat: Element) -> bool:
    """Say whether there is one dose on each day, and nothing that says otherwise."""
    other = ("dayOfWeek", "when", "offset", "durationMax")
    return (
        _whole(repeat, "frequency") == _whole(repeat, "period") == 1
        and repeat.text("periodUnit") == "d"
        and all(repeat.fields.get(name) is None for name in other)
        and all(
            repeat.fields.get(name) is None or _whole(repeat, name) == 1
            for name in ("frequencyMax", "periodMax")
        )
        and repeat.length("timeOfDay") <= 1
    )


def _days_long(repeat: Element) -> int | None:
    bounds = repeat.one("boundsDuration")
    if bounds is None or bounds.text("code") != "d" or bounds.text("comparator") is not None:
        return None
    return _whole(bounds, "value")


def _whole(element: Element, name: str) -> int | None:
    value = number(element.fields.get(name))
    if value is None or not 1 <= value <= _MAX_DOSES or value != int(value):
        return None
    return int(value)


def _from(first: dt.date, count: int) -> tuple[Day, ...]:
    if first.toordinal() + count > dt.date.max.toordinal():
        return ()
    days = (first + dt.timedelta(days=step) for step in range(count))
    return tuple(Day(day, day, day.isoformat()) for day in days)


def _all_days(
    days: list[tuple[Day, ...] | None], note: Note, dosages: list[Element]
) -> tuple[Day, ...]:
    """Return the days of all doses in order, or none if those of one are open."""
    found = {day.text: day for some in days for day in some or ()}
    if None in days or len(found) > _MAX_DOSES:
        if found:
            note(dosages[days.index(None) if None in days else 0].pointer, "the days are open")
        return ()
    return tuple(sorted(found.values(), key=lambda day: (day.first, day.last)))
