"""Codes and displays as they are compared."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["normal_alias", "normal_code", "normal_display", "perhaps"]

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
_NDC: Final = (5, 4, 2)
"""Digits of labeler, product and package in an NDC of billing; on a label one is shorter."""
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
        case "ndc":
            return _ndc(code)
        case _:
            return code.strip()


def _ndc(code: str) -> str:
    """Return an NDC in the 11 digits of billing: labeler, product and package, each padded.

    >>> _ndc("58468-0200-1"), _ndc("0002-1433-80"), _ndc("50580-506-02"), _ndc("58468020001")
    ('58468020001', '00002143380', '50580050602', '58468020001')
    """
    text = code.strip()
    parts = text.split("-")
    fits = len(parts) == len(_NDC) and all(
        part.isascii() and part.isdigit() and len(part) <= most
        for part, most in zip(parts, _NDC, strict=True)
    )
    if not fits:
        return text
    return "".join(part.rjust(most, "0") for part, most in zip(parts, _NDC, strict=True))


def perhaps(system: str, code: str) -> tuple[str, ...]:
    """Return what *code* may mean beside its normal form: 10 digits do not say which is padded.

    >>> perhaps("ndc", "5846802001")
    ('05846802001', '58468002001', '58468020001')
    """
    text = code.strip()
    if system != "ndc" or len(text) != sum(_NDC) - 1 or not (text.isascii() and text.isdigit()):
        return ()
    labeler, product, _ = _NDC
    at = (0, labeler, labeler + product)
    return tuple(f"{text[:step]}0{text[step:]}" for step in at)


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
