"""The fragment of the language that rules may use, statement by statement."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from clingo import SymbolType
from clingo.ast import AST, AggregateFunction, ASTType, BinaryOperator, ComparisonOperator, Sign

from reasoner.check.finding import Finding, error
from reasoner.check.program import Programs
from reasoner.check.source import Source, Statement, descendants, place, remembered
from reasoner.check.term import Compound, Computed, Term, Value, Variable, alternatives
from reasoner.days import Calendar
from reasoner.errors import nearest

__all__ = ["check"]

_ALLOWED = {ASTType.Rule, ASTType.Defined}
_SHOWN = {ASTType.ShowSignature, ASTType.ShowTerm}
_IN_BODIES = {ASTType.BodyAggregate, ASTType.Aggregate}
_AGGREGATES = {
    AggregateFunction.Count: "#count",
    AggregateFunction.Sum: "#sum",
    AggregateFunction.Min: "#min",
    AggregateFunction.Max: "#max",
}
_ORDER = {
    ComparisonOperator.LessThan,
    ComparisonOperator.LessEqual,
    ComparisonOperator.GreaterThan,
    ComparisonOperator.GreaterEqual,
}
_NUMBER, _TEXT, _WORD = "a number", "text", "a word"
_TYPES: dict[tuple[str, int], dict[int, str]] = {
    ("decided_on", 1): {0: _NUMBER},
    ("planned", 3): {0: _NUMBER, 1: _NUMBER, 2: _NUMBER},
    ("birth", 2): {0: _NUMBER, 1: _NUMBER},
    ("plan", 2): {1: _TEXT},
    ("course", 2): {1: _NUMBER},
    ("code", 3): {2: _TEXT},
    ("product", 2): {1: _TEXT},
    ("indication", 3): {2: _TEXT},
    ("status", 2): {1: _WORD},
    ("activity", 2): {1: _WORD},
    ("response", 2): {1: _WORD},
    ("stopped_for", 2): {1: _WORD},
    ("result", 2): {1: _WORD},
    ("number", 3): {1: _NUMBER, 2: _TEXT},
    ("amount", 4): {1: _WORD, 2: _NUMBER, 3: _WORD},
    ("dosed", 4): {1: _NUMBER, 2: _NUMBER, 3: _WORD},
    ("dosed_times", 3): {1: _NUMBER, 2: _NUMBER},
    ("date", 4): {1: _WORD, 2: _NUMBER, 3: _NUMBER},
    ("says", 3): {1: _TEXT, 2: _WORD},
    ("mentions", 2): {1: _WORD},
    ("means", 3): {1: _TEXT, 2: _WORD},
    ("in_force", 4): {1: _TEXT, 2: _NUMBER, 3: _NUMBER},
}
"""What the bridge makes of the fields of a case: `reasoner.facts` and `core/*.lp` say it too."""


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every construct outside of the fragment."""
    for source in programs.sources:
        yield from _source(
            source,
            core=source.name.startswith("core/"),
            forbids=source in (programs.properties, *programs.worlds),
            of_worlds=source in programs.criteria_only,
        )


@remembered
def _source(source: Source, *, core: bool, forbids: bool, of_worlds: bool) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for statement in source.statements:
        found += _statement(source, statement, core=core)
        if statement.node.ast_type is ASTType.Rule:
            if not forbids:
                found += _constraint(statement)
            found += _conditions(source.name, statement)
            if not core:
                found += _head(statement)
        found += _parts(source.name, statement)
        found += _types(statement, {} if of_worlds else _TYPES)
        if of_worlds:
            found += _assignments(source.name, statement)
    return tuple(found)


def _statement(source: Source, statement: Statement, *, core: bool) -> Iterator[Finding]:
    kind = statement.node.ast_type
    if kind in _ALLOWED or (core and kind in _SHOWN):
        return
    text = str(statement.node).split(" ", maxsplit=1)[0].partition("(")[0].rstrip(".")
    yield error(
        "fragment.directive",
        f"`{text}` is not allowed in a rule file",
        place(source.name, statement.node),
        "write rules and facts; `#defined` is the only directive",
    )


def _constraint(statement: Statement) -> Iterator[Finding]:
    head = statement.node.head
    if head.ast_type is ASTType.Literal and head.atom.ast_type is not ASTType.SymbolicAtom:
        yield error(
            "fragment.constraint",
            "a constraint removes what is wrong without a word",
            statement.where,
            "derive what is wrong as an atom; what must hold in every world is a property",
        )


