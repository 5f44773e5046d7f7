"""Elements of FHIR as plain data, and the names that the standard gives them."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from reasoner.model import Coding, Quantity

__all__ = [
    "Element",
    "Systems",
    "absent",
    "codeable",
    "coded",
    "identity",
    "instant",
    "measure",
    "present",
    "to_json",
]

Element: TypeAlias = dict[str, Any]
"""A resource or a part of one: JSON as FHIR has it, numbers exact."""

Systems: TypeAlias = Mapping[str, str]
"""The address of each code system by its short name: `systems.addresses`."""

_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_UCUM: Final = {"mg": "mg", "mL": "mL"}
_CODE: Final = re.compile(r"[^\s]+( [^\s]+)*")


def present(**fields: object) -> Element:
    """Return the element of *fields*, without those that state nothing.

    >>> present(status="active", note=None, coding=[])
    {'status': 'active'}
    """
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}


def absent() -> Element:
    """Return an element that must be there and that nobody stated."""
    return {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}


def coded(system: str, code: str) -> Element:
    """Return a CodeableConcept of one code of FHIR's own.

    >>> coded("http://loinc.org", "LA6577-6")
    {'coding': [{'system': 'http://loinc.org', 'code': 'LA6577-6'}]}
    """
    return {"coding": [{"system": system, "code": code}]}


def codeable(codings: Iterable[Coding], text: str | None, systems: Systems) -> Element:
    """Return a CodeableConcept; a code that FHIR cannot write is left out."""
    written = [
        present(
            system=_address(coding.system, systems),
            code=coding.code,
            display=coding.display,
        )
        for coding in codings
        if _CODE.fullmatch(coding.code)
    ]
    return present(coding=written, text=text)


def _address(system: str, systems: Systems) -> str | None:
    address = systems.get(system, system)
    return None if re.search(r"\s", address) else address


def measure(quantity: Quantity) -> Element:
    """Return a Quantity; milligrams and millilitres with their code in UCUM.

    >>> from decimal import Decimal
    >>> measure(Quantity(Decimal(5), "vial"))
    {'value': Decimal('5'), 'unit': 'vial'}
    """
    code = _UCUM.get(quantity.unit)
    system = "http://unitsofmeasure.org" if code else None
    return present(value=quantity.value, unit=quantity.unit, system=system, code=code)


def identity(*parts: str) -> str:
    """Return a UUID that is the same for the same *parts*, and another for others.

    Its version is 5, a name made into a UUID; the digest is SHA-256, as elsewhere here.
    """
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def instant(day: str) -> str:
    """Return the start of *day* as an instant: no time of day is known, and none is read.

    >>> instant("2026-03-09")
    '2026-03-09T00:00:00Z'
    """
    return f"{day}T00:00:00Z"


def to_json(resource: Element, *, compact: bool = False) -> bytes:
    """Return *resource* as JSON, numbers as they were written."""
    import msgspec

    data = msgspec.json.Encoder(decimal_format="number").encode(resource)
    return data if compact else msgspec.json.format(data, indent=2)
