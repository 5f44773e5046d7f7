"""Reading a proof from a file: whoever wrote it may mean ill, so nothing in it is trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from reasoner.certificate.faults import shown
from reasoner.certificate.format import SCHEMA, Proof
from reasoner.decision import CaseRef, Engine, PolicyRef, TerminologyRef
from reasoner.errors import CaseError
from reasoner.model import Source

__all__ = ["load_proof", "read_proof"]

_MOST_BYTES = 512 << 20
_HINT = "`reasoner schema proof` says what a proof is"
# What the decision shares with the proof takes unknown keys: they are looked at here.
_SHARED: dict[str, type[msgspec.Struct]] = {
    "case": CaseRef,
    "policy": PolicyRef,
    "terminology": TerminologyRef,
    "engine": Engine,
}


def load_proof(path: str) -> Proof:
    """Read the proof in the file at *path*.

    Raises:
        CaseError: no such file, or no proof.
    """
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"the proof cannot be read: {reason}"
        raise CaseError("proof.file", message, where=path) from None
    if len(data) > _MOST_BYTES:
        raise CaseError("proof.file", "the proof is larger than 512 MB", where=path)
    return read_proof(data, name=path)


def read_proof(data: bytes, *, name: str) -> Proof:
    """Read a proof from JSON; *name* is what an error calls it.

    Raises:
        CaseError: it is no proof, has a key twice or one that no proof has.
    """
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_constant)
        _check_shape(found)
        return msgspec.convert(found, Proof, strict=True)
    except RecursionError:
        reason = "it is nested too deeply"
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except (ValueError, msgspec.ValidationError) as error:
        reason = str(error)
        reason = reason[:1].lower() + reason[1:]
    message = f"this is no proof: {shown(reason)[1:-1]}"
    raise CaseError("proof.format", message, where=name, hint=_HINT)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {shown(key)} is there twice")
            seen.add(key)
    return found


def _constant(text: str) -> None:
    raise ValueError(f"`{text}` is no JSON")


def _check_shape(found: object) -> None:
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 -- of JSON, not of the program
    if found.get("schema") != SCHEMA:
        schema = found.get("schema")
        what = shown(schema) if isinstance(schema, str) else "another one"
        raise ValueError(f"the schema is {what}, this program reads `{SCHEMA}`")
    for key, kind in _SHARED.items():
        _check_keys(found.get(key), kind, key)
    blocking = found.get("blocking")
    if isinstance(blocking, list):
        for number, claim in enumerate(blocking):
            if not isinstance(claim, dict) or "type" not in claim:
                raise ValueError(f"blocking {number} does not say its type")
    sources = found.get("sources")
    if isinstance(sources, dict):
        for name, source in sources.items():
            _check_keys(source, Source, f"sources {shown(name)}")


def _check_keys(found: object, kind: type[msgspec.Struct], where: str) -> None:
    if isinstance(found, dict):
        for key in found.keys() - set(kind.__struct_fields__):
            raise ValueError(f"{where} has the unknown key {shown(key)}")
