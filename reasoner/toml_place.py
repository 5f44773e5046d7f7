"""Where a TOML file is wrong: of what its reader names by line, and what its schema by path."""

from __future__ import annotations

import re

__all__ = ["located"]

_AT_LINE = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)$")
_AT_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")


def located(message: str, text: str) -> tuple[str, str]:
    r"""Return *message* without its place, and the place in *text* as `:line` or `:line:column`.

    >>> located("Expected '=' (at line 2, column 3)", "")
    ("Expected '='", ':2:3')
    >>> located("Expected `str` - at `$.clauses[1].kind`", "[[clauses]]\n[[clauses]]\nkind = 1")
    ('Expected `str` - at `clauses[1].kind`', ':3')
    >>> located("Object contains unknown field `colour`", "id = 'a'\ncolour = 'red'")
    ('Object contains unknown field `colour`', ':2')
    """
    if found := _AT_LINE.search(message):
        return message[: found.start()], f":{found[1]}:{found[2]}"
    path = found[1] if (found := _AT_PATH.search(message)) else ""
    steps = re.findall(r"([\w-]+)(?:\[([0-9]+)\])?", path)
    if unknown := _UNKNOWN.search(message):
        steps.append((unknown[1], ""))
    line = 0
    for key, index in steps:
        name = re.escape(key)
        opens = re.compile(rf"\s*(?:{name}\s*=|\[\[?\s*{name}\s*[\].])")
        places = [n for n, one in enumerate(text.splitlines(), 1) if n > line and opens.match(one)]
        if int(index or 0) < len(places):
            line = places[int(index or 0)]
    return message.replace("`$.", "`"), f":{line}" if line else ""
