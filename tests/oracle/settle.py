"""How what is said on one question becomes the answers that stay possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Answer", "Question", "any_record", "intersect"]


Answer = str | int | tuple[int, int]


@dataclass(frozen=True)
class Question:
    """The answers that stay possible.

    *presumed* is the answer taken because nothing is said; *declared* is every answer there is,
    to which the question goes back when its presumption is freed.
    """

    possible: tuple[Answer, ...]
    declared: tuple[Answer, ...]
    presumed: Answer | None = None
    conflict: bool = False

    @property
    def freed(self) -> tuple[Answer, ...]:
        """The answers possible without the presumption."""
        return self.possible if self.presumed is None else self.declared


def _ordered(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(sorted(set(answers), key=lambda answer: (str(type(answer)), answer)))


def intersect(
    declared: Sequence[Answer],
    voices: Sequence[frozenset[Answer]],
    *,
    doubt: bool = False,
    presumed: Answer | None = None,
) -> Question:
    """Settle a question by what all voices leave; nothing left is a conflict, all kept."""
    everything = _ordered(declared)
    if voices:
        common = frozenset.intersection(*voices)
        if common:
            return Question(_ordered(common), everything)
        return Question(_ordered(frozenset().union(*voices)), everything, conflict=True)
    if presumed is not None and not doubt:
        return Question((presumed,), everything, presumed)
    return Question(everything, everything)


def any_record(says: Iterable[str | None], *, presumed: str | None = None) -> Question:
    """Settle *does any record show it?*: a yes wins, then a doubt, then a no.

    Each of *says* is ``yes``, ``doubt``, ``no`` or None (nothing said).
    """
    said = set(says)
    declared = ("no", "yes")
    if "yes" in said:
        return Question(("yes",), declared)
    if "doubt" in said:
        return Question(declared, declared)
    if "no" in said:
        return Question(("no",), declared)
    if presumed is not None:
        return Question((presumed,), declared, presumed)
    return Question(declared, declared)
