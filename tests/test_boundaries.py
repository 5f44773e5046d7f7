"""Both sides of every comparison in the rules: a `>=` that becomes a `>` breaks a row.

The last test turns every comparison in the rules by itself and demands that a row of the
policy's own tests comes out otherwise.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import clingo
import pytest
from clingo import Function, Number

from reasoner import terminology
from reasoner.days import Calendar
from reasoner.decision import Decision
from reasoner.engine import Reasoner, decision_day
from reasoner.errors import PolicyError
from reasoner.facts import Code, case_facts, reference_facts
from reasoner.model import Case
from reasoner.policy import Policy, load_policy, rules_folder
from reasoner.program import RuleFile, Statement, relocate, statements
from test_oracle import reasoner
from test_policy import FOLDER
from workbench.suite.files import policy_rows
from workbench.suite.judgement import judged
from workbench.suite.row import Row

# --- every comparison, turned by itself -------------------------------------------------------

TURNED = {"<=": "<", "<": "<=", ">=": ">", ">": ">="}

EQUIVALENT = {  # what changes nothing when it is turned, and why
    ("library/amounts.lp", "Stated < N"): "where both are equal, the doses say what is stated",
    ("library/quantities.lp", "I > N"): "on the last planned day both rules say the same",
    ("library/quantities.lp", "F < L"): "an exact day is counted twice, with the same result",
    ("library/quantities.lp", "J < I"): "a unit is never past on its own day",
    ("library/quantities.lp", "L < G"): "one day does not lie in two years",
    ("library/quantities.lp", "Day > F"): "on its own day a unit counts the same doses anyway",
    ("library/quantities.lp", "Sum - Limit > N"): "where both are equal, both rules say N",
    ("library/quantities.lp", "Sum - Limit <= N"): "where both are equal, both rules say N",
    ("library/quantities.lp", "I < Most"): "the next rule says the same of the last unit",
    ("library/quantities.lp", "Sum > Limit"): "none of them lies above the limit",
    ("library/quantities.lp", "> Limit"): "none of them lies above the limit",
    ("library/tests.lp", "Latest > 0"): "no day has the number 0",
    ("policies/mp-rx-fp-52-23/evidence.lp", "Day > 0"): "no day has the number 0",
    ("library/tests.lp", "Last < First"): "what refutes a screen of that day refutes the finding",
    ("core/worlds.lp", "1 <= A"): "1 is listed among the answers",
    ("core/worlds.lp", "A < 2147483647"): "no case can hold the number",
    ("policies/mp-rx-fp-52-23/evidence.lp", "N > 1"): "a form supersedes itself: nothing is lost",
    ("policies/mp-rx-fp-52-23/evidence.lp", "More > 0"): "the answer 0 says what the list says",
    ("policies/mp-rx-fp-52-23/evidence.lp", "Least <= Most"): "equal: both rules say the same",
    ("policies/mp-rx-fp-52-23/evidence.lp", "Least > Most"): "equal: both rules say the same",
    ("core/recommendation.lp", "L > 0"): "nothing left: the limit blocks already",
}


OF_OTHERS = {"authorizes"}
"""What only a policy with an authorization length reaches; `test_teaching_policy` has its cases."""


class Comparison(NamedTuple):
    """The token *place* of the *number*-th statement of *file*, and the comparison around it."""

    file: str
    number: int
    place: int
    text: str


def compared(tokens: tuple[tuple[str, str], ...], place: int) -> str:
    """The comparison around an operator, on one line."""
    marks = [" " if kind == "space" else mark for kind, mark in tokens]
    ends = {",", ";", ":", ":-", "{", "}"}

    def reach(step: int) -> int:
        at, depth = place + step, 0
        while 0 <= at < len(marks):
            opening, closing = ("(", ")") if step > 0 else (")", "(")
            depth += (marks[at] == opening) - (marks[at] == closing)
            last = marks[at] == "." and at == len(marks) - 1
            if depth < 0 or (depth == 0 and (marks[at] in ends or last)):
                return at
            at += step
        return at

    return " ".join("".join(marks[reach(-1) + 1 : reach(1)]).split())


def comparisons(file: RuleFile) -> Iterator[Comparison]:
    for number, statement in enumerate(statements(file.text)):
        if statement.body & OF_OTHERS:
            continue
        for place, (kind, mark) in enumerate(statement.tokens):
            if kind == "operator" and mark in TURNED:
                yield Comparison(file.name, number, place, compared(statement.tokens, place))


def turned(text: str, comparison: Comparison) -> str:
    out = []
    for number, statement in enumerate(statements(text)):
        marks = [mark for _, mark in statement.tokens]
        if number == comparison.number:
            marks[comparison.place] = TURNED[marks[comparison.place]]
        out += marks
    return "".join(out)


def body(statement: Statement, *, equal: int | None = None) -> str:
    """The body of a rule as text; the operator at the place *equal* becomes `=`."""
    marks = [
        "=" if place == equal else mark
        for place, (kind, mark) in enumerate(statement.tokens)
        if kind != "comment"
    ]
    joined = "".join(marks)
    return joined[joined.index(":-") + 2 : joined.rindex(".")]


def marked(file: RuleFile, marks: list[tuple[str, str]]) -> RuleFile:
    """Add to a rule file, for each mark, a rule that derives it from a body."""
    lines = (f"{name} :- {condition}." for name, condition in marks)
    return RuleFile(file.path, file.name, "\n".join((file.text, *lines)))


def grounded(policy: Policy, files: list[RuleFile], cases: list[Case]) -> clingo.Control:
    """The evidence program of *files* over *cases*, with every reading possible."""
    control = clingo.Control(["--warn=none"])
    local = policy.case_predicates | {"mark"}
    for file in files:
        control.add("base", [], relocate(file.text, local, "Case", "case"))
    control.add("base", [], "{ reading(I, V) : interpretation(I, V) } = 1 :- interpretation(I, _).")
    tables = terminology.load(rules_folder() / "terminology")
    codes: set[Code] = set()
    facts = [Function("case", [Number(number)]) for number in range(len(cases))]
    for number, case in enumerate(cases):
        found, used = case_facts(case, tables, decision_day(case), number=number)
        facts += found
        codes |= used
    facts += reference_facts(codes, tables)
    with control.backend() as backend:
        for fact in facts:
            backend.add_rule([backend.add_atom(fact)])
    control.ground([("base", [])], context=Calendar())
    return control


@cache
def tried() -> list[Row]:
    return policy_rows(FOLDER)


def seen(decision: Decision, row: Row) -> object:
    return judged(row.expect, decision)


@cache
def sound(number: int) -> object:
    row = tried()[number]
    return seen(reasoner().decide(row.case, readings=row.readings), row)


@cache
def turning_points() -> dict[Comparison, list[int]]:
    """The rows in whose cases a comparison of the evidence meets both sides equal."""
    policy, places, files = reasoner().policy, list[Comparison](), []
    for file in policy.evidence:
        marks = []
        for comparison in comparisons(file):
            statement = statements(file.text)[comparison.number]
            equal = body(statement, equal=comparison.place)
            marks.append((f"mark({len(places)})", equal))
            places.append(comparison)
        files.append(marked(file, marks))
    statements_of = {file.name: file.text for file in policy.evidence}
    control = grounded(policy, files, [row.case for row in tried()])
    found: dict[Comparison, list[int]] = {place: [] for place in places}
    for atom in control.symbolic_atoms.by_signature("mark", 2):
        number, place = (argument.number for argument in atom.symbol.arguments)
        found[places[place]].append(number)
    ours = [n for n, row in enumerate(tried()) if row.path.stem == "boundaries"]
    return {
        place: ours if counted(statements_of[place.file], place) else sorted(numbers)
        for place, numbers in found.items()
    }


def counted(text: str, comparison: Comparison) -> bool:
    """Whether the comparison says what an aggregate counts: equality then is no turning point."""
    before = [mark for _, mark in statements(text)[comparison.number].tokens[: comparison.place]]
    return before.count("{") > before.count("}")


def telling() -> list[int]:
    """The rows that look at clauses: for what is asked of worlds, not of records."""
    return [number for number, row in enumerate(tried()) if row.expect.clauses]


def breaks_a_row(comparison: Comparison, rules: Path) -> bool:
    numbers = turning_points().get(comparison, telling())
    if not numbers:
        return False
    path = rules / comparison.file
    text = path.read_text(encoding="utf-8")
    path.write_text(turned(text, comparison), encoding="utf-8")
    try:
        faulty = Reasoner(load_policy(rules), reasoner().terminology, version="0")
        for number in numbers[:80]:
            row = tried()[number]
            if seen(faulty.decide(row.case, readings=row.readings), row) != sound(number):
                return True
    except PolicyError:  # a world with no result, or with two
        return True
    finally:
        path.write_text(text, encoding="utf-8")
    return False


def rule_files() -> list[RuleFile]:
    policy = reasoner().policy
    files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
    return [file for name, file in sorted(files.items()) if any(comparisons(file))]


@pytest.mark.parametrize("part", range(6))
def test_turning_a_comparison_breaks_a_row(part: int, tmp_path: Path) -> None:
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules"))
    every = [comparison for file in rule_files() for comparison in comparisons(file)]
    assert len(every) > 80
    idle = [
        f"{comparison.file}: {comparison.text}"
        for comparison in every[part::6]
        if (comparison.file, comparison.text) not in EQUIVALENT
        and not breaks_a_row(comparison, rules)
    ]
    assert idle == []


def test_what_is_called_equivalent_still_stands_in_the_rules() -> None:
    standing = {(c.file, c.text) for file in rule_files() for c in comparisons(file)}
    assert set(EQUIVALENT) <= standing
