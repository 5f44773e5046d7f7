"""FHIR orders read as cases: which one it is, what it asks for, what is listed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fhir_parts import (
    DATA,
    EXAMPLES,
    FILES,
    HCPCS,
    ICD,
    RXNORM,
    SNOMED,
    Json,
    attempt,
    bundle,
    concept,
    condition,
    coverage,
    days,
    dosage,
    laid,
    load,
    order,
    other,
    patient,
    read,
    reasons,
    status,
)
from reasoner.case import load_case
from reasoner.errors import CaseError
from reasoner.fhir import read_order
from reasoner.model import Quantity

# --- the examples ----------------------------------------------------------------------


def test_the_example_bundle_is_read_whole() -> None:
    case = read_order(load(EXAMPLES / "lemtrada-order-bundle.json"), where="order.json")
    request = case.request
    assert (request.product, request.code, request.hcpcs) == ("Lemtrada", "1594660", "J0202")
    assert request.quantity == Quantity(Decimal(5), "vial")
    assert request.plan == "MMM MA"
    assert days(case) == [f"2026-03-{day}" for day in range(16, 21)]
    assert case.member.birth_date is not None
    assert [(one.id, one.code, one.status) for one in case.conditions] == [
        ("Condition/rrms", "G35.A", "active"),
        ("Condition/rrms#2", "426373005", "active"),
    ]
    assert [(one.product, one.taken, one.ongoing) for one in case.therapies] == [
        ("Avonex", True, False),
        ("Tecfidera", True, False),
        ("metformin", True, True),
    ]
    assert [(one.code, one.result) for one in case.observations] == [("56888-1", "non_reactive")]
    assert all(one.response is None and one.documented is None for one in case.therapies)


def test_contained_resources_are_read() -> None:
    case = read_order(load(EXAMPLES / "medicationrequest-contained.json"), where="order.json")
    assert case.request.quantity == Quantity(Decimal(36), "mg")
    assert days(case) == ["2026-02-16", "2026-02-17", "2026-02-18"]
    assert case.request.plan == "MMM Multihealth"
    assert case.member.birth_date is not None
    assert case.member.birth_date.text == "1979-11"
    record = case.conditions[0]
    assert (record.id, record.code) == ("MedicationRequest/lemtrada-2#spms", "G35.C1")
    assert record.source is not None
    assert record.source.pointer == "/contained/3"


def test_an_order_in_millilitres() -> None:
    case = read_order(load(EXAMPLES / "order-in-ml.json"), where="order.json")
    assert case.request.quantity == Quantity(Decimal(6), "mL")
    assert days(case) == [f"2026-03-{day:02}" for day in range(9, 14)]
    assert case.request.indication is not None
    assert case.request.indication.code == "24700007"
    assert "leads nowhere" in reasons(case)


def test_a_file_of_fhir_is_read_as_a_case() -> None:
    path = EXAMPLES / "lemtrada-order-bundle.json"
    assert load_case(str(path)) == read_order(load(path), where=str(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_read_or_refused(path: Path) -> None:
    found = attempt(load(path), path.name)
    if isinstance(found, CaseError):
        assert found.where.startswith(path.name)
        assert found.hint
    else:
        assert found.id
        assert found.digest.startswith("sha256:")


def test_a_claim_for_another_service_is_a_case() -> None:
    case = read_order(load(DATA / "conformant_pas_bundle_v110.json"), where="pas.json")
    assert (case.request.product, case.request.code) == ("Consultation", "3")
    assert case.request.indication is not None
    assert case.request.indication.code == "G89.4"


def test_a_contained_medication_is_found_under_its_plain_name() -> None:
    case = read_order(load(DATA / "rems_smith_medicationrequest_turalio.json"), where="x")
    assert case.request.product == "Turalio 200 MG Oral Capsule"


# --- which one is the order ------------------------------------------------------------


def test_the_first_entry_is_the_order_and_the_rest_are_therapies() -> None:
    case = read(order(), other("late", authoredOn="2026-04-01"))
    assert case.id == "MedicationRequest/pat017-mr-turalio"
    therapy = case.therapies[0]
    assert (therapy.id, therapy.taken, therapy.ongoing) == ("MedicationRequest/late", None, None)
    assert (therapy.start, therapy.end) == (None, None)


def test_in_a_search_result_the_latest_is_the_order() -> None:
    entries = bundle(other("early", authoredOn="2025"), order(), kind="searchset")
    assert read_order(entries, where="x").id == "MedicationRequest/pat017-mr-turalio"


def test_a_tie_is_refused_by_name() -> None:
    entries = bundle(patient(), other("a"), order())
    with pytest.raises(CaseError) as error:
        read_order(entries, where="b.json")
    assert error.value.code == "fhir.order"
    assert "`MedicationRequest/a`, `MedicationRequest/pat017-mr-turalio`" in error.value.message
    assert error.value.where == "b.json /entry/1/resource"
    assert "--request" in error.value.hint


def test_a_month_does_not_come_before_its_days() -> None:
    with pytest.raises(CaseError, match="cannot be told"):
        read(patient(), other("a", authoredOn="2026-03"), order())


def test_a_request_points_at_the_order() -> None:
    request = {"reference": "MedicationRequest/pat017-mr-turalio"}
    case = read(patient(), other("a"), order(), request=request)
    assert case.id == "MedicationRequest/pat017-mr-turalio"
    with pytest.raises(CaseError, match="is called so"):
        read(patient(), order(), request={"reference": "MedicationRequest/none"})


def test_a_request_is_laid_over_a_record() -> None:
    record = bundle(patient(), condition(), other("a"), other("b"), kind="searchset")
    case = read_order(record, where="record.json", request=laid(order()))
    assert case.request.code == "1594660"
    assert case.member.birth_date is not None
    assert [one.id for one in case.therapies] == ["MedicationRequest/a", "MedicationRequest/b"]


def test_a_neutral_request_is_laid_over_a_record() -> None:
    asked = {"product": "Lemtrada", "quantity": {"value": 5, "unit": "vial"}}
    for request in (asked, {"request": asked}):
        case = read(patient(), condition(), order(), request=request)
        assert case.request.product == "Lemtrada"
        assert case.member.birth_date is not None
        assert len(case.conditions) == len(case.therapies) == 1


def test_a_neutral_request_needs_one_patient() -> None:
    with pytest.raises(CaseError, match="several patients"):
        read(patient(), patient(id="two"), request={"product": "Lemtrada"})


@pytest.mark.parametrize(
    ("word", "reason"),
    [("cancelled", "cancelled"), ("entered-in-error", "entered in error"), ("draft", "draft")],
)
def test_void_orders_are_dropped_with_the_reason(word: str, reason: str) -> None:
    case = read(order(), other("b", status=word))
    assert not case.therapies
    assert reason in reasons(case, "MedicationRequest/b")


def test_a_completed_order_ends_where_it_says_so() -> None:
    dispense = {"validityPeriod": {"start": "2020-01-01", "end": "2021-06"}}
    case = read(order(), other("b", status="completed", dispenseRequest=dispense))
    assert case.therapies[0].end is not None
    assert case.therapies[0].end.text == "2021-06"
    assert case.therapies[0].taken is None


def test_the_only_request_is_the_order_even_if_completed() -> None:
    case = read(patient(), order(status="completed"))
    assert case.request.code == "1594660"
    assert "the only one, with status `completed`" in reasons(case)


@pytest.mark.parametrize("changes", [{"status": "cancelled"}, {"doNotPerform": True}])
def test_what_is_not_to_be_done_is_no_order(changes: Json) -> None:
    with pytest.raises(CaseError, match="no MedicationRequest is in force"):
        read(patient(), order(**changes))


# --- what it asks for ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 5, "unit": "vials"}, (5, "vial")),
        ({"value": 5.0, "system": SNOMED, "code": "415818006"}, (5, "vial")),
        ({"value": 60, "unit": "mg", "code": "mg"}, (60, "mg")),
        ({"value": 6, "unit": "ml"}, (6, "mL")),
        ({"value": 1.2, "unit": "mL", "code": "mL"}, ("1.2", "mL")),
        ({"value": 60, "unit": "units {HCPCS}"}, (60, "unit")),
        ({"value": 60, "unit": "vial", "code": "1"}, (60, "vial")),
        ({"value": 5, "unit": "vial", "code": "mg"}, None),
        ({"value": 1, "code": "Mg"}, None),
        ({"value": 5, "unit": "CAP"}, None),
        ({"value": 5}, None),
        ({"value": -5, "unit": "vial"}, None),
        ({"value": 0, "unit": "vial"}, None),
        ({"value": "5", "unit": "vial"}, None),
        ({"value": True, "unit": "vial"}, None),
        ({"value": 2.5, "unit": "vial"}, None),
        ({"value": 1e300, "unit": "mg"}, None),
        ({"value": float("inf"), "unit": "mg"}, None),
        ({"value": 0.0001, "unit": "mg"}, None),
        ({"value": 5, "unit": "vial", "comparator": "<"}, None),
    ],
)
def test_quantities(quantity: Json, expected: tuple[int | str, str] | None) -> None:
    case = read(order(dispenseRequest={"quantity": quantity}))
    if expected is None:
        assert case.request.quantity is None
        assert any("/dispenseRequest/quantity" in one.pointer for one in case.unread)
    else:
        assert case.request.quantity == Quantity(Decimal(expected[0]), expected[1])


def test_repeats_leave_the_amount_open() -> None:
    dispense = {"quantity": {"value": 5, "unit": "vial"}, "numberOfRepeatsAllowed": 1}
    case = read(order(dispenseRequest=dispense))
    assert case.request.quantity is None
    assert "repeats" in reasons(case)


DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


@pytest.mark.parametrize(
    ("instruction", "total", "first_and_count"),
    [
        (dosage(events=["2026-03-16", "2026-03-17T08:00:00Z"]), 24, ("2026-03-16", 2)),
        (dosage(DAILY | {"boundsPeriod": {"start": "2026-03-16", "end": "2026-03-20"}}), 60,
         ("2026-03-16", 5)),
        (dosage(DAILY | {"boundsPeriod": {"start": "2026-03-16"}, "count": 5}), 60,
         ("2026-03-16", 5)),
        (dosage(DAILY | {"count": 5}), 60, None),
        (dosage({"count": 5}), 60, None),
        (dosage(DAILY | {"boundsDuration": {"value": 5, "code": "d"}}), 60, None),
        (dosage(DAILY | {"boundsPeriod": {"start": "2026-03-16"}}), None, None),
        (dosage(DAILY | {"boundsPeriod": {"start": "2026-03", "end": "2026-04"}}), None, None),
        (dosage(DAILY | {"boundsPeriod": {"start": "2026-03-16", "end": "2026-03-20"},
                         "count": 4}), None, None),
        (dosage(DAILY | {"boundsPeriod": {"start": "2026-03-20", "end": "2026-03-16"}}), None,
         None),
        (dosage(DAILY | {"frequency": 2, "boundsPeriod": {"start": "2026-03-16",
                                                          "end": "2026-03-20"}}), None, None),
        (dosage({"count": 5, "countMax": 6}), None, None),
        (dosage({"count": 10**9}), None, None),
        (dosage({"count": "5"}), None, None),
        (dosage({"count": 5}, dose=-12), None, None),
        (dosage({"count": 5}, dose="12"), None, None),
        (dosage({"count": 5}) | {"asNeededBoolean": True}, None, None),
    ],
)  # fmt: skip
def test_doses(
    instruction: Json, total: int | None, first_and_count: tuple[str, int] | None
) -> None:
    case = read(order(dispenseRequest=None, dosageInstruction=[instruction]))
    expected = None if total is None else Quantity(Decimal(total), "mg")
    assert case.request.quantity == expected
    found = (days(case)[0], len(days(case))) if days(case) else None
    assert found == first_and_count


def test_amount_and_doses_that_disagree_are_not_stated() -> None:
    dispense = {"quantity": {"value": 36, "unit": "mg"}}
    case = read(order(dispenseRequest=dispense, dosageInstruction=[dosage({"count": 5})]))
    assert case.request.quantity is None
    assert "disagree" in reasons(case)


def test_a_validity_period_is_no_day_of_service() -> None:
    dispense = {"validityPeriod": {"start": "2026-03-16", "end": "2026-03-20"}}
    assert not read(order(dispenseRequest=dispense)).request.service_dates


def test_codes_that_mean_different_drugs_are_none() -> None:
    codings = concept(RXNORM, "1594660")["coding"] + concept(RXNORM, "6809")["coding"]
    case = read(order(medicationCodeableConcept={"coding": codings, "text": "Lemtrada"}))
    assert (case.request.product, case.request.code) == (None, None)
    assert "different drugs" in reasons(case)


def test_a_drug_by_name_alone() -> None:
    case = read(order(medicationCodeableConcept={"text": "Lemtrada"}))
    assert (case.request.product, case.request.code) == ("Lemtrada", None)


def test_a_billing_code_is_kept_apart() -> None:
    codings = concept(HCPCS, "J0202")["coding"]
    case = read(order(medicationCodeableConcept={"coding": codings}))
    assert (case.request.code, case.request.hcpcs) == (None, "J0202")


def test_several_reasons_are_no_indication_that_can_be_read() -> None:
    both = [concept(ICD, "G35.A"), concept(ICD, "C91.10")]
    indication = read(order(reasonCode=both)).request.indication
    assert indication is not None
    assert indication.code == "not stated"
    assert read(order(reasonCode=None)).request.indication is None


def test_a_reason_that_was_refuted_is_none() -> None:
    refuted = condition(verificationStatus=status("refuted"))
    reference = [{"reference": "Condition/cond017a"}]
    case = read(order(reasonCode=None, reasonReference=reference), refuted)
    assert case.request.indication is not None
    assert case.request.indication.code == "not stated"


def test_the_plan() -> None:
    pointed = {"insurance": [{"reference": "Coverage/cov017"}]}
    assert read(order(**pointed), patient(), coverage()).request.plan == "MMM MA"
    assert read(order(insurance=None), patient(), coverage()).request.plan == "MMM MA"
    assert read(order(**pointed), patient(), coverage(status="cancelled")).request.plan is None
    nameless = {"class": None, "payor": [{"display": "MMM Multihealth"}]}
    assert read(order(**pointed), patient(), coverage(**nameless)).request.plan == "MMM Multihealth"
    number = {"class": [{"type": status("plan"), "value": "H4003"}]}
    assert read(order(**pointed), patient(), coverage(**number)).request.plan is None
    cut = {"insurance": [{"reference": "Coverage/none"}]}
    assert read(order(**cut), patient(), coverage()).request.plan is None
