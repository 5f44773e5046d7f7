"""Rules that tell on themselves: a copy of each rule whose head says which instance held.

`a(X) :- b(X, _), not c(X).` gets a companion `_fired(7, a(X), (X, Any1)) :- b(X, Any1), not
c(X).` Grounded beside the rules, the companions are facts wherever the rules are: every
instance of every rule, with all bindings, whatever clingo simplifies away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec
from clingo import Symbol
from clingo.ast import AST, ASTType, ComparisonOperator, Sign, Transformer, parse_string

from reasoner.errors import PolicyError
from reasoner.program import RuleFile, relocate

__all__ = ["COUNTED", "FIRED", "Counted", "Fired", "TracedRule", "companions", "read", "trace"]

FIRED, COUNTED = "_fired", "_counted"
_ANY = "Any"


class Counting(msgspec.Struct, frozen=True):
    """An aggregate of a body: its *function*, and what it counts, as `(terms, condition)`.

    *upper* says that its bounds only take something away: what possibly holds is counted.
    """

    function: str
    elements: tuple[tuple[str, str], ...]
    upper: bool


class TracedRule(msgspec.Struct, frozen=True):
    """A rule of *place* as clingo writes it, ready for its companion.

    *variables* are the global ones, those that stand for a `_` last and with the names that
    the companion gives them; *head* and *body* have those names too.
    """

    place: str
    text: str
    name: str
    head: str
    body: tuple[str, ...]
    variables: tuple[str, ...]
    aggregates: tuple[Counting, ...]

    def shown(self, variable: str) -> str:
        """Return the name of *variable* in a proof: `_1` for the first `_`."""
        return f"_{variable.removeprefix(_ANY)}" if variable.startswith(_ANY) else variable


@lru_cache(maxsize=64)
def _read(name: str, text: str) -> tuple[TracedRule, ...]:
    found: list[AST] = []
    parse_string(text, found.append)
    return tuple(_rule(name, node) for node in found if node.ast_type is ASTType.Rule)


def read(files: Iterable[RuleFile]) -> list[TracedRule]:
    """Return the rules of *files* in their order.

    Raises:
        PolicyError: a rule is outside the fragment that can be traced.
    """
    return [rule for file in files for rule in _read(file.name, file.text)]


def _rule(name: str, node: AST) -> TracedRule:
    begin = node.location.begin
    place = f"{name}:{begin.line}" if begin.column == 1 else f"{name}:{begin.line}:{begin.column}"
    head = node.head
    if head.ast_type is not ASTType.Literal or head.atom.ast_type is not ASTType.SymbolicAtom:
        raise PolicyError(
            "policy.fragment",
            "a rule must have one atom as its head to be explained",
            where=place,
            hint="choices and disjunctions stand in the core only",
        )
    text = str(node)
    named = _Namer().rule(node)
    body = tuple(str(literal) for literal in named.body)
    variables = _variables(named)
    aggregates = tuple(
        _counting(literal, frozenset(variables))
        for literal in named.body
        if literal.ast_type is ASTType.Literal and literal.atom.ast_type is ASTType.BodyAggregate
    )
    symbol = head.atom.symbol
    if symbol.ast_type is ASTType.Pool:
        symbol = symbol.arguments[0]
    return TracedRule(place, text, symbol.name, str(named.head), body, variables, aggregates)


class _Namer(Transformer):
    """Gives every `_` of a positive literal a name of its own, from `Any1` on."""

    def __init__(self) -> None:
        self.count = 0

    def rule(self, node: AST) -> AST:
        """Return *node* with names."""
        body = [
            self.visit(literal)
            if literal.ast_type is ASTType.Literal
            and literal.sign == Sign.NoSign
            and literal.atom.ast_type is ASTType.SymbolicAtom
            else literal
            for literal in node.body
        ]
        return node.update(body=body)

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Name an anonymous variable."""
        if node.name != "_":
            return node
        self.count += 1
        return node.update(name=f"{_ANY}{self.count}")


