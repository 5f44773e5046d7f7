"""A version of a policy, ready to be compared: its rules, its tables, and a reasoner."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import msgspec
from clingo import Symbol

from reasoner.check import Finding
from reasoner.engine import Reasoner
from reasoner.errors import PolicyError
from reasoner.policy import Policy
from reasoner.terminology import Terminology
from workbench.draft import open_draft

__all__ = ["Version", "load_version"]


class Version(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A version of a policy as its reader calls it (*name*), with a reasoner that decides by it.

    *refused* says why `decide` would not: then the reasoner is that of a draft.
    """

    name: str
    reasoner: Reasoner
    refused: tuple[Finding, ...] = ()

    @property
    def policy(self) -> Policy:
        """Its rules."""
        return self.reasoner.policy

    @property
    def terminology(self) -> Terminology:
        """Its tables."""
        return self.reasoner.terminology

    @cached_property
    def questions(self) -> dict[Symbol, frozenset[Symbol]]:
        """What its criteria ask, with the answers that they know."""
        return self.reasoner.worlds.every

    @cached_property
    def presumed(self) -> dict[Symbol, Symbol]:
        """What holds where nothing else is said: readings, presumptions, drugs nobody names."""
        worlds = self.reasoner.worlds
        presumed = {fact[0]: fact[1] for fact in worlds.facts("presumed", 2)}
        return {**presumed, **worlds.usual}

    @cached_property
    def any_record(self) -> frozenset[Symbol]:
        """The questions that any one record settles."""
        return frozenset(fact[0] for fact in self.reasoner.worlds.facts("any_record", 1))


def load_version(name: str, rules: Path, policy_id: str | None = None) -> Version:
    """Load the policy *policy_id* of the folder *rules* as the version *name*.

    Raises:
        PolicyError: it does not load; the error names the version.
        UsageError: there is no such policy in it.
    """
    try:
        draft = open_draft(rules, policy_id)
    except PolicyError as error:
        where = f"{name}: {error.where}" if error.where else name
        message = f"this version does not load: {error.message}"
        hint = error.hint or f"`reasoner check --rules {rules}` says more"
        raise PolicyError(error.code, message, where=where, hint=hint) from None
    return Version(name, draft.reasoner, draft.refused)
