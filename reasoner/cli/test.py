"""`test`: the author's tests of a policy, run as items of pytest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from reasoner.cli.failure import ANSWERED, FAILED, INPUT, USAGE
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import UsageError, nearest

__all__ = ["run_tests"]

_Which = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Policies, files or rows (FILE::NAME); without: all. After `--`: for pytest.",
    ),
]
_Matching = Annotated[
    str, typer.Option("-k", metavar="EXPRESSION", help="Only rows whose name matches.")
]
_First = Annotated[bool, typer.Option("-x", help="Stop at the first failure.")]
_Last = Annotated[bool, typer.Option("--lf", help="Only what failed the last time.")]
_Processes = Annotated[str, typer.Option("-n", metavar="N", help="So many processes, or `auto`.")]
_Junit = Annotated[
    Path | None, typer.Option("--junit-xml", metavar="FILE", help="A report in JUnit's format.")
]
_Watch = Annotated[bool, typer.Option("--watch", help="Run again when a file is saved.")]
_EMPTY = 5  # pytest: no test was collected


@shared(case=False)
def run_tests(  # noqa: PLR0913, PLR0917 -- an option each
    options: Options,
    which: _Which = None,
    matching: _Matching = "",
    first: _First = False,
    last: _Last = False,
    processes: _Processes = "",
    junit: _Junit = None,
    watch: _Watch = False,
) -> int:
    """Run the tests beside the rules; status 1 where one fails, or where there is none."""
    from reasoner.cli.session import rules_of

    rules = rules_of(options)
    for_pytest = [one for one in which or () if one.startswith("-")]
    paths = [_path(rules, one) for one in which or () if not one.startswith("-")]
    asked = [*for_pytest]
    asked += ["-k", matching] if matching else []
    asked += ["-x"] if first else []
    asked += ["--lf"] if last else []
    asked += ["-n", processes] if processes else []
    asked += [f"--junit-xml={junit}"] if junit else []
    asked += ["--color=no"] if not options.color else []
    paths = paths or [str(rules / "policies")]
    if watch:
        from reasoner.cli.watch import watched

        own = ["--rules", str(options.rules)] if options.rules else []
        plain = [one for one in asked if one != "--color=no"]
        return watched(rules, paths, [*own, *plain])
    if options.json:
        return _as_data(paths, asked, options)
    from workbench.suite.session import run

    return _status(run([*asked, *paths]), paths)


def _path(rules: Path, text: str) -> str:
    """Return what *text* names: a policy, or a path as pytest has it."""
    file = text.partition("::")[0]
    if Path(file).exists():
        return text
    folder = rules / "policies" / text.casefold()
    if folder.is_dir():
        return str(folder)
    from reasoner.policy import list_policies

    raise UsageError(
        "usage.path",
        f"there is no policy and no file `{file}`",
        hint=nearest(file, list_policies(rules)),
    )


def _status(found: int, paths: list[str]) -> int:
    """Return the exit status for that of pytest."""
    if found == _EMPTY:
        from reasoner.cli.screen import Screen

        places = ", ".join(paths)
        Screen.err().line(f"no test found in {places}", tone="bad")
        return FAILED
    # 2: interrupted, by the user or by files that could not be read; 3: a fault of pytest
    return {0: ANSWERED, 1: FAILED, 2: INPUT, 4: USAGE}.get(found, FAILED)


def _as_data(paths: list[str], asked: list[str], options: Options) -> int:
    import msgspec

    from reasoner.cli.screen import Screen
    from workbench.suite.session import collected

    report, found = collected([*asked, *paths])
    screen = Screen.out(color=options.color)
    screen.data(msgspec.json.format(msgspec.json.encode(report), indent=2))
    sys.stdout.flush()
    return _status(found, paths)
