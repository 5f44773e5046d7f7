"""A document: YAML or JSON text as plain data with positions, and nothing surprising in it.

Both notations are read more strictly than their readers do: one document, no key twice,
no anchors or tags, numbers exact, text without control characters, bounded depth.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from reasoner.case.place import NOWHERE, Fault, Positions, show
from reasoner.case.scalar import MAX_DEPTH, forbidden, too_deep
from reasoner.errors import CaseError

__all__ = [
    "MAX_BYTES",
    "MAX_TEXT_BYTES",
    "Document",
    "Notation",
    "check_plain",
    "check_text",
    "no_case",
    "read_document",
    "too_large",
]

Notation = Literal["json", "json line", "yaml", ""]
"""How a document is written; empty: as its first character tells."""

MAX_BYTES = 64_000_000
"""The longest document: 64 MB."""
MAX_TEXT_BYTES = 100_000
"""The longest string: 100 kB of UTF-8."""
_GZIP = b"\x1f\x8b"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]|\r(?!\n)")


class Document(msgspec.Struct, frozen=True):
    """A parsed file: plain data, the file's *name* and where each value stands."""

    value: object
    name: str
    positions: Positions = NOWHERE


def read_document(data: bytes, *, name: str, notation: Notation = "") -> Document:
    """Parse *data*; where *notation* does not say how, JSON is what opens with a brace.

    Raises:
        CaseError: the text is no such document, or holds what a case may not hold.
    """
    if len(data) > MAX_BYTES:
        raise too_large(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(
            "case.encoding",
            f"byte {error.start + 1} is not UTF-8",
            where=name,
            hint="unpack it first: it is packed by gzip"
            if data.startswith(_GZIP)
            else "save the file as UTF-8",
        ) from None
    if not text.strip():
        raise no_case(None, name)
    if not notation:
        notation = "json" if text.lstrip().startswith(("{", "[")) else "yaml"
    document = _parse(text, name, notation)
    if not isinstance(document.value, dict):
        raise no_case(document.value, name)
    try:
        check_plain(document.value)
    except Fault as fault:
        raise fault.error(name, document.positions) from None
    return document


def _parse(text: str, name: str, notation: Notation) -> Document:
    if notation == "yaml":
        from reasoner.case.yaml_text import read_yaml  # PyYAML takes 15 ms to import

        return Document(*read_yaml(text, name))
    from reasoner.case.json_text import read_json

    return Document(read_json(text, name, line_only=notation == "json line"), name)


def no_case(value: object, name: str) -> CaseError:
    """Return the error for a document that is no mapping."""
    found = "an empty document" if value is None else show(value)
    return CaseError(
        "case.empty",
        f"a case is a mapping, found {found}",
        where=name,
        hint="the top level holds `id`, `request` and the records",
    )


def too_large(name: str, what: str = "file") -> CaseError:
    """Return the error for a document over `MAX_BYTES`: a *file*, or a line of a stream."""
    return CaseError(
        "case.size",
        f"the {what} is larger than {MAX_BYTES // 1_000_000} MB",
        where=name,
        hint="one case a file or line; several cases go into a JSON Lines file",
    )


def check_plain(value: object, depth: int = 1) -> None:
    """Refuse data nested deeper than `MAX_DEPTH`, and raise a Fault that stands for a value."""
    if isinstance(value, Fault):
        raise value
    if not isinstance(value, dict | list):
        return
    if depth > MAX_DEPTH:
        raise too_deep()
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        try:
            check_plain(below, depth + 1)
        except Fault as fault:
            raise fault.under(key) from None


def check_text(value: object) -> None:
    """Refuse text, at any depth, that is too long or holds characters that nobody can see.

    A CR that ends a line (CR LF) is let through: FHIR narratives have it.
    """
    match value:
        case str():
            _check_string(value)
        case dict():
            for key, below in value.items():
                try:
                    check_text(key)
                    check_text(below)
                except Fault as fault:
                    raise fault.under(key) from None
        case list():
            for index, below in enumerate(value):
                try:
                    check_text(below)
                except Fault as fault:
                    raise fault.under(index) from None


def _check_string(text: str) -> None:
    if len(text) * 4 > MAX_TEXT_BYTES:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_TEXT_BYTES:
            raise Fault(
                "case.size",
                f"the text is larger than {MAX_TEXT_BYTES // 1000} kB",
                hint="quote only the sentence that matters",
            )
    found = _CONTROL.search(text)
    if found:
        raise forbidden(found[0])
