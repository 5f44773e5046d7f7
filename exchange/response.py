"""A decision as the response of a prior authorization: a Da Vinci PAS Bundle, version 2.2.1.

The ClaimResponse stands first; whom it names comes with it, as the request had them. Every
extension and code is one that the guide names; nothing of X12 stands here but action codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from exchange.asked import Asked
from exchange.bundle import Entries, collection
from exchange.element import Element, absent, coded, identity, instant, present
from exchange.lines import Line
from exchange.reasons import PENDED, ReasonCodes
from exchange.review import ACTIONS, Review
from reasoner.decision import Decision
from reasoner.errors import UsageError

__all__ = ["Answer", "response_bundle"]

_PAS: Final = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition"
_CLAIM_TYPE: Final = "http://terminology.hl7.org/CodeSystem/claim-type"
_ADJUDICATION: Final = "http://terminology.hl7.org/CodeSystem/adjudication"
_GRANTED: Final = ("A1", "A6")


class Answer(msgspec.Struct, frozen=True):
    """What is answered: a *decision* under a *review*, in *notes* of the language *lang*.

    *lines* are the items of the Claim; without them, the review holds for each.
    """

    decision: Decision
    review: Review
    notes: tuple[str, ...]
    lang: str
    codes: ReasonCodes = {}
    pre_auth_ref: str | None = None
    lines: tuple[Line, ...] = ()

    def line(self, at: int) -> Line:
        """What is said of the item at place *at* of the Claim, from 0."""
        return self.lines[at] if self.lines else Line(self.review.action)

    @property
    def day(self) -> str:
        """The day of the decision.

        Raises:
            UsageError: it has none, and no clock is read.
        """
        if self.decision.decided_on is None:
            raise UsageError(
                "usage.decided_on",
                "a response needs its day, and the request states none",
                where="--decided-on",
                hint="write --decided-on YYYY-MM-DD",
            )
        return self.decision.decided_on


def response_bundle(asked: Asked, answer: Answer) -> Element:
    """Return the response to *asked*: a collection with the ClaimResponse first.

    Raises:
        UsageError: the decision has no day.
    """
    seed = identity(
        asked.seed,
        msgspec.json.encode(answer.decision).decode(),
        msgspec.json.encode((answer.review, answer.notes, answer.pre_auth_ref)).decode(),
    )
    entries = Entries(seed)
    parties = {
        "patient": asked.party("patient", "Patient"),
        "insurer": asked.party("insurer", "Organization"),
        "requestor": asked.party("provider", "Organization", "Practitioner", "PractitionerRole"),
    }
    entries.add(_claim_response(asked, answer, parties, seed), seed)
    for entry in asked.included(list(parties.values())):
        entries.keep(entry["fullUrl"], entry["resource"])
    return collection(entries, seed, answer.day, f"{_PAS}/profile-pas-response-bundle")


def _claim_response(
    asked: Asked, answer: Answer, parties: Mapping[str, Element | None], seed: str
) -> Element:
    review = answer.review
    granted = review.action in _GRANTED
    items = asked.items
    language = {"coding": [{"system": "urn:ietf:bcp:47", "code": answer.lang}]}
    identifier = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{identity(seed, 'answer')}"}
    return present(
        resourceType="ClaimResponse",
        meta={"profile": [f"{_PAS}/profile-claimresponse"]},
        extension=[_reviewer(review)],
        identifier=[identifier],
        status="active",
        type=asked.fields.get("type") or coded(_CLAIM_TYPE, "professional"),
        use="preauthorization",
        patient=parties["patient"] or absent(),
        created=instant(answer.day),
        insurer=parties["insurer"] or absent(),
        requestor=parties["requestor"],
        request=_request(asked.fields),
        outcome="complete",
        preAuthRef=answer.pre_auth_ref if granted else None,
        item=[
            {
                "itemSequence": _sequence(item, at + 1),
                **_notes(answer, at),
                "adjudication": [_adjudication(answer, answer.line(at))],
            }
            for at, item in enumerate(items)
        ],
        addItem=[
            _authorized(item, at, answer)
            for at, item in enumerate(items)
            if answer.line(at).action == "A6"
        ]
        or None,
        processNote=[
            {"number": number, "type": "display", "text": note, "language": language}
            for number, note in enumerate(answer.notes, 1)
        ],
    )


def _notes(answer: Answer, at: int) -> Element:
    """Return which notes belong to an item: the last one where it asks for something else."""
    count = len(answer.notes)
    if not count:
        return {}
    return {"noteNumber": [count] if answer.line(at).other else list(range(1, count + 1))}


def _reviewer(review: Review) -> Element:
    """Return whether a person has reviewed it; the guide has a place for a number, not a name."""
    flag = {"url": "wasHumanReviewedFlag", "valueBoolean": review.by is not None}
    return {"url": f"{_PAS}/extension-claimResponseReviewer", "extension": [flag]}


def _request(claim: Mapping[str, Any]) -> Element:
    """Return the Claim by its identifier: it is the sender's, and does not come along."""
    identifiers = claim.get("identifier")
    if isinstance(identifiers, list) and identifiers:
        return {"type": "Claim", "identifier": identifiers[0]}
    return absent()


