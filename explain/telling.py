"""Tells a notice: from the proof of a decision to plain sentences, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from clingo import Symbol

from explain.absence import looked_in
from explain.change import Change, Count, count, lifting, matters
from explain.dates import Dates
from explain.language import Language
from explain.node import BLOCKING, ClauseNode, CountNode, QuestionNode, RecordNode, Sentence
from explain.notice import (
    SCHEMA,
    Asked,
    Basis,
    ClauseLine,
    Finding,
    Ground,
    Notice,
    Untranslated,
    paragraphs,
)
from explain.record import RecordView, records_of
from explain.rules import read_rules
from reasoner.decision import ClauseStatus, Missing
from reasoner.facts import question_symbol
from reasoner.model import AnswerValue

if TYPE_CHECKING:
    from explain.proof import Proof
    from reasoner.decision import ClauseStatus, Decision
    from reasoner.engine import Examination, Reasoner

__all__ = ["tell_notice"]

_MOST_ANSWERS = 6
"""A list of more answers than these helps nobody."""

_SECTIONS: Final = {
    "request": "the request",
    "member": "what is said about you",
    "conditions": "your diagnoses",
    "therapies": "your treatments",
    "observations": "your test results",
    "doses": "the doses that you had before",
    "allergies": "your allergies",
    "answers": "the answers that reviewers gave",
}
_RECOMMENDED: Final = {
    "approve": "Approval of your request is recommended.",
    "partial": "Approval of a smaller amount than you asked for is recommended.",
    "deny": "Denial of your request is recommended.",
    "pend": "Nothing can be recommended yet: information is missing.",
    "refer": "It is recommended that a person judges your request.",
    "not_applicable": "This policy does not apply to your request.",
}
_STATUSES: Final = {
    "met": "met",
    "clear": "does not apply to you",
    "within": "within the limit",
    "open": "open to you",
    "not_met": "not met",
    "applies": "applies to you",
    "exhausted": "nothing is left of the limit",
    "reduces": "the limit allows less than you asked for",
    "closed": "not open to you",
    "unknown": "not clear yet",
    "conflict": "not clear yet: records contradict each other",
}
_UNDECIDED = ("unknown", "conflict")
_PASSED = ("met", "clear", "within", "open")
_SHOWN = ("settled_by", "set_aside")
_LACKING = ("near_miss", "doubted_by")
_UNUSED = (*_LACKING, "set_aside")


def tell_notice(
    reasoner: Reasoner,
    examination: Examination,
    proof: Proof,
    language: Language,
    appeal: str = "",
) -> Notice:
    """Return the notice on *examination*, told from its *proof* in *language*.

    *appeal* is the text of whoever sends the notice; nothing in it is trusted.
    """
    return _Teller(reasoner, examination, proof, language).tell(appeal)


class _Teller:
    def __init__(
        self, reasoner: Reasoner, examination: Examination, proof: Proof, language: Language
    ) -> None:
        self.reasoner = reasoner
        self.decision: Decision = examination.decision
        self.asked = examination.verdict.asked
        self.worlds = reasoner.worlds_for(examination.settled)
        self.graph = proof.graph
        self.language = language
        self.text = language.text
        self.records = records_of(examination.case, language)
        self.dates = Dates(examination.case, language)
        self.symbols = {c.id: c.symbol for c in reasoner.policy.identity.clauses}
        self.names = frozenset(
            data["node"].id
            for _, data in proof.graph.nodes(data=True)
            if isinstance(data["node"], RecordNode)
        )
        self.untranslated: dict[Untranslated, None] = {}

    def tell(self, appeal: str) -> Notice:
        decision = self.decision
        grounds = self._grounds()
        because, judged = self._result(grounds), self._judged()
        missing = tuple(map(self._missing, decision.missing))
        pends = decision.recommendation == "pend"
        unclear = (*_UNDECIDED, *BLOCKING) if pends else BLOCKING if grounds else ()
        undecided = self._lines(unclear)
        # Outside the policy, no clause says anything of the request.
        applies = decision.recommendation != "not_applicable"
        passed = self._lines(_PASSED) if applies else ()
        assumptions, readings = self._assumptions(), self._readings()
        advisories = tuple(self._policy(one.text) for one in decision.advisories)
        return Notice(
            schema=SCHEMA,
            lang=self.language.code,
            case=decision.case.id,
            policy=decision.policy,
            document=self.reasoner.policy.identity.document,
            recommendation=decision.recommendation,
            recommended=self.text(_RECOMMENDED[decision.recommendation]),
            requested=decision.quantity.requested,
            approved=decision.quantity.approved,
            request=self.records["request"],
            because=because,
            judged=judged,
            grounds=grounds,
            missing=missing,
            unused=self._unused(grounds, missing),
            undecided=undecided,
            passed=passed,
            assumptions=assumptions,
            readings=readings,
            advisories=advisories,
            appeal=paragraphs(appeal),
            untranslated=tuple(self.untranslated),
            authorization=decision.authorization,
        )

    # -- reasons ------------------------------------------------------------------------------

    def _grounds(self) -> tuple[tuple[Ground, ...], ...]:
        grounds = list(self.decision.grounds)
        if self.decision.recommendation == "refer":
            grounds += [
                one.id for one in self.decision.clauses if one.decisive and one.status in _UNDECIDED
            ]
        return tuple(
            tuple(self._ground(clause) for clause in ([one] if isinstance(one, str) else one))
            for one in grounds
        )

    def _ground(self, clause: str) -> Ground:
        key = f"clause:{clause}"
        node: ClauseNode = self.graph.nodes[key]["node"]
        edges = self.graph[key].items()
        keys = [q for q, edge in edges if edge["kind"] == "reads" and not edge["aside"]]
        symbols = {q: _question(q) for q in keys}
        counted, changes = self._would_change(self.symbols[clause], list(symbols.values()))
        if node.status not in ("applies", "reduces", "exhausted"):
            # What stands in the way, not whatever the clause reads.
            matter = {change.question for change in changes}
            about = [
                q
                for q, one in symbols.items()
                if str(one) in matter or (counted and one.name == counted.family)
            ]
            keys = about or keys
        # What is missing is told only where nothing else is there to tell.
        findings = [one for q in keys for one in self._found(q, missing=False)]
        findings = findings or [one for q in keys for one in self._found(q, missing=True)]
        return Ground(
            clause=clause,
            locator=self._policy(node.locator),
            text=self._policy(node.text),
            status=self.text(_STATUSES[node.status]),
            because=tuple(map(self._sentence, node.because)),
            findings=tuple(findings),
            count=self._count(key, counted) if counted else "",
            change=tuple(self._change_texts(counted, changes)),
        )

    def _count(self, key: str, counted: Count) -> str:
        said = self.text("Shown: {has} of {needs}", has=str(counted.has), needs=str(counted.needs))
        nodes = (self.graph.nodes[below]["node"] for below in self.graph[key])
        # The proof counts what is possible; the names are told where all of it is shown.
        for node in nodes:
            if isinstance(node, CountNode) and node.value == counted.has and node.counted:
                return f"{said}: {', '.join(map(self.language.word, node.counted))}."
        return f"{said}."

    def _would_change(
        self, clause: Symbol, questions: list[Symbol]
    ) -> tuple[Count | None, list[Change]]:
        """What would lift a clause: the one place that asks for it."""
        worlds = self.worlds
        return (
            count(worlds, self.asked, clause, questions),
            lifting(worlds, self.asked, clause, questions),
        )

    def _change_texts(self, counted: Count | None, changes: list[Change]) -> Iterator[str]:
        if counted and counted.wording:
            yield self.text("This is needed: {what}.", what=self._policy(counted.wording))
        for change in changes:
            of_family = counted and change.question.partition("(")[0] == counted.family
            if of_family or not self._can_be_given(change):
                continue
            question = self._policy(change.text)
            said = self.text(
                "This reason falls away with another answer to: {question}", question=question
            )
            plain_words = not any(isinstance(answer, tuple) for answer in change.answers)
            if plain_words and len(change.answers) <= _MOST_ANSWERS:
                answers = self._answers(change.answers)
                said += " " + self.text("The answer that is needed: {answers}.", answers=answers)
            if "document" in change.how:
                said += " " + self.text("A document can show it.")
            yield said

    def _can_be_given(self, change: Change) -> bool:
        """A document can settle what is not settled; it cannot make another of what is."""
        if "change" in change.how:
            return True
        node = self.graph.nodes.get(f"question:{change.question}", {}).get("node")
        settled = isinstance(node, QuestionNode) and node.state == "settled"
        return "document" in change.how and not settled

    def _result(self, grounds: tuple[tuple[Ground, ...], ...]) -> tuple[Finding, ...]:
        """What decides without any clause: the policy does not govern, no day is planned."""
        if grounds or self.decision.recommendation not in ("not_applicable", "refer"):
            return ()
        worlds = self.worlds
        keys = [
            key
            for key, edge in self.graph["result"].items()
            if edge["kind"] == "reads" and matters(worlds, self.asked, _question(key))
        ]
        return tuple(one for key in keys for one in self._found(key, missing=True))

    def _judged(self) -> tuple[str, ...]:
        rules = [r for file in self.reasoner.policy.criteria for r in read_rules(file)]
        found = {rule.head: rule for rule in rules if rule.name == "refer"}
        heads = (f"refer({reason})" for reason in self.decision.refer_reasons)
        return tuple(
            _capital(self._policy(found[head].sentence, found[head].place))
            for head in heads
            if head in found
        )

    def _lines(self, statuses: tuple[str, ...]) -> tuple[ClauseLine, ...]:
        grounds = {c for g in self.decision.grounds for c in ([g] if isinstance(g, str) else g)}
        return tuple(
            ClauseLine(
                one.id,
                self._policy(one.locator),
                self._policy(one.text),
                self._status(one.status),
                self._carrying(one) if one.status in _PASSED else (),
            )
            for one in self.decision.clauses
            if one.status in statuses and one.id not in grounds
        )

    def _status(self, status: str) -> str:
        """What is said of a clause that is no ground: it may block, and not for certain."""
        said = self.text(_STATUSES[status])
        if status not in BLOCKING:
            return said
        return self.text("{status}, as long as no record says otherwise", status=said)

    def _carrying(self, clause: ClauseStatus) -> tuple[Finding, ...]:
        """What was found for a clause that an approval rests on."""
        if self.decision.recommendation not in ("approve", "partial") or not clause.decisive:
            return ()
        edges = self.graph[f"clause:{clause.id}"].items()
        keys = [q for q, edge in edges if edge["kind"] == "reads" and not edge["aside"]]
        return tuple(one for q in keys for one in self._found(q, missing=False) if one.used)

    # -- what is missing, presumed, read --------------------------------------------------------

    def _missing(self, missing: Missing) -> Asked:
        family = missing.question.removesuffix("(_)")
        single = family == missing.question
        keys = [
            key
            for key in self.graph
            if key == f"question:{missing.question}"
            or (not single and key.startswith(f"question:{family}("))
        ]
        findings = [
            one
            for key in keys
            if self.graph.nodes[key]["node"].state in ("open", "disputed")
            for one in self._found(key, missing=True)
        ]
        if not any(one.looked for one in findings):
            text = self.text("No document was found that settles it.")
            sections = [where for key in keys for where in self._sections(key)]
            findings.append(Finding(text, looked=tuple(dict.fromkeys(sections))))
        clauses = [
            above.partition(":")[2]
            for key in keys
            for above in self.graph.predecessors(key)
            if above.startswith("clause:") and self.graph.nodes[above]["node"].status in _UNDECIDED
        ]
        return Asked(
            question=missing.question,
            text=_capital(self._policy(missing.text)),
            needed=missing.needed,
            clauses=tuple(dict.fromkeys(clauses)),
            findings=tuple(dict.fromkeys(findings)),
        )

    def _assumptions(self) -> tuple[Basis, ...]:
        texts = self.worlds.texts
        found = []
        for one in self.decision.assumptions:
            if one.decisive:
                question = self._policy(texts.get(one.question.partition("(")[0], ""))
                text = self.text(
                    "{question} No record tells. The answer is taken to be: {answer}.",
                    question=question,
                    answer=self._answers((one.answer,)),
                )
                looked = self._sections(f"question:{one.question}")
                found.append(Basis(one.question, text, looked))
        return tuple(found)

    def _readings(self) -> tuple[Basis, ...]:
        worlds = self.worlds
        issues = {name.name: text.string for name, text in worlds.facts("issue", 2)}
        reasons = {name.name: text.string for name, text in worlds.facts("reason", 2)}
        found = []
        for one in self.decision.readings:
            if one.decisive:
                text = self.text(
                    "{issue} It is read here as: {value}. {reason}",
                    issue=self._policy(issues.get(one.id, "")),
                    value=self._answers((one.value,)),
                    reason=self._policy(reasons.get(one.id, "")),
                )
                found.append(Basis(one.id, text))
        return tuple(found)

    # -- records ------------------------------------------------------------------------------

    def _found(self, key: str, *, missing: bool) -> Iterator[Finding]:
        """Tell what was found on a question; with what is *missing*, also where it was not."""
        node: QuestionNode = self.graph.nodes[key]["node"]
        for below, edge in self.graph[key].items():
            kind = edge["kind"]
            if kind in _SHOWN or (kind in _LACKING and missing):
                yield self._record(below, edge)
            elif kind == "lacks" and missing:
                question = self._policy(node.text)
                text = self.text("Nothing was found that answers: {question}", question=question)
                yield Finding(text, looked=self._sections(key))
                for near, other in self.graph[below].items():
                    yield self._record(near, other)
            elif kind == "assumed" and missing:
                question = self._policy(node.text)
                text = self.text("No record says anything about: {question}", question=question)
                yield Finding(text, looked=self._sections(key))

    def _record(self, key: str, edge: dict[str, Any]) -> Finding:
        name = key.removeprefix("record:")
        node: RecordNode = self.graph.nodes[key]["node"]
        view = self.records.get(name) or RecordView(node.id, node.section, node.said)
        used = edge["kind"] == "settled_by"
        several = used and len(edge["answers"]) > 1
        said = " ".join(self._sentence(sentence) for sentence in edge["sentences"])
        if several or not said:
            answers = self._answers(edge["answers"])
            words = (
                "Record {record} leaves open: {answers}."
                if several
                else "Record {record} says: {answers}."
            )
            said = self.text(words, record=view.id, answers=answers)
        return Finding(
            said=said,
            record=view.id,
            states=view.said,
            day=self.dates.of(name) or self.text("no date stated"),
            source=view.source or self.dates.origin(name) or self.text("no source stated"),
            used=used,
        )

    def _unused(
        self, grounds: tuple[tuple[Ground, ...], ...], missing: tuple[Asked, ...]
    ) -> tuple[Finding, ...]:
        """The records that show nothing, with the reason, where no ground and nothing asked has."""
        told = {one.record for alike in grounds for ground in alike for one in ground.findings}
        told |= {one.record for asked in missing for one in asked.findings}
        found: dict[tuple[str, str], Finding] = {}
        for key in self.graph:
            edges = [edge for *_, edge in self.graph.in_edges(key, data=True)]
            used = any(edge["kind"] == "settled_by" for edge in edges)
            for edge in edges:
                # A record that is set aside for one question may still answer another.
                if edge["kind"] in _LACKING or (edge["kind"] in _UNUSED and not used):
                    finding = self._record(key, edge)
                    if finding.record not in told:
                        found.setdefault((finding.record, finding.said), finding)
        return tuple(found.values())

    def _sections(self, key: str) -> tuple[str, ...]:
        sections = looked_in(self.reasoner.policy, _question(key))
        return tuple(self.text(_SECTIONS[section]) for section in sections)

    # -- words --------------------------------------------------------------------------------

    def _sentence(self, sentence: Sentence) -> str:
        template = sentence.template or sentence.text
        text = self._policy(template, sentence.rule, dict(sentence.values))
        # A sentence that begins with the name of a record keeps that name as it is.
        named = any(text.startswith(v) for _, v in sentence.values if v in self.names)
        return text if named else _capital(text)

    def _policy(self, template: str, place: str = "", values: dict[str, str] | None = None) -> str:
        said = self.language.policy(template, values or {}, names=self.names)
        if not said.translated:
            self.untranslated[Untranslated(template, place or self._place(template))] = None
        return said.marked

    def _place(self, sentence: str) -> str:
        """Return where a text is written that comes without its place."""
        policy = self.reasoner.policy
        for file in (*policy.evidence, *policy.criteria):
            at = file.text.find(f'"{sentence}"')
            if at >= 0:
                return f"{file.name}:{file.text.count(chr(10), 0, at) + 1}"
        return f"policies/{policy.id}/policy.toml"

    def _answers(self, answers: Iterable[AnswerValue]) -> str:
        return self.language.choice([*map(self._answer, answers)])

    def _answer(self, answer: AnswerValue) -> str:
        if isinstance(answer, tuple):
            return self.text(" and ").join(map(str, answer))
        return self.language.plain(str(answer))


def _question(key: str) -> Symbol:
    return question_symbol(key.partition(":")[2])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
