"""FHIR that is malformed, hostile or mutated: refused with its place, and never a crash."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_parts import (
    DATA,
    FILES,
    ICD,
    SNOMED,
    Json,
    attempt,
    bundle,
    claim,
    concept,
    condition,
    coverage,
    dosage,
    load,
    observation,
    order,
    other,
    patient,
    read,
    reasons,
    statement,
)
from reasoner.errors import CaseError
from reasoner.fhir import read_order
from reasoner.model import Case

# --- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, ""),
        ({"resourceType": 5}, "/resourceType"),
        ({"resourceType": "Bundle", "entry": {}}, "/entry"),
        ({"resourceType": "Bundle", "entry": [5]}, "/entry/0"),
        ({"resourceType": "Bundle", "entry": [{"resource": []}]}, "/entry/0/resource"),
        ({"resourceType": "Bundle", "entry": [{"resource": {}}]}, "/entry/0/resource"),
        (order(status=["active"]), "/status"),
        (order(medicationCodeableConcept="Lemtrada"), "/medicationCodeableConcept"),
        (order(medicationCodeableConcept={"coding": {}}), "/medicationCodeableConcept/coding"),
        (order(contained=[{"id": "x"}]), "/contained/0"),
        (order(subject="Patient/1"), "/subject"),
        (order(id="a\nb"), "/id"),
        (order(modifierExtension=[{"url": "x"}]), ""),
        (order(reasonCode=[{"text": "a\x00b"}]), "/reasonCode/0/text"),
        (order(reasonCode=[{"text": "\x1b[31m"}]), "/reasonCode/0/text"),
        (order(reasonCode=[{"text": "\ud800"}]), "/reasonCode/0/text"),
        (order(reasonCode=[{"text": "x" * 100_001}]), "/reasonCode/0/text"),
    ],
)
def test_malformed_documents_are_refused_by_their_pointer(document: Json, place: str) -> None:
    with pytest.raises(CaseError) as error:
        read_order(document, where="order.json")
    assert error.value.where == f"order.json {place}".strip()
    assert error.value.hint


def test_hostile_text_is_only_data() -> None:
    text = 'x"). approve. #script(python) \u202e'
    case = read(order(), patient(), condition(code={"text": text}))
    assert case.conditions[0].display == text


def test_a_record_that_an_extension_changes_proves_nothing() -> None:
    case = read(order(), patient(), condition(modifierExtension=[{"url": "x"}]))
    assert [one.documented for one in case.conditions] == [False]
    assert "changes what the record means" in reasons(case)


def test_nothing_is_lost_unlisted() -> None:
    kinds = ("Encounter", "Immunization", "Nonsense")
    others = [{"resourceType": kind, "id": "x"} for kind in kinds]
    case = read(order(), patient(), *others)
    assert [one.record for one in case.unread if "kind of resource" in one.reason] == [
        f"{kind}/x" for kind in kinds
    ]


def test_the_order_of_the_entries_does_not_change_the_digest() -> None:
    resources = [patient(), condition(), statement(), observation(), coverage()]
    assert read(order(), *resources).digest == read(order(), *reversed(resources)).digest


# --- mutations -------------------------------------------------------------------------

WHOLE = bundle(
    order(dosageInstruction=[dosage(events=["2026-03-16"])]),
    patient(),
    condition(code=concept(ICD, "G35.A")),
    statement(statusReason=[concept(SNOMED, "281647001")]),
    observation(valueCodeableConcept=concept(SNOMED, "260385009")),
    coverage(),
    other("b"),
    load(DATA / "MedicationStatement-example001.json"),
)
SEEDS = [
    WHOLE,
    bundle(claim(), patient(), coverage(), order()),
    *(load(path) for path in FILES if isinstance(attempt(load(path), "x"), Case)),
]
LAID_OVER = [
    order(),
    claim(),
    bundle(order(), condition(id="z")),
    {"reference": "MedicationRequest/b"},
    {"request": {"product": "Lemtrada", "quantity": {"value": 5, "unit": "vial"}}},
]
VALUES: list[Any] = [
    None, True, 0, -1, 1.5, float("nan"), 10**400, "", " ", "x", "\x00", "\ud800", "2026-99-99",
    "#", "Patient/", "urn:uuid:x", [], {}, [None], [[]], [{}], {"": {}}, {"reference": "#"},
    {"coding": [{}]}, {"resourceType": "Patient"},
]  # fmt: skip


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    steps: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    for step, below in steps:
        found += places(below, (*path, step))
    return found


def mutate(document: Json, choose: Callable[[int], int]) -> Json:
    mutant = copy.deepcopy(document)
    for _ in range(1 + choose(3)):
        paths = places(mutant)
        path = paths[choose(len(paths))]
        holder: Any = mutant
        for step in path[:-1]:
            holder = holder[step]
        match choose(3):
            case 0:
                del holder[path[-1]]
            case 1:
                holder[path[-1]] = copy.deepcopy(VALUES[choose(len(VALUES))])
            case _:
                other_path = paths[choose(len(paths))]
                found: Any = mutant
                for step in other_path:
                    found = found[step]
                holder[path[-1]] = copy.deepcopy(found)
        if not mutant:
            break
    return mutant


@settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_a_mutated_document_never_crashes(number: int) -> None:
    choose = random.Random(number).randrange
    mutant = mutate(SEEDS[choose(len(SEEDS))], choose)
    laid_over = mutate(LAID_OVER[choose(len(LAID_OVER))], choose) if number % 4 == 0 else None
    found = attempt(mutant, "mutant.json", laid_over)
    if isinstance(found, CaseError):
        assert found.message
        assert found.where.startswith(("mutant.json", "request.json"))
    else:
        ids = [one.id for one in found.conditions]
        ids += [one.id for one in found.therapies]
        ids += [one.id for one in found.observations]
        assert len(ids) == len(set(ids))
        assert all(identifier.isprintable() for identifier in ids)
