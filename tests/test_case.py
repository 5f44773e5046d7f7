"""A case means the same in every notation, order and spelling, and loses nothing on the way."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reasoner.case.file
import reasoner.model
from reasoner.case import (
    case_digest,
    case_schema,
    decode_case,
    iter_jsonl,
    load_case,
    load_document,
    notation,
    read_case,
    read_day,
)
from reasoner.case.day import DATE_PATTERN
from reasoner.errors import CaseError
from reasoner.model import (
    Answer,
    Case,
    Coding,
    Condition,
    Day,
    Dose,
    Member,
    Observation,
    Quantity,
    Request,
    Source,
    Therapy,
)

# The case of the contract, with a second record where the order of two could matter.
YAML = """\
id: PA-2026-004417
request:
  received: 2026-03-02
  plan: MMM MA
  product: Lemtrada
  hcpcs: J0202
  quantity: {value: 5, unit: vial}
  billed_units: 60
  service_dates: [2026-03-16, 2026-03-17]
  course: 1
  indication: {code: G35.A, system: icd-10-cm}
  code: "828265"
  system: rxnorm
  source: {document: order.pdf, line: 7}
member: {birth_date: 1986-07-14}
conditions:
  - id: dx1
    code: G35.A
    display: Relapsing-remitting multiple sclerosis
    status: active
    activity: active
    onset: 2019-05
    recorded: 2026-02-11
    end:                                  # absent = not stated
    documented: true
    source: {document: neurology-2026-02-11.pdf, page: 1, quote: "..."}
  - {id: dx2, code: '24700007', system: snomed, onset: 2019, status: unconfirmed}
therapies:
  - id: rx1
    product: Avonex
    start: 2019-01-07
    end: 2021-04-30
    taken: yes
    response: inadequate
    stopped_for: inadequate_response
    indication: {code: G35.A}
    documented: true
    source: {document: neurology-2026-02-11.pdf, page: 2}
  - {id: rx2, code: '1876366', system: rxnorm, ongoing: true}
observations:
  - {id: t1, code: 56888-1, system: loinc, result: non_reactive, date: 2026-02-10}
  - {id: t2, code: 20447-9, value: 20.50, unit: copies/mL}
doses:
  - {id: d1, date: 2025-03-03, quantity: {value: 1.2, unit: mL}}
  - {id: d2, source: {reference: MedicationAdministration/1, pointer: /entry/3}}
answers:
  - {question: infection, answer: "no", by: reviewer, date: 2026-03-01, overrules: []}
  - {question: vials_available, answer: [3, 5], overrules: [rx2, dx1]}
