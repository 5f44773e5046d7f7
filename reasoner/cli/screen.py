"""The screen: what is written to stdout and stderr, as the terminal can show it.

Text from a case or a rule file is not trusted: control characters could move the cursor,
bidirectional ones could turn a sentence round. They are removed here, once, for everything
that is shown; data (JSON) keeps them as escapes.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TextIO

from reasoner.plain import UNSAFE, plain

__all__ = ["Screen", "plain", "safe_json"]

_TONES = {"good": "32", "bad": "31", "open": "33", "head": "1", "faint": "2"}
_ASCII = str.maketrans({"✓": "+", "✗": "x", "∅": "-", "·": "-", "…": "...", "→": "->", "•": "*"})


def safe_json(data: bytes) -> str:
    r"""Return JSON as text in which what a terminal would obey is written as an escape.

    >>> safe_json('"a\u202eb"'.encode())
    '"a\\u202eb"'
    """
    text = data.decode()
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(UNSAFE, _escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


class Screen:
    """An output with its width (None: a pipe, nothing is wrapped), colour and encoding."""

    def __init__(self, stream: TextIO, *, color: bool = True) -> None:
        self._stream = stream
        tty = stream.isatty()
        self.color = (
            color
            and tty
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM", "dumb") != "dumb"
        )
        self.width: int | None = _columns() if tty else None
        self.unicode = "utf" in (stream.encoding or "").lower()
        self.numbered = os.environ.get("ACCESSIBLE", "") not in ("", "0")

    @classmethod
    def out(cls, *, color: bool = True) -> Screen:
        """Standard output: results."""
        return cls(sys.stdout, color=color)

    @classmethod
    def err(cls, *, color: bool = True) -> Screen:
        """Standard error: errors and hints."""
        return cls(sys.stderr, color=color)

    def line(
        self, text: str = "", *, mark: str = "", tone: str = "", indent: int = 0, hang: int = 2
    ) -> None:
        """Write a line: *mark* in its *tone*, then *text*; what is too long hangs in by *hang*.

        Without a *mark*, the *tone* is the whole text's.
        """
        lead = " " * indent
        mark, text = self._shown(mark), self._shown(plain(text))
        head = f"{mark} {text}" if mark else text
        lines = [lead + head]
        if self.width is not None and len(lead) + len(head) > self.width:
            from textwrap import wrap

            lines = wrap(
                head,
                max(self.width, indent + hang + 20),
                initial_indent=lead,
                subsequent_indent=" " * (indent + hang),
                break_long_words=False,
                break_on_hyphens=False,
            )
        if tone and self.color:
            if mark:
                lines[0] = lead + self._toned(mark, tone) + lines[0][len(lead) + len(mark) :]
            else:
                lines = [self._toned(line, tone) for line in lines]
        self._write("\n".join(lines) + "\n")

    def branch(self, lead: str, hang: str, text: str) -> None:
        """Write a line of a tree: *lead* before it, *hang* before what does not fit."""
        text = self._shown(plain(text))
        lines = [text]
        if self.width is not None and len(lead) + len(text) > self.width:
            from textwrap import wrap

            room = max(self.width - len(hang), 20)
            lines = wrap(text, room, break_long_words=False, break_on_hyphens=False)
        leads = [lead] + [hang] * (len(lines) - 1)
        for before, line in zip(leads, lines, strict=True):
            self._write(f"{before}{line}\n")

    def raw(self, text: str, toned: str = "", tone: str = "") -> None:
        """Write a line as it is, never wrapped: *text*, then *toned* in its *tone*."""
        toned = self._toned(toned, tone) if toned and tone and self.color else toned
        self._write(f"{self._shown(text)}{toned}\n")

    def heading(self, text: str) -> None:
        """Write a heading after an empty line."""
        self._write("\n")
        self.line(text, tone="head")

    def file(self, text: str) -> None:
        """Write *text*, lines as a file has them: nothing is wrapped."""
        self._write("".join(f"{plain(line)}\n" for line in text.splitlines()))

    def data(self, data: bytes) -> None:
        """Write JSON and end its line."""
        self._write(safe_json(data) + "\n")

    def flush(self) -> None:
        """Hand over what was written."""
        self._stream.flush()

    def _shown(self, text: str) -> str:
        return text if self.unicode or text.isascii() else text.translate(_ASCII)

    def _toned(self, text: str, tone: str) -> str:
        return f"\x1b[{_TONES[tone]}m{text}\x1b[0m"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            encoding = self._stream.encoding or "ascii"
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _columns() -> int:
    from shutil import get_terminal_size

    return max(get_terminal_size().columns, 40)
