"""The static checks: every fault is found at its place, and what is sound is left alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from explain import instrument
from reasoner import evidence, terminology
from reasoner.check import CODES, Finding, check_policy
from reasoner.check.fragment import _TYPES
from reasoner.check.grounding import check_worlds
from reasoner.check.program import programs
from reasoner.check.source import Source, parse
from reasoner.check.strata import check as check_strata
from reasoner.check.vocabulary import _WORDS, READ_BY_PROGRAM
from reasoner.errors import UsageError
from reasoner.model import Status
from reasoner.policy import load_policy, rules_folder
from reasoner.program import RuleFile

POLICY = "mp-rx-fp-52-23"
FOLDER = f"policies/{POLICY}"
REASONER = Path(__file__).parent.parent / "reasoner"


class Work:
    """A copy of the rules that a test may break; it is whole again after each test."""

    def __init__(self, rules: Path) -> None:
        self.rules = rules
        self.whole = {p: p.read_bytes() for p in rules.rglob("*") if p.is_file()}
        self.before = frozenset(self._check())

    def _check(self) -> list[Finding]:
        return check_policy(self.rules, POLICY)

    def path(self, name: str) -> Path:
        return self.rules / (name if "/" in name else f"{FOLDER}/{name}")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.path(name)
        text = path.read_text(encoding="utf-8")
        if old:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new) if old else text + new + "\n", encoding="utf-8")

    def place(self, name: str, at: str) -> str:
        """Where *at* stands for the last time in a file of the rules."""
        text = self.path(name).read_text(encoding="utf-8")
        index = text.rindex(at)
        line = text.count("\n", 0, index) + 1
        full = name if "/" in name else f"{FOLDER}/{name}"
        return f"{full}:{line}:{index - text.rfind(chr(10), 0, index)}"

    def check(self) -> list[Finding]:
        """What is wrong now and was not before."""
        return [finding for finding in self._check() if finding not in self.before]

    def restore(self) -> None:
        for path in self.rules.rglob("*"):
            if path.is_file() and path not in self.whole:
                path.unlink()
        for path, data in self.whole.items():
            if not path.is_file() or path.read_bytes() != data:
                path.write_bytes(data)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Work:
    rules = tmp_path_factory.mktemp("check") / "rules"
    shutil.copytree(rules_folder(), rules)
    return Work(rules)


@pytest.fixture
def work(copied: Work) -> Iterator[Work]:
    yield copied
    copied.restore()


class Fault(NamedTuple):
    """*new* replaces *old* in *file* (or ends it); the finding stands *at* the words in it."""

    code: str
    file: str
    old: str
    new: str
    at: str
    hint: str
    also: tuple[str, ...] = ()


def advisory(code: str, body: str, at: str, hint: str, *also: str) -> Fault:
    """A fault in the body of a rule that does no harm, in the criteria."""
    return Fault(code, "advisories.lp", "", f"advisory(minor) :- {body}.", at, hint, also)


def record(code: str, body: str, at: str, hint: str, *also: str) -> Fault:
    """The same in the evidence."""
    return Fault(code, "evidence.lp", "", f"doubt(infection, R) :- {body}.", at, hint, also)


LIKE_WITH_LIKE = "compare like with like: clingo compares anything, and says nothing"
EACH_NOT = "write one `not` for each, or a predicate for any of them"
EVERY_DOT = "look at the end of the statement before it too: every statement ends with a dot"
RULES_ONLY = "write rules and facts; `#defined` is the only directive"
PLAINLY = (
    "write it plainly: one rule an alternative instead of a pool between arguments, "
    "names of predicates for predicates only"
)

FAULTS = [
    # clingo
    Fault("rules.syntax", "criteria.lp", "", "met(approval(i)) :- is(hiv, X) Y.", "Y.", EVERY_DOT),
    Fault("rules.syntax", "core/case.lp", "", "record(R) :- , dose(R).", ", dose", EVERY_DOT),
    advisory(
        "rules.unsafe",
        "is(adult, no), not is(hiv, Answer)",
        "Answer",
        "name `Answer` in an atom of the body that stands without `not`",
    ),
    record(
        "rules.variable",
        "code(R, X, _), 1 < #count { X, C : code(_, _, C) }",
        "X, C :",
        "inside an aggregate, use another letter for what it counts",
    ),
    advisory(
        "rules.operation",
        "is(indication, X), X + 1 > 3",
        "X + 1",
        "compute with numbers only: bind the variables to them first",
    ),
    Fault(
        "rules.ground",
        "advisories.lp",
        "",
        "#const n = 1.\n#const n = 2.",
        "#const n = 2",
        "",
        ("fragment.directive",),
    ),
    # the split
    advisory(
        "split.record",
        "condition(_)",
        "condition",
        "ask a question: support its answers in evidence.lp, read `is(Question, Answer)`",
    ),
    advisory(
        "split.record",
        "supports(hiv, _, _)",
        "supports",
        "ask a question: support its answers in evidence.lp, read `is(Question, Answer)`",
    ),
    Fault(
        "split.record",
        "questions.lp",
        "",
        "presumed(highly_active, no) :- complete(conditions).",
        "complete(",
        "ask a question: support its answers in evidence.lp, read `is(Question, Answer)`",
    ),
    record(
        "split.world",
        "condition(R), is(adult, no)",
        "is(adult",
        "read what the records support, or move the rule to the criteria",
    ),
    record(
        "split.world",
        "condition(R), met(approval(i))",
        "met(",
        "read what the records support, or move the rule to the criteria",
    ),
    Fault(
        "split.world",
        "questions.lp",
        "",
        "presumed(highly_active, no) :- is(adult, no).",
        "is(adult",
        "read what the records support, or move the rule to the criteria",
    ),
    advisory(
        "split.reading",
        "reading(under_18, refer)",
        "reading",
        "read `is(reading(Id), Value)`",
    ),
    record(
        "split.reading",
        "condition(R), is(reading(under_18), refer)",
        "is(",
        "read `reading(Id, Value)`",
    ),
    advisory(
        "split.reference",
        "means(name, _, ms_unspecified)",
        "means",
        "criteria may read `property/3`; look codes up in evidence.lp",
    ),
    Fault(
        "split.head",
        "evidence.lp",
        "",
        "taken(R, yes) :- ongoing(R, yes).",
        "taken(R, yes) :-",
        "derive a predicate of your own, and read that",
    ),
    Fault(
        "split.head",
        "criteria.lp",
        "",
        "is(adult, no) :- is(adult, yes).",
        "is(adult, no)",
        "derive a predicate of your own, and read that",
        ("fragment.growing", "fragment.loop"),
    ),
    # the fragment
    Fault(
        "fragment.loop",
        "criteria.lp",
        "",
        "counts(D) :- alternative(D), not counted(D).",
        "counted(D).",
        "deny and count only what does not depend on it",
    ),
    Fault(
        "fragment.loop",
        "criteria.lp",
        "",
        "counts(D) :- alternative(D), #count { E : counted(E) } > 1.",
        "counted(E) }",
        "deny and count only what does not depend on it",
    ),
    Fault(
        "fragment.growing",
        "evidence.lp",
        "",
        "first_planned(First, Last + 1) :- first_planned(First, Last), Last < 9.",
        "first_planned(First, Last + 1)",
        "recursion may only pass terms on; count with `#count` or a list of steps",
    ),
    Fault(
        "fragment.growing",
        "evidence.lp",
        "",
        "named(failed(D)) :- named(D), unclear_drug.",
        "named(failed(D)) :- named",
        "recursion may only pass terms on; count with `#count` or a list of steps",
    ),
    Fault(
        "fragment.conditional",
        "criteria.lp",
        "",
        "counts(D) :- alternative(D), is(failed(E), yes) : alternative(E).",
        "is(failed(E), yes) : alternative(E)",
        "derive the exception, and deny it: `not some_other(X)`",
    ),
    Fault(
        "fragment.remainder",
        "criteria.lp",
        "",
        "asks(N \\ 2) :- is(vials_requested, N).",
        "N \\ 2",
        "divide and multiply back: `X - X / N * N`",
    ),
    Fault(
        "fragment.aggregate",
        "criteria.lp",
        "",
        "counts(D) :- alternative(D), 1 <= #count { E : is(failed(E), yes) } <= 2.",
        "1 <= #count { E : is(failed(E), yes) } <= 2",
        "write two: `#count { … } >= N, #count { … } <= M`",
    ),
    Fault(
        "fragment.disjunction",
        "criteria.lp",
        "",
        "met(approval(i)); met(approval(ii)) :- is(adult, no).",
        "met(approval(i));",
        "write one rule for each, with its own condition in the body",
    ),
    Fault(
        "fragment.choice",
        "criteria.lp",
        "",
        "{ met(approval(i)) } :- is(adult, no).",
        "{ met",
        "declare a question with its answers: worlds choose among them",
    ),
    advisory(
        "fragment.negation",
        "-is(adult, yes)",
        "-is",
        "write `not`, or a predicate that says the contrary",
    ),
    Fault(
        "fragment.constraint",
        "criteria.lp",
        "",
        ":- is(adult, no), is(scope, no).",
        ":- is(adult, no), is",
        "derive what is wrong as an atom; what must hold in every world is a property",
    ),
    Fault("fragment.directive", "limits.lp", "", "#show asks/1.", "#show", RULES_ONLY),
    Fault("fragment.directive", "limits.lp", "", "#const n = 3.", "#const", RULES_ONLY),
    Fault(
        "fragment.directive",
        "limits.lp",
        "",
        "#external x.",
        "#external",
        RULES_ONLY,
        ("vocabulary.unread",),
    ),
    Fault(
        "fragment.directive",
        "limits.lp",
        "",
        "#minimize { 1 : is(adult, no) }.",
        "1 : is",
        RULES_ONLY,
        ("relocation.tokens",),
    ),
    advisory(
        "fragment.aggregate",
        "1 { is(adult, no); is(hiv, positive) }",
        "1 {",
        "write `#count { … } >= N`",
    ),
    advisory(
        "fragment.aggregate",
        "#count { D : alternative(D) }, is(adult, no)",
        "#count",
        "compare it: `#count { … } >= N`",
    ),
    advisory(
        "fragment.aggregate",
        "#sum+ { 1, D : alternative(D) } > 1",
        "#sum+",
        "use `#count`, `#sum`, `#min` or `#max`",
    ),
    advisory(
        "fragment.aggregate",
        "N = #count { D : counted(D) }, N > 1",
        "N = #count",
        "compare it with a bound: `#count { … } >= N`",
    ),
    advisory(
        "fragment.weight",
        "#sum { -1, D : counted(D); 2, D : counts(D) } > 1",
        "-1, D",
        "add what counts; subtract on the other side of the comparison",
    ),
    advisory(
        "fragment.weight",
        "#sum { -N, D : weight(failed(D), yes, N) } < 1",
        "-N, D",
        "add what counts; subtract on the other side of the comparison",
    ),
    record(
        "fragment.function",
        "condition(R), @plus_month(1, 2) > 3",
        "@plus_month(",
        "did you mean `plus_months`?",
        "rules.operation",
    ),
    record(
        "fragment.function",
        "condition(R), @year(1, 2) > 3",
        "@year",
        "see reasoner/days.py",
        "rules.operation",
    ),
    advisory("fragment.pool", "is(adult, no), not is(hiv, (negative; positive))", "not", EACH_NOT),
    advisory("fragment.pool", "is(vials_requested, N), not N = 1..3", "not N", EACH_NOT),
    advisory("fragment.pool", "is(adult, no), not is(vials_requested, 1..3)", "not", EACH_NOT),
    advisory(
        "fragment.pool",
        "#count { D : alternative(D), not is(failed(D), (yes; no)) } > 1",
        "not is",
        EACH_NOT,
    ),
    advisory(
        "fragment.pool",
        "is(adult, no), not is(failed(D), (yes; no)) : alternative(D)",
        "not is",
        EACH_NOT,
        "fragment.conditional",
    ),
    Fault(
        "fragment.pool",
        "parameters.lp",
        "",
        "relapsing(cis; ppms, x).",
        "relapsing",
        "put parentheses around the alternatives: `p((a; b), c)`",
        ("vocabulary.unread",),
    ),
    advisory("fragment.comparison", 'is(vials_requested, N), 3 < "4"', "3 <", LIKE_WITH_LIKE),
    advisory("fragment.comparison", "is(hiv, A), negative < 4", "negative <", LIKE_WITH_LIKE),
    record("fragment.comparison", "plan(R, P), P > 5", "P > 5", LIKE_WITH_LIKE),
    record("fragment.comparison", 'date(R, _, F, _), F != "today"', "F !=", LIKE_WITH_LIKE),
    record("fragment.comparison", 'number(R, "5", _)', "number", LIKE_WITH_LIKE),
    record("fragment.comparison", "number(R, N, U), U = N", "U =", LIKE_WITH_LIKE),
    # the vocabulary
    advisory(
        "vocabulary.undefined", "countd(D), alternative(D)", "countd", "did you mean `counted/1`?"
    ),
    record("vocabulary.undefined", "conditon(R)", "conditon", "did you mean `condition/1`?"),
    record(
        "vocabulary.undefined",
        "condition(R), #count { C : kode(R, _, C) } > 1",
        "kode",
        "did you mean `code/3`?",
    ),
    advisory("vocabulary.arity", "is(adult)", "is(", "write `is/2`"),
    record("vocabulary.arity", "condition(R, _)", "condition", "write `condition/1`"),
    advisory("vocabulary.never", "relapsing(rms)", "relapsing", "did you mean `relapsing(rrms)`?"),
    record(
        "vocabulary.never",
        "finds(hiv, postive, R)",
        "finds",
        "did you mean `finds(X,positive,R)`?",
    ),
    record("vocabulary.word", "status(R, resolvd)", "status", "did you mean `resolved`?"),
    record(
        "vocabulary.word",
        "code(R, S, C), means(S, C, infectoin)",
        "means",
        "did you mean `infection`?",
    ),
    advisory(
        "vocabulary.word",
        "property(_, labeled_for, ms)",
        "property",
        "did you mean `labelled_for`?",
    ),
    Fault(
        "vocabulary.unread",
        "exclusions.lp",
        "",
        "aplies(exclusion(i)) :- is(adult, no).",
        "aplies",
        "did you mean `applies/1`?",
    ),
    Fault(
        "vocabulary.unread",
        "evidence.lp",
        "",
        "suports(hiv, negative, R) :- dose(R).",
        "suports",
        "did you mean `supports/3`?",
    ),
    Fault(
        "vocabulary.unread",
        "evidence.lp",
        "",
        "supports(hiv, negative) :- dose(_).",
        "supports",
        "did you mean `supports/3`?",
    ),
    advisory(
        "vocabulary.function",
        "is(indication, X), X != alternative",
        "alternative",
        "use another word for the term, so that nobody takes it for an atom",
    ),
    # questions and answers
    advisory("answer.question", "is(hvi, negative)", "is(", "did you mean `hiv`?"),
    advisory(
        "answer.question",
        "is(failed(fingolimodd), yes)",
        "is(",
        "did you mean `failed(fingolimod)`?",
    ),
    record("answer.question", "dose(R), overruled(adlt, R)", "overruled", "did you mean `adult`?"),
    Fault(
        "answer.question",
        "evidence.lp",
        "",
        "supports(hvi, negative, R) :- dose(R).",
        "supports",
        "did you mean `hiv`?",
    ),
    Fault(
        "answer.question",
        "questions.lp",
        "",
        "presumed(adlt, yes).",
        "presumed",
        "did you mean `adult`?",
    ),
    Fault(
        "answer.question",
        "policy.toml",
        'question = "vials_requested"',
        'question = "vial_requested"',
        'question = "vial_requested"',
        "did you mean `vials_requested`?",
    ),
    advisory("answer.undeclared", "is(hiv, negativ)", "is(", "did you mean `negative`?"),
    advisory(
        "answer.undeclared",
        "is(vials_requested, 0)",
        "is(",
        "one of 1, 10, 11, 12, 2, 3, 4, 5",
    ),
    Fault(
        "answer.undeclared",
        "evidence.lp",
        "",
        "supports(hiv, negativ, R) :- dose(R).",
        "supports",
        "did you mean `negative`?",
    ),
    Fault(
        "answer.undeclared",
        "questions.lp",
        "",
        "otherwise(failed(D), noo) :- alternative(D).",
        "otherwise",
        "did you mean `no`?",
    ),
    Fault(
        "answer.none",
        "questions.lp",
        "",
        'question(extra). text(extra, "?"). can(extra, change).',
        "question(extra)",
        "declare its answers: answer(Q, A).",
    ),
    Fault(
        "answer.text",
        "questions.lp",
        "",
        "question(extra). answer(extra, (yes; no)). can(extra, change).",
        "question(extra)",
        'write text(extra, "…?").',
    ),
    Fault(
        "answer.can",
        "questions.lp",
        "",
        'question(extra). answer(extra, (yes; no)). text(extra, "?").',
        "question(extra)",
        "write can(extra, change), document or neither",
    ),
    Fault(
        "answer.can",
        "questions.lp",
        "",
        "can(adult, chnge).",
        "can(adult, chnge)",
        "did you mean `change`?",
    ),
    # readings
    advisory(
        "reading.unknown",
        "is(reading(under18), refer)",
        "is(",
        "did you mean `under_18`?",
    ),
    record(
        "reading.unknown",
        "dose(R), reading(twelvemonths, rolling)",
        "reading",
        "did you mean `twelve_months`?",
    ),
    Fault(
        "reading.unknown",
        "readings.lp",
        "",
        "default(under18, refer).",
        "default",
        "did you mean `under_18`?",
        ("answer.question",),
    ),
    advisory("reading.value", "is(reading(under_18), refr)", "is(", "did you mean `refer`?"),
    record(
        "reading.value",
        "dose(R), reading(twelve_months, roling)",
        "reading",
        "did you mean `rolling`?",
    ),
    Fault(
        "reading.value",
        "readings.lp",
        "default(under_18, exclusion_vi)",
        "default(under_18, exclusion_iv)",
        "default(under_18",
        "did you mean `exclusion_vi`?",
        ("answer.undeclared",),
    ),
    Fault(
        "reading.value",
        "readings.lp",
        "",
        "default(under_18, refer).",
        "",
        "keep one",
    ),
    Fault(
        "reading.incomplete",
        "readings.lp",
        "issue(under_18,",
        "isue(under_18,",
        "interpretation(under_18",
        "write issue(under_18, …).",
        ("vocabulary.unread",),
    ),
    Fault(
        "reading.about",
        "readings.lp",
        'about(under_18, "exclusion.VI")',
        'about(under_18, "exclusion.VII")',
        "about(under_18",
        "did you mean `exclusion.VI`?",
    ),
    advisory(
        "reading.unnamed",
        "is(reading(_), refer)",
        "is(",
        "write the id of the reading: a decision names those that it rests on",
    ),
    Fault(
        "reading.unread",
        "readings.lp",
        "",
        "interpretation(extra, (no; yes)). default(extra, no). "
        'about(extra, "approval.I"). issue(extra, "?"). reason(extra, ".").',
        "interpretation(extra",
        "read it where the words are ambiguous, or remove it",
    ),
    # clauses
    Fault(
        "clause.rules",
        "exclusions.lp",
        "applies(exclusion(ii)) :-",
        "applies(exclusion(i)) :-",
        "",
        "write a rule for `applies(exclusion(ii))`",
    ),
    Fault(
        "clause.text",
        "policy.toml",
        'text = "HIV negative"',
        'text = " "',
        'text = " "',
        "say what it asks, in our own words",
    ),
    Fault(
        "clause.unknown",
        "criteria.lp",
        "",
        "met(approval(iv)) :- is(adult, yes).",
        "met",
        "did you mean `approval(i)`?",
    ),
    advisory(
        "clause.unknown",
        "met(aproval(i))",
        "met",
        "did you mean `approval(i)`?",
        "vocabulary.never",
    ),
    Fault(
        "clause.kind",
        "criteria.lp",
        "",
        "met(exclusion(i)) :- is(adult, yes).",
        "met",
        "of an exclusion, rules say `applies`",
    ),
    Fault(
        "clause.locator",
        "policy.toml",
        'locator = "Limits or Restrictions, Exceptions"',
        'locator = "Limit or Restrictions, Exceptions"',
        'locator = "Limit or',
        "did you mean `Limits or Restrictions`?",
    ),
    Fault(
        "clause.locator",
        "policy.toml",
        'locator = "Medical Necessity Guidelines, approval III"',
        'locator = "Medical Necessity Guidelines, approval XXIII"',
        'locator = "Medical Necessity Guidelines, approval XXIII"',
        "write `III`, or give the clause the numeral of the document",
    ),
    Fault(
        "clause.twice",
        "policy.toml",
        'id = "approval.III"',
        'id = "approval.II"',
        'id = "approval.II"',
        "give each clause the numeral of the document",
        ("clause.unknown", "reading.about"),
    ),
    # advisories
    Fault(
        "advisory.text",
        "advisories.lp",
        "",
        "advisory(mnor) :- is(adult, no).",
        "advisory",
        "did you mean `minor`?",
    ),
    Fault(
        "advisory.text",
        "evidence.lp",
        "",
        "advisory(short_trail, R) :- dose(R).",
        "advisory",
        "did you mean `short_trial`?",
    ),
    Fault(
        "advisory.rules",
        "policy.toml",
        "",
        'extra_advice = "Ask again."',
        "extra_advice",
        "write a rule for `advisory(extra_advice)`",
    ),
    # what comments promise
    Fault(
        "sentence.variable",
        "criteria.lp",
        "",
        "%! {Drug} is counted.\ncounts(D) :- is(failed(D), yes), is(adult, no).",
        "{Drug}",
        "the rule binds D",
    ),
    Fault(
        "sentence.variable",
        "criteria.lp",
        "",
        "%! {E} and more.\ncounts(D) :- alternative(D), #count { E : is(failed(E), yes) } > 3.",
        "{E}",
        "the rule binds D",
    ),
    Fault(
        "sentence.variable",
        "criteria.lp",
        "",
        "%! {D is counted.\ncounts(D) :- is(failed(D), yes), is(adult, no).",
        "{D is",
        "write {Variable}",
    ),
    Fault(
        "sentence.rule",
        "criteria.lp",
        "",
        "%! nothing follows.",
        "%! nothing",
        "put it directly above the rule that it documents",
    ),
    Fault(
        "header.defines",
        "limits.lp",
        "Defines  asks/1",
        "Defines  askz/1 asks/1",
        "Defines  askz",
        "remove it from `Defines`",
    ),
    Fault(
        "header.reads",
        "limits.lp",
        "Reads    is/2",
        "Reads    is/2 records/1",
        "Reads    is/2 records",
        "remove it from `Reads`",
    ),
    # the fast transformation
    Fault(
        "relocation.tokens",
        "evidence.lp",
        "",
        "named(infection; hiv) :- complete(conditions).",
        "named",
        PLAINLY,
    ),
    Fault(
        "relocation.tokens",
        "criteria.lp",
        "",
        "met (approval(i)) :- is(adult, no).",
        "met (",
        PLAINLY,
    ),
    Fault(
        "relocation.variable",
        "criteria.lp",
        "",
        "counts(World) :- is(failed(World), yes), is(adult, no).",
        "World), yes",
        "use another name",
    ),
    Fault(
        "relocation.variable",
        "evidence.lp",
        "",
        "case(R) :- dose(R). doubt(infection, R) :- case(R).",
        "case(R).",
        "use another name",
    ),
    Fault(
        "relocation.mixed",
        "evidence.lp",
        "",
        "means(R, C) :- code(R, _, C). doubt(infection, R) :- means(R, _).",
        "means(R, C)",
        "call the derived predicate by another name",
    ),
]


@pytest.mark.parametrize(
    "fault", FAULTS, ids=[f"{n}-{fault.code}" for n, fault in enumerate(FAULTS)]
)
def test_a_fault_is_found_at_its_place(work: Work, fault: Fault) -> None:
    work.edit(fault.file, fault.old, fault.new)
    found = work.check()
    same = [finding for finding in found if finding.code == fault.code]
    assert same, found
    assert {finding.hint for finding in same} == {fault.hint}
    if fault.at:
        text = work.path(fault.file).read_text(encoding="utf-8")
        start = text.rindex(fault.new) if fault.new in text else 0
        index = text.find(fault.at, start)
        index = index if index >= 0 else text.rindex(fault.at)
        line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
        column = 1 if fault.file.endswith(".toml") or "header" in fault.code else column
        name = fault.file if "/" in fault.file else f"{FOLDER}/{fault.file}"
        assert f"{name}:{line}:{column}" in {finding.where for finding in same}, same
    codes = {f.code for f in found if f.severity == "error"}
    assert codes <= {fault.code, *fault.also}, found


def test_every_code_is_known() -> None:
    """That each of them is tested is seen to in `test_findings.py`."""
    assert {fault.code for fault in FAULTS} <= set(CODES)


def test_the_shipped_policy_has_no_errors() -> None:
    found = check_policy(rules_folder(), POLICY)
    assert [finding for finding in found if finding.severity == "error"] == []


def test_findings_stand_in_order_and_once(work: Work) -> None:
    for fault in FAULTS[2:]:
        if not fault.old and fault.file.endswith(".lp") and "rules" not in fault.code:
            work.edit(fault.file, "", fault.new)
    found = check_policy(work.rules, POLICY)
    assert len(found) == len(set(found))
    files = [re.sub(r":\d+:\d+$", "", finding.where) for finding in found]
    assert files == sorted(files)
    assert check_policy(work.rules, POLICY) == found


# -- what cannot be loaded --------------------------------------------------------------------


def test_a_file_that_nothing_loads_is_found(work: Work) -> None:
    work.path("exclusion.lp").write_text("applies(exclusion(i)) :- is(adult, no).\n")
    (found,) = work.check()
    assert (found.code, found.where) == ("rules.file", f"{FOLDER}/exclusion.lp")
    assert found.hint == "did you mean `exclusions.lp`?"


@pytest.mark.parametrize(
    ("file", "text", "code", "where"),
    [
        ("criteria.lp", "#script (python)\n#end.", "policy.fragment", "criteria.lp:"),
        ("criteria.lp", '#include "x.lp".', "policy.fragment", "criteria.lp:"),
        ("criteria.lp", "a(\0).", "policy.file", "criteria.lp"),
        ("policy.toml", "id = ", "policy.toml", "policy.toml:"),
        ("policy.toml", '[extra]\nx = "y"', "policy.toml", "policy.toml:"),
        ("policy.toml", '[[clauses]]\nid = "a"\nkind = "b"', "policy.toml", "policy.toml:"),
        ("criteria.lp", "a :- 2147483648 > 1.", "policy.fragment", "criteria.lp:"),
    ],
)
def test_a_policy_that_cannot_be_loaded_is_a_finding(
    work: Work, file: str, text: str, code: str, where: str
) -> None:
    work.edit(file, "", text)
    (found,) = work.check()
    assert (found.code, found.severity) == (code, "error")
    assert found.where.startswith(f"{FOLDER}/{where}")
    if where.endswith(":"):
        line = int(found.where.split(":")[1])
        assert work.path(file).read_text().splitlines()[line - 1] in text.splitlines()


def test_a_missing_file_is_a_finding(work: Work) -> None:
    work.path("evidence.lp").unlink()
    (found,) = work.check()
    assert (found.code, found.where) == ("policy.file", f"{FOLDER}/evidence.lp")


def test_an_unknown_policy_is_an_error_of_the_user(work: Work) -> None:
    with pytest.raises(UsageError):
        check_policy(work.rules, "mp-rx")


def test_criteria_that_worlds_cannot_read_are_found(work: Work) -> None:
    """No rule decides a clause any more, so it would decide by being empty."""
    criteria = work.path("criteria.lp")
    text = criteria.read_text(encoding="utf-8")
    criteria.write_text(text.replace("met(approval(iii)) :- is(hiv, negative).", ""))
    policy = load_policy(work.rules, POLICY)
    terms = terminology.load(work.rules / "terminology")
    found = list(check_worlds(policy, terms))
    assert [finding.code for finding in found] == ["rules.worlds"]


def test_properties_may_forbid_and_may_read_every_clause(work: Work) -> None:
    text = ":- result(approve, _), applies(_).\n:- reslt(deny, _).\n"
    work.path("properties.lp").write_text(text)
    (found,) = work.check()
    assert (found.code, found.where) == ("vocabulary.undefined", f"{FOLDER}/properties.lp:2:4")
    assert found.hint == "did you mean `result/2`?"


# -- typos everywhere -------------------------------------------------------------------------

OWN = ("criteria", "exclusions", "limits", "advisories", "evidence", "questions", "readings")


def places(source: Source, *, heads: bool) -> dict[tuple[str, int], tuple[int, int]]:
    """The first place of each predicate of a file."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for statement in source.statements:
        for atom in statement.heads if heads else statement.body:
            line, column = atom.where.rsplit(":", 2)[1:]
            found.setdefault(atom.signature, (int(line), int(column)))
    return found


