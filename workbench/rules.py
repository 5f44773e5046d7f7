"""The rules that an output rests on, one by one, each in its one form.

A rule is read where a literal of a rule that counts may be what it derives. So the number that
only the criteria read is no part of the evidence, though both read the same file.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path

import msgspec
from clingo.ast import AST, ASTType

from reasoner.check.source import Atom, Statement, parse, remembered, statement_of
from reasoner.check.term import Compound, unify, written
from reasoner.program import RuleFile
from workbench.canonical import canonical
from workbench.joint import Side, moved

__all__ = [
    "ADVISORY",
    "SEEN_BY_CRITERIA",
    "Changed",
    "Rule",
    "affected",
    "behind",
    "changed",
    "copies",
    "every_rule",
    "narrowed",
    "resting_on",
    "rules_of",
    "sliced",
]

SEEN_BY_CRITERIA = frozenset({("candidate", 2), ("assumed", 2), ("open", 1)})
"""All that the criteria see of a case."""

_MOST_ALIKE = 5
_NAME = r"(?<![A-Za-z0-9_'@]){}(?![A-Za-z0-9_'])"


class Rule(msgspec.Struct, frozen=True, eq=False):
    """A rule without pools: its *form*, and where it is written."""

    form: str
    statement: Statement
    node: AST

    @property
    def where(self) -> str:
        """Its file and line."""
        return f"{self.statement.file}:{self.statement.line}"


class Changed(msgspec.Struct, frozen=True, eq=False):
    """The rules that only one version has, and the predicates that have only changed name."""

    old: tuple[Rule, ...]
    new: tuple[Rule, ...]
    renamed: Mapping[str, str]

    @property
    def none(self) -> bool:
        """Whether both versions have the same rules."""
        return not self.old and not self.new


def every_rule(file: RuleFile) -> tuple[Rule, ...]:
    """Return the rules and facts of *file*, one for each alternative of a pool."""
    return rules_of(file.name, file.text)


@remembered
def rules_of(name: str, text: str) -> tuple[Rule, ...]:
    """Return the rules of a file; two versions of which it is the same read it once."""
    file = RuleFile(Path(name), name, text)
    found: list[Rule] = []
    for node in parse(file).nodes:
        if node.ast_type is ASTType.Rule:
            found += [Rule(canonical(r), statement_of(file.name, r), r) for r in node.unpool()]
    return tuple(found)


def copies(rules: Iterable[Rule], side: Side, shared: Collection[str] = ()) -> Iterator[AST]:
    """Yield *rules* as the copy of *side* has them; of *shared* predicates see `moved`."""
    return moved((rule.node for rule in rules), side, shared)


def sliced(files: Iterable[RuleFile], outputs: Collection[tuple[str, int]]) -> list[Rule]:
    """Return the rules of *files* that *outputs* rest on, in their order."""
    rules = [rule for file in files for rule in every_rule(file)]
    return _resting(rules, outputs)


def narrowed(
    rules: Sequence[Rule], questions: Collection[str], outputs: Collection[tuple[str, int]]
) -> list[Rule]:
    """Return those of *rules* that *outputs* rest on for *questions*, by their names alone.

    An advisory that is wanted too is named `ADVISORY` and its id.
    """
    return _resting([rule for rule in rules if _speaks_of(rule, questions)], outputs)


def _speaks_of(rule: Rule, questions: Collection[str]) -> bool:
    for head in rule.statement.resolved[0]:
        if head.signature in _OF_A_QUESTION:
            question = head.term.arguments[0]
            if isinstance(question, Compound) and question.name not in questions:
                return False
        if (
            head.signature == _TOLD
            and f"{ADVISORY}{written(head.term.arguments[0])}" not in questions
        ):
            return False
    return True


def _resting(rules: Sequence[Rule], outputs: Collection[tuple[str, int]]) -> list[Rule]:
    heads: dict[tuple[str, int], list[tuple[int, Atom]]] = {}
    for number, rule in enumerate(rules):
        for head in rule.statement.resolved[0]:
            heads.setdefault(head.signature, []).append((number, head))
    wanted = {number for output in outputs for number, _ in heads.get(output, ())}
    queue = deque(sorted(wanted))
    while queue:
        for number in _given(rules[queue.popleft()], heads):
            if number not in wanted:
                wanted.add(number)
                queue.append(number)
    return [rule for number, rule in enumerate(rules) if number in wanted]


def _given(rule: Rule, heads: Mapping[tuple[str, int], list[tuple[int, Atom]]]) -> Iterator[int]:
    """Yield the rules whose heads a literal of *rule* may be."""
    for atom in rule.statement.resolved[1]:
        for number, head in heads.get(atom.signature, ()):
            if unify(head.term.arguments, atom.term.arguments):
                yield number


def behind(rules: Sequence[Rule], start: Iterable[Rule]) -> Iterator[Rule]:
    """Yield *start* and what they rest on, the nearest first."""
    heads: dict[tuple[str, int], list[tuple[int, Atom]]] = {}
    for number, rule in enumerate(rules):
        for head in rule.statement.resolved[0]:
            heads.setdefault(head.signature, []).append((number, head))
    queue = deque(start)
    seen = {id(rule) for rule in queue}
    while queue:
        rule = queue.popleft()
        yield rule
        for number in _given(rule, heads):
            if id(rules[number]) not in seen:
                seen.add(id(rules[number]))
                queue.append(rules[number])


def changed(old: Collection[Rule], new: Collection[Rule], fixed: Collection[str]) -> Changed:
    """Return the rules that only one of *old* and *new* has.

    A predicate that is not *fixed* from outside may have another name in the new version.
    """
    only_old, only_new = _apart(old, new)
    names = _renaming(only_old, only_new, old, new, fixed)
    if names:
        forms = {rule.form for rule in new}
        kept = tuple(rule for rule in only_old if _called(rule.form, names) not in forms)
        called = {_called(rule.form, names) for rule in only_old}
        return Changed(kept, tuple(r for r in only_new if r.form not in called), names)
    return Changed(only_old, only_new, {})


def _apart(
    old: Collection[Rule], new: Collection[Rule]
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    before, after = {rule.form for rule in old}, {rule.form for rule in new}
    return (
        tuple(rule for rule in old if rule.form not in after),
        tuple(rule for rule in new if rule.form not in before),
    )


def _called(form: str, names: Mapping[str, str]) -> str:
    """Return *form* with predicates renamed, in one order again."""
    pattern = re.compile("|".join(_NAME.format(re.escape(name)) for name in names))
    head, mark, body = form.partition(" :- ")
    parts = (pattern.sub(lambda found: names[found[0]], part) for part in body.split("; "))
    head = pattern.sub(lambda found: names[found[0]], head)
    return f"{head}{mark}{'; '.join(sorted(parts))}"


def _renaming(
    only_old: Collection[Rule],
    only_new: Collection[Rule],
    old: Collection[Rule],
    new: Collection[Rule],
    fixed: Collection[str],
) -> dict[str, str]:
    """Return new names of predicates with which the rules that differ are the same, if any."""
    gone = _names(old) - _names(new) - set(fixed)
    come = _names(new) - _names(old) - set(fixed)
    if not gone or len(gone) != len(come):
        return {}
    if any(_is_also_a_word(n, only_old) for n in gone) or any(
        _is_also_a_word(n, only_new) for n in come
    ):
        return {}
    wanted = Counter(rule.form for rule in only_new)
    # The predicates that rules of the same shape speak of are each other's candidates.
    groups: dict[object, tuple[list[str], list[str]]] = {}
    for place, (names, rules) in enumerate(((gone, only_old), (come, only_new))):
        for name in sorted(names):
            shape = tuple(
                sorted(_shape(rule.form, name, names) for rule in rules if name in rule.form)
            )
            groups.setdefault(shape, ([], []))[place].append(name)
    if any(len(before) != len(after) for before, after in groups.values()):
        return {}
    for found in _orders(groups.values()):
        if Counter(_called(rule.form, found) for rule in only_old) == wanted:
            return found
    return {}


def _orders(
    groups: Collection[tuple[Sequence[str], Sequence[str]]],
) -> Iterator[dict[str, str]]:
    """Yield the names that each group may have got: in order, then in any, while they are few."""
    plain: dict[str, str] = {}
    for before, after in groups:
        plain.update(zip(before, after, strict=True))
    yield plain
    for before, after in groups:
        if 1 < len(before) <= _MOST_ALIKE:
            for order in permutations(after):
                yield {**plain, **dict(zip(before, order, strict=True))}


def _is_also_a_word(name: str, rules: Iterable[Rule]) -> bool:
    """Whether *name* stands in a rule as anything else than a predicate: then it may matter."""
    pattern = re.compile(_NAME.format(re.escape(name)))
    for rule in rules:
        atoms = (*rule.statement.heads, *rule.statement.body)
        if len(pattern.findall(rule.form)) != sum(atom.term.name == name for atom in atoms):
            return True
    return False


def _names(rules: Iterable[Rule]) -> set[str]:
    return {
        atom.term.name
        for rule in rules
        for atoms in (rule.statement.heads, rule.statement.body)
        for atom in atoms
    }


def _shape(form: str, name: str, names: Collection[str]) -> str:
    def blank(found: re.Match[str]) -> str:
        return "@" if found[0] == name else "?"

    pattern = re.compile("|".join(_NAME.format(re.escape(one)) for one in sorted(names)))
    head, mark, body = form.partition(" :- ")
    parts = sorted(pattern.sub(blank, part) for part in body.split("; "))
    return f"{pattern.sub(blank, head)}{mark}{'; '.join(parts)}"


def resting_on(rules: Iterable[Rule], roots: Collection[str]) -> frozenset[str]:
    """Return *roots* and every predicate that some rule derives from one of them."""
    readers: dict[str, set[str]] = {}
    for rule in rules:
        for atom in rule.statement.body:
            readers.setdefault(atom.term.name, set()).update(
                head.term.name for head in rule.statement.heads
            )
    found = set(roots)
    queue = deque(found)
    while queue:
        for name in readers.get(queue.popleft(), set()) - found:
            found.add(name)
            queue.append(name)
    return frozenset(found)


def affected(rules: Collection[Rule], changed: Iterable[Rule]) -> frozenset[str]:
    """Return the questions and advisories that what *changed* derives may reach; `*` is any."""
    readers: dict[tuple[str, int], list[tuple[Rule, Atom]]] = {}
    for rule in rules:
        for atom in rule.statement.resolved[1]:
            readers.setdefault(atom.signature, []).append((rule, atom))
    queue = deque(changed)
    seen = {id(rule) for rule in queue}
    found: set[str] = set()
    while queue:
        rule = queue.popleft()
        for head in rule.statement.resolved[0]:
            if head.signature in _OF_A_QUESTION:
                question = head.term.arguments[0]
                found.add(question.name if isinstance(question, Compound) else "*")
                if isinstance(question, Compound):
                    continue
            if head.signature == _TOLD:
                found.add(f"{ADVISORY}{written(head.term.arguments[0])}")
            for other, atom in readers.get(head.signature, ()):
                if id(other) not in seen and unify(head.term.arguments, atom.term.arguments):
                    seen.add(id(other))
                    queue.append(other)
    return frozenset(found)


ADVISORY = "advisory "
"""What stands before the id of an advisory where it stands beside names of questions."""
_OF_A_QUESTION = frozenset(
    {("supports", 3), ("doubt", 2), ("unused", 3), ("named", 1), ("presumed", 2), *SEEN_BY_CRITERIA}
)
"""What speaks of a question in its first argument; the core rules read nothing else of it."""
_TOLD = ("advisory", 2)
