"""Text that nobody here wrote, made harmless before it is shown.

Text from a case or a rule file is not trusted: control characters could move the cursor of a
terminal or make a document unreadable, bidirectional ones could turn a sentence round.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["UNSAFE", "plain"]

UNSAFE: Final = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Control, bidirectional and other characters without a shape, and those that XML forbids."""


def plain(text: str) -> str:
    r"""Return *text* on one line, without control and bidirectional characters.

    >>> plain("a\x1b[31mb\u202ec\nd")
    'a[31mbc d'
    """
    if text.isprintable():  # no control, no bidirectional, no other format character
        return text
    return re.sub(r"[\t\n]+", " ", re.sub(UNSAFE, "", text))
