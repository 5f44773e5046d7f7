"""Two versions in one program: a copy of the rules of each, side by side.

Every predicate gets the version as its first argument, `old` or `new`: the transformation of
`reasoner.program`, done on the syntax tree because here every predicate moves, not only those
that `check` has proved for the tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from typing import Literal as OneOf

import clingo
from clingo import Function, MessageCode, Symbol, SymbolType
from clingo.ast import (
    AST,
    Aggregate,
    ASTType,
    ConditionalLiteral,
    Literal,
    Location,
    Position,
    ProgramBuilder,
    Rule,
    Sign,
    SymbolicAtom,
    SymbolicTerm,
)
from clingo.ast import Function as Predicate

from reasoner.check.relocation import Adder
from reasoner.check.source import parse, remembered
from reasoner.days import Calendar
from reasoner.errors import PolicyError
from reasoner.program import RuleFile

__all__ = ["NEW", "OLD", "SIDES", "Joint", "Key", "Side", "copied", "moved", "stated"]

Side = OneOf["old", "new"]
SIDES: tuple[Side, Side] = ("old", "new")
OLD, NEW = Function("old"), Function("new")

Key = tuple[Symbol, ...]
"""The arguments of an atom."""


@remembered
def copied(file: RuleFile, side: Side) -> tuple[AST, ...]:
    """Return the statements of *file* as the copy of *side* has them."""
    return tuple(moved(parse(file).nodes, side))


def moved(nodes: Iterable[AST], side: Side, shared: Collection[str] = ()) -> Iterator[AST]:
    """Yield *nodes* with *side* as the first argument of every atom.

    What *shared* predicates say is the same in both, and stands in the copy of `old` alone.
    """

    def of(side: Side) -> Callable[[Location], AST]:
        return lambda begin: SymbolicTerm(begin, Function(side))

    own = Adder(lambda name: name not in shared, of(side))
    common = Adder(lambda name: name in shared, of("old"))
    for node in nodes:
        if node.ast_type is not ASTType.ShowSignature:
            yield common.visit(own.visit(node)) if shared else own.visit(node)


class Joint:
    """A control that takes syntax trees, facts and text, and grounds them together."""

    def __init__(self, *arguments: str) -> None:
        self._said: list[str] = []
        self.control = clingo.Control(list(arguments), self._log, 1000)

    def add(self, nodes: Iterable[AST]) -> None:
        """Add syntax trees."""
        with ProgramBuilder(self.control) as builder:
            for node in nodes:
                builder.add(node)

    def rule(self, head: Symbol, body: Symbol | None = None, *, choice: bool = False) -> AST:
        """Return `head.`, `head :- body.`, or `{ head }.`: of symbols, never of text."""
        atom = _literal(head)
        if choice:
            element = ConditionalLiteral(_HERE, atom, [])
            return Rule(_HERE, Aggregate(_HERE, None, [element], None), [])
        return Rule(_HERE, atom, [] if body is None else [_literal(body)])

    def ground(self, text: str, facts: Iterable[Symbol]) -> None:
        """Ground what was added with *text* and *facts*.

        Raises:
            PolicyError: clingo refuses the two versions together.
        """
        self.control.add("base", [], text)
        with self.control.backend() as backend:
            for fact in facts:
                backend.add_rule([backend.add_atom(fact)])
        try:
            self.control.ground([("base", [])], context=_Calendar())
        except RuntimeError as error:
            said = self._said[0] if self._said else str(error)
            raise PolicyError(
                "policy.difference",
                f"the two versions cannot be put side by side: {' '.join(said.split())}",
            ) from None

    def literal(self, name: str, *arguments: Symbol) -> int | None:
        """Return the literal of an atom, or nothing where it cannot hold."""
        found = self.control.symbolic_atoms[Function(name, list(arguments))]
        return None if found is None else found.literal

    def literals(self, name: str, arity: int) -> dict[tuple[Symbol, ...], int]:
        """Return the literals of the atoms of a predicate, by their arguments, in order."""
        atoms = self.control.symbolic_atoms.by_signature(name, arity)
        found = {tuple(atom.symbol.arguments): atom.literal for atom in atoms}
        return dict(sorted(found.items()))

    def possible(self, assumptions: Iterable[int]) -> bool:
        """Whether some world satisfies *assumptions*."""
        return bool(self.control.solve(assumptions=list(assumptions)).satisfiable)

    def decided(self, assumptions: Iterable[int], conflicts: int) -> bool | None:
        """Whether some world satisfies *assumptions*; None after so many *conflicts*."""
        solving: Any = self.control.configuration.solve
        solving.solve_limit = str(conflicts)
        try:
            return self.control.solve(assumptions=list(assumptions)).satisfiable
        finally:
            solving.solve_limit = "umax"

    def chosen(self, assumptions: Iterable[int], among: Mapping[Key, int]) -> frozenset[Key] | None:
        """Return which of *among* hold in some world that satisfies *assumptions*, if any does."""
        with self.control.solve(assumptions=list(assumptions), yield_=True) as handle:
            model = handle.model()
            if model is None:
                return None
            return frozenset(key for key, literal in among.items() if model.is_true(literal))

    def _log(self, code: MessageCode, text: str) -> None:
        # Each version has been grounded by itself: what is undefined is undefined in the other.
        if code is not MessageCode.AtomUndefined:
            self._said.append(text)


class _Calendar:
    """The calendar, where what may hold is grounded too: `#max` of nothing is no day."""

    def __getattr__(self, name: str) -> Callable[..., Symbol | list[Symbol]]:
        function: Callable[..., Symbol] = getattr(Calendar(), name)

        def call(*arguments: Symbol) -> Symbol | list[Symbol]:
            if all(one.type is SymbolType.Number for one in arguments):
                return function(*arguments)
            return []

        return call


_HERE = Location(Position("records", 1, 1), Position("records", 1, 1))


def _literal(symbol: Symbol) -> AST:
    arguments = [SymbolicTerm(_HERE, argument) for argument in symbol.arguments]
    atom = SymbolicAtom(Predicate(_HERE, symbol.name, arguments, 0))
    return Literal(_HERE, Sign.NoSign, atom)


def stated(side: Symbol, facts: Iterable[Symbol]) -> Iterator[Symbol]:
    """Yield *facts* as the copy of *side* has them."""
    for fact in facts:
        yield Function(fact.name, [side, *fact.arguments])
