"""Files and streams of cases: YAML, JSON and JSON Lines, with the limits of each."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import msgspec

from reasoner.case import notation
from reasoner.case.content import read_content
from reasoner.case.document import (
    MAX_BYTES,
    MAX_TEXT_BYTES,
    Document,
    Notation,
    check_plain,
    check_text,
    no_case,
    read_document,
    too_large,
)
from reasoner.case.known import Known, Laid
from reasoner.case.misfit import misfit
from reasoner.case.place import NOWHERE, Fault, Positions
from reasoner.errors import CaseError, UsageError
from reasoner.model import Case

__all__ = ["decode_case", "iter_jsonl", "load_case", "load_document", "read_case"]

_DECODER = msgspec.json.Decoder(notation.Case, float_hook=Decimal)
_NOTATIONS: dict[str, Notation] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_ENCODER = msgspec.json.Encoder()
# What the decoder lets through and a case may not hold, as JSON writes it: control
# characters, and escapes that would hide a colon from the count of keys.
_SUSPECT_ESCAPE = re.compile(rb"\\(?:[bfr]|u00[0-9])")
_SUSPECT_BYTES = re.compile(rb"\xc2[\x80-\x9f]")


def load_case(path: str, *, request: str | None = None, known: Known | None = None) -> Case:
    """Read the case in the file at *path*; `-` is the standard input.

    A bulk export is a file `*.ndjson` or a folder of them. *request* is a file that is laid
    over a FHIR record, *known* what its reader knows beside it.

    Raises:
        CaseError: no such file, or no such case; the error names the place.
        UsageError: the request is laid over what is no FHIR record.
    """
    if path.endswith(".ndjson") or Path(path).is_dir():
        from reasoner.fhir import read_lines

        return read_lines(_exported(path), where=path, request=_laid(request), known=known)
    data, notation, name = _read(path)
    if request is None:
        return read_case(data, name=name, notation=notation, known=known)
    document = read_document(data, name=name, notation=notation).value
    if not isinstance(document, dict) or "resourceType" not in document:
        raise UsageError(
            "usage.request",
            f"a request is laid over a FHIR record, and `{path}` is none",
            where="--request",
            hint="write the request into the case itself",
        )
    from reasoner.fhir import read_order

    return read_order(document, where=name, request=_laid(request), known=known)


def _laid(request: str | None) -> Laid | None:
    if request is None:
        return None
    data, notation, name = _read(request)
    document = read_document(data, name=name, notation=notation).value
    return Laid(document if isinstance(document, dict) else {}, name)


def _exported(path: str) -> Iterator[tuple[str, Iterator[tuple[int, dict[str, object]]]]]:
    """Yield the files of a bulk export by name, each with its resources by line."""
    place = Path(path)
    files = sorted(place.glob("*.ndjson")) if place.is_dir() else [place]
    if not files:
        raise CaseError(
            "case.file",
            "the folder holds no bulk export",
            where=path,
            hint="the files of one end in `.ndjson`",
        )
    size = 0
    for file in files:
        data, _, name = _read(str(file))
        size += len(data)
        if size > MAX_BYTES:
            raise too_large(path)
        yield file.name, _lines(data, name)


def _lines(data: bytes, name: str) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            found = read_document(line, name=f"{name}:{number}", notation="json line").value
            if isinstance(found, dict):
                yield number, found


def load_document(path: str) -> Document:
    """Read the file at *path* as plain data; neither its keys nor its texts are checked yet.

    Raises:
        CaseError: no such file, or no mapping in YAML or JSON.
    """
    data, notation, name = _read(path)
    return read_document(data, name=name, notation=notation)


def read_case(
    data: bytes, *, name: str, notation: Notation = "", known: Known | None = None
) -> Case:
    """Read a case from YAML or JSON; *name* is what an error calls it.

    Raises:
        CaseError: the bytes hold no case.
    """
    if notation != "yaml" and len(data) <= MAX_BYTES:
        case = _plain_json(data, name)
        if case is not None:
            return case
    document = read_document(data, name=name, notation=notation)
    return _decode(document, known)


def decode_case(document: object, *, where: str, positions: Positions = NOWHERE) -> Case:
    """Read a case from plain data; what carries a `resourceType` is FHIR.

    Raises:
        CaseError: *document* is no case.
    """
    try:
        check_plain(document)
    except Fault as fault:
        raise fault.error(where, positions) from None
    if not isinstance(document, dict):
        raise no_case(document, where)
    return _decode(Document(document, where, positions))


def iter_jsonl(
    stream: BinaryIO, *, name: str, known: Known | None = None
) -> Iterator[tuple[int, Case | CaseError]]:
    """Read one case a line; each comes with its line number, from 1, or the error in its place.

    Memory holds one line at a time, and no more of a line than the size limit.
    """
    number = 0
    while line := stream.readline(MAX_BYTES + 1):
        number += 1
        where = f"{name} line {number}"
        if len(line) > MAX_BYTES and not line.endswith(b"\n"):
            del line
            while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
                pass
            yield number, too_large(where, "line")
            continue
        if line.isspace():
            continue
        try:
            result: Case | CaseError = read_case(
                line.rstrip(), name=where, notation="json line", known=known
            )
        except CaseError as error:
            result = error
        yield number, result


def _decode(document: Document, known: Known | None = None) -> Case:
    """Read the case of a *document* that is a mapping of plain data."""
    found = document.value
    if isinstance(found, dict) and "resourceType" in found:
        from reasoner.fhir import read_order  # it checks the texts that it reads

        return read_order(found, where=document.name, known=known)
    try:
        check_text(found)
        return read_content(_note(found), origin=document.name)
    except Fault as fault:
        raise fault.error(document.name, document.positions) from None


def _note(document: object) -> notation.Case:
    try:
        return msgspec.convert(document, notation.Case)
    except (msgspec.MsgspecError, TypeError):
        raise misfit(document) from None


def _plain_json(data: bytes, name: str) -> Case | None:
    """Return the case of plain JSON, or None where a slower look is needed.

    The decoder takes the last of two equal keys; what it took then has fewer colons.
    """
    if len(data) > MAX_TEXT_BYTES or _is_suspect(data):
        return None
    try:
        note = _DECODER.decode(data)
        if data.count(b":") == _ENCODER.encode(note).count(b":"):
            return read_content(note, origin=name)
    except (msgspec.MsgspecError, ArithmeticError, ValueError, RecursionError, Fault):
        pass  # the slower look says what is wrong, and where
    return None


def _is_suspect(data: bytes) -> bool:
    return (
        b"\x7f" in data
        or (b"\\" in data and _SUSPECT_ESCAPE.search(data) is not None)
        or (b"\xc2" in data and _SUSPECT_BYTES.search(data) is not None)
    )


def _read(path: str) -> tuple[bytes, Notation, str]:
    """Return the bytes of a file, its notation as its name tells it, and what to call it."""
    if path == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), "", "standard input"
    file = Path(path)
    notation = _NOTATIONS.get(file.suffix.lower(), "")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise too_large(path)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1), notation, path
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise CaseError("case.file", f"the file cannot be read: {reason}", where=path) from None
