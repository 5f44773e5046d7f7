"""What a policy asks, and how its ambiguous words may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from clingo import Symbol

from explain.evidence import shared_facts
from reasoner.facts import answer_value
from reasoner.model import AnswerValue

if TYPE_CHECKING:
    from reasoner.engine import Reasoner

__all__ = ["QuestionRow", "ReadingRow", "questionnaire", "readings_of"]


class QuestionRow(msgspec.Struct, frozen=True):
    """A question, or a family of them (`failed(_)`) with its *members*.

    *presumed* is its answer where no record speaks and none casts doubt; *can* says what may
    still happen to an answer: be changed, be documented.
    """

    id: str
    text: str
    answers: tuple[AnswerValue, ...]
    presumed: AnswerValue | None
    can: tuple[str, ...]
    members: tuple[str, ...] = ()


class ReadingRow(msgspec.Struct, frozen=True):
    """A reading: the *clause*, the *issue*, its *values* (the default first) and the *reason*."""

    id: str
    clause: str
    issue: str
    values: tuple[AnswerValue, ...]
    reason: str


def questionnaire(reasoner: Reasoner) -> list[QuestionRow]:
    """Return what the policy of *reasoner* asks, in the order of its texts."""
    worlds = reasoner.worlds
    facts = shared_facts(reasoner.policy, reasoner.terminology, reasoner.defaults)
    presumed = {one.arguments[0]: one.arguments[1] for one in facts if one.name == "presumed"}
    can: dict[str, list[str]] = {}
    for one in facts:
        if one.match("can", 2):
            can.setdefault(one.arguments[0].name, []).append(str(one.arguments[1]))
    rows: dict[str, QuestionRow] = {}
    members: dict[str, list[str]] = {}
    for question in sorted(worlds.answers, key=worlds.position):
        if question.name == "reading":
            continue
        label = _label(question, worlds.families)
        members.setdefault(label, []).extend(map(str, question.arguments))
        rows.setdefault(
            label,
            QuestionRow(
                label,
                worlds.texts.get(question.name, ""),
                tuple(answer_value(answer) for answer in worlds.answers[question]),
                answer_value(presumed[question]) if question in presumed else None,
                tuple(sorted(can.get(question.name, ()))),
            ),
        )
    return [
        msgspec.structs.replace(row, members=tuple(members[label]))
        if label.endswith("(_)")
        else row
        for label, row in rows.items()
    ]


def _label(question: Symbol, families: dict[Symbol, str]) -> str:
    return f"{families[question]}(_)" if question in families else str(question)


def readings_of(reasoner: Reasoner) -> list[ReadingRow]:
    """Return the readings of the policy, in the order of the clauses they are about."""
    worlds = reasoner.worlds

    def said(name: str) -> dict[str, str]:
        return {one.name: text.string for one, text in worlds.facts(name, 2)}

    about, issue, reason = said("about"), said("issue"), said("reason")
    order = [clause.id for clause in reasoner.policy.identity.clauses]

    def position(name: str) -> tuple[int, str]:
        clause = about.get(name, "")
        return (order.index(clause) if clause in order else len(order)), name

    rows = []
    for name in sorted(reasoner.readings, key=position):
        default = reasoner.defaults[name]
        others = [answer for answer in reasoner.readings[name] if answer != default]
        values = tuple(answer_value(answer) for answer in [default, *others])
        rows.append(
            ReadingRow(name, about.get(name, ""), issue.get(name, ""), values, reason.get(name, ""))
        )
    return rows
