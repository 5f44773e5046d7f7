"""The command line: the only printer. `main` is the command `reasoner`."""

from __future__ import annotations

import gc
import sys

__all__ = ["main", "run"]


def main() -> None:
    """Run the command line on the arguments of the process, and leave with its status."""
    gc.freeze()
    raise SystemExit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line on *arguments* and return its exit status."""
    from reasoner.cli.app import run_app

    return run_app(arguments)
