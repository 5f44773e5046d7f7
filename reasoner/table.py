"""What holds in each world of a set: a table with a line for every combination of answers.

Only the questions that can matter have columns; they are few, however many are open. A row of
the circuit is a column of the table here: a whole number, one bit for each world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

import msgspec
from clingo import Symbol

from reasoner.circuit import Circuit, GroundRules, compiled
from reasoner.criteria import Criteria, State
from reasoner.policy import Policy
from reasoner.terminology import Terminology

__all__ = ["Insight", "Table", "Tables", "tabulated"]

MOST_WORLDS = 1 << 13
"""The worlds of a table; where there are more, the solver is asked instead."""

MOST_VARIANTS = 1 << 16
"""The worlds of a table and of those that are beside them."""

MEMORY = 1024
"""Insights and tables that are remembered."""


class Insight(msgspec.Struct, frozen=True, eq=False):
    """What is known of a set of worlds before one of them is looked at.

    *places* are the questions that can matter to what is asked for. *results* are the rows of
    the results that some world may have, and *is_certain* says that all have the only one.
    """

    places: tuple[int, ...]
    results: tuple[int, ...]
    is_certain: bool


class Axis(msgspec.Struct, frozen=True, eq=False):
    """A question of a table: each of its *answers* in turn, for *stride* worlds."""

    place: int
    stride: int
    answers: tuple[int, ...]


class Table:
    """The worlds of a set, one bit each, by the answers to the questions that matter."""

    def __init__(self, axes: Sequence[Axis], count: int, rows: Sequence[int]) -> None:
        self.axes = {axis.place: axis for axis in axes}
        self.full = (1 << count) - 1
        self.rows = rows
        self._count = count

    def varies(self, row: int, axis: Axis) -> bool:
        """Whether *row* differs between two worlds that differ by their answer on *axis*."""
        worlds = self.rows[row]
        last = len(axis.answers) - 1
        but_last = self.full ^ _pattern(axis.stride, last + 1, last, self._count)
        return bool((worlds ^ (worlds >> axis.stride)) & but_last)

    def among(self, place: int, mask: int, inputs: Sequence[int]) -> int:
        """Return the worlds in which the question at *place* has one of the answers of *mask*."""
        if place not in self.axes:
            return self.full
        found = 0
        for n, row in enumerate(inputs):
            if mask >> n & 1:
                found |= self.rows[row]
        return found


class Tables:
    """Tables over one circuit.

    *usual* has, for the place of each question, the answers that it has where nothing is said
    of it; *results* are the rows of the results, *terms* what is shown of a world by its rows.
    """

    def __init__(
        self,
        circuit: Circuit,
        usual: Sequence[int],
        results: Sequence[int],
        terms: Mapping[int, tuple[str, Any]],
    ) -> None:
        self.circuit = circuit
        self.results = tuple(results)
        self.terms = terms
        self._usual = usual
        self._usual_rows = [
            inputs[(mask & -mask).bit_length() - 1]
            for mask, inputs in zip(usual, circuit.inputs, strict=True)
        ]
        self._known: dict[tuple[frozenset[tuple[int, int]], bool], Insight] = {}
        self._tables: dict[frozenset[tuple[int, int]], Table | None] = {}

    # -- before a world is looked at ----------------------------------------------------------

    def foresee(self, asked: Iterable[tuple[State, bool]]) -> None:
        """Look at many sets of worlds at once; with each, whether more than results is asked."""
        keys = dict.fromkeys((state.key, more) for state, more in asked)
        new = [key for key in keys if key not in self._known]
        if len(self._known) + len(new) > MEMORY:
            self._known.clear()
            new = list(keys)
        self._known.update(zip(new, self._insights(new), strict=True))

    def insight(self, state: State, *, more: bool) -> Insight:
        """Return what is known of the worlds of *state* before one is looked at."""
        key = (state.key, more)
        if key not in self._known:
            self.foresee([(state, more)])
        return self._known[key]

    def _insights(self, asked: Sequence[tuple[frozenset[tuple[int, int]], bool]]) -> list[Insight]:
        circuit = self.circuit
        count = len(asked)
        full = (1 << count) - 1
        both = full | full << count
        rows = [0] * circuit.size
        for row, halves in self._halves([state for state, _ in asked], full, count):
            rows[row] = halves
        circuit.work_out(
            rows, both, lambda row: (both ^ row) >> count | ((both ^ row) & full) << count
        )
        certain, possible = [row & full for row in rows], [row >> count for row in rows]
        detailed = sum(1 << i for i, (_, more) in enumerate(asked) if more)
        targets = dict.fromkeys(self.terms, detailed) | dict.fromkeys(self.results, full)
        relevant = circuit.relevant(certain, possible, targets)
        places: list[list[int]] = [[] for _ in asked]
        for place, inputs in enumerate(circuit.inputs):
            worlds = 0
            for row in inputs:
                worlds |= relevant[row]
            for i in _bits(worlds):
                places[i].append(place)
        results: list[list[int]] = [[] for _ in asked]
        settled = 0
        for row in self.results:
            settled |= certain[row]
            for i in _bits(possible[row]):
                results[i].append(row)
        return [
            Insight(tuple(where), tuple(what), bool(settled >> i & 1) and len(what) == 1)
            for i, (where, what) in enumerate(zip(places, results, strict=True))
        ]

    def _halves(
        self, states: Sequence[Iterable[tuple[int, int]]], full: int, count: int
    ) -> Iterator[tuple[int, int]]:
        """Yield for each answer in which sets it is certain, and in which it is possible."""
        narrowed: list[dict[int, int]] = [{} for _ in self._usual]
        for i, state in enumerate(states):
            for place, mask in state:
                masks = narrowed[place]
                masks[mask] = masks.get(mask, 0) | 1 << i
        for masks, usual, inputs in zip(narrowed, self._usual, self.circuit.inputs, strict=True):
            rest = full
            for sets in masks.values():
                rest ^= sets
            masks[usual] = masks.get(usual, 0) | rest
            halves = [0] * len(inputs)
            for mask, sets in masks.items():
                one = sets << count if mask & (mask - 1) else sets | sets << count
                for n in _bits(mask):
                    halves[n] |= one
            yield from zip(inputs, halves, strict=True)

    # -- world by world -----------------------------------------------------------------------

    def table(self, state: State) -> Table | None:
        """Return all that may be asked of the worlds of *state*, or nothing: they are too many."""
        if state.key not in self._tables:
            if len(self._tables) >= MEMORY // 64:
                self._tables.clear()
            self._tables[state.key] = self._table(state, self.insight(state, more=True).places)
        return self._tables[state.key]

    def result(self, state: State) -> int | None:
        """Return the row of the result that all worlds have, 0 where they differ.

        Nothing, where the worlds are too many.
        """
        insight = self.insight(state, more=False)
        if insight.is_certain:
            return insight.results[0]
        table = self._table(state, insight.places)
        if table is None:
            return None
        found = [row for row in insight.results if table.rows[row]]
        return found[0] if len(found) == 1 and table.rows[found[0]] == table.full else 0

    def _table(self, state: State, places: Sequence[int]) -> Table | None:
        axes: list[Axis] = []
        count = 1
        for place in places:
            answers = tuple(_bits(state.get(place, self._usual[place])))
            axes.append(Axis(place, count, answers))
            count *= len(answers)
            if count > MOST_WORLDS:
                return None
        full = (1 << count) - 1
        rows = self._begun(state, axes, count)
        self.circuit.work_out(rows, full, full.__xor__)
        return Table(axes, count, rows)

    def _begun(self, state: State, axes: Sequence[Axis], count: int) -> list[int]:
        """Return rows in which the questions are answered; where one cannot matter, anyhow."""
        full = (1 << count) - 1
        rows = [0] * self.circuit.size
        for row in self._usual_rows:
            rows[row] = full
        for place, mask in state.items():
            rows[self._usual_rows[place]] = 0
            rows[self.circuit.inputs[place][(mask & -mask).bit_length() - 1]] = full
        for axis in axes:
            inputs, size = self.circuit.inputs[axis.place], len(axis.answers)
            for n, answer in enumerate(axis.answers):
                rows[inputs[answer]] = _pattern(axis.stride, size, n, count)
        return rows

    # -- worlds beside the worlds of a set ----------------------------------------------------

    def resting_on(self, state: State, freed: State, size: int) -> set[int] | None:
        """Return the places of *freed* whose change can change the result, or nothing.

        They are those of the minimal sets, up to *size* places a set. Nothing: the worlds are
        too many, or a place of *freed* has more than one answer before it is changed.
        """
        merged = State({**state, **freed})
        places = self.insight(merged, more=False).places
        changeable = [place for place in places if place in freed]
        fixed = [place for place in places if place not in freed]
        now = {place: state.get(place, self._usual[place]) for place in changeable}
        if any(mask & (mask - 1) for mask in now.values()):
            return None
        changes = [
            (place, 1 << n) for place in changeable for n in _bits(freed[place] & ~now[place])
        ]
        found: set[int] = set()
        for count in range(1, size + 1):
            left = [change for change in changes if change[0] not in found]
            variants = [
                variant
                for variant in combinations(left, count)
                if len({place for place, _ in variant}) == count
            ]
            if not variants:
                break
            differing = self._differing(state, fixed, variants)
            if differing is None:
                return None
            found.update(place for variant in differing for place, _ in variant)
        return found

    def _differing(
        self,
        state: State,
        fixed: Sequence[int],
        variants: Sequence[tuple[tuple[int, int], ...]],
    ) -> list[tuple[tuple[int, int], ...]] | None:
        """Return the *variants* with which some world of *state* has another result."""
        axes: list[Axis] = []
        count = 1
        for place in fixed:
            answers = tuple(_bits(state.get(place, self._usual[place])))
            axes.append(Axis(place, count, answers))
            count *= len(answers)
        blocks = len(variants) + 1  # the worlds as they are come first
        if count * blocks > MOST_VARIANTS:
            return None
        worlds = (1 << count) - 1
        full = (1 << count * blocks) - 1
        rows = self._begun(state, axes, count * blocks)
        changed: dict[tuple[int, int], int] = {}
        for n, variant in enumerate(variants, 1):
            for change in variant:
                changed[change] = changed.get(change, 0) | worlds << n * count
        for (place, mask), where in changed.items():
            inputs = self.circuit.inputs[place]
            now = state.get(place, self._usual[place])
            rows[inputs[now.bit_length() - 1]] &= ~where
            rows[inputs[mask.bit_length() - 1]] = where
        self.circuit.work_out(rows, full, full.__xor__)
        every = full // worlds
        differs = 0
        for row in self.results:
            if rows[row]:
                differs |= rows[row] ^ (rows[row] & worlds) * every
        return [v for n, v in enumerate(variants, 1) if differs >> n * count & worlds]


def tabulated(
    policy: Policy, terminology: Terminology, beyond: Sequence[tuple[Symbol, Symbol]]
) -> tuple[Criteria, Tables | None]:
    """Return the criteria of one world, and tables over them where their rules allow it."""
    rules = GroundRules()
    criteria = Criteria(policy, terminology, beyond, worlds=1, observer=rules)
    shown = criteria.shown()
    circuit = compiled(rules, criteria.inputs, shown)
    if circuit is None:
        return criteria, None
    results = [circuit.row[literal] for literal in criteria.results.values()]
    terms = {circuit.row[literal]: term for literal, term in shown.items()}
    return criteria, Tables(circuit, criteria.unnamed, results, terms)


@lru_cache(maxsize=256)
def _pattern(stride: int, size: int, digit: int, count: int) -> int:
    """Return the worlds, of *count*, in which an axis has its answer number *digit*.

    >>> f"{_pattern(2, 3, 1, 12):012b}"
    '001100001100'
    """
    block = ((1 << stride) - 1) << stride * digit
    return block * (((1 << count) - 1) // ((1 << stride * size) - 1))


def _bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits of *mask*, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
