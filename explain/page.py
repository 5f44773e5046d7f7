"""A decision as one page: self-contained, without scripts, for a screen, a listener or paper.

What blocks approval on its own stands first, each clause with its locator and each record
with its id, date and source; then what is missing, every clause step by step, a map of the
decisive core, all records, what the decision rests on besides, and the record of it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from explain.core import core
from explain.label import RECOMMENDED, STATUSES, Label, Labels, Link, Status
from explain.language import ENGLISH, Language, Phrase
from explain.node import ClauseNode, QuestionNode
from explain.proof import Proof
from explain.record import records_of
from explain.step import Step, Steps
from explain.svg import Picture, draw
from explain.templating import render, source
from explain.use import RecordUse, record_uses
from reasoner.decision import Decision
from reasoner.engine import Examination
from reasoner.policy import Policy

__all__ = ["Entry", "decision_page", "index_page", "policy_line"]

_MOST_ANSWERS = 12
"""Answers that are listed one by one."""

_NO_LINK = Link("", (), used=True, aside=False)


class Entry(msgspec.Struct, frozen=True):
    """A page in the index: the decision, and the name of its file."""

    decision: Decision
    file: str


class _Block(msgspec.Struct):
    """A ground: the steps of its clause, or of clauses of which one blocks in every case."""

    names: tuple[str, ...]
    steps: list[Step]


class _Ask(msgspec.Struct):
    """What is missing, and the steps that say where it was looked for."""

    id: str
    text: Phrase
    needed: int
    answers: str
    steps: list[Step]


class _Row(msgspec.Struct):
    """A record of the evidence table; *used* is where it is, as name and anchor."""

    use: RecordUse
    label: Label
    section: str
    used: list[tuple[str, str]]
    reasons: list[str]


def decision_page(
    proof: Proof, examination: Examination, policy: Policy, language: Language = ENGLISH
) -> str:
    """Return the page of one decision, made by *policy*."""
    decision = examination.decision
    labels = Labels(proof, language, records_of(examination.case, language))
    teller = _Teller(proof, decision, labels)
    blocks = teller.blocks()
    asked = teller.asked()
    explained = teller.explained()
    clauses = teller.clauses()
    uses = record_uses(proof, examination.case, decision, labels)
    picture: Picture = draw(core(proof), labels)
    return render(
        "page.html",
        language,
        csp=policy_line(),
        decision=decision,
        policy=policy.identity,
        title=language.policy(policy.identity.title),
        labels=labels,
        result=labels.at(proof.root),
        blocks=blocks,
        asked=asked,
        explained=explained,
        clauses=clauses,
        beside=teller.beside(),
        picture=picture,
        rows=[teller.row(use) for use in uses],
        anchors=teller.anchors_of_questions(),
        texts=teller.texts_of_questions(),
        reasons=teller.reasons_of_readings(),
        amount=lambda amount: _amount(amount, language),
        statuses=STATUSES,
    )


def index_page(entries: Sequence[Entry], language: Language = ENGLISH) -> str:
    """Return the page that leads to the pages of several decisions, in the order given."""
    counts: list[tuple[Status, int]] = []
    for name in RECOMMENDED:
        count = sum(entry.decision.recommendation == name for entry in entries)
        counts += [(STATUSES[name], count)] if count else []
    return render(
        "index.html",
        language,
        csp=policy_line(),
        entries=entries,
        counts=counts,
        statuses=STATUSES,
        amount=lambda amount: _amount(amount, language),
    )


@cache
def policy_line() -> str:
    """Return the content security policy of a page: its own style, and nothing else at all."""
    digest = hashlib.sha256(source("page.css").encode()).digest()
    style = base64.b64encode(digest).decode()
    return f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"


class _Teller:
    """Tells every part of a page in its order, so that each node is told where it stands first."""

    def __init__(self, proof: Proof, decision: Decision, labels: Labels) -> None:
        self.graph = proof.graph
        self.root = proof.root
        self.decision = decision
        self.labels = labels
        self.steps = Steps(proof, labels)
        self.steps.told.add(proof.root)
        self.missing: dict[str, list[str]] = {}

    def blocks(self) -> list[_Block]:
        """What blocks approval on its own: grounds only, never what is missing."""
        found = []
        self.steps.put_off = self.missing
        for ground in self.decision.grounds:
            names = (ground,) if isinstance(ground, str) else ground
            keys = [f"clause:{name}" for name in names]
            found.append(_Block(names, [self.steps.tell(key) for key in keys]))
        self.steps.put_off = None
        return found

    def asked(self) -> list[_Ask]:
        """What is missing, with where it was looked for and what was found instead."""
        found = []
        for missing in self.decision.missing:
            family = missing.question.removesuffix("(_)")
            keys = [
                key
                for key, node in self._questions().items()
                if node.state in ("open", "disputed")
                and (node.id == family or node.id.startswith(f"{family}("))
            ]
            answers = [self.labels.answers([answer]) for answer in missing.answers]
            if len(answers) > _MOST_ANSWERS:
                more = self.labels.language.text("{count} answers", count=str(len(answers)))
                answers = [f"{answers[0]} … {answers[-1]}", more]
            found.append(
                _Ask(
                    missing.question,
                    self.labels.language.policy(missing.text),
                    missing.needed,
                    ", ".join(answers),
                    [self.steps.tell(key) for key in keys],
                )
            )
        return found

    def clauses(self) -> list[Step]:
        """Every clause in the document's order; what was told as a ground leads there."""
        found = []
        for key in self.graph[self.root]:
            if self._is_clause(key):
                step = self.steps.tell(key)
                for target in self.missing.get(key, ()):
                    link = self.labels.link(self.graph.edges[key, target])
                    step.beside.append(self.steps.tell(target, link))
                found.append(step)
        return found

    def explained(self) -> list[Step]:
        """What else says why the result is what it is: neither a clause nor a question."""
        rest = [key for key in self.graph[self.root] if not self._is_clause(key)]
        link = self.labels.link
        return [
            self.steps.tell(key, link(self.graph.edges[self.root, key]))
            for key in rest
            if key not in self._questions()
        ]

    def beside(self) -> Step:
        """What the recommendation reads beside the clauses."""
        step = Step("", self.labels.at(self.root), _NO_LINK)
        rest = [key for key in self.graph[self.root] if key in self._questions()]
        self.steps.fill(step, self.root, rest)
        return step

    def row(self, use: RecordUse) -> _Row:
        """The row of a record in the table of evidence."""
        label = self.labels.of_record(use.record)
        used = [(self._name(key), self.steps.anchors[key]) for key in use.used]
        reasons = [self.labels.word(reason) for reason in use.reasons]
        section = self.labels.language.text(use.record.section)
        return _Row(use, label, section, used, reasons)

    def anchors_of_questions(self) -> dict[str, str]:
        """Where each question is told, by its id."""
        return {node.id: self.steps.anchors[key] for key, node in self._questions().items()}

    def texts_of_questions(self) -> dict[str, Phrase]:
        """Each question in words, by its id."""
        policy = self.labels.language.policy
        return {node.id: policy(node.text) for node in self._questions().values()}

    def reasons_of_readings(self) -> dict[str, Label]:
        """Each reading that the proof shows, by its id."""
        keys = (key for key in self.graph if key.startswith("reading:"))
        labels = (self.labels.at(key) for key in keys)
        return {label.name: label for label in labels}

    def _questions(self) -> dict[str, QuestionNode]:
        found = ((key, data["node"]) for key, data in self.graph.nodes(data=True))
        return {key: node for key, node in found if isinstance(node, QuestionNode)}

    def _is_clause(self, key: str) -> bool:
        return isinstance(self.graph.nodes[key]["node"], ClauseNode)

    def _name(self, key: str) -> str:
        return self.labels.at(key).name


def _amount(amount: Mapping[str, int] | None, language: Language) -> str:
    """Return an amount in each unit: `3 vials (36 mg, 36 units)`."""
    if amount is None:
        return language.text("not stated")
    first, *more = (f"{count} {language.word(unit)}" for unit, count in amount.items())
    return first + (f" ({', '.join(more)})" if more else "")
