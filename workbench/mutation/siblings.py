"""What a constant could be taken for: another answer, another status, another clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

from reasoner import model
from reasoner.engine import Reasoner

__all__ = ["Siblings"]

_YES_NO = ("yes", "no")
_OF_A_CASE: dict[str, Any] = {
    "status": model.Status,
    "activity": model.Activity,
    "response": model.Response,
    "stopped_for": model.StoppedFor,
    "result": model.Result,
}
"""The closed lists of a case, by the predicate that states them."""
_FLAGS = ("taken", "ongoing", "documented")
_WORD = re.compile(r"[a-z]\w*")


class Siblings:
    """The closed lists of a policy: which constants may stand where another stands."""

    def __init__(self, reasoner: Reasoner) -> None:
        worlds = reasoner.worlds
        self._by_question: dict[str, Sequence[str]] = {}
        for question, answers in worlds.answers.items():
            name = question.arguments[0].name if question.name == "reading" else question.name
            words = [str(answer) for answer in answers if _WORD.fullmatch(str(answer))]
            if len(words) > 1:
                self._by_question.setdefault(name, words)
        self._by_predicate: dict[str, Sequence[str]] = {
            name: get_args(words) for name, words in _OF_A_CASE.items()
        }
        self._by_predicate |= dict.fromkeys(_FLAGS, _YES_NO)
        clauses: dict[str, list[str]] = {}
        for clause in reasoner.policy.identity.clauses:
            for numeral in clause.symbol.arguments:
                clauses.setdefault(clause.symbol.name, []).append(str(numeral))
        self._by_predicate |= {name: every for name, every in clauses.items() if len(every) > 1}

    def of(self, word: str, names: Sequence[str]) -> str | None:
        """Return the next constant after *word* where the *names* stand around it, if any.

        *names* are those of the predicates and functions that it stands in, the inner first,
        and of the constants beside it: a question among them says which answers there are.
        """
        for name in names:
            for lists in (self._by_question, self._by_predicate):
                known = lists.get(name, ())
                if word in known:
                    return known[(list(known).index(word) + 1) % len(known)]
        every = [known for known in self._by_question.values() if word in known]
        if every and word not in _YES_NO:
            known = max(every, key=len)
            return known[(list(known).index(word) + 1) % len(known)]
        return None
