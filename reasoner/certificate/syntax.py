"""Rules as the checker reads them: parsed by clingo, without their pools, nothing else changed.

A statement that the checker does not know is refused: what is not read cannot be checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from clingo.ast import (
    AST,
    ASTType,
    BinaryOperator,
    ComparisonOperator,
    Sign,
    Transformer,
    UnaryOperator,
    parse_string,
)

from reasoner.certificate.term import Term, read_term
from reasoner.errors import PolicyError
from reasoner.program import RuleFile

__all__ = [
    "Anything",
    "Atom",
    "Call",
    "Comparison",
    "Compound",
    "Constant",
    "Counting",
    "Element",
    "Expression",
    "Interval",
    "Literal",
    "Operation",
    "Rule",
    "Signature",
    "Truth",
    "Variable",
    "Variant",
    "filled_in",
    "names_of",
    "read_rules",
    "variables_of",
]

Signature = tuple[str, int]
"""The name of a predicate, and how many arguments it takes."""


class Constant(msgspec.Struct, frozen=True):
    """A ground term."""

    value: Any


class Variable(msgspec.Struct, frozen=True):
    """A variable of a rule."""

    name: str


class Anything(msgspec.Struct, frozen=True):
    """`_`, where no value of it is asked for: under `not`, in an aggregate or a comparison."""


class Compound(msgspec.Struct, frozen=True):
    """A function, or a tuple where *name* is empty."""

    name: str
    arguments: tuple[Expression, ...]


class Operation(msgspec.Struct, frozen=True):
    """Arithmetic on two terms."""

    operator: str
    left: Expression
    right: Expression


class Interval(msgspec.Struct, frozen=True):
    """Every number from *first* to *last*."""

    first: Expression
    last: Expression


class Call(msgspec.Struct, frozen=True):
    """`@name(arguments)`: a function of the calendar."""

    name: str
    arguments: tuple[Expression, ...]


Expression = Constant | Variable | Anything | Compound | Operation | Interval | Call


class Atom(msgspec.Struct, frozen=True, eq=False):
    """An atom of a body; *sign* is 1 under `not`, 2 under `not not`."""

    node: AST
    sign: int
    name: str
    arguments: tuple[Expression, ...]

    @property
    def signature(self) -> Signature:
        """Its predicate."""
        return self.name, len(self.arguments)


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """`left op term op term …`; *sign* as of an atom."""

    node: AST
    sign: int
    left: Expression
    guards: tuple[tuple[str, Expression], ...]


class Truth(msgspec.Struct, frozen=True, eq=False):
    """`#true` or `#false`."""

    node: AST
    value: bool


class Element(msgspec.Struct, frozen=True, eq=False):
    """What an aggregate counts: *terms*, where *condition* holds."""

    terms: tuple[Expression, ...]
    condition: tuple[Literal, ...]


class Counting(msgspec.Struct, frozen=True, eq=False):
    """An aggregate: *left* is `term op` before it, *right* `op term` behind it.

    *place* is its place among the aggregates of the rule, in the order of the text.
    """

    node: AST
    sign: int
    place: int
    function: str
    elements: tuple[Element, ...]
    left: tuple[str, Expression] | None
    right: tuple[str, Expression] | None


Literal = Atom | Comparison | Truth | Counting


class Variant(msgspec.Struct, frozen=True, eq=False):
    """A rule with one choice from each of its pools."""

    name: str
    arguments: tuple[Expression, ...]
    body: tuple[Literal, ...]

    @property
    def signature(self) -> Signature:
        """The predicate of its head."""
        return self.name, len(self.arguments)


class Rule(msgspec.Struct, frozen=True, eq=False):
    """A rule: its *place* (`core/case.lp:12`), its *text* as clingo writes it, its *variants*.

    *variables* are the global ones, with a name for each `_` of a positive literal.
    """

    place: str
    text: str
    variables: tuple[str, ...]
    variants: tuple[Variant, ...]


def read_rules(files: Iterable[RuleFile]) -> tuple[Rule, ...]:
    """Return the rules of *files* in their order.

    Raises:
        PolicyError: a file cannot be parsed, or a statement is none that the checker knows.
    """
    return tuple(rule for file in files for rule in _read(file.name, file.text))


@lru_cache(maxsize=64)
def _read(name: str, text: str) -> tuple[Rule, ...]:
    nodes: list[AST] = []
    said: list[str] = []
    try:
        parse_string(text, nodes.append, logger=lambda _, message: said.append(message))
    except RuntimeError:
        what = " ".join((said or ["it cannot be parsed"])[0].split())
        raise PolicyError("policy.rules", what, where=name) from None
    found = []
    for node in nodes:
        match node.ast_type:
            case ASTType.Rule:
                found.append(_Reader(name, node).rule())
            case ASTType.Comment | ASTType.Defined | ASTType.ShowSignature | ASTType.ShowTerm:
                pass
            case ASTType.Program if node.name == "base" and not node.parameters:
                pass
            case _:
                raise _refused(_place(name, node), f"the statement `{node}`")
    return tuple(found)


def _place(name: str, node: AST) -> str:
    begin = node.location.begin
    return f"{name}:{begin.line}" + (f":{begin.column}" if begin.column > 1 else "")


def _refused(place: str, what: str) -> PolicyError:
    return PolicyError(
        "policy.fragment",
        f"the proof checker does not read {what}",
        where=place,
        hint="`reasoner check` says what rules may be made of",
    )


class _Namer(Transformer):
    """Gives each `_` of the positive literals of a body a name: `_1`, `_2`, …."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Name an anonymous variable."""
        if node.name != "_":
            return node
        self.count += 1
        return node.update(name=f"_{self.count}")


