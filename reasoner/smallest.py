"""Every smallest set of answers after which all worlds give a wanted result.

The search starts from no answer and from no requirement. Where the worlds that are left can
still give another result, the solver names a requirement that one of them lacks, and each way
to fulfil it is tried: an answer more, or fewer of the answers that are still in play. Sets of
one size are finished before larger ones, so a set in which a smaller one lies is passed over.
No set is lost: whatever set of answers leads to the wanted result fulfils every requirement,
so one of the ways to fulfil the next one stays within it.

What does the same is kept together. A *box* has for each of its questions some answers, any of
which may be taken: what is said of a box holds of all its combinations. And of the boxes that
are one another by a swap of interchangeable questions, the first stands for all.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator

import msgspec
from clingo import Symbol

from reasoner.criteria import Answers, Result, place_of
from reasoner.interchange import Box, Kind, arranged, images
from reasoner.requirement import Requirement, Requirements

__all__ = ["MOST_ANSWERS", "MOST_SETS", "Found", "smallest", "without"]

MOST_ANSWERS = 16
"""A set with more answers than this is not looked for."""

MOST_SETS = 512
"""After so many boxes no more are looked for."""

_Key = tuple[tuple[Symbol, tuple[Symbol, ...]], ...]
_Targets = frozenset[Result]


class Found(msgspec.Struct, frozen=True, eq=False):
    """What was found, the smallest sets first, up to swaps of interchangeable questions.

    *hopeless* are the questions of a requirement that no answer can fulfil. *cut* says that a
    bound was reached: `answers` (larger sets were left out) or `sets` (more sets were).
    """

    boxes: tuple[Box, ...]
    hopeless: tuple[Symbol, ...]
    cut: tuple[str, ...]


def smallest(
    requirements: Requirements,
    base: Answers,
    ways: Answers,
    wanted: Collection[Result],
    kinds: tuple[Kind, ...] = (),
) -> Found:
    """Return the smallest sets of answers after which all worlds give one of *wanted*.

    *base* are the answers that the worlds have now, *ways* those that may be given to a
    question instead, *kinds* the questions that are interchangeable. All worlds must give the
    same result, its quantity included.
    """
    search = _Search(requirements, base, ways, wanted, kinds)
    search.run()
    return Found(tuple(search.found), search.hopeless, tuple(sorted(search.cut)))


class _Search:
    def __init__(
        self,
        requirements: Requirements,
        base: Answers,
        ways: Answers,
        wanted: Collection[Result],
        kinds: tuple[Kind, ...],
    ) -> None:
        self.requirements = requirements
        self.base = base
        self.ways = ways
        self.kinds = kinds
        ranges = {q: base[q] | ways.get(q, frozenset()) for q in base}
        self.wanted = frozenset(requirements.given(ranges, wanted))
        self.known: dict[_Targets, list[Requirement]] = {}
        self.found: list[Box] = []
        self.hopeless: tuple[Symbol, ...] = ()
        self.cut: set[str] = set()
        self._waiting: list[tuple[int, int, Box, _Targets]] = []
        self._seen: set[tuple[_Key, _Targets]] = set()

    def run(self) -> None:
        self._wait({}, self.wanted)
        while self._waiting:
            if len(self.found) >= MOST_SETS:
                self.cut.add("sets")
                return
            _, _, box, targets = heapq.heappop(self._waiting)
            parts = [box]
            for one in self.found:
                if len(one) > len(box):
                    break
                for smaller in images(one, self.kinds, box):
                    parts = [part for whole in parts for part in without(whole, smaller)]
            if parts == [box]:
                self._look(box, targets)
            else:
                for part in parts:
                    self._wait(part, targets)

    def _wait(self, box: Box, targets: _Targets) -> None:
        if len(box) > MOST_ANSWERS:
            self.cut.add("answers")
            return
        box = arranged(box, self.kinds)
        key = tuple((question, tuple(sorted(box[question]))) for question in sorted(box))
        if (key, targets) not in self._seen:
            self._seen.add((key, targets))
            heapq.heappush(self._waiting, (len(box), len(self._seen), box, targets))

    def _look(self, box: Box, targets: _Targets) -> None:
        """Take *box* as found, or wait for each box that fulfils what it lacks."""
        lacking = self._lacking(box, targets)
        if lacking is not None:
            if targets == self.wanted and self._is_hopeless(lacking):
                self.hopeless = tuple(lacking)
                self._waiting.clear()
            for step in self._steps(box, lacking):
                self._wait(step, targets)
        elif len(targets) == 1 or len(self._given(box, targets)) == 1:
            self.found.append(box)
        else:
            # Every world gives a wanted result, yet not the same quantity: one has to be chosen.
            for target in sorted(targets, key=place_of):
                self._wait(box, frozenset({target}))

    def _is_hopeless(self, requirement: Requirement) -> bool:
        """Whether no answer fulfils *requirement*, and nothing does without one."""
        return not self._fulfils({}, requirement) and not any(self._steps({}, requirement))

    def _given(self, box: Box, targets: _Targets) -> list[Result]:
        return self.requirements.given({**self.base, **box}, targets)

    def _lacking(self, box: Box, targets: _Targets) -> Requirement | None:
        """Return the requirement that *box* lacks and that leaves the fewest ways to go on."""
        fewest: tuple[int, Requirement] | None = None
        for of in dict.fromkeys((self.wanted, targets)):
            for requirement in self.known.get(of, ()):
                if not self._fulfils(box, requirement):
                    count = sum(1 for _ in self._steps(box, requirement))
                    if fewest is None or count < fewest[0]:
                        fewest = count, requirement
        if fewest is not None:
            return fewest[1]
        found = self.requirements.lacking({**self.base, **box}, targets)
        if found is not None:
            self.known.setdefault(targets, []).append(found)
        return found

    def _fulfils(self, box: Box, requirement: Requirement) -> bool:
        return any(
            (box[question] if question in box else self.base[question]) <= answers
            for question, answers in requirement.items()
        )

    def _steps(self, box: Box, requirement: Requirement) -> Iterator[Box]:
        """Yield *box* with each question of *requirement* answered so that it is fulfilled."""
        for question, answers in requirement.items():
            left = answers & (box.get(question) or self.ways.get(question, frozenset()))
            if left:
                yield {**box, question: left}


def without(box: Box, smaller: Box) -> list[Box]:
    """Return *box* without the combinations in which one of *smaller* lies, as boxes.

    >>> from clingo import Function, Number
    >>> p, q = Function("p"), Function("q")
    >>> one, two = frozenset({Number(1)}), frozenset({Number(2)})
    >>> without({p: one | two, q: one}, {p: one}) == [{p: two, q: one}]
    True
    """
    if not smaller.keys() <= box.keys():
        return [box]
    if any(box[question].isdisjoint(answers) for question, answers in smaller.items()):
        return [box]
    parts: list[Box] = []
    rest = dict(box)
    for question in sorted(smaller):
        if outside := rest[question] - smaller[question]:
            parts.append({**rest, question: outside})
            rest[question] &= smaller[question]
    return parts
