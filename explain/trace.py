"""What the rules say of one case: the same programs, grounded with a voice for each rule.

A rule with a sentence gets a second copy whose head carries the values of the sentence's
variables. Nothing else changes, so what is derived is what the decision was made from.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import clingo
import msgspec
from clingo import Function, Number, Symbol

from explain.rules import Rule, literals, read_rules, say
from reasoner.days import Calendar
from reasoner.facts import case_facts, reference_facts, word
from reasoner.messages import Messages
from reasoner.model import Case
from reasoner.policy import Policy
from reasoner.program import RuleFile
from reasoner.terminology import Terminology
from reasoner.worlds import Answers, Worlds

__all__ = ["Criteria", "Said", "evidence_sentences"]

_SAID, _VIA = "_said", "_via"
_ATOM = re.compile(r"[a-z]\w*(\(.*\))?")


class Said(msgspec.Struct, frozen=True):
    """What a rule says where it holds: its *head* and its sentence with all values."""

    head: Symbol
    text: str
    rule: Rule


def _voices(rules: Sequence[Rule]) -> str:
    """The second copy of every rule with a sentence: `_said(I, Head, (V1, V2)) :- Body.`"""
    out = []
    for index, rule in enumerate(rules):
        if rule.sentence and rule.name:
            values = ", ".join(rule.variables)
            tuple_ = f"({values},)" if values else "()"
            body = f" :- {rule.body}" if rule.body else ""
            out.append(f"{_SAID}({index}, {rule.head}, {tuple_}){body}.")
    return "\n".join(out)


def _vias(rules: Sequence[Rule]) -> str:
    """For a rule without a sentence, which atoms of its body speak for its head."""
    out = ["#defined _via/2."]
    for rule in rules:
        if rule.name == "supports" and not rule.sentence:
            atoms = [one for one in literals(rule.body) if _ATOM.fullmatch(one)]
            out += [f"{_VIA}({rule.head}, {atom}) :- {rule.body}." for atom in atoms]
    return "\n".join(out)


def _said(rules: Sequence[Rule], atoms: Iterable[Symbol]) -> list[Said]:
    atoms = sorted(atoms)
    found = []
    for symbol in (atom for atom in atoms if atom.name == _SAID):
        index, head, values = symbol.arguments
        rule = rules[index.number]
        bindings = dict(zip(rule.variables, values.arguments, strict=True))
        found.append(Said(head, say(rule.sentence, bindings), rule))
    by_head = {one.head: one for one in reversed(found)}
    for symbol in (atom for atom in atoms if atom.name == _VIA):
        head, body = symbol.arguments
        if head not in by_head and body in by_head:
            by_head[head] = Said(head, by_head[body].text, by_head[body].rule)
            found.append(by_head[head])
    return found


def _ground(files: Sequence[RuleFile], rules: Sequence[Rule], facts: Iterable[Symbol], more: str,
            options: Sequence[str], observer: clingo.Observer | None = None) -> clingo.Control:
    messages = Messages(files)
    control = clingo.Control(list(options), messages.log, 1000)
    if observer is not None:
        control.register_observer(observer)
    for file in files:
        messages.add(control, file.text)
    messages.add(control, _voices(rules) + _vias(rules))
    messages.add(control, more)
    with control.backend() as backend:
        for symbol in facts:
            backend.add_rule([backend.add_atom(symbol)])
    messages.ground(control, Calendar())
    return control


def evidence_sentences(
    policy: Policy,
    terminology: Terminology,
    case: Case,
    decided_on: dt.date | None,
    readings: Mapping[str, Symbol],
) -> list[Said]:
    """Return what the evidence rules say of the records of *case* under *readings*."""
    rules = [rule for file in policy.evidence for rule in read_rules(file)]
    facts, codes = case_facts(case, terminology, decided_on)
    facts = sorted(facts)
    facts += reference_facts(codes, terminology)
    facts += [Function("reading", [word(name), value]) for name, value in sorted(readings.items())]
    control = _ground(policy.evidence, rules, facts, "", ())
    with control.solve(yield_=True) as handle:
        model = handle.model()
        atoms = [] if model is None else model.symbols(atoms=True)
    return _said(rules, atoms)


class _Dependencies(clingo.Observer):
    """Which ground atom is derived from which, signs left aside."""

    def __init__(self) -> None:
        self.below: dict[int, set[int]] = {}

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:  # noqa: FBT001 - clingo calls it
        """Take a rule."""
        for atom in head:
            self.below.setdefault(atom, set()).update(map(abs, body))

    def weight_rule(
        self,
        choice: bool,  # noqa: FBT001 - clingo calls it
        head: Sequence[int],
        lower_bound: int,
        body: Sequence[tuple[int, int]],
    ) -> None:
        """Take a rule with a weighed body: an aggregate."""
        self.rule(choice, head, [literal for literal, _ in body])


class Criteria:
    """The criteria over the worlds of one case.

    *asked* are the questions of the case; all others have their usual answer. Readings are
    as chosen, so what another reading would read is not there.
    """

    def __init__(
        self, worlds: Worlds, terminology: Terminology, asked: Answers, beyond: Iterable[Symbol]
    ) -> None:
        policy = worlds.policy
        self.rules = [rule for file in policy.criteria for rule in read_rules(file)]
        self._asked = {q: a for q, a in asked.items() if q.name != "reading"}
        facts = [
            Function("clause", [clause.symbol, word(clause.kind)])
            for clause in policy.identity.clauses
        ]
        facts += [Function("advisable", [word(a)]) for a in sorted(policy.identity.advisories)]
        facts += list(reference_facts((), terminology))
        facts += list(beyond)
        facts += [Function("_asked", [question]) for question in sorted(self._asked)]
        for question, usual in sorted(worlds.usual.items()):
            if question not in self._asked:
                (answer,) = asked.get(question, {usual})
                facts.append(Function("is", [question, answer]))
        self._watch = _Dependencies()
        self._control = _ground(
            policy.criteria,
            self.rules,
            facts,
            "{ is(Q, A) : answer(Q, A) } = 1 :- _asked(Q). #defined _asked/1.",
            ("--enum-mode=cautious", "0"),
            self._watch,
        )
        self._atoms = {atom.literal: atom.symbol for atom in self._control.symbolic_atoms}
        self._literals = {symbol: literal for literal, symbol in self._atoms.items()}
        self._facts = {a.symbol for a in self._control.symbolic_atoms if a.is_fact}

    def questions_of(self, clause: Symbol) -> list[Symbol]:
        """Return the asked questions that the status of *clause* depends on."""
        return self._questions(self.statuses(clause), past=())

    def statuses(self, clause: Symbol) -> list[Symbol]:
        """Return the status atoms of *clause*."""
        found = (s for s in self._literals if s.name == "status" and s.arguments[0] == clause)
        return sorted(found)

    def results(self, recommendation: str) -> list[Symbol]:
        """Return the result atoms with *recommendation*."""
        found = (
            s for s in self._literals if s.name == "result" and s.arguments[0].name == recommendation
        )
        return sorted(found)

    def questions_of_result(self) -> list[Symbol]:
        """Return the asked questions that decide the result without any clause."""
        return self._questions(
            [s for s in self._literals if s.name == "result"], past=("status", "asks", "allows")
        )

    def _questions(self, starts: Iterable[Symbol], past: Sequence[str]) -> list[Symbol]:
        found = {
            symbol.arguments[0]
            for symbol in self._reached(starts, past)
            if symbol.name == "is" and symbol.arguments[0] in self._asked
        }
        return sorted(found)

    def _reached(self, starts: Iterable[Symbol], past: Sequence[str] = ()) -> Iterable[Symbol]:
        queue = deque(self._literals[start] for start in starts)
        seen = set(queue)
        while queue:
            literal = queue.popleft()
            symbol = self._atoms.get(literal)
            if symbol is not None:
                if symbol.name in past:
                    continue
                yield symbol
                if symbol.name == "is":
                    continue
            for below in sorted(self._watch.below.get(literal, ())):
                if below not in seen:
                    seen.add(below)
                    queue.append(below)

    def certain(self) -> list[Said]:
        """Return what the criteria say in every world of the case."""
        assumptions = []
        for question, answers in self._asked.items():
            for symbol, literal in self._literals.items():
                if symbol.name == "is" and symbol.arguments[0] == question:
                    if symbol.arguments[1] not in answers:
                        assumptions.append(-literal)
        shown: list[Symbol] = []
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            for model in handle:
                shown = model.symbols(atoms=True)
        return _said(self.rules, shown)

    def sentences(
        self, starts: Iterable[Symbol], said: Sequence[Said], past: Sequence[str] = ()
    ) -> list[Said]:
        """Return the nearest of what is *said* below *starts*, the policy's own words only."""
        by_head: dict[Symbol, list[Said]] = {}
        for one in said:
            if not one.rule.file.startswith("core/"):
                by_head.setdefault(one.head, []).append(one)
        found: list[Said] = []
        queue = deque(start for start in starts if start in self._literals)
        seen = set(queue)
        while queue:
            symbol = queue.popleft()
            if symbol in by_head:
                found += by_head[symbol]
                continue
            for below in self._reached_below(symbol, past):
                if below not in seen:
                    seen.add(below)
                    queue.append(below)
        return found

    def _reached_below(self, symbol: Symbol, past: Sequence[str]) -> Iterable[Symbol]:
        """Named atoms next below *symbol*; atoms that only clingo names are looked through."""
        queue = deque(self._watch.below.get(self._literals[symbol], ()))
        seen = set(queue)
        while queue:
            literal = queue.popleft()
            named = self._atoms.get(literal)
            if named is not None:
                if named.name not in past and named.name != "is":
                    yield named
                continue
            for below in self._watch.below.get(literal, ()):
                if below not in seen:
                    seen.add(below)
                    queue.append(below)
