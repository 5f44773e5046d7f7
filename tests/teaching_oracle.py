"""An independent, naive reading of TEACH-1, the invented policy, and cases to compare with.

It imports nothing of the product and reads nothing of `rules/`: each question has the set of
answers that a case leaves, all worlds are gone through one by one. Keep it naive.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable
from itertools import product
from typing import Any

__all__ = ["decide", "generate"]

Raw = dict[str, Any]
Pick = Callable[..., Any]

START = dt.date(2026, 3, 16)
DISEASES = {
    "K50.90": {"crohn"},
    "K50.113": {"crohn"},
    "L40.0": {"plaque"},
    "L40.51": {"arthritis"},
    "L40.1": {"other"},
    "L40.9": {"plaque", "other"},
}
NAMED = {"crohn", "plaque", "arthritis"}
CONVENTIONAL = {
    "azathioprine": {"crohn"},
    "methotrexate": {"crohn", "plaque", "arthritis"},
    "leflunomide": {"arthritis"},
    "acitretin": {"plaque"},
}
YES_NO = {True, False}
SOURCE = {"document": "chart.pdf", "page": 1}


# --- cases --------------------------------------------------------------------------------------


def generate(seed: int) -> Raw:
    """Return the case of a seed; most of it is as an approval has it."""
    rng = random.Random(seed)

    def pick(usual: object, *others: object, often: float = 0.8) -> Any:  # noqa: ANN401 -- any of them
        return usual if rng.random() < often else rng.choice(others)

    code = rng.choice(["K50.90", "K50.90", "K50.113", "L40.0", "L40.0", "L40.51", "L40.1", "L40.9"])
    course = rng.choice([1, 1, 1, 2, 2, None])
    request: Raw = {
        "received": "2026-03-02",
        "plan": pick("Demo Plan", "Other Plan", often=0.97),
        "product": pick("Remicade", "Inflectra", "Humira", often=0.9),
        "quantity": rng.choice(
            [{"value": n, "unit": "vial"} for n in (1, 2, 3, 4, 5, 6, 6, 6)]
            + [{"value": 400, "unit": "mg"}, {"value": 401, "unit": "mg"}]
            + [{"value": 31, "unit": "unit"}]
        ),
        "service_dates": [START.isoformat()],
        "indication": {"code": code},
    }
    if course is not None:
        request["course"] = course
    case: Raw = {"id": f"seed-{seed}", "request": request}
    born = pick("1988-05-04", "2008-03-16", "2008-03-17", "2020-03-16", "2020-03-17", 2008, None)
    if born is not None:
        case["member"] = {"birth_date": str(born)}
    case["conditions"] = _conditions(pick, code)
    case["therapies"] = _therapies(pick, rng, code, course)
    case["observations"] = _observations(pick)
    case["complete"] = [name for name in ("conditions", "therapies") if rng.random() < 0.75]
    return case


def _condition(name: str, code: str, status: str = "active", **more: object) -> Raw:
    row = {"id": name, "code": code, "status": status, "recorded": "2026-02-11", "source": SOURCE}
    return row | {key: value for key, value in more.items() if value is not None}


def _conditions(pick: Pick, code: str) -> list[Raw]:
    found = []
    own = pick(code, "L40.0", "K50.90", None, often=0.9)
    if own is not None:
        activity = pick("active", "nonactive", None, often=0.6)
        found.append(_condition("dx1", own, pick("active", "unconfirmed"), activity=activity))
    for name, other in (("dx2", "K70.30"), ("dx3", "I50.22")):
        status = pick(None, "active", "unconfirmed", often=0.85)
        if status is not None:
            found.append(_condition(name, other, status))
    if pick("no", "yes", often=0.95) == "yes":
        found.append(_condition("dx4", "N10"))
    return found


def _therapies(pick: Pick, rng: random.Random, code: str, course: int | None) -> list[Raw]:
    found = []
    if pick("yes", "no") == "yes":
        start = dt.date(2025, 3, 3)
        days = rng.choice([83, 84, 200, 200])
        row: Raw = {
            "id": "rx1",
            "product": rng.choice(list(CONVENTIONAL)),
            "start": start.isoformat(),
            "end": (start + dt.timedelta(days=days - 1)).isoformat(),
            "taken": True,
            "indication": {"code": code if code != "L40.1" else "K50.90"},
            "source": SOURCE,
        }
        row |= rng.choice(
            [
                {"response": "inadequate"},
                {"response": "inadequate"},
                {"response": "adequate", "stopped_for": "choice"},
                {"stopped_for": "intolerance"},
            ]
        )
        if pick("no", "yes", often=0.9) == "yes":
            row["documented"] = False
        found.append(row)
    if pick("no", "yes", often=0.6) == "yes":
        row = {
            "id": "rx2",
            "product": rng.choice(["prednisone", "Stelara", "Humira"]),
            "start": "2024-01-08",
            "taken": True,
            "indication": {"code": "K50.90"},
            "source": SOURCE,
        }
        row |= rng.choice(
            [
                {"end": "2024-06-30", "response": "inadequate", "stopped_for": "choice"},
                {"end": "2024-06-30", "stopped_for": "intolerance"},
                {"ongoing": True},
            ]
        )
        found.append(row)
    if course != 1 and pick("yes", "no") == "yes":
        found.append(
            {
                "id": "own",
                "product": "Remicade",
                "start": "2025-06-02",
                "end": "2026-01-19",
                "taken": True,
                "response": pick("adequate", "inadequate", often=0.7),
                "indication": {"code": "K50.90"},
                "source": SOURCE,
            }
        )
    return found


def _observations(pick: Pick) -> list[Raw]:
    found = []
    if (day := pick("2026-02-10", "2025-03-16", "2025-03-15", None)) is not None:
        result = pick("non_reactive", "reactive", often=0.9)
        found.append({"id": "tb", "code": "71773-6", "result": result, "date": day})
    if (value := pick(23.5, 10, 9.999, None, often=0.5)) is not None:
        day = pick("2026-02-10", "2025-12-16", "2025-12-15")
        found.append({"id": "crp", "code": "1988-5", "value": value, "unit": "mg/L", "date": day})
    weight = pick(
        (64.2, "kg"), (80, "kg"), (80.001, "kg"), (130, "kg"), (19, "kg"), None, often=0.4
    )
    if weight is not None:
        value, unit = weight
        found.append(
            {"id": "wt", "code": "29463-7", "value": value, "unit": unit, "date": "2026-02-11"}
        )
    return found


# --- what the document says -----------------------------------------------------------------------


def decide(case: Raw) -> Raw:
    """Return recommendation, milligrams, months and, of a denial, the clauses that always block."""
    request = case["request"]
    if request["plan"] != "Demo Plan" or request["product"] == "Humira":
        return {"recommendation": "not_applicable", "mg": None, "months": None, "grounds": None}
    asked = _vials(request["quantity"])
    presumed = {_result(world, asked) for world in _worlds(case, freed=False)}
    if len({result[:3] for result in presumed}) == 1:
        name, vials, months, _ = next(iter(presumed))
        if name != "deny":
            return {"recommendation": name, "mg": vials * 100, "months": months, "grounds": None}
        freed = {_result(world, asked) for world in _worlds(case, freed=True)}
        if {result[0] for result in freed} == {"deny"}:
            always = frozenset.intersection(*(result[3] for result in freed))
            return {"recommendation": "deny", "mg": None, "months": None, "grounds": set(always)}
    return {"recommendation": "pend", "mg": None, "months": None, "grounds": None}


def _vials(quantity: Raw) -> int:
    each = {"vial": 1, "mg": 100, "unit": 10}[str(quantity["unit"])]
    return math.ceil(int(quantity["value"]) / each)


def _result(world: Raw, asked: int) -> tuple[str, int, int | None, frozenset[str]]:
    disease, first = world["disease"], world["course"] == "first"
    blocks = set()
    if disease not in NAMED or not world["diagnosed"]:
        blocks.add("approval.I")
    if world["age"] != "adult" and (world["age"] == "child" or disease in {"plaque", "arthritis"}):
        blocks.add("approval.II")
    if not world["negative"]:
        blocks.add("approval.III")
    tried = world["more"] or disease in world["tried"]
    if first and not tried and not world["contraindicated"]:
        blocks.add("initial.I")
    third = world["fistula"] or world["steroid"]
    signs = [world["protein"], world["active"], third, world["biologic"]]
    if first and sum(signs) < 2:
        blocks.add("initial.II")
    if not first and not world["responded"]:
        blocks.add("continuation.I")
    for name, clause in (("concurrent", "I"), ("infection", "II"), ("heart", "III")):
        if world[name]:
            blocks.add(f"exclusion.{clause}")
    fits = math.ceil(min(world["weight"] * 5, 500) / 100)
    if blocks:
        return "deny", 0, None, frozenset(blocks)
    months = 6 if first else 12
    return ("approve" if asked <= fits else "partial"), min(asked, fits), months, frozenset()


def _worlds(case: Raw, *, freed: bool) -> list[Raw]:
    answers = _answers(case, {True, False} if freed else {False})
    return [dict(zip(answers, one, strict=True)) for one in product(*answers.values())]


def _answers(case: Raw, presumed: set[bool]) -> dict[str, Any]:
    complete = set(case["complete"])
    conditions = {row["id"]: row for row in case["conditions"]}
    therapies = {row["id"]: row for row in case["therapies"]}
    tests = {row["id"]: row for row in case["observations"]}
    code = case["request"]["indication"]["code"]
    dx1 = conditions.get("dx1")
    said = DISEASES[dx1["code"]] if dx1 else set()
    sure = dx1 is not None and dx1["status"] == "active"
    disease = DISEASES[code]
    if len(disease) > 1 and sure:
        disease = (disease & said) or disease
    wanted = DISEASES[code] & NAMED
    ours = bool(said & wanted)
    whole = "conditions" in complete
    # Without a disease of the policy in the request, the list cannot lack it.
    absent = {False} if whole and wanted else YES_NO
    fistula_listed = dx1 is not None and dx1["code"] == "K50.113"
    activity = dx1.get("activity") if dx1 and ours and sure else None
    return {
        "disease": disease,
        "diagnosed": {True} if ours and sure else YES_NO if ours else absent,
        "age": _ages(case.get("member")),
        "negative": {True} if _screened(tests.get("tb")) else YES_NO,
        "course": _course(case["request"].get("course"), therapies),
        **_tried(therapies, complete, presumed),
        "contraindicated": _shown(conditions.get("dx2"), presumed),
        "protein": _raised(tests.get("crp")),
        "active": {True} if activity == "active" else {False} if activity else YES_NO,
        "fistula": _fistula(fistula_listed, sure, "crohn" in wanted, whole),
        "responded": {therapies["own"]["response"] == "adequate"} if "own" in therapies else YES_NO,
        "infection": {True} if "dx4" in conditions else {False} if whole else presumed,
        "heart": _shown(conditions.get("dx3"), {False} if whole else presumed),
        "weight": {math.ceil(tests["wt"]["value"])} if "wt" in tests else set(range(10, 111)),
    }


def _shown(row: Raw | None, silent: set[bool]) -> set[bool]:
    if row is None:
        return silent
    return {True} if row["status"] == "active" else YES_NO


def _fistula(listed: bool, sure: bool, crohn: bool, whole: bool) -> set[bool]:  # noqa: FBT001
    if listed:
        return {True} if sure and crohn else YES_NO
    return {False} if whole else YES_NO


def _ages(member: Raw | None) -> set[str]:
    if member is None:
        return {"child", "youth", "adult"}
    text = member["birth_date"]
    days = [text] if len(text) > 4 else [f"{text}-01-01", f"{text}-12-31"]
    found = set()
    for day in days:
        born = dt.date.fromisoformat(day)
        years = START.year - born.year - ((START.month, START.day) < (born.month, born.day))
        found.add("adult" if years >= 18 else "youth" if years >= 6 else "child")
    return found


def _screened(row: Raw | None) -> bool:
    return row is not None and row["result"] == "non_reactive" and row["date"] >= "2025-03-16"


def _raised(row: Raw | None) -> set[bool]:
    if row is None or row["date"] < "2025-12-16":
        return YES_NO
    return {row["value"] >= 10}


def _course(number: int | None, therapies: dict[str, Raw]) -> set[str]:
    if number is not None:
        return {"first" if number == 1 else "later"}
    return {"later"} if "own" in therapies else {"first", "later"}


def _tried(therapies: dict[str, Raw], complete: set[str], presumed: set[bool]) -> dict[str, Any]:
    """Return what may be said of drugs: for which diseases one was tried, and the signs."""
    none, every = frozenset[str](), frozenset[str]()
    tried = {none}
    if row := therapies.get("rx1"):
        every = frozenset(CONVENTIONAL[row["product"]])
        days = (dt.date.fromisoformat(row["end"]) - dt.date.fromisoformat(row["start"])).days + 1
        claimed = row.get("documented") is False
        failed = {row.get("response") == "inadequate" and days >= 84}
        stopped = row.get("stopped_for")
        intolerant = presumed if stopped is None else {stopped == "intolerance"}
        if claimed:
            failed = YES_NO
            intolerant = YES_NO if stopped == "intolerance" else intolerant
        tried = {every if one or other else none for one in failed for other in intolerant}
    steroid, biologic, use = {False}, {False}, {False} if "therapies" in complete else presumed
    if row := therapies.get("rx2"):
        drug, going = row["product"], "ongoing" in row
        failed = {row.get("response") == "inadequate"} if not going else YES_NO
        intolerant = presumed if going else {row.get("stopped_for") == "intolerance"}
        if drug == "prednisone":
            steroid = failed
        elif drug == "Stelara":
            biologic = {one or other for one in failed for other in intolerant}
        if going and drug != "prednisone":
            use = {True}
    return {
        "tried": tried,
        "more": {False} if "therapies" in complete else YES_NO,
        "steroid": steroid,
        "biologic": biologic,
        "concurrent": use,
    }
