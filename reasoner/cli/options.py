"""The options that commands share, as one value; nothing here needs typer."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reasoner.cli.bounds import SECONDS
from reasoner.errors import UsageError

if TYPE_CHECKING:
    from reasoner.cli.session import Reasoners
    from reasoner.decision import Decision
    from reasoner.terminology import Terminology

__all__ = ["Format", "Options"]


class Format(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"


class Options:
    """What was asked of a command besides its own arguments."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.time_limit: int = given.get("time_limit", SECONDS)
        self.form: str = given.get("format") or Format.TEXT
        self.json: bool = self.form == Format.JSON
        self.color: bool = not given.get("no_color", False)
        self.rules: Path | None = given.get("rules")
        self.terminology: list[Path] = given.get("terminology") or []
        self.reasoners: Reasoners | None = None
        self.tables: Terminology | None = None
        self.request: str | None = given.get("request")
        self.policy: str | None = given.get("policy")
        self.lang: str = given.get("lang") or "en"
        self.readings = _readings(given.get("reading") or [])
        self.as_of = _day(given.get("as_of"), "--as-of")
        self.decided_on = _day(given.get("decided_on"), "--decided-on")

    def dated(self, decision: Decision) -> Decision:
        """Return *decision* as of the day of `--as-of`, if that is given."""
        if self.as_of is None:
            return decision
        import msgspec

        return msgspec.structs.replace(decision, as_of=self.as_of.isoformat())


def _readings(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(
                "usage.reading",
                f"`{text}` is no reading",
                hint="write it like `--reading intolerance_counts=yes`",
            )
        if found.setdefault(name, value) != value:
            raise UsageError("usage.reading", f"the reading `{name}` is given twice")
    return found


def _day(text: str | None, option: str) -> dt.date | None:
    if text is None:
        return None
    try:
        if len(text) == len("YYYY-MM-DD"):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(
        "usage.date", f"`{text}` is no day of the calendar", where=option, hint="write YYYY-MM-DD"
    )
