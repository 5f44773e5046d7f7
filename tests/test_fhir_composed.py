"""Records composed as they arrive get the answer of a careful reader, and nothing goes unsaid."""

import json
from functools import cache
from typing import Any

import pytest

from composed import Row, rows
from explain.language import load_language
from fhir_parts import Json, case_of
from reasoner.decision import Decision
from reasoner.errors import CaseError
from reasoner.model import Case
from shipped import the_reasoner

ROWS = {row.name: row for row in rows()}


@cache
def read(name: str) -> Case | CaseError:
    try:
        return case_of(ROWS[name].document)
    except CaseError as error:
        return error


@cache
def decided(name: str) -> Decision | CaseError:
    found = read(name)
    return found if isinstance(found, CaseError) else the_reasoner().decide(found)


def answer(found: Decision | CaseError) -> str:
    if isinstance(found, CaseError):
        return f"error {found.code}"
    grounds = [one for one in found.grounds if isinstance(one, str)]
    asked = [one.question for one in found.missing]
    return " ".join([found.recommendation, *grounds, *asked])


def at(document: Any, pointer: str) -> Any:  # noqa: ANN401 - JSON
    for step in pointer.split("/")[1:]:
        document = document[int(step) if isinstance(document, list) else step]
    return document


def test_no_row_stands_twice() -> None:
    assert len(ROWS) == len(rows()) > 150


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_a_record_gets_the_answer_of_a_careful_reader(row: Row) -> None:
    found = answer(decided(row.name))
    assert found == row.answer or found.startswith(f"{row.answer} ")


@pytest.mark.parametrize("name", ROWS)
def test_every_record_and_every_note_leads_to_its_element(name: str) -> None:
    found, document = read(name), ROWS[name].document
    if isinstance(found, CaseError):
        assert found.where.startswith("chart.json")
        return
    told = (found.request, *found.records, *found.answers)
    sources = [one.source for one in told if one.source]
    assert sources
    for source in sources:
        assert source.pointer is not None
        assert isinstance(at(document, source.pointer), dict)
        assert source.reference
    whole = [one.pointer for one in found.unread]
    for pointer in whole:
        at(document, pointer.rsplit("/", 1)[0])  # a field that is missing has its place above it


def test_what_is_not_read_is_told_in_the_readers_language() -> None:
    spanish = load_language("es", the_reasoner().policy)
    reasons = {
        one.reason for name in ROWS if isinstance(found := read(name), Case) for one in found.unread
    }
    assert len(reasons) > 30
    assert [one for one in sorted(reasons) if not spanish.told(one).translated] == []


def test_resources_are_listed_or_read() -> None:
    """Each entry is a record, the request, or on the list of what was not read."""
    for name, row in ROWS.items():
        found = read(name)
        if isinstance(found, CaseError):
            continue
        said = json.dumps([one.source.pointer for one in (found.request, *found.records,
                           *found.answers) if one.source])  # fmt: skip
        said += json.dumps([one.pointer for one in found.unread])
        for number, entry in enumerate(row.document["entry"]):
            kind = entry["resource"]["resourceType"]
            if kind in {"Patient", "Coverage", "Medication"} or _is_panel(entry["resource"]):
                continue
            assert f'"/entry/{number}' in said, (name, kind, number)


def _is_panel(found: Json) -> bool:
    return bool({"hasMember", "result"} & set(found))
