"""What would lead to a wanted recommendation: every smallest change of the answers of a case.

An answer can be given in two ways, and the policy says which (`can`). To *document* settles a
question among the answers that the case leaves possible: open, disputed, or only assumed. What
records have settled is not a wish, and cannot be documented to be otherwise. To *change* means
another answer, even of what is settled, because the world can change: a drug is stopped, fewer
vials are requested. What can neither is never part of an alternative.

Guaranteed, but for the bounds that the answer names where one was reached: each set of answers
leads to the recommendation by the rule of `verdict`, no part of it does, and no other set is
left out. Each is applied before it is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from clingo import Function, Symbol

from reasoner.alternatives import Alternative, Alternatives, Bounds, Change, Pick, Standing, State
from reasoner.criteria import Criteria, Result
from reasoner.engine import Examination, Reasoner
from reasoner.errors import PolicyError, UsageError
from reasoner.facts import answer_value, record_name
from reasoner.grouping import Group, Part, grouped, label
from reasoner.interchange import Box, Kind, kinds
from reasoner.model import Case, Recommendation
from reasoner.narrowing import beyond, freed, inside
from reasoner.requirement import Requirements
from reasoner.smallest import MOST_ANSWERS, MOST_SETS, Found, smallest
from reasoner.verdict import recommended
from reasoner.worlds import Worlds

__all__ = ["MOST_ALTERNATIVES", "find_alternatives"]

MOST_ALTERNATIVES = 32
"""More alternatives than this are not shown."""

_FEW = 6
"""Of so many changes every part is tried."""


def find_alternatives(
    reasoner: Reasoner,
    case: Case,
    want: Recommendation,
    *,
    readings: Mapping[str, str] | None = None,
    decided_on: dt.date | None = None,
) -> Alternatives:
    """Return every smallest set of answers after which *case* gets the recommendation *want*.

    Raises:
        CaseError: an answer of the case names no question of the policy.
        UsageError: nobody wants a case to pend, or there is no such reading.
        PolicyError: the rules are broken.
    """
    if want == "pend":
        raise UsageError(
            "usage.want",
            "a case pends where something is missing: no answer leads there",
            hint="one of approve, partial, deny, refer, not_applicable",
        )
    examined = reasoner.examine(case, readings=readings, decided_on=decided_on)
    chosen = reasoner.choose(readings or {})
    return _Search(reasoner, examined, chosen, want).answer()


class _Search:
    """One case and one wanted recommendation."""

    def __init__(
        self,
        reasoner: Reasoner,
        examined: Examination,
        chosen: Mapping[str, Symbol],
        want: Recommendation,
    ) -> None:
        self.examined = examined
        self.chosen = chosen
        self.want = want
        self.settled = examined.settled
        numbers = sorted(beyond(reasoner.worlds, self.settled))
        policy, terminology = reasoner.policy, reasoner.terminology
        self.worlds = Worlds(policy, terminology, numbers) if numbers else reasoner.worlds
        kept = inside(self.worlds, self.settled, chosen, {})
        # A denial must hold with presumptions freed: what is only assumed is then as good as open.
        self.base = dict(freed(self.worlds, self.settled, kept, {}) if want == "deny" else kept)
        self.can = _abilities(self.worlds)
        self.ways = {q: ways for q in self.base if (ways := self._ways(q))}
        self.criteria = Criteria(policy, terminology, numbers, worlds=2)

    def _ways(self, question: Symbol) -> frozenset[Symbol]:
        """Return the answers that can still be given to *question* instead of those it has."""
        every, left = self.worlds.every[question], self.base[question]
        possible = every if question in self.settled.assumed else left
        can = self.can.get(question, {})
        found = can.get("change", frozenset()) | (can.get("document", frozenset()) & possible)
        return found - left if len(left) == 1 else found

    def answer(self) -> Alternatives:
        decision = self.examined.decision
        already = decision.recommendation == self.want
        same: tuple[Kind, ...] = ()
        found = Found((), (), ())
        if not already:
            same = kinds(self.criteria, self.base, self.ways)
            found = self._search(same)
        groups = sorted(grouped(found.boxes, self.worlds.weights), key=self._place)
        cut = {*found.cut, *(["alternatives"] if len(groups) > MOST_ALTERNATIVES else [])}
        return Alternatives(
            case=decision.case,
            recommendation=decision.recommendation,
            want=self.want,
            already=already,
            alternatives=tuple(self._alternative(one, same) for one in groups[:MOST_ALTERNATIVES]),
            in_the_way=() if already or groups else self._in_the_way(found.hopeless),
            bounds=Bounds(MOST_ANSWERS, MOST_SETS, MOST_ALTERNATIVES, tuple(sorted(cut))),
        )

    def _search(self, same: tuple[Kind, ...]) -> Found:
        requirements = Requirements(self.criteria, self._ranges())
        found = smallest(requirements, self.base, self.ways, self._wanted(), same)
        for box in found.boxes:
            self._apply(box)
        return found

    def _wanted(self) -> list[Result]:
        return [result for result in self.criteria.results if result[0] == self.want]

    def _ranges(self) -> dict[Symbol, frozenset[Symbol]]:
        """Return the answers that a question has or can be given."""
        return {q: left | self.ways.get(q, frozenset()) for q, left in self.base.items()}

    # -- checking -----------------------------------------------------------------------------

    def _apply(self, box: Box) -> None:
        """Apply *box* by the rule of `verdict`: it must do, and its first set not without a part.

        What is only documented leaves fewer worlds, so a smaller set of it never does more:
        with all of what changes, it is enough to leave out one at a time. What changes is left
        out in every way, or one at a time where there are very many.
        """
        if self._leads_there(box):
            first = {question: frozenset({min(answers)}) for question, answers in box.items()}
            changed = [question for question in box if not first[question] <= self.base[question]]
            most = len(changed) if len(changed) <= _FEW else 1
            left_out: list[tuple[Symbol, ...]] = [(q,) for q in box if q not in changed]
            for count in range(1, most + 1):
                left_out += combinations(changed, count)
            if not any(
                self._leads_there({q: first[q] for q in box if q not in out}) for out in left_out
            ):
                return
        said = ", ".join(f"{q}={min(box[q])}" for q in sorted(box))
        raise PolicyError("policy.worlds", f"the search and the worlds disagree on {said}")

    def _leads_there(self, box: Box) -> bool:
        kept = inside(self.worlds, self.settled, self.chosen, box)
        there = freed(self.worlds, self.settled, kept, box)
        return recommended(self.worlds, kept, there)[0] == self.want

    # -- saying -------------------------------------------------------------------------------

    def _place(self, group: Group) -> tuple[int, list[tuple[int, Symbol]]]:
        """Return where *group* is shown: with few answers first, then in the policy's order."""
        count = sum(min(map(len, part.options)) for part in group)
        return count, sorted(self._first(part) for part in group)

    def _first(self, part: Part) -> tuple[int, Symbol]:
        return min(self.worlds.position(question) for box in part.options for question in box)

    def _alternative(self, group: Group, same: Sequence[Kind]) -> Alternative:
        parts = sorted(group, key=self._first)
        return Alternative(tuple(self._change(part, same) for part in parts))

    def _change(self, part: Part, same: Sequence[Kind]) -> Change:
        options = tuple(tuple(self._picks(option, same)) for option in part.options)
        named = {question for option in part.options for question in option}
        named |= {one for kind in same for one in kind if not named.isdisjoint(kind)}
        weights = dict(zip(part.labels, part.weights, strict=True))
        position = {label(question): self.worlds.position(question) for question in sorted(named)}
        labels = sorted(weights, key=position.__getitem__)
        return Change(
            questions=tuple(labels),
            texts=tuple(self._text(name, weights[name]) for name in labels),
            options=options,
            now=tuple(self._standing(q) for q in sorted(named, key=self.worlds.position)),
        )

    def _text(self, name: str, weight: int) -> str:
        plain = name.removesuffix("(_)")
        return self.worlds.wording.get((plain, weight)) or self.worlds.texts.get(plain, "")

    def _picks(self, option: Box, same: Sequence[Kind]) -> Iterator[Pick]:
        """Yield *option* with each question as one of its kind."""
        of = {one: kind for kind in same for one in kind}
        alike: dict[tuple[Kind, frozenset[Symbol]], int] = {}
        for question in sorted(option, key=self.worlds.position):
            key = of.get(question, (question,)), option[question]
            alike[key] = alike.get(key, 0) + 1
        for (kind, answers), count in alike.items():
            values = tuple(answer_value(answer) for answer in sorted(answers))
            yield Pick(count, tuple(map(str, kind)), values)

    def _standing(self, question: Symbol) -> Standing:
        settled = self.settled
        left = frozenset(settled.candidates.get(question, ())) or self.base[question]
        state: State = "settled"
        if question in settled.assumed:
            left, state = frozenset({settled.assumed[question]}), "assumed"
        elif question in settled.open:
            state = "open"
        elif question in settled.conflicts:
            state = "disputed"
        elif len(left) > 1:
            state = "narrowed"
        voices = {record_name(one.record) for one in settled.backs if one.question == question}
        return Standing(
            question=str(question),
            answers=tuple(answer_value(answer) for answer in sorted(left)),
            state=state,
            records=tuple(sorted(voices)),
            can=tuple(sorted(self.can.get(question, ()))),
        )

    def _in_the_way(self, hopeless: Iterable[Symbol]) -> tuple[Standing, ...]:
        """Return what rules the wanted recommendation out, whatever else is answered.

        It is freed until the recommendation is possible; what then still cannot be made
        certain, because nobody can answer it, is *hopeless*.
        """
        allowed = self._ranges()
        every = {q: a if q.name == "reading" else self.worlds.every[q] for q, a in allowed.items()}
        requirements = Requirements(self.criteria, every)
        found = set(hopeless)
        while lacking := requirements.out_of_reach(allowed, self._wanted()):
            found |= lacking.keys()
            allowed |= {question: every[question] for question in lacking}
        return tuple(self._standing(q) for q in sorted(found, key=self.worlds.position))


def _abilities(worlds: Worlds) -> dict[Symbol, dict[str, frozenset[Symbol]]]:
    """Return the answers that each question can get, by what may happen to it.

    A policy says so of a question, of a family by its name, or of one answer of a question:
    `can(hiv, document)`, `can(failed, document)`, `can(vials_available(3, 3), change)`.
    """
    found: dict[Symbol, dict[str, frozenset[Symbol]]] = {}

    def add(question: Symbol, how: str, answers: frozenset[Symbol]) -> None:
        ways = found.setdefault(question, {})
        ways[how] = ways.get(how, frozenset()) | answers

    for what, how in worlds.facts("can", 2):
        if what in worlds.every or not what.arguments:
            for question, answers in worlds.every.items():
                if question == what or (not what.arguments and question.name == what.name):
                    add(question, how.name, answers)
        elif (question := Function(what.name)) in worlds.every:
            one, *more = what.arguments
            add(question, how.name, frozenset({Function("", [one, *more]) if more else one}))
    return found
