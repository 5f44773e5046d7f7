"""Which question of one version is which of the other, where its name has changed.

A new name is believed where the criteria are then proved the same, or where the question is
still put to a person in the same words. Anything else is a question removed and one added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import permutations

from clingo import Symbol

from workbench.difference.criteria import Criteria
from workbench.difference.matching import Matching, by_name
from workbench.difference.version import Version

__all__ = ["matched"]

_MOST_ANSWERS = 3
"""More new names of answers of one question are not tried in every order."""

_Names = dict[Symbol, Symbol]
_Values = dict[tuple[Symbol, Symbol], Symbol]


def matched(old: Version, new: Version) -> Matching:
    """Return the questions and answers that two versions share, under whatever names."""
    plain = by_name(old.questions, new.questions)
    names = _questions(old, new, plain)
    said = {one: other for one, other in names.items() if _worded_alike(one, other, old, new)}
    for tried in dict.fromkeys((tuple(names.items()), tuple(said.items()))):
        chosen = dict(tried)
        if chosen and (chosen == said or _proved(old, new, chosen, {})):
            break
    else:
        chosen = {}
    values = next(
        (
            v
            for v in _answers(by_name(old.questions, new.questions, chosen))
            if _proved(old, new, chosen, v)
        ),
        {},
    )
    return by_name(old.questions, new.questions, chosen, values)


def _proved(old: Version, new: Version, names: _Names, values: _Values) -> bool:
    return Criteria(old, new, by_name(old.questions, new.questions, names, values)).proved


def _questions(old: Version, new: Version, plain: Matching) -> _Names:
    """Return the likeliest new name of each question, or family of them, that is gone."""
    gone, come = _families(plain.only_old), _families(plain.only_new)
    found: _Names = {}
    taken: set[tuple[str, ...]] = set()
    for name, members in gone.items():
        fitting = [
            other
            for other, others in come.items()
            if other not in taken and _alike(members, others, old, new)
        ]
        if fitting:
            best = max(
                fitting,
                key=lambda other: (
                    _worded_alike(members[0], come[other][0], old, new),
                    SequenceMatcher(None, str(name), str(other)).ratio(),
                    other,
                ),
            )
            taken.add(best)
            found.update(zip(sorted(members), sorted(come[best]), strict=True))
    return found


def _families(questions: Sequence[Symbol]) -> dict[tuple[str, ...], list[Symbol]]:
    """Return *questions* by name; each reading is by itself."""
    found: dict[tuple[str, ...], list[Symbol]] = {}
    for question in questions:
        key: tuple[str, ...] = (question.name,)
        if question.name == "reading":
            key = (question.name, str(question.arguments[0]))
        found.setdefault(key, []).append(question)
    return found


def _alike(members: Sequence[Symbol], others: Sequence[Symbol], old: Version, new: Version) -> bool:
    """Whether both ask of the same things, with the same answers."""
    if len(members) != len(others) or (members[0].name == "reading") != (
        others[0].name == "reading"
    ):
        return False
    return all(
        old.questions[one] == new.questions[other]
        and (one.name == "reading" or one.arguments == other.arguments)
        for one, other in zip(sorted(members), sorted(others), strict=True)
    )


def _worded_alike(one: Symbol, other: Symbol, old: Version, new: Version) -> bool:
    """Whether a person is asked in the same words."""
    if one.name == "reading":
        issues = [
            {fact[0]: fact[1] for fact in version.reasoner.worlds.facts("issue", 2)}
            for version in (old, new)
        ]
        text = issues[0].get(one.arguments[0])
        return text is not None and text == issues[1].get(other.arguments[0])
    texts = old.reasoner.worlds.texts, new.reasoner.worlds.texts
    return one.name in texts[0] and texts[0][one.name] == texts[1].get(other.name)


def _answers(matching: Matching) -> Iterator[_Values]:
    """Yield new names of answers that are gone: each order of those that have come."""
    back = {new: old for old, new in matching.questions.items()}
    gone: dict[Symbol, list[Symbol]] = {}
    come: dict[Symbol, list[Symbol]] = {}
    for question, answer in matching.lost:
        gone.setdefault(question, []).append(answer)
    for question, answer in matching.gained:
        come.setdefault(back[question], []).append(answer)
    choices: list[list[_Values]] = []
    for question, answers in gone.items():
        others = come.get(question, [])
        if len(answers) == len(others) <= _MOST_ANSWERS:
            choices.append(
                [
                    {(question, one): other for one, other in zip(answers, order, strict=True)}
                    for order in permutations(others)
                ]
            )
    if len(choices) == 1:
        yield from choices[0]
    elif choices:
        yield {key: value for choice in choices for key, value in choice[0].items()}
