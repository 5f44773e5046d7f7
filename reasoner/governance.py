"""Which of several policies governs a request: the one for its product, in force on its day.

A policy says in `parameters.lp` which drugs it governs, as `requested_drug(D)`, and its own
rules read the same facts. An invented policy is for teaching: it decides only what names its
drug or is put to it by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import clingo

from reasoner.days import Calendar
from reasoner.errors import UsageError
from reasoner.model import Case, Request
from reasoner.policy import Identity, list_policies, read_identity, the_policy
from reasoner.terminology import Terminology

__all__ = ["Governance", "in_force"]

_PARAMETERS = "parameters.lp"


class Governance:
    """The policies of a rules folder and the drugs that each governs, read once for many cases."""

    def __init__(self, rules: Path) -> None:
        self.rules = rules
        self._identity = cache(read_identity)
        self._governed = cache(_governed)
        self._text = cache(_text)

    @cached_property
    def known(self) -> list[str]:
        """The ids of the policies, in order.

        Raises:
            UsageError: it is no rules folder.
        """
        return list_policies(self.rules)

    def of(self, case: Case, terminology: Terminology, day: dt.date | None) -> str:
        """Return the id of the policy that governs *case*: of several, the one in force on *day*.

        Without a *day*, the first planned day of service decides. A case that names no drug of
        any policy goes to the only policy that is not invented.

        Raises:
            UsageError: no policy governs it, or several do, or none is in force on the day.
            PolicyError: a `policy.toml` is broken.
        """
        if len(self.known) < 2:  # noqa: PLR2004 -- there is nothing to choose
            return self._otherwise
        wanted = _drugs_of(case.request, terminology)
        found = [self._identity(self.rules, name) for name in self._governing(wanted)]
        if not found:
            return self._otherwise
        first = min((planned.first for planned in case.request.service_dates), default=None)
        on = day or first
        active = [identity for identity in found if on is None or in_force(identity, on)]
        if len(active) == 1:
            return active[0].id
        product = case.request.product or case.request.hcpcs or case.request.code
        if not active:
            raise UsageError(
                "usage.as_of",
                f"no policy for `{product}` is in force on {on}",
                where=case.origin,
                hint="; ".join(f"`{one.id}` is {_span(one)}" for one in found)
                + "; `--policy` applies one all the same",
            )
        raise UsageError(
            "usage.policy",
            f"several policies govern `{product}`",
            where=case.origin,
            hint=f"--policy one of {', '.join(one.id for one in active)}",
        )

    @cached_property
    def _otherwise(self) -> str:
        return the_policy(self.rules)

    def _governing(self, wanted: frozenset[str]) -> list[str]:
        """Return the policies of which one of the drugs *wanted* is a drug."""
        return [
            name
            for name in self.known
            for path in [self.rules / "policies" / name / _PARAMETERS]
            if any(drug in self._text(path) for drug in wanted) and wanted & self._governed(path)
        ]


def in_force(identity: Identity, day: dt.date) -> bool:
    """Whether the policy is in force on *day*; what the document leaves open bounds nothing."""
    return (identity.effective_from is None or identity.effective_from <= day) and (
        identity.effective_to is None or day <= identity.effective_to
    )


def _span(identity: Identity) -> str:
    return f"in force from {identity.effective_from or 'ever'} to {identity.effective_to or 'now'}"


def _text(parameters: Path) -> str:
    """Return what a policy's parameters say: a drug that they do not name is not the policy's."""
    try:
        return parameters.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _governed(parameters: Path) -> frozenset[str]:
    """Return the drugs that a policy's parameters name as its own; none, if they are broken."""
    control = clingo.Control(message_limit=0)
    try:
        control.add("base", [], parameters.read_text(encoding="utf-8"))
        control.ground([("base", [])], Calendar())
    except (OSError, RuntimeError, UnicodeDecodeError):
        return frozenset()
    atoms = control.symbolic_atoms.by_signature("requested_drug", 1)
    return frozenset(atom.symbol.arguments[0].name for atom in atoms)


def _drugs_of(request: Request, terminology: Terminology) -> frozenset[str]:
    """Return the concepts that the request's product and codes mean."""
    return frozenset(
        row.concept for system, code in _named(request) for row in terminology.rows(system, code)
    )


def _named(request: Request) -> Iterator[tuple[str, str]]:
    if request.product is not None:
        yield "name", request.product
    if request.code is not None:
        yield request.system or "name", request.code
    if request.hcpcs is not None:
        yield "hcpcs", request.hcpcs
