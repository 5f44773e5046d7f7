"""The oracle against answers worked out by hand from the document."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from oracle import decide, generate

Raw = dict[str, Any]
SOURCE = {"document": "neurology.pdf", "page": 1}


def eligible() -> Raw:
    """A first course, five vials on five days, everything documented."""
    return {
        "id": "eligible",
        "request": {
            "received": "2026-03-02",
            "plan": "MMM MA",
            "product": "Lemtrada",
            "hcpcs": "J0202",
            "quantity": {"value": 5, "unit": "vial"},
            "service_dates": [f"2026-03-{day}" for day in range(16, 21)],
            "course": 1,
            "indication": {"code": "G35.A"},
        },
        "member": {"birth_date": "1986-07-14"},
        "conditions": [
            {"id": "dx1", "code": "G35.A", "status": "active", "recorded": "2026-02-11",
             "source": SOURCE}
        ],
        "therapies": [trial("rx1", "Avonex", 2019), trial("rx2", "Copaxone", 2022)],
        "observations": [
            {"id": "t1", "code": "56888-1", "system": "loinc", "result": "non_reactive",
             "date": "2026-02-10"}
        ],
        "doses": [],
        "complete": ["therapies", "doses"],
    }  # fmt: skip


def trial(name: str, product: str, year: int, **fields: object) -> Raw:
    """A documented MS trial that failed, unless *fields* say otherwise; None removes a field."""
    record: Raw = {
        "id": name,
        "product": product,
        "start": f"{year}-01-07",
        "end": f"{year + 1}-04-30",
        "taken": True,
        "response": "inadequate",
        "source": SOURCE,
    } | fields
    return {key: value for key, value in record.items() if value is not None}


def condition(name: str, code: str, **fields: object) -> Raw:
    """A documented active condition of 2026-02-11."""
    return {"id": name, "code": code, "status": "active", "recorded": "2026-02-11",
            "source": SOURCE} | fields  # fmt: skip


def second_course(case: Raw, *days: str, vials: int = 3, course: int = 2) -> None:
    """Ask for vials after one vial on each of the days."""
    case["request"] |= {"course": course, "quantity": {"value": vials, "unit": "vial"}}
    case["request"]["service_dates"] = ["2026-03-16", "2026-03-17", "2026-03-18"]
    case["doses"] = [
        {"id": f"d{i}", "date": day, "quantity": {"value": 1, "unit": "vial"}}
        for i, day in enumerate(days)
    ]


Change = Callable[[Raw], object]


Row = tuple[str, Change, str, Raw]


def row(case_id: str, change: Change, recommendation: str, **expected: object) -> Row:
    return case_id, change, recommendation, expected


ROWS = [
    row("eligible", lambda _: None, "approve", approved_vials=5, grounds=[], missing=[]),
    # --- approval I and exclusions I to III
    row("ppms", lambda c: c.update(conditions=[condition("a", "G35.B1")]), "deny",
        grounds=["approval.I", "exclusion.II"]),
    row("nonactive by activity",
        lambda c: c.update(conditions=[condition("a", "G35.C0", activity="nonactive")]), "deny",
        grounds=["approval.I", "exclusion.III"]),
    row("active by activity",
        lambda c: c.update(conditions=[condition("a", "G35.C0", activity="active")]), "approve"),
    row("activity not stated", lambda c: c.update(conditions=[condition("a", "G35.C0")]), "pend",
        missing=["phenotype"]),
    row("unspecified", lambda c: c.update(conditions=[condition("a", "G35.D")]), "pend",
        missing=["phenotype"]),
    row("stale CIS",
        lambda c: c["conditions"].append(
            condition("b", "445967004", system="snomed", recorded="2015-05-01")), "approve"),
    row("undated CIS beside RRMS",
        lambda c: c["conditions"].append(
            condition("b", "445967004", system="snomed", recorded=None)), "pend",
        conflicts=["phenotype"]),
    row("CIS newer than RRMS",
        lambda c: c["conditions"].append(
            condition("b", "445967004", system="snomed", recorded="2026-02-20")), "pend",
        conflicts=["phenotype"], missing=["phenotype"]),
    row("ppms or nonactive",
        lambda c: c.update(conditions=[condition("a", "G35.B0"), condition("b", "G35.C2")]), "deny",
        grounds=["approval.I", ["exclusion.II", "exclusion.III"]], conflicts=["phenotype"]),
    row("progressive relapsing",
        lambda c: c.update(conditions=[condition("a", "724778008", system="snomed")]), "refer"),
    row("rrms undocumented", lambda c: c["conditions"][0].pop("source"), "pend",
        missing=["phenotype"]),
    # --- approval II
    row("one ingredient, two brands",
        lambda c: c["therapies"].__setitem__(1, trial("rx2", "Rebif", 2022)), "deny",
        grounds=["approval.II"]),
    row("two brands, history open",
        lambda c: (c["therapies"].__setitem__(1, trial("rx2", "Rebif", 2022)),
                   c.update(complete=["doses"])), "pend", missing=["failed(_)"]),
    row("intolerance",
        lambda c: c["therapies"][1].update(response=None, stopped_for="intolerance"), "deny",
        grounds=["approval.II"]),
    row("stopped for inadequate response",
        lambda c: c["therapies"][1].update(response=None, stopped_for="inadequate_response"),
        "approve"),
    row("claimed", lambda c: c["therapies"][1].pop("source"), "pend", missing=["failed(_)"]),
    row("ten days", lambda c: c["therapies"][1].update(end="2022-01-17"), "approve"),
    row("never taken", lambda c: c["therapies"][1].update(taken=False), "deny",
        grounds=["approval.II"]),
    row("off label", lambda c: c["therapies"].__setitem__(1, trial("rx2", "Rituxan", 2022)),
        "deny", grounds=["approval.II"]),
    row("Zeposia for colitis or MS",
        lambda c: c["therapies"].__setitem__(1, trial("rx2", "Zeposia", 2022)), "pend",
        missing=["failed(_)"]),
    # --- approval III
    row("no test", lambda c: c.update(observations=[]), "pend", missing=["hiv"]),
    row("reactive, refuted",
        lambda c: (c["observations"][0].update(result="reactive"),
                   c["observations"].append({"id": "t2", "code": "80203-3", "system": "loinc",
                                             "result": "non_reactive", "date": "2026-02-12"})),
        "approve"),
    row("reactive alone", lambda c: c["observations"][0].update(result="reactive"), "pend",
        missing=["hiv"]),
    row("undetectable load",
        lambda c: (c.update(observations=[{"id": "t2", "code": "25836-8", "system": "loinc",
                                           "result": "not_detected", "date": "2026-02-12"}]),
                   c["conditions"].append(condition("b", "B20"))), "deny",
        grounds=["approval.III"]),
    row("screen a day after the decision",
        lambda c: c["observations"][0].update(date="2026-03-03"), "pend", missing=["hiv"]),
    row("positive, then a negative screen",
        lambda c: c["conditions"].append(condition("b", "B20", recorded="2025-01-01")), "pend",
        conflicts=["hiv"]),
    # --- exclusion IV
    row("ends the day before", lambda c: c["therapies"][1].update(end="2026-03-15"), "approve"),
    row("ends on the day", lambda c: c["therapies"][1].update(end="2026-03-16"), "deny",
        grounds=["exclusion.IV"]),
    row("ends after the last day, outcome stated",
        lambda c: c["therapies"][1].update(end="2026-03-21"), "pend",
        missing=["concurrent(_)", "failed(_)"]),
    row("neither end nor ongoing",
        lambda c: c["therapies"].append(trial("rx3", "Gilenya", 2024, end=None, response=None)),
        "pend", missing=["concurrent(_)"]),
    row("unidentified in use",
        lambda c: c["therapies"].append(
            trial("rx3", "study drug", 2025, end=None, response=None, ongoing=True)), "pend",
        missing=["concurrent(_)"]),
    row("unidentified, ended",
        lambda c: c["therapies"].append(trial("rx3", "study drug", 2024, response="adequate")),
        "approve"),
    # --- exclusion V
    row("hepatitis C", lambda c: c["conditions"].append(condition("b", "B18.2")), "deny",
        grounds=["exclusion.V"]),
    row("over the day before",
        lambda c: c["conditions"].append(condition("b", "N10", end="2026-03-15")), "approve"),
    row("over on the day",
        lambda c: c["conditions"].append(condition("b", "N10", end="2026-03-16")), "deny",
        grounds=["exclusion.V"]),
    row("latent tuberculosis", lambda c: c["conditions"].append(condition("b", "Z22.7")),
        "approve"),
    row("unknown infectious code", lambda c: c["conditions"].append(condition("b", "A49.9")),
        "pend", missing=["infection"]),
    row("no outweighs doubt",
        lambda c: (c["conditions"].append(condition("b", "A49.9")),
                   c.update(answers=[{"question": "infection", "answer": "no"}])), "approve"),
    row("no yields to a record",
        lambda c: (c["conditions"].append(condition("b", "B18.2")),
                   c.update(answers=[{"question": "infection", "answer": "no"}])), "deny",
        grounds=["exclusion.V"]),
    row("no overrules a record",
        lambda c: (c["conditions"].append(condition("b", "B18.2")),
                   c.update(answers=[{"question": "infection", "answer": "no",
                                      "overrules": ["b"]}])), "approve"),
    row("undeclared answer",
        lambda c: c.update(answers=[{"question": "infection", "answer": "perhaps"}]), "pend",
        missing=["infection"]),
    # --- exclusion VI
    row("leukemia", lambda c: c["request"].update(indication={"code": "C91.10"}), "deny",
        grounds=["approval.I", "approval.II", "exclusion.VI"]),
    row("G37.9 with CIS or another disease",
        lambda c: c["request"].update(indication={"code": "G37.9"}) or c.update(conditions=[]),
        "deny", grounds=["approval.I", ["exclusion.I", "exclusion.VI"]]),
    row("eighteen on the day", lambda c: c["member"].update(birth_date="2008-03-16"), "approve"),
    row("eighteen the day after", lambda c: c["member"].update(birth_date="2008-03-17"), "deny",
        grounds=["exclusion.VI"]),
    row("born in that year", lambda c: c["member"].update(birth_date="2008"), "pend",
        missing=["adult"]),
    row("no birth date", lambda c: c.pop("member"), "approve",
        assumptions={"adult": "yes", "infection": "no", "intolerant(glatiramer_acetate)": "no",
                     "intolerant(interferon_beta_1a)": "no"}),
    # --- quantity
    row("six vials", lambda c: c["request"].update(quantity={"value": 6, "unit": "vial"}),
        "partial", approved_vials=5, grounds=["quantity.limit"]),
    row("second course, five vials",
        lambda c: second_course(c, "2024-03-01", "2024-03-02", vials=5), "partial",
        approved_vials=3),
    row("twelve months ago to the day",
        lambda c: second_course(c, "2025-03-16", "2025-03-16", "2025-03-16"), "approve",
        approved_vials=3),
    row("a day less than twelve months",
        lambda c: second_course(c, "2025-03-17", "2025-03-17", "2025-03-17"), "deny",
        grounds=["quantity.limit"]),
    row("window empties during the course",
        lambda c: second_course(c, "2025-03-16", "2025-03-17", "2025-03-18"), "approve",
        approved_vials=3),
    row("three given five months ago, two of the first course left",
        lambda c: second_course(c, "2025-10-16", "2025-10-17", "2025-10-18", course=1),
        "partial", approved_vials=2),
    row("course not stated, five vials", lambda c: c["request"].pop("course"), "pend",
        missing=["first_course"]),
    row("course not stated, three vials",
        lambda c: c["request"].pop("course")
        and c["request"].update(quantity={"value": 3, "unit": "vial"}), "approve",
        approved_vials=3),
    row("billed units differ", lambda c: c["request"].update(billed_units=36), "pend",
        conflicts=["vials_requested"], missing=["vials_requested"]),
    row("fifty milligrams", lambda c: c["request"].update(quantity={"value": 50, "unit": "mg"}),
        "approve", approved_vials=5),
    # --- scope, dates
    row("another plan", lambda c: c["request"].update(plan="MMM Dental"), "not_applicable"),
    row("no plan", lambda c: c["request"].pop("plan"), "pend", missing=["scope"]),
    row("no plan, another product",
        lambda c: c["request"].update(plan=None, product="Ocrevus", hcpcs="J2350"),
        "not_applicable"),
    row("product against code", lambda c: c["request"].update(product="Campath"), "pend",
        conflicts=["scope"]),
    row("no service dates", lambda c: c["request"].pop("service_dates"), "pend",
        missing=["service_dates"]),
    row("unknowns that do not matter",
        lambda c: (c.update(observations=[], conditions=[condition("a", "G35.B")]),
                   c["request"].pop("course")), "deny", grounds=["approval.I", "exclusion.II"],
        missing=[]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "recommendation", "expected"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_worked_out_by_hand(change: Change, recommendation: str, expected: Raw) -> None:
    case = eligible()
    change(case)
    decision = decide(case)
    assert decision["recommendation"] == recommendation, decision
    assert {key: decision[key] for key in expected} == expected


LEAP = [
    ("2024-02-29", "2025-02-27", "deny"),
    ("2024-02-29", "2025-02-28", "approve"),
    ("2027-02-28", "2028-02-28", "approve"),
    ("2027-03-01", "2028-02-29", "deny"),
]


@pytest.mark.parametrize(("given", "planned", "recommendation"), LEAP)
def test_a_leap_day_ends_its_window_on_the_28th(
    given: str, planned: str, recommendation: str
) -> None:
    case = eligible()
    second_course(case, given, given, given)
    case["request"] |= {"received": planned, "service_dates": [planned]}
    case["conditions"][0]["recorded"] = "2021-01-01"
    case["observations"][0]["date"] = "2023-01-01"
    case["therapies"] = [trial("rx1", "Avonex", 2015), trial("rx2", "Copaxone", 2017)]
    assert decide(case)["recommendation"] == recommendation


READINGS = [
    ("intolerance_counts", "yes", lambda c: c["therapies"][1].update(
        response=None, stopped_for="intolerance"), "approve"),
    ("minimum_trial_days", 28, lambda c: c["therapies"][1].update(end="2022-01-17"), "deny"),
    ("counted_by", "brand", lambda c: c["therapies"].__setitem__(
        1, trial("rx2", "Rebif", 2022)), "approve"),
    ("counted_by", "class", lambda c: c["therapies"].__setitem__(
        1, trial("rx2", "Betaseron", 2022)), "deny"),
    ("under_18", "refer", lambda c: c["member"].update(birth_date="2010-01-01"), "refer"),
    ("chronic_infection", "any",
     lambda c: c["conditions"].append(condition("b", "Z22.7")), "deny"),
    ("infection_unstated", "ask", lambda _: None, "pend"),
    ("other_relapsing", "met",
     lambda c: c.update(conditions=[condition("a", "724778008", system="snomed")]), "approve"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "change", "recommendation"), READINGS)
def test_a_reading_changes_its_case(
    name: str, value: str | int, change: Change, recommendation: str
) -> None:
    case = eligible()
    change(case)
    assert decide(case)["recommendation"] != recommendation
    assert decide(case, {name: value})["recommendation"] == recommendation


def test_the_order_of_records_does_not_matter() -> None:
    for seed in range(200):
        case = generate(seed)
        turned = copy.deepcopy(case)
        for section in ("conditions", "therapies", "observations", "doses", "answers"):
            turned[section] = turned.get(section, [])[::-1]
        assert decide(case) == decide(turned), seed


def test_the_generator_repeats_itself() -> None:
    assert generate(3) == generate(3) != generate(4)
