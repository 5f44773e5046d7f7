"""What a check finds wrong, a line each; after some of them it stops."""

from __future__ import annotations

from reasoner.certificate.term import TermError, read_term

__all__ = ["Enough", "Faults", "read_atom", "shown"]

_MOST = 20
_LONGEST = 160


class Enough(Exception):  # noqa: N818 -- it is no error: the rest is not looked at
    """So much is wrong that the rest is not looked at."""


class Faults:
    """The faults that were found, in the order of the checks."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, where: str, what: str) -> None:
        """Note a fault.

        Raises:
            Enough: there are enough of them.
        """
        self.lines.append(f"{where}: {what}")
        if len(self.lines) >= _MOST:
            raise Enough

    def stop(self) -> None:
        """Go no further where something is wrong: what follows rests on it.

        Raises:
            Enough: there is a fault.
        """
        if self.lines:
            raise Enough


def shown(text: str) -> str:
    """Return *text* of a proof for a message: in backticks, on one line, cut where it is long."""
    line = text.encode("utf-8", "backslashreplace").decode()
    line = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line[: _LONGEST + 1])
    return f"`{line}`" if len(line) <= _LONGEST else f"`{line[:_LONGEST]}…`"


def read_atom(text: str) -> tuple[object, ...] | None:
    """Return the atom that *text* writes, or nothing where it writes none."""
    try:
        term = read_term(text)
    except TermError:
        return None
    return term if isinstance(term, tuple) and term[0] and term[0][0] != "#" else None
