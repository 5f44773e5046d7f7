"""What can go wrong, split by who can mend it: the sender, the author, the user.

Every error is one line that says what is wrong and where, with the mend as a separate
hint. Nothing is ever half done: an error leaves no output and no record behind.
"""

from __future__ import annotations

__all__ = ["BoundError", "CaseError", "PolicyError", "ReasonerError", "UsageError", "nearest"]


class ReasonerError(Exception):
    """The root of all errors that a user can mend.

    *code* is stable and names the kind (`case.date`), *message* is one lower-case
    sentence with the user's text in backticks, *where* is a place (`cases/a.yaml:12
    request.quantity.value`), *hint* says how to mend it.
    """

    def __init__(self, code: str, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        lines = [f"error[{self.code}]: {self.message}"]
        if self.where:
            lines.append(f"  --> {self.where}")
        if self.hint:
            lines.append(f"  = hint: {self.hint}")
        return "\n".join(lines)


class CaseError(ReasonerError):
    """The case, the order or the answers cannot be read: the sender can mend it."""


class PolicyError(ReasonerError):
    """A rule file, a policy folder or a terminology is wrong: its author can mend it."""


class UsageError(ReasonerError):
    """The command line asks for something that does not exist or does not fit together."""


class BoundError(ReasonerError):
    """No conclusion within the bounds of time or memory: said, never guessed."""


def nearest(name: str, known: list[str]) -> str:
    """Return a hint naming the *known* word nearest to *name*, or the empty string.

    >>> nearest("quantitiy", ["quantity", "plan"])
    'did you mean `quantity`?'
    >>> nearest("zzz", ["quantity", "plan"])
    ''
    """
    from difflib import get_close_matches

    found = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else ""
