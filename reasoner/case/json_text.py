"""JSON text as plain data: exact numbers, no key twice, bounded depth."""

from __future__ import annotations

import json
from decimal import Decimal

from reasoner.case.place import Fault
from reasoner.case.scalar import no_number, number, too_deep, twice
from reasoner.errors import CaseError

__all__ = ["read_json"]


def read_json(text: str, name: str, *, line_only: bool = False) -> object:
    """Return the value of *text*; *line_only*: it is one line of the file, which *name* names.

    A key given twice and a number that is none are a `Fault` in the place of the value.

    Raises:
        CaseError: it is no JSON.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_no_key_twice,
            parse_float=_number,
            parse_int=_number,
            parse_constant=no_number,
        )
    except json.JSONDecodeError as error:
        at = f" column {error.colno}" if line_only else f":{error.lineno}:{error.colno}"
        raise CaseError(
            "case.syntax",
            f"this is no JSON: {error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')}",
            where=f"{name}{at}",
            hint=_hint(text, error.pos),
        ) from None
    except RecursionError:
        raise too_deep().error(name) from None


def _hint(text: str, at: int) -> str:
    if at < len(text) and ord(text[at]) < ord(" "):
        return r"write a line break inside a string as \n; remove other control characters"
    return ""


# A fault takes the place of the value, since the decoder does not know the path to it.


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                found[key] = twice(key)
            seen.add(key)
    return found


def _number(text: str) -> int | Decimal | Fault:
    try:
        return number(text)
    except Fault as fault:
        return fault
