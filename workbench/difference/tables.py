"""On which rows the tables of two versions differ in what they mean."""

from __future__ import annotations

import msgspec

from reasoner.terminology import Row, Terminology

__all__ = ["Tables", "compare_tables"]


class Tables(msgspec.Struct, frozen=True):
    """The rows on which the tables of two versions differ in what they mean.

    Sources, notes and confidence decide nothing; they are left out.
    """

    old: tuple[Row, ...]
    new: tuple[Row, ...]
    besides: tuple[tuple[str, str], ...]

    @property
    def same(self) -> bool:
        """Whether both mean the same."""
        return not (self.old or self.new or self.besides)


def compare_tables(old: Terminology, new: Terminology) -> Tables:
    """Return what the tables of *old* and *new* do not share."""
    before = {_meaning(row): row for row in old.table}
    after = {_meaning(row): row for row in new.table}
    besides = [
        (side, " ".join(map(str, what)))
        for side, one, other in (("old", old, new), ("new", new, old))
        for what in sorted(_besides(one) - _besides(other))
    ]
    return Tables(
        tuple(row for key, row in before.items() if key not in after),
        tuple(row for key, row in after.items() if key not in before),
        tuple(besides),
    )


def _meaning(row: Row) -> tuple[object, ...]:
    return (
        *(row.system, row.code, row.display, row.concept, row.labelled_for),
        *(row.valid_from, row.valid_to, row.lists),
    )


def _besides(tables: Terminology) -> set[tuple[str, ...]]:
    """Return what the tables say besides codes: ranges, properties, names of systems."""
    found: set[tuple[str, ...]] = {
        ("range", one.system, one.first, one.last, one.concept) for one in tables.ranges
    }
    found |= {("property", *triple) for triple in tables.properties}
    return found | {("system", alias, name) for alias, name in tables.aliases.items()}
