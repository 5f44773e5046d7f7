"""The two programs of a policy, with who defines, declares and provides what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reasoner.check.source import Atom, Signature, Source, Statement, parse
from reasoner.policy import Policy
from reasoner.program import RuleFile, read

__all__ = ["Program", "Programs", "programs"]

PROPERTY: Signature = ("property", 3)
READING: Signature = ("reading", 2)
IS: Signature = ("is", 2)
_OF_WORLDS: frozenset[Signature] = frozenset({IS, ("clause", 2)})
_CASE, _REFERENCE = "core/case.lp", "core/reference.lp"


@dataclass(frozen=True, eq=False)
class Program:
    """One of the two programs: its files, and what it is *provided* with from outside."""

    name: str
    sources: tuple[Source, ...]
    provided: frozenset[Signature]

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of all files."""
        return tuple(s for source in self.sources for s in source.statements)

    @cached_property
    def heads(self) -> dict[Signature, list[Atom]]:
        """What the rules define."""
        found: dict[Signature, list[Atom]] = {}
        for statement in self.statements:
            for head in statement.resolved[0]:
                found.setdefault(head.signature, []).append(head)
        return found

    @cached_property
    def read(self) -> dict[Signature, list[Atom]]:
        """What the rules read."""
        found: dict[Signature, list[Atom]] = {}
        for statement in self.statements:
            for atom in statement.resolved[1]:
                found.setdefault(atom.signature, []).append(atom)
        return found

    @cached_property
    def declared(self) -> frozenset[Signature]:
        """What `#defined` declares."""
        return frozenset(signature for source in self.sources for signature in source.declared)

    @cached_property
    def known(self) -> frozenset[Signature]:
        """What a body may name."""
        return self.provided | self.declared | frozenset(self.heads)


@dataclass(frozen=True, eq=False)
class Programs:
    """Both programs of a policy.

    *case* is what a case may state, *reference* what the terminology and the chosen readings
    say; *properties* is `properties.lp`, where there is one.
    """

    policy: Policy
    evidence: Program
    criteria: Program
    worlds: tuple[Source, ...]
    properties: Source | None
    case: frozenset[Signature]
    reference: frozenset[Signature]

    @cached_property
    def both(self) -> tuple[Program, Program]:
        """The evidence program and the criteria program."""
        return self.evidence, self.criteria

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Every file once."""
        more = [] if self.properties is None else [self.properties]
        found = [*self.evidence.sources, *self.criteria.sources, *self.worlds, *more]
        return tuple({source.name: source for source in found}.values())

    @cached_property
    def shared(self) -> tuple[Source, ...]:
        """The files of both programs."""
        names = {source.name for source in self.criteria.sources}
        return tuple(source for source in self.evidence.sources if source.name in names)

    @cached_property
    def evidence_only(self) -> tuple[Source, ...]:
        """The files of the evidence program alone."""
        return tuple(s for s in self.evidence.sources if s not in self.shared)

    @cached_property
    def criteria_only(self) -> tuple[Source, ...]:
        """The files of the criteria program alone."""
        return tuple(s for s in self.criteria.sources if s not in self.shared)

    @cached_property
    def own(self) -> tuple[Source, ...]:
        """The files of the policy's own folder."""
        return tuple(source for source in self.sources if source.name.startswith("policies/"))


def programs(policy: Policy) -> Programs:
    """Parse every rule file of *policy*.

    Raises:
        PolicyError: `properties.lp` cannot be read.
    """
    evidence = tuple(map(parse, policy.evidence))
    criteria = tuple(map(parse, policy.criteria))
    case, reference = (
        frozenset(signature for s in evidence if s.name == name for signature in s.declared)
        for name in (_CASE, _REFERENCE)
    )
    return Programs(
        policy=policy,
        evidence=Program("evidence", evidence, case | reference),
        criteria=Program("criteria", criteria, _OF_WORLDS | reference),
        worlds=tuple(parse(file) for file in policy.worlds),
        properties=_properties(policy),
        case=case,
        reference=reference,
    )


def _properties(policy: Policy) -> Source | None:
    path = policy.folder / "properties.lp"
    if not path.is_file():
        return None
    file: RuleFile = read(path, f"policies/{policy.id}/properties.lp")
    return parse(file)
