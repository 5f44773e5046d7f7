"""`missing`: what to ask for, only what can still change the result."""

from __future__ import annotations

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared

__all__ = ["missing"]


@shared()
def missing(options: Options, case: CasePath) -> int:
    """Show what to ask for: only what can still change the recommendation."""
    from reasoner.cli.decision_text import show_missing
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.cli.words import HEADLINES

    read = open_case(options, case)
    decision = open_reasoner(options).decide(
        read, readings=options.readings, decided_on=options.decided_on
    )
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        found = {
            "case": decision.case,
            "recommendation": decision.recommendation,
            "missing": decision.missing,
        }
        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return ANSWERED
    screen.line(f"{HEADLINES[decision.recommendation]}  {decision.case.id}", tone="head")
    if decision.missing:
        show_missing(screen, decision.missing)
    else:
        screen.line("nothing is missing: no answer that is still open changes the recommendation")
    return ANSWERED
