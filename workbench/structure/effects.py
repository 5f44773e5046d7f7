"""The criteria in two worlds, with a switch at each rule: what changes if it is left out?

A rule is off in the second world only. Where the two worlds answer alike, whatever differs
between them comes from that rule; where no rule is off, from the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from clingo import Function, Number, Symbol

from explain.rules import Rule, read_rules
from reasoner.criteria import Criteria
from reasoner.engine import Reasoner
from reasoner.program import RuleFile, Statement, statements

__all__ = ["Effects"]

_OFF, _FIRES, _SWITCH, _CHANGED = "switched_off", "fires_here", "switch_at", "changed"
_LOCAL = f"#defined {_SWITCH}/1.\n{_OFF}(K) :- {_SWITCH}(K), is(_, _).\n"
"""Makes a switch something of a world; none is ever off by this rule."""
_BESIDE = f"""
{{ {_OFF}(2, K) : switchable(K) }}.
{_CHANGED} :- result(1, R, N), not result(2, R, N), world(2).
{_CHANGED} :- result(2, R, N), not result(1, R, N), world(2).
{_CHANGED} :- status(1, C, V), not status(2, C, V), world(2).
{_CHANGED} :- blocks(1, C), not blocks(2, C), world(2).
{_CHANGED} :- blocks(2, C), not blocks(1, C), world(2).
{_CHANGED} :- refer(1, X), not refer(2, X), world(2).
{_CHANGED} :- refer(2, X), not refer(1, X), world(2).
{_CHANGED} :- advisory(1, I), not advisory(2, I), world(2).
{_CHANGED} :- advisory(2, I), not advisory(1, I), world(2).
"""


class Effects:
    """A policy of which each rule over worlds can be left out; *rules* are these rules."""

    def __init__(self, reasoner: Reasoner) -> None:
        policy = reasoner.policy
        shared = {file.name for file in policy.evidence}
        self.rules: list[Rule] = []
        files = [
            file if file.name in shared or file.name.startswith("core/") else self._switched(file)
            for file in policy.criteria
        ]
        one, two = policy.worlds
        numbers = "".join(f"switchable({k}).\n" for k in range(len(self.rules)))
        both = RuleFile(two.path, two.name, f"{two.text}\n{numbers}{_BESIDE}")
        self.criteria = Criteria(
            msgspec.structs.replace(
                policy,
                criteria=(*files, RuleFile(Path(), "switches", _LOCAL)),
                worlds=(one, both),
            ),
            reasoner.terminology,
            (),
            worlds=2,
        )
        solving: Any = self.criteria.control.configuration.solve
        solving.enum_mode, solving.models = "auto", 1  # all that is asked is whether there is one
        self._off = [self._literal(_OFF, Number(2), Number(k)) for k in range(len(self.rules))]
        self._on = [-literal for literal in self._off if literal is not None]
        self._changed = self._literal(_CHANGED)

    def _switched(self, file: RuleFile) -> RuleFile:
        found = {rule.line: rule for rule in read_rules(file)}
        out: list[str] = []
        for statement in statements(file.text):
            text = "".join(mark for _, mark in statement.tokens)
            if statement.conditional and statement.head:
                number = len(self.rules)
                self.rules.append(found[statement.line])
                body = _body(statement)
                text = (
                    f"{text.rstrip().removesuffix('.')}, not {_OFF}({number})."
                    f" {_FIRES}({number}) :- {body}."
                )
            out.append(text)
        return RuleFile(file.path, file.name, "".join(out))

    def literal(self, world: int, name: str, *arguments: Symbol) -> int | None:
        """Return the literal of an atom in a world; None where no world has it."""
        return self._literal(name, Number(world), *arguments)

    def _literal(self, name: str, *arguments: Symbol) -> int | None:
        atom = self.criteria.control.symbolic_atoms[Function(name, list(arguments))]
        return None if atom is None else atom.literal

    def fires(self, number: int) -> bool:
        """Whether the rule with this *number* fires in some world."""
        literal = self._literal(_FIRES, Number(1), Number(number))
        return literal is not None and self.possible([literal])

    def matters(self, number: int) -> bool:
        """Whether leaving out the rule changes what some world shows.

        That is its result, the status of a clause, what blocks, what refers, or an advisory.
        """
        off = self._off[number]
        if off is None or self._changed is None:
            return False
        kept = [literal for literal in self._on if literal != -off]
        same = [-literal for literal in self.criteria.differ.values()]
        return self.criteria.possible([*self.criteria.beside, *same, *kept, off, self._changed])

    def reads(self, question: Symbol) -> bool:
        """Whether the answer of *question* alone changes what some world shows."""
        return self._changed is not None and self.beside([question], [self._changed])

    def possible(self, literals: Iterable[int]) -> bool:
        """Whether one world has all of *literals*."""
        return self.criteria.possible([*self.criteria.alone, *self._on, *literals])

    def beside(self, differing: Sequence[Symbol], literals: Iterable[int]) -> bool:
        """Whether two worlds that differ in nothing else have all of *literals*."""
        places = {self.criteria.place[question] for question in differing}
        same = [-x for place, x in self.criteria.differ.items() if place not in places]
        return self.criteria.possible([*self.criteria.beside, *self._on, *same, *literals])


def _body(statement: Statement) -> str:
    marks = [mark for kind, mark in statement.tokens if kind != "comment"]
    return "".join(marks[marks.index(":-") + 1 :]).rstrip().removesuffix(".")
