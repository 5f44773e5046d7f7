"""Which resource is the order, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reasoner.case.place import show
from reasoner.errors import CaseError
from reasoner.fhir.amount import Doses, Note, amount, doses, number
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import DRUG_SYSTEMS, NOT_STATED, Concept, meanings
from reasoner.fhir.element import Element, bound
from reasoner.fhir.resource import Resource, Resources
from reasoner.model import Coding, Day, Quantity, Request
from reasoner.terminology import Terminology

__all__ = ["Drug", "drug_of", "find_order", "plan_of", "read_medication_request", "refuse_altered"]

_INTENTS = (
    "order", "plan", "proposal", "original-order", "reflex-order", "filler-order",
    "instance-order",
)  # fmt: skip
_STATUSES = ("active", "draft", "on-hold")
_DEAD = ("cancelled", "entered-in-error", "stopped")
_UNORDERED = ("searchset", "history", "batch-response", "transaction-response")


# --- which one it is -------------------------------------------------------------------


def find_order(resources: Resources, where: str, pointed: Resource | None) -> Resource:
    """Return the MedicationRequest that is the order.

    It is the one that is *pointed* at, the only one that can be an order, the first entry
    of its Bundle, the focus of a message, or the latest, in this order.

    Raises:
        CaseError: there is none, or nothing says which of several it is.
    """
    if pointed is not None:
        return pointed
    requests = [one for one in resources.asking if one.type == "MedicationRequest"]
    able = [one for one in requests if _is_order(one)]
    if not able:
        return _only(resources, requests, where)
    if len(able) == 1:
        return able[0]
    if named := _focus(resources, able) or _first(resources, able):
        return named
    return _latest(able, where)


def _is_order(resource: Resource) -> bool:
    element = resource.element
    return (
        element.word("intent") in _INTENTS
        and element.word("status") in _STATUSES
        and not element.flag("doNotPerform")
    )


def _only(resources: Resources, requests: list[Resource], where: str) -> Resource:
    """Return the only MedicationRequest although its status or intent is not an order's."""
    alive = [
        one
        for one in requests
        if one.element.word("status") not in _DEAD and not one.element.flag("doNotPerform")
    ]
    if len(alive) == 1:
        status, intent = (alive[0].element.word(name) for name in ("status", "intent"))
        reason = f"read as the order, the only one, with status {show(status)}"
        resources.note(alive[0].unread(f"{reason} and intent {show(intent)}"))
        return alive[0]
    if not requests:
        held = ", ".join(dict.fromkeys(show(one.type).strip("`") for one in resources.all))
        raise CaseError(
            "fhir.order",
            f"there is no order here, only {held[:200] or 'an empty Bundle'}",
            where=where,
            hint="send the MedicationRequest, or a Claim for prior authorization, with the records",
        )
    first = requests[0].element
    status = ", ".join(dict.fromkeys(show(one.element.word("status")) for one in requests[:5]))
    raise first.fault(
        "fhir.order",
        f"no MedicationRequest is in force: the status is {status}",
        "status",
        hint="an order is active, draft or on-hold, and its intent order, plan or proposal",
    )


def _focus(resources: Resources, able: list[Resource]) -> Resource | None:
    for header in resources.of("MessageHeader"):
        for reference in header.element.many("focus"):
            found = resources.follow(header, reference, "MedicationRequest").resource
            if found in able:
                return found
    return None


def _first(resources: Resources, able: list[Resource]) -> Resource | None:
    """Return the first entry where the order of the entries means something."""
    document = resources.document(able[0])
    if document.word("type") in _UNORDERED:
        return None
    return next((one for one in able if one is resources.all[0]), None)


def _latest(able: list[Resource], where: str) -> Resource:
    dated = [(one.element.day("authoredOn"), one) for one in able]
    for day, one in dated:
        if day is not None and all(
            one is other or (before is not None and before.last < day.first)
            for before, other in dated
        ):
            return one
    names = ", ".join(show(one.key) for one in able[:5])
    more = f" and {len(able) - 5} more" if len(able) > 5 else ""  # noqa: PLR2004 - as many as fit
    raise CaseError(
        "fhir.order",
        f"it cannot be told which is the order: {names}{more}",
        where=f"{where} {able[0].element.pointer}".strip(),
        hint="put the order first in the Bundle, date each with `authoredOn`, or lay the request "
        "over the record with `--request FILE`",
    )


# --- what it asks for ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drug:
    """The drug that is asked for, by name, by a code of its own, and by billing code."""

    product: str | None = None
    code: str | None = None
    system: str | None = None
    hcpcs: str | None = None


def drug_of(chart: Chart, order: Resource, found: Concept | None, name: str | None) -> Drug:
    """Return what *found*, called *name*, is: codes that mean several drugs are none."""
    if found is None:
        return Drug(product=name)
    read = found.read(chart.terminology, *DRUG_SYSTEMS)
    billed = found.codes("hcpcs")
    own = [coding for coding in read if coding.system not in {"hcpcs", NOT_STATED}]
    for codings in (own, billed):
        if _disagree(chart, codings):
            said = ", ".join(show(coding.code) for coding in codings[:5])
            chart.note(order, f"the codes mean different drugs: {said}", found.element.pointer)
            return Drug()
    used = own[:1] + billed[:1]
    chart.others(order, found, used)
    return Drug(
        product=found.text or (own[0].display if own else None) or name,
        code=own[0].code if own else None,
        system=own[0].system if own else None,
        hcpcs=billed[0].code if billed else None,
    )


