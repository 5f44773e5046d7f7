"""YAML text as plain data with positions: one document, no tags, no surprises.

A case has no anchors either. A file of tests may have them: many rows share a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from reasoner.case.place import Fault, Path, Positions, show
from reasoner.case.scalar import MAX_DEPTH, forbidden, no_number, number, too_deep, twice
from reasoner.errors import CaseError

__all__ = ["read_yaml"]

_CONTROL_IN_FILE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # a CR may end a line

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)")


def read_yaml(text: str, name: str, *, anchors: bool = False) -> tuple[object, str, Positions]:
    """Return the value of *text* (None where there is none), *name*, and where all of it stands.

    A value of a mapping stands where its key does. With *anchors*, `&name`, `*name` and the
    key `<<` mean what they mean in YAML.

    Raises:
        CaseError: it is no YAML, or more than plain data.
    """
    bad = _CONTROL_IN_FILE.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        raise forbidden(bad[0]).error(f"{name}:{line}:{column}")
    positions: dict[Path, tuple[int, int]] = {}
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        found = (_Shared if anchors else _Events)(loader.get_event, positions).document()
    except Fault as fault:
        raise fault.error(name, positions) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise _no_yaml(error.problem or error.context or "unreadable", at) from None
    except yaml.YAMLError as error:
        raise _no_yaml(str(error).partition(":")[0], name) from None
    return found, name, positions


def _no_yaml(problem: str, at: str) -> CaseError:
    hint = "indent with spaces; quote text that starts with a special character"
    return CaseError(
        "case.syntax",
        f"this is no YAML: {show(problem).strip('`')}",
        where=at,
        hint=hint if "cannot start any token" in problem else "",
    )


class _Events:
    """The events of a YAML text as plain data; *positions* is filled on the way."""

    def __init__(
        self, next_event: Callable[[], yaml.Event], positions: dict[Path, tuple[int, int]]
    ) -> None:
        self._next = next_event
        self._positions = positions

    def document(self) -> object:
        """Return the only document, or None if there is none."""
        value: object = None
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if () in self._positions:
                    self._mark((), event)
                    raise Fault(
                        "case.yaml",
                        "the file holds several documents",
                        hint="one case a file; several cases go into a JSON Lines file",
                    )
                event = self._next()
                self._mark((), event)
                value = self._value(event, ())
        return value

    def _mark(self, path: Path, event: yaml.Event) -> None:
        if event.start_mark:
            self._positions[path] = (event.start_mark.line + 1, event.start_mark.column + 1)

    def _value(self, event: yaml.Event, path: Path) -> object:
        self._check(event, path)
        match event:
            case yaml.ScalarEvent(value=text, implicit=(plain, _)):
                return _scalar(text, path) if plain else text
            case _ if len(path) >= MAX_DEPTH:
                raise too_deep().under(*path)
            case yaml.MappingStartEvent():
                return self._mapping(path)
            case _:
                return self._sequence(path)

    def _mapping(self, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            self._check(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                self._mark(path, event)
                raise Fault("case.yaml", "a key must be a plain word", *path)
            key = str(event.value)
            self._mark((*path, key), event)
            if key in found:
                raise twice(key).under(*path, key)
            found[key] = self._value(self._next(), (*path, key))
        return found

    def _check(self, event: yaml.Event, path: Path) -> None:
        """Refuse anchors, aliases (an alias names its anchor) and tags."""
        if getattr(event, "anchor", None) is not None:
            message = "anchors and aliases are not allowed"
            raise Fault("case.yaml", message, *path, hint="write it out")
        _check_tag(event, path)

    def _sequence(self, path: Path) -> list[object]:
        found: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(found))
            self._mark(here, event)
            found.append(self._value(event, here))
        return found


class _Shared(_Events):
    """The same, with anchors: what was written once may be used again."""

    def __init__(
        self, next_event: Callable[[], yaml.Event], positions: dict[Path, tuple[int, int]]
    ) -> None:
        super().__init__(next_event, positions)
        self._named: dict[str, object] = {}

    def _check(self, event: yaml.Event, path: Path) -> None:
        _check_tag(event, path)

    def _value(self, event: yaml.Event, path: Path) -> object:
        name = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if name not in self._named:
                raise Fault("case.yaml", f"nothing is called {show(name)}", *path)
            return self._named[name]
        value = super()._value(event, path)
        if name is not None:
            self._named[name] = value
        return value

    def _mapping(self, path: Path) -> dict[str, object]:
        found = super()._mapping(path)
        if _MERGE not in found:
            return found
        given = found.pop(_MERGE)
        merged: dict[str, object] = {}
        for one in reversed(given if isinstance(given, list) else [given]):
            if not isinstance(one, dict):
                raise Fault("case.yaml", "`<<` takes a mapping", *path, _MERGE)
            merged |= one
        return merged | found


_MERGE = "<<"


def _check_tag(event: yaml.Event, path: Path) -> None:
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise Fault("case.yaml", f"the tag {show(tag)} is not allowed", *path, hint="remove it")


def _scalar(text: str, path: Path) -> object:
    """Return what an unquoted word means; a date stays text, `010` and `1_000` do too."""
    if text in _NULLS:
        return None
    if text in {text.lower(), text.title(), text.upper()} and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if _NO_NUMBER.fullmatch(text):
        raise no_number(text).under(*path)
    if _NUMBER.fullmatch(text):
        try:
            return number(text.removeprefix("+"))
        except Fault as fault:
            raise fault.under(*path) from None
    return text
