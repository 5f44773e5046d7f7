"""`why`: the proof of a recommendation, of a clause, or of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared
from reasoner.errors import UsageError

if TYPE_CHECKING:
    from explain.language import Language
    from explain.outline import Item
    from reasoner.cli.screen import Screen

__all__ = ["show", "why"]

_ALL = "result"
_What = Annotated[
    str,
    typer.Argument(metavar="[WHAT]", help="A clause (approval.II), a question (hiv) or an atom."),
]
_Full = Annotated[bool, typer.Option("--full", help="Everything, with the rules' places.")]


@shared(lang=True)
def why(options: Options, case: CasePath, what: _What = _ALL, full: _Full = False) -> int:
    """Show what a recommendation rests on: clauses, questions, records and absences.

    As JSON, the whole is a proof that `check-proof` re-validates; a part is its graph.
    """
    from explain.find import find
    from explain.language import load_language
    from explain.proof import prove
    from explain.why_atom import atom_of, why_atom
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.engine import decision_day

    read = open_case(options, case)
    reasoner = open_reasoner(options, case=read)
    examination = reasoner.examine(read, readings=options.readings, decided_on=options.decided_on)
    day = options.decided_on or decision_day(read)
    screen = Screen.out(color=options.color)
    if options.json and what == _ALL:
        import msgspec

        from explain.certificate import certify

        screen.data(msgspec.json.encode(certify(reasoner, examination, day)))
        return ANSWERED
    proof = prove(reasoner, examination, day)
    try:
        start = find(proof, what)
    except UsageError:
        if (atom := atom_of(reasoner.policy, what)) is None:
            raise
        item = why_atom(reasoner, examination, day, atom)
        if options.json:
            import msgspec

            screen.data(msgspec.json.format(msgspec.json.encode(item), indent=2))
        else:
            show(screen, item, load_language(options.lang, reasoner.policy))
        return ANSWERED
    if options.json:
        import msgspec

        from explain.export import graph_data

        data = msgspec.json.encode(graph_data(proof, start))
        screen.data(msgspec.json.format(data, indent=2))
        return ANSWERED

    from explain.outline import outline
    from explain.record import records_of
    from reasoner.cli.decision_text import REVIEW

    language = load_language(options.lang, reasoner.policy)
    records = records_of(read, language)
    found = outline(proof, start, full=full, language=language, records=records)
    show(screen, found, language)
    if examination.decision.human_review.required:
        screen.line(language.text(REVIEW))
    return ANSWERED


def show(screen: Screen, item: Item, language: Language) -> None:
    """Write an outline as a tree, or as numbered sentences where those are asked for."""
    from explain.tree import numbered, tree
    from reasoner.cli.words import headlines
    from reasoner.marks import MARKS

    lines = headlines(language.text)
    if screen.numbered:
        for sentence in numbered(item, lines, language):
            screen.line(sentence)
        return
    for lead, hang, text in tree(item, lines, MARKS, unicode=screen.unicode):
        screen.branch(lead, hang, text)
