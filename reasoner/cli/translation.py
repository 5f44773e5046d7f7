"""A decision in the language of its reader: what the policy says of it, translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from explain.language import Language
    from reasoner.decision import Decision

__all__ = ["translated", "translated_texts"]


def translated(decision: Decision, language: Language) -> Decision:
    """Return *decision* with its sentences in *language*; it is shown, and never kept.

    What has no translation stays English, with a mark.
    """

    def said(sentence: str) -> str:
        return language.policy(sentence).marked

    return msgspec.structs.replace(
        decision,
        clauses=tuple(
            msgspec.structs.replace(one, text=said(one.text), locator=said(one.locator))
            for one in decision.clauses
        ),
        missing=tuple(
            msgspec.structs.replace(one, text=said(one.text)) for one in decision.missing
        ),
        advisories=tuple(
            msgspec.structs.replace(one, text=said(one.text)) for one in decision.advisories
        ),
        doubts=tuple(
            msgspec.structs.replace(
                one, reason=", ".join(map(language.word, one.reason.split(", ")))
            )
            for one in decision.doubts
        ),
        unread=tuple(
            msgspec.structs.replace(one, reason=language.told(one.reason).marked)
            for one in decision.unread
        ),
    )


def translated_texts(texts: Mapping[str, str], language: Language) -> dict[str, str]:
    """Return *texts*, by whatever name, in *language*."""
    return {name: language.policy(text).marked for name, text in texts.items()}
