"""What rules derive from the bottom up, and whether what they derive rests on something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from reasoner.certificate.faults import Faults, shown
from reasoner.certificate.matching import Matcher
from reasoner.certificate.side import Side
from reasoner.certificate.store import AtomTerm, Store, signature
from reasoner.certificate.strata import in_order, recursive, turned
from reasoner.certificate.syntax import Signature
from reasoner.certificate.term import write_term
from reasoner.errors import PolicyError

__all__ = ["check_founded", "closure"]


def closure(matchers: Sequence[Matcher], store: Store) -> None:
    """Add to *store* all that *matchers* derive, from the bottom up.

    Raises:
        PolicyError: predicates rest on themselves through `not` or an aggregate.
    """
    side = Side(store, store)
    for part, group in in_order(matchers):
        if part & turned(group):
            names = ", ".join(f"{name}/{arity}" for name, arity in sorted(part))
            raise PolicyError(
                "policy.fragment", f"predicates rest on themselves through `not`: {names}"
            )
        grown = True
        while grown:
            grown = False
            side.counted.clear()
            fresh: list[AtomTerm] = []
            for matcher in group:
                _collect(matcher, side, fresh)
            for atom in fresh:
                if atom not in store:
                    store.add(atom)
                    grown = True


def _collect(matcher: Matcher, side: Side, found: list[AtomTerm]) -> None:
    matcher.each(side, lambda env, _side: found.extend(matcher.heads(env)))


def check_founded(
    matchers: Sequence[Matcher],
    side: Side,
    facts: Callable[[AtomTerm], bool],
    where: str,
    faults: Faults,
) -> None:
    """Check that no atom of *side* rests on itself alone; *facts* rest on nothing.

    Only predicates that are defined by themselves can: the others were derived from below.
    """
    try:
        loops = recursive(matchers)
    except ValueError as error:
        raise PolicyError(
            "policy.fragment", f"predicates rest on themselves through an aggregate: {error}"
        ) from None
    for part in sorted({tuple(sorted(one)) for one in loops.values()}):
        _check_part(frozenset(part), matchers, side, facts, (where, faults))


def _check_part(
    part: frozenset[Signature],
    matchers: Sequence[Matcher],
    side: Side,
    facts: Callable[[AtomTerm], bool],
    report: tuple[str, Faults],
) -> None:
    """Check one part: an atom is founded when all that some instance rests on is."""
    waiting: dict[AtomTerm, list[list[Any]]] = {}
    found: list[AtomTerm] = []

    def take(matcher: Matcher, env: list[Any], _side: Side) -> None:
        inside = {atom for atom in matcher.support(env) if signature(atom) in part}
        for head in matcher.heads(env):
            state = [len(inside), head]
            for atom in inside:
                waiting.setdefault(atom, []).append(state)
            if not inside:
                found.append(head)

    for matcher in matchers:
        if matcher.variant.signature in part:
            matcher.each(side, partial(take, matcher))
    atoms = [
        (name, *row) for name, arity in sorted(part) for row in side.positive.rows(name, arity)
    ]
    found += [atom for atom in atoms if facts(atom)]
    founded = _spread_from(found, waiting)
    where, faults = report
    for atom in atoms:
        if atom not in founded:
            faults.add(f"{where} {shown(write_term(atom))}", "it rests on itself alone")


def _spread_from(
    found: list[AtomTerm], waiting: Mapping[AtomTerm, Sequence[list[Any]]]
) -> set[AtomTerm]:
    """Return what follows from *found*: who waits is `[how many atoms are lacking, the head]`."""
    founded: set[AtomTerm] = set()
    while found:
        atom = found.pop()
        if atom in founded:
            continue
        founded.add(atom)
        for state in waiting.get(atom, ()):
            state[0] -= 1
            if state[0] == 0:
                found.append(state[1])
    return founded
