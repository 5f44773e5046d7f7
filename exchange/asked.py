"""The request as it arrived: its Claim, whom it names, and the resources that it came with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.element import Element, identity
from reasoner.case.document import check_text
from reasoner.case.place import Fault
from reasoner.fhir.chart import Chart
from reasoner.fhir.claim import REQUESTED, find_claim
from reasoner.fhir.element import Element as Read
from reasoner.fhir.items import Item, items_of
from reasoner.fhir.resource import Resource, Resources
from reasoner.fhir.subject import subject_of
from reasoner.terminology import Terminology

__all__ = ["Asked", "as_it_came", "asked"]

_ORDERS: Final = ("MedicationRequest", "ServiceRequest", "DeviceRequest")


@dataclass(frozen=True)
class Asked:
    """A request for prior authorization: its *claim*, and its *order* if it points at one.

    *seed* makes the full URLs of what came without one.
    """

    resources: Resources
    claim: Resource
    order: Resource | None
    seed: str

    @property
    def fields(self) -> Mapping[str, Any]:
        """The Claim as it came."""
        return self.claim.element.fields

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """The items of the Claim as they came."""
        return [one.fields for one in self.claim.element.many("item")]

    def wanted(self, terminology: Terminology) -> list[Item]:
        """Return the items that ask for the product of the Claim, and not for a service.

        Raises:
            CaseError: one of them is changed in a way unknown here.
        """
        chart = Chart(self.resources, subject_of(self.claim, self.resources), terminology)
        return items_of(chart, self.claim)

    def party(self, name: str, *types: str) -> Element | None:
        """Return the reference that the Claim holds as *name*.

        It leads to the full URL of what came with the request. What did not come is named
        as it was, by identifier or display, and nothing is promised to be there.
        """
        reference = self.claim.element.one(name)
        if reference is None:
            return None
        link = self.resources.follow(self.claim, reference, *types)
        if link.resource is not None:
            return {"reference": self._url(link.resource)}
        kept = {key: reference.fields[key] for key in ("identifier", "display")
                if key in reference.fields}  # fmt: skip
        return kept or None

    def coverage(self) -> Element:
        """Return the reference to the Coverage of the order, as a server has it."""
        for part in self.claim.element.many("insurance"):
            reference = part.one("coverage")
            if reference is None:
                continue
            link = self.resources.follow(self.claim, reference, "Coverage")
            name = link.resource.element.word("id") if link.resource else None
            if name:
                return {"reference": f"Coverage/{name}"}
            if link.display:
                return {"display": link.display}
        return {"display": "Coverage"}

    def included(self, references: Sequence[Element | None]) -> list[dict[str, Any]]:
        """Return the entries that *references* lead to, with all that these point at.

        Raises:
            CaseError: one of them holds text that nothing can be written with.
        """
        by_url = {self._url(one): one for one in self.resources.all}
        waiting = [one["reference"] for one in references if one and "reference" in one]
        entries: dict[str, dict[str, Any]] = {}
        while waiting:
            url = waiting.pop(0)
            if url in entries or url not in by_url:
                continue
            resource = by_url[url]
            entries[url] = {"fullUrl": url, "resource": as_it_came(resource)}
            waiting += [self._url(below) for below in self._below(resource)]
        return list(entries.values())

    def _below(self, owner: Resource) -> Iterator[Resource]:
        types = {one.type for one in self.resources.all}
        for reference in _references(owner.element):
            link = self.resources.follow(owner, reference, *types)
            if link.resource is not None and link.resource.parent is None:
                yield link.resource

    def _url(self, resource: Resource) -> str:
        return resource.url or f"urn:uuid:{identity(self.seed, resource.key)}"


def as_it_came(resource: Resource) -> Element:
    """Return what *resource* holds, to be written again.

    Raises:
        CaseError: it holds text that is too long, or that nobody can see.
    """
    fields = dict(resource.element.fields)
    try:
        check_text(fields)
    except Fault as fault:
        raise resource.element.fault(
            fault.code, fault.message, *fault.path, hint=fault.hint
        ) from None
    return fields


def asked(documents: Sequence[Element], where: str, seed: str) -> Asked | None:
    """Return the request that *documents* hold, what is laid over first; None without a Claim.

    Raises:
        CaseError: they are no FHIR, or hold several requests.
    """
    resources = Resources()
    for document in documents:
        resources.add(Read(document, where, ""))
    claim = find_claim(resources)
    if claim is None:
        return None
    return Asked(resources, claim, _order(resources, claim), seed)


def _order(resources: Resources, claim: Resource) -> Resource | None:
    """Return the order that *claim* is for, the first of several: a drug or a service."""
    references = [claim.element.one("prescription")]
    for item in claim.element.many("item"):
        extensions = item.many("extension")
        references += [
            one.one("valueReference") for one in extensions if one.fields.get("url") == REQUESTED
        ]
    for reference in references:
        if reference is not None:
            link = resources.follow(claim, reference, *_ORDERS)
            if link.resource is not None:
                return link.resource
    return None


def _references(element: Read) -> Iterator[Read]:
    """Yield every reference in a resource, at any depth."""
    waiting: list[Any] = [element.fields]
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, Mapping):
            if isinstance(found.get("reference"), str):
                yield Read(found, element.where, element.pointer)
            waiting += found.values()
