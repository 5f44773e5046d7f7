"""The bounds of one run: what takes too long or too much memory ends with a word and status 4.

A rule can grow without end, and clingo grounds it for ever. Grounding releases the
interpreter, so a thread of our own can watch the clock; an address space can be limited only
where the system knows how.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from reasoner.cli.failure import OPEN, report
from reasoner.errors import BoundError

__all__ = ["SECONDS", "limit_memory", "limit_time", "unlimited"]

SECONDS = 60
"""How long one case, or one chunk of a stream, may take where nothing else is said."""

_MEMORY = 4 << 30
"""Bytes of address space: a case of 10,000 records takes less than a quarter of it."""

_TICK = 1.0


class _Clock:
    """When the run must be over, and which process has a thread that watches it."""

    deadline = 0.0
    watched_by = 0


def limit_time(seconds: int, *, as_json: bool) -> None:
    """Leave with status 4 if the work from now on takes more than *seconds*; 0 is no limit.

    Called again, the clock starts again. A forked process has no clock until it calls this.
    """
    _Clock.deadline = time.monotonic() + seconds if seconds else 0.0
    if seconds and _Clock.watched_by != os.getpid():
        _Clock.watched_by = os.getpid()
        Thread(target=_watch, args=(seconds, as_json), daemon=True).start()


@contextmanager
def unlimited() -> Iterator[None]:
    """Take away what was limited inside: a run in a longer process leaves nothing behind."""
    try:
        yield
    finally:
        _Clock.deadline = 0.0


def limit_memory() -> None:
    """Let an allocation fail, as a `MemoryError`, before the machine runs out of memory."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = _MEMORY if most == resource.RLIM_INFINITY else min(_MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (bound, most))


def _watch(seconds: int, as_json: bool) -> None:
    while (left := _Clock.deadline - time.monotonic()) > 0 or not _Clock.deadline:
        time.sleep(min(_TICK, left) if _Clock.deadline else _TICK)
    report(
        BoundError(
            "bound.time",
            f"no conclusion within {seconds} seconds",
            hint="a rule may grow without end: `reasoner check` finds it; "
            "`--time-limit` gives more time",
        ),
        as_json=as_json,
    )
    # What is buffered is half an answer: it is dropped.
    os._exit(OPEN)
