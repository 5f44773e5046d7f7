"""A policy as its author has it: loaded where it can be, with what `decide` would refuse.

A rule that is gone or a name that is misspelt leaves a clause or a predicate empty. `decide`
refuses such a policy. Its author asks what the change would do, so here it is loaded all the
same, and the refusal is a finding beside the answer.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from reasoner import __version__
from reasoner.check import check_policy
from reasoner.check.finding import Finding, of_error
from reasoner.engine import Reasoner
from reasoner.errors import PolicyError
from reasoner.model import Case
from reasoner.policy import load_policy
from reasoner.terminology import Terminology, load

__all__ = ["Draft", "open_draft"]

_EMPTY = frozenset({"policy.clause", "policy.undefined"})
"""What is refused because something is empty: the rest cannot be asked about at all."""


class Draft(msgspec.Struct, frozen=True, eq=False):
    """A policy ready to be asked, and why `decide` *refused* it: nothing where it does not."""

    reasoner: Reasoner
    refused: tuple[Finding, ...] = ()


def open_draft(
    rules: Path, policy_id: str | None = None, terminology: Terminology | None = None
) -> Draft:
    """Load the policy *policy_id* of the folder *rules*.

    Raises:
        PolicyError: it cannot be loaded, not even as a draft.
        UsageError: there is no such policy in it.
    """
    policy = load_policy(rules, policy_id)
    terms = load(rules / "terminology") if terminology is None else terminology
    try:
        return Draft(_ready(Reasoner(policy, terms, version=__version__)))
    except PolicyError as fault:
        if fault.code not in _EMPTY:
            raise
        draft = msgspec.structs.replace(policy, draft=True)
        reasoner = _ready(Reasoner(draft, terms, version=__version__))
        found = [one for one in check_policy(rules, policy.id) if one.severity == "error"]
        return Draft(reasoner, tuple(found) or (of_error(fault, f"policies/{policy.id}"),))


def _ready(reasoner: Reasoner) -> Reasoner:
    """Return *reasoner*, once both of its programs are grounded: only then is it refused."""
    _ = reasoner.worlds
    cases = [(Case(name, ""), None) for name in ("one", "other")]  # of one, less may be grounded
    reasoner.evidence.settle(cases, reasoner.defaults)
    return reasoner