def _conditions(file: str, statement: Statement) -> Iterator[Finding]:
    for literal in statement.node.body:
        if literal.ast_type is ASTType.ConditionalLiteral:
            yield error(
                "fragment.conditional",
                f"`{literal}` is a conditional literal, which no proof can spell out",
                place(file, literal),
                "derive the exception, and deny it: `not some_other(X)`",
            )


def _head(statement: Statement) -> Iterator[Finding]:
    head = statement.node.head
    match head.ast_type:
        case ASTType.Disjunction:
            yield error(
                "fragment.disjunction",
                "a head has alternatives, so a world would have several results",
                statement.where,
                "write one rule for each, with its own condition in the body",
            )
        case ASTType.Aggregate | ASTType.HeadAggregate:
            yield error(
                "fragment.choice",
                "a rule chooses, which only core/ may do",
                statement.where,
                "declare a question with its answers: worlds choose among them",
            )


def _parts(file: str, statement: Statement) -> Iterator[Finding]:
    for node in statement.parts:
        match node.ast_type:
            case ASTType.SymbolicAtom if node.symbol.ast_type is ASTType.UnaryOperation:
                yield error(
                    "fragment.negation",
                    f"`{node}` is negated classically",
                    place(file, node.symbol),
                    "write `not`, or a predicate that says the contrary",
                )
            case ASTType.SymbolicAtom if node.symbol.ast_type is ASTType.Pool:
                yield from _split_atom(file, node.symbol)
            case ASTType.TheoryAtom:
                yield error(
                    "fragment.directive",
                    f"`{node}` belongs to a theory",
                    place(file, node),
                    "write rules and facts",
                )
            case ASTType.Literal if node.atom.ast_type in _IN_BODIES:
                yield from _aggregate(file, node.atom)
            case ASTType.BinaryOperation if node.operator_type == BinaryOperator.Modulo:
                yield error(
                    "fragment.remainder",
                    f"`{node}`: clingo ends without a word where a remainder is by zero",
                    place(file, node),
                    "divide and multiply back: `X - X / N * N`",
                )
            case ASTType.Function if node.external:
                yield from _call(file, node)
            case ASTType.Literal if node.sign != Sign.NoSign:
                yield from _under_not(file, node)


def _aggregate(file: str, node: AST) -> Iterator[Finding]:
    function = getattr(node, "function", None)
    if node.ast_type is ASTType.BodyAggregate and function not in _AGGREGATES:
        yield error(
            "fragment.aggregate",
            "an aggregate of this kind is not allowed",
            place(file, node),
            "use `#count`, `#sum`, `#min` or `#max`",
        )
    if node.ast_type is ASTType.Aggregate:
        yield error(
            "fragment.aggregate",
            "a count without a name is easily read as a choice",
            place(file, node),
            "write `#count { … } >= N`",
        )
    elif (
        node.ast_type is ASTType.BodyAggregate
        and node.left_guard is None
        and node.right_guard is None
    ):
        yield error(
            "fragment.aggregate",
            "an aggregate without a guard is always true",
            place(file, node),
            "compare it: `#count { … } >= N`",
        )
    if function in (AggregateFunction.Sum, AggregateFunction.SumPlus):
        for element in node.elements:
            for weight in element.terms[:1]:
                if _negative(weight):
                    yield error(
                        "fragment.weight",
                        f"a sum adds `{weight}`, which is negative",
                        place(file, weight),
                        "add what counts; subtract on the other side of the comparison",
                    )


def _negative(weight: AST) -> bool:
    if weight.ast_type is ASTType.UnaryOperation:
        return str(weight).startswith("-")
    return any(
        isinstance(term, Value) and term.symbol.type is SymbolType.Number and term.symbol.number < 0
        for term in alternatives(weight)
    )


