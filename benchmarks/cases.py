"""Invented cases to measure with: varied, seeded, in the form that `reasoner decide` reads.

`python -m benchmarks.cases 1000 --seed 7` prints them as JSON Lines. They are made to be
different from each other, not to be likely: how often a result occurs says nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import TypeAlias

__all__ = ["RECORDS_PER_CASE", "SECTIONS", "CaseData", "case", "cases"]

CaseData: TypeAlias = dict[str, object]
SECTIONS = ("conditions", "therapies", "observations", "doses", "answers")

RECORDS_PER_CASE = 20
"""Conditions, therapies, observations, doses and answers together."""

LEAVES_FROM = dt.date(2025, 10, 1)  # G35 is split into G35.A to G35.D
MS_CODES = [  # ICD-10-CM leaf, SNOMED code for the days before it, what both mean, weight
    ("G35.A", "426373005", "Relapsing-remitting multiple sclerosis", 60),
    ("G35.B0", "428700003", "Primary progressive multiple sclerosis", 6),
    ("G35.C0", "425500002", "Secondary progressive multiple sclerosis", 18),
    ("G35.C2", None, "Non-active secondary progressive multiple sclerosis", 6),
    ("G35.D", "24700007", "Multiple sclerosis", 10),
]
OTHER_CONDITIONS = [
    ("I10", "Essential (primary) hypertension"),
    ("E11.9", "Type 2 diabetes mellitus without complications"),
    ("F32.A", "Depression, unspecified"),
    ("M54.50", "Low back pain, unspecified"),
    ("H46.9", "Unspecified optic neuritis"),
    ("Z11.4", "Encounter for screening for HIV"),
    ("Z86.19", "Personal history of other infectious and parasitic diseases"),
    ("Z22.7", "Latent tuberculosis"),
    ("N10", "Acute pyelonephritis"),
    ("B18.2", "Chronic viral hepatitis C"),
    ("Z21", "Asymptomatic HIV infection status"),
]
OTHER_CONDITION_WEIGHTS = [20, 16, 14, 14, 6, 8, 6, 5, 4, 2, 1]
MS_PRODUCTS = [
    *("Avonex", "Rebif", "Plegridy", "Betaseron", "Extavia", "Copaxone", "Glatopa"),
    *("Gilenya", "Tascenso ODT", "Mayzent", "Zeposia", "Ponvory", "Aubagio"),
    *("Tecfidera", "Vumerity", "Bafiertam", "Mavenclad", "Kesimpta", "Ocrevus"),
    *("Briumvi", "Tysabri", "Tyruko", "teriflunomide", "fingolimod", "dimethyl fumarate"),
]
OTHER_PRODUCTS = [
    *("metformin", "lisinopril", "sertraline", "gabapentin", "baclofen", "vitamin D3"),
    *("Ampyra", "methylprednisolone", "Rituxan", "study drug"),
]
OTHER_PRODUCT_WEIGHTS = [*[20] * 8, 5, 1]
OTHER_TESTS = [  # LOINC code, range, unit: what the policy does not read
    ("718-7", 9, 17, "g/dL"),
    ("6690-2", 3, 12, "10*3/uL"),
    ("777-3", 120, 420, "10*3/uL"),
]
HIV_SCREEN, HIV_RNA = "56888-1", "20447-9"


def cases(count: int, *, seed: int, records: int = RECORDS_PER_CASE) -> Iterator[CaseData]:
    """Yield *count* cases of *records* records each; the same *seed* gives the same cases.

    >>> first, second = cases(2, seed=1)
    >>> sum(len(first[name]) for name in SECTIONS), first == second
    (20, False)
    >>> list(cases(2, seed=1)) == [first, second]
    True
    """
    for number in range(count):
        # One generator a case: case 7 is the same whether 10 or 10,000 are asked for.
        yield case(number, random.Random(f"{seed}/{number}"), records)


def case(number: int, draw: random.Random, records: int = RECORDS_PER_CASE) -> CaseData:
    """Return the case with this *number*; what is left out of it is left out on purpose."""
    received = dt.date(2024, 9, 1) + dt.timedelta(days=draw.randrange(700))
    start = received + dt.timedelta(days=draw.randrange(7, 60))
    first_course = draw.random() < 0.6
    vials = draw.choices([5, 3, 4, 2, 1, 6], [50, 30, 6, 6, 5, 3])[0]

    doses = [] if first_course else earlier_doses(draw, start)
    answers = some_answers(draw, received)
    conditions = [
        condition(draw, received, is_ms=i < draw.choice([1, 1, 2]))
        for i in range(draw.randint(2, 5))
    ]
    left = max(2, records - len(doses) - len(answers) - len(conditions))
    tests = draw.randint(1, left // 2)
    made: CaseData = {
        "id": f"BENCH-{number:06d}",
        "request": request(draw, received, start, vials, first_course=first_course),
        "member": {"birth_date": birth_date(draw, start)},
        "conditions": numbered("dx", conditions),
        "therapies": numbered("rx", [therapy(draw, received, start) for _ in range(left - tests)]),
        "observations": numbered("t", [observation(draw, received) for _ in range(tests)]),
        "doses": numbered("d", doses),
        "answers": answers,
    }
    complete = [name for name in ("therapies", "doses") if draw.random() < 0.7]
    return made | ({"complete": complete} if complete else {})


def request(
    draw: random.Random, received: dt.date, start: dt.date, vials: int, *, first_course: bool
) -> CaseData:
    """Return a request; plan, course and days are sometimes not stated."""
    value, unit = draw.choice([(vials, "vial"), (vials * 12, "mg"), (vials * 12, "unit")])
    leaf = "G35.A" if start >= LEAVES_FROM else "G35"
    made: CaseData = {
        "received": str(received),
        "product": "Lemtrada",
        "hcpcs": "J0202",
        "quantity": {"value": value, "unit": unit},
        "service_dates": [str(start + dt.timedelta(days=day)) for day in range(vials)],
        "indication": {"code": draw.choices([leaf, "G37.9", "C91.10"], [94, 3, 3])[0]},
    }
    if draw.random() < 0.95:
        made["plan"] = draw.choices(["MMM MA", "MMM Multihealth", "Another Plan"], [70, 27, 3])[0]
    if draw.random() < 0.9:
        made["course"] = 1 if first_course else draw.choice([2, 2, 3])
    return made


def condition(draw: random.Random, received: dt.date, *, is_ms: bool) -> CaseData:
    """Return multiple sclerosis as coded on its day, or another condition."""
    recorded = received - dt.timedelta(days=draw.randrange(1, 500))
    coding, status = other_coding(draw), draw.choice(["active", "resolved", "unconfirmed"])
    if is_ms:
        coding, status = ms_coding(draw, recorded), "active"
    made = sourced(draw, received) | coding | {"status": status, "recorded": str(recorded)}
    if is_ms and draw.random() < 0.7:
        made["activity"] = draw.choices(["active", "nonactive"], [85, 15])[0]
    return made


def ms_coding(draw: random.Random, recorded: dt.date) -> CaseData:
    """Return a code of multiple sclerosis that was in use on the day *recorded*."""
    leaf, snomed, display, _ = draw.choices(MS_CODES, [row[-1] for row in MS_CODES])[0]
    if recorded >= LEAVES_FROM and draw.random() < 0.8:
        return {"code": leaf, "display": display}
    if snomed is not None and draw.random() < 0.7:
        return {"code": snomed, "system": "snomed", "display": display}
    return {"code": "G35", "display": "Multiple sclerosis"}


def other_coding(draw: random.Random) -> CaseData:
    """Return the code of another condition."""
    code, display = draw.choices(OTHER_CONDITIONS, OTHER_CONDITION_WEIGHTS)[0]
    return {"code": code, "display": display}


def therapy(draw: random.Random, received: dt.date, start: dt.date) -> CaseData:
    """Return a trial of an MS drug or of another one, ended, ongoing or with no end stated."""
    is_ms = draw.random() < 0.45
    begun = received - dt.timedelta(days=draw.randrange(100, 3000))
    made = sourced(draw, received) | {
        "product": draw.choice(MS_PRODUCTS) if is_ms else other_product(draw),
        "start": day_text(draw, begun),
    }
    how_it_ends = draw.choices(["ended", "planned", "ongoing", "unstated"], [80, 6, 6, 8])[0]
    if not is_ms and how_it_ends == "unstated":
        how_it_ends = "ongoing"
    if how_it_ends == "ended":
        length = draw.randrange(5, max(6, (received - begun).days))
        made["end"] = str(begun + dt.timedelta(days=length))
    elif how_it_ends == "planned":
        made["end"] = str(start - dt.timedelta(days=draw.randrange(1, 7)))
    elif how_it_ends == "ongoing":
        made["ongoing"] = True
    if draw.random() < 0.95:
        made["taken"] = draw.random() < 0.97
    if is_ms:
        made["indication"] = {"code": "G35"}
        response = draw.choices(
            ["inadequate", "adequate", "not_assessable", None], [55, 20, 5, 20]
        )[0]
        if response is not None:
            made["response"] = response
        if how_it_ends == "ended":
            stopped_for = "inadequate_response" if response == "inadequate" else "intolerance"
            made["stopped_for"] = draw.choices([stopped_for, "choice", "cost"], [80, 15, 5])[0]
    return made


def other_product(draw: random.Random) -> str:
    """Return a drug that is not for multiple sclerosis, or not labelled for it."""
    return draw.choices(OTHER_PRODUCTS, OTHER_PRODUCT_WEIGHTS)[0]


def observation(draw: random.Random, received: dt.date) -> CaseData:
    """Return an HIV test or a test that the policy does not read."""
    when = day_text(draw, received - dt.timedelta(days=draw.randrange(1, 600)))
    made = sourced(draw, received) | {"system": "loinc", "date": when}
    match draw.choices(["screen", "rna", "other"], [35, 5, 60])[0]:
        case "screen":
            result = draw.choices(["non_reactive", "reactive", "indeterminate"], [94, 4, 2])[0]
            return made | {"code": HIV_SCREEN, "result": result}
        case "rna":
            return made | {"code": HIV_RNA, "result": "not_detected"}
        case _:
            code, low, high, unit = draw.choice(OTHER_TESTS)
            return made | {"code": code, "value": draw.randint(low, high), "unit": unit}


def earlier_doses(draw: random.Random, start: dt.date) -> list[CaseData]:
    """Return the doses of an earlier course, some within 12 months of *start*."""
    first = start - dt.timedelta(days=draw.randrange(200, 900))
    return [
        {"date": str(first + dt.timedelta(days=i)), "quantity": {"value": 1, "unit": "vial"}}
        for i in range(draw.choice([3, 5, 5]))
    ]


def some_answers(draw: random.Random, received: dt.date) -> list[CaseData]:
    """Return what a reviewer has answered: often nothing."""
    likely = {"infection": "no", "first_course": "yes", "hiv": "negative", "highly_active": "no"}
    asked = draw.sample(sorted(likely), draw.choices([0, 1, 2], [60, 30, 10])[0])
    return [
        {"question": name, "answer": likely[name], "by": "reviewer", "date": str(received)}
        for name in asked
    ]


def sourced(draw: random.Random, received: dt.date) -> CaseData:
    """Return the document that a record was read from; one in twelve is only claimed."""
    if draw.randrange(12) == 0:
        return {"documented": False}
    document = f"chart-{received:%Y-%m}-{draw.randrange(40)}.pdf"
    return {"documented": True, "source": {"document": document, "page": draw.randint(1, 30)}}


def birth_date(draw: random.Random, start: dt.date) -> str:
    """Return a birth date, of a minor in about one case of fifty."""
    years = draw.randint(12, 17) if draw.randrange(50) == 0 else draw.randint(19, 68)
    return str(start.replace(year=start.year - years, day=min(start.day, 28)))


def day_text(draw: random.Random, day: dt.date) -> str:
    """Return *day* as `YYYY-MM-DD`, or now and then as its month or year only."""
    return draw.choices([f"{day}", f"{day:%Y-%m}", f"{day:%Y}"], [92, 6, 2])[0]


def numbered(prefix: str, records: list[CaseData]) -> list[CaseData]:
    """Return *records* with ids `rx1`, `rx2`, …."""
    return [{"id": f"{prefix}{i}"} | record for i, record in enumerate(records, start=1)]


def main() -> None:
    """Print cases as JSON Lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--records", type=int, default=RECORDS_PER_CASE)
    given = parser.parse_args()
    for made in cases(given.count, seed=given.seed, records=given.records):
        print(json.dumps(made))


if __name__ == "__main__":
    main()
