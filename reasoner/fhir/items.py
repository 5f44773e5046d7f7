"""The items of a Claim: which of them ask for the product, how much, and when."""

from __future__ import annotations

from dataclasses import dataclass

from reasoner.case.place import show
from reasoner.errors import CaseError
from reasoner.fhir.amount import amount
from reasoner.fhir.chart import Chart
from reasoner.fhir.coding import Concept
from reasoner.fhir.element import Element
from reasoner.fhir.order import Drug, drug_of
from reasoner.fhir.resource import Resource
from reasoner.model import Day, Quantity

__all__ = ["Item", "items_of", "total"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its drug, whether it is a *service* alone, whether it is *altered*."""

    drug: Drug
    quantity: Quantity | None
    days: tuple[Day, ...]
    service: bool
    altered: bool
    pointer: str


def items_of(chart: Chart, claim: Resource) -> list[Item]:
    """Return the items that ask for a product; where all are services, those of the first.

    What gives a drug is billed beside it, by a code of its own: that is another item, and not
    another product.

    Raises:
        CaseError: the item that asks is changed in a way unknown here.
    """
    items = [_item(chart, claim, item) for item in claim.element.many("item")]
    told = [item for item in items if not item.service]
    if not told and items:
        told = [item for item in items if item.drug == items[0].drug]
    for item in items:
        if item in told and item.altered and not item.service:
            raise CaseError(
                "fhir.modifier",
                "`modifierExtension` may change what the item asks for",
                where=f"{claim.element.where} {item.pointer}",
                hint="send the item without it",
            )
        if item not in told:
            name = show(item.drug.product or item.drug.hcpcs or item.drug.code)
            chart.note(claim, f"another service than the one that is read: {name}", item.pointer)
    return told


def _item(chart: Chart, claim: Resource, item: Element) -> Item:
    def note(pointer: str, reason: str) -> None:
        chart.note(claim, reason, pointer)

    found = chart.concept(item.one("productOrService"))
    drug = drug_of(chart, claim, found, found.name if found else None)
    told = item.one("quantity")
    default = "unit" if drug.hcpcs else None  # a billing code counts billing units
    quantity = amount(told, chart.terminology, note, default=default) if told else None
    return Item(
        drug=drug,
        quantity=quantity,
        days=_serviced(item),
        service=_is_service(chart, found),
        altered=bool(item.fields.get("modifierExtension")),
        pointer=item.pointer,
    )


def _is_service(chart: Chart, found: Concept | None) -> bool:
    """Say whether every code of *found* is one that the tables call a service."""
    tables = chart.terminology
    services = tables.kind("service")
    told = [
        {row.concept for row in tables.rows(one.system, one.code)}
        or {row.concept for row in tables.in_ranges(one.system, one.code)}
        for one in (found.codings if found else ())
    ]
    return bool(told) and all(concepts and concepts <= services for concepts in told)


def _serviced(item: Element) -> tuple[Day, ...]:
    """Return the day of service, or the first and the last of its period."""
    day = item.day("servicedDate")
    period = item.one("servicedPeriod")
    if day is not None or period is None:
        return (day,) if day else ()
    days = (period.day("start"), period.day("end"))
    return tuple(dict.fromkeys(day for day in days if day))


def total(quantities: list[Quantity | None]) -> Quantity | None:
    """Return the sum of amounts of one unit, or None."""
    units = {one.unit if one else None for one in quantities}
    told = [one for one in quantities if one]
    if len(units) != 1 or not told:
        return None
    return Quantity(sum((one.value for one in told[1:]), told[0].value), told[0].unit)
