"""Charts as they arrive: every kind of resource as a record of the case, with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from fhir_parts import (
    HCPCS,
    ICD,
    INTERPRETATION,
    LOINC,
    MS,
    RXNORM,
    SNOMED,
    Json,
    administration,
    bundle,
    case_of,
    concept,
    condition,
    decided,
    example,
    order,
    patient,
    read,
    reasons,
    resource,
    response,
    statement,
    status,
    with_,
)
from reasoner.case import load_case
from reasoner.case.known import Known, Laid
from reasoner.errors import CaseError, UsageError
from reasoner.fhir import read_order
from reasoner.model import Case
from shipped import the_reasoner


def source(case: Case, name: str) -> tuple[str | None, str | None]:
    sections = (case.conditions, case.therapies, case.observations, case.doses, case.allergies)
    (found,) = (one.source for section in sections for one in section if one.id == name)
    assert found is not None
    return found.reference, found.pointer


# --- answers ---------------------------------------------------------------------------


def test_answers_close_the_loop() -> None:
    case = case_of(example())
    assert [(one.question, one.answer, one.by) for one in case.answers] == [
        ("failed(interferon_beta_1a)", "yes", "Dr. Example"),
        ("failed(dimethyl_fumarate)", "yes", "Dr. Example"),
        ("first_course", "yes", "Dr. Example"),
        ("vials_available", (3, 5), "Dr. Example"),
    ]
    assert case.answers[1].source is not None
    assert case.answers[1].source.pointer == "/entry/10/resource/item/1/item/0/answer/0"
    assert decided(example()).recommendation == "approve"


def test_a_question_of_another_questionnaire_is_listed() -> None:
    whole = example()
    whole["entry"][-1]["resource"] = response(age={"valueInteger": 39})
    assert "asks no question `age`" in reasons(case_of(whole), "QuestionnaireResponse")


@pytest.mark.parametrize(
    "answer",
    [{"valueDate": "2026"}, {"valueCoding": {}}, {"valueDecimal": 1.5}, {"valueString": ""}],
)
def test_an_answer_that_cannot_be_read_casts_doubt(answer: Json) -> None:
    whole = example()
    whole["entry"][-1]["resource"] = response(infection=answer)
    decision = decided(whole)
    assert decision.recommendation == "pend"
    assert [one.question for one in decision.missing] == ["infection"]


@pytest.mark.parametrize("word", ["in-progress", "stopped", "entered-in-error", None])
def test_answers_that_are_not_complete_are_not_read(word: str | None) -> None:
    whole = example()
    whole["entry"][-1]["resource"]["status"] = word
    assert not case_of(whole).answers


# --- drugs that were given -------------------------------------------------------------


def test_an_administration_is_intake_on_a_day() -> None:
    given = administration(
        "a", "2021-02", medicationCodeableConcept=concept(RXNORM, "354770", "natalizumab")
    )
    case = case_of(with_(given))
    therapy = next(one for one in case.therapies if one.id == "MedicationAdministration/a")
    assert therapy.start is not None
    assert (therapy.start.text, therapy.end, therapy.taken) == ("2021-02", None, True)
    assert therapy.ongoing is None
    assert not case.doses
    assert source(case, therapy.id) == ("MedicationAdministration/a", "/entry/11/resource")
    # Nobody said that it ended.
    assert [one.question for one in decided(with_(given)).missing] == ["concurrent(_)"]


@pytest.mark.parametrize(
    ("word", "reason"), [("not-done", "not given"), ("entered-in-error", "entered in error")]
)
def test_what_was_not_given_is_listed(word: str, reason: str) -> None:
    case = case_of(with_(administration("a", "2026-01-05", status=word)))
    assert "MedicationAdministration/a" not in [one.id for one in case.therapies]
    assert not case.doses
    assert reason in reasons(case, "MedicationAdministration/a")


def test_earlier_doses_bound_what_is_left() -> None:
    doses = [administration(f"d{n}", f"2026-01-0{n}") for n in (5, 6, 7)]
    whole = with_(*doses)
    case = case_of(whole)
    assert [one.id for one in case.doses] == [
        f"MedicationAdministration/d{n}#dose" for n in (5, 6, 7)
    ]
    assert case.excerpts == ("doses",)
    # (3, 5) was answered; three vials of January leave at most (0, 2).
    assert decided(whole).recommendation == "pend"
    assert [one.question for one in decided(whole).conflicts] == ["vials_available"]
    whole["entry"][10]["resource"] = response(vials_available=None)
    assert decided(whole).recommendation == "pend"
    whole["entry"][10]["resource"] = response(vials_available={"valueString": "0, 2"})
    assert decided(whole).recommendation == "partial"


def test_a_dose_of_another_product_of_the_ingredient_is_none() -> None:
    campath = concept(RXNORM, "828267", "1 ML alemtuzumab 30 MG/ML Injection [Campath]")
    plain = concept(RXNORM, "1594657", "alemtuzumab 10 MG/ML")
    other = administration("a", "2026-01-05", medicationCodeableConcept=campath)
    assert not case_of(with_(other)).doses
    perhaps = administration("a", "2026-01-05", medicationCodeableConcept=plain)
    assert [one.documented for one in case_of(with_(perhaps)).doses] == [False]


@pytest.mark.parametrize(
    ("changes", "documented"),
    [({"status": "on-hold"}, False), ({"status": "stopped"}, None), ({"dosage": {}}, None)],
)
def test_a_dose_that_is_not_certain(changes: Json, documented: bool | None) -> None:  # noqa: FBT001
    (dose,) = case_of(with_(administration("a", "2026-01-05", **changes))).doses
    assert dose.documented is documented
    assert (dose.quantity is None) == (changes != {"status": "on-hold"})


def test_a_period_of_days_is_a_range() -> None:
    period = {"start": "2026-01-05", "end": "2026-01-07T10:00:00Z"}
    (dose,) = case_of(
        with_(administration("a", "x", effectiveDateTime=None, effectivePeriod=period))
    ).doses
    assert dose.date is not None
    assert (dose.date.first.day, dose.date.last.day) == (5, 7)


def test_a_dispense_proves_no_intake() -> None:
    drug = concept(RXNORM, "135779", "Copaxone")
    handed = resource(
        "MedicationDispense", "x", status="completed", medicationCodeableConcept=drug,
        whenHandedOver="2025-12-01",
    )  # fmt: skip
    case = case_of(with_(handed))
    therapy = next(one for one in case.therapies if one.id == "MedicationDispense/x")
    assert (therapy.taken, therapy.ongoing, therapy.end) == (None, None, None)
    declined = case_of(with_(handed | {"status": "declined"}))
    assert "declined" in reasons(declined, "MedicationDispense/x")


def test_a_stopped_order_is_not_in_use() -> None:
    other = order(
        id="old", status="stopped", authoredOn="2015-03-01", subject=MS,
        medicationCodeableConcept=concept(RXNORM, "135779", "Copaxone"),
    )  # fmt: skip
    assert decided(with_(other)).recommendation == "approve"
    assert decided(with_(other | {"status": "active"})).recommendation == "pend"


# --- reports, allergies, documents ------------------------------------------------------


def report(**fields: object) -> Json:
    code = concept(LOINC, "56888-1", "HIV 1+2 Ab+HIV1 p24 Ag")
    final = {"status": "final", "code": code, "effectiveDateTime": "2026-02-20"}
    return resource("DiagnosticReport", "r", **final | fields)


def test_a_report_concludes() -> None:
    reactive = concept(SNOMED, "11214006", "Reactive")
    case = case_of(with_(report(conclusionCode=[reactive])))
    found = next(one for one in case.observations if one.id == "DiagnosticReport/r")
    assert (found.code, found.result) == ("56888-1", "reactive")
    assert decided(with_(report(conclusionCode=[reactive]))).recommendation == "pend"


def test_a_report_points_at_its_tests() -> None:
    case = case_of(with_(report(result=[{"reference": "Observation/hiv"}])))
    assert [one.id for one in case.observations] == ["Observation/hiv"]
    gone = case_of(with_(report(result=[{"reference": "Observation/gone"}])))
    assert "DiagnosticReport/r#result1" in [one.id for one in gone.observations]
    # The test that is not here is later than the negative one that is.
    cut = decided(with_(report(result=[{"reference": "Observation/gone"}])))
    assert [one.question for one in cut.missing] == ["hiv"]


def test_the_tests_of_a_void_report_prove_nothing() -> None:
    void = report(status="entered-in-error", result=[{"reference": "Observation/hiv"}])
    assert [one.result for one in case_of(with_(void)).observations] == [None]


def test_an_allergy_is_a_record() -> None:
    allergy = {
        "resourceType": "AllergyIntolerance", "id": "a", "patient": MS,
        "clinicalStatus": status("active"), "verificationStatus": status("confirmed"),
        "code": concept(RXNORM, "135779", "Copaxone"), "recordedDate": "2020",
    }  # fmt: skip
    case = case_of(with_(allergy))
    (found,) = case.allergies
    assert (found.product, found.code, found.status) == ("Copaxone", "135779", "active")
    assert source(case, found.id) == ("AllergyIntolerance/a", "/entry/11/resource")
    assert decided(with_(allergy)).recommendation == "approve"
    void = allergy | {"verificationStatus": status("entered-in-error")}
    assert not case_of(with_(void)).allergies


def test_a_document_is_named_where_a_record_rests_on_it_and_listed() -> None:
    letter = resource(
        "DocumentReference", "letter", status="current",
        content=[{"attachment": {"title": "neurology.pdf"}}],
    )  # fmt: skip
    resting = statement(id="s", subject=MS, derivedFrom=[{"reference": "DocumentReference/letter"}])
    case = case_of(with_(letter, resting))
    found = next(one for one in case.therapies if one.id == "MedicationStatement/s")
    assert found.source is not None
    assert found.source.document == "neurology.pdf"
    assert "a person must read the document `neurology.pdf`" in reasons(case, "DocumentReference")


# --- containers ------------------------------------------------------------------------


def lines(document: Json) -> str:
    return "\n".join(json.dumps(entry["resource"]) for entry in document["entry"])


def test_a_bulk_export_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "all.ndjson"
    file.write_text(lines(example()), encoding="utf-8")
    known = Known(asks=the_reasoner().asks)
    case = load_case(str(file), known=known)
    assert the_reasoner().decide(case).recommendation == "approve"
    test = case.observations[0].source
    assert test is not None
    assert (test.document, test.line, test.pointer) == ("all.ndjson", 9, None)
    assert any(one.pointer == "all.ndjson:1 /dosageInstruction/0/text" for one in case.unread)
    assert load_case(str(tmp_path), known=known).digest == case.digest
    assert case.digest == case_of(example()).digest


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "all.ndjson"
    file.write_text('{"resourceType": "Patient"}\n{"resourceType": ', encoding="utf-8")
    with pytest.raises(CaseError) as error:
        load_case(str(file))
    assert f"{file.name}:2" in error.value.where


def test_a_packed_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "chart.json"
    path.write_bytes(gzip.compress(json.dumps(example()).encode()))
    with pytest.raises(CaseError) as error:
        load_case(str(path))
    assert "gzip" in error.value.hint


def test_a_bulk_export_with_a_request_over_it(tmp_path: Path) -> None:
    record = example()
    asked = record["entry"].pop(0)["resource"]
    for entry in record["entry"]:
        kind = entry["resource"]["resourceType"]
        with (tmp_path / f"{kind}.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry["resource"]) + "\n")
    request = tmp_path / "request.json"
    request.write_text(json.dumps(asked), encoding="utf-8")
    case = load_case(str(tmp_path), request=str(request), known=Known(asks=the_reasoner().asks))
    assert the_reasoner().decide(case).recommendation == "approve"
    assert case.request.source is not None
    assert case.request.source.line is None


def test_a_request_is_laid_over_fhir_alone(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text("id: a\n", encoding="utf-8")
    with pytest.raises(UsageError, match="laid over a FHIR record"):
        load_case(str(file), request=str(file))


def test_a_bundle_in_parameters_in_a_bundle() -> None:
    nested = bundle(order(), patient())
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "x", "resource": nested}]}
    case = read_order({"resourceType": "Bundle", "entry": [{"resource": parameters}]}, where="x")
    assert case.request.source is not None
    assert case.request.source.pointer == "/entry/0/resource/parameter/0/resource/entry/0/resource"


@pytest.mark.parametrize("kind", ["collection", "searchset", "document", None])
def test_an_entry_without_its_resource_is_an_error(kind: str | None) -> None:
    document = bundle(order(), patient()) | {"type": kind}
    document["entry"].append({"fullUrl": "urn:uuid:x"})
    with pytest.raises(CaseError) as error:
        read_order(document, where="x.json")
    assert (error.value.code, error.value.where) == ("fhir.entry", "x.json /entry/2")


def test_a_transaction_may_delete() -> None:
    document = bundle(order(), patient(), kind="transaction")
    document["entry"].append({"request": {"method": "DELETE", "url": "Condition/x"}})
    assert "holds no resource" in reasons(read_order(document, where="x"))
    document["entry"][-1]["request"]["method"] = "PUT"
    with pytest.raises(CaseError, match="holds no resource"):
        read_order(document, where="x")


# --- what somebody meant to send ---------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "question"),
    [("Condition", "infection"), ("MedicationStatement", "concurrent(_)"), ("Observation", "hiv")],
)
def test_a_record_that_is_pointed_at_and_not_there_casts_doubt(kind: str, question: str) -> None:
    whole = example()
    whole["entry"][0]["resource"]["supportingInformation"] = [{"reference": f"{kind}/gone"}]
    case = case_of(whole)
    assert "may say anything" in reasons(case)
    assert source(case, f"{kind}/gone (absent)")[1] == "/entry/0/resource/supportingInformation/0"
    asked = [one.question for one in decided(whole).missing]
    assert asked == [question]


def test_nobody_is_presumed_an_adult_whose_birth_date_is_gone() -> None:
    whole = example()
    del whole["entry"][2]["resource"]["birthDate"]
    assert [one.question for one in decided(whole).missing] == ["adult"]


def claim(*codes: str, **fields: object) -> Json:
    items = [
        {"sequence": n, "productOrService": concept(HCPCS, code)} for n, code in enumerate(codes, 1)
    ]
    plain = {"use": "preauthorization", "status": "active", "patient": MS, "item": items}
    return {"resourceType": "Claim", "id": "c"} | plain | fields


def test_what_gives_a_drug_is_billed_beside_it() -> None:
    case = read_order(bundle(claim("96413", "J0202"), patient(id="maria")), where="x")
    assert case.request.hcpcs == "J0202"
    assert "another service than the one that is read: `96413`" in reasons(case)
    with pytest.raises(CaseError, match="several products"):
        read_order(bundle(claim("J0202", "J2350"), patient(id="maria")), where="x")


def test_a_claim_for_services_is_not_applicable() -> None:
    whole = bundle(claim("99213", "G0154"), patient(id="maria"))
    assert decided(whole).recommendation == "not_applicable"


def test_an_item_that_is_changed_in_a_way_unknown_is_an_error() -> None:
    item = {"sequence": 1, "productOrService": concept(HCPCS, "J0202"), "modifierExtension": [{}]}
    with pytest.raises(CaseError) as error:
        read_order(bundle(claim(item=[item])), where="x")
    assert error.value.where == "x /entry/0/resource/item/0"


# --- patients as generators make them -----------------------------------------------------


def generated(*drugs: tuple[str, str, str], stage: str = "426373005") -> Json:
    """Return a patient whose early diagnosis was never closed, and whose drugs never stop."""
    whole = example()
    early = condition(
        id="cis", subject=MS, code=concept(SNOMED, "445967004", "Clinically isolated syndrome"),
        onsetDateTime="2012-04-01T10:00:00-05:00", recordedDate="2012-04-01",
    )  # fmt: skip
    later = condition(
        id="late", subject=MS, code=concept(SNOMED, stage),
        onsetDateTime="2014-06-01T10:00:00-05:00", recordedDate="2014-06-01",
    )  # fmt: skip
    orders = [
        order(
            id=f"rx{n}", subject=MS, status="active", authoredOn=day,
            medicationCodeableConcept=concept(RXNORM, code, name),
            reasonCode=None, dispenseRequest=None,
        )
        for n, (code, name, day) in enumerate(drugs)
    ]  # fmt: skip
    return with_(early, later, *orders, base=whole)


def test_an_early_diagnosis_that_was_never_closed_is_superseded() -> None:
    decision = decided(generated())
    assert decision.recommendation == "approve"


def test_drugs_without_a_stop_are_asked_about() -> None:
    avonex, gilenya = ("153326", "Avonex", "2012-05-01"), ("1012896", "Gilenya", "2014-07-01")
    decision = decided(generated(avonex, gilenya))
    assert decision.recommendation == "pend"
    assert [one.question for one in decision.missing] == ["concurrent(_)"]


def test_a_later_progressive_stage_is_not_taken_for_active() -> None:
    whole = generated(stage="425500002")
    whole["entry"] = [one for one in whole["entry"] if one["resource"]["id"] != "rrms"]
    whole["entry"][0]["resource"]["reasonReference"] = [{"reference": "Condition/late"}]
    decision = decided(whole)
    assert decision.recommendation == "pend"
    assert "phenotype" in [one.question for one in decision.missing]


# --- orders as they were published --------------------------------------------------------


def published(**changes: object) -> Json:
    """Return the order of the HL7 examples for Lemtrada: for leukaemia, dosed as Campath is."""
    steps = [
        {
            "sequence": n,
            "timing": {"repeat": {"duration": 12, "durationUnit": "wk", "frequency": 3,
                                  "period": 1, "periodUnit": "wk"}},
            "doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}],
        }
        for n, mg in enumerate((3, 10, 30), 1)
    ]  # fmt: skip
    return order(
        id="medrx0317", status="completed", authoredOn="2015-01-15", dosageInstruction=steps,
        reasonCode=[concept(SNOMED, "92814006", "Chronic lymphoid leukemia, disease (disorder)")],
        dispenseRequest=None, **changes,
    )  # fmt: skip


def test_the_published_order_for_leukaemia() -> None:
    whole = example()
    plan = whole["entry"][0]["resource"]["insurance"]
    whole["entry"][0] = {"resource": published(subject=MS, insurance=plan)}
    case = case_of(whole)
    assert case.request.quantity is None
    decision = decided(whole)
    assert decision.recommendation == "deny"
    assert decision.grounds == ("approval.I", "approval.II", "exclusion.VI")


@pytest.mark.parametrize("value", [0, -12, 1e9, "12", 0.0001, None])
def test_a_nonsense_dose_leaves_the_amount_open(value: object) -> None:
    whole = example()
    asked = whole["entry"][0]["resource"]
    asked["dispenseRequest"]["quantity"]["value"] = value
    decision = decided(whole)
    assert decision.recommendation == "pend"
    assert [one.question for one in decision.missing] == ["vials_requested"]
    assert any("/dispenseRequest/quantity" in one.pointer for one in decision.unread)


@pytest.mark.parametrize(
    "dose",
    [
        {"value": 1200, "unit": "mg"}, {"value": 1200, "unit": "g"}, {"value": 12, "unit": "mL"},
        {"value": -12, "unit": "mg"}, {"value": 0, "unit": "mg"}, {"value": 12}, {"unit": "mg"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("timed", [True, False])
def test_doses_that_the_amount_cannot_be_for_leave_it_open(dose: Json, *, timed: bool) -> None:
    """Also where nobody says how often: one such dose is more than all that is to be dispensed."""
    whole = example()
    asked = whole["entry"][0]["resource"]
    asked["dosageInstruction"][0]["doseAndRate"] = [{"doseQuantity": dose}]
    if not timed:
        asked["dosageInstruction"].append({"doseAndRate": [{"doseQuantity": dose}]})
    decision = decided(whole)
    assert decision.recommendation == "pend"
    assert "vials_requested" in [one.question for one in decision.missing]


@pytest.mark.parametrize("dose", [{"value": 12, "unit": "mg"}, {"value": 0.2, "unit": "mg/kg"}])
def test_doses_that_the_amount_is_for_are_no_doubt(dose: Json) -> None:
    whole = example()
    asked = whole["entry"][0]["resource"]
    asked["dosageInstruction"][0]["doseAndRate"] = [{"doseQuantity": dose}]
    assert decided(whole).recommendation == "approve"


def test_codes_are_read_whatever_their_letters_say() -> None:
    """A known code under words that are another drug's is no drug."""
    wrong = concept(RXNORM, "1876366", "dupilumab")
    running = statement(id="s", subject=MS, status="active", medicationCodeableConcept=wrong)
    decision = decided(with_(running))
    assert decision.recommendation == "pend"
    assert [one.reason for one in decision.doubts if one.record == "MedicationStatement/s"] == [
        "name_and_code_disagree"
    ]


def test_an_interpretation_alone_is_a_result() -> None:
    assert the_reasoner().terminology.results[INTERPRETATION, "NEG"].result == "non_reactive"


def test_what_is_laid_over_is_named_in_an_error() -> None:
    with pytest.raises(CaseError) as error:
        read_order(
            bundle(patient()), where="record.json", request=Laid({"reference": "x"}, "ask.yaml")
        )
    assert error.value.where == "ask.yaml /reference"


def test_nothing_but_the_request_has_a_place_in_the_digest() -> None:
    case = read(order(), patient(), condition(code=concept(ICD, "G35.A")))
    assert case.digest == read(order(), condition(code=concept(ICD, "G35.A")), patient()).digest


@pytest.mark.parametrize(("end", "question"), [("2026-03-01", ["scope"]), ("2026-03", [])])
def test_a_coverage_that_ended_names_no_plan(end: str, question: list[str]) -> None:
    whole = example()
    (found,) = [
        one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == "Coverage"
    ]
    found["period"] = {"start": "2020", "end": end}
    assert [one.question for one in decided(whole).missing] == question
