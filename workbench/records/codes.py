"""The codes and products of the concepts that rules name, from one or more versions of the tables.

Those on which versions differ come first, then one or two for each concept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from reasoner.terminology import Row, Terminology

__all__ = ["Codes", "Keys"]

Keys = dict[str, Any]
"""Keys of a record that are written together, as YAML has them."""

_PER_CONCEPT = 2
_MOST_CONCEPTS = 16


class Codes:
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
