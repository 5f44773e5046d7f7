"""The documents keep their promises: examples show what is printed, links lead somewhere.

`python tests/test_readme.py` rewrites the output below every `<!-- example:… -->` of the
README. Of a proof, `branch:approval.II` shows the one branch that names it.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reasoner import terminology
from reasoner.case import load_case
from reasoner.check import check_policy
from reasoner.engine import Reasoner
from reasoner.policy import load_policy

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
AUTHORING = ROOT / "docs" / "authoring.md"
READING = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
EXAMPLE = re.compile(
    r"(?P<head><!-- example:(?P<name>[\w-]+)(?: branch:(?P<branch>\S+))? -->\n"
    r"```console\n\$ (?P<command>.+)\n)"
    r"(?P<output>(?:(?!```).*\n)*)(?=```\n)"
)
COMMAND = re.compile(r"<!-- command:(?P<name>\w+) -->\n```sh\n(?P<line>.+)\n```\n")
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
FILE = re.compile(r"<!-- file:(?P<name>\S+) -->\n```\w+\n(?P<text>(?:(?!```).*\n)*)```\n")


def output_of(command: str, branch: str | None) -> str:
    """Run *command* of `reasoner` in the checkout as into a pipe, and return its stdout."""
    program, *arguments = shlex.split(command)
    assert program == "reasoner", f"an example runs `reasoner`, found `{command}`"
    plain = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "FORCE_COLOR"}}
    result = subprocess.run(
        [sys.executable, "-m", "reasoner", *arguments],
        cwd=ROOT,
        env=plain | {"NO_COLOR": "1", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert result.returncode == 0, f"`{command}` failed:\n{result.stderr}"
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    return "".join(f"{line}\n" for line in (branch_of(lines, branch) if branch else lines))


def branch_of(lines: list[str], name: str) -> list[str]:
    """Return the headline, the branch of the tree that names *name*, and an ellipsis."""
    starts = [at for at, line in enumerate(lines) if line.startswith(("├─", "└─"))]
    (start,) = (at for at in starts if lines[at].split("  ")[0].endswith(f" {name}"))
    end = min((at for at in starts if at > start), default=len(lines))
    return [lines[0], *lines[start:end], "…"]


def refreshed(text: str) -> str:
    """Return *text* with the output of every example as it is now."""
    return EXAMPLE.sub(
        lambda found: found["head"] + output_of(found["command"], found["branch"]), text
    )


TEXT = README.read_text(encoding="utf-8")
EXAMPLES = list(EXAMPLE.finditer(TEXT))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda found: found["name"])
def test_an_example_shows_what_the_program_prints(example: re.Match[str]) -> None:
    assert example["output"] == output_of(example["command"], example["branch"]), (
        "rewrite: python tests/test_readme.py"
    )


def test_no_example_is_passed_over() -> None:
    assert TEXT.count("<!-- example:") == len(EXAMPLES) > 0


def test_there_are_two_commands_of_one_line() -> None:
    commands = {found["name"]: found["line"] for found in COMMAND.finditer(TEXT)}
    assert list(commands) == ["example", "tests"]
    *_, case = shlex.split(commands["example"])
    assert (ROOT / case).is_file()
    assert "pytest" in commands["tests"]


def headings(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    text = re.sub(
        r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    here = ROOT / name
    lost = []
    for found in LINK.finditer(here.read_text(encoding="utf-8")):
        target = here.parent / found["path"] if found["path"] else here
        if not target.exists() or (found["anchor"] and found["anchor"] not in headings(target)):
            lost.append(found.group())
    assert lost == []


def test_the_readings_are_those_of_the_policy() -> None:
    shown = json.loads(output_of("reasoner readings --format json", None))
    wanted = [(r["id"], r["clause"], [str(value) for value in r["values"]]) for r in shown]
    rows = re.findall(r"^\| `(\w+)` \| ([\w.]+) \| (\w+) \| (.+) \|$", READING, re.MULTILINE)
    found = [(name, about, [first, *others.split(", ")]) for name, about, first, others in rows]
    assert sorted(found) == sorted(wanted)


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. \*\*", READING, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1)) != []


@pytest.mark.parametrize(("name", "document"), [("case", "cases.md"), ("decision", "json.md")])
def test_every_field_is_explained(name: str, document: str) -> None:
    schema = json.loads(output_of(f"reasoner schema {name}", None))
    fields = {field for one in schema["$defs"].values() for field in one.get("properties", ())}
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    words = {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}
    assert sorted(fields - words) == []


def test_every_flaw_of_a_record_is_explained() -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rules").rglob("*.lp"))
    flaws = set(re.findall(r"^flaw\(\w+, (\w+)\)", rules, re.MULTILINE))
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert sorted(flaw for flaw in flaws if f"`{flaw}`" not in text) == []


def test_contributing_names_tests_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\btest_\w+\.py\b", text))
    assert sorted(name for name in named if not (ROOT / "tests" / name).is_file()) == []


def test_every_record_of_a_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index)
    assert linked == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_the_policy_of_the_authoring_guide_passes_its_checks_and_decides(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for found in FILE.finditer(AUTHORING.read_text(encoding="utf-8")):
        target = tmp_path / found["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(found["text"], encoding="utf-8")
    findings = check_policy(rules, "demo-natalizumab")
    assert [one for one in findings if one.severity == "error"] == []
    own = [one for one in findings if one.where.startswith("policies/demo-natalizumab/")]
    assert {one.code for one in own} <= {"clause.test"}  # how it is tested is another page

    policy = load_policy(rules, "demo-natalizumab")
    reasoner = Reasoner(policy, terminology.load(rules / "terminology"), version="0")
    case = load_case(str(tmp_path / "demo.yaml"))
    decision = reasoner.decide(case)
    assert (decision.recommendation, decision.grounds) == ("partial", ("quantity.limit",))
    assert [one.id for one in decision.readings] == ["old_diagnosis_counts"]
    other = reasoner.decide(case, readings={"old_diagnosis_counts": "no"})
    assert [one.question for one in other.missing] == ["form"]


if __name__ == "__main__":
    README.write_text(refreshed(TEXT), encoding="utf-8")
