"""Cases in which all but one question is answered, and records to add to them.

What one record does to a decision shows best where everything else is settled: the bases are an
approved case of direct answers, and the same with each answer left out in turn or, a number, one
less. The records
vary a plain one of each section, a field at a time, over the values that rules could tell apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import msgspec
from clingo import Function

from reasoner.engine import Reasoner
from reasoner.facts import answer_symbol
from reasoner.program import statements
from workbench.records.domain import DECIDED, PLANNED, Domain, Keys, domain
from workbench.witness import Claim, Witness, plainest_first, smallest_case

__all__ = ["RECORD", "Addition", "added", "bases", "domain_of", "plain_record", "records"]

PLAIN = {
    "conditions": ("code", "status", "recorded", "source"),
    "therapies": ("product", "start", "end", "taken", "response", "source"),
    "observations": ("code", "result", "date", "source"),
    "doses": ("date", "quantity", "source"),
    "allergies": ("product", "status", "recorded", "source"),
}
"""The fields that a plain record of each section states."""
_NAMES = ("code", "product", "result")
"""The fields of which every value is tried."""
_FEW = 8
"""So many values of any other field are tried."""
_LATER = ("end",)
"""Fields that need the second of the days: the first is the start."""
_MOST_NUMBERS = 8
RECORD = "added"
"""The id of the record that is added."""


class Addition(msgspec.Struct, frozen=True):
    """A record of a *section*, without its id."""

    section: str
    keys: Mapping[str, Any]


def domain_of(reasoner: Reasoner) -> Domain:
    """Return the values that the evidence rules of the policy could tell apart."""
    numbers: dict[int, None] = {}
    forms = []
    for file in reversed(reasoner.policy.evidence):
        for statement in statements(file.text):
            tokens = [(kind, mark) for kind, mark in statement.tokens if kind != "comment"]
            forms.append("".join(mark for _, mark in tokens))
            if not statement.conditional:
                found = [int(mark) for kind, mark in tokens if kind == "number"]
                numbers.update(dict.fromkeys(n for n in found if n > 1))
    return domain([reasoner.terminology], forms, list(numbers), most=_MOST_NUMBERS)


def bases(reasoner: Reasoner) -> Iterator[Keys]:
    """Yield an approved case, then the same with each answer left out, and each number one less.

    Nothing, where no case of direct answers is approved.
    """
    approved = _approved(reasoner)
    if approved is None:
        return
    stated = approved.document["answers"]
    answers = [{**one, "date": DECIDED.isoformat()} for one in stated]  # type: ignore[attr-defined]
    request = {"received": DECIDED.isoformat(), "service_dates": [PLANNED.isoformat()]}
    yield {"id": "all", "request": request, "answers": answers}
    for left_out in answers:
        kept = [answer for answer in answers if answer is not left_out]
        yield {"id": f"without-{left_out['question']}", "request": request, "answers": kept}
        number = left_out["answer"]
        if isinstance(number, int) and number > 0:  # what one record more may make up for
            fewer = [*kept, {**left_out, "answer": number - 1}]
            yield {"id": f"one-less-{left_out['question']}", "request": request, "answers": fewer}


def _approved(reasoner: Reasoner) -> Witness | None:
    results = reasoner.worlds.survey(dict(reasoner.worlds.every)).results
    wanted = sorted(
        Function("result", [Function(name), answer_symbol(amount, where=name)])
        for name, amount in results
        if name == "approve"
    )
    for inside in plainest_first(reasoner):
        for result in wanted:
            world = reasoner.worlds.example(inside, result)
            found = smallest_case(reasoner, world, Claim("approve")) if world else None
            if found is not None:
                return found
    return None


def plain_record(section: str, domain: Domain) -> Keys:
    """Return the keys of a plain record of *section*: each field has the first of its values."""
    fields = domain.records[section]
    return {
        key: value for name in PLAIN[section] for key, value in _plain(name, fields[name]).items()
    }


def _plain(name: str, values: Sequence[Keys]) -> Keys:
    if name == "source":
        return values[-1]
    return values[1] if name in _LATER else values[0]


def records(domain: Domain) -> list[Addition]:
    """Return records: plain ones, in each of which one field has another value or is stated too.

    The first value of every field of every section comes first, then the second, and so on: of
    a beginning of the list, no field is left out.
    """
    rounds: list[list[Addition]] = []
    for section, fields in domain.records.items():
        plain = plain_record(section, domain)
        for name, values in fields.items():
            base = {key: one for key, one in plain.items() if key not in fields_of(values)}
            several = values if name in _NAMES else _spread(values)
            rounds.append([Addition(section, {**base, **value}) for value in several])
    found: list[Addition] = []
    for turn in zip_longest(*rounds):
        found += [one for one in turn if one is not None and one not in found]
    return found


def fields_of(values: Sequence[Keys]) -> frozenset[str]:
    """Return the keys that these values of a field write."""
    return frozenset(key for value in values for key in value)


def _spread(values: Sequence[Keys]) -> list[Keys]:
    """Return a few of *values*: the first, which are the plainest, and some of the rest."""
    first, rest = values[: _FEW - 2], values[_FEW - 2 :]
    return [*first, *rest[:: max(1, len(rest) // 2)]]


def added(document: Mapping[str, Any], addition: Addition) -> Keys:
    """Return *document* with one record more."""
    section = addition.section
    record = {"id": RECORD, **addition.keys}
    name = f"{document['id']}-{section}"
    return {**document, "id": name, section: [*document.get(section, ()), record]}