complete: [therapies, doses]
"""


def day(text: str) -> Day:
    return Day(dt.date.fromisoformat(text), dt.date.fromisoformat(text), text)


MS = Coding("G35.A", "icd-10-cm")
CASE = Case(
    id="PA-2026-004417",
    digest="sha256:",
    request=Request(
        received=day("2026-03-02"),
        plan="MMM MA",
        product="Lemtrada",
        hcpcs="J0202",
        quantity=Quantity(Decimal(5), "vial"),
        billed_units=60,
        service_dates=(day("2026-03-16"), day("2026-03-17")),
        course=1,
        indication=MS,
        code="828265",
        system="rxnorm",
        source=Source("order.pdf", line=7),
    ),
    member=Member(day("1986-07-14")),
    conditions=(
        Condition(
            id="dx1",
            code="G35.A",
            display="Relapsing-remitting multiple sclerosis",
            status="active",
            activity="active",
            onset=Day(dt.date(2019, 5, 1), dt.date(2019, 5, 31), "2019-05"),
            recorded=day("2026-02-11"),
            documented=True,
            source=Source("neurology-2026-02-11.pdf", page=1, quote="..."),
        ),
        Condition(
            id="dx2",
            code="24700007",
            system="snomed",
            onset=Day(dt.date(2019, 1, 1), dt.date(2019, 12, 31), "2019"),
            status="unconfirmed",
        ),
    ),
    therapies=(
        Therapy(
            id="rx1",
            product="Avonex",
            start=day("2019-01-07"),
            end=day("2021-04-30"),
            taken=True,
            response="inadequate",
            stopped_for="inadequate_response",
            indication=MS,
            documented=True,
            source=Source("neurology-2026-02-11.pdf", page=2),
        ),
        Therapy(id="rx2", code="1876366", system="rxnorm", ongoing=True),
    ),
    observations=(
        Observation(id="t1", code="56888-1", result="non_reactive", date=day("2026-02-10")),
        Observation(id="t2", code="20447-9", value=Decimal("20.5"), unit="copies/mL"),
    ),
    doses=(
        Dose(id="d1", date=day("2025-03-03"), quantity=Quantity(Decimal("1.2"), "mL")),
        Dose(
            id="d2",
            source=Source(reference="MedicationAdministration/1", pointer="/entry/3"),
        ),
    ),
    answers=(
        Answer(question="infection", answer="no", by="reviewer", date=day("2026-03-01")),
        Answer(question="vials_available", answer=(3, 5), overrules=("rx2", "dx1")),
    ),
    complete=("therapies", "doses"),
    origin="a.yaml",
)


def plain() -> Any:  # noqa: ANN401 - JSON
    """Return YAML as Python data, through JSON where a number is exact."""
    from reasoner.case.document import read_document

    document = read_document(YAML.encode(), name="a", notation="yaml").value
    return json.loads(json.dumps(document, default=float))


def test_a_yaml_case_says_what_is_written() -> None:
    case = read_case(YAML.encode(), name="a.yaml")
    assert msgspec.structs.replace(case, digest="sha256:") == CASE


def test_a_system_that_is_stated_is_the_system_that_is_meant() -> None:
    stated = 'id: a\nobservations: [{id: t, code: 56888-1, system: "lo\\u0069nc"}]'
    absent = "id: a\nobservations: [{id: t, code: 56888-1}]"
    cases = [read_case(text.encode(), name="a") for text in (stated, absent)]
    assert cases[0].digest == cases[1].digest


def test_the_digest_is_pinned() -> None:
    """A digest is kept beside decisions: where it changes, `replay` finds no case of before."""
    assert (
        read_case(YAML.encode(), name="a").digest
        == "sha256:60bff3ecaed2d4d0a791db13ac738e6e60262ff4a5d70776f67cc7e2e7a270e4"
    )


def test_only_the_id_must_be_there() -> None:
    case = decode_case({"id": "a"}, where="a")
    assert case == Case(id="a", digest=case.digest, origin="a")


def null_everywhere() -> dict[str, object]:
    def nulls(kind: type[msgspec.Struct]) -> dict[str, object]:
        return {field.name: None for field in msgspec.structs.fields(kind)}

    return {
        **nulls(notation.Case),
        "id": "a",
        "request": nulls(notation.Request),
        "member": nulls(notation.Member),
        "conditions": [{**nulls(notation.Condition), "id": "dx", "code": "G35"}],
        "therapies": [{**nulls(notation.Therapy), "id": "rx", "product": "Avonex"}],
        "observations": [{**nulls(notation.Observation), "id": "t", "code": "1-1"}],
        "doses": [{**nulls(notation.Dose), "id": "d"}],
        "answers": [{**nulls(notation.Answer), "question": "hiv", "answer": "negative"}],
    }


def without_null(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return {key: without_null(one) for key, one in value.items() if one is not None}
        case list():
            return [without_null(one) for one in value]
        case _:
            return value


def test_null_is_not_stated() -> None:
    assert decode_case(null_everywhere(), where="a") == decode_case(
        without_null(null_everywhere()), where="a"
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02-29", "2000-02-29", "2000-02-29"),
        ("2025-12", "2025-12-01", "2025-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_a_date_is_the_days_that_it_can_mean(text: str, first: str, last: str) -> None:
    assert read_day(text) == Day(dt.date.fromisoformat(first), dt.date.fromisoformat(last), text)


@given(st.dates())
def test_every_day_lies_in_its_month_and_its_year(date: dt.date) -> None:
    text = date.isoformat()
    for shorter in (text, text[:7], text[:4]):
        assert read_day(shorter).first <= date <= read_day(shorter).last


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", "5"), ("5.0", "5"), ("5e0", "5"), ("0.5E1", "5"), ("2000000", "2000000")],
)
def test_whole_vials_in_any_spelling(text: str, value: str) -> None:
    data = f'{{"id": "a", "request": {{"quantity": {{"value": {text}, "unit": "vial"}}}}}}'
    quantity = read_case(data.encode(), name="a").request.quantity
    assert repr(quantity) == repr(Quantity(Decimal(value), "vial"))


@given(st.integers(1, 2_000_000_000), st.sampled_from(["mg", "mL"]))
def test_an_amount_is_exact_to_the_thousandth(thousandths: int, unit: str) -> None:
    written = Decimal(thousandths).scaleb(-3)
    data = f"id: a\ndoses: [{{id: d, quantity: {{value: {written:f}, unit: {unit}}}}}]"
    (dose,) = read_case(data.encode(), name="a").doses
    assert dose.quantity == Quantity(written, unit)


def test_text_stays_as_given() -> None:
    text = "  Lemtrada™ \n\t(alemtuzumab) “12 mg” 😀 \r\n"
    case = decode_case({"id": "a", "request": {"product": text, "plan": text}}, where="a")
    assert (case.request.product, case.request.plan) == (text, text)
    ascii_only = json.dumps({"id": "a", "request": {"product": text}}).encode()
    assert read_case(ascii_only, name="a").request.product == text


@pytest.mark.parametrize("word", ["true", "yes", "Yes", "ON", "false", "no", "off", "False"])
def test_yaml_booleans_are_booleans_where_one_is_meant(word: str) -> None:
    data = f"id: a\ntherapies: [{{id: rx, product: Avonex, taken: {word}}}]"
    (therapy,) = read_case(data.encode(), name="a").therapies
    assert therapy.taken is (word.lower() in {"true", "yes", "on"})


@pytest.mark.parametrize("word", ["010", "0x1F", "1_000", "1:30", "1e5", "nO", "2026-03-02", "."])
def test_other_unquoted_words_of_yaml_are_text(word: str) -> None:
    """Readers of YAML differ on them; the sender meant what is written."""
    case = read_case(f"id: {word}\nrequest: {{plan: {word}}}".encode(), name="a", notation="yaml")
    assert (case.id, case.request.plan) == (word, word)


def test_the_request_itself_can_be_overruled() -> None:
    answer = {"question": "vials_requested", "answer": 3, "overrules": ["request"]}
    assert decode_case({"id": "a", "answers": [answer]}, where="a").answers[0].overrules


def test_a_list_is_complete_once() -> None:
    case = decode_case({"id": "a", "complete": ["doses", "therapies", "doses"]}, where="a")
    assert case.complete == ("doses", "therapies")


def test_a_record_that_contradicts_itself_is_no_bad_file() -> None:
    fields = {
        "id": "a",
        "request": {"received": "2026-03-02", "billed_units": 1},
        "member": {"birth_date": "2030"},
        "therapies": [
            {"id": "rx", "product": "Avonex", "start": "2021", "end": "2019", "ongoing": True}
        ],
        "answers": [{"question": "no_such_question", "answer": -1, "date": "9999"}],
    }
    assert decode_case(fields, where="a").therapies[0].ongoing


# --- one meaning, one digest -------------------------------------------------------------


def test_yaml_and_json_mean_the_same() -> None:
    texts = [
        json.dumps(plain()),
        json.dumps(plain(), indent=2),
        json.dumps(plain(), sort_keys=True),
    ]
    cases = [read_case(text.encode(), name="a.yaml") for text in texts]
    cases += [
        read_case(f"\ufeff{YAML}".encode(), name="a.yaml"),
        decode_case(plain(), where="a.yaml"),
    ]
    cases += [
        one
        for _, one in iter_jsonl(io.BytesIO(texts[0].encode()), name="")
        if isinstance(one, Case)
    ]
    for case in cases:
        assert msgspec.structs.replace(case, digest="sha256:", origin="a.yaml") == CASE
        assert case.digest == cases[0].digest


def shuffled(data: st.DataObject) -> dict[str, Any]:
    """Return YAML with keys and records in any order, and defaults written out or not."""

    def any_order(value: Any) -> Any:  # noqa: ANN401 - JSON
        match value:
            case dict():
                keys = data.draw(st.permutations(sorted(value)))
                return {key: any_order(value[key]) for key in keys}
            case [dict(), *_]:
                return [any_order(one) for one in data.draw(st.permutations(value))]
            case _:
                return value

    case: dict[str, Any] = any_order(plain())
    for name, system in (("conditions", "icd-10-cm"), ("observations", "loinc")):
        for record in case[name]:
            if data.draw(st.booleans()):
                record.setdefault("system", system)
    for name in ("complete", "doses"):
        case[name] = data.draw(st.permutations(case[name]))
    case["request"]["service_dates"].sort(reverse=data.draw(st.booleans()))
    return case


@given(st.data())
def test_order_does_not_change_the_digest(data: st.DataObject) -> None:
    case = shuffled(data)
    assert decode_case(case, where="b").digest == decode_case(plain(), where="a").digest


def variants(value: object) -> Iterator[Any]:
    """*value* with one thing changed, for each thing that is stated in it."""
    match value:
        case msgspec.Struct():
            for name in set(value.__struct_fields__) - {"digest", "origin", "unread"}:
                for other in variants(getattr(value, name)):
                    yield msgspec.structs.replace(value, **{name: other})
        case tuple():
            for at, one in enumerate(value):
                for other in variants(one):
                    yield (*value[:at], other, *value[at + 1 :])
        case int() | Decimal():
            yield (not value) if isinstance(value, bool) else value + 1
        case str():
            yield f"{value}x"
        case dt.date():
            yield value + dt.timedelta(1)


def test_whatever_is_stated_is_in_the_digest() -> None:
    digests = [case_digest(one) for one in (CASE, *variants(CASE))]
    assert len(digests) > 80
    assert len(set(digests)) == len(digests)


def test_where_a_case_was_read_is_not_in_the_digest() -> None:
    case = read_case(YAML.encode(), name="a.yaml")
    assert case_digest(msgspec.structs.replace(case, origin="b", digest="")) == case.digest


# --- the quick way and the thorough way ---------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
NAME = st.from_regex(r"[A-Za-z0-9.:-]{1,8}", fullmatch=True)
DATE = st.sampled_from(["2019", "2019-02", "2024-02-29", 2020, "2025-02-29", "19"])
AMOUNT = st.fixed_dictionaries(
    {
        "value": st.sampled_from([1, 5, 2.5, 0, 1.0001]),
        "unit": st.sampled_from(["vial", "mg", "ml"]),
    }
)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, object]:
    """Cases of which some are wrong."""
    names = draw(st.lists(NAME, min_size=4, max_size=4))
    optional: dict[str, st.SearchStrategy[object]] = {
        "request": st.fixed_dictionaries(
            {},
            optional={
                "plan": TEXT,
                "quantity": AMOUNT,
                "service_dates": st.lists(DATE, max_size=2),
            },
        ),
        "conditions": st.just([{"id": names[0], "code": draw(TEXT), "onset": draw(DATE)}]),
        "therapies": st.just(
            [{"id": names[1], "product": draw(TEXT), "taken": draw(st.booleans())}]
        ),
        "doses": st.just([{"id": names[2], "quantity": draw(AMOUNT)}]),
        "answers": st.just([{"question": "hiv", "answer": draw(TEXT), "overrules": [names[3]]}]),
    }
    return draw(st.fixed_dictionaries({"id": NAME}, optional=optional))


def outcome(data: bytes) -> Case | str:
    try:
        return read_case(data, name="a", notation="json")
    except CaseError as error:
        return str(error)


@given(cases(), st.booleans())
def test_the_quick_way_says_the_same(case: dict[str, object], ascii_only: bool) -> None:  # noqa: FBT001
    data = json.dumps(case, ensure_ascii=ascii_only).encode()
    quick = outcome(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reasoner.case.file, "_plain_json", lambda *_: None)
        assert outcome(data) == quick


def test_the_quick_way_is_taken() -> None:
    assert reasoner.case.file._plain_json(json.dumps(plain()).encode(), "a") is None  # `end: null`
    assert reasoner.case.file._plain_json(json.dumps(without_null(plain())).encode(), "a")


# --- files, streams, other inputs ---------------------------------------------------------


@pytest.mark.parametrize("name", ["a.json", "a.JSON", "a.yaml", "a.yml", "a", "a.txt"])
def test_a_file_is_read_by_its_name_or_else_by_its_text(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(plain()), encoding="utf-8")
    case = load_case(str(path))
    assert (case.digest, case.origin) == (decode_case(plain(), where="").digest, str(path))
    assert load_document(str(path)).name == str(path)


def test_the_name_of_a_file_goes_before_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a.JSON"
    path.write_text("id: a", encoding="utf-8")
    with pytest.raises(CaseError, match="this is no JSON"):
        load_case(str(path))


@pytest.mark.parametrize("text", [YAML, json.dumps(plain())], ids=["yaml", "json"])
def test_a_dash_is_the_standard_input(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", types.SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert load_case("-").origin == "standard input"


def test_a_stream_gives_each_case_with_its_line() -> None:
    stream = io.BytesIO(b'\xef\xbb\xbf{"id": "a"}\r\n\n  \n{"id": "b"}\n{"id": "c"}')
    found = [
        (number, one.id) for number, one in iter_jsonl(stream, name="s") if isinstance(one, Case)
    ]
    assert found == [(1, "a"), (4, "b"), (5, "c")]


def test_a_stream_is_read_line_by_line() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream, os.fdopen(writer, "wb", buffering=0) as sender:
        lines = iter_jsonl(stream, name="s")
        for name in ("a", "b"):
            sender.write(f'{{"id": "{name}"}}\n'.encode())
            _, case = next(lines)
            assert isinstance(case, Case)
            assert case.id == name


@pytest.mark.parametrize("text", ['{"resourceType": "Bundle"}', "resourceType: Bundle"])
def test_what_has_a_resource_type_is_fhir(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_order(document: dict[str, object], *, where: str, known: object) -> Case:
        assert known is None
        return Case(id=str(document["resourceType"]), digest="", origin=where)

    monkeypatch.setattr("reasoner.fhir.read_order", read_order)
    assert read_case(text.encode(), name="a") == Case(id="Bundle", digest="", origin="a")


def test_a_json_case_imports_neither_yaml_nor_fhir() -> None:
    code = """
import sys
from reasoner.case import read_case
read_case(b'{"id": "a"}', name="a")
print([name for name in ("yaml", "clingo", "json", "reasoner.fhir") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- the published schema -----------------------------------------------------------------


def test_the_notation_has_the_fields_of_the_model() -> None:
    found = {"digest", "origin", "unread"}
    for name in sorted(case_schema()["$defs"]):
        written = getattr(notation, name).__struct_fields__
        assert set(written) == set(getattr(reasoner.model, name).__struct_fields__) - found


def test_the_schema_is_closed_and_described() -> None:
    schema = case_schema()
    assert schema["$ref"] == "#/$defs/Case"
    for name, part in schema["$defs"].items():
        assert part["additionalProperties"] is False, name
        assert part["description"], name
    date = schema["$defs"]["Member"]["properties"]["birth_date"]["anyOf"][0]
    assert date["pattern"] == f"^{DATE_PATTERN}$"
    assert json.loads(json.dumps(schema)) == schema
