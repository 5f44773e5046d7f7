"""`test --coverage`: what the rows of a policy reach, as text, as data or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.words import plural

if TYPE_CHECKING:
    from reasoner.cli.screen import Screen
    from workbench.coverage.measure import Coverage, RuleCoverage

__all__ = ["show_coverage"]


def show_coverage(
    options: Options, folders: Sequence[Path], html: Path | None, least: float | None
) -> int:
    """Show what the tests of each of *folders* cover; status 1 below *least* percent."""
    import msgspec

    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.errors import UsageError
    from workbench.coverage.measure import measured
    from workbench.suite.bench import reasoner_of
    from workbench.suite.files import policy_rows

    if html is not None and len(folders) > 1:
        raise UsageError("usage.html", "a page is of one policy", hint="name the policy")
    screen = Screen.out(color=options.color)
    status = ANSWERED
    told = []
    with Output() as output:
        for folder in folders:
            rows = policy_rows(folder)
            if not rows:
                Screen.err().line(f"no test found in {folder}", tone="bad")
                status = FAILED
                continue
            reasoner = reasoner_of(folder)
            coverage = measured(reasoner, rows)
            told.append({"percent": coverage.percent, **msgspec.structs.asdict(coverage)})
            if not options.json:
                _show(screen, coverage)
            if html is not None:
                from workbench.coverage.page import covered_page

                policy = reasoner.policy
                files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
                output.write(html, covered_page(coverage, list(files.values())))
            if least is not None and coverage.percent < least:
                Screen.err().line(f"{coverage.percent} % is less than {least:g} %", tone="bad")
                status = FAILED
    if options.json:
        data = msgspec.json.encode({"policies": told})
        screen.data(msgspec.json.format(data, indent=2))
    return status


def _show(screen: Screen, coverage: Coverage) -> None:
    file = ""
    for rule in coverage.uncovered:
        if rule.file != file:
            file = rule.file
            screen.heading(file)
        _show_rule(screen, rule)
    idle = [rule.place for rule in coverage.rules if rule.fired and not rule.decisive]
    screen.line()
    if idle:
        screen.line(f"fired, and decided nothing: {', '.join(idle)}")
    fired = sum(rule.fired > 0 for rule in coverage.rules)
    literals = [one for rule in coverage.rules for one in rule.literals if one.state != "fixed"]
    covered = sum(one.state == "covered" for one in literals)
    screen.line(
        f"{coverage.policy}: {coverage.percent} % covered by {plural(coverage.rows, 'row')}:"
        f" {fired} of {plural(len(coverage.rules), 'rule')},"
        f" {covered} of {plural(len(literals), 'literal')}"
    )


def _show_rule(screen: Screen, rule: RuleCoverage) -> None:
    from workbench.coverage.page import WORDS

    mark, tone = ("✗", "bad") if not rule.fired else ("~", "open")
    screen.line(f"{rule.place.partition(':')[2]}  {rule.text}", mark=mark, tone=tone, hang=4)
    if rule.why:
        screen.line(f"never fires: {rule.why}", indent=4)
        return
    for one in rule.literals:
        if one.state not in ("covered", "fixed"):
            screen.line(f"{WORDS[one.state]}: {one.text}", indent=4)
