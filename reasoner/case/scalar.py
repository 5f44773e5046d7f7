"""What JSON and YAML share: exact numbers, and the faults that both can have."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from reasoner.case.place import Fault, show

__all__ = ["MAX_DEPTH", "forbidden", "no_number", "number", "too_deep", "twice"]

MAX_DEPTH = 64
"""The deepest nesting: a case needs 5, a FHIR bundle about 20."""

_INT_DIGITS = 18  # a longer whole number stays a Decimal: int() of it would be slow


def number(text: str) -> int | Decimal:
    """Return the exact number.

    >>> number("1.20"), number("-7")
    (Decimal('1.20'), -7)
    """
    if len(text) <= _INT_DIGITS and text.lstrip("-").isdigit():
        return int(text)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Fault("case.number", f"the number {show(text)} is out of range") from None


def no_number(text: str) -> Fault:
    """Return the fault of NaN and infinity."""
    return Fault("case.number", f"{show(text)} is no number", hint="leave out what is not known")


def twice(key: str) -> Fault:
    """Return the fault of a key that its mapping has already."""
    return Fault("case.duplicate", f"the key {show(key)} is given twice", hint="keep one")


def too_deep() -> Fault:
    """Return the fault of a document beyond `MAX_DEPTH`."""
    return Fault("case.nesting", f"the document is nested deeper than {MAX_DEPTH} levels")


def forbidden(sign: str) -> Fault:
    """Return the fault of text with the character *sign*."""
    if "\ud800" <= sign <= "\udfff":
        message = f"the text holds the lone surrogate U+{ord(sign):04X}"
        return Fault("case.text", message, hint="it is half a character: write the whole one")
    return Fault(
        "case.text",
        f"the text holds the control character U+{ord(sign):04X}",
        hint="remove it; line feed and tab are the only control characters allowed",
    )