def misspell(text: str, name: str, line: int, column: int) -> str:
    """Swap two letters of *name* where it stands, or change its last one."""
    wrong = name[:-2] + name[-1] + name[-2] if len(set(name[-2:])) > 1 else name[:-1] + "q"
    lines = text.split("\n")
    before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
    assert after.startswith(name)
    lines[line - 1] = before + wrong + after.removeprefix(name)
    return "\n".join(lines)


@pytest.mark.parametrize("name", OWN)
def test_a_typo_in_any_predicate_of_a_body_is_found(work: Work, name: str) -> None:
    path = work.path(f"{name}.lp")
    text = path.read_text(encoding="utf-8")
    planted = places(parse(RuleFile(path, path.name, text)), heads=False)
    for (predicate, _), (line, column) in planted.items():
        text = misspell(text, predicate, line, column)
    path.write_text(text, encoding="utf-8")
    found = {f.where: f for f in work.check() if f.code.startswith("vocabulary.")}
    hints = {True: 0, False: 0}
    for (predicate, arity), (line, column) in planted.items():
        finding = found[f"{FOLDER}/{name}.lp:{line}:{column}"]
        assert finding.code == "vocabulary.undefined"
        hints[finding.hint == f"did you mean `{predicate}/{arity}`?"] += 1
    assert hints[False] <= len(planted) // 20  # where another name is as near


