"""Records of a case as FHIR resources: what the elements of each can say, and no more."""

from __future__ import annotations

from typing import Any, Final

from exchange.element import Element, Systems, absent, codeable, coded, measure, present
from reasoner.case.day import is_date
from reasoner.fhir.vocabulary import ANSWERS, RECORD_ID, answer_code
from reasoner.model import (
    Allergy,
    Answer,
    Coding,
    Condition,
    Day,
    Dose,
    Observation,
    Request,
    Therapy,
)

__all__ = [
    "administration",
    "allergy",
    "answered",
    "condition",
    "date",
    "observation",
    "request_drug",
    "span_of",
    "statement",
]

_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_INTERPRETATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_VERIFICATIONS: Final = {"ruled_out": "refuted", "unconfirmed": "unconfirmed"}
_INTERPRETED: Final = {
    "reactive": "POS", "non_reactive": "NEG", "indeterminate": "IND",
    "detected": "DET", "not_detected": "ND",
}  # fmt: skip


def condition(record: Condition, subject: Element, systems: Systems) -> Element:
    """Return a Condition; an end beside anything but *resolved* is no valid abatement."""
    status = record.status
    codings = [] if record.code is None else [Coding(record.code, record.system, record.display)]
    verified = "confirmed" if status in ("active", "resolved") else _VERIFICATIONS.get(status or "")
    return present(
        resourceType="Condition",
        identifier=_identifier(record.id),
        clinicalStatus=coded(_CLINICAL, status) if status in ("active", "resolved") else None,
        verificationStatus=coded(_VERIFIED, verified) if verified else None,
        code=codeable(codings, None if codings else record.display, systems),
        subject=subject,
        onsetDateTime=date(record.onset),
        abatementDateTime=date(record.end) if status == "resolved" else None,
        recordedDate=date(record.recorded),
    )


def statement(record: Therapy, subject: Element, systems: Systems) -> Element:
    """Return a MedicationStatement."""
    codings = _codings(record.code, record.system)
    reason = [record.indication] if record.indication else []
    return present(
        resourceType="MedicationStatement",
        identifier=_identifier(record.id),
        status=_use(record),
        medicationCodeableConcept=codeable(codings, record.product, systems) or absent(),
        subject=subject,
        effectivePeriod=_period(record.start, record.end),
        reasonCode=[codeable([one], None, systems) for one in reason],
    )


def observation(record: Observation, subject: Element, systems: Systems) -> Element:
    """Return an Observation."""
    codings = [Coding(record.code, record.system, record.display)]
    value = None if record.value is None else present(value=record.value, unit=record.unit)
    told = _INTERPRETED.get(record.result or "")
    return present(
        resourceType="Observation",
        identifier=_identifier(record.id),
        status="final",
        code=codeable(codings, None, systems) or absent(),
        subject=subject,
        effectiveDateTime=date(record.date),
        valueQuantity=value,
        interpretation=[coded(_INTERPRETATION, told)] if told else None,
    )


def administration(record: Dose, subject: Element, request: Request, systems: Systems) -> Element:
    """Return a MedicationAdministration of the requested drug."""
    return present(
        resourceType="MedicationAdministration",
        identifier=_identifier(record.id),
        status="completed",
        medicationCodeableConcept=request_drug(request, systems) or absent(),
        subject=subject,
        **_when(record.date),
        dosage={"dose": measure(record.quantity)} if record.quantity else None,
    )


def allergy(record: Allergy, person: Element, systems: Systems) -> Element:
    """Return an AllergyIntolerance."""
    codings = _codings(record.code, record.system)
    verified = _VERIFICATIONS.get(record.status or "")
    clinical = record.status if record.status in ("active", "resolved") else None
    return present(
        resourceType="AllergyIntolerance",
        identifier=_identifier(record.id),
        clinicalStatus=coded(_ALLERGY_CLINICAL, clinical) if clinical else None,
        verificationStatus=coded(_ALLERGY_VERIFIED, verified) if verified else None,
        code=codeable(codings, record.product, systems),
        patient=person,
        onsetDateTime=date(record.onset),
        recordedDate=date(record.recorded),
    )


def answered(record: Answer, subject: Element) -> Element:
    """Return a QuestionnaireResponse with the one answer: each has its own author and day."""
    value: dict[str, Any] = (
        {"valueInteger": record.answer}
        if isinstance(record.answer, int)
        else {"valueCoding": {"system": ANSWERS, "code": answer_code(record.answer)}}
    )
    return present(
        resourceType="QuestionnaireResponse",
        status="completed",
        subject=subject,
        authored=date(record.date),
        author={"display": record.by} if record.by else None,
        item=[{"linkId": record.question, "answer": [value]}],
    )


def request_drug(request: Request, systems: Systems) -> Element:
    """Return the requested drug as a CodeableConcept, empty where nothing names it."""
    codings = _codings(request.code, request.system)
    if request.hcpcs:
        codings.append(Coding(request.hcpcs, "hcpcs"))
    return codeable(codings, request.product, systems)


def _codings(code: str | None, system: str | None) -> list[Coding]:
    return [] if code is None or system is None else [Coding(code, system)]


def _use(record: Therapy) -> str:
    """Return the status of a MedicationStatement that says no more than *record*."""
    if record.taken is False:
        return "not-taken"
    if not record.taken:
        return "unknown"
    if record.ongoing:
        return "active"
    if record.ongoing is None and record.end is None:
        return "unknown"
    return "stopped" if record.stopped_for else "completed"


def _period(start: Day | None, end: Day | None) -> Element:
    """Return a Period; one that ends before it starts is none."""
    if start and end and end.first < start.first:
        return {}
    return present(start=date(start), end=date(end))


def _identifier(name: str) -> list[Element]:
    return [{"system": RECORD_ID, "value": name}]


def date(day: Day | None) -> str | None:
    """Return *day* as FHIR writes a date, or None where it is none: any day, or a span."""
    return day.text if day and is_date(day) else None


def span_of(day: object) -> Element | None:
    """Return the Period of a *day* that is a span between two dates, else None."""
    if not isinstance(day, Day) or is_date(day) or "/" not in day.text:
        return None
    start, _, end = day.text.partition("/")
    return {"start": start, "end": end}


def _when(day: Day | None) -> Element:
    """Return when a dose was given: a day, the span of a period, or that nobody says so."""
    if text := date(day):
        return {"effectiveDateTime": text}
    span = span_of(day)
    return {"effectivePeriod": span} if span else {"_effectiveDateTime": absent()}
