"""The atoms that a proof lists, looked up by predicate and by any of their arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reasoner.certificate.syntax import Signature
from reasoner.certificate.term import Term

__all__ = ["AtomTerm", "Relation", "Row", "Store", "signature"]

AtomTerm = tuple[Any, ...]
"""An atom: its name and its arguments."""

Row = tuple[Any, ...]
"""The arguments of an atom."""


def signature(atom: AtomTerm) -> Signature:
    """Return the predicate of *atom*."""
    return atom[0], len(atom) - 1


class Relation:
    """The rows of one predicate, with an index for every set of columns that is asked for."""

    __slots__ = ("_indexes", "_spread", "rows")

    def __init__(self) -> None:
        self.rows: set[Row] = set()
        self._indexes: dict[tuple[int, ...], dict[Any, list[Row]]] = {}
        self._spread: dict[int, int] = {}

    def add(self, row: Row) -> None:
        """Take one more row."""
        if row not in self.rows:
            self.rows.add(row)
            if self._indexes:
                self._indexes.clear()
                self._spread.clear()

    def by(self, columns: tuple[int, ...]) -> dict[Any, list[Row]]:
        """Return the rows by the values of *columns*: a value for one column, else a tuple."""
        found = self._indexes.get(columns)
        if found is None:
            found = self._indexes[columns] = {}
            if len(columns) == 1:
                (column,) = columns
                for row in self.rows:
                    found.setdefault(row[column], []).append(row)
            else:
                for row in self.rows:
                    found.setdefault(tuple([row[column] for column in columns]), []).append(row)
        return found

    def expected(self, columns: Iterable[int]) -> float:
        """Return about how many rows agree in *columns*."""
        count = len(self.rows)
        most = 1
        for column in columns:
            if column not in self._spread:
                self._spread[column] = len({row[column] for row in self.rows})
            most = max(most, self._spread[column])
        return count / most


_NOTHING = Relation()


class Store:
    """Atoms by their predicates; *base* are those of another store, which is not changed."""

    __slots__ = ("relations",)

    def __init__(self, base: Store | None = None) -> None:
        self.relations: dict[Signature, Relation] = {} if base is None else dict(base.relations)

    def __contains__(self, atom: AtomTerm) -> bool:
        return atom[1:] in self.of((atom[0], len(atom) - 1)).rows

    def of(self, predicate: Signature) -> Relation:
        """Return the rows of *predicate*."""
        return self.relations.get(predicate, _NOTHING)

    def rows(self, name: str, arity: int) -> Iterator[Row]:
        """Yield the rows of a predicate."""
        yield from self.of((name, arity)).rows

    def add(self, atom: AtomTerm) -> None:
        """Take one more atom, of a predicate that the base has not."""
        predicate = signature(atom)
        relation = self.relations.get(predicate)
        if relation is None:
            relation = self.relations[predicate] = Relation()
        relation.add(atom[1:])

    def column(self, name: str, arity: int, place: int = 0) -> set[Term]:
        """Return the values that a predicate has at *place*."""
        return {row[place] for row in self.rows(name, arity)}
