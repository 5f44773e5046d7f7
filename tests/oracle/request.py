"""The case as the modules of evidence see it: planned days, decision date, direct answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .days import EVER, Span, span

__all__ = ["DEFAULT_READINGS", "Case", "Record", "documented", "open_case"]

Record = Mapping[str, Any]

DEFAULT_READINGS: dict[str, str | int] = {
    "other_relapsing": "refer",
    "intolerance_counts": "no",
    "counted_by": "ingredient",
    "off_label_counts": "no",
    "minimum_trial_days": 0,
    "highly_active_bypass": "no",
    "hiv_test_max_age_months": "none",
    "exclusion_iv_list": "open",
    "concurrent_means": "overlap",
    "chronic_infection": "active",
    "infection_unstated": "absent",
    "under_18": "exclusion_vi",
    "twelve_months": "rolling",
    "exception_vials_count": "yes",
    "first_course": "once_in_a_lifetime",
    "parent_code_after_2025": "accept",
}

_YES_NO = ("no", "yes")
_ANSWERS: dict[str, tuple[str, ...]] = {
    "scope": _YES_NO,
    "service_dates": ("planned", "unplanned"),
    "indication": ("ms", "other"),
    "phenotype": ("rrms", "active_spms", "nonactive_spms", "ppms", "cis", "other_relapsing"),
    "hiv": ("negative", "positive"),
    "infection": _YES_NO,
    "adult": _YES_NO,
    "highly_active": _YES_NO,
    "failed(others)": ("0", "1", "2"),
    "concurrent(others)": _YES_NO,
    "first_course": _YES_NO,
}


def documented(record: Record) -> bool:
    """Tell whether the record is in the chart: said so, or not denied and beside a source."""
    stated = record.get("documented")
    return bool(record.get("source")) if stated is None else bool(stated)


def _text(answer: object) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return str(answer)


def _declared(question: str, answer: str) -> bool:
    if question == "vials_requested":
        return answer.isdigit() and int(answer) > 0
    if question == "vials_available":
        return _pair(answer) is not None
    if question in _ANSWERS:
        return answer in _ANSWERS[question]
    return answer in _YES_NO  # failed(D), intolerant(D), concurrent(D)


def _pair(answer: str) -> tuple[int, int] | None:
    parts = [part.strip() for part in answer.strip("()[] ").split(",")]
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        return None
    without, with_exception = int(parts[0]), int(parts[1])
    return (without, with_exception) if 0 <= without <= 3 and with_exception <= 5 else None


@dataclass(frozen=True)
class Case:
    """One case, its readings, and the days on which everything is judged.

    *planned* is one span a planned infusion, in order; without service dates it is one span
    from the decision date onward.
    """

    raw: Record
    readings: Mapping[str, str | int]
    decided: dt.date | None
    planned: tuple[Span, ...]
    dated: bool

    @property
    def first(self) -> Span:
        """The first planned infusion."""
        return self.planned[0]

    @property
    def last(self) -> Span:
        """The last planned infusion."""
        return self.planned[-1]

    @property
    def request(self) -> Record:
        """The request section."""
        found: Record = self.raw.get("request") or {}
        return found

    def records(self, section: str, *, question: str = "") -> list[Record]:
        """Return the records of a section, without those overruled for the question."""
        aside = self.overruled(question)
        return [r for r in self.raw.get(section) or () if r.get("id") not in aside]

    def complete(self, section: str) -> bool:
        """Tell whether the sender states the list to be complete."""
        return section in (self.raw.get("complete") or ())

    def after_decision(self, when: Span | None) -> bool:
        """Tell whether something is dated later than the decision, for certain."""
        return when is not None and self.decided is not None and when.first > self.decided

    def _given(self, question: str) -> list[Record]:
        return [a for a in self.raw.get("answers") or () if a.get("question") == question]

    def answers(self, question: str) -> list[str]:
        """Return the declared answers given directly."""
        texts = [_text(answer.get("answer")) for answer in self._given(question)]
        return [text for text in texts if _declared(question, text)]

    def dated_answers(self, question: str) -> list[tuple[str, Span | None]]:
        """Return the declared answers given directly, each with its date."""
        pairs = [(_text(a.get("answer")), span(a.get("date"))) for a in self._given(question)]
        return [(text, when) for text, when in pairs if _declared(question, text)]

    def pairs(self, question: str) -> list[tuple[int, int]]:
        """Return the answers that are pairs of vials."""
        return [pair for text in self.answers(question) if (pair := _pair(text))]

    def stray(self, question: str) -> bool:
        """Tell whether an undeclared answer casts doubt on the question."""
        return len(self.answers(question)) < len(self._given(question))

    def overruled(self, question: str) -> set[str]:
        """Return the ids of the records that a declared answer sets aside."""
        return {
            str(record)
            for answer in self._given(question)
            if _declared(question, _text(answer.get("answer")))
            for record in answer.get("overrules") or ()
        }

    def says_directly(self, question: str, *, doubt: bool) -> list[str | None]:
        """Return what answers say on an any-record question; *doubt*: a record casts doubt.

        A direct no outweighs every doubt, an undeclared answer's included.
        """
        given = self.answers(question)
        if given:
            return list(given)
        return ["doubt"] if doubt or self.stray(question) else []

    def answered_members(self, family: str) -> list[str]:
        """Return the members of a family that answers name, ``others`` left out."""
        questions = [str(a.get("question")) for a in self.raw.get("answers") or ()]
        return [
            question[len(family) + 1 : -1]
            for question in questions
            if question.startswith(f"{family}(") and not question.endswith("(others)")
        ]


def open_case(raw: Record, readings: Mapping[str, str | int] | None = None) -> Case:
    """Return the case with its dates worked out."""
    request: Record = raw.get("request") or {}
    stated: Sequence[object] = [request.get("received")]
    spans = [span(day) for day in (*stated, *(a.get("date") for a in raw.get("answers") or ()))]
    decided = max((found.last for found in spans if found), default=None)
    days = sorted(found for day in request.get("service_dates") or () if (found := span(day)))
    onward = Span(decided or EVER.first, EVER.last)
    return Case(
        raw=raw,
        readings={**DEFAULT_READINGS, **(readings or {})},
        decided=decided,
        planned=tuple(days) or (onward,),
        dated=bool(days),
    )
