"""Which predicates rest on which: the order in which rules are gone through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reasoner.certificate.matching import Matcher
from reasoner.certificate.syntax import Atom, Counting, Literal, Signature

__all__ = ["components", "in_order", "recursive", "turned"]


def components(
    edges: Mapping[Signature, Iterable[Signature]],
) -> list[frozenset[Signature]]:
    """Return the strongly connected parts of a graph, what is pointed at first.

    >>> components({("a", 0): [("b", 0)], ("b", 0): [("c", 0)], ("c", 0): [("b", 0)]}) == [
    ...     frozenset({("b", 0), ("c", 0)}),
    ...     frozenset({("a", 0)}),
    ... ]
    True
    """
    number: dict[Signature, int] = {}
    low: dict[Signature, int] = {}
    stack: list[Signature] = []
    found: list[frozenset[Signature]] = []
    done: set[Signature] = set()
    for root in edges:
        if root in number:
            continue
        work: list[tuple[Signature, Iterator[Signature]]] = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        while work:
            node, following = work[-1]
            for one in following:
                if one not in number:
                    number[one] = low[one] = len(number)
                    stack.append(one)
                    work.append((one, iter(edges.get(one, ()))))
                    break
                if one not in done:
                    low[node] = min(low[node], number[one])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    place = stack.index(node)
                    part = frozenset(stack[place:])
                    del stack[place:]
                    done |= part
                    found.append(part)
    return found


def in_order(matchers: Sequence[Matcher]) -> list[tuple[frozenset[Signature], list[Matcher]]]:
    """Return *matchers* by what they define, what others rest on first."""
    edges: dict[Signature, set[Signature]] = {}
    for one in matchers:
        edges.setdefault(one.variant.signature, set()).update(
            signature for signature, _ in _read(one.variant.body)
        )
    by_head: dict[Signature, list[Matcher]] = {}
    for one in matchers:
        by_head.setdefault(one.variant.signature, []).append(one)
    return [
        (part, [one for signature in sorted(part) for one in by_head.get(signature, ())])
        for part in components(edges)
    ]


def recursive(matchers: Sequence[Matcher]) -> dict[Signature, frozenset[Signature]]:
    """Return the predicates that rest on themselves by positive literals, with their part.

    Raises:
        ValueError: one rests on itself through an aggregate.
    """
    edges: dict[Signature, set[Signature]] = {}
    counted: set[tuple[Signature, Signature]] = set()
    loops: set[Signature] = set()
    for one in matchers:
        head = one.variant.signature
        below = edges.setdefault(head, set())
        for signature, how in _read(one.variant.body):
            if how == "counted":
                counted.add((head, signature))
            if how != "absent":
                below.add(signature)
                loops |= {head} if signature == head else set()
    found: dict[Signature, frozenset[Signature]] = {}
    for part in components(edges):
        if len(part) > 1 or part & loops:
            found |= dict.fromkeys(part, part)
            if any(head in part and below in part for head, below in counted):
                raise ValueError(", ".join(f"{name}/{arity}" for name, arity in sorted(part)))
    return found


def turned(matchers: Iterable[Matcher]) -> frozenset[Signature]:
    """Return the predicates that *matchers* read under `not` or in an aggregate."""
    return frozenset(
        signature
        for one in matchers
        for signature, how in _read(one.variant.body)
        if how != "present"
    )


def _read(body: Iterable[Literal]) -> Iterator[tuple[Signature, str]]:
    """Yield the predicates of a body, with how they are read: `present`, `absent`, `counted`."""
    for literal in body:
        match literal:
            case Atom():
                yield literal.signature, "absent" if literal.sign else "present"
            case Counting():
                for element in literal.elements:
                    for signature, how in _read(element.condition):
                        yield signature, "counted" if how == "present" else how
