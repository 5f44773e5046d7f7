"""`policy boundaries`: neighbouring cases on the two sides of every clause, as tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.cli.policies import PolicyId

if TYPE_CHECKING:
    from workbench.boundaries import Boundary

__all__ = ["boundaries"]

_Out = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="A file of tests; without: stdout."),
]
_ABOUT = (
    "Written by `reasoner policy boundaries {policy}`: two neighbouring cases a clause.\n"
    "They differ in one thing, and with it the status of the clause turns."
)


_Days = Annotated[
    bool, typer.Option(help="Also the days on which a record begins or ceases to count.")
]


@shared(case=False)
def boundaries(
    options: Options, policy_id: PolicyId = None, output: _Out = None, days: _Days = True
) -> int:
    """Write two neighbouring cases for each clause, one on each side of it, as tests."""
    from reasoner.case import write_yaml
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_reasoner
    from reasoner.cli.words import plural, spoken
    from workbench.boundaries import boundaries as find_boundaries
    from workbench.boundaries import test_row
    from workbench.edges import edges

    reasoner = open_reasoner(options, policy_id)
    found = [*find_boundaries(reasoner), *(edges(reasoner) if days else ())]
    rows = [test_row(one, side) for one in found for side in range(len(one.cases))]
    missing = [
        f"{one.clause}: no two cases lie between {spoken(one.statuses[0])}"
        f" and {spoken(one.statuses[1])}"
        for one in found
        if not one.cases
    ]
    comment = "\n".join([_ABOUT.format(policy=reasoner.policy.id), *missing])
    text = write_yaml({"rows": rows}, comment=comment)
    if output is not None:
        with Output() as files:
            files.write(output, text)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        content = {"policy": reasoner.policy.id, "boundaries": [_row(one) for one in found]}
        screen.data(msgspec.json.format(msgspec.json.encode(content), indent=2))
        return ANSWERED
    if output is None:
        screen.file(text)
        return ANSWERED
    screen.line(f"{plural(len(rows), 'row')} in {output}")
    for line in missing:
        screen.line(line, tone="open")
    return ANSWERED


def _row(one: Boundary) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "statuses": one.statuses,
        "changed": one.changed or None,
        "cases": [
            {
                "case": case.document,
                "readings": case.readings,
                "recommendation": case.decision.recommendation,
            }
            for case in one.cases
        ],
    }
