"""A rule file as a syntax tree: its statements, and the atoms that each of them names."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar, cast

from clingo import MessageCode
from clingo.ast import AST, ASTType, ComparisonOperator, Sign, parse_string

from reasoner.check.finding import Finding, error
from reasoner.check.term import (
    Compound,
    Term,
    alternatives,
    equalities,
    substitute,
)
from reasoner.program import RuleFile

__all__ = [
    "Atom",
    "Comment",
    "Signature",
    "Source",
    "Statement",
    "children",
    "descendants",
    "parse",
    "place",
    "remembered",
    "shown",
    "statement_of",
]

Signature = tuple[str, int]
"""The name and the number of arguments of a predicate."""

Within = Literal["", "aggregate", "condition", "choice"]
Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")


def remembered(function: Callable[Parameters, Found]) -> Callable[Parameters, Found]:
    """Remember what *function* found in each file: a second check costs what has changed.

    Syntax trees must be gone before clingo is unloaded, so everything is forgotten at exit.
    """
    cached = lru_cache(maxsize=256)(function)
    atexit.register(cached.cache_clear)
    return cast("Callable[Parameters, Found]", cached)


def shown(signature: Signature) -> str:
    """Return a predicate as people write it.

    >>> shown(("is", 2))
    'is/2'
    """
    return f"{signature[0]}/{signature[1]}"


@dataclass(frozen=True)
class Atom:
    """One atom of a statement; a pool gives one for each alternative.

    *sign* counts the `not` before it; *within* says where in the statement it stands.
    """

    term: Compound
    sign: int
    within: Within
    where: str
    classical: bool = False

    @property
    def signature(self) -> Signature:
        """Its predicate."""
        return self.term.name, len(self.term.arguments)

    @property
    def plain(self) -> bool:
        """Whether it supports the head by being true."""
        return self.sign == 0 and self.within in ("", "choice")


@dataclass(frozen=True, eq=False)
class Statement:
    """A rule, or a directive that names atoms; *heads* and *body* are as written."""

    node: AST
    file: str
    heads: tuple[Atom, ...]
    body: tuple[Atom, ...]

    @cached_property
    def parts(self) -> tuple[AST, ...]:
        """Its node and all nodes below it."""
        return tuple(descendants(self.node))

    @cached_property
    def line(self) -> int:
        """The line on which it begins."""
        line: int = self.node.location.begin.line
        return line

    @property
    def where(self) -> str:
        """The place at which it begins."""
        return place(self.file, self.node)

    @cached_property
    def resolved(self) -> tuple[tuple[Atom, ...], tuple[Atom, ...]]:
        """Its heads and body with the equations of the body put in: `V = voice(R, _)`."""
        bindings = equalities(self._equations())
        if not bindings:
            return self.heads, self.body

        def put(atom: Atom) -> Atom:
            arguments = tuple(substitute(a, bindings) for a in atom.term.arguments)
            term = Compound(atom.term.name, arguments)
            return Atom(term, atom.sign, atom.within, atom.where, atom.classical)

        return tuple(map(put, self.heads)), tuple(map(put, self.body))

    def _equations(self) -> Iterator[tuple[Term, Term]]:
        if self.node.ast_type is not ASTType.Rule:
            return
        for literal in self.node.body:
            if literal.ast_type is not ASTType.Literal or literal.sign != Sign.NoSign:
                continue
            comparison = literal.atom
            if comparison.ast_type is not ASTType.Comparison or len(comparison.guards) != 1:
                continue
            (guard,) = comparison.guards
            left, right = alternatives(comparison.term), alternatives(guard.term)
            if guard.comparison == ComparisonOperator.Equal and len(left) == len(right) == 1:
                yield left[0], right[0]

    @cached_property
    def bound(self) -> frozenset[str]:
        """The variables that it binds outside of aggregates and conditions."""
        return frozenset(_global_variables(self.node))


@dataclass(frozen=True)
class Comment:
    """A comment as it is written, with its place."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, eq=False)
class Source:
    """A rule file that clingo could read."""

    file: RuleFile
    nodes: tuple[AST, ...]
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def name(self) -> str:
        """Its name below the rules folder."""
        return self.file.name

    @property
    def of_library(self) -> bool:
        """Whether the file is of the library, which several policies use."""
        return self.name.startswith("library/")

    @cached_property
    def declared(self) -> dict[Signature, str]:
        """What `#defined` declares, with the place."""
        return {
            (node.name, node.arity): place(self.name, node)
            for node in self.nodes
            if node.ast_type is ASTType.Defined
        }


def place(file: str, node: AST) -> str:
    """Return where *node* begins."""
    begin = node.location.begin
    return f"{file}:{begin.line}:{begin.column}"


def children(node: AST) -> Iterator[AST]:
    """Yield the nodes directly below *node*."""
    for key in node.child_keys:
        child = getattr(node, key)
        if isinstance(child, AST):
            yield child
        elif child is not None:
            yield from child


