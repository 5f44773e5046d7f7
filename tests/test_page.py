"""The page of a decision says everything, blocks first, and is nothing but text."""

import base64
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from explain.core import core
from explain.label import Labels
from explain.language import ENGLISH, Language, load_language
from explain.page import Entry, decision_page, index_page
from explain.proof import Proof, prove
from explain.record import records_of
from hostile import CONTROLS, hostile_case, write_case
from reasoner.case import load_case
from reasoner.cli import run
from reasoner.engine import Examination, decision_day
from reasoner.model import Case
from shipped import the_reasoner

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
LARGEST = 150_000  # bytes of a page
VOID = {"meta", "br", "link", "img", "input", "hr"}


def proved(case: Case) -> tuple[Proof, Examination]:
    examination = the_reasoner().examine(case)
    return prove(the_reasoner(), examination, decision_day(case)), examination


def page_of(case: Case, language: Language = ENGLISH) -> str:
    return decision_page(*proved(case), the_reasoner().policy, language)


@cache
def example(name: str) -> Case:
    return load_case(str(EXAMPLES / f"{name}.yaml"))


@cache
def decided(name: str) -> Examination:
    return proved(example(name))[1]


@cache
def page(name: str) -> str:
    return page_of(example(name))


class Read(HTMLParser):
    """The page as its elements, its text by section, and what does not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sections: dict[str, str] = {}
        self.section = ""
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert len(found) == len(attrs), f"an attribute is given twice: {attrs}"
        self.elements.append((tag, found))
        if tag == "section":
            self.section = found["aria-labelledby"]
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self.section = ""
        if tag not in VOID and self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        self.sections[self.section] = self.sections.get(self.section, "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@cache
def read(name: str) -> Read:
    return Read(page(name))


def flat(text: str) -> str:
    return " ".join(text.split())


# --- what it says -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_record_and_digest_is_on_the_page(name: str) -> None:
    decision, found = decided(name).decision, read(name)
    for clause in decision.clauses:
        assert clause.id in found.sections["clauses"]
        assert clause.text in flat(found.text)
        assert clause.locator in flat(found.text)
    case = example(name)
    for section in (case.conditions, case.therapies, case.observations, case.doses):
        assert all(record.id in found.sections["evidence"] for record in section)
    for view in records_of(case).values():
        if view.id in found.sections["evidence"]:
            assert flat(view.said) in flat(found.sections["evidence"])
            assert flat(view.source) in flat(found.sections["evidence"])
    for digest in (decision.case.digest, decision.policy.digest, decision.terminology.digest):
        assert digest in found.sections["record"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_assumed_read_advised_or_in_conflict_is_on_the_page(name: str) -> None:
    decision, found = decided(name).decision, read(name)
    for assumption in decision.assumptions:
        assert assumption.question in found.sections["rests"]
    for reading in decision.readings:
        assert reading.id in found.sections["rests"]
    for advisory in decision.advisories:
        assert advisory.text in flat(found.sections["rests"])
    for doubt in decision.doubts:
        assert doubt.record in found.sections["rests"]
    for conflict in decision.conflicts:
        assert conflict.question in found.sections["conflicts"]
    for missing in decision.missing:
        assert missing.text in flat(found.sections["why"])


@pytest.mark.parametrize("name", NAMES)
def test_it_recommends_and_never_determines(name: str) -> None:
    decision, text = decided(name).decision, read(name).text
    assert not re.search(r"\b(denied|approved)\b", text.replace("not approved", ""), re.IGNORECASE)
    asks = "recommendation only: a person must confirm" in text
    assert asks == decision.human_review.required
    assert not re.search(r"\b\d{1,2}:\d{2}\b", text), "a time of the clock"


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("deny", "split", "reading"))])
def test_what_blocks_stands_first_and_nothing_missing_stands_there(name: str) -> None:
    decision, found = decided(name).decision, read(name)
    headings = [attributes["aria-labelledby"] for attributes in found.all("section")]
    assert headings[0] == "why"
    blocks = flat(found.sections["why"])
    assert "blocks approval on its own" in blocks
    for ground in decision.grounds:
        for clause in (ground,) if isinstance(ground, str) else ground:
            assert clause in blocks
    assert "nothing found that answers it" not in blocks.partition("Read too")[0]


def test_a_question_without_an_answer_is_not_needed_by_a_denial() -> None:
    case = example("deny-several")
    proof, examination = proved(msgspec.structs.replace(case, complete=()))
    assert examination.decision.recommendation == "deny"
    assert "question:concurrent(others)" in proof.graph
    assert "question:concurrent(others)" not in core(proof).graph
    text = decision_page(proof, examination, the_reasoner().policy)
    blocks, _, rest = text.partition('id="clauses"')
    assert "looked in" not in re.sub(r'<details class="beside">.*?</details>\n</li>', "", blocks)
    assert "looked in" in rest


def test_a_record_stands_with_its_id_date_and_source_or_with_why_it_is_not_used() -> None:
    blocks = flat(read("deny-several").sections["why"])
    assert "dx2 · 2026-03-06 · N10 (Acute pyelonephritis)" in blocks
    assert "emergency-2026-03-06.pdf, page 2" in blocks
    evidence = flat(read("pend-undocumented").sections["evidence"])
    assert "not used" in evidence
    assert "is claimed, not documented" in evidence


def test_what_is_missing_says_where_it_was_looked_for() -> None:
    missing = flat(read("pend-missing").sections["why"])
    assert "possible: negative, positive" in missing
    assert "nothing found that answers it; looked in conditions, observations, answers" in missing


def test_a_kind_of_node_that_the_page_does_not_know_is_shown() -> None:
    class Counted(msgspec.Struct, frozen=True, tag="aggregate", tag_field="type"):
        text: str
        count: int
        needed: int
        rule: str

    proof, examination = proved(example("deny-several"))
    node = Counted("failed drugs were counted", 1, 2, "criteria.lp:41")
    proof.graph.add_node("aggregate:1", node=node)
    proof.graph.add_edge("clause:approval.II", "aggregate:1", kind="counts")
    label = Labels(proof).at("aggregate:1")
    assert (label.kind, label.value, label.place.text) == ("aggregate", "1", "criteria.lp:41")
    text = Read(decision_page(proof, examination, the_reasoner().policy)).sections["why"]
    assert "failed drugs were counted" in text
    assert "needed: 2" in text


# --- what it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_stands_alone(name: str) -> None:
    assert len(page(name).encode()) < LARGEST
    _stands_alone(page(name))


def _stands_alone(text: str) -> None:
    found = Read(text)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [
        meta["content"]
        for meta in found.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    names = {tag for tag, _ in found.elements}
    assert not names & {"script", "iframe", "object", "embed", "form", "img", "link", "base"}
    assert not re.search(r"url\(|@import|@font-face", style)
    ids: list[str] = []
    for tag, attributes in found.elements:
        assert not {a for a in attributes if a == "style" or a.startswith("on")}, (tag, attributes)
        ids += [attributes["id"]] if "id" in attributes else []
    assert len(ids) == len(set(ids)), "an id is given twice"
    for link in found.all("a"):
        assert link["href"].removeprefix("#") in ids, f"leads nowhere: {link['href']}"
    for attributes in [a for _, a in found.elements if "aria-labelledby" in a]:
        assert set(attributes["aria-labelledby"].split()) <= set(ids)


def test_text_of_a_case_stays_text(tmp_path: Path) -> None:
    text = page_of(hostile_case(tmp_path))
    _stands_alone(text)
    assert not set(text) & (set(CONTROLS) - set("[31m\n"))
    found = Read(text)
    assert "<script>document.title='RAN'</script>" in found.text
    assert "{{ 7*7 }}" in found.text
    assert "&amp; &#60;" in found.text, "what looks like an entity is shown as it stands"


@pytest.mark.parametrize("name", ["deny-several", "approve-second-course", "pend-undocumented"])
def test_the_order_of_records_does_not_matter(name: str) -> None:
    case = example(name)
    for seed in range(3):
        shuffle = random.Random(seed)
        sections = ("conditions", "therapies", "observations", "doses")
        shuffled = {s: tuple(shuffle.sample(x := getattr(case, s), len(x))) for s in sections}
        assert page_of(msgspec.structs.replace(case, **shuffled)) == page(name)


def test_the_hash_seed_does_not_matter() -> None:
    command = [sys.executable, "-m", "reasoner", "report", str(EXAMPLES / "deny-several.yaml")]
    pages = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(pages) == 1


# --- in another language ----------------------------------------------------------------------


def test_a_sentence_without_translation_is_marked_as_english() -> None:
    text = page_of(example("deny-several"), Language("es", {"Evidence": "Pruebas"}, {}))
    assert '<html lang="es">' in text
    assert "Pruebas</h2>" in text
    assert '<span lang="en">HIV negative</span> <span class="en">[en]</span>' in text


def test_a_sentence_with_a_translation_is_not() -> None:
    spanish = Language("es", {}, {"HIV negative": "VIH negativo"})
    text = page_of(example("deny-several"), spanish)
    assert "VIH negativo" in text
    assert '<span lang="en">HIV negative</span>' not in text


def test_every_language_has_a_page() -> None:
    language = load_language("es", the_reasoner().policy)
    _stands_alone(page_of(example("partial"), language))


# --- the index --------------------------------------------------------------------------------


def test_the_index_leads_to_every_page() -> None:
    entries = [Entry(decided(name).decision, f"{name}.html") for name in NAMES]
    text = index_page(entries)
    found = Read(text)
    assert [link["href"] for link in found.all("a")] == [entry.file for entry in entries]
    for entry in entries:
        assert entry.decision.case.id in found.text
    assert len(found.all("tr")) == 1 + len(entries)


# --- the command ------------------------------------------------------------------------------


def report(*arguments: object) -> int:
    return run(["report", *map(str, arguments)])


def test_one_case_goes_to_stdout(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    for more in ((), ("-o", "-")):
        assert report(EXAMPLES / "approve.yaml", *more) == 0
        assert capsysbinary.readouterr().out.startswith(b"<!DOCTYPE html>")


def test_one_case_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "page.html"
    place.write_text("before")
    assert report(EXAMPLES / "approve.yaml", "-o", place, "--format", "json") == 0
    (written,) = json.loads(capsys.readouterr().out)["written"]
    assert written == {"file": str(place), "bytes": len(place.read_bytes())}
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(("place", "index"), [("out/", "out/index.html"), ("all.html", "all.html")])
def test_several_cases_get_an_index(tmp_path: Path, place: str, index: str) -> None:
    cases = [EXAMPLES / f"{name}.yaml" for name in ("approve", "deny-hiv")]
    assert report(*cases, "-o", f"{tmp_path}/{place}") == 0
    links = [link["href"] for link in Read((tmp_path / index).read_text("utf-8")).all("a")]
    assert links == ["PA-2026-004417.html", "PA-2026-004561.html"]
    for link in links:
        _stands_alone((tmp_path / index).with_name(link).read_text("utf-8"))


def test_a_case_cannot_choose_where_its_page_goes(tmp_path: Path) -> None:
    paths = []
    for number, name in enumerate(("../../up", "..", "index", "INDEX", "a/b\\c", "a b c")):
        case = (EXAMPLES / "approve.yaml").read_text("utf-8")
        path = tmp_path / f"{number}.yaml"
        path.write_text(case.replace("id: PA-2026-004417", f"id: {json.dumps(name)}"), "utf-8")
        paths.append(path)
    assert report(*paths, "-o", f"{tmp_path}/deep/out/") == 0
    assert sorted(path.name for path in (tmp_path / "deep" / "out").iterdir()) == [
        "INDEX-3.html",
        "_.._up.html",
        "a_b_c-2.html",
        "a_b_c.html",
        "case.html",
        "index-2.html",
        "index.html",
    ]


def test_what_goes_wrong_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = EXAMPLES / "approve.yaml"
    assert report(good, tmp_path / "none.yaml", "-o", f"{tmp_path}/out/") == 3
    assert report(good, "-o", tmp_path / "none" / "page.html") == 3
    assert f"--> {tmp_path / 'none' / 'page.html'}" in capsys.readouterr().err

    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explain.page.index_page", fail)
    assert report(good, good, "-o", f"{tmp_path}/out/") == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["approve.yaml"], "usage.output"),
        (["approve.yaml", "-o", "-"], "usage.output"),
        (["approve.yaml", "-o", "x/", "--graph", "dot"], "usage.graph"),
        (["-o", "x/", "--graph", "dot"], "usage.graph"),
        (["--core"], "usage.core"),
        (["--format", "json"], "usage.format"),
        (["--lang", "xx"], "usage.language"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    more: list[str],
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments: list[Any] = [EXAMPLES / m if m.endswith(".yaml") else m for m in more]
    assert report(EXAMPLES / "deny-hiv.yaml", *arguments) == 2
    captured = capsys.readouterr()
    assert code in captured.err
    assert captured.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_written_to_and_stays_one() -> None:
    assert report(EXAMPLES / "approve.yaml", "-o", os.devnull) == 0
    assert Path(os.devnull).is_char_device()


def test_a_hostile_case_goes_through_the_command(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    assert report(write_case(tmp_path), "-o", place) == 0
    _stands_alone(place.read_text("utf-8"))
