"""A world as a case: the fewest answers with which `decide` gives what is claimed.

Worlds are what is proved about; a case is what a person can try. The two meet in the
`answers` of a case: each question can be answered directly. A witness answers only what
matters for the claim, and the claim is checked by deciding the very document that is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
from clingo import Symbol

from reasoner.case import decode_case, write_yaml
from reasoner.decision import Decision
from reasoner.engine import Examination, Reasoner
from reasoner.facts import answer_value
from reasoner.model import Amount, AnswerValue, Case
from reasoner.narrowing import inside
from reasoner.verdict import clause_statuses, verdict
from reasoner.worlds import Answers
from workbench.least import least

__all__ = [
    "ANSWERED_ON",
    "Claim",
    "Holds",
    "Witness",
    "deciding",
    "plainest_first",
    "smallest_case",
    "smallest_cases",
    "witness_of",
]

World = Mapping[Symbol, Symbol]
"""An answer for some questions, readings among them; the others are as an empty case has them."""

ANSWERED_ON = dt.date(2026, 1, 1)
"""The day of every answer: a witness holds no record, so that no other day depends on it."""

_BY = "witness"


class Witness(msgspec.Struct, frozen=True, eq=False):
    """A case that was decided, and the readings that were chosen for it against their defaults.

    *inside* are the worlds that it leaves, presumptions in force.
    """

    document: dict[str, object]
    readings: dict[str, str]
    examination: Examination
    inside: Answers

    @property
    def case(self) -> Case:
        """The case, as a file with *document* would be read."""
        return self.examination.case

    @property
    def decision(self) -> Decision:
        """What `decide` answers, with the *readings*."""
        return self.examination.decision

    @property
    def options(self) -> str:
        """The options of `reasoner decide` that the witness needs, or nothing."""
        return " ".join(f"--reading {name}={value}" for name, value in self.readings.items())

    def as_yaml(self, *comments: str) -> str:
        """Return the case as a file; *comments* stand above it, and how it is decided."""
        needed = [f"Decide it with {self.options}."] if self.readings else []
        return write_yaml(self.document, comment="\n".join([*comments, *needed]))


Holds = Callable[[Witness], bool]
"""Whether a decided case still shows what it is a witness of."""


class Claim(msgspec.Struct, frozen=True):
    """What `decide` must answer: a recommendation, what it gives, statuses.

    *quantity* is in the policy's unit, with months where the policy gives them; *statuses* has
    the status of clauses by their ids. What is None or left out is not claimed.
    """

    recommendation: str | None = None
    quantity: Amount | None = None
    statuses: Mapping[str, str] = {}

    def __call__(self, witness: Witness) -> bool:
        """Whether *witness* shows it."""
        found = witness.examination.verdict
        statuses = {clause.id: clause.status for clause in witness.decision.clauses}
        return (
            self.recommendation in (None, found.recommendation)
            and self.quantity in (None, found.quantity)
            and all(statuses.get(clause) == status for clause, status in self.statuses.items())
        )

    def likely(self, reasoner: Reasoner, world: World) -> bool:
        """Whether a case with these answers would show it, as far as worlds can tell."""
        worlds = reasoner.worlds
        found = verdict(worlds, *left_by(reasoner, world))
        statuses = clause_statuses(worlds, found, ()) if self.statuses else {}
        ids = {worlds.policy.clause_ids[clause]: status for clause, status in statuses.items()}
        return (
            self.recommendation in (None, found.recommendation)
            and self.quantity in (None, found.quantity)
            and all(ids.get(clause) == status for clause, status in self.statuses.items())
        )


def deciding(
    reasoner: Reasoner,
    document: Mapping[str, object],
    readings: Mapping[str, str] | None = None,
) -> Witness:
    """Decide the case that *document* says.

    Raises:
        CaseError: *document* is no case, or answers a question that the policy does not ask.
    """
    content = dict(document)
    case = decode_case(content, where=str(content.get("id", "witness")))
    chosen = dict(readings or {})
    found = reasoner.examine(case, readings=chosen)
    worlds = reasoner.worlds_for(found.settled)
    left = inside(worlds, found.settled, reasoner.choose(chosen), {})
    return Witness(content, chosen, found, left)


def smallest_case(
    reasoner: Reasoner, world: World, holds: Holds, *, name: str = "witness"
) -> Witness | None:
    """Return a case of as few answers of *world* as *holds* needs: see `smallest_cases`."""
    likely = (lambda kept: holds.likely(reasoner, kept[0])) if isinstance(holds, Claim) else None
    found = smallest_cases(
        reasoner, [world], lambda cases: holds(cases[0]), names=[name], likely=likely
    )
    return found[0] if found else None


def smallest_cases(
    reasoner: Reasoner,
    worlds: Sequence[World],
    holds: Callable[[Sequence[Witness]], bool],
    *,
    names: Sequence[str] = ("first", "second"),
    likely: Callable[[Sequence[World]], bool] | None = None,
) -> tuple[Witness, ...]:
    """Return cases, one a world, of as few answers as *holds* needs, or nothing.

    What is left out is left out of all of them, so cases differ where their worlds do. No
    answer can be left out of what is returned, though another choice of answers may be fewer.
    Nothing means that no cases of direct answers show the claim, whatever the worlds do: a
    status that is unsettled, say, or a denial that a presumption carries.

    *likely* says of parts of the worlds, cheaply, whether *holds* would hold of their cases.
    What passes is decided in the end all the same.
    """
    usual = reasoner.worlds.usual
    quiet = {**usual, **presumed(reasoner)}
    every = sorted({q for world in worlds for q in world}, key=reasoner.worlds.position)
    every = [q for q in every if q.name != "reading" or any(w.get(q) != usual[q] for w in worlds)]
    telling = [q for q in every if any(w.get(q) not in (None, quiet.get(q)) for w in worlds)]

    def parts(kept: Collection[Symbol]) -> list[World]:
        return [{q: world[q] for q in every if q in kept and q in world} for world in worlds]

    def decided(kept: Collection[Symbol]) -> tuple[Witness, ...]:
        found = zip(parts(kept), names, strict=False)
        return tuple(witness_of(reasoner, part, name=name) for part, name in found)

    # What is asked last explains least: scope and indication come first in a policy.
    for tried in (telling[::-1], every[::-1]):
        if likely is not None and likely(parts(tried)):
            fewest = least(tried, lambda kept: likely(parts(kept)))
            if holds(found := decided(fewest)):
                return found
        if holds(decided(tried)):
            return decided(least(tried, lambda kept: holds(decided(kept))))
    return ()


def witness_of(reasoner: Reasoner, world: World, *, name: str = "witness") -> Witness:
    """Decide the case that gives the answers of *world*, in their order, and nothing else."""
    document: dict[str, object] = {"id": name}
    answers = {q: a for q, a in world.items() if q.name != "reading"}
    if answers:
        document["answers"] = [_answer(str(q), answer_value(a)) for q, a in answers.items()]
    readings = {q.arguments[0].name: str(a) for q, a in world.items() if q not in answers}
    return deciding(reasoner, document, readings)


def _answer(question: str, value: AnswerValue) -> dict[str, object]:
    written = list(value) if isinstance(value, tuple) else value
    return {
        "question": question,
        "answer": written,
        "by": _BY,
        "date": ANSWERED_ON.isoformat(),
    }


@lru_cache(maxsize=8)
def presumed(reasoner: Reasoner) -> Mapping[Symbol, Symbol]:
    """Return what is presumed of a case that says nothing."""
    empty = decode_case({"id": "empty"}, where="empty")
    ((settled, _),) = reasoner.evidence.settle([(empty, None)], reasoner.choose({}))
    return settled.assumed


def left_by(reasoner: Reasoner, world: World) -> tuple[Answers, Answers]:
    """Return the worlds that a case with these answers leaves: with presumptions, and freed.

    It is worked out without the evidence, so a witness is decided in the end all the same.
    """
    worlds = reasoner.worlds
    asked = {q: every for q, every in worlds.every.items() if q not in worlds.usual}
    given = {question: frozenset({answer}) for question, answer in world.items()}
    silent = {q: frozenset({a}) for q, a in presumed(reasoner).items() if q in asked}
    return {**asked, **silent, **given}, {**asked, **given}


def plainest_first(reasoner: Reasoner) -> Iterator[Answers]:
    """Yield sets of worlds to look for a witness in, the plainest first, the last of all worlds.

    First with every presumption in force, then with presumptions freed, both with the usual
    readings and with nothing asked of members of a family; then with these members, then with
    other readings instead, then with both.
    """
    every = reasoner.worlds.every
    presuming, plain = left_by(reasoner, {})
    readings = {q: answers for q, answers in every.items() if q.name == "reading"}
    yield presuming
    yield plain
    yield {q: answers for q, answers in every.items() if q not in readings}
    yield {**presuming, **readings}
    yield {**plain, **readings}
    yield dict(every)
