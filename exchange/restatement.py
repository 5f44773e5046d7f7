"""What the elements of a resource cannot say of its record: found by reading them back.

A case is written, read by the reader of orders, and compared record by record. The fields that
differ are what the extension `RESTATED` has to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from exchange.element import Element
from exchange.records import span_of
from reasoner.case.written import Plain, written
from reasoner.fhir import read_order
from reasoner.fhir.vocabulary import ITEM, NOT_STATED_FIELD, SECTION
from reasoner.model import Case

__all__ = ["MEMBER", "REQUEST", "SECTIONS", "Restated", "named", "restatement"]

Restated: TypeAlias = list[dict[str, Any]]
"""The parts of the extension: a field each, or the name of one that is not stated."""

REQUEST, MEMBER = "request", "member"
"""The parts that stand once; no record has these ids."""

SECTIONS = ("conditions", "therapies", "observations", "doses", "allergies", "answers")
"""The lists of a case, in the order in which they are written."""


def restatement(case: Case, bundle: Element, keys: Mapping[str, str]) -> dict[str, Restated]:
    """Return what *bundle*, made of *case*, leaves unsaid of each record, by its name.

    *keys* are the resources that the records were made, by the names of `named`.
    """
    read = read_order(bundle, where=case.origin or case.id)
    sections = {name: section for section, name, _ in named(case)}
    theirs = {REQUEST: written(read.request), MEMBER: written(read.member)}
    names = {key: name for name, key in keys.items()}
    for section, _, record in named(read):
        key = record.source.reference if section in SECTIONS and record.source else None
        if key in names and section == sections[names[key]]:
            theirs.setdefault(names[key], written(record))
    found: dict[str, Restated] = {}
    for section, name, record in named(case):
        differing = _differing(record, theirs.get(name, {}))
        found[name] = [{"url": SECTION, "valueCode": section}, *differing]
    return found


def named(case: Case) -> Iterator[tuple[str, str, Any]]:
    """Yield every part of *case*: its section, its name, and itself; no record is named so too."""
    yield REQUEST, REQUEST, case.request
    yield MEMBER, MEMBER, case.member
    for section in SECTIONS:
        for at, one in enumerate(getattr(case, section), 1):
            yield section, f"answers[{at}]" if section == "answers" else one.id, one


def _differing(record: msgspec.Struct, theirs: dict[str, Plain]) -> Restated:
    ours = written(record)
    said = []
    for name, value in ours.items():
        if theirs.get(name) != value:
            span = span_of(getattr(record, name))
            said.append({"url": name, "valuePeriod": span} if span else _part(name, value))
    untold = [name for name in theirs if name not in ours]
    return said + [{"url": NOT_STATED_FIELD, "valueCode": name} for name in untold]


def _part(name: str, value: Plain) -> dict[str, Any]:
    """Return a field as an extension; a list as its members, a mapping as its fields.

    >>> _part("page", 3)
    {'url': 'page', 'valueInteger': 3}
    """
    match value:
        case bool():
            return {"url": name, "valueBoolean": value}
        case int():
            return {"url": name, "valueInteger": value}
        case Decimal():
            return {"url": name, "valueDecimal": value}
        case str():
            return {"url": name, "valueString": value}
        case list():
            return {"url": name, "extension": [_part(ITEM, one) for one in value]}
        case _:
            return {"url": name, "extension": [_part(key, one) for key, one in value.items()]}
