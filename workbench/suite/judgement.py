"""A decision beside what was expected: every difference, with the clauses that it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from reasoner.decision import Decision
from workbench.suite.expectation import MORE, Expectation, one_line

__all__ = ["Difference", "judged", "outcome"]


class Difference(msgspec.Struct, frozen=True):
    """One thing that came out otherwise: *what*, in one line each.

    *concerns* are the clauses, and where there are none the questions, to look at.
    """

    what: str
    expected: str
    got: str
    concerns: tuple[str, ...] = ()


def outcome(decision: Decision) -> object:
    """Return what stands beside the recommendation: quantity, grounds, questions or reasons."""
    match decision.recommendation:
        case "approve" | "partial":
            return approved(decision)
        case "deny":
            return [list(g) if isinstance(g, tuple) else g for g in decision.grounds]
        case "pend":
            return [missing.question for missing in decision.missing]
        case "refer":
            return list(decision.refer_reasons)
    return None


def approved(decision: Decision) -> int | None:
    """Return the approved quantity in the policy's unit, which stands first."""
    return next(iter((decision.quantity.approved or {}).values()), None)


def judged(expect: Expectation, decision: Decision) -> list[Difference]:
    """Return how *decision* differs from what is expected; nothing where it does not."""
    return [
        *_recommendation(expect, decision),
        *_named(expect, decision),
        *_absent(expect, decision),
    ]


def _recommendation(expect: Expectation, decision: Decision) -> Iterator[Difference]:
    wanted = expect.recommendation
    if wanted is None:
        return
    value, found = getattr(expect, wanted), outcome(decision)
    said = one_line(wanted, value), one_line(decision.recommendation, found)
    if wanted != decision.recommendation:
        named = tuple(_flat(value)) if wanted in ("deny", "pend") and value else ()
        yield Difference("recommendation", *said, named or _behind(decision))
    elif value is None:
        return
    elif isinstance(value, list) and isinstance(found, list):
        missing, beyond = _apart(value, found)
        if missing or beyond:
            concerns = tuple(dict.fromkeys([*_flat(missing), *_flat(beyond)]))
            yield Difference("recommendation", *said, concerns)
    elif value != found:
        limits = tuple(c.id for c in decision.clauses if c.kind in ("limit", "exception"))
        yield Difference("recommendation", *said, limits)


def _behind(decision: Decision) -> tuple[str, ...]:
    """Return what a recommendation that nobody expected rests on."""
    if decision.recommendation == "deny":
        return tuple(_flat(decision.grounds))
    if decision.recommendation == "pend":
        return tuple(missing.question for missing in decision.missing)
    return tuple(c.id for c in decision.clauses if c.decisive and c.kind != "limit")


def _named(expect: Expectation, decision: Decision) -> Iterator[Difference]:
    """Yield what differs of what is expected by its name: statuses, assumptions, lists."""
    status = {clause.id: clause.status for clause in decision.clauses}
    yield from _entries("", expect.clauses, status)
    needed = {missing.question: missing.needed for missing in decision.missing}
    yield from _entries("needed ", expect.needed, needed)
    assumed = {
        one.question: list(one.answer) if isinstance(one.answer, tuple) else one.answer
        for one in decision.assumptions
    }
    yield from _entries("assumed ", expect.assumes, assumed)
    for what, wanted, found in (
        ("rests on", expect.rests_on, [one.id for one in decision.readings if one.decisive]),
        ("conflicts", expect.conflicts, [one.question for one in decision.conflicts]),
        ("advisories", expect.advisories, [one.id for one in decision.advisories]),
    ):
        if wanted is UNSET:
            continue
        missing, beyond = _apart(wanted, found)
        if missing or beyond:
            concerns = tuple(_flat([*missing, *beyond])) if what == "conflicts" else ()
            yield Difference(what, _listed(wanted), _listed(found), concerns)


def _entries(
    what: str, wanted: Mapping[str, object] | UnsetType, found: Mapping[str, object]
) -> Iterator[Difference]:
    if wanted is UNSET:
        return
    for name, value in wanted.items():
        if found.get(name) != value:
            yield Difference(f"{what}{name}", _said(value), _said(found.get(name)), (name,))


def _absent(expect: Expectation, decision: Decision) -> Iterator[Difference]:
    """Yield what is there and must not be."""
    asked = [missing.question for missing in decision.missing]
    said = [one.id for one in decision.advisories]
    for what, unwanted, found in (
        ("grounds", expect.not_grounds, list(_flat(decision.grounds))),
        ("asked", expect.not_asked, asked),
        ("advisories", expect.not_advised, said),
    ):
        for name in () if unwanted is UNSET else unwanted:
            if name in found:
                yield Difference(what, f"not {name}", _listed(found), (name,))


def _apart(wanted: Sequence[object], found: Sequence[object]) -> tuple[list[object], list[object]]:
    """Return what is missing of *wanted*, and what *found* has beyond it; order is nothing."""
    open_ended = bool(wanted) and wanted[-1] == MORE
    expected = [_key(one) for one in wanted if one != MORE]
    got = [_key(one) for one in found]
    missing = [one for one in expected if one not in got]
    return missing, [] if open_ended else [one for one in got if one not in expected]


def _key(one: object) -> object:
    return tuple(sorted(one)) if isinstance(one, list | tuple) else one


def _flat(members: Iterable[object]) -> Iterator[str]:
    for member in members:
        yield from map(str, member) if isinstance(member, list | tuple) else [str(member)]


def _listed(names: Iterable[object]) -> str:
    return (
        ", ".join("|".join(n) if isinstance(n, list | tuple) else str(n) for n in names) or "none"
    )


def _said(value: object) -> str:
    return "nothing" if value is None else str(value).replace("_", " ")
