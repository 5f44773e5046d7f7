"""The notice: every reason with its clause and evidence, in plain words, and no determination.

`REWRITE_GOLDEN=1 pytest tests/test_notice.py` rewrites the texts under `tests/golden/`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from explain.language import load_language
from explain.notice import Finding, Ground, Notice, paragraphs
from explain.proof import prove
from explain.telling import tell_notice
from reasoner.case import load_case
from reasoner.cli import run
from reasoner.engine import Examination, decision_day
from reasoner.policy import rules_folder
from shipped import the_reasoner

HERE = Path(__file__).parent
CASES = HERE / "data" / "cases"
GOLDEN = HERE / "golden"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
EXAMPLES = sorted((HERE.parent / "examples").glob("*.yaml"))
LANGUAGES = ["en", "es"]
DENY = str(HERE.parent / "examples" / "deny-several.yaml")

Ran = tuple[int, str, str]


@cache
def told(path: Path, lang: str) -> tuple[Examination, Notice]:
    reasoner, case = the_reasoner(), load_case(str(path))
    examination = reasoner.examine(case)
    proof = prove(reasoner, examination, decision_day(case))
    language = load_language(lang, reasoner.policy)
    return examination, tell_notice(reasoner, examination, proof, language)


@pytest.fixture
def reasoner(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def command(*arguments: str) -> Ran:
        status = run(list(arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


def grounds_of(notice: Notice) -> Iterator[Ground]:
    for ground in notice.grounds:
        yield from ground


def findings_of(notice: Notice) -> Iterator[Finding]:
    yield from notice.because
    for ground in grounds_of(notice):
        yield from ground.findings
    for asked in notice.missing:
        yield from asked.findings


# -- every line has its evidence ----------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_ground_has_clause_locator_and_evidence(path: Path, lang: str) -> None:
    examination, notice = told(path, lang)
    decision = examination.decision
    wanted = [(g,) if isinstance(g, str) else g for g in decision.grounds]
    found = [tuple(one.clause for one in ground) for ground in notice.grounds]
    if decision.recommendation == "refer":
        assert notice.judged
    else:
        assert found == wanted
    for ground in grounds_of(notice):
        assert ground.locator
        assert ground.text
        assert ground.findings, ground
    for one in findings_of(notice):
        if one.record:
            assert re.search(r"\d{4}", one.day), one
            assert one.source, one
            assert not one.source.startswith(("no source", "sin fuente")) or not one.used, one
        else:
            assert one.looked, one
    assert bool(notice.missing) is (decision.recommendation == "pend")
    for asked in notice.missing:
        assert asked.clauses
        assert any(one.looked for one in asked.findings)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_missing_stands_under_what_blocks(path: Path) -> None:
    examination, notice = told(path, "en")
    if examination.decision.recommendation == "deny":
        assert not notice.missing
        assert not [one for ground in grounds_of(notice) for one in ground.findings if one.looked]


def test_what_is_unclear_is_not_told_under_what_blocks_without_it(tmp_path: Path) -> None:
    """One failure is only claimed; with none shown, it could not make two."""
    text = (HERE.parent / "examples" / "pend-undocumented.yaml").read_text(encoding="utf-8")
    first = "response: inadequate\n    stopped_for: inadequate_response"
    assert first in text
    path = tmp_path / "case.yaml"
    path.write_text(text.replace(first, "response: adequate", 1), encoding="utf-8")
    examination, notice = told(path, "en")
    assert examination.decision.recommendation == "deny"
    (ground,) = grounds_of(notice)
    assert ground.count == "Shown: 0 of 2."
    assert all(one.used and not one.looked for one in ground.findings), ground.findings


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_both_languages_tell_the_same(path: Path) -> None:
    """The same clauses, records, days and counts; only the words differ."""
    (_, english), (_, spanish) = (told(path, lang) for lang in LANGUAGES)

    def bones(notice: Notice) -> list[tuple[str, list[tuple[str, ...]]]]:
        return [
            (one.clause, [tuple(re.findall(r"\d+", f.day)) for f in one.findings if f.used])
            for one in grounds_of(notice)
        ]

    def numbers(notice: Notice) -> list[list[str]]:
        return [re.findall(r"\d+", ground.count) for ground in grounds_of(notice)]

    assert [len(ground) for ground in english.grounds] == [len(g) for g in spanish.grounds]
    assert bones(english) == bones(spanish)
    assert numbers(english) == numbers(spanish)
    assert [one.clause for one in english.passed] == [one.clause for one in spanish.passed]
    assert len(english.advisories) == len(spanish.advisories)
    assert not english.untranslated
    assert not spanish.untranslated


def test_the_threshold_and_the_count_are_told() -> None:
    _, notice = told(Path(DENY), "en")
    (first, second, _) = grounds_of(notice)
    assert first.count == "Shown: 1 of 2: interferon beta-1a."
    assert first.change == ("This is needed: evidence that one more MS drug failed.",)
    assert second.count == ""


def test_a_change_brings_no_other_clause_in_its_place() -> None:
    """Another disease would lift an exclusion of this one, and be excluded itself."""
    _, notice = told(HERE.parent / "examples" / "split.yaml", "en")
    for ground in grounds_of(notice):
        assert ground.change
        assert not any("another indication" in change for change in ground.change)


# -- it recommends, and determines nothing --------------------------------------------------------

CLAIMS = re.compile(
    r"\b(we|plan) (have |has )?(denied|approved|determined)|\b(is|was|are|been) (denied|approved)"
    r"|\b(hemos|ha|fue|está|queda) (denegad|aprobad|determinad)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_sentence_claims_to_determine(
    path: Path, lang: str, reasoner: Callable[..., Ran]
) -> None:
    status, out, _ = reasoner("notice", str(path), "--lang", lang)
    assert status == 0
    shown = re.sub(r"Guidelines.*", "", out)  # a heading of the document may say what it likes
    assert CLAIMS.search(shown) is None
    assert {"en": "A person decides.", "es": "Decide una persona."}[lang] in out


# -- what its sender adds -------------------------------------------------------------------------


def test_the_text_on_appeals_is_put_at_the_end(
    tmp_path: Path, reasoner: Callable[..., Ran]
) -> None:
    appeal = tmp_path / "appeal.txt"
    appeal.write_text("Call 555-0100.\n\n\n\x1b[31mWithin 65 \u202edays\x00.\n", encoding="utf-8")
    status, out, _ = reasoner("notice", DENY, "--appeal", str(appeal))
    assert status == 0
    assert out.endswith("If you do not agree\n  Call 555-0100.\n  \n  [31mWithin 65 days.\n")
    data = json.loads(reasoner("notice", DENY, "--appeal", str(appeal), "--format", "json")[1])
    assert data["appeal"] == ["Call 555-0100.", "", "[31mWithin 65 days."]


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\xff\xfe", "the text is not in UTF-8"), (b"x" * 100_001, "the text has 100001 bytes")],
)
def test_a_text_that_cannot_be_taken_is_an_error(
    tmp_path: Path, reasoner: Callable[..., Ran], data: bytes, message: str
) -> None:
    appeal, output = tmp_path / "appeal.txt", tmp_path / "notice.txt"
    appeal.write_bytes(data)
    status, out, err = reasoner("notice", DENY, "--appeal", str(appeal), "-o", str(output))
    assert (status, out) == (3, "")
    assert message in err
    assert not output.exists()


def test_a_missing_text_is_an_error(reasoner: Callable[..., Ran]) -> None:
    status, out, err = reasoner("notice", DENY, "--appeal", "nowhere.txt")
    assert (status, out) == (3, "")
    assert "nowhere.txt" in err


def test_lines_of_a_text_keep_their_paragraphs() -> None:
    assert paragraphs("\n\n a\r\nb\n\n\nc\n\n") == ("a", "b", "", "c")
    assert paragraphs("") == ()


# -- where it goes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_holds_what_would_be_shown(
    tmp_path: Path, reasoner: Callable[..., Ran], form: str
) -> None:
    output = tmp_path / "notice.txt"
    arguments = ("notice", DENY, "--lang", "es", "--format", form)
    shown = reasoner(*arguments)
    assert reasoner(*arguments, "-o", str(output)) == (0, "", "")
    assert (0, output.read_text(encoding="utf-8"), "") == shown


def test_the_data_is_the_notice(reasoner: Callable[..., Ran]) -> None:
    _, out, _ = reasoner("notice", DENY, "--format", "json")
    found = msgspec.json.decode(out, type=Notice)
    assert (found.schema, found.lang) == ("policy-reasoner/notice/1", "en")
    assert [ground.clause for ground in grounds_of(found)] == [
        "approval.II",
        "exclusion.IV",
        "exclusion.V",
    ]


# -- what is not translated ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("exclusions.lp", "%! an infection is active at", "%! an infection goes on at"),
        ("policy.toml", "An active infection, acute", "An infection that is active, acute"),
        ("questions.lp", '"Is an infection active at', '"Does an infection go on at'),
    ],
)
def test_a_notice_with_an_english_sentence_is_refused(
    tmp_path: Path, reasoner: Callable[..., Ran], file: str, old: str, new: str
) -> None:
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules"))
    path = rules / "policies" / "mp-rx-fp-52-23" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    output = tmp_path / "notice.txt"
    status, out, err = reasoner(
        "notice", DENY, "--rules", str(rules), "--lang", "es", "-o", str(output)
    )
    assert (status, out) == (3, "")
    assert "error[translation.missing]" in err
    assert new.removeprefix("%! ").removeprefix('"') in err
    assert f"--> policies/mp-rx-fp-52-23/{file}" in err
    assert not output.exists()
    assert reasoner("notice", DENY, "--rules", str(rules))[0] == 0
    # A view for people who work with the rules shows it, and says so.
    status, out, _ = reasoner("why", DENY, "--rules", str(rules), "--lang", "es")
    assert status == 0
    assert "[en]" in out


def test_an_unknown_language_is_refused(reasoner: Callable[..., Ran]) -> None:
    status, _, err = reasoner("notice", DENY, "--lang", "fr")
    assert status == 2
    assert "one of en, es" in err


# -- golden ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_notice_reads_as_reviewed(name: str, lang: str, reasoner: Callable[..., Ran]) -> None:
    status, shown, _ = reasoner("notice", str(CASES / f"{name}.yaml"), "--lang", lang)
    assert status == 0
    golden = GOLDEN / f"notice-{name}-{lang}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8"), (
        "look at the difference, then: REWRITE_GOLDEN=1 pytest tests/test_notice.py"
    )
