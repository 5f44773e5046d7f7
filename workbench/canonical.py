"""A rule in one form, whatever the order of its literals and the names of its variables.

Two rules with the same form are the same rule: variables are renamed one to one, literals,
elements and conditions only change places. The converse is not promised: what two forms tell
apart may still mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clingo.ast import AST, ASTSequence, ASTType, ComparisonOperator, Sign

__all__ = ["canonical"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_\']*|.', re.DOTALL)
_VARIABLE = re.compile(r"_*[A-Z]")
_TURNED = {
    ComparisonOperator.GreaterThan: ComparisonOperator.LessThan,
    ComparisonOperator.GreaterEqual: ComparisonOperator.LessEqual,
}
_EITHER_WAY = (ComparisonOperator.Equal, ComparisonOperator.NotEqual)
_ROUNDS = 4
"""So often the names of variables are refined by what stands beside them."""

_Part = tuple[str, ...]
"""A head or a literal as tokens."""


def canonical(node: AST) -> str:
    """Return the form of the rule *node*.

    >>> from clingo.ast import parse_string
    >>> found = []
    >>> parse_string(
    ...     "a(X) :- b(X, Y), not c(Y), Y > 3. a(B) :- 3 < A, not c(A), b(B,A).", found.append
    ... )
    >>> [canonical(rule) for rule in found[1:]]
    ['a(V1) :- 3 < V2; b(V1,V2); not c(V2)', 'a(V1) :- 3 < V2; b(V1,V2); not c(V2)']
    """
    if node.ast_type is not ASTType.Rule:
        return str(node)
    head = _tokens(str(_sorted(node.head)))
    body = [_tokens(str(_sorted(literal))) for literal in node.body]
    colors = _colors([head, *body])
    body.sort(key=lambda part: (_blank(part, colors), part))
    names: dict[str, str] = {}
    for part in (head, *body):
        for token in part:
            if _VARIABLE.match(token):
                names.setdefault(token, f"V{len(names) + 1}")
    said = sorted({_named(part, names) for part in body})
    return f"{_named(head, names)} :- {'; '.join(said)}" if said else _named(head, names)


def _tokens(text: str) -> _Part:
    return tuple(_TOKEN.findall(text))


def _named(part: _Part, names: Mapping[str, str]) -> str:
    return "".join(names.get(token, token) for token in part)


def _blank(part: _Part, colors: Mapping[str, str], marked: str = "") -> str:
    return "".join(
        token if not _VARIABLE.match(token) else "@" if token == marked else colors[token]
        for token in part
    )


def _colors(parts: Sequence[_Part]) -> dict[str, str]:
    """Return for each variable a word for where it stands, the same whatever it is called."""
    names = {token for part in parts for token in part if _VARIABLE.match(token)}
    colors = dict.fromkeys(names, "?")
    for _ in range(_ROUNDS):
        seen = {
            name: (
                _blank(parts[0], colors, name) if name in parts[0] else "",
                *sorted(_blank(part, colors, name) for part in parts[1:] if name in part),
            )
            for name in names
        }
        order = {places: f"?{n}" for n, places in enumerate(sorted(set(seen.values())))}
        refined = {name: order[seen[name]] for name in names}
        if len(set(refined.values())) == len(set(colors.values())) and colors != dict.fromkeys(
            names, "?"
        ):
            return refined
        colors = refined
    return colors


def _sorted(node: AST) -> AST:
    """Return *node* with comparisons turned one way and what an aggregate holds in one order."""
    match node.ast_type:
        case ASTType.Comparison if len(node.guards) == 1:
            (guard,) = node.guards
            turned = _TURNED.get(guard.comparison)
            left, right = node.term, guard.term
            either_way = guard.comparison in _EITHER_WAY
            if turned is not None or (either_way and _shape(right) < _shape(left)):
                left, right = right, left
            operator = guard.comparison if turned is None else turned
            return node.update(term=left, guards=[guard.update(term=right, comparison=operator)])
        case ASTType.Literal:
            return node.update(atom=_sorted(node.atom), sign=Sign(node.sign))
        case ASTType.BodyAggregate:
            return node.update(elements=_in_order(node.elements))
        case ASTType.BodyAggregateElement:
            return node.update(condition=_in_order(node.condition))
        case ASTType.ConditionalLiteral:
            return node.update(literal=_sorted(node.literal), condition=_in_order(node.condition))
    return node


def _in_order(nodes: ASTSequence) -> list[AST]:
    return sorted(map(_sorted, nodes), key=lambda node: (_shape(node), str(node)))


def _shape(node: AST) -> str:
    return "".join("?" if _VARIABLE.match(token) else token for token in _tokens(str(node)))
