"""`format`: rule files in one layout, comments kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import UsageError

if TYPE_CHECKING:
    from reasoner.program import RuleFile

__all__ = ["format_rules"]

_Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]...", help="Rule files or folders; without: the rules folder."),
]
_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; status 1 where a file would change.")
]
_Diff = Annotated[bool, typer.Option("--diff", help="Show what would change, and write nothing.")]


@shared(case=False)
def format_rules(
    options: Options, paths: _Paths = None, check: _Check = False, diff: _Diff = False
) -> int:
    """Lay rule files out: the same tokens and comments, in lines that read alike."""
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from reasoner.cli.words import plural
    from workbench.layout import lay_out

    files = list(_files(paths or [rules_of(options)]))
    # All of them, before the first is written: where one is broken, none is touched.
    laid_out = [(file, lay_out(file)) for file in files]
    changed = [(file, text) for file, text in laid_out if text != file.text]
    writes = not (check or diff)
    if writes:
        with Output() as output:
            for file, text in changed:
                output.write(file.path, text)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        names = {"files": len(files), "changed": [file.name for file, _ in changed]}
        screen.data(msgspec.json.format(msgspec.json.encode(names | {"written": writes}), indent=2))
        return FAILED if changed and not writes else ANSWERED
    for file, text in changed:
        if diff:
            for line in _difference(file, text):
                screen.raw(line)
        else:
            screen.line(f"{'formatted' if writes else 'would format'} {file.name}")
    count = plural(len(changed), "file")
    screen.line(
        f"{count} {'formatted' if writes else 'would change'}, "
        f"{len(files) - len(changed)} left as they are"
    )
    return FAILED if changed and not writes else ANSWERED


def _files(paths: list[Path]) -> dict[RuleFile, None]:
    """Return every rule file that *paths* name, each once.

    Raises:
        UsageError: a path is neither a file nor a folder, or a folder holds no rule file.
        PolicyError: a file cannot be read, or it holds a script.
    """
    from reasoner.program import read

    found: dict[Path, RuleFile] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(
                "usage.path", f"there is no `{path}`", hint="name rule files or folders"
            )
        several = sorted(path.rglob("*.lp")) if path.is_dir() else [path]
        if not several:
            raise UsageError("usage.path", f"`{path}` holds no rule file", hint="they end in `.lp`")
        for one in several:
            found.setdefault(one.resolve(), read(one, str(one)))
    return dict.fromkeys(found.values())


def _difference(file: RuleFile, text: str) -> list[str]:
    from difflib import unified_diff

    from reasoner.plain import plain

    before, after = file.text.splitlines(), text.splitlines()
    lines = unified_diff(before, after, file.name, f"{file.name} (formatted)", lineterm="")
    return [plain(line) for line in lines]
