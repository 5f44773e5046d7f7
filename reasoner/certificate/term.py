"""Ground terms as plain values: read and written as clingo writes them, compared and computed.

A number is an `int`, a string a `str`; a constant, a function or a tuple is a tuple that
begins with its name (the empty one of a tuple). An atom has the same shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = [
    "INFIMUM",
    "SUPREMUM",
    "Term",
    "TermError",
    "calculate",
    "compare",
    "order",
    "read_term",
    "write_term",
]

Term = int | str | tuple[Any, ...]
"""`3`, `"t1"` as `'t1'`, `ms` as `('ms',)`, `failed(x)` as `('failed', ('x',))`, `(1,2)` as
`('', 1, 2)`."""

INFIMUM: Term = ("#inf",)
SUPREMUM: Term = ("#sup",)

_TOKEN = re.compile(
    r"""
      (?P<string>"(?:[^"\\\n\0]|\\["\\n])*")
    | (?P<number>0|-?[1-9][0-9]{0,9})(?![0-9])
    | (?P<name>_*[a-z][A-Za-z0-9_']*|\#inf|\#sup)
    | (?P<mark>[(),])
    """,
    re.VERBOSE,
)
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}
_WRITTEN = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
_DEEPEST = 16
_LEAST, _MOST = -(2**31), 2**31 - 1


class TermError(ValueError):
    """A text is no ground term as clingo writes one."""


@lru_cache(maxsize=1 << 16)
def read_term(text: str) -> Term:
    r"""Return the term that *text* is; each term has one way of being written.

    >>> read_term('supports(hiv,(1,2),"a\\"b")')
    ('supports', ('hiv',), ('', 1, 2), 'a"b')

    Raises:
        TermError: *text* is no ground term, or not as clingo writes it.
    """
    tokens: list[tuple[str, str]] = []
    place = 0
    for match in _TOKEN.finditer(text):
        if match.start() != place:
            break
        place = match.end()
        tokens.append((match.lastgroup or "", match.group()))
    if place != len(text) or not tokens:
        raise TermError
    term, after = _read(tokens, 0, 0)
    if after != len(tokens):
        raise TermError
    return term


def _read(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Term, int]:
    if at >= len(tokens) or depth > _DEEPEST:
        raise TermError
    kind, mark = tokens[at]
    at += 1
    opened = at < len(tokens) and tokens[at][1] == "(" and tokens[at][0] == "mark"
    match kind:
        case "number":
            number = int(mark)
            if not _LEAST <= number <= _MOST:
                raise TermError
            return number, at
        case "string":
            return re.sub(r"\\.", lambda found: _ESCAPES[found[0]], mark[1:-1]), at
        case "name" if opened and mark[0] != "#":
            arguments, at = _arguments(tokens, at + 1, depth, pair=False)
            return (mark, *arguments), at
        case "name":
            return (mark,), at
        case "mark" if mark == "(":
            arguments, at = _arguments(tokens, at, depth, pair=True)
            return ("", *arguments), at
    raise TermError


def _arguments(
    tokens: list[tuple[str, str]], at: int, depth: int, *, pair: bool
) -> tuple[list[Term], int]:
    """Read terms up to the `)`; a *pair* of one is written `(1,)`, one of none `()`."""
    found: list[Term] = []
    comma = False
    while at < len(tokens):
        if tokens[at] == ("mark", ")") and (
            (pair and not found) or (found and comma == (pair and len(found) == 1))
        ):
            return found, at + 1
        if found and not comma:
            if tokens[at] != ("mark", ","):
                break
            comma, at = True, at + 1
            continue
        term, at = _read(tokens, at, depth + 1)
        found.append(term)
        comma = False
    raise TermError


def write_term(term: Term) -> str:
    r"""Return *term* as clingo writes it.

    >>> print(write_term(("", ("f", 1, ("a",)))), write_term('say "a"'))
    (f(1,a),) "say \"a\""
    """
    if isinstance(term, int):
        return str(term)
    if isinstance(term, str):
        return '"' + re.sub(r'["\\\n]', lambda found: _WRITTEN[found[0]], term) + '"'
    name, arguments = term[0], [write_term(one) for one in term[1:]]
    if name == "":
        return f"({arguments[0]},)" if len(arguments) == 1 else f"({','.join(arguments)})"
    return f"{name}({','.join(arguments)})" if arguments else str(name)


def order(term: Term) -> tuple[Any, ...]:
    """Return what sorts terms as clingo does: numbers, constants, strings, functions.

    >>> sorted([("f", 1), "b", ("a",), 2, INFIMUM], key=order)
    [('#inf',), 2, ('a',), 'b', ('f', 1)]
    """
    if isinstance(term, int):
        return 1, term
    if isinstance(term, str):
        return 3, term.encode("utf-8", "surrogatepass")
    if term == INFIMUM:
        return (0,)
    if term == SUPREMUM:
        return (5,)
    if len(term) == 1 and term[0]:
        return 2, term[0].encode()
    return 4, len(term), term[0].encode(), *map(order, term[1:])


def compare(operator: str, left: Term, right: Term) -> bool:
    """Whether `left operator right` holds in clingo's order of terms.

    >>> compare("<", 3, ("a",)), compare("!=", "a", ("a",))
    (True, True)
    """
    if operator == "=":
        return left == right
    if operator == "!=":
        return left != right
    one: Any = left
    two: Any = right
    if not (isinstance(left, int) and isinstance(right, int)):
        one, two = order(left), order(right)
    match operator:
        case "<":
            return bool(one < two)
        case "<=":
            return bool(one <= two)
        case ">":
            return bool(one > two)
    return bool(one >= two)


def calculate(operator: str, left: Term, right: Term) -> int | None:
    """Return `left operator right`, or nothing where clingo leaves it undefined.

    A number beyond 32 bits wraps round, as it does there.

    >>> calculate("/", -7, 2), calculate("+", 1, ("a",)), calculate("/", 1, 0)
    (-3, None, None)
    """
    if not (isinstance(left, int) and isinstance(right, int)):
        return None
    found = _OPERATIONS[operator](left, right)
    if found is None or _LEAST <= found <= _MOST:
        return found
    return (found - _LEAST) % 2**32 + _LEAST


def _divide(left: int, right: int) -> int | None:
    if right == 0:
        return None
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def _rest(left: int, right: int) -> int | None:
    found = _divide(left, right)
    return None if found is None else left - found * right


def _power(left: int, right: int) -> int | None:
    if right < 0:
        return 0
    found = pow(left, right, 2**32)  # the digits that 32 bits hold, without those that they lose
    return found - 2**32 if found > _MOST else found


_OPERATIONS: dict[str, Callable[[int, int], int | None]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "\\": _rest,
    "**": _power,
    "&": lambda left, right: left & right,
    "?": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
}
