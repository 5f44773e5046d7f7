"""The resources of a document and what their references lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reasoner.case.place import show
from reasoner.fhir.element import Element
from reasoner.model import Source, Unread

__all__ = ["Link", "Resource", "Resources"]

_MAY_BE_EMPTY = ("batch", "transaction", "history", "batch-response", "transaction-response")
_CARRIES = ("POST", "PUT", "PATCH")
_NAMED = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[^/]+$")
_VERSION = re.compile(r"/_history/[^/]*$")


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource: its *type*, its *key* (the id of its record) and its *element*.

    *url* is the full URL of its entry, *parent* the resource that contains it, *document*
    the number of the document it stands in; of a bulk export *file* and *line* say where.
    """

    type: str
    key: str
    element: Element
    url: str | None
    parent: Resource | None
    document: int
    file: str | None = None
    line: int | None = None

    @property
    def source(self) -> Source:
        """Where a record made of this resource was read."""
        return self.source_at(self.element.pointer)

    def source_at(self, pointer: str) -> Source:
        """Return the source of a record that is made of what is at *pointer*."""
        return Source(
            document=self.file,
            line=self.line,
            reference=self.key,
            pointer=pointer or (None if self.line else ""),
        )

    @property
    def at(self) -> str:
        """Where the resource stands, as it is written for a reader."""
        return self.unread("").pointer

    def unread(self, reason: str, pointer: str | None = None) -> Unread:
        """Return the note that this resource, or what is at *pointer*, is not used."""
        at = self.element.pointer if pointer is None else pointer
        place = f"{self.file}:{self.line}" if self.line else ""
        return Unread(self.key, f"{place} {at}".strip(), reason)


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
        self._place: tuple[str | None, int | None] = (None, None)

    def add(self, document: Element) -> None:
        """Take in a resource, a Bundle or Parameters; what is there already goes before it.

        Raises:
            CaseError: it is no FHIR resource, or holds two of one name.
        """
        self._documents.append(document)
        self._open(document, None)

    def add_lines(self, file: str, lines: Iterable[tuple[int, Element]]) -> None:
        """Take in a bulk export: one resource a line, each with the number of its line.

        Raises:
            CaseError: as `add` does.
        """
        for number, element in lines:
            self._place = (file, number)
            self._open(element, None)
        self._place = (None, None)

    def begin(self, document: Element) -> None:
        """Start a document whose resources are added line by line."""
        self._documents.append(document)

    def _open(self, element: Element, url: str | None) -> None:
        """Take in what *element* holds: a Bundle, too, can be an entry."""
        match _type(element):
            case "Bundle":
                for entry in element.many("entry"):
                    self._entry(element, entry)
            case "Parameters":
                for part in element.many("parameter"):
                    if (resource := part.one("resource")) is not None:
                        self._open(resource, None)
            case _:
                self._add(element, url)

    def _entry(self, bundle: Element, entry: Element) -> None:
        resource = entry.one("resource")
        request = entry.one("request")
        if resource is not None and request is not None and request.word("method") == "DELETE":
            key = entry.text("fullUrl") or entry.pointer
            self.note(Unread(key, entry.pointer, "the entry deletes what it holds"))
            return
        if resource is not None:
            self._open(resource, entry.word("fullUrl"))
            return
        if bundle.word("type") not in _MAY_BE_EMPTY or (
            request is not None and request.word("method") in _CARRIES
        ):
            raise entry.fault(
                "fhir.entry",
                "the entry holds no resource",
                hint="send the resource, or leave the entry out",
            )
        key = entry.text("fullUrl") or entry.pointer
        self.note(Unread(key, entry.pointer, "the entry holds no resource"))

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

    def leads(self, owner: Resource, text: str) -> bool:
        """Say whether the reference *text*, written in *owner*, leads to a resource."""
        return self._find(owner, text) is not None

    def kind(self, owner: Resource, reference: Element) -> str | None:
        """Return the kind of resource that *reference* leads to, or that it names."""
        text = reference.word("reference")
        if text is None:
            return reference.word("type")
        found = self._find(owner, text)
        if found is not None:
            return found.type
        named = _NAMED.search(_VERSION.sub("", text))
        return named[1] if named else reference.word("type")

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
        file, line = self._place
        if not name and not url and line:
            key = f"{kind}/{file}:{line}"
        resource = Resource(kind, key, element, url, None, len(self._documents) - 1, file, line)
        if not self._is_new(resource):
            return
        if resource.key in self._keys:  # of another server
            resource = replace(resource, key=url or key)
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
        resource = Resource(
            kind, key, element, None, parent, parent.document, parent.file, parent.line
        )
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
            reason = f"the same resource stands at {before.at}"
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
                hint=f"the other stands at {before.at}; send one version of each",
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
