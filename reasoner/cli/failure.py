"""Errors as they are shown, and the exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from reasoner.errors import BoundError, ReasonerError, UsageError

__all__ = [
    "ANSWERED",
    "FAILED",
    "INPUT",
    "OPEN",
    "USAGE",
    "as_data",
    "guarded",
    "in_silence",
    "out_of_memory",
    "report",
    "status_of",
    "worst",
]

ANSWERED, FAILED, USAGE, INPUT, OPEN = range(5)
"""The exit statuses: answered, a check failed, usage, bad input, no conclusion."""


_INTERRUPTED, _UNREAD = 130, 141
"""What a shell says of a process that ends because of Ctrl-C, or because nobody reads."""


def in_silence(run: Callable[[], int]) -> int:
    """Return the status of *run*; where nobody reads any more, leave without a word.

    What was found before that is not lost with its text: only a run that was cut short has
    no status of its own.
    """
    status = _UNREAD
    try:
        status = run()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def guarded(run: Callable[[], int], *, as_json: bool) -> int:
    """Return the status of *run*; what goes wrong in it is reported, and has its status."""
    try:
        status = in_silence(run)
    except ReasonerError as error:
        report(error, as_json=as_json)
        return status_of(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except MemoryError:
        report(out_of_memory(), as_json=as_json)
        return OPEN
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        report(ReasonerError("file", reason, where=str(error.filename or "")), as_json=as_json)
        return INPUT
    return status


def out_of_memory() -> BoundError:
    """Return the error that says so."""
    return BoundError(
        "bound.memory",
        "no conclusion: the memory is used up",
        hint="a rule may grow without end: `reasoner check` finds it",
    )


def status_of(error: ReasonerError) -> int:
    """Return the exit status of *error*."""
    match error:
        case UsageError():
            return USAGE
        case BoundError():
            return OPEN
        case _:
            return INPUT


def worst(first: int, second: int) -> int:
    """Return the status of two results: bad input before a failure before no conclusion.

    >>> worst(OPEN, FAILED), worst(FAILED, INPUT), worst(ANSWERED, OPEN)
    (1, 3, 4)
    """
    order = (ANSWERED, OPEN, FAILED, INPUT, USAGE)
    return max(first, second, key=order.index)


def as_data(error: ReasonerError) -> dict[str, Any]:
    """Return *error* as data."""
    found = {"code": error.code, "message": error.message, "where": error.where, "hint": error.hint}
    return {name: text.encode("utf-8", "replace").decode() for name, text in found.items() if text}


def report(error: ReasonerError, *, as_json: bool, last: bool = True) -> None:
    """Write *error* to stderr; the *last* one says that nothing was decided."""
    from reasoner.cli.screen import Screen

    screen = Screen.err()
    if as_json:
        import msgspec

        screen.data(msgspec.json.encode({"error": as_data(error)}))
        return
    screen.line(f"error[{error.code}]: {error.message}", hang=4)
    if error.where:
        screen.line(f"--> {error.where}", indent=2, hang=4)
    if error.hint:
        screen.line(f"= hint: {error.hint}", indent=2, hang=4)
    if last:
        screen.line("nothing was decided")
    screen.flush()
