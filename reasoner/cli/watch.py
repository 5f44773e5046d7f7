"""Run again when a file is saved: the files are looked at twice a second.

A rules folder holds some hundred files, so looking is cheaper than a library that is told.
Each run is a process of its own: what the one before has loaded is gone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from reasoner.cli.screen import Screen

__all__ = ["saved", "watched"]

_EVERY_SECONDS = 0.5

State = dict[Path, int]
"""When each file was saved last, as the file system tells."""


def watched(rules: Path, paths: Sequence[str], rest: Sequence[str]) -> int:
    """Run `reasoner test` on *paths* now and whenever a file of them or of *rules* is saved.

    It ends when the user interrupts it.
    """
    screen = Screen.err()
    command = [sys.executable, "-m", "reasoner", "test", *rest, *paths]
    folders = [rules, *(Path(path.partition("::")[0]) for path in paths)]
    while True:
        before = saved(folders)
        subprocess.run(command, check=False)  # noqa: S603 -- our own command
        screen.line("waiting for a file to be saved; Ctrl-C ends", tone="faint")
        screen.flush()
        while saved(folders) == before:
            time.sleep(_EVERY_SECONDS)


def saved(folders: Sequence[Path]) -> State:
    """Return when each file in *folders* was saved last; hidden ones are left out."""
    found: State = {}
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            try:
                if not hidden and path.is_file():
                    found[path] = path.stat().st_mtime_ns
            except OSError:
                continue  # it is being written
    return found
