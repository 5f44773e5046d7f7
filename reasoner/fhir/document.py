"""DocumentReferences: what a document is called. Its text is for a person to read."""

from __future__ import annotations

from reasoner.case.place import show
from reasoner.fhir.resource import Resource

__all__ = ["title", "unread_document"]


def title(document: Resource) -> str:
    """Return what *document* is called: its file, its description, else its own id."""
    element = document.element
    for content in element.many("content"):
        attachment = content.one("attachment")
        name = (attachment.text("title") or attachment.text("url")) if attachment else None
        if name is not None:
            return name
    return element.text("description") or document.key


def unread_document(document: Resource) -> str:
    """Return why *document* is listed as not used."""
    name = show(title(document))
    status = document.element.word("status")
    if status in {"superseded", "entered-in-error"}:
        return f"the document {name} is {status.replace('-', ' ')}"
    return f"a person must read the document {name}: what it says is not read"
