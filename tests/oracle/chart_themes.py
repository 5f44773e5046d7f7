"""Themes of the chart: the form of the disease, HIV, infection, age."""

from __future__ import annotations

import datetime as dt

from .days import add_months
from .draft import DISPLAYS, Draft

__all__ = [
    "ages",
    "disputed_form",
    "excluded_form",
    "hiv_tests",
    "infections",
    "other_purposes",
    "other_relapsing",
    "stale_problem_list",
    "unspecified_form",
    "weak_condition",
]

# --- the form of the disease ------------------------------------------------------------------


def excluded_form(draft: Draft) -> None:
    draft.case["conditions"] = []
    form = draft.rng.choice(("cis", "ppms", "nonactive_spms"))
    match draft.rng.randrange(5):
        case 0:
            draft.case["request"]["indication"] = draft.code_of(form, draft.received.isoformat())
            if "code" not in draft.case["request"]["indication"]:
                draft.case["request"]["indication"] = {"code": "G35"}
                draft.condition(form)
        case 1 if form == "nonactive_spms":
            draft.condition("spms", activity="nonactive")
        case _:
            draft.condition(form)


def stale_problem_list(draft: Draft) -> None:
    draft.case["conditions"] = []
    old, new = draft.rng.choice(
        (("cis", "rrms"), ("cis", "rrms"), ("rrms", "active_spms"), ("rrms", "nonactive_spms"),
         ("cis", "ppms"), ("rrms", "cis"), ("rrms", "ppms"), ("nonactive_spms", "active_spms"),
         ("rrms", "spms"))
    )  # fmt: skip
    long_ago = draft.rng.choice((draft.ago(900, 4000), draft.ago(301, 310)))
    draft.condition(old, recorded=long_ago)
    draft.condition(new, recorded=draft.ago(2, 300))
    if draft.chance(0.25):
        record = draft.rng.choice(draft.case["conditions"])
        if draft.chance(0.5):
            record.pop("recorded")
        else:
            record["recorded"] = record["recorded"][:4]
    draft.rng.shuffle(draft.case["conditions"])


def unspecified_form(draft: Draft) -> None:
    draft.case["conditions"] = []
    form = draft.rng.choice(("ms", "spms"))
    activity = draft.rng.choice((None, None, "active", "nonactive"))
    draft.condition(form, **({"activity": activity} if activity else {}))
    if draft.chance(0.2):
        draft.condition(draft.rng.choice(("rrms", "spms", "active_spms")))


def other_relapsing(draft: Draft) -> None:
    draft.case["conditions"] = []
    draft.condition("other_relapsing")


def disputed_form(draft: Draft) -> None:
    draft.case["conditions"] = []
    forms = draft.rng.choice(
        (("rrms", "ppms"), ("ppms", "nonactive_spms"), ("ppms", "nonactive_spms"),
         ("active_spms", "nonactive_spms"), ("ppms", "cis"), ("rrms", "other_relapsing"))
    )  # fmt: skip
    same = draft.ago(5, 100)
    for form in forms:
        draft.condition(form, recorded=same)
    if draft.chance(0.3):
        set_aside = draft.rng.choice(draft.case["conditions"])["id"]
        draft.answer("phenotype", draft.rng.choice(forms), overrules=[set_aside])


def weak_condition(draft: Draft) -> None:
    if not draft.case["conditions"]:
        draft.condition("rrms")
    record = draft.rng.choice(draft.case["conditions"])
    match draft.rng.randrange(6):
        case 0:
            record.pop("source", None)
            record.pop("documented", None)
            record |= draft.no_evidence()
        case 1:
            record["status"] = draft.rng.choice(("resolved", "ruled_out", "unconfirmed"))
        case 2:
            record.pop("status", None)
        case 3:
            record["recorded"] = (draft.received + dt.timedelta(days=1)).isoformat()
        case 4:
            record["display"] = DISPLAYS[draft.rng.choice(sorted(DISPLAYS))]
        case _:
            record["activity"] = draft.rng.choice(("active", "nonactive"))


def other_purposes(draft: Draft) -> None:
    request = draft.case["request"]
    codes: tuple[tuple[str, str | None], ...] = (
        ("C91.10", None), ("G36.0", None), ("G37.81", None), ("H46.9", None),
        ("92814006", "snomed"), ("16415361000119105", "snomed"),
    )  # fmt: skip
    match draft.rng.randrange(10):
        case 0:
            request.pop("indication", None)
        case 1:
            request["indication"] = {"code": draft.rng.choice(("M99.9", "X12.34"))}
        case 2:
            request["indication"] = {"code": "G37.9"}
            draft.case["conditions"] = []
            if draft.chance(0.6):
                draft.condition(draft.rng.choice(("cis", "cis", "rrms")))
            if draft.chance(0.3):
                draft.disease("G37.9")
        case 3:
            draft.disease(draft.rng.choice(("G36.0", "C91.10", "H46.9")))
        case _:
            code, system = draft.rng.choice(codes)
            request["indication"] = {"code": code} | ({"system": system} if system else {})


