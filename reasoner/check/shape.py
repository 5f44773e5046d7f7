"""A rule as nested tuples, pools spelt out, so that one can be laid over another.

Terms of `reasoner.check.term` leave arithmetic open; here nothing is left out, because two rules
are compared as they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

from clingo.ast import AST, ASTType, ComparisonOperator, Sign

from reasoner.check.source import Statement

__all__ = ["ANYTHING", "VARIABLE", "Clause", "Tree", "clauses", "skeleton"]

Tree = tuple[Any, ...]
"""A node: its kind, then its scalars and its children; a variable is `(VARIABLE, name)`."""

VARIABLE: Final = "variable"
ANYTHING: Final[Tree] = ("anything",)
"""`_` where it means that nothing at all is there: under `not`, inside an aggregate."""
_MOST: Final = 64
"""A rule whose pools stand for more rules than this is not compared."""
_TURNED: Final = {
    ComparisonOperator.GreaterThan: ComparisonOperator.LessThan,
    ComparisonOperator.GreaterEqual: ComparisonOperator.LessEqual,
}


@dataclass(frozen=True)
class Clause:
    """A rule without pools: its *head* and the literals of its *body*, in their order."""

    head: Tree
    body: tuple[Tree, ...]

    @cached_property
    def skeletons(self) -> frozenset[str]:
        """What the literals of the body are apart from their variables and constants."""
        return frozenset(str(_kind(literal)) for literal in self.body)


def clauses(statement: Statement) -> tuple[Clause, ...]:
    """Return the rules that *statement* stands for: none where its head is no atom."""
    node = statement.node
    if node.ast_type is not ASTType.Rule or node.head.ast_type is not ASTType.Literal:
        return ()
    if node.head.atom.ast_type is not ASTType.SymbolicAtom:
        return ()
    heads = _trees(node.head.atom.symbol, anonymous=False)
    bodies = [list(_literals(literal)) for literal in node.body]
    count = len(heads)
    for choice in bodies:
        count *= len(choice)
    if count > _MOST:
        return ()
    return tuple(
        Clause(head, tuple(literal for part in parts for literal in part))
        for head in heads
        for parts in product(*bodies)
    )


def skeleton(tree: Tree) -> str:
    """Return *tree* with every variable alike, for putting several in one order."""
    if tree[0] == VARIABLE:
        return "_"
    return f"({' '.join(skeleton(x) if isinstance(x, tuple) else str(x) for x in tree)})"


def _kind(literal: Tree) -> Tree:
    sign, kind, *rest = literal
    return (sign, kind, *(x for x in rest[:1] if isinstance(x, str)))


def _literals(node: AST) -> Iterator[tuple[Tree, ...]]:
    """Yield the alternatives of a body literal, each as the literals that it is made of."""
    if node.ast_type is not ASTType.Literal:
        yield (("", "other", str(node)),)
        return
    sign = {Sign.NoSign: "", Sign.Negation: "not", Sign.DoubleNegation: "not not"}[node.sign]
    atom = node.atom
    match atom.ast_type:
        case ASTType.SymbolicAtom if sign:
            for tree in _trees(atom.symbol, anonymous=True):
                yield ((sign, *tree),)
        case ASTType.SymbolicAtom:
            for tree in _trees(atom.symbol, anonymous=False):
                yield ((sign, *tree),)
        case ASTType.Comparison:
            sides = [atom.term, *(guard.term for guard in atom.guards)]
            terms = [_trees(side, anonymous=False) for side in sides]
            operators = [guard.comparison for guard in atom.guards]
            for chosen in product(*terms):
                pairs = zip(chosen, operators, chosen[1:], strict=False)
                yield tuple(_comparison(sign, *pair) for pair in pairs)
        case ASTType.BodyAggregate:
            yield ((sign, *_aggregate(atom)),)
        case _:
            yield ((sign, "other", str(atom)),)


def _comparison(sign: str, left: Tree, operator: int, right: Tree) -> Tree:
    if operator in _TURNED:
        left, operator, right = right, _TURNED[ComparisonOperator(operator)], left
    return (sign, "compare", ComparisonOperator(operator).name, left, right)


def _aggregate(node: AST) -> Tree:
    """Return an aggregate; the order of its elements and of their conditions plays no part."""
    elements = sorted(
        (
            (
                "element",
                *(("tuple", *_one(term)) for term in element.terms),
                *sorted(
                    (
                        ("condition", *part)
                        for literal in element.condition
                        for part in next(_literals(literal), ())
                    ),
                    key=skeleton,
                ),
            )
            for element in node.elements
        ),
        key=skeleton,
    )
    guards = tuple(
        ("none",) if guard is None else ("guard", str(guard.comparison), *_one(guard.term))
        for guard in (node.left_guard, node.right_guard)
    )
    return ("aggregate", str(node.function), *guards, *(_blank(element) for element in elements))


def _blank(tree: Tree) -> Tree:
    if tree[0] == VARIABLE and ":" in tree[1]:
        return ANYTHING
    return tuple(_blank(x) if isinstance(x, tuple) else x for x in tree)


def _one(node: AST) -> Tree:
    trees = _trees(node, anonymous=True)
    return trees[0] if len(trees) == 1 else ("pool", *trees)


def _trees(node: AST, *, anonymous: bool) -> list[Tree]:
    """Return *node* once for each alternative of its pools."""
    match node.ast_type:
        case ASTType.Variable if node.name == "_":
            begin = node.location.begin
            return [ANYTHING if anonymous else (VARIABLE, f"_:{begin.line}:{begin.column}")]
        case ASTType.Variable:
            return [(VARIABLE, node.name)]
        case ASTType.SymbolicTerm:
            return [("symbol", str(node.symbol))]
        case ASTType.Pool:
            return [
                tree
                for argument in node.arguments
                for tree in _trees(argument, anonymous=anonymous)
            ]
        case ASTType.Function if not node.arguments and node.name and not node.external:
            return [("symbol", node.name)]
        case ASTType.Function:
            choices = [_trees(argument, anonymous=anonymous) for argument in node.arguments]
            lead = ("call" if node.external else "function", f"{node.name}/{len(choices)}")
        case ASTType.UnaryOperation:
            choices = [_trees(node.argument, anonymous=anonymous)]
            lead = ("unary", str(node.operator_type))
        case ASTType.BinaryOperation:
            choices = [_trees(side, anonymous=anonymous) for side in (node.left, node.right)]
            lead = ("binary", str(node.operator_type))
        case ASTType.Interval:
            choices = [_trees(side, anonymous=anonymous) for side in (node.left, node.right)]
            lead = ("interval", "..")
        case _:
            return [("other", str(node))]
    return [(*lead, *chosen) for chosen in product(*choices)]
