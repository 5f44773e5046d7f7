"""What the evidence derives of one case, with every rule instance: the lower half of a proof."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import clingo
import msgspec
from clingo import Function, Symbol, SymbolType

from explain.instrument import COUNTED, FIRED, Fired, companions, read, trace
from reasoner.certificate.format import (
    Aggregate,
    Derivations,
    Evidence,
    Instance,
    QuestionState,
    Settlement,
)
from reasoner.days import Calendar
from reasoner.facts import case_facts, record_name, reference_facts, word
from reasoner.messages import Messages
from reasoner.model import Case
from reasoner.policy import Policy
from reasoner.program import RuleFile
from reasoner.terminology import Terminology

__all__ = ["Grounded", "derivations", "ground", "ground_evidence", "settlements", "written"]

_OF_THE_CASE = ("decided_on", "listed", "complete")


class Grounded(msgspec.Struct, frozen=True, eq=False):
    """What the evidence derives of a case: what is stated, its *atoms*, the *fired* rules."""

    stated: tuple[Symbol, ...]
    reference: tuple[Symbol, ...]
    atoms: frozenset[Symbol]
    fired: tuple[Fired, ...]


def ground(
    files: Sequence[RuleFile],
    texts: Iterable[str],
    facts: Iterable[Symbol],
    more: Iterable[str] = (),
) -> list[Symbol]:
    """Ground *texts* (of *files*) and *more* with *facts*; return what holds, sorted.

    The rules are stratified by what they are about, not always by predicate: what grounding
    leaves open, the one answer set decides.

    Raises:
        PolicyError: the rules are broken.
    """
    messages = Messages(files)
    control = clingo.Control([], messages.log, 1000)
    for text in (*texts, "\n".join(more)):
        messages.add(control, text)
    with control.backend() as backend:
        for symbol in facts:
            backend.add_rule([backend.add_atom(symbol)])
    messages.ground(control, Calendar())
    with control.solve(yield_=True) as handle:
        model = handle.model()
        return [] if model is None else sorted(model.symbols(atoms=True))


def derivations(fired: Iterable[Fired]) -> Derivations:
    """Return rule instances by what they derive, as a proof has them."""
    found: dict[Symbol, dict[tuple[str, tuple[Symbol, ...]], Instance]] = {}
    for one in fired:
        rule = one.rule
        bindings = {
            rule.shown(name): str(value)
            for name, value in zip(rule.variables, one.values, strict=True)
        }
        aggregates = tuple(
            _aggregate(place, counting.function, {each.terms for each in tuples})
            for place, (counting, tuples) in enumerate(
                zip(rule.aggregates, one.counted, strict=True)
            )
        )
        instance = Instance(rule.place, bindings, aggregates)
        found.setdefault(one.head, {}).setdefault((rule.place, one.values), instance)
    return {str(head): tuple(found[head].values()) for head in sorted(found)}


def _aggregate(place: int, function: str, tuples: Iterable[tuple[Symbol, ...]]) -> Aggregate:
    """Return what an aggregate counted, and its value as clingo defines it."""
    terms = sorted(tuples)
    weights = [one[0] for one in terms]
    match function:
        case "#count":
            value = str(len(terms))
        case "#min":
            value = str(min(weights, default=clingo.Supremum))
        case "#max":
            value = str(max(weights, default=clingo.Infimum))
        case _:
            numbers = [w.number for w in weights if w.type is SymbolType.Number]
            value = str(sum(n for n in numbers if n > 0 or function == "#sum"))
    return Aggregate(place, value, tuple(",".join(map(str, one)) for one in terms))


def ground_evidence(
    policy: Policy,
    terminology: Terminology,
    case: Case,
    decided_on: dt.date | None,
    readings: Mapping[str, Symbol],
    *,
    only: frozenset[str] | None = None,
) -> Grounded:
    """Return what the evidence derives of *case* under *readings*.

    With *only*, the rules that derive one of these predicates tell how they fired.
    """
    stated, codes = case_facts(case, terminology, decided_on)
    stated.sort()
    reference = sorted(reference_facts(codes, terminology))
    read_as = [Function("reading", [word(name), value]) for name, value in sorted(readings.items())]
    rules = read(policy.evidence)
    everything = ground(
        policy.evidence,
        [file.text for file in policy.evidence],
        [*stated, *reference, *read_as],
        companions(rules, only=only),
    )
    atoms = frozenset(atom for atom in everything if atom.name not in (FIRED, COUNTED))
    return Grounded(tuple(stated), tuple(reference), atoms, tuple(trace(rules, everything, atoms)))


def written(grounded: Grounded) -> Evidence:
    """Return *grounded* as a proof has it."""
    records: dict[str, list[str]] = {}
    for symbol in grounded.stated:
        records.setdefault(_record(symbol), []).append(str(symbol))
    return Evidence(
        records={name: tuple(facts) for name, facts in sorted(records.items())},
        reference=tuple(map(str, grounded.reference)),
        derived=derivations(grounded.fired),
    )


def _record(fact: Symbol) -> str:
    """Return which record of the case states *fact*."""
    first = fact.arguments[0] if fact.arguments else None
    if fact.name in _OF_THE_CASE:
        return "case"
    if fact.name == "birth":
        return "member"
    if first is not None and (first.type is SymbolType.String or first.match("answer", 1)):
        return record_name(first)
    return "request"


def settlements(atoms: Iterable[Symbol]) -> dict[Symbol, Settlement]:
    """Return what the evidence, with these *atoms*, leaves of each question that is asked."""
    by_name: dict[str, dict[Symbol, list[Symbol]]] = {}
    for atom in sorted(atoms):
        if atom.name in ("asked", "candidate", "assumed", "open", "conflict", "answer"):
            question, *answer = atom.arguments
            by_name.setdefault(atom.name, {}).setdefault(question, []).extend(answer)

    def found(name: str, question: Symbol) -> tuple[str, ...]:
        return tuple(map(str, by_name.get(name, {}).get(question, ())))

    settled: dict[Symbol, Settlement] = {}
    for question in by_name.get("asked", {}):
        if question in by_name.get("candidate", {}):
            disputed = question in by_name.get("conflict", {})
            state: QuestionState = "disputed" if disputed else "settled"
            settled[question] = Settlement(state, found("candidate", question))
        elif question in by_name.get("assumed", {}):
            settled[question] = Settlement("assumed", found("assumed", question))
        else:
            settled[question] = Settlement("open", found("answer", question))
    return settled
