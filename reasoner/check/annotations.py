"""Findings as workflow commands of GitHub Actions, which shows them beside the changed lines.

Source: GitHub, *Workflow commands for GitHub Actions*; the escapes are those of its toolkit.
"""

from __future__ import annotations

from pathlib import Path

from reasoner.check.excerpt import excerpt
from reasoner.check.finding import Finding, place_of

__all__ = ["annotation"]


def annotation(finding: Finding, rules: Path, base: str) -> str:
    """Return *finding* on the folder *rules* as one line; *base* leads to that folder."""
    place, shown = place_of(finding), excerpt(rules, finding)
    fields = {"title": finding.code}
    if place.file:
        fields = {"file": base + place.file} | fields
    if shown is not None:
        fields |= {
            "line": str(shown.line),
            "col": str(shown.column),
            "endColumn": str(shown.end),
        }
    properties = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    return f"::{finding.severity} {properties}::{_data(finding.message + hint)}"


def _data(text: str) -> str:
    r"""Escape what would end a command.

    >>> _data("50 %\nmore")
    '50 %25%0Amore'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape what would end a property too.

    >>> _property("a:b,c")
    'a%3Ab%2Cc'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")
