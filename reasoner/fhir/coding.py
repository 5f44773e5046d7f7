"""Codes as FHIR writes them: CodeableConcepts and Codings, and what they are read as."""

from __future__ import annotations

from dataclasses import dataclass

from reasoner.fhir.element import Element
from reasoner.model import Coding
from reasoner.terminology import Row, Terminology

__all__ = [
    "CONDITION_SYSTEMS",
    "DRUG_SYSTEMS",
    "NOT_STATED",
    "TEST_SYSTEMS",
    "Concept",
    "concept",
    "meanings",
]

NOT_STATED = "not stated"
"""The code of what is there and has none; its system is this word too."""

CONDITION_SYSTEMS = ("icd-10-cm", "snomed")
DRUG_SYSTEMS = ("rxnorm", "ndc", "snomed", "hcpcs")
TEST_SYSTEMS = ("loinc", "snomed")


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept: its codings in order, where each stands, and its text.

    A system goes by its short name, or by its address where no table knows it.
    """

    element: Element
    codings: tuple[Coding, ...]
    pointers: tuple[str, ...]
    text: str | None

    @property
    def name(self) -> str | None:
        """What it is called: its text, else the first display."""
        displays = (coding.display for coding in self.codings if coding.display)
        return self.text or next(displays, None)

    def codes(self, *systems: str) -> list[Coding]:
        """Return the codings of *systems*, once each, with the text where one has no display."""
        found = {
            (coding.system, coding.code): Coding(
                coding.code, coding.system, coding.display or self.text
            )
            for coding in reversed(self.codings)
            if coding.system in systems
        }
        return list(reversed(found.values()))

    def read(self, terminology: Terminology, *systems: str, words: bool = False) -> list[Coding]:
        """Return the codings to read: those of *systems*, else what else there is, else none.

        With *words*, a text alone that the tables have for one thing is read as its code.
        Of several, one that the tables do not know adds nothing beside one that they do.
        """
        found = self.codes(*systems)
        if not found:
            return (words and self._worded(terminology, systems)) or self._foreign()
        told = [
            coding
            for coding in found
            if coding.system in terminology.ranged or terminology.rows(coding.system, coding.code)
        ]
        return told or found[:1]

    def _worded(self, terminology: Terminology, systems: tuple[str, ...]) -> list[Coding]:
        if self.text is None or self.codings:
            return []
        named = [row for row in terminology.named(self.text) if row.system in systems]
        if len({row.concept for row in named}) != 1:
            return []
        row = min(named, key=lambda row: row.valid_from is not None)
        return [Coding(row.code, row.system, self.text)]

    def _foreign(self) -> list[Coding]:
        for coding in self.codings:
            return [Coding(coding.code, coding.system, coding.display or self.text)]
        if self.text is None:
            return []
        code = " ".join(self.text.split()) if not self.text.isprintable() else self.text
        return [Coding(code if code.isprintable() else NOT_STATED, NOT_STATED, self.text)]


def concept(element: Element, terminology: Terminology) -> Concept:
    """Read a CodeableConcept; a coding without a code says nothing and is left out."""
    codings: list[Coding] = []
    pointers: list[str] = []
    for coding in element.many("coding"):
        code = coding.word("code")
        system = coding.word("system")
        display = coding.text("display")
        if code is not None:
            name = NOT_STATED if system is None else terminology.system(system)
            codings.append(Coding(code, name, display))
            pointers.append(coding.pointer)
    return Concept(element, tuple(codings), tuple(pointers), element.text("text"))


def meanings(coding: Coding, terminology: Terminology) -> frozenset[str]:
    """Return the concepts that the tables give to a code: none if they do not know it."""
    rows: tuple[Row, ...] = terminology.rows(coding.system, coding.code)
    return frozenset(row.concept for row in rows)
