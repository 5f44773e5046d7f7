"""All instances of a rule over given atoms, found by joining the literals of its body.

A body is compiled into a chain of steps. The literal that is expected to leave least comes
first, tests as soon as they can be made, aggregates last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from reasoner.certificate.expression import (
    Env,
    compiled,
    is_known,
    is_matchable,
    spread,
)
from reasoner.certificate.side import Counted, Side
from reasoner.certificate.step import (
    Step,
    absence,
    assigned_by,
    assignment,
    comparison,
    is_matched,
    lookup,
)
from reasoner.certificate.store import AtomTerm, Row, Store
from reasoner.certificate.syntax import (
    Atom,
    Comparison,
    Counting,
    Expression,
    Literal,
    Rule,
    Truth,
    Variable,
    Variant,
    names_of,
    variables_of,
)
from reasoner.certificate.term import Term, compare
from reasoner.errors import PolicyError

__all__ = ["Matcher"]


class Matcher:
    """A variant of a rule, ready to be matched: *rule* names it, *statistics* order its joins."""

    def __init__(
        self, rule: Rule, variant: Variant, statistics: Store, world: frozenset[str]
    ) -> None:
        self.rule = rule
        self.variant = variant
        self._world = world
        self._statistics = statistics
        own = {*variables_of(variant.arguments), *variables_of(variant.body)}
        self.names = tuple(name for name in rule.variables if name in own)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._size = len(self.names)
        self.counting: tuple[tuple[int, Callable[[Env, Side], Counted]], ...] = ()
        self._emit: Callable[[Env, Side], None] = _stop
        self._head = [spread(one, self._places) for one in variant.arguments]
        self._atoms = [
            (one.name, [compiled(term, self._places) for term in one.arguments])
            for one in variant.body
            if isinstance(one, Atom) and one.sign == 0
        ]
        counting: dict[int, Callable[[Env, Side], Counted]] = {}
        self._counters: dict[Counting, Callable[[Env, Side], Counted]] = {}
        for literal in variant.body:
            if isinstance(literal, Counting):
                counter = self._counter(literal)
                counting[literal.place] = counter
                self._counters[literal] = counter
        self.counting = tuple(sorted(counting.items()))
        self._steps = self._chain(list(variant.body), set(), self._places, self._found)

    def each(self, side: Side, found: Callable[[Env, Side], None]) -> None:
        """Call *found* with every match of the body over the atoms of *side*."""
        self._emit = found
        self._steps([None] * self._size, side)

    def _found(self, env: Env, side: Side) -> None:
        self._emit(env, side)

    def heads(self, env: Env) -> Iterator[AtomTerm]:
        """Yield the atoms that a match derives: several where the head has intervals."""
        name = self.variant.name
        if not self._head:
            yield (name,)
            return
        for row in product(*[part(env) for part in self._head]):
            yield (name, *row)

    def values(self, env: Env) -> Row:
        """Return the values of the variables in a match, in the order of *names*."""
        return tuple(env[: len(self.names)])

    def support(self, env: Env) -> list[AtomTerm]:
        """Return the atoms of the positive literals in a match."""
        return [(name, *[part(env) for part in parts]) for name, parts in self._atoms]

    def holds(self, literal: Literal, values: dict[str, Term], side: Side) -> bool | None:
        """Whether *literal* holds by itself, with *values* of some variables.

        Nothing, where those do not suffice to say.
        """
        if self._cost(literal, set(values)) >= _NEVER:
            return None
        reached: list[bool] = []
        step = self._maker(literal, frozenset(values), self._places)(
            lambda _env, _side: reached.append(True)
        )
        step(self._env(values), side)
        return bool(reached)

    def failing(self, values: dict[str, Term], head: AtomTerm, side: Side) -> Literal | None:
        """Return a literal that fails with *values* of all variables, if *head* is the head."""
        if head not in self.heads(self._env(values)):
            return None
        return next(
            (one for one in self.variant.body if self.holds(one, values, side) is False), None
        )

    def _env(self, values: dict[str, Term]) -> Env:
        return [values.get(name) for name in self.names] + [None] * (self._size - len(self.names))

    # -- the order of a body ----------------------------------------------------------------------

    def _chain(
        self, body: list[Literal], bound: set[str], places: dict[str, int], last: Step
    ) -> Step:
        """Return the first of the steps through *body*, with the variables *bound* before."""
        makers: list[Callable[[Step], Step]] = []
        bound = set(bound)
        rest = list(body)
        while rest:
            cost, best = min(
                ((self._cost(one, bound), place) for place, one in enumerate(rest)),
                default=(None, 0),
            )
            if cost is None or cost >= _NEVER:
                raise PolicyError(
                    "policy.fragment",
                    "the proof checker finds no order in which to match the body",
                    where=self.rule.place,
                    hint="bind each variable by a positive literal",
                )
            literal = rest.pop(best)
            makers.append(self._maker(literal, frozenset(bound), places))
            bound |= names_of(literal)
        step = last
        for maker in reversed(makers):
            step = maker(step)
        return step

    def _cost(self, literal: Literal, bound: set[str]) -> float:
        match literal:
            case Truth():
                return 0
            case Atom() if literal.sign:
                return 0 if names_of(literal) <= bound else _NEVER
            case Atom():
                known = [is_known(term, bound) for term in literal.arguments]
                if not all(
                    k or is_matchable(term, bound)
                    for k, term in zip(known, literal.arguments, strict=True)
                ):
                    return _NEVER
                if literal.name in self._world:
                    return 1 if all(known) else 50 / (1 + sum(known))
                columns = [place for place, k in enumerate(known) if k]
                return 1 + self._statistics.of(literal.signature).expected(columns)
            case Comparison():
                if names_of(literal) <= bound:
                    return 0 if not is_matched(literal) else 2
                return 0.5 if assigned_by(literal, bound) else _NEVER
            case Counting():
                return 1e9 if self._countable(literal, bound) else _NEVER

    def _countable(self, literal: Counting, bound: set[str]) -> bool:
        needed = self._shared(literal)
        for guard in (literal.left, literal.right):
            if guard is not None and not _is_free(guard, literal, bound):
                needed |= set(variables_of(guard[1]))
        return needed <= bound

    def _shared(self, literal: Counting) -> set[str]:
        """Return the global variables that stand in the elements of an aggregate."""
        inside = {
            name
            for element in literal.elements
            for name in (*variables_of(element.terms), *variables_of(element.condition))
        }
        return inside & self._places.keys()

    # -- one step ---------------------------------------------------------------------------------

    def _maker(
        self, literal: Literal, bound: frozenset[str], places: dict[str, int]
    ) -> Callable[[Step], Step]:
        match literal:
            case Truth():
                return lambda following: following if literal.value else _stop
            case Atom() if literal.sign:
                return absence(literal, places)
            case Atom():
                return lookup(literal, bound, places)
            case Comparison():
                if names_of(literal) <= bound and not is_matched(literal):
                    return comparison(literal, places)
                return assignment(literal, bound, places)
            case Counting():
                return self._aggregate(literal, bound, places)

    def _counter(self, literal: Counting) -> Callable[[Env, Side], Counted]:
        """Return what counts *literal* where its global variables are bound."""
        shared = sorted(self._shared(literal))
        keys = [self._places[name] for name in shared]
        found: list[set[Row]] = [set()]
        steps: list[Step] = []
        reads_world = False
        for element in literal.elements:
            places = dict(self._places)
            for name in (*variables_of(element.terms), *variables_of(element.condition)):
                if name not in places:
                    places[name] = self._size
                    self._size += 1
            reads_world |= any(
                isinstance(one, Atom) and one.name in self._world for one in element.condition
            )
            terms = [spread(term, places) for term in element.terms]

            def collect(
                env: Env, _side: Side, terms: list[Callable[[Env], Sequence[Term]]] = terms
            ) -> None:
                found[0].update(product(*[term(env) for term in terms]))

            steps.append(self._chain(list(element.condition), set(shared), places, collect))
        turned = reads_world and self._takes_away(literal)
        function = literal.function
        identity = id(literal)

        def count(env: Env, side: Side) -> Counted:
            if turned:
                side = side.dual
            key = (identity, *[env[place] for place in keys])
            counted = side.counted.get(key)
            if counted is None:
                found[0] = set()
                for step in steps:
                    step(env, side)
                counted = Counted(function, found[0])
                if reads_world and function == "#sum" and _falls(found[0]):
                    raise PolicyError(
                        "policy.aggregate",
                        "a sum over worlds has a negative part, so it has no certain bound",
                        where=self.rule.place,
                    )
                side.counted[key] = counted
            return counted

        return count

    def _takes_away(self, literal: Counting) -> bool:
        """Whether more elements can only make *literal* false.

        Raises:
            PolicyError: more elements can make it both true and false.
        """
        bounds = {
            _RISES[operator]
            for operator in (
                *([literal.left[0]] if literal.left else []),
                *([_TURNED[literal.right[0]]] if literal.right else []),
            )
        }
        if len(bounds) != 1 or None in bounds:
            raise PolicyError(
                "policy.aggregate",
                "an aggregate over worlds must have a lower bound or an upper one, not both",
                where=self.rule.place,
                hint="write `#count { … } >= N`; two bounds are two literals",
            )
        return (True in bounds) == ((literal.sign == 1) != (literal.function == "#min"))

    def _aggregate(
        self, literal: Counting, bound: frozenset[str], places: dict[str, int]
    ) -> Callable[[Step], Step]:
        counter = self._counters[literal]
        tests: list[tuple[str, Callable[[Env], Any]]] = []
        assigned: int | None = None
        for left, guard in ((True, literal.left), (False, literal.right)):
            if guard is None:
                continue
            if _is_free(guard, literal, set(bound)) and isinstance(guard[1], Variable):
                assigned = places[guard[1].name]
            else:
                operator = guard[0] if left else _TURNED[guard[0]]
                tests.append((operator, compiled(guard[1], places)))
        wanted = literal.sign != 1

        def make(following: Step) -> Step:
            def step(env: Env, side: Side) -> None:
                value = counter(env, side).value
                if assigned is not None:
                    env[assigned] = value
                holds = True
                for operator, term in tests:
                    bound_value = term(env)
                    if bound_value is None:
                        return
                    holds = holds and compare(operator, bound_value, value)
                if holds == wanted:
                    following(env, side)

            return step

        return make


_NEVER = 1e18
_RISES = {"<=": True, "<": True, ">=": False, ">": False, "=": None, "!=": None}
"""Whether `bound operator aggregate` can only become true when the aggregate grows."""
_TURNED = {"<=": ">=", "<": ">", ">=": "<=", ">": "<", "=": "=", "!=": "!="}


def _falls(tuples: Iterable[Row]) -> bool:
    return any(isinstance(row[0], int) and row[0] < 0 for row in tuples if row)


def _stop(_env: Env, _side: Side) -> None:
    return None


def _is_free(guard: tuple[str, Expression], literal: Counting, bound: set[str]) -> bool:
    """Whether an aggregate gives its value to the variable of *guard*."""
    return (
        guard[0] == "="
        and literal.sign == 0
        and isinstance(guard[1], Variable)
        and guard[1].name not in bound
    )
