"""A decision as text: what blocks and what is missing first, then clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reasoner.cli.words import HEADLINES, MARKS, TONES, spoken

if TYPE_CHECKING:
    from reasoner.cli.screen import Screen
    from reasoner.decision import ClauseStatus, Decision, Missing
    from reasoner.model import AnswerValue

__all__ = [
    "amount_text",
    "answer_text",
    "ground_text",
    "one_line",
    "question_text",
    "show_decision",
    "show_missing",
]

_MOST_ANSWERS = 12  # as many are listed one by one
_REVIEW = "recommendation only: a person must confirm"


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
        parts.append(amount_text(decision.quantity.approved))
    if decision.human_review.required:
        parts.append("a person must confirm")
    return "  ".join(part for part in parts if part)


def show_decision(
    screen: Screen,
    decision: Decision,
    texts: Mapping[str, str],
    reasons: Mapping[str, str],
    path: str,
) -> None:
    """Write a decision.

    *texts* are the policy's questions in words, *reasons* what it says to refer a case for,
    *path* names the case.
    """
    screen.line(f"{HEADLINES[decision.recommendation]}  {decision.case.id}", tone="head")
    screen.line(_basis(decision), tone="faint")
    if decision.human_review.required:
        screen.line(_REVIEW)
    _blocks(screen, decision)
    _judged(screen, decision, reasons)
    if decision.missing:
        screen.heading("Missing, and able to change the recommendation")
        show_missing(screen, decision.missing)
    _quantity(screen, decision)
    screen.heading("Clauses")
    _table(screen, decision.clauses)
    _rests_on(screen, decision, texts)
    _records(screen, decision, texts)
    if decision.advisories:
        screen.heading("Good to know; it decides nothing")
        for advisory in decision.advisories:
            screen.line(advisory.text, mark="·", indent=2)
    screen.line()
    screen.line(_next(decision, path), tone="faint")


def show_missing(screen: Screen, missing: Iterable[Missing]) -> None:
    """Write what to ask for, with the possible answers."""
    for one in missing:
        more = f", {one.needed} needed" if one.needed > 1 else ""
        answers = _answers(one.answers)
        screen.line(f"{one.text}  {one.question}{more}", mark="?", tone="open", indent=2)
        screen.line(f"possible: {answers}", indent=4)


def _answers(answers: Sequence[AnswerValue]) -> str:
    if len(answers) <= _MOST_ANSWERS:
        return ", ".join(map(answer_text, answers))
    return f"{answer_text(answers[0])} … {answer_text(answers[-1])}, {len(answers)} answers"


def answer_text(answer: AnswerValue) -> str:
    """Return an answer as it is typed: `negative`, `3`, `3,5`."""
    return f"{answer[0]},{answer[1]}" if isinstance(answer, tuple) else str(answer)


def question_text(question: str, texts: Mapping[str, str]) -> str:
    """Return the question in words, or nothing: `failed(fingolimod)` asks what `failed` asks."""
    return texts.get(question.partition("(")[0], "")


def _basis(decision: Decision) -> str:
    parts = [f"{decision.policy.id} version {decision.policy.version}"]
    if decision.as_of:
        parts.append(f"as of {decision.as_of}")
    if decision.decided_on:
        parts.append(f"records seen on {decision.decided_on}")
    return ", ".join(parts)


def ground_text(ground: str | tuple[str, ...]) -> str:
    """Return a ground: a clause, or clauses of which one blocks in every case."""
    return ground if isinstance(ground, str) else " or ".join(ground)


def _blocks(screen: Screen, decision: Decision) -> None:
    """What blocks an approval, or reduces it: grounds only, never what is missing."""
    if not decision.grounds:
        return
    clauses = {clause.id: clause for clause in decision.clauses}
    reduced = decision.recommendation == "partial"
    screen.heading("Reduces the approval" if reduced else "Blocks approval")
    for ground in decision.grounds:
        if isinstance(ground, str):
            _clause(screen, clauses[ground], len(ground))
            screen.line(clauses[ground].locator, indent=4, tone="faint")
            continue
        screen.line(f"one of {ground_text(ground)} in every case", mark="✗", tone="bad", indent=2)
        for name in ground:
            screen.line(f"{name}  {clauses[name].text}", indent=4)
            screen.line(clauses[name].locator, indent=6, tone="faint")


def _judged(screen: Screen, decision: Decision, reasons: Mapping[str, str]) -> None:
    if decision.refer_reasons:
        screen.heading("Needs a person's judgement")
        for reason in decision.refer_reasons:
            screen.line(f"{reason}  {reasons.get(reason, '')}", mark="?", tone="open", indent=2)


def _table(screen: Screen, clauses: Iterable[ClauseStatus]) -> None:
    rows = list(clauses)
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        _clause(screen, row, width)


def _clause(screen: Screen, clause: ClauseStatus, width: int) -> None:
    mark = MARKS[clause.status]
    text = f"{clause.id.ljust(width)}  {spoken(clause.status).ljust(9)}  {clause.text}"
    screen.line(text, mark=mark, tone=TONES[mark], indent=2, hang=width + 15)


def amount_text(amount: Mapping[str, int] | None) -> str:
    """Return an amount in each unit: `3 vials (36 mg, 36 units)`."""
    if amount is None:
        return "not stated"
    (unit, count), *more = amount.items()
    others = ", ".join(f"{number} {name}" for name, number in more)
    return f"{count} {unit}" + (f" ({others})" if others else "")


def _quantity(screen: Screen, decision: Decision) -> None:
    quantity = decision.quantity
    text = f"requested {amount_text(quantity.requested)}"
    if quantity.approved is not None:
        text += f", recommended {amount_text(quantity.approved)}"
    screen.heading("Quantity")
    screen.line(text, indent=2)


def _rests_on(screen: Screen, decision: Decision, texts: Mapping[str, str]) -> None:
    """Assumptions and readings, those that carry the recommendation first."""
    decisive = [one for one in decision.assumptions if one.decisive]
    others = [one for one in decision.assumptions if not one.decisive]
    if decision.assumptions:
        screen.heading("Assumed, because no record speaks on it")
    for one in decisive:
        words = question_text(one.question, texts)
        text = f"{one.question} = {answer_text(one.answer)}  {words}"
        screen.line(f"{text} The recommendation rests on it.", mark="~", tone="open", indent=2)
    if others:
        said = ", ".join(f"{one.question} = {answer_text(one.answer)}" for one in others)
        screen.line(f"without effect here: {said}", mark="·", indent=2)
    if decision.readings:
        screen.heading("Readings of ambiguous words")
    for reading in decision.readings:
        effect = "the recommendation rests on it" if reading.decisive else "without effect here"
        screen.line(
            f"{reading.id} = {answer_text(reading.value)}  {effect}",
            mark="~",
            tone="open",
            indent=2,
        )


def _records(screen: Screen, decision: Decision, texts: Mapping[str, str]) -> None:
    if decision.conflicts:
        screen.heading("Records that contradict each other")
    for conflict in decision.conflicts:
        answers = " or ".join(answer_text(answer) for answer in conflict.answers)
        words = question_text(conflict.question, texts)
        screen.line(
            f"{conflict.question}: {answers}, by {', '.join(conflict.records)}  {words}",
            mark="!",
            tone="open",
            indent=2,
        )
    if decision.doubts:
        screen.heading("Records that support nothing")
    for doubt in decision.doubts:
        about = f"  it may bear on {', '.join(doubt.questions)}" if doubt.questions else ""
        screen.line(
            f"{doubt.record}  {spoken(doubt.reason)}{about}", mark="!", tone="open", indent=2
        )
    if decision.unread:
        screen.heading("Not read")
    for one in decision.unread:
        screen.line(f"{one.record}  {one.reason}  {one.pointer}", mark="·", indent=2)


def _next(decision: Decision, path: str) -> str:
    more = f" · reasoner missing {path}" if decision.missing else ""
    return f"next: reasoner why {path}{more}"
