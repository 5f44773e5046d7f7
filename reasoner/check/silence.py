"""Silence as evidence: an answer that is supported because a record says nothing.

What no record says is a presumption, declared in questions.lp, where a decision names it. So
a rule of `supports/3` must rest on what somebody stated. Two derivations do not:

*From nothing*: none of its atoms comes from the case. Every case supports the answer.

*From silence*: its atoms say only *that* something is there (a record, a plan, a day), none
selects by *what* is stated, and a `not` over the records does the rest. Whoever states
nothing then supports the answer.

An atom of the case selects by what is stated if one of its fields is a constant, or a variable
that the rule needs elsewhere. `complete(List)` and an answer given directly say what they say.
A `not` takes away from silence only what can be silent: where everything that it denies is
made of fields that the same rule finds stated (`plan(request, _), not governed`), what is
denied was said otherwise.

All rules are followed to the facts of the case, so a helper predicate hides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeVar

from clingo.ast import ASTType

from reasoner.check.finding import Finding, error
from reasoner.check.program import Programs
from reasoner.check.source import Atom, Signature, Statement, descendants
from reasoner.check.term import Compound, Term, Value, Variable, unify, variables, written

__all__ = ["check"]

Node = TypeVar("Node")
_SUPPORTS: Final[Signature] = ("supports", 3)
_GIVEN: Final = frozenset({("decided_on", 1)})
"""What every case has, whatever anybody states."""
_SAID: Final = frozenset({("complete", 1), ("answered", 3), ("overrules", 2)})
"""What somebody states on purpose, in full."""
_WITHOUT_RECORD: Final = frozenset({("birth", 2)})
"""The facts whose first argument is no record and no number of a day."""


class _Way(NamedTuple):
    """How an atom can be derived: what its derivation rests on."""

    stated: bool
    telling: bool
    silent: bool


_FREE: Final = _Way(stated=False, telling=False, silent=False)


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every rule of the policy that takes silence for an answer."""
    ways = _Ways(programs)
    for source in programs.evidence_only:
        if source.name.startswith("core/"):
            continue
        for statement in source.statements:
            for head in statement.heads:
                if head.signature == _SUPPORTS:
                    yield from _finding(head, ways.of(statement))


def _finding(head: Atom, ways: set[_Way]) -> Iterator[Finding]:
    question, answer = (written(term) for term in head.term.arguments[:2])
    presume = f"write `presumed({question}, {answer}).` in questions.lp"
    if any(not way.stated for way in ways):
        yield error(
            "evidence.nothing",
            f"`{question}` gets the answer `{answer}` though nobody stated anything",
            head.where,
            f"rest it on a record; if it is what silence means, {presume}",
        )
    elif any(way.silent and not way.telling for way in ways):
        yield error(
            "evidence.silence",
            f"`{question}` gets the answer `{answer}` because a record is silent",
            head.where,
            f"rest it on what a record says or on `complete(…)`; if silence means it, {presume}",
        )


class _Rule(NamedTuple):
    """A rule: its positive atoms with the rules that derive them, and what its `not` denies."""

    positive: list[tuple[Atom, list[Statement] | None]]
    denied: list[Signature]
    needed: Counter[str]


