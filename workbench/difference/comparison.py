"""Two versions of a policy, compared: the changes, both verdicts, and a case for each difference.

As data it is what `reasoner diff --format json` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from clingo import Symbol

from explain.find import find
from explain.outline import Item, outline
from explain.proof import Proof, prove
from explain.rules import defining, read_rules
from reasoner.case import write_yaml
from reasoner.check import Finding
from reasoner.engine import decision_day
from reasoner.errors import UsageError
from reasoner.facts import answer_value
from reasoner.model import Amount, AnswerValue, Recommendation
from workbench.difference.changes import Change, changes
from workbench.difference.criteria import Criteria, CriteriaVerdict, Pair
from workbench.difference.direction import Direction, Movement, direction, movement
from workbench.difference.evidence import Evidence
from workbench.difference.flips import Flips
from workbench.difference.lifting import Bounds, EvidenceVerdict, Lifted, compare_evidence
from workbench.difference.renaming import matched
from workbench.difference.version import Version
from workbench.difference.witness import Both, answering
from workbench.records.domain import Keys
from workbench.witness import Witness

__all__ = ["SCHEMA", "Comparison", "Difference", "compare"]

SCHEMA = "policy-reasoner/diff/1"


class VersionRef(msgspec.Struct, frozen=True):
    """A version, as its reader named it; *refused* says why `decide` would not decide by it."""

    name: str
    policy: str
    version: str
    digest: str
    terminology: str
    refused: tuple[Finding, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What a version recommends; *quantity* in the policy's unit where it approves."""

    recommendation: Recommendation
    quantity: Amount | None


class Cause(msgspec.Struct, frozen=True):
    """A clause with another status, and the rules that define it in each version."""

    clause: str
    old: str
    new: str
    old_rules: tuple[str, ...]
    new_rules: tuple[str, ...]


class Difference(msgspec.Struct, frozen=True):
    """A case that the versions decide differently; nothing of it can be left out.

    *document* is the case in the old version's words, *renamed* in the new one's where those
    differ. *readings* must be chosen. *question* and *rules* say, of evidence, what is read
    differently and which changed rules may read it. *proofs* tell the clauses that cause it,
    by the old version and by the new one; none, where a difference before it has the same
    causes.
    """

    old: Outcome
    new: Outcome
    direction: Direction
    causes: tuple[Cause, ...]
    document: Keys
    readings: dict[str, str]
    proofs: tuple[Item, Item] | None
    renamed: Keys | None = None
    question: str = ""
    rules: tuple[str, ...] = ()

    def as_yaml(self, *comments: str) -> str:
        """Return the case as a file; *comments* stand above it."""
        chosen = [f"--reading {name}={value}" for name, value in sorted(self.readings.items())]
        needed = [f"Decide it with {' '.join(chosen)}."] if chosen else []
        return write_yaml(self.document, comment="\n".join([*comments, *needed]))


class Unshown(msgspec.Struct, frozen=True):
    """A world in which results or statuses differ, and which no case of direct answers shows."""

    old: Outcome
    new: Outcome
    answers: dict[str, AnswerValue]
    readings: dict[str, str]


class QuietClause(msgspec.Struct, frozen=True):
    """A clause, or an advisory, that differs in *world*, though the result there is the same."""

    clause: str
    world: dict[str, AnswerValue]


class CriteriaPart(msgspec.Struct, frozen=True):
    """What holds over all worlds.

    *questions* are shared by both versions and have one answer for both; those of *only_old*
    and *only_new* have every answer. *answers* are known to one version only: no world has
    them. *pairs* has every ordered pair of results that differ in some world.
    """

    verdict: Movement
    proved: bool
    questions: int
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    answers: tuple[str, ...]
    pairs: tuple[tuple[Outcome, Outcome], ...]
    differences: tuple[Difference, ...]
    unshown: tuple[Unshown, ...]
    quiet: tuple[QuietClause, ...]
    faulty: tuple[tuple[str, dict[str, AnswerValue]], ...]


class Misread(msgspec.Struct, frozen=True):
    """Records of which the versions take something else on *question*, without consequence."""

    question: str
    document: Keys


