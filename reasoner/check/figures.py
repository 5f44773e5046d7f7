"""Numbers in words: what a text says is a number that the rules behind it compare with.

Behind a clause stand its rules and all that they read, through questions down to evidence;
behind a question what supports its answers; behind an advisory what its own rules read. Where
facts with numbers stand there, each number of the text must be one of them: as it is, in years
instead of months or whole instead of in thousandths, as the difference of two facts of one
predicate, or as what one unit of the policy makes (`12 mg`). What a number is *of* (`two of
four`) is no threshold. So a threshold is not moved in the rules alone, nor in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from clingo import SymbolType

from reasoner.check.clauses import DEFINED_BY, Toml
from reasoner.check.declaration import Declarations
from reasoner.check.finding import Finding, warning
from reasoner.check.program import IS, Program, Programs
from reasoner.check.source import Atom, Signature, Statement
from reasoner.check.term import Compound, Term, Value, of_symbol, unify

__all__ = ["check"]

_NAMES: Final = "two three four five six seven eight nine ten eleven twelve"
_WORDS: Final = {word: number for number, word in enumerate(_NAMES.split(), 2)}
_NUMBER: Final = re.compile(
    rf"(?<!\bof )\b(\d+|{'|'.join(_WORDS)})\b(?!\.\d|-\d|\w)\s*(\w*)", re.IGNORECASE
)
_SCALES: Final = (12, 1000)
"""Months of a year; numbers of a case are thousandths."""
_SUPPORTS: Final[Signature] = ("supports", 3)
_DECLARING: Final = frozenset({"answer", "interpretation", "default", "weight", "more", "per_unit"})
"""Answers, and what a unit makes: numbers, and no thresholds."""
_SETTLING: Final = "core/worlds.lp"
"""It reads the support of every question, so that behind it stands everything."""
_Node = tuple[bool, Statement]


def check(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    """Yield every text that names a number with which the rules behind it do not compare."""
    behind = _Behind(programs)
    toml = Toml(programs)
    identity = programs.policy.identity
    units = {unit.casefold(): factor for unit, factor in identity.quantity.factors.items()}
    for clause in identity.clauses:
        roots = behind.defining(of_symbol(clause.symbol), DEFINED_BY[clause.kind])
        where = toml.clause(clause, "text")
        yield from _said(clause.text, behind.facts(roots), units, where, f"clause `{clause.id}`")
    for row in declared.rows("text", 2):
        question, asked = row
        if isinstance(asked, Value) and isinstance(question, Compound):
            facts = behind.facts(behind.supporting(question.name))
            where = declared.place("text", row)
            what = f"question `{question.name}`"
            yield from _said(asked.symbol.string, facts, units, where, what)
    for name, text in identity.advisories.items():
        where = toml.place(rf"\s*{re.escape(name)}\s*=", toml.line(r"\s*\[advisories\]"))
        facts = behind.facts(behind.advising(name), deep=False)
        yield from _said(text, facts, units, where, f"advisory `{name}`")


def _said(
    text: str, facts: dict[str, set[int]], units: dict[str, int], where: str, what: str
) -> Iterator[Finding]:
    known = {number for numbers in facts.values() for number in numbers}
    if not known:
        return
    known |= {number // scale for scale in _SCALES for number in known if number % scale == 0}
    known |= {abs(a - b) for numbers in facts.values() for a in numbers for b in numbers}
    for match in _NUMBER.finditer(text):
        word = match[1].casefold()
        number = _WORDS.get(word) or int(word)
        if number > 1 and number not in known and units.get(match[2].casefold()) != number:
            read = sorted({n for numbers in facts.values() for n in numbers})
            yield warning(
                "text.number",
                f"the text of the {what} says `{match[1]}`, and its rules compare with "
                f"{', '.join(map(str, read))}",
                where,
                "say what the rules say, or set the number in parameters.lp right",
            )


class _Behind:
    """What the rules read, from one to the next, through both programs."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs
        self.read: dict[_Node, list[_Node]] = {}
        self.givers = {
            program.name: _givers(program) for program in (programs.evidence, programs.criteria)
        }

    def defining(self, clause: Term, signatures: Iterable[Signature]) -> list[_Node]:
        """Return the rules of a clause; a limit is all that is asked for and allowed."""
        return [
            (True, rule)
            for signature in signatures
            for head, rule in self.givers["criteria"].get(signature, ())
            if signature[0] in ("asks", "allows") or unify([head.term.arguments[0]], [clause])
        ]

    def supporting(self, question: str) -> list[_Node]:
        """Return the rules that support an answer of a question, by its name."""
        return [
            (False, rule)
            for head, rule in self.givers["evidence"].get(_SUPPORTS, ())
            if getattr(head.term.arguments[0], "name", "") == question
        ]

    def advising(self, name: str) -> list[_Node]:
        """Return the rules of an advisory."""
        return [
            (criteria, rule)
            for criteria, arity in ((True, 1), (False, 2))
            for head, rule in self._of(criteria).get(("advisory", arity), ())
            if head.term.arguments[0] == Compound(name)
        ]

    def facts(self, roots: Iterable[_Node], *, deep: bool = True) -> dict[str, set[int]]:
        """Return the numbers of the policy's own facts behind *roots*, by predicate."""
        found: dict[str, set[int]] = {}
        own = {source.name for source in self.programs.shared}
        queue, seen = list(roots), set[_Node]()
        first = set(queue)
        while queue:
            node = queue.pop()
            _, rule = node
            if node in seen or rule.file == _SETTLING:
                continue
            seen.add(node)
            if rule.file in own and not rule.body:
                for head in rule.heads:
                    if head.term.name not in _DECLARING:
                        found.setdefault(head.term.name, set()).update(_numbers(head))
            if deep or node in first:
                queue += self._reads(node)
        return {name: numbers for name, numbers in found.items() if numbers}

    def _of(self, criteria: bool) -> dict[Signature, list[tuple[Atom, Statement]]]:  # noqa: FBT001
        return self.givers["criteria" if criteria else "evidence"]

    def _reads(self, node: _Node) -> list[_Node]:
        if node not in self.read:
            criteria, rule = node
            self.read[node] = [one for atom in rule.body for one in self._giving(criteria, atom)]
        return self.read[node]

    def _giving(self, criteria: bool, atom: Atom) -> Iterator[_Node]:  # noqa: FBT001
        for head, rule in self._of(criteria).get(atom.signature, ()):
            if unify(head.term.arguments, atom.term.arguments):
                yield criteria, rule
        if criteria and atom.signature == IS:
            for head, rule in self.givers["evidence"].get(_SUPPORTS, ()):
                if unify(head.term.arguments[:1], atom.term.arguments[:1]):
                    yield False, rule


def _givers(program: Program) -> dict[Signature, list[tuple[Atom, Statement]]]:
    found: dict[Signature, list[tuple[Atom, Statement]]] = {}
    for statement in program.statements:
        for head in statement.heads:
            found.setdefault(head.signature, []).append((head, statement))
    return found


def _numbers(atom: Atom) -> set[int]:
    return {
        argument.symbol.number
        for argument in atom.term.arguments
        if isinstance(argument, Value) and argument.symbol.type is SymbolType.Number
    }
