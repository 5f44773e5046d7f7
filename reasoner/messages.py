"""What clingo says while it reads and grounds rules, as errors that name file, line and rule."""

from __future__ import annotations

import re
from collections.abc import Sequence

import clingo
from clingo import MessageCode

from reasoner.errors import PolicyError
from reasoner.program import RuleFile

__all__ = ["Messages"]

_PLACE = re.compile(r"^(?:<block>|[^\s:]+):(\d+):(\d+)(?:-\d+)?(?:-\d+)?: ?(.*)$", re.DOTALL)


class Messages:
    """Collects the messages of one control; every one of them is an error of the policy.

    Of a *draft*, what nothing defines is left to `check`.
    The rules may have been transformed when clingo complains, so the complaint is looked up
    again in the files as they were written.
    """

    def __init__(self, files: Sequence[RuleFile], *, draft: bool = False) -> None:
        self._files = files
        self._draft = draft
        self._found: list[tuple[MessageCode, str]] = []

    def log(self, code: MessageCode, text: str) -> None:
        """Take one message; it must not raise inside clingo."""
        if not (self._draft and code is MessageCode.AtomUndefined):
            self._found.append((code, text))

    def add(self, control: clingo.Control, text: str) -> None:
        """Add *text* to the base program of *control*.

        Raises:
            PolicyError: it cannot be parsed.
        """
        try:
            control.add("base", [], text)
        except RuntimeError:
            self.check(force=True)

    def ground(self, control: clingo.Control, context: object) -> None:
        """Ground the base program of *control*.

        Raises:
            PolicyError: a rule is unsafe, undefined or otherwise broken.
        """
        try:
            control.ground([("base", [])], context=context)
        except RuntimeError:
            self.check(force=True)
        except AttributeError as error:  # clingo calls `@functions` as methods of the context
            raise PolicyError(
                "policy.function",
                f"the rules call `@{error.name}`, a function that does not exist",
                hint="rules call only the calendar functions; `reasoner check` names the place",
            ) from None
        self.check()

    def check(self, *, force: bool = False) -> None:
        """Raise the first message, if there is one (or something unexpected with *force*)."""
        if not self._found and not force:
            return
        found = self._again() or [(code, "", text) for code, text in self._found]
        if not found:
            raise PolicyError("policy.rules", "clingo refuses the rules and does not say why")
        code, where, text = found[0]
        raise PolicyError(f"policy.{_KINDS.get(code, 'rules')}", _first_line(text), where=where)

    def _again(self) -> list[tuple[MessageCode, str, str]]:
        """Read and ground the files as they are written, one after the other, for their places."""
        found: list[tuple[MessageCode, str, str]] = []
        current = ""

        def log(code: MessageCode, text: str) -> None:
            match = _PLACE.match(text)
            if match:
                found.append((code, f"{current}:{match[1]}:{match[2]}", match[3]))
            else:
                found.append((code, current, text))

        for file in self._files:
            current = file.name
            control = clingo.Control([], log, 100)
            try:
                control.add("base", [], file.text)
                control.ground([("base", [])], context=_Anything())
            except RuntimeError:
                if found:
                    break
        return [message for message in found if message[0] is not MessageCode.AtomUndefined]


class _Anything:
    """Grounds any `@function` to nothing, for looking up a message only."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: []


_KINDS = {
    MessageCode.AtomUndefined: "undefined",
    MessageCode.OperationUndefined: "operation",
    MessageCode.VariableUnbounded: "unbounded",
    MessageCode.GlobalVariable: "variable",
    MessageCode.FileIncluded: "file",
}


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    match = _PLACE.match(line)
    return (match[3] if match else line).removeprefix("error: ").removeprefix("info: ").strip()
