"""One statement in lines: its head, then its body beside it, filled and aligned."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import msgspec

from workbench.layout.spelling import LAYOUT, Token, spell, split

__all__ = ["WIDTH", "Statement", "lines"]

WIDTH: Final = 100
_DEEPEST: Final = 60
"""A body that would begin further right begins on a line of its own."""
_INDENT: Final = "    "
_IF: Final = " :- "


class Statement(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A statement from its first token to its dot; *text* is how it was written."""

    tokens: tuple[Token, ...]
    text: str

    @cached_property
    def bare(self) -> tuple[Token, ...]:
        """Its tokens without layout."""
        return tuple(token for token in self.tokens if token[0] not in LAYOUT)

    @cached_property
    def verbatim(self) -> bool:
        """Whether it stays as it is: a comment inside of it would lose its place."""
        return any(kind == "comment" for kind, _ in self.tokens)

    @cached_property
    def _at(self) -> int | None:
        for index, token in enumerate(self.bare):
            if token == ("operator", ":-"):
                return index
        return None

    @cached_property
    def head(self) -> str:
        """What stands before `:-`; all of it where nothing does."""
        return spell(self.bare[: self._at])

    @cached_property
    def name(self) -> str:
        """The predicate of its head, or what else it begins with."""
        return next((text for kind, text in self.bare if kind == "name"), "")

    @cached_property
    def conditional(self) -> bool:
        """Whether it has a head and a body."""
        return bool(self._at)

    @cached_property
    def body(self) -> tuple[tuple[Token, ...], ...]:
        """The literals of its body, each with the comma or dot after it."""
        if self._at is None:
            return ()
        return tuple(tuple(part) for part in split(self.bare[self._at + 1 :], (",", ";")))


def lines(statement: Statement, pad: int = 0) -> list[str]:
    """Return the lines of *statement*, its head filled up with blanks to *pad* characters."""
    if statement.verbatim:
        return [line.rstrip() for line in statement.text.split("\n")]
    if not statement.body:
        return _filled([statement.bare], "", "")
    lead = statement.head.ljust(pad) + _IF if statement.conditional else _IF.lstrip()
    whole = lead + " ".join(map(spell, statement.body))
    if len(whole) <= WIDTH:
        return [whole]
    longest = max(len(spell(literal)) for literal in statement.body)
    # Beside the head, unless only a line of their own keeps the literals in one piece.
    kept = len(lead) + longest <= WIDTH or len(_INDENT) + longest > WIDTH
    if len(lead) <= _DEEPEST and kept:
        beside = _filled(list(statement.body), lead, " " * len(lead))
        if all(len(line) <= WIDTH for line in beside):
            return beside
    below = _filled(list(statement.body), _INDENT, _INDENT)
    return [f"{statement.head}{_IF}".rstrip(), *below]


def _filled(literals: list[tuple[Token, ...]], lead: str, hang: str) -> list[str]:
    """Fill lines with *literals*: the first after *lead*, every further line after *hang*."""
    out = [lead]
    fresh = True
    for literal in literals:
        text = spell(literal)
        if fresh or len(out[-1]) + 1 + len(text) > WIDTH:
            if not fresh:
                out.append(hang)
            out[-1:] = _broken(literal, out[-1])
        else:
            out[-1] += f" {text}"
        fresh = False
    return out


def _broken(literal: tuple[Token, ...], lead: str) -> list[str]:
    """Return *literal* after *lead*; too long for a line, it is broken inside its first bracket."""
    text = spell(literal)
    if len(lead) + len(text) <= WIDTH:
        return [lead + text]
    for depth in (1, 2):
        for mark in (";", ","):
            parts = [spell(part) for part in split(literal, (mark,), depth)]
            bracket = _bracket(parts[0], depth)
            if len(parts) > 1 and bracket is not None:
                hang = " " * (len(lead) + bracket)
                out = [lead + parts[0]]
                for part in parts[1:]:
                    if len(out[-1]) + 1 + len(part) <= WIDTH:
                        out[-1] += f" {part}"
                    else:
                        out.append(hang + part)
                if all(len(line) <= WIDTH for line in out):
                    return out
    return [lead + text]


def _bracket(text: str, depth: int) -> int | None:
    """Return where the inside of the bracket begins that *text* leaves open at *depth*."""
    opened: list[int] = []
    quoted = False
    for index, mark in enumerate(text):
        if mark == '"' and text[index - 1 : index] != "\\":
            quoted = not quoted
        elif not quoted and mark in "({[":
            opened.append(index + (2 if mark == "{" else 1))
        elif not quoted and mark in ")}]" and opened:
            opened.pop()
    return opened[depth - 1] if len(opened) >= depth else None
