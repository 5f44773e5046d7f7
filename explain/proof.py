"""The proof of a decision: a typed graph from the result down to records and absences.

    result -decided_by-> clause -reads-> question -settled_by-> record
                                                  -assumed-> assumption
                                                  -lacks-> absence -near_miss-> record
                                                  -doubted_by-> record
                                                  -set_aside-> record
                         clause -read_as-> reading

Node keys are `result`, `clause:approval.II`, `question:hiv`, `record:t1`, …; the attribute
`node` has what is known of it, the attribute `kind` of an edge how the two are related.
Nodes and edges are added in the order of the document, then of symbols: the same decision
gives the same graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx
from clingo import Function, Symbol

from explain.absence import looked_in
from explain.criteria import Criteria
from explain.node import (
    AbsenceNode,
    AssumptionNode,
    ClauseNode,
    QuestionNode,
    ReadingNode,
    RecordNode,
    ResultNode,
    Sentence,
    State,
)
from explain.record import RecordView, records_of
from explain.trace import Said, evidence_sentences
from reasoner.errors import UsageError, nearest
from reasoner.facts import answer_value, record_name

if TYPE_CHECKING:
    import datetime as dt

    from reasoner.engine import Examination, Reasoner

__all__ = ["Proof", "find", "prove"]


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
        self.examination = examination
        self.decision = examination.decision
        self.settled = examination.settled
        self.worlds = reasoner.worlds
        self.graph: nx.DiGraph[str] = nx.DiGraph()
        self.records = records_of(examination.case)
        readings = reasoner.choose({r.id: str(r.value) for r in self.decision.readings})
        self.voices = evidence_sentences(
            reasoner.policy, reasoner.terminology, examination.case, decided_on, readings
        )
        self.said: dict[Symbol, list[Said]] = {}
        self.said_of: dict[Symbol, list[Said]] = {}
        for one in self.voices:
            self.said.setdefault(one.head, []).append(one)
            for argument in set(one.head.arguments):
                self.said_of.setdefault(argument, []).append(one)
        known = self.worlds.answers
        asked = dict(examination.verdict.asked)
        beyond = [
            Function("answer", [question, answer])
            for question, answers in sorted(asked.items())
            for answer in sorted(answers)
            if answer not in known[question]
        ]
        self.asked = asked
        self.criteria = Criteria(self.worlds, reasoner.terminology, asked, beyond)
        self.certain = self.criteria.certain()

    def build(self) -> nx.DiGraph[str]:
        decision = self.decision
        self.graph.add_node(
            "result",
            node=ResultNode(
                decision.recommendation, decision.case.id, decision.grounds, self._why_result()
            ),
        )
        shown: set[Symbol] = set()
        for clause, ref in zip(
            self.decision.clauses, self.reasoner.policy.identity.clauses, strict=True
        ):
            key = f"clause:{clause.id}"
            starts = self.criteria.statuses(ref.symbol)
            said = self.criteria.sentences(starts, self.certain)
            because = _sentences(said)
            self.graph.add_node(
                key,
                node=ClauseNode(
                    clause.id,
                    clause.kind,
                    clause.status,
                    clause.decisive,
                    clause.text,
                    clause.locator,
                    because,
                ),
            )
            self.graph.add_edge("result", key, kind="decided_by")
            questions = self.criteria.questions_of(ref.symbol)
            shown.update(questions)
            carrying = None
            if said and clause.status in ("met", "applies", "open"):
                carrying = self.criteria.carrying(one.head for one in said)
            self._questions(key, questions, carrying)
            self._readings(key, clause.id)
        rest = [q for q in self.criteria.questions_of_result() if q not in shown]
        self._questions("result", rest)
        return self.graph

    def _why_result(self) -> tuple[Sentence, ...]:
        starts = self.criteria.results(self.decision.recommendation)
        found = self.criteria.sentences(starts, self.certain, past=("status", "asks", "allows"))
        return _sentences(found)

    def _readings(self, clause_key: str, clause: str) -> None:
        about = {a.name: c.string for a, c in self.worlds.facts("about", 2)}
        reasons = {a.name: c.string for a, c in self.worlds.facts("reason", 2)}
        for used in self.decision.readings:
            if about.get(used.id) == clause:
                key = f"reading:{used.id}"
                self.graph.add_node(
                    key,
                    node=ReadingNode(used.id, used.value, used.decisive, reasons.get(used.id, "")),
                )
                self.graph.add_edge(clause_key, key, kind="read_as")

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
        decisive = any(
            a.decisive for a in self.decision.assumptions if a.question == str(question)
        ) or any(
            m.question in (str(question), f"{question.name}(_)") for m in self.decision.missing
        )
        self.graph.add_node(key, node=QuestionNode(str(question), text, state, answers, decisive))
        for voice in settled.backs:
            if voice.question == question:
                self._voice(key, question, voice.answer, voice.record)
        self._set_aside(key, question)
        if state == "assumed":
            assumption = f"assumption:{question}"
            why = self.said.get(Function("assumed", [question, settled.assumed[question]]), [])
            self.graph.add_node(
                assumption,
                node=AssumptionNode(
                    str(question), answer_value(settled.assumed[question]), _sentences(why)
                ),
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

    def _answers(self, question: Symbol) -> Iterable[Symbol]:
        """The answers that stay possible, a presumption that is in force taken as it stands."""
        if question in self.settled.assumed:
            return [self.settled.assumed[question]]
        return self.asked.get(question, self.worlds.answers[question])

    def _voice(self, key: str, question: Symbol, answer: Symbol, voice: Symbol) -> None:
        record = self._record(voice)
        head = Function("supports", [question, answer, voice])
        sentences = _sentences(self.said.get(head, ()))
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
                why = _sentences(self.said.get(head, ()))
                answers = (answer_value(answer),)
                self.graph.add_edge(key, record, kind="settled_by", answers=answers, sentences=why)

    def _set_aside(self, key: str, question: Symbol) -> None:
        """Records that an answer has overruled for this question, or a later record."""
        for one in self.voices:
            if one.head.match("overruled", 2) and one.head.arguments[0] == question:
                self._unused(key, one.head.arguments[1], "set_aside", _sentences([one]))
        for about, voice, why in self.settled.unused:
            if about == question:
                head = Function("unused", [about, voice, why])
                said = _sentences(self.said.get(head, ()))
                self._unused(key, voice, "set_aside", said)

    def _doubts(self, key: str, question: Symbol, kind: str) -> None:
        """Records that could bear on the question and support nothing, with the reason."""
        for doubted, voice in sorted(set(self.settled.doubts)):
            if doubted == question:
                self._unused(key, voice, kind, self._flaws(question, voice))
        for stray in self.settled.strays:
            if stray.question == question:
                head = Function("stray", [question, stray.answer, stray.record])
                said = _sentences(self.said.get(head, ()))
                self._unused(key, stray.record, kind, said)

    def _unused(self, key: str, voice: Symbol, kind: str, sentences: tuple[Sentence, ...]) -> None:
        record = self._record(voice)
        if not self.graph.has_edge(key, record):
            self.graph.add_edge(key, record, kind=kind, answers=(), sentences=sentences)

    def _flaws(self, question: Symbol, voice: Symbol) -> tuple[Sentence, ...]:
        """What is wrong with a record: the core's words first, else those of the doubt."""
        about = self.said_of.get(voice, [])
        wrong = [s for s in about if s.head.name in ("flaw", "undocumented")]
        doubt = Function("doubt", [question, voice])
        return _sentences(wrong or [s for s in about if s.head == doubt])

    def _record(self, voice: Symbol) -> str:
        name = record_name(voice)
        key = f"record:{name}"
        if key not in self.graph:
            view = self.records.get(name) or RecordView(name, "", "")
            self.graph.add_node(
                key, node=RecordNode(view.id, view.section, view.said, view.day, view.source)
            )
        return key


def _sentences(said: Iterable[Said]) -> tuple[Sentence, ...]:
    return tuple(
        dict.fromkeys(
            Sentence(one.text, one.rule.place, one.rule.sentence, one.values) for one in said
        )
    )


def find(proof: Proof, what: str) -> str:
    """Return the key of the node that a reader calls *what*: a clause or a question.

    Raises:
        UsageError: the proof has no such clause or question.
    """
    wanted = what.replace(" ", "")
    names: dict[str, str] = {
        key.partition(":")[2]: key
        for key in proof.graph
        if key.startswith(("clause:", "question:", "reading:"))
    }
    lowered = {name.casefold(): key for name, key in names.items()}
    if wanted in names:
        return names[wanted]
    if wanted.casefold() in lowered:
        return lowered[wanted.casefold()]
    if wanted in ("result", "recommendation"):
        return proof.root
    raise UsageError(
        "usage.what",
        f"the proof has no clause and no question `{what}`",
        hint=nearest(wanted, list(names)) or f"one of {', '.join(names)}",
    )
