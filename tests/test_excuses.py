"""Tests of the proofs that excuse a mutant, on rules that are small enough to be judged by hand.

For each proof there is a rule that it must excuse, and one like it that it must not.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest

from reasoner.check.term import Compound, Variable
from reasoner.errors import ReasonerError
from reasoner.policy import Policy, load_policy, rules_folder
from reasoner.program import RuleFile
from test_coverage import folder
from test_mutation import living, notices
from workbench.coverage.implied import Theory
from workbench.mutation.context import Context
from workbench.mutation.reach import Reach
from workbench.mutation.witness import near
from workbench.rules import every_rule
from workbench.suite.bench import reasoner_of
from workbench.suite.files import policy_rows

OUTPUT = frozenset({("candidate", 2)})


@cache
def shipped() -> Policy:
    return load_policy(rules_folder(), "mp-rx-fp-52-23")


def file(text: str) -> RuleFile:
    return RuleFile(Path("small.lp"), "small.lp", text)


def theory(text: str) -> Theory:
    return Theory(msgspec.structs.replace(shipped(), evidence=(file(text),)))


def implied(text: str, line: int) -> frozenset[int]:
    return theory(text).implied(file(text)).get(f"small.lp:{line}", frozenset())


BOTH_WAYS = """#defined condition/1. #defined status/2.
seen(R) :- condition(R), status(R, active).
seen(R) :- condition(R), status(R, resolved).
seen(R) :- {more}
shown(R) :- condition(R), seen(R).
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("condition(R), status(R, unconfirmed).", {0}),
        ("status(R, unconfirmed).", set()),  # this way, nothing says that it is a condition
    ],
)
def test_a_literal_follows_where_every_way_to_the_rest_brings_it_along(
    more: str, found: set[int]
) -> None:
    assert implied(BOTH_WAYS.format(more=more), 5) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("therapy(R), response(R, adequate)", {0}),  # only a therapy has a response
        ("condition(R), status(R, active)", set()),  # an allergy has a status too
        ("therapy(R), response(T, adequate)", set()),  # of another record
    ],
)
def test_what_a_case_states_of_one_section_only_is_known(body: str, found: set[int]) -> None:
    text = f"#defined therapy/1. #defined response/2. #defined condition/1.\na(R) :- {body}.\n"
    assert implied(text, 2) == found


def test_a_literal_that_is_derived_from_the_rest_follows() -> None:
    text = "#defined b/1. #defined d/1.\nc(R) :- b(R).\nc(R) :- d(R).\na(R) :- b(R), c(R).\n"
    assert implied(text, 4) == {1}


def asked(readers: str) -> bool:
    """Whether the first literal of `helper` can be left out, as its *readers* are."""
    text = (
        "#defined therapy/1. #defined flag/1. #defined other/1.\n"
        f"helper(R) :- therapy(R), flag(R).\n{readers}\n"
    )
    rules = every_rule(file(text))
    context = Context(rules, OUTPUT, theory(text))
    return context.asked_by_readers([one for one in rules if one.where == "small.lp:2"], 0)


@pytest.mark.parametrize(
    ("readers", "found"),
    [
        ("candidate(q, R) :- therapy(R), helper(R).", True),
        ("candidate(q, R) :- therapy(R), not helper(R).", True),
        ("step(R) :- helper(R). candidate(q, R) :- therapy(R), step(R).", True),
        ("candidate(q, R) :- helper(R).", False),
        ("candidate(q, R) :- therapy(T), helper(R), other(R).", False),
        ("candidate(q, R) :- not therapy(R), other(R), not helper(R).", False),
        ("candidate(q, R) :- therapy(R), helper(R). candidate(p, R) :- helper(R).", False),
        ("step :- helper(_). candidate(q, R) :- therapy(R), step.", False),
        ("step(R) :- helper(R). candidate(q, R) :- helper(R), step(R).", False),
        ("step(R) :- therapy(R). candidate(q, R) :- helper(R), step(R).", True),
        ("candidate(q, N) :- therapy(R), N = #count { T : helper(T) }.", False),
    ],
)
def test_a_literal_can_be_left_out_where_every_reader_asks_for_it(
    readers: str, *, found: bool
) -> None:
    assert asked(readers) is found


def reaches(question: str) -> bool:
    text = """#defined any_record/1. #defined supports/3.
presumed(infection, no).
doubted(Q) :- doubt(Q, _).
doubt(infection, R) :- supports(infection, yes, R).
candidate(Q, A) :- presumed(Q, A), not doubted(Q).
"""
    atom = Compound("doubt", (Compound(question), Variable("R")))
    return Reach(every_rule(file(text)), OUTPUT).reaches(atom)


def test_a_doubt_reaches_an_answer_where_it_can_be_presumed_only() -> None:
    assert reaches("infection")
    assert not reaches("hiv")


def test_nothing_that_is_excused_is_noticed_by_cases_near_the_rows() -> None:
    reasoner = reasoner_of(folder())
    rows = near(reasoner, policy_rows(folder()), 40)
    excused = [one for one in living(("equivalent",)) if "world" not in one.by]
    assert len(excused) > 5
    for one in excused[::3]:
        assert not notices(one.mutant, rows), one.mutant


def test_a_row_near_says_what_is_decided() -> None:
    reasoner = reasoner_of(folder())
    for row in near(reasoner, policy_rows(folder()), 5):
        assert not isinstance(reasoner.decide(row.case), ReasonerError)
        assert row.expect.recommendation is not None
