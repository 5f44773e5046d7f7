"""A world as a case: the fewest answers with which `decide` gives what is claimed.

Worlds are what is proved about; a case is what a person can try. The two meet in the
`answers` of a case: each question can be answered directly. A witness answers only what
matters for the claim, and the claim is checked by deciding the very document that is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec
from clingo import Symbol

from reasoner.case import decode_case, write_yaml
from reasoner.decision import Decision
from reasoner.engine import Examination, Reasoner
from reasoner.facts import answer_value
from reasoner.model import AnswerValue, Case
from reasoner.worlds import Answers

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
    """A case that was decided, and the readings that were chosen for it against their defaults."""

    document: dict[str, object]
    readings: dict[str, str]
    examination: Examination

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
    """What `decide` must answer: a recommendation, a quantity in the policy's unit, statuses.

    *statuses* has the status of clauses by their ids. What is None or left out is not claimed.
    """

    recommendation: str | None = None
    quantity: int | None = None
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
    return Witness(content, chosen, reasoner.examine(case, readings=chosen))


def smallest_case(
    reasoner: Reasoner, world: World, holds: Holds, *, name: str = "witness"
) -> Witness | None:
    """Return a case of as few answers of *world* as *holds* needs: see `smallest_cases`."""
    found = smallest_cases(reasoner, [world], lambda cases: holds(cases[0]), names=[name])
    return found[0] if found else None


def smallest_cases(
    reasoner: Reasoner,
    worlds: Sequence[World],
    holds: Callable[[Sequence[Witness]], bool],
    *,
    names: Sequence[str] = ("first", "second"),
) -> tuple[Witness, ...]:
    """Return cases, one a world, of as few answers as *holds* needs, or nothing.

    What is left out is left out of all of them, so cases differ where their worlds do. No
    answer can be left out of what is returned, though another choice of answers may be fewer.
    Nothing means that no cases of direct answers show the claim, whatever the worlds do: a
    status that is unsettled, say, or a denial that a presumption carries.
    """

    def decided(kept: Collection[Symbol], usual: Collection[Symbol]) -> tuple[Witness, ...]:
        return tuple(
            witness_of(
                reasoner,
                {q: world[q] for q in asked if q in kept and q in world},
                {q.arguments[0].name: str(world[q]) for q in chosen if q not in usual},
                name=name,
            )
            for world, name in zip(worlds, names, strict=False)
        )

    every = sorted({q for world in worlds for q in world}, key=reasoner.worlds.position)
    asked = [q for q in every if q.name != "reading"]
    chosen = [q for q in every if q not in asked]
    quiet = _quiet(reasoner)
    telling = [q for q in asked if any(w.get(q) not in (None, quiet.get(q)) for w in worlds)]
    default = [q for q in chosen if all(w.get(q) == reasoner.worlds.usual[q] for w in worlds)]
    for tried in (telling, asked):
        found = decided(tried, default)
        if holds(found):
            break
    else:
        return ()
    kept = list(tried)
    # What is asked last explains least: scope and indication come first in a policy.
    groups = [list(reversed(kept))]
    while groups:
        group = groups.pop()
        fewer = [q for q in kept if q not in group]
        other = decided(fewer, default)
        if holds(other):
            kept, found = fewer, other
        elif len(group) > 1:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    for reading in [q for q in chosen if q not in default]:
        other = decided(kept, [*default, reading])
        if holds(other):
            default, found = [*default, reading], other
    return found


def witness_of(
    reasoner: Reasoner, answers: World, readings: Mapping[str, str], *, name: str = "witness"
) -> Witness:
    """Decide the case that gives these *answers*, in their order, and nothing else."""
    document: dict[str, object] = {"id": name}
    if answers:
        document["answers"] = [_answer(str(q), answer_value(a)) for q, a in answers.items()]
    return deciding(reasoner, document, readings)


def _answer(question: str, value: AnswerValue) -> dict[str, object]:
    written = list(value) if isinstance(value, tuple) else value
    return {
        "question": question,
        "answer": written,
        "by": _BY,
        "date": ANSWERED_ON.isoformat(),
    }


def _quiet(reasoner: Reasoner) -> dict[Symbol, Symbol]:
    """Return what is presumed of a case that says nothing, and what nobody asks about."""
    empty = witness_of(reasoner, {}, {})
    return reasoner.worlds.usual | empty.examination.settled.assumed


def plainest_first(reasoner: Reasoner) -> Iterator[Answers]:
    """Yield sets of worlds to look for a witness in, each inside the next, the last of all worlds.

    First with every presumption in force, then those with the usual readings in which nothing
    is asked of members of a family, then with the usual readings, then all.
    """
    worlds = reasoner.worlds
    named = {q: answers for q, answers in worlds.every.items() if q.name != "reading"}
    plain = {q: answers for q, answers in named.items() if q not in worlds.usual}
    presumed = {q: frozenset({a}) for q, a in _quiet(reasoner).items() if q in plain}
    yield {**plain, **presumed}
    yield plain
    yield named
    yield dict(worlds.every)
