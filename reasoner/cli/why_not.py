"""`why-not`: why something is not so, with near misses and failing literals."""

from __future__ import annotations

from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared

__all__ = ["why_not"]

_What = Annotated[
    str,
    typer.Argument(
        metavar="[WHAT]",
        help="A recommendation (approve), a clause (approval.II), a question or an answer of it "
        "(hiv, hiv=negative), an atom.",
    ),
]


@shared(lang=True)
def why_not(options: Options, case: CasePath, what: _What = "approve") -> int:
    """Show why something is not so: every rule that could make it so, and what fails."""
    from explain.language import load_language
    from explain.proof import prove
    from explain.why_not import why_not as tell
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.cli.why import show
    from reasoner.engine import decision_day

    read = open_case(options, case)
    reasoner = open_reasoner(options, case=read)
    examination = reasoner.examine(read, readings=options.readings, decided_on=options.decided_on)
    day = options.decided_on or decision_day(read)
    language = load_language(options.lang, reasoner.policy)
    proof = prove(reasoner, examination, day)
    item = tell(reasoner, examination, proof, day, what, language)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        screen.data(msgspec.json.format(msgspec.json.encode(item), indent=2))
    else:
        show(screen, item, language)
    return ANSWERED