def _variables(rule: AST) -> tuple[str, ...]:
    """Return the global variables: those that stand outside of aggregates and conditions."""
    found: dict[str, None] = {}

    def walk(node: object) -> None:
        if isinstance(node, AST):
            if node.ast_type is ASTType.Variable:
                if node.name != "_":
                    found.setdefault(node.name)
                return
            if node.ast_type is ASTType.BodyAggregate:
                walk(node.left_guard)
                walk(node.right_guard)
                return
            if node.ast_type is ASTType.ConditionalLiteral:
                return
            for key in node.child_keys:
                walk(getattr(node, key))
        elif isinstance(node, Sequence) and not isinstance(node, str):
            for one in node:
                walk(one)

    walk(rule.head)
    walk(rule.body)
    return tuple(sorted(found, key=lambda name: (name.startswith(_ANY), _natural(name))))


def _natural(name: str) -> tuple[str, int]:
    match = re.fullmatch(rf"{_ANY}(\d+)", name)
    return (_ANY, int(match[1])) if match else (name, 0)


_LOWER = (ComparisonOperator.LessEqual, ComparisonOperator.LessThan)
_FUNCTIONS = ("#count", "#sum", "#sum+", "#min", "#max")


class _Apart(Transformer):
    """Renames the variables of an element that are its own: beside the aggregate they clash."""

    def __init__(self, shared: frozenset[str]) -> None:
        self.shared = shared

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Rename a variable that is not shared."""
        own = node.name != "_" and node.name not in self.shared
        return node.update(name=f"{node.name}_own") if own else node


def _counting(literal: AST, shared: frozenset[str]) -> Counting:
    aggregate = literal.atom
    apart = _Apart(shared)
    left = aggregate.left_guard
    upper = left is not None and left.comparison not in _LOWER
    elements = tuple(
        (
            ", ".join(map(str, element.terms)),
            "; ".join(map(str, element.condition)),
        )
        for element in map(apart.visit, aggregate.elements)
    )
    return Counting(
        _FUNCTIONS[int(aggregate.function)], elements, upper ^ (literal.sign == Sign.Negation)
    )


def companions(rules: Sequence[TracedRule], local: frozenset[str] | None = None) -> Iterator[str]:
    """Yield the companions of *rules*, for clingo to ground beside them.

    With the *local* predicates of worlds, those of the rules over them, in the pair of
    `certain` and `possible`, which then is the first argument.
    """
    yield f"#defined {FIRED}/3. #defined {COUNTED}/4. #defined {FIRED}/4. #defined {COUNTED}/5."
    for index, rule in enumerate(rules):
        values = "".join(f"{name}," for name in rule.variables)
        world = ""
        if local is not None:
            if rule.name not in local:
                continue
            world = "World,"
        yield _clause(f"{FIRED}({world}{index},{rule.head},({values}))", rule.body, local)
        for place, counting in enumerate(rule.aggregates):
            for terms, condition in counting.elements:
                head = f"{COUNTED}({world}{index},{place},({values}),({terms},))"
                yield _clause(head, rule.body, local, condition, upper=counting.upper)


def _clause(
    head: str,
    body: Sequence[str],
    local: frozenset[str] | None,
    condition: str = "",
    *,
    upper: bool = False,
) -> str:
    own = "; ".join(body)
    if local is None:
        parts = [part for part in (own, condition) if part]
        return f"{head} :- {'; '.join(parts)}." if parts else f"{head}."
    parts = ["pair(World,Dual)"]
    for part, swapped in ((own, False), (condition, upper)):
        if part:
            world, dual = ("Dual", "World") if swapped else ("World", "Dual")
            text = relocate(f"x :- {part}.", local, world, "pair", dual)
            parts.append(text.removeprefix("x :- ").removesuffix("."))
    return f"{head} :- {'; '.join(parts)}."


class Fired(msgspec.Struct, frozen=True):
    """An instance that held: the *rule*, the atom that it derives, the value of each variable."""

    rule: int
    head: Symbol
    values: Symbol


class Counted(msgspec.Struct, frozen=True):
    """A tuple that an aggregate of an instance counted."""

    rule: int
    place: int
    values: Symbol
    terms: Symbol


def trace(atoms: Iterable[Symbol]) -> tuple[list[Fired], list[Counted]]:
    """Return what the companions among *atoms* say, in order."""
    fired: list[Fired] = []
    counted: list[Counted] = []
    for atom in atoms:
        if atom.name == FIRED:
            index, head, values = atom.arguments[-3:]
            fired.append(Fired(index.number, head, values))
        elif atom.name == COUNTED:
            index, place, values, terms = atom.arguments[-4:]
            counted.append(Counted(index.number, place.number, values, terms))
    return fired, counted
