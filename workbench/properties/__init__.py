"""What must hold of a policy: proved over all its worlds, or refuted with a case.

properties.lp -> property (`source`) -> grounded beside the criteria (`control`)
-> proved, violated or unknown (`proving`) -> a case (`refutation`)
"""

from __future__ import annotations

from workbench.properties.proving import Verified, verify
from workbench.properties.records import PAIRS, Tried, try_records
from workbench.properties.source import Property, read_properties

__all__ = [
    "PAIRS",
    "Property",
    "Tried",
    "Verified",
    "read_properties",
    "try_records",
    "verify",
]
