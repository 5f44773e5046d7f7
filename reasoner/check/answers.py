"""Questions and answers: whatever a rule asks, supports or presumes is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clingo import SymbolType

from reasoner.check.clauses import Toml
from reasoner.check.declaration import Declarations
from reasoner.check.finding import Finding, error, warning
from reasoner.check.program import Programs
from reasoner.check.source import Atom, Signature
from reasoner.check.term import Compound, Computed, Term, Value, unify, written
from reasoner.errors import nearest

__all__ = ["check"]

_QUESTIONS: Final[dict[Signature, int | None]] = {
    ("is", 2): 1,
    ("supports", 3): 1,
    ("backs", 3): 1,
    ("stray", 3): 1,
    ("candidate", 2): 1,
    ("assumed", 2): 1,
    ("presumed", 2): 1,
    ("otherwise", 2): 1,
    ("weight", 3): 1,
    ("doubt", 2): None,
    ("named", 1): None,
    ("overruled", 2): None,
    ("set_aside", 2): None,
    ("conflict", 1): None,
    ("open", 1): None,
    ("any_record", 1): None,
    ("whole_number", 1): None,
}
"""The predicates whose first argument is a question, with the place of its answer."""


def check(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    """Yield every question and answer that nobody declared."""
    for source in programs.own:
        for statement in source.statements:
            heads, body = statement.resolved
            for atom in heads:
                # A shared fact is looked up when its variables are known, below.
                if source not in programs.shared:
                    yield from _atom(declared, atom)
            for atom in body:
                yield from _atom(declared, atom)
    yield from _shared(programs, declared)
    yield from _texts(declared)
    yield from _quantity(programs, declared)


def _atom(declared: Declarations, atom: Atom) -> Iterator[Finding]:
    if atom.signature in _QUESTIONS:
        position = _QUESTIONS[atom.signature]
        if atom.signature == ("weight", 3) and not _looks_asked(declared, atom):
            return  # a library may weigh other things
        question = atom.term.arguments[0]
        answer = None if position is None else atom.term.arguments[position]
        yield from _pair(declared, question, answer, atom.where)


def _looks_asked(declared: Declarations, atom: Atom) -> bool:
    names = {question.name for question in declared.questions if isinstance(question, Compound)}
    return getattr(atom.term.arguments[0], "name", "") in names


def _pair(
    declared: Declarations, question: Term, answer: Term | None, where: str
) -> Iterator[Finding]:
    matching = (
        [question]
        if question in declared.known
        else [known for known in declared.questions if unify([known], [question])]
    )
    if not matching:
        yield _no_question(declared, question, where)
        return
    if answer is None:
        return
    for known in matching:
        if known in declared.counted and _is_count(answer):
            return
        if any(
            unify([known, value], [question, answer]) for value in declared.answers.get(known, [])
        ):
            return
    values = sorted({written(v) for known in matching for v in declared.answers.get(known, [])})
    reading = getattr(matching[0], "name", "") == "reading"
    yield error(
        "reading.value" if reading else "answer.undeclared",
        f"`{written(answer)}` is no answer of `{written(question)}`",
        where,
        (nearest(written(answer), values) if isinstance(answer, Compound) else "")
        or f"one of {', '.join(values[:8])}",
    )


def _no_question(declared: Declarations, question: Term, where: str) -> Finding:
    match question:
        case Compound("reading", (Compound(identifier, ()),)):
            return error(
                "reading.unknown",
                f"there is no reading `{identifier}`",
                where,
                nearest(identifier, sorted(declared.readings))
                or f"one of {', '.join(sorted(declared.readings))}",
            )
    return error(
        "answer.question",
        f"the policy asks no question `{written(question)}`",
        where,
        nearest(written(question), sorted(map(written, declared.questions)))
        or _renamed(declared)
        or "declare it in questions.lp: question(Q). answer(Q, A).",
    )


def _renamed(declared: Declarations) -> str:
    if len(declared.forgotten) != 1:
        return ""
    return f"no rule names the question `{declared.forgotten[0]}`: if that is its new name, use it"


def _is_count(answer: Term) -> bool:
    match answer:
        case Value(symbol):
            return symbol.type is SymbolType.Number and symbol.number >= 1
        case Computed(_, numeric):
            return numeric
        case Compound():
            return False
    return True


def _shared(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    """Yield what the shared files say of undeclared questions, ground as they are."""
    for signature, position in _QUESTIONS.items():
        name, arity = signature
        if signature not in programs.criteria.heads:
            continue
        for row in declared.rows(name, arity):
            answer = None if position is None else row[position]
            yield from _pair(declared, row[0], answer, declared.place(name, row))
    for question, answer in declared.rows("answer", 2):
        if question not in declared.questions:
            yield _no_question(declared, question, declared.place("answer", (question, answer)))
    for question in declared.questions:
        if not declared.answers[question]:
            yield error(
                "answer.none",
                f"`{written(question)}` has no answer, so there is no world",
                declared.place("question", (question,)),
                "declare its answers: answer(Q, A).",
            )


def _texts(declared: Declarations) -> Iterator[Finding]:
    names = {q.name: q for q in declared.questions if isinstance(q, Compound)}
    asked = {name: question for name, question in names.items() if name != "reading"}
    said = {
        "text": {getattr(row[0], "name", "") for row in declared.rows("text", 2)},
        "can": {getattr(row[0], "name", "") for row in declared.rows("can", 2)},
    }
    for predicate, known in said.items():
        for row in declared.rows(predicate, 2):
            if getattr(row[0], "name", "") not in names:
                yield _no_question(declared, row[0], declared.place(predicate, row))
        for name in asked.keys() - known:
            where = declared.place("question", (asked[name],))
            if predicate == "text":
                hint = f'write text({name}, "…?").'
                yield error("answer.text", f"the question `{name}` has no text", where, hint)
            else:
                hint = f"write can({name}, change), document or neither"
                message = f"nobody says whether the answer of `{name}` can change"
                yield warning("answer.can", message, where, hint)
    for row in declared.rows("can", 2):
        if written(row[1]) not in ("change", "document", "neither"):
            yield error(
                "answer.can",
                f"an answer cannot `{written(row[1])}`",
                declared.place("can", row),
                nearest(written(row[1]), ["change", "document", "neither"])
                or "one of change, document, neither",
            )


def _quantity(programs: Programs, declared: Declarations) -> Iterator[Finding]:
    wanted = programs.policy.identity.quantity.question
    known = sorted(map(written, declared.questions))
    if wanted not in known:
        toml = Toml(programs)
        yield error(
            "answer.question",
            f"the policy asks no question `{wanted}`, which says how much is requested",
            toml.place(r"\s*question\s*=", toml.line(r"\s*\[quantity\]")),
            nearest(wanted, known) or "declare it in questions.lp",
        )
