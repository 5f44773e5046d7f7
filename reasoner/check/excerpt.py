"""The line that a finding is about, and the words in it that the caret stands under."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from reasoner.check.finding import Finding, place_of
from reasoner.plain import UNSAFE

__all__ = ["Excerpt", "excerpt"]

_TOKEN: Final = re.compile(
    r"""\{\w*\}?|[@#]?_*[A-Za-z][\w']*|"(?:[^"\\]|\\.)*"|\d+|%[!*]?|:-|[<>=!]=|\S""", re.ASCII
)


class Excerpt(msgspec.Struct, frozen=True):
    """A *line* of a file as *text*; the token begins in *column* and ends before *end*.

    Both count characters from 1. Characters that could move a cursor are replaced one for one.
    """

    line: int
    column: int
    end: int
    text: str


def excerpt(rules: Path, finding: Finding) -> Excerpt | None:
    """Return the line of *finding*; nothing where it names none, or none can be read."""
    place = place_of(finding)
    lines = _lines(rules / place.file) if place.file and place.line else ()
    if not 0 < place.line <= len(lines):
        return None
    line = lines[place.line - 1]
    # clingo counts bytes, and a reader characters.
    before = line.encode()[: max(place.column - 1, 0)].decode(errors="replace")
    start = min(len(before), len(line))
    match = _TOKEN.match(line, start)
    end = match.end() if match and place.column else start + 1
    text = re.sub(UNSAFE, "\N{REPLACEMENT CHARACTER}", line.replace("\t", " "))
    return Excerpt(place.line, start + 1, end + 1, text)


def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(encoding="utf-8", errors="replace").split("\n"))
    except (OSError, ValueError):
        return ()
