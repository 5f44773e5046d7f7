"""What the elements of a resource cannot say of its record: found by reading them back.

A case is written, read by the reader of orders, and compared record by record. The fields that
differ are what the extension `RESTATED` has to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeAlias

from exchange.element import Element
from reasoner.case.written import Plain, written
from reasoner.fhir import read_order
from reasoner.fhir.vocabulary import ITEM, NOT_STATED_FIELD
from reasoner.model import Case
from reasoner.terminology import Terminology

__all__ = ["REQUEST", "Restated", "answer_name", "restatement"]

Restated: TypeAlias = list[dict[str, Any]]
"""The parts of the extension: a field each, or the name of one that is not stated."""

REQUEST = "request"
"""The request among the records; no record has this id."""


def answer_name(number: int) -> str:
    """Return what the answer with *number*, from 1, is called as a resource."""
    return f"answer-{number}"


def restatement(case: Case, bundle: Element, terminology: Terminology) -> dict[str, Restated]:
    """Return what *bundle*, made of *case*, leaves unsaid of each record, by its id."""
    read = read_order(bundle, where=case.origin or case.id, terminology=terminology)
    theirs = dict(_records(read))
    for one in read.answers:
        if one.source and one.source.reference:
            theirs[one.source.reference.rpartition("/")[2]] = written(one)
    ours = dict(_records(case))
    ours |= {answer_name(at): written(one) for at, one in enumerate(case.answers, 1)}
    return {name: _differing(ours[name], theirs[name]) for name in ours if name in theirs}


def _records(case: Case) -> Iterator[tuple[str, dict[str, Plain]]]:
    yield REQUEST, written(case.request)
    for records in (case.conditions, case.therapies, case.observations, case.doses):
        for one in records:
            yield one.id, written(one)


def _differing(ours: dict[str, Plain], theirs: dict[str, Plain]) -> Restated:
    said = [_part(name, value) for name, value in ours.items() if theirs.get(name) != value]
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
