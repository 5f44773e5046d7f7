"""What a view shows of a node: one shape for every kind, so that no view knows the kinds.

A kind that has no case here is shown from its fields: a view needs no change for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from explain.language import ENGLISH, Language, Phrase
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
from reasoner.marks import HEADLINES, MARKS

__all__ = ["RECOMMENDED", "STATUSES", "Label", "Labels", "Link", "Status", "Told", "given"]


class Status(msgspec.Struct, frozen=True):
    """How a status is shown: a *mark*, a *tone* that colours it, the *word* that says it.

    The tone is one of good, bad, warn, note, plain; it never stands alone.
    """

    mark: str
    tone: str
    word: str = ""


STATUSES = {
    "met": Status(MARKS["met"], "good", "met"),
    "clear": Status(MARKS["clear"], "good", "clear"),
    "within": Status(MARKS["within"], "good", "within"),
    "open": Status(MARKS["open"], "good", "open"),
    "not_met": Status(MARKS["not_met"], "bad", "not met"),
    "applies": Status(MARKS["applies"], "bad", "applies"),
    "exhausted": Status(MARKS["exhausted"], "bad", "exhausted"),
    "reduces": Status(MARKS["reduces"], "warn", "reduces"),
    "closed": Status(MARKS["closed"], "plain", "closed"),
    "unknown": Status(MARKS["unknown"], "warn", "unknown"),
    "undetermined": Status(MARKS["undetermined"], "warn", "undetermined"),
    "conflict": Status(MARKS["conflict"], "warn", "conflict"),
    "disputed": Status(MARKS["disputed"], "warn", "disputed"),
    "unsettled": Status(MARKS["unsettled"], "warn", "open"),
    "settled": Status(MARKS["settled"], "plain"),
    "assumed": Status(MARKS["assumed"], "note", "assumed"),
    "assumption": Status(MARKS["assumed"], "note", "assumed"),
    "absence": Status(MARKS["absent"], "warn", "not found"),
    "record": Status(MARKS["record"], "plain"),
    "unused": Status(MARKS["unused"], "plain", "not used"),
    "reading": Status(MARKS["reading"], "note", "reading"),
    "not_counted": Status(MARKS["unused"], "plain", "not counted"),
    "count": Status(MARKS["count"], "plain"),
    "split": Status(MARKS["split"], "plain"),
    "world": Status(MARKS["world"], "plain", "it could be so"),
    "more": Status(MARKS["folded"], "plain"),
    "approve": Status(MARKS["approve"], "good", HEADLINES["approve"]),
    "partial": Status(MARKS["partial"], "warn", HEADLINES["partial"]),
    "deny": Status(MARKS["deny"], "bad", HEADLINES["deny"]),
    "pend": Status(MARKS["pend"], "warn", HEADLINES["pend"]),
    "refer": Status(MARKS["refer"], "warn", HEADLINES["refer"]),
    "not_applicable": Status(MARKS["not_applicable"], "plain", HEADLINES["not_applicable"]),
}
RECOMMENDED = ("deny", "partial", "refer", "pend", "approve", "not_applicable")
"""The recommendations, those that need a person first."""

_UNKNOWN = Status("·", "plain")
_NOTHING = Phrase("", translated=True)
# Edges to what supports nothing, with what is said of it there.
_NOT_USED = {
    "near_miss": "unused",
    "set_aside": "unused",
    "doubted_by": "unused",
    "not_counted": "not_counted",
}
# What the fields of any node are for. The first that is there and not empty is taken.
_NAMES = ("id", "name", "question", "predicate", "concept")
_STATES = ("status", "state", "outcome", "truth")
_TITLES = ("text", "said", "sentence", "reason", "title")
_VALUES = ("answers", "answer", "value", "count", "result")
_PLACES = ("locator", "source", "place", "rule", "file")


class Told(msgspec.Struct, frozen=True):
    """A sentence in the reader's language, and the place of its rule."""

    said: Phrase
    rule: str


