"""What every part of the reader shares: the resources, the order's person, the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from msgspec.structs import replace

from reasoner.case.place import show
from reasoner.fhir.coding import NOT_STATED, Concept, concept
from reasoner.fhir.document import title
from reasoner.fhir.element import Element
from reasoner.fhir.resource import Resource, Resources
from reasoner.fhir.subject import Subject, stranger
from reasoner.model import Coding, Source
from reasoner.terminology import Terminology

__all__ = ["Chart"]

_Coding = TypeVar("_Coding", Coding, Coding | None)
_SYSTEMS_OF_A_REASON = ("icd-10-cm", "snomed")


@dataclass(frozen=True)
class Chart:
    """The *resources* of a document, *subject* the person they are read for."""

    resources: Resources
    subject: Subject
    terminology: Terminology

    def note(self, owner: Resource, reason: str, pointer: str | None = None) -> None:
        """Note that *owner*, or what is at *pointer* in it, is not used."""
        self.resources.note(owner.unread(reason, pointer))

    def records(self, *types: str, note: bool = True) -> Iterator[tuple[Resource, bool | None]]:
        """Yield the resources of *types* that are the person's.

        The second is what to say of their documentation: None, as a source stands beside
        each, or False where nobody can tell whose record it is: it casts doubt, no more.
        With *note*, what is left out or proves nothing is noted.
        """
        for resource in self.resources.of(*types):
            owned = self.subject.owns(resource, self.resources)
            if owned is False:
                if note:
                    self.note(resource, stranger(resource))
            elif self.alters(resource):
                yield resource, False
            elif owned is None:
                self.note(resource, "it cannot be told whose record this is: it proves nothing")
                yield resource, False
            else:
                yield resource, None

    def alters(self, resource: Resource) -> bool:
        """Say, and note, whether an extension changes what *resource* means."""
        for name in ("modifierExtension", "implicitRules"):
            if resource.element.fields.get(name):
                reason = f"`{name}` changes what the record means, in a way unknown here"
                self.note(resource, f"{reason}: it proves nothing", resource.element.at(name))
                return True
        return False

    def concept(self, element: Element | None) -> Concept | None:
        """Read a CodeableConcept."""
        return None if element is None else concept(element, self.terminology)

    def cited(self, owner: Resource, *references: Element) -> Source:
        """Return where *owner* was read, with the document that it says it rests on."""
        source = owner.source
        for reference in references:
            if self.resources.kind(owner, reference) != "DocumentReference":
                continue
            link = self.resources.follow(owner, reference, "DocumentReference")
            if link.resource is not None and source.document is None:
                source = replace(source, document=title(link.resource))
        return source

    def codings(
        self, owner: Resource, found: Concept | None, systems: tuple[str, ...]
    ) -> list[Coding]:
        """Return the codings of *found* to read, or one that says that there is none."""
        read = found.read(self.terminology, *systems, words=True) if found else []
        if found:
            self.others(owner, found, read)
        if not read or read[0].system not in systems:
            self.note(owner, "the record has no code of a system that is read here")
        return read or [Coding(NOT_STATED, NOT_STATED)]

    def numbered(self, owner: Resource, codings: Sequence[_Coding]) -> list[tuple[str, _Coding]]:
        """Return the codings with the ids of their records: `Condition/x`, `Condition/x#2`."""
        return [
            (owner.key if at == 1 else f"{owner.key}#{at}", coding)
            for at, coding in enumerate(codings, start=1)
        ]

    def note_fields(self, owner: Resource, element: Element, *names: str) -> None:
        """Note what *element* says in free text, or in a form that is not read."""
        for name in names:
            if element.fields.get(name) is not None:
                self.note(owner, f"`{name}` is not read", element.at(name))

    def others(self, owner: Resource, found: Concept, used: list[Coding]) -> None:
        """Note the codings of *found* that are not among those *used*."""
        said = {(coding.system, coding.code) for coding in used}
        for coding, pointer in zip(found.codings, found.pointers, strict=True):
            if (coding.system, coding.code) not in said:
                code = f"{show(coding.code)} of {show(coding.system)}"
                self.note(owner, f"another coding is read, not {code}", pointer)

    def medication(self, owner: Resource) -> tuple[Concept | None, str | None]:
        """Return the drug of a MedicationRequest or MedicationStatement: its code, its name.

        A name alone is what the reference is called that leads to no resource of its own.
        """
        element = owner.element.one("medicationCodeableConcept")
        reference = owner.element.one("medicationReference")
        if element is not None:
            if reference is not None:
                reason = "the medication is given twice: the code is read"
                self.note(owner, reason, reference.pointer)
            found = self.concept(element)
            return found, found.name if found else None
        if reference is None:
            self.note(owner, "the medication is not stated")
            return None, None
        link = self.resources.follow(owner, reference, "Medication")
        if link.resource is None:
            return None, link.display if link.text is None else None
        found = self._medication(link.resource)
        if found is None:
            self.note(link.resource, "the medication has no code")
        return found, found.name if found else None

    def reason(self, owner: Resource) -> Coding | None:
        """Return what *owner* says that the drug is for; one that cannot be read is none."""
        codes = list(owner.element.many("reasonCode"))
        found = [coding for code in codes if (coding := self._reason(code))]
        references = list(owner.element.many("reasonReference"))
        pointed = [coding for one in references if (coding := self._referred(owner, one))]
        told = found or pointed
        if not told:
            return Coding(NOT_STATED, NOT_STATED) if codes or references else None
        if len({(one.system, one.code) for one in told}) > 1:
            self.note(owner, f"the drug is for several reasons: {_listed(told)}")
            return Coding(NOT_STATED, NOT_STATED, _listed(told))
        return told[0]

    def _reason(self, element: Element) -> Coding | None:
        tables = self.terminology
        read = concept(element, tables).read(tables, *_SYSTEMS_OF_A_REASON, words=True)
        return read[0] if read else None

    def _referred(self, owner: Resource, reference: Element) -> Coding | None:
        link = self.resources.follow(owner, reference, "Condition")
        if link.resource is None:
            if link.text is None and link.display:
                self.note(
                    owner, f"the reason is only a name: {show(link.display)}", link.element.pointer
                )
                return Coding(NOT_STATED, NOT_STATED, link.display)
            return None
        status = self.words(link.resource.element.one("verificationStatus"))
        if status & {"entered-in-error", "refuted"}:
            self.note(owner, f"the reason is {min(status)}", reference.pointer)
            return None
        element = link.resource.element.one("code")
        return self._reason(element) if element else None

    def words(self, element: Element | None) -> set[str]:
        """Return the codes of a status, whatever their system."""
        found = self.concept(element)
        return {coding.code for coding in found.codings} if found else set()

    def _medication(self, medication: Resource) -> Concept | None:
        element = medication.element
        if element.word("status") == "entered-in-error":
            self.note(medication, "entered in error")
            return None
        found = self.concept(element.one("code"))
        if found is not None and (found.codings or found.text):
            return found
        parts = [part.one("itemCodeableConcept") for part in element.many("ingredient")]
        return self.concept(parts[0]) if len(parts) == 1 else None

    @cached_property
    def insured(self) -> list[Resource]:
        """The Coverages of the person that are in force."""
        found = []
        for coverage in self.resources.of("Coverage"):
            status = coverage.element.word("status")
            if self.subject.owns(coverage, self.resources) is not True:
                self.note(coverage, "the coverage is not of the order's patient, or cannot be told")
            elif status not in {None, "active"}:
                self.note(coverage, f"the status of the coverage is {show(status)}")
            else:
                found.append(coverage)
        return found


def _listed(codings: list[Coding]) -> str:
    return ", ".join(dict.fromkeys(coding.display or coding.code for coding in codings))
