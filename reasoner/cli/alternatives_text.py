"""What would lead to a recommendation, as text, beside how each question stands now."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reasoner.cli.decision_text import answer_text, question_text
from reasoner.cli.words import HEADLINES

if TYPE_CHECKING:
    from reasoner.alternatives import Alternative, Alternatives, Change, Pick, Standing
    from reasoner.cli.screen import Screen
    from reasoner.model import AnswerValue

__all__ = ["show_alternatives"]

_MOST_ANSWERS = 6  # as many are listed one by one
_PAIR = 2

Declared = Mapping[str, Sequence["AnswerValue"]]
"""All answers of each question."""


def show_alternatives(
    screen: Screen, found: Alternatives, declared: Declared, texts: Mapping[str, str], path: str
) -> None:
    """Write every alternative.

    *declared* are all answers of each question, *texts* the questions in words, *path* the case.
    """
    screen.line(f"WHAT WOULD LEAD TO: {HEADLINES[found.want]}  {found.case.id}", tone="head")
    if found.already:
        screen.line("nothing has to change: that is the recommendation now")
        return
    screen.line(f"now: {HEADLINES[found.recommendation]}")
    screen.line(found.note)
    if any(len(one.changes) > 1 for one in found.alternatives):
        whole = "The whole" if len(found.alternatives) == 1 else "Each alternative"
        screen.line(f"{whole} is enough, and no part of it is.")
    for number, one in enumerate(found.alternatives, start=1):
        _alternative(screen, one, number, len(found.alternatives), declared)
    if not found.alternatives:
        bounded = "Within the bounds, nothing" if found.bounds.reached else "Nothing"
        screen.heading(f"{bounded} that can still be answered leads there")
        if found.in_the_way:
            screen.line("in the way, whatever else is answered:", indent=2)
    for standing in found.in_the_way:
        said = f"{standing.question}  {_now(standing, declared)}{_by(standing.records)}"
        words = question_text(standing.question, texts)
        screen.line(f"{said}  {words}", mark="✗", tone="bad", indent=2)
    _bounds(screen, found)
    if found.alternatives:
        given = " ".join(shlex.quote(text) for text in _given(found.alternatives[0]))
        screen.line()
        screen.line(f"next: reasoner what-if {shlex.quote(path)} {given}", tone="faint")


def _alternative(
    screen: Screen, one: Alternative, number: int, count: int, declared: Declared
) -> None:
    needed = "all of this together" if len(one.changes) > 1 else "this alone"
    screen.heading(
        f"Alternative {number} of {count}: {needed}" if count > 1 else needed.capitalize()
    )
    for change in one.changes:
        for text in change.texts:
            screen.line(text, mark="·", indent=2)
        named: set[tuple[str, ...]] = set()
        for place, option in enumerate(change.options):
            picks = " and ".join(_pick(pick, declared, named) for pick in option)
            screen.line(f"or {picks}" if place else picks, indent=4)
        _standings(screen, change, declared)


def _pick(pick: Pick, declared: Declared, named: set[tuple[str, ...]]) -> str:
    """Return a pick as it is typed: `hiv = negative`, `any 2 of failed(a, b, c) = yes`.

    Questions that were *named* before are not named again.
    """
    answers = _answers(pick.answers, declared.get(pick.of[0], ()))
    if len(pick.of) == 1:
        return f"{pick.of[0]} = {answers}"
    again = pick.of in named
    named.add(pick.of)
    questions = f"the same {len(pick.of)}" if again else _questions(pick.of)
    count = "all" if pick.any == len(pick.of) else f"any {pick.any}"
    return f"{count} of {questions} = {answers}"


def _questions(questions: Iterable[str]) -> str:
    """Return *questions* with the name of a family said once.

    >>> _questions(["hiv", "failed(fingolimod)", "failed(others)"])
    'hiv, failed(fingolimod, others)'
    """
    members: dict[str, list[str]] = {}
    for question in questions:
        name, _, member = question.removesuffix(")").partition("(")
        members.setdefault(name, []).append(member)
    return ", ".join(
        f"{name}({', '.join(some)})" if any(some) else name for name, some in members.items()
    )


def _answers(answers: Sequence[AnswerValue], every: Sequence[AnswerValue]) -> str:
    """Return *answers* in words; of pairs, a number that makes no difference is `any`.

    >>> _answers([(0, 2), (1, 2), (2, 2)], [(0, 1), (0, 2), (1, 1), (1, 2), (2, 2)])
    'any,2'
    >>> _answers(["no", "yes"], ["no", "yes"])
    'no or yes'
    """
    for place in range(_PAIR):
        parts = {one[place] for one in answers if isinstance(one, tuple)}
        alike = [one for one in every if isinstance(one, tuple) and one[place] in parts]
        if len(answers) > 1 and sorted(map(str, alike)) == sorted(map(str, answers)):
            return " or ".join(f"any,{n}" if place else f"{n},any" for n in sorted(parts))
    return " or ".join(map(answer_text, answers))


def _standings(screen: Screen, change: Change, declared: Declared) -> None:
    """Write how the questions of a change stand now, those that stand alike in one line."""
    alike: dict[tuple[str, str], list[Standing]] = {}
    for one in change.now:
        alike.setdefault((_now(one, declared), _how(one, change)), []).append(one)
    for (now, how), standings in alike.items():
        of = f"{_questions(one.question for one in standings)}: "
        if len(alike) == 1:
            of = "each of them " if len(standings) > 1 else ""
        by = _by(record for one in standings for record in one.records)
        screen.line(f"{of}{now}{by}; {how}", indent=4, tone="faint")


def _by(records: Iterable[str]) -> str:
    names = ", ".join(sorted(set(records)))
    return f", by {names}" if names else ""


def _now(standing: Standing, declared: Declared) -> str:
    """Return how a question stands, without its records."""
    if standing.state == "open":
        return "now open"
    answers = _answers(standing.answers, declared.get(standing.question, ()))
    if len(standing.answers) > _MOST_ANSWERS:
        answers = f"{len(standing.answers)} answers"
    words = {"assumed": "assumed to be ", "disputed": "disputed, "}
    return f"now {words.get(standing.state, '')}{answers}"


def _how(standing: Standing, change: Change) -> str:
    """Return whether the answers of *change* are to be documented, or the world has to change."""
    answers = {
        answer
        for option in change.options
        for pick in option
        if standing.question in pick.of
        for answer in pick.answers
    }
    left_open = standing.state == "assumed" or answers <= set(standing.answers)
    return "to be documented" if left_open and "document" in standing.can else "it can change"


def _given(alternative: Alternative) -> Iterable[str]:
    """Yield answers that make *alternative* true, as `what-if` takes them."""
    for change in alternative.changes:
        for pick in change.options[0]:
            for question in pick.of[: pick.any]:
                yield f"{question}={answer_text(_nearest(pick.answers, question, change.now))}"


def _nearest(answers: Sequence[AnswerValue], question: str, now: Iterable[Standing]) -> AnswerValue:
    """Return the one of *answers* that asks for the least change from how the question stands."""
    stands = [one for standing in now if standing.question == question for one in standing.answers]
    numbers = [answer for answer in answers if isinstance(answer, int)]
    if len(stands) == 1 and isinstance(stands[0], int) and numbers:
        here = stands[0]
        return min(numbers, key=lambda number: (abs(number - here), number))
    return answers[-1]


def _bounds(screen: Screen, found: Alternatives) -> None:
    """Say which bound cut something off."""
    said = {
        "answers": f"sets of more than {found.bounds.answers} answers were not looked for",
        "sets": f"after {found.bounds.sets} sets no more were looked for: there may be others",
        "alternatives": f"only {found.bounds.alternatives} alternatives are shown: there are more",
    }
    if found.bounds.reached:
        screen.heading("Not all")
    for bound in found.bounds.reached:
        screen.line(said[bound], indent=2)
