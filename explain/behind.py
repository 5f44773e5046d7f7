"""Behind the status of a clause: a smallest set of answers that forces it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from clingo import Symbol

from reasoner.reasons import shrunk
from reasoner.worlds import Answers, Worlds

__all__ = ["smallest"]

_FEW = 200
"""So many sets of one size are tried for the smallest; beyond, one that cannot shrink is taken."""


def smallest(
    worlds: Worlds, answers: Answers, atom: Symbol, questions: Sequence[Symbol]
) -> tuple[Symbol, ...]:
    """Return a smallest set of *questions* whose answers make *atom* certain, as all of them do.

    The others may have any answer. Of several smallest sets, the first in the order of
    *questions*; where there are too many sets to try, one from which nothing can be left out.
    """
    settled = [q for q in questions if answers[q] != worlds.every[q]]
    known: dict[tuple[Symbol, ...], bool] = {tuple(settled): True}

    def forces(kept: Sequence[Symbol]) -> bool:
        some = tuple(kept)
        if some not in known:
            free = {q: worlds.every[q] for q in questions if q not in kept}
            known[some] = worlds.certain({**answers, **free}, atom)
        return known[some]

    def searched() -> tuple[Symbol, ...]:
        small = shrunk(settled, forces)
        for size in range(len(small)):
            groups = list(combinations(settled, size))
            if len(groups) > _FEW:
                break
            for group in groups:
                if forces(group):
                    return group
        return tuple(small)

    return worlds.remembered(("smallest", atom, frozenset(answers.items())), searched)