class _Ways:
    """The ways in which each rule of the evidence can fire: three least fixed points.

    *rests*: the facts of the case that a predicate can rest on. *found*: the ways of a rule.
    *surely* (a greatest one): the facts that a rule cannot fire without.
    """

    def __init__(self, programs: Programs) -> None:
        self.case = programs.case - _GIVEN
        statements = [s for s in programs.evidence.statements if s.node.ast_type is ASTType.Rule]
        self.givers: dict[Signature, list[tuple[Atom, Statement]]] = {}
        for statement in statements:
            for head in statement.resolved[0]:
                self.givers.setdefault(head.signature, []).append((head, statement))
        self.rules = {statement: self._rule(statement) for statement in statements}
        self.rests = self._rests()
        self.surely = self._surely()
        self.found: dict[Statement, set[_Way]] = {statement: set() for statement in statements}
        _until_stable(self._fire, statements)

    def of(self, statement: Statement) -> set[_Way]:
        """Return the ways in which a rule can fire."""
        return self.found[statement]

    def _rule(self, statement: Statement) -> _Rule:
        body = statement.resolved[1]
        positive = [(atom, self._derive(atom)) for atom in body if atom.plain]
        denied = [atom.signature for atom in body if atom.sign == 1 and not atom.within]
        return _Rule(positive, denied, _needed(statement))

    def _derive(self, atom: Atom) -> list[Statement] | None:
        """Return the rules that can derive *atom*; nothing if it comes from outside."""
        givers = self.givers.get(atom.signature)
        if atom.signature in self.case or givers is None:
            return None
        return [rule for head, rule in givers if unify(head.term.arguments, atom.term.arguments)]

    def _rests(self) -> dict[Signature, frozenset[Signature]]:
        rests: dict[Signature, frozenset[Signature]] = {s: frozenset({s}) for s in self.case}

        def grow(signature: Signature) -> bool:
            known = rests.get(signature, frozenset())
            read = {a.signature for _, s in self.givers[signature] for a in s.body if a.sign == 0}
            rests[signature] = known.union(*(rests.get(one, frozenset()) for one in read))
            return rests[signature] != known

        _until_stable(grow, list(self.givers))
        return rests

    def _surely(self) -> dict[Statement, frozenset[Signature]]:
        surely = dict.fromkeys(self.rules, self.case)

        def shrink(statement: Statement) -> bool:
            known = surely[statement]
            found: set[Signature] = set()
            for atom, givers in self.rules[statement].positive:
                if givers:
                    found |= frozenset.intersection(*(surely[giver] for giver in givers))
                elif atom.signature in self.case:
                    found.add(atom.signature)
            surely[statement] = frozenset(found)
            return surely[statement] != known

        _until_stable(shrink, list(self.rules))
        return surely

    def _fire(self, statement: Statement) -> bool:
        rule = self.rules[statement]
        ways = {_FREE}
        for atom, givers in rule.positive:
            ways = {_both(a, b) for a in ways for b in self._of_atom(atom, givers, rule.needed)}
        stated = self.surely[statement]
        if any(self.rests.get(one, frozenset()) - stated for one in rule.denied):
            ways = {way._replace(silent=True) for way in ways}
        known = len(self.found[statement])
        self.found[statement] |= ways
        return len(self.found[statement]) != known

    def _of_atom(
        self, atom: Atom, givers: list[Statement] | None, needed: Counter[str]
    ) -> set[_Way]:
        if givers is not None:
            return {way for giver in givers for way in self.found[giver]}
        if atom.signature not in self.case:
            return {_FREE}
        telling = atom.signature in _SAID or _selects(atom, needed)
        return {_Way(stated=True, telling=telling, silent=False)}


def _until_stable(step: Callable[[Node], bool], nodes: list[Node]) -> None:
    """Take *step* at all *nodes* again and again, until none of them changes."""
    while sum(map(step, nodes)):
        pass


def _both(one: _Way, other: _Way) -> _Way:
    return _Way(
        stated=one.stated or other.stated,
        telling=one.telling or other.telling,
        silent=one.silent or other.silent,
    )


def _needed(rule: Statement) -> Counter[str]:
    """Count in how many places outside of a `not` a rule needs each of its variables."""
    count: Counter[str] = Counter()
    for atom in rule.resolved[0]:
        count.update(_names(atom))
    for atom in rule.resolved[1]:
        if atom.plain:
            count.update(_names(atom))
    for literal in rule.node.body if rule.node.ast_type is ASTType.Rule else ():
        if literal.ast_type is ASTType.Literal and literal.atom.ast_type is not (
            ASTType.SymbolicAtom
        ):
            nodes = descendants(literal)
            count.update({n.name for n in nodes if n.ast_type is ASTType.Variable})
    return count


def _names(atom: Atom) -> set[str]:
    return set().union(*(variables(argument) for argument in atom.term.arguments))


def _selects(atom: Atom, needed: Counter[str]) -> bool:
    """Whether *atom* holds because of what a field says, not because the field is there."""
    lead = 0 if atom.signature in _WITHOUT_RECORD else 1
    return any(_chosen(argument, needed) for argument in atom.term.arguments[lead:])


def _chosen(argument: Term, needed: Counter[str]) -> bool:
    match argument:
        case Variable(name):
            return needed[name] > 1
        case Value() | Compound():
            return True
    return True
