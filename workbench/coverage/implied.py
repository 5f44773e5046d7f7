"""Whether a literal of a rule follows from the rest of its body: then it cannot fail alone.

A proof goes two ways. An atom holds where a rule derives it from what is known. And what is
known holds for a reason: if every rule that could have derived it says the same besides, that
is known too. Both are sound for stratified rules, whatever the case; neither is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count

import msgspec
from clingo.ast import AST, ASTType, Sign

from reasoner.check.source import Signature, Statement, descendants, parse
from reasoner.check.term import (
    Bindings,
    Compound,
    Term,
    Variable,
    alternatives,
    bind,
    substitute,
    variables,
)
from reasoner.policy import Policy, declared
from reasoner.program import RuleFile

__all__ = ["Theory", "theory"]

_DEEPEST = 3
_STATED_OF = (
    ("activity", 2, "condition"),
    ("response", 2, "therapy"),
    ("stopped_for", 2, "therapy"),
    ("taken", 2, "therapy"),
    ("ongoing", 2, "therapy"),
    ("result", 2, "observation"),
    ("number", 3, "observation"),
)
"""What is stated of the records of one section only: `reasoner.facts` states nothing else."""
Atoms = tuple[Compound, ...]


class _Clause(msgspec.Struct, frozen=True, eq=False):
    """A rule with one head: the positive atoms of its body, and whether that is all of it."""

    head: Compound
    body: Atoms
    whole: bool


class _Known(msgspec.Struct, frozen=True):
    """What is known: *atoms*; variables that stand for anything are *free*.

    *depth* more steps are tried; those of the atoms that are *done* were asked how they came.
    """

    atoms: Atoms
    free: frozenset[str]
    depth: int
    done: frozenset[Compound] = frozenset()


class Theory:
    """The rules of a program, with what only the case or the tables state as *given*."""

    def __init__(self, policy: Policy) -> None:
        self._rules: dict[Signature, list[_Clause]] = {}
        given = {"reading"}
        for file in policy.evidence:
            given |= declared(file.text)
            for statement in parse(file).statements:
                for head in statement.heads:
                    plain = tuple(a.term for a in statement.body if a.plain)
                    whole = len(plain) == len(getattr(statement.node, "body", ()))
                    clause = _Clause(head.term, plain, whole)
                    self._rules.setdefault(_signature(head.term), []).append(clause)
        for name, arity, section in _STATED_OF:
            given.discard(name)
            arguments = (Variable("R"), *(Variable(f"X{n}") for n in range(1, arity)))
            clause = _Clause(
                Compound(name, arguments), (Compound(section, (Variable("R"),)),), whole=False
            )
            self._rules.setdefault((name, arity), []).append(clause)
        self._given = given
        self._fresh = count()

    def follows(self, goal: Compound, known: Iterable[Compound], fixed: Iterable[str] = ()) -> bool:
        """Whether *goal* holds wherever all of *known* do.

        Variables of it that are neither in *known* nor *fixed* stand for anything.
        """
        facts = tuple(known)
        free = variables(goal) - _all(facts) - frozenset(fixed)
        return self._proved(goal, _Known(facts, free, _DEEPEST))

    def implied(self, file: RuleFile) -> dict[str, frozenset[int]]:
        """Return which literals follow from the rest of their rules, by the rules' places."""
        return {
            _place(file.name, statement.node): frozenset(self._implied(statement))
            for statement in parse(file).statements
            if statement.node.ast_type is ASTType.Rule
        }

    def _implied(self, statement: Statement) -> Iterator[int]:
        literals = list(statement.node.body)
        terms = [_atom(literal) for literal in literals]
        for number, goal in enumerate(terms):
            if goal is None:
                continue
            others = [node for place, node in enumerate(literals) if place != number]
            known = [one for place, one in enumerate(terms) if one and place != number]
            names = {
                one.name
                for node in (statement.node.head, *others)
                for one in descendants(node)
                if one.ast_type is ASTType.Variable
            }
            if known and self.follows(goal, known, names):
                yield number

    def _proved(self, goal: Compound, known: _Known) -> bool:
        if any(_matches(goal, one, known.free) for one in known.atoms):
            return True
        if not known.depth:
            return False
        return self._derived(goal, known) or self._explained(goal, known)

    def _derived(self, goal: Compound, known: _Known) -> bool:
        """Whether a rule derives *goal* from what is known."""
        for rule in self._rules.get(_signature(goal), ()):
            clause = self._apart(rule)
            bindings: Bindings = {}
            if not clause.whole or not _match(clause.head, goal, bindings):
                continue
            body = [_put(one, bindings) for one in clause.body]
            own = [variables(one) - _all(known.atoms) for one in body]
            shared = [name for names in own for name in names]
            if len(shared) != len(set(shared)):
                continue  # one value for two atoms: not looked for
            if all(
                self._proved(one, _Known(known.atoms, names | known.free, known.depth - 1))
                for one, names in zip(body, own, strict=True)
            ):
                return True
        return False

    def _explained(self, goal: Compound, known: _Known) -> bool:
        """Whether some known atom, however it came about, makes *goal* hold."""
        for one in known.atoms:
            if one in known.done or one.name in self._given:
                continue
            clauses = self._rules.get(_signature(one), ())
            if clauses and all(self._holds_with(clause, one, goal, known) for clause in clauses):
                return True
        return False

    def _holds_with(self, clause: _Clause, one: Compound, goal: Compound, known: _Known) -> bool:
        """Whether *goal* holds where *one* came about by *clause*."""
        clause = self._apart(clause)
        bindings: Bindings = {}
        if not bind(clause.head, one, bindings):
            return True  # not by this rule
        if not clause.body:
            return False
        more = tuple(_put(atom, bindings) for atom in (*known.atoms, *clause.body))
        seen = frozenset(_put(atom, bindings) for atom in (*known.done, one))
        return self._proved(_put(goal, bindings), _Known(more, known.free, known.depth - 1, seen))

    def _apart(self, clause: _Clause) -> _Clause:
        number = next(self._fresh)
        names = variables(clause.head).union(*(variables(one) for one in clause.body))
        new: Bindings = {Variable(name): Variable(f"{name}~{number}") for name in names}
        return _Clause(
            _put(clause.head, new), tuple(_put(one, new) for one in clause.body), clause.whole
        )


