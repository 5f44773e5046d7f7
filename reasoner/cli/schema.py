"""`schema`: the JSON Schema of what goes in and what comes out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

__all__ = ["schema"]


class _Of(StrEnum):
    CASE = "case"
    DECISION = "decision"
    PROOF = "proof"
    GRAPH = "graph"


_What = Annotated[_Of, typer.Argument(metavar="case|decision|proof|graph", help="Of what.")]


@shared(case=False)
def schema(options: Options, what: _What) -> int:
    """Print the JSON Schema of a case, a decision, a proof, or the graph of one."""
    import msgspec

    from reasoner.cli.screen import Screen

    screen = Screen.out(color=options.color)
    screen.data(msgspec.json.format(msgspec.json.encode(_schema(what)), indent=2))
    return ANSWERED


def _schema(what: _Of) -> dict[str, Any]:
    match what:
        case _Of.CASE:
            from reasoner.case import case_schema

            return case_schema()
        case _Of.PROOF:
            from reasoner.certificate.format import proof_schema

            return proof_schema()
        case _Of.GRAPH:
            from explain.export import graph_schema

            return graph_schema()
        case _Of.DECISION:
            import msgspec

            from reasoner.decision import Decision

            return {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "Decision",
                **msgspec.json.schema(Decision),
            }
