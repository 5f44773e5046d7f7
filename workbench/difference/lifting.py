"""From records that two versions read differently to a case that they decide differently.

That an answer is read differently matters only where it decides. So the other questions of the
case get answers, given directly, with which it does; and then both versions really decide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec
from clingo import Symbol

from reasoner.engine import BATCH
from workbench.difference.criteria import Criteria
from workbench.difference.evidence import Evidence
from workbench.difference.record_search import RecordSearch
from workbench.difference.seeds import seeds
from workbench.difference.witness import Both, Left, Told, answering
from workbench.records.domain import Keys

__all__ = ["Bounds", "EvidenceVerdict", "Lifted", "compare_evidence"]

_MOST_RECORDS = 3
_MOST_TRIES = 12
"""Records of one question that are tried before it is taken to decide nothing."""
_MOST_ATOMS = 8_000
"""Where the rules over so many records make more atoms than this, no more records are added."""
_MOST_SEEDS = 4
"""Rows of the tests that are read differently on one question, and are tried."""
_MOST_WITNESSES = 2
_MOST_WORLDS = 6
"""Worlds of the other questions that are tried, those first whose results are far apart."""


class Bounds(msgspec.Struct, frozen=True):
    """How far the search for records went.

    *records* a section; *codes* and products; *edges*, the numbers around which days stand;
    *readings* besides the defaults.
    """

    records: int
    codes: int
    edges: tuple[int, ...]
    readings: tuple[str, ...]


class Lifted(msgspec.Struct, frozen=True, eq=False):
    """A case that the versions decide differently because they read its records differently.

    Where *told* is the same, they only read them differently: no answers made it decide.
    """

    question: Symbol
    document: Keys
    readings: dict[str, str]
    told: tuple[Told, Told]


class EvidenceVerdict(msgspec.Struct, frozen=True, eq=False):
    """What is known of the evidence of two versions.

    *same*: unchanged up to renaming and order. Else *witnesses* are cases that are decided
    differently, *quiet* cases that are only read differently, and *bounds* what was searched.
    """

    evidence: Evidence
    same: bool
    witnesses: tuple[Lifted, ...] = ()
    quiet: tuple[Lifted, ...] = ()
    bounds: Bounds | None = None


def compare_evidence(evidence: Evidence, criteria: Criteria, both: Both) -> EvidenceVerdict:
    """Say whether two versions read every case alike, or show one that they do not."""
    if evidence.same:
        return EvidenceVerdict(evidence, same=True)
    lifted: dict[str, Lifted] = {}
    quiet: dict[str, Lifted] = {}
    searches: list[RecordSearch] = []
    tries: dict[str, int] = {}
    most = 0
    for count in range(1, _MOST_RECORDS + 1):
        searches.append(search := evidence.search(count))
        _try(search, {}, criteria, both, lifted, quiet, tries)
        if search.exhausted:
            most = count
        if count == 1 and not lifted:
            _seed(evidence, criteria, both, lifted, quiet)
        if lifted or not search.exhausted or search.size > _MOST_ATOMS:
            break
    tries = {}
    for search in searches:
        if not lifted:
            for readings in search.switches():
                _try(search, readings, criteria, both, lifted, quiet, tries)
                if lifted:
                    break
    tried = (
        []
        if lifted and not any(one.readings for one in lifted.values())
        else [f"{name}={value}" for name, value in evidence.options]
    )
    domain = evidence.domain
    return EvidenceVerdict(
        evidence,
        same=False,
        witnesses=tuple(lifted.values()),
        quiet=tuple(one for name, one in quiet.items() if name not in lifted),
        bounds=Bounds(most, domain.codes, domain.edges, tuple(tried)),
    )


def _try(
    search: RecordSearch,
    readings: Mapping[str, str],
    criteria: Criteria,
    both: Both,
    lifted: dict[str, Lifted],
    quiet: dict[str, Lifted],
    tries: dict[str, int],
) -> None:
    """Take the first case of each question, by its name, that is decided differently."""

    def done(question: Symbol) -> bool:
        name = _name(question)
        told = name in quiet and question.name == "advisory"
        return name in lifted or told or tries.get(name, 0) >= _MOST_TRIES

    for question, document in search.found(readings, done):
        name = _name(question)
        tries[name] = tries.get(name, 0) + 1
        one = _lift(question, document, readings, criteria, both)
        if one is None:
            continue
        (lifted if one.told[0] != one.told[1] else quiet).setdefault(name, one)
        if len(lifted) >= _MOST_WITNESSES:
            return


def _seed(
    evidence: Evidence,
    criteria: Criteria,
    both: Both,
    lifted: dict[str, Lifted],
    quiet: dict[str, Lifted],
) -> None:
    """Take the first row of the tests that each version reads and decides differently."""
    groups: dict[tuple[tuple[str, str], ...], list[Keys]] = {}
    for seed in seeds(*evidence.versions, [name for name, _ in evidence.options]):
        groups.setdefault(tuple(sorted(seed.readings.items())), []).append(seed.document)
    tries: dict[str, int] = {}
    for readings, documents in groups.items():
        for some in range(0, len(documents), BATCH):
            batch = documents[some : some + BATCH]
            for document, left in zip(batch, both.each_left(batch, dict(readings)), strict=True):
                question = None if left is None else _apart(criteria, *left)
                if question is None or tries.get(question.name, 0) >= _MOST_SEEDS:
                    continue
                tries[question.name] = tries.get(question.name, 0) + 1
                one = _lift(question, document, dict(readings), criteria, both)
                if one is not None and one.told[0] != one.told[1]:
                    lifted.setdefault(question.name, one)
                    return
                if one is not None:
                    quiet.setdefault(question.name, one)


def _apart(criteria: Criteria, one: Left, other: Left) -> Symbol | None:
    """Return the first question of which the versions are left something else."""
    for question, renamed in criteria.matching.questions.items():
        names = criteria.matching.answers[question]
        before, after = one.kept.get(question), other.kept.get(renamed)
        if before is None or after is None:
            if before is not after:
                return question
        elif {names.get(answer, answer) for answer in before} != after:
            return question
    return None


def _name(question: Symbol) -> str:
    """Return the family of *question*, or the advisory that it stands for."""
    return str(question) if question.name == "advisory" else question.name


def _lift(
    question: Symbol,
    document: Keys,
    readings: Mapping[str, str],
    criteria: Criteria,
    both: Both,
) -> Lifted | None:
    left = both.left(document, readings)
    if left is None:
        return None
    one, other = left
    told = both.told_of(left)
    if question.name == "advisory":
        notes = [{name for name, _ in side.settled.advisories} for side in left]
        differs = question.arguments[0] in notes[0] ^ notes[1]
        return Lifted(question, document, dict(readings), told) if differs else None
    if told[0] != told[1]:
        return _shown(question, document, readings, both)
    for given in _givens(criteria, one, other):
        worlds = islice(criteria.telling(one.kept, other.kept, given), _MOST_WORLDS)
        complete = [
            answering(document, {q: a for q, a in w.items() if q in given or _is_free(q, a, one)})
            for w in worlds
        ]
        rough = both.told(complete, readings, roughly=True)
        for tried, perhaps in zip(complete, rough, strict=True):
            if perhaps is not None and perhaps[0] != perhaps[1]:
                (really,) = both.told([tried], readings)
                if really is not None and really[0] != really[1]:
                    return _shown(question, tried, readings, both)
    return Lifted(question, document, dict(readings), told)


def _shown(question: Symbol, document: Keys, readings: Mapping[str, str], both: Both) -> Lifted:
    small = both.shrunk(document, readings)
    (told,) = both.told([small], readings)
    if told is None:
        raise AssertionError("what was decided is no case any more")
    return Lifted(question, small, dict(readings), told)


def _is_free(question: Symbol, answer: Symbol, left: Left) -> bool:
    """Whether *answer* must be given for *question*: no record says it, and it is not presumed."""
    settled = left.settled
    return question in settled.open or (
        question in settled.assumed and settled.assumed[question] != answer
    )


def _givens(
    criteria: Criteria, one: Left, other: Left
) -> Iterator[dict[Symbol, frozenset[Symbol]]]:
    """Yield the questions that are given an answer though the versions are left something else.

    None, then each by itself: a record of one drug may decide only beside another one.
    """
    yield {}
    for question, renamed in criteria.matching.questions.items():
        names = criteria.matching.answers[question]
        if one.kept.get(question) == other.kept.get(renamed):
            continue
        fits = frozenset(
            answer
            for answer, named in names.items()
            if _fits(question, answer, one) and _fits(renamed, named, other)
        )
        if fits:
            yield {question: fits}


def _fits(question: Symbol, answer: Symbol, left: Left) -> bool:
    said = left.settled.candidates.get(question)
    return said is None or answer in said
