"""FHIR orders read as cases: what each element becomes, what is refused, what is listed."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_parts import (
    DATA,
    EXAMPLES,
    FILES,
    HCPCS,
    ICD,
    LOINC,
    RESULTS,
    RXNORM,
    SNOMED,
    Json,
    attempt,
    bundle,
    changed,
    concept,
    condition,
    coverage,
    days,
    dosage,
    laid,
    load,
    observation,
    order,
    patient,
    read,
    reasons,
    statement,
    status,
)
from reasoner.case import load_case
from reasoner.errors import CaseError
from reasoner.fhir import read_order
from reasoner.model import Case, Quantity

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


def other(name: str, **changes: object) -> Json:
    drug = {"medicationCodeableConcept": concept(RXNORM, "6809", "metformin")}
    return order(**{"id": name, "reasonCode": None} | drug | changes)


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


# --- conditions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clinical", "verification", "expected"),
    [
        ("active", "confirmed", "active"),
        ("recurrence", None, "active"),
        ("relapse", None, "active"),
        ("inactive", None, "resolved"),
        ("remission", None, None),
        ("resolved", "confirmed", "resolved"),
        ("active", "refuted", "ruled_out"),
        ("active", "provisional", "unconfirmed"),
        ("active", "differential", "unconfirmed"),
        ("active", "unconfirmed", "unconfirmed"),
        (None, None, None),
        (None, "confirmed", None),
        ("nonsense", None, None),
        ("active", "nonsense", None),
    ],
)
def test_status(clinical: str | None, verification: str | None, expected: str | None) -> None:
    record = condition(
        clinicalStatus=status(clinical) if clinical else None,
        verificationStatus=status(verification) if verification else None,
    )
    case = read(order(), patient(), record)
    assert case.conditions[0].status == expected
    assert ("cannot be read" in reasons(case, "Condition")) == (
        "nonsense" in (clinical, verification)
    )


def test_a_condition_entered_in_error_is_dropped() -> None:
    case = read(order(), patient(), condition(verificationStatus=status("entered-in-error")))
    assert not case.conditions
    assert "entered in error" in reasons(case, "Condition/cond017a")


def test_dates_keep_their_precision_and_lose_their_time() -> None:
    record = condition(
        onsetDateTime="2019",
        recordedDate="2026-02-11T23:59:00.000-10:00",
        abatementPeriod={"start": "2020", "end": "2020-02"},
    )
    found = read(order(), patient(), record).conditions[0]
    assert found.onset is not None
    assert (found.onset.first.isoformat(), found.onset.last.isoformat()) == (
        "2019-01-01", "2019-12-31",
    )  # fmt: skip
    assert found.recorded is not None
    assert found.recorded.text == "2026-02-11"
    assert found.end is not None
    assert found.end.last.isoformat() == "2020-02-29"


def test_an_impossible_date_is_refused_by_its_pointer() -> None:
    for text in ("2026-02-30", "yesterday", "2026-02T10:00", "26-02-01", "2026-02-01T99"):
        with pytest.raises(CaseError) as error:
            read(order(), patient(), condition(recordedDate=text))
        assert error.value.code == "case.date"
        assert error.value.where == "bundle.json /entry/2/resource/recordedDate"


def test_each_coding_of_a_condition_is_a_record() -> None:
    codings = [
        *concept("urn:local", "77")["coding"],
        *concept(SNOMED, "426373005", "Relapsing remitting multiple sclerosis")["coding"],
        *concept(ICD, "G35.B0", "Primary progressive multiple sclerosis")["coding"],
    ]
    case = read(order(), patient(), condition(code={"coding": codings, "text": "MS"}))
    assert [(one.id, one.system, one.code) for one in case.conditions] == [
        ("Condition/cond017a", "snomed", "426373005"),
        ("Condition/cond017a#2", "icd-10-cm", "G35.B0"),
    ]
    assert "`77` of `urn:local`" in reasons(case, "Condition")


def test_a_code_that_no_table_knows_adds_nothing_beside_one_that_they_do() -> None:
    codings = concept(SNOMED, "9999999910")["coding"] + concept(ICD, "I10")["coding"]
    case = read(order(), patient(), condition(code={"coding": codings}))
    assert [one.code for one in case.conditions] == ["I10"]
    assert "`9999999910` of `snomed`" in reasons(case, "Condition")


def test_a_condition_without_a_code_stays_as_something_unknown() -> None:
    case = read(
        order(), patient(), condition(code={"text": "CIS\nin 2019"}), condition(id="b", code=None)
    )
    assert [(one.code, one.system) for one in case.conditions] == [
        (None, "icd-10-cm"), ("not stated", "not stated"),
    ]  # fmt: skip
    assert reasons(case, "Condition").count("no code of a system that is read") == 2


# --- therapies -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "taken", "ongoing"),
    [
        ("active", True, True),
        ("completed", True, False),
        ("stopped", True, False),
        ("not-taken", False, None),
        ("intended", None, None),
        ("on-hold", None, None),
        ("unknown", None, None),
        (None, None, None),
        ("nonsense", None, None),
    ],
)
def test_use(word: str | None, taken: bool | None, ongoing: bool | None) -> None:  # noqa: FBT001 - a row
    case = read(order(), patient(), statement(status=word))
    assert (case.therapies[0].taken, case.therapies[0].ongoing) == (taken, ongoing)


def test_an_active_therapy_with_an_end_is_not_said_to_go_on() -> None:
    period = {"start": "2021-03", "end": "2027-01-01"}
    found = read(order(), patient(), statement(effectiveDateTime=None, effectivePeriod=period))
    therapy = found.therapies[0]
    assert (therapy.taken, therapy.ongoing) == (True, None)
    assert therapy.end is not None


def test_a_reason_to_stop_counts_only_where_it_is_coded() -> None:
    adverse = [concept(SNOMED, "281647001", "Adverse reaction")]
    for word, reason, expected in (
        ("stopped", adverse, "intolerance"),
        ("on-hold", adverse, None),
        ("stopped", [{"text": "did not work"}], None),
        ("stopped", [*adverse, concept(SNOMED, "182840001")], None),
    ):
        case = read(order(), patient(), statement(status=word, statusReason=reason))
        assert case.therapies[0].stopped_for == expected
        assert case.therapies[0].response is None


def test_a_therapy_entered_in_error_is_dropped() -> None:
    case = read(order(), patient(), statement(status="entered-in-error"))
    assert not case.therapies
    assert "entered in error" in reasons(case)


def test_codings_of_different_drugs_are_two_therapies() -> None:
    codings = concept(RXNORM, "6809", "metformin")["coding"] + concept(RXNORM, "135779")["coding"]
    case = read(order(), patient(), statement(medicationCodeableConcept={"coding": codings}))
    assert [one.code for one in case.therapies] == ["6809", "135779"]
    assert [one.id for one in case.therapies] == [
        "MedicationStatement/medstate-pat017-metformin",
        "MedicationStatement/medstate-pat017-metformin#2",
    ]


@pytest.mark.parametrize(
    "medication",
    [
        {"medicationCodeableConcept": None},
        {"medicationCodeableConcept": None, "medicationReference": {"reference": "#cut"}},
        {"medicationCodeableConcept": None, "medicationReference": {"reference": "Patient/pat017"}},
        {"medicationCodeableConcept": {}},
    ],
)
def test_a_drug_that_cannot_be_read_stays_as_something_unknown(medication: Json) -> None:
    case = read(order(), patient(), statement(**medication))
    assert [(one.product, one.taken) for one in case.therapies] == [("not stated", True)]
    assert reasons(case, "MedicationStatement")


# --- observations ----------------------------------------------------------------------


@pytest.mark.parametrize(("system", "code"), sorted(RESULTS))
def test_every_row_of_the_table_of_results_is_read(system: str, code: str) -> None:
    address = {"snomed": SNOMED, "loinc": LOINC}.get(system, system)
    case = read(order(), patient(), observation(valueCodeableConcept=concept(address, code)))
    assert case.observations[0].result == RESULTS[system, code].result


POS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def test_value_and_interpretation() -> None:
    negative, positive = concept(SNOMED, "260385009"), concept(POS, "POS")
    for changes, expected in (
        ({"interpretation": [positive]}, "reactive"),
        ({"interpretation": [concept(POS, "N")]}, None),
        ({"valueCodeableConcept": negative, "interpretation": [positive]}, None),
        ({"valueCodeableConcept": {"text": "Non-Reactive."}}, "non_reactive"),
        ({"valueString": "Negative"}, "non_reactive"),
        ({"valueString": "negative, see comment"}, None),
        ({"valueString": "negative", "interpretation": [positive]}, None),
        ({}, None),
    ):
        assert read(order(), patient(), observation(**changes)).observations[0].result == expected


def test_a_measured_value() -> None:
    for quantity, expected in (
        ({"value": 12.50, "unit": "copies/mL"}, (Decimal("12.5"), "copies/mL")),
        ({"value": 20, "unit": "copies/mL", "comparator": "<"}, (None, None)),
        ({"value": 20}, (None, None)),
        ({"value": "20", "unit": "x"}, (None, None)),
    ):
        case = read(order(), patient(), observation(valueQuantity=quantity))
        assert (case.observations[0].value, case.observations[0].unit) == expected


def test_components_are_tests_of_their_own() -> None:
    parts = [
        {"code": concept(LOINC, "7917-8"), "valueCodeableConcept": concept(SNOMED, "10828004")}
    ]
    found = read(order(), patient(), observation(component=parts)).observations
    assert [(one.id, one.code, one.result) for one in found] == [
        ("Observation/obs017-alt-test", "56888-1", None),
        ("Observation/obs017-alt-test#component1", "7917-8", "reactive"),
    ]


@pytest.mark.parametrize("word", ["cancelled", "entered-in-error"])
def test_a_test_that_was_not_done_is_dropped(word: str) -> None:
    case = read(order(), patient(), observation(status=word))
    assert not case.observations
    assert "the test " in reasons(case, "Observation")


@pytest.mark.parametrize("word", ["preliminary", "registered", "unknown", "nonsense", None])
def test_a_test_that_is_not_final_was_done_and_its_result_is_not_known(word: str | None) -> None:
    found = observation(status=word, valueCodeableConcept=concept(SNOMED, "260385009"))
    case = read(order(), patient(), found)
    assert [(one.code, one.result) for one in case.observations] == [("56888-1", None)]
    assert "its result is not read" in reasons(case, "Observation")


def test_the_day_of_a_test() -> None:
    for changes, expected in (
        ({}, "2021-03-11"),
        ({"effectiveDateTime": "2021-03-01"}, "2021-03-01"),
        ({"effectivePeriod": {"start": "2021-02", "end": "2021-03-02"}}, "2021-03-02"),
        ({"issued": None}, None),
    ):
        found = read(order(), patient(), observation(**changes)).observations[0].date
        assert (found.text if found else None) == expected


# --- whose record it is ----------------------------------------------------------------


def test_records_of_another_patient_are_dropped() -> None:
    another = {"subject": {"reference": "Patient/two"}}
    case = read(
        order(),
        patient(),
        patient(id="two", birthDate="1950-01-01"),
        condition(**another),
        statement(**another),
        observation(**another),
        other("b", **another),
    )
    assert not case.conditions + case.therapies + case.observations
    assert reasons(case).count("of another patient: `Patient/two`") == 4
    assert case.member.birth_date is not None
    assert case.member.birth_date.text == "1996-06-01"


@pytest.mark.parametrize(
    "subject", [{"reference": "Patient/cut"}, {"reference": "Group/1"}, {"display": "Jon"}, None]
)
def test_a_record_of_nobody_known_proves_nothing(subject: Json | None) -> None:
    case = read(order(), patient(), patient(id="two"), condition(subject=subject))
    assert [one.documented for one in case.conditions] == [False]
    assert "cannot be told whose" in reasons(case, "Condition")


def test_one_patient_need_not_be_named() -> None:
    case = read(order(), patient(), condition(subject=None))
    assert [one.documented for one in case.conditions] == [None]
    nobody = read(order(subject=None), patient(), condition())
    assert nobody.member.birth_date is not None
    assert [one.documented for one in nobody.conditions] == [None]


def test_an_order_for_somebody_else_than_the_patient_takes_nothing_from_the_record() -> None:
    case = read(order(subject={"reference": "Patient/cut"}), patient(), condition())
    assert case.member.birth_date is not None
    assert case.member.birth_date.text == "not stated"
    assert [one.documented for one in case.conditions] == [False]


# --- references ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        "Medication/m",
        "https://ehr.example.org/fhir/Medication/m",
        "https://ehr.example.org/fhir/Medication/m/_history/3",
        "Medication/m/_history/3",
    ],
)
def test_references_are_followed(reference: str) -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "1594660")}
    asked = order(medicationCodeableConcept=None, medicationReference={"reference": reference})
    assert read(asked, drug).request.code == "1594660"


@pytest.mark.parametrize(
    "reference",
    ["Medication/x", "https://elsewhere.org/fhir/Medication/m", "#m", "#", "", "urn:uuid:1", "m/"],
)
def test_references_that_lead_nowhere_leave_the_thing_unstated(reference: str) -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "1594660")}
    asked = order(medicationCodeableConcept=None, medicationReference={"reference": reference})
    case = read(asked, drug)
    assert (case.request.product, case.request.code) == (None, None)
    assert reference == "" or "leads" in reasons(case, "MedicationRequest")


def test_uuids_are_followed() -> None:
    drug = {"resourceType": "Medication", "code": concept(RXNORM, "1594660")}
    asked = order(medicationCodeableConcept=None, medicationReference={"reference": "urn:uuid:7"})
    document = bundle(asked)
    document["entry"].append({"fullUrl": "urn:uuid:7", "resource": drug})
    assert read_order(document, where="x").request.code == "1594660"


def test_one_id_on_two_servers() -> None:
    document = bundle(order(), patient())
    document["entry"].append(
        {"fullUrl": "https://two.example.org/Patient/pat017", "resource": patient(gender="female")}
    )
    case = read_order(document, where="x")
    assert case.member.birth_date is not None
    assert "another patient" in reasons(case, "https://two.example.org/Patient/pat017")


def test_the_same_resource_twice_counts_once() -> None:
    case = read(order(), patient(), statement(), statement())
    assert len(case.therapies) == 1
    assert "the same resource stands at /entry/2/resource" in reasons(case)
    with pytest.raises(CaseError, match="two different resources are called"):
        read(order(), patient(), statement(), statement(status="stopped"))


# --- claims ----------------------------------------------------------------------------


def claim(**changes: object) -> Json:
    """Return the Claim of a public PAS bundle, for Lemtrada."""
    entries = load(DATA / "conformant_pas_bundle_v110.json")["entry"]
    item = {
        "sequence": 1,
        "diagnosisSequence": [1],
        "productOrService": concept(HCPCS, "J0202"),
        "servicedPeriod": {"start": "2026-03-16", "end": "2026-03-20"},
        "quantity": {"value": 60},
    }
    coded = {"sequence": 1, "diagnosisCodeableConcept": concept(ICD, "G35.A")}
    asked = {
        "item": [item],
        "created": "2026-03-02",
        "diagnosis": [coded],
        "patient": {"reference": "Patient/pat017"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/cov017"}}],
    }
    return changed(entries[0]["resource"], asked | changes)


def test_a_claim_is_read_as_the_request() -> None:
    case = read(claim(), patient(), coverage())
    request = case.request
    assert (request.hcpcs, request.quantity) == ("J0202", Quantity(Decimal(60), "unit"))
    assert (request.plan, days(case)) == ("MMM MA", ["2026-03-16", "2026-03-20"])
    assert request.indication is not None
    assert (request.indication.code, case.conditions) == ("G35.A", ())


def test_a_claim_beside_its_order() -> None:
    extension = {
        "url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-requestedService",
        "valueReference": {"reference": "MedicationRequest/pat017-mr-turalio"},
    }
    item = claim()["item"][0] | {"extension": [extension]}
    case = read(claim(item=[item]), patient(), other("b"), order())
    request = case.request
    assert (request.quantity, request.billed_units) == (Quantity(Decimal(5), "vial"), 60)
    assert (request.code, request.hcpcs) == ("1594660", "J0202")
    assert [one.id for one in case.therapies] == ["MedicationRequest/b"]


def test_items_of_one_product_add_up() -> None:
    item = claim()["item"][0] | {"servicedPeriod": None, "quantity": {"value": 12}}
    items = [
        changed(item, {"sequence": at, "servicedDate": f"2026-03-1{at}"}) for at in range(1, 6)
    ]
    case = read(claim(item=items), patient())
    assert case.request.quantity == Quantity(Decimal(60), "unit")
    assert len(days(case)) == 5


def test_items_of_several_products_are_refused() -> None:
    items = claim()["item"] + [claim()["item"][0] | {"productOrService": concept(HCPCS, "J2323")}]
    with pytest.raises(CaseError, match="asks for several products"):
        read(claim(item=items), patient())


def test_a_further_diagnosis_of_a_claim_is_claimed_only() -> None:
    further = {"sequence": 2, "diagnosisCodeableConcept": concept(ICD, "B20")}
    case = read(claim(diagnosis=claim()["diagnosis"] + [further]), patient())
    assert [(one.code, one.documented, one.status) for one in case.conditions] == [
        ("B20", False, None)
    ]


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
