"""`decide`: the recommendation on one case, on several, or on a stream of them."""

from __future__ import annotations

from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.one import decide_one, is_stream
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import UsageError

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


@shared(lang=True)
def decide(options: Options, cases: _Cases, exit_code: _ExitCode = False) -> int:
    """Recommend on each case, clause by clause; several cases give one line each."""
    if len(cases) == 1 and not is_stream(cases[0]):
        decision = decide_one(options, cases[0])
        return _STATUS[decision.recommendation] if exit_code else ANSWERED
    if options.request is not None:
        raise UsageError("usage.request", "`--request` is for one case", where="--request")
    if exit_code:
        raise UsageError("usage.exit_code", "`--exit-code` is for one case", where="--exit-code")
    from reasoner.cli.stream import decide_all

    return decide_all(options, cases)
