"""Terms of a rule as plain data, and whether two of them can be the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from clingo import Number, Symbol, SymbolType
from clingo.ast import AST, ASTType, UnaryOperator

__all__ = [
    "Compound",
    "Computed",
    "Term",
    "Value",
    "Variable",
    "alternatives",
    "bind",
    "equalities",
    "of_symbol",
    "substitute",
    "unify",
    "variable_names",
    "variables",
    "written",
]

_MOST = 256
"""More alternatives of one term than this are not told apart."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable; each `_` has a name of its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Value:
    """A number, a string, `#inf` or `#sup`."""

    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Compound:
    """A function with its arguments: a constant has none, a tuple has no name."""

    name: str
    arguments: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """What only grounding can say, *numeric* where it is a number."""

    variables: frozenset[str]
    numeric: bool = True


Term = Variable | Value | Compound | Computed
Bindings = dict[Variable, Term]


def of_symbol(symbol: Symbol) -> Term:
    """Return *symbol* as a term."""
    if symbol.type is SymbolType.Function and symbol.positive:
        return Compound(symbol.name, tuple(of_symbol(argument) for argument in symbol.arguments))
    if symbol.type is SymbolType.Function:
        return Computed(frozenset(), numeric=False)
    return Value(symbol)


def alternatives(node: AST) -> list[Term]:
    """Return the terms that *node* stands for: more than one for a pool or an interval."""
    found: list[Term]
    match node.ast_type:
        case ASTType.SymbolicTerm:
            found = [of_symbol(node.symbol)]
        case ASTType.Variable:
            begin = node.location.begin
            named = node.name != "_"
            found = [Variable(node.name if named else f"_{begin.line}:{begin.column}")]
        case ASTType.Pool:
            found = [term for argument in node.arguments for term in alternatives(argument)]
        case ASTType.Function if not node.external:
            choices = [alternatives(argument) for argument in node.arguments]
            found = [Compound(node.name, chosen) for chosen in _product(choices)]
        case ASTType.Interval:
            found = _interval(node)
        case ASTType.UnaryOperation if node.operator_type == UnaryOperator.Minus:
            found = [_minus(term) for term in alternatives(node.argument)]
        case _:
            found = [Computed(frozenset(variable_names(node)))]
    return found if 0 < len(found) <= _MOST else [_unknown(node)]


def _product(choices: list[list[Term]]) -> Iterator[tuple[Term, ...]]:
    count = 1
    for choice in choices:
        count *= len(choice)
    if count <= _MOST:
        yield from product(*choices)
    else:
        yield tuple(
            choice[0]
            if len(choice) == 1
            else Computed(frozenset().union(*(variables(t) for t in choice)), numeric=False)
            for choice in choices
        )


def _interval(node: AST) -> list[Term]:
    first, last = alternatives(node.left), alternatives(node.right)
    match first, last:
        case [Value(low)], [Value(high)] if (
            low.type is high.type is SymbolType.Number and high.number - low.number < _MOST
        ):
            return [Value(Number(n)) for n in range(low.number, high.number + 1)]
    return [Computed(frozenset(variable_names(node)))]


def _minus(term: Term) -> Term:
    if isinstance(term, Value) and term.symbol.type is SymbolType.Number:
        return Value(Number(-term.symbol.number))
    return Computed(frozenset(variables(term)), numeric=not isinstance(term, Compound))


def _unknown(node: AST) -> Term:
    return Computed(frozenset(variable_names(node)), numeric=False)


def variable_names(node: AST) -> Iterator[str]:
    """Yield the name of each variable below *node*, as often as it occurs."""
    if node.ast_type is ASTType.Variable:
        yield node.name
        return
    for key in node.child_keys:
        child = getattr(node, key)
        for one in [child] if isinstance(child, AST) else list(child or ()):
            yield from variable_names(one)


def variables(term: Term) -> frozenset[str]:
    """Return the names of the variables of *term*."""
    match term:
        case Variable(name):
            return frozenset({name})
        case Computed(names):
            return names
        case Compound(_, arguments):
            return frozenset().union(*(variables(argument) for argument in arguments))
    return frozenset()


def substitute(term: Term, bindings: Mapping[Variable, Term]) -> Term:
    """Return *term* with its bound variables replaced, all the way down."""
    match term:
        case Variable() if term in bindings:
            return substitute(bindings[term], bindings)
        case Compound(name, arguments) if arguments:
            return Compound(name, tuple(substitute(argument, bindings) for argument in arguments))
        case Computed(names, numeric):
            inner: set[str] = set()
            for name in names:
                replaced = substitute(Variable(name), bindings)
                inner |= variables(replaced)
            return Computed(frozenset(inner), numeric)
    return term


def bind(left: Term, right: Term, bindings: Bindings) -> bool:
    """Extend *bindings* so that both terms are the same; false if they cannot be."""
    left, right = _walk(left, bindings), _walk(right, bindings)
    if left == right:
        return True
    match left, right:
        case (Variable(), _):
            return _assign(left, right, bindings)
        case (_, Variable()):
            return _assign(right, left, bindings)
        case (Computed(), _):
            return _may_be(left, right)
        case (_, Computed()):
            return _may_be(right, left)
        case (Compound(), Compound()):
            return (
                left.name == right.name
                and len(left.arguments) == len(right.arguments)
                and all(
                    bind(one, other, bindings)
                    for one, other in zip(left.arguments, right.arguments, strict=True)
                )
            )
    return False


def _walk(term: Term, bindings: Bindings) -> Term:
    while isinstance(term, Variable) and term in bindings:
        term = bindings[term]
    return term


def _assign(variable: Variable, term: Term, bindings: Bindings) -> bool:
    inside = substitute(term, bindings)
    if variable.name in variables(inside):
        return False  # `X = X + 1` has no value, `X = f(X)` no finite one
    bindings[variable] = inside
    return True


def _may_be(computed: Computed, term: Term) -> bool:
    match term:
        case Value(symbol):
            return not computed.numeric or symbol.type is SymbolType.Number
        case Compound():
            return not computed.numeric
    return True


def _apart(term: Term) -> Term:
    names = variables(term)
    return substitute(term, {Variable(name): Variable(name + "'") for name in names})


def unify(left: Sequence[Term], right: Sequence[Term]) -> bool:
    """Whether *left* and *right*, from two rules, can be the same, term by term.

    >>> unify([Variable("X"), Compound("yes")], [Compound("hiv"), Variable("X")])
    True
    >>> unify([Compound("yes")], [Compound("no")])
    False
    """
    if len(left) != len(right):
        return False
    bindings: Bindings = {}
    return all(
        bind(one, other, bindings) for one, other in zip(left, map(_apart, right), strict=True)
    )


def equalities(pairs: Iterable[tuple[Term, Term]]) -> Bindings | None:
    """Return what the equations *pairs* of one rule bind; nothing if they contradict."""
    bindings: Bindings = {}
    for left, right in pairs:
        if not bind(left, right, bindings):
            return None
    return bindings


def written(term: Term) -> str:
    """Return *term* as it could be written in a rule.

    >>> written(Compound("failed", (Variable("D"),)))
    'failed(D)'
    """
    match term:
        case Variable(name):
            return "_" if name.startswith("_") and ":" in name else name
        case Value(symbol):
            return str(symbol)
        case Compound(name, arguments) if arguments or not name:
            comma = "," if not name and len(arguments) == 1 else ""
            return f"{name}({','.join(map(written, arguments))}{comma})"
        case Compound(name):
            return name
    return "…"
