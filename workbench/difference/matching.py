"""Which question of one version is which of the other, and which answer is which."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from clingo import Symbol

__all__ = ["Matching", "by_name"]

Questions = Mapping[Symbol, frozenset[Symbol]]


class Matching(msgspec.Struct, frozen=True, eq=False):
    """The questions that two versions share, and what only one of them knows.

    *questions* has the new name of each shared question by its old one; *answers* the new
    name of each shared answer by its old one, for each shared question. *only_old* and
    *only_new* are questions that the other version does not ask, *lost* and *gained* the
    answers of shared questions that it does not know.
    """

    questions: dict[Symbol, Symbol]
    answers: dict[Symbol, dict[Symbol, Symbol]]
    only_old: tuple[Symbol, ...]
    only_new: tuple[Symbol, ...]
    lost: tuple[tuple[Symbol, Symbol], ...]
    gained: tuple[tuple[Symbol, Symbol], ...]

    @property
    def renamed(self) -> dict[Symbol, Symbol]:
        """The shared questions that have another name in the new version."""
        return {old: new for old, new in self.questions.items() if old != new}


def by_name(
    old: Questions,
    new: Questions,
    names: Mapping[Symbol, Symbol] = {},
    values: Mapping[tuple[Symbol, Symbol], Symbol] = {},
) -> Matching:
    """Match questions and answers that have the same name, or a new one that is given.

    *names* has new names of questions, *values* new names of answers by (old question, old
    answer). A question of which no answer is shared is another question.
    """
    questions: dict[Symbol, Symbol] = {}
    answers: dict[Symbol, dict[Symbol, Symbol]] = {}
    lost: list[tuple[Symbol, Symbol]] = []
    gained: list[tuple[Symbol, Symbol]] = []
    for question in sorted(old):
        other = names.get(question, question)
        if other not in new:
            continue
        pairs = {a: values.get((question, a), a) for a in sorted(old[question])}
        shared = {a: b for a, b in pairs.items() if b in new[other]}
        if not shared:
            continue
        questions[question], answers[question] = other, shared
        lost += [(question, a) for a in sorted(old[question] - shared.keys())]
        gained += [(other, b) for b in sorted(new[other] - set(shared.values()))]
    return Matching(
        questions,
        answers,
        tuple(sorted(old.keys() - questions.keys())),
        tuple(sorted(new.keys() - set(questions.values()))),
        tuple(lost),
        tuple(gained),
    )
