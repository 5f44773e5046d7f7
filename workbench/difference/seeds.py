"""The rows of the tests of two versions, as cases that may tell the versions apart.

An author wrote them to stand on both sides of what the rules draw, so they are the cheapest
cases to try, and the easiest to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import cast

import msgspec

from reasoner.errors import ReasonerError
from workbench.difference.version import Version
from workbench.records.codes import Keys
from workbench.suite.files import policy_rows
from workbench.suite.row import Row, document_of

__all__ = ["Seed", "seeds"]

_MOST = 192
"""So many rows are tried of those that choose no reading: more would cost more than they find."""


class Seed(msgspec.Struct, frozen=True):
    """A case that some row is about, and the readings that it chooses."""

    document: Keys
    readings: dict[str, str]


def seeds(old: Version, new: Version, options: Collection[str]) -> Iterator[Seed]:
    """Yield the cases of the rows of both versions, those first that choose one of *options*."""
    rows: dict[bytes, Row] = {}
    for version in (new, old):
        for row in _rows(version):
            known = _known(old, row) and _known(new, row)
            if row.decided_on is None and known:
                said = {key: value for key, value in row.document.items() if key != "id"}
                rows.setdefault(msgspec.json.encode((said, row.readings)), row)
    choosing = [row for row in rows.values() if row.readings]
    plain = (row for row in rows.values() if not row.readings)
    matter = (row for row in choosing if row.readings.keys() & set(options))
    for row in (*matter, *islice(plain, _MOST)):
        document = cast("Keys", document_of(row.document, row.name))
        yield Seed({**document, "id": "witness"}, dict(row.readings))


def _known(version: Version, row: Row) -> bool:
    """Whether *version* knows the readings that *row* chooses."""
    readings = version.reasoner.readings
    return all(value in map(str, readings.get(name, ())) for name, value in row.readings.items())


def _rows(version: Version) -> list[Row]:
    try:
        return policy_rows(version.policy.folder)
    except ReasonerError:
        return []  # `reasoner test` says what is wrong with them
