"""Findings of `check` as text: what, where, the line with carets, how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reasoner.check import Finding
    from reasoner.check.excerpt import Excerpt
    from reasoner.cli.screen import Screen

__all__ = ["show_findings"]

_FEWEST = 20
"""So many characters of a line are shown, however narrow the screen."""


def show_findings(screen: Screen, findings: Iterable[Finding], rules: Path) -> None:
    """Write *findings*, each with the line of a file of *rules* that it is about."""
    from reasoner.check.excerpt import excerpt

    for finding in findings:
        tone = "bad" if finding.severity == "error" else "open"
        head = f"{finding.severity}[{finding.code}]:"
        screen.line(finding.message, mark=head, tone=tone)
        if finding.where:
            screen.line(f"--> {finding.where}", indent=2, hang=4)
        shown = excerpt(rules, finding)
        if shown is not None:
            _excerpt(screen, shown, tone)
        if finding.hint:
            screen.line(f"= hint: {finding.hint}", indent=2, hang=4)
        if shown is not None:
            screen.line()


def _excerpt(screen: Screen, shown: Excerpt, tone: str) -> None:
    """Write a line of a file with carets under its token, as much of it as there is room for."""
    number = str(shown.line)
    lead = " " * len(number)
    room = len(shown.text)
    if screen.width is not None:
        room = max(screen.width - len(number) - len(" | "), _FEWEST)
    start = 0
    if len(shown.text) > room:  # keep the token in sight, with what stands before it
        start = max(0, min(shown.column - 1 - room // 2, len(shown.text) - room))
    text = shown.text[start : start + room]
    if start:
        text = "…" + text[1:]
    if start + room < len(shown.text):
        text = text[:-1] + "…"
    carets = "^" * max(1, min(shown.end - shown.column, room - (shown.column - 1 - start)))
    screen.raw(f"{lead} |")
    screen.raw(f"{number} | {text}".rstrip())
    screen.raw(f"{lead} | {' ' * (shown.column - 1 - start)}", carets, tone)
