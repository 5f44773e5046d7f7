"""Why a mutant of the evidence changes nothing, by proof over the rules."""

from __future__ import annotations

from collections.abc import Mapping

from reasoner.policy import Policy
from workbench.coverage.implied import theory
from workbench.mutation.context import Context
from workbench.mutation.model import OUTPUTS
from workbench.mutation.mutant import Mutant
from workbench.rules import Rule, sliced

__all__ = ["Excuses"]


class Excuses:
    """The proofs about the rules of *policy*."""

    def __init__(self, policy: Policy) -> None:
        proofs = theory(policy)
        self._implied: Mapping[str, frozenset[int]] = {
            place: found
            for file in policy.evidence
            for place, found in proofs.implied(file).items()
        }
        outputs = frozenset(OUTPUTS.items())
        rules = sliced(policy.evidence, outputs)
        self._context = Context(rules, outputs, proofs)
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            begin = rule.node.location.begin
            place = f"{rule.statement.file}:{begin.line}"
            place += f":{begin.column}" if begin.column > 1 else ""
            self._rules.setdefault(place, []).append(rule)
        of_criteria = {file.name for file in policy.criteria}
        self._here = {file.name for file in policy.evidence} - of_criteria

    def excuse(self, mutant: Mutant) -> str:
        """Return why *mutant* changes no decision, or nothing where that is not proved."""
        if mutant.operator != "drop literal" or mutant.file not in self._here:
            return ""
        if mutant.literal in self._implied.get(mutant.rule, frozenset()):
            return "the literal follows from the rest of the rule"
        rules = self._rules.get(mutant.rule, [])
        if self._context.asked_by_readers(rules, mutant.literal):
            return "whatever reads what the rule derives asks for the literal itself"
        return ""