class _Filler(Transformer):
    """Writes values for variables, and `_` again for one that has its name from there."""

    def __init__(self, values: dict[str, AST]) -> None:
        self.values = values

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Write the value of a variable that has one."""
        if node.name in self.values:
            return self.values[node.name]
        return node.update(name="_") if node.name[0] == "_" and node.name[1:].isdigit() else node


def filled_in(literal: Literal, values: dict[str, str]) -> str:
    """Return *literal* as clingo writes it, with *values* (ground terms) of some variables."""
    nodes: list[AST] = []
    # A parsed fact has each value as its argument; only ground terms come here.
    for text in values.values():
        parse_string(f"v({text}).", nodes.append)
    terms = [node.head.atom.symbol.arguments[0] for node in nodes if node.ast_type is ASTType.Rule]
    filler = _Filler(dict(zip(values, terms, strict=True)))
    return str(filler.visit(literal.node))


def variables_of(what: object) -> Iterator[str]:  # noqa: C901 -- one branch a kind
    """Yield the names of the variables of an expression, a literal or several of them."""
    match what:
        case Variable():
            yield what.name
        case Compound() | Call():
            yield from variables_of(what.arguments)
        case Operation():
            yield from variables_of((what.left, what.right))
        case Interval():
            yield from variables_of((what.first, what.last))
        case Atom():
            yield from variables_of(what.arguments)
        case Comparison():
            yield from variables_of(what.left)
            for _, term in what.guards:
                yield from variables_of(term)
        case Counting():
            for guard in (what.left, what.right):
                if guard is not None:
                    yield from variables_of(guard[1])
        case tuple():
            for one in what:
                yield from variables_of(one)


@lru_cache(maxsize=1 << 14)
def names_of(literal: Literal) -> frozenset[str]:
    """Return the names of the global variables of *literal*."""
    return frozenset(variables_of(literal))


_OPERATORS = {
    ComparisonOperator.Equal: "=",
    ComparisonOperator.NotEqual: "!=",
    ComparisonOperator.LessThan: "<",
    ComparisonOperator.LessEqual: "<=",
    ComparisonOperator.GreaterThan: ">",
    ComparisonOperator.GreaterEqual: ">=",
}
_ARITHMETIC = {
    BinaryOperator.Plus: "+",
    BinaryOperator.Minus: "-",
    BinaryOperator.Multiplication: "*",
    BinaryOperator.Division: "/",
    BinaryOperator.Modulo: "\\",
    BinaryOperator.Power: "**",
    BinaryOperator.And: "&",
    BinaryOperator.Or: "?",
    BinaryOperator.XOr: "^",
}
_FUNCTIONS = ("#count", "#sum", "#sum+", "#min", "#max")


class _Reader:
    """Reads one rule."""

    def __init__(self, file: str, node: AST) -> None:
        self.place = _place(file, node)
        self.node = node

    def rule(self) -> Rule:
        namer = _Namer()
        body = [
            namer.visit(literal) if _is_positive_atom(literal) else literal
            for literal in self.node.body
        ]
        named = self.node.update(body=body)
        variants = tuple(self._variant(node) for node in named.unpool())
        names = {name for one in variants for name in _global(one)}
        return Rule(
            self.place, str(self.node), tuple(sorted(names, key=lambda n: (len(n), n))), variants
        )

    def _variant(self, node: AST) -> Variant:
        head = node.head
        if head.ast_type is not ASTType.Literal or head.atom.ast_type is not ASTType.SymbolicAtom:
            raise _refused(self.place, "a head that is not one atom")
        name, arguments = self._atom(head.atom)
        counted = 0
        body: list[Literal] = []
        for one in node.body:
            literal = self._literal(one, counted)
            counted += isinstance(literal, Counting)
            body.append(literal)
        return Variant(name, arguments, tuple(body))

    def _literal(self, node: AST, place: int = 0) -> Literal:
        if node.ast_type is not ASTType.Literal:
            raise _refused(self.place, f"the literal `{node}`")
        atom = node.atom
        sign = int(node.sign)
        match atom.ast_type:
            case ASTType.SymbolicAtom:
                return Atom(node, sign, *self._atom(atom))
            case ASTType.Comparison:
                guards = tuple(self._guard(guard) for guard in atom.guards)
                return Comparison(node, sign, self._term(atom.term), guards)
            case ASTType.BooleanConstant:
                return Truth(node, bool(atom.value) != (sign == Sign.Negation))
            case ASTType.BodyAggregate:
                return Counting(
                    node,
                    sign,
                    place,
                    _FUNCTIONS[atom.function],
                    tuple(self._element(element) for element in atom.elements),
                    None if atom.left_guard is None else self._left(atom.left_guard),
                    None if atom.right_guard is None else self._guard(atom.right_guard),
                )
        raise _refused(self.place, f"the literal `{node}`")

    def _element(self, node: AST) -> Element:
        condition = tuple(self._literal(one) for one in node.condition)
        if any(isinstance(one, Counting) for one in condition):
            raise _refused(self.place, "an aggregate within an aggregate")
        return Element(self._terms(node.terms), condition)

    def _guard(self, node: AST) -> tuple[str, Expression]:
        return _OPERATORS[ComparisonOperator(node.comparison)], self._term(node.term)

    def _left(self, node: AST) -> tuple[str, Expression]:
        return self._guard(node)

    def _atom(self, node: AST) -> tuple[str, tuple[Expression, ...]]:
        symbol = node.symbol
        if symbol.ast_type is not ASTType.Function or symbol.external:
            raise _refused(self.place, f"the atom `{node}`")
        return symbol.name, self._terms(symbol.arguments)

    def _terms(self, nodes: Sequence[AST]) -> tuple[Expression, ...]:
        return tuple(self._term(node) for node in nodes)

    def _term(self, node: AST) -> Expression:
        match node.ast_type:
            case ASTType.SymbolicTerm:
                return Constant(_value(self.place, node))
            case ASTType.Variable:
                return Anything() if node.name == "_" else Variable(node.name)
            case ASTType.Function if node.external:
                return Call(node.name, self._terms(node.arguments))
            case ASTType.Function:
                return _folded(Compound(node.name, self._terms(node.arguments)))
            case ASTType.BinaryOperation:
                operator = _ARITHMETIC[BinaryOperator(node.operator_type)]
                return Operation(operator, self._term(node.left), self._term(node.right))
            case ASTType.UnaryOperation if node.operator_type == UnaryOperator.Minus:
                return Operation("-", Constant(0), self._term(node.argument))
            case ASTType.Interval:
                return Interval(self._term(node.left), self._term(node.right))
        raise _refused(self.place, f"the term `{node}`")


def _is_positive_atom(node: AST) -> bool:
    return (
        node.ast_type is ASTType.Literal
        and node.sign == Sign.NoSign
        and node.atom.ast_type is ASTType.SymbolicAtom
    )


def _value(place: str, node: AST) -> Term:
    try:
        return read_term(str(node.symbol))
    except ValueError:
        raise _refused(place, f"the term `{node}`") from None


def _folded(term: Compound) -> Expression:
    """Return a function of ground terms as one ground term."""
    values = [one.value for one in term.arguments if isinstance(one, Constant)]
    return Constant((term.name, *values)) if len(values) == len(term.arguments) else term


def _global(variant: Variant) -> set[str]:
    return {*variables_of(variant.arguments), *variables_of(variant.body)}
