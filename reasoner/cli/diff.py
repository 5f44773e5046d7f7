"""`diff`: two versions of a policy, and the cases on which they differ."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED, FAILED, INPUT, worst
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

if TYPE_CHECKING:
    from reasoner.cli.output import Output
    from workbench.difference.comparison import Comparison

__all__ = ["diff"]


class _Fail(StrEnum):
    LOOSENED = "loosened"
    TIGHTENED = "tightened"
    ANY = "any"


_Old = Annotated[
    str, typer.Argument(metavar="OLD", help="A rules folder, or a git revision: REV, REV:FOLDER.")
]
_New = Annotated[
    str | None,
    typer.Argument(metavar="[NEW]", help="The same; without it, the rules as they are now."),
]
_Policy = Annotated[
    str | None, typer.Option("--policy", metavar="ID", help="The policy, where there are several.")
]
_FailOn = Annotated[
    _Fail | None, typer.Option("--fail-on", help="Status 1 where a result moves this way.")
]
_Cases = Annotated[
    list[str] | None,
    typer.Option("--cases", metavar="FILE", help="Cases to decide by both; *.jsonl is a stream."),
]
_Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write the flips of --cases as CSV.")
]
_Save = Annotated[
    Path | None,
    typer.Option("--save-case", metavar="DIR", help="Write each case that differs to a file."),
]


@shared(case=False)
def diff(  # noqa: PLR0913, PLR0917 -- one parameter an option
    options: Options,
    old: _Old,
    new: _New = None,
    policy: _Policy = None,
    fail_on: _FailOn = None,
    cases: _Cases = None,
    csv: _Csv = None,
    save_case: _Save = None,
) -> int:
    """Say what changed between two versions, and show a case for every difference it makes.

    Criteria are compared over all worlds: no difference is a proof. How records are read is
    searched within bounds that are stated.
    """
    import tempfile

    import msgspec

    from reasoner.cli.bounds import limit_memory, limit_time
    from reasoner.cli.case_set import read_set
    from reasoner.cli.diff_text import show
    from reasoner.cli.flips_text import flips_csv
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from reasoner.errors import UsageError
    from workbench.difference.comparison import compare
    from workbench.difference.flips import flips_of
    from workbench.difference.revision import open_rules
    from workbench.difference.version import load_version

    if csv is not None and not cases:
        raise UsageError("usage.csv", "`--csv` writes the flips of `--cases`", where="--csv")
    limit_memory()
    limit_time(options.time_limit, as_json=options.json)
    rules = rules_of(options)
    with tempfile.TemporaryDirectory() as folder, Output() as output:
        names = (old, new if new is not None else str(rules))
        folders = [
            open_rules(name, Path(folder) / side, rules=rules)
            for name, side in zip(names, ("old", "new"), strict=True)
        ]
        before, after = (
            load_version(name, place, policy) for name, place in zip(names, folders, strict=True)
        )
        found = compare(before, after)
        status = INPUT if before.refused or after.refused else ANSWERED
        if cases:
            flips = flips_of(read_set(cases), before.reasoner, after.reasoner)
            found = msgspec.structs.replace(found, flips=flips)
            status = INPUT if flips.unread else status
            if csv is not None:
                output.write(csv, flips_csv(flips))
        if save_case is not None:
            _save(output, save_case, found)
        screen = Screen.out(color=options.color)
        if options.json:
            screen.data(msgspec.json.format(msgspec.json.encode(_data(found)), indent=2))
        else:
            show(screen, found, folders)
    return worst(status, FAILED) if _fails(found, fail_on) else status


def _save(output: Output, folder: Path, found: Comparison) -> None:
    """Write each case that differs to a file of its own; where the names differ, two."""
    from reasoner.case import write_yaml

    output.folder(folder)
    for number, one in enumerate(found.differences, 1):
        name = f"{number:02}-{one.old.recommendation}-{one.new.recommendation}"
        about = (
            f"{found.old.name}: {one.old.recommendation}",
            f"{found.new.name}: {one.new.recommendation}",
        )
        output.write(folder / f"{name}.yaml", one.as_yaml(*about))
        if one.renamed is not None:
            text = write_yaml(one.renamed, comment="\n".join(about))
            output.write(folder / f"{name}.new.yaml", text)


def _data(found: Comparison) -> dict[str, object]:
    import msgspec

    return {**msgspec.to_builtins(found), "moves": sorted(found.moves)}


def _fails(found: Comparison, fail_on: _Fail | None) -> bool:
    """Whether a result moved the way that is to fail; what is neither up nor down always does."""
    if fail_on is None:
        return False
    if fail_on is _Fail.ANY:
        return bool(found.moves)
    return bool(found.moves & {fail_on.value, "different"})
