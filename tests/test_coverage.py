"""Tests of coverage and of mutants: what is reached, what holds back, what nobody notices.

A small policy of its own is measured, so that every number can be told by hand.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import msgspec
import pytest

from reasoner.cli import run
from reasoner.policy import rules_folder
from test_readme import AUTHORING, FILE
from workbench.coverage.measure import Coverage, RuleCoverage, measured
from workbench.mutation.score import Score, scored
from workbench.suite.bench import decided, reasoner_of
from workbench.suite.files import policy_rows
from workbench.suite.judgement import judged

DEMO = "demo-natalizumab"


@cache
def folder() -> Path:
    """The policy of the authoring guide, with the tests of `docs/testing.md`."""
    rules = Path(mkdtemp()) / "rules"
    shutil.copytree(rules_folder(), rules, ignore=shutil.ignore_patterns("policies"))
    for guide in (AUTHORING, AUTHORING.with_name("testing.md")):
        for found in FILE.finditer(guide.read_text(encoding="utf-8")):
            path = rules.parent / found["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(found["text"], encoding="utf-8")
    return rules / "policies" / DEMO


@cache
def coverage() -> Coverage:
    return measured(reasoner_of(folder()), policy_rows(folder()))


@cache
def score() -> Score:
    return scored(reasoner_of(folder()), policy_rows(folder()))


def rule(head: str) -> RuleCoverage:
    (found,) = (one for one in coverage().rules if one.text.startswith(head))
    return found


def test_the_rows_of_the_guide_pass() -> None:
    rows = policy_rows(folder())
    assert len(rows) == 7
    for row, result in zip(rows, decided(reasoner_of(folder()), rows), strict=True):
        assert not isinstance(result, Exception)
        assert judged(row.expect, result) == []


def test_a_rule_that_fires_is_counted_and_its_place_is_named() -> None:
    found = rule("met(approval(i))")
    assert found.place.startswith(f"policies/{DEMO}/criteria.lp:")
    assert found.fired == 4  # all but the two with another form or none, and the one that asks
    assert [(one.text, one.state) for one in found.literals] == [("is(form,rrms)", "covered")]


def test_a_rule_that_never_fires_says_which_literal_holds_it_back() -> None:
    found = rule("outside")
    assert found.fired == 0
    assert [one.state for one in found.literals] == ["never_true"]
    assert "`is(scope,no)` (7 rows)" in found.why


def test_a_literal_that_never_fails_alone_is_told() -> None:
    found = rule("supports(scope,yes,request)")
    assert [(one.text, one.state) for one in found.literals] == [
        ("wanted(yes)", "never_false"),
        ("governed", "never_false"),
    ]


def test_what_the_result_rests_on_is_decisive() -> None:
    assert rule("met(approval(i))").decisive == 6  # where it fires, and where that is open
    assert rule("applies(exclusion(i))").decisive == 1


def test_a_mutant_that_no_row_notices_survives() -> None:
    states = {one.mutant.words: one.state for one in score().fates}
    assert states["move number: most(1) -> most(2)"] == "killed"
    assert states["drop rule: outside :- is(scope, no)."] == "survived"
    flipped = "@plus_months(Last, Months) < Day -> @plus_months(Last, Months) <= Day"
    assert states[f"flip comparison: {flipped}"] == "survived"


def test_the_score_is_of_the_mutants_that_live_and_matter() -> None:
    found = score()
    every = found.count("killed") + found.count("survived")
    assert found.tally.percent == found.count("killed") * 1000 // every / 10
    assert len(found.fates) == every + found.count("stillborn") + found.count("equivalent")
    assert found.clauses["exclusion.I"].killed > 0


def test_the_command_shows_coverage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rules = str(folder().parents[1])
    page = tmp_path / "page.html"
    command = ["test", "--rules", rules, DEMO, "--coverage"]
    assert run([*command, "--html", str(page), "--fail-under", "99"]) == 1
    text = capfd.readouterr()
    assert "never fires: all but this holds, and never this: `is(scope,no)` (7 rows)" in text.out
    assert "% is less than 99 %" in text.err
    assert "http" not in page.read_text(encoding="utf-8").replace("http://www.w3.org", "")
    assert "never fires" in page.read_text(encoding="utf-8")
    assert run([*command, "--format", "json"]) == 0
    data = msgspec.json.decode(capfd.readouterr().out)
    assert data["policies"][0]["percent"] == coverage().percent
