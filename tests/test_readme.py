"""The README keeps its promises: its example is what the program prints, its links lead somewhere.

`python tests/test_readme.py` rewrites the output below every `<!-- example:… -->`.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
EXAMPLE = re.compile(
    r"(?P<head><!-- example:(?P<name>[\w-]+) -->\n```console\n\$ (?P<command>.+)\n)"
    r"(?P<output>(?:(?!```).*\n)*)(?=```\n)"
)
COMMAND = re.compile(r"<!-- command:(?P<name>\w+) -->\n```sh\n(?P<line>.+)\n```\n")
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]+)[^)]*\)")


def output_of(command: str) -> str:
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
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


def refreshed(text: str) -> str:
    """Return *text* with the output of every example as it is now."""
    return EXAMPLE.sub(lambda found: found["head"] + output_of(found["command"]), text)


TEXT = README.read_text(encoding="utf-8")
EXAMPLES = list(EXAMPLE.finditer(TEXT))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda found: found["name"])
def test_an_example_shows_what_the_program_prints(example: re.Match[str]) -> None:
    assert example["output"] == output_of(example["command"]), (
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


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_leads_to_a_file(name: str) -> None:
    paths = {found["path"] for found in LINK.finditer((ROOT / name).read_text(encoding="utf-8"))}
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


if __name__ == "__main__":
    README.write_text(refreshed(TEXT), encoding="utf-8")
