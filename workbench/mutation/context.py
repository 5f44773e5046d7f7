"""Whether a literal can be left out because every reader of its rule asks for the same.

Without the literal, the head may differ only where the literal fails. A reader that has the
literal in its own body, or from whose body it follows, cannot see that; one from whose head
it can be told hands the question on to its own readers. So nothing reaches an output.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from clingo.ast import AST, ASTType, Sign

from reasoner.check.term import (
    Bindings,
    Compound,
    Variable,
    alternatives,
    bind,
    substitute,
    variables,
)
from workbench.coverage.implied import Theory
from workbench.rules import Rule

__all__ = ["Context"]

_DEEPEST = 4


class _Goal(msgspec.Struct, frozen=True):
    """The literal that is left out: an atom, *negated* or not.

    What rests on the rule may *differ*: it proves nothing.
    """

    atom: Compound
    negated: bool
    differ: frozenset[str] = frozenset()


class Context:
    """The *rules* that *outputs* rest on, and the *theory* of the whole program."""

    def __init__(
        self, rules: Sequence[Rule], outputs: frozenset[tuple[str, int]], theory: Theory
    ) -> None:
        self._rules = rules
        self._outputs = outputs
        self._theory = theory
        self._readers: dict[tuple[str, int], list[tuple[Rule, int]]] = {}
        self._names: dict[str, set[str]] = {}
        for rule in rules:
            for number, atom in enumerate(rule.statement.resolved[1]):
                heads = {head.term.name for head in rule.statement.resolved[0]}
                self._names.setdefault(atom.term.name, set()).update(heads)
                self._readers.setdefault(atom.signature, []).append((rule, number))

    def asked_by_readers(self, rules: Sequence[Rule], literal: int) -> bool:
        """Whether no output can tell the rule from one without its *literal*.

        *rules* are the rule, one for each alternative of its pools.
        """
        return bool(rules) and all(self._asked(rule, literal) for rule in rules)

    def _asked(self, rule: Rule, literal: int) -> bool:
        body = list(rule.node.body)
        found = _atom_of(body[literal]) if literal < len(body) else None
        if found is None or len(rule.statement.resolved[0]) != 1:
            return False
        (head,) = rule.statement.resolved[0]
        differ = self._resting_on(head.term.name)
        if found.atom.name in differ:
            return False
        return self._confined(head.term, _Goal(found.atom, found.negated, differ), _DEEPEST)

    def _resting_on(self, name: str) -> frozenset[str]:
        """Return *name* and every predicate that some rule derives from it."""
        found, queue = {name}, [name]
        while queue:
            for reader in self._names.get(queue.pop(), ()):
                if reader not in found:
                    found.add(reader)
                    queue.append(reader)
        return frozenset(found)

    def _confined(self, head: Compound, goal: _Goal, depth: int) -> bool:
        """Whether no output sees instances of *head* for which *goal* fails."""
        named = {name for name in variables(goal.atom) if not _anonymous(name)}
        if not named <= variables(head) or not depth:
            return False
        if (head.name, len(head.arguments)) in self._outputs:
            return False
        return all(
            self._blind(rule, number, head, goal, depth)
            for rule, number in self._readers.get((head.name, len(head.arguments)), ())
        )

    def _blind(self, rule: Rule, number: int, head: Compound, goal: _Goal, depth: int) -> bool:
        """Whether *rule*, which reads *head* in its atom of this number, cannot see them."""
        (reads,) = rule.statement.resolved[0]
        # What is anonymous to the reader is some one thing: it stands for nothing else.
        atoms = [(one, _named(one.term)) for one in rule.statement.resolved[1]]
        atom, term = atoms[number]
        bindings: Bindings = {}
        apart = _apart(head), _apart(goal.atom)
        if not all(
            bind(one, other, bindings)
            for one, other in zip(apart[0].arguments, term.arguments, strict=True)
        ):
            return True  # never what this rule derives
        if atom.within != "":
            return False
        there = _put(apart[1], bindings)
        others = [a for place, a in enumerate(atoms) if place != number and a[0].within == ""]
        if goal.negated:
            if any(a.sign == 1 and _same(_put(a.term, bindings), there) for a, _ in others):
                return True
        else:
            known = [
                _put(t, bindings)
                for one, t in others
                if one.sign == 0 and t.name not in goal.differ
            ]
            fixed = {
                name for one in (*known, _put(reads.term, bindings)) for name in variables(one)
            }
            fixed |= {name for name in variables(there) if not _anonymous(name)}
            if self._theory.follows(there, known, fixed):
                return True
        return self._confined(
            _put(reads.term, bindings), _Goal(there, goal.negated, goal.differ), depth - 1
        )


def _atom_of(node: AST) -> _Goal | None:
    """Return the atom of a literal, if it is one."""
    if node.ast_type is not ASTType.Literal or node.sign == Sign.DoubleNegation:
        return None
    if node.atom.ast_type is not ASTType.SymbolicAtom:
        return None
    found = alternatives(node.atom.symbol)
    if len(found) != 1 or not isinstance(found[0], Compound):
        return None
    return _Goal(found[0], node.sign == Sign.Negation)


def _anonymous(name: str) -> bool:
    return name.startswith("_") and ":" in name


def _named(term: Compound) -> Compound:
    """Return *term* with a name for each `_`."""
    return _put(term, {Variable(n): Variable(f"Any{n}") for n in variables(term) if _anonymous(n)})


def _apart(term: Compound) -> Compound:
    new: Bindings = {
        Variable(name): Variable(name + "~") for name in variables(term) if not _anonymous(name)
    }
    return _put(term, new)


def _put(term: Compound, bindings: Bindings) -> Compound:
    return Compound(term.name, tuple(substitute(one, bindings) for one in term.arguments))


def _same(one: Compound, other: Compound) -> bool:
    """Whether both are the same, where what is anonymous in either stands for anything."""
    if one.name != other.name or len(one.arguments) != len(other.arguments):
        return False
    for left, right in zip(one.arguments, other.arguments, strict=True):
        match left, right:
            case Variable(first), Variable(second) if _anonymous(first) and _anonymous(second):
                continue
        if left != right:
            return False
    return True