def descendants(node: AST) -> Iterator[AST]:
    """Yield *node* and all nodes below it."""
    yield node
    for child in children(node):
        yield from descendants(child)


def parse(file: RuleFile) -> Source:
    """Parse *file*; where clingo cannot, the findings say why."""
    return _parse(file.path, file.name, file.text)


@remembered
def _parse(path: Path, name: str, text: str) -> Source:
    """Parse a file once for as long as it stays as it is, however often it is read."""
    file = RuleFile(path, name, text)
    nodes: list[AST] = []
    messages: list[str] = []

    def log(_: MessageCode, text: str) -> None:
        messages.append(text)

    try:
        parse_string(file.text, nodes.append, logger=log, message_limit=1000)
    except RuntimeError as fault:
        messages = messages or [str(fault)]
    comments = tuple(
        Comment(node.value, node.location.begin.line, node.location.begin.column)
        for node in nodes
        if node.ast_type is ASTType.Comment
    )
    nodes = [n for n in nodes if n.ast_type is not ASTType.Comment and not _is_base(n)]
    findings = tuple(_syntax(file.name, text) for text in messages)
    try:
        statements = tuple(statement_of(file.name, node) for node in nodes)
    except RecursionError:
        deep = error("rules.syntax", "a term is nested too deep to be read", name, "write a list")
        return Source(file, (), (), comments, (*findings, deep))
    return Source(file, tuple(nodes), statements, comments, findings)


def _is_base(node: AST) -> bool:
    if node.ast_type is not ASTType.Program or node.name != "base":
        return False
    begin, end = node.location.begin, node.location.end
    return (begin.line, begin.column) == (end.line, end.column)  # clingo puts it there itself


def _syntax(file: str, text: str) -> Finding:
    _, _, rest = text.partition(":")
    line, _, rest = rest.partition(":")
    column, _, rest = rest.partition(": ")
    message = " ".join(rest.split()).removeprefix("error: ")
    where = f"{file}:{line}:{column.partition('-')[0]}" if line.isdecimal() else file
    hint = "look at the end of the statement before it too: every statement ends with a dot"
    return error("rules.syntax", message or text.strip(), where, hint)


def statement_of(file: str, node: AST) -> Statement:
    """Return *node*, which stands in *file*, with the atoms that it names."""
    reader = _Reader(file)
    match node.ast_type:
        case ASTType.Rule:
            reader.head(node.head)
            reader.literals(node.body)
        case ASTType.External:
            reader.symbolic(node.atom, 0, "", reader.heads)
            reader.literals(node.body)
        case ASTType.ShowTerm | ASTType.Minimize | ASTType.Edge | ASTType.Heuristic:
            reader.literals(node.body)
    return Statement(node, file, tuple(reader.heads), tuple(reader.body))


class _Reader:
    """Collects the atoms of one statement."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.heads: list[Atom] = []
        self.body: list[Atom] = []

    def head(self, node: AST) -> None:
        match node.ast_type:
            case ASTType.Literal:
                self.literal(node, "", self.heads)
            case ASTType.Disjunction:
                for element in node.elements:
                    self.literal(element.literal, "", self.heads)
                    self.literals(element.condition, "condition")
            case ASTType.Aggregate:
                for element in node.elements:
                    self.literal(element.literal, "choice", self.heads)
                    self.literals(element.condition, "choice")
            case ASTType.HeadAggregate:
                for element in node.elements:
                    self.literal(element.condition.literal, "choice", self.heads)
                    self.literals(element.condition.condition, "choice")

    def literals(self, nodes: Sequence[AST], within: Within = "") -> None:
        for node in nodes:
            if node.ast_type is ASTType.ConditionalLiteral:
                self.literal(node.literal, within, self.body)
                self.literals(node.condition, within or "condition")
            else:
                self.literal(node, within, self.body)

    def literal(self, node: AST, within: Within, out: list[Atom]) -> None:
        atom = node.atom
        match atom.ast_type:
            case ASTType.SymbolicAtom:
                self.symbolic(atom, node.sign, within, out)
            case ASTType.Aggregate:
                for element in atom.elements:
                    self.literal(element.literal, "aggregate", out)
                    self.literals(element.condition, "aggregate")
            case ASTType.BodyAggregate:
                for element in atom.elements:
                    self.literals(element.condition, "aggregate")

    def symbolic(self, atom: AST, sign: int, within: Within, out: list[Atom]) -> None:
        symbol, classical = atom.symbol, False
        if symbol.ast_type is ASTType.UnaryOperation:
            symbol, classical = symbol.argument, True
        where = place(self.file, symbol)
        terms = [term for term in alternatives(symbol) if isinstance(term, Compound)]
        out.extend(Atom(term, int(sign), within, where, classical) for term in terms)


def _global_variables(node: AST) -> Iterator[str]:
    match node.ast_type:
        case ASTType.Variable:
            yield node.name
        case ASTType.BodyAggregateElement | ASTType.HeadAggregateElement:
            return
        case ASTType.ConditionalLiteral if node.condition:
            return
        case _:
            for child in children(node):
                yield from _global_variables(child)
