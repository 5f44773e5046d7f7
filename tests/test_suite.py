"""Tests of a policy's tests: what a row may say, what is refused, what a failure tells.

Every test writes its own files of tests beside a copy of the shipped rules.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import msgspec
import pytest

from reasoner.cli import run
from reasoner.decision import Decision
from reasoner.errors import CaseError, PolicyError
from reasoner.policy import rules_folder
from shipped import the_reasoner
from workbench.suite.bench import Result, decided
from workbench.suite.files import policy_rows, read_rows
from workbench.suite.judgement import judged
from workbench.suite.notation import expectation
from workbench.suite.row import Row

ID = "mp-rx-fp-52-23"
BASE = """
base:
  id: base
  request: {received: 2026-03-02, plan: MMM MA, product: Lemtrada, course: 1,
            quantity: {value: 5, unit: vial}, indication: {code: G35.A},
            service_dates: [2026-03-16, 2026-03-17, 2026-03-18, 2026-03-19, 2026-03-20]}
  conditions:
    ms: {code: G35.A, status: active, recorded: 2026-02-11, source: {document: a.pdf, page: 1}}
  therapies:
    one: {product: Avonex, start: 2014-01-07, end: 2017-04-30, taken: true, response: inadequate,
          indication: {code: G35.A}, source: {document: a.pdf, page: 1}}
    two: {product: Tecfidera, start: 2017-06-01, end: 2022-06-30, taken: true,
          response: inadequate, indication: {code: G35.A}, source: {document: a.pdf, page: 1}}
  observations:
    t: {code: 56888-1, result: non_reactive, date: 2026-02-10, source: {document: a.pdf, page: 1}}
  complete: [therapies, doses]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The `tests/` of a copy of the shipped policy, empty."""
    ignored = shutil.ignore_patterns("tests", "locale")
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules", ignore=ignored))
    found = rules / "policies" / ID / "tests"
    found.mkdir()
    return found


def row(folder: Path, text: str, name: str = "a.yaml") -> Row:
    return written(folder, f"{BASE}\nrows:\n  - {text}\n", name)[0]


def written(folder: Path, text: str, name: str = "a.yaml") -> list[Row]:
    (folder / name).write_text(text, encoding="utf-8")
    return read_rows(folder / name)


def result(one: Row) -> Result:
    (found,) = decided(the_reasoner(), [one])
    return found


def differences(one: Row) -> list[str]:
    found = result(one)
    assert isinstance(found, Decision), found
    return [f"{d.what}: {d.expected} / {d.got}" for d in judged(one.expect, found)]


# --- what holds, and what does not ------------------------------------------------------------

HOLDS = [
    "{approve: 5}",
    "approve 5",
    "{approve: null}",
    "{clauses: {approval.I: met, quantity.initiation: open}}",
    "{approve: 5, advisories: [monitoring, rems], conflicts: []}",
    "{advisories: [rems, ...], not_advised: [short_trial]}",
    '{assumes: {infection: "no", first_course: null}}',
    "{not_grounds: [approval.II], not_asked: [hiv]}",
]
FAILS = {
    "{approve: 4}": "recommendation: approve 4 / approve 5",
    "deny approval.II": "recommendation: deny approval.II / approve 5",
    "{clauses: {approval.I: not_met}}": "approval.I: not met / met",
    "{advisories: [rems]}": "advisories: rems / monitoring, rems",
    "{not_advised: [rems]}": "advisories: not rems / monitoring, rems",
    '{assumes: {infection: "yes"}}': "assumed infection: yes / no",
    "{assumes: {infection: null}}": "assumed infection: nothing / no",
    "{conflicts: [hiv]}": "conflicts: hiv / none",
    "{rests_on: [counted_by]}": "rests on: counted_by / infection_unstated",
}


@pytest.mark.parametrize("expect", HOLDS)
def test_what_holds_of_the_base_passes(expect: str, folder: Path) -> None:
    assert differences(row(folder, f"{{name: x, change: {{}}, expect: {expect}}}")) == []


@pytest.mark.parametrize("expect", FAILS)
def test_what_does_not_hold_is_told(expect: str, folder: Path) -> None:
    found = differences(row(folder, f"{{name: x, change: {{}}, expect: {expect}}}"))
    assert found == [FAILS[expect]]


@pytest.mark.parametrize(
    ("change", "expect"),
    [
        ("{conditions: {ms: null}}", "{pend: [phenotype], needed: {phenotype: 1}}"),
        ("{therapies: {two: null}}", "{deny: [approval.II], not_grounds: [approval.I]}"),
        ("{request: {quantity: {value: 6}}}", "{partial: 5, clauses: {quantity.limit: reduces}}"),
        ("{observations: {t: null}, conditions: {ms: null}}", "{pend: [hiv, ...]}"),
    ],
)
def test_a_change_is_a_merge_patch(change: str, expect: str, folder: Path) -> None:
    assert differences(row(folder, f"{{name: x, change: {change}, expect: {expect}}}")) == []


def test_a_list_is_exact_unless_it_ends_in_dots(folder: Path) -> None:
    change = "{observations: {t: null}, conditions: {ms: null}}"
    found = row(folder, f"{{name: x, change: {change}, expect: {{pend: [hiv]}}}}")
    assert differences(found) == ["recommendation: pend hiv / pend phenotype hiv"]


def test_a_disjunction_is_a_ground() -> None:
    assert expectation("deny approval.I exclusion.II|exclusion.III").deny == [
        "approval.I",
        ["exclusion.II", "exclusion.III"],
    ]


def test_a_reading_is_switched(folder: Path) -> None:
    change = "{therapies: {two: {product: Betaseron}}}"
    text = f"{{name: x, change: {change}, expect: approve 5, under: {{counted_by=class: deny}}}}"
    rows = written(folder, f"{BASE}\nrows:\n  - {text}\n")
    assert [one.name for one in rows] == ["x", "x (counted_by=class)"]
    assert [differences(one) for one in rows] == [[], []]


def test_a_day_is_frozen(folder: Path) -> None:
    late = "{conditions: {ms: {recorded: 2026-03-03}}}"
    text = (
        f"decided_on: 2026-03-04\n{BASE}\nrows:\n  - {{name: x, change: {late}, expect: approve}}\n"
    )
    assert differences(written(folder, text)[0]) == []
    assert differences(row(folder, f"{{name: x, change: {late}, expect: pend phenotype}}")) == []


def test_a_whole_case_takes_the_place_of_the_base(folder: Path) -> None:
    text = "{name: x, case: {request: {plan: Elsewhere}}, expect: not_applicable}"
    assert differences(row(folder, text)) == []


# --- a table in CSV ---------------------------------------------------------------------------


def test_a_sheet_stands_over_the_base_of_its_name(folder: Path) -> None:
    (folder / "b.yaml").write_text(BASE, encoding="utf-8")
    text = (
        "name,request.quantity.value,therapies.two,expect,expect.clauses.approval.II,"
        "expect.assumes.infection,under.counted_by=class,readings.under_18\n"
        "one,5,null,deny approval.II,not_met,,,\n"
        "two,6,,partial 5,met,no,partial 5,refer\n"
        "\n"
    )
    rows = written(folder, text, "b.csv")
    assert [one.name for one in rows] == ["one", "two", "two (counted_by=class)"]
    assert [one.line for one in rows] == [2, 3, 3]
    assert [differences(one) for one in rows] == [[], [], []]
    assert rows[2].readings == {"under_18": "refer", "counted_by": "class"}


# --- what is refused --------------------------------------------------------------------------

REFUSED = {
    "{name: x, change: {}, exect: approve}": "unknown key `exect`",
    "{name: x, change: {}, expect: {aprove: 5}}": "unknown key `aprove`",
    "{name: x, change: {}, expect: {}}": "an expectation is a mapping",
    "{name: x, change: {}, expect: {approve: 5, deny: null}}": "one recommendation is expected",
    "{name: x, change: {}, expect: maybe}": "`maybe` is no recommendation",
    "{name: x, change: {}, expect: approve five}": "`approve` takes one whole number",
    "{name: x, expect: approve}": "a row has either a `change`",
    "{name: 'a::b', change: {}, expect: approve}": "a row's name is one line",
    "{name: x, change: {}, expect: approve, decided_on: 2026}": "expected `str",
    "{name: x, change: {}, expect: approve, decided_on: 2026-03}": "is no single day",
    "{name: x, change: {}, expect: approve, under: {counted_by: deny}}": "switches no reading",
    "{name: x, change: {requst: {}}, expect: approve}": "unknown key `requst`",
    "{name: x, change: *nobody, expect: approve}": "nothing is called `nobody`",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_row_that_makes_no_sense_is_refused_with_its_place(text: str, folder: Path) -> None:
    with pytest.raises((PolicyError, CaseError)) as caught:
        row(folder, text)
    assert REFUSED[text] in caught.value.message
    assert "a.yaml:19" in caught.value.where


UNKNOWN = {
    "{clauses: {approval.VII: met}}": "no clause `approval.VII`",
    "{clauses: {approval.I: applies}}": "no status of `approval.I` `applies`",
    "deny exclusion.X": "no clause `exclusion.X`",
    "{not_grounds: [approval.i]}": "no clause `approval.i`",
    "pend hvi": "no question `hvi`",
    "{not_asked: [failed]}": "no question `failed`",
    "{assumes: {infection: maybe}}": "no answer of `infection` `maybe`",
    "{rests_on: [counted]}": "no reading `counted`",
    "{not_advised: [minors]}": "no advisory `minors`",
    "refer somebody": "no reason to refer `somebody`",
}


@pytest.mark.parametrize("expect", UNKNOWN)
def test_what_the_policy_does_not_have_cannot_be_expected(expect: str, folder: Path) -> None:
    found = result(row(folder, f"{{name: x, change: {{}}, expect: {expect}}}"))
    assert isinstance(found, PolicyError)
    assert UNKNOWN[expect] in found.message


SHEETS = {
    "nam\none\n": "there is no column `name`",
    "name,expect,expect\n": "the column `expect` is there twice",
    "name,expct\n": "`expct` is no column",
    "name,expect.pends\n": "nothing is expected under `pends`",
    "name,expect\nx\n": "the row has 1 cells, the header 2",
    "name,expect\nx,\n": "an expectation is a mapping",
}


@pytest.mark.parametrize("text", SHEETS)
def test_a_sheet_that_makes_no_sense_is_refused(text: str, folder: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        written(folder, text, "b.csv")
    assert SHEETS[text] in caught.value.message


def test_a_name_stands_once_among_the_tests_of_a_policy(folder: Path) -> None:
    row(folder, "{name: x, change: {}, expect: approve}", "a.yaml")
    row(folder, "{name: x, change: {}, expect: approve}", "b.yaml")
    with pytest.raises(PolicyError, match="`x` is given twice"):
        policy_rows(folder.parent)


# --- run by pytest ----------------------------------------------------------------------------

TWO = """{name: good, change: {}, expect: approve 5}
  - {name: bad, change: {}, expect: deny approval.II}"""


def test_a_row_of_a_folder_elsewhere_is_run_again_as_it_is_told(
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    row(folder, TWO)
    assert run(["test", "--rules", str(folder.parents[2]), ID]) == 1
    (again,) = re.findall(r"again: reasoner (.+)", capfd.readouterr().out)
    assert run(shlex.split(again)) == 1
    told = capfd.readouterr().out
    assert f"again: reasoner {again}" in told
    assert f"{folder / 'a.yaml'}:" in told


def test_the_command(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parents[3])
    rules = ["--rules", "rules"]
    assert run(["test", *rules]) == 1
    assert "no test found in rules/policies" in capfd.readouterr().err

    row(folder, TWO)
    item = f"rules/policies/{ID}/tests/a.yaml::bad"
    assert run(["test", *rules]) == 1
    out = capfd.readouterr().out
    assert "1 failed, 1 passed" in out
    for told in (
        "expected  deny approval.II",
        "got       approve 5",
        "one: interferon beta-1a gave an inadequate response.",
        f"again: reasoner test {item}",
    ):
        assert told in out
    assert re.search(rf"policies/{ID}/criteria\.lp:\d+  met\(approval\(ii\)\)", out)
    assert run(["test", *rules, "-k", "good"]) == 0
    assert run(["test", item]) == 1
    assert run(["test", *rules, "nobody"]) == 2
    capfd.readouterr()

    assert run(["test", *rules, "--format", "json", ID]) == 1
    report = msgspec.json.decode(capfd.readouterr().out)
    assert (report["passed"], report["failed"], report["errors"]) == (1, 1, 0)
    assert [one["outcome"] for one in report["rows"]] == ["passed", "failed"]

    (folder / "a.yaml").write_text("rows:\n  - {name: good, chnge: {}, expect: approve 5}\n")
    assert run(["test", *rules]) == 3
    assert "error[test.unknown_key]: unknown key `chnge`" in capfd.readouterr().out


def test_rows_of_a_policy_that_decide_refuses_are_run_and_the_refusal_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.parent / "exclusions.lp"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("applies(exclusion(v)) :-", "applied(exclusion(v)) :-"), "utf-8")
    (folder / "a.yaml").write_text(
        f"{BASE}\nrows:\n  - {{name: base, change: {{}}, expect: {{approve: 5}}}}\n"
        "  - {name: infected, change: {answers: [{question: infection, answer: 'yes', by: me,"
        " date: 2026-03-01}]}, expect: {deny: [exclusion.V]}}\n",
        "utf-8",
    )

    assert run(["test", str(folder), "--no-color"]) == 1
    said = capsys.readouterr().out
    assert "no rule defines the clause `exclusion.V`" in said
    assert "expected deny exclusion.V, got approve 5" in said
    assert "2 failed, 1 passed" in said
