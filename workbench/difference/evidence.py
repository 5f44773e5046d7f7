"""The evidence of two versions: the same rules and tables, or records that tell them apart.

Records are not worlds: nothing here is ever called proved. Rules that are the same up to names
and order read every case alike; where they are not, a search within stated bounds finds a case
that they read differently, or says that there is none within these bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec
from clingo import Function, Symbol, SymbolType
from clingo.ast import AST, ASTType, SymbolicTerm, Transformer

from reasoner.check.term import Compound
from reasoner.model import SECTIONS
from reasoner.terminology import Row, Terminology
from workbench.canonical import canonical
from workbench.difference.matching import Matching
from workbench.difference.version import Version
from workbench.joint import NEW, OLD
from workbench.records.domain import Domain, Keys, domain
from workbench.records.search import Reader, Search
from workbench.rules import (
    SEEN_BY_CRITERIA,
    Changed,
    Rule,
    affected,
    behind,
    changed,
    narrowed,
    sliced,
)
from workbench.unfolding import unfolded

__all__ = ["Evidence", "RecordSearch", "Tables", "compare_tables"]

_GOAL = """
_left(old, Q, c(A)) :- candidate(old, Q, A), _question(Q, _).
_left(old, Q, a(A)) :- assumed(old, Q, A), _question(Q, _).
_left(old, Q, open) :- open(old, Q), _question(Q, _).
_left(new, Q, c(B)) :- candidate(new, P, B), _question(Q, P), not _renamed(P, B, _).
_left(new, Q, c(A)) :- candidate(new, P, B), _question(Q, P), _renamed(P, B, A).
_left(new, Q, a(B)) :- assumed(new, P, B), _question(Q, P), not _renamed(P, B, _).
_left(new, Q, a(A)) :- assumed(new, P, B), _question(Q, P), _renamed(P, B, A).
_left(new, Q, open) :- open(new, P), _question(Q, P).
_differ(Q) :- _left(old, Q, X), not _left(new, Q, X).
_differ(Q) :- _left(new, Q, X), not _left(old, Q, X).
_sole(V, Q, A) :- _left(V, Q, c(A)), not _several(V, Q).
_several(V, Q) :- _left(V, Q, c(A)), _left(V, Q, c(B)), A < B.
_strong(Q, A) :- _sole(old, Q, A), not _sole(new, Q, A).
_strong(Q, A) :- _sole(new, Q, A), not _sole(old, Q, A).
_any :- _differ(_).
#defined _renamed/3.
#defined candidate/3.
#defined assumed/3.
#defined open/2.
"""
_NUMBER = re.compile(r"(?<![A-Za-z0-9_\"])[0-9]+")
_MOST_CONFLICTS = 4_000
"""After so many the solver gives up: a bound that is the same on every machine."""


class Tables(msgspec.Struct, frozen=True):
    """The rows on which the tables of two versions differ in what they mean.

    Sources, notes and confidence decide nothing; they are left out.
    """

    old: tuple[Row, ...]
    new: tuple[Row, ...]
    besides: tuple[tuple[str, str], ...]

    @property
    def same(self) -> bool:
        """Whether both mean the same."""
        return not (self.old or self.new or self.besides)


def compare_tables(old: Terminology, new: Terminology) -> Tables:
    """Return what the tables of *old* and *new* do not share."""
    before = {_meaning(row): row for row in old.table}
    after = {_meaning(row): row for row in new.table}
    besides = [
        (side, " ".join(map(str, what)))
        for side, one, other in (("old", old, new), ("new", new, old))
        for what in sorted(_besides(one) - _besides(other))
    ]
    return Tables(
        tuple(row for key, row in before.items() if key not in after),
        tuple(row for key, row in after.items() if key not in before),
        tuple(besides),
    )


def _meaning(row: Row) -> tuple[object, ...]:
    return (
        *(row.system, row.code, row.display, row.concept, row.labelled_for),
        *(row.valid_from, row.valid_to, row.lists),
    )


def _besides(tables: Terminology) -> set[tuple[str, ...]]:
    """Return what the tables say besides codes: ranges, properties, names of systems."""
    found: set[tuple[str, ...]] = {
        ("range", one.system, one.first, one.last, one.concept) for one in tables.ranges
    }
    found |= {("property", *triple) for triple in tables.properties}
    return found | {("system", alias, name) for alias, name in tables.aliases.items()}


class Evidence:
    """What reads the records in two versions, and a search for records that tell them apart."""

    def __init__(self, old: Version, new: Version, matching: Matching) -> None:
        self.versions = (old, new)
        self.matching = matching
        self.tables = compare_tables(old.terminology, new.terminology)
        self._rules = tuple(
            sliced(version.policy.evidence, SEEN_BY_CRITERIA) for version in self.versions
        )
        fixed = old.policy.case_vocabulary | {"reading", "property", *_REFERENCE}
        fixed |= {name for name, _ in SEEN_BY_CRITERIA}
        self.rules: Changed = _changed(_named(self._rules[0], matching), self._rules[1], fixed)

    @cached_property
    def _suspects(self) -> tuple[list[Rule], list[Rule]]:
        """The rules of each version that may make a difference."""
        old, new = (version.reasoner.defaults for version in self.versions)
        moved = {name for name in old.keys() & new.keys() if old[name] != new[name]}
        found: list[list[Rule]] = []
        said = {what.split()[2] for _, what in self.tables.besides if what.startswith("property ")}
        for rules, only in zip(self._rules, (self.rules.old, self.rules.new), strict=True):
            more = (rule for rule in rules if _reads(rule) & moved or _looks_up(rule) & said)
            found.append([*only, *more])
        return found[0], found[1]

    @property
    def same(self) -> bool:
        """Whether both read every case alike: the same rules, tables and defaults of readings."""
        return self.tables.same and not any(self._suspects)

    @cached_property
    def questions(self) -> frozenset[str]:
        """The names of the questions that what has changed may reach."""
        names = {question.name for question in self.matching.questions} - {"reading"}
        of_concepts = all(what.startswith("property ") for _, what in self.tables.besides)
        if self.tables.old or self.tables.new or not of_concepts:
            return frozenset(names)
        found: set[str] = set()
        for rules, only in zip(self._rules, self._suspects, strict=True):
            found |= affected(rules, only)
        return frozenset(names if "*" in found else found & names)

    @cached_property
    def _narrowed(self) -> tuple[list[Rule], ...]:
        return tuple(narrowed(side, self.questions, SEEN_BY_CRITERIA) for side in self._rules)

    @cached_property
    def domain(self) -> Domain:
        """The values that the records of a search may have."""
        told = " ".join(what for _, what in self.tables.besides)
        numbers = dict.fromkeys(map(int, _NUMBER.findall(told)))
        for side, only in zip(self._narrowed, self._suspects, strict=True):
            for rule in behind(side, only):
                if rule in only or not rule.statement.body:
                    numbers.update(dict.fromkeys(map(int, _NUMBER.findall(rule.form))))
        forms = {rule.form for side in self._narrowed for rule in side}
        terms = [version.terminology for version in self.versions]
        return domain(terms, forms, list(numbers), [*self.tables.old, *self.tables.new])

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """The sections whose records may be read differently."""
        if any(self._suspects) or self.tables.besides:
            return SECTIONS
        systems = {row.system for row in (*self.tables.old, *self.tables.new)}
        found = {section for name in systems for section in _SECTIONS_OF.get(name, SECTIONS)}
        return tuple(section for section in SECTIONS if section in found)

    def alternatives(self) -> Iterator[dict[str, str]]:
        """Yield the readings to search under: the defaults, then others that matter here."""
        yield {}
        near = {name for one in self._near() for name in _reads(one)}
        one, other = (version.reasoner for version in self.versions)
        for name in sorted(near & one.readings.keys() & other.readings.keys()):
            for value in one.readings[name]:
                if value != one.defaults[name] and value in other.readings[name]:
                    yield {name: str(value)}

    def _near(self) -> Iterator[Rule]:
        """Yield the rules that may make a difference, and those that read what they derive."""
        for rules, only in zip(self._narrowed, self._suspects, strict=True):
            heads = {head.signature for rule in only for head in rule.statement.heads}
            yield from only
            for rule in rules:
                if any(atom.signature in heads for atom in rule.statement.body):
                    yield rule

    def search(self, count: int, readings: Mapping[str, str]) -> RecordSearch:
        """Ground the rules over every choice of up to *count* records a section."""
        shared = self.matching.questions
        facts = [
            Function("_question", [old, new])
            for old, new in shared.items()
            if old.name in self.questions
        ]
        for old, new in shared.items():
            facts += [
                Function("_renamed", [new, other, answer])
                for answer, other in self.matching.answers[old].items()
                if answer != other
            ]
        readers = [
            Reader(side, version.terminology, own, version.reasoner.choose(readings))
            for side, version, own in zip((OLD, NEW), self.versions, self._narrowed, strict=True)
        ]
        places = dict.fromkeys(self.sections, count)
        return RecordSearch(Search(readers, self.domain, places, _GOAL, facts))


class RecordSearch:
    """Records that the two versions read differently, looked for within bounds."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.size = len(search.joint.control.symbolic_atoms)
        self.exhausted = True

    def found(self, done: Callable[[Symbol], bool]) -> Iterator[tuple[Symbol, Keys]]:
        """Yield records and the question on which they leave something else, unless it is *done*.

        First where one version takes from them an answer that the other does not, then where
        they differ in what stays open.
        """
        some = self._search.joint.literal("_any")
        if some is None:
            return
        answer = self._search.joint.decided([some], _MOST_CONFLICTS)
        self.exhausted = answer is not None
        if not answer:
            return
        for name, arity in (("_strong", 2), ("_differ", 1)):
            for key, literal in self._search.goals(name, arity).items():
                if not done(key[0]) and (document := self._search.find([literal])) is not None:
                    yield key[0], document


