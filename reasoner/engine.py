"""The reasoner: a policy, ready to decide cases and to say what each decision rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import clingo
import msgspec
from clingo import Symbol

from reasoner.decision import (
    SCHEMA,
    Advisory,
    Assumption,
    CaseRef,
    ClauseStatus,
    Conflict,
    Decision,
    Doubt,
    Engine,
    HumanReview,
    Missing,
    PolicyRef,
    QuantityPair,
    ReadingUsed,
    TerminologyRef,
)
from reasoner.errors import CaseError, PolicyError, ReasonerError, UsageError, nearest
from reasoner.evidence import Evidence, Reading, Settled
from reasoner.facts import answer_symbol, answer_value, question_symbol, record_name
from reasoner.model import AnswerValue, Case
from reasoner.policy import Policy
from reasoner.terminology import Terminology
from reasoner.verdict import (
    Verdict,
    clause_statuses,
    grounds,
    is_decisive,
    recommended,
    verdict,
)
from reasoner.worlds import Answers, Worlds

__all__ = ["Examination", "Reasoner", "decision_day"]

BATCH = 64
"""Cases that are grounded together; more costs memory, fewer costs time."""


class Examination(msgspec.Struct, frozen=True, eq=False):
    """A decision with what it was made from: for the proof, which shows both."""

    case: Case
    settled: Settled
    verdict: Verdict
    decision: Decision


def decision_day(case: Case) -> dt.date | None:
    """Return the day from which records are seen: of the request, or of the last answer."""
    days = [answer.date.last for answer in case.answers if answer.date is not None]
    if case.request.received is not None:
        days.append(case.request.received.last)
    return max(days, default=None)


class Reasoner:
    """A policy, ready to decide cases."""

    def __init__(self, policy: Policy, terminology: Terminology, *, version: str) -> None:
        self.policy = policy
        self.terminology = terminology
        self.evidence = Evidence(policy, terminology)
        self.worlds = Worlds(policy, terminology)
        self._version = version
        self._beyond: dict[frozenset[tuple[Symbol, Symbol]], Worlds] = {}
        self.readings: dict[str, tuple[Symbol, ...]] = {
            question.arguments[0].name: answers
            for question, answers in self.worlds.answers.items()
            if question.name == "reading"
        }
        self._reading_questions: dict[str, Symbol] = {
            question.arguments[0].name: question
            for question in self.worlds.answers
            if question.name == "reading"
        }
        self.defaults: dict[str, Symbol] = {
            question.arguments[0].name: answer
            for question, answer in self.worlds.usual.items()
            if question.name == "reading"
        }

    # -- choosing readings --------------------------------------------------------------------

    def choose(self, readings: Mapping[str, str]) -> dict[str, Symbol]:
        """Return the answer of every reading: those of *readings*, else the default.

        Raises:
            UsageError: there is no such reading, or no such answer of it.
        """
        chosen = dict(self.defaults)
        for name, value in readings.items():
            if name not in chosen:
                hint = nearest(name, sorted(chosen)) or f"one of {', '.join(sorted(chosen))}"
                raise UsageError("usage.reading", f"there is no reading `{name}`", hint=hint)
            known = {str(answer): answer for answer in self.readings[name]}
            if value not in known:
                raise UsageError(
                    "usage.reading",
                    f"`{value}` is no answer of the reading `{name}`",
                    hint=f"one of {', '.join(known)}",
                )
            chosen[name] = known[value]
        return chosen

    # -- deciding -----------------------------------------------------------------------------

    def decide(
        self,
        case: Case,
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
        answers: Mapping[str, AnswerValue] | None = None,
    ) -> Decision:
        """Return the decision on one case.

        *answers* are given as if they were certain: what would the decision be?

        Raises:
            CaseError: an answer of the case names no question of the policy.
            UsageError: there is no such reading.
            PolicyError: the rules are broken.
        """
        return self.examine(
            case, readings=readings, decided_on=decided_on, answers=answers
        ).decision

    def examine(
        self,
        case: Case,
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
        answers: Mapping[str, AnswerValue] | None = None,
    ) -> Examination:
        """Return the decision on one case with what it was made from; errors as in `decide`."""
        chosen = self.choose(readings or {})
        given = self._given(answers or {})
        (examination,) = self._examine_batch([case], chosen, given, decided_on)
        return examination

    def decide_many(
        self,
        cases: Iterable[Case],
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
        answers: Mapping[str, AnswerValue] | None = None,
    ) -> Iterator[Decision]:
        """Yield the decision on each case, in their order, in constant memory."""
        chosen = self.choose(readings or {})
        given = self._given(answers or {})
        iterator = iter(cases)
        while batch := list(islice(iterator, BATCH)):
            if len(batch) == BATCH:
                self.worlds.expect_many()
            for examination in self._examine_batch(batch, chosen, given, decided_on):
                yield examination.decision

    def decide_each(
        self,
        cases: Iterable[Case | ReasonerError],
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
    ) -> Iterator[Decision | ReasonerError]:
        """Yield the decision on each case, or the error in its place; it stops no other case.

        An error among *cases* is yielded where it stands.
        """
        chosen = self.choose(readings or {})
        iterator = iter(cases)
        while batch := list(islice(iterator, BATCH)):
            if len(batch) == BATCH:
                self.worlds.expect_many()
            results: list[Decision | ReasonerError | None] = []
            for case in batch:
                try:
                    if isinstance(case, Case):
                        self.check_questions(case)
                    results.append(None if isinstance(case, Case) else case)
                except CaseError as error:
                    results.append(error)
            good = [
                case
                for case, result in zip(batch, results, strict=True)
                if result is None and isinstance(case, Case)
            ]
            decided = self._decide_good(good, chosen, decided_on)
            for result in results:
                yield next(decided) if result is None else result

    def _decide_good(
        self, batch: Sequence[Case], chosen: Mapping[str, Symbol], decided_on: dt.date | None
    ) -> Iterator[Decision | ReasonerError]:
        """Decide a batch; where it fails, halve it until the case that fails stands alone."""
        if not batch:
            return
        try:
            done: list[Decision | ReasonerError] = [
                examination.decision
                for examination in self._examine_batch(batch, chosen, {}, decided_on)
            ]
        except (CaseError, PolicyError) as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                yield from self._decide_good(batch[:middle], chosen, decided_on)
                yield from self._decide_good(batch[middle:], chosen, decided_on)
                return
            done = [error]
        yield from done

    def _examine_batch(
        self,
        batch: Sequence[Case],
        chosen: Mapping[str, Symbol],
        given: Answers,
        decided_on: dt.date | None,
    ) -> Iterator[Examination]:
        for case in batch:
            self.check_questions(case)
        dated = [(case, decided_on or decision_day(case)) for case in batch]
        for (case, day), (settled, others) in zip(
            dated, self.evidence.settle(dated, chosen), strict=True
        ):
            yield self._examine(case, day, settled, others, chosen, given)

    def check_questions(self, case: Case) -> None:
        """Raise CaseError if an answer of *case* is to a question that the policy does not ask."""
        for index, answer in enumerate(case.answers):
            if question_symbol(answer.question) not in self.worlds.answers:
                known = [str(question) for question in self.worlds.answers]
                raise CaseError(
                    "case.question",
                    f"the policy asks no question `{answer.question}`",
                    where=f"{case.origin}  answers[{index}].question".strip(),
                    hint=nearest(answer.question, known)
                    or f"`reasoner policy questions {self.policy.id}` lists them",
                )

    def _given(self, answers: Mapping[str, AnswerValue]) -> dict[Symbol, frozenset[Symbol]]:
        """Return typed answers as the worlds know them.

        Raises:
            UsageError: there is no such question, or no such answer of it.
        """
        given: dict[Symbol, frozenset[Symbol]] = {}
        for text, value in answers.items():
            question = question_symbol(text)
            known = self.worlds.answers.get(question)
            if known is None:
                names = [str(name) for name in self.worlds.answers]
                raise UsageError(
                    "usage.question",
                    f"the policy asks no question `{text}`",
                    hint=nearest(text, names),
                )
            answer = answer_symbol(value, where=text)
            if answer not in known:
                listed = ", ".join(str(a) for a in known)
                raise UsageError(
                    "usage.answer", f"`{answer}` is no answer of `{text}`", hint=f"one of {listed}"
                )
            given[question] = frozenset({answer})
        return given

    def _worlds_for(self, settled: Settled) -> Worlds:
        """Return the worlds that know every number that the case names."""
        beyond = frozenset(
            (question, answer)
            for question, answers in settled.candidates.items()
            if question in self.worlds.every
            for answer in answers - self.worlds.every[question]
        )
        if not beyond:
            return self.worlds
        if beyond not in self._beyond:
            if len(self._beyond) > 32:
                self._beyond.clear()
            self._beyond[beyond] = Worlds(self.policy, self.terminology, beyond)
        return self._beyond[beyond]

    def _examine(
        self,
        case: Case,
        day: dt.date | None,
        settled: Settled,
        others: Mapping[Reading, Settled],
        chosen: Mapping[str, Symbol],
        given: Answers,
    ) -> Examination:
        worlds = self._worlds_for(settled)
        inside = self._answers(worlds, settled, chosen, given)
        found = verdict(worlds, inside, self._free(worlds, settled, inside, given))
        assumptions, readings = self._rests_on(
            worlds, settled, others, chosen, given, inside, found
        )
        statuses = clause_statuses(worlds, found, settled.conflicts)
        blocking = grounds(worlds, found, self.policy)
        identity = self.policy.identity
        first = min(case.request.service_dates, key=lambda d: d.first, default=None)
        decision = Decision(
            schema=SCHEMA,
            case=CaseRef(case.id, case.digest),
            decided_on=day.isoformat() if day else None,
            as_of=first.text if first else None,
            policy=PolicyRef(identity.id, identity.version, self.policy.digest),
            terminology=TerminologyRef(self.terminology.digest),
            engine=_engine(self._version),
            recommendation=found.recommendation,
            certain=found.recommendation != "pend",
            quantity=self._quantity(settled, found),
            clauses=self._clauses(found, statuses, blocking),
            grounds=blocking,
            refer_reasons=tuple(str(reason) for reason in found.inside.referrals)
            if found.recommendation == "refer"
            else (),
            missing=self._missing(worlds, found),
            assumptions=assumptions,
            readings=readings,
            conflicts=_conflicts(settled),
            doubts=_doubts(settled),
            advisories=self._advisories(found, settled),
            human_review=HumanReview(
                required=found.recommendation in ("deny", "partial", "refer"), reviewed=False
            ),
        )
        return Examination(case, settled, found, decision)

    def _answers(
        self, worlds: Worlds, settled: Settled, chosen: Mapping[str, Symbol], given: Answers
    ) -> Answers:
        """The worlds that a case leaves, with presumptions in force."""
        every = worlds.every
        out = {question: every[question] for question in settled.open}
        out |= {q: frozenset(a) for q, a in settled.candidates.items() if q in every}
        out |= {question: frozenset({a}) for question, a in settled.assumed.items()}
        out |= {
            self._reading_questions[name]: frozenset({value})
            for name, value in chosen.items()
            if value is not self.defaults[name]
        }
        return worlds.narrowed({**out, **given})

    def _free(self, worlds: Worlds, settled: Settled, inside: Answers, given: Answers) -> Answers:
        """The same worlds with presumptions freed; what was given stays."""
        freed = {q: worlds.every[q] for q in settled.assumed if q not in given}
        return worlds.narrowed({**inside, **freed}) if freed else inside

    def _quantity(self, settled: Settled, found: Verdict) -> QuantityPair:
        unit = self.policy.identity.quantity
        requested = None
        for question, answers in settled.candidates.items():
            if str(question) == f"{unit.unit}_requested" and len(answers) == 1:
                (answer,) = answers
                requested = answer.number
        return QuantityPair(
            requested=None if requested is None else _in_units(unit.factors, requested),
            approved=None
            if found.quantity is None or found.recommendation not in ("approve", "partial")
            else _in_units(unit.factors, found.quantity),
        )

    def _clauses(
        self,
        found: Verdict,
        statuses: Mapping[Symbol, str],
        blocking: tuple[str | tuple[str, ...], ...],
    ) -> tuple[ClauseStatus, ...]:
        named = {c for g in blocking for c in ([g] if isinstance(g, str) else g)}
        out = []
        for clause in self.policy.identity.clauses:
            status = statuses[clause.symbol]
            out.append(
                ClauseStatus(
                    id=clause.id,
                    kind=clause.kind,
                    status=status,
                    decisive=is_decisive(clause.id, clause.kind, status, found, named),
                    text=clause.text,
                    locator=clause.locator,
                )
            )
        return tuple(out)

    def _missing(self, worlds: Worlds, found: Verdict) -> tuple[Missing, ...]:
        if found.recommendation != "pend":
            return ()
        questions: frozenset[Symbol] = frozenset()
        for size in (1, 2):
            questions = questions or worlds.separating(found.asked, size)
        texts = worlds.texts
        weights = worlds.weights
        rows: dict[str, Missing] = {}
        for question in sorted(questions, key=worlds.position):
            name = question.name if question.arguments else str(question)
            label = f"{name}(_)" if question.arguments else name
            if label in rows:
                continue
            answers = found.asked[question]
            weighty = any((question, answer) in weights for answer in answers)
            needed = max(1, worlds.needed(found.asked, "deny")) if weighty else 1
            rows[label] = Missing(
                question=label,
                text=worlds.wording.get((name, needed)) or texts.get(name, ""),
                answers=tuple(answer_value(a) for a in worlds.answers[question] if a in answers),
                needed=needed,
            )
        return tuple(rows.values())

    def _rests_on(
        self,
        worlds: Worlds,
        settled: Settled,
        others: Mapping[Reading, Settled],
        chosen: Mapping[str, Symbol],
        given: Answers,
        inside: Answers,
        found: Verdict,
    ) -> tuple[tuple[Assumption, ...], tuple[ReadingUsed, ...]]:
        presumed = {q: a for q, a in settled.assumed.items() if q not in given}
        alternatives = {q: worlds.every[q] for q in presumed}
        alternatives |= {
            question: worlds.every[question]
            for name, question in self._reading_questions.items()
            if name in worlds.readings_read
        }
        decisive = worlds.resting_on(inside, alternatives)

        def changes(other: Answers, base: Settled) -> bool:
            if _settled_without_asking(found, inside, other):
                return False
            again = recommended(worlds, other, self._free(worlds, base, other, given))
            return again != (found.recommendation, found.quantity)

        reading_ids = {q.arguments[0].name for q in decisive if q.name == "reading"}
        for (identifier, _), other in others.items():
            if identifier not in reading_ids:
                there = self._worlds_for(other)
                if there is worlds and changes(self._answers(worlds, other, chosen, given), other):
                    reading_ids.add(identifier)
        assumptions = tuple(
            Assumption(str(question), answer_value(answer), question in decisive)
            for question, answer in sorted(
                presumed.items(), key=lambda item: worlds.position(item[0])
            )
        )
        readings = tuple(
            ReadingUsed(name, answer_value(chosen[name]), name in reading_ids)
            for name in self.defaults
            if name in reading_ids or chosen[name] != self.defaults[name]
        )
        return assumptions, readings

    def _advisories(self, found: Verdict, settled: Settled) -> tuple[Advisory, ...]:
        names = {name.name for name, _ in settled.advisories}
        if found.recommendation != "not_applicable":
            names |= found.inside.advisories
        texts = self.policy.identity.advisories
        return tuple(Advisory(name, text) for name, text in texts.items() if name in names)


def _settled_without_asking(found: Verdict, inside: Answers, other: Answers) -> bool:
    """Whether *other* worlds give the same recommendation without a look at them: more worlds
    than those that differ still differ, and fewer than those that all deny still deny.
    """
    if other.keys() != inside.keys():
        return False
    if len(found.inside.results) > 1:
        return all(inside[question] <= answers for question, answers in other.items())
    return found.recommendation == "deny" and all(
        answers <= found.asked.get(question, inside[question])
        for question, answers in other.items()
    )


def _conflicts(settled: Settled) -> tuple[Conflict, ...]:
    out = []
    for question in sorted(settled.conflicts):
        voices = [voice for voice in settled.backs if voice.question == question]
        out.append(
            Conflict(
                str(question),
                tuple(answer_value(a) for a in sorted({voice.answer for voice in voices})),
                tuple(sorted({record_name(voice.record) for voice in voices})),
            )
        )
    return tuple(out)


def _doubts(settled: Settled) -> tuple[Doubt, ...]:
    """Every record that is not used, with what it could bear on."""
    questions: dict[str, set[str]] = {}
    reasons: dict[str, set[str]] = {}
    for question, record in settled.doubts:
        questions.setdefault(record_name(record), set()).add(str(question))
    for voice in settled.strays:
        name = record_name(voice.record)
        questions.setdefault(name, set()).add(str(voice.question))
        reasons.setdefault(name, set()).add(f"undeclared_answer:{answer_value(voice.answer)}")
    for record, why in settled.flaws:
        name = record_name(record)
        questions.setdefault(name, set())
        reasons.setdefault(name, set()).add(str(why))
    return tuple(
        Doubt(
            name, tuple(sorted(questions[name])), ", ".join(sorted(reasons.get(name, {"unclear"})))
        )
        for name in sorted(questions)
    )


def _in_units(factors: Mapping[str, int], quantity: int) -> dict[str, int]:
    return {unit: factor * quantity for unit, factor in factors.items()}


def _engine(version: str) -> Engine:
    return Engine(version, clingo.__version__)
