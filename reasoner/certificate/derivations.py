"""Whether listed derivations are those of the rules: no instance more, no instance less.

Every rule is gone through over the listed atoms. What holds follows by some instance, so an
atom that nothing derives, or that rests on itself, is found as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reasoner.certificate.faults import Faults, read_atom, shown
from reasoner.certificate.format import Aggregate, Derivations, Instance
from reasoner.certificate.matching import Matcher
from reasoner.certificate.side import Side
from reasoner.certificate.store import AtomTerm, Row
from reasoner.certificate.strata import in_order
from reasoner.certificate.syntax import filled_in
from reasoner.certificate.term import Term, TermError, read_term, write_term

__all__ = ["check_derivations", "read_atoms"]


class Terms(dict[str, Term | None]):
    """Ground terms by how they are written, each read once; nothing where it is none."""

    def __missing__(self, text: str) -> Term | None:
        try:
            term: Term | None = read_term(text)
        except TermError:
            term = None
        self[text] = term
        return term


def read_atoms(texts: Iterable[str], where: str, faults: Faults) -> dict[AtomTerm, str]:
    """Return the atoms that *texts* write; each may be there once."""
    found: dict[AtomTerm, str] = {}
    for text in texts:
        atom = read_atom(text)
        if atom is None:
            faults.add(where, f"{shown(text)} is no atom as clingo writes it")
        elif atom in found:
            faults.add(where, f"{shown(text)} is listed twice")
        else:
            found[atom] = text
    return found


class _Entry:
    __slots__ = ("instance", "seen")

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.seen = False


_Key = tuple[str, tuple[str, ...], Row, AtomTerm]


def check_derivations(
    matchers: Sequence[Matcher],
    side: Side,
    derived: Derivations,
    where: str,
    faults: Faults,
) -> set[str]:
    """Check that *derived* lists every instance of *matchers* over *side*, and no other.

    Returns the places of the rules that are named.
    """
    by_place: dict[str, list[Matcher]] = {}
    for one in matchers:
        by_place.setdefault(one.rule.place, []).append(one)
    listed = _listed(derived, by_place, where, faults)
    faults.stop()
    for _, group in in_order(matchers):
        for matcher in group:
            _go_through(matcher, side, listed, where, faults)
    for key, entry in listed.items():
        if not entry.seen:
            faults.add(f"{where} {shown(write_term(key[3]))}", _why(key, by_place[key[0]], side))
    return {key[0] for key in listed}


def _listed(
    derived: Derivations, by_place: Mapping[str, Sequence[Matcher]], where: str, faults: Faults
) -> dict[_Key, _Entry]:
    """Return the instances that are listed, as they are looked up."""
    terms = Terms()
    found: dict[_Key, _Entry] = {}
    for text, instances in derived.items():
        atom = read_atom(text)
        if atom is None:
            faults.add(where, f"{shown(text)} is no atom as clingo writes it")
            continue
        for instance in instances:
            key = _key(instance, atom, by_place, terms)
            if isinstance(key, str):
                faults.add(f"{where} {shown(text)}", key)
            elif key in found:
                faults.add(
                    f"{where} {shown(text)}", f"an instance of `{instance.rule}` is listed twice"
                )
            else:
                found[key] = _Entry(instance)
    return found


def _key(
    instance: Instance, atom: AtomTerm, by_place: Mapping[str, Sequence[Matcher]], terms: Terms
) -> _Key | str:
    """Return how an instance is looked up, or what is wrong with it."""
    matchers = by_place.get(instance.rule)
    if matchers is None:
        return f"there is no such rule here: {shown(instance.rule)}"
    bindings = instance.bindings
    for matcher in matchers:
        names = matcher.names
        if len(names) == len(bindings) and all(name in bindings for name in names):
            values = tuple([terms[bindings[name]] for name in names])
            if None in values:
                bad = next(text for text in bindings.values() if terms[text] is None)
                return f"a variable of `{instance.rule}` is no ground term: {shown(bad)}"
            return instance.rule, names, values, atom
    wanted = ", ".join(matchers[0].names) or "none"
    return f"`{instance.rule}` must bind its global variables: {wanted}"


def _go_through(
    matcher: Matcher, side: Side, listed: Mapping[_Key, _Entry], where: str, faults: Faults
) -> None:
    place, names = matcher.rule.place, matcher.names
    counting = matcher.counting

    def take(env: list[Any], side: Side) -> None:
        values = matcher.values(env)
        for head in matcher.heads(env):
            entry = listed.get((place, names, values, head))
            if entry is None:
                faults.add(
                    f"{where} {shown(write_term(head))}",
                    f"`{place}` derives it{_with(names, values)}, and that is not listed",
                )
                continue
            if entry.seen:
                continue
            entry.seen = True
            aggregates = entry.instance.aggregates
            if not counting and not aggregates:
                continue
            wanted = [(n, (found := count(env, side)).value, found) for n, count in counting]
            if len(aggregates) != len(wanted):
                faults.add(
                    f"{where} {shown(write_term(head))}",
                    f"`{place}` has {len(wanted)} aggregates, and {len(aggregates)} are listed",
                )
                continue
            for one, (number, value, found) in zip(aggregates, wanted, strict=True):
                wrong = _miscounted(one, number, value, found.elements)
                if wrong:
                    faults.add(f"{where} {shown(write_term(head))}", f"`{place}`: {wrong}")

    matcher.each(side, take)


def _miscounted(one: Aggregate, place: int, value: Term, elements: tuple[str, ...]) -> str:
    """Return what is wrong with an aggregate as it is listed, or nothing."""
    if one.place != place:
        return f"the aggregate {place} stands in the place of {one.place}"
    if one.value != write_term(value):
        return f"the aggregate {place} is {write_term(value)}, not {shown(one.value)}"
    if one.elements != elements:
        if len(set(one.elements)) != len(one.elements):
            return f"the aggregate {place} lists a tuple twice"
        for extra in set(one.elements) - set(elements):
            return f"the aggregate {place} does not count {shown(extra)}"
        for lacking in set(elements) - set(one.elements):
            return f"the aggregate {place} counts {shown(lacking)}, which is not listed"
    return ""


def _with(names: Sequence[str], values: Row) -> str:
    bound = ", ".join(f"{n} = {write_term(v)}" for n, v in zip(names, values, strict=True))
    return f" with {shown(bound)}" if bound else ""


def _why(key: _Key, matchers: Iterable[Matcher], side: Side) -> str:
    """Return why a listed instance is none."""
    place, names, values, head = key
    bound = dict(zip(names, values, strict=True))
    wrong = "it derives another atom"
    for matcher in matchers:
        if matcher.names == names:
            failed = matcher.failing(bound, head, side)
            if failed is not None:
                texts = {name: write_term(value) for name, value in bound.items()}
                wrong = f"{shown(filled_in(failed, texts))} does not hold"
    return f"no instance of `{place}`{_with(names, values)}: {wrong}"
