"""A part of a case as plain data, in the words in which a case is written."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec

from reasoner.model import Day

__all__ = ["Plain", "written"]

Plain: TypeAlias = "str | int | bool | Decimal | list[Plain] | dict[str, Plain]"


def written(record: msgspec.Struct) -> dict[str, Plain]:
    """Return what *record* states, by the keys of a case; what is not stated has none.

    >>> from reasoner.model import Coding, Therapy
    >>> written(Therapy(id="rx1", product="Avonex", indication=Coding("G35")))
    {'id': 'rx1', 'product': 'Avonex', 'indication': {'code': 'G35', 'system': 'icd-10-cm'}}
    """
    stated = ((name, getattr(record, name)) for name in record.__struct_fields__)
    return {name: _plain(value) for name, value in stated if value is not None and value != ()}


def _plain(value: object) -> Plain:
    match value:
        case Day():
            return value.text
        case msgspec.Struct():
            return written(value)
        case tuple():
            return [_plain(one) for one in value]
        case str() | int() | Decimal():
            return value
    raise TypeError(value)  # no field of a case holds anything else
