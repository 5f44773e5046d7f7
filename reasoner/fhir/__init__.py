"""FHIR R4 read as cases: an order or a Claim with the chart around it.

    document -> resources (`resource`) -> the order (`order`, `claim`) -> records (a module a
    kind) -> a case (`assembly`)

An order proves that a drug is wanted, a chart what it states; nothing is guessed. What is
not used is listed in `Case.unread` with the reason, and what cannot be read stays in the
case as something unknown, so that it casts doubt instead of disappearing.
"""

from reasoner.fhir.assembly import read_lines, read_order

__all__ = ["read_lines", "read_order"]
