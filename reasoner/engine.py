"""The reasoner: a policy, ready to decide cases and to say what each decision rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

import clingo
import msgspec
from clingo import Symbol

from reasoner import record
from reasoner.decision import (
    SCHEMA,
    CaseRef,
    Decision,
    Engine,
    HumanReview,
    PolicyRef,
    TerminologyRef,
)
from reasoner.errors import CaseError, PolicyError, ReasonerError, UsageError, nearest
from reasoner.evidence import Change, Evidence, Reading, Settled
from reasoner.facts import answer_symbol, question_symbol
from reasoner.model import AnswerValue, Case
from reasoner.narrowing import Narrowing, beyond, foresee, narrowing
from reasoner.policy import Policy
from reasoner.questions import meant
from reasoner.readings import declared_readings
from reasoner.reasons import reasons
from reasoner.reliance import rests_on
from reasoner.terminology import Terminology
from reasoner.verdict import Verdict, clause_statuses, grounds, verdict
from reasoner.worlds import Answers, Worlds

__all__ = ["Examination", "Reasoner", "decision_day"]

BATCH = 256
"""Cases that are grounded together; more costs memory, fewer costs time."""

MANY = 32
"""So many cases in a batch earn back what a stream is made ready with."""

MEMORY = 32
"""Programs that are kept for numbers beyond the usual ones."""


class Examination(msgspec.Struct, frozen=True, eq=False):
    """A decision with what it was made from: for the proof, which shows both."""

    case: Case
    settled: Settled
    worlds: Worlds
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
        self._version = version
        self._beyond: dict[frozenset[tuple[Symbol, Symbol]], Worlds] = {}
        declared = declared_readings(policy)
        self.readings: dict[str, tuple[Symbol, ...]] = {n: d.answers for n, d in declared.items()}
        self.defaults: dict[str, Symbol] = {n: d.default for n, d in declared.items()}

    @cached_property
    def worlds(self) -> Worlds:
        """The worlds of the policy, whatever a case may speak of.

        Raises:
            PolicyError: the rules are broken.
        """
        return Worlds(self.policy, self.terminology)

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

    def decide_alone(
        self,
        case: Case,
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
    ) -> Examination:
        """Return the same as `examine`, of a case after which no other is asked about.

        Only what the case speaks of is open in its worlds: they are made faster, for once.
        """
        chosen = self.choose(readings or {})
        day = decided_on or decision_day(case)
        try:
            ((settled, others),) = self.evidence.settle([(case, day)], chosen)
        except UsageError:  # an answer to what is no question: all worlds know how to say so
            return self.examine(case, readings=readings, decided_on=decided_on)
        found = (settled, *(change.settled for change in others.values()))
        spoken_of = {question for one in found for question in one.questions}
        spoken_of |= {question for change in others.values() for question in change.questions}
        worlds = Worlds(self.policy, self.terminology, spoken_of=sorted(spoken_of))
        answered = {question_symbol(answer.question) for answer in case.answers}
        if answered <= worlds.answers.keys() and not any(beyond(worlds, one) for one in found):
            narrowed = narrowing(worlds, settled, others, chosen, {})
            return self._conclude(case, day, settled, narrowed, chosen)
        return self.examine(case, readings=readings, decided_on=decided_on)

    def decide_many(
        self,
        cases: Iterable[Case],
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
        answers: Mapping[str, AnswerValue] | None = None,
    ) -> Iterator[Decision]:
        """Yield the decision on each case, in their order, in constant memory."""
        found = self.examine_many(cases, readings=readings, decided_on=decided_on, answers=answers)
        for examination in found:
            yield examination.decision

    def examine_many(
        self,
        cases: Iterable[Case],
        *,
        readings: Mapping[str, str] | None = None,
        decided_on: dt.date | None = None,
        answers: Mapping[str, AnswerValue] | None = None,
    ) -> Iterator[Examination]:
        """Yield the decision on each case with what it was made from, in their order."""
        chosen = self.choose(readings or {})
        given = self._given(answers or {})
        iterator = iter(cases)
        while batch := list(islice(iterator, BATCH)):
            if len(batch) >= MANY:
                self.worlds.tabulate()
            yield from self._examine_batch(batch, chosen, given, decided_on)

    def expect_many(self) -> None:
        """Make ready for a stream: what one case does not need, and many do."""
        self.worlds.tabulate()
        self.evidence.expect_many()

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
            if len(batch) >= MANY:
                self.worlds.tabulate()
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
        found = self.evidence.settle(dated, chosen)
        narrowed = [
            narrowing(self.worlds_for(settled), settled, others, chosen, given)
            for settled, others in found
        ]
        foresee(self.worlds, narrowed)
        for (case, day), (settled, _), worlds in zip(dated, found, narrowed, strict=True):
            yield self._conclude(case, day, settled, worlds, chosen)

    def check_questions(self, case: Case) -> None:
        """Raise CaseError if an answer of *case* is to a question that the policy does not ask."""
        for index, answer in enumerate(case.answers):
            if not self.asks(answer.question):
                raise CaseError(
                    "case.question",
                    f"the policy asks no question `{answer.question}`",
                    where=f"{case.origin}  answers[{index}].question".strip(),
                    hint=self._hint(answer.question),
                )

    def asks(self, question: str) -> bool:
        """Return whether the policy asks *question*."""
        try:
            return question_symbol(question) in self.worlds.answers
        except UsageError:
            return False

    def _hint(self, text: str) -> str:
        names = map(str, self.worlds.answers)
        listed = f"`reasoner policy questions {self.policy.id}` lists them"
        return meant(text, names, self.terminology) or listed

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
                raise UsageError(
                    "usage.question",
                    f"the policy asks no question `{text}`",
                    hint=self._hint(text),
                )
            answer = answer_symbol(value, where=text)
            if answer not in known:
                listed = ", ".join(str(a) for a in known)
                raise UsageError(
                    "usage.answer", f"`{answer}` is no answer of `{text}`", hint=f"one of {listed}"
                )
            given[question] = frozenset({answer})
        return given

    def worlds_for(self, settled: Settled) -> Worlds:
        """Return the worlds that know every number that the case names."""
        numbers = beyond(self.worlds, settled)
        if not numbers:
            return self.worlds
        if numbers not in self._beyond:
            if len(self._beyond) >= MEMORY:
                self._beyond.clear()
            self._beyond[numbers] = Worlds(self.policy, self.terminology, numbers)
        return self._beyond[numbers]

    def conclude(
        self,
        case: Case,
        day: dt.date | None,
        settled: Settled,
        others: Mapping[Reading, Change],
        chosen: Mapping[str, Symbol],
        given: Answers | None = None,
    ) -> Examination:
        """Return the decision on *case*, once its records are *settled* by the evidence.

        *others* is what is different under other readings than those *chosen*, *day* the day
        from which the records were seen.
        """
        worlds = self.worlds_for(settled)
        narrowed = narrowing(worlds, settled, others, chosen, given or {})
        return self._conclude(case, day, settled, narrowed, chosen)

    def _conclude(
        self,
        case: Case,
        day: dt.date | None,
        settled: Settled,
        narrowed: Narrowing,
        chosen: Mapping[str, Symbol],
    ) -> Examination:
        worlds = narrowed.worlds
        found = verdict(worlds, narrowed.kept, narrowed.freed)
        assumptions, readings = rests_on(narrowed, chosen, found)
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
            engine=Engine(self._version, clingo.__version__),
            recommendation=found.recommendation,
            certain=found.recommendation != "pend",
            quantity=record.quantity(self.policy, settled, found),
            clauses=record.clauses(self.policy, found, statuses, blocking, reasons(worlds, found)),
            grounds=blocking,
            refer_reasons=tuple(str(reason) for reason in found.inside.referrals)
            if found.recommendation == "refer"
            else (),
            missing=record.missing(worlds, found),
            assumptions=assumptions,
            readings=readings,
            conflicts=record.conflicts(settled),
            doubts=record.doubts(settled),
            unread=case.unread,
            advisories=record.advisories(self.policy, found, settled),
            authorization=record.authorization(found),
            human_review=HumanReview(
                required=found.recommendation in ("deny", "partial", "refer"), reviewed=False
            ),
        )
        return Examination(case, settled, worlds, found, decision)
