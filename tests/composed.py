"""Records composed as they arrive: orders, charts and requests, each with the answer it must get.

A row is a name, the document, and what a careful reader of the policy answers: the
recommendation, then what is missing or what stands against it; `error` where it is refused.
The parts are of public test data; codes and habits are those of generated patients (Synthea),
of laboratories, of pharmacies and of the PAS guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from composed_parts import (
    CPT,
    DRUGS,
    NDC,
    NEGATIVE,
    REACTIVE,
    amount,
    asking,
    by_uuid,
    changed,
    claimed,
    diagnosis,
    diseased,
    item,
    lab,
    on,
    only,
    rewritten,
    without,
)
from fhir_parts import (
    HCPCS,
    ICD,
    LOINC,
    MS,
    RXNORM,
    SNOMED,
    Json,
    concept,
    dosage,
    example,
    resource,
    status,
    with_,
)

__all__ = ["Row", "rows"]


class Row(NamedTuple):
    """A record by its *name*, and the *answer* that it must get."""

    name: str
    document: Json
    answer: str


# --- the rows ----------------------------------------------------------------------------


def orders() -> Iterator[tuple[str, Json, str]]:
    lemtrada = "1.2 ML alemtuzumab 10 MG/ML Injection [Lemtrada]"
    cll = [concept(ICD, "C91.10", "Chronic lymphocytic leukemia of B-cell type")]
    yield "by RxNorm", asking(concept(RXNORM, "1594663", lemtrada)), "approve"
    for code in ("58468-0200-1", "58468-0200-01", "58468-200-01", "58468020001", "5846802001"):
        yield f"by NDC {code}", asking({"coding": [{"system": NDC, "code": code}]}), "approve"
    yield "by an NDC of nobody", asking({"coding": [{"system": NDC, "code": "1-1-1"}]}), "pend"
    yield "by HCPCS", asking(concept(HCPCS, "J0202")), "approve"
    yield "by name", asking({"text": "Lemtrada"}), "approve"
    yield "by a text that is no name", asking({"text": "Lemtrada 12 mg vial"}), "pend scope"
    campath = concept(RXNORM, "828267", "1 ML alemtuzumab 30 MG/ML Injection [Campath]")
    yield (
        "Campath for leukaemia",
        asking(campath, reasonReference=None, reasonCode=cll),
        ("not_applicable"),
    )
    yield "Campath for MS", asking({"text": "Campath"}), "not_applicable"
    drug = concept(RXNORM, "117055", "alemtuzumab")
    yield (
        "alemtuzumab for leukaemia",
        asking(drug, reasonReference=None, reasonCode=cll),
        ("deny approval.I approval.II exclusion.VI"),
    )
    text = [{"text": "Relapsing remitting multiple sclerosis"}]
    yield (
        "a reason in words",
        changed("lemtrada-1", reasonReference=None, reasonCode=text),
        "approve",
    )
    yield "in mL", amount({"value": 6, "unit": "mL"}), "approve"
    yield "in mg", amount({"value": 60, "code": "mg"}), "approve"
    yield "in vials by UCUM", amount({"value": 5, "code": "{vial}"}), "approve"
    yield "without a unit", amount({"value": 5}), "pend vials_requested"
    yield (
        "unit and code disagree",
        amount({"value": 5, "unit": "vial", "code": "mg"}),
        ("pend vials_requested"),
    )
    for value in (-5, 0):
        yield f"{value} vials", amount({"value": value, "unit": "vial"}), "pend vials_requested"
    daily = {"frequency": 1, "period": 1, "periodUnit": "d"}
    bounds = {"boundsPeriod": {"start": "2026-03-16", "end": "2026-03-20"}}
    five = {"value": 5, "unit": "vial"}
    yield "every day of a period", amount(five, [dosage(daily | bounds)]), "approve"
    yield (
        "five times, from no day",
        amount(five, [dosage(daily | {"count": 5})]),
        ("pend service_dates"),
    )
    yield (
        "five vials, dosed 1,200 mg",
        amount(five, [dosage(daily | bounds, dose=1200)]),
        ("pend vials_requested"),
    )
    yield (
        "three vials, dosed five times",
        amount({"value": 36, "unit": "mg"}),
        ("pend vials_requested"),
    )
    for word in ("stopped", "cancelled", "entered-in-error"):
        yield f"an order that is {word}", changed("lemtrada-1", status=word), "error fhir.order"
    for word in ("proposal", "plan", "reflex-order"):
        yield f"the intent is {word}", changed("lemtrada-1", intent=word), "approve"
    yield "not to be done", changed("lemtrada-1", doNotPerform=True), "error fhir.order"
    altered = [{"url": "https://x.example", "valueBoolean": True}]
    yield "altered", changed("lemtrada-1", modifierExtension=altered), "error fhir.modifier"


def people() -> Iterator[tuple[str, Json, str]]:
    other = {"resourceType": "Patient", "id": "other", "birthDate": "2015-01-01"}
    yield "nobody", without("maria"), "pend adult"
    yield "two, and the order names one", with_(other), "approve"
    yield (
        "two, and the order names none",
        with_(other, base=changed("lemtrada-1", subject=None)),
        "pend",
    )
    yield "18 in this year", changed("maria", birthDate="2008"), "pend adult"
    yield "18 on the first day", changed("maria", birthDate="2008-03-16"), "approve"
    yield "18 the day after", changed("maria", birthDate="2008-03-17"), "deny exclusion.VI"
    reason = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
               "valueCode": "unknown"}]  # fmt: skip
    yield (
        "age unknown",
        changed("maria", birthDate=None, _birthDate={"extension": reason}),
        ("pend adult"),
    )
    somebody = {"identifier": {"system": "urn:mrn", "value": "7"}}
    yield "a test of another number", changed("hiv", subject=somebody), "pend hiv"
    own = changed("hiv", changed("maria", identifier=[somebody["identifier"]]), subject=somebody)
    yield "a test of the same number", own, "approve"
    yield (
        "references by version",
        rewritten(lambda text: text.replace('"Patient/maria"', '"Patient/maria/_history/2"')),
        "approve",
    )
    yield "references by uuid", by_uuid(), "approve"
    yield (
        "references by address",
        rewritten(
            lambda text: text.replace(
                '"reference": "', '"reference": "https://ehr.example.org/fhir/'
            )
        ),
        "approve",
    )
    deleting = example()
    deleting["entry"][8]["request"] = {"method": "DELETE", "url": "Observation/hiv"}
    yield "a test that is deleted", deleting, "pend hiv"


def diseases() -> Iterator[tuple[str, Json, str]]:
    ms, rrms = concept(SNOMED, "24700007"), concept(SNOMED, "426373005")
    cis, spms = concept(SNOMED, "445967004"), concept(SNOMED, "425500002")
    ppms = concept(ICD, "G35.B0", "Primary progressive multiple sclerosis, unspecified")
    old: Json = {"onsetDateTime": "2010-05-01T09:00:00-05:00", "recordedDate": "2010-05-01"}
    late: Json = {"onsetDateTime": "2015-05-01", "recordedDate": "2015-05-01"}
    yield (
        "MS of 2010 never closed, then RRMS",
        diseased(diagnosis("a", ms, **old), diagnosis("b", rrms, **late)),
        "approve",
    )
    yield (
        "CIS of 2010 never closed, then RRMS",
        diseased(diagnosis("a", cis, **old), diagnosis("b", rrms, **late)),
        "approve",
    )
    yield (
        "CIS, and RRMS of no day",
        diseased(diagnosis("a", cis, **old), diagnosis("b", rrms)),
        "pend phenotype",
    )
    yield "MS alone", diseased(diagnosis("a", ms, **old)), "pend phenotype"
    yield "CIS alone", diseased(diagnosis("a", cis, **late)), "deny approval.I exclusion.I"
    yield (
        "RRMS, then SPMS of unknown activity",
        diseased(diagnosis("a", rrms, **old), diagnosis("b", spms, **late)),
        "pend phenotype",
    )
    yield "RRMS and PPMS", with_(diagnosis("p", ppms, recordedDate="2026-02-20")), "pend phenotype"
    yield (
        "PPMS, refuted",
        with_(diagnosis("p", ppms, verificationStatus=status("refuted"))),
        "approve",
    )
    for word in ("unconfirmed", "provisional", "differential"):
        yield f"RRMS, {word}", changed("rrms", verificationStatus=status(word)), "pend phenotype"
    yield (
        "RRMS, refuted",
        changed("rrms", verificationStatus=status("refuted")),
        ("pend indication phenotype"),
    )
    ends: dict[str, Json] = {
        "resolved": {"clinicalStatus": status("resolved")},
        "of no status": {"clinicalStatus": None},
        "over": {"abatementDateTime": "2025-01-01"},
        "over, in words": {"abatementString": "last year"},
        "over, from some day on": {"abatementPeriod": {"start": "2024"}},
        "of the future": {"recordedDate": "2027-01-01"},
    }
    for name, fields in ends.items():
        yield f"RRMS, {name}", changed("rrms", **fields), "pend phenotype"
    yield (
        "a code under another name",
        diseased(
            diagnosis("a", concept(SNOMED, "426373005", "Primary progressive multiple sclerosis"))
        ),
        "pend phenotype",
    )
    nine = concept("http://hl7.org/fhir/sid/icd-9-cm", "340", "Multiple sclerosis")
    yield "a code of ICD-9", diseased(diagnosis("a", nine)), "pend phenotype"
    yield (
        "in words",
        diseased(diagnosis("a", {"text": "Relapsing remitting multiple sclerosis"})),
        "approve",
    )
    told = concept(ICD, "G35", "Multiple sclerosis") | {
        "text": "Relapsing-remitting multiple sclerosis"
    }
    yield (
        "words that say more than the code",
        diseased(diagnosis("a", told, recordedDate="2025-06-01")),
        "approve",
    )
    torn = concept(ICD, "G35.A") | {"text": "Primary progressive multiple sclerosis"}
    yield "words that contradict the code", diseased(diagnosis("a", torn)), "pend phenotype"
    for code, words in (("160903007", "Full-time employment (finding)"), ("73595000", "Stress")):
        yield (
            f"generated: {words}",
            with_(diagnosis("g", concept(SNOMED, code, words), **old)),
            ("approve"),
        )
    sinusitis = diagnosis("g", concept(SNOMED, "444814009", "Viral sinusitis"), **old)
    yield "generated: an infection that nobody closed", with_(sinusitis), "pend infection"
    uti = concept(ICD, "N39.0", "Urinary tract infection, site not specified")
    yield "an infection in its range", with_(diagnosis("i", uti)), "pend infection"
    yield (
        "an infection that ends in the month",
        with_(diagnosis("i", uti, abatementDateTime="2026-03")),
        "pend infection",
    )
    yield (
        "an infection that is over",
        with_(diagnosis("i", uti, abatementDateTime="2026-02")),
        "approve",
    )
    tb = concept(ICD, "A15.0", "Tuberculosis of lung")
    yield "tuberculosis", with_(diagnosis("i", tb)), "deny exclusion.V"


def drugs() -> Iterator[tuple[str, Json, str]]:
    ongoing: Json = {"effectivePeriod": {"start": "2019-01-01"}}
    yield (
        "five orders that nobody stopped",
        with_(*(on("MedicationRequest", "active", one) for one in DRUGS)),
        "pend concurrent(_)",
    )
    yield (
        "five that are said to be taken",
        with_(*(on("MedicationStatement", "active", one, **ongoing) for one in DRUGS)),
        "deny exclusion.IV",
    )
    for word, answer in {
        "stopped": "approve", "cancelled": "approve", "entered-in-error": "approve",
        "on-hold": "pend concurrent(_)", "completed": "pend concurrent(_)",
    }.items():  # fmt: skip
        yield f"an order, {word}", with_(on("MedicationRequest", word)), answer
    yield (
        "an order not to give it",
        with_(on("MedicationRequest", "active", doNotPerform=True)),
        "approve",
    )
    for word in ("intended", "on-hold", "unknown"):
        yield (
            f"a statement, {word}",
            with_(on("MedicationStatement", word, **ongoing)),
            ("pend concurrent(_)"),
        )
    for word in ("entered-in-error", "not-taken"):
        yield f"a statement, {word}", with_(on("MedicationStatement", word, **ongoing)), "approve"
    for end, answer in (("2026", "pend concurrent(_)"), ("2026-03", "pend concurrent(_)"),
                        ("2026-02", "approve"), ("2026-03-15T23:59:59-11:00", "approve"),
                        ("2026-03-16T00:00:00+14:00", "deny exclusion.IV")):  # fmt: skip
        period = {"start": "2025-01-01", "end": end}
        yield (
            f"until {end}",
            with_(on("MedicationStatement", "completed", effectivePeriod=period)),
            answer,
        )
    given: Json = {"effectiveDateTime": "2026-02-01"}
    yield (
        "given",
        with_(on("MedicationAdministration", "completed", **given)),
        ("pend concurrent(_)"),
    )
    yield "not given", with_(on("MedicationAdministration", "not-done", **given)), "approve"
    altered = [{"url": "https://x.example", "valueBoolean": True}]
    yield (
        "altered",
        with_(on("MedicationStatement", "active", modifierExtension=altered, **ongoing)),
        "pend concurrent(_)",
    )
    strange = {"coding": [{"system": "urn:local", "code": "X", "display": "Study drug"}]}
    yield (
        "that nobody knows",
        with_(on("MedicationStatement", "active", medicationCodeableConcept=strange, **ongoing)),
        "pend concurrent(_)",
    )
    allergy = {
        "resourceType": "AllergyIntolerance", "id": "a", "patient": MS,
        "clinicalStatus": status("active"), "verificationStatus": status("confirmed"),
        "code": concept(RXNORM, "214582", "glatiramer acetate"),
    }  # fmt: skip
    yield "an allergy to one", with_(allergy), "approve"


def tests() -> Iterator[tuple[str, Json, str]]:
    yield "none", without("hiv"), "pend hiv"
    for code in ("31201-7", "80387-4", "85037-0", "73905-2", "54086-4", "44607-0"):
        yield f"screen {code}", only(lab(code, **NEGATIVE)), "approve"
    for code in ("30361-0", "18396-2", "9661-0", "16974-8", "5221-7", "20447-9", "21007-0"):
        yield f"{code} alone", only(lab(code, **NEGATIVE)), "pend hiv"
    for code in ("56888-1", "89374-3", "9821-0", "9661-0", "16974-8", "30361-0"):
        yield f"later {code}, reactive", with_(lab(code, **REACTIVE)), "pend hiv"
    for code in ("5221-7", "77685-6", "20447-9"):
        yield f"later {code}, reactive", with_(lab(code, **REACTIVE)), "deny approval.III"
    yield "later test in no list", with_(lab("99999-9", **REACTIVE)), "approve"
    local = {"coding": [{"system": "urn:local", "code": "H", "display": "HIV 1/2 combo"}]}
    yield (
        "later test of the laboratory",
        with_(lab("H", system="urn:local") | {"code": local} | REACTIVE),
        "pend hiv",
    )
    yield (
        "later test in words",
        with_(lab("w") | {"code": {"text": "HIV Ag/Ab, 4th generation"}} | REACTIVE),
        "pend hiv",
    )
    yield (
        "later confirmation in free words",
        with_(lab("80203-3", valueString="HIV-1 positive")),
        "pend hiv",
    )
    yield "result in words", only(lab("56888-1", valueString="Negative")), "approve"
    yield (
        "result in a sentence",
        only(lab("56888-1", valueString="Negative, see note")),
        "pend hiv",
    )
    yield "result of a year", only(lab("56888-1", "2026", **NEGATIVE)), "approve"
    yield "result of the future", only(lab("56888-1", "2026-12-01", **NEGATIVE)), "pend hiv"
    yield "preliminary", only(lab("56888-1", status="preliminary", **NEGATIVE)), "pend hiv"
    absent = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")
    yield "no result", only(lab("56888-1", dataAbsentReason=absent)), "pend hiv"
    yield (
        "an index",
        only(lab("5223-3", valueQuantity={"value": 0.09, "unit": "S/CO"})),
        ("pend hiv"),
    )
    yield (
        "a panel and its member",
        only(
            lab("75622-1", hasMember=[{"reference": "Observation/t56888-1"}]),
            lab("56888-1", **NEGATIVE),
        ),
        "approve",
    )
    yield (
        "a panel whose member is gone",
        with_(lab("75622-1", hasMember=[{"reference": "Observation/gone"}])),
        "pend hiv",
    )
    yield (
        "a panel of components",
        only(lab("75622-1", component=[{"code": concept(LOINC, "56888-1")} | NEGATIVE])),
        "approve",
    )
    inside = lab("56888-1", **NEGATIVE) | {"id": "o"}
    yield "a report that contains its test", only(
        resource(
            "DiagnosticReport", "r", status="final", code=concept(LOINC, "83101-6"),
            effectiveDateTime="2026-02-20", contained=[inside], result=[{"reference": "#o"}],
        )
    ), "approve"  # fmt: skip
    yield (
        "AIDS",
        with_(diagnosis("h", concept(ICD, "B20"), recordedDate="2026-02-20")),
        ("deny approval.III"),
    )
    yield "a screening visit alone", only(diagnosis("h", concept(ICD, "Z11.4"))), "pend hiv"


def requests() -> Iterator[tuple[str, Json, str]]:
    yield "units", claimed(item()), "approve"
    yield (
        "vials by NDC",
        claimed(item("58468-0200-01", NDC, quantity={"value": 5, "unit": "vial"})),
        "approve",
    )
    yield "an infusion beside it", claimed(item("96413", CPT), item(sequence=2)), "approve"
    for name, one in {
        "imaging": item("70553", CPT), "home health": item("G0299"), "surgery": item("27447", CPT),
    }.items():  # fmt: skip
        yield name, claimed(one), "not_applicable"
    yield (
        "another indication",
        claimed(item(), code="C91.10"),
        ("deny approval.I approval.II exclusion.VI"),
    )
    for value in (0, -60):
        yield f"{value} units", claimed(item(quantity={"value": value})), "pend vials_requested"
    yield "no quantity", claimed(item(quantity=None)), "pend vials_requested"
    yield "1,200 g", claimed(item(quantity={"value": 1200, "unit": "g"})), "partial quantity.limit"
    yield "a cancelled Claim", claimed(item(), status="cancelled"), "error fhir.order"
    yield (
        "a Claim that rests on what is not here",
        without("hiv", base=claimed(item())),
        ("pend hiv"),
    )
    change = [{"url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
               "modifierextension-infoChanged", "valueCode": "changed"}]  # fmt: skip
    yield "an item that was changed", claimed(item(modifierExtension=change)), "error fhir.modifier"
    reference = {"reference": "ServiceRequest/s"}
    service = resource("ServiceRequest", "s", status="active", code=concept(HCPCS, "J0202"))
    asked = [{"url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
              "extension-requestedService", "valueReference": reference}]  # fmt: skip
    yield "through a ServiceRequest", with_(service, base=claimed(item(extension=asked))), "approve"


_SUBJECTS: tuple[Callable[[], Iterator[tuple[str, Json, str]]], ...] = (
    orders, people, diseases, drugs, tests, requests,
)  # fmt: skip


def rows() -> list[Row]:
    """Return every row, named after its subject."""
    return [
        Row(f"{make.__name__}: {name}", document, answer)
        for make in _SUBJECTS
        for name, document, answer in make()
    ]
