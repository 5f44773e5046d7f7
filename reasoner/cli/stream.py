"""Many cases: files and JSON Lines streams, one line a case, in constant memory.

A case that cannot be read or answered is reported in its place, and never stops the others.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from reasoner.case import iter_jsonl, load_case
from reasoner.case.known import Known
from reasoner.cli.bounds import limit_time
from reasoner.cli.decision_text import one_line
from reasoner.cli.failure import ANSWERED, FAILED, INPUT, OPEN, as_data, out_of_memory, report
from reasoner.cli.options import Options
from reasoner.cli.screen import Screen
from reasoner.cli.session import Reasoners, known_to, reasoners_of
from reasoner.decision import Decision
from reasoner.engine import BATCH, Reasoner
from reasoner.errors import CaseError, ReasonerError, UsageError
from reasoner.model import Case

__all__ = ["decide_all"]

CHUNK = 1 * BATCH
"""Cases that are read before they are decided, and decided in one process."""

_NOBODY_READS = 64
"""How a child says that its output has been closed."""

_Label = dict[str, Any]
"""Where a case stands: `{"line": 7}` of a stream, or `{"file": "a.yaml"}`."""

_Given = Case | CaseError


def decide_all(options: Options, paths: Iterable[str]) -> int:
    """Decide the cases of all files and streams at *paths*; return the exit status."""
    gc.enable()  # a stream is long
    reasoners = reasoners_of(options)
    if (only := reasoners.only()) is not None:
        only.choose(options.readings)
    screen = Screen.out(color=options.color)
    status = ANSWERED
    with ExitStack() as opened:
        found = _read(paths, opened, known_to(options))
        chunk = list(islice(found, CHUNK))
        if len(chunk) < CHUNK:
            return _decide(reasoners, options, screen, chunk)
        limit_time(0, as_json=options.json)  # each chunk has a clock of its own
        while chunk:
            _make_ready(reasoners, options, chunk)
            run = partial(_decide, reasoners, options, screen, chunk)
            status = max(status, _apart(run, screen, options))
            chunk = list(islice(found, CHUNK))
    return status


def _apart(decide: Callable[[], int], screen: Screen, options: Options) -> int:
    """Run *decide* in a process of its own, where the system can fork one.

    clingo keeps every term that it has ever seen until its process ends; a process for each
    chunk is what keeps the memory of a long stream constant.
    """
    if not hasattr(os, "fork"):
        return decide()
    screen.flush()
    child = os.fork()
    if child == 0:
        status = FAILED
        gc.disable()  # it ends before what hangs together in a ring could add up
        try:
            status = decide()
        except BrokenPipeError:
            status = _NOBODY_READS
        except MemoryError:
            status = OPEN
            report(out_of_memory(), as_json=options.json)
        except BaseException:  # noqa: BLE001 -- a child must not return into its parent's work
            traceback.print_exc()
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(ended)
    if status == _NOBODY_READS:
        raise BrokenPipeError(errno.EPIPE, "nobody reads any more")
    if status not in (ANSWERED, INPUT):
        raise SystemExit(status if status > 0 else FAILED)
    return status


def _decide(
    reasoners: Reasoners,
    options: Options,
    screen: Screen,
    found: Sequence[tuple[_Label, _Given]],
) -> int:
    encode = msgspec.json.Encoder().encode
    status = ANSWERED
    results = _results(reasoners, options, [case for _, case in found])
    limit_time(options.time_limit, as_json=options.json)
    for (label, _), result in zip(found, results, strict=True):
        limit_time(options.time_limit, as_json=options.json)
        if isinstance(result, ReasonerError):
            status = INPUT
            _show_error(screen, options, label, result)
        elif options.json:
            screen.data(encode(options.dated(result)))
        else:
            screen.line(one_line(result))
    screen.flush()
    return status


def _make_ready(
    reasoners: Reasoners, options: Options, chunk: Sequence[tuple[_Label, _Given]]
) -> None:
    """Ground in this process what the chunk needs: the chunks after it find it done."""
    for one in _reasoners(reasoners, (case for _, case in chunk)):
        if isinstance(one, Reasoner):
            one.choose(options.readings)
            one.expect_many()


def _reasoners(reasoners: Reasoners, cases: Iterable[_Given]) -> list[Reasoner | ReasonerError]:
    """Return what decides each case, or the error in its place."""
    found: list[Reasoner | ReasonerError] = []
    for case in cases:
        try:
            found.append(case if isinstance(case, ReasonerError) else reasoners.of(case))
        except UsageError as error:
            found.append(error)
    return found


def _results(
    reasoners: Reasoners, options: Options, cases: Sequence[_Given]
) -> Iterator[Decision | ReasonerError]:
    """Yield each decision in the place of its case; the cases of one policy are one batch."""
    by = _reasoners(reasoners, cases)
    decided = {
        id(one): one.decide_each(
            [case for case, its in zip(cases, by, strict=True) if its is one],
            readings=options.readings,
            decided_on=options.decided_on,
        )
        for one in by
        if isinstance(one, Reasoner)
    }
    for one in by:
        yield one if isinstance(one, ReasonerError) else next(decided[id(one)])


def _read(paths: Iterable[str], opened: ExitStack, known: Known) -> Iterator[tuple[_Label, _Given]]:
    for path in paths:
        try:
            if path == "-":
                stream, name = sys.stdin.buffer, "standard input"
            elif path.endswith(".jsonl"):
                stream, name = opened.enter_context(Path(path).open("rb")), path  # noqa: SIM115 - it is one
            else:
                yield {"file": path}, load_case(path, known=known)
                continue
        except CaseError as error:
            yield {"file": path}, error
            continue
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            message = f"the file cannot be read: {reason}"
            yield {"file": path}, CaseError("case.file", message, where=path)
            continue
        number = 0
        for number, case in iter_jsonl(stream, name=name, known=known):
            yield {"line": number}, case
        if not number:  # nothing was asked, so nothing is wrong: but nobody expects silence
            Screen.err().line(f"no case in {name}")


def _show_error(screen: Screen, options: Options, label: _Label, error: ReasonerError) -> None:
    """A bad line stands in its place, as JSON in either format; a bad file on stderr too."""
    if options.json or "line" in label:
        screen.data(msgspec.json.encode({**label, "error": as_data(error)}))
    else:
        screen.flush()
        report(error, as_json=False, last=False)
