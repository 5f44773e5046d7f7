"""What records leave under a mutant: only what rests on the changed rule is derived again.

A *pair* is a mutant and a row. All pairs of mutants of one predicate are grounded together;
what does not rest on that predicate is taken from what holds in the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clingo import Function, Number, Symbol

from reasoner.program import dependents, relocate
from workbench.mutation.grounding import Holding
from workbench.mutation.model import OUTPUTS, Left, Model, left_of
from workbench.mutation.mutant import Mutant
from workbench.mutation.written import changed, guarded

__all__ = ["Delta"]

_OFF, _ON, _ROW = "_off", "_on", "_row"
_READING = "reading"


class Delta:
    """The mutants of rules that derive *predicate*, by their numbers."""

    def __init__(self, model: Model, predicate: str, mutants: Mapping[int, Mutant]) -> None:
        self._model = model
        self._mutants = mutants
        roots = {predicate}
        if predicate in _CHOOSES:
            roots.add(_READING)
        self._moved = dependents(model.policy.evidence, roots)
        self._rules = {
            (rule.file, rule.begin): k
            for k, rule in enumerate(model.rules)
            if not rule.head.isdisjoint(self._moved)
        }
        self._texts = [self._relocated(text) for text in self._written()]
        self._read = (
            frozenset().union(*(model.rules[k].body for k in self._rules.values())) - self._moved
        )
        self._outputs = [name for name in OUTPUTS if name in self._moved]

    def _written(self) -> Iterator[str]:
        rules = self._model.rules
        changing = {(one.file, one.begin) for one in self._mutants.values()}
        for place, k in self._rules.items():
            text = rules[k].text
            yield guarded(text, f"not {_OFF}({k})") if place in changing else text
        for j, mutant in self._mutants.items():
            text = changed(rules[self._rules[mutant.file, mutant.begin]], mutant)
            if text:
                yield guarded(text, f"{_ON}({j})")

    def _relocated(self, text: str) -> str:
        stays = self._model.predicates - self._moved
        text = relocate(text, frozenset(stays), "Row", _ROW)
        return relocate(text, self._moved | {_OFF, _ON, _ROW}, "Pair", "_pair")

    def left(
        self,
        pairs: Sequence[tuple[int, int]],
        chosen: Mapping[int, Mapping[str, Symbol]] | None = None,
    ) -> list[Left]:
        """Return what the records of each pair of mutant and row leave.

        *chosen* are the readings of a mutant, where it changes which are the default.

        Raises:
            RuntimeError: clingo refuses a mutant.
        """
        facts: list[Symbol] = []
        for n, (j, row) in enumerate(pairs):
            pair, mutant = Number(n), self._mutants[j]
            facts += [
                Function("_pair", [pair]),
                Function(_ROW, [pair, Number(row)]),
                Function(_ON, [pair, Number(j)]),
                Function(_OFF, [pair, Number(self._rules[mutant.file, mutant.begin])]),
            ]
            if _READING in self._moved:
                tried = self._model.tried[row]
                readings = {**tried.chosen, **((chosen or {}).get(n) or {})}
                facts += [
                    Function(_READING, [pair, Function(name), value])
                    for name, value in readings.items()
                ]
        rows = sorted({row for _, row in pairs})
        facts += self._model.facts(self._read, rows)
        found = left_of(Holding(self._texts, facts), self._outputs)
        out: list[Left] = []
        for n, (_, row) in enumerate(pairs):
            kept = (one for one in self._model.left[row] if one[0] not in self._moved)
            out.append(found.get(n, frozenset()).union(kept))
        return out


_CHOOSES = frozenset({"interpretation", "default", "presumed"})
"""What says which reading is in force where none is chosen."""
