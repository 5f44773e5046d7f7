"""What rules must not say, found without a syntax tree: a policy outside of it is not decided by.

`reasoner.check` says all of it, with the syntax tree. A decision cannot wait for that: here
the text is searched for what is rare in sound rules, and its tokens are asked only where
something was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reasoner.errors import PolicyError
from reasoner.program import AGGREGATES, RuleFile, Statement, refuse_assignments, statements

__all__ = ["refuse"]

_OPENING = re.compile(r"\n[ \t]*(?:[0-9]*[ \t]*\{|:[-~])")
_DIRECTIVE = re.compile(r"#(?!defined\b|(?:count|sum|min|max|true|false|sup|inf)\b)[a-z]")
_POOL = re.compile(r"not\s+[a-z_]\w*\s*\([^;.]*(?:;|\.\.)")
_VALUES = ("#true", "#false", "#sup", "#inf")

_HINTS = {
    "choice": "derive what follows; what is open is a question with several answers",
    "constraint": "derive what is wrong as an atom; what must hold in every world is a property",
    "directive": "write rules and facts; `#defined` is the only directive",
    "pool": "write one `not` for each, or a predicate for any of them",
}


def refuse(file: RuleFile, *, of_worlds: bool) -> None:
    """Refuse rules that the fragment forbids; *of_worlds*, those of criteria too.

    Raises:
        PolicyError: there is such a rule, at that line.
    """
    text = f"\n{file.text}"
    suspect = any(pattern.search(text) for pattern in (_OPENING, _DIRECTIVE, _POOL))
    counts = of_worlds and any(name in text for name in AGGREGATES)
    if not suspect and not counts:
        return
    for statement in statements(file.text):
        for kind, message, line in _faults(statement):
            raise PolicyError(
                "policy.fragment", message, where=f"{file.name}:{line}", hint=_HINTS[kind]
            )
        if counts:
            try:
                refuse_assignments(statement)
            except PolicyError as error:
                error.where = f"{file.name}:{statement.line}"
                raise


def _faults(statement: Statement) -> Iterator[tuple[str, str, int]]:
    """Yield the faults of *statement*: what kind, what to say, on which line."""
    marks = [mark for kind, mark in statement.tokens if kind not in ("space", "comment")]
    kinds = [kind for kind, _ in statement.tokens if kind not in ("space", "comment")]
    if not marks:
        return
    first = marks[0] if kinds[0] != "number" else marks[min(1, len(marks) - 1)]
    if first == "{":
        yield "choice", "a choice is not allowed in the rules of a policy", statement.line
    if marks[0] == ":-":
        what = "a constraint is not allowed in the rules of a policy"
        yield "constraint", f"{what}: it removes worlds without a word", statement.line
    if marks[0] == ":~":
        yield "directive", "a weak constraint is not allowed in a rule file", statement.line
    for kind, mark in zip(kinds, marks, strict=True):
        if kind == "directive" and mark not in ("#defined", *AGGREGATES, *_VALUES):
            yield "directive", f"`{mark}` is not allowed in a rule file", statement.line
    for at, mark in enumerate(marks):
        if mark == "not" and (found := _pool(marks, at + 1)):
            what = f"{'an interval' if found == '..' else 'a pool'} under `not`"
            told = f"`{marks[at + 1]}` has {what}: it holds as soon as one of them is false"
            yield "pool", told, statement.line


def _pool(marks: list[str], begin: int) -> str:
    """Return the first `;` or `..` between the parentheses of the atom that *begin*s there."""
    depth = 0
    for mark in marks[begin + 1 :]:
        depth += (mark == "(") - (mark == ")")
        if not depth:
            return ""
        if mark in (";", ".."):
            return mark
    return ""
