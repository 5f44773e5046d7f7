"""Literals as steps: each goes through what a literal can be, binds it, and calls the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clingo.ast import Sign

from reasoner.certificate.expression import (
    Env,
    compiled,
    is_known,
    is_matchable,
    is_open,
    matcher_of,
    spread,
)
from reasoner.certificate.side import Side
from reasoner.certificate.store import Row
from reasoner.certificate.syntax import (
    Anything,
    Atom,
    Comparison,
    Interval,
    Variable,
    names_of,
)
from reasoner.certificate.term import compare
from reasoner.errors import PolicyError

__all__ = [
    "Step",
    "absence",
    "assigned_by",
    "assignment",
    "comparison",
    "is_matched",
    "lookup",
]

Step = Callable[[Env, Side], None]


def is_matched(literal: Comparison) -> bool:
    """Whether a comparison has an interval or a `_`: it is matched, not computed."""
    return is_open(literal.left) or any(is_open(term) for _, term in literal.guards)


def assigned_by(literal: Comparison, bound: set[str] | frozenset[str]) -> tuple[Any, Any] | None:
    """Return the side of an equation that is matched, and the one that is known."""
    if literal.sign or len(literal.guards) != 1 or literal.guards[0][0] != "=":
        return None
    left, right = literal.left, literal.guards[0][1]
    for pattern, known in ((left, right), (right, left)):
        given = (
            is_known(known.first, bound) and is_known(known.last, bound)
            if isinstance(known, Interval)
            else is_known(known, bound)
        )
        if given and is_matchable(pattern, bound) and not isinstance(pattern, Interval):
            return pattern, known
    return None


def lookup(  # noqa: C901 -- two kinds of steps, and what both are made of
    literal: Atom, bound: frozenset[str], places: dict[str, int]
) -> Callable[[Step], Step]:
    """Return the step that goes through the atoms that *literal* can be."""
    signature = literal.signature
    columns = [n for n, term in enumerate(literal.arguments) if is_known(term, bound)]
    keys = [compiled(literal.arguments[column], places) for column in columns]
    now = set(bound)
    binds: list[tuple[int, int]] = []
    for column, term in enumerate(literal.arguments):
        if isinstance(term, Variable) and term.name not in now:
            now.add(term.name)
            binds.append((column, places[term.name]))
    # What is left is matched last: its variables may be bound by the columns beside it.
    done = {*columns, *(column for column, _ in binds)}
    patterns = [
        (column, matcher_of(term, now, places))
        for column, term in enumerate(literal.arguments)
        if column not in done
    ]
    if len(columns) == len(literal.arguments):

        def exactly(following: Step) -> Step:
            def step(env: Env, side: Side) -> None:
                if tuple([key(env) for key in keys]) in side.positive.of(signature).rows:
                    following(env, side)

            return step

        return exactly
    asked = tuple(columns)
    one_key = keys[0] if len(keys) == 1 else None

    def rows(env: Env, side: Side) -> Iterable[Row]:
        relation = side.positive.of(signature)
        if one_key is not None:
            return relation.by(asked).get(one_key(env), ())
        if keys:
            return relation.by(asked).get(tuple([key(env) for key in keys]), ())
        return relation.rows

    def through(following: Step) -> Step:
        def step(env: Env, side: Side) -> None:
            for row in rows(env, side):
                for column, place in binds:
                    env[place] = row[column]
                if not patterns or all(match(row[column], env) for column, match in patterns):
                    following(env, side)

        return step

    return through


def absence(literal: Atom, places: dict[str, int]) -> Callable[[Step], Step]:
    """Return the step that asks that no atom is what *literal* negates."""
    signature = literal.signature
    bound = set(names_of(literal))
    columns = [place for place, term in enumerate(literal.arguments) if is_known(term, bound)]
    keys = [compiled(literal.arguments[column], places) for column in columns]
    patterns = [
        (column, matcher_of(term, bound, places))
        for column, term in enumerate(literal.arguments)
        if column not in columns and not isinstance(term, Anything)
    ]
    asked = tuple(columns)
    # Under `not not` an atom is looked up where positive ones are, though nothing rests on it.
    twice = literal.sign == Sign.DoubleNegation

    def make(following: Step) -> Step:
        def step(env: Env, side: Side) -> None:
            values = [key(env) for key in keys]
            if None in values:
                return
            relation = (side.positive if twice else side.negative).of(signature)
            rows: Iterable[Row]
            if not asked:
                rows = relation.rows
            elif len(asked) == len(literal.arguments):
                rows = ((),) if tuple(values) in relation.rows else ()
            else:
                rows = relation.by(asked).get(values[0] if len(asked) == 1 else tuple(values), ())
            present = any(
                all(pattern(row[column], env) for column, pattern in patterns) for row in rows
            )
            if present == twice:
                following(env, side)

        return step

    return make


def comparison(literal: Comparison, places: dict[str, int]) -> Callable[[Step], Step]:
    """Return the step that computes a comparison whose variables are all bound."""
    first = compiled(literal.left, places)
    guards = [(operator, compiled(term, places)) for operator, term in literal.guards]
    wanted = literal.sign != 1

    def make(following: Step) -> Step:
        def step(env: Env, side: Side) -> None:
            left = first(env)
            if left is None:
                return
            holds = True
            for operator, term in guards:
                right = term(env)
                if right is None:
                    return
                holds = holds and compare(operator, left, right)
                left = right
            if holds == wanted:
                following(env, side)

        return step

    return make


def assignment(
    literal: Comparison, bound: frozenset[str], places: dict[str, int]
) -> Callable[[Step], Step]:
    """Return the step that matches one side of an equation with the values of the other.

    Raises:
        PolicyError: it is no equation: an interval or a `_` is compared in another way.
    """
    found = assigned_by(literal, bound)
    if found is None:
        raise PolicyError(
            "policy.fragment", f"the proof checker does not read the literal `{literal.node}`"
        )
    pattern = matcher_of(found[0], set(bound), places)
    known = spread(found[1], places)

    def make(following: Step) -> Step:
        def step(env: Env, side: Side) -> None:
            for value in known(env):
                if pattern(value, env):
                    following(env, side)

        return step

    return make
