"""The digest of a case: over what it means, not how it is written."""

from __future__ import annotations

import msgspec

from reasoner.model import Allergy, Answer, Case, Condition, Dose, Observation, Therapy

__all__ = ["case_digest"]

_ENCODER = msgspec.json.Encoder(order="sorted")


def case_digest(case: Case) -> str:
    """Return `sha256:` and the hash of what *case* means, whatever its notation and order."""
    import hashlib

    meaning: dict[str, object] = {
        "answers": sorted(_canonical(answer) for answer in case.answers),
        "complete": sorted(case.complete),
        "conditions": sorted(case.conditions, key=_by_id),
        "doses": sorted(case.doses, key=_by_id),
        "id": case.id,
        "member": case.member,
        "observations": sorted(case.observations, key=_by_id),
        "request": msgspec.structs.replace(
            case.request,
            service_dates=tuple(sorted(case.request.service_dates, key=lambda day: day.text)),
        ),
        "therapies": sorted(case.therapies, key=_by_id),
    }
    if case.allergies:  # a case that has none keeps the digest that it always had
        meaning["allergies"] = sorted(case.allergies, key=_by_id)
    if case.excerpts:
        meaning["excerpts"] = sorted(case.excerpts)
    return f"sha256:{hashlib.sha256(_ENCODER.encode(meaning)).hexdigest()}"


def _canonical(answer: Answer) -> str:
    overrules = tuple(sorted(answer.overrules))
    return _ENCODER.encode(msgspec.structs.replace(answer, overrules=overrules)).decode()


def _by_id(record: Condition | Therapy | Observation | Dose | Allergy) -> str:
    return record.id
