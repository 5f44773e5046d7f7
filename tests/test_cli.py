"""The command line keeps its contract: exit statuses, error texts, streams, plain output."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reasoner.cli import run
from reasoner.cli.failure import ANSWERED, FAILED, INPUT, OPEN, USAGE, worst
from reasoner.cli.screen import Screen, plain, safe_json
from reasoner.policy import rules_folder

CASES = Path(__file__).parent / "data" / "cases"
APPROVE, DENY, PEND = (str(CASES / f"{name}.yaml") for name in ("approve", "deny", "pend"))
EXIT_CODES = {
    "approve": 0,
    "deny": 10,
    "pend": 11,
    "conflict": 11,
    "partial": 12,
    "refer": 13,
    "not-applicable": 14,
}


class Ran:
    """What a run of the command line left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


Command = Callable[..., Ran]


@pytest.fixture
def reasoner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command line in this process."""
    for name in ("NO_COLOR", "ACCESSIBLE", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, stdin: bytes | None = None) -> Ran:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = run(list(arguments))
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return command


def changed(path: str, *changes: tuple[str, str]) -> str:
    """Return the text of a case with *changes*, each of which must apply."""
    text = Path(path).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def as_json(path: str, **more: object) -> dict[str, Any]:
    """Return a case as plain data, for a line of a stream."""
    from reasoner.case import load_document

    value = load_document(path).value
    assert isinstance(value, dict)
    return {**value, **more}


def line(document: dict[str, Any]) -> str:
    return json.dumps(document, default=int)


# --- exit statuses ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXIT_CODES)
def test_a_recommendation_is_an_answer_whatever_it_says(reasoner: Command, name: str) -> None:
    assert reasoner("decide", str(CASES / f"{name}.yaml")).status == ANSWERED


@pytest.mark.parametrize(("name", "status"), EXIT_CODES.items())
def test_exit_code_tells_the_recommendation_of_one_case(
    reasoner: Command, name: str, status: int
) -> None:
    assert reasoner("decide", str(CASES / f"{name}.yaml"), "--exit-code").status == status


def test_exit_code_is_for_one_case(reasoner: Command) -> None:
    ran = reasoner("decide", APPROVE, DENY, "--exit-code")
    assert (ran.status, ran.out) == (USAGE, "")
    assert "`--exit-code` is for one case" in ran.err


def test_of_several_bad_input_comes_first_then_a_failure_then_no_conclusion() -> None:
    assert worst(OPEN, FAILED) == FAILED
    assert worst(FAILED, INPUT) == INPUT
    assert worst(ANSWERED, OPEN) == OPEN


# --- errors -----------------------------------------------------------------------------------

USAGE_ERRORS = {
    "no such command": (["decid", APPROVE], "did you mean `decide`?"),
    "no such option": (["decide", APPROVE, "--fromat", "json"], "did you mean `--format`?"),
    "no case": (["decide"], "missing argument `CASE...`"),
    "no such format": (["decide", APPROVE, "--format", "yaml"], "`text`, `json`"),
    "no such reading": (
        ["decide", APPROVE, "--reading", "intolerence_counts=yes"],
        "did you mean `intolerance_counts`?",
    ),
    "no such value of a reading": (
        ["decide", APPROVE, "--reading", "intolerance_counts=maybe"],
        "one of no, yes",
    ),
    "no value of a reading": (["decide", APPROVE, "--reading", "intolerance_counts"], "write it"),
    "a reading twice": (
        ["decide", APPROVE, "--reading", "counted_by=class", "--reading", "counted_by=brand"],
        "the reading `counted_by` is given twice",
    ),
    "no such policy": (["decide", APPROVE, "--policy", "nowhere"], "no policy `nowhere`"),
    "no rules": (["decide", APPROVE, "--rules", str(CASES)], "no rules folder"),
    "no day": (["decide", APPROVE, "--decided-on", "2026-02-31"], "no day of the calendar"),
    "half a day": (["decide", APPROVE, "--as-of", "2026-02"], "write YYYY-MM-DD"),
    "no such clause": (["why", APPROVE, "approval.IX"], "did you mean `approval."),
    "no such question": (["why", APPROVE, "hvi"], "did you mean `hiv`?"),
    "no answer": (["what-if", APPROVE, "hiv"], "write it like `hiv=negative`"),
    "no such answer": (["what-if", APPROVE, "hiv=maybe"], "one of negative, positive"),
    "an unknown question": (["what-if", APPROVE, "hvi=negative"], "did you mean `hiv`?"),
    "an answer twice": (["what-if", APPROVE, "hiv=negative", "hiv=positive"], "twice"),
    "a stream for one": (["why", "cases.jsonl"], "is a stream of cases"),
    "no such schema": (["schema", "world"], "`decision`"),
    "an overlay on no record": (["decide", APPROVE, "--request", APPROVE], "a FHIR record"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE_ERRORS.values(), ids=USAGE_ERRORS)
def test_a_usage_error_says_how_to_mend_it(
    reasoner: Command, arguments: list[str], said: str
) -> None:
    ran = reasoner(*arguments)
    assert (ran.status, ran.out) == (USAGE, "")
    assert said in ran.err
    assert ran.err.startswith("error[usage")
    assert ran.err.endswith("nothing was decided\n")


def test_a_bad_case_is_one_error_with_its_place_and_hint(reasoner: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(changed(APPROVE, ("product: Lemtrada", "prodct: Lemtrada")), encoding="utf-8")
    ran = reasoner("decide", str(path))
    assert (ran.status, ran.out) == (INPUT, "")
    assert ran.err == (
        "error[case.unknown_key]: unknown key `prodct`\n"
        f"  --> {path}:6:3 request.prodct\n"
        "  = hint: did you mean `product`?\n"
        "nothing was decided\n"
    )


def test_a_missing_file_is_bad_input(reasoner: Command) -> None:
    ran = reasoner("decide", "nowhere.yaml")
    assert ran.status == INPUT
    assert ran.err == (
        "error[case.file]: the file cannot be read: no such file or directory\n"
        "  --> nowhere.yaml\n"
        "nothing was decided\n"
    )


def test_an_unknown_question_in_a_case_is_bad_input_with_a_hint(
    reasoner: Command, tmp_path: Path
) -> None:
    path = tmp_path / "case.yaml"
    text = changed(APPROVE) + "answers:\n  - {question: hvi, answer: negative}\n"
    path.write_text(text, encoding="utf-8")
    ran = reasoner("decide", str(path))
    assert ran.status == INPUT
    assert "the policy asks no question `hvi`" in ran.err
    assert "answers[0].question" in ran.err
    assert "did you mean `hiv`?" in ran.err


def test_a_broken_rule_file_is_bad_input_with_its_place(reasoner: Command, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(rules_folder(), rules)
    criteria = rules / "policies/mp-rx-fp-52-23/criteria.lp"
    criteria.write_text(criteria.read_text(encoding="utf-8") + "\nmet(X) :- \n", encoding="utf-8")
    ran = reasoner("decide", APPROVE, "--rules", str(rules))
    assert ran.status == INPUT
    assert "error[rules.syntax]" in ran.err
    assert "criteria.lp" in ran.err


def test_errors_are_json_where_json_is_asked_for(reasoner: Command) -> None:
    for arguments in (["decide", "nowhere.yaml"], ["decide", APPROVE, "--bad"], ["decid"]):
        ran = reasoner(*arguments, "--format", "json")
        assert ran.status in (USAGE, INPUT)
        error = json.loads(ran.err)["error"]
        assert set(error) <= {"code", "message", "where", "hint"}
        assert error["code"]
        assert error["message"]


def test_without_arguments_the_help_is_shown(reasoner: Command) -> None:
    ran = reasoner()
    assert ran.status == USAGE
    assert "what-if" in ran.out + ran.err


# --- one case ---------------------------------------------------------------------------------


def test_a_denial_is_recommended_and_never_stated(reasoner: Command) -> None:
    ran = reasoner("decide", DENY)
    assert ran.out.startswith("DENY RECOMMENDED  deny\n")
    assert "denied" not in ran.out.casefold()
    assert "recommendation only: a person must confirm" in ran.out


@pytest.mark.parametrize("name", EXIT_CODES)
def test_deny_partial_and_refer_need_a_person(reasoner: Command, name: str) -> None:
    ran = reasoner("decide", str(CASES / f"{name}.yaml"))
    needs = name in ("deny", "partial", "refer")
    assert ("a person must confirm" in ran.out) == needs


def test_what_is_missing_never_stands_under_what_blocks(reasoner: Command) -> None:
    ran = reasoner("decide", PEND)
    assert "Blocks approval" not in ran.out
    assert "Missing, and able to change the recommendation" in ran.out


def test_a_family_is_asked_for_in_the_words_of_the_policy(reasoner: Command) -> None:
    assert "evidence that one more MS drug failed" in reasoner("missing", PEND).out


def test_every_clause_is_shown_in_the_order_of_the_document(reasoner: Command) -> None:
    decision = json.loads(reasoner("decide", DENY, "--format", "json").out)
    table = reasoner("decide", DENY).out.partition("\nClauses\n")[2]
    places = [table.index(f" {clause['id']} ") for clause in decision["clauses"]]
    assert places == sorted(places)


def test_json_is_the_decision_and_the_same_bytes_twice(reasoner: Command) -> None:
    first = reasoner("decide", DENY, "--format", "json")
    second = reasoner("decide", "--format=json", DENY)
    assert first.out == second.out
    assert json.loads(first.out)["grounds"] == ["approval.I", "exclusion.II", "exclusion.IV"]


def test_the_short_way_and_the_long_way_say_the_same(reasoner: Command) -> None:
    assert reasoner("decide", DENY).out == reasoner("decide", "--no-color", DENY).out


def test_a_reading_is_switched_and_named(reasoner: Command) -> None:
    ran = reasoner("decide", APPROVE, "--reading", "minimum_trial_days=90", "--format", "json")
    assert {"id": "minimum_trial_days", "value": 90, "decisive": False} in json.loads(ran.out)[
        "readings"
    ]


def test_as_of_is_stated(reasoner: Command) -> None:
    ran = reasoner("decide", APPROVE, "--as-of", "2026-04-01", "--format", "json")
    assert json.loads(ran.out)["as_of"] == "2026-04-01"


def test_what_if_shows_what_changes(reasoner: Command) -> None:
    ran = reasoner("what-if", PEND, "hiv=positive")
    assert "recommendation: pend -> deny" in ran.out
    assert "approval.III: unknown -> not met" in ran.out
    changes = json.loads(reasoner("what-if", PEND, "hiv=positive", "--format", "json").out)
    assert changes["given"] == {"hiv": "positive"}
    assert ["grounds", "none", "approval.III"] in changes["changes"]


@pytest.mark.parametrize("given", ["vials_requested=3", "vials_available=3,5", "hiv=negative"])
def test_what_if_reads_numbers_pairs_and_words(reasoner: Command, given: str) -> None:
    assert reasoner("what-if", APPROVE, given).status == ANSWERED


# --- several cases and streams ----------------------------------------------------------------


def test_several_files_give_a_line_each_and_a_bad_one_stops_no_other(reasoner: Command) -> None:
    ran = reasoner("decide", DENY, "nowhere.yaml", APPROVE)
    assert ran.status == INPUT
    assert [line.split("  ")[:2] for line in ran.out.splitlines()] == [
        ["deny", "DENY RECOMMENDED"],
        ["approve", "APPROVE RECOMMENDED"],
    ]
    assert "nowhere.yaml" in ran.err
    assert "nothing was decided" not in ran.err


def test_a_bad_file_stands_in_its_place_as_json(reasoner: Command) -> None:
    ran = reasoner("decide", DENY, "nowhere.yaml", APPROVE, "--format", "json")
    found = [json.loads(one) for one in ran.out.splitlines()]
    assert ran.status == INPUT
    assert found[1]["file"] == "nowhere.yaml"
    assert found[1]["error"]["code"] == "case.file"
    assert [one["recommendation"] for one in (found[0], found[2])] == ["deny", "approve"]


STREAM = "\n".join(
    [
        line(as_json(APPROVE)),
        "{not json",
        line(as_json(DENY)),
        line(as_json(PEND, id=7)),
        line(as_json(PEND, answers=[{"question": "hvi", "answer": "negative"}])),
        "",
        line(as_json(APPROVE, id="last")),
    ]
).encode()


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_bad_line_stands_in_its_place_and_the_others_are_answered(
    reasoner: Command, form: str
) -> None:
    ran = reasoner("decide", "-", "--format", form, stdin=STREAM)
    lines = ran.out.splitlines()
    assert ran.status == INPUT
    assert len(lines) == 6
    for place, number in ((1, 2), (3, 4), (4, 5)):
        found = json.loads(lines[place])
        assert found["line"] == number
        assert found["error"]["message"]
    assert json.loads(lines[4])["error"]["hint"] == "did you mean `hiv`?"
    answered = [lines[0], lines[2], lines[5]]
    if form == "json":
        found = [json.loads(one)["recommendation"] for one in answered]
        assert found == ["approve", "deny", "approve"]
    else:
        assert [one.split("  ")[0] for one in answered] == ["approve", "deny", "last"]


def test_a_stream_of_a_file_decides_as_its_cases_do_alone(
    reasoner: Command, tmp_path: Path
) -> None:
    names = list(EXIT_CODES)
    path = tmp_path / "cases.jsonl"
    text = "".join(line(as_json(str(CASES / f"{name}.yaml"))) + "\n" for name in names * 12)
    path.write_text(text, encoding="utf-8")
    ran = reasoner("decide", str(path), "--format", "json")
    assert ran.status == ANSWERED
    found = [json.loads(one) for one in ran.out.splitlines()]
    alone = [
        json.loads(reasoner("decide", str(CASES / f"{name}.yaml"), "--format", "json").out)
        for name in names
    ]
    assert found == alone * 12


# --- replay -----------------------------------------------------------------------------------


@pytest.fixture
def record(reasoner: Command, tmp_path: Path) -> Path:
    """The record of a decision made under another reading, on another day."""
    path = tmp_path / "decision.json"
    arguments = ["--reading", "counted_by=class", "--decided-on", "2026-03-03"]
    path.write_text(reasoner("decide", DENY, *arguments, "--format=json").out, encoding="utf-8")
    return path


def test_replay_gives_the_same_decision(reasoner: Command, record: Path) -> None:
    ran = reasoner("replay", str(record), "--case", DENY)
    assert (ran.status, ran.err) == (ANSWERED, "")
    assert ran.out == "SAME  deny\nthe result is the same, clause by clause\n"


def test_replay_says_that_the_case_differs(reasoner: Command, record: Path) -> None:
    ran = reasoner("replay", str(record), "--case", APPROVE)
    assert ran.status == FAILED
    assert "made from something else: case, case.id" in ran.out
    assert 'recommendation: "deny" -> "approve"' in ran.out


@pytest.mark.parametrize(
    ("section", "name", "said"),
    [
        ("policy", "digest", "rules"),
        ("terminology", "digest", "terminology"),
        ("engine", "clingo", "engine.clingo"),
    ],
)
def test_replay_names_what_the_decision_was_made_from(
    reasoner: Command, record: Path, section: str, name: str, said: str
) -> None:
    data = json.loads(record.read_text(encoding="utf-8"))
    data[section][name] = "other"
    record.write_text(json.dumps(data), encoding="utf-8")
    ran = reasoner("replay", str(record), "--case", DENY, "--format", "json")
    found = json.loads(ran.out)
    assert ran.status == FAILED
    assert (found["same"], found["same_result"]) == (False, True)
    assert [one["what"] for one in found["differs"]] == [said]


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b"\xff", b'{"schema": 1}'])
def test_replay_refuses_what_is_no_record(reasoner: Command, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(data)
    ran = reasoner("replay", str(path), "--case", DENY)
    assert (ran.status, ran.out) == (INPUT, "")
    assert ran.err.startswith("error[decision.record]: this is no record of a decision")


# --- what is there ----------------------------------------------------------------------------


def test_the_policies_are_listed(reasoner: Command) -> None:
    assert reasoner("policies").out.startswith("mp-rx-fp-52-23  version")


def test_every_clause_is_shown_beside_its_rules(reasoner: Command) -> None:
    shown = json.loads(reasoner("policy", "show", "mp-rx-fp-52-23", "--format", "json").out)
    from reasoner.policy import rules_folder

    for clause in shown["clauses"]:
        assert clause["locator"], clause["id"]
        assert clause["rules"], clause["id"]
        for rule in clause["rules"]:
            file, _, number = rule["where"].rpartition(":")
            lines = (rules_folder() / file).read_text(encoding="utf-8").splitlines()
            written = "".join(lines[int(number) - 1].split())
            assert written.startswith("".join(rule["rule"].partition(" :-")[0].split()))


def test_the_questionnaire_has_answers_and_presumptions(reasoner: Command) -> None:
    rows = {
        row["id"]: row
        for row in json.loads(reasoner("policy", "questions", "--format", "json").out)
    }
    assert rows["hiv"]["answers"] == ["negative", "positive"]
    assert rows["hiv"]["presumed"] is None
    assert rows["infection"]["presumed"] == "no"
    assert "fingolimod" in rows["failed(_)"]["members"]
    assert all(row["text"] for row in rows.values())


def test_readings_have_their_default_first(reasoner: Command) -> None:
    rows = {row["id"]: row for row in json.loads(reasoner("readings", "--format=json").out)}
    assert rows["intolerance_counts"]["values"] == ["no", "yes"]
    assert rows["twelve_months"]["values"][0] == "rolling"
    for row in rows.values():
        assert row["clause"], row["id"]
        assert row["issue"], row["id"]
        assert row["reason"], row["id"]


@pytest.mark.parametrize("what", ["case", "decision", "proof"])
def test_a_schema_is_a_schema(reasoner: Command, what: str) -> None:
    assert "$defs" in json.loads(reasoner("schema", what).out)


# --- plain output -----------------------------------------------------------------------------

UNSAFE = "a\x1b[31m\x9b1m\u202eb\u2066c\u200fd\x00\x07\ud800e"


def test_untrusted_text_is_stripped_of_control_and_bidirectional_characters() -> None:
    assert plain(UNSAFE) == "a[31m1mbcde"
    assert plain("one\n\ttwo") == "one two"
    assert plain("Crème, 日本語, naïve") == "Crème, 日本語, naïve"


def test_json_keeps_them_as_escapes() -> None:
    text = '"\u202e\x9b é"'
    shown = safe_json(text.encode())
    assert shown == '"\\u202e\\u009b é"'
    assert json.loads(shown) == json.loads(text)


def test_a_quote_in_a_case_cannot_move_the_cursor(reasoner: Command, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    quote = 'page: 1, quote: "turn \u202eround\u2066"}'
    path.write_text(changed(APPROVE, ("page: 1}", quote)), encoding="utf-8")
    for arguments in (["why", str(path)], ["why", str(path), "--format", "json"]):
        ran = reasoner(*arguments)
        assert ran.status == ANSWERED
        assert "\u202e" not in ran.out
        assert "\u2066" not in ran.out
    assert "turn round" in reasoner("why", str(path)).out


def test_an_escape_sequence_on_the_command_line_is_not_sent_back(reasoner: Command) -> None:
    ran = reasoner("decide", "no\x1b[31mwhere.yaml")
    assert ran.status == INPUT
    assert "\x1b" not in ran.err


class Terminal(io.StringIO):
    """A terminal: as wide as it says, in UTF-8."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "arguments", "colour"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({}, ["--no-color"], False),
        ({"TERM": "dumb"}, [], False),
    ],
    ids=["colour", "NO_COLOR", "--no-color", "dumb"],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: list[str],
    *,
    colour: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm", "COLUMNS": "60", **environment}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run(["decide", DENY, *arguments]) == ANSWERED
    shown = terminal.getvalue()
    assert ("\x1b[" in shown) == colour
    for word in ("not met", "applies", "✗"):  # readable without colour
        assert word in shown


