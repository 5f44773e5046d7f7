"""`test --mutate`: which changes of the rules no row of the tests notices."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.words import plural
from reasoner.errors import UsageError

if TYPE_CHECKING:
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from workbench.mutation.hunt import Fate
    from workbench.mutation.score import Score
    from workbench.suite.row import Row

__all__ = ["show_mutation"]


_NEAR = 400
"""So many cases near the rows are tried for a witness of each survivor, where one is asked for."""


def show_mutation(
    options: Options,
    folders: Sequence[Path],
    processes: str,
    only: str,
    least: float | None,
    save: Path | None,
) -> int:
    """Show how many mutants of each policy its tests notice; status 1 below *least* percent."""
    import msgspec

    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from workbench.mutation.score import scored
    from workbench.suite.bench import decided, reasoner_of
    from workbench.suite.files import policy_rows
    from workbench.suite.judgement import judged

    screen, errors = Screen.out(color=options.color), Screen.err()
    status, told = ANSWERED, []
    for folder in folders:
        rows, reasoner = policy_rows(folder), reasoner_of(folder)
        results = decided(reasoner, rows)
        failing = [
            row
            for row, one in zip(rows, results, strict=True)
            if isinstance(one, Exception) or judged(row.expect, one)
        ]
        if failing or not rows:
            what = f"{plural(len(failing), 'row')} fail" if failing else "there is no test"
            errors.line(f"no mutant was made of {folder.name}: {what} as the rules are", tone="bad")
            status = FAILED
            continue
        score = scored(reasoner, rows, _processes(processes), only, _NEAR if save else 0)
        if save is not None:
            with Output() as output:
                _save(output, save, score)
        told.append(_data(score))
        if not options.json:
            _show(screen, score)
        if least is not None and score.tally.percent < least:
            errors.line(f"{score.tally.percent} % is less than {least:g} %", tone="bad")
            status = FAILED
    if options.json:
        screen.data(msgspec.json.format(msgspec.json.encode({"policies": told}), indent=2))
    return status


def _processes(text: str) -> int:
    if text in ("", "auto"):
        return (os.cpu_count() or 1) if text else 1
    if not text.isdecimal():
        raise UsageError("usage.processes", f"`-n {text}` is no number of processes")
    return max(int(text), 1)


def _data(score: Score) -> dict[str, object]:
    return {
        "policy": score.policy,
        "rows": score.rows,
        "percent": score.tally.percent,
        "killed": score.count("killed"),
        "survived": score.count("survived"),
        "equivalent": score.count("equivalent"),
        "stillborn": score.count("stillborn"),
        "clauses": {
            clause: {"percent": tally.percent, "killed": tally.killed, "survived": tally.survived}
            for clause, tally in score.clauses.items()
        },
        "mutants": [
            {
                "where": one.mutant.where,
                "operator": one.mutant.operator,
                "was": one.mutant.was,
                "now": one.mutant.now,
                "state": one.state,
                "by": one.by,
                "witness": _witness(score, one),
            }
            for one in score.fates
        ],
    }


def _show(screen: Screen, score: Score) -> None:
    file = ""
    for one in score.survivors:
        if one.mutant.file != file:
            file = one.mutant.file
            screen.heading(file)
        place = one.mutant.where.removeprefix(f"{file}:")
        screen.line(f"{place}  {one.mutant.words}", mark="✗", tone="bad", hang=4)
        if one.mutant in score.witnesses:
            screen.line(_told(score.witnesses[one.mutant]), indent=2, hang=4)
    screen.heading("noticed, by clause")
    width = max((len(clause) for clause in score.clauses), default=0)
    for clause, tally in score.clauses.items():
        every = tally.killed + tally.survived
        screen.line(f"{clause.ljust(width)}  {tally.percent} %  {tally.killed} of {every}")
    screen.line()
    tally = score.tally
    screen.line(
        f"{score.policy}: {tally.percent} % of {plural(tally.killed + tally.survived, 'mutant')}"
        f" noticed by {plural(score.rows, 'row')}; {tally.survived} survived,"
        f" {score.count('equivalent')} equivalent by proof, {score.count('stillborn')} stillborn"
    )


def _witness(score: Score, one: Fate) -> dict[str, object] | None:
    """Return the case and readings that would kill a survivor, if they are known."""
    row = score.witnesses.get(one.mutant)
    if row is None:
        return None
    day = row.decided_on.isoformat() if row.decided_on else None
    return {"case": row.document, "readings": dict(row.readings), "decided_on": day}


def _told(row: Row) -> str:
    expected = row.expect.recommendation or "pend"
    readings = "".join(f", {name}={value}" for name, value in sorted(row.readings.items()))
    return f"a row that is missing: {row.name.partition(': ')[2]}, changed{readings}: {expected}"


def _save(output: Output, folder: Path, score: Score) -> None:
    """Write each row that is missing as a file of tests."""
    from workbench.mutation.witness import row_text

    output.folder(folder)
    for number, (mutant, row) in enumerate(score.witnesses.items(), 1):
        name = f"kills {mutant.where} {mutant.words}"
        text = row_text(row, name, "What the rules decide today: read it, then keep it.")
        output.write(folder / f"{score.policy}-{number:03}.yaml", text)
