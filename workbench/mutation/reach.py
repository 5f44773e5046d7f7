"""Whether what a rule derives can reach an output at all, followed atom by atom.

A reader counts only where the rest of its body can hold for what it reads: a doubt about a
question that is never presumed reaches no answer, though rules read doubts of every question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reasoner.check.source import Atom, Signature
from reasoner.check.term import Bindings, Compound, Variable, bind, substitute, variables, written
from workbench.rules import Rule

__all__ = ["Reach"]

_DEEPEST = 3
"""So many rules back it is asked whether a body can hold; beyond, it may."""


class Reach:
    """The *rules* of a program that derives *outputs*."""

    def __init__(self, rules: Iterable[Rule], outputs: Collection[Signature]) -> None:
        self._outputs = frozenset(outputs)
        self._readers: dict[Signature, list[tuple[Rule, int]]] = {}
        self._rules: dict[Signature, list[Rule]] = {}
        for rule in rules:
            for head in rule.statement.resolved[0]:
                self._rules.setdefault(head.signature, []).append(rule)
            for number, atom in enumerate(rule.statement.resolved[1]):
                self._readers.setdefault(atom.signature, []).append((rule, number))

    def reaches(self, head: Compound) -> bool:
        """Whether an instance of *head* may matter to an output."""
        queue, seen = [head], {_shape(head)}
        while queue:
            atom = queue.pop()
            if _signature(atom) in self._outputs:
                return True
            for more in self._heads(atom):
                if _shape(more) not in seen:
                    seen.add(_shape(more))
                    queue.append(more)
        return False

    def _heads(self, atom: Compound) -> Iterable[Compound]:
        """Yield the heads that rest on *atom*, where the rest of their bodies can hold."""
        for rule, number in self._readers.get(_signature(atom), ()):
            heads, body = rule.statement.resolved
            bindings: Bindings = {}
            if not _bound(_apart(atom, "~"), body[number].term, bindings):
                continue
            others = (one for place, one in enumerate(body) if place != number)
            if all(
                self._possible(_put(one.term, bindings), _DEEPEST) for one in others if _asks(one)
            ):
                yield from (_put(head.term, bindings) for head in heads)

    def _possible(self, atom: Compound, depth: int) -> bool:
        """Whether some rule may derive *atom*, or it is stated from outside."""
        rules = self._rules.get(_signature(atom))
        if rules is None or not depth:
            return True
        for rule in rules:
            heads, body = rule.statement.resolved
            for head in heads:
                bindings: Bindings = {}
                if _bound(_apart(atom, f"~{depth}"), head.term, bindings) and all(
                    self._possible(_put(one.term, bindings), depth - 1)
                    for one in body
                    if _asks(one)
                ):
                    return True
        return False


def _asks(atom: Atom) -> bool:
    return atom.plain and atom.within == ""


def _bound(one: Compound, other: Compound, bindings: Bindings) -> bool:
    return _signature(one) == _signature(other) and all(
        bind(left, right, bindings)
        for left, right in zip(one.arguments, other.arguments, strict=True)
    )


def _signature(atom: Compound) -> Signature:
    return atom.name, len(atom.arguments)


def _apart(atom: Compound, mark: str) -> Compound:
    return _put(atom, {Variable(name): Variable(name + mark) for name in variables(atom)})


def _put(atom: Compound, bindings: Bindings) -> Compound:
    return Compound(atom.name, tuple(substitute(one, bindings) for one in atom.arguments))


def _shape(atom: Compound) -> str:
    """Return *atom* with its variables numbered: what differs in their names only is one."""
    names = {name: f"V{n}" for n, name in enumerate(sorted(variables(atom)))}
    return written(_put(atom, {Variable(old): Variable(new) for old, new in names.items()}))
