"""What is taken away from a chart never approves, and no mutant of one crashes.

`FHIR_MUTANTS=1000 pytest tests/test_fhir_law.py` looks at as many mutants of each kind.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_args

import pytest

from fhir_parts import (
    ICD,
    LOINC,
    MS,
    RXNORM,
    SNOMED,
    Json,
    administration,
    attempt,
    concept,
    condition,
    decided,
    example,
    observation,
    response,
    statement,
    with_,
)
from reasoner.errors import CaseError
from reasoner.model import Case, Recommendation

MUTANTS = int(os.environ.get("FHIR_MUTANTS", "40"))

# FHIR marks these: without one of them its element means something else, not less.
MODIFIERS = {
    "verificationStatus",
    "doNotPerform",
    "modifierExtension",
    "implicitRules",
    "comparator",
}

HIV = concept(LOINC, "56888-1", "HIV 1+2 Ab+HIV1 p24 Ag")
SUPPORTING = "supportingInformation"


def infected() -> Json:
    found = condition(id="i", subject=MS, code=concept(ICD, "A15.0", "Tuberculosis of lung"))
    return with_(found)


def treated() -> Json:
    drug = concept(RXNORM, "135779", "Copaxone")
    return with_(statement(id="s", subject=MS, status="active", medicationCodeableConcept=drug))


def reactive() -> Json:
    result = concept(SNOMED, "11214006", "Reactive")
    found = observation(
        id="o", subject=MS, code=HIV, valueCodeableConcept=result,
        effectiveDateTime="2026-02-25", issued=None,
    )  # fmt: skip
    return with_(found)


def viral() -> Json:
    load = {"value": 54000, "unit": "copies/mL"}
    found = observation(
        id="o", subject=MS, code=concept(LOINC, "20447-9", "HIV 1 RNA"), valueQuantity=load,
        effectiveDateTime="2026-02-25", issued=None,
    )  # fmt: skip
    return with_(found)


def blotted() -> Json:
    found = observation(
        id="o", subject=MS, code=concept(LOINC, "9661-0", "HIV 1 gp120 Ab"),
        valueCodeableConcept=concept(SNOMED, "10828004", "Positive"),
        effectiveDateTime="2026-02-25", issued=None,
    )  # fmt: skip
    return with_(found)


def progressive() -> Json:
    whole = example()
    (found,) = [one["resource"] for one in whole["entry"] if one["resource"]["id"] == "rrms"]
    found["code"] = concept(ICD, "G35.B0", "Primary progressive multiple sclerosis")
    return whole


def minor() -> Json:
    whole = example()
    whole["entry"][2]["resource"]["birthDate"] = "2012-05-05"
    return whole


def unanswered() -> Json:
    whole = example()
    whole["entry"].pop()
    return whole


def exhausted() -> Json:
    whole = with_(*(administration(f"d{n}", f"2026-01-0{n}") for n in (5, 6, 7)))
    answers = response(first_course={"valueBoolean": False}, vials_available=None)
    whole["entry"][10] = {"resource": answers}
    return whole


REFUSED: list[Callable[[], Json]] = [
    infected, treated, reactive, progressive, minor, unanswered, exhausted, viral, blotted,
]  # fmt: skip


@cache
def base(at: int) -> Json:
    whole = REFUSED[at]()
    record = whole["entry"][-1]["resource"]
    if whole["entry"][-1]["resource"]["resourceType"] not in {"Patient", "QuestionnaireResponse"}:
        link = {"reference": f"{record['resourceType']}/{record['id']}"}
        whole["entry"][0]["resource"][SUPPORTING] = [link]
    return whole


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - JSON
    """Yield the way to every value that can be taken away: fields, and items of lists."""
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(below, dict | list):
            yield from places(below, (*path, key))


def without(document: Json, path: tuple[str | int, ...]) -> Json:
    mutant = copy.deepcopy(document)
    at: Any = mutant
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return mutant


def removable(document: Json) -> list[tuple[str | int, ...]]:
    """Return what may go: no modifier, no whole record, and not what answers a question."""
    found = []
    for path in places(document):
        kind = document["entry"][path[1]].get("resource", {}) if len(path) > 1 else {}
        if (
            len(path) > 2
            and not MODIFIERS.intersection(path)
            and kind.get("resourceType") != "QuestionnaireResponse"
        ):
            found.append(path)
    return found


def shrunk(number: int) -> tuple[str, Json]:
    """Return a chart that is not approved, with one to three things taken away."""
    choose = random.Random(number)
    at = choose.randrange(len(REFUSED))
    mutant, told = base(at), [REFUSED[at].__name__]
    for _ in range(choose.choice((1, 1, 1, 2, 3))):
        path = choose.choice(removable(mutant))
        told.append("/".join(map(str, path)))
        mutant = without(mutant, path)
    return " ".join(told), mutant


@pytest.mark.parametrize("at", range(len(REFUSED)), ids=[one.__name__ for one in REFUSED])
def test_the_charts_are_not_approved(at: int) -> None:
    assert decided(base(at)).recommendation != "approve"


def answer(document: Json) -> str:
    """Return what is recommended, or where an error says that it stands."""
    try:
        return decided(document).recommendation
    except CaseError as error:
        return error.where


def test_what_is_taken_away_never_approves() -> None:
    answers = {told: answer(mutant) for told, mutant in map(shrunk, range(MUTANTS))}
    assert {told: found for told, found in answers.items() if found == "approve"} == {}


def test_a_record_that_is_pointed_at_is_missed() -> None:
    for at in (0, 1, 2):
        cut = without(base(at), ("entry", len(base(at)["entry"]) - 1))
        assert decided(cut).recommendation == "pend", REFUSED[at].__name__


def test_every_field_of_what_excludes_is_needed_for_an_approval() -> None:
    """Each field of the record that excludes, one by one: no sample, every one of them."""
    approved = []
    for at in range(len(REFUSED)):
        document = base(at)
        last = len(document["entry"]) - 1
        for path in removable(document):
            if path[1] != last or (MUTANTS < 1000 and len(path) > 4):
                continue
            if answer(without(document, path)) == "approve":
                approved.append((REFUSED[at].__name__, path))
    assert approved == []


# --- cut references, changed types, hostile text -----------------------------------------

HOSTILE: list[Any] = [
    None, True, 0, -1, 1.5, float("nan"), 10**400, "", " ", "x", "\x00", "\ud800", "\u202e",
    "2026-99-99", "#", "Patient/", "urn:uuid:x", [], {}, [None], [[]], {"": {}}, "a" * 200_000,
    "#include <x>", "a). :- b.", {"reference": "#"}, {"resourceType": "Bundle"},
]  # fmt: skip


def twisted(number: int) -> Json:
    """Return the approved chart with one to four values replaced by something hostile."""
    choose = random.Random(number)
    mutant = copy.deepcopy(example())
    for _ in range(choose.randrange(1, 5)):
        path = choose.choice([one for one in places(mutant) if len(one) > 1])
        at: Any = mutant
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = copy.deepcopy(choose.choice(HOSTILE))
    return mutant


def test_a_twisted_chart_is_answered_or_refused_with_its_place() -> None:
    answers = {number: answer(twisted(number)) for number in range(MUTANTS)}
    words = set(get_args(Recommendation))
    strange = {
        number: found
        for number, found in answers.items()
        if found not in words and not found.startswith("chart.json")
    }
    assert strange == {}


def test_cycles_end() -> None:
    circle = {"resourceType": "Medication", "ingredient": [{"itemReference": {"reference": "#m"}}]}
    asked = example()
    order = asked["entry"][0]["resource"]
    order["contained"] = [circle | {"id": "m"}]
    order["medicationReference"] = {"reference": "#m"}
    order[SUPPORTING] = [{"reference": "MedicationRequest/lemtrada-1"}, {"reference": "#"}]
    order["subject"] = {"reference": "MedicationRequest/lemtrada-1"}
    assert decided(asked).recommendation in {"pend", "not_applicable"}
    assert isinstance(attempt(asked, "x"), Case)
