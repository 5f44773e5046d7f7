"""QuestionnaireResponses: questions of the policy, answered by a person.

An item answers a question where its `linkId` is the id of that question, `hiv` or
`failed(glatiramer_acetate)`, as the Questionnaire that asks for what is missing has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reasoner.case.known import Asks
from reasoner.case.notation import QUESTION_PATTERN
from reasoner.case.place import show
from reasoner.fhir.amount import number
from reasoner.fhir.chart import Chart
from reasoner.fhir.element import Element
from reasoner.fhir.resource import Resource
from reasoner.model import Answer, AnswerValue

__all__ = ["answers"]

_QUESTION: Final = re.compile(QUESTION_PATTERN)
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_PAIR: Final = re.compile(r"[(\[]?\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*[)\]]?")
_LIMIT: Final = 2**31  # what a rule can hold
_DONE: Final = ("completed", "amended")
UNREADABLE: Final = "an answer that cannot be read"
"""What is no answer of any question: it settles nothing, and casts doubt on its own."""


def answers(chart: Chart, asks: Asks) -> list[Answer]:
    """Read the completed QuestionnaireResponses, item by item."""
    found: list[Answer] = []
    for resource, documented in chart.records("QuestionnaireResponse"):
        element = resource.element
        status = element.word("status")
        if status not in _DONE:
            chart.note(resource, f"the status of the answers is {show(status)}: they are not read")
            continue
        author = element.one("author")
        for item in _items(element):
            question = item.word("linkId") or ""
            if not item.length("answer"):
                continue
            if not _QUESTION.fullmatch(question) or not asks(question):
                reason = f"the policy asks no question {show(question)}"
                chart.note(resource, reason, item.pointer)
                continue
            for answer in item.many("answer"):
                value = _value(chart, resource, answer) if documented is None else UNREADABLE
                record = Answer(
                    question=question,
                    answer=value,
                    by=(author.text("display") or author.text("reference")) if author else None,
                    date=element.day("authored"),
                    source=resource.source_at(answer.pointer),
                )
                found.append(record)
    return found


def _items(element: Element) -> Iterator[Element]:
    for item in element.many("item"):
        yield item
        yield from _items(item)
        for answer in item.many("answer"):
            yield from _items(answer)


def _value(chart: Chart, resource: Resource, answer: Element) -> AnswerValue:
    """Return what is answered, as the rules name it: a word, a number or a pair."""
    coding = answer.one("valueCoding")
    text = coding.word("code") if coding else answer.text("valueString")
    if text is not None and text.isprintable():
        return _written(text.strip())
    if (flag := answer.flag("valueBoolean")) is not None:
        return "yes" if flag else "no"
    for name in ("valueInteger", "valueDecimal"):
        told = number(answer.fields.get(name))
        if told is not None and told == int(told) and abs(told) < _LIMIT:
            return int(told)
    reason = "the answer cannot be read: it is a code, a whole number, a text or a boolean"
    chart.note(resource, reason, answer.pointer)
    return UNREADABLE


def _written(text: str) -> AnswerValue:
    if _NUMBER.fullmatch(text):
        return int(text)
    pair = _PAIR.fullmatch(text)
    return (int(pair[1]), int(pair[2])) if pair else text
