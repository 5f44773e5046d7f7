"""`what-if`: what given answers would change; without any, which answers would lead to a result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared
from reasoner.errors import UsageError, nearest
from reasoner.model import Recommendation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reasoner.decision import Decision
    from reasoner.model import AnswerValue

__all__ = ["what_if"]

_Given = Annotated[
    list[str] | None,
    typer.Argument(metavar="[QUESTION=ANSWER]...", help="hiv=negative vials_available=3,5"),
]
_Want = Annotated[
    str | None,
    typer.Option("--want", metavar="RESULT", help="What the answers are to lead to: approve."),
]


@shared(lang=True)
def what_if(options: Options, case: CasePath, given: _Given = None, want: _Want = None) -> int:
    """Show what given answers would change; without any, what would lead to an approval."""
    if not given:
        return _search(options, case, _wanted(want or "approve"))
    if want is not None:
        raise UsageError(
            "usage.want",
            "`--want` looks for answers, and here they are given",
            hint="leave out one of the two",
        )
    answers = _answers(given)
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.marks import HEADLINES

    read = open_case(options, case)
    reasoner = open_reasoner(options, case=read)
    plain, other = (
        reasoner.decide(
            read, readings=options.readings, decided_on=options.decided_on, answers=some
        )
        for some in (None, answers)
    )
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        found = {"given": answers, "changes": list(_changes(plain, other)), "decision": other}
        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return ANSWERED
    from explain.language import load_language

    language = load_language(options.lang, reasoner.policy)
    say = language.text
    result = say(HEADLINES[other.recommendation])
    said = say("IF {answers}: {result}", answers=", ".join(given), result=result)
    screen.line(f"{said}  {read.id}", tone="head")
    screen.line(say("a supposition, not a decision: the records do not say so"))
    changes = list(_changes(plain, other))
    screen.heading(say("What changes" if changes else "Nothing changes"))
    for what, before, after in changes:
        screen.line(f"{say(what)}: {language.word(before)} -> {language.word(after)}", indent=2)
    return ANSWERED


def _search(options: Options, path: str, want: Recommendation) -> int:
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.wishes import find_alternatives

    read = open_case(options, path)
    reasoner = open_reasoner(options, case=read)
    found = find_alternatives(
        reasoner, read, want, readings=options.readings, decided_on=options.decided_on
    )
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return ANSWERED
    from explain.language import load_language
    from reasoner.cli.alternatives_text import show_alternatives
    from reasoner.facts import answer_value

    declared = {
        str(question): [answer_value(answer) for answer in answers]
        for question, answers in reasoner.worlds.answers.items()
    }
    language = load_language(options.lang, reasoner.policy)
    show_alternatives(screen, found, declared, reasoner.worlds.texts, path, language)
    return ANSWERED


def _wanted(text: str) -> Recommendation:
    """Return the recommendation that *text* names.

    Raises:
        UsageError: there is no such recommendation.
    """
    known: tuple[Recommendation, ...] = get_args(Recommendation)
    for one in known:
        if one == text.replace("-", "_"):
            return one
    raise UsageError(
        "usage.want",
        f"there is no recommendation `{text}`",
        hint=nearest(text, list(known)) or f"one of {', '.join(known)}",
    )


def _answers(given: list[str]) -> dict[str, AnswerValue]:
    """Return what was given as typed answers: a word, a whole number, or a pair.

    >>> _answers(["hiv=negative", "vials_requested=3", "vials_available=3,5"])
    {'hiv': 'negative', 'vials_requested': 3, 'vials_available': (3, 5)}
    """
    found: dict[str, AnswerValue] = {}
    for text in given:
        question, equals, value = text.partition("=")
        if not (question and equals and value):
            raise UsageError(
                "usage.answers", f"`{text}` is no answer", hint="write it like `hiv=negative`"
            )
        question = question.strip()
        if question in found:
            raise UsageError("usage.answers", f"`{question}` is answered twice")
        found[question] = _typed(value.strip())
    return found


def _typed(text: str) -> AnswerValue:
    if re.fullmatch(r"-?[0-9]{1,10}", text):
        return int(text)
    if pair := re.fullmatch(r"\(?([0-9]{1,10}),\s*([0-9]{1,10})\)?", text):
        return int(pair[1]), int(pair[2])
    return text


def _changes(before: Decision, after: Decision) -> Iterator[tuple[str, str, str]]:
    """Yield what differs between two decisions on one case, the recommendation first."""
    from reasoner.cli.decision_text import given_text, ground_text
    from reasoner.cli.words import spoken

    def grounds(decision: Decision) -> str:
        return ", ".join(ground_text(ground) for ground in decision.grounds) or "none"

    def asked(decision: Decision) -> str:
        return ", ".join(one.question for one in decision.missing) or "nothing"

    pairs = [
        ("recommendation", spoken(before.recommendation), spoken(after.recommendation)),
        ("approved", given_text(before), given_text(after)),
        ("grounds", grounds(before), grounds(after)),
        ("missing", asked(before), asked(after)),
    ]
    for old, new in zip(before.clauses, after.clauses, strict=True):
        pairs.append((old.id, spoken(old.status), spoken(new.status)))
    for what, first, second in pairs:
        if first != second:
            yield what, first, second
