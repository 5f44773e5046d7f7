"""What the rules say of one case: the same programs, grounded with a voice for each rule.

A rule with a sentence gets a second copy whose head carries the values of the sentence's
variables. Nothing else changes, so what is derived is what the decision was made from.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

import clingo
import msgspec
from clingo import Function, Symbol

from explain.rules import Rule, literals, read_rules, say, spoken
from reasoner.days import Calendar
from reasoner.facts import case_facts, reference_facts, word
from reasoner.messages import Messages
from reasoner.model import Case
from reasoner.policy import Policy
from reasoner.program import RuleFile
from reasoner.terminology import Terminology

__all__ = ["Said", "evidence_sentences", "ground", "said", "shared_facts"]

_SAID, _VIA = "_said", "_via"
_ATOM = re.compile(r"[a-z]\w*(\(.*\))?")


class Said(msgspec.Struct, frozen=True):
    """What a rule says where it holds: its *head*, and the *values* of its sentence."""

    head: Symbol
    rule: Rule
    values: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The sentence with its values."""
        return say(self.rule.sentence, dict(self.values))


def _voices(rules: Sequence[Rule]) -> str:
    """Return a second copy of every rule with a sentence: `_said(I, Head, (V1, V2)) :- Body`."""
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
    out = [f"#defined {_VIA}/2."]
    for rule in rules:
        if rule.name and rule.body and not rule.sentence and not rule.file.startswith("core/"):
            atoms = [a for a in literals(rule.body) if _ATOM.fullmatch(a) and "_" not in _words(a)]
            out += [f"{_VIA}({rule.head}, {atom}) :- {rule.body}." for atom in atoms]
    return "\n".join(out)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def said(rules: Sequence[Rule], atoms: Iterable[Symbol], terminology: Terminology) -> list[Said]:
    """Return what *rules* say where they hold, told by the voices among *atoms*."""
    atoms = sorted(atoms)
    found = []
    for symbol in (atom for atom in atoms if atom.name == _SAID):
        index, head, values = symbol.arguments
        rule = rules[index.number]
        words = (spoken(value, terminology) for value in values.arguments)
        found.append(Said(head, rule, tuple(zip(rule.variables, words, strict=True))))
    return found + _passed_on(found, [atom.arguments for atom in atoms if atom.name == _VIA])


def _passed_on(found: Sequence[Said], vias: Iterable[Sequence[Symbol]]) -> list[Said]:
    """Return what is said for a voice or a doubt by the nearest sentences about its record."""
    by_head: dict[Symbol, list[Said]] = {}
    for one in found:
        by_head.setdefault(one.head, []).append(one)
    below: dict[Symbol, list[Symbol]] = {}
    for head, body in vias:
        below.setdefault(head, []).append(body)

    def nearest(head: Symbol, record: Symbol, seen: set[Symbol]) -> list[Said]:
        said: list[Said] = []
        for body in below.get(head, ()):
            if body in seen:
                continue
            seen.add(body)
            here = by_head.get(body, ())
            said += [one for one in here if record in body.arguments]
            said += [] if here else nearest(body, record, seen)
        return said

    return [
        Said(head, one.rule, one.values)
        for head in below
        if head.name in ("supports", "doubt") and head not in by_head
        for one in nearest(head, head.arguments[-1], {head})
    ]


def ground(
    files: Sequence[RuleFile],
    rules: Sequence[Rule],
    facts: Iterable[Symbol],
    more: str,
    options: Sequence[str],
    observer: clingo.Observer | None = None,
) -> clingo.Control:
    """Ground *files* with the voices of their *rules*, given *facts* and *more* rules."""
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
    control = ground(policy.evidence, rules, facts, "", ())
    with control.solve(yield_=True) as handle:
        model = handle.model()
        atoms = [] if model is None else model.symbols(atoms=True)
    return said(rules, atoms, terminology)


def shared_facts(
    policy: Policy, terminology: Terminology, readings: Mapping[str, Symbol]
) -> list[Symbol]:
    """Return what the evidence rules say without any case: questions, presumptions, texts."""
    facts = [Function("reading", [word(name), value]) for name, value in sorted(readings.items())]
    facts += reference_facts((), terminology)
    control = ground(policy.evidence, (), facts, "", ())
    return sorted(atom.symbol for atom in control.symbolic_atoms if atom.is_fact)
