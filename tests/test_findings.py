"""`docs/findings.md` has every finding, and its examples are what it says they are."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from reasoner.check import CODES, Finding, check_policy
from reasoner.policy import rules_folder

TINY = Path(__file__).parent / "data" / "check"
DOCUMENT = Path(__file__).parent.parent / "docs" / "findings.md"
SECTION = re.compile(r"^### `(?P<code>[\w.]+)`\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(?P<kind>\w+) (?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
UNPLANTED = {"rules.worlds"}  # every way to break the worlds that is known is found before


class Block(NamedTuple):
    kind: str
    file: str
    text: str


class Example(NamedTuple):
    code: str
    bad: list[Block]
    good: list[Block]
    also: set[str]


def blocks(text: str) -> list[Block]:
    return [Block(found["kind"], found["file"], found["text"]) for found in BLOCK.finditer(text)]


def examples() -> Iterator[Example]:
    for found in SECTION.finditer(DOCUMENT.read_text(encoding="utf-8")):
        _, _, rest = found["text"].partition("\nBad:")
        bad, _, good = rest.partition("\nGood:")
        also = re.search(r"<!-- also: (.+) -->", bad)
        yield Example(
            found["code"], blocks(bad), blocks(good), set(also[1].split()) if also else set()
        )


EXAMPLES = list(examples())


class Work:
    """The small policy in a copy of the rules; whole again after each example."""

    def __init__(self, rules: Path) -> None:
        self.rules = rules
        self.whole: dict[Path, bytes | None] = {}

    def plant(self, planted: list[Block]) -> None:
        for block in planted:
            shared = block.file.startswith(("core/", "terminology/"))
            path = self.rules / ("" if shared else "policies/tiny") / block.file
            self.whole.setdefault(path, path.read_bytes() if path.is_file() else None)
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            path.write_text(changed(text, block), encoding="utf-8")

    def check(self) -> list[Finding]:
        return check_policy(self.rules, "tiny")

    def restore(self) -> None:
        for path, data in self.whole.items():
            path.unlink() if data is None else path.write_bytes(data)
        self.whole = {}


def changed(text: str, block: Block) -> str:
    if block.kind != "diff":
        return (
            f"{text}\n{block.text}" if block.file.endswith((".po", ".toml")) else text + block.text
        )
    lines = block.text.splitlines()
    old = "\n".join(line[2:] for line in lines if line.startswith("- "))
    new = "\n".join(line[2:] for line in lines if line.startswith("+ "))
    assert text.count(f"{old}\n") == 1, old
    return text.replace(f"{old}\n", f"{new}\n")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Work:
    rules = tmp_path_factory.mktemp("findings") / "rules"
    for folder in ("core", "terminology"):
        shutil.copytree(rules_folder() / folder, rules / folder)
    shutil.copytree(TINY, rules / "policies" / "tiny")
    return Work(rules)


@pytest.fixture
def work(copied: Work) -> Iterator[Work]:
    yield copied
    copied.restore()


def test_the_small_policy_is_clean(work: Work) -> None:
    assert work.check() == []


def test_every_code_has_its_section_and_no_other_has_one() -> None:
    assert sorted(example.code for example in EXAMPLES) == sorted(CODES)
    assert {example.code for example in EXAMPLES if not example.bad} == UNPLANTED


@pytest.mark.parametrize("code", CODES)
def test_a_section_begins_with_what_the_program_says_of_the_code(code: str) -> None:
    (text,) = (f["text"] for f in SECTION.finditer(DOCUMENT.read_text()) if f["code"] == code)
    summary = f"{CODES[code][:1].upper()}{CODES[code][1:]}. "
    assert text.strip().startswith(summary)
    assert len(text.strip()) > len(summary)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.bad], ids=lambda e: e.code)
def test_the_bad_example_is_found_and_the_good_one_is_sound(work: Work, example: Example) -> None:
    work.plant(example.bad)
    found = work.check()
    assert {finding.code for finding in found} == {example.code, *example.also}, found
    assert all(one.hint or one.code == "rules.ground" for one in found), "no mend is named"
    work.restore()
    assert example.good
    work.plant(example.good)
    assert work.check() == []
