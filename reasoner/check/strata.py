"""Which rules depend on each other: loops through `not`, and terms that grow in recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clingo.ast import ASTType

from reasoner.check.finding import Finding, error
from reasoner.check.program import Programs
from reasoner.check.source import Atom, Statement
from reasoner.check.term import Compound, Computed, Term, Variable, unify, variables

__all__ = ["check"]


@dataclass(frozen=True)
class _Edge:
    """Rule *reader* reads with *atom* what rule *giver* derives."""

    giver: int
    reader: int
    atom: Atom


def check(programs: Programs) -> Iterator[Finding]:
    """Yield what keeps a program from having one answer set that can be computed in layers."""
    for program in programs.both:
        rules = [s for s in program.statements if s.node.ast_type is ASTType.Rule]
        edges = _edges(rules)
        component = _components(len(rules), edges)
        inner = [e for e in edges if component[e.giver] == component[e.reader]]
        yield from _loops(rules, inner)
        yield from _growing(rules, inner)


def _edges(rules: list[Statement]) -> list[_Edge]:
    heads: dict[tuple[str, int], list[tuple[int, Atom]]] = {}
    for number, rule in enumerate(rules):
        for head in rule.resolved[0]:
            heads.setdefault(head.signature, []).append((number, head))
    found: dict[tuple[int, int, str, int], _Edge] = {}
    for number, rule in enumerate(rules):
        for atom in rule.resolved[1]:
            for giver, head in heads.get(atom.signature, ()):
                key = (giver, number, atom.where, atom.sign)
                if key not in found and unify(head.term.arguments, atom.term.arguments):
                    found[key] = _Edge(giver, number, atom)
    return list(found.values())


def _components(count: int, edges: list[_Edge]) -> list[int]:
    """Return the strongly connected component of each rule: two passes over the graph."""
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        after[edge.giver].append(edge.reader)
        before[edge.reader].append(edge.giver)
    component = [-1] * count
    for root in reversed(_finished(after)):
        if component[root] >= 0:
            continue
        component[root] = root
        left = [root]
        while left:
            for node in before[left.pop()]:
                if component[node] < 0:
                    component[node] = root
                    left.append(node)
    return component


def _finished(after: list[list[int]]) -> list[int]:
    """Return the nodes in the order in which a walk in depth leaves them."""
    order: list[int] = []
    seen: set[int] = set()
    for root in range(len(after)):
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(after[root]))]
        while stack:
            node, following = stack[-1]
            new = next((n for n in following if n not in seen), None)
            if new is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(new)
                stack.append((new, iter(after[new])))
    return order


def _loops(rules: list[Statement], inner: list[_Edge]) -> Iterator[Finding]:
    for edge in inner:
        if edge.atom.plain:
            continue
        names = " -> ".join(_path(rules, inner, edge))
        how = "an aggregate" if edge.atom.sign == 0 else "`not`"
        yield error(
            "fragment.loop",
            f"`{edge.atom.term.name}` depends on itself through {how}: {names}",
            edge.atom.where,
            "deny and count only what does not depend on it",
        )


def _path(rules: list[Statement], inner: list[_Edge], closing: _Edge) -> list[str]:
    """Return the predicates on a shortest way around the loop that *closing* closes."""
    previous: dict[int, int] = {closing.reader: -1}
    queue = [closing.reader]
    for node in queue:
        for edge in inner:
            if edge.giver == node and edge.reader not in previous:
                previous[edge.reader] = node
                queue.append(edge.reader)
    back = [closing.giver]
    while back[-1] != closing.reader:
        back.append(previous[back[-1]])
    rounds = [*reversed(back), closing.reader]
    return [rules[number].heads[0].term.name for number in rounds]


def _growing(rules: list[Statement], inner: list[_Edge]) -> Iterator[Finding]:
    recursive: dict[int, list[Atom]] = {}
    for edge in inner:
        where = edge.atom.where
        resolved = [a for a in rules[edge.reader].resolved[1] if a.where == where]
        recursive.setdefault(edge.reader, []).extend(resolved)
    for number, atoms in sorted(recursive.items()):
        depths: dict[str, int] = {}
        for atom in atoms:
            for name, depth in _depths(atom.term):
                depths[name] = max(depth, depths.get(name, 0))
        for head in rules[number].resolved[0]:
            grown = [
                name
                for name, depth in _depths(head.term)
                if name in depths and depth > depths[name]
            ]
            if grown:
                yield error(
                    "fragment.growing",
                    f"`{head.term.name}` derives itself with an ever larger `{grown[0]}`",
                    head.where,
                    "recursion may only pass terms on; count with `#count` or a list of steps",
                )


def _depths(term: Term, depth: int = 0) -> Iterator[tuple[str, int]]:
    """Yield the variables of *term* with how deep they stand; arithmetic counts as a level."""
    match term:
        case Variable(name):
            yield name, depth
        case Computed():
            for name in sorted(variables(term)):
                yield name, depth + 1
        case Compound(_, arguments):
            for argument in arguments:
                yield from _depths(argument, depth + 1)
