"""What the questions and readings of a policy declare, as ground atoms with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clingo import MessageCode, Symbol

from reasoner.check.grounding import ground
from reasoner.check.program import Programs
from reasoner.check.source import Source
from reasoner.check.term import Compound, Term, of_symbol, unify
from reasoner.facts import reference_facts
from reasoner.terminology import Terminology

__all__ = ["Declarations", "declarations"]

Row = tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Declarations:
    """The atoms of the shared files that some choice of readings makes true.

    *named* are the questions, by name, that rules ask or support.
    """

    sources: tuple[Source, ...]
    atoms: dict[tuple[str, int], list[Row]]
    named: frozenset[str] = frozenset()

    def rows(self, name: str, arity: int) -> list[Row]:
        """Return the arguments of every atom of a predicate."""
        return self.atoms.get((name, arity), [])

    @cached_property
    def questions(self) -> list[Term]:
        """The questions that may be asked."""
        return [question for (question,) in self.rows("question", 1)]

    @cached_property
    def known(self) -> frozenset[Term]:
        """The same, for looking one up."""
        return frozenset(self.questions)

    @cached_property
    def answers(self) -> dict[Term, list[Term]]:
        """The answers of each question."""
        found: dict[Term, list[Term]] = {question: [] for question in self.questions}
        for question, answer in self.rows("answer", 2):
            found.setdefault(question, []).append(answer)
        return found

    @cached_property
    def counted(self) -> frozenset[Term]:
        """The questions that any whole number answers."""
        return frozenset(question for (question,) in self.rows("whole_number", 1))

    @cached_property
    def readings(self) -> dict[str, list[Term]]:
        """The values of each reading."""
        found: dict[str, list[Term]] = {}
        for identifier, value in self.rows("interpretation", 2):
            if isinstance(identifier, Compound):
                found.setdefault(identifier.name, []).append(value)
        return found

    @cached_property
    def forgotten(self) -> list[str]:
        """The questions that no rule asks and no record supports: perhaps renamed here only."""
        names = {question.name for question in self.questions if isinstance(question, Compound)}
        return sorted(names - self.named - {"reading"})

    def place(self, name: str, row: Row) -> str:
        """Return where a rule derives *row* for the predicate *name*."""
        return next(self._places(name, row), self.sources[-1].name)

    def _places(self, name: str, row: Row) -> Iterator[str]:
        heads = [
            head
            for source in self.sources
            for statement in source.statements
            for head in statement.resolved[0]
            if head.term.name == name and unify(head.term.arguments, row)
        ]
        yield from (head.where for head in heads if head.term.arguments == row)
        yield from (head.where for head in heads)


def declarations(programs: Programs, terminology: Terminology) -> Declarations | None:
    """Ground the files that both programs share; nothing if clingo refuses them."""
    messages: list[tuple[MessageCode, str]] = []
    facts = list(reference_facts((), terminology))
    control = ground(programs.shared, facts, messages)
    if control is None:
        return None
    atoms: dict[tuple[str, int], list[Row]] = {}
    symbols: list[Symbol] = sorted(atom.symbol for atom in control.symbolic_atoms)
    for symbol in symbols:
        row = tuple(of_symbol(argument) for argument in symbol.arguments)
        atoms.setdefault((symbol.name, len(row)), []).append(row)
    own = tuple(s for s in programs.shared if s in programs.own)
    return Declarations(own, atoms, _named(programs))


def _named(programs: Programs) -> frozenset[str]:
    return frozenset(
        getattr(atom.term.arguments[0], "name", "")
        for source in programs.own
        for statement in source.statements
        for atom in (*statement.resolved[0], *statement.resolved[1])
        if atom.signature in (("is", 2), ("supports", 3))
    )
