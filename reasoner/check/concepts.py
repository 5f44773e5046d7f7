"""Names of the terminology: whatever is called the same, in whichever table, is the same."""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.check.finding import Finding, error
from reasoner.terminology import Row, Terminology, normal_display

__all__ = ["check"]


def check(terminology: Terminology) -> Iterator[Finding]:
    """Yield every drug that one table takes for another one than a second table does.

    Only the tables of products can contradict each other so: a diagnosis may be called by one
    word in two systems and be drawn wider in one of them.
    """
    names: dict[str, Row] = {}
    drugs = {row.concept for row in terminology.property_rows}
    for row in sorted(terminology.table, key=lambda row: row.system != "name"):
        if row.concept not in drugs:
            continue
        name = normal_display(row.display)
        first = names.setdefault(name, row)
        if first.concept != row.concept:
            yield _two(row, first)


def _two(row: Row, first: Row) -> Finding:
    return error(
        "concept.name",
        f"`{row.display}` is `{first.concept}` in {first.place}, and `{row.concept}` here",
        f"terminology/{row.place}:1",
        "one of the two rows is wrong: look at their sources",
    )