def read_medication_request(chart: Chart, order: Resource) -> Request:
    """Return what *order* asks for; what is not beyond doubt is not stated, and noted."""
    element = order.element
    refuse_altered(chart, order)

    def note(pointer: str, reason: str) -> None:
        chart.note(order, reason, pointer)

    drug = drug_of(chart, order, *chart.medication(order))
    dosed = doses(list(element.many("dosageInstruction")), chart.terminology, note)
    quantity = _quantity(element, dosed, chart.terminology, note)
    at_doses = element.at("dosageInstruction")
    if quantity is None:
        note(at_doses, "how much is asked for in all is not stated beyond doubt")
    if not dosed.days:
        note(at_doses, "the days of the doses are not stated beyond doubt")
    for part in element.many("dosageInstruction"):
        if part.text("text") is not None:
            note(part.at("text"), "free text is not read")
    return Request(
        received=element.day("authoredOn"),
        plan=plan_of(chart, order, list(element.many("insurance"))),
        product=drug.product,
        code=drug.code,
        system=drug.system,
        hcpcs=drug.hcpcs,
        quantity=quantity,
        dosed=dosed.each if quantity and quantity != dosed.total else (),
        service_dates=dosed.days,
        indication=chart.reason(order),
        source=order.source,
    )


def refuse_altered(chart: Chart, order: Resource) -> None:
    """Refuse an order that an extension changes.

    Raises:
        CaseError: it does, and nobody here knows how.
    """
    if chart.alters(order):
        raise order.element.fault(
            "fhir.modifier",
            "`modifierExtension` or `implicitRules` may change what the order means",
            hint="send the order without them",
        )


def _quantity(element: Element, dosed: Doses, tables: Terminology, note: Note) -> Quantity | None:
    """Return the amount to dispense, else that of all doses; None where it is in doubt."""
    dispense = element.one("dispenseRequest")
    told = dispense.one("quantity") if dispense else None
    if dosed.impossible:
        note(element.at("dosageInstruction"), "a dose is no amount: how much is asked for is open")
        return None
    if dispense is None or told is None:
        return dosed.total
    quantity = amount(told, tables, note)
    fill = dispense.one("initialFill")
    repeats = dispense.fields.get("numberOfRepeatsAllowed")
    if dispense.fields.get("modifierExtension"):
        note(dispense.pointer, "`modifierExtension` changes what is to be dispensed")
        return None
    if number(repeats) not in {None, Decimal(0)} or (fill and fill.fields.get("quantity")):
        note(dispense.pointer, "with repeats or a first fill, the amount asked for now is open")
        return None
    total = dosed.total
    if quantity and total and quantity.unit == total.unit and quantity != total:
        amounts = f"{quantity.value} and {total.value} {total.unit}"
        note(told.pointer, f"amount and doses disagree: {amounts}")
        return None
    return quantity


def _disagree(chart: Chart, codings: list[Coding]) -> bool:
    known = [found for coding in codings if (found := meanings(coding, chart.terminology))]
    return any(one.isdisjoint(other) for one in known for other in known)


# --- the plan --------------------------------------------------------------------------


def plan_of(chart: Chart, order: Resource, insurance: list[Element]) -> str | None:
    """Return the name of the plan: of the coverage pointed at, else of the only one."""
    links = [chart.resources.follow(order, one, "Coverage") for one in insurance]
    coverages = [one for one in chart.insured if any(one is link.resource for link in links)]
    if not links and len(chart.insured) == 1:
        coverages = chart.insured
    day = order.element.day("created" if order.type == "Claim" else "authoredOn")
    coverages = [one for one in coverages if not _ended(chart, one, day)]
    names = {name for one in coverages if (name := _plan_name(chart, one))}
    if len(names) > 1:
        said = ", ".join(show(name) for name in sorted(names)[:5])
        chart.note(order, f"the coverages name several plans: {said}")
        return None
    return names.pop() if names else None


def _ended(chart: Chart, coverage: Resource, day: Day | None) -> bool:
    """Say, and note, whether *coverage* was over for certain on the *day* of the request."""
    end = bound(coverage.element, "period", "end")
    if end is None or day is None or end.last >= day.first:
        return False
    chart.note(coverage, f"the coverage ended on {end.text}", coverage.element.at("period", "end"))
    return True


def _plan_name(chart: Chart, coverage: Resource) -> str | None:
    for one in coverage.element.many("class"):
        kind = one.one("type")
        if "plan" in chart.words(kind) or (kind and kind.fields.get("code") == "plan"):
            if name := one.text("name"):
                return name
            chart.note(coverage, "the plan has a number and no name", one.pointer)
    payors = [name for one in coverage.element.many("payor") if (name := one.text("display"))]
    return payors[0] if len(set(payors)) == 1 else None
