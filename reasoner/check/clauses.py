"""Clauses and advisories: `policy.toml` and the rules speak of the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reasoner.check.finding import Finding, error, warning
from reasoner.check.program import Programs
from reasoner.check.source import Atom, Signature
from reasoner.check.term import Compound, of_symbol, unify, written
from reasoner.errors import nearest
from reasoner.policy import Clause

__all__ = ["DEFINED_BY", "Toml", "check"]

DEFINED_BY: Final[dict[str, tuple[Signature, ...]]] = {
    "criterion": (("met", 1),),
    "exclusion": (("applies", 1),),
    "exception": (("opens", 1),),
    "limit": (("asks", 1), ("allows", 1)),
}
_KINDS: Final[dict[Signature, tuple[str, ...]]] = {
    ("met", 1): ("criterion",),
    ("applies", 1): ("exclusion",),
    ("opens", 1): ("exception",),
    ("undetermined", 1): ("criterion", "exclusion"),
    ("waived", 1): ("limit",),
    ("status", 2): tuple(DEFINED_BY),
    ("blocks", 1): ("criterion", "exclusion", "limit"),
}
"""The predicates whose first argument is a clause, and of which kinds."""
_NUMERAL: Final = re.compile(r"\b[IVX]+\b")
_GENERAL: Final = frozenset({("asks", 1), ("allows", 1)})


def check(programs: Programs) -> Iterator[Finding]:
    """Yield where `policy.toml` and the rules disagree."""
    toml = Toml(programs)
    yield from _texts(programs, toml)
    yield from _rules(programs, toml)
    yield from _terms(programs)
    yield from _advisories(programs, toml)


class Toml:
    """Finds places in `policy.toml`, of which the parser says none."""

    def __init__(self, programs: Programs) -> None:
        self.name = f"policies/{programs.policy.id}/policy.toml"
        path = programs.policy.folder / "policy.toml"
        self.lines = path.read_text(encoding="utf-8").splitlines()

    def line(self, pattern: str, start: int = 0, count: int = 1) -> int:
        """Return the line number of the *count*-th match after line *start*, or 0."""
        for number, line in enumerate(self.lines[start:], start + 1):
            if re.match(pattern, line):
                count -= 1
                if not count:
                    return number
        return 0

    def place(self, pattern: str, start: int = 0, count: int = 1) -> str:
        """Return that line as a place."""
        line = self.line(pattern, start, count)
        return f"{self.name}:{line}:1" if line else self.name

    def clause(self, clause: Clause, key: str = "id", count: int = 1) -> str:
        """Return where *key* of *clause* stands."""
        own = rf"""\s*id\s*=\s*["']{re.escape(clause.id)}["']"""
        if key == "id":
            return self.place(own, 0, count)
        return self.place(rf"\s*{key}\s*=", self.line(own))


def _texts(programs: Programs, toml: Toml) -> Iterator[Finding]:
    identity = programs.policy.identity
    seen: dict[object, Clause] = {}
    for clause in identity.clauses:
        if clause.symbol in seen:
            other = seen[clause.symbol]
            yield error(
                "clause.twice",
                f"the clause `{clause.id}` is there twice: rules call it `{clause.symbol}`",
                toml.clause(clause, "id", 2 if other.id == clause.id else 1),
                "give each clause the numeral of the document",
            )
        seen.setdefault(clause.symbol, clause)
        if not clause.text.strip():
            yield error(
                "clause.text",
                f"the clause `{clause.id}` has no text",
                toml.clause(clause, "text"),
                "say what it asks, in our own words",
            )
        if not any(clause.locator.startswith(name) for name in identity.headings.names):
            heading = clause.locator.partition(",")[0]
            names = list(identity.headings.names)
            yield error(
                "clause.locator",
                f"the locator of `{clause.id}` names no heading: `{clause.locator}`",
                toml.clause(clause, "locator"),
                nearest(heading, names) or f"start it with one of {', '.join(names)}",
            )
        yield from _numeral(clause, toml)


def _numeral(clause: Clause, toml: Toml) -> Iterator[Finding]:
    """Yield a locator that names numerals of the document, and not that of the clause."""
    own = clause.id.rpartition(".")[2]
    named = _NUMERAL.findall(clause.locator)
    if _NUMERAL.fullmatch(own) and named and own not in named:
        yield warning(
            "clause.locator",
            f"the locator of `{clause.id}` names {' and '.join(f'`{one}`' for one in named)}",
            toml.clause(clause, "locator"),
            f"write `{own}`, or give the clause the numeral of the document",
        )


def _rules(programs: Programs, toml: Toml) -> Iterator[Finding]:
    heads: dict[Signature, list[Atom]] = {}
    for source in programs.criteria_only:
        for statement in source.statements:
            for head in statement.resolved[0]:
                heads.setdefault(head.signature, []).append(head)
    for clause in programs.policy.identity.clauses:
        term = of_symbol(clause.symbol)
        for signature in DEFINED_BY[clause.kind]:
            general = signature in _GENERAL
            if any(
                general or unify([head.term.arguments[0]], [term])
                for head in heads.get(signature, ())
            ):
                continue
            shape = f"{signature[0]}(N)" if general else f"{signature[0]}({clause.symbol})"
            yield error(
                "clause.rules",
                f"no rule defines the clause `{clause.id}`",
                toml.clause(clause),
                f"write a rule for `{shape}`",
            )


def _terms(programs: Programs) -> Iterator[Finding]:
    clauses = {of_symbol(c.symbol): c for c in programs.policy.identity.clauses}
    known = sorted(map(written, clauses))
    sources = [source for source in programs.criteria_only if source in programs.own]
    if programs.properties is not None:
        sources.append(programs.properties)
    for source in sources:
        for statement in source.statements:
            for atom in (*statement.resolved[0], *statement.resolved[1]):
                kinds = _KINDS.get(atom.signature)
                if kinds is None:
                    continue
                term = atom.term.arguments[0]
                found = [c for t, c in clauses.items() if unify([t], [term])]
                if not found:
                    yield error(
                        "clause.unknown",
                        f"`{written(term)}` is no clause of policy.toml",
                        atom.where,
                        nearest(written(term), known) or f"one of {', '.join(known)}",
                    )
                elif not any(clause.kind in kinds for clause in found):
                    kind = found[0].kind
                    right = " and ".join(f"`{name}`" for name, _ in DEFINED_BY[kind])
                    yield error(
                        "clause.kind",
                        f"`{atom.term.name}` is not said of `{found[0].id}`: it is "
                        f"{'an' if kind[0] == 'e' else 'a'} {kind}",
                        atom.where,
                        f"of {'an' if kind[0] == 'e' else 'a'} {kind}, rules say {right}",
                    )


def _advisories(programs: Programs, toml: Toml) -> Iterator[Finding]:
    texts = programs.policy.identity.advisories
    derived: set[str] = set()
    sides = ((programs.criteria_only, 1), (programs.evidence_only, 2))
    for sources, arity in sides:
        for source in sources:
            for statement in source.statements:
                for head in statement.resolved[0]:
                    if head.signature != ("advisory", arity):
                        continue
                    term = head.term.arguments[0]
                    name = written(term)
                    derived.add(name)
                    if not isinstance(term, Compound) or name not in texts:
                        yield error(
                            "advisory.text",
                            f"the advisory `{name}` has no text",
                            head.where,
                            nearest(name, sorted(texts)) or "write it in policy.toml, [advisories]",
                        )
    for name, text in texts.items():
        where = toml.place(rf"\s*{re.escape(name)}\s*=", toml.line(r"\s*\[advisories\]"))
        if not text.strip():
            yield error(
                "advisory.text",
                f"the advisory `{name}` has no text",
                where,
                "say in one sentence what the reader should know",
            )
        if name not in derived:
            yield warning(
                "advisory.rules",
                f"no rule derives the advisory `{name}`",
                where,
                nearest(name, sorted(derived)) or f"write a rule for `advisory({name})`",
            )
