"""The evidence of two versions: the same rules and tables, or records that tell them apart.

Records are not worlds: nothing here is ever called proved. Rules that are the same up to names
and order read every case alike; where they are not, a search within stated bounds finds a case
that they read differently, or says that there is none within these bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import get_args

import msgspec
from clingo import Function, Symbol, SymbolType
from clingo.ast import AST, ASTType, SymbolicTerm, Transformer

from reasoner import model
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
    ADVISORY,
    SEEN_BY_CRITERIA,
    Changed,
    Rule,
    affected,
    behind,
    changed,
    narrowed,
    resting_on,
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
_left(V, advisory(I), told) :- advisory(V, I, _), _note(I).
_differ(Q) :- _left(old, Q, X), not _left(new, Q, X).
_differ(Q) :- _left(new, Q, X), not _left(old, Q, X).
_sole(V, Q, A) :- _left(V, Q, c(A)), not _several(V, Q).
_several(V, Q) :- _left(V, Q, c(A)), _left(V, Q, c(B)), A < B.
_strong(Q, A) :- _sole(old, Q, A), not _sole(new, Q, A).
_strong(Q, A) :- _sole(new, Q, A), not _sole(old, Q, A).
_any :- _differ(_).
#defined _renamed/3.
#defined _note/1.
#defined _question/2.
#defined advisory/3.
#defined candidate/3.
#defined assumed/3.
#defined open/2.
"""
_WORD = re.compile(r"[a-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_\"])[0-9]+")
_MOST_CONFLICTS = 1_500
"""After so many the solver gives up: a bound that is the same on every machine."""


_OUTPUTS = SEEN_BY_CRITERIA | {("advisory", 2)}


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
        # What only one version asks, and which reading is chosen, is compared with the criteria.
        shared = {one.name: other.name for one, other in matching.questions.items()}
        shared.pop("reading", None)
        told = {
            name: name for version in self.versions for name in version.policy.identity.advisories
        }
        self._names = shared | {f"{ADVISORY}{name}": f"{ADVISORY}{name}" for name in told}
        self._rules = tuple(
            _without(narrowed(sliced(version.policy.evidence, _OUTPUTS), names, _OUTPUTS), names)
            for version, names in zip(
                self.versions, (self._names.keys(), set(self._names.values())), strict=True
            )
        )
        self._given = frozenset().union(*map(_given, self.versions))
        self._fixed = old.policy.case_vocabulary | {"reading", "property", *_REFERENCE}
        fixed = self._fixed | {name for name, _ in _OUTPUTS}
        self.rules: Changed = _changed(
            _named(self._rules[0], self._rules[1], matching, self._given), self._rules[1], fixed
        )

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
        """The names that the old version has for the questions that what has changed may reach."""
        of_concepts = all(what.startswith("property ") for _, what in self.tables.besides)
        if self.tables.old or self.tables.new or not of_concepts:
            return frozenset(self._names)
        old, new = (
            affected(rules, only) for rules, only in zip(self._rules, self._suspects, strict=True)
        )
        if "*" in old | new:
            return frozenset(self._names)
        return frozenset(one for one, other in self._names.items() if one in old or other in new)

    @cached_property
    def _narrowed(self) -> tuple[list[Rule], ...]:
        names = [self.questions, {self._names[name] for name in self.questions}]
        return tuple(
            narrowed(rules, own, _OUTPUTS) for rules, own in zip(self._rules, names, strict=True)
        )

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

    @cached_property
    def options(self) -> tuple[tuple[str, Symbol], ...]:
        """The readings besides the defaults that matter here, known to both versions."""
        near = {name for one in self._near() for name in _reads(one)}
        one, other = (version.reasoner for version in self.versions)
        return tuple(
            (name, value)
            for name in sorted(near & one.readings.keys() & other.readings.keys())
            for value in one.readings[name]
            if value in other.readings[name]
            and not value == one.defaults[name] == other.defaults[name]
        )

    def _near(self) -> Iterator[Rule]:
        """Yield the rules that may make a difference, and those that what they derive reaches."""
        for rules, only in zip(self._narrowed, self._suspects, strict=True):
            reached = resting_on(rules, _heads(only))
            yield from only
            for rule in rules:
                if any(atom.term.name in reached for atom in rule.statement.body):
                    yield rule

    @cached_property
    def _sides(self) -> tuple[Reader, Reader]:
        """The two versions as readers of records: what no change can reach stands once."""
        old, new = self._narrowed
        shared = self._shared()
        kept = {rule.form for rule in old}
        old = [*old, *(rule for rule in new if rule.form not in kept and _derives(rule) & shared)]
        new = [rule for rule in new if not _derives(rule) & shared]
        one, other = (version.reasoner.defaults for version in self.versions)
        terms = [version.terminology for version in self.versions]
        return Reader(OLD, terms[0], old, one), Reader(NEW, terms[1], new, other, shared)

    def _shared(self) -> frozenset[str]:
        """Return the predicates of which both versions say the same, whatever the records."""
        if self.rules.renamed or self.matching.renamed or not self.tables.same:
            return frozenset()
        if any(a != b for names in self.matching.answers.values() for a, b in names.items()):
            return frozenset()
        roots = {name for name, _ in _OUTPUTS}.union(*map(_heads, self._suspects))
        one, other = (version.reasoner.defaults for version in self.versions)
        if one != other:
            roots.add("reading")
        both = [rule for side in self._narrowed for rule in side]
        names = {a.term.name for r in both for a in (*r.statement.heads, *r.statement.body)}
        names |= self._fixed
        return frozenset(names) - resting_on(both, roots)

    def search(self, count: int) -> RecordSearch:
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
        facts += [
            Function("_note", [Function(name.removeprefix(ADVISORY))])
            for name in sorted(self.questions)
            if name.startswith(ADVISORY)
        ]
        places = dict.fromkeys(self.sections, count)
        return RecordSearch(Search(self._sides, self.domain, places, _GOAL, facts, self.options))


