"""Questions that are interchangeable: swapping their answers changes no result in any world.

Twelve drugs of which any two will do make 66 sets; seen as one kind of question, they make one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from clingo import Symbol

from reasoner.criteria import Answers, Criteria

__all__ = ["Box", "Kind", "arranged", "images", "kinds"]

Box = Mapping[Symbol, frozenset[Symbol]]
"""Questions with answers, any of which may be taken: all their combinations."""

Kind = tuple[Symbol, ...]
"""Questions that are interchangeable, in order."""


def kinds(criteria: Criteria, base: Answers, ways: Answers) -> tuple[Kind, ...]:
    """Return the kinds of interchangeable questions that have more than one member.

    *criteria* have two worlds. Members of a kind share their name, the answers of *base* that
    they have now and the *ways* in which they can be answered.
    """
    alike: dict[object, list[Symbol]] = {}
    for question in sorted(ways):
        if question.arguments:
            key = question.name, base[question], ways[question]
            alike.setdefault(key, []).append(question)
    ranges = {question: base[question] | ways.get(question, frozenset()) for question in base}
    found: list[Kind] = []
    for group in alike.values():
        left = group
        while len(left) > 1:
            first, *others = left
            same = [other for other in others if _alike(criteria, ranges, first, other)]
            if same:
                found.append((first, *same))
            left = [other for other in others if other not in same]
    return tuple(found)


def _alike(criteria: Criteria, ranges: Answers, first: Symbol, second: Symbol) -> bool:
    """Whether swapping the answers of two questions changes the result in no world."""
    places = [criteria.place[first], criteria.place[second]]
    others = [-x for place, x in criteria.differ.items() if place not in places]
    for one, other in combinations(sorted(ranges[first]), 2):
        here = {**ranges, first: frozenset({one}), second: frozenset({other})}
        there = {**ranges, first: frozenset({other}), second: frozenset({one})}
        assumed = criteria.assume(criteria.state(here), 1)
        assumed += criteria.assume(criteria.state(there), 2)
        if criteria.possible([*assumed, *others, *criteria.unequal]):
            return False
    return True


def arranged(box: Box, kinds: Iterable[Kind]) -> Box:
    """Return the first of the boxes that *box* is by swaps within *kinds*.

    >>> from clingo import Function, Number
    >>> p, q, r = (Function(name) for name in "pqr")
    >>> dict(arranged({r: frozenset({Number(1)})}, [(p, q, r)]))
    {Function('p', [], True): frozenset({Number(1)})}
    """
    found = dict(box)
    for kind in kinds:
        values = sorted(sorted(found.pop(one)) for one in kind if one in found)
        found.update(zip(kind, map(frozenset, values), strict=False))
    return found


def images(box: Box, kinds: Sequence[Kind], among: Iterable[Symbol]) -> Iterator[Box]:
    """Yield what *box* can become by swaps within *kinds*, of questions *among* only.

    >>> from clingo import Function, Number
    >>> p, q, r = (Function(name) for name in "pqr")
    >>> one = frozenset({Number(1)})
    >>> [sorted(map(str, box)) for box in images({p: one, q: one}, [(p, q, r)], [p, q, r])]
    [['p', 'q'], ['p', 'r'], ['q', 'r']]
    """
    places = set(among)
    swapped = {question for kind in kinds for question in kind}
    fixed = {question: answers for question, answers in box.items() if question not in swapped}
    if not fixed.keys() <= places:
        return
    choices = []
    for kind in kinds:
        values = Counter(box[one] for one in kind if one in box)
        if values:
            members = [one for one in kind if one in places]
            choices.append(list(_spread(list(values.items()), members)))
    for chosen in product(*choices):
        found = dict(fixed)
        for some in chosen:
            found |= some
        yield found


def _spread(
    values: Sequence[tuple[frozenset[Symbol], int]], members: Sequence[Symbol]
) -> Iterator[dict[Symbol, frozenset[Symbol]]]:
    """Yield each way to give so many of *members* each of *values*."""
    if not values:
        yield {}
        return
    (value, count), *others = values
    for taken in combinations(members, count):
        left = [one for one in members if one not in taken]
        for more in _spread(others, left):
            yield dict.fromkeys(taken, value) | more
