"""The nodes of a proof: plain, frozen data with status and sources as attributes."""

from __future__ import annotations

from typing import Literal

import msgspec

from reasoner.model import Amount, AnswerValue, Recommendation
from reasoner.policy import Kind

__all__ = [
    "BLOCKING",
    "AbsenceNode",
    "AssumptionNode",
    "ClauseNode",
    "CountNode",
    "Edge",
    "GraphData",
    "Node",
    "QuestionNode",
    "ReadingNode",
    "RecordNode",
    "ResultNode",
    "Sentence",
    "SplitNode",
    "State",
    "WorldNode",
]

BLOCKING = ("not_met", "applies", "exhausted")
"""The statuses with which a clause stands in the way of an approval."""

State = Literal["settled", "assumed", "disputed", "open"]


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a rule says, and where it stands: its *template* with *values* in it is the *text*."""

    text: str
    rule: str
    template: str = ""
    values: tuple[tuple[str, str], ...] = ()


class ResultNode(msgspec.Struct, frozen=True, tag="result", tag_field="type"):
    """The recommendation, and what it rests on besides clauses.

    *reasons* are the minimal sets of what forces it: clauses with their status, and questions
    that no clause reads with their answer; *more_reasons* says that there are others.
    """

    recommendation: Recommendation
    case: str
    grounds: tuple[str | tuple[str, ...], ...]
    because: tuple[Sentence, ...]
    reasons: tuple[tuple[tuple[str, str], ...], ...] = ()
    more_reasons: bool = False


class CountNode(msgspec.Struct, frozen=True, tag="count", tag_field="type"):
    """A count that a rule compares: *value* of *needed*, and what was counted for certain.

    What may count besides, where a question is open, is *perhaps* counted.

    *needed* is the least that suffices, or, *at_most*, the most that is allowed. What could
    have been counted, had a question another answer, is joined by `not_counted`.
    """

    rule: str
    value: int
    needed: int
    at_most: bool
    counted: tuple[str, ...]
    perhaps: tuple[str, ...] = ()


class SplitNode(msgspec.Struct, frozen=True, tag="split", tag_field="type"):
    """A case split: whichever answer *question* has, one of the clauses decides.

    *branches* are each answer with the clause that blocks under it.
    """

    question: str
    branches: tuple[tuple[AnswerValue, str], ...]


class WorldNode(msgspec.Struct, frozen=True, tag="world", tag_field="type"):
    """One way in which the case may be: the *answers* that set it apart, and its result.

    *alike* are the answers of both ways to what else is asked for. The *unit* of its quantity
    is there where the two ways differ in nothing else.
    """

    answers: tuple[tuple[str, AnswerValue], ...]
    recommendation: Recommendation
    quantity: Amount
    blocking: tuple[str, ...]
    unit: str = ""
    alike: tuple[tuple[str, AnswerValue], ...] = ()


class ClauseNode(msgspec.Struct, frozen=True, tag="clause", tag_field="type"):
    """A clause of the document; *because* is what holds of it in every possible world."""

    id: str
    kind: Kind
    status: str
    decisive: bool
    text: str
    locator: str
    because: tuple[Sentence, ...]


class QuestionNode(msgspec.Struct, frozen=True, tag="question", tag_field="type"):
    """A question with the answers that stay possible.

    *decisive*: another answer could change the recommendation.
    """

    id: str
    text: str
    state: State
    answers: tuple[AnswerValue, ...]
    decisive: bool


class RecordNode(msgspec.Struct, frozen=True, tag="record", tag_field="type"):
    """A record: what it says, when, and where it was read."""

    id: str
    section: str
    said: str
    day: str
    source: str


class AssumptionNode(msgspec.Struct, frozen=True, tag="assumption", tag_field="type"):
    """A presumption in force."""

    question: str
    answer: AnswerValue
    because: tuple[Sentence, ...]


class AbsenceNode(msgspec.Struct, frozen=True, tag="absence", tag_field="type"):
    """Nothing was found: in which sections of the case it was looked for."""

    question: str
    sections: tuple[str, ...]


class ReadingNode(msgspec.Struct, frozen=True, tag="reading", tag_field="type"):
    """How ambiguous words were read, and why so."""

    id: str
    value: AnswerValue
    decisive: bool
    reason: str


Node = (
    ResultNode
    | ClauseNode
    | CountNode
    | SplitNode
    | WorldNode
    | QuestionNode
    | RecordNode
    | AssumptionNode
    | AbsenceNode
    | ReadingNode
)


class Edge(msgspec.Struct, frozen=True, omit_defaults=True):
    """How two nodes are related; a record's edge has what it says on the question.

    A clause reads a question *aside* where what holds of the clause does not rest on it.
    """

    source: str
    target: str
    kind: Literal[
        "decided_by",
        "reads",
        "settled_by",
        "assumed",
        "lacks",
        "near_miss",
        "set_aside",
        "doubted_by",
        "read_as",
        "counts",
        "not_counted",
        "splits",
        "could_be",
    ]
    answers: tuple[AnswerValue, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    aside: bool = False


class GraphData(msgspec.Struct, frozen=True):
    """The graph of a proof as it is exchanged."""

    schema: str
    case: str
    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
