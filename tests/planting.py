"""Finding a rule in a rule file, to plant a fault in its place."""

import re

__all__ = ["laid_out"]


def laid_out(text: str) -> re.Pattern[str]:
    """What finds *text* however its layout breaks and pads it."""
    return re.compile(r"\s+".join(map(re.escape, text.split())))
