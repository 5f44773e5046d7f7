"""Whether a mutant leaves a literal that no rule can make true: to clingo, an error."""

from __future__ import annotations

from collections.abc import Iterable

from reasoner.check.source import Atom, Signature, shown
from reasoner.check.term import unify
from reasoner.policy import Policy, declared
from reasoner.program import RuleFile
from workbench.mutation.mutant import Mutant, before_and_after
from workbench.rules import Rule, every_rule, rules_of

__all__ = ["Orphans"]


class Orphans:
    """The heads and the literals of both programs of a policy."""

    def __init__(self, policy: Policy) -> None:
        self._files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
        self._programs = [_Program(policy.evidence), _Program(policy.criteria)]

    def orphan(self, mutant: Mutant) -> str:
        """Return the predicate that is read and no longer derived, or nothing."""
        if mutant.literal >= 0:
            return ""  # its head is as it was
        file = self._files[mutant.file]
        before, after = before_and_after(file.text, mutant)
        old = [h for rule in rules_of(file.name, before) for h in rule.statement.resolved[0]]
        new = [h for rule in rules_of(file.name, after) for h in rule.statement.resolved[0]]
        for program in self._programs:
            if file.name in program.names and (lost := program.lost(old, new, mutant)):
                return lost
        return ""


class _Program:
    def __init__(self, files: Iterable[RuleFile]) -> None:
        files = list(files)
        self.names = {file.name for file in files}
        self._declared = {name for file in files for name in declared(file.text)}
        self._heads: dict[Signature, list[tuple[str, Atom]]] = {}
        self._read: dict[Signature, list[Atom]] = {}
        for rule in (rule for file in files for rule in every_rule(file)):
            for head in rule.statement.resolved[0]:
                self._heads.setdefault(head.signature, []).append((_place(rule), head))
            for atom in rule.statement.resolved[1]:
                self._read.setdefault(atom.signature, []).append(atom)

    def lost(self, old: list[Atom], new: list[Atom], mutant: Mutant) -> str:
        """Return what is read of *old* and that neither *new* nor another rule derives."""
        for head in old:
            if head.term.name in self._declared:
                continue
            others = [h for at, h in self._heads[head.signature] if at != mutant.rule]
            others += [one for one in new if one.signature == head.signature]
            for atom in self._read.get(head.signature, ()):
                if _fit(head, atom) and not any(_fit(one, atom) for one in others):
                    return f"nothing derives an atom that is read: {shown(atom.signature)}"
        return ""


def _fit(head: Atom, atom: Atom) -> bool:
    return unify(head.term.arguments, atom.term.arguments)


def _place(rule: Rule) -> str:
    begin = rule.node.location.begin
    column = f":{begin.column}" if begin.column > 1 else ""
    return f"{rule.statement.file}:{begin.line}{column}"
