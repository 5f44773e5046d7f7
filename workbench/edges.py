"""The days on which a record begins or ceases to count: two cases a day apart.

What thresholds of the evidence decide, no world shows. So one record is added to a case in which
nearly all is answered, and one of its days is moved over the edges that the rules know: where
the status of a clause turns from one day to the next, there is a boundary.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

import msgspec

from reasoner.case import decode_case
from reasoner.engine import BATCH, Reasoner, decision_day
from reasoner.model import Recommendation
from reasoner.narrowing import freed, inside
from reasoner.verdict import clause_statuses, recommended, verdict
from workbench.boundaries import Boundary
from workbench.records.additions import RECORD, Addition, added, bases, domain_of, plain_record
from workbench.records.domain import Domain, Keys
from workbench.witness import deciding

__all__ = ["edges"]

_NAMED = ("code", "product", "result", "quantity")
"""The fields by which a record matters at all; each value is tried."""
_DAYS = ("recorded", "onset", "start", "end", "date")
_UNSETTLED = ("unknown", "conflict")


class _Moved(msgspec.Struct, frozen=True, eq=False):
    """A case in which one *place* holds *day*, and how it is decided."""

    day: dt.date
    document: Keys
    recommendation: Recommendation
    statuses: dict[str, str]


def edges(reasoner: Reasoner) -> Iterator[Boundary]:
    """Yield two cases for each clause and each kind of day that it turns on, by clauses.

    They differ in one day of one record, by one day. Of several such days the plainest: where
    the status is settled on both sides, and the recommendations differ.
    """
    domain = domain_of(reasoner)
    found: dict[tuple[str, str], tuple[int, Boundary]] = {}
    for place, documents in _moved(reasoner, domain):
        for one, other in pairwise(_decided(reasoner, documents)):
            if (other.day - one.day).days != 1:
                continue
            for clause, status in one.statuses.items():
                if status == other.statuses[clause]:
                    continue
                rank = 2 * (status in _UNSETTLED or other.statuses[clause] in _UNSETTLED)
                rank += one.recommendation == other.recommendation
                if rank < found.get((clause, place), (4, None))[0]:
                    statuses = (status, other.statuses[clause])
                    cases = tuple(
                        deciding(reasoner, {**side.document, "id": f"{clause} {name}"})
                        for side, name in zip((one, other), statuses, strict=True)
                    )
                    found[clause, place] = rank, Boundary(clause, statuses, place, cases)
    order = [clause.id for clause in reasoner.policy.identity.clauses]
    for _, (_, boundary) in sorted(found.items(), key=lambda item: order.index(item[0][0])):
        yield boundary


def _moved(reasoner: Reasoner, domain: Domain) -> Iterator[tuple[str, list[tuple[dt.date, Keys]]]]:
    """Yield the place of a day, and cases with one day after the other there."""
    documents = list(bases(reasoner))
    for values in domain.member.values():
        for document in documents[:1]:
            days = {_day(value["birth_date"]): value for value in values}
            cases = [(day, {**document, "member": days[day]}) for day in sorted(days)]
            yield "member.birth_date", cases
    for document, addition in _mattering(reasoner, domain, documents):
        for field in _DAYS:
            values = domain.records[addition.section].get(field, [])
            found = {
                day: {**addition.keys, **value} for value in values if (day := _whole(value[field]))
            }
            cases = [
                (day, added(document, Addition(addition.section, found[day])))
                for day in sorted(found)
            ]
            if cases:
                yield f"{addition.section}.{RECORD}.{field}", cases


def _mattering(
    reasoner: Reasoner, domain: Domain, documents: Sequence[Keys]
) -> Iterator[tuple[Keys, Addition]]:
    """Yield a case and a record that changes its recommendation: one for each way it does so."""
    alone = [name for _, name, _ in _outcomes(reasoner, documents)]
    for section, fields in domain.records.items():
        plain = plain_record(section, domain)
        recent = {**plain, **fields["date"][1]} if "date" in fields else plain
        several = [
            Addition(section, {**base, **value})
            for field in _NAMED
            for value in fields.get(field, [])
            for base in ([recent, plain] if recent is not plain else [plain])
        ]
        seen: set[tuple[int, str]] = set()
        for document, before in zip(documents, alone, strict=True):
            tried = _outcomes(reasoner, [added(document, one) for one in several])
            first: dict[str, int] = {}
            for number, (_, after, _) in enumerate(tried):
                first.setdefault(after, number)
            for name, number in first.items():
                if name != before and (number, name) not in seen:
                    seen.add((number, name))
                    yield document, several[number]


def _decided(reasoner: Reasoner, cases: Sequence[tuple[dt.date, Keys]]) -> list[_Moved]:
    outcomes = _outcomes(reasoner, [document for _, document in cases], statuses=True)
    return [
        _Moved(day, document, name, statuses)
        for (day, document), (_, name, statuses) in zip(cases, outcomes, strict=True)
    ]


def _outcomes(
    reasoner: Reasoner, documents: Iterable[Keys], *, statuses: bool = False
) -> Iterator[tuple[Keys, Recommendation, dict[str, str]]]:
    """Yield each document with its recommendation and, if they are asked for, its *statuses*."""
    chosen = reasoner.choose({})
    remaining = iter(documents)
    ids = reasoner.policy.clause_ids
    while batch := list(islice(remaining, BATCH)):
        cases = [decode_case(one, where=str(one["id"])) for one in batch]
        dated = [(case, decision_day(case)) for case in cases]
        settled = [one for one, _ in reasoner.evidence.settle(dated, chosen)]
        for document, one in zip(batch, settled, strict=True):
            worlds = reasoner.worlds_for(one)
            kept = inside(worlds, one, chosen, {})
            free = freed(worlds, one, kept, {})
            name, _ = recommended(worlds, kept, free)
            found: dict[str, str] = {}
            if statuses:
                told = clause_statuses(worlds, verdict(worlds, kept, free), one.conflicts)
                found = {ids[clause]: status for clause, status in told.items()}
            yield document, name, found


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _whole(text: str) -> dt.date | None:
    """Return the day that *text* names, or None where it is a month or a year."""
    return _day(text) if text.count("-") == 2 else None  # noqa: PLR2004 -- year, month and day