class EvidencePart(msgspec.Struct, frozen=True):
    """What is known of how records are read; never proved.

    *same*: unchanged up to renaming and order. Else *differences* were found, or none within
    *bounds*. *misread* are records that are read differently, and no result was found that
    changes. *renamed* are predicates that have only another name.
    """

    verdict: Movement
    same: bool
    differences: tuple[Difference, ...]
    misread: tuple[Misread, ...]
    rules_old: tuple[str, ...]
    rules_new: tuple[str, ...]
    renamed: dict[str, str]
    bounds: Bounds | None


class Comparison(msgspec.Struct, frozen=True):
    """Everything that `diff` says of two versions."""

    schema: str
    old: VersionRef
    new: VersionRef
    changes: tuple[Change, ...]
    criteria: CriteriaPart
    evidence: EvidencePart
    flips: Flips | None = None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The cases of both parts."""
        return (*self.criteria.differences, *self.evidence.differences)

    @property
    def moves(self) -> frozenset[Direction]:
        """Which ways results move, of worlds, records and cases."""
        found = {one.direction for one in self.differences}
        found |= {direction(_told(a), _told(b)) for a, b in self.criteria.pairs}
        if self.criteria.faulty:
            found.add("different")
        if self.flips is not None:
            found |= {flip.direction for flip in self.flips.flips}
        return frozenset(found)


def compare(old: Version, new: Version) -> Comparison:
    """Compare two versions of a policy."""
    matching = matched(old, new)
    criteria = Criteria(old, new, matching)
    evidence = Evidence(old, new, matching)
    both = Both(old, new, matching)
    teller = _Teller(old, new, both)
    return Comparison(
        SCHEMA,
        _reference(old),
        _reference(new),
        tuple(changes(old, new, matching, evidence.tables)),
        teller.criteria(criteria.verdict()),
        teller.evidence(compare_evidence(evidence, criteria, both)),
    )


def _reference(version: Version) -> VersionRef:
    identity = version.policy.identity
    return VersionRef(
        version.name,
        identity.id,
        identity.version,
        version.policy.digest,
        version.terminology.digest,
        version.refused,
    )


def _told(outcome: Outcome) -> tuple[Recommendation, Amount | None]:
    return outcome.recommendation, outcome.quantity


class _Teller:
    def __init__(self, old: Version, new: Version, both: Both) -> None:
        self.versions = (old, new)
        self.both = both
        self.proved: set[tuple[tuple[str, str, str], ...]] = set()
        self.rules = [
            [rule for file in version.policy.criteria for rule in read_rules(file)]
            for version in self.versions
        ]

    def criteria(self, verdict: CriteriaVerdict) -> CriteriaPart:
        matching = verdict.matching
        shown: list[Difference] = []
        unshown: list[Unshown] = []
        for pair in verdict.pairs:
            found = self._of_pair(pair)
            if isinstance(found, Difference):
                shown.append(found)
            else:
                unshown.append(found)
        pairs = tuple((Outcome(*_gives(p.old)), Outcome(*_gives(p.new))) for p in verdict.pairs)
        moves: list[Direction] = [direction(_told(one), _told(other)) for one, other in pairs]
        ids = {**self.versions[0].policy.clause_ids, **self.versions[1].policy.clause_ids}
        return CriteriaPart(
            verdict="different" if verdict.faulty else movement(moves),
            proved=verdict.proved,
            questions=len(matching.questions),
            only_old=tuple(map(str, matching.only_old)),
            only_new=tuple(map(str, matching.only_new)),
            answers=tuple(f"{q} = {a}" for q, a in (*matching.lost, *matching.gained)),
            pairs=pairs,
            differences=tuple(shown),
            unshown=tuple(unshown),
            quiet=tuple(
                QuietClause(ids.get(clause, str(clause)), self._unusual(pair.answers[0]))
                for clause, pair in verdict.quiet
            ),
            faulty=tuple((side, self._unusual(world)) for side, world in verdict.faulty),
        )

    def _unusual(self, world: Mapping[Symbol, Symbol]) -> dict[str, AnswerValue]:
        usual = self.versions[0].reasoner.worlds.usual
        return {str(q): answer_value(a) for q, a in world.items() if usual.get(q) != a}

    def _of_pair(self, pair: Pair) -> Difference | Unshown:
        answers: dict[Symbol, Symbol] = {}
        for side in (1, 0):  # what both ask has the old version's names
            usual = self.versions[side].reasoner.worlds.usual
            shared = side == 1 and self.both.shared_names
            answers |= {
                question: answer
                for question, answer in pair.answers[side].items()
                if question.name != "reading"
                and usual.get(question) != answer
                and not (shared and question in shared)
            }
        readings = {str(q.arguments[0]): str(a) for q, a in pair.readings.items()}
        document = answering({"id": "witness"}, answers)
        (told,) = self.both.told([document], readings)
        wanted = (_gives(pair.old), _gives(pair.new))
        if told is None or tuple(map(_plainly, told)) != wanted:
            return Unshown(
                Outcome(*wanted[0]),
                Outcome(*wanted[1]),
                {str(q): answer_value(a) for q, a in answers.items()},
                dict(readings),
            )
        return self._difference(self.both.shrunk(document, readings), readings)

    def evidence(self, verdict: EvidenceVerdict) -> EvidencePart:
        changed = verdict.evidence.rules
        places = tuple(dict.fromkeys(rule.where for rule in (*changed.old, *changed.new)))
        found = tuple(self._of_records(one, places) for one in verdict.witnesses)
        return EvidencePart(
            verdict=movement(one.direction for one in found),
            same=verdict.same,
            differences=found,
            misread=tuple(Misread(str(one.question), one.document) for one in verdict.quiet),
            rules_old=tuple(f"{rule.where}  {rule.node}" for rule in changed.old),
            rules_new=tuple(f"{rule.where}  {rule.node}" for rule in changed.new),
            renamed=dict(changed.renamed),
            bounds=verdict.bounds,
        )

    def _of_records(self, one: Lifted, places: Sequence[str]) -> Difference:
        found = self._difference(one.document, one.readings)
        return msgspec.structs.replace(found, question=str(one.question), rules=tuple(places))

    def _difference(self, document: Keys, readings: dict[str, str]) -> Difference:
        document = {"id": "witness", **document}
        one, other = self.both.examined(document, readings)
        names = self.both.documents(document)
        causes = tuple(self._causes(one, other))
        outcomes = [_outcome(witness) for witness in (one, other)]
        return Difference(
            outcomes[0],
            outcomes[1],
            direction(_told(outcomes[0]), _told(outcomes[1])),
            causes,
            document,
            readings,
            self._proofs(one, other, causes),
            renamed=None if names[0] == names[1] else names[1],
        )

    def _causes(self, one: Witness, other: Witness) -> Iterator[Cause]:
        before = {clause.id: clause.status for clause in one.decision.clauses}
        after = {clause.id: clause.status for clause in other.decision.clauses}
        for name in dict.fromkeys((*before, *after)):
            said = before.get(name, "absent"), after.get(name, "absent")
            if said[0] != said[1]:
                yield Cause(name, *said, self._places(0, name), self._places(1, name))

    def _places(self, side: int, name: str) -> tuple[str, ...]:
        for clause in self.versions[side].policy.identity.clauses:
            if clause.id == name:
                rules = defining(self.rules[side], clause.symbol, clause.kind)
                return tuple(rule.place for rule in rules)
        return ()

    def _proofs(
        self, one: Witness, other: Witness, causes: tuple[Cause, ...]
    ) -> tuple[Item, Item] | None:
        told = tuple((cause.clause, cause.old, cause.new) for cause in causes)
        if told in self.proved:
            return None
        self.proved.add(told)
        return self._proof(0, one, causes), self._proof(1, other, causes)

    def _proof(self, side: int, witness: Witness, causes: Sequence[Cause]) -> Item:
        reasoner = self.versions[side].reasoner
        proof = prove(reasoner, witness.examination, decision_day(witness.case))
        item = outline(proof)
        told = [found for cause in causes if (found := _part(proof, cause.clause)) is not None]
        return Item(item.status, item.text, told or item.below)


def _part(proof: Proof, clause: str) -> Item | None:
    try:
        return outline(proof, find(proof, clause))
    except UsageError:
        return None  # a clause of the other version


def _outcome(witness: Witness) -> Outcome:
    verdict = witness.examination.verdict
    return Outcome(*_gives((verdict.recommendation, verdict.quantity or 0)))


def _plainly(told: tuple[Recommendation, Amount | None]) -> tuple[Recommendation, Amount | None]:
    return _gives((told[0], told[1] or 0))


def _gives(result: tuple[Recommendation, Amount]) -> tuple[Recommendation, Amount | None]:
    recommendation, quantity = result
    return recommendation, quantity if recommendation in ("approve", "partial") else None
