"""Whose record it is: the order's patient, another one, or nobody can tell."""

from __future__ import annotations

from dataclasses import dataclass

from reasoner.case.place import show
from reasoner.fhir.element import Element
from reasoner.fhir.resource import Link, Resource, Resources

__all__ = ["PERSONAL", "Subject", "stranger", "subject_of"]

PERSONAL = (
    "AllergyIntolerance",
    "Claim",
    "Condition",
    "DiagnosticReport",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "QuestionnaireResponse",
)
"""The kinds of resource that are about a person and become records of a case."""

_FIELDS = {"AllergyIntolerance": "patient", "Claim": "patient", "Coverage": "beneficiary"}


@dataclass(frozen=True, slots=True)
class Subject:
    """The person of the order: as a resource, or only as a reference (*name*).

    *alone*: the document names nobody else.
    """

    patient: Resource | None
    name: str | None
    alone: bool

    def owns(self, resource: Resource, resources: Resources) -> bool | None:
        """Say whether *resource* is this person's; None: it cannot be told."""
        if resource.element.fields.get("focus") is not None:
            return None  # an Observation about somebody or something else
        link = _link(resource, resources)
        if link is None or (link.text is None and link.resource is None):
            return True if self.alone and not self._differs(link) else None
        if link.resource is not None and self.patient is not None:
            return link.resource is self.patient
        if link.resource is None and self.patient is None and self.name is not None:
            return True if _name(link) == self.name else None
        return True if self.alone and self.name is None else None

    def _differs(self, link: Link | None) -> bool:
        """Say whether *link* names an identifier that this person's resource does not have."""
        named = link.element.one("identifier") if link else None
        if named is None:
            return False
        own = self.patient.element.many("identifier") if self.patient else ()
        return _number(named) not in {_number(one) for one in own}


def _number(identifier: Element) -> tuple[str | None, str | None]:
    return identifier.word("system"), identifier.word("value")


def subject_of(order: Resource | None, resources: Resources) -> Subject:
    """Return the person of *order*, or the only one of the document if it names none."""
    patients = list(resources.of("Patient"))
    names = _names(resources)
    link = _link(order, resources) if order else None
    if link is not None and link.text is not None:
        name = None if link.resource else _name(link)
        return Subject(link.resource, name, alone=len(names) <= 1)
    if len(names) <= 1 and len(patients) <= 1:
        return Subject(patients[0] if patients else None, None, alone=True)
    if order is not None:
        reason = f"the order names no patient, and the document has {len(names)}"
        resources.note(order.unread(reason))
    return Subject(None, None, alone=False)


def _names(resources: Resources) -> set[str]:
    """Return everybody that the document names."""
    names = {patient.key for patient in resources.of("Patient")}
    for resource in resources.of(*PERSONAL):
        names |= _named(resource, resources)
    return names


def _named(resource: Resource, resources: Resources) -> set[str]:
    link = _link(resource, resources)
    if link is None or link.text is None:
        return set()
    return {link.resource.key if link.resource else _name(link)}


def _link(resource: Resource, resources: Resources) -> Link | None:
    reference = resource.element.one(_FIELDS.get(resource.type, "subject"))
    return None if reference is None else resources.follow(resource, reference, "Patient")


def _name(link: Link) -> str:
    return "/".join((link.text or "").split("/")[-2:])


def stranger(resource: Resource) -> str:
    """Return why a record of another person is not used."""
    field = _FIELDS.get(resource.type, "subject")
    reference = resource.element.one(field)
    text = reference.text("reference") if reference else None
    return f"the record is of another patient: {show(text)}"
