"""The day of each record and who states it, as a letter says them."""

from __future__ import annotations

from explain.language import Language
from explain.record import source_text
from reasoner.model import Answer, Case, Day

__all__ = ["Dates"]


class Dates:
    """The day of each record, and where it comes from when it cites no source."""

    def __init__(self, case: Case, language: Language) -> None:
        self._text = language.text
        self._days: dict[str, str] = {}
        self._origins: dict[str, str] = {}
        received = self._day(case.request.received)
        sent = self._text("the request")
        for record in case.records:
            self._days[record.id] = self._of(record)
        for index, answer in enumerate(case.answers):
            name = f"answers[{index}]"
            self._days[name] = self._day(answer.date) or received
            self._origins[name] = self._by(answer)
        for name in ("request", "member"):
            self._days[name], self._origins[name] = received, sent
        for section in ("conditions", "therapies", "observations", "doses"):
            name = f"complete[{section}]"
            self._days[name], self._origins[name] = received, sent

    def of(self, name: str) -> str:
        """Return the day of a record, or of the request that states it."""
        return self._days.get(name, "")

    def origin(self, name: str) -> str:
        """Return who states what cites no source."""
        return self._origins.get(name, "")

    def _of(self, record: object) -> str:
        for name in ("date", "recorded"):
            if isinstance(day := getattr(record, name, None), Day):
                return day.text
        start, end = (getattr(record, name, None) for name in ("start", "end"))
        start = start or getattr(record, "onset", None)
        if start and end:
            return self._text("{first} to {last}", first=start.text, last=end.text)
        if start:
            return self._text("from {first}", first=start.text)
        return self._text("until {last}", last=end.text) if end else ""

    def _by(self, answer: Answer) -> str:
        if source := source_text(answer.source):
            return source
        return (
            self._text("answer by {name}", name=answer.by) if answer.by else self._text("an answer")
        )

    @staticmethod
    def _day(day: Day | None) -> str:
        return day.text if day else ""
