"""The tokens of a statement as text: one blank where it helps a reader, none elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["LAYOUT", "Token", "spell", "split"]

Token = tuple[str, str]
"""The kind of a token and its text, as `reasoner.program` reads them."""

LAYOUT: Final = ("space", "comment")
_OPENING: Final = ("(", "[")
_CLOSING: Final = (")", "]")
_TIGHT: Final = ("..",)
_SIGNED: Final = ("-", "~")
_CONSTANTS: Final = ("#inf", "#sup", "#true", "#false")


def spell(tokens: Iterable[Token]) -> str:
    """Return *tokens*, without layout among them, in their one spelling.

    >>> from reasoner.program import statements
    >>> (rule,) = statements("a( X ):-X=#max{L:b( L,-1)},not c(1 ..2).")
    >>> spell(token for token in rule.tokens if token[0] not in LAYOUT)
    'a(X) :- X = #max { L : b(L, -1) }, not c(1..2).'
    """
    out: list[str] = []
    before: Token = ("start", "")
    declares = sign = False
    bars = 0
    for token in tokens:
        kind, text = token
        declares = declares or (kind == "directive" and text in ("#defined", "#show"))
        if text == "|" and kind == "operator":
            bars += 1
        if out and _apart(before, token, sign=sign, declares=declares, bars=bars):
            out.append(" ")
        sign = text in _SIGNED and kind == "operator" and not _ends_term(before, bars)
        out.append(text)
        before = token
    return "".join(out)


def _apart(before: Token, token: Token, *, sign: bool, declares: bool, bars: int) -> bool:
    """Whether a blank stands between two tokens; *sign*: the first is the sign of a number."""
    (kind, text), (last_kind, last) = token, before
    if text in (",", ";", ".", *_CLOSING) and kind == "operator":
        return False
    if last in _OPENING or sign or text in _TIGHT or last in _TIGHT:
        return False
    if text == "(":
        return last_kind not in ("name", "call") or last == "not"
    if "/" in (text, last) and declares:
        return False
    if text == "+" and last == "#sum":
        return False
    if "|" in (text, last):
        opens = bars % 2 == 1
        return opens if text == "|" else not opens
    return True


def _ends_term(token: Token, bars: int) -> bool:
    """Whether a term can end with *token*, so that a minus after it subtracts."""
    kind, text = token
    if kind == "name":
        return text != "not"
    if kind == "directive":
        return text in _CONSTANTS
    if text == "|":
        return bars % 2 == 0
    return kind in ("variable", "number", "string", "call") or text in (")", "]", "}")


def split(tokens: Iterable[Token], marks: tuple[str, ...], depth: int = 0) -> list[list[Token]]:
    """Split *tokens* after each of *marks* that stands inside of *depth* brackets.

    >>> [spell(part) for part in split([("name", "a"), ("operator", ","), ("name", "b")], (",",))]
    ['a,', 'b']
    """
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        kind, text = token
        if kind == "operator":
            level += (text in ("(", "{", "[")) - (text in (")", "}", "]"))
        parts[-1].append(token)
        if kind == "operator" and text in marks and level == depth:
            parts.append([])
    return [part for part in parts if part]
