"""Themes of the request: window edges, quantities, scope, dates, answers, what is absent."""

from __future__ import annotations

import datetime as dt

from .days import add_months
from .draft import BRANDS, UNIDENTIFIED, Draft, Raw

__all__ = [
    "absence",
    "as_it_is",
    "complete_conditions",
    "course_not_stated",
    "days_of_service",
    "direct_answers",
    "doses_not_stated",
    "exhausted",
    "more_than_allowed",
    "not_applicable",
    "partial_dose_date",
    "quantity_details",
    "scopes",
    "spread_course",
    "unfinished_first_course",
    "unplanned",
    "window_edge",
]

# --- the dose window and the quantity ---------------------------------------------------------


def as_it_is(draft: Draft) -> None:
    """Leave the request as it is."""


def window_edge(draft: Draft) -> None:
    draft.later_course()
    draft.case["doses"] = []
    day = add_months(draft.first, -12) + dt.timedelta(days=draft.rng.choice((-1, 0, 0, 1, 1, 2, 3)))
    for i in range(draft.rng.randint(1, 5)):
        draft.dose((day + dt.timedelta(days=draft.rng.choice((0, i)))).isoformat())
    if draft.chance(0.5):
        draft.plan_days(draft.first, draft.rng.randint(1, 3))
    draft.ask_for(draft.rng.choice((1, 2, 3, 3, 3, 5)))


def exhausted(draft: Draft) -> None:
    draft.case["request"]["course"] = draft.rng.choice((2, 2, 1))
    draft.case["doses"] = []
    start = draft.first - dt.timedelta(days=draft.rng.choice((100, 200, 330, 360)))
    count = draft.rng.choice((3, 5, 5)) if draft.case["request"]["course"] == 2 else 5
    for i in range(count):
        draft.dose((start + dt.timedelta(days=i)).isoformat())
    vials = draft.rng.randint(1, 3)
    draft.ask_for(vials)
    draft.plan_days(draft.first, vials)


def more_than_allowed(draft: Draft) -> None:
    if draft.chance(0.6):
        draft.later_course()
        draft.ask_for(draft.rng.choice((4, 5, 5, 6)))
    else:
        draft.ask_for(draft.rng.choice((6, 6, 7, 10)))


def unfinished_first_course(draft: Draft) -> None:
    draft.case["request"]["course"] = 1
    draft.case["doses"] = []
    away = draft.rng.choice((1, 2, 5, 11, 12, 12, 12, 13))
    start = add_months(draft.first, -away) + dt.timedelta(days=draft.rng.choice((-1, 0, 1, 3)))
    for i in range(draft.rng.randint(1, 4)):
        draft.dose((start + dt.timedelta(days=i)).isoformat())
    draft.ask_for(draft.rng.choice((1, 2, 3, 4, 5)))
    draft.plan_days(draft.first, draft.rng.choice((1, 2, 3)))


def course_not_stated(draft: Draft) -> None:
    draft.case["request"].pop("course", None)
    draft.ask_for(draft.rng.choice((2, 3, 4, 5)))


def doses_not_stated(draft: Draft) -> None:
    draft.case["doses"] = []
    draft.case["complete"] = ["therapies"]


def partial_dose_date(draft: Draft) -> None:
    window_edge(draft)
    dose = draft.rng.choice(draft.case["doses"])
    dose["date"] = dose["date"][: draft.rng.choice((4, 7))]


def spread_course(draft: Draft) -> None:
    months = draft.rng.choice((3, 6, 11, 12))
    shift = dt.timedelta(days=draft.rng.choice((-1, 0, 1)))
    dates = [draft.first + dt.timedelta(days=i) for i in range(draft.rng.randint(1, 4))]
    dates.append(add_months(draft.first, months) + shift)
    draft.case["request"]["service_dates"] = [day.isoformat() for day in sorted(set(dates))]


def quantity_details(draft: Draft) -> None:
    request = draft.case["request"]
    match draft.rng.randrange(6):
        case 0:
            request["quantity"] = {"value": draft.rng.choice((50, 55, 59, 61)), "unit": "mg"}
            request.pop("billed_units", None)
        case 1:
            request["billed_units"] = draft.rng.choice((36, 60, 48, 72))
        case 2:
            request["quantity"] = {"value": draft.rng.choice((3.6, 6, 6.0, 7.2)), "unit": "mL"}
            request["billed_units"] = draft.rng.choice((36, 60))
        case 3:
            request.pop("quantity", None)
            request["billed_units"] = draft.rng.choice((36, 60, 72))
        case 4:
            request.pop("quantity", None)
            request.pop("billed_units", None)
        case _:
            request["quantity"] = {"value": 3, "unit": "vial"}
            request["billed_units"] = draft.rng.choice((3, 36, 37))


# --- scope, dates, answers, absence -------------------------------------------------------------


