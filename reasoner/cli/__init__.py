"""The command line: the only printer. `main` is the command `reasoner`."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main", "run"]


def main() -> None:
    """Run the command line on the arguments of the process, and leave with its status.

    A cold start is a promise: nothing that one run builds becomes garbage before its end,
    and taking it down piece by piece would cost a fifth of the time.
    """
    gc.disable()
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        os.dup2(os.open(os.devnull, os.O_RDWR), 1 if sys.stdout is None else 2)
        sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
        sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more
        status = status or 0
    os._exit(status)


def run(arguments: list[str]) -> int:
    """Run the command line on *arguments* and return its exit status.

    `decide CASE`, the plain question, is answered without building the parser of the rest.
    """
    from reasoner.cli.bounds import unlimited

    with unlimited():
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["decide", path] if _is_plain(path):
            return _decide(path, "text")
        case ["decide", path, "--format", "text" | "json" as form] | [
            "decide",
            "--format",
            "text" | "json" as form,
            path,
        ] if _is_plain(path):
            return _decide(path, form)
    from reasoner.cli.app import run_app

    return run_app(arguments)


def _is_plain(path: str) -> bool:
    return not path.startswith("-") and not path.endswith(".jsonl")


def _decide(path: str, form: str) -> int:
    from reasoner.cli.failure import guarded
    from reasoner.cli.one import decide_one
    from reasoner.cli.options import Format, Options
    from reasoner.cli.placed import placed

    options = Options({"format": Format(form)})

    def answer() -> int:
        decide_one(options, path)
        return 0

    return guarded(lambda: placed(options, answer), as_json=form == "json")
