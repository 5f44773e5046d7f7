"""Both sides of every comparison in the rules: a `>=` that becomes a `>` breaks a test.

`ROWS` are the days and numbers on which a comparison turns, each the base of
`policy_table.yaml` with one change. The last test turns every comparison in the rules by itself
and demands that a row of the table or of this file comes out otherwise.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import clingo
import pytest
from clingo import Function, Number

import test_policy
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
from test_policy import case_of, outcome

Change = dict[str, Any]

ALWAYS = {"monitoring", "rems"}  # said of every approval
SOURCE: Change = {"source": {"document": "chart.pdf", "page": 1}}
MS: Change = {"indication": {"code": "G35.A"}}
AFTERWARDS: Change = {"received": "2026-03-20"}  # the last planned day of the base
ON_THE_DAY: Change = {"received": "2026-03-16"}  # the first


class Row(NamedTuple):
    """What follows from the base with *change*, and what is said besides."""

    name: str
    change: Change
    expect: dict[str, Any]
    advisories: tuple[str, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[str, ...] = ()
    clauses: tuple[tuple[str, str], ...] = ()


def trial(start: str | None, end: str | None, **fields: object) -> Change:
    """What changes of the second trial of the base."""
    return {"therapies": {"second": {"start": start, "end": end, **fields}}}


def beside(product: str | None, start: str, end: str | None = None, **fields: object) -> Change:
    record = {"product": product, "start": start, "end": end, "taken": True, **SOURCE, **fields}
    return {"therapies": {"beside": record}}


def chart(**conditions: Change | None) -> Change:
    given = {
        name: record and {"status": "active", "recorded": "2026-02-20", **SOURCE, **record}
        for name, record in conditions.items()
    }
    return {"conditions": given}


def laboratory(**observations: Change) -> Change:
    return {"observations": {name: {**SOURCE, **test} for name, test in observations.items()}}


def dose(date: str, vials: int = 3) -> Change:
    return {"date": date, "quantity": {"value": vials, "unit": "vial"}, **SOURCE}


def asked(*days: str, vials: int = 3, course: int = 2, **fields: object) -> Change:
    quantity = {"value": vials, "unit": "vial"}
    return {"course": course, "quantity": quantity, "service_dates": [*days], **fields}


RNA = {"code": "25836-8", "result": "detected"}
REFUTES = {"code": "80203-3", "result": "non_reactive"}
PROGRESSIVE = {"ms": None, "a": {"code": "G35.B0"}, "b": {"code": "G35.C2"}}

ROWS = [
    # --- records that contradict themselves
    Row("a trial of one day", trial("2022-06-30", "2022-06-30"), {"approve": 5}, ("short_trial",)),
    Row("an infection of one day, that of the first infusion",
        {"request": ON_THE_DAY,
         **chart(x={"code": "N10", "onset": "2026-03-16", "end": "2026-03-16",
                    "recorded": "2026-03-16"})},
        {"deny": ["exclusion.V"]}),
    Row("an infection that ends before it starts",
        chart(x={"code": "N10", "onset": "2026-02-10", "end": "2026-02-09"}), {"approve": 5}),
    Row("ongoing, and ended on the day of the decision",
        trial("2017-06-01", "2026-03-02", ongoing=True), {"approve": 5}),
    Row("ongoing, and ended on the day before",
        trial("2017-06-01", "2026-03-01", ongoing=True), {"pend": ["concurrent(_)", "failed(_)"]}),
    Row("never taken, and ongoing",
        trial("2017-06-01", None, ongoing=True, taken=False),
        {"pend": ["concurrent(_)", "failed(_)"]}),
    # --- approval I: which stage is the later one
    Row("a syndrome of the same onset is no earlier stage",
        chart(x={"code": "445967004", "system": "snomed", "onset": "2013-10-02",
                 "recorded": "2026-02-11"}),
        {"pend": ["phenotype"]}, conflicts=("phenotype",)),
    Row("a syndrome of an earlier onset, recorded on the same day",
        chart(x={"code": "445967004", "system": "snomed", "onset": "2013-10-01",
                 "recorded": "2026-02-11"}), {"approve": 5}),
    Row("secondary progressive, activity not stated, after relapsing-remitting",
        chart(ms={"recorded": "2018-02-01"}, x={"code": "G35.C0"}), {"pend": ["phenotype"]},
        ("code_not_in_force",)),
    Row("the parent code recorded on its last day, in a conflict",
        chart(**PROGRESSIVE, c={"code": "G35", "recorded": "2025-09-30"}),
        {"pend": ["phenotype"]}, (), (("parent_code_after_2025", "ask"),), ("phenotype",)),
    Row("the parent code recorded a day later is not read",
        chart(**PROGRESSIVE, c={"code": "G35", "recorded": "2025-10-01"}),
        {"deny": ["approval.I", ["exclusion.II", "exclusion.III"]]}, ("code_not_in_force",),
        (("parent_code_after_2025", "ask"),), ("phenotype",)),
    Row("the parent code on its last day is in force",
        chart(x={"code": "G35", "recorded": "2025-09-30"}), {"approve": 5}),
    Row("the parent code a day later is not",
        chart(x={"code": "G35", "recorded": "2025-10-01"}), {"approve": 5},
        ("code_not_in_force",)),
    Row("a new code on its first day is in force",
        chart(ms={"recorded": "2025-10-01"}), {"approve": 5}),
    Row("a new code a day earlier is not",
        chart(ms={"recorded": "2025-09-30"}), {"approve": 5}, ("code_not_in_force",)),
    Row("a request for the last day on which its code is in force",
        {"request": {"received": "2025-09-20", "indication": {"code": "G35"},
                     "service_dates": ["2025-09-30"]},
         **chart(ms={"recorded": "2025-09-01", "code": "426373005", "system": "snomed"}),
         **laboratory(screen={"date": "2025-09-01"})}, {"approve": 5}),
    Row("a request whose last day is the first of its code",
        {"request": {"received": "2025-09-20", "service_dates": ["2025-09-30", "2025-10-01"]},
         **chart(ms={"recorded": "2025-09-01", "code": "426373005", "system": "snomed"}),
         **laboratory(screen={"date": "2025-09-01"})}, {"approve": 5}),
    Row("a request whose last day is the day before",
        {"request": {"received": "2025-09-20", "service_dates": ["2025-09-29", "2025-09-30"]},
         **chart(ms={"recorded": "2025-09-01", "code": "426373005", "system": "snomed"}),
         **laboratory(screen={"date": "2025-09-01"})}, {"approve": 5}, ("code_not_in_force",)),
    # --- approval II
    Row("a trial whose length nobody tells", trial(None, "2022-06-30"), {"approve": 5}),
    Row("twenty-eight days, and nobody says that it was taken",
        trial("2022-06-01", "2022-06-28", taken=None), {"pend": ["failed(_)"]}, (),
        (("minimum_trial_days", "28"),)),
    Row("twenty-seven days, and nobody says that it was taken",
        trial("2022-06-01", "2022-06-27", taken=None), {"deny": ["approval.II"]}, (),
        (("minimum_trial_days", "28"),)),
    Row("twenty-eight days are no short trial",
        trial("2022-06-01", "2022-06-28"), {"approve": 5}),
    Row("one brand of one drug",
        {"therapies": {"second": None}}, {"deny": ["approval.II"]}, (), (("counted_by", "brand"),)),
    Row("two drugs of one class",
        {"therapies": {"second": {"product": "Betaseron"}}}, {"approve": 5}, ("same_class",)),
    # --- approval III
    Row("found and excluded on one day",
        {**laboratory(screen={"date": "2026-02-10"}),
         **chart(x={"code": "B20", "recorded": "2026-02-10"})}, {"pend": ["hiv"]},
        conflicts=("hiv",)),
    Row("found the day after it was excluded",
        {**laboratory(screen={"date": "2026-02-10"}),
         **chart(x={"code": "B20", "recorded": "2026-02-11"})}, {"deny": ["approval.III"]}),
    Row("reactive, refuted, and detected on the same day",
        laboratory(screen={"result": "reactive"}, b={**REFUTES, "date": "2026-02-10"},
              c={**RNA, "date": "2026-02-10"}), {"deny": ["approval.III"]}),
    Row("refuted on the day on which it was found",
        {**laboratory(screen={"result": "reactive", "date": "2026-01-10"},
                 b={**REFUTES, "date": "2026-02-10"}),
         **chart(x={"code": "B20", "recorded": "2026-02-10"})}, {"pend": ["hiv"]},
        conflicts=("hiv",)),
    Row("found the day after it was refuted",
        {**laboratory(screen={"result": "reactive", "date": "2026-01-10"},
                 b={**REFUTES, "date": "2026-02-10"}),
         **chart(x={"code": "B20", "recorded": "2026-02-11"})}, {"deny": ["approval.III"]}),
    Row("a test twelve months old to the day is not stale",
        laboratory(screen={"date": "2025-03-16"}), {"approve": 5}),
    Row("a test a day older is", laboratory(screen={"date": "2025-03-15"}), {"approve": 5},
        ("stale_hiv_test",)),
    # --- exclusion IV
    Row("ended in the month whose last day is the first infusion",
        {"request": {"service_dates": ["2026-03-31"]},
         **beside("Gilenya", "2025-06-01", "2026-03", **MS)}, {"pend": ["concurrent(_)"]}),
    Row("started on the last planned day",
        {"request": AFTERWARDS, **beside("Gilenya", "2026-03-20", ongoing=True, **MS)},
        {"deny": ["exclusion.IV"]}),
    Row("started on the day after",
        {"request": {"received": "2026-03-21"},
         **beside("Gilenya", "2026-03-21", ongoing=True, **MS)}, {"approve": 5}),
    Row("the next dose may be due on the first planned day",
        {"request": {"received": "2026-02-28", "service_dates": ["2026-03-01"]},
         **beside("Tysabri", "2025-06-01", "2026-02", **MS)},
        {"pend": ["concurrent(_)"]}, ("recent_long_acting",),
        (("concurrent_means", "dosing_interval"),)),
    Row("natalizumab on the day of the first infusion",
        beside("Tysabri", "2025-06-01", "2026-03-16", **MS), {"deny": ["exclusion.IV"]}),
    Row("natalizumab four weeks before",
        beside("Tysabri", "2025-06-01", "2026-02-16", **MS), {"approve": 5}),
    Row("natalizumab a day later",
        beside("Tysabri", "2025-06-01", "2026-02-17", **MS), {"approve": 5},
        ("recent_long_acting",)),
    Row("ocrelizumab on the day of the first infusion",
        beside("Ocrevus", "2025-06-01", "2026-03-16", **MS), {"deny": ["exclusion.IV"]}),
    Row("ocrelizumab six months before",
        beside("Ocrevus", "2025-06-01", "2025-09-16", **MS), {"approve": 5}),
    Row("ocrelizumab a day later",
        beside("Ocrevus", "2025-06-01", "2025-09-17", **MS), {"approve": 5},
        ("recent_long_acting",)),
    # --- exclusion V
    Row("an infection over in the month whose last day is the first infusion",
        {"request": {"service_dates": ["2026-03-31"]},
         **chart(x={"code": "N10", "end": "2026-03"})}, {"pend": ["infection"]}),
    Row("treated for an infection from the first planned day on",
        {"request": ON_THE_DAY,
         **beside("methylprednisolone", "2026-03-16", ongoing=True, indication={"code": "N10"})},
        {"deny": ["exclusion.V"]}),
    Row("treated for an infection from the day after",
        {"request": AFTERWARDS,
         **beside("methylprednisolone", "2026-03-17", ongoing=True, indication={"code": "N10"})},
        {"approve": 5}),
    Row("treated for an infection from some day of the month of the first infusion",
        {"request": {"received": "2026-03-01", "service_dates": ["2026-03-01"]},
         **beside("methylprednisolone", "2026-03", ongoing=True, indication={"code": "N10"})},
        {"pend": ["infection"]}),
    Row("claimed to be treated for an infection",
        beside("methylprednisolone", "2026-02-01", ongoing=True, indication={"code": "N10"},
               source=None), {"pend": ["infection"]}),
    Row("treated for an infection, and nobody says until when",
        beside("methylprednisolone", "2026-02-01", indication={"code": "N10"}),
        {"pend": ["infection"]}),
    # --- exclusion VI
    Row("born on the day of the first infusion",
        {"request": ON_THE_DAY, "member": {"birth_date": "2026-03-16"}},
        {"deny": ["exclusion.VI"]}, ("minor",)),
    # --- the quantity
    Row("given on the day of the first infusion",
        {"request": asked("2026-03-16", **ON_THE_DAY), "doses": {"a": dose("2026-03-16")}},
        {"deny": ["quantity.limit"]}, ("label_interval", "second_course")),
    Row("two given this year, three asked for, by calendar year",
        {"request": asked("2026-03-16", "2026-03-17", "2026-03-18"),
         "doses": {"a": dose("2026-01-10", 2)}},
        {"partial": 1}, ("label_interval", "second_course"),
        (("twelve_months", "calendar_year"),)),
    Row("two given this year, three asked for, from the first dose",
        {"request": asked("2026-03-16", "2026-03-17", "2026-03-18"),
         "doses": {"a": dose("2026-01-10", 2)}},
        {"partial": 1}, ("label_interval", "second_course"),
        (("twelve_months", "from_first_dose"),)),
    Row("the second day twelve months after the first",
        {"request": asked("2026-03-16", "2027-03-16", vials=5, course=1)}, {"partial": 4}),
    Row("the second day a day earlier",
        {"request": asked("2026-03-16", "2027-03-15", vials=5, course=1)}, {"approve": 5}),
    Row("the fourth and fifth of the first course, and one more of it, within a year",
        {"request": asked("2026-03-16", "2026-03-17", "2026-03-18"),
         "doses": {str(day): dose(f"2025-03-{day}", 1) for day in (12, 13, 21, 22, 23)}},
        {"partial": 2}, ("label_interval", "second_course", "twelve_months_differ"),
        (("exception_vials_count", "no"),)),
    Row("two of the first course left, and no more than the limit",
        {"request": asked("2026-03-16", vials=2, course=1),
         "doses": {"a": dose("2025-03-10", 3)}},
        {"approve": 2},
        clauses=(("quantity.initiation", "closed"), ("quantity.limit", "within"))),
    Row("a year after the last dose",
        {"request": asked("2026-03-16", "2026-03-17", "2026-03-18"),
         "doses": {"a": dose("2025-03-16")}}, {"approve": 3}, ("second_course",)),
    Row("Lemtrada a year before",
        {"request": {"course": None}, **beside("Lemtrada", "2025-03-16", "2025-03-20", **MS)},
        {"partial": 3}),
    Row("Lemtrada a day less than a year before",
        {"request": {"course": None}, **beside("Lemtrada", "2025-03-17", "2025-03-20", **MS)},
        {"pend": ["first_course"]}),
    # --- what no other row reaches
    Row("asked for afterwards, three given a fortnight later",
        {"request": asked("2026-03-16", vials=1, received="2026-06-01"),
         "doses": {"a": dose("2026-04-01")}},
        {"deny": ["quantity.limit"]}, ("label_interval", "second_course")),
    Row("neither received nor planned",
        {"request": {"received": None, "service_dates": None}},
        {"pend": ["adult", "concurrent(_)", "service_dates"]}),
    Row("a code under a display that shares no word with it",
        chart(x={"code": "B18.2", "display": "Ingrown toenail"}), {"pend": ["infection"]}),
    Row("a test under a display that shares no word with it",
        laboratory(screen={"display": "Sodium level"}), {"pend": ["hiv"]}),
    Row("a display of MS beside the code of another disease",
        chart(x={"code": "I10", "display": "Multiple sclerosis"}), {"approve": 5}),
    Row("a drug by the code of a brand with its own label",
        beside(None, "2014-01-01", "2014-02-01", code="284679", system="rxnorm"),
        {"approve": 5}),
    Row("HIV by a code with an onset only",
        chart(x={"code": "B20", "onset": "2026-02-01", "recorded": None}), {"pend": ["hiv"]},
        conflicts=("hiv",)),
    Row("HIV that is called resolved",
        chart(x={"code": "B20", "status": "resolved"}), {"pend": ["hiv"]}),
    Row("a request whose code and display say isolated syndrome together",
        {"request": {"indication": {"code": "G37.9", "display": "Clinically isolated syndrome"}},
         **chart(ms=None)},
        {"deny": ["approval.I", "exclusion.I"]}, ("cis_is_called_relapsing",)),
    Row("an undated reactive screen that was refuted",
        laboratory(screen={"result": "reactive", "date": None},
                   b={**REFUTES, "date": "2026-02-10"}), {"approve": 5}),
    Row("a dose that is not documented",
        {"request": asked("2026-03-16"),
         "doses": {"a": {**dose("2025-06-01"), "documented": False}}},
        {"pend": ["vials_available"]},
        ("label_interval", "second_course", "twelve_months_differ")),
    Row("a request by the code of another brand",
        {"request": {"product": None, "hcpcs": None, "code": "284679", "system": "rxnorm"}},
        {"not_applicable": None}),
    Row("activity alone", chart(x={"activity": "active"}), {"approve": 5}),
    Row("activity against the code",
        chart(ms={"code": "G35.C2", "display": None, "activity": "active"}),
        {"pend": ["phenotype"]}, conflicts=("phenotype",)),
    Row("an earlier stage with an onset only",
        chart(x={"code": "445967004", "system": "snomed", "onset": "2010-01-01",
                 "recorded": None}), {"approve": 5}),
    Row("words that nobody lists",
        chart(x={"display": "Sore throat of unknown cause"}), {"pend": ["infection"]}),
    Row("two brands of each of two drugs",
        {"therapies": {"second": {"product": "Betaseron"},
                       **beside("Rebif", "2012-01-01", "2013-01-01", response="inadequate",
                                **MS)["therapies"],
                       "fourth": {"product": "Extavia", "start": "2013-01-01",
                                  "end": "2013-12-01", "taken": True,
                                  "response": "inadequate", **MS, **SOURCE}}},
        {"approve": 5}, ("same_class",), (("counted_by", "brand"),)),
]  # fmt: skip


def decide(rules: Reasoner, row: Row) -> Decision:
    return rules.decide(boundary_case(row), readings=dict(row.readings))


def boundary_case(row: Row) -> Case:
    return case_of({"id": row.name, "change": row.change})


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row(row: Row) -> None:
    decision = decide(reasoner(), row)
    assert outcome(decision) == row.expect
    assert {said.id for said in decision.advisories} - ALWAYS == set(row.advisories)
    assert tuple(conflict.question for conflict in decision.conflicts) == row.conflicts
    status = {clause.id: clause.status for clause in decision.clauses}
    assert dict(row.clauses).items() <= status.items()


# --- every comparison, turned by itself -------------------------------------------------------

TURNED = {"<=": "<", "<": "<=", ">=": ">", ">": ">="}

EQUIVALENT = {  # what changes nothing when it is turned, and why
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


class Tried(NamedTuple):
    """A row of either file: its case, readings, and what its tests look at."""

    case: Case
    readings: dict[str, str]
    clauses: tuple[str, ...]
    said: bool


@cache
def tried() -> list[Tried]:
    ours = [
        Tried(boundary_case(row), dict(row.readings), tuple(dict(row.clauses)), said=True)
        for row in ROWS
    ]
    return ours + [
        Tried(case_of(row), row["readings"], tuple(row.get("clauses", ())), said=False)
        for row in test_policy.ROWS
    ]


def seen(decision: Decision, row: Tried) -> object:
    return (
        outcome(decision),
        [missing.needed for missing in decision.missing],
        [clause.status for clause in decision.clauses if clause.id in row.clauses],
        [advisory.id for advisory in decision.advisories if row.said],
        [conflict.question for conflict in decision.conflicts if row.said],
    )


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
    ours = list(range(len(ROWS)))
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
    return [number for number, row in enumerate(tried()) if row.clauses]


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
