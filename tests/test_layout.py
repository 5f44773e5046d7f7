"""`format`: one layout, and nothing but layout changes."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.check.source import parse
from reasoner.cli import run
from reasoner.errors import PolicyError
from reasoner.policy import rules_folder
from reasoner.program import RuleFile, statements
from workbench.layout import file, lay_out
from workbench.layout.rows import rows
from workbench.layout.statement import WIDTH

RULES = rules_folder()
FILES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.lp"))
TEXTS = {name: (RULES / name).read_text(encoding="utf-8") for name in FILES}


def laid_out(text: str) -> str:
    return lay_out(RuleFile(Path("x.lp"), "x.lp", text))


def marks(text: str) -> list[str]:
    """Every token and comment of *text*, by an expression of its own."""
    return re.findall(r"%\*[\s\S]*?\*%|%[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|\w+|\.\.|[^\s\w]", text)


# -- the rules that are shipped ----------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_rule_file_stays_as_it_is(name: str) -> None:
    assert laid_out(TEXTS[name]) == TEXTS[name], "run `reasoner format`"


@pytest.mark.parametrize("name", FILES)
def test_no_statement_is_wider_than_a_line(name: str) -> None:
    code = re.sub(r'%\*[\s\S]*?\*%|"[^"\n]*"|%[^\n]*', "", TEXTS[name])
    assert [line for line in code.split("\n") if len(line.rstrip()) > WIDTH] == []


# -- laws --------------------------------------------------------------------------------------


def scrambled(text: str, source: random.Random, blanks: str) -> str:
    """*text* with other blanks between the tokens of its statements, and some where none were."""
    out = []
    for statement in statements(text):
        tokens = statement.tokens
        begin = next(
            (i for i, (kind, _) in enumerate(tokens) if kind not in ("space", "comment")), 0
        )
        out += [mark for _, mark in tokens[:begin]]
        own = tokens[begin:]
        if any(kind == "comment" for kind, _ in own):
            out += [mark for _, mark in own]
            continue
        for index, (kind, mark) in enumerate(own):
            if kind == "space":
                out.append("".join(source.choices(blanks, k=source.randint(1, 3))))
                continue
            around = (mark, own[index - 1][1] if index else "")
            free = {"(", ")", ",", ";", "{", "}"} & set(around) and "." not in around
            if index and free and source.random() < 0.3:
                out.append(source.choice(blanks))
            out.append(mark)
    return "".join(out)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", [1, 2])
def test_blanks_inside_of_statements_play_no_part(name: str, seed: int) -> None:
    other = scrambled(TEXTS[name], random.Random(seed), " \t\n")
    assert other != TEXTS[name]
    assert laid_out(other) == TEXTS[name]


LINES = st.sampled_from(
    [
        "a.",
        "a(X):-b(X),not c(X).",
        "% a comment",
        "  % an indented one",
        "%! {X} is said.",
        "%* a block\n   of two lines *%",
        "",
        "a(1). a(2).   % two",
        "long(X) :- b(X), c(X, Y), d(Y, Z), e(Z), f(X, Y, Z), g(X), h(Y), not i(Z), jj(X, Y, Z).",
        "p :- q,   % why\n     r.",
        '#defined x/2.   % a % and a "',
        't("a % b", "c""d").'.replace('""', '\\"'),
        "m(X) :- X = #max { Y : b(Y) ; Z:c(Z) }, 1 <= #count{ Y,Z : b(Y),c(Z) }.",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n", "\n\n\n", "\n \t\n"]))
def test_layout_is_its_own_fixed_point_and_keeps_every_mark(lines: list[str], end: str) -> None:
    text = end.join(lines)
    once = laid_out(text)
    assert laid_out(once) == once
    assert [m.rstrip() for m in marks(once)] == [m.rstrip() for m in marks(text.replace("\r", ""))]
    assert not re.search(r"[ \t]$|\n\n\n", once, re.MULTILINE)
    assert once == "" or (once.endswith("\n") and not once.startswith("\n"))


# -- what it looks like ------------------------------------------------------------------------

LOOKS = {
    "a( X ):-b(X),not   c(X) .": "a(X) :- b(X), not c(X).",
    "a(X):-X=-1,X+1<3-X,X=(2-1)*-2.": "a(X) :- X = -1, X + 1 < 3 - X, X = (2 - 1) * -2.",
    "a:-1<=#count{X,Y:b(X),c(Y);Z:d(Z)}.": "a :- 1 <= #count { X, Y : b(X), c(Y); Z : d(Z) }.",
    "{a(X):b(X)}=1:-c.": "{ a(X) : b(X) } = 1 :- c.",
    ":-a,not not b.": ":- a, not not b.",
    "#defined   a/2 .": "#defined a/2.",
    "#show a(X):b(X).": "#show a(X) : b(X).",
    "a(1..3;5).": "a(1..3; 5).",
    "a(X):-X=|Y-2|,b(Y).": "a(X) :- X = |Y - 2|, b(Y).",
    "a((X,)):-b((X,)).": "a((X,)) :- b((X,)).",
    "a(@plus_months( X,-1 )):-b(X).": "a(@plus_months(X, -1)) :- b(X).",
    "a(X'):-b(_,X').": "a(X') :- b(_, X').",
    "a:-#sum+{1:b}>0,c!=#inf.": "a :- #sum+ { 1 : b } > 0, c != #inf.",
    "a:-b. c.": "a :- b.  c.",
    "met (a):-b.": "met(a) :- b.",
    "a(b) :- c.\na(long_name) :- d.": "a(b)         :- c.\na(long_name) :- d.",
    "a :- b.\nother(X) :- c(X).": "a :- b.\nother(X) :- c(X).",
    "a.% why\nlong(x).  % because": "a.         % why\nlong(x).   % because",
    "p(a).q(a).\np(long).q(b).": "p(a).     q(a).\np(long).  q(b).",
}


@pytest.mark.parametrize(("text", "wanted"), LOOKS.items())
def test_a_statement_has_one_spelling(text: str, wanted: str) -> None:
    assert laid_out(text) == f"{wanted}\n"


def test_a_comment_inside_of_a_statement_keeps_the_statement_as_it_is() -> None:
    text = "a :-   b,   % why b\n       c.\nd:-e.\n"
    assert laid_out(text) == "a :-   b,   % why b\n       c.\nd :- e.\n"


def test_a_body_is_filled_beside_its_head_or_below_it() -> None:
    literals = ", ".join(f"literal({n}, and_more)" for n in range(6))
    beside, below = laid_out(f"head :- {literals}.\n"), laid_out(f"{'h' * 70} :- {literals}.\n")
    assert beside.split("\n")[1].startswith(" " * len("head :- literal"[:8]) + "literal")
    assert below.split("\n")[:2][0].endswith(" :-")
    assert below.split("\n")[1].startswith("    literal")


# -- what is refused ---------------------------------------------------------------------------

REFUSED = {
    "a :- b c.": ("rules.syntax", "x.lp:1:8"),
    "a.\nb(": ("rules.syntax", "x.lp:3:1"),
    "a": ("rules.syntax", "x.lp:2:1"),
    "a. :~ b. [1@2]": ("format.statement", "x.lp:1"),
    "#external a.": ("format.statement", "x.lp:1"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items())
def test_what_has_no_layout_is_refused_with_its_place(text: str, expected: tuple[str, str]) -> None:
    with pytest.raises(PolicyError) as caught:
        laid_out(text)
    assert (caught.value.code, caught.value.where) == expected


@pytest.mark.parametrize("lost", ["statement", "comment"])
def test_what_would_say_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    kept = {"statement": lambda row: not row.statements, "comment": lambda row: not row.comment}
    monkeypatch.setattr(file, "rows", lambda text: filter(kept[lost], rows(text)))
    with pytest.raises(PolicyError) as caught:
        laid_out("a.\n% why\nb.\n")
    assert caught.value.code == "format.meaning"


def test_comments_in_comments_stay() -> None:
    text = "a.\n%* one %* inner *% two *%\nb.\n"
    assert parse(RuleFile(Path("x.lp"), "x.lp", laid_out(text))).nodes
    assert laid_out(laid_out(text)) == laid_out(text)


# -- the command -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.lp").write_text("a:-b.\n")
    (tmp_path / "b.lp").write_text("b.\n")
    (tmp_path / "a.lp").chmod(0o640)
    return tmp_path


def test_files_are_written_and_then_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["format", str(folder), "--check"]) == 1
    assert (folder / "a.lp").read_text() == "a:-b.\n"
    assert run(["format", str(folder)]) == 0
    assert (folder / "a.lp").read_text() == "a :- b.\n"
    assert (folder / "a.lp").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in folder.iterdir()) == ["a.lp", "b.lp"]
    assert run(["format", str(folder / "a.lp"), str(folder), "--check"]) == 0
    assert "0 files would change, 2 left as they are" in capsys.readouterr().out


def test_a_difference_is_shown_and_nothing_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["format", str(folder), "--diff"]) == 1
    out = capsys.readouterr().out
    assert "-a:-b.\n+a :- b.\n" in out
    assert (folder / "a.lp").read_text() == "a:-b.\n"


def test_where_one_file_is_broken_none_is_touched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "z.lp").write_text("a :- b c.\n")
    assert run(["format", str(folder)]) == 3
    assert (folder / "a.lp").read_text() == "a:-b.\n"
    assert f"{folder}/z.lp:1:8" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0.", b"#script (lua) x #end.", b"(" * 5000])
def test_garbage_is_refused_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    (folder / "z.lp").write_bytes(data)
    assert run(["format", str(folder)]) == 3
    assert capsys.readouterr().err.startswith("error[")
    assert (folder / "z.lp").read_bytes() == data


def test_a_path_that_is_not_there_is_an_error_of_the_user(folder: Path) -> None:
    assert run(["format", str(folder / "none.lp")]) == 2
    (folder / "empty").mkdir()
    assert run(["format", str(folder / "empty")]) == 2
