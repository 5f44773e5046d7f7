"""What a shell completes besides commands and options: the ids of policies and readings."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from reasoner.errors import ReasonerError

__all__ = ["policy_ids", "reading_ids"]


def policy_ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the ids of the policies that begin with *incomplete*."""
    from reasoner.policy import list_policies, rules_folder

    try:
        known = list_policies(ctx.params.get("rules") or rules_folder())
    except ReasonerError:
        return []
    return [name for name in known if name.startswith(incomplete)]


def reading_ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the readings that begin with *incomplete*, ready for their value: `name=`."""
    try:
        return sorted(name for name in _readings(ctx) if name.startswith(incomplete))
    except ReasonerError:
        return []


def _readings(ctx: typer.Context) -> Iterator[str]:
    from reasoner.policy import load_policy, rules_folder
    from reasoner.readings import declared_readings

    policy = load_policy(ctx.params.get("rules") or rules_folder(), ctx.params.get("policy"))
    for name in declared_readings(policy):
        yield f"{name}="
