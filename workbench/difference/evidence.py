"""The evidence of two versions: the same rules and tables, or records that tell them apart.

Records are not worlds: nothing here is ever called proved. Rules that are the same up to names
and order read every case alike; where they are not, a search within stated bounds finds a case
that they read differently, or says that there is none within these bounds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from clingo import Function, Symbol

from reasoner.check.term import Compound
from reasoner.model import SECTIONS
from workbench.difference.matching import Matching
from workbench.difference.names import OF_QUESTIONS, given, renamed, words
from workbench.difference.record_search import GOAL, RecordSearch
from workbench.difference.tables import compare_tables
from workbench.difference.version import Version
from workbench.joint import NEW, OLD
from workbench.records.domain import Domain, domain
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

__all__ = ["Evidence"]

_NUMBER = re.compile(r"(?<![A-Za-z0-9_\"])[0-9]+")
_OUTPUTS = SEEN_BY_CRITERIA | {("advisory", 2)}


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
        self._given = frozenset().union(*map(given, self.versions))
        self._fixed = old.policy.case_vocabulary | {"reading", "property", *_REFERENCE}
        fixed = self._fixed | {name for name, _ in _OUTPUTS}
        self.rules: Changed = _changed(
            renamed(self._rules[0], self._rules[1], matching, self._given), self._rules[1], fixed
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
        return RecordSearch(Search(self._sides, self.domain, places, GOAL, facts, self.options))


def _heads(rules: Iterable[Rule]) -> set[str]:
    return set().union(*map(_derives, rules))


def _derives(rule: Rule) -> set[str]:
    return {head.term.name for head in rule.statement.heads}


def _without(rules: Sequence[Rule], names: Collection[str]) -> list[Rule]:
    """Return *rules* without what declares other questions than *names*, which no rule reads."""
    others: dict[str, list[Rule]] = {}
    for rule in rules:
        for head in rule.statement.resolved[0]:
            if head.term.name in OF_QUESTIONS and not rule.statement.body:
                question = head.term.arguments[0]
                if isinstance(question, Compound) and question.name not in names:
                    others.setdefault(question.name, []).append(rule)
    declared = {id(rule) for own in others.values() for rule in own}
    read = words([rule for rule in rules if id(rule) not in declared])
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
