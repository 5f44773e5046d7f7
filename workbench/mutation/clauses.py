"""Which clauses a rule can bear on: those whose status its head leads to, rule by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explain.instrument import read
from reasoner.policy import Policy

__all__ = ["clauses_of"]

_CALLED = re.compile(r"\b(_*[a-z]\w*)\(\s*([a-z]\w*)?(?:\(\s*([a-z]\w*)?)?")
_DECIDE = ("met", "applies", "opens", "undetermined", "waived")
_SETTLE = ("supports", "doubt", "presumed", "answer", "question", "any_record", "otherwise")
"""What the evidence says of a question is read as its answer."""

_Node = tuple[str, str]
"""A predicate, and the first word in it: `("is", "hiv")`; no word where that is a variable."""


def clauses_of(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Return the ids of the clauses that each rule can bear on, by the place of the rule."""
    rules = read((*policy.evidence, *policy.criteria))
    names = {str(clause.symbol): clause.id for clause in policy.identity.clauses}
    limits = tuple(c.id for c in policy.identity.clauses if c.kind == "limit")
    above: dict[str, list[tuple[_Node, _Node]]] = {}
    for rule in rules:
        if rule.place.startswith("core/"):
            continue
        head = _node(rule.head)
        for literal in rule.body:
            for node in _nodes(literal):
                above.setdefault(node[0], []).append((node, head))
    found: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        reached = set(_clauses(_node(rule.head), above, names, limits))
        ordered = tuple(id_ for id_ in names.values() if id_ in reached)
        if ordered:
            found[rule.place] = ordered
    return found


def _clauses(
    start: _Node,
    above: Mapping[str, list[tuple[_Node, _Node]]],
    names: Mapping[str, str],
    limits: tuple[str, ...],
) -> Iterator[str]:
    seen, queue = {start}, [start]
    while queue:
        node = queue.pop()
        if node[0] in _DECIDE and node[1] in names:
            yield names[node[1]]
            continue
        if node[0] in ("asks", "allows"):
            yield from limits
            continue
        here = [node]
        if node[0] in _SETTLE:
            here.append(("is", node[1]))
        for one in here:
            for read_as, head in above.get(one[0], ()):
                fits = not one[1] or not read_as[1] or one[1] == read_as[1]
                if fits and head not in seen:
                    seen.add(head)
                    queue.append(head)


def _node(head: str) -> _Node:
    name, _, rest = head.partition("(")
    if name in _DECIDE:
        return name, rest.removesuffix(")").replace(" ", "")
    return next(_nodes(head), (name, ""))


def _nodes(text: str) -> Iterator[_Node]:
    for match in _CALLED.finditer(text):
        if match[1] != "not":
            yield match[1], match[2] or ""
    bare = text.removeprefix("not ").strip()
    if re.fullmatch(r"_*[a-z]\w*", bare):
        yield bare, ""
