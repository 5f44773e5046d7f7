"""Languages: nothing that a reader can meet stays English, and English costs nothing."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import jinja2
import pytest
from jinja2 import nodes

from exchange import review
from explain import label, outline, record, telling, tree
from explain.language import ENGLISH, Language, Phrase, known_languages, load_language
from reasoner import model
from reasoner.catalogue import places, read_catalogue, read_folder
from reasoner.check import Finding, check_policy
from reasoner.cli import decision_text, missing, respond, run
from reasoner.errors import PolicyError, UsageError
from reasoner.marks import HEADLINES
from reasoner.policy import load_policy, rules_folder

ROOT = Path(__file__).parent.parent
POLICY = "mp-rx-fp-52-23"
FOLDER = f"policies/{POLICY}/locale/es/policy.po"
LANGUAGES = [code for code in known_languages() if code != "en"]
SPANISH = load_language("es", load_policy(rules_folder(), POLICY))


# -- the program's own words --------------------------------------------------------------------


def in_python(path: Path) -> Iterator[str]:
    """The messages of a module: what `text` is called with, wherever it is called so."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in ("text", "_text", "t"):
            yield from literals(node.args[0])


def literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=first, orelse=second):
            yield from literals(first)
            yield from literals(second)
        case _:
            return


def in_template(path: Path) -> Iterator[str]:
    """The messages of a template."""
    template = jinja2.Environment(autoescape=True).parse(path.read_text("utf-8"))
    for call in template.find_all(nodes.Call):
        name = getattr(call.node, "name", getattr(call.node, "attr", ""))
        if name in ("text", "t") and call.args:
            yield from (one.value for one in said(call.args[0]) if isinstance(one.value, str))


def said(node: nodes.Expr) -> Iterator[nodes.Const]:
    if isinstance(node, nodes.Const):
        yield node
    elif isinstance(node, nodes.CondExpr):
        yield from said(node.expr1)
        if node.expr2 is not None:
            yield from said(node.expr2)


CLOSED = {
    "status": get_args(model.Status),
    "activity": get_args(model.Activity),
    "response": get_args(model.Response),
    "stopped_for": get_args(model.StoppedFor),
    "result": get_args(model.Result),
    "taken": ("yes", "no"),
    "ongoing": ("yes", "no"),
}


def words_of_a_case() -> Iterator[str]:
    """The names of fields and the words of closed lists, as a record is shown."""
    structs = (model.Request, model.Condition, model.Therapy, model.Observation, model.Dose)
    unsaid = {"id", "source", "documented", "system", "date", "recorded", "display", "received"}
    unsaid.add("unit")  # stands beside the value
    for struct in (*structs, model.Answer):
        own = unsaid | {"question", "overrules"} | set(CLOSED)
        own |= {"code"} if struct in (model.Condition, model.Observation) else set()
        names = (name for name in struct.__struct_fields__ if name not in own)
        yield from (record._LABELS.get(name, name) for name in names)
    for field, closed in CLOSED.items():
        yield from (f"{field} {word}" for word in closed)
    for section in get_args(model.Section):
        yield from (section, f"the list of {section}")
    yield from get_args(model.Unit)


def messages() -> set[str]:
    found = {
        *HEADLINES.values(),
        *(status.word for status in label.STATUSES.values() if status.word),
        decision_text.REVIEW,
        missing.NOTHING,
        *respond.SAID.values(),
        *review.WHY.values(),
        *tree._SPOKEN.values(),
        *outline._RECOMMENDED.values(),
        *telling._SECTIONS,
        *telling._SECTIONS.values(),
        *telling._RECOMMENDED.values(),
        *telling._STATUSES.values(),
        *(word.replace("_", " ") for word in telling._STATUSES),
        *(word.replace("_", " ") for word in words_of_a_case()),
        *load_policy(rules_folder(), POLICY).identity.quantity.factors,
        "undetermined",
        "disputed",
    }
    for folder in ("exchange", "explain", "reasoner/cli"):
        for path in sorted((ROOT / folder).glob("*.py")):
            found.update(in_python(path))
    for path in sorted((ROOT / "explain/templates").glob("*.jinja")):
        found.update(in_template(path))
    return found


def test_the_messages_of_the_program_are_found() -> None:
    found = messages()
    assert {"yes", "DENY RECOMMENDED", "What is missing", "{first} to {last}", "taken yes"} <= found
    assert len(found) > 100


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_of_the_program_is_translated(code: str) -> None:
    known = {e.source for e in read_folder(ROOT / "explain", code, below=ROOT) if e.text}
    assert sorted(messages() - known) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_message_keeps_its_placeholders(code: str) -> None:
    for entry in read_folder(ROOT / "explain", code, below=ROOT):
        names = [re.findall(r"{([^{}]*)}", text) for text in (entry.source, entry.text)]
        assert sorted(names[0]) == sorted(names[1]), entry
        assert entry.source[:1].isspace() == entry.text[:1].isspace(), entry


EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SHOWN = ["decide", "why", "missing", "notice", "questionnaire"]


@pytest.mark.parametrize("command", SHOWN)
def test_no_view_says_what_is_not_translated(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every example in every view: what is looked up at run time is there too."""
    lenient = Language.text

    def strict(self: Language, msgid: str, **values: str) -> str:
        assert self.code == "en" or msgid in self._words, msgid
        return lenient(self, msgid, **values)

    monkeypatch.setattr(Language, "text", strict)
    for path in EXAMPLES:
        assert run([command, str(path), "--lang", "es"]) == 0
        shown = capsys.readouterr()
        assert not shown.err
        assert "[en]" not in shown.out
        english = re.search(r"\b(the|and|is not|recommended|looked)\b", unquoted(shown.out))
        assert english is None, (path, english)


def unquoted(text: str) -> str:
    """Without what a case says itself, and the document's own headings."""
    return re.sub(r"\([^)]*\)|«[^»]*»|plan [A-Z][^,]*|reasoner (why|missing) \S+", "", text)


# -- sentences of a policy ----------------------------------------------------------------------


def test_english_is_what_is_written() -> None:
    said = ENGLISH.policy("{D} is counted, {R} says.", {"D": "ocrelizumab", "R": "rx1"})
    assert said == Phrase("ocrelizumab is counted, rx1 says.", translated=True)
    assert ENGLISH.text("{first} to {last}", first="{last}", last="b") == "{last} to b"


def test_a_sentence_is_translated_with_its_values() -> None:
    said = SPANISH.policy("{D} is counted.", {"D": "glatiramer acetate"})
    assert said == Phrase("se cuenta acetato de glatirámero.", translated=True)
    assert SPANISH.word("active_spms") == "EM secundaria progresiva con actividad"


def test_a_name_is_never_translated() -> None:
    sentence = "{R} says {P}."
    said = SPANISH.policy(sentence, {"R": "negative", "P": "negative"}, names={"negative"})
    assert said.text == "el registro negative dice: negative."


def test_a_sentence_without_translation_stays_english_and_says_so() -> None:
    said = SPANISH.policy("nobody wrote {D}.", {"D": "cladribine"})
    assert said == Phrase("nobody wrote cladribina.", translated=False)
    assert said.marked.endswith(" [en]")


def test_an_unknown_language_is_an_error_of_the_user() -> None:
    with pytest.raises(UsageError) as error:
        load_language("eo", load_policy(rules_folder(), POLICY))
    assert error.value.hint == "one of en, es"


def test_english_reads_no_catalogue() -> None:
    """A cold start is a promise: not even the module of languages is loaded for it."""
    code = (
        "import sys, io; from reasoner.cli import run; sys.stdout = io.StringIO();"
        "run(['decide', 'examples/approve.yaml']); sys.stdout = sys.__stdout__;"
        "print([m for m in ('polib', 'reasoner.catalogue', 'explain.language') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


# -- catalogues ---------------------------------------------------------------------------------


def test_a_guess_and_what_is_commented_out_are_no_translations(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "A"\n\n'
        '#, fuzzy\nmsgid "b"\nmsgstr "B"\n\n#~ msgid "c"\n#~ msgstr "C"\n'
    )
    found = [(e.source, e.text, e.retired, e.place) for e in read_catalogue(path, "x.po")]
    assert found == [
        ("a", "A", False, "x.po:4"),
        ("b", "", False, "x.po:7"),
        ("c", "C", True, "x.po:11"),
    ]


@pytest.mark.parametrize("text", [b'msgid "a"\nmsgstr "b" c\n', b"\xff\xfe", b"nonsense\n"])
def test_a_broken_catalogue_is_an_error_of_its_author(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "x.po"
    path.write_bytes(text)
    with pytest.raises(PolicyError) as error:
        read_catalogue(path, "policies/x/locale/es/x.po")
    assert error.value.code == "translation.file"
    assert error.value.where == "policies/x/locale/es/x.po"
    assert error.value.hint


def test_no_folder_translates_a_sentence_twice() -> None:
    for folder in places(rules_folder(), POLICY):
        sources = [e.source for e in read_folder(folder, "es", below=rules_folder())]
        assert len(sources) == len(set(sources)), folder


# -- the check ----------------------------------------------------------------------------------


class Copy:
    """A copy of the rules that a test may break."""

    def __init__(self, folder: Path) -> None:
        self.rules = Path(shutil.copytree(rules_folder(), folder / "rules"))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.rules / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1, text.count(old)
        path.write_text(text.replace(old, new), "utf-8")

    def line(self, name: str, text: str) -> str:
        lines = (self.rules / name).read_text("utf-8").splitlines()
        return f"{name}:{next(n for n, line in enumerate(lines, 1) if text in line)}"

    def found(self) -> list[Finding]:
        return [f for f in check_policy(self.rules, POLICY) if f.code.startswith("translation.")]


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_the_shipped_rules_are_translated_throughout() -> None:
    found = check_policy(rules_folder(), POLICY)
    assert [one for one in found if one.code.startswith("translation.")] == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("criteria.lp", "%! HIV is negative.", "%! HIV is surely negative."),
        ("policy.toml", 'text = "HIV negative"', 'text = "HIV certainly negative"'),
        ("questions.lp", "How many vials are requested?", "How many vials, then?"),
        ("readings.lp", "What follows for a person under 18?", "What of a minor?"),
    ],
)
def test_a_sentence_without_translation_is_a_warning(
    copied: Copy, file: str, old: str, new: str
) -> None:
    name = f"policies/{POLICY}/{file}"
    copied.edit(name, old, new)
    missing, unused = sorted(copied.found(), key=lambda one: one.code)
    assert (missing.code, missing.severity) == ("translation.missing", "warning")
    assert missing.where.rpartition(":")[0] == copied.line(name, new)
    assert missing.hint == f"add it to a catalogue in {POLICY}/locale/es/"
    assert (unused.code, unused.severity) == ("translation.unused", "warning")
    assert unused.where.startswith(FOLDER)


def test_an_answer_without_translation_is_a_warning(copied: Copy) -> None:
    copied.edit(FOLDER, 'msgid "rrms"', 'msgid "rrsm"')
    (unused, missing) = sorted(copied.found(), key=lambda one: one.where)
    assert missing.message == "`rrms` has no translation in the language `es`"
    assert missing.where.startswith(f"policies/{POLICY}/questions.lp:")
    assert unused.hint == "did you mean `rrms`?"


def test_a_drug_without_translation_is_a_warning(copied: Copy) -> None:
    name = "terminology/properties.csv"
    with (copied.rules / name).open("a", encoding="utf-8") as file:
        file.write("cladribine,class,btk_inhibitor,nowhere\n")
    (found,) = copied.found()
    assert found.message == "`btk inhibitor` has no translation in the language `es`"
    assert found.where.startswith(name)


def test_a_wrong_placeholder_is_an_error(copied: Copy) -> None:
    copied.edit(FOLDER, "se cuenta {D}.", "se cuenta {Droga}.")
    first, second = copied.found()
    assert {first.code, second.code} == {"translation.placeholder"}
    assert first.severity == "error"
    assert first.where == copied.line(FOLDER, 'msgid "{D} is counted."')
    assert {first.message, second.message} == {
        "the sentence names `{D}`, its translation does not",
        "its translation names `{Droga}`, the sentence does not",
    }


def test_a_broken_catalogue_is_found_by_the_check(copied: Copy) -> None:
    (copied.rules / FOLDER).write_text('msgid "a"\nmsgstr "b" c\n')
    codes = {one.code for one in copied.found()}
    assert "translation.file" in codes


def test_a_policy_without_catalogues_promises_nothing(copied: Copy) -> None:
    shutil.rmtree(copied.rules / f"policies/{POLICY}/locale")
    assert copied.found() == []


def test_strict_makes_a_missing_translation_an_error(
    copied: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    copied.edit(f"policies/{POLICY}/criteria.lp", "%! HIV is negative.", "%! HIV is surely so.")
    assert run(["check", "--rules", str(copied.rules)]) == 0
    assert "warning[translation.missing]" in capsys.readouterr().out
    assert run(["check", "--rules", str(copied.rules), "--strict"]) == 1
    assert "error[translation.missing]" in capsys.readouterr().out
    run(["check", "--strict"])
    assert "translation" not in capsys.readouterr().out


def test_translations_change_no_decision(copied: Copy) -> None:
    """A digest names what a decision was made by, and no decision reads a translation."""
    before = load_policy(copied.rules).digest
    shutil.rmtree(copied.rules / f"policies/{POLICY}/locale")
    assert load_policy(copied.rules).digest == before
