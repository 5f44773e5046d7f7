"""What is found of a policy's build."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Finding", "Kind"]

Kind = Literal[
    "clause_without_effect",
    "definition_excluded",
    "rule_never_fires",
    "rule_without_effect",
    "question_without_effect",
    "answer_unsupported",
]


class Finding(msgspec.Struct, frozen=True):
    """Something that an author should know: *about* a clause, rule, question or answer.

    *places* are the rules behind it, as `policies/x/criteria.lp:12`; *proved* says that it
    holds over all worlds.
    """

    kind: Kind
    about: str
    text: str
    places: tuple[str, ...] = ()
    proved: bool = True
