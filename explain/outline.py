"""A proof as an outline: what a reader is shown, in which order, and what is folded away.

Folded, it is the decisive core: the clauses that the recommendation rests on, with their
questions and records. A question that two clauses read is told once.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from explain.node import (
    AbsenceNode,
    AssumptionNode,
    ClauseNode,
    QuestionNode,
    ReadingNode,
    RecordNode,
    ResultNode,
    Sentence,
)
from explain.proof import Proof
from reasoner.model import AnswerValue

__all__ = ["Item", "outline"]


class Item(msgspec.Struct):
    """A line of the outline: a *status* to be marked, the line, and what stands below it."""

    status: str
    text: str
    below: list[Item] = msgspec.field(default_factory=list)


def outline(proof: Proof, start: str = "result", *, full: bool = False) -> Item:
    """Return the outline of *proof* from the node *start* down."""
    return _Teller(proof, full=full or start != proof.root).tell(start)


class _Teller:
    def __init__(self, proof: Proof, *, full: bool) -> None:
        self.graph = proof.graph
        self.full = full
        self.told: set[str] = set()

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
                text = "assumed: no record speaks on it, and none casts doubt"
                return Item("assumed", text, [*self._because(node.because)] if self.full else [])
            case AbsenceNode():
                where = ", ".join(node.sections)
                return Item(
                    "absent",
                    f"nothing found that answers it; looked in {where}",
                    list(self._records(key)),
                )
            case ReadingNode():
                return Item("reading", f"reading {node.id} = {_answer(node.value)}: {node.reason}")
            case _:
                return Item("", str(node))

    def _result(self, key: str, node: ResultNode) -> Item:
        item = Item(f"result:{node.recommendation}", node.case)
        item.below += self._because(node.because)
        folded: list[str] = []
        for below, kind in self._edges(key):
            found = self.graph.nodes[below]["node"]
            if isinstance(found, ClauseNode) and not (self.full or found.decisive):
                folded.append(f"{found.id} {_spoken(found.status)}")
            elif kind == "reads" and not self._matters(found, node):
                folded.append(f"{found.id} = {_answers(found.answers)}")
            else:
                item.below.append(self.tell(below))
        if folded:
            item.below.append(Item("folded", f"not needed here: {', '.join(folded)} (--full)"))
        return item

    def _matters(self, question: QuestionNode, result: ResultNode) -> bool:
        return (
            self.full
            or question.decisive
            or question.state in ("open", "disputed")
            or result.recommendation in ("not_applicable", "refer")
        )

    def _clause(self, key: str, node: ClauseNode) -> Item:
        status = "opened" if node.status == "open" else node.status
        item = Item(status, f"{node.id}  {_spoken(node.status)}  {node.text}  [{node.locator}]")
        item.below += self._because(node.because)
        above: list[str] = []
        aside: list[str] = []
        for below, kind in self._edges(key):
            if kind == "reads":
                question: QuestionNode = self.graph.nodes[below]["node"]
                said = f"{question.id} = {_answers(question.answers)}"
                if below in self.told:
                    above.append(said)
                    continue
                if self.graph.edges[key, below]["aside"] and not self.full:
                    aside.append(said)
                    continue
            item.below.append(self.tell(below))
        if above:
            item.below.append(Item("above", f"told above: {', '.join(above)}"))
        if aside:
            item.below.append(Item("folded", f"not needed here: {', '.join(aside)} (--full)"))
        return item

    def _question(self, key: str, node: QuestionNode) -> Item:
        state = "" if node.state in ("settled", "assumed") else f" ({node.state})"
        item = Item(
            node.state, f"{node.id} = {_answers(node.answers)}{state}  {node.text}".rstrip()
        )
        item.below += self._records(key)
        item.below += [
            self.tell(below) for below, kind in self._edges(key) if kind in ("assumed", "lacks")
        ]
        return item

    def _records(self, key: str) -> Iterator[Item]:
        for below, kind in self._edges(key):
            if kind not in ("settled_by", "near_miss", "doubted_by", "set_aside"):
                continue
            edge = self.graph.edges[key, below]
            node: RecordNode = self.graph.nodes[below]["node"]
            said = " ".join(sentence.text for sentence in edge["sentences"])
            rules = ", ".join(dict.fromkeys(s.rule for s in edge["sentences"]))
            if not edge["answers"]:
                item = Item("unused", f"not used: {said or node.id}")
            elif said:
                item = Item("record", said if node.id in said else f"{node.id}: {said}")
            else:
                item = Item("record", f"{node.id} says {_answers(edge['answers'])}.")
            detail = "  ".join(part for part in (node.id, node.day, node.said, node.source) if part)
            if detail and below not in self.told:
                item.below.append(Item("detail", detail))
            if rules and self.full:
                item.below.append(Item("rule", rules))
            self.told.add(below)
            yield item

    def _because(self, sentences: tuple[Sentence, ...]) -> Iterator[Item]:
        for sentence in sentences:
            rule = f"  {sentence.rule}" if self.full else ""
            yield Item("because", f"{sentence.text}{rule}")

    def _edges(self, key: str) -> Iterator[tuple[str, str]]:
        for below, edge in self.graph[key].items():
            yield below, str(edge["kind"])


def _answer(answer: AnswerValue) -> str:
    return f"{answer[0]},{answer[1]}" if isinstance(answer, tuple) else str(answer)


def _answers(answers: tuple[AnswerValue, ...]) -> str:
    return " or ".join(_answer(answer) for answer in answers)


def _spoken(word: str) -> str:
    return word.replace("_", " ")
