"""A decision as coverage information on the order: Da Vinci CRD, version 2.1.

Whatever a person has not confirmed leaves coverage conditional: not-covered is a determination.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from exchange.asked import Asked, as_it_came
from exchange.element import Element, identity
from exchange.response import Answer
from reasoner.errors import CaseError

__all__ = ["annotated_order"]

_URL: Final = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"


def annotated_order(asked: Asked, answer: Answer, questionnaire: str | None) -> Element:
    """Return the order with the extension; *questionnaire* is the canonical of what to ask.

    Raises:
        CaseError: the request has no order.
        UsageError: the decision has no day.
    """
    if asked.order is None:
        raise CaseError(
            "respond.order",
            "coverage information stands on an order, and the Claim points at none",
            where=f"{asked.claim.element.where} {asked.claim.element.at('prescription')}",
            hint="send the MedicationRequest with the Claim",
        )
    fields = as_it_came(asked.order)
    kept = [
        one
        for one in fields.get("extension") or []
        if not (isinstance(one, dict) and one.get("url") == _URL)
    ]
    return {**fields, "extension": [*kept, _information(asked, answer, questionnaire)]}


def _information(asked: Asked, answer: Answer, questionnaire: str | None) -> Element:
    covered, needed = _stands(answer)
    parts: list[dict[str, Any]] = [
        {"url": "coverage", "valueReference": asked.coverage()},
        {"url": "covered", "valueCode": covered},
    ]
    if needed:
        parts.append({"url": "pa-needed", "valueCode": needed})
    if answer.decision.missing:
        parts.append({"url": "doc-needed", "valueCode": "clinical"})
        parts.append({"url": "doc-purpose", "valueCode": "withpa"})
    parts += [{"url": "billingCode", "valueCoding": coding} for coding in _billing(asked)]
    parts += [{"url": "reason", "valueCodeableConcept": {"text": note}} for note in answer.notes]
    if answer.decision.missing and questionnaire:
        parts.append({"url": "questionnaire", "valueCanonical": questionnaire})
    assertion = identity(asked.seed, answer.decision.policy.digest, answer.review.action)
    parts.append({"url": "date", "valueDate": answer.day})
    parts.append({"url": "coverage-assertion-id", "valueString": assertion})
    if needed == "satisfied":
        parts.append({"url": "satisfied-pa-id", "valueString": answer.pre_auth_ref})
    return {"url": _URL, "extension": parts}


def _stands(answer: Answer) -> tuple[str, str | None]:
    """Return whether it is covered, and whether prior authorization is needed.

    It is satisfied only where there is a number to show for it.
    """
    match answer.review.action:
        case "A1" | "A6":
            return "covered", "satisfied" if answer.pre_auth_ref else "auth-needed"
        case "A3":
            return "not-covered", None
        case _:
            return "conditional", "auth-needed"


def _billing(asked: Asked) -> Iterable[Element]:
    """Return the billing codes of the items, once each."""
    found: dict[str, Element] = {}
    for item in asked.items:
        for coding in (item.get("productOrService") or {}).get("coding") or []:
            if "hcpcs" in str(coding.get("system")).lower():
                found.setdefault(str(coding.get("code")), coding)
    return found.values()
