"""Rules that nothing depends on: from what a result is made of, back to what that reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reasoner.check.finding import Finding, error, warning
from reasoner.check.program import Program, Programs
from reasoner.check.source import Atom, Signature, Statement, shown
from reasoner.check.term import unify, written
from reasoner.check.vocabulary import READ_BY_PROGRAM, read_by_worlds
from reasoner.errors import nearest

__all__ = ["check"]

_PARAMETER: Final[Signature] = ("parameter", 2)
_Place = tuple[str, str]


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every rule of the policy's own files that no result depends on."""
    evidence = _alive(programs.evidence, READ_BY_PROGRAM["evidence"] | READ_BY_PROGRAM["proof"], ())
    more = programs.properties.statements if programs.properties else ()
    outputs = READ_BY_PROGRAM["criteria"] | read_by_worlds(programs)
    criteria = _alive(programs.criteria, outputs, more)
    alive = evidence | criteria
    read = _read(programs)
    for source in programs.own:
        if source is programs.properties:
            continue
        for statement in source.statements:
            for head in statement.resolved[0]:
                if head.signature in read and (head.where, written(head.term)) not in alive:
                    yield _finding(head, read[head.signature])


def _finding(head: Atom, readers: list[Atom]) -> Finding:
    term = written(head.term)
    near = nearest(term, sorted({written(atom.term) for atom in readers}))
    if head.signature == _PARAMETER:
        return warning(
            "parameter.unused",
            f"no rule reads `{term}`",
            head.where,
            near or "read it where it decides, or remove it",
        )
    unmatched = not any(unify(head.term.arguments, a.term.arguments) for a in readers)
    why = "no rule asks for it" if unmatched else "what reads it leads to no result"
    return error(
        "rule.dead",
        f"nothing depends on `{term}`: {why}",
        head.where,
        (near if unmatched else "")
        or f"remove the rule, or read `{shown(head.signature)}` where it should decide",
    )


def _read(programs: Programs) -> dict[Signature, list[Atom]]:
    found: dict[Signature, list[Atom]] = {}
    for program in programs.both:
        for signature, atoms in program.read.items():
            found.setdefault(signature, []).extend(atoms)
    return found


def _alive(
    program: Program, outputs: frozenset[Signature], more: tuple[Statement, ...]
) -> set[_Place]:
    """Return the heads, each alternative of a pool by itself, that lead to an output."""
    heads: dict[Signature, list[tuple[Atom, Statement]]] = {}
    for statement in program.statements:
        for head in statement.resolved[0]:
            heads.setdefault(head.signature, []).append((head, statement))
    alive = {
        (head.where, written(head.term)): statement
        for signature in outputs
        for head, statement in heads.get(signature, ())
    }
    queue = [*alive.values(), *more]
    expanded: set[Statement] = set()
    while queue:
        statement = queue.pop()
        if statement in expanded:
            continue
        expanded.add(statement)
        for atom in statement.resolved[1]:
            for head, giver in heads.get(atom.signature, ()):
                key = (head.where, written(head.term))
                if key not in alive and unify(head.term.arguments, atom.term.arguments):
                    alive[key] = giver
                    queue.append(giver)
    return set(alive)
