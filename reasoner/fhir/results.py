"""Which codes of a laboratory's answer mean which result: a table of `rules/terminology/`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec

from reasoner.errors import PolicyError
from reasoner.model import Result

__all__ = ["results", "rules_folder"]

_COLUMNS = ["system", "code", "result", "source"]


def rules_folder() -> Path:
    """Return the installed rules: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


@cache
def results() -> Mapping[tuple[str, str], Result]:
    """Return the result that a code means, by system (short name, else address) and code.

    Raises:
        PolicyError: the table is missing or malformed.
    """
    path = rules_folder() / "terminology" / "fhir" / "results.csv"
    found: dict[tuple[str, str], Result] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"the table of results cannot be read: {error}".lower()
        raise PolicyError("policy.terminology", message, where=str(path)) from None
    for number, line in enumerate(lines, start=2):
        try:
            result = msgspec.convert(line.get("result"), Result)
        except msgspec.ValidationError:
            raise PolicyError(
                "policy.terminology",
                f"`{line.get('result')}` is no result",
                where=f"{path}:{number}",
                hint=f"one of {', '.join(get_args(Result))}; the columns are {', '.join(_COLUMNS)}",
            ) from None
        found[line["system"], line["code"]] = result
    return found