_OF_QUESTIONS = (
    *("question", "answer", "presumed", "any_record", "whole_number", "family", "otherwise"),
    *("group_of", "supports", "doubt", "unused", "named", "answered", "overruled", "weight"),
)
"""What the core rules read of a question, and which argument is the question: the first."""


def _changed(old: Sequence[Rule], new: Sequence[Rule], fixed: Collection[str]) -> Changed:
    """Return the rules that differ: none, where helper predicates put in make them the same."""
    found = changed(old, new, fixed)
    names = [{h.term.name for rule in side for h in rule.statement.heads} for side in (old, new)]
    helpers = names[0] ^ names[1]
    if found.none or not helpers or helpers & set(fixed):
        return found
    sides = [unfolded(side, helpers) for side in (old, new)]
    if sides[0] is None or sides[1] is None:
        return found
    other = changed(sides[0], sides[1], fixed)
    return other if other.none else found


def _named(rules: Sequence[Rule], matching: Matching) -> list[Rule]:
    """Return *rules* of the old version with the names that the new one has for questions."""
    renamer = _Renamer(matching)
    if not renamer.names and not renamer.answers:
        return list(rules)
    nodes = [renamer.visit(rule.node) for rule in rules]
    return [
        rule if node is rule.node else Rule(canonical(node), rule.statement, rule.node)
        for rule, node in zip(rules, nodes, strict=True)
    ]


