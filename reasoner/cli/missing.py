"""`missing`: what to ask for, only what can still change the result."""

from __future__ import annotations

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared

__all__ = ["NOTHING", "missing"]

NOTHING = "nothing is missing: no answer that is still open changes the recommendation"


@shared(lang=True)
def missing(options: Options, case: CasePath) -> int:
    """Show what to ask for: only what can still change the recommendation."""
    from reasoner.cli.decision_text import show_missing
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.marks import HEADLINES

    read = open_case(options, case)
    reasoner = open_reasoner(options, case=read)
    decision = reasoner.decide(read, readings=options.readings, decided_on=options.decided_on)
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
    from explain.language import load_language
    from reasoner.cli.translation import translated

    language = load_language(options.lang, reasoner.policy)
    decision, text = translated(decision, language), language.text
    screen.line(f"{text(HEADLINES[decision.recommendation])}  {decision.case.id}", tone="head")
    if decision.missing:
        show_missing(screen, decision.missing, text, language.word)
    else:
        screen.line(text(NOTHING))
    return ANSWERED
