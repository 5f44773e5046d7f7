"""Codes and displays as they are compared."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["normal_alias", "normal_code", "normal_display"]

# Trademark signs and invisible characters go, what typesetting makes of a hyphen or an
# apostrophe becomes one again.
_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("\u00ae\u2122\u00a9\u2120\u200b\ufeff"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2019": "'",
    }
)
# SNOMED CT says behind a name, in parentheses, what kind of thing it names.
_KINDS: Final = (
    "(disorder)",
    "(finding)",
    "(situation)",
    "(substance)",
    "(product)",
    "(medicinal product)",
    "(procedure)",
    "(observable entity)",
    "(assessment scale)",
    "(morphologic abnormality)",
)
_WORDS: Final = re.compile(r"[^\W\d_]+|\d+")  # `10mg` is two words, as `10 mg` is


def normal_code(system: str, code: str) -> str:
    """Return *code* as it is compared in *system* (a short name).

    >>> normal_code("icd-10-cm", "g35a"), normal_code("name", " Tysabri®  IV")
    ('G35A', 'tysabri iv')
    """
    match system:
        case "icd-10-cm":
            return "".join(code.replace(".", "").split()).upper()
        case "name":
            return " ".join(_plain(code).split())
        case _:
            return code.strip()


def normal_display(display: str) -> str:
    """Return *display* without case, punctuation and the kind of thing that it names.

    >>> normal_display("Diabetes mellitus, type-2 (disorder)")
    'diabetes mellitus type 2'
    >>> normal_display("Alemtuzumab 10mg/mL [Lemtrada]")
    'alemtuzumab 10 mg ml lemtrada'
    """
    text = _plain(display)
    if "(" in text:
        for kind in _KINDS:
            text = text.replace(kind, " ")
    return " ".join(_WORDS.findall(text.replace("'", "")))


def _plain(text: str) -> str:
    """Return *text* without signs and case; nearly every text is ASCII and has no signs."""
    return (text if text.isascii() else text.translate(_SIGNS)).casefold()


def normal_alias(text: str) -> str:
    """Return a name of a code system as it is compared."""
    return text.strip().rstrip("/").casefold()
