"""The digest of a case that was read from FHIR, wherever in the document its records stand."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from reasoner.case.digest import case_digest
from reasoner.model import Allergy, Answer, Case, Condition, Dose, Observation, Request, Therapy

__all__ = ["digest"]

_Sourced = TypeVar("_Sourced", Allergy, Answer, Condition, Dose, Observation, Request, Therapy)


def digest(case: Case) -> str:
    """Return the digest of *case* without the places of its records: their order is no matter."""
    return case_digest(
        replace(
            case,
            request=_placeless(case.request),
            conditions=tuple(map(_placeless, case.conditions)),
            therapies=tuple(map(_placeless, case.therapies)),
            observations=tuple(map(_placeless, case.observations)),
            doses=tuple(map(_placeless, case.doses)),
            allergies=tuple(map(_placeless, case.allergies)),
            answers=tuple(map(_placeless, case.answers)),
        )
    )


def _placeless(record: _Sourced) -> _Sourced:
    source = record.source
    if source is None or source.reference is None:
        return record
    document = None if source.line is not None else source.document  # a file of a bulk export
    source = replace(source, document=document, line=None, pointer=None)
    return replace(record, source=source)
