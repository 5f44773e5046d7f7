"""A Claim for prior authorization (Da Vinci PAS) as the request, or beside the order."""

from __future__ import annotations

from msgspec.structs import replace

from reasoner.case.place import show
from reasoner.errors import CaseError
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import CONDITION_SYSTEMS, NOT_STATED, concept
from reasoner.fhir.element import Element
from reasoner.fhir.items import items_of, total
from reasoner.fhir.order import Drug, plan_of, refuse_altered
from reasoner.fhir.resource import Resource, Resources
from reasoner.model import Coding, Condition, Request
from reasoner.terminology import Terminology

__all__ = ["REQUESTED", "diagnoses", "find_claim", "ordered_by", "read_claim"]

REQUESTED = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-requestedService"


def find_claim(resources: Resources) -> Resource | None:
    """Return the Claim that asks for authorization, if the document has one.

    Raises:
        CaseError: it has several, or one that asks for nothing.
    """
    claims = [one for one in resources.asking if one.type == "Claim"]
    asking = [one for one in claims if one.element.word("use") != "claim"]
    if len(asking) > 1:
        asking = [one for one in asking if one is resources.all[0]] or asking
    if len(asking) > 1:
        names = ", ".join(show(one.key) for one in asking[:5])
        raise asking[0].element.fault(
            "fhir.order",
            f"it cannot be told which Claim is the request: {names}",
            hint="put it first in the Bundle",
        )
    for claim in claims:
        if claim not in asking:
            resources.note(claim.unread("a claim for payment asks for no authorization"))
    if not asking:
        return None
    status = asking[0].element.word("status")
    if status not in {None, "active", "draft"}:
        raise asking[0].element.fault(
            "fhir.order", f"the status of the Claim is {show(status)}", "status",
            hint="a request is active",
        )  # fmt: skip
    return asking[0]


def ordered_by(resources: Resources, claim: Resource) -> Resource | None:
    """Return the MedicationRequest that *claim* points at, or None.

    Raises:
        CaseError: it points at several.
    """
    references = [one for one in [claim.element.one("prescription")] if one]
    for item in claim.element.many("item"):
        references += _requested(item)
    found: list[Resource] = []
    for reference in references:
        types = ("MedicationRequest", "ServiceRequest", "DeviceRequest", "VisionPrescription")
        link = resources.follow(claim, reference, *types)
        if link.resource and link.resource.type == "MedicationRequest":
            found.append(link.resource)
    names = dict.fromkeys(one.key for one in found)
    if len(names) > 1:
        raise claim.element.fault(
            "fhir.order",
            f"the Claim asks for several orders: {', '.join(map(show, names))}",
            "item",
            hint="send one request for each",
        )
    return found[0] if found else None


def read_claim(chart: Chart, claim: Resource, order: Request | None) -> Request:
    """Return what *claim* asks for; what *order*, its prescription, says comes first.

    Raises:
        CaseError: it asks for nothing, or for several products.
    """
    refuse_altered(chart, claim)
    items = items_of(chart, claim)
    products = {item.drug for item in items}
    if len(products) > 1 or (order is None and not items):
        asked = "several products" if items else "nothing"
        raise claim.element.fault(
            "fhir.order",
            f"the Claim asks for {asked}",
            "item",
            hint="send one request for each product, with `productOrService`",
        )
    drug = items[0].drug if items else Drug()
    insurance = [one for part in _focal(claim) if (one := part.one("coverage"))]
    request = Request(
        received=claim.element.day("created"),
        plan=plan_of(chart, claim, insurance),
        product=drug.product,
        code=drug.code,
        system=drug.system,
        hcpcs=drug.hcpcs,
        quantity=total([item.quantity for item in items]),
        service_dates=tuple(dict.fromkeys(day for item in items for day in item.days)),
        indication=_indication(chart, claim),
        source=claim.source,
    )
    return request if order is None else _together(chart, claim, order, request)


