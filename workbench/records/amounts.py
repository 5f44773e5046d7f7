"""Amounts and measured numbers that the rules could tell apart, read off the rules themselves.

What a policy counts and measures stands in its facts: how much of a unit of the notation makes
one of the policy (`per_unit(mg, 12000)`), how many fit a limit, from which number on a test
tells something, between which numbers an answer lies. Amounts stand at these numbers and one
to each side.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import get_args

import msgspec

from reasoner import model

__all__ = ["Amounts", "amounts"]

_NUMBER = re.compile(r"(?<![A-Za-z0-9_\"])[0-9]+")
_RANGE = re.compile(r"(?<![A-Za-z0-9_\"])([0-9]+)\.\.([0-9]+)")
_UNITS = {unit.lower(): unit for unit in get_args(model.Unit)}
_PER_UNIT = re.compile(rf"\b({'|'.join(_UNITS)}), ?([0-9]+)\b")
_TEXT = re.compile(r'"([^"]*)"')
_MOST_COUNTED = 9
"""A larger number counts no units of a drug, but days, months or a measure."""
_SCALE = 1000
"""Rules have thousandths of what a case states."""
_SPREAD = 6
_NO_UNIT = "an unknown unit"


class Amounts(msgspec.Struct, frozen=True):
    """What a case may state of amounts.

    *quantities* and *measured* numbers come with a unit; *counted* is the most units that the
    rules count, *billed* is in billing units.
    """

    quantities: tuple[tuple[int | float, str], ...]
    billed: tuple[int, ...]
    counted: int
    measured: tuple[tuple[int | float, str], ...]


def amounts(forms: Collection[str], sizes: Sequence[int]) -> Amounts:
    """Return the amounts that rules of these *forms* could tell apart.

    *sizes* are numbers to stand measured values around, in thousandths.
    """
    facts = [form for form in forms if ":-" not in form]
    per_unit = sorted({(unit, int(n)) for fact in facts for unit, n in _PER_UNIT.findall(fact)})
    counts = sorted(_around(_counted(facts)))
    several = sorted({counts[0], counts[len(counts) // 2], counts[-1]})
    whole = {unit for unit, each in per_unit if each == _SCALE}
    found: list[tuple[int | float, str]] = [
        (count, _UNITS[unit]) for unit in sorted(whole) for count in counts
    ]
    found += [
        (_stated(count * each), _UNITS[unit])
        for unit, each in per_unit
        if unit not in whole
        for count in several
    ]
    billed = {
        count * each // _SCALE for unit, each in per_unit if unit == "unit" for count in several
    }
    units = sorted({text for fact in facts for text in _TEXT.findall(fact)})
    values = dict.fromkeys([0, 1, *(_stated(one) for one in _edges(sizes)), *_spread(facts)])
    measured = [(value, unit) for unit in (*units, _NO_UNIT) for value in values]
    return Amounts(tuple(found), tuple(sorted(billed)), counts[-1], tuple(measured))


def _counted(facts: Iterable[str]) -> Iterator[int]:
    yield 1
    for fact in facts:
        yield from (n for n in map(int, _NUMBER.findall(fact)) if 0 < n <= _MOST_COUNTED)


def _around(numbers: Iterable[int]) -> set[int]:
    return {near for number in numbers for near in (number - 1, number, number + 1) if near > 0}


def _edges(sizes: Iterable[int]) -> Iterator[int]:
    """Yield the numbers that can be thousandths of something, with one to each side."""
    for size in sizes:
        if size >= _SCALE:
            yield from (size, size - 1, size + 1)


def _spread(facts: Iterable[str]) -> Iterator[int]:
    """Yield numbers from each range of answers: its ends, and some between."""
    for fact in facts:
        for first, last in _RANGE.findall(fact):
            low, high = int(first), int(last)
            step = max(1, (high - low) // (_SPREAD - 1))
            yield from dict.fromkeys([*range(low, high, step), high])


def _stated(thousandths: int) -> int | float:
    """Return an amount as a case states it.

    >>> _stated(3600), _stated(12000)
    (3.6, 12)
    """
    whole, rest = divmod(thousandths, _SCALE)
    return thousandths / _SCALE if rest else whole