# --- HIV ----------------------------------------------------------------------------------------


def hiv_tests(draft: Draft) -> None:  # noqa: C901, PLR0912, PLR0915 -- one branch a variant
    draft.case["observations"] = []
    old, new = draft.ago(100, 300), draft.ago(20, 60)
    newer = draft.ago(1, 15)
    match draft.rng.randrange(16):
        case 0:
            pass
        case 1:
            draft.test("screen", "reactive", new)
        case 2:
            draft.test("screen", "reactive", new)
            draft.test("differentiation", "non_reactive", draft.rng.choice((new, newer)))
            if draft.chance(0.5):
                draft.test("rna", "not_detected", newer)
        case 3:
            draft.test("screen", "reactive", new)
            draft.test("differentiation", "reactive", newer)
        case 4:
            draft.test("screen", "reactive", new)
            draft.test("differentiation", "non_reactive", new)
            draft.test("rna", "detected", newer)
        case 5:
            draft.test("screen", "reactive", old)
            draft.test("screen", "non_reactive", new)
        case 6:
            draft.test("screen", "non_reactive", old)
            draft.test("screen", "reactive", new)
        case 7:
            draft.test("differentiation", "reactive", old)
            draft.test("screen", "non_reactive", new)
        case 8:
            draft.test("rna", "not_detected", new)
            if draft.chance(0.6):
                draft.disease(draft.rng.choice(("B20", "Z21")), recorded=old)
        case 9 | 10:
            draft.disease(draft.rng.choice(("B20", "Z21", "B97.35")), recorded=old)
        case 11:
            draft.disease("B20", recorded=draft.rng.choice((old, newer)))
            draft.test("screen", "non_reactive", new)
        case 12:
            draft.test("screen", "indeterminate", new)
        case 13:
            draft.disease(draft.rng.choice(("R75", "Z11.4", "Z20.6")))
            if draft.chance(0.5):
                draft.test("screen", "non_reactive", new)
        case 14:
            draft.test("screen", "reactive", new)
            draft.test("differentiation", "non_reactive", old)
        case _:
            after = (draft.received + dt.timedelta(days=draft.rng.choice((0, 1)))).isoformat()
            draft.test("screen", "non_reactive", draft.rng.choice((after, None, new[:7])))
    draft.rng.shuffle(draft.case["observations"])


# --- infection and age --------------------------------------------------------------------------


def infections(draft: Draft) -> None:  # noqa: C901 -- one branch a variant
    code = draft.rng.choice(("B18.1", "B18.2", "A15.0", "N10"))
    match draft.rng.randrange(12):
        case 0 | 1 | 2:
            draft.disease(code)
        case 3 | 4:
            end = draft.after_first(draft.rng.choice((-1, -1, 0, 0, 1)))
            draft.disease(code, end=end)
        case 5:
            draft.disease(code, status=draft.rng.choice(("resolved", "ruled_out", "unconfirmed")))
        case 6:
            draft.disease(code).pop("status")
        case 7:
            draft.disease(draft.rng.choice(("Z22.7", "Z86.19")))
        case 8:
            draft.disease(
                draft.rng.choice(("A49.9", "J18.9", "N30.00", "N39.0", "J22", "N12", "B99.9"))
            )
        case 9:
            draft.disease(draft.rng.choice(("J23", "N13.9", "I10", "E11.9", "J45.909", "N31.9")))
        case 10:
            draft.disease("11111111", system="snomed")
        case _:
            record = draft.therapy(
                "methylprednisolone", start=draft.ago(3, 20), end=None,
                indication={"code": draft.rng.choice((code, "Z22.7", "I10"))},
            )  # fmt: skip
            if draft.chance(0.5):
                record["ongoing"] = True
            else:
                record["end"] = draft.after_first(draft.rng.choice((-1, 0)))
    if draft.chance(0.15):
        record = draft.case["conditions"][-1] if draft.case["conditions"] else {}
        record.pop("source", None)
        record.pop("documented", None)


def ages(draft: Draft) -> None:
    eighteenth = draft.first + dt.timedelta(days=draft.rng.choice((-1, 0, 0, 1, 1, 2, 200, 900)))
    born = add_months(eighteenth, -216)
    if (eighteenth.month, eighteenth.day) == (2, 28) and draft.chance(0.5):
        leap = dt.date(born.year, 2, 28) + dt.timedelta(days=1)
        born = leap if leap.month == 2 else born
    text = born.isoformat()
    match draft.rng.randrange(8):
        case 0:
            text = text[:4]
        case 1:
            text = text[:7]
        case 2:
            draft.case.pop("member", None)
            return
        case _:
            pass
    draft.case["member"] = {"birth_date": text}
