"""Clauses that no test is about: the rows of `tests/` are read for the clauses that they expect."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from reasoner.check.clauses import Toml
from reasoner.check.finding import Finding, warning
from reasoner.check.program import Programs

__all__ = ["check"]

_EXPECTED: Final = ("expect", "under", "clauses")
_WEAK: Final = "not_grounds"
"""That a clause is no ground says nothing of its status."""
_WORD: Final = re.compile(r"[^\s|,]+")


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every clause that no row of the policy's tests expects anything of.

    Whether a test file is well written is said where the tests are run: what cannot be read
    here expects nothing.
    """
    folder = programs.policy.folder / "tests"
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in _READ]
    toml = Toml(programs)
    if not files:
        yield warning(
            "clause.test",
            "the policy has no tests",
            toml.place(r"\s*id\s*="),
            "write tests/policy.yaml: a base case, and a row for each side of every clause",
        )
        return
    expected = set().union(*map(_expected, files))
    for clause in programs.policy.identity.clauses:
        if clause.id not in expected:
            yield warning(
                "clause.test",
                f"no test expects anything of the clause `{clause.id}`",
                toml.clause(clause),
                f"add a row to tests/ for each side of it: expect: {{clauses: {{{clause.id}: …}}}}",
            )


def _expected(path: Path) -> frozenset[str]:
    try:
        return _READ[path.suffix](path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return frozenset()


@lru_cache(maxsize=256)
def _of_yaml(text: str) -> frozenset[str]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return frozenset(_rows(yaml.load(text, loader)))  # noqa: S506 - a safe loader, in C
    except (yaml.YAMLError, ValueError, RecursionError):
        return frozenset()


def _rows(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever YAML holds
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _words(inner) if key in _EXPECTED else _rows(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rows(inner)


def _words(value: Any) -> Iterator[str]:  # noqa: ANN401 - the same
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != _WEAK:
                yield str(key)
                yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield from _WORD.findall(value)


@lru_cache(maxsize=256)
def _of_csv(text: str) -> frozenset[str]:
    try:
        return frozenset(
            word
            for row in csv.DictReader(text.splitlines())
            for column, cell in row.items()
            if isinstance(column, str) and isinstance(cell, str) and cell.strip()
            for word in _of_cell(column, cell)
        )
    except csv.Error:
        return frozenset()


def _of_cell(column: str, cell: str) -> Iterator[str]:
    head, _, rest = column.partition(".")
    if head in _EXPECTED and rest != _WEAK:
        yield from _WORD.findall(cell)
        yield rest.removeprefix("clauses.") if head == "expect" else rest


_READ: Final = {".yaml": _of_yaml, ".yml": _of_yaml, ".csv": _of_csv}
