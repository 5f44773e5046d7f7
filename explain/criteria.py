"""The criteria over the worlds of one case: what a clause reads, and what holds in all worlds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import clingo
from clingo import Function, Symbol

from explain.rules import read_rules
from explain.trace import Said, ground, said
from reasoner.facts import reference_facts, word
from reasoner.terminology import Terminology
from reasoner.worlds import Answers, Worlds

__all__ = ["Criteria"]


class _Dependencies(clingo.Observer):
    """Which ground atom is derived from which, signs left aside."""

    def __init__(self) -> None:
        self.below: dict[int, set[int]] = {}

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:  # noqa: ARG002, FBT001 - clingo calls it so
        """Take a rule."""
        self._add(head, body)

    def weight_rule(
        self,
        choice: bool,  # noqa: ARG002, FBT001 - clingo calls it so
        head: Sequence[int],
        lower_bound: int,  # noqa: ARG002 - the same
        body: Sequence[tuple[int, int]],
    ) -> None:
        """Take a rule with a weighed body: an aggregate."""
        self._add(head, (literal for literal, _ in body))

    def _add(self, head: Sequence[int], body: Iterable[int]) -> None:
        below = set(map(abs, body))
        for atom in head:
            self.below.setdefault(atom, set()).update(below)


class Criteria:
    """The criteria over the worlds of one case.

    *asked* are the questions of the case; all others have their usual answer. Readings are
    as chosen, so what another reading would read is not there.
    """

    def __init__(
        self, worlds: Worlds, terminology: Terminology, asked: Answers, beyond: Iterable[Symbol]
    ) -> None:
        policy = worlds.policy
        self._terminology = terminology
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
        self._control = ground(
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

    def carrying(self, heads: Iterable[Symbol]) -> set[Symbol]:
        """Return the questions by whose possible answers the *heads* are derived."""
        return {
            symbol.arguments[0]
            for symbol in self._reached(heads)
            if symbol.name == "is"
            and symbol.arguments[1] in self._asked.get(symbol.arguments[0], ())
        }

    def statuses(self, clause: Symbol) -> list[Symbol]:
        """Return the status atoms of *clause*."""
        found = (s for s in self._literals if s.name == "status" and s.arguments[0] == clause)
        return sorted(found)

    def results(self, recommendation: str) -> list[Symbol]:
        """Return the result atoms with *recommendation*."""
        found = (
            s
            for s in self._literals
            if s.name == "result" and s.arguments[0].name == recommendation
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
        assumptions = [
            -literal
            for symbol, literal in self._literals.items()
            if symbol.name == "is"
            and symbol.arguments[0] in self._asked
            and symbol.arguments[1] not in self._asked[symbol.arguments[0]]
        ]
        shown: list[Symbol] = []
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            for model in handle:
                shown = model.symbols(atoms=True)
        return said(self.rules, shown, self._terminology)

    def sentences(
        self, starts: Iterable[Symbol], spoken: Sequence[Said], past: Sequence[str] = ()
    ) -> list[Said]:
        """Return the nearest of what is *spoken* below *starts*, the policy's own words only."""
        by_head: dict[Symbol, list[Said]] = {}
        for one in spoken:
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
