"""The split of the two programs: evidence reads records, criteria read worlds."""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.check.finding import Finding, error
from reasoner.check.program import IS, PROPERTY, READING, Programs
from reasoner.check.source import Atom, Signature, Source, shown

__all__ = ["check", "crossing"]


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every atom that stands on the wrong side."""
    for source in (*programs.evidence.sources, *programs.criteria_only):
        outside = {s for p in programs.both if source in p.sources for s in p.provided}
        for statement in source.statements:
            for atom in statement.body:
                code = crossing(programs, source, atom.signature)
                if code:
                    yield _finding(code, atom)
            for atom in statement.heads:
                if atom.signature in outside:
                    yield error(
                        "split.head",
                        f"a rule derives `{shown(atom.signature)}`, which comes from outside",
                        atom.where,
                        "derive a predicate of your own, and read that",
                    )


def crossing(programs: Programs, source: Source, signature: Signature) -> str:
    """Return the code of the fault if *source* must not read *signature*, or nothing."""
    if source in programs.criteria_only:
        return _in_criteria(programs, signature)
    if source in programs.shared:
        if signature in programs.reference and signature not in (PROPERTY, READING):
            return "split.reference"
        if signature == IS or signature in _own(programs.criteria_only):
            return "split.world"
        known = signature in programs.case or signature in _own(programs.evidence_only)
        return "split.record" if known else ""
    if source in programs.evidence_only and signature not in programs.evidence.known:
        known = signature == IS or signature in programs.criteria.known
        return "split.world" if known else ""
    return ""


def _in_criteria(programs: Programs, signature: Signature) -> str:
    if signature == READING:
        return "split.reading"
    if signature in programs.reference and signature != PROPERTY:
        return "split.reference"
    if signature in programs.criteria.known:
        return ""
    return "split.record" if signature in programs.evidence.known else ""


def _own(sources: tuple[Source, ...]) -> frozenset[Signature]:
    return frozenset(h.signature for s in sources for rule in s.statements for h in rule.heads)


def _finding(code: str, atom: Atom) -> Finding:
    name = shown(atom.signature)
    match code:
        case "split.record":
            message = f"criteria read `{name}`, which only the records of a case give"
            hint = "ask a question: support its answers in evidence.lp, read `is(Question, Answer)`"
        case "split.world" if atom.signature == IS and _names_reading(atom):
            code = "split.reading"
            message = "evidence reads `is(reading(Id), Value)`, which only worlds give"
            hint = "read `reading(Id, Value)`"
        case "split.world":
            message = f"evidence reads `{name}`, which only worlds give"
            hint = "read what the records support, or move the rule to the criteria"
        case "split.reading":
            message = "criteria read `reading/2`, the reading chosen for the records"
            hint = "read `is(reading(Id), Value)`"
        case _:
            message = f"criteria look up `{name}`, which is known only of the codes of a case"
            hint = "criteria may read `property/3`; look codes up in evidence.lp"
    return error(code, message, atom.where, hint)


def _names_reading(atom: Atom) -> bool:
    return getattr(atom.term.arguments[0], "name", "") == "reading"
