"""An independent, naive reading of policy MP-RX-FP-52-23, and a generator of cases.

It shares nothing with the product: no import, no file. `decide` answers a case from the document
and its reading; `generate` makes cases by seed.
"""

from .decide import decide
from .generator import generate

__all__ = ["decide", "generate"]
