"""Many cases: files and JSON Lines streams, one line a case, in constant memory.

A case that cannot be read or answered is reported in its place, and never stops the others.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from reasoner.case import iter_jsonl, load_case
from reasoner.cli.decision_text import one_line
from reasoner.cli.failure import ANSWERED, INPUT, as_data, report
from reasoner.cli.options import Options
from reasoner.cli.screen import Screen
from reasoner.cli.session import open_reasoner
from reasoner.engine import BATCH
from reasoner.errors import CaseError, ReasonerError
from reasoner.model import Case

__all__ = ["decide_all"]

_Label = dict[str, Any]
"""Where a case stands: `{"line": 7}` of a stream, or `{"file": "a.yaml"}`."""


def decide_all(options: Options, paths: Iterable[str]) -> int:
    """Decide the cases of all files and streams at *paths*; return the exit status."""
    gc.enable()  # a stream is long, and its memory constant
    reasoner = open_reasoner(options)
    screen = Screen.out(color=options.color)
    encode = msgspec.json.Encoder().encode
    labels: deque[_Label] = deque()
    status, count = ANSWERED, 0
    with ExitStack() as opened:
        cases = _labelled(_read(paths, opened), labels)
        for result in reasoner.decide_each(
            cases, readings=options.readings, decided_on=options.decided_on
        ):
            label = labels.popleft()
            count += 1
            if isinstance(result, ReasonerError):
                status = INPUT
                _show_error(screen, options, label, result)
            elif options.json:
                screen.data(encode(options.dated(result)))
            else:
                screen.line(one_line(result))
            if count % BATCH == 0:
                screen.flush()
    screen.flush()
    return status


def _labelled(
    found: Iterator[tuple[_Label, Case | CaseError]], labels: deque[_Label]
) -> Iterator[Case | CaseError]:
    for label, case in found:
        labels.append(label)
        yield case


def _read(paths: Iterable[str], opened: ExitStack) -> Iterator[tuple[_Label, Case | CaseError]]:
    for path in paths:
        try:
            if path == "-":
                stream, name = sys.stdin.buffer, "standard input"
            elif path.endswith(".jsonl"):
                stream, name = opened.enter_context(Path(path).open("rb")), path  # noqa: SIM115 - it is one
            else:
                yield {"file": path}, load_case(path)
                continue
        except CaseError as error:
            yield {"file": path}, error
            continue
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            message = f"the file cannot be read: {reason}"
            yield {"file": path}, CaseError("case.file", message, where=path)
            continue
        for number, case in iter_jsonl(stream, name=name):
            yield {"line": number}, case


def _show_error(screen: Screen, options: Options, label: _Label, error: ReasonerError) -> None:
    """A bad line stands in its place, as JSON in either format; a bad file on stderr too."""
    if options.json or "line" in label:
        screen.data(msgspec.json.encode({**label, "error": as_data(error)}))
    else:
        screen.flush()
        report(error, as_json=False, last=False)
