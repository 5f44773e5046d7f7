"""Coverage as one page: the rules as they are written, with what no row reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explain.language import ENGLISH
from explain.templating import render
from reasoner.program import RuleFile
from workbench.coverage.measure import Coverage, RuleCoverage

__all__ = ["WORDS", "covered_page"]

WORDS: Mapping[str, str] = {
    "covered": "covered",
    "never_true": "never true",
    "never_false": "never false",
    "unreached": "not reached",
    "fixed": "cannot fail alone",
}
"""The state of a literal, as a reader is told of it."""


def covered_page(coverage: Coverage, files: Sequence[RuleFile]) -> str:
    """Return the page of *coverage*, whole by itself, over the source of *files*."""
    rules: dict[str, list[RuleCoverage]] = {}
    for rule in coverage.rules:
        rules.setdefault(rule.file, []).append(rule)
    told = [
        {
            "name": file.name,
            "points": _points(rules[file.name]),
            "lines": _lines(file, rules[file.name]),
        }
        for file in files
        if file.name in rules
    ]
    return render(
        "coverage.html", ENGLISH, package="workbench", coverage=coverage, files=told, words=WORDS
    )


def _points(rules: Sequence[RuleCoverage]) -> tuple[int, int]:
    points = [rule.points for rule in rules]
    return sum(c for c, _ in points), sum(n for _, n in points)


def _lines(file: RuleFile, rules: Sequence[RuleCoverage]) -> list[dict[str, object]]:
    """Return each line of *file* with the rules that begin on it, and the worst of them."""
    by_line: dict[int, list[RuleCoverage]] = {}
    for rule in rules:
        by_line.setdefault(rule.line, []).append(rule)
    return [
        {"number": number, "text": text, "rules": here, "tone": _tone(here)}
        for number, text in enumerate(file.text.splitlines(), 1)
        for here in [by_line.get(number, [])]
    ]


def _tone(rules: Sequence[RuleCoverage]) -> str:
    if not rules:
        return ""
    if any(not rule.fired for rule in rules):
        return "silent"
    return "partly" if any(rule.points[0] < rule.points[1] for rule in rules) else "covered"