def scopes(draft: Draft) -> None:
    request = draft.case["request"]
    request["hcpcs"] = request.get("hcpcs", "J0202")
    match draft.rng.randrange(9):
        case 0 | 1:
            request["plan"] = draft.rng.choice(("MMM Dental", "Humana Gold", "MMM", "Triple-S"))
        case 2 | 3:
            request["product"] = draft.rng.choice(("Campath", "Ocrevus", "Tysabri", "rituximab"))
            request.pop("hcpcs")
        case 4:
            request.pop("product", None)
            request["hcpcs"] = draft.rng.choice(("J2350", "J2323", "J1595"))
        case 5:
            request.pop("plan", None)
            if draft.chance(0.5):
                request["product"], request["hcpcs"] = "Ocrevus", "J2350"
        case 6:
            request["product"] = draft.rng.choice(("Campath", "Ocrevus"))
        case 7:
            request["product"] = "alemtuzumab biosimilar candidate"
            if draft.chance(0.5):
                request.pop("hcpcs")
        case _:
            request.pop("product", None)
            request.pop("hcpcs")


def not_applicable(draft: Draft) -> None:
    request = draft.case["request"]
    if draft.chance(0.6):
        request["plan"] = draft.rng.choice(("MMM Dental", "Humana Gold", "Triple-S"))
    else:
        request["product"] = draft.rng.choice(("Campath", "Ocrevus", "Kesimpta"))
        request.pop("hcpcs", None)


def days_of_service(draft: Draft) -> None:
    request = draft.case["request"]
    match draft.rng.randrange(4):
        case 0:
            request.pop("service_dates", None)
        case 1:
            request["service_dates"] = [draft.first.isoformat()[:7]]
        case 2:
            request.pop("service_dates", None)
            draft.answer("service_dates", draft.rng.choice(("planned", "unplanned", "unplanned")))
        case _:
            draft.received = draft.first + dt.timedelta(days=draft.rng.randint(0, 20))
            request["received"] = draft.received.isoformat()


def unplanned(draft: Draft) -> None:
    draft.case["request"].pop("service_dates", None)
    draft.answer("service_dates", "unplanned")


def direct_answers(draft: Draft) -> None:  # noqa: C901, PLR0912 -- one branch a variant
    case, rng = draft.case, draft.rng
    match rng.randrange(13):
        case 0:
            draft.answer("hiv", rng.choice(("negative", "positive")))
            if draft.chance(0.6):
                case["observations"] = []
        case 1:
            draft.answer("infection", rng.choice(("yes", "no")))
        case 2:
            record = draft.disease(rng.choice(("B18.2", "A49.9")))
            overrules = {"overrules": [record["id"]]} if draft.chance(0.6) else {}
            draft.answer("infection", "no", **overrules)
        case 3:
            draft.answer(rng.choice(("infection", "adult", "concurrent(others)")), "maybe")
            if draft.chance(0.4):
                case.pop("member", None)
        case 4:
            draft.drop_failure()
            draft.answer("failed(others)", rng.choice(("0", "1", "2")))
            case["complete"] = ["doses"] if draft.chance(0.7) else case["complete"]
        case 5:
            draft.drop_failure()
            draft.answer("failed(siponimod)", rng.choice(("yes", "yes", "no")))
        case 6 if case["therapies"]:
            record = rng.choice(case["therapies"])
            drug = [name for name, brands in BRANDS.items() if record.get("product") in brands] or [
                "siponimod"
            ]
            overrules = {"overrules": [record["id"]]} if draft.chance(0.7) else {}
            draft.answer(f"failed({drug[0]})", "no", **overrules)
        case 7:
            draft.answer("phenotype", rng.choice(("rrms", "ppms", "active_spms", "relapsing")))
            if draft.chance(0.5):
                case["conditions"] = []
        case 8:
            draft.answer("first_course", rng.choice(("yes", "no")))
            if draft.chance(0.7):
                case["request"].pop("course", None)
        case 9:
            draft.answer("vials_requested", rng.choice((3, 5)))
        case 10:
            draft.answer("scope", "yes")
            case["request"].pop("plan", None)
        case 11:
            draft.answer("indication", rng.choice(("ms", "other")))
            case["request"].pop("indication", None)
        case _:
            draft.therapy(rng.choice(UNIDENTIFIED), end=None, ongoing=True)
            draft.answer("concurrent(others)", rng.choice(("no", "no", "yes")))


def _naming(record: Raw) -> set[str]:
    """Return the keys that a record cannot lose: its id, and what alone says what it is."""
    names = [key for key in ("code", "display", "product", "activity") if key in record]
    return {"id", "system"} | (set(names) if len(names) == 1 else set())


def absence(draft: Draft) -> None:
    case, rng = draft.case, draft.rng
    for _ in range(rng.randint(1, 2)):
        where = rng.choice(("case", "request", "record", "record"))
        if where == "case":
            case.pop(
                rng.choice(("member", "complete", "doses", "observations", "conditions")), None
            )
        elif where == "request":
            names = (
                "plan",
                "product",
                "hcpcs",
                "quantity",
                "course",
                "indication",
                "service_dates",
            )
            case["request"].pop(rng.choice(names), None)
        else:
            section = rng.choice(("therapies", "conditions"))
            if case.get(section):
                record = rng.choice(case[section])
                record.pop(rng.choice(sorted(set(record) - _naming(record))), None)
        for section in ("conditions", "therapies", "observations", "doses"):
            case.setdefault(section, [])


def complete_conditions(draft: Draft) -> None:
    draft.case["complete"] = [*draft.case.get("complete", []), "conditions"]
