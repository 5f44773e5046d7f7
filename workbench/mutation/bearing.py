"""What a rule can bear on: the criteria, what records leave, or neither."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reasoner.check.term import unify
from reasoner.policy import Policy
from reasoner.program import RuleFile
from workbench.mutation.model import OUTPUTS
from workbench.mutation.mutant import Mutant, before_and_after
from workbench.mutation.reach import Reach
from workbench.rules import Rule, every_rule, rules_of, sliced

__all__ = ["Bearing"]

_OF_WORLDS: Collection[tuple[str, int]] = (
    *(("result", 2), ("status", 2), ("blocks", 1), ("refer", 1), ("advisory", 1)),
    *(("question", 1), ("answer", 2), ("presumed", 2), ("otherwise", 2), ("group_of", 2)),
    *(("family", 2), ("weight", 3)),
)
"""What is asked of the criteria of one world, and what makes the worlds."""


class Bearing:
    """The rules on which decisions rest, as far as rows can see."""

    def __init__(self, policy: Policy) -> None:
        self._files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
        self._criteria = _Slice(policy.criteria, _OF_WORLDS)
        rules = [rule for file in policy.evidence for rule in every_rule(file)]
        self._evidence = Reach(rules, tuple(OUTPUTS.items()))
        self._of_evidence = {file.name for file in policy.evidence}

    def on_criteria(self, mutant: Mutant) -> bool:
        """Whether a world may have another result, or another set of worlds stands to choose."""
        return self._criteria.reads(self._files[mutant.file], mutant)

    def on_evidence(self, mutant: Mutant) -> bool:
        """Whether records may leave anything else."""
        if mutant.file not in self._of_evidence:
            return False
        texts = before_and_after(self._files[mutant.file].text, mutant)
        return any(
            self._evidence.reaches(head.term)
            for text in texts
            for rule in rules_of(mutant.file, text)
            for head in rule.statement.resolved[0]
        )


class _Slice:
    """What *outputs* rest on, of the rules of some files."""

    def __init__(self, files: Iterable[RuleFile], outputs: Collection[tuple[str, int]]) -> None:
        files = list(files)
        self._names = {file.name for file in files}
        self._outputs = frozenset(outputs)
        self._rules = sliced(files, outputs)

    def reads(self, file: RuleFile, mutant: Mutant) -> bool:
        """Whether something that counts may read what the rule derives, before or after."""
        if file.name not in self._names:
            return False
        texts = before_and_after(file.text, mutant)
        return any(self._read(rule) for text in texts for rule in rules_of(file.name, text))

    def _read(self, changed: Rule) -> bool:
        for head in changed.statement.resolved[0]:
            if head.signature in self._outputs:
                return True
            for rule in self._rules:
                for atom in rule.statement.resolved[1]:
                    if atom.signature == head.signature and unify(
                        head.term.arguments, atom.term.arguments
                    ):
                        return True
        return False