def _adjudication(answer: Answer, line: Line) -> Element:
    action = line.action
    code = {"coding": [{"system": ACTIONS, "code": action}]}
    parts = [{"url": f"{_PAS}/extension-reviewActionCode", "valueCodeableConcept": code}]
    if answer.pre_auth_ref and action in _GRANTED:
        parts.append({"url": "number", "valueString": answer.pre_auth_ref})
    parts += [
        {"url": "reasonCode", "valueCodeableConcept": reason}
        for reason in ([] if line.other else _reasons(answer, action))
    ]
    return {
        "extension": [{"url": f"{_PAS}/extension-reviewAction", "extension": parts}],
        "category": coded(_ADJUDICATION, "submitted"),
    }


def _reasons(answer: Answer, action: str) -> list[Element]:
    """Return the codes of what stands; a draft has none of its own."""
    if action == "A1":
        return []
    grounds = answer.decision.grounds if action != "A4" else (PENDED,)
    names = [one for ground in grounds for one in ([ground] if isinstance(ground, str) else ground)]
    return [answer.codes[name] for name in dict.fromkeys(names) if name in answer.codes]


def _authorized(item: Mapping[str, Any], at: int, answer: Answer) -> Element:
    """Return what is authorized in the place of *item*, the one at place *at*."""
    line = answer.line(at)
    amount = answer.decision.quantity.approved or {}
    own = {"value": line.amount, "unit": line.unit} if line.amount is not None else None
    return present(
        itemSequence=[_sequence(item, at + 1)],
        productOrService=item.get("productOrService") or absent(),
        servicedDate=item.get("servicedDate"),
        servicedPeriod=item.get("servicedPeriod"),
        quantity=own or _amount(item, amount),
        noteNumber=list(range(1, len(answer.notes) + 1)),
        adjudication=[_adjudication(msgspec.structs.replace(answer, codes={}), Line("A1"))],
    )


def _amount(item: Mapping[str, Any], approved: Mapping[str, int]) -> Element | None:
    """Return the approved amount in the unit of *item*: as billed, where it has a billing code.

    Where it names no unit of the policy, in the first of them.
    """
    told = item.get("quantity") or {}
    word = f"{told.get('unit') or told.get('code') or ''}".lower()
    codings = (item.get("productOrService") or {}).get("coding") or []
    billed = any("hcpcs" in str(one.get("system")).lower() for one in codings)
    stated = [unit for unit in approved if word and unit in (word, f"{word}s")]
    unit = next(
        iter([*stated, *(["units"] if billed and "units" in approved else []), *approved]), ""
    )
    return present(value=approved.get(unit), unit=unit) or None


def _sequence(item: Mapping[str, Any], at: int) -> int:
    found = item.get("sequence")
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else at
