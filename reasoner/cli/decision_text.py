"""A decision as text: what blocks and what is missing first, then clause by clause.

The words are the program's own, in the language of *text*; what the policy says comes in the
language that the decision has it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reasoner.cli.words import TONES, Words, english, spoken
from reasoner.marks import HEADLINES, MARKS

if TYPE_CHECKING:
    from reasoner.cli.screen import Screen
    from reasoner.decision import ClauseStatus, Decision, Missing
    from reasoner.model import AnswerValue

__all__ = [
    "REVIEW",
    "amount_text",
    "answer_text",
    "given_text",
    "ground_text",
    "one_line",
    "question_text",
    "show_decision",
    "show_missing",
]

_MOST_UNREAD = 100  # a longer list is for a program to read
_MOST_ANSWERS = 12  # as many are listed one by one
REVIEW = "recommendation only: a person must confirm"


def one_line(decision: Decision) -> str:
    """Return a decision of many: id, recommendation, and its grounds or what is missing."""
    parts = [decision.case.id, HEADLINES[decision.recommendation]]
    if decision.grounds:
        parts.append(", ".join(ground_text(ground) for ground in decision.grounds))
    if decision.refer_reasons:
        parts.append(", ".join(decision.refer_reasons))
    if decision.missing:
        parts.append("missing " + ", ".join(missing.question for missing in decision.missing))
    if decision.recommendation in ("approve", "partial"):
        parts.append(given_text(decision))
    if decision.human_review.required:
        parts.append("a person must confirm")
    return "  ".join(part for part in parts if part)


def show_decision(
    screen: Screen,
    decision: Decision,
    texts: Mapping[str, str],
    reasons: Mapping[str, str],
    path: str,
    text: Words = english,
) -> None:
    """Write a decision.

    *texts* are the policy's questions in words, *reasons* what it says to refer a case for,
    *path* names the case, *text* says the program's own words.
    """
    screen.line(f"{text(HEADLINES[decision.recommendation])}  {decision.case.id}", tone="head")
    screen.line(_basis(decision, text), tone="faint")
    if decision.human_review.required:
        screen.line(text(REVIEW))
    _blocks(screen, decision, text)
    _judged(screen, decision, reasons, text)
    if decision.missing:
        screen.heading(text("Missing, and able to change the recommendation"))
        show_missing(screen, decision.missing, text)
    _quantity(screen, decision, text)
    screen.heading(text("Clauses"))
    _table(screen, decision.clauses, text)
    _rests_on(screen, decision, texts, text)
    _records(screen, decision, texts, text)
    if decision.advisories:
        screen.heading(text("Good to know; it decides nothing"))
        for advisory in decision.advisories:
            screen.line(advisory.text, mark="·", indent=2)
    screen.line()
    screen.line(_next(decision, path, text), tone="faint")


def show_missing(
    screen: Screen,
    missing: Iterable[Missing],
    text: Words = english,
    word: Callable[[str], str] = str,
) -> None:
    """Write what to ask for, with the possible answers; *word* says what an answer means."""
    for one in missing:
        more = text(", {count} needed", count=str(one.needed)) if one.needed > 1 else ""
        screen.line(f"{one.text}  {one.question}{more}", mark="?", tone="open", indent=2)
        screen.line(
            text("possible: {answers}", answers=_answers(one.answers, text, word)), indent=4
        )


def _answers(answers: Sequence[AnswerValue], text: Words, word: Callable[[str], str]) -> str:
    """Return answers as they are typed, each with its meaning where that is another word."""
    if len(answers) <= _MOST_ANSWERS:
        typed = map(answer_text, answers)
        return ", ".join(f"{a} ({said})" if (said := word(a)) != a else a for a in typed)
    first, last = answer_text(answers[0]), answer_text(answers[-1])
    return text(
        "{first} … {last}, {count} answers", first=first, last=last, count=str(len(answers))
    )


def answer_text(answer: AnswerValue) -> str:
    """Return an answer as it is typed: `negative`, `3`, `3,5`."""
    return f"{answer[0]},{answer[1]}" if isinstance(answer, tuple) else str(answer)


def question_text(question: str, texts: Mapping[str, str]) -> str:
    """Return the question in words, or nothing: `failed(fingolimod)` asks what `failed` asks."""
    return texts.get(question.partition("(")[0], "")


def _basis(decision: Decision, text: Words) -> str:
    policy = decision.policy
    parts = [text("{policy} version {version}", policy=policy.id, version=policy.version)]
    if decision.as_of:
        parts.append(text("as of {day}", day=decision.as_of))
    if decision.decided_on:
        parts.append(text("records seen on {day}", day=decision.decided_on))
    return ", ".join(parts)


def ground_text(ground: str | tuple[str, ...], text: Words = english) -> str:
    """Return a ground: a clause, or clauses of which one blocks in every case."""
    return ground if isinstance(ground, str) else text(" or ").join(ground)


def _blocks(screen: Screen, decision: Decision, text: Words) -> None:
    """What blocks an approval, or reduces it: grounds only, never what is missing."""
    if not decision.grounds:
        return
    clauses = {clause.id: clause for clause in decision.clauses}
    reduced = decision.recommendation == "partial"
    screen.heading(text("Reduces the approval" if reduced else "Blocks approval"))
    for ground in decision.grounds:
        if isinstance(ground, str):
            _clause(screen, clauses[ground], len(ground), text)
            screen.line(clauses[ground].locator, indent=4, tone="faint")
            continue
        one_of = text("one of {clauses} in every case", clauses=ground_text(ground, text))
        screen.line(one_of, mark="✗", tone="bad", indent=2)
        for name in ground:
            screen.line(f"{name}  {clauses[name].text}", indent=4)
            screen.line(clauses[name].locator, indent=6, tone="faint")


def _judged(screen: Screen, decision: Decision, reasons: Mapping[str, str], text: Words) -> None:
    if decision.refer_reasons:
        screen.heading(text("Needs a person's judgement"))
        for reason in decision.refer_reasons:
            screen.line(f"{reason}  {reasons.get(reason, '')}", mark="?", tone="open", indent=2)


def _table(screen: Screen, clauses: Iterable[ClauseStatus], text: Words) -> None:
    rows = list(clauses)
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        _clause(screen, row, width, text)


def _clause(screen: Screen, clause: ClauseStatus, width: int, text: Words) -> None:
    mark = MARKS[clause.status]
    status = text(spoken(clause.status)).ljust(9)
    line = f"{clause.id.ljust(width)}  {status}  {clause.text}"
    screen.line(line, mark=mark, tone=TONES[mark], indent=2, hang=width + len(status) + 6)


def amount_text(amount: Mapping[str, int] | None, text: Words = english) -> str:
    """Return an amount in each unit: `3 vials (36 mg, 36 units)`."""
    if amount is None:
        return text("not stated")
    (unit, count), *more = amount.items()
    others = ", ".join(f"{number} {text(name)}" for name, number in more)
    return f"{count} {text(unit)}" + (f" ({others})" if others else "")


def given_text(decision: Decision, text: Words = english) -> str:
    """Return what an approval gives: `42 units (420 mg), for 6 months`."""
    given = amount_text(decision.quantity.approved, text)
    if decision.authorization:
        given += text(", for {months} months", months=str(decision.authorization.months))
    return given


def _quantity(screen: Screen, decision: Decision, text: Words) -> None:
    quantity = decision.quantity
    line = text("requested {amount}", amount=amount_text(quantity.requested, text))
    if quantity.approved is not None:
        line += text(", recommended {amount}", amount=given_text(decision, text))
    screen.heading(text("Quantity"))
    screen.line(line, indent=2)


def _rests_on(screen: Screen, decision: Decision, texts: Mapping[str, str], text: Words) -> None:
    """Assumptions and readings, those that carry the recommendation first."""
    decisive = [one for one in decision.assumptions if one.decisive]
    others = [one for one in decision.assumptions if not one.decisive]
    if decision.assumptions:
        screen.heading(text("Assumed, because no record speaks on it"))
    for one in decisive:
        words = question_text(one.question, texts)
        line = f"{one.question} = {answer_text(one.answer)}  {words}"
        rests = text("The recommendation rests on it.")
        screen.line(f"{line} {rests}", mark="~", tone="open", indent=2)
    if others:
        said = ", ".join(f"{one.question} = {answer_text(one.answer)}" for one in others)
        screen.line(text("without effect here: {things}", things=said), mark="·", indent=2)
    if decision.readings:
        screen.heading(text("Readings of ambiguous words"))
    for reading in decision.readings:
        effect = "the recommendation rests on it" if reading.decisive else "without effect here"
        screen.line(
            f"{reading.id} = {answer_text(reading.value)}  {text(effect)}",
            mark="~",
            tone="open",
            indent=2,
        )


def _records(screen: Screen, decision: Decision, texts: Mapping[str, str], text: Words) -> None:
    if decision.conflicts:
        screen.heading(text("Records that contradict each other"))
    for conflict in decision.conflicts:
        answers = text(" or ").join(answer_text(answer) for answer in conflict.answers)
        words = question_text(conflict.question, texts)
        by = text("by {records}", records=", ".join(conflict.records))
        screen.line(
            f"{conflict.question}: {answers}, {by}  {words}", mark="!", tone="open", indent=2
        )
    if decision.doubts:
        screen.heading(text("Records that support nothing"))
    for doubt in decision.doubts:
        questions = ", ".join(doubt.questions)
        about = text("it may bear on {questions}", questions=questions) if questions else ""
        line = f"{doubt.record}  {spoken(doubt.reason)}  {about}".rstrip()
        screen.line(line, mark="!", tone="open", indent=2)
    if decision.unread:
        screen.heading(text("Not read"))
    for one in decision.unread[:_MOST_UNREAD]:
        screen.line(f"{one.record}  {one.reason}  {one.pointer}", mark="·", indent=2)
    more = len(decision.unread) - _MOST_UNREAD
    if more > 0:
        words = text("… and {number} more: --format json lists all", number=str(more))
        screen.line(words, indent=2)


def _next(decision: Decision, path: str, text: Words) -> str:
    more = f" · reasoner missing {path}" if decision.missing else ""
    return text("next: {commands}", commands=f"reasoner why {path}{more}")
