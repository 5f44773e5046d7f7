"""Changes that an author makes to the shipped rules: what `check` can see, it says in one line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from reasoner.check import Finding, check_policy
from reasoner.policy import rules_folder

POLICY = "mp-rx-fp-52-23"


class Change(NamedTuple):
    """*new* replaces *old*, an expression, in *file*; the finding and its mend, or nothing."""

    file: str
    old: str
    new: str
    code: str = ""
    message: str = ""
    hint: str = ""


HARMFUL = {
    "a threshold": Change(
        "parameters.lp",
        r"failures_needed, 2",
        "failures_needed, 3",
        "text.number",
        "the text of the clause `approval.II` says `two`, and its rules compare with 3",
    ),
    "an age": Change(
        "parameters.lp", r"adult_months, 216", "adult_months, 192", "text.number", "says `18`"
    ),
    "a window": Change(
        "parameters.lp",
        r"limit_months\(12\)",
        "limit_months(6)",
        "text.number",
        "the text of the clause `quantity.limit` says `12`",
    ),
    "a dropped exclusion": Change(
        "exclusions.lp",
        r"applies\(exclusion\(ii\)\) :- .*\n",
        "",
        "clause.rules",
        "no rule defines the clause `exclusion.II`",
        "write a rule for `applies(exclusion(ii))`",
    ),
    "an exclusion under the name of another": Change(
        "exclusions.lp",
        r"applies\(exclusion\(v\)\)",
        "applies(exclusion(iv))",
        "clause.rules",
        "no rule defines the clause `exclusion.V`",
    ),
    "a dropped condition": Change(
        "exclusions.lp",
        r"is\(concurrent\(D\), yes\), alternative\(D\)",
        "is(concurrent(D), yes)",
        "rule.subsumed",
        "this rule of `applies` derives nothing that",
    ),
    "a brand moved in one table": Change(
        "terminology/names.csv",
        r"(?m)^avonex,Avonex,interferon_beta_1a",
        "avonex,Avonex,glatiramer_acetate",
        "concept.name",
        "`Avonex` is `glatiramer_acetate` in names.csv:13, and `interferon_beta_1a` here",
    ),
    "a misspelling in a body": Change(
        "criteria.lp",
        r"relapsing\(P\)\.",
        "relapsign(P).",
        "vocabulary.undefined",
        "nothing defines `relapsign/1`",
        "did you mean `relapsing/1`?",
    ),
    "a misspelling under not": Change(
        "library/therapies.lp",
        r"not misnamed\(R\)\.\nidentified",
        "not misnamd(R).\nidentified",
        "vocabulary.undefined",
        "nothing defines `misnamd/1`",
        "did you mean `misnamed/1`?",
    ),
    "a misspelling in a head": Change(
        "library/conditions.lp",
        r"set_apart\(R\) :- status\(R, resolved",
        "set_aprt(R) :- status(R, resolved",
        "vocabulary.unread",
        "nobody reads `set_aprt/1`",
        "did you mean `set_apart/1`?",
    ),
    "a misspelling in a head of the library": Change(
        "library/therapies.lp",
        r"refutes_failure\(D, R\) :- ingredient\(R, D\), taken\(R, no",
        "refuts_failure(D, R) :- ingredient(R, D), taken(R, no",
        "vocabulary.unread",
        "nobody reads `refuts_failure/2`",
        "did you mean `refutes_failure/2`?",
    ),
    "a misspelling of the only head": Change(
        "library/conditions.lp",
        r"may_have_ended\(R\) :-",
        "may_have_endd(R) :-",
        "vocabulary.unread",
        "nobody reads `may_have_endd/1`",
        "`may_have_ended/1` is read, and nothing defines it: one of the two is misspelt",
    ),
    "a swapped default": Change(
        "readings.lp",
        r"default\(intolerance_counts, no\)",
        "default(intolerance_counts, yes)",
        "reading.first",
        "the default of `intolerance_counts` is `yes`, and its values begin with `no`",
    ),
    "a question renamed where it is declared": Change(
        "questions.lp",
        r"\bhiv\b",
        "hiv_status",
        "answer.question",
        "the policy asks no question `hiv`",
        "no rule names the question `hiv_status`: if that is its new name, use it",
    ),
    "a question renamed where it is asked": Change(
        "exclusions.lp",
        r"is\(infection,",
        "is(infections,",
        "answer.question",
        "the policy asks no question `infections`",
        "did you mean `infection`?",
    ),
    "a clause without rules": Change(
        "policy.toml",
        r"\n\[\[clauses\]\]\nid = \"quantity.limit\"",
        '\n[[clauses]]\nid = "exclusion.VII"\nkind = "exclusion"\n'
        'locator = "Scope"\ntext = "A new one"\n\n[[clauses]]\nid = "quantity.limit"',
        "clause.rules",
        "no rule defines the clause `exclusion.VII`",
    ),
}
HARMLESS = {
    "a reordered body": Change(
        "criteria.lp",
        r"is\(indication, ms\), is\(phenotype, P\), relapsing\(P\)",
        "relapsing(P), is(phenotype, P), is(indication, ms)",
    ),
    "a renamed variable": Change(
        "criteria.lp", r"(?<=#count \{ )Drug : counted\(Drug\)", "One : counted(One)"
    ),
    "a helper of its own": Change(
        "library/scope.lp",
        r"governed_plan :- plan\(request, Plan\), in_plan\(Plan\)\.",
        "governed_plan :- plan(request, Plan), known_plan(Plan).\nknown_plan(P) :- in_plan(P).",
    ),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, frozenset[Finding]]:
    rules = tmp_path_factory.mktemp("changes") / "rules"
    shutil.copytree(rules_folder(), rules)
    return rules, frozenset(check_policy(rules, POLICY))


@pytest.fixture
def changed(copied: tuple[Path, frozenset[Finding]], change: Change) -> Iterator[list[Finding]]:
    rules, before = copied
    shared = change.file.startswith(("library/", "terminology/"))
    path = rules / ("" if shared else f"policies/{POLICY}") / change.file
    whole = path.read_text(encoding="utf-8")
    text, count = re.subn(change.old, change.new, whole)
    assert count, f"{change.old} no longer stands in {change.file}"
    path.write_text(text, encoding="utf-8")
    yield [finding for finding in check_policy(rules, POLICY) if finding not in before]
    path.write_text(whole, encoding="utf-8")


def without_places(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.code, finding.message) for finding in findings}


@pytest.mark.parametrize("change", HARMFUL.values(), ids=HARMFUL)
def test_a_harmful_change_is_said_with_its_mend(changed: list[Finding], change: Change) -> None:
    found = [one for one in changed if one.code == change.code and change.message in one.message]
    assert found, without_places(changed)
    assert {one.hint for one in found} == {change.hint or found[0].hint} != {""}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_change_is_left_alone(
    changed: list[Finding], copied: tuple[Path, frozenset[Finding]]
) -> None:
    _, before = copied
    assert without_places(changed) <= without_places(list(before))
