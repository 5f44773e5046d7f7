"""A mutant: one small change of one rule, with its place and what it is in words."""

from __future__ import annotations

from typing import Literal

import msgspec

from reasoner.policy import Policy
from reasoner.program import RuleFile

__all__ = ["Mutant", "Operator", "before_and_after", "mutated"]

Operator = Literal[
    "drop rule", "drop literal", "negate", "flip comparison", "move number", "swap constant"
]


class Mutant(msgspec.Struct, frozen=True):
    """A change in *file* at *line* and *column*: *was* becomes *now*.

    *rule* is the place of the rule as a proof names it, *literal* the place of the changed
    literal in its body, -1 for the head; *start* and *end* are offsets in the text of the
    file, *put* is what takes the place of what stands between them; the whole rule stands
    between *begin* and *stop*.
    """

    file: str
    line: int
    column: int
    rule: str
    literal: int
    operator: Operator
    was: str
    now: str
    start: int
    end: int
    put: str
    begin: int
    stop: int

    @property
    def where(self) -> str:
        """The place of the change: `policies/x/criteria.lp:12:3`."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def words(self) -> str:
        """The change in words."""
        return (
            f"{self.operator}: {self.was} -> {self.now}"
            if self.now
            else f"{self.operator}: {self.was}"
        )


def mutated(policy: Policy, mutant: Mutant) -> Policy:
    """Return *policy* with the change of *mutant*."""

    def change(files: tuple[RuleFile, ...]) -> tuple[RuleFile, ...]:
        return tuple(
            RuleFile(
                file.path,
                file.name,
                file.text[: mutant.start] + mutant.put + file.text[mutant.end :],
            )
            if file.name == mutant.file
            else file
            for file in files
        )

    return msgspec.structs.replace(
        policy, evidence=change(policy.evidence), criteria=change(policy.criteria)
    )


def before_and_after(text: str, mutant: Mutant) -> tuple[str, str]:
    """Return the changed rule of the file *text*, as it is and as *mutant* has it."""
    before = text[mutant.begin : mutant.stop]
    start, end = mutant.start - mutant.begin, mutant.end - mutant.begin
    return before, before[:start] + mutant.put + before[end:]
