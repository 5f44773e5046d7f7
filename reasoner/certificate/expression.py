"""Terms of a rule made ready: to be computed, to be gone through, to be matched with a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from itertools import product
from typing import Any

from clingo import Number

from reasoner.certificate.syntax import (
    Anything,
    Call,
    Compound,
    Constant,
    Expression,
    Interval,
    Operation,
    Variable,
)
from reasoner.certificate.term import Term, calculate, read_term
from reasoner.days import Calendar
from reasoner.errors import PolicyError

__all__ = [
    "Env",
    "compiled",
    "is_known",
    "is_matchable",
    "is_open",
    "matcher_of",
    "spread",
]

Env = list[Any]
"""The value of each variable by its place; nothing where it has none."""


def compiled(term: Expression, places: dict[str, int]) -> Callable[[Env], Any]:
    """Return what gives the value of *term*, or nothing where it has none."""
    match term:
        case Constant():
            value = term.value
            return lambda _: value
        case Variable():
            place = places[term.name]
            return lambda env: env[place]
        case Compound():
            name = term.name
            parts = [compiled(one, places) for one in term.arguments]

            def compound(env: Env) -> Term | None:
                values = [part(env) for part in parts]
                return None if None in values else (name, *values)

            return compound
        case Operation():
            operator = term.operator
            left, right = compiled(term.left, places), compiled(term.right, places)

            def operation(env: Env) -> Term | None:
                one, two = left(env), right(env)
                return None if one is None or two is None else calculate(operator, one, two)

            return operation
        case Call():
            function = _function(term)
            parts = [compiled(one, places) for one in term.arguments]
            return lambda env: _called(function, [part(env) for part in parts])
    return lambda _: None


_CALENDAR = Calendar()
_CALLED: dict[tuple[Any, ...], Term] = {}
_REMEMBERED = 1 << 17


def _function(term: Call) -> Callable[..., Any]:
    """Return the function of the calendar that *term* calls.

    Raises:
        PolicyError: there is none, or it takes another number of arguments.
    """
    function = None if term.name.startswith("_") else getattr(_CALENDAR, term.name, None)
    if function is None or len(signature(function).parameters) != len(term.arguments):
        raise PolicyError(
            "policy.function",
            f"the rules call a function that does not exist: `@{term.name}`"
            f" with {len(term.arguments)} arguments",
            hint="rules call only the calendar functions; `reasoner check` names the place",
        )
    found: Callable[..., Any] = function
    return found


def _called(function: Callable[..., Any], values: list[Term | None]) -> Term | None:
    """Return what *function* gives for numbers, and nothing for anything else."""
    numbers = [Number(value) for value in values if isinstance(value, int)]
    if len(numbers) < len(values):
        return None
    key = (function.__name__, *values)
    if key not in _CALLED:
        if len(_CALLED) > _REMEMBERED:
            _CALLED.clear()
        _CALLED[key] = read_term(str(function(*numbers)))
    return _CALLED[key]


def is_known(term: Expression, bound: set[str] | frozenset[str]) -> bool:
    """Whether *term* has one value once *bound* have theirs."""
    match term:
        case Constant():
            return True
        case Variable():
            return term.name in bound
        case Compound() | Call():
            return all(is_known(one, bound) for one in term.arguments)
        case Operation():
            return is_known(term.left, bound) and is_known(term.right, bound)
    return False


def is_matchable(term: Expression, bound: set[str] | frozenset[str]) -> bool:
    """Whether a value tells the variables of *term* that are not *bound*."""
    match term:
        case Variable() | Anything():
            return True
        case Compound():
            return all(is_matchable(one, bound) for one in term.arguments)
        case Interval():
            return is_known(term.first, bound) and is_known(term.last, bound)
    return is_known(term, bound)


def is_open(term: Expression) -> bool:
    """Whether *term* has an interval or a `_` in it: it may be several values."""
    match term:
        case Interval() | Anything():
            return True
        case Compound():
            return any(is_open(one) for one in term.arguments)
    return False


def spread(term: Expression, places: dict[str, int]) -> Callable[[Env], Sequence[Term]]:
    """Return what gives all values of *term*: an interval has several."""
    match term:
        case Interval():
            first, last = compiled(term.first, places), compiled(term.last, places)

            def interval(env: Env) -> Sequence[Term]:
                one, two = first(env), last(env)
                return range(one, two + 1) if isinstance(one, int) and isinstance(two, int) else ()

            return interval
        case Compound() if any(_holds_interval(one) for one in term.arguments):
            parts = [spread(one, places) for one in term.arguments]
            name = term.name
            return lambda env: [(name, *row) for row in product(*[part(env) for part in parts])]
    whole = compiled(term, places)

    def single(env: Env) -> Sequence[Term]:
        value = whole(env)
        return () if value is None else (value,)

    return single


def _holds_interval(term: Expression) -> bool:
    match term:
        case Interval():
            return True
        case Compound():
            return any(_holds_interval(one) for one in term.arguments)
    return False


def matcher_of(
    term: Expression, bound: set[str], places: dict[str, int]
) -> Callable[[Term, Env], bool]:
    """Return what matches a value with *term*, and binds; *bound* grows by what it binds."""
    match term:
        case Anything():
            return lambda _value, _env: True
        case Variable() if term.name not in bound:
            bound.add(term.name)
            place = places[term.name]

            def bind(value: Term, env: Env) -> bool:
                env[place] = value
                return True

            return bind
        case Compound() if not is_known(term, bound):
            name, length = term.name, len(term.arguments) + 1
            parts = [matcher_of(one, bound, places) for one in term.arguments]

            def compound(value: Term, env: Env) -> bool:
                if not isinstance(value, tuple) or len(value) != length or value[0] != name:
                    return False
                return all(part(one, env) for part, one in zip(parts, value[1:], strict=True))

            return compound
        case Interval():
            numbers = spread(term, places)
            return lambda value, env: isinstance(value, int) and value in numbers(env)
    whole = compiled(term, places)
    return lambda value, env: bool(whole(env) == value)
