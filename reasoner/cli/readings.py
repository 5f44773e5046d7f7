"""`readings`: the named interpretations of ambiguous wording, the default first."""

from __future__ import annotations

from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED, INPUT
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.cli.policies import PolicyId

__all__ = ["readings"]


_Cases = Annotated[
    list[str] | None,
    typer.Option("--cases", metavar="FILE", help="Which of these each reading decides anew."),
]


@shared(case=False)
def readings(options: Options, policy_id: PolicyId = None, cases: _Cases = None) -> int:
    """List the readings of ambiguous wording: clause, issue, values, and the reason.

    With cases, say which of them each alternative reading decides differently.
    """
    if cases:
        return _flipped(options, policy_id, cases)
    import msgspec

    from explain.questionnaire import readings_of
    from reasoner.cli.decision_text import answer_text
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_reasoner

    rows = readings_of(open_reasoner(options, policy_id))
    screen = Screen.out(color=options.color)
    if options.json:
        screen.data(msgspec.json.format(msgspec.json.encode(rows), indent=2))
        return ANSWERED
    for row in rows:
        default, *others = [answer_text(value) for value in row.values]
        screen.line(f"{row.id}  {row.clause}", tone="head")
        screen.line(row.issue, indent=4)
        screen.line(f"default {default}, or {', '.join(others)}", indent=4)
        screen.line(row.reason, indent=4, tone="faint")
    return ANSWERED


def _flipped(options: Options, policy_id: str | None, cases: list[str]) -> int:
    import msgspec

    from reasoner.cli.case_set import read_set
    from reasoner.cli.flips_text import show_moved
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_reasoner
    from reasoner.cli.words import plural
    from workbench.difference.flips import readings_flipped

    reasoner = open_reasoner(options, policy_id)
    found = list(readings_flipped(read_set(cases), reasoner))
    status = INPUT if any(flips.unread for _, _, flips in found) else ANSWERED
    screen = Screen.out(color=options.color)
    if options.json:
        rows = [
            {"reading": name, "value": value, **msgspec.to_builtins(flips)}
            for name, value, flips in found
        ]
        screen.data(msgspec.json.format(msgspec.json.encode(rows), indent=2))
        return status
    for name, value, flips in found:
        default = reasoner.defaults[name]
        screen.line(f"{name} = {value} (default {default})", tone="head")
        count = plural(len(flips.flips), "case")
        screen.line(f"decides {count} of {flips.cases} differently", indent=2)
        show_moved(screen, flips)
    return status