def _assignments(file: str, statement: Statement) -> Iterator[Finding]:
    """Yield aggregates that both give and take: what holds for certain could not be told."""
    for node in statement.parts:
        if node.ast_type is not ASTType.BodyAggregate:
            continue
        guards = [guard for guard in (node.left_guard, node.right_guard) if guard is not None]
        values = [guard for guard in guards if guard.comparison not in _ORDER]
        for guard in values:
            yield error(
                "fragment.aggregate",
                f"an aggregate of the criteria gives `{guard.term}` its value"
                if guard.term.ast_type is ASTType.Variable
                else f"an aggregate of the criteria is compared with `{guard.term}` exactly",
                place(file, node),
                "compare it with a bound: `#count { … } >= N`",
            )
        if len(guards) > 1 and not values:
            yield error(
                "fragment.aggregate",
                "an aggregate of the criteria has a bound on each side",
                place(file, node),
                "write two: `#count { … } >= N, #count { … } <= M`",
            )


@cache
def _registry() -> dict[str, int]:
    return {
        name: len(inspect.signature(function).parameters) - 1
        for name, function in inspect.getmembers(Calendar, inspect.isfunction)
        if not name.startswith("_")
    }


def _call(file: str, node: AST) -> Iterator[Finding]:
    known = _registry()
    wanted = known.get(node.name)
    if wanted is None:
        yield error(
            "fragment.function",
            f"there is no function `@{node.name}`",
            place(file, node),
            nearest(node.name, sorted(known))
            or f"rules may call {', '.join('@' + name for name in sorted(known))}",
        )
    elif wanted != len(node.arguments):
        yield error(
            "fragment.function",
            f"`@{node.name}` takes {wanted} arguments, found {len(node.arguments)}",
            place(file, node),
            "see reasoner/days.py",
        )


def _split_atom(file: str, pool: AST) -> Iterator[Finding]:
    """Yield a pool that a comma divides: `can(a; b, c)` is `can(a)` and `can(b, c)`."""
    parts = [part for part in pool.arguments if part.ast_type is ASTType.Function]
    if len({len(part.arguments) for part in parts}) > 1:
        read = " and ".join(f"`{part}`" for part in parts)
        yield error(
            "fragment.pool",
            f"`{pool}` is read as {read}",
            place(file, pool),
            "put parentheses around the alternatives: `p((a; b), c)`",
        )


def _under_not(file: str, literal: AST) -> Iterator[Finding]:
    if literal.atom.ast_type not in (ASTType.SymbolicAtom, ASTType.Comparison):
        return
    for node in descendants(literal.atom):
        if node.ast_type in (ASTType.Pool, ASTType.Interval):
            what = "a pool" if node.ast_type is ASTType.Pool else "an interval"
            yield error(
                "fragment.pool",
                f"`{literal}` has {what} under `not`: it holds as soon as one of them is false",
                place(file, literal),
                "write one `not` for each, or a predicate for any of them",
            )
            return


# -- what can be compared ---------------------------------------------------------------------


def _types(
    statement: Statement, fields: dict[tuple[str, int], dict[int, str]]
) -> Iterator[Finding]:
    known: dict[str, str] = {}
    for atom in statement.body:
        for index, kind in fields.get(atom.signature, {}).items():
            argument = atom.term.arguments[index]
            found = _type(argument, known)
            if found and found != kind:
                yield error(
                    "fragment.comparison",
                    f"`{atom.term.name}` has {kind} there, and the rule {found}",
                    atom.where,
                    "compare like with like: clingo compares anything, and says nothing",
                )
            elif isinstance(argument, Variable) and atom.plain:
                known[argument.name] = kind
    for node in statement.parts:
        if node.ast_type is not ASTType.Comparison:
            continue
        sides = [node.term, *(guard.term for guard in node.guards)]
        operators = [guard.comparison for guard in node.guards]
        for (left, right), operator in zip(pairwise(sides), operators, strict=True):
            kinds = {_type(t, known) for t in (*alternatives(left), *alternatives(right))} - {""}
            order = operator in _ORDER
            if len(kinds) > 1 and (order or _TEXT in kinds):
                yield error(
                    "fragment.comparison",
                    f"`{node}` compares {' with '.join(sorted(kinds))}",
                    place(statement.file, left),
                    "compare like with like: clingo compares anything, and says nothing",
                )


def _type(term: Term, known: dict[str, str]) -> str:
    match term:
        case Variable(name):
            return known.get(name, "")
        case Value(symbol) if symbol.type is SymbolType.Number:
            return _NUMBER
        case Value(symbol) if symbol.type is SymbolType.String:
            return _TEXT
        case Computed(_, True):
            return _NUMBER
        case Compound(name, ()) if name:
            return _WORD
    return ""
