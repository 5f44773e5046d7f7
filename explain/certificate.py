"""A proof that a program can check: from what was derived to what is claimed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from clingo import Function, Symbol

from explain.contexts import Contexts, PairModel, Set
from explain.evidence import ground_evidence, settlements, written
from reasoner.certificate.format import SCHEMA, Claim, Differ, Proof, Tree
from reasoner.errors import BoundError
from reasoner.facts import answer_symbol, word
from reasoner.model import Case, Source
from reasoner.narrowing import freed, inside

if TYPE_CHECKING:
    from reasoner.engine import Examination, Reasoner

__all__ = ["certify"]

_Which = Literal["inside", "freed"]


def certify(reasoner: Reasoner, examination: Examination, decided_on: dt.date | None) -> Proof:
    """Return the proof of *examination*, whose records were seen on *decided_on*.

    Raises:
        PolicyError: a rule is outside the fragment that can be proved.
        BoundError: the decision is certain, and its proof would be too large to follow.
    """
    return _Certifier(reasoner, examination).certify(decided_on)


class _Certifier:
    def __init__(self, reasoner: Reasoner, examination: Examination) -> None:
        self.reasoner = reasoner
        self.decision = examination.decision
        self.verdict = examination.verdict
        self.case = examination.case
        self.whole = examination.settled.whole
        settled = examination.settled
        self.worlds = reasoner.worlds_for(settled)
        self.chosen = reasoner.choose({r.id: str(r.value) for r in self.decision.readings})
        kept = inside(self.worlds, settled, self.chosen, {})
        # A query needs the readings too; a context has them anyway.
        self.queried: dict[_Which, Set] = {
            "inside": kept,
            "freed": freed(self.worlds, settled, kept, {}),
        }
        self.sets = {which: _plain(answers) for which, answers in self.queried.items()}
        self.contexts = Contexts(self.worlds, reasoner.terminology, self.chosen)

    def certify(self, decided_on: dt.date | None) -> Proof:
        decision = self.decision
        policy, terminology = self.reasoner.policy, self.reasoner.terminology
        grounded = ground_evidence(
            policy, terminology, self.case, decided_on, self.chosen, whole=self.whole
        )
        evidence = written(grounded)
        questions = settlements(grounded.ground)
        result = self._result()
        statuses = {
            clause.id: self._status(clause.symbol, self.verdict.inside.statuses[clause.symbol])
            for clause in self.reasoner.policy.identity.clauses
        }
        denied = decision.recommendation == "deny"
        blocking = tuple(self._blocking()) if denied else ()
        spared = tuple(self._spared()) if denied else ()
        contexts = self.contexts.written()
        fired = [*grounded.fired]
        for model in self.contexts.named.values():
            fired += model.certainly
        rules = {one.rule.place: one.rule.text for one in fired}
        return Proof(
            schema=SCHEMA,
            case=decision.case,
            policy=decision.policy,
            terminology=decision.terminology,
            engine=decision.engine,
            decided_on=decided_on.isoformat() if decided_on else None,
            readings={name: str(value) for name, value in sorted(self.chosen.items())},
            recommendation=decision.recommendation,
            approved=self.verdict.quantity
            if decision.recommendation in ("approve", "partial")
            else None,
            grounds=decision.grounds,
            sources=_sources(self.case),
            rules=dict(sorted(rules.items())),
            evidence=evidence,
            questions={
                str(question): questions[question]
                for question in sorted(questions, key=self.worlds.position)
            },
            contexts=contexts,
            result=result,
            statuses=statuses,
            blocking=blocking,
            spared=spared,
        )

    # -- claims -------------------------------------------------------------------------------

    def _result(self) -> Claim | Differ:
        recommendation = self.decision.recommendation
        if recommendation == "pend":
            which: _Which = "inside" if len(self.verdict.inside.results) > 1 else "freed"
            return self._opposed(which)
        amount = answer_symbol(self.verdict.quantity or 0, where="quantity")
        atom = Function("result", [word(recommendation), amount])
        return self._claim(atom, "freed" if recommendation == "deny" else "inside")

    def _opposed(self, which: _Which) -> Differ:
        """Two worlds with different results: as alike as possible, so that one sees by what."""
        pair = self.worlds.opposed(self.queried[which], self.queried["inside"])
        first, second = map(self._world, pair)
        return self._differ(which, (first, second), "result")

    def _status(self, clause: Symbol, values: frozenset[str]) -> Claim | Differ:
        atoms = [Function("status", [clause, word(value)]) for value in sorted(values)]
        if len(atoms) == 1:
            return self._claim(atoms[0], "inside")
        answers = self.queried["inside"]
        worlds = [world for atom in atoms if (world := self.worlds.example(answers, atom))]
        first, second = (self._world(world) for world in worlds[:2])
        return self._differ("inside", (first, second), "status", clause)

    def _differ(
        self, which: _Which, models: tuple[PairModel, PairModel], name: str, *first: Symbol
    ) -> Differ:
        found = [
            str(next(a for a in sorted(model.certain) if _starts(a, name, first)))
            for model in models
        ]
        names = [self.contexts.name(model) for model in models]
        return Differ(which, (found[0], found[1]), (names[0], names[1]))

    def _world(self, world: Mapping[Symbol, Symbol]) -> PairModel:
        return self.contexts.model(_plain({q: frozenset({a}) for q, a in world.items()}))

    def _blocking(self) -> Iterator[Claim]:
        """Why each ground blocks: a disjunction as the tree in whose leaves one of it does."""
        symbols = {clause.id: clause.symbol for clause in self.reasoner.policy.identity.clauses}
        for ground in self.decision.grounds:
            ids = (ground,) if isinstance(ground, str) else ground
            yield self._claim_any([Function("blocks", [symbols[one]]) for one in ids], "freed")

    def _spared(self) -> Iterator[str]:
        """Worlds in which what is no ground does not block: one for all of it, where it can be."""
        ids = {clause.symbol: clause.id for clause in self.reasoner.policy.identity.clauses}
        grounds = self.decision.grounds
        single = {ground for ground in grounds if isinstance(ground, str)}
        either = {one for ground in grounds if not isinstance(ground, str) for one in ground}
        others = [clause for clause, id_ in ids.items() if id_ not in single]
        wanted = [[c for c in others if ids[c] not in either]]
        wanted += [[c] for c in others] if either else []
        told: set[str] = set()
        left = set(others)
        for clauses in wanted:
            world = self.worlds.sparing(self.queried["freed"], clauses) if clauses else None
            if world is not None and (not left.isdisjoint(clauses)):
                model = self._world(world)
                left -= {c for c in others if not model.may_have(Function("blocks", [c]))}
                name = self.contexts.name(model)
                if name not in told:
                    told.add(name)
                    yield name

    def _claim(self, atom: Symbol, which: _Which) -> Claim:
        return self._claim_any([atom], which)

    def _claim_any(self, atoms: list[Symbol], which: _Which) -> Claim:
        any_of = frozenset(atoms)
        text = " | ".join(map(str, atoms))
        return Claim(text, which, self._tree(text, which, lambda m: any(map(m.has, any_of))))

    def _tree(self, text: str, which: _Which, holds: Callable[[PairModel], bool]) -> Tree:
        tree = self.contexts.prove(self.sets[which], holds)
        if tree is None:
            raise BoundError(
                "bound.proof",
                f"`{text}` is certain by exhaustive search, and its proof is too large to follow",
                hint="settle more of the open questions first; a person must look",
            )
        return tree


def _plain(answers: Set) -> dict[Symbol, frozenset[Symbol]]:
    """Leave out the readings: a proof names them once."""
    return {q: frozenset(a) for q, a in sorted(answers.items()) if q.name != "reading"}


def _starts(atom: Symbol, name: str, first: tuple[Symbol, ...]) -> bool:
    return atom.name == name and tuple(atom.arguments[: len(first)]) == first


def _sources(case: Case) -> dict[str, Source]:
    """Return where each record was read, by the name that the proof has for it."""
    found: dict[str, Source | None] = {"request": case.request.source}
    found |= {record.id: record.source for record in case.records}
    found |= {f"answers[{index}]": answer.source for index, answer in enumerate(case.answers)}
    return {name: source for name, source in sorted(found.items()) if source is not None}
