"""`policy new`: a folder that passes its checks, tests and properties from its first minute."""

from __future__ import annotations

from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

__all__ = ["new_policy"]

_NewId = Annotated[str, typer.Argument(metavar="ID", help="The id of the new policy.")]


@shared(case=False)
def new_policy(options: Options, policy_id: _NewId) -> int:
    """Write a new policy, small and alive, with comments that teach; never over another one."""
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from workbench.skeleton import write_policy

    rules = rules_of(options)
    files = write_policy(rules, policy_id)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        found = {"id": policy_id, "files": [str(path) for path in files]}
        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return ANSWERED
    for path in files:
        screen.line(f"wrote {path}")
    more = f" --rules {options.rules}" if options.rules else ""
    names = ("check", "test", "verify")
    commands = " · ".join(f"reasoner {name} {policy_id}{more}" for name in names)
    screen.line(f"next: {commands}", tone="faint")
    return ANSWERED
