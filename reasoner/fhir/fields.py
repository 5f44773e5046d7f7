"""Which fields of a resource are read, and which say nothing of what it states.

What is in neither list is noted: a field that nobody reads here, or one that FHIR does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reasoner.fhir.element import Element

__all__ = ["unread_fields"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILING: Final = _names("""
    resourceType id meta text language contained identifier implicitRules modifierExtension
    extension category encounter context performer asserter recorder requester reporter enterer
    author supportingInformation basedOn partOf request instantiatesCanonical instantiatesUri
    groupIdentifier courseOfTherapyType priority issued referenceRange specimen device
    informationSource location facility destination authorizingPrescription
""")
"""Who, where, on whose order, and how it is filed; extensions may be left out, says FHIR."""

_DRUG: Final = _names("subject status medicationCodeableConcept medicationReference")
_WHY: Final = _names("reasonCode reasonReference")

_READ: Final[dict[str, frozenset[str]]] = {
    "Patient": _names("""
        birthDate name telecom address gender maritalStatus communication contact active photo
        managingOrganization generalPractitioner multipleBirthBoolean multipleBirthInteger
    """),
    "Coverage": _names("""
        status beneficiary class payor period subscriber subscriberId policyHolder relationship
        type dependent order network
    """),
    "Claim": _names("""
        status use patient created prescription item diagnosis insurance supportingInfo type
        insurer provider careTeam payee fundsReserve total originalPrescription
    """),
    "MedicationRequest": _DRUG
    | _WHY
    | _names("intent doNotPerform authoredOn dosageInstruction dispenseRequest insurance"),
    "MedicationStatement": _DRUG
    | _WHY
    | _names("effectiveDateTime effectivePeriod statusReason derivedFrom"),
    "MedicationAdministration": _DRUG | _WHY | _names("effectiveDateTime effectivePeriod dosage"),
    "MedicationDispense": _DRUG,
    "Medication": _names("status code ingredient form manufacturer batch"),
    "Condition": _names("""
        subject clinicalStatus verificationStatus code onsetDateTime onsetPeriod recordedDate
        abatementDateTime abatementPeriod evidence
    """),
    "AllergyIntolerance": _names("""
        patient clinicalStatus verificationStatus code type criticality onsetDateTime onsetPeriod
        recordedDate
    """),
    "Observation": _names("""
        subject focus status code effectiveDateTime effectivePeriod effectiveInstant
        valueCodeableConcept valueString valueQuantity interpretation component hasMember
        derivedFrom
    """),
    "DiagnosticReport": _names("""
        subject status code effectiveDateTime effectivePeriod result conclusionCode
        resultsInterpreter
    """),
    "QuestionnaireResponse": _names("subject status questionnaire item authored source"),
}
"""The fields that are read of each kind of resource, and those that name people and plans."""

_PARTS: Final[dict[str, dict[str, frozenset[str]]]] = {
    "Claim": {
        "item": _names("""
            id sequence productOrService quantity servicedDate servicedPeriod diagnosisSequence
            modifierExtension careTeamSequence informationSequence category revenue unitPrice net
            locationCodeableConcept encounter
        """),
        "supportingInfo": _names(
            "id sequence category valueReference timingDate timingPeriod",
        ),
        "diagnosis": _names("""
            id sequence diagnosisCodeableConcept diagnosisReference type packageCode onAdmission
        """),
    }
}
"""The same of the parts of a resource that hold more than a code."""


def unread_fields(kind: str, element: Element) -> Iterator[str]:
    """Yield the pointers to what nobody reads of *element*, a resource of *kind*."""
    known = _READ.get(kind)
    if known is None:
        return
    for name, value in element.fields.items():
        if name not in known and _says(name, value, known):
            yield element.at(name)
    for name, fields in _PARTS.get(kind, {}).items():
        for part in element.many(name):
            for below, value in part.fields.items():
                if below not in fields and _says(below, value, fields):
                    yield part.at(below)


def _says(name: str, value: object, known: frozenset[str]) -> bool:
    """Say whether *value* says anything; `_name` says why a field that is read has no value."""
    if value is None or value is False or value in ([], {}) or name in _FILING:
        return False
    return name[1:] in known if name.startswith("_") else True
