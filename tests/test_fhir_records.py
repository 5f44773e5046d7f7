"""Conditions, therapies and tests of a chart: what each element becomes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_parts import (
    ICD,
    LOINC,
    RESULTS,
    RXNORM,
    SNOMED,
    Json,
    concept,
    condition,
    observation,
    order,
    patient,
    read,
    reasons,
    statement,
    status,
)
from reasoner.errors import CaseError

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
