"""A case that two versions really decide differently, from which nothing can be left out."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from clingo import Function, Symbol

from reasoner.case import decode_case
from reasoner.engine import decision_day
from reasoner.errors import CaseError, UsageError
from reasoner.evidence import Settled
from reasoner.facts import answer_symbol, answer_value, question_symbol
from reasoner.model import SECTIONS, Amount, Case, Recommendation
from reasoner.narrowing import freed, inside
from reasoner.verdict import recommended
from reasoner.worlds import Answers
from workbench.difference.matching import Matching
from workbench.difference.version import Version
from workbench.records.domain import DECIDED as ANSWERED_ON
from workbench.records.domain import Keys
from workbench.witness import Witness, deciding

__all__ = ["Both", "Left", "Told", "answering"]

Told = tuple[Recommendation, Amount | None]
"""A recommendation, and the quantity that is approved in the policy's unit."""

_LISTS = (*SECTIONS, "answers", "complete")

_PARTS = 8
"""So many sizes of what may be left out together are tried at once."""


class Both:
    """Two versions that decide the same document."""

    def __init__(self, old: Version, new: Version, matching: Matching) -> None:
        self.versions = (old, new)
        self._bases: dict[tuple[object, ...], Settled] = {}
        self.shared_names = frozenset(matching.questions.values())
        self._names = {str(one): str(other) for one, other in matching.renamed.items()}
        self._asked = [frozenset(map(str, version.questions)) for version in self.versions]
        self._values = {
            (str(question), str(answer)): str(other)
            for question, answers in matching.answers.items()
            for answer, other in answers.items()
            if answer != other
        }

    def documents(self, document: Keys) -> tuple[Keys, Keys]:
        """Return *document* as each version can read it: with its names, and its questions.

        *document* has the old version's names for what both ask.
        """
        given = document.get("answers", [])
        if not given:
            return document, document
        old = [one for one in given if one["question"] in self._asked[0]]
        new = [named for one in given if (named := self._named(one))["question"] in self._asked[1]]
        return {**document, "answers": old}, {**document, "answers": new}

    def _named(self, answer: Keys) -> Keys:
        question = answer["question"]
        value = self._values.get((question, str(answer["answer"])), answer["answer"])
        return {**answer, "question": self._names.get(question, question), "answer": value}

    def left(self, document: Keys, readings: Mapping[str, str]) -> tuple[Left, Left] | None:
        """Return what each version's evidence leaves of *document*; nothing if it is no case."""
        (found,) = self.each_left([document], readings)
        return found

    def told(
        self, documents: Sequence[Keys], readings: Mapping[str, str], *, roughly: bool = False
    ) -> list[tuple[Told, Told] | None]:
        """Return what both versions recommend on each document; nothing where it is no case.

        *Roughly*, the records are settled once without the answers, which are laid over what
        they leave: what a rule makes of an answer and a record together is missed.
        """
        return [
            None if left is None else self.told_of(left)
            for left in self.each_left(documents, readings, roughly=roughly)
        ]

    def told_of(self, left: tuple[Left, Left]) -> tuple[Told, Told]:
        """Return what both versions recommend on a case of which each leaves that much."""
        one, other = (
            recommended(version.reasoner.worlds_for(side.settled), side.kept, side.freed)
            for version, side in zip(self.versions, left, strict=True)
        )
        return one, other

    def each_left(
        self, documents: Sequence[Keys], readings: Mapping[str, str], *, roughly: bool = False
    ) -> list[tuple[Left, Left] | None]:
        """Return what each version leaves of each document: one grounding each for all of them."""
        settle = self._overlaid if roughly else self._settled
        own = [self.documents(document) for document in documents]
        sides = [
            settle(version, [pair[n] for pair in own], readings)
            for n, version in enumerate(self.versions)
        ]
        return [
            None if one is None or other is None else (one, other)
            for one, other in zip(*sides, strict=True)
        ]

    def _settled(
        self, version: Version, documents: Sequence[Keys], readings: Mapping[str, str]
    ) -> list[Left | None]:
        chosen = _chosen(version, readings)
        cases = [_case(version, document) for document in documents]
        good = [(case, decision_day(case)) for case in cases if case is not None]
        settled = iter(version.reasoner.evidence.settle(good, chosen) if good else ())
        return [
            None if case is None else _narrowed(version, next(settled)[0], chosen) for case in cases
        ]

    def _overlaid(
        self, version: Version, documents: Sequence[Keys], readings: Mapping[str, str]
    ) -> list[Left | None]:
        chosen = _chosen(version, readings)
        keys = [(id(version), *sorted(readings.items()), _records(one)) for one in documents]
        new = {
            key: case
            for key, document in zip(keys, documents, strict=True)
            if key not in self._bases
            and (case := _case(version, {**document, "answers": []})) is not None
        }
        if new:
            days = [(case, ANSWERED_ON) for case in new.values()]
            settled = version.reasoner.evidence.settle(days, chosen)
            self._bases.update(zip(new, (one for one, _ in settled), strict=True))
        return [
            _narrowed(version, _laid_over(version, self._bases[key], document), chosen)
            if key in self._bases
            else None
            for key, document in zip(keys, documents, strict=True)
        ]

    def examined(self, document: Keys, readings: Mapping[str, str]) -> tuple[Witness, Witness]:
        """Decide *document* with both versions, with all that a decision says."""
        one, other = (
            deciding(
                version.reasoner,
                {"id": "witness", **own},
                {k: v for k, v in readings.items() if k in version.reasoner.readings},
            )
            for version, own in zip(self.versions, self.documents(document), strict=True)
        )
        return one, other

    def shrunk(self, document: Keys, readings: Mapping[str, str]) -> Keys:
        """Return *document* without what both versions' recommendations do not need.

        Nothing can be left out of what is returned, though another case may be smaller.
        """
        (wanted,) = self.told([document], readings)
        small = self._smaller(document, readings, wanted, roughly=True)
        if self.told([small], readings) != [wanted]:
            small = document
        return _tidy(self._smaller(small, readings, wanted, roughly=False))

    def _smaller(
        self,
        document: Keys,
        readings: Mapping[str, str],
        wanted: tuple[Told, Told] | None,
        *,
        roughly: bool,
    ) -> Keys:
        kept = document
        while True:
            places = _places(kept)
            singly = self.told(
                [_without(kept, [place]) for place in places], readings, roughly=roughly
            )
            spare = [p for p, told in zip(places, singly, strict=True) if told == wanted]
            if not spare:
                return kept
            # Of what can be left out by itself, as much as can be left out together.
            sizes = {1, *(len(spare) * part // _PARTS for part in range(1, _PARTS + 1))} - {0}
            heaps = [spare[:count] for count in sorted(sizes)]
            together = self.told(
                [_without(kept, heap) for heap in heaps], readings, roughly=roughly
            )
            most = max(n for n, told in enumerate(together) if told == wanted)
            kept = _without(kept, heaps[most])


class Left(msgspec.Struct, frozen=True, eq=False):
    """What a case leaves: *settled*, and the worlds with presumptions *kept* and *freed*."""

    settled: Settled
    kept: Answers
    freed: Answers


def _chosen(version: Version, readings: Mapping[str, str]) -> dict[str, Symbol]:
    known = version.reasoner.readings
    return version.reasoner.choose({k: v for k, v in readings.items() if k in known})


def _narrowed(version: Version, settled: Settled, chosen: Mapping[str, Symbol]) -> Left:
    worlds = version.reasoner.worlds_for(settled)
    kept = inside(worlds, settled, chosen, {})
    return Left(settled, kept, freed(worlds, settled, kept, {}))


def _records(document: Keys) -> bytes:
    """Return what a document says besides its answers, to be looked up."""
    return msgspec.json.encode({k: v for k, v in document.items() if k != "answers"})


def _laid_over(version: Version, base: Settled, document: Keys) -> Settled:
    """Return what *base* leaves with the answers of *document* given beside its records."""
    over = base.copy()
    for given in document.get("answers", ()):
        question = question_symbol(given["question"])
        value = given["answer"]
        answer = answer_symbol(tuple(value) if isinstance(value, list) else value, where="answer")
        said = over.candidates.get(question, set())
        if question in version.any_record:
            left = said if _YES in said else {answer}
            left = {answer} if answer == _YES else left
        else:
            left = said & {answer} or said | {answer}
        over.candidates[question] = left
        over.open.discard(question)
        over.assumed.pop(question, None)
    return over


_YES = Function("yes")


def _case(version: Version, document: Keys) -> Case | None:
    try:
        case = decode_case({"id": "witness", **document}, where="witness")
        version.reasoner.check_questions(case)
    except (CaseError, UsageError):
        return None
    return case


def answering(document: Keys, answers: Mapping[Any, Any], *, by: str = "witness") -> Keys:
    """Return *document* with *answers* given directly, by symbols of question and answer."""
    date = document.get("request", {}).get("received", ANSWERED_ON.isoformat())
    more = [
        {
            "question": str(question),
            "answer": list(value) if isinstance(value, tuple) else value,
            "by": by,
            "date": date,
        }
        for question, answer in answers.items()
        for value in [answer_value(answer)]
    ]
    return {**document, "answers": [*document.get("answers", []), *more]} if more else document


_Place = tuple[str | int, ...]


def _places(document: Keys) -> list[_Place]:
    """Return what can be left out, the largest first: records, answers, fields of records."""
    found: list[_Place] = []
    for section in reversed(_LISTS):
        found += [(section, n) for n in reversed(range(len(document.get(section, []))))]
    for section in ("member", "request"):
        found += [(section, key) for key in document.get(section, {})]
    for section in _LISTS[:-2]:
        for n, record in enumerate(document.get(section, [])):
            found += [(section, n, key) for key in record if key != "id"]
    return found


def _without(document: Keys, places: Iterable[_Place]) -> Keys:
    """Return *document* without what stands at *places*."""
    smaller = copy.deepcopy(document)
    # From the back, so that what stands before keeps its place.
    for place in sorted(places, key=lambda p: [str(k).zfill(6) for k in p], reverse=True):
        holder: Any = smaller
        for key in place[:-1]:
            holder = holder[key]
        del holder[place[-1]]
    return smaller


def _tidy(document: Keys) -> Keys:
    return {key: value for key, value in document.items() if value not in ({}, [])}
