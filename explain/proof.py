"""The proof of a decision: a typed graph from the result down to records and absences.

    result -decided_by-> clause -reads-> question -settled_by-> record
                                                  -assumed-> assumption
                                                  -lacks-> absence -near_miss-> record
                                                  -doubted_by-> record
                                                  -set_aside-> record
                         clause -read_as-> reading
                         clause -counts-> count -not_counted-> question
    result -could_be-> world
    result -splits-> split -decided_by-> clause

Node keys are `result`, `clause:approval.II`, `question:hiv`, `record:t1`, …; the attribute
`node` has what is known of it, the attribute `kind` of an edge how the two are related.
Nodes and edges are added in the order of the document, then of symbols: the same decision
gives the same graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx
from clingo import Function, Symbol

from explain.absence import looked_in
from explain.behind import smallest
from explain.clauses import Clauses, Count, standing
from explain.evidence import ground_evidence
from explain.instrument import Fired, speaking
from explain.node import (
    AbsenceNode,
    AssumptionNode,
    ClauseNode,
    CountNode,
    QuestionNode,
    ReadingNode,
    RecordNode,
    ResultNode,
    Sentence,
    SplitNode,
    State,
    WorldNode,
)
from explain.record import RecordView, records_of
from explain.rules import spoken
from explain.saying import Derived, sentences_of
from reasoner.facts import answer_value, record_name
from reasoner.model import Amount
from reasoner.narrowing import inside
from reasoner.reasons import reasons

if TYPE_CHECKING:
    import datetime as dt

    from reasoner.decision import ClauseStatus
    from reasoner.engine import Examination, Reasoner
    from reasoner.worlds import Worlds

__all__ = ["Proof", "prove"]


class Proof:
    """The graph of one decision, with its root."""

    def __init__(self, graph: nx.DiGraph[str]) -> None:
        self.graph = graph
        self.root = "result"


def prove(reasoner: Reasoner, examination: Examination, decided_on: dt.date | None) -> Proof:
    """Return the proof of *examination*, whose records were seen on *decided_on*.

    Raises:
        PolicyError: a sentence of a rule names what the rule does not bind.
    """
    return Proof(_Builder(reasoner, examination, decided_on).build())


class _Builder:
    def __init__(
        self, reasoner: Reasoner, examination: Examination, decided_on: dt.date | None
    ) -> None:
        self.reasoner = reasoner
        self.terminology = reasoner.terminology
        self.decision = examination.decision
        self.verdict = examination.verdict
        self.settled = examination.settled
        self.worlds = reasoner.worlds_for(examination.settled)
        self.worlds.expect_many()  # a proof asks often
        self.graph: nx.DiGraph[str] = nx.DiGraph()
        self.records = records_of(examination.case)
        readings = reasoner.choose({r.id: str(r.value) for r in self.decision.readings})
        policy = reasoner.policy
        evidence = ground_evidence(
            policy,
            reasoner.terminology,
            examination.case,
            decided_on,
            readings,
            only=speaking(policy),
            whole=self.settled.whole,
        )
        self.evidence = Derived.of(evidence.fired)
        self.by_record = _by_argument(self.evidence)
        self.readings_of = _texts(self.worlds, "about")
        self.reasons = _texts(self.worlds, "reason")
        self.asked = dict(self.verdict.asked)
        self.kept = inside(self.worlds, self.settled, readings, {})
        self.criteria = Clauses(self.worlds, reasoner.terminology, readings, self.asked)
        self.over = [self.criteria]
        if self.kept != self.asked:
            self.over.append(Clauses(self.worlds, reasoner.terminology, readings, self.kept))

    def build(self) -> nx.DiGraph[str]:
        self.graph.add_node("result", node=self._result())
        clauses = self.reasoner.policy.identity.clauses
        shown: set[Symbol] = set()
        for clause, ref in zip(self.decision.clauses, clauses, strict=True):
            shown |= self._clause(clause, ref.symbol)
        rest = [q for q in self.criteria.questions_of_result() if q not in shown]
        self._questions("result", rest)
        if self.decision.recommendation == "pend":
            self._worlds()
        for ground in self.decision.grounds:
            if not isinstance(ground, str):
                self._split(ground)
        return self.graph

    def _result(self) -> ResultNode:
        decision = self.decision
        said = self.criteria.because_of_result(decision.recommendation)
        found = reasons(self.worlds, self.verdict)
        return ResultNode(
            decision.recommendation,
            decision.case.id,
            decision.grounds,
            sentences_of(said, self.terminology),
            tuple(tuple(self._member(one) for one in members) for members in found.sets),
            not found.complete,
        )

    def _member(self, member: Symbol) -> tuple[str, str]:
        """Return what a reason names: a clause with its status, or a question with its answer."""
        first, second = member.arguments
        if member.name == "status":
            return self.reasoner.policy.clause_ids[first], str(second)
        return str(first), str(second)

    def _clause(self, clause: ClauseStatus, symbol: Symbol) -> set[Symbol]:
        """Add the clause with what it reads; return the questions that it reads."""
        key = f"clause:{clause.id}"
        criteria, status = standing(self.over, symbol, clause.status)
        said = criteria.because(status) if status is not None else []
        self.graph.add_node(
            key,
            node=ClauseNode(
                clause.id,
                clause.kind,
                clause.status,
                clause.decisive,
                clause.text,
                clause.locator,
                sentences_of(said, self.terminology),
            ),
        )
        self.graph.add_edge("result", key, kind="decided_by")
        questions = criteria.questions_of(symbol)
        carrying = None
        if status is not None:
            carrying = set(smallest(self.worlds, criteria.answers, status, questions))
        self._questions(key, questions, carrying)
        self._counts(key, criteria.counts_of(symbol, status))
        self._readings(key, clause.id)
        return set(questions)

    def _readings(self, clause_key: str, clause: str) -> None:
        for used in self.decision.readings:
            if self.readings_of[used.id] == clause:
                key = f"reading:{used.id}"
                reason = self.reasons[used.id]
                node = ReadingNode(used.id, used.value, used.decisive, reason)
                self.graph.add_node(key, node=node)
                self.graph.add_edge(clause_key, key, kind="read_as")

    def _counts(self, parent: str, counts: Iterable[Count]) -> None:
        """Add what was counted for the clause, and what could have been."""
        for index, count in enumerate(counts):
            key = f"count:{parent.partition(':')[2]}:{index}"
            node = CountNode(
                count.rule,
                count.value,
                count.needed,
                count.at_most,
                self._names(count.counted),
                self._names(count.perhaps),
            )
            self.graph.add_node(key, node=node)
            self.graph.add_edge(parent, key, kind="counts")
            for question in sorted(count.not_counted, key=self.worlds.position):
                target = f"question:{question}"
                if target not in self.graph:
                    self._question(target, question)
                self.graph.add_edge(key, target, kind="not_counted")

    def _names(self, tuples: Iterable[tuple[Symbol, ...]]) -> tuple[str, ...]:
        return tuple(", ".join(spoken(t, self.terminology) for t in one) for one in tuples)

    def _worlds(self) -> None:
        """Add two ways in which the case may be, as alike as can be, with different results."""
        pair = self.worlds.opposed(self.asked, self.kept)
        if not pair:
            return
        differ = [q for q in pair[0] if pair[0][q] != pair[1][q] and q.name != "reading"]
        differ.sort(key=self.worlds.position)
        asked_for = [q for q in pair[0] if q not in differ and self._is_missing(q)]
        asked_for.sort(key=self.worlds.position)
        both = tuple((str(q), answer_value(pair[0][q])) for q in asked_for)
        surveys = [self.worlds.survey({q: frozenset({a}) for q, a in one.items()}) for one in pair]
        alike = surveys[0].recommendations == surveys[1].recommendations
        counted = self.reasoner.policy.identity.quantity
        unit, factor = counted.unit if alike else "", counted.factors.get(counted.unit, 1)
        for index, (world, survey) in enumerate(zip(pair, surveys, strict=True)):
            ((recommendation, quantity),) = survey.results
            ids = self.reasoner.policy.clause_ids
            blocking = tuple(ids[c] for c in ids if c in survey.always_blocking)
            key = f"world:{index + 1}"
            told = tuple((str(q), answer_value(world[q])) for q in differ)
            stated = _stated(quantity, factor)
            node = WorldNode(told, recommendation, stated, blocking, unit, both)
            self.graph.add_node(key, node=node)
            self.graph.add_edge("result", key, kind="could_be")

    def _split(self, ids: tuple[str, ...]) -> None:
        """Add the case split behind a ground that is one of several clauses."""
        symbols = {clause.id: clause.symbol for clause in self.reasoner.policy.identity.clauses}
        found = self.criteria.split({one: Function("blocks", [symbols[one]]) for one in ids})
        if found is None:
            return
        question, branches = found
        key = f"split:{'|'.join(ids)}"
        told = tuple((answer_value(answer), id_) for answer, id_ in branches)
        self.graph.add_node(key, node=SplitNode(str(question), told))
        self.graph.add_edge("result", key, kind="splits")
        for id_ in ids:
            self.graph.add_edge(key, f"clause:{id_}", kind="decided_by")
        target = f"question:{question}"
        if target in self.graph:
            self.graph.add_edge(key, target, kind="reads")

    # -- questions ----------------------------------------------------------------------------

    def _questions(
        self, parent: str, questions: Iterable[Symbol], carrying: set[Symbol] | None = None
    ) -> None:
        for question in sorted(questions, key=self.worlds.position):
            key = f"question:{question}"
            if key not in self.graph:
                self._question(key, question)
            aside = carrying is not None and question not in carrying
            self.graph.add_edge(parent, key, kind="reads", aside=aside)

    def _question(self, key: str, question: Symbol) -> None:
        settled = self.settled
        answers = tuple(answer_value(a) for a in sorted(self._answers(question)))
        state: State = "open"
        if question in settled.conflicts:
            state = "disputed"
        elif question in settled.assumed:
            state = "assumed"
        elif question in settled.candidates:
            state = "settled" if len(answers) == 1 else "open"
        text = self.worlds.texts.get(question.name, "")
        decisive = self._is_decisive(question)
        self.graph.add_node(key, node=QuestionNode(str(question), text, state, answers, decisive))
        for voice in settled.backs:
            if voice.question == question:
                self._voice(key, question, voice.answer, voice.record)
        self._set_aside(key, question)
        if state == "assumed":
            assumption = f"assumption:{question}"
            why = self._said(Function("assumed", [question, settled.assumed[question]]))
            self.graph.add_node(
                assumption,
                node=AssumptionNode(str(question), answer_value(settled.assumed[question]), why),
            )
            self.graph.add_edge(key, assumption, kind="assumed")
        elif question not in settled.candidates:
            absence = f"absence:{question}"
            sections = looked_in(self.reasoner.policy, question)
            self.graph.add_node(absence, node=AbsenceNode(str(question), sections))
            self.graph.add_edge(key, absence, kind="lacks")
            self._doubts(absence, question, "near_miss")
        if state not in ("settled", "assumed") and question in settled.candidates:
            self._doubts(key, question, "doubted_by")

    def _is_decisive(self, question: Symbol) -> bool:
        """Whether another answer, or one that is asked for, could change the recommendation."""
        presumed = (one for one in self.decision.assumptions if one.decisive)
        return self._is_missing(question) or any(p.question == str(question) for p in presumed)

    def _is_missing(self, question: Symbol) -> bool:
        names = (str(question), f"{question.name}(_)")
        return any(missing.question in names for missing in self.decision.missing)

    def _answers(self, question: Symbol) -> Iterable[Symbol]:
        """The answers that stay possible, a presumption that is in force taken as it stands."""
        if question in self.settled.assumed:
            return [self.settled.assumed[question]]
        return self.asked.get(question, self.worlds.answers[question])

    def _voice(self, key: str, question: Symbol, answer: Symbol, voice: Symbol) -> None:
        record = self._record(voice)
        head = Function("supports", [question, answer, voice])
        sentences = self._said(head)
        self._behind(key, answer, voice)
        if self.graph.has_edge(key, record):
            edge = self.graph.edges[key, record]
            edge["answers"] = tuple(dict.fromkeys((*edge["answers"], answer_value(answer))))
            edge["sentences"] = tuple(dict.fromkeys((*edge["sentences"], *sentences)))
            return
        self.graph.add_edge(
            key, record, kind="settled_by", answers=(answer_value(answer),), sentences=sentences
        )

    def _behind(self, key: str, answer: Symbol, voice: Symbol) -> None:
        """Records that what a voice says rests on besides itself."""
        for said, other in self.settled.behind:
            record = self._record(other)
            if said == voice and not self.graph.has_edge(key, record):
                head = Function("behind", [said, other])
                why = self._said(head)
                answers = (answer_value(answer),)
                self.graph.add_edge(key, record, kind="settled_by", answers=answers, sentences=why)

    def _set_aside(self, key: str, question: Symbol) -> None:
        """Records that an answer has overruled for this question, or a later record."""
        for head in self.by_record.get(question, ()):
            aside = head.match("overruled", 2) or head.match("outweighed", 2)
            if aside and head.arguments[0] == question:
                self._unused(key, head.arguments[1], "set_aside", self._said(head))
        for about, voice, why in self.settled.unused:
            if about == question:
                head = Function("unused", [about, voice, why])
                self._unused(key, voice, "set_aside", self._said(head))

    def _doubts(self, key: str, question: Symbol, kind: str) -> None:
        """Records that could bear on the question and support nothing, with the reason."""
        for doubted, voice in sorted(set(self.settled.doubts)):
            if doubted == question:
                self._unused(key, voice, kind, self._flaws(question, voice))
        for stray in self.settled.strays:
            if stray.question == question:
                head = Function("stray", [question, stray.answer, stray.record])
                self._unused(key, stray.record, kind, self._said(head))

    def _unused(self, key: str, voice: Symbol, kind: str, sentences: tuple[Sentence, ...]) -> None:
        record = self._record(voice)
        if not self.graph.has_edge(key, record):
            self.graph.add_edge(key, record, kind=kind, answers=(), sentences=sentences)

    def _flaws(self, question: Symbol, voice: Symbol) -> tuple[Sentence, ...]:
        """What is wrong with a record: the core's words first, else those of the doubt."""
        about = sorted(self.by_record.get(voice, ()))
        wrong = [h for h in about if h.name in ("flaw", "undocumented")]
        said = [sentence for head in wrong for sentence in self._said(head)]
        return tuple(dict.fromkeys(said)) or self._said(Function("doubt", [question, voice]))

    def _said(self, head: Symbol) -> tuple[Sentence, ...]:
        """What the rules say of *head*: where they have no words, the nearest about its record."""
        about = head.arguments[-1] if head.name in ("supports", "doubt") else None

        def speaks(one: Fired) -> bool:
            if not one.rule.sentence:
                return False
            return one.head == head or (about is not None and about in one.head.arguments)

        starts = [head]
        found = self.evidence.nearest(starts, speaks, lambda atom: atom.name in _OF_EVERY_RECORD)
        return sentences_of(found, self.terminology)

    def _record(self, voice: Symbol) -> str:
        name = record_name(voice)
        key = f"record:{name}"
        if key not in self.graph:
            view = self.records.get(name) or RecordView(name, "", "")
            self.graph.add_node(
                key, node=RecordNode(view.id, view.section, view.said, view.day, view.source)
            )
        return key


_OF_EVERY_RECORD = ("usable", "well_dated", "record")
"""What the core says of every record that is in order says nothing of any."""


def _by_argument(derived: Derived) -> dict[Symbol, list[Symbol]]:
    found: dict[Symbol, list[Symbol]] = {}
    for head in sorted(derived.by_head):
        if head.name in ("flaw", "undocumented", "overruled", "outweighed"):
            for argument in set(head.arguments):
                found.setdefault(argument, []).append(head)
    return found


def _texts(worlds: Worlds, predicate: str) -> defaultdict[str, str]:
    """Return what the policy says of its readings, by their ids."""
    told = worlds.remembered(
        ("texts", predicate), lambda: {a.name: c.string for a, c in worlds.facts(predicate, 2)}
    )
    return defaultdict(str, told)


def _stated(amount: Amount, factor: int) -> Amount:
    """Return *amount* as a decision states it: so many of the unit in each one that is counted."""
    return (amount[0] * factor, amount[1]) if isinstance(amount, tuple) else amount * factor
