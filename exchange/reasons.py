"""Reason codes: a table of the user's own. The codes in use are under copyright elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from exchange.element import Element, present
from reasoner.errors import CaseError, nearest

__all__ = ["PENDED", "ReasonCodes", "read_reason_codes"]

PENDED: Final = "pended"
"""The reason of what goes out as pended, whatever its grounds: they are drafts."""

ReasonCodes = Mapping[str, Element]
"""A CodeableConcept for each clause, by its id, and one for `pended`."""

_COLUMNS: Final = ("reason", "system", "code", "display")
_MOST_BYTES: Final = 1_000_000


def read_reason_codes(path: Path, clauses: Iterable[str]) -> ReasonCodes:
    """Read the table at *path*: a row for each of *clauses*, or for `pended`.

    Raises:
        CaseError: it is no such table; the error names the line.
    """
    known = [*clauses, PENDED]
    found: dict[str, Element] = {}
    try:
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise _fault(path, 1, "the table is larger than 1 MB", "a row a clause is enough")
        text = data.decode("utf-8-sig")
        reader = csv.DictReader(text.splitlines(), strict=True)
        missing = [name for name in _COLUMNS[:3] if name not in (reader.fieldnames or ())]
        if missing:
            message = f"the column `{missing[0]}` is missing"
            raise _fault(path, 1, message, f"the columns are {', '.join(_COLUMNS)}")
        for line in reader:
            reason, system, code = (str(line[name] or "").strip() for name in _COLUMNS[:3])
            if reason not in known:
                message = f"`{reason}` is no clause of the policy"
                hint = nearest(reason, known) or f"one of {', '.join(known)}"
                raise _fault(path, reader.line_num, message, hint)
            if not system or not code or any(map(str.isspace, system)):
                hint = "write the address of the code system, and the code"
                raise _fault(path, reader.line_num, "`system` and `code` must be filled", hint)
            coding = present(system=system, code=code, display=(line.get("display") or "").strip())
            if found.setdefault(reason, {"coding": [coding]}) != {"coding": [coding]}:
                raise _fault(path, reader.line_num, f"`{reason}` has two codes", "keep one")
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"the table cannot be read: {error}".lower()
        raise _fault(path, 1, message, "save it as CSV in UTF-8") from None
    return found


def _fault(path: Path, line: int, message: str, hint: str) -> CaseError:
    return CaseError("respond.reason_codes", message, where=f"{path}:{line}", hint=hint)