def _place(file: str, node: AST) -> str:
    begin = node.location.begin
    return f"{file}:{begin.line}" + (f":{begin.column}" if begin.column > 1 else "")


def _atom(literal: AST) -> Compound | None:
    """Return the atom of a positive literal, if it is one atom."""
    if literal.ast_type is not ASTType.Literal or literal.sign != Sign.NoSign:
        return None
    if literal.atom.ast_type is not ASTType.SymbolicAtom:
        return None
    found = alternatives(literal.atom.symbol)
    return found[0] if len(found) == 1 and isinstance(found[0], Compound) else None


def _put(atom: Compound, bindings: Bindings) -> Compound:
    return Compound(atom.name, tuple(substitute(term, bindings) for term in atom.arguments))


def _all(atoms: Sequence[Compound]) -> frozenset[str]:
    return frozenset().union(*(variables(one) for one in atoms))


def _signature(atom: Compound) -> Signature:
    return atom.name, len(atom.arguments)


def _matches(goal: Compound, known: Compound, free: frozenset[str]) -> bool:
    return _signature(goal) == _signature(known) and _equal(
        goal.arguments, known.arguments, free, {}
    )


def _equal(
    left: Sequence[Term], right: Sequence[Term], free: frozenset[str], found: Bindings
) -> bool:
    for one, other in zip(left, right, strict=True):
        match one, other:
            case Variable(name), _ if name in free:
                if found.setdefault(Variable(name), other) != other:
                    return False
            case Compound(name, inner), Compound(same, there):
                if name != same or len(inner) != len(there):
                    return False
                if not _equal(inner, there, free, found):
                    return False
            case _ if one != other or (variables(one) and not isinstance(one, Variable)):
                return False
    return True


def _match(head: Compound, goal: Compound, bindings: Bindings) -> bool:
    """Extend *bindings* of the rule's own variables so that *head* is *goal*."""
    own = frozenset(variables(head))
    return _equal(head.arguments, goal.arguments, own, bindings)


@lru_cache(maxsize=4)
def theory(policy: Policy) -> Theory:
    """Return the evidence rules of *policy*, ready for proofs."""
    return Theory(policy)
