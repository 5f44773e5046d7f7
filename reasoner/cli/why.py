"""`why`: the proof of a recommendation, of a clause, or of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared

if TYPE_CHECKING:
    from explain.outline import Item
    from reasoner.cli.screen import Screen

__all__ = ["why"]

_What = Annotated[
    str,
    typer.Argument(metavar="[WHAT]", help="A clause (approval.II) or a question (hiv)."),
]
_Full = Annotated[bool, typer.Option("--full", help="Everything, with the rules' places.")]


@shared()
def why(options: Options, case: CasePath, what: _What = "result", full: _Full = False) -> int:
    """Show what a recommendation rests on: clauses, questions, records and absences."""
    from explain.proof import find, prove
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.engine import decision_day

    read = open_case(options, case)
    reasoner = open_reasoner(options)
    examination = reasoner.examine(read, readings=options.readings, decided_on=options.decided_on)
    proof = prove(reasoner, examination, options.decided_on or decision_day(read))
    start = find(proof, what)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        from explain.export import proof_data

        data = msgspec.json.encode(proof_data(proof, start))
        screen.data(msgspec.json.format(data, indent=2))
        return ANSWERED

    from explain.outline import outline

    _show(screen, outline(proof, start, full=full))
    if examination.decision.human_review.required:
        screen.line("recommendation only: a person must confirm")
    return ANSWERED


def _show(screen: Screen, item: Item) -> None:
    from explain.tree import numbered, tree
    from reasoner.cli.words import HEADLINES

    if screen.numbered:
        for sentence in numbered(item, HEADLINES):
            screen.line(sentence)
        return
    for lead, hang, text in tree(item, HEADLINES, unicode=screen.unicode):
        screen.branch(lead, hang, text)
