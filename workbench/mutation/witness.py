"""A row that would kill a survivor: a case near the rows that both versions decide differently."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reasoner.case import write_yaml
from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from workbench.mutation.neighbours import neighbours
from workbench.suite.bench import decided
from workbench.suite.expectation import Expectation
from workbench.suite.judgement import outcome
from workbench.suite.row import Row

__all__ = ["expected", "near", "row_text"]


def near(reasoner: Reasoner, rows: Sequence[Row], count: int) -> list[Row]:
    """Return rows near *rows* that pass: they expect all that the policy as it is decides."""
    found = neighbours(reasoner, rows, count)
    return [
        msgspec.structs.replace(row, name=f"near {number}: {row.name}", expect=expected(decision))
        for number, (row, decision) in enumerate(
            zip(found, decided(reasoner, found), strict=True), 1
        )
        if not isinstance(decision, ReasonerError)
    ]


def expected(decision: Decision) -> Expectation:
    """Return all that a row can look at of *decision*, but for what it rests on."""
    value = outcome(decision)
    if isinstance(value, list):
        value = [list(one) if isinstance(one, tuple) else one for one in value]
    return msgspec.convert(
        {
            decision.recommendation: value,
            "clauses": {clause.id: clause.status for clause in decision.clauses},
            "assumes": {
                one.question: list(one.answer) if isinstance(one.answer, tuple) else one.answer
                for one in decision.assumptions
            },
            "conflicts": [one.question for one in decision.conflicts],
            "advisories": [one.id for one in decision.advisories],
            "needed": {one.question: one.needed for one in decision.missing},
        },
        Expectation,
    )


def row_text(row: Row, name: str, comment: str) -> str:
    """Return *row* as a file of tests with the one row *name*; *comment* stands above it."""
    kept: dict[str, object] = {"name": name, "from": "", "case": row.document}
    if row.decided_on is not None:
        kept["decided_on"] = row.decided_on.isoformat()
    if row.readings:
        kept["readings"] = dict(row.readings)
    expect = msgspec.to_builtins(row.expect)
    return write_yaml({"rows": [{**kept, "expect": expect}]}, comment=comment)
