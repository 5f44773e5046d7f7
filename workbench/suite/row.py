"""A row of a policy's tests: a case, and what must follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from reasoner.case import decode_case
from reasoner.case.place import Fault
from reasoner.errors import PolicyError
from reasoner.model import SECTIONS, Case
from workbench.suite.expectation import Expectation

__all__ = ["Row", "case_of", "document_of", "keyed", "merged", "policy_folder", "wrong"]

_FOLDER, _POLICY, _POLICIES = "tests", "policy.toml", "policies"


class Row(msgspec.Struct, frozen=True, eq=False):
    """A test: from *case*, decided under *readings* as of *decided_on*, follows *expect*.

    *path* and *line* are where it stands, *origin* is the line of the document that decides;
    *as_of* is a day on which the policy must be in force; *document* is the case as plain data,
    records by their ids.
    """

    name: str
    path: Path
    line: int
    case: Case
    expect: Expectation
    readings: Mapping[str, str] = {}
    decided_on: dt.date | None = None
    as_of: dt.date | None = None
    origin: str = ""
    document: dict[str, Any] = {}

    @property
    def where(self) -> str:
        """The place of the row: `policy.yaml:12`."""
        return f"{self.path}:{self.line}"


def wrong(fault: Fault, where: str) -> PolicyError:
    """Return *fault*, found in a file of tests, as an error that its author can mend."""
    code = fault.code.replace("case.", "test.", 1)
    return PolicyError(code, fault.message, where=where, hint=fault.hint)


def policy_folder(path: Path) -> Path | None:
    """Return the folder of the policy whose test file is *path*, if it is one."""
    for above in path.parents:
        policy = above.parent
        in_rules = policy.parent.name == _POLICIES and (policy / _POLICY).is_file()
        if above.name == _FOLDER and in_rules:
            return policy
    return None


def merged(base: object, change: object) -> object:
    """Return *base* with *change*, a JSON merge patch: null takes a key away (RFC 7396).

    >>> merged({"a": 1, "b": {"c": 2}}, {"a": None, "b": {"d": 3}})
    {'b': {'c': 2, 'd': 3}}
    """
    if not isinstance(change, dict):
        return change
    kept = dict(base) if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = merged(kept.get(key), value)
    return kept


def keyed(document: object) -> object:
    """Return a case whose records are keyed by their id, where they have one and only one."""
    if not isinstance(document, dict):
        return document
    found = dict(document)
    for section in SECTIONS:
        records = found.get(section)
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            continue
        by_id = {
            record.get("id"): {key: value for key, value in record.items() if key != "id"}
            for record in records
        }
        if len(by_id) == len(records) and all(isinstance(name, str) for name in by_id):
            found[section] = by_id
    return found


def document_of(document: object, name: str) -> object:
    """Return *document* as a case has it: its records in lists, with the id *name* without one."""
    if not isinstance(document, dict):
        return document
    found: dict[str, object] = {"id": name, **document}
    for section in SECTIONS:
        records = found.get(section)
        if isinstance(records, dict):
            found[section] = [
                {"id": key} | record if isinstance(record, dict) else record
                for key, record in records.items()
            ]
    return found


def case_of(document: object, name: str, where: str) -> Case:
    """Return the case that *document* says, with the id *name* where it has none.

    Raises:
        CaseError: it is no case.
    """
    return decode_case(document_of(document, name), where=where)
