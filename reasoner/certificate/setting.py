"""What the criteria are asked in: the questions with their answers, and what no world changes.

What does not depend on a world is worked out from the rules, from the bottom up: a proof
does not list it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clingo import Function, Symbol

from reasoner.certificate.closure import closure
from reasoner.certificate.faults import Faults, shown
from reasoner.certificate.matching import Matcher
from reasoner.certificate.store import Store
from reasoner.certificate.syntax import Rule
from reasoner.certificate.term import Term, TermError, read_term, write_term
from reasoner.errors import PolicyError
from reasoner.facts import reference_facts, word
from reasoner.policy import Policy
from reasoner.terminology import Terminology

__all__ = ["Setting", "check_readings"]


class Setting:
    """The criteria of a policy, ready to be gone through in any context.

    *plain* is what holds in every world; *matchers* are the rules that depend on the world.
    *answers* has every answer of each question, *usual* the one of what nobody named.
    """

    def __init__(
        self,
        policy: Policy,
        rules: Iterable[Rule],
        terminology: Terminology,
        beyond: Iterable[tuple[Term, Term]] = (),
    ) -> None:
        self.world = policy.world_predicates
        self.clauses = {clause.id: _term(clause.symbol) for clause in policy.identity.clauses}
        self.rules = tuple(rules)
        self.plain = Store()
        for symbol in _facts(policy, terminology):
            self.plain.add(_atom(symbol))
        for question, answer in beyond:
            self.plain.add(("answer", question, answer))
        variants = [(rule, one) for rule in self.rules for one in rule.variants]
        nothing: frozenset[str] = frozenset()
        unworldly = tuple(
            Matcher(rule, one, self.plain, nothing)
            for rule, one in variants
            if one.name not in self.world
        )
        closure(unworldly, self.plain)
        self.matchers = tuple(
            Matcher(rule, one, self.plain, self.world)
            for rule, one in variants
            if one.name in self.world
        )
        self.answers: dict[Term, frozenset[Term]] = dict.fromkeys(
            self.plain.column("question", 1), frozenset()
        )
        for question, answer in self.plain.rows("answer", 2):
            if question in self.answers:
                self.answers[question] |= {answer}
        self.usual: dict[Term, Term] = {}
        grouped = self.plain.column("group_of", 2)
        for question, answer in self.plain.rows("otherwise", 2):
            # As in `core/world.lp`: what belongs to no group is not kept at its usual answer.
            if question in grouped and self.usual.setdefault(question, answer) != answer:
                raise PolicyError(
                    "policy.questions",
                    f"the question `{write_term(question)}` has two usual answers",
                    where=policy.id,
                )

    def allowed(
        self, answers: Mapping[Term, frozenset[Term]], readings: Mapping[str, Term]
    ) -> dict[Term, frozenset[Term]]:
        """Return the answers of every question, where those of *answers* have no other."""
        found: dict[Term, frozenset[Term]] = {}
        for question, every in self.answers.items():
            reading = _reading(question)
            if question in answers:
                found[question] = answers[question]
            elif reading in readings:
                found[question] = frozenset({readings[reading]})
            elif question in self.usual:
                found[question] = frozenset({self.usual[question]})
            else:
                found[question] = every
        return found


def check_readings(
    readings: Mapping[str, str], setting: Setting, faults: Faults
) -> dict[str, Term]:
    """Return the interpretation of each reading, which must be one that the policy has.

    Raises:
        Enough: something is wrong.
    """
    known: dict[str, set[str]] = {}
    for identifier, value in setting.plain.rows("interpretation", 2):
        known.setdefault(write_term(identifier), set()).add(write_term(value))
    found: dict[str, Term] = {}
    for name in sorted(known.keys() | readings.keys()):
        where = f"readings {shown(name)}"
        if name not in known:
            faults.add(where, "the policy has no such reading")
        elif name not in readings:
            faults.add(where, "it is not listed")
        elif readings[name] not in known[name]:
            faults.add(where, f"{shown(readings[name])} is no interpretation of it")
        else:
            found[name] = read_term(readings[name])
    faults.stop()
    return found


def _reading(question: Term) -> str:
    """Return the id of the reading that *question* asks for, or nothing."""
    match question:
        case ("reading", (str() as identifier,)):
            return identifier
    return ""


def _facts(policy: Policy, terminology: Terminology) -> Iterable[Symbol]:
    for clause in policy.identity.clauses:
        yield Function("clause", [clause.symbol, word(clause.kind)])
    for advisory in policy.identity.advisories:
        yield Function("advisable", [word(advisory)])
    yield from reference_facts((), terminology)


def _term(symbol: Symbol) -> Term:
    return read_term(str(symbol))


def _atom(symbol: Symbol) -> tuple[object, ...]:
    term = _term(symbol)
    if not isinstance(term, tuple):
        raise TermError
    return term