@pytest.mark.parametrize("name", [*OWN, "parameters"])
def test_a_typo_in_any_head_is_found(work: Work, name: str) -> None:
    path = work.path(f"{name}.lp")
    text = path.read_text(encoding="utf-8")
    planted = places(parse(RuleFile(path, path.name, text)), heads=True)
    for (predicate, _), (line, column) in planted.items():
        text = misspell(text, predicate, line, column)
    path.write_text(text, encoding="utf-8")
    found = {f.where: f for f in work.check() if f.code == "vocabulary.unread"}
    for line, column in planted.values():
        assert found[f"{FOLDER}/{name}.lp:{line}:{column}"].severity == "error"


# -- what is sound is left alone --------------------------------------------------------------

SOUND = {
    "two of four, nested": """
        met(approval(i)) :- 2 <= #count { 1 : part(a); 2 : part(b); 3 : part(c); 4 : part(d) }.
        part(a) :- is(adult, yes).
        part(b) :- is(hiv, negative).
        part(c) :- 1 <= #count { 1 : part(c1); 2 : part(c2) }.
        part(d) :- not part(d1).
        part(c1; c2; d1) :- is(infection, no).""",
    "an equation tells the rules apart": """
        counts(D) :- kind(K, D), K = shown, not is(adult, no).
        kind(shown, D) :- alternative(D), not hidden(D).
        kind(hidden, D) :- alternative(D), is(failed(D), no).
        hidden(D) :- kind(K, D), K = hidden.""",
    "recursion that passes terms on": """
        counts(E) :- linked(D, E), is(failed(D), yes).
        linked(D, E) :- property(D, class, C), property(E, class, C).
        linked(D, F) :- linked(D, E), linked(E, F).""",
}
LOOPS = {
    "through not": "part(a) :- not part(b). part(b) :- not part(a).",
    "through itself": "part(a) :- is(adult, yes), not part(a).",
    "through a variable": "part(X) :- alternative(X), not part(a). part(a) :- part(b).",
    "through a count": "part(a) :- 1 <= #count { X : part(X) }.",
    "through a condition": "part(a) :- part(X) : part(X); is(adult, no).",
    "through two negations": "part(a) :- not not part(a).",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_layers_are_told_apart_by_what_unifies(work: Work, text: str) -> None:
    work.edit("criteria.lp", "", text)
    found = [finding for finding in work.check() if finding.code.startswith("fragment")]
    assert found == []


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_a_true_loop_is_found(work: Work, text: str) -> None:
    work.edit("criteria.lp", "", text)
    found = [f.code for f in check_strata(programs(load_policy(work.rules, POLICY)))]
    before = [finding.code for finding in work.before if finding.code == "fragment.loop"]
    assert len(found) > len(before)


# -- what it costs others --------------------------------------------------------------------


def test_deciding_never_loads_the_check() -> None:
    code = "import sys, reasoner.engine; print([m for m in sys.modules if 'reasoner.check' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- lists that stand twice -------------------------------------------------------------------


def test_what_the_program_reads_is_known_to_the_check() -> None:
    """`vocabulary` repeats what Python looks up by name: the two must agree."""
    assert READ_BY_PROGRAM["evidence"] == set(evidence._OUTPUTS.items())
    assert {name for name, _ in READ_BY_PROGRAM["proof"]} <= instrument._SPOKEN_OF
    worlds = "".join(
        (REASONER / name).read_text(encoding="utf-8") for name in ("worlds.py", "criteria.py")
    )
    asked = {
        (name, int(arity))
        for name, arity in re.findall(r'(?:by_signature|facts)\("(\w+)", (\d+)\)', worlds)
    }
    policy = load_policy(rules_folder(), POLICY)
    twin = {h.signature for file in policy.worlds for s in parse(file).statements for h in s.heads}
    # These have the world as their first argument.
    results = {
        ("blocks", 2),
        ("result", 3),
        ("status", 3),
        ("is", 3),
    }  # with the world as its first argument
    assert asked <= READ_BY_PROGRAM["criteria"] | twin | results


def test_the_words_of_a_case_are_those_of_its_vocabulary() -> None:
    case = parse(
        RuleFile(Path("case.lp"), "case.lp", (rules_folder() / "core/case.lp").read_text())
    )
    reference = parse(
        RuleFile(Path("r.lp"), "r.lp", (rules_folder() / "core/reference.lp").read_text())
    )
    declared = {*case.declared, *reference.declared}
    assert set(_WORDS) <= declared
    assert set(_TYPES) <= declared
    assert _WORDS["status", 2][1] == set(get_args(Status))
