"""`check`: static checks of a policy's rules, before any case is decided by them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

__all__ = ["check"]

_Which = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Policies, by id or folder; without: all of them."),
]
_Strict = Annotated[
    bool, typer.Option("--strict", help="A sentence without a translation is an error.")
]
_STRICT = "translation.missing"


@shared(case=False)
def check(options: Options, which: _Which = None, strict: _Strict = False) -> int:
    """Check rules, vocabulary, texts and locators; status 1 where something is wrong."""
    from reasoner.check import Finding, check_folder, check_policy
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from reasoner.cli.words import plural
    from reasoner.policy import list_policies

    rules = rules_of(options)
    findings = list(check_folder(rules))
    names = [Path(name).name if "/" in name else name for name in which or list_policies(rules)]
    findings += [finding for name in names for finding in check_policy(rules, name)]
    if strict:
        findings = [
            Finding(one.code, "error", one.message, one.where, one.hint)
            if one.code == _STRICT
            else one
            for one in findings
        ]
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        found = {"policies": names, "findings": findings, "errors": errors, "warnings": warnings}
        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return FAILED if errors else ANSWERED
    for finding in findings:
        tone = "bad" if finding.severity == "error" else "open"
        head = f"{finding.severity}[{finding.code}]:"
        screen.line(finding.message, mark=head, tone=tone)
        if finding.where:
            screen.line(f"--> {finding.where}", indent=2, hang=4)
        if finding.hint:
            screen.line(f"= hint: {finding.hint}", indent=2, hang=4)
    screen.line(
        f"{plural(errors, 'error')}, {plural(warnings, 'warning')}"
        f" in {plural(len(names), 'policy', 'policies')}: {', '.join(names)}"
    )
    return FAILED if errors else ANSWERED
