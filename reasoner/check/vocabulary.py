"""The predicates and words that rules use: somebody knows them, and somebody reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, get_args

from clingo import SymbolType
from clingo.ast import AST, ASTType

from reasoner.check.documentation import promised
from reasoner.check.finding import Finding, error
from reasoner.check.program import PROPERTY, Program, Programs
from reasoner.check.source import Atom, Signature, Source, children, place, remembered, shown
from reasoner.check.split import crossing
from reasoner.check.term import Compound, Term, Value, of_symbol, unify, written
from reasoner.errors import nearest
from reasoner.facts import reference_facts
from reasoner.model import Activity, Response, Result, Section, Status, StoppedFor, Unit
from reasoner.terminology import Terminology

__all__ = ["READ_BY_PROGRAM", "check", "read_by_worlds"]

_MOST_NAMED: Final = 8
"""So many values of a property are named."""
READ_BY_PROGRAM: Final[dict[str, frozenset[Signature]]] = {
    "evidence": frozenset(
        {
            ("candidate", 2),
            ("assumed", 2),
            ("open", 1),
            ("conflict", 1),
            ("backs", 3),
            ("doubt", 2),
            ("stray", 3),
            ("flaw", 2),
            ("undocumented", 1),
            ("unused", 3),
            ("behind", 2),
            ("advisory", 2),
        }
    ),
    "proof": frozenset({("outweighed", 2)}),  # said of an answer, and decides nothing
    "criteria": frozenset(
        {
            ("question", 1),
            ("answer", 2),
            ("whole_number", 1),
            ("presumed", 2),
            ("otherwise", 2),
            ("family", 2),
            ("weight", 3),
            ("text", 2),
            ("more", 3),
            ("words", 2),
            ("can", 2),
            ("interpretation", 2),
            ("default", 2),
            ("about", 2),
            ("issue", 2),
            ("reason", 2),
        }
    ),
}
"""What `reasoner.evidence`, `reasoner.worlds` and the command line take out of each program."""

_FEW: Final = 12
"""So many words are listed in a hint."""
_YES_NO: Final = frozenset({"yes", "no"})
_WORDS: Final[dict[Signature, dict[int, frozenset[str]]]] = {
    ("status", 2): {1: frozenset(get_args(Status))},
    ("activity", 2): {1: frozenset(get_args(Activity))},
    ("response", 2): {1: frozenset(get_args(Response))},
    ("stopped_for", 2): {1: frozenset(get_args(StoppedFor))},
    ("result", 2): {1: frozenset(get_args(Result))},
    ("taken", 2): {1: _YES_NO},
    ("ongoing", 2): {1: _YES_NO},
    ("documented", 2): {1: _YES_NO},
    ("listed", 1): {0: frozenset(get_args(Section))},
    ("complete", 1): {0: frozenset(get_args(Section))},
    ("date", 4): {1: frozenset({"start", "end", "onset", "recorded", "date"})},
    ("amount", 4): {
        1: frozenset({"quantity", "billed_units"}),
        3: frozenset(unit.lower() for unit in get_args(Unit)),
    },
    ("dosed", 4): {3: frozenset(unit.lower() for unit in get_args(Unit))},
}


def check(programs: Programs, terminology: Terminology) -> Iterator[Finding]:
    """Yield every predicate and word that is not what it should be."""
    asked = list(programs.both)
    if programs.properties is not None:
        sources = (*programs.criteria.sources, programs.properties)
        asked.append(Program("properties", sources, programs.criteria.provided))
    for program in asked:
        for source in program.sources:
            for statement in source.statements:
                for written_as, atom in zip(statement.body, statement.resolved[1], strict=True):
                    if not crossing(programs, source, written_as.signature):
                        yield from _body(program, source, atom)
            yield from _functions(program, source)
    yield from _words(programs, terminology)
    yield from _unread(programs)


# -- bodies -----------------------------------------------------------------------------------


def _body(program: Program, source: Source, atom: Atom) -> Iterator[Finding]:
    signature = atom.signature
    if signature not in program.known:
        yield _unknown(program, atom)
    elif source.of_library and signature in source.declared:
        pass  # the library asks of several policies what each may say in part
    elif signature in program.heads and signature not in program.provided:
        heads = program.heads[signature]
        if not any(unify(head.term.arguments, atom.term.arguments) for head in heads):
            known = sorted({written(head.term) for head in heads})
            yield error(
                "vocabulary.never",
                f"no rule derives `{written(atom.term)}`",
                atom.where,
                nearest(written(atom.term), known) or f"rules derive {', '.join(known[:6])}",
            )


def _unknown(program: Program, atom: Atom) -> Finding:
    name, count = atom.signature
    counts = sorted(arity for known, arity in program.known if known == name)
    if counts:
        wanted = " or ".join(map(str, counts))
        return error(
            "vocabulary.arity",
            f"`{name}` takes {wanted} argument{'' if counts == [1] else 's'}, found {count}",
            atom.where,
            f"write {' or '.join(f'`{name}/{arity}`' for arity in counts)}",
        )
    known = sorted(map(shown, program.known))
    return error(
        "vocabulary.undefined",
        f"nothing defines `{shown(atom.signature)}`",
        atom.where,
        nearest(shown(atom.signature), known)
        or "write a rule for it, or declare it with `#defined` if it may be absent",
    )


# -- heads ------------------------------------------------------------------------------------


def read_by_worlds(programs: Programs) -> frozenset[Signature]:
    """Return what the queries over worlds read, without the world that is added to each atom."""
    return frozenset(
        (atom.signature[0], atom.signature[1] - less)
        for source in programs.worlds
        for statement in source.statements
        for atom in statement.body
        for less in (0, 1)
    )


def _unread(programs: Programs) -> Iterator[Finding]:
    worlds = read_by_worlds(programs)
    more = programs.properties.statements if programs.properties else ()
    read = {
        "evidence": READ_BY_PROGRAM["evidence"]
        | READ_BY_PROGRAM["proof"]
        | set(programs.evidence.read),
        "criteria": READ_BY_PROGRAM["criteria"]
        | set(programs.criteria.read)
        | worlds
        | {atom.signature for statement in more for atom in statement.body},
    }
    known = programs.evidence.known | programs.criteria.known | outputs()
    for source in dict.fromkeys((*programs.own, *programs.evidence.sources)):
        if source is programs.properties:
            continue
        # What is shared gives others what its header lists, whether this policy reads it or not.
        given = frozenset() if source in programs.own else promised(source, "Defines")
        if source in programs.shared:
            readers = read["evidence"] | read["criteria"]
        else:
            readers = read["evidence" if source in programs.evidence_only else "criteria"]
        for statement in source.statements:
            for head in statement.heads:
                if head.signature not in readers | given:
                    yield error(
                        "vocabulary.unread",
                        f"nobody reads `{shown(head.signature)}`",
                        head.where,
                        _nearest_output(head.signature, readers, known)
                        or "remove the rule, or read what it derives",
                    )


def outputs() -> frozenset[Signature]:
    """Return what Python reads out of either program."""
    return frozenset().union(*READ_BY_PROGRAM.values())


def _nearest_output(
    signature: Signature, readers: AbstractSet[Signature], known: AbstractSet[Signature]
) -> str:
    same = sorted(shown(one) for one in readers & known if one[0] == signature[0])
    if same:
        return f"did you mean `{same[0]}`?"
    near = nearest(shown(signature), sorted(map(shown, readers)))
    name = near.partition("`")[2].partition("`")[0]
    if name in set(map(shown, readers - known)):
        return f"`{name}` is read, and nothing defines it: one of the two is misspelt"
    return near


# -- words ------------------------------------------------------------------------------------


def _words(programs: Programs, terminology: Terminology) -> Iterator[Finding]:
    closed = {**_WORDS, **_reference_words(terminology)}
    for program in programs.both:
        for signature, atoms in program.read.items():
            if signature in program.provided:
                for index, words in closed.get(signature, {}).items():
                    for atom in atoms:
                        yield from _word(atom, index, words)
    properties = [
        tuple(of_symbol(argument) for argument in symbol.arguments)
        for symbol in reference_facts((), terminology)
        if symbol.name == PROPERTY[0]
    ]
    known = sorted({written(name) for _, name, _ in properties})
    for program in programs.both:
        for atom in program.read.get(PROPERTY, ()):
            if not any(unify(fact, atom.term.arguments) for fact in properties):
                yield error(
                    "vocabulary.word",
                    f"the terminology has no `{written(atom.term)}`",
                    atom.where,
                    _property_hint(atom.term.arguments[1:], properties, known),
                )


def _property_hint(
    asked: Sequence[Term], properties: Iterable[Sequence[Term]], known: list[str]
) -> str:
    """Name the nearest property, or where it is known the nearest of its values."""
    name, value = (written(term) for term in asked)
    if name not in known:
        return nearest(name, known) or f"properties are {', '.join(known)}"
    values = sorted({written(fact[2]) for fact in properties if written(fact[1]) == name})
    listed = ", ".join(values[:_MOST_NAMED]) + (", …" if len(values) > _MOST_NAMED else "")
    said = nearest(value, values) or f"`{name}` is {listed}"
    return f"{said}; a new one is a row of terminology/properties.csv"


def _reference_words(terminology: Terminology) -> dict[Signature, dict[int, frozenset[str]]]:
    systems = frozenset({*terminology.aliases.values(), "name"})
    ranges = frozenset({row.concept for row in terminology.ranges} | {"no_range"})
    uses = frozenset(use for row in terminology.table for use in row.labelled_for)
    lists = frozenset(name for row in terminology.table for name in row.lists)
    return {
        ("code", 3): {1: systems},
        ("indication", 3): {1: systems},
        ("means", 3): {0: systems, 2: terminology.concepts},
        ("labelled", 3): {0: systems, 2: uses},
        ("named_in", 3): {0: systems, 2: lists},
        ("in_force", 4): {0: systems},
        ("within_range", 3): {0: systems, 2: ranges},
    }


def _word(atom: Atom, index: int, words: frozenset[str]) -> Iterator[Finding]:
    text = _constant(atom.term.arguments[index])
    if text is not None and text not in words:
        listed = sorted(words)
        yield error(
            "vocabulary.word",
            f"`{text}` is no word that `{shown(atom.signature)}` can have there",
            atom.where,
            nearest(text, listed)
            or (f"one of {', '.join(listed)}" if len(listed) <= _FEW else "see rules/terminology/"),
        )


def _constant(term: Term) -> str | None:
    match term:
        case Compound(name, ()) if name:
            return name
        case Value(symbol) if symbol.type is SymbolType.String:
            return symbol.string
    return None


# -- terms that look like predicates ----------------------------------------------------------


def _functions(program: Program, source: Source) -> Iterator[Finding]:
    names = {name for name, _ in program.known}
    for name, where in _terms(source):
        if name in names:
            yield error(
                "vocabulary.function",
                f"`{name}` is a predicate, and is a term here",
                where,
                "use another word for the term, so that nobody takes it for an atom",
            )


@remembered
def _terms(source: Source) -> tuple[tuple[str, str], ...]:
    """Return the names that stand outside of all parentheses and are no atoms, with places."""
    return tuple(
        (
            term.symbol.name if term.ast_type is ASTType.SymbolicTerm else term.name,
            place(source.name, term),
        )
        for node in source.nodes
        for term in _bare(node)
    )


def _bare(node: AST) -> Iterator[AST]:
    """Yield the named terms that stand outside of all parentheses."""
    match node.ast_type:
        case ASTType.SymbolicAtom | ASTType.Variable | ASTType.Pool:
            return
        case ASTType.SymbolicTerm:
            if node.symbol.type is SymbolType.Function and node.symbol.name:
                yield node
        case ASTType.Function:
            if node.name and not node.external:
                yield node
        case _:
            for child in children(node):
                yield from _bare(child)
