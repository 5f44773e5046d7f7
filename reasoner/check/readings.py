"""Readings: each is complete, is about a clause, and is read by name."""

from __future__ import annotations

from collections.abc import Iterator

from clingo import SymbolType

from reasoner.check.declaration import Declarations
from reasoner.check.documentation import words_read
from reasoner.check.finding import Finding, error, warning
from reasoner.check.program import IS, READING, Programs
from reasoner.check.source import Atom
from reasoner.check.term import Compound, Term, Value, unify, written
from reasoner.errors import nearest

__all__ = ["check"]

_PARTS = ("default", "about", "issue", "reason")


def check(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    """Yield what is wrong with the readings of a policy, and with the rules that read them."""
    read: set[str] = set()
    optional = {source.name: words_read(source) for source in programs.sources if source.of_library}
    for program in programs.both:
        for atom in program.read.get(READING, ()):
            yield from _read(
                declared, atom, optional.get(atom.where.partition(":")[0], frozenset())
            )
    for source in programs.sources:
        for statement in source.statements:
            for atom in statement.resolved[1]:
                identifier = _identifier(atom)
                if isinstance(identifier, Compound):
                    read.add(identifier.name)
                elif identifier is not None:
                    yield error(
                        "reading.unnamed",
                        f"`{written(atom.term)}` reads a reading without naming it",
                        atom.where,
                        "write the id of the reading: a decision names those that it rests on",
                    )
    yield from _parts(programs, declared)
    for name, values in declared.readings.items():
        if name not in read:
            yield error(
                "reading.unread",
                f"no rule reads `{name}`",
                declared.place("interpretation", (Compound(name), values[0])),
                "read it where the words are ambiguous, or remove it",
            )


def _identifier(atom: Atom) -> Term | None:
    """Return the id of the reading that *atom* reads, if it reads one."""
    if atom.signature == READING:
        return atom.term.arguments[0]
    if atom.signature == IS:
        match atom.term.arguments[0]:
            case Compound("reading", (identifier,)):
                return identifier
    return None


def _read(declared: Declarations, atom: Atom, optional: frozenset[str]) -> Iterator[Finding]:
    """Yield the faults of a `reading(Id, Value)`; those of `is/2` are undeclared answers.

    A policy may leave out the *optional* ones: those that the header of a library file reads.
    """
    identifier, value = atom.term.arguments
    if not isinstance(identifier, Compound):
        return
    values = declared.readings.get(identifier.name)
    if values is None and identifier.name in optional:
        return
    if values is None:
        yield error(
            "reading.unknown",
            f"there is no reading `{identifier.name}`",
            atom.where,
            nearest(identifier.name, sorted(declared.readings))
            or f"one of {', '.join(sorted(declared.readings))}",
        )
    elif not any(unify([known], [value]) for known in values):
        listed = sorted(map(written, values))
        yield error(
            "reading.value",
            f"`{written(value)}` is no answer of `reading({identifier.name})`",
            atom.where,
            nearest(written(value), listed) or f"one of {', '.join(listed)}",
        )


def _parts(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    clauses = [clause.id for clause in programs.policy.identity.clauses]
    known = declared.readings
    for part in _PARTS:
        rows = declared.rows(part, 2)
        given = {getattr(row[0], "name", "") for row in rows}
        for identifier, values in known.items():
            if identifier not in given:
                yield error(
                    "reading.incomplete",
                    f"the reading `{identifier}` has no `{part}`",
                    declared.place("interpretation", (Compound(identifier), values[0])),
                    f"write {part}({identifier}, …).",
                )
        for row in rows:
            name = getattr(row[0], "name", "")
            if name not in known:
                yield error(
                    "reading.unknown",
                    f"there is no reading `{written(row[0])}`",
                    declared.place(part, row),
                    nearest(written(row[0]), sorted(known))
                    or f"write interpretation({written(row[0])}, …).",
                )
            elif part == "default" and row[1] not in known[name]:
                listed = sorted(map(written, known[name]))
                yield error(
                    "reading.value",
                    f"`{written(row[1])}` is no answer of `reading({name})`",
                    declared.place(part, row),
                    nearest(written(row[1]), listed) or f"one of {', '.join(listed)}",
                )
            elif part == "about" and _text(row[1]) not in clauses:
                yield error(
                    "reading.about",
                    f"the reading `{name}` is about `{_text(row[1])}`, which is no clause",
                    declared.place(part, row),
                    nearest(_text(row[1]), clauses) or f"one of {', '.join(clauses)}",
                )
            elif part in ("issue", "reason") and not _text(row[1]).strip():
                yield error(
                    "reading.incomplete",
                    f"the `{part}` of the reading `{name}` is empty",
                    declared.place(part, row),
                    "say it in one sentence",
                )
    yield from _several_defaults(declared)
    yield from _first(programs, declared)


def _first(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    """Yield every default that does not stand first: it was changed in one place only."""
    written_first: dict[str, Term] = {}
    heads = [h for s in programs.shared for rule in s.statements for h in rule.resolved[0]]
    for head in heads:
        if head.signature == ("interpretation", 2):
            written_first.setdefault(written(head.term.arguments[0]), head.term.arguments[1])
    for row in declared.rows("default", 2):
        name, value = written(row[0]), row[1]
        first = written_first.get(name, value)
        known = declared.readings.get(name, ())
        if value != first and value in known and first in known:
            yield warning(
                "reading.first",
                f"the default of `{name}` is `{written(value)}`, "
                f"and its values begin with `{written(first)}`",
                declared.place("default", row),
                f"put `{written(value)}` first in interpretation({name}, …), and make sure "
                "that `reason` argues for it",
            )


def _several_defaults(declared: Declarations) -> Iterator[Finding]:
    seen: set[str] = set()
    for row in declared.rows("default", 2):
        name = getattr(row[0], "name", "")
        if name in seen:
            yield error(
                "reading.value",
                f"the reading `{name}` has two defaults",
                declared.place("default", row),
                "keep one",
            )
        seen.add(name)


def _text(term: Term) -> str:
    if isinstance(term, Value) and term.symbol.type is SymbolType.String:
        return term.symbol.string
    return written(term)