def test_a_terminal_is_wrapped_and_a_pipe_is_not(
    monkeypatch: pytest.MonkeyPatch, reasoner: Command
) -> None:
    assert max(map(len, reasoner("decide", APPROVE).out.splitlines())) > 120
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    for command in ("decide", "why"):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        assert run([command, APPROVE]) == ANSWERED
        assert max(map(len, terminal.getvalue().splitlines())) <= 60


def test_another_encoding_gets_ascii_marks() -> None:
    raw = io.BytesIO()
    screen = Screen(io.TextIOWrapper(raw, encoding="ascii"))
    screen.line("médecin → here", mark="✓")
    screen.flush()
    assert raw.getvalue() == b"+ m\\xe9decin -> here\n"


# --- the process ------------------------------------------------------------------------------


def process(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "reasoner", *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, check=False, env=environment)


def test_the_process_leaves_with_the_status() -> None:
    assert process("decide", APPROVE).returncode == ANSWERED
    assert process("decide", "nowhere.yaml").returncode == INPUT
    assert process("decid").returncode == USAGE
    assert process("decide", DENY, "--exit-code").returncode == EXIT_CODES["deny"]


def test_nothing_is_said_when_nobody_reads_any_more(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text((line(as_json(DENY)) + "\n") * 200, encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "reasoner", "decide", str(path), "--format", "json"]
    ran = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert ran.stderr == b""


def test_an_empty_stream_is_answered_and_said(reasoner: Command, tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text("\n\n", encoding="utf-8")
    ran = reasoner("decide", str(path))
    assert (ran.status, ran.out, ran.err) == (ANSWERED, "", f"no case in {path}\n")


def test_a_stream_of_decisions_is_no_record(reasoner: Command, tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_text(reasoner("decide", APPROVE, DENY, "--format", "json").out, encoding="utf-8")
    ran = reasoner("replay", str(path), "--case", APPROVE)
    assert (ran.status, ran.out) == (INPUT, "")
    assert "this holds 2 decisions, one a line, and `replay` takes one" in ran.err


@pytest.mark.parametrize(("size", "status"), [(10, FAILED), (1_000_000, 141)])
def test_a_status_outlives_its_reader(size: int, status: int) -> None:
    """What is found before anybody stops reading is kept; a run that is cut short has its own."""
    code = (
        "import sys; from reasoner.cli.failure import FAILED, in_silence;"
        f"sys.exit(in_silence(lambda: sys.stdout.write('x' * {size}) and FAILED))"
    )
    reader, writer = os.pipe()
    os.close(reader)
    environment = {name: value for name, value in os.environ.items() if "UNBUFFERED" not in name}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, check=False, env=environment
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (status, b"")


@pytest.mark.parametrize(
    ("question", "hint"),
    {
        "failed(copaxone)": "`copaxone` is `glatiramer_acetate` here",
        "faild(copaxone)": "ask `failed(glatiramer_acetate)`",
        "failed(ponesimot)": "did you mean `failed(ponesimod)`?",
        "failed(aspirin)": "lists them",
        "hivv": "did you mean `hiv`?",
    }.items(),
)
def test_a_question_that_is_not_asked_is_hinted_at(
    reasoner: Command, question: str, hint: str
) -> None:
    ran = reasoner("what-if", DENY, f"{question}=yes")
    assert ran.status == USAGE
    assert hint in ran.err
    assert ran.err.count("`failed(") <= 1 + ("list" not in hint)


def test_the_shell_completes_commands_and_options() -> None:
    words = {
        "reasoner p": ("policies", "policy"),
        "reasoner decide --read": ("--reading",),
        "reasoner decide --reading intol": ("intolerance_counts=",),
        "reasoner decide --policy teach": ("teaching-infliximab",),
        "reasoner policy show mp": ("mp-rx-fp-52-23",),
    }
    for typed, expected in words.items():
        environment = {
            **os.environ,
            "_REASONER_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split()) - 1),
        }
        command = [sys.executable, "-m", "reasoner"]
        ran = subprocess.run(command, capture_output=True, check=False, text=True, env=environment)
        assert ran.stdout.split() == list(expected)


def test_a_cold_decision_imports_nothing_heavy() -> None:
    code = (
        "import sys; from reasoner.cli import run; "
        f"run(['decide', {APPROVE!r}]); "
        "heavy = {'rich', 'networkx', 'typer', 'explain', 'hypothesis', 'jinja2'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert ran.stderr == ""
    assert ran.returncode == 0


@pytest.fixture
def growing(tmp_path: Path) -> str:
    """Rules of which one grows without end."""
    rules = tmp_path / "rules"
    shutil.copytree(rules_folder(), rules)
    with (rules / "library" / "tests.lp").open("a") as file:
        file.write("\ngrows(0).\ngrows(N + 1) :- grows(N).\n")
    return str(rules)


@pytest.mark.parametrize("command", ["decide", "why"])
def test_a_rule_that_grows_without_end_is_no_conclusion(command: str, growing: str) -> None:
    ran = process(command, APPROVE, "--rules", growing, "--time-limit", "1")
    assert ran.returncode == OPEN
    assert ran.stdout == b""
    assert b"error[bound.time]: no conclusion within 1 seconds" in ran.stderr


def test_a_stream_without_conclusion_says_so(growing: str, tmp_path: Path) -> None:
    stream = tmp_path / "many.jsonl"
    stream.write_text(f"{line(as_json(APPROVE))}\n" * 600)
    ran = process("decide", str(stream), "--rules", growing, "--time-limit", "1")
    assert (ran.returncode, ran.stdout) == (OPEN, b"")


def test_memory_has_a_bound_too(growing: str) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (600 << 20,) * 2);"
        "from reasoner.cli import run; "
        f"sys.exit(run(['decide', {APPROVE!r}, '--rules', {growing!r}]))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert (ran.returncode, ran.stdout) == (OPEN, "")
    assert "error[bound.memory]" in ran.stderr
