"""How findings are shown: a place with a caret, data, SARIF, annotations; never a traceback."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from reasoner.check import CODES, Finding, check_policy
from reasoner.check.annotations import annotation
from reasoner.check.excerpt import excerpt
from reasoner.check.sarif import sarif
from reasoner.cli import run
from reasoner.policy import rules_folder

DATA = Path(__file__).parent / "data"
SCHEMA = DATA / "sarif" / "sarif-2.1.0-rtm.5.json"
FAULTS = """
%! {Drug} is said; 50 % of them, says "é".
outsid :- is(form, other), condition(R), R != "é".
\toutside :- is(frm, other).
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("output") / "rules"
    for name in ("core", "terminology"):
        shutil.copytree(rules_folder() / name, folder / name)
    return folder


@pytest.fixture
def rules(copied: Path) -> Path:
    """The rules with the small policy as it is; what is shared is read once for all tests."""
    shutil.rmtree(copied / "policies", ignore_errors=True)
    shutil.copytree(DATA / "check", copied / "policies" / "tiny")
    return copied


@pytest.fixture
def broken(rules: Path) -> Path:
    with (rules / "policies" / "tiny" / "criteria.lp").open("a", encoding="utf-8") as file:
        file.write(FAULTS)
    return rules


@pytest.fixture(scope="module")
def valid() -> Callable[[Any], Any]:
    checked: Callable[[Any], Any] = fastjsonschema.compile(
        json.loads(SCHEMA.read_text()), use_default=False
    )
    return checked


def shown(rules: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["check", "--rules", str(rules), *options]) == 1
    return capsys.readouterr().out


# -- the caret ---------------------------------------------------------------------------------


def test_a_caret_stands_under_each_token(broken: Path) -> None:
    findings = check_policy(broken, "tiny")
    tokens = {}
    for finding in findings:
        found = excerpt(broken, finding)
        assert found is not None
        tokens[finding.code] = found.text[found.column - 1 : found.end - 1]
    assert tokens["sentence.variable"] == "{Drug}"
    assert tokens["vocabulary.unread"] == "outsid"
    assert tokens["split.record"] == "condition"
    assert tokens["answer.question"] == "is"


