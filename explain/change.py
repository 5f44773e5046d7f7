"""What would lift a clause that blocks: which answers would do, and what is still short.

A clause is asked by itself, one question at a time, over the worlds of the case. An answer
that lifts it and brings another clause in its place is none; where several clauses block, the
others still do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from clingo import Function, Symbol

from reasoner.facts import answer_value
from reasoner.model import AnswerValue
from reasoner.worlds import Answers, Worlds

__all__ = ["Change", "Count", "count", "lifting", "matters"]

_GOOD = ("met", "clear", "within", "open")
"""The statuses with which a clause stands in nobody's way."""


class Count(msgspec.Struct, frozen=True):
    """Of how many things that a clause *needs* the records show how many: it *has* them.

    *wording* is the policy's for what is still short; empty where it has none.
    """

    family: str
    has: int
    needs: int
    wording: str


class Change(msgspec.Struct, frozen=True):
    """A *question* with those of its *answers* with any of which the clause would not block.

    *how* says what may still happen to the answer, as the policy says it: `change`, `document`.
    """

    question: str
    text: str
    answers: tuple[AnswerValue, ...]
    how: tuple[str, ...]


def lifting(
    worlds: Worlds, asked: Answers, clause: Symbol, questions: Iterable[Symbol]
) -> list[Change]:
    """Return which single questions of *questions* would lift *clause* in the worlds *asked*."""
    blocking = worlds.survey(asked).always_blocking
    can: dict[str, list[str]] = {}
    for name, how in worlds.facts("can", 2):
        can.setdefault(name.name, []).append(how.name)
    found = []
    for question in questions:
        answers = [
            answer
            for answer in worlds.answers.get(question, ())
            if answer not in asked.get(question, ())
            and _lifts(worlds, supposed := {**asked, question: frozenset({answer})}, clause)
            and worlds.survey(supposed).always_blocking <= blocking
        ]
        if answers:
            found.append(
                Change(
                    str(question),
                    worlds.texts.get(question.name, ""),
                    tuple(map(answer_value, answers)),
                    tuple(sorted(can.get(question.name, ()))),
                )
            )
    return found


def matters(worlds: Worlds, asked: Answers, question: Symbol) -> bool:
    """Return whether another answer to *question* alone would give another recommendation."""
    now = worlds.survey(asked).recommendations
    return any(
        worlds.survey({**asked, question: frozenset({answer})}).recommendations != now
        for answer in worlds.answers.get(question, ())
        if answer not in asked.get(question, ())
    )


def count(
    worlds: Worlds, asked: Answers, clause: Symbol, questions: Sequence[Symbol]
) -> Count | None:
    """Return how much of a family *clause* needs and how much of it is shown, if it counts one.

    The rest of a family (`failed(others)`) is asked as a number: the smallest that lifts the
    clause is what is short, and the smallest where no member is shown is what it takes.
    """
    weighty = {question for question, _ in worlds.weights}
    for rest in questions:
        if rest not in weighty or rest in worlds.families:
            continue
        members = [q for q in asked if q.name == rest.name and q != rest and q in weighty]
        # What is not settled is not shown: it counts for the least that it may be.
        shown = {q: frozenset({_least(worlds, q, asked[q])}) for q in members}
        bare = {q: frozenset({_least(worlds, q, worlds.answers[q])}) for q in members}
        short = _shortest(worlds, {**asked, **shown}, clause, rest)
        takes = _shortest(worlds, {**asked, **bare}, clause, rest)
        if short and takes:
            wording = worlds.wording.get((rest.name, short), "")
            return Count(rest.name, takes - short, takes, wording)
    return None


def _shortest(worlds: Worlds, asked: Answers, clause: Symbol, rest: Symbol) -> int | None:
    weighed = sorted((worlds.weights.get((rest, a), 0), a) for a in worlds.answers[rest])
    for weight, answer in weighed:
        if _lifts(worlds, {**asked, rest: frozenset({answer})}, clause):
            return weight
    return None


def _least(worlds: Worlds, question: Symbol, among: Iterable[Symbol]) -> Symbol:
    weights = worlds.weights
    return min(among, key=lambda answer: (weights.get((question, answer), 0), answer))


def _lifts(worlds: Worlds, answers: Answers, clause: Symbol) -> bool:
    statuses = (Function("status", [clause, Function(name)]) for name in _GOOD)
    return any(worlds.possible(answers, status) for status in statuses)
