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
_Coverage = Annotated[
    bool, typer.Option("--coverage", help="What the rows reach of the rules and their literals.")
]
_Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Coverage as a page, over the rules.")
]
_Least = Annotated[
    float | None,
    typer.Option("--fail-under", metavar="N", help="Status 1 below so many percent.", min=0),
]
_Mutate = Annotated[
    bool, typer.Option("--mutate", help="Change the rules one by one: does a row notice?")
]
_Only = Annotated[
    str, typer.Option("--only", metavar="FILE", help="Mutants of this rule file (or line) only.")
]
_Save = Annotated[
    Path | None,
    typer.Option("--save-case", metavar="DIR", help="Write the rows that would kill survivors."),
]
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
    coverage: _Coverage = False,
    html: _Html = None,
    least: _Least = None,
    mutate: _Mutate = False,
    only: _Only = "",
    save_case: _Save = None,
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
    if mutate:
        from reasoner.cli.mutation import show_mutation

        return show_mutation(options, policies_of(rules, paths), processes, only, least, save_case)
    if coverage or html:
        from reasoner.cli.coverage import show_coverage

        return show_coverage(options, policies_of(rules, paths), html, least)
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


def policies_of(rules: Path, paths: list[str]) -> list[Path]:
    """Return the folders of the policies that *paths* name; of all of *rules* without any.

    Raises:
        UsageError: a path is part of a policy's tests only.
    """
    from reasoner.policy import list_policies

    if not paths:
        return [rules / "policies" / name for name in list_policies(rules)]
    found = []
    for path in paths:
        folder = Path(path).resolve()
        folder = folder.parent if folder.name == "tests" else folder
        if not (folder / "policy.toml").is_file():
            raise UsageError(
                "usage.path",
                f"`{path}` is no policy",
                hint="coverage and mutants are of a whole policy: name it, or its folder",
            )
        found.append(folder)
    return found


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
