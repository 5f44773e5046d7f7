"""A set of cases: files, and streams of one case a line, each with a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reasoner.errors import CaseError
from reasoner.model import Case

__all__ = ["read_set"]


def read_set(paths: Iterable[str]) -> Iterator[tuple[str, Case | CaseError]]:
    """Yield the cases of all *paths* with their ids, or the error in its place, with where it is.

    Raises:
        OSError: a stream cannot be read.
    """
    from pathlib import Path

    from reasoner.case import iter_jsonl, load_case

    for path in paths:
        if path.endswith(".jsonl"):
            with Path(path).open("rb") as stream:
                for number, case in iter_jsonl(stream, name=path):
                    yield (case.id if isinstance(case, Case) else f"{path}:{number}"), case
            continue
        try:
            found: Case | CaseError = load_case(path)
        except CaseError as error:
            found = error
        yield (found.id if isinstance(found, Case) else path), found
