"""Files that a command writes: whole or not at all.

What is written goes to a file beside its place first and is moved there at the end, all
files of a run together. Where the place is no plain file (a pipe, `/dev/null`), nothing can be
moved there, and it is written to directly.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from reasoner.errors import ReasonerError

__all__ = ["Output"]


class Output:
    """The files of one run, moved to their places when it ends well.

    Of several, what comes last is moved last: an index leads only to pages that are there.
    """

    def __init__(self) -> None:
        self._staged: list[tuple[Path, Path]] = []
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                for staged, place in self._staged:
                    staged.replace(place)
                self._made.clear()
        finally:
            for staged, _ in self._staged:
                staged.unlink(missing_ok=True)
            for folder in reversed(self._made):
                folder.rmdir()

    def folder(self, path: Path) -> None:
        """Make sure that *path* is a folder; what the run makes and leaves empty is removed."""
        missing = [one for one in (path, *path.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir()
            self._made.append(one)

    def write(self, path: Path, text: str) -> int:
        """Write *text* for the file at *path* and return its size in bytes.

        Raises:
            ReasonerError: the file cannot be written.
        """
        try:
            return self._write(path, text.encode())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            message = f"the file cannot be written: {reason}"
            raise ReasonerError("file", message, where=str(path)) from None

    def _write(self, path: Path, data: bytes) -> int:
        place = path.resolve()  # a link stays a link
        if place.exists() and not place.is_file():
            place.write_bytes(data)
            return len(data)
        staged = place.with_name(f".{place.name[:80]}.{os.getpid()}-{len(self._staged)}.part")
        self._staged.append((staged, place))
        with staged.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            staged.chmod(place.stat().st_mode & 0o777)
        return len(data)
