"""What the fields of a case may say, as far as some rules could tell it apart.

Words come from the notation of a case. Codes and products come from the tables: those on
which versions differ first, then one or two for each concept that the rules name. Days stand
around a planned day, at the distance of every number that the rules compare with, and a day to
each side. Nothing is drawn at random.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, get_args

import msgspec

from reasoner import model
from reasoner.days import plus_months
from reasoner.terminology import Row, Terminology

__all__ = ["DECIDED", "PLANNED", "SECTIONS", "Domain", "Keys", "domain"]

Keys = dict[str, Any]
"""Keys of a record that are written together, as YAML has them."""

DECIDED = dt.date(2026, 3, 2)
"""The day of the request: from it records are seen."""
PLANNED = dt.date(2026, 3, 16)
"""The first planned day."""
SECTIONS = ("conditions", "therapies", "observations", "doses")

_PAST = dt.date(2024, 1, 10)
_LONG_MONTHS = 120
"""From so many months on a number is an age, not the age of a record."""
_LONG_DAYS = 400
"""Beyond so many a number counts no days."""
_PER_CONCEPT = 2
_MOST_CONCEPTS = 16
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
) -> Domain:
    """Return the values that rules of these *forms* could tell apart.

    *numbers* are those to stand days around; *rows* those on which the tables differ.
    """
    words = {word for form in forms for word in _WORDS.findall(form)}
    texts = sorted({text for form in forms for text in _TEXTS.findall(form)})
    tables = _Tables(terminologies, words, rows)
    days = _written(_days(numbers, rows, forms))
    codings = tables.codings()
    products = [{"product": row.code} for row in tables.named("name")]
    coded = [
        {"code": row.code, "system": row.system}
        for system in ("rxnorm", "hcpcs", "ndc")
        for row in tables.differing(system)
    ]
    said: list[Keys] = [{"documented": False}, {"source": _SOURCE}]
    records: dict[str, dict[str, list[Keys]]] = {
        "conditions": {
            "code": codings,
            "status": _each("status", model.Status),
            "activity": _each("activity", model.Activity),
            **{name: [{name: day} for day in days] for name in ("onset", "recorded", "end")},
            "source": said,
        },
        "therapies": {
            "product": [*products, *coded, {"product": "an unknown drug"}],
            "start": [{"start": day} for day in days],
            "end": [{"end": day} for day in days],
            "ongoing": [{"ongoing": value} for value in (True, False)],
            "taken": [{"taken": value} for value in (True, False)],
            "response": _each("response", model.Response),
            "stopped_for": _each("stopped_for", model.StoppedFor),
            "indication": [{"indication": keys} for keys in codings if "system" in keys],
            "source": said,
        },
        "observations": {
            "code": tables.tests(),
            "result": [
                *_each("result", model.Result),
                *({"value": value, "unit": "1/mL"} for value in (0, 1)),
            ],
            "date": [{"date": day} for day in days],
            "source": said,
        },
        "doses": {
            "date": [{"date": day} for day in days],
            "quantity": _quantities(),
            "source": said,
        },
    }
    first, last = PLANNED, PLANNED + dt.timedelta(days=4)
    spans = [[first], [first + dt.timedelta(days=n) for n in range(5)], [last]]
    request = {
        "plan": [{"plan": text} for text in (*texts, "another plan")],
        "product": products,
        "hcpcs": [{"hcpcs": row.code} for row in tables.named("hcpcs")],
        "quantity": _quantities(),
        "billed_units": [{"billed_units": n} for n in (12, 36, 60)],
        "dosed": [{"dosed": [{"value": 12, "unit": "mg", "times": n}]} for n in (3, 5)],
        "service_dates": [{"service_dates": [d.isoformat() for d in span]} for span in spans],
        "course": [{"course": n} for n in (1, 2)],
        "indication": [{"indication": keys} for keys in codings if "system" in keys],
    }
    ages = [
        _months_before(n) + dt.timedelta(days=d)
        for n in numbers
        if n >= _LONG_MONTHS
        for d in (-1, 0, 1)
    ]
    births = dict.fromkeys([*ages, dt.date(1986, 7, 14), dt.date(2016, 7, 14)])
    member = {"birth_date": [{"birth_date": day.isoformat()} for day in births]}
    codes = len(codings) + len(products) + len(coded) + len(tables.tests())
    return Domain(records, request, member, tuple(numbers), codes)


def _each(name: str, words: Any) -> list[Keys]:  # noqa: ANN401 -- a Literal type
    return [{name: word} for word in get_args(words)]


def _quantities() -> list[Keys]:
    amounts: list[tuple[int | float, str]] = [(n, "vial") for n in (1, 2, 3, 4, 5, 6)]
    amounts += [(36, "mg"), (3.6, "mL"), (36, "unit")]
    return [{"quantity": {"value": value, "unit": unit}} for value, unit in amounts]


def _days(numbers: Iterable[int], rows: Iterable[Row], forms: Iterable[str]) -> list[dt.date]:
    """Return days: some plain ones, then the edges, each with the day before and after."""
    day = dt.timedelta(days=1)
    found = [_PAST, DECIDED - 20 * day, PLANNED - day, PLANNED, PLANNED + day, DECIDED + day]
    if any("@year(" in form for form in forms):
        found += [dt.date(PLANNED.year - 1, 12, 31), dt.date(PLANNED.year, 1, 1)]
    edges: list[dt.date] = []
    for number in numbers:
        if number < _LONG_MONTHS:
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


class _Tables:
    """The codes of the concepts that rules name, in one or more versions of the tables."""

    def __init__(
        self, terminologies: Sequence[Terminology], words: Collection[str], rows: Sequence[Row]
    ) -> None:
        self.terminologies = terminologies
        self.rows = rows
        self.concepts = self._concepts(words)

    def _concepts(self, words: Collection[str]) -> set[str]:
        found = {row.concept for row in self.rows}
        for tables in self.terminologies:
            named = tables.concepts & set(words)
            found |= named
            # Of concepts of which the tables say things of the same kind, a few stand for all.
            alike: dict[frozenset[tuple[str, str]], list[str]] = {}
            said: dict[str, set[tuple[str, str]]] = {}
            for concept, name, value in tables.properties:
                if name in words:
                    said.setdefault(concept, set()).add(
                        (name, "" if value.isdecimal() or value not in words else value)
                    )
            for concept in sorted(said):
                alike.setdefault(frozenset(said[concept]), []).append(concept)
            few = [concept for group in alike.values() for concept in group[:_PER_CONCEPT]]
            found |= set(few[:_MOST_CONCEPTS])
        return found

    def _each_row(self, system: str) -> Iterator[Row]:
        seen: set[str] = set()
        for row in (*self.rows, *(row for one in self.terminologies for row in one.table)):
            if row.system == system and row.code not in seen:
                seen.add(row.code)
                yield row

    def differing(self, system: str) -> list[Row]:
        """Return the rows of *system* on which the versions differ."""
        return list({row.code: row for row in self.rows if row.system == system}.values())

    def named(self, system: str) -> list[Row]:
        """Return the differing rows of *system*, then a few for each concept."""
        own = self.differing(system)
        counts: dict[str, int] = {}
        for row in self._each_row(system):
            if row.concept in self.concepts and row not in own:
                counts[row.concept] = counts.get(row.concept, 0) + 1
                if counts[row.concept] <= _PER_CONCEPT:
                    own.append(row)
        return own

    def codings(self) -> list[Keys]:
        """Return diagnoses: codes, words alone, a code with other words, codes by range."""
        rows: list[Row] = []
        seen: set[str] = set()
        for row in [*self.differing("icd-10-cm"), *self.named("icd-10-cm")]:
            if row in self.rows or row.concept not in seen:
                rows.append(row)
                seen.add(row.concept)
        rows += self.differing("snomed")
        found: list[Keys] = [{"code": row.code, "system": row.system} for row in rows]
        if rows:
            found.append({**found[0], "display": "something else altogether"})
        found += [{"display": row.display} for row in rows[:3]]
        ranges = {one.concept: one for tables in self.terminologies for one in tables.ranges}
        found += [
            {"code": one.first, "system": one.system}
            for concept, one in sorted(ranges.items())
            if one.system == "icd-10-cm"
        ]
        return [*found, {"code": "ZZZ", "system": "icd-10-cm"}]

    def tests(self) -> list[Keys]:
        """Return tests: the differing ones, then one for each concept."""
        seen: set[str] = set()
        found: list[Keys] = []
        for row in [*self.differing("loinc"), *self.named("loinc")]:
            if row in self.rows or row.concept not in seen:
                found.append({"code": row.code})
                seen.add(row.concept)
        return found or [{"code": "0"}]