class Label(msgspec.Struct, frozen=True):
    """What is shown of a node.

    *kind* is its type, *name* what everybody calls it, *value* its answers, *title* what it
    is in words, *place* the locator or the source, *more* what else it has, as name and value.
    """

    kind: str
    status: Status
    name: str
    title: Phrase = _NOTHING
    value: str = ""
    day: str = ""
    place: Phrase = _NOTHING
    because: tuple[Told, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    decisive: bool = False

    @property
    def heading(self) -> str:
        """Name and value: `hiv = negative`."""
        return f"{self.name} = {self.value}" if self.value else self.name


class Link(msgspec.Struct, frozen=True):
    """What is shown of an edge: what it says, and whether what it leads to is *used*.

    Where that is not so, *status* says it in place of the status of what it leads to.
    """

    kind: str
    told: tuple[Told, ...]
    used: bool
    aside: bool
    status: Status = STATUSES["unused"]


class Labels:
    """The labels of one proof in one language.

    *records* are its records in that language, by the names that voices have for them; one
    that is not among them is shown as the proof has it.
    """

    def __init__(
        self,
        proof: Proof,
        language: Language = ENGLISH,
        records: Mapping[str, RecordView] | None = None,
    ) -> None:
        self.graph = proof.graph
        self.language = language
        self.records = records or {}
        nodes = (data["node"] for _, data in proof.graph.nodes(data=True))
        # A record may be called like a word: names are never translated.
        self.names = frozenset(node.id for node in nodes if isinstance(node, RecordNode))

    def at(self, key: str) -> Label:
        """Return what is shown of the node at *key*."""
        label = self._at(key)
        word = self.language.text(label.status.word) if label.status.word else ""
        if word == label.status.word:
            return label
        return msgspec.structs.replace(
            label, status=msgspec.structs.replace(label.status, word=word)
        )

    def _at(self, key: str) -> Label:
        view = self.records.get(key.removeprefix("record:"))
        node = self.graph.nodes[key]["node"]
        if view is not None and isinstance(node, RecordNode):
            return self.of_record(view)
        return self.of(node)

    def of_record(self, record: RecordView | RecordNode) -> Label:
        """Return what is shown of *record*."""
        said, source = (Phrase(text, translated=True) for text in (record.said, record.source))
        status = STATUSES["record"]
        return Label("record", status, record.id, said, day=record.day, place=source)

    def of(self, node: object) -> Label:  # noqa: C901 - one case for each kind
        """Return what is shown of *node*."""
        text, policy = self.language.text, self.language.policy
        match node:
            case ResultNode():
                status = STATUSES[node.recommendation]
                title = Phrase(text("case {id}", id=node.case), translated=True)
                because = self.told(node.because)
                return Label("result", status, text(status.word), title, because=because)
            case ClauseNode():
                status = STATUSES.get(node.status, _UNKNOWN)
                return Label(
                    "clause",
                    status,
                    node.id,
                    policy(node.text),
                    place=policy(node.locator),
                    because=self.told(node.because),
                    decisive=node.decisive,
                )
            case QuestionNode():
                return Label(
                    "question",
                    STATUSES["unsettled" if node.state == "open" else node.state],
                    node.id,
                    policy(node.text),
                    value=self.answers(node.answers),
                    decisive=node.decisive,
                )
            case RecordNode():
                return self.of_record(node)
            case AssumptionNode():
                why = text("no record speaks on it, and none casts doubt")
                return Label(
                    "assumption",
                    STATUSES["assumption"],
                    node.question,
                    Phrase(why, translated=True),
                    value=self.answers((node.answer,)),
                    because=self.told(node.because),
                )
            case AbsenceNode():
                where = ", ".join(map(text, node.sections))
                said = text("nothing found that answers it; looked in {sections}", sections=where)
                title = Phrase(said, translated=True)
                return Label("absence", STATUSES["absence"], node.question, title)
            case ReadingNode():
                return Label(
                    "reading",
                    STATUSES["reading"],
                    node.id,
                    policy(node.reason),
                    value=self.answers((node.value,)),
                    decisive=node.decisive,
                )
            case CountNode():
                return self._count(node)
            case SplitNode():
                cases = (f"{self.answers((answer,))}: {id_}" for answer, id_ in node.branches)
                told = text("whatever the answer, a clause blocks: {cases}", cases="; ".join(cases))
                title = Phrase(told, translated=True)
                return Label("split", STATUSES["split"], node.question, title)
            case WorldNode():
                answers = (f"{name} = {self.answers((a,))}" for name, a in node.answers)
                gives = text(STATUSES[node.recommendation].word) + given(node, self.language)
                told = text("then: {result}", result=", ".join((gives, *node.blocking)))
                if node.alike:
                    both = (f"{name} = {self.answers((a,))}" for name, a in node.alike)
                    told += f"; {text('given in both: {answers}', answers=', '.join(both))}"
                title = Phrase(told, translated=True)
                return Label("world", STATUSES["world"], ", ".join(answers), title)
            case _:
                return self._any(node)

    def _count(self, node: CountNode) -> Label:
        text = self.language.text
        bound = "{value}, at most {needed}" if node.at_most else "{value}, at least {needed} needed"
        return Label(
            "count",
            STATUSES["count"],
            text("counted"),
            Phrase(", ".join(self._counted(node)), translated=True),
            value=text(bound, value=str(node.value), needed=str(node.needed)),
            place=Phrase(node.rule, translated=True),
        )

    def _counted(self, node: CountNode) -> Iterator[str]:
        yield from map(self.language.word, node.counted)
        if node.perhaps:
            names = ", ".join(map(self.language.word, node.perhaps))
            yield self.language.text("perhaps counted: {things}", things=names)

    def link(self, edge: Mapping[str, Any]) -> Link:
        """Return what is shown of an edge with these attributes."""
        kind = str(edge.get("kind", ""))
        status = STATUSES[_NOT_USED.get(kind, "unused")]
        told = self.told(edge.get("sentences", ()))
        return Link(kind, told, kind not in _NOT_USED, bool(edge.get("aside")), status)

    def told(self, sentences: Collection[Sentence]) -> tuple[Told, ...]:
        """Return sentences of rules in the reader's language."""
        return tuple(self._told(sentence) for sentence in sentences)

    def word(self, word: str) -> str:
        """Return a word of the rules or of the program as it is read."""
        found = self.language.word(word)
        return self.language.text(word.replace("_", " ")) if found == word else found

    def answers(self, answers: Collection[object]) -> str:
        """Return answers as they are read, those of several that stay possible as a choice."""
        return self.language.choice([self._answer(answer) for answer in answers])

    def _answer(self, answer: object) -> str:
        if isinstance(answer, tuple | list):
            return ",".join(str(part) for part in answer)
        return self.language.word(str(answer))

    def _told(self, sentence: Sentence) -> Told:
        template = sentence.template or sentence.text
        values = dict(sentence.values)
        return Told(self.language.policy(template, values, names=self.names), sentence.rule)

    def _any(self, node: object) -> Label:
        """Return what is shown of a kind that nobody has described: its fields by their names."""
        config = getattr(node, "__struct_config__", None)
        kind = str(getattr(config, "tag", None) or type(node).__name__)
        fields: dict[str, Any] = {
            name: getattr(node, name)
            for name in getattr(node, "__struct_fields__", ())
            if getattr(node, name) not in (None, "", (), ())
        }
        because: list[Told] = []
        for name, value in list(fields.items()):
            several = value if isinstance(value, tuple | list) else (value,)
            if several and all(isinstance(one, Sentence) for one in several):
                because += self.told(several)
                del fields[name]
        state = str(_take(fields, _STATES) or "")
        title = str(_take(fields, _TITLES) or "")
        value = _take(fields, _VALUES)
        place = Phrase(str(_take(fields, _PLACES) or ""), translated=True)
        decisive = bool(fields.pop("decisive", False))
        return Label(
            kind,
            STATUSES.get(state, Status("·", "plain", state.replace("_", " "))),
            str(_take(fields, _NAMES) or kind),
            self.language.policy(title),
            value="" if value is None else self._value(value),
            day=str(_take(fields, ("day", "date")) or ""),
            place=place,
            because=tuple(because),
            more=tuple((name.replace("_", " "), self._value(v)) for name, v in fields.items()),
            decisive=decisive,
        )

    def _value(self, value: object) -> str:
        match value:
            case bool():
                return self.language.text("yes" if value else "no")
            case tuple() | list():
                return ", ".join(self._value(one) for one in value)
            case msgspec.Struct():
                return ", ".join(
                    self._value(found)
                    for name in value.__struct_fields__
                    if (found := getattr(value, name)) not in (None, "", ())
                )
            case _:
                return self.language.word(str(value))


def _take(fields: dict[str, Any], names: tuple[str, ...]) -> object:
    """Take the first of *names* out of *fields*."""
    for name in names:
        if name in fields:
            found: object = fields.pop(name)
            return found
    return None


def given(node: WorldNode, language: Language) -> str:
    """Return what an approval in that world gives: `: 42 units, for 6 months`; or nothing."""
    if not node.unit:
        return ""
    quantity, months = node.quantity if isinstance(node.quantity, tuple) else (node.quantity, None)
    told = f": {quantity} {language.word(node.unit)}"
    if months is not None:
        told += language.text(", for {months} months", months=str(months))
    return told