class RecordSearch:
    """Records that the two versions read differently, looked for within bounds."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.size = len(search.joint.control.symbolic_atoms)
        self.exhausted = True

    def switches(self) -> Iterator[dict[str, str]]:
        """Yield readings under which there are such records, one in the place of its default."""
        some = self._search.joint.literal("_any")
        if some is None:
            return
        left = dict(self._search.switches)
        while left:
            another = self._search.joint.literal("_another")
            if another is None:
                return
            out = [-x for key, x in self._search.switches.items() if key not in left]
            wanted = [some, another, *out]
            if not self._search.joint.decided(wanted, _MOST_CONFLICTS):
                return
            chosen = self._search.joint.chosen(wanted, left) or frozenset()
            for key in chosen:
                del left[key]
                yield {key[0].name: str(key[1])}
            if not chosen:
                return

    def found(
        self, readings: Mapping[str, str], done: Callable[[Symbol], bool]
    ) -> Iterator[tuple[Symbol, Keys]]:
        """Yield records and the question on which they leave something else, unless it is *done*.

        First where one version takes from them an answer that the other does not, then where
        they differ in what stays open. *readings* are chosen, the others have their defaults.
        """
        some = self._search.joint.literal("_any")
        if some is None:
            return
        under = self._search.under(readings)
        answer = self._search.joint.decided([some, *under], _MOST_CONFLICTS)
        self.exhausted = self.exhausted and answer is not None
        if not answer:
            return
        for name, arity in (("_strong", 2), ("_differ", 1)):
            for key, literal in self._search.goals(name, arity).items():
                if done(key[0]):
                    continue
                document = self._search.find([literal, *under])
                if document is not None:
                    yield key[0], document


def _heads(rules: Iterable[Rule]) -> set[str]:
    return set().union(*map(_derives, rules))


def _derives(rule: Rule) -> set[str]:
    return {head.term.name for head in rule.statement.heads}


_OF_QUESTIONS = (
    *("question", "answer", "presumed", "any_record", "whole_number", "family", "otherwise"),
    *("group_of", "supports", "doubt", "unused", "named", "answered", "overruled", "weight"),
)
"""What the core rules read of a question, and which argument is the question: the first."""


def _without(rules: Sequence[Rule], names: Collection[str]) -> list[Rule]:
    """Return *rules* without what declares other questions than *names*, which no rule reads."""
    others: dict[str, list[Rule]] = {}
    for rule in rules:
        for head in rule.statement.resolved[0]:
            if head.term.name in _OF_QUESTIONS and not rule.statement.body:
                question = head.term.arguments[0]
                if isinstance(question, Compound) and question.name not in names:
                    others.setdefault(question.name, []).append(rule)
    declared = {id(rule) for own in others.values() for rule in own}
    read = _words([rule for rule in rules if id(rule) not in declared])
    gone = {id(rule) for name, own in others.items() if name not in read for rule in own}
    return [rule for rule in rules if id(rule) not in gone]


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


def _named(
    old: Sequence[Rule], new: Sequence[Rule], matching: Matching, given: Collection[str]
) -> list[Rule]:
    """Return the *old* rules with the names that the new version has for questions and answers.

    A name that only one version has is another name of the same term wherever it stands: rules
    of a library pass it on. A name that both have, or one that is *given* from outside of the
    rules, is renamed only where the core rules look for it.
    """
    names = {one.name: other.name for one, other in matching.renamed.items()}
    for answers in matching.answers.values():
        for one, other in answers.items():
            if one != other and one.type is other.type is SymbolType.Function:
                names[one.name] = other.name
    if not names:
        return list(old)
    before, after = (_words(rules) for rules in (old, new))
    apart = not before & set(names.values()) and not after & names.keys()
    apart = apart and not {*names, *names.values()} & set(given)
    alike = len(set(names.values())) == len(names)
    renamer: Transformer = _Everywhere(names) if apart and alike else _Renamer(matching)
    nodes = [renamer.visit(rule.node) for rule in old]
    return [
        rule if node is rule.node else Rule(canonical(node), rule.statement, rule.node)
        for rule, node in zip(old, nodes, strict=True)
    ]


def _given(version: Version) -> set[str]:
    """Return the words that a case, the tables or the choice of a reading bring to the rules."""
    tables = version.terminology
    found = {word for closed in _CLOSED for word in get_args(closed)} | tables.concepts
    found |= {word for _, name, value in tables.properties for word in (name, value)}
    readings = version.reasoner.readings
    return found | {str(value) for values in readings.values() for value in values}


def _words(rules: Sequence[Rule]) -> set[str]:
    return {word for rule in rules for word in _WORD.findall(rule.form)}


class _Everywhere(Transformer):
    """Renames terms wherever they stand; predicates keep their names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename in the arguments of an atom."""
        symbol = node.symbol
        if symbol.ast_type is not ASTType.Function:
            return node
        return node.update(
            symbol=symbol.update(arguments=[self.visit(a) for a in symbol.arguments])
        )

    def visit_Function(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename a term, and what stands in it."""
        arguments = [self.visit(argument) for argument in node.arguments]
        return node.update(name=self.names.get(node.name, node.name), arguments=arguments)

    def visit_SymbolicTerm(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename a constant."""
        return node.update(symbol=self._symbol(node.symbol))

    def _symbol(self, symbol: Symbol) -> Symbol:
        if symbol.type is not SymbolType.Function:
            return symbol
        arguments = [self._symbol(argument) for argument in symbol.arguments]
        return Function(self.names.get(symbol.name, symbol.name), arguments)


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
                arguments[place + 1] = SymbolicTerm(symbol.location, answer)
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
_CLOSED = (
    *(model.Status, model.Activity, model.Response, model.StoppedFor, model.Result, model.Unit),
    model.Section,
)
_REFERENCE = ("means", "labelled", "trade_name", "named_in", "in_force", "within_range")
