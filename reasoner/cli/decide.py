"""`decide`: the recommendation on one case, on several, or on a stream of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options, shared
from reasoner.errors import UsageError

if TYPE_CHECKING:
    from reasoner.decision import Decision

__all__ = ["decide"]

_STATUS = {"approve": 0, "deny": 10, "pend": 11, "partial": 12, "refer": 13, "not_applicable": 14}

_Cases = Annotated[
    list[str],
    typer.Argument(metavar="CASE...", help="Cases; `-` and *.jsonl are JSON Lines streams."),
]
_ExitCode = Annotated[
    bool,
    typer.Option(
        "--exit-code",
        help="Of one case: 0 approve, 10 deny, 11 pend, 12 partial, 13 refer, 14 not applicable.",
    ),
]


@shared()
def decide(options: Options, cases: _Cases, exit_code: _ExitCode = False) -> int:
    """Recommend on each case, clause by clause; several cases give one line each."""
    if len(cases) == 1 and not _is_stream(cases[0]):
        decision = _decide_one(options, cases[0])
        return _STATUS[decision.recommendation] if exit_code else ANSWERED
    if exit_code:
        raise UsageError("usage.exit_code", "`--exit-code` is for one case", where="--exit-code")
    from reasoner.cli.stream import decide_all

    return decide_all(options, cases)


def _is_stream(path: str) -> bool:
    return path == "-" or path.endswith(".jsonl")


def _decide_one(options: Options, path: str) -> Decision:
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner

    case = open_case(path)
    reasoner = open_reasoner(options)
    decision = reasoner.decide(case, readings=options.readings, decided_on=options.decided_on)
    if options.as_of is not None:
        import msgspec

        decision = msgspec.structs.replace(decision, as_of=options.as_of.isoformat())
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        screen.data(msgspec.json.format(msgspec.json.encode(decision), indent=2))
    else:
        from reasoner.cli.decision_text import show_decision

        show_decision(screen, decision, reasoner.worlds.texts, path)
    return decision
