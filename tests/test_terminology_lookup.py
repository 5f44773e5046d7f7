"""What is known of a code, and tables that a user adds."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from fhir_parts import RXNORM, bundle, concept, example, order, patient
from reasoner.cli import run
from reasoner.cli.failure import ANSWERED, FAILED, INPUT, USAGE
from reasoner.errors import PolicyError
from reasoner.installed import rules_folder
from reasoner.terminology import load, lookup
from shipped import the_reasoner

TABLES = rules_folder() / "terminology"


def test_a_code_of_two_periods_is_in_force_by_the_day() -> None:
    tables = the_reasoner().terminology
    last, first = dt.date(2025, 9, 30), dt.date(2025, 10, 1)
    for code, before, after in (("G35", True, False), ("G35.A", False, True)):
        told = [lookup(tables, code, day=day).entries[0].in_force for day in (last, first)]
        assert told == [before, after]
    assert lookup(tables, "G35").entries[0].in_force is None


def test_a_name_is_found_as_a_code_and_by_its_display() -> None:
    tables = the_reasoner().terminology
    found = lookup(tables, "Lemtrada")
    assert {(one.row.system, one.by) for one in found.entries} == {
        ("name", "code"),
        ("rxnorm", "display"),
    }
    assert [one.row.system for one in lookup(tables, "Lemtrada", system=RXNORM).entries] == [
        "rxnorm"
    ]
    assert "labelled_for" in [one.property for one in found.properties]


def test_an_unknown_code_has_its_range_and_its_nearest() -> None:
    found = lookup(the_reasoner().terminology, "A15.77", system="icd-10-cm")
    assert not found.entries
    assert "infectious_range" in [row.concept for row in found.ranges]
    assert "`A15" in found.nearest
    assert not lookup(the_reasoner().terminology, "zzzz").nearest


def test_lookup_prints_what_it_finds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["terminology", "lookup", "J0202"]) == ANSWERED
    out = capsys.readouterr().out
    assert out.startswith("hcpcs J0202  Injection, alemtuzumab, 1 mg\n  means alemtuzumab\n")
    assert "source policy text  (high)  hcpcs.csv:2" in out
    assert run(["terminology", "lookup", "lemtrda"]) == ANSWERED
    assert capsys.readouterr().out.startswith("UNKNOWN  lemtrda\n")
    assert run(["terminology", "lookup", "G35", "--as-of", "2026-01-01", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["found"], told["entries"][0]["in_force"]) == (True, False)
    assert run(["terminology", "lookup", "G35", "--system", "icd"]) == USAGE
    assert "`icd` is not a code system" in capsys.readouterr().err


# --- tables of a user --------------------------------------------------------------------

OWN = "code,display,concept,source\n999999001,Home remedy,other_drug,our formulary\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "rxnorm.csv"
    file.write_text(OWN, encoding="utf-8")
    return file


def test_a_user_adds_rows_with_few_columns(own: Path) -> None:
    (row,) = load(TABLES, own).rows("rxnorm", "999999001")
    assert (row.concept, row.confidence, row.valid_from, row.lists) == (
        "other_drug", "unverified", None, (),
    )  # fmt: skip


def test_an_added_row_tells_the_decision_and_the_replay(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = {
        "resourceType": "MedicationStatement", "id": "s", "status": "active",
        "subject": {"reference": "Patient/maria"},
        "medicationCodeableConcept": concept(RXNORM, "999999001"),
    }  # fmt: skip
    whole = example()
    whole["entry"].append({"resource": running})
    case, record = tmp_path / "chart.json", tmp_path / "record.json"
    case.write_text(json.dumps(whole), encoding="utf-8")
    assert run(["decide", str(case)]) == ANSWERED
    assert capsys.readouterr().out.startswith("PEND")
    more = ["--terminology", str(own)]
    assert run(["decide", str(case), *more, "--format", "json"]) == ANSWERED
    record.write_text(capsys.readouterr().out, encoding="utf-8")
    assert json.loads(record.read_text(encoding="utf-8"))["recommendation"] == "approve"
    assert run(["replay", str(record), "--case", str(case), *more]) == ANSWERED
    assert capsys.readouterr().out.startswith("SAME")
    assert run(["replay", str(record), "--case", str(case)]) == FAILED
    assert "terminology" in capsys.readouterr().out
    assert run(["decide", str(case), "--terminology", str(tmp_path / "none.csv")]) == INPUT


def test_a_row_that_contradicts_another_is_an_error(own: Path) -> None:
    own.write_text(OWN.replace("999999001", "117055"), encoding="utf-8")
    with pytest.raises(PolicyError, match="`117055` has the concept"):
        load(TABLES, own)


MALFORMED = [
    ("units", "system,code,unit,factor,source\nucum,kg,mg,x,t\n", "`x` is no factor"),
    ("units", "system,code,unit,factor,source\nucum,kg,mg,-1,t\n", "is no factor"),
    ("units", "system,code,unit,factor,source\nucum,kg,stone,1,t\n", "`stone` is no unit"),
    ("units", "system,code,unit,factor,source\nucum,mg,mL,1,t\n", "is another unit in"),
    ("results", "system,code,result,source\nword,negative,bad,t\n", "`bad` is no result"),
    ("results", "system,code,result,source\nword,negative,reactive,t\n", "has the result"),
]


@pytest.mark.parametrize(("name", "text", "message"), MALFORMED)
def test_a_malformed_table_is_refused(name: str, text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=message):
        load(TABLES, file)


def test_units_are_converted_and_case_counts_in_ucum() -> None:
    from reasoner.fhir import read_order

    for quantity, expected in (
        ({"value": 0.06, "code": "g", "system": "http://unitsofmeasure.org"}, (Decimal(60), "mg")),
        ({"value": 60000, "code": "ug"}, (Decimal(60), "mg")),
        ({"value": 0.006, "unit": "L", "code": "L"}, (Decimal(6), "mL")),
        ({"value": 60, "code": "MG"}, None),
        ({"value": 60, "unit": "MG"}, (Decimal(60), "mg")),
    ):
        asked = order(dispenseRequest={"quantity": quantity})
        found = read_order(bundle(asked, patient()), where="x").request.quantity
        assert (found and (found.value, found.unit)) == expected
