"""What the evidence derives of one case, with every rule instance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import clingo
import msgspec
from clingo import Function, Symbol, SymbolType

from explain.instrument import (
    COUNTED,
    FIRED,
    Fired,
    TracedRule,
    by_head,
    companions,
    read,
    trace,
)
from reasoner.answer_set import AnswerSet
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

__all__ = [
    "Ground",
    "Grounded",
    "derivations",
    "ground_evidence",
    "record_of",
    "settlements",
    "shared_facts",
    "written",
]

_OF_THE_CASE = ("decided_on", "listed", "complete")


class Grounded(msgspec.Struct, frozen=True, eq=False):
    """What the evidence derives of a case: what is stated, and the rules that *fired*."""

    stated: tuple[Symbol, ...]
    reference: tuple[Symbol, ...]
    ground: Ground
    fired: tuple[Fired, ...]

    @property
    def atoms(self) -> list[Symbol]:
        """Everything that holds."""
        return [a for a in self.ground.atoms() if a.name not in (FIRED, COUNTED)]


class Ground:
    """A program that was grounded, and the one answer set that decides what grounding left open.

    The rules are stratified by what they are about, not always by predicate.
    """

    def __init__(
        self,
        files: Sequence[RuleFile],
        texts: Sequence[str],
        facts: Iterable[Symbol],
        companions: Iterable[str],
        *,
        stratified: bool = False,
    ) -> None:
        """Ground *texts* (of *files*) and their *companions* with *facts*.

        *stratified* says that they are so by predicate: grounding then decides everything.
        Without *texts*, the companions look at nothing but the facts.

        Raises:
            PolicyError: the rules are broken.
        """
        messages = Messages(files)
        # A predicate of which nothing is known is as false as any other: it was refused before,
        # or is a draft's.
        self._control = clingo.Control(["--warn=no-atom-undefined"], messages.log, 1000)
        for text in (*texts, "\n".join(companions)):
            messages.add(self._control, text)
        with self._control.backend() as backend:
            for symbol in facts:
                backend.add_rule([backend.add_atom(symbol)])
        messages.ground(self._control, Calendar())
        symbolic = () if stratified else self._control.symbolic_atoms
        open_ = [(atom.literal, atom.symbol) for atom in symbolic if not atom.is_fact]
        # A rule names it and no instance derives it: to the solver, 0 is true.
        false = {symbol for literal, symbol in open_ if not literal}
        if len(open_) > len(false):
            with self._control.solve(yield_=True) as handle:
                model = handle.model()
                false |= {s for literal, s in open_ if not (model and model.is_true(literal))}
        self._false = frozenset(false)

    @property
    def signatures(self) -> list[tuple[str, int]]:
        """The predicates that the program has atoms of."""
        return [(name, arity) for name, arity, _ in self._control.symbolic_atoms.signatures]

    def atoms(self, name: str | None = None, *arities: int) -> list[Symbol]:
        """Return what holds, of the predicate *name* with one of these *arities* or at all."""
        symbolic = self._control.symbolic_atoms
        found = (
            [atom.symbol for atom in symbolic]
            if name is None
            else [atom.symbol for n in arities for atom in symbolic.by_signature(name, n)]
        )
        return [atom for atom in found if atom not in self._false] if self._false else found

    def __contains__(self, atom: object) -> bool:
        return (
            isinstance(atom, Symbol)
            and atom in self._control.symbolic_atoms
            and atom not in self._false
        )


def derivations(fired: Iterable[Fired]) -> Derivations:
    """Return rule instances by what they derive, as a proof has them."""
    heads = by_head(fired)
    return {str(head): _instances(heads[head]) for head in sorted(heads)}


def _instances(fired: Iterable[Fired]) -> tuple[Instance, ...]:
    found: dict[tuple[str, tuple[Symbol, ...]], Instance] = {}
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
        found.setdefault((rule.place, one.values), Instance(rule.place, bindings, aggregates))
    return tuple(found.values())


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
    whole: AnswerSet | None = None,
) -> Grounded:
    """Return what the evidence derives of *case* under *readings*.

    With *only*, the rules that derive one of these predicates tell how they fired, and what
    they do not look at may be left out. With *whole*, what deciding the case has derived, no
    rule is grounded again for its own sake.
    """
    stated, codes = case_facts(case, terminology, decided_on)
    stated.sort()
    reference = sorted(reference_facts(codes, terminology))
    read_as = [Function("reading", [word(name), value]) for name, value in sorted(readings.items())]
    rules = read(policy.evidence)
    present = None if whole is None else whole.predicates

    def wanted(rule: TracedRule) -> bool:
        fits = only is None or rule.name in only
        return fits and (present is None or rule.needs <= present)

    told = companions(rules, wanted=wanted)
    if whole is not None:
        words = (rule.words for rule in rules if wanted(rule))
        seen = None if only is None else frozenset[str]().union(*words)
        ground = Ground(policy.evidence, [], whole.atoms(seen), told, stratified=True)
    else:
        texts = [file.text for file in policy.evidence]
        ground = Ground(policy.evidence, texts, [*stated, *reference, *read_as], told)
    fired, counted = ground.atoms(FIRED, 5), ground.atoms(COUNTED, 5)
    traced = tuple(trace(rules, fired, counted, ground))
    return Grounded(tuple(stated), tuple(reference), ground, traced)


def shared_facts(
    policy: Policy, terminology: Terminology, readings: Mapping[str, Symbol]
) -> list[Symbol]:
    """Return what the evidence rules say without any case: questions, presumptions, texts."""
    facts = [Function("reading", [word(name), value]) for name, value in sorted(readings.items())]
    facts += reference_facts((), terminology)
    ground = Ground(policy.evidence, [file.text for file in policy.evidence], facts, ())
    return sorted(ground.atoms())


def written(grounded: Grounded) -> Evidence:
    """Return *grounded* as a proof has it."""
    records: dict[str, list[str]] = {}
    for symbol in grounded.stated:
        records.setdefault(record_of(symbol), []).append(str(symbol))
    return Evidence(
        records={name: tuple(facts) for name, facts in sorted(records.items())},
        reference=tuple(map(str, grounded.reference)),
        derived=derivations(grounded.fired),
    )


def record_of(fact: Symbol) -> str:
    """Return which record of the case states *fact*."""
    first = fact.arguments[0] if fact.arguments else None
    if fact.name in _OF_THE_CASE:
        return "case"
    if fact.name == "birth":
        return "member"
    if first is not None and (first.type is SymbolType.String or first.match("answer", 1)):
        return record_name(first)
    return "request"


def settlements(ground: Ground) -> dict[Symbol, Settlement]:
    """Return what the evidence leaves of each question that is asked."""
    candidates, assumed, known = (
        _answers(ground, name) for name in ("candidate", "assumed", "answer")
    )
    settled: dict[Symbol, Settlement] = {}
    for atom in sorted(ground.atoms("asked", 1)):
        (question,) = atom.arguments
        if question in candidates:
            disputed = Function("conflict", [question]) in ground
            state: QuestionState = "disputed" if disputed else "settled"
            settled[question] = Settlement(state, candidates[question])
        elif question in assumed:
            settled[question] = Settlement("assumed", assumed[question])
        else:
            settled[question] = Settlement("open", known[question])
    return settled


def _answers(ground: Ground, name: str) -> dict[Symbol, tuple[str, ...]]:
    found: dict[Symbol, list[Symbol]] = {}
    for atom in sorted(ground.atoms(name, 2)):
        question, answer = atom.arguments
        found.setdefault(question, []).append(answer)
    return {question: tuple(map(str, answers)) for question, answers in found.items()}
