"""The addresses of code systems, from the table that the reader knows them by."""

from __future__ import annotations

import csv
from pathlib import Path

from reasoner.errors import PolicyError

__all__ = ["addresses"]


def addresses(rules: Path) -> dict[str, str]:
    """Return the first address of each system of the folder *rules*, by its short name.

    Raises:
        PolicyError: the table is missing or malformed.
    """
    path = rules / "terminology" / "systems.csv"
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, strict=True):
                if line["alias"].startswith("http"):
                    found.setdefault(line["system"], line["alias"])
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        message = f"the table of code systems cannot be read: {error}".lower()
        raise PolicyError("policy.terminology", message, where=str(path)) from None
    return found
