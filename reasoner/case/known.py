"""What a reader of a case knows beside the document, and what is laid over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from reasoner.terminology import Terminology

__all__ = ["Asks", "Known", "Laid"]

Asks = Callable[[str], bool]
"""Whether the policy asks a question of this id."""


class Known(msgspec.Struct, frozen=True, eq=False):
    """What a reader of FHIR may ask for: the *tables*, and what the policy *asks*.

    Without tables the installed ones are read. Both are asked for only where they are needed.
    """

    tables: Callable[[], Terminology] | None = None
    asks: Asks | None = None


class Laid(msgspec.Struct, frozen=True, eq=False):
    """A request laid over a record: what it says, and what an error calls it.

    It is FHIR, a reference such as `{"reference": "MedicationRequest/x"}`, or a case of which
    the request alone may be given.
    """

    document: Mapping[str, object]
    where: str

    @property
    def is_fhir(self) -> bool:
        """Whether it is a resource or a Bundle."""
        return "resourceType" in self.document

    @property
    def is_reference(self) -> bool:
        """Whether it only names an order of the record."""
        return "reference" in self.document and not self.is_fhir
