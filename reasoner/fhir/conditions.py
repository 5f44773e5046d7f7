"""Conditions of a chart: what was diagnosed, and whether it still stands."""

from __future__ import annotations

from typing import Final

from reasoner.case.place import show
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import CONDITION_SYSTEMS, NOT_STATED, Concept
from reasoner.fhir.element import Element, bound
from reasoner.fhir.resource import Resource
from reasoner.model import Coding, Condition, Status
from reasoner.terminology import normal_display

__all__ = ["conditions", "status_of", "void"]

_CLINICAL: Final[dict[str, Status]] = {
    "active": "active", "recurrence": "active", "relapse": "active",
    "inactive": "resolved", "resolved": "resolved",
}  # fmt: skip
_VERIFIED: Final[dict[str, Status]] = {
    "refuted": "ruled_out",
    "unconfirmed": "unconfirmed", "provisional": "unconfirmed", "differential": "unconfirmed",
}  # fmt: skip
_UNREAD_ENDS: Final = (
    "abatementPeriod", "abatementAge", "abatementRange", "abatementString",
)  # fmt: skip


def conditions(chart: Chart) -> list[Condition]:
    """Read the Conditions: one record a coding, the further ones as `Condition/x#2`."""
    found: list[Condition] = []
    for resource, documented in chart.records("Condition"):
        element = resource.element
        if void(chart, resource):
            continue
        end = element.day("abatementDateTime") or bound(element, "abatementPeriod", "end")
        status = status_of(chart, resource)
        if status == "active" and end is None and (name := _unread_end(element)):
            reason = "it is active, and has an end that is not read: it may be over"
            chart.note(resource, reason, element.at(name))
            status = None
        coded = chart.concept(element.one("code"))
        for key, coding in chart.numbered(resource, _voices(chart, resource, coded)):
            words = coding.system == NOT_STATED and coding.display is not None
            record = Condition(
                id=key,
                code=None if words else coding.code,
                system=CONDITION_SYSTEMS[0] if words else coding.system,
                display=coding.display,
                status=status,
                onset=element.day("onsetDateTime") or bound(element, "onsetPeriod", "start"),
                recorded=element.day("recordedDate"),
                end=end,
                documented=documented,
                source=chart.cited(resource, *_evidence(element)),
            )
            found.append(record)
    return found


def _voices(chart: Chart, resource: Resource, coded: Concept | None) -> list[Coding]:
    """Return the codings to read, and the text beside them where it says more than they do.

    Words stand without a code: that they are a text is not what a code of theirs would say.
    """
    if coded is not None and not coded.codings and coded.text is not None:
        if not chart.terminology.named(coded.text):
            chart.note(resource, "the record has no code of a system that is read here")
        return [Coding(NOT_STATED, NOT_STATED, coded.text)]
    read = chart.codings(resource, coded, CONDITION_SYSTEMS)
    text = coded.text if coded else None
    if text is None or normal_display(text) in {normal_display(one.display or "") for one in read}:
        return read
    if not chart.terminology.named(text):
        at = coded.element.at("text") if coded else None
        chart.note(resource, f"the text beside the code is not read: {show(text)}", at)
        return read
    return [*read, Coding(NOT_STATED, NOT_STATED, text)]


def _unread_end(element: Element) -> str | None:
    """Return the field that states an end and no day of it, or None."""
    return next((name for name in _UNREAD_ENDS if element.fields.get(name)), None)


def _evidence(element: Element) -> list[Element]:
    return [one for part in element.many("evidence") for one in part.many("detail")]


def void(chart: Chart, resource: Resource) -> bool:
    """Say, and note, whether *resource* was entered in error."""
    if "entered-in-error" not in chart.words(resource.element.one("verificationStatus")):
        return False
    chart.note(resource, "entered in error")
    return True


def status_of(chart: Chart, resource: Resource) -> Status | None:
    """Return what the two statuses say together; what is unreadable leaves it open.

    A remission leaves it open too: the disease is there, and may not be felt.
    """
    element = resource.element
    verified = chart.words(element.one("verificationStatus"))
    name, words = "verificationStatus", verified - {"confirmed"}
    told: set[Status | None] = {_VERIFIED.get(word) for word in words}
    if not words and (verified or element.fields.get(name) is None):
        name, words = "clinicalStatus", chart.words(element.one("clinicalStatus"))
        told = {_CLINICAL.get(word) for word in words}
    if len(told) == 1 and None not in told:
        return told.pop()
    if words == {"remission"}:
        chart.note(resource, "a remission is neither active nor resolved", element.at(name))
    elif element.fields.get(name) is not None:
        said = show(", ".join(sorted(words)) or None)
        chart.note(resource, f"the status cannot be read: {said}", element.at(name))
    return None
