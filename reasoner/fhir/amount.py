"""Amounts of a drug and the days of its doses, as far as FHIR states them beyond doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from reasoner.case.amount import read_amount
from reasoner.case.place import Fault, show
from reasoner.fhir.element import Element
from reasoner.model import Day, Dosed, Quantity
from reasoner.terminology import Terminology, UnitRow

__all__ = ["Doses", "amount", "doses", "number"]

Note = Callable[[str, str], None]
"""Takes the pointer to what is not used, and why."""

_NO_UNIT = {"1"}  # UCUM: the unit stands in words beside it
_MAX_DOSES = 1_000


@dataclass(frozen=True, slots=True)
class Doses:
    """What dosage instructions ask for: the *total*, the *days*, and *each* dose.

    *impossible* says that a dose is no amount of anything: what is asked for is in doubt.
    """

    total: Quantity | None
    days: tuple[Day, ...]
    each: tuple[Dosed, ...]
    impossible: bool


def amount(
    element: Element, tables: Terminology, note: Note, *, default: str | None = None
) -> Quantity | None:
    """Read a Quantity in one of the four units; *default* is the unit of a bare number.

    What is no such amount is noted and not stated.
    """
    if element.text("comparator") is not None:
        note(element.pointer, f"{show(element.text('comparator'))} leaves the amount open")
        return None
    unit, factor = _unit(element, tables, default)
    if unit is None:
        shown = show(element.text("unit") or element.text("code"))
        note(element.pointer, f"the unit {shown} is none of vial, mg, mL and HCPCS unit")
        return None
    value = element.fields.get("value")
    if factor != 1 and (told := number(value)) is not None:
        value = told * factor
    return _exact(value, unit, element.at("value"), note)


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


def doses(dosages: list[Element], tables: Terminology, note: Note) -> Doses:
    """Add up dosage instructions whose timing leaves no doubt of how many doses there are."""
    total: list[Quantity | None] = []
    days: list[tuple[Day, ...] | None] = []
    each: list[Dosed] = []
    impossible = False
    for dosage in dosages:
        count, when = _timing(dosage, note)
        dose = _dose(dosage, tables, note)
        if dosage.fields.get("modifierExtension"):
            note(dosage.at("modifierExtension"), "it changes what the dosage means: it is not read")
            count = when = None
        told = _exact(dose.value * (count or 1), dose.unit, dosage.pointer, note) if dose else None
        if dose is not None and told is not None:
            each.append(Dosed(dose.value, dose.unit, count))
        impossible = impossible or _is_impossible(dosage) or (dose is not None and told is None)
        total.append(told if count is not None else None)
        days.append(when)
    return Doses(_sum(total), _all_days(days, note, dosages), tuple(each), impossible)


def _unit(element: Element, tables: Terminology, default: str | None) -> tuple[str | None, Decimal]:
    """Return the unit of a case that code and words agree on, and how many of it make one."""
    code, unit = element.text("code"), element.text("unit")
    told: list[UnitRow | None] = []
    if code is not None and code not in _NO_UNIT:
        told.append(_coded(code.strip(), element.text("system"), tables))
    if unit is not None and unit not in _NO_UNIT:
        told.append(tables.units.get(("word", unit.strip().casefold())))
    if not told:
        return default, Decimal(1)
    units = {(row.unit, row.factor) if row else (None, Decimal(1)) for row in told}
    return units.pop() if len(units) == 1 else (None, Decimal(1))


def _coded(code: str, system: str | None, tables: Terminology) -> UnitRow | None:
    """Return the unit that *code* means: in UCUM `Mg` is a tonne, and no way to write `mg`."""
    name = tables.system(system) if system else "ucum"
    if found := tables.units.get((name, code)) or tables.units.get(("snomed", code)):
        return found
    if any(
        row.code.casefold() == code.casefold()
        for row in tables.units.values()
        if row.system == "ucum"
    ):
        return None
    return tables.units.get(("word", code.casefold()))


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


def _dose(dosage: Element, tables: Terminology, note: Note) -> Quantity | None:
    if dosage.fields.get("asNeededCodeableConcept") is not None or dosage.flag("asNeededBoolean"):
        note(dosage.pointer, "a dose as needed has no certain amount")
        return None
    rates = list(dosage.many("doseAndRate"))
    told = [one for rate in rates if (one := rate.one("doseQuantity")) is not None]
    if len(told) != 1 or len(rates) != 1:
        return None
    return amount(told[0], tables, note)


def _is_impossible(dosage: Element) -> bool:
    """Say whether a dose is stated that is no amount: nothing, less than nothing, or a bare number.

    A dose by weight or in tablets is one, and only not read.
    """
    told = [one for rate in dosage.many("doseAndRate") if (one := rate.one("doseQuantity"))]
    for one in told:
        value = number(one.fields.get("value"))
        unit = one.text("code") or one.text("unit")
        if value is None or value <= 0 or unit is None:
            return True
    return False


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
