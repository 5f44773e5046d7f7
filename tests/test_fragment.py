"""A policy outside of the fragment decides nothing: loading it refuses, and names the line."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reasoner.check import check_policy
from reasoner.cli import run
from reasoner.errors import PolicyError
from reasoner.policy import load_policy, rules_folder

POLICY = "mp-rx-fp-52-23"
DENIED = Path(__file__).parent.parent / "examples" / "deny-hiv.yaml"
REFUSED = {
    "a number that wraps": (
        "met(approval(iii)) :- is(hiv, positive), 4294967298 < 3.",
        "too large",
    ),
    "the next number": ("met(approval(iii)) :- is(hiv, positive), 2147483648 < 3.", "too large"),
    "a number of another base": ("met(approval(iii)) :- is(hiv, positive), 0x1F < 3.", "in tens"),
    "const": ("#const n = 1.", "`#const`"),
    "external": ("#external a.", "`#external`"),
    "show": ("#show is/2.", "`#show`"),
    "minimize": ("#minimize { 1 : is(hiv, positive) }.", "`#minimize`"),
    "weak constraint": (":~ is(hiv, positive). [1]", "weak constraint"),
    "choice": ("  1 { met(approval(iii)) }.", "a choice"),
    "constraint": (":- is(hiv, positive).", "a constraint"),
    "pool": ("met(approval(iii)) :- not is(hiv, (positive; negative)).", "a pool under `not`"),
    "deep pool": ("met(approval(iii)) :- not is(f(a), (positive;\n  negative)).", "a pool"),
    "interval": ("met(approval(iii)) :- not is(vials_requested, 1..3).", "an interval"),
    "exact": ("met(approval(iii)) :- #count { Q : is(Q, positive) } != 2.", "both"),
}
ALLOWED = {
    "the largest number": "a :- is(hiv, positive), 2147483647 < 3.",
    "a number in a comment": "% 4294967298, 0x1F",
    "a number in a text": 'a("4294967298").',
    "a directive in a comment": "% no #const, and no\n%* \n:- constraint\n{ choice } *%",
    "a neck on a line of its own": "a\n  :- is(hiv, positive).",
    "a pool without not": "a :- is(hiv, (positive; negative)).",
    "a list of literals": "a :- not is(hiv, positive); is(hiv, negative).",
    "a pool in a comment": "% not is(a; b)",
    "a bound": "a :- #count { Q : is(Q, positive) } > 2.",
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rules = tmp_path_factory.mktemp("fragment") / "rules"
    shutil.copytree(rules_folder(), rules)
    return rules


@pytest.fixture
def criteria(copied: Path) -> Iterator[Path]:
    path = copied / "policies" / POLICY / "criteria.lp"
    whole = path.read_bytes()
    yield path
    path.write_bytes(whole)


def append(path: Path, text: str) -> int:
    """Add *text* at the end, and return the line that it begins on."""
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}{text}\n", encoding="utf-8")
    return before.count("\n") + 1


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_outside_of_the_fragment_is_refused(
    copied: Path, criteria: Path, text: str, message: str
) -> None:
    line = append(criteria, text)
    with pytest.raises(PolicyError, match=message) as caught:
        load_policy(copied, POLICY)
    assert caught.value.code in ("policy.fragment", "policy.aggregate")
    assert caught.value.where == f"policies/{POLICY}/criteria.lp:{line}"
    assert caught.value.hint
    places = [f.where for f in check_policy(copied, POLICY) if f.severity == "error"]
    assert any(f"{place}:".startswith(f"{caught.value.where}:") for place in places), places


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_what_only_looks_like_it_is_loaded(copied: Path, criteria: Path, text: str) -> None:
    append(criteria, text)
    assert load_policy(copied, POLICY).id == POLICY


def test_a_number_that_wraps_turns_no_decision(
    copied: Path, criteria: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = append(criteria, "met(approval(iii)) :- is(hiv, positive), 4294967298 < 3.")
    assert run(["decide", str(DENIED), "--rules", str(copied), "--policy", POLICY]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert f"policies/{POLICY}/criteria.lp:{line}" in err
    assert run(["check", POLICY, "--rules", str(copied)]) == 1


def test_a_parameter_that_wraps_is_refused(copied: Path) -> None:
    path = copied / "policies" / POLICY / "parameters.lp"
    whole = path.read_text(encoding="utf-8")
    old = "parameter(failures_needed, 2)"
    assert old in whole
    path.write_text(whole.replace(old, "parameter(failures_needed, 4294967297)"), encoding="utf-8")
    line = whole[: whole.index(old)].count("\n") + 1
    try:
        with pytest.raises(PolicyError, match="too large") as caught:
            load_policy(copied, POLICY)
    finally:
        path.write_text(whole, encoding="utf-8")
    assert caught.value.where == f"policies/{POLICY}/parameters.lp:{line}"


BROKEN = {
    "misspelt": ("criteria.lp", "met(approval(i)) :- not undeterminedd(approval(i)).", "25", "did"),
    "too many": ("criteria.lp", "met(approval(iii)) :- is(hiv, negative, x).", "23", "is/2"),
    "record": ("criteria.lp", "met(approval(iii)) :- condition(r).", "23", "ask a question"),
    "function": ("evidence.lp", "doubt(hiv, R) :- condition(R), @nope(1) = R.", "32", "rules may"),
    "unsafe": ("criteria.lp", "met(approval(iii)) :- is(hiv, _), Y > 1.", "35", "name `Y`"),
    "answer": ("criteria.lp", "met(approval(iii)) :- is(hiv, negativ).", "23", "`negative`"),
}


@pytest.mark.parametrize(("file", "text", "column", "hint"), BROKEN.values(), ids=BROKEN)
def test_broken_rules_are_named_with_their_place(
    copied: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    text: str,
    column: str,
    hint: str,
) -> None:
    path = copied / "policies" / POLICY / file
    whole = path.read_text(encoding="utf-8")
    rule = "met(approval(iii)) :- is(hiv, negative).\n"
    if "negativ)" in text:  # in place of the sound one: beside it, nothing would fail
        path.write_text(whole.replace(rule, ""), encoding="utf-8")
    line = append(path, text)
    try:
        status = run(["decide", str(DENIED), "--rules", str(copied), "--policy", POLICY])
    finally:
        path.write_text(whole, encoding="utf-8")
    out, err = capsys.readouterr()
    assert (status, out) == (3, "")
    assert f"--> policies/{POLICY}/{file}:{line}:{column}\n" in err
    assert hint in err
    assert "World" not in err
    assert "Calendar" not in err
    assert err.count("\n") == len(["error", "-->", "= hint", "nothing was decided"])
