"""The reasons of a notice as the notes of a response, a sentence or a few each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from exchange.review import Review
from explain.language import Language
from explain.notice import Asked, Finding, Ground, Notice
from reasoner.plain import plain

__all__ = ["notes_of"]

_DRAFTS: Final = ("deny", "partial", "refer")


def notes_of(notice: Notice, review: Review, language: Language) -> list[str]:
    """Return the notes: what stands, then each reason, then what is missing.

    What nobody has reviewed says of itself that it is a draft.
    """
    said = [*_standing(notice, review, language), *notice.judged]
    said += [_finding(one, language) for one in notice.because]
    said += [_ground(one, language, len(several)) for several in notice.grounds for one in several]
    said += [_asked(one, language) for one in notice.missing]
    return [plain(one) for one in said if one]


def _standing(notice: Notice, review: Review, language: Language) -> Iterator[str]:
    text = language.text
    if review.action == "A4" and notice.recommendation in _DRAFTS:
        yield text("Pended for a person to review. What follows is a draft.")
    if review.by is not None:
        yield text("A person has reviewed this: {name}.", name=review.by)
    yield notice.recommended
    yield text(
        "Policy: {document}, version {version}",
        document=notice.document,
        version=notice.policy.version,
    )
    if notice.approved is not None:
        yield text("Amount recommended: {amount}", amount=_amount(notice.approved, language))


def _amount(amount: dict[str, int], language: Language) -> str:
    return ", ".join(f"{number} {language.text(unit)}" for unit, number in amount.items())


def _ground(ground: Ground, language: Language, alternatives: int) -> str:
    text = language.text
    parts = [f"{ground.clause}: {ground.text}: {ground.status} ({ground.locator})."]
    if alternatives > 1:
        parts.insert(0, text("One of several reasons of which one stands in every case."))
    parts += [*ground.because, ground.count]
    parts += [_finding(one, language) for one in ground.findings]
    return _joined([*parts, *ground.change])


def _asked(asked: Asked, language: Language) -> str:
    text = language.text
    parts = [text("Missing: {question}", question=asked.text)]
    if asked.clauses:
        parts.append(text("Needed for: {clauses}", clauses=", ".join(asked.clauses)))
    return _joined(parts)


def _finding(finding: Finding, language: Language) -> str:
    text = language.text
    said = finding.said if finding.used else text("Not used: {what}", what=finding.said)
    if not finding.record:
        return said
    record = text(
        "Record: {record}; date: {day}; source: {source}",
        record=finding.record,
        day=finding.day,
        source=finding.source,
    )
    return f"{said} {record}."


def _joined(parts: Iterable[str]) -> str:
    sentences = (one if one.endswith((".", "?", "!", ":")) else f"{one}." for one in parts if one)
    return " ".join(sentences)
