"""Rules with a predicate put in where it is read: what a helper predicate stands for.

A predicate that only one version has, and that is not recursive, is another way to write the
rules that read it. Put in, both versions can be compared rule by rule. Only what is surely the
same is put in: a positive literal of a body, or under `not` one that stands for one atom.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from clingo.ast import AST, ASTSequence, ASTType, Sign, Transformer, Variable

from reasoner.check.source import statement_of
from reasoner.check.term import variable_names
from workbench.canonical import canonical
from workbench.rules import Rule

__all__ = ["unfolded"]

_MOST_RULES = 400
_ROUNDS = 8


def unfolded(rules: Sequence[Rule], names: Collection[str]) -> list[Rule] | None:
    """Return *rules* without the predicates *names*, each put in where it is read.

    Nothing, where one of them cannot be: it is recursive, or read where it cannot be put in.
    """
    kept = list(rules)
    for _ in range(_ROUNDS):
        left = {h.term.name for rule in kept for h in rule.statement.heads} & set(names)
        if not left:
            return kept
        # First what reads no other of them.
        name = min((n for n in left if not _read_by(kept, n) & left), default=None)
        if name is None:
            return None
        definitions = [r for r in kept if any(h.term.name == name for h in r.statement.heads)]
        found: list[Rule] = []
        for rule in kept:
            if rule in definitions:
                continue
            put = _put(rule, name, definitions)
            if put is None or len(found) > _MOST_RULES + len(rules):
                return None
            found += put
        kept = found
    return None


def _read_by(rules: Sequence[Rule], name: str) -> set[str]:
    return {
        atom.term.name
        for rule in rules
        if any(head.term.name == name for head in rule.statement.heads)
        for atom in rule.statement.body
    }


def _put(rule: Rule, name: str, definitions: Sequence[Rule]) -> list[Rule] | None:
    """Return *rule* with every literal of *name* replaced, once for each definition."""
    if all(atom.term.name != name for atom in rule.statement.body):
        return [rule]
    nodes = [rule.node]
    for turn in range(len(rule.node.body)):
        found: list[AST] = []
        for node in nodes:
            place = next((n for n, lit in enumerate(node.body) if _names(lit) == name), None)
            if place is None:
                found.append(node)
                continue
            for number, definition in enumerate(definitions):
                one = _replaced(node, place, definition.node, f"_{turn}_{number}")
                if one is None:
                    return None
                found += one
            if node.body[place].sign != Sign.NoSign and len(definitions) != 1:
                return None
        nodes = found
    done = [Rule(canonical(node), statement_of(rule.statement.file, node), node) for node in nodes]
    if any(atom.term.name == name for one in done for atom in one.statement.body):
        return None  # it is read inside an aggregate or a condition
    return done


def _names(literal: AST) -> str:
    if literal.ast_type is not ASTType.Literal or literal.atom.ast_type is not ASTType.SymbolicAtom:
        return ""
    symbol = literal.atom.symbol
    return str(symbol.name) if symbol.ast_type is ASTType.Function else ""


def _replaced(node: AST, place: int, definition: AST, suffix: str) -> list[AST] | None:
    """Return *node* with the body of *definition* in place of its literal, or nothing.

    An empty list: the two can never be the same.
    """
    literal = node.body[place]
    head, body = definition.head, definition.body
    if head.ast_type is not ASTType.Literal or head.atom.ast_type is not ASTType.SymbolicAtom:
        return None
    own = _Renamed(suffix)
    formal = [own.visit(one) for one in head.atom.symbol.arguments]
    given = list(literal.atom.symbol.arguments)
    if len(formal) != len(given):
        return []
    bound: dict[str, AST] = {}
    for variable, value in zip(formal, given, strict=True):
        if variable.ast_type is not ASTType.Variable or variable.name in bound:
            return None
        plain = value.ast_type is ASTType.Variable and value.name == "_"
        name = f"Any{suffix}_{len(bound)}"
        bound[variable.name] = Variable(value.location, name) if plain else value
    put = _Bound(bound)
    inner = [put.visit(own.visit(one)) for one in body]
    if literal.sign == Sign.Negation:
        if len(inner) != 1 or not _stands_alone(inner[0], bound):
            return None
        inner = [inner[0].update(sign=Sign.Negation)]
    elif literal.sign != Sign.NoSign:
        return None
    rest: ASTSequence = node.body
    return [node.update(body=[*rest[:place], *inner, *rest[place + 1 :]])]


def _stands_alone(literal: AST, bound: Mapping[str, AST]) -> bool:
    """Whether `not` may be written before it: an atom that has no variable of its own."""
    if not _names(literal) or literal.sign != Sign.NoSign:
        return False
    given = {name for value in bound.values() for name in _variables(value)}
    return _variables(literal) <= given | {"_"}


def _variables(node: AST) -> set[str]:
    return set(variable_names(node))


class _Renamed(Transformer):
    """Gives the variables of a definition names of their own."""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename a variable; `_` stays."""
        return node if node.name == "_" else node.update(name=f"{node.name}{self.suffix}")


class _Bound(Transformer):
    """Puts terms in the place of variables."""

    def __init__(self, bound: Mapping[str, AST]) -> None:
        self.bound = bound

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Put in what a variable is bound to."""
        return self.bound.get(node.name, node)
