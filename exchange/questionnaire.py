"""The questions still open as a Questionnaire: a QuestionnaireResponse to it answers them."""

from __future__ import annotations

from typing import Any, Final

from clingo import Symbol

from exchange.element import Element, identity, present
from explain.language import Language
from reasoner.engine import Examination, Reasoner
from reasoner.facts import answer_value
from reasoner.fhir.vocabulary import ANSWERS, QUESTIONNAIRE, answer_code
from reasoner.plain import plain
from reasoner.record import open_questions
from reasoner.worlds import Worlds

__all__ = ["canonical", "questionnaire"]

_BOUNDS: Final = "http://hl7.org/fhir/StructureDefinition"


def canonical(examination: Examination) -> str:
    """Return the canonical address of the Questionnaire for *examination*."""
    decision = examination.decision
    asked = [one.question for one in decision.missing]
    name = identity(decision.case.digest, decision.policy.digest, *asked)
    return f"{QUESTIONNAIRE}/{name}"


def questionnaire(reasoner: Reasoner, examination: Examination, language: Language) -> Element:
    """Return what is still open as a Questionnaire in *language*.

    The link id of an item is its question, `failed(glatiramer_acetate)`; what stands for a
    family is a group of its members. A whole number is an integer, any other answer one of the
    codes that the rules know.
    """
    decision = examination.decision
    worlds = reasoner.worlds_for(examination.settled)
    url = canonical(examination)
    texts = {one.question: language.policy(one.text).text for one in decision.missing}
    items: dict[str, dict[str, Any]] = {}
    for question in open_questions(worlds, examination.verdict):
        label = f"{question.name}(_)" if question.arguments else str(question)
        if not question.arguments:
            items[label] = _item(worlds, question, texts.get(label, ""), language)
            continue
        group = items.setdefault(
            label,
            {"linkId": label, "text": plain(texts.get(label, label)), "type": "group", "item": []},
        )
        group["item"].append(
            _item(worlds, question, _member(reasoner, question, language), language)
        )
    title = language.text("Questions that are still open: {case}", case=decision.case.id)
    return present(
        resourceType="Questionnaire",
        id=url.rpartition("/")[2],
        language=language.code,
        url=url,
        version=decision.policy.version,
        title=plain(title),
        status="active",
        subjectType=["Patient"],
        date=decision.decided_on,
        purpose=plain(
            language.text(
                "Policy: {document}, version {version}",
                document=reasoner.policy.identity.document,
                version=decision.policy.version,
            )
        ),
        item=list(items.values()),
    )


def _member(reasoner: Reasoner, question: Symbol, language: Language) -> str:
    """Return what is asked of one member of a family: the question, and which member."""
    text = language.policy(reasoner.worlds.texts.get(question.name, "")).text
    if question not in reasoner.worlds.families:
        return f"{text} {language.text('Further ones:')}".strip()
    names = [reasoner.terminology.spoken(one.name) for one in question.arguments]
    return f"{text} {', '.join(map(language.word, names))}".strip()


def _item(worlds: Worlds, question: Symbol, text: str, language: Language) -> dict[str, Any]:
    answers = [answer_value(one) for one in worlds.answers[question]]
    item = {"linkId": str(question), "text": plain(text or str(question))}
    numbers = [one for one in answers if isinstance(one, int)]
    if answers and len(numbers) == len(answers):
        bounds = (("minValue", min(numbers)), ("maxValue", max(numbers)))
        extension = [{"url": f"{_BOUNDS}/{name}", "valueInteger": most} for name, most in bounds]
        return {"extension": extension, **item, "type": "integer"}
    codes = [answer_code(one) for one in answers]
    options = [
        {"valueCoding": {"system": ANSWERS, "code": code, "display": _word(code, language)}}
        for code in codes
    ]
    return {**item, "type": "choice", "answerOption": options}


def _word(code: str, language: Language) -> str:
    said = language.word(code)
    return code.replace("_", " ") if said == code else said
