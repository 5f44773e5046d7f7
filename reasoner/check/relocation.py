"""The proof that the fast transformation is right: tokens against the syntax tree.

`reasoner.program.relocate` gives every predicate that depends on the case or the world one
more argument, reading tokens only. Here the same is done on the syntax tree; for every file
the two must say the same, statement by statement and line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest

from clingo.ast import (
    AST,
    ASTType,
    Function,
    Literal,
    Location,
    Sign,
    SymbolicAtom,
    Transformer,
    Variable,
)

from reasoner.check.finding import Finding, error
from reasoner.check.program import PROPERTY, Program, Programs
from reasoner.check.source import Source, parse, place, remembered, shown
from reasoner.program import RuleFile, relocate

__all__ = ["Adder", "check", "relocated"]


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every statement that the fast transformation does not understand."""
    policy = programs.policy
    yield from _program(programs, programs.evidence, policy.case_predicates, "Case", "case")
    yield from _program(programs, programs.criteria, policy.world_predicates, "World", "world")
    listed = frozenset(name for name, _ in programs.case)
    if listed != policy.case_vocabulary:
        (missed, *_) = sorted(listed ^ policy.case_vocabulary)
        yield error(
            "relocation.tokens",
            f"`#defined {missed}` is not understood",
            "core/case.lp",
            "write each `#defined` at the beginning of a line",
        )


def _program(
    programs: Programs, program: Program, local: frozenset[str], variable: str, guard: str
) -> Iterator[Finding]:
    for source in program.sources:
        yield from _compare(source, local, variable, guard)
    outside = programs.reference | {("clause", 2)}
    for name, arity in sorted(outside):
        if name in local and (program.name == "evidence" or (name, arity) in _IN_CRITERIA):
            where = next(
                (h.where for sig, hs in program.heads.items() if sig[0] == name for h in hs), ""
            )
            yield error(
                "relocation.mixed",
                f"`{shown((name, arity))}` is the same in every {guard}, and `{name}` "
                f"is derived from what differs",
                where or program.sources[0].name,
                "call the derived predicate by another name",
            )


_IN_CRITERIA = {PROPERTY, ("clause", 2)}


def _reserved(source: Source, variable: str, guard: str) -> Iterator[Finding]:
    for statement in source.statements:
        for node in statement.parts:
            used = node.ast_type is ASTType.Variable and node.name == variable
            named = node.ast_type is ASTType.Function and (
                (node.name, len(node.arguments)) == (guard, 1)
            )
            if used or named:
                word = variable if used else f"{guard}/1"
                yield error(
                    "relocation.variable",
                    f"`{word}` is taken: it names the {guard} that a rule is asked about",
                    place(source.name, node),
                    "use another name",
                )


@remembered
def _compare(
    source: Source, local: frozenset[str], variable: str, guard: str
) -> tuple[Finding, ...]:
    reserved = tuple(_reserved(source, variable, guard))
    text = relocate(source.file.text, local, variable, guard, lean=True)
    fast = parse(RuleFile(source.file.path, source.name, text))
    if fast.findings:
        line = _line(fast.findings[0].where)
        before = [statement.where for statement in source.statements if statement.line <= line]
        return (*reserved, _finding(before[-1] if before else source.name))
    wanted = _lines(relocated(source, local, variable, guard))
    found = _lines(fast.nodes)
    differing: list[Finding] = []
    for expected, actual, original in zip_longest(wanted, found, source.nodes):
        if expected != actual:
            differing.append(
                _finding(place(source.name, original) if original is not None else source.name)
            )
            if expected is None or actual is None or expected[0] != actual[0]:
                break  # what follows is out of step
    return (*reserved, *differing)


def _lines(nodes: Iterable[AST]) -> list[tuple[int, str]]:
    return [(node.location.begin.line, str(node)) for node in nodes]


def _line(where: str) -> int:
    parts = where.split(":")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 1


def _finding(where: str) -> Finding:
    return error(
        "relocation.tokens",
        "this statement is not understood: with a case or a world added, tokens and syntax "
        "tree differ",
        where,
        "write it plainly: one rule an alternative instead of a pool between arguments, "
        "names of predicates for predicates only",
    )


def relocated(source: Source, local: frozenset[str], variable: str, guard: str) -> list[AST]:
    """Return the statements of *source* with *variable* as first argument of *local* atoms."""
    adder = Adder(local.__contains__, lambda begin: Variable(begin, variable))
    found: list[AST] = []
    for node in source.nodes:
        bound = any(adder.adds_to(literal) for literal in _positive(node))
        adder.added = False
        changed: AST = adder.visit(node)
        if adder.added and not bound and "body" in changed.keys():  # noqa: SIM118 -- an AST is no mapping
            begin = changed.location
            symbol = Function(begin, guard, [Variable(begin, variable)], 0)
            extra = Literal(begin, Sign.NoSign, SymbolicAtom(symbol))
            changed = changed.update(body=[*changed.body, extra])
        found.append(changed)
    return found


def _positive(node: AST) -> Iterator[AST]:
    """Yield the atoms of a body that stand there as they are: not negated, not conditional."""
    body = getattr(node, "body", ())
    if any(literal.ast_type is ASTType.ConditionalLiteral for literal in body):
        return
    for literal in body:
        is_plain = literal.ast_type is ASTType.Literal and literal.sign == Sign.NoSign
        if is_plain and literal.atom.ast_type is ASTType.SymbolicAtom:
            yield literal.atom


class Adder(Transformer):
    """Adds a first argument to every atom whose predicate is *local*.

    *added* says whether the last statement had such an atom.
    """

    def __init__(self, local: Callable[[str], bool], first: Callable[[Location], AST]) -> None:
        self.local = local
        self.first = first
        self.added = False

    def adds_to(self, atom: AST) -> bool:
        """Whether *atom* gets the argument."""
        self.added = False
        self.visit(atom)
        return self.added

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Add the argument to an atom, in each alternative of a pool."""
        return node.update(symbol=self._symbol(node.symbol))

    def _symbol(self, symbol: AST) -> AST:
        match symbol.ast_type:
            case ASTType.Function if self.local(symbol.name):
                self.added = True
                first = self.first(symbol.location)
                return symbol.update(arguments=[first, *symbol.arguments])
            case ASTType.Pool:
                return symbol.update(arguments=[self._symbol(one) for one in symbol.arguments])
            case ASTType.UnaryOperation:
                return symbol.update(argument=self._symbol(symbol.argument))
        return symbol

    def visit_Defined(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Count the argument."""
        return node.update(arity=node.arity + 1) if self.local(node.name) else node

    def visit_ShowSignature(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Count the argument."""
        return node.update(arity=node.arity + 1) if self.local(node.name) else node
