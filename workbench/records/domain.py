"""What the fields of a case may say, as far as some rules could tell it apart.

Words come from the notation of a case, codes and products from the tables (`codes`), amounts
from the facts of the rules (`amounts`). Days stand around a planned day, at the distance of every
number that the rules compare with, and a day to each side. Nothing is drawn at random.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, get_args

import msgspec

from reasoner import model
from reasoner.days import plus_months
from reasoner.terminology import Row, Terminology
from workbench.records.amounts import Amounts, amounts
from workbench.records.codes import Codes, Keys

__all__ = ["DECIDED", "PLANNED", "Domain", "Keys", "domain"]

DECIDED = dt.date(2026, 3, 2)
"""The day of the request: from it records are seen."""
PLANNED = dt.date(2026, 3, 16)
"""The first planned day."""

_PAST = dt.date(2024, 1, 10)
_LONG_MONTHS = 1200
"""A larger number is no age in months, and no time that a record may be old."""
_LONG_DAYS = 400
"""Beyond so many a number counts no days."""
_WORDS = re.compile(r"[a-z][a-z0-9_]*")
_TEXTS = re.compile(r'"([^"]*)"')
_SOURCE = {"document": "chart.pdf"}


class Domain(msgspec.Struct, frozen=True, eq=False):
    """The values of each field: of the records by section, of the request, of the member.

    *edges* are the numbers around which days were chosen, *codes* how many codes and products.
    """

    records: dict[str, dict[str, list[Keys]]]
    request: dict[str, list[Keys]]
    member: dict[str, list[Keys]]
    edges: tuple[int, ...]
    codes: int


def domain(
    terminologies: Sequence[Terminology],
    forms: Collection[str],
    numbers: Sequence[int],
    rows: Sequence[Row] = (),
    *,
    most: int = 4,
) -> Domain:
    """Return the values that rules of these *forms* could tell apart.

    *numbers* are those that matter, the nearest first: days and amounts stand around *most* of
    each. *rows* are those on which the tables differ.
    """
    words = {word for form in forms for word in _WORDS.findall(form)}
    texts = sorted({text for form in forms for text in _TEXTS.findall(form)})
    edges = [n for n in numbers if 1 < n <= _LONG_MONTHS][:most]
    tables = Codes(terminologies, words, rows)
    stated = amounts(forms, numbers[:most])
    codings = tables.codings()
    products = [{"product": row.code} for row in tables.named("name")]
    coded: list[Keys] = [
        {"code": row.code, "system": row.system}
        for system in ("rxnorm", "hcpcs", "ndc")
        for row in tables.differing(system)
    ]
    records = _records(
        _written(_days(edges, rows, forms)), codings, [*products, *coded], tables.tests(), stated
    )
    spans = _spans(stated.counted)
    request = {
        "plan": [{"plan": text} for text in (*texts, "another plan")],
        "product": products,
        "hcpcs": [{"hcpcs": row.code} for row in tables.named("hcpcs")],
        "quantity": _quantities(stated),
        "billed_units": [{"billed_units": n} for n in stated.billed],
        "dosed": _dosed(stated),
        "service_dates": [{"service_dates": [d.isoformat() for d in span]} for span in spans],
        "course": [{"course": n} for n in (1, 2)],  # the first, and a later one
        "indication": [{"indication": keys} for keys in codings if "system" in keys],
    }
    member = {"birth_date": [{"birth_date": day.isoformat()} for day in _births(edges)]}
    codes = len(codings) + len(products) + len(coded) + len(tables.tests())
    return Domain(records, request, member, tuple(edges), codes)


def _records(
    days: Sequence[str],
    codings: Sequence[Keys],
    products: Sequence[Keys],
    tests: list[Keys],
    stated: Amounts,
) -> dict[str, dict[str, list[Keys]]]:
    def dated(name: str) -> list[Keys]:
        return [{name: day} for day in days]

    said: list[Keys] = [{"documented": False}, {"source": _SOURCE}]
    return {
        "conditions": {
            "code": list(codings),
            "status": _each("status", model.Status),
            "activity": _each("activity", model.Activity),
            **{name: dated(name) for name in ("onset", "recorded", "end")},
            "source": said,
        },
        "therapies": {
            "product": [*products, {"product": "an unknown drug"}],
            "start": dated("start"),
            "end": dated("end"),
            "ongoing": [{"ongoing": value} for value in (True, False)],
            "taken": [{"taken": value} for value in (True, False)],
            "response": _each("response", model.Response),
            "stopped_for": _each("stopped_for", model.StoppedFor),
            "indication": [{"indication": keys} for keys in codings if "system" in keys],
            "source": said,
        },
        "observations": {
            "code": tests,
            "result": _each("result", model.Result),
            "value": [{"value": value, "unit": unit} for value, unit in stated.measured],
            "date": dated("date"),
            "source": said,
        },
        "doses": {"date": dated("date"), "quantity": _quantities(stated), "source": said},
        "allergies": {
            "product": list(products),
            "status": _each("status", model.Status),
            "recorded": dated("recorded"),
            "source": said,
        },
    }


def _each(name: str, words: Any) -> list[Keys]:  # noqa: ANN401 -- a Literal type
    return [{name: word} for word in get_args(words)]


def _quantities(stated: Amounts) -> list[Keys]:
    return [{"quantity": {"value": value, "unit": unit}} for value, unit in stated.quantities]


def _dosed(stated: Amounts) -> list[Keys]:
    """Return doses of the least amount in each unit: one, and as many as units are counted."""
    least = {unit: value for value, unit in sorted(stated.quantities, reverse=True)}
    return [
        {"dosed": [{"value": value, "unit": unit, "times": times}]}
        for unit, value in least.items()
        for times in (1, stated.counted)
    ]


def _spans(counted: int) -> list[list[dt.date]]:
    """Return planned days: the first alone, as many as units can be given, the last alone."""
    days = [PLANNED + dt.timedelta(days=n) for n in range(counted)]
    return [days[:1], days, days[-1:]]


def _births(edges: Sequence[int]) -> list[dt.date]:
    """Return days of birth: at each age, a day to each side, older and younger than all; none."""
    day = dt.timedelta(days=1)
    ages = [_months_before(n) + m * day for n in edges for m in (-1, 0, 1)]
    plain = [_months_before(max(edges, default=0) + 12), _months_before(1), DECIDED + day]
    return list(dict.fromkeys([*ages, *plain]))


def _days(numbers: Iterable[int], rows: Iterable[Row], forms: Iterable[str]) -> list[dt.date]:
    """Return days: some plain ones, then the edges, each with the day before and after."""
    day = dt.timedelta(days=1)
    found = [_PAST, DECIDED - 20 * day, PLANNED - day, PLANNED, PLANNED + day, DECIDED + day]
    if any("@year(" in form for form in forms):
        found += [dt.date(PLANNED.year - 1, 12, 31), dt.date(PLANNED.year, 1, 1)]
    edges: list[dt.date] = []
    for number in numbers:
        edges.append(_months_before(number))
        if number <= _LONG_DAYS:
            edges += [PLANNED - number * day, _PAST + (number - 1) * day]
    for row in rows:
        edges += [one for one in (row.valid_from, row.valid_to) if one is not None]
    return list(dict.fromkeys([*found, *(edge + n * day for edge in edges for n in (-1, 0, 1))]))


def _months_before(months: int) -> dt.date:
    return dt.date.fromordinal(plus_months(PLANNED.toordinal(), -months))


def _written(days: Iterable[dt.date]) -> list[str]:
    """Return *days* as a case writes them, and a month and a year that hold some of them."""
    return [*(day.isoformat() for day in days), f"{PLANNED:%Y-%m}", f"{_PAST:%Y}"]
