"""Tests of mutants: what the fast way says of them, plain decisions by the changed rules say too.

The fast way grounds one step of a changed rule over what holds, then only what rests on it.
Here each mutant is written out as a policy of its own and decides every row from its records.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from reasoner.cli import run
from reasoner.engine import Reasoner
from reasoner.errors import ReasonerError
from test_coverage import DEMO, folder
from workbench.mutation.hunt import Fate
from workbench.mutation.mutant import Mutant, mutated
from workbench.mutation.score import Score, scored
from workbench.suite.bench import decided, reasoner_of
from workbench.suite.files import policy_rows, read_rows
from workbench.suite.judgement import judged
from workbench.suite.row import Row

NEAR = 60
EACH = 4
"""Every so many a mutant is decided the slow way."""


@cache
def score() -> Score:
    return scored(reasoner_of(folder()), policy_rows(folder()), near_rows=NEAR)


def notices(mutant: Mutant, rows: Sequence[Row]) -> bool:
    """Whether a row comes out otherwise by the rules as *mutant* has them."""
    reasoner = reasoner_of(folder())
    changed = Reasoner(mutated(reasoner.policy, mutant), reasoner.terminology, version="mutant")
    for row in rows:  # one by one: what the tables say of another row's codes is not known
        (found,) = decided(changed, [row])
        if isinstance(found, ReasonerError) or judged(row.expect, found):
            return True
    return False


def living(states: Sequence[str]) -> list[Fate]:
    return [one for one in score().fates if one.state in states]


@pytest.mark.parametrize("part", range(EACH))
def test_a_mutant_is_killed_where_plain_decisions_notice_it(part: int) -> None:
    rows = policy_rows(folder())
    for one in living(("killed", "survived", "equivalent"))[part::EACH]:
        assert notices(one.mutant, rows) == (one.state == "killed"), one.mutant


def test_the_row_that_kills_is_named() -> None:
    by_name = {row.name: row for row in policy_rows(folder())}
    for one in living(("killed",))[::9]:
        assert notices(one.mutant, [by_name[one.by]]), one.mutant


def test_a_witness_is_decided_otherwise_by_the_mutant_only() -> None:
    found = score().witnesses
    assert len(found) > 20
    for mutant, row in list(found.items())[::3]:
        (now,) = decided(reasoner_of(folder()), [row])
        assert not isinstance(now, ReasonerError)
        assert judged(row.expect, now) == []
        assert notices(mutant, [row]), mutant


def test_two_runs_and_two_processes_say_the_same() -> None:
    again = scored(reasoner_of(folder()), policy_rows(folder()), processes=2)
    assert again.fates == score().fates


def test_witnesses_are_saved_as_tests(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rules = folder().parents[1]
    saved = folder() / "tests" / "saved"
    command = ["test", "--rules", str(rules), DEMO, "--mutate", "--only", "criteria.lp"]
    try:
        assert run([*command, "--save-case", str(saved)]) == 0
        files = sorted(saved.glob("*.yaml"))
        assert files
        assert "a row that is missing" in capfd.readouterr().out
        assert all(len(read_rows(file)) == 1 for file in files)
        assert run(["test", "--rules", str(rules), *map(str, files)]) == 0
    finally:
        for file in saved.glob("*"):
            file.unlink()
