"""Amounts and measured values: exact, bounded, each written in one way only."""

from __future__ import annotations

from decimal import Decimal

from reasoner.case.place import Fault, show

__all__ = ["read_amount", "read_measured"]

_MAX_AMOUNT = 2_000_000  # in thousandths it still fits 32 bits
_MAX_MEASURED = 10**12  # a viral load has more than an amount
_THOUSANDTH = Decimal("0.001")
_MILLIONTH = Decimal("0.000001")


def read_amount(found: object, unit: str) -> Decimal:
    """Return the exact amount: more than zero, whole in vials and billing units."""
    value = _decimal(found, "quantity.value")
    noun = {"vial": "vials", "unit": "billing units"}.get(unit, unit)
    if value <= 0:
        message = f"`quantity.value` must be more than 0, found {show(value)}"
        raise Fault("case.quantity", message)
    if value > _MAX_AMOUNT:
        message = f"`quantity.value` must be at most {_MAX_AMOUNT:,} {noun}, found {show(value)}"
        raise Fault("case.quantity", message)
    if unit in {"vial", "unit"} and value != int(value):
        raise Fault(
            "case.quantity",
            f"`quantity.value` must be a whole number of {noun}, found {show(value)}",
            hint="write the amount in mg or mL instead",
        )
    rounded = value.quantize(_THOUSANDTH)
    if rounded != value:
        message = f"`quantity.value` must have at most 3 decimals, found {show(value)}"
        raise Fault("case.quantity", message)
    return _plain(rounded)


def read_measured(found: object) -> Decimal:
    """Return the exact value of a test."""
    value = _decimal(found, "value")
    if value.copy_abs() > _MAX_MEASURED:
        raise Fault("case.number", f"`value` is out of range, found {show(value)}")
    rounded = value.quantize(_MILLIONTH)
    if rounded != value:
        message = f"`value` must have at most 6 decimals, found {show(value)}"
        raise Fault("case.number", message)
    return _plain(rounded)


def _decimal(found: object, name: str) -> Decimal:
    match found:
        case bool():
            pass
        case int() | Decimal():
            value = Decimal(found)
            if value.is_finite():
                return value
        case float():
            value = Decimal(str(found))
            if value.is_finite():
                return value
    hint = "write the bare number: 5 or 1.2" if isinstance(found, str) else ""
    raise Fault("case.type", f"`{name}` must be a number, found {show(found)}", hint=hint)


def _plain(value: Decimal) -> Decimal:
    """Return *value* written in one way only: 5 for 5.0 and 5E+0.

    >>> _plain(Decimal("1.200")), _plain(Decimal("1E+1"))
    (Decimal('1.2'), Decimal('10'))
    """
    return Decimal(int(value)) if value == int(value) else value.normalize()
