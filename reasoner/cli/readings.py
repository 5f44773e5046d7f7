"""`readings`: the named interpretations of ambiguous wording, the default first."""

from __future__ import annotations

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.cli.policies import PolicyId

__all__ = ["readings"]


@shared(case=False)
def readings(options: Options, policy_id: PolicyId = None) -> int:
    """List the readings of ambiguous wording: clause, issue, values, and the reason."""
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
