"""What would lead to a recommendation, as text, beside how each question stands now."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reasoner.cli.decision_text import answer_text, question_text
from reasoner.marks import HEADLINES

if TYPE_CHECKING:
    from explain.language import Language
    from reasoner.alternatives import Alternative, Alternatives, Change, Pick, Standing
    from reasoner.cli.screen import Screen
    from reasoner.model import AnswerValue

__all__ = ["show_alternatives"]

_MOST_ANSWERS = 6  # as many are listed one by one
_PAIR = 2

Declared = Mapping[str, Sequence["AnswerValue"]]
"""All answers of each question."""


def show_alternatives(
    screen: Screen,
    found: Alternatives,
    declared: Declared,
    texts: Mapping[str, str],
    path: str,
    language: Language,
) -> None:
    """Write every alternative in *language*.

    *declared* are all answers of each question, *texts* the questions in words, *path* the case.
    """
    say = language.text
    wanted, now = (say(HEADLINES[name]) for name in (found.want, found.recommendation))
    head = say("WHAT WOULD LEAD TO: {result}", result=wanted)
    screen.line(f"{head}  {found.case.id}", tone="head")
    if found.already:
        screen.line(say("nothing has to change: that is the recommendation now"))
        return
    screen.line(say("now: {result}", result=now))
    screen.line(say(found.note))
    left_out = (
        "Answers that cannot come about any more are left out; given by name, they are supposed."
    )
    screen.line(say(left_out))
    if any(len(one.changes) > 1 for one in found.alternatives):
        whole = "The whole is enough, and no part of it is."
        each = "Each alternative is enough, and no part of it is."
        screen.line(say(whole if len(found.alternatives) == 1 else each))
    for number, one in enumerate(found.alternatives, start=1):
        _alternative(screen, one, number, len(found.alternatives), declared, language)
    if not found.alternatives:
        bounded = "Within the bounds, nothing that can still be answered leads there"
        nothing = "Nothing that can still be answered leads there"
        screen.heading(say(bounded if found.bounds.reached else nothing))
        if found.in_the_way:
            screen.line(say("in the way, whatever else is answered:"), indent=2)
    for standing in found.in_the_way:
        stands = f"{_now(standing, declared, language)}{_by(standing.records, language)}"
        said = f"{standing.question}  {stands}"
        words = language.policy(question_text(standing.question, texts)).marked
        screen.line(f"{said}  {words}", mark="✗", tone="bad", indent=2)
    _bounds(screen, found, language)
    if found.alternatives:
        given = " ".join(shlex.quote(text) for text in _given(found.alternatives[0]))
        screen.line()
        command = f"reasoner what-if {shlex.quote(path)} {given}"
        screen.line(say("next: {command}", command=command), tone="faint")


def _alternative(
    screen: Screen,
    one: Alternative,
    number: int,
    count: int,
    declared: Declared,
    language: Language,
) -> None:
    say = language.text
    needed = say("all of this together" if len(one.changes) > 1 else "this alone")
    words = "Alternative {number} of {count}: {needed}"
    numbered = say(words, number=str(number), count=str(count), needed=needed)
    screen.heading(numbered if count > 1 else needed.capitalize())
    for change in one.changes:
        for text in change.texts:
            screen.line(language.policy(text).marked, mark="·", indent=2)
        named: set[tuple[str, ...]] = set()
        for place, option in enumerate(change.options):
            picks = say(" and ").join(_pick(pick, declared, named, language) for pick in option)
            screen.line(f"{say('or')} {picks}" if place else picks, indent=4)
        _standings(screen, change, declared, language)


def _pick(pick: Pick, declared: Declared, named: set[tuple[str, ...]], language: Language) -> str:
    """Return a pick as it is typed: `hiv = negative`, `any 2 of failed(a, b, c) = yes`.

    Questions that were *named* before are not named again.
    """
    say = language.text
    answers = _answers(pick.answers, declared.get(pick.of[0], ()), language)
    if len(pick.of) == 1:
        return f"{pick.of[0]} = {answers}"
    again = pick.of in named
    named.add(pick.of)
    same = say("the same {count}", count=str(len(pick.of)))
    questions = same if again else _questions(pick.of)
    words = "all of {questions}" if pick.any == len(pick.of) else "any {count} of {questions}"
    return f"{say(words, count=str(pick.any), questions=questions)} = {answers}"


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


def _answers(
    answers: Sequence[AnswerValue], every: Sequence[AnswerValue], language: Language
) -> str:
    """Return *answers* in words; of pairs, a number that makes no difference is `any`.

    >>> from explain.language import ENGLISH
    >>> _answers([(0, 2), (1, 2), (2, 2)], [(0, 1), (0, 2), (1, 1), (1, 2), (2, 2)], ENGLISH)
    'any,2'
    >>> _answers(["no", "yes"], ["no", "yes"], ENGLISH)
    'no or yes'
    """
    for place in range(_PAIR):
        parts = {one[place] for one in answers if isinstance(one, tuple)}
        alike = [one for one in every if isinstance(one, tuple) and one[place] in parts]
        if len(answers) > 1 and sorted(map(str, alike)) == sorted(map(str, answers)):
            whatever = language.text("any")
            either = (f"{whatever},{n}" if place else f"{n},{whatever}" for n in sorted(parts))
            return language.choice([*either])
    return language.choice([language.word(answer_text(one)) for one in answers])


def _standings(screen: Screen, change: Change, declared: Declared, language: Language) -> None:
    """Write how the questions of a change stand now, those that stand alike in one line."""
    alike: dict[tuple[str, str], list[Standing]] = {}
    for one in change.now:
        how = language.text(_how(one, change))
        alike.setdefault((_now(one, declared, language), how), []).append(one)
    for (now, how), standings in alike.items():
        of = f"{_questions(one.question for one in standings)}: "
        if len(alike) == 1:
            of = f"{language.text('each of them')} " if len(standings) > 1 else ""
        by = _by((record for one in standings for record in one.records), language)
        screen.line(f"{of}{now}{by}; {how}", indent=4, tone="faint")


def _by(records: Iterable[str], language: Language) -> str:
    names = ", ".join(sorted(set(records)))
    return f", {language.text('by {records}', records=names)}" if names else ""


def _now(standing: Standing, declared: Declared, language: Language) -> str:
    """Return how a question stands, without its records."""
    if standing.state == "open":
        return language.text("now open")
    answers = _answers(standing.answers, declared.get(standing.question, ()), language)
    if len(standing.answers) > _MOST_ANSWERS:
        answers = language.text("{count} answers", count=str(len(standing.answers)))
    words = {"assumed": "now assumed to be {answers}", "disputed": "now disputed, {answers}"}
    return language.text(words.get(standing.state, "now {answers}"), answers=answers)


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


def _bounds(screen: Screen, found: Alternatives, language: Language) -> None:
    """Say which bound cut something off."""
    said = {
        "answers": "sets of more than {count} answers were not looked for",
        "sets": "after {count} sets no more were looked for: there may be others",
        "alternatives": "only {count} alternatives are shown: there are more",
    }
    if found.bounds.reached:
        screen.heading(language.text("Not all"))
    for bound in found.bounds.reached:
        count = str(getattr(found.bounds, bound))
        screen.line(language.text(said[bound], count=count), indent=2)
