"""Records that two versions read differently, looked for within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from clingo import Symbol

from workbench.records.codes import Keys
from workbench.records.search import Search

__all__ = ["GOAL", "RecordSearch"]

GOAL = """
_left(old, Q, c(A)) :- candidate(old, Q, A), _question(Q, _).
_left(old, Q, a(A)) :- assumed(old, Q, A), _question(Q, _).
_left(old, Q, open) :- open(old, Q), _question(Q, _).
_left(new, Q, c(B)) :- candidate(new, P, B), _question(Q, P), not _renamed(P, B, _).
_left(new, Q, c(A)) :- candidate(new, P, B), _question(Q, P), _renamed(P, B, A).
_left(new, Q, a(B)) :- assumed(new, P, B), _question(Q, P), not _renamed(P, B, _).
_left(new, Q, a(A)) :- assumed(new, P, B), _question(Q, P), _renamed(P, B, A).
_left(new, Q, open) :- open(new, P), _question(Q, P).
_left(V, advisory(I), told) :- advisory(V, I, _), _note(I).
_differ(Q) :- _left(old, Q, X), not _left(new, Q, X).
_differ(Q) :- _left(new, Q, X), not _left(old, Q, X).
_sole(V, Q, A) :- _left(V, Q, c(A)), not _several(V, Q).
_several(V, Q) :- _left(V, Q, c(A)), _left(V, Q, c(B)), A < B.
_strong(Q, A) :- _sole(old, Q, A), not _sole(new, Q, A).
_strong(Q, A) :- _sole(new, Q, A), not _sole(old, Q, A).
_any :- _differ(_).
#defined _renamed/3.
#defined _note/1.
#defined _question/2.
#defined advisory/3.
#defined candidate/3.
#defined assumed/3.
#defined open/2.
"""
_MOST_CONFLICTS = 1_500
"""After so many the solver gives up: a bound that is the same on every machine."""


class RecordSearch:
    """Records that the two versions read differently, looked for within bounds."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.size = len(search.joint.control.symbolic_atoms)
        self.exhausted = True

    def switches(self) -> Iterator[dict[str, str]]:
        """Yield readings under which there are such records, one in the place of its default."""
        some = self._search.joint.literal("_any")
        if some is None:
            return
        left = dict(self._search.switches)
        while left:
            another = self._search.joint.literal("_another")
            if another is None:
                return
            out = [-x for key, x in self._search.switches.items() if key not in left]
            wanted = [some, another, *out]
            if not self._search.joint.decided(wanted, _MOST_CONFLICTS):
                return
            chosen = self._search.joint.chosen(wanted, left) or frozenset()
            for key in chosen:
                del left[key]
                yield {key[0].name: str(key[1])}
            if not chosen:
                return

    def found(
        self, readings: Mapping[str, str], done: Callable[[Symbol], bool]
    ) -> Iterator[tuple[Symbol, Keys]]:
        """Yield records and the question on which they leave something else, unless it is *done*.

        First where one version takes from them an answer that the other does not, then where
        they differ in what stays open. *readings* are chosen, the others have their defaults.
        """
        some = self._search.joint.literal("_any")
        if some is None:
            return
        under = self._search.under(readings)
        answer = self._search.joint.decided([some, *under], _MOST_CONFLICTS)
        self.exhausted = self.exhausted and answer is not None
        if not answer:
            return
        for name, arity in (("_strong", 2), ("_differ", 1)):
            for key, literal in self._search.goals(name, arity).items():
                if done(key[0]):
                    continue
                document = self._search.find([literal, *under])
                if document is not None:
                    yield key[0], document