class _Renamer(Transformer):
    """Renames questions, and answers beside them, where the core rules look for them."""

    def __init__(self, matching: Matching) -> None:
        self.names = {one.name: other.name for one, other in matching.renamed.items()}
        self.answers = {
            (question.name, str(one)): other
            for question, answers in matching.answers.items()
            for one, other in answers.items()
            if one != other
        }

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename the question of an atom, and its answer."""
        symbol = node.symbol
        if symbol.ast_type is not ASTType.Function or symbol.name not in _OF_QUESTIONS:
            return node
        place = 1 if symbol.name == "answered" else 0
        if len(symbol.arguments) <= place:
            return node
        arguments = list(symbol.arguments)
        question = _name(arguments[place])
        if len(arguments) > place + 1:
            answer = self.answers.get((question, str(arguments[place + 1])))
            if answer is not None:
                arguments[place + 1] = SymbolicTerm(node.location, answer)
        if question in self.names:
            arguments[place] = _renamed(arguments[place], self.names[question])
        return node.update(symbol=symbol.update(arguments=arguments))


def _name(term: AST) -> str:
    if term.ast_type is ASTType.Function:
        return str(term.name)
    if term.ast_type is ASTType.SymbolicTerm and term.symbol.type is SymbolType.Function:
        return str(term.symbol.name)
    return ""


def _renamed(term: AST, name: str) -> AST:
    if term.ast_type is ASTType.Function:
        return term.update(name=name)
    return term.update(symbol=Function(name, term.symbol.arguments))


def _reads(rule: Rule) -> set[str]:
    """Return the readings that *rule* reads, by their ids."""
    return {
        atom.term.arguments[0].name
        for atom in rule.statement.resolved[1]
        if atom.signature == ("reading", 2) and isinstance(atom.term.arguments[0], Compound)
    }


def _looks_up(rule: Rule) -> set[str]:
    """Return the properties of concepts that *rule* looks up, by their names."""
    return {
        atom.term.arguments[1].name
        for atom in rule.statement.body
        if atom.signature == ("property", 3) and isinstance(atom.term.arguments[1], Compound)
    }


_SECTIONS_OF = {
    **dict.fromkeys(("name", "rxnorm", "ndc", "hcpcs"), ("therapies",)),
    **dict.fromkeys(("icd-10-cm", "snomed"), ("conditions", "therapies")),
    "loinc": ("observations",),
}
_REFERENCE = ("means", "labelled", "trade_name", "named_in", "in_force", "within_range")
