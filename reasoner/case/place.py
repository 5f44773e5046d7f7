"""Places in a document, and the faults found there before the file's name is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from reasoner.errors import CaseError

__all__ = ["NOWHERE", "Fault", "Path", "Positions", "each", "field", "optional", "show"]

_Note = TypeVar("_Note")
_Read = TypeVar("_Read")

Path = tuple[str | int, ...]
"""The way to a value: `("therapies", 0, "start")`."""

Positions = Mapping[Path, tuple[int, int]]
"""Line and column of each value, both from 1; empty where the notation keeps none (JSON)."""

NOWHERE: Positions = {}

_DEEPEST = 6  # steps of a path in a message
_SHOWN = 60  # characters of the sender's text in a message


class Fault(Exception):  # noqa: N818 - it becomes the CaseError once the file is known
    """What is wrong, and the path to it seen from where it was raised."""

    def __init__(self, code: str, message: str, *path: str | int, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path: Path = path
        self.hint = hint

    def under(self, *path: str | int) -> Fault:
        """Return the same fault, seen from further up."""
        self.path = (*path, *self.path)
        return self

    def error(self, name: str, positions: Positions = NOWHERE) -> CaseError:
        """Return the error for the document *name*: `case.yaml:12:3 request.plan`."""
        path = self.path[:_DEEPEST]
        place = path
        while place and place not in positions:
            place = place[:-1]
        line_column = positions.get(place)
        at = f"{name}:{line_column[0]}:{line_column[1]}" if line_column else name
        where = f"{at} {field(path)}".strip()
        return CaseError(self.code, self.message, where=where, hint=self.hint)


def optional(name: str, read: Callable[[_Note], _Read], note: _Note | None) -> _Read | None:
    """Return what *note*, called *name*, says, or None where nothing is stated."""
    if note is None:
        return None
    try:
        return read(note)
    except Fault as fault:
        raise fault.under(name) from None


def each(
    name: str, read: Callable[[_Note], _Read], notes: Iterable[_Note] | None
) -> tuple[_Read, ...]:
    """Return what each of *notes*, listed under *name*, says."""
    found: list[_Read] = []
    for note in notes or ():
        try:
            found.append(read(note))
        except Fault as fault:
            raise fault.under(name, len(found)) from None
    return tuple(found)


def field(path: Path) -> str:
    """Return *path* as it is written for a reader.

    >>> field(("therapies", 0, "start"))
    'therapies[0].start'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_printable(step)}"
    return text.removeprefix(".")


def show(value: object) -> str:
    r"""Return *value* as a message shows it: short, on one line, nothing invisible.

    >>> show("a\x1b[31m")
    '`a\\x1b[31m`'
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case int() if abs(value) >= 10**_SHOWN:
            return "a number that is far too large"
        case _:
            return f"`{_printable(str(value))}`"


def _printable(text: str) -> str:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    if shown.isprintable():
        return shown
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in shown
    )
