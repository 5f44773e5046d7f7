"""`check`: static checks of a policy's rules, before any case is decided by them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

if TYPE_CHECKING:
    from reasoner.check import Finding
    from reasoner.check.excerpt import Excerpt
    from reasoner.cli.screen import Screen

__all__ = ["check"]

_Which = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Policies, by id or folder; without: all of them."),
]
_Strict = Annotated[bool, typer.Option("--strict", help="Warnings are errors.")]


class CheckFormat(StrEnum):
    """How findings are written: for a reader, a program, a code host, a run of GitHub Actions."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@shared(case=False, formats=CheckFormat)
def check(options: Options, which: _Which = None, strict: _Strict = False) -> int:
    """Check rules, vocabulary, texts and tests; status 1 where something is wrong."""
    import msgspec

    from reasoner.check import check_folder, check_policy
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from reasoner.policy import list_policies

    rules = rules_of(options)
    findings = list(check_folder(rules))
    names = [Path(name).name if "/" in name else name for name in which or list_policies(rules)]
    # What two policies share is found twice.
    findings += dict.fromkeys(one for name in names for one in check_policy(rules, name))
    if strict:
        findings = [msgspec.structs.replace(one, severity="error") for one in findings]
    screen = Screen.out(color=options.color)
    match options.form:
        case CheckFormat.JSON:
            _json(screen, findings, rules, names)
        case CheckFormat.SARIF:
            _sarif(screen, findings, rules)
        case CheckFormat.GITHUB:
            _github(screen, findings, rules, names)
        case _:
            _text(screen, findings, rules, names)
    return FAILED if _errors(findings) else ANSWERED


def _errors(findings: list[Finding]) -> int:
    return sum(finding.severity == "error" for finding in findings)


def _base(rules: Path) -> str:
    """Return what leads from here to *rules*; a whole path where it is elsewhere."""
    here, there = Path.cwd().resolve(), rules.resolve()
    inside = there.is_relative_to(here)
    return f"{there.relative_to(here) if inside else there}/".removeprefix("./")


# -- for a program ----------------------------------------------------------------------------


def _json(screen: Screen, findings: list[Finding], rules: Path, names: list[str]) -> None:
    from reasoner.check.excerpt import excerpt

    errors = _errors(findings)
    found: dict[str, Any] = {
        "policies": names,
        "findings": [_as_data(finding, excerpt(rules, finding)) for finding in findings],
        "errors": errors,
        "warnings": len(findings) - errors,
    }
    _data(screen, found)


def _as_data(finding: Finding, shown: Excerpt | None) -> dict[str, Any]:
    import msgspec

    place = {} if shown is None else {"excerpt": msgspec.to_builtins(shown)}
    return {**msgspec.to_builtins(finding), **place}


def _sarif(screen: Screen, findings: list[Finding], rules: Path) -> None:
    from reasoner import __version__
    from reasoner.check.sarif import sarif

    _data(screen, sarif(findings, rules, _base(rules), __version__))


def _data(screen: Screen, value: dict[str, Any]) -> None:
    import msgspec

    screen.data(msgspec.json.format(msgspec.json.encode(value), indent=2))


def _github(screen: Screen, findings: list[Finding], rules: Path, names: list[str]) -> None:
    from reasoner.check.annotations import annotation
    from reasoner.plain import plain

    base = _base(rules)
    for finding in findings:
        screen.raw(plain(annotation(finding, rules, base)))
    screen.raw(_summary(findings, names))


# -- for a reader -----------------------------------------------------------------------------


def _text(screen: Screen, findings: list[Finding], rules: Path, names: list[str]) -> None:
    from reasoner.cli.findings_text import show_findings

    show_findings(screen, findings, rules)
    screen.line(_summary(findings, names))


def _summary(findings: list[Finding], names: list[str]) -> str:
    from reasoner.cli.words import plural

    errors = _errors(findings)
    return (
        f"{plural(errors, 'error')}, {plural(len(findings) - errors, 'warning')}"
        f" in {plural(len(names), 'policy', 'policies')}: {', '.join(names)}"
    )
