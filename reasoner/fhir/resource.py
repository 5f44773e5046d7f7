"""The resources of a document and what their references lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.case.place import show
from reasoner.fhir.element import Element
from reasoner.model import Source, Unread

__all__ = ["Link", "Resource", "Resources"]

_VERSION = re.compile(r"/_history/[^/]*$")


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource: its *type*, its *key* (the id of its record) and its *element*.

    *url* is the full URL of its entry, *parent* the resource that contains it, *document*
    the number of the document it stands in.
    """

    type: str
    key: str
    element: Element
    url: str | None
    parent: Resource | None
    document: int

    @property
    def source(self) -> Source:
        """Where a record made of this resource was read."""
        return Source(reference=self.key, pointer=self.element.pointer)

    def unread(self, reason: str, pointer: str | None = None) -> Unread:
        """Return the note that this resource, or what is at *pointer*, is not used."""
        return Unread(self.key, self.element.pointer if pointer is None else pointer, reason)


@dataclass(frozen=True, slots=True)
class Link:
    """A reference: its *text* as written, its *display*, and the *resource* it leads to."""

    element: Element
    text: str | None
    display: str | None
    resource: Resource | None


class Resources:
    """The resources of one or two documents, by key and by URL, in the documents' order."""

    def __init__(self) -> None:
        self.all: list[Resource] = []
        self.unread: list[Unread] = []
        self._documents: list[Element] = []
        self._by_url: dict[str, Resource] = {}
        self._by_name: dict[str, list[Resource]] = {}
        self._keys: dict[str, Resource] = {}
        self._used: set[str] = set()
        self._noted: set[Unread] = set()
        self._contained: dict[tuple[int, str], Resource] = {}

    def add(self, document: Element) -> None:
        """Take in a resource or a Bundle; what is there already replaces what it repeats.

        Raises:
            CaseError: it is no FHIR resource, or holds two of one name.
        """
        self._documents.append(document)
        if _type(document) != "Bundle":
            self._add(document, None)
            return
        for entry in document.many("entry"):
            resource = entry.one("resource")
            if resource is None:
                key = entry.text("fullUrl") or entry.pointer
                self.note(Unread(key, entry.pointer, "the entry holds no resource"))
            else:
                self._add(resource, entry.word("fullUrl"))

    @property
    def asking(self) -> list[Resource]:
        """What can hold the order: a request laid over a record goes before the record."""
        found = [one for one in self.of("Claim", "MedicationRequest") if one.parent is None]
        laid_over = [one for one in found if one.document == 0]
        return laid_over or found

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types, contained ones included."""
        return (resource for resource in self.all if resource.type in types)

    def document(self, resource: Resource) -> Element:
        """Return the document that *resource* stands in."""
        return self._documents[resource.document]

    def follow(self, owner: Resource, reference: Element, *types: str) -> Link:
        """Return where *reference*, written in *owner*, leads to; only *types* are let through.

        A reference that leads nowhere, or to something else, is noted as unread.
        """
        text = reference.word("reference")
        display = reference.text("display")
        if text is None:
            return Link(reference, None, display, None)
        found = self._find(owner, text)
        if found is not None and found.type in types:
            self._used.add(found.key)
            return Link(reference, text, display, found)
        reason = f"the reference {show(text)} leads " + (
            "nowhere" if found is None else f"to a {show(found.type).strip('`')}"
        )
        self.note(owner.unread(reason, reference.pointer))
        return Link(reference, text, display, None)

    def is_used(self, resource: Resource) -> bool:
        """Say whether a reference was followed to *resource*."""
        return resource.key in self._used

    def note(self, unread: Unread) -> None:
        """Note that something is not used, once."""
        if unread not in self._noted:
            self._noted.add(unread)
            self.unread.append(unread)

    def _find(self, owner: Resource, text: str) -> Resource | None:
        top = owner.parent or owner
        if text.startswith("#"):
            return self._contained.get((id(top), text[1:])) if text != "#" else top
        text = _VERSION.sub("", text)
        if found := self._by_url.get(text):
            return found
        name = "/".join(text.split("/")[-2:])
        if text == name and top.url and top.url.endswith(f"/{top.type}/{_tail(top.url)}"):
            base = top.url[: -len(f"{top.type}/{_tail(top.url)}")]
            if found := self._by_url.get(base + name):
                return found
        same = self._by_name.get(name, [])
        if text != name:  # an absolute address is not that of an entry with another one
            same = [one for one in same if not one.url or not one.url.startswith("http")]
        same = [one for one in same if one.document == owner.document] or same
        if not same and text == name:  # not as FHIR has it, and still plain
            own = self._contained.get((id(top), _tail(name)))
            same = [own] if own and own.type == name.split("/")[0] else []
        return same[0] if len(same) == 1 else None

    def _add(self, element: Element, url: str | None) -> None:
        kind = _type(element)
        name = element.word("id")
        key = f"{kind}/{name}" if name else url or element.pointer.lstrip("/") or kind
        resource = Resource(kind, key, element, url, None, len(self._documents) - 1)
        if not self._is_new(resource):
            return
        if resource.key in self._keys:  # of another server
            resource = Resource(kind, url or key, element, url, None, resource.document)
        self.all.append(resource)
        self._keys[resource.key] = resource
        if url:
            self._by_url[_VERSION.sub("", url)] = resource
        if name:
            self._by_name.setdefault(key, []).append(resource)
        for below in element.many("contained"):
            self._contain(resource, below)

    def _contain(self, parent: Resource, element: Element) -> None:
        kind = _type(element)
        name = element.word("id")
        key = f"{parent.key}#{name or element.pointer.rsplit('/', 1)[-1]}"
        if key in self._keys:
            raise element.fault(
                "fhir.duplicate",
                f"two contained resources have the id {show(name)}",
                "id",
                hint="give each its own id",
            )
        resource = Resource(kind, key, element, None, parent, parent.document)
        self.all.append(resource)
        self._keys[key] = resource
        if name:
            self._contained[id(parent), name] = resource

    def _is_new(self, resource: Resource) -> bool:
        """Say whether *resource* is none of those already there."""
        before = self._keys.get(resource.key)
        if before is None:
            return True
        if before.document != resource.document:
            reason = "replaced by the same resource of the request laid over"
        elif before.element.fields == resource.element.fields:
            reason = f"the same resource stands at {before.element.pointer}"
        elif resource.url and before.url and resource.url != before.url:
            if resource.url not in self._keys:
                return True
            reason = ""
        else:
            reason = ""
        if not reason:
            raise resource.element.fault(
                "fhir.duplicate",
                f"two different resources are called {show(resource.key)}",
                hint=f"the other stands at {before.element.pointer}; send one version of each",
            )
        self.note(resource.unread(reason))
        return False


def _tail(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def _type(element: Element) -> str:
    kind = element.word("resourceType")
    if kind is None:
        raise element.fault(
            "fhir.resource_type",
            "`resourceType` is missing",
            hint="a FHIR resource or Bundle says what it is",
        )
    return kind
