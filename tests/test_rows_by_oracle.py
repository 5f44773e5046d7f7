"""The rows that mutants asked for, by the oracle: what they expect is no copy of the rules."""

from __future__ import annotations

from typing import Any

import oracle
from reasoner.errors import ReasonerError
from reasoner.model import SECTIONS
from test_oracle import COMPARED, in_the_oracles_words, reasoner
from test_policy import FOLDER
from workbench.suite.bench import decided
from workbench.suite.files import read_rows


def as_written(document: dict[str, Any]) -> dict[str, Any]:
    """The case with its records in lists, as a file of a case has them."""
    return {
        key: [{"id": name, **record} for name, record in value.items()]
        if key in SECTIONS
        else value
        for key, value in stated(document).items()
    }


def stated(value: Any) -> Any:  # noqa: ANN401 -- any value of a case
    if isinstance(value, dict):
        return {key: stated(one) for key, one in value.items() if one is not None}
    return [stated(one) for one in value] if isinstance(value, list) else value


def test_the_oracle_decides_the_rows_alike() -> None:
    rows = read_rows(FOLDER / "tests" / "changes.yaml")
    assert len(rows) > 80
    for row, decision in zip(rows, decided(reasoner(), rows), strict=True):
        assert not isinstance(decision, ReasonerError), row.name
        readings = {n: int(v) if v.isdecimal() else v for n, v in row.readings.items()}
        expected = oracle.decide({"id": "x", **as_written(row.document)}, readings)
        found = in_the_oracles_words(decision)
        assert [n for n in COMPARED if expected[n] != found[n]] == [], row.name
