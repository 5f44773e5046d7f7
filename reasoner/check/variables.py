"""Variables that occur once: misspelt, forgotten, or meant as `_`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from clingo.ast import AST, ASTType

from reasoner.check.documentation import documented
from reasoner.check.finding import Finding, warning
from reasoner.check.program import Programs
from reasoner.check.source import Source, Statement, place, remembered
from reasoner.errors import nearest

__all__ = ["check"]

_BRACED = re.compile(r"\{(\w+)\}")


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every variable that its rule names once and no sentence of it names."""
    for source in programs.sources:
        yield from _source(source)


@remembered
def _source(source: Source) -> tuple[Finding, ...]:
    said: dict[Statement, set[str]] = {}
    for comment, rule in documented(source):
        if rule is not None:
            said.setdefault(rule, set()).update(_BRACED.findall(comment.text))
    return tuple(
        finding
        for statement in source.statements
        if statement.node.ast_type is ASTType.Rule
        for finding in _once(source, statement, said.get(statement, set()))
    )


def _once(source: Source, statement: Statement, said: set[str]) -> Iterator[Finding]:
    nodes: dict[str, AST] = {}
    count: Counter[str] = Counter()
    for node in statement.parts:
        if node.ast_type is ASTType.Variable and not node.name.startswith("_"):
            nodes.setdefault(node.name, node)
            count[node.name] += 1
    for name, node in nodes.items():
        if count[name] == 1 and name not in said:
            others = sorted(other for other in nodes if other != name)
            near = nearest(name, [other for other in others if len(other) > 1])
            yield warning(
                "rule.variable",
                f"`{name}` occurs once in its rule, so it holds nothing together",
                place(source.name, node),
                near if len(name) > 1 and near else "write `_` if anything may stand there",
            )
