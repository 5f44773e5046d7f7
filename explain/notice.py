"""The notice: the reasons of a recommendation in plain language, for the person concerned.

It is told from the same proof as every other view. It recommends and never determines. What
blocks on its own comes first, and nothing that is missing stands under it.
"""

from __future__ import annotations

import msgspec

from explain.record import RecordView
from reasoner.decision import Authorization, PolicyRef
from reasoner.errors import PolicyError
from reasoner.model import Recommendation
from reasoner.plain import plain

__all__ = [
    "SCHEMA",
    "Asked",
    "Basis",
    "ClauseLine",
    "Finding",
    "Ground",
    "Notice",
    "Untranslated",
    "paragraphs",
    "refuse",
]

SCHEMA = "policy-reasoner/notice/1"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found, in which record, of which day and source; or where it was *looked* for.

    *states* is what the record says. Not *used*: it could bear on the matter and shows nothing.
    """

    said: str
    record: str = ""
    states: str = ""
    day: str = ""
    source: str = ""
    looked: tuple[str, ...] = ()
    used: bool = True


class Ground(msgspec.Struct, frozen=True):
    """A clause as a reason: where it stands, what was found, and what would change it."""

    clause: str
    locator: str
    text: str
    status: str
    because: tuple[str, ...]
    findings: tuple[Finding, ...]
    count: str
    change: tuple[str, ...]


class Asked(msgspec.Struct, frozen=True):
    """What is missing: the question, for which *clauses*, and where it was looked for."""

    question: str
    text: str
    needed: int
    clauses: tuple[str, ...]
    findings: tuple[Finding, ...]


class Basis(msgspec.Struct, frozen=True):
    """What the recommendation rests on besides records: a presumption, or a reading."""

    id: str
    text: str
    looked: tuple[str, ...] = ()


class ClauseLine(msgspec.Struct, frozen=True):
    """A clause that stands in nobody's way, or that is not clear yet.

    *findings* are what an approval rests on.
    """

    clause: str
    locator: str
    text: str
    status: str
    findings: tuple[Finding, ...] = ()


class Untranslated(msgspec.Struct, frozen=True):
    """A sentence that stayed English, and where it is written."""

    text: str
    place: str


class Notice(msgspec.Struct, frozen=True):
    """A notice; everything in it is in the language *lang*, *untranslated* apart.

    A ground is a list of clauses: one, or several of which one blocks in every case.
    """

    schema: str
    lang: str
    case: str
    policy: PolicyRef
    document: str
    recommendation: Recommendation
    recommended: str
    requested: dict[str, int] | None
    approved: dict[str, int] | None
    request: RecordView
    because: tuple[Finding, ...]
    judged: tuple[str, ...]
    grounds: tuple[tuple[Ground, ...], ...]
    missing: tuple[Asked, ...]
    unused: tuple[Finding, ...]
    undecided: tuple[ClauseLine, ...]
    passed: tuple[ClauseLine, ...]
    assumptions: tuple[Basis, ...]
    readings: tuple[Basis, ...]
    advisories: tuple[str, ...]
    appeal: tuple[str, ...]
    untranslated: tuple[Untranslated, ...]
    authorization: Authorization | msgspec.UnsetType = msgspec.UNSET


def refuse(found: Notice) -> None:
    """Refuse a notice with a sentence that its reader may not understand.

    Raises:
        PolicyError: a sentence has no translation.
    """
    for one in found.untranslated:
        raise PolicyError(
            "translation.missing",
            f"`{one.text}` has no translation in the language `{found.lang}`",
            where=one.place,
            hint="translate it; `reasoner check --strict` lists all that are missing",
        )


def paragraphs(text: str) -> tuple[str, ...]:
    r"""Return the lines of *text* without control and bidirectional characters; blanks part.

    >>> paragraphs("Call us.\n\n\x1b[31mWrite\u202e to us. \n")
    ('Call us.', '', '[31mWrite to us.')
    """
    lines = [plain(line).strip() for line in text.splitlines()]
    kept = [one for one, before in zip(lines, ["", *lines], strict=False) if one or before]
    return tuple(kept if not kept or kept[-1] else kept[:-1])
