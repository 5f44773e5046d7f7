"""Thresholds: a number that decides is a fact with unit and source, not a literal in a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clingo import SymbolType
from clingo.ast import AST, AggregateFunction, ASTType

from reasoner.check.finding import Finding, warning
from reasoner.check.program import IS, READING, Programs
from reasoner.check.source import Source, children, place, remembered

__all__ = ["check"]

_HARMLESS: Final = (0, 1)
"""None and some, the first and the next: what counting needs, and no threshold."""
_NAMED: Final = {READING[0], IS[0], "interpretation"}
"""What reads the value of a reading, which is its name."""
_COUNTS: Final = (AggregateFunction.Count, AggregateFunction.Min, AggregateFunction.Max)


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every number that decides something from within a rule."""
    for source in programs.sources:
        if not source.name.startswith("core/") and source is not programs.properties:
            yield from _source(source)


@remembered
def _source(source: Source) -> tuple[Finding, ...]:
    return tuple(
        warning(
            "rule.number",
            f"`{node.symbol}` stands in a rule: a number without name, unit and source",
            place(source.name, node),
            f"write a fact in parameters.lp, `parameter(…, {node.symbol}).  % unit; source`, "
            "and read it here",
        )
        for statement in source.statements
        if statement.node.ast_type is ASTType.Rule and statement.node.body
        for part in (statement.node.head, *statement.node.body)
        for node in _numbers(part, dated=False)
    )


def _numbers(node: AST, *, dated: bool) -> Iterator[AST]:
    """Yield the numbers of *node* that decide; *dated* inside of a calendar function."""
    match node.ast_type:
        case ASTType.SymbolicTerm:
            if node.symbol.type is SymbolType.Number and (
                node.symbol.number not in _HARMLESS or (dated and node.symbol.number)
            ):
                yield node
            return
        case ASTType.SymbolicAtom if _names_a_reading(node.symbol):
            return
        case ASTType.BodyAggregate:
            # What tells the elements apart is a label; what a sum adds is an amount.
            adds = node.function not in _COUNTS
            parts = [guard for guard in (node.left_guard, node.right_guard) if guard is not None]
            for element in node.elements:
                parts += [*(element.terms[:1] if adds else ()), *element.condition]
        case ASTType.Function if node.external:
            parts, dated = list(node.arguments), True
        case _:
            parts = list(children(node))
    for part in parts:
        yield from _numbers(part, dated=dated)


def _names_a_reading(symbol: AST) -> bool:
    if symbol.ast_type is not ASTType.Function or symbol.name not in _NAMED:
        return False
    if symbol.name != IS[0]:
        return True
    first = symbol.arguments[0]
    return first.ast_type is ASTType.Function and first.name == READING[0]
