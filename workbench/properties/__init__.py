"""What must hold of a policy: proved over all its worlds, or refuted with a case.

properties.lp -> property (`source`) -> grounded beside the criteria (`control`)
-> proved, violated or unknown (`proving`) -> a case (`refutation`)
"""

from __future__ import annotations

from workbench.properties.proving import Verified, verify
from workbench.properties.source import Property, read_properties

__all__ = ["Property", "Verified", "read_properties", "verify"]
