"""Sets of answers put together as a reader thinks of them: by question and by family.

What comes in are boxes, and what goes out are *groups*: boxes over the same questions and
families, cut into parts that can be chosen one by one. Where every combination will do, each
question is a part of its own; where one answer depends on another, the two stay together.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import product

import msgspec
from clingo import Symbol

from reasoner.interchange import Box

__all__ = ["Group", "Part", "grouped", "label"]

Weights = Mapping[tuple[Symbol, Symbol], int]
"""How much an answer adds to what is counted of its family."""


class Part(msgspec.Struct, frozen=True, eq=False):
    """Questions and families (*labels*) that change together, by one of *options*.

    *weights* is how much the answers of each label add to what is counted of its family, 0
    where one of them adds nothing.
    """

    labels: tuple[str, ...]
    weights: tuple[int, ...]
    options: tuple[Box, ...]


Group = tuple[Part, ...]
"""Parts that are all needed."""


def label(question: Symbol) -> str:
    """Return how a question is named: with its family, where it belongs to one.

    >>> from clingo import Function
    >>> label(Function("hiv")), label(Function("failed", [Function("others")]))
    ('hiv', 'failed(_)')
    """
    return f"{question.name}(_)" if question.arguments else str(question)


def grouped(boxes: Iterable[Box], weights: Weights) -> list[Group]:
    """Return *boxes* as groups: of all their combinations, none of which adds more than it needs.

    A group holds what changes the same questions and families, and adds as much to each.
    """
    every = {one: None for box in boxes for one in _combinations(box)}
    groups: dict[tuple[tuple[str, int], ...], list[_Set]] = {}
    for one in every:
        if not _adds_too_much(one, every, weights):
            groups.setdefault(_weighed(one, weights), []).append(one)
    return [tuple(_parts(dict(key), found)) for key, found in groups.items()]


_Set = tuple[tuple[Symbol, Symbol], ...]
"""One answer for each of some questions, in order."""


def _combinations(box: Box) -> Iterator[_Set]:
    questions = sorted(box)
    for answers in product(*(sorted(box[question]) for question in questions)):
        yield tuple(zip(questions, answers, strict=True))


def _adds_too_much(one: _Set, every: Container[_Set], weights: Weights) -> bool:
    """Whether a smaller answer does as well as one of *one*: two drugs where one will do."""
    for place, (question, answer) in enumerate(one):
        weight = weights.get((question, answer), 0)
        lighter = [
            (*one[:place], (question, less), *one[place + 1 :])
            for (other, less), added in weights.items()
            if other == question and 0 < added < weight
        ]
        if any(smaller in every for smaller in lighter):
            return True
    return False


def _weighed(one: _Set, weights: Weights) -> tuple[tuple[str, int], ...]:
    """Return the labels of *one* with what its answers add to each; 0 where one adds nothing."""
    found: dict[str, list[int]] = {}
    for question, answer in one:
        found.setdefault(label(question), []).append(weights.get((question, answer), 0))
    return tuple(sorted((name, sum(added) if all(added) else 0) for name, added in found.items()))


def _parts(labels: Mapping[str, int], found: Sequence[_Set]) -> Iterator[Part]:
    """Yield the parts of what was *found*: each label alone that combines with all the others."""
    joint = list(labels)
    for name in labels:
        others = [other for other in joint if other != name]
        if others and _combine(found, [name], others):
            yield _part([name], labels, found)
            joint = others
    yield _part(joint, labels, found)


def _combine(found: Sequence[_Set], some: Sequence[str], others: Sequence[str]) -> bool:
    pairs = {(_of(one, some), _of(one, others)) for one in found}
    return len(pairs) == len({one for one, _ in pairs}) * len({other for _, other in pairs})


def _of(one: _Set, labels: Sequence[str]) -> _Set:
    return tuple(pair for pair in one if label(pair[0]) in labels)


def _part(names: Sequence[str], labels: Mapping[str, int], found: Sequence[_Set]) -> Part:
    sets = dict.fromkeys(_of(one, names) for one in found)
    boxes = _merged([{question: frozenset({answer}) for question, answer in one} for one in sets])
    boxes.sort(key=lambda box: (len(box), sorted((q, sorted(a)) for q, a in box.items())))
    return Part(tuple(names), tuple(labels[name] for name in names), tuple(boxes))


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """Return *boxes* with those put together that differ in the answers of one question."""
    found = list(boxes)
    count = 0
    while count != len(found):
        count = len(found)
        for question in sorted({question for box in found for question in box}):
            together: dict[object, Box] = {}
            for box in found:
                rest = frozenset((q, a) for q, a in box.items() if q != question)
                key = rest, question in box
                if question in box and key in together:
                    answers = together[key][question] | box[question]
                    together[key] = {**box, question: answers}
                else:
                    together[key] = box
            found = list(together.values())
    return found
