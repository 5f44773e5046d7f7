"""`to-fhir`: a case as a FHIR request that reads back as the case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared

__all__ = ["to_fhir"]

_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the Bundle there.")
]


@shared()
def to_fhir(options: Options, case: CasePath, output: _Output = None) -> int:
    """Write a case as a FHIR R4 Bundle, the Claim first; it reads back as the case."""
    from exchange.element import to_json
    from exchange.request import request_bundle
    from exchange.systems import addresses
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, rules_of

    bundle = request_bundle(open_case(options, case), addresses(rules_of(options)))
    data = to_json(bundle)
    screen = Screen.out(color=options.color)
    if output is None:
        screen.data(data)
        return ANSWERED
    with Output() as files:
        files.write(output, f"{data.decode()}\n")
    screen.line(f"{output}: {len(bundle['entry'])} resources, the Claim first")
    return ANSWERED