def test_the_text_shows_line_and_caret(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(broken, capsys=capsys)
    assert (
        "error[vocabulary.unread]: nobody reads `outsid/0`\n"
        "  --> policies/tiny/criteria.lp:18:1\n"
        "   |\n"
        '18 | outsid :- is(form, other), condition(R), R != "é".\n'
        "   | ^^^^^^\n"
        "  = hint: did you mean `outside/0`?\n"
    ) in out
    assert "19 |  outside :- is(frm, other).\n   |             ^^\n" in out


def test_a_column_counts_characters_where_clingo_counts_bytes(rules: Path) -> None:
    path = rules / "policies" / "tiny" / "criteria.lp"
    path.write_text(path.read_text() + 'outside :- is(form, "é"), is(frm, other).\n')
    (finding,) = (f for f in check_policy(rules, "tiny") if f.code == "answer.question")
    found = excerpt(rules, finding)
    assert found is not None
    assert found.text[found.column - 1 :].startswith("is(frm")


def test_a_place_that_is_not_there_has_no_excerpt(rules: Path) -> None:
    places = ("policies/tiny/none.lp:1:1", "policies/tiny/criteria.lp:999:1", "policies/tiny", "")
    for where in places:
        assert excerpt(rules, Finding("c", "error", "m", where)) is None
    last = excerpt(rules, Finding("c", "error", "m", "policies/tiny/criteria.lp:1:999"))
    assert last is not None
    assert last.end == last.column + 1


def test_what_could_move_a_cursor_is_not_shown(rules: Path) -> None:
    path = rules / "policies" / "tiny" / "criteria.lp"
    path.write_text(path.read_text() + 'outside :- is(frm, "\x1b[31m\u202e").\n')
    (finding,) = (f for f in check_policy(rules, "tiny") if f.code == "answer.question")
    found = excerpt(rules, finding)
    assert found is not None
    assert "\x1b" not in found.text
    assert "\u202e" not in found.text


# -- for programs ------------------------------------------------------------------------------


def test_data_has_the_excerpt_too(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(shown(broken, "--format", "json", capsys=capsys))
    assert data["errors"] == len([f for f in data["findings"] if f["severity"] == "error"])
    (one,) = (f for f in data["findings"] if f["code"] == "vocabulary.unread")
    assert one["excerpt"]["text"].startswith("outsid :-")
    assert (one["excerpt"]["column"], one["excerpt"]["end"]) == (1, 7)


def test_sarif_keeps_to_the_published_schema(
    broken: Path, capsys: pytest.CaptureFixture[str], valid: Callable[[Any], Any]
) -> None:
    log = json.loads(shown(broken, "--format", "sarif", capsys=capsys))
    valid(log)
    (ran,) = log["runs"]
    rules = ran["tool"]["driver"]["rules"]
    for result in ran["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startColumn"] < region["endColumn"] <= len(region["snippet"]["text"]) + 1
    assert {rule["id"] for rule in rules} == {result["ruleId"] for result in ran["results"]}


def test_sarif_holds_every_code_and_no_finding_at_all(
    rules: Path, valid: Callable[[Any], Any]
) -> None:
    valid(sarif([], rules, "rules/", "0"))
    found = [Finding(code, "error", "m %", f"a b/{code}.lp:1:1") for code in CODES]
    log = sarif([*found, Finding("policy.file", "warning", "m", "")], rules, "rules/", "0")
    valid(log)
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert uri == {"uri": "rules/a%20b/rules.syntax.lp"}
    with pytest.raises(fastjsonschema.JsonSchemaException):
        valid(log | {"version": "2.0"})


def test_a_path_in_sarif_leads_from_here(
    broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = shown(broken, "--format", "sarif", capsys=capsys)
    assert f'"uri": "file://{broken.resolve()}/policies/tiny/criteria.lp"' in elsewhere
    monkeypatch.chdir(broken.parent)
    here = shown(broken, "--format", "sarif", capsys=capsys)
    assert '"uri": "rules/policies/tiny/criteria.lp"' in here


def test_annotations_are_one_line_each(
    broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(broken.parent)
    *lines, summary = shown(broken, "--format", "github", capsys=capsys).splitlines()
    wanted = re.compile(
        r"::(error|warning) file=rules/policies/tiny/[\w.]+,title=[\w.]+,"
        r"line=\d+,col=\d+,endColumn=\d+::.+%0Ahint: .+"
    )
    assert [line for line in lines if not wanted.fullmatch(line)] == []
    assert summary == f"{len(lines)} errors, 0 warnings in 1 policy: tiny"


def test_what_would_end_an_annotation_is_escaped(rules: Path) -> None:
    finding = Finding("c", "error", "50 %\nof: a,b", "a,b:c.lp", "h")
    assert annotation(finding, rules, "r/") == (
        "::error file=r/a%2Cb%3Ac.lp,title=c::50 %25%0Aof: a,b%0Ahint: h"
    )


# -- strict ------------------------------------------------------------------------------------


def test_strict_makes_every_warning_an_error(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(rules / "policies" / "tiny" / "tests")
    assert run(["check", "--rules", str(rules)]) == 0
    assert "warning[clause.test]: the policy has no tests" in capsys.readouterr().out
    assert "error[clause.test]" in shown(rules, "--strict", capsys=capsys)


# -- garbage -----------------------------------------------------------------------------------

GARBAGE = {
    "no text": b"\xff\xfe\x00",
    "nothing": b"",
    "a byte of zero": b"a(\0).",
    "deep": b"a(" + b"f(" * 3000 + b"1" + b")" * 3000 + b").",
    "open": b"a(" * 3000,
    "a number too large": b"a(99999999999999999999).",
    "strings": b'a("\\q\n").',
    "lists": b"[]{}()",
    "a long line": b"a :- " + b"b, " * 300 + b"c.",
}
NAMES = ("criteria.lp", "evidence.lp", "questions.lp", "policy.toml", "tests/policy.yaml")


@pytest.mark.parametrize("name", [*NAMES, "tests/more.csv", "locale/es/tiny.po", "properties.lp"])
@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_garbage_gives_findings_never_a_traceback(rules: Path, name: str, data: bytes) -> None:
    path = rules / "policies" / "tiny" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    for finding in check_policy(rules, "tiny"):
        assert finding.message
        excerpt(rules, finding)


@pytest.mark.parametrize("seed", range(12))
def test_a_file_with_some_bytes_changed_gives_findings(rules: Path, seed: int) -> None:
    source = random.Random(seed)
    files = sorted((rules / "policies" / "tiny").glob("*.*"))
    path = source.choice(files)
    data = bytearray(path.read_bytes())
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(data))
        data[at : at + source.randint(0, 9)] = bytes(source.choices(b'(){}%":-.,;#@_Xx1 \n', k=3))
    path.write_bytes(bytes(data))
    for finding in check_policy(rules, "tiny"):
        assert finding.message
        excerpt(rules, finding)
