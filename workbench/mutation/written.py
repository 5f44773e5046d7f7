"""The rules of a program as they are written, with their places in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from reasoner.program import RuleFile, Statement, statements
from workbench.mutation.mutant import Mutant

__all__ = ["Written", "changed", "guarded", "written"]

_LAYOUT = ("space", "comment")


class Written(msgspec.Struct, frozen=True):
    """A rule of *file* whose text begins at *begin*, with the predicates of its head and body."""

    file: str
    begin: int
    text: str
    head: frozenset[str]
    body: frozenset[str]


def written(files: Iterable[RuleFile]) -> list[Written]:
    """Return the rules of *files* in their order, without directives."""
    return [rule for file in files for rule in _written(file.name, file.text)]


@lru_cache(maxsize=64)
def _written(name: str, text: str) -> tuple[Written, ...]:
    return tuple(_rules(name, text))


def _rules(name: str, text: str) -> Iterator[Written]:
    offset = 0
    for statement in statements(text):
        begin = offset
        for kind, mark in statement.tokens:
            if kind not in _LAYOUT:
                break
            begin += len(mark)
        offset += sum(len(mark) for _, mark in statement.tokens)
        if text[begin:offset].endswith(".") and not _is_directive(statement):
            yield Written(name, begin, text[begin:offset], statement.head, statement.body)


def _is_directive(statement: Statement) -> bool:
    return next(kind for kind, _ in statement.tokens if kind not in _LAYOUT) == "directive"


def changed(rule: Written, mutant: Mutant) -> str:
    """Return the text of *rule* as *mutant* has it; nothing where the mutant drops it."""
    start, end = mutant.start - rule.begin, mutant.end - rule.begin
    return rule.text[:start] + mutant.put + rule.text[end:]


def guarded(text: str, guard: str) -> str:
    """Return the rule *text* with one more literal in its body.

    >>> guarded("a(X) :- b(X).", "c"), guarded("a.", "c")
    ('a(X) :- b(X); c.', 'a :- c.')
    """
    (statement,) = statements(text)
    return f"{text[:-1]}{';' if statement.conditional else ' :-'} {guard}."
