"""A proof as an outline: what a reader is shown, in which order, and what is folded away.

Folded, it is the decisive core: the clauses that the recommendation rests on, with their
questions and records. A question that two clauses read is told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from explain.core import is_needed
from explain.label import given
from explain.language import ENGLISH, Language
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
    WorldNode,
)
from explain.proof import Proof
from explain.record import RecordView
from reasoner.model import AnswerValue

__all__ = ["Item", "outline"]

_RECOMMENDED = {
    "approve": "Approve recommended",
    "partial": "Partial approval recommended",
    "deny": "Deny recommended",
    "pend": "Pend recommended",
    "refer": "Refer recommended",
    "not_applicable": "Not applicable",
}


_MOST_RECORDS = 12
"""So many records are told of one question; further ones only where all is told."""


class Item(msgspec.Struct):
    """A line of the outline: a *status* to be marked, the line, and what stands below it."""

    status: str
    text: str
    below: list[Item] = msgspec.field(default_factory=list)


def outline(
    proof: Proof,
    start: str = "result",
    *,
    full: bool = False,
    language: Language = ENGLISH,
    records: Mapping[str, RecordView] = {},
) -> Item:
    """Return the outline of *proof* from the node *start* down, in *language*.

    *records* are the records in that language, by the names that voices have for them; one
    that is not among them is told as the proof has it.
    """
    everything = full or start != proof.root
    return _Teller(proof, language, records, full=everything).tell(start)


class _Teller:
    def __init__(
        self, proof: Proof, language: Language, records: Mapping[str, RecordView], *, full: bool
    ) -> None:
        self.graph = proof.graph
        self.full = full
        self.told: set[str] = set()
        self.language = language
        self.text = language.text
        self.records = records
        nodes = (data["node"] for _, data in proof.graph.nodes(data=True))
        self.names = frozenset(node.id for node in nodes if isinstance(node, RecordNode))

    def tell(self, key: str) -> Item:
        node = self.graph.nodes[key]["node"]
        self.told.add(key)
        match node:
            case ResultNode():
                return self._result(key, node)
            case ClauseNode():
                return self._clause(key, node)
            case QuestionNode():
                return self._question(key, node)
            case AssumptionNode():
                text = self.text("assumed: no record speaks on it, and none casts doubt")
                return Item("assumed", text, [*self._because(node.because)] if self.full else [])
            case AbsenceNode():
                where = ", ".join(map(self.text, node.sections))
                text = self.text(
                    "nothing found that answers it; looked in {sections}", sections=where
                )
                return Item("absent", text, list(self._records(key)))
            case ReadingNode():
                text = self.text(
                    "reading {name} = {value}", name=node.id, value=self._answer(node.value)
                )
                return Item("reading", f"{text}: {self._policy(node.reason)}")
            case CountNode():
                return self._count(key, node)
            case SplitNode():
                cases = "; ".join(
                    f"{node.question} = {self._answer(answer)}: {clause}"
                    for answer, clause in node.branches
                )
                text = self.text("whatever the answer, a clause blocks: {cases}", cases=cases)
                return Item("split", text)
            case WorldNode():
                return self._world(node)
            case _:
                return Item("", str(node))

    def _result(self, key: str, node: ResultNode) -> Item:
        item = Item(f"result:{node.recommendation}", node.case)
        item.below += self._because(node.because)
        item.below += self._reasons(node)
        folded: list[str] = []
        for below, _ in self._edges(key):
            found = self.graph.nodes[below]["node"]
            if self.full or is_needed(self.graph, key, below):
                item.below.append(self.tell(below))
            elif isinstance(found, ClauseNode):
                folded.append(f"{found.id} {self._status(found.status)}")
            else:
                folded.append(self._answered(found))
        if folded:
            item.below.append(self._folded(folded))
        return item

    def _reasons(self, node: ResultNode) -> Iterator[Item]:
        """The minimal sets that force the result: of a denial always, else where all is told."""
        if not (self.full or (node.recommendation == "deny" and len(node.reasons) > 1)):
            return
        for members in node.reasons:
            told: list[str] = []
            given: list[str] = []
            for name, value in members:
                of_clause = f"clause:{name}" in self.graph
                (told if of_clause else given).append(self._member(name, value))
            text = self.text("enough by itself: {members}", members=", ".join(told or given))
            beside = self.text("given {members}", members=", ".join(given))
            yield Item("because", f"{text} ({beside})" if told and given else text)
        if node.more_reasons:
            yield Item("because", self.text("there are more sets that are enough"))

    def _member(self, name: str, value: str) -> str:
        if f"clause:{name}" in self.graph:
            return f"{name} {self._status(value)}"
        return f"{name} = {self._answer(value)}"

    def _clause(self, key: str, node: ClauseNode) -> Item:
        said = (node.id, self._status(node.status), self._policy(node.text))
        item = Item(node.status, "  ".join((*said, f"[{self._policy(node.locator)}]")))
        item.below += self._because(node.because)
        above: list[str] = []
        aside: list[str] = []
        for below, kind in self._edges(key):
            if kind == "reads":
                question: QuestionNode = self.graph.nodes[below]["node"]
                if below in self.told:
                    above.append(self._answered(question))
                    continue
                if self.graph.edges[key, below]["aside"] and not self.full:
                    aside.append(self._answered(question))
                    continue
            item.below.append(self.tell(below))
        if above:
            text = self.text("told above: {things}", things=", ".join(above))
            item.below.append(Item("above", text))
        if aside:
            item.below.append(self._folded(aside))
        return item

    def _count(self, key: str, node: CountNode) -> Item:
        words = (
            "counted: {value}, at most {needed}" if node.at_most else "counted: {value} of {needed}"
        )
        text = self.text(words, value=str(node.value), needed=str(node.needed))
        names = ", ".join(map(self.language.word, node.counted))
        item = Item("count", f"{text}: {names}" if names else text)
        for below, kind in self._edges(key):
            if kind == "not_counted":
                answered = self._answered(self.graph.nodes[below]["node"])
                text = self.text("not counted: {things}", things=answered)
                said = dict.fromkeys(self._why_settled(below))
                item.below.append(Item("unused", ": ".join((text, *said))))
        if node.perhaps:
            names = ", ".join(map(self.language.word, node.perhaps))
            text = self.text("perhaps counted: {things}", things=names)
            item.below.append(Item("unsettled", text))
        return item

    def _why_settled(self, key: str) -> Iterator[str]:
        for edge in self.graph[key].values():
            if edge["kind"] == "settled_by":
                yield from map(self._said, edge["sentences"])

    def _world(self, node: WorldNode) -> Item:
        answers = ", ".join(f"{name} = {self._answer(answer)}" for name, answer in node.answers)
        result = self.text(_RECOMMENDED[node.recommendation]) + given(node, self.language)
        item = Item("world", f"{self.text('it could be so')}: {answers}")
        blocking = f" ({', '.join(node.blocking)})" if node.blocking else ""
        then = self.text("then: {result}", result=result)
        item.below.append(Item("because", f"{then}{blocking}"))
        if node.alike:
            both = ", ".join(f"{name} = {self._answer(answer)}" for name, answer in node.alike)
            text = self.text("given in both: {answers}", answers=both)
            item.below.append(Item("because", text))
        return item

    def _folded(self, things: list[str]) -> Item:
        text = self.text("not needed here: {things} (--full)", things=", ".join(things))
        return Item("folded", text)

    def _question(self, key: str, node: QuestionNode) -> Item:
        state = "" if node.state in ("settled", "assumed") else f" ({self.text(node.state)})"
        text = f"{self._answered(node)}{state}  {self._policy(node.text)}".rstrip()
        # An open exception is good news, an open question is none: they have marks of their own.
        item = Item("unsettled" if node.state == "open" else node.state, text)
        records = list(self._records(key))
        item.below += records if self.full else records[:_MOST_RECORDS]
        if not self.full and len(records) > _MOST_RECORDS:
            more = str(len(records) - _MOST_RECORDS)
            text = self.text("{count} more records (--full)", count=more)
            item.below.append(Item("folded", text))
        item.below += [
            self.tell(below) for below, kind in self._edges(key) if kind in ("assumed", "lacks")
        ]
        return item

    def _records(self, key: str) -> Iterator[Item]:
        for below, kind in self._edges(key):
            if kind not in ("settled_by", "near_miss", "doubted_by", "set_aside"):
                continue
            edge = self.graph.edges[key, below]
            node = self._record(below)
            said = " ".join(self._said(sentence) for sentence in edge["sentences"])
            rules = ", ".join(dict.fromkeys(s.rule for s in edge["sentences"]))
            if not edge["answers"]:
                item = Item("unused", self.text("not used: {what}", what=said or node.id))
            elif len(edge["answers"]) > 1 and len(edge["sentences"]) > 1:
                answers = self._answers(edge["answers"])
                text = self.text(
                    "Record {record} leaves open: {answers}.", record=node.id, answers=answers
                )
                item = Item("record", text)
            elif said:
                item = Item("record", said if node.id in said else f"{node.id}: {said}")
            else:
                answers = self._answers(edge["answers"])
                text = self.text("{record} says {answers}.", record=node.id, answers=answers)
                item = Item("record", text)
            said = "" if below in self.told else node.said  # once is enough; the rest is cited
            detail = "  ".join(part for part in (node.id, node.day, said, node.source) if part)
            if detail:
                item.below.append(Item("detail", detail))
            if rules and self.full:
                item.below.append(Item("rule", rules))
            self.told.add(below)
            yield item

    def _record(self, key: str) -> RecordNode | RecordView:
        node: RecordNode = self.graph.nodes[key]["node"]
        return self.records.get(key.removeprefix("record:"), node)

    def _because(self, sentences: tuple[Sentence, ...]) -> Iterator[Item]:
        for sentence in sentences:
            rule = f"  {sentence.rule}" if self.full else ""
            yield Item("because", f"{self._said(sentence)}{rule}")

    def _edges(self, key: str) -> Iterator[tuple[str, str]]:
        for below, edge in self.graph[key].items():
            yield below, str(edge["kind"])

    # -- words --------------------------------------------------------------------------------

    def _said(self, sentence: Sentence) -> str:
        template, values = sentence.template or sentence.text, dict(sentence.values)
        return self.language.policy(template, values, names=self.names).marked

    def _policy(self, sentence: str) -> str:
        return self.language.policy(sentence).marked

    def _status(self, status: str) -> str:
        return self.text(status.replace("_", " "))

    def _answered(self, question: QuestionNode) -> str:
        return f"{question.id} = {self._answers(question.answers)}"

    def _answers(self, answers: tuple[AnswerValue, ...]) -> str:
        return self.language.choice([self._answer(answer) for answer in answers])

    def _answer(self, answer: AnswerValue) -> str:
        if isinstance(answer, tuple):
            return f"{answer[0]},{answer[1]}"
        return self.language.word(str(answer))
