"""Writing a decision down: what the worlds and the records say, as rows of the record."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from clingo import Symbol

from reasoner.decision import (
    Advisory,
    Authorization,
    ClauseStatus,
    Conflict,
    Doubt,
    Missing,
    QuantityPair,
)
from reasoner.evidence import Settled
from reasoner.facts import answer_value, question_symbol, record_name
from reasoner.policy import Policy
from reasoner.reasons import Reasons
from reasoner.verdict import Grounds, Verdict
from reasoner.worlds import Worlds

__all__ = [
    "advisories",
    "authorization",
    "clauses",
    "conflicts",
    "doubts",
    "missing",
    "open_questions",
    "quantity",
]

_UNSETTLED = ("unknown", "conflict")


def quantity(policy: Policy, settled: Settled, found: Verdict) -> QuantityPair:
    """What was asked for, where the records agree on it, and what is approved."""
    unit = policy.identity.quantity
    answers = settled.candidates.get(question_symbol(unit.question), set())
    requested = next(iter(answers)).number if len(answers) == 1 else None
    approved = _given(found)[0]
    return QuantityPair(
        requested=None if requested is None else _in_units(unit.factors, requested),
        approved=None if approved is None else _in_units(unit.factors, approved),
    )


def authorization(found: Verdict) -> Authorization | msgspec.UnsetType:
    """For how long an approval is; unset where the policy gives none, or nothing is approved."""
    months = _given(found)[1]
    return msgspec.UNSET if months is None else Authorization(months)


def _given(found: Verdict) -> tuple[int | None, int | None]:
    """Return what an approval gives: the quantity and the months, where there are any."""
    if found.recommendation not in ("approve", "partial"):
        return None, None
    match found.quantity:
        case (quantity, months):
            return quantity, months
        case quantity:
            return quantity, None


def clauses(
    policy: Policy,
    found: Verdict,
    statuses: Mapping[Symbol, str],
    blocking: Grounds,
    why: Reasons,
) -> tuple[ClauseStatus, ...]:
    """Every clause with its status, in the document's order.

    Decisive is what stands in a reason (a minimal set that forces the result) or is a ground;
    of a pend, what is not settled.
    """
    named = {c for g in blocking for c in ((g,) if isinstance(g, str) else g)}
    named |= {policy.clause_ids[clause] for clause in why.clauses}
    if found.recommendation == "pend":
        named = {policy.clause_ids[c] for c, status in statuses.items() if status in _UNSETTLED}
    return tuple(
        ClauseStatus(
            id=clause.id,
            kind=clause.kind,
            status=statuses[clause.symbol],
            decisive=clause.id in named,
            text=clause.text,
            locator=clause.locator,
        )
        for clause in policy.identity.clauses
    )


def open_questions(worlds: Worlds, found: Verdict) -> list[Symbol]:
    """Return the single questions whose answers can still change the result, in their order."""
    if found.recommendation != "pend":
        return []
    questions = worlds.separating(found.asked, 1) or worlds.separating(found.asked, 2)
    return sorted(questions, key=worlds.position)


def missing(worlds: Worlds, found: Verdict) -> tuple[Missing, ...]:
    """What to ask for: a family of questions as one entry."""
    texts = worlds.texts
    weights = worlds.weights
    rows: dict[str, Missing] = {}
    for question in open_questions(worlds, found):
        name = question.name if question.arguments else str(question)
        label = f"{name}(_)" if question.arguments else name
        if label in rows:
            continue
        answers = found.asked[question]
        weighty = any((question, answer) in weights for answer in answers)
        needed = max(1, worlds.needed(found.asked, "deny")) if weighty else 1
        rows[label] = Missing(
            question=label,
            text=worlds.wording.get((name, needed)) or texts.get(name, ""),
            answers=tuple(answer_value(a) for a in worlds.answers[question] if a in answers),
            needed=needed,
        )
    return tuple(rows.values())


def advisories(policy: Policy, found: Verdict, settled: Settled) -> tuple[Advisory, ...]:
    """What the reader should know besides, from the records and from the worlds."""
    names = {name.name for name, _ in settled.advisories}
    if found.recommendation != "not_applicable":
        names |= found.inside.advisories
    texts = policy.identity.advisories
    return tuple(Advisory(name, text) for name, text in texts.items() if name in names)


def conflicts(settled: Settled) -> tuple[Conflict, ...]:
    """Every question whose records leave no common answer."""
    out = []
    for question in sorted(settled.conflicts):
        voices = [voice for voice in settled.backs if voice.question == question]
        out.append(
            Conflict(
                str(question),
                tuple(answer_value(a) for a in sorted({voice.answer for voice in voices})),
                tuple(sorted({record_name(voice.record) for voice in voices})),
            )
        )
    return tuple(out)


def doubts(settled: Settled) -> tuple[Doubt, ...]:
    """Every record that is not used, with what it could bear on."""
    questions: dict[str, set[str]] = {}
    reasons: dict[str, set[str]] = {}
    for question, record in settled.doubts:
        questions.setdefault(record_name(record), set()).add(str(question))
    for voice in settled.strays:
        name = record_name(voice.record)
        questions.setdefault(name, set()).add(str(voice.question))
        reasons.setdefault(name, set()).add(f"undeclared_answer:{answer_value(voice.answer)}")
    for question, record, why in settled.unused:
        questions.setdefault(record_name(record), set()).add(str(question))
        reasons.setdefault(record_name(record), set()).add(str(why))
    for record in settled.undocumented:
        if (name := record_name(record)) in questions:
            reasons.setdefault(name, set()).add("undocumented")
    for record, why in settled.flaws:
        name = record_name(record)
        questions.setdefault(name, set())
        reasons.setdefault(name, set()).add(str(why))
    return tuple(
        Doubt(
            name, tuple(sorted(questions[name])), ", ".join(sorted(reasons.get(name, {"unclear"})))
        )
        for name in sorted(questions)
    )


def _in_units(factors: Mapping[str, int], quantity: int) -> dict[str, int]:
    return {unit: factor * quantity for unit, factor in factors.items()}