def diagnoses(chart: Chart, claim: Resource, request: Request) -> list[Condition]:
    """Return the diagnoses of *claim* beside the indication: claimed, and in no chart yet."""
    found: list[Condition] = []
    for part in claim.element.many("diagnosis"):
        for coding in _codings(chart.terminology, part):
            if request.indication and coding.code == request.indication.code:
                continue
            found.append(
                Condition(
                    id=f"{claim.key}#diagnosis{part.pointer.rsplit('/', 1)[-1]}",
                    code=coding.code,
                    system=coding.system,
                    display=coding.display,
                    documented=False,
                    source=replace(claim.source, pointer=part.pointer),
                )
            )
    return found


def _requested(item: Element) -> list[Element]:
    return [
        reference
        for extension in item.many("extension")
        if extension.text("url") == REQUESTED
        and (reference := extension.one("valueReference")) is not None
    ]


def _focal(claim: Resource) -> list[Element]:
    parts = list(claim.element.many("insurance"))
    return [part for part in parts if part.flag("focal")] or parts


# --- diagnoses -------------------------------------------------------------------------


def _indication(chart: Chart, claim: Resource) -> Coding | None:
    """Return the only diagnosis of the items; several that are not one are not readable."""
    parts = list(claim.element.many("diagnosis"))
    wanted = {at for item in claim.element.many("item") for at in item.numbers("diagnosisSequence")}
    if wanted:
        parts = [part for part in parts if part.whole("sequence") in wanted]
    if len(parts) > 1:
        parts = [part for part in parts if _is_principal(chart, part)] or parts
    if not parts:
        return None
    read = [_diagnosis(chart, claim, part) for part in parts]
    if len({(one.system, one.code) for one in read}) == 1:
        return read[0]
    said = ", ".join(show(one.display or one.code) for one in read[:5])
    chart.note(claim, f"the claim is for several diagnoses: {said}", claim.element.at("diagnosis"))
    return Coding(NOT_STATED, NOT_STATED, said)


def _is_principal(chart: Chart, part: Element) -> bool:
    return any("principal" in chart.words(kind) for kind in part.many("type"))


def _diagnosis(chart: Chart, claim: Resource, part: Element) -> Coding:
    found = _codings(chart.terminology, part)
    if found:
        return found[0]
    reference = part.one("diagnosisReference")
    link = chart.resources.follow(claim, reference, "Condition") if reference else None
    code = link.resource.element.one("code") if link and link.resource else None
    read = (
        concept(code, chart.terminology).read(chart.terminology, *CONDITION_SYSTEMS, words=True)
        if code
        else []
    )
    return read[0] if read else Coding(NOT_STATED, NOT_STATED)


def _codings(terminology: Terminology, part: Element) -> list[Coding]:
    coded = part.one("diagnosisCodeableConcept")
    if coded is None:
        return []
    return concept(coded, terminology).read(terminology, *CONDITION_SYSTEMS, words=True)[:1]


# --- beside the order ------------------------------------------------------------------


def _together(chart: Chart, claim: Resource, order: Request, billed: Request) -> Request:
    """Return *order* with what only the claim says, and the amount as it is billed."""
    units = billed.quantity if billed.quantity and billed.quantity.unit == "unit" else None
    quantity = order.quantity or billed.quantity
    days = order.service_dates or billed.service_dates
    if order.service_dates and billed.service_dates:
        span = (billed.service_dates[0].first, billed.service_dates[-1].last)
        if any(day.first < span[0] or day.last > span[1] for day in order.service_dates):
            chart.note(claim, "the days of the claim are not those of the order")
            days = ()
    if order.hcpcs and billed.hcpcs and order.hcpcs != billed.hcpcs:
        codes = f"{show(order.hcpcs)} and {show(billed.hcpcs)}"
        raise CaseError(
            "fhir.order",
            f"order and Claim are for different products: {codes}",
            where=f"{claim.element.where} {claim.element.at('item')}",
            hint="let the Claim point at its own order",
        )
    return replace(
        order,
        received=billed.received or order.received,
        plan=billed.plan or order.plan,
        product=order.product or billed.product,
        code=order.code or billed.code,
        system=order.system or billed.system if not order.code else order.system,
        hcpcs=order.hcpcs or billed.hcpcs,
        quantity=quantity,
        billed_units=int(units.value) if units and order.quantity else None,
        service_dates=days,
        indication=order.indication or billed.indication,
    )
