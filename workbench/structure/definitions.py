"""An answer that satisfies a criterion and triggers an exclusion: the document contradicts itself.

Either the rules show it: one answer both meets the criterion and makes the exclusion apply. Or
the author states what the document defines, in `properties.lp`, and the rules decide otherwise:

    %! The background counts this form among the relapsing ones.
    definition(approval(i), is(form, cis)).
"""

from __future__ import annotations

from collections.abc import Iterator

import clingo
from clingo import Function, Symbol

from explain.rules import read_rules
from reasoner.engine import Reasoner
from reasoner.errors import PolicyError
from reasoner.policy import Clause
from workbench.properties.source import read_properties
from workbench.structure.clauses import places_of
from workbench.structure.effects import Effects
from workbench.structure.finding import Finding

__all__ = ["excluded_definitions"]

_DEFINITION = "definition"


def excluded_definitions(reasoner: Reasoner, effects: Effects) -> Iterator[Finding]:
    """Yield each answer that counts for a criterion and for an exclusion."""
    yield from _shown_by_rules(reasoner, effects)
    yield from _stated(reasoner, effects)


def _shown_by_rules(reasoner: Reasoner, effects: Effects) -> Iterator[Finding]:
    clauses = reasoner.policy.identity.clauses
    criteria = [one for one in clauses if one.kind == "criterion"]
    exclusions = [one for one in clauses if one.kind == "exclusion"]
    for question in reasoner.worlds.answers:
        if question in reasoner.worlds.usual:
            continue
        for criterion in criteria:
            # The criterion accepts some answers of the question; the exclusion takes from those.
            if not _turns(effects, question, criterion, "met", "not_met"):
                continue
            accepted = [_status(effects, world, criterion, "met") for world in (1, 2)]
            for exclusion in exclusions:
                known = [
                    *accepted,
                    _status(effects, 1, exclusion, "applies"),
                    _status(effects, 2, exclusion, "clear"),
                ]
                found = _answers(reasoner, effects, question, known)
                if not found:
                    continue
                said = " or ".join(f"{question} = {answer}" for answer in found)
                yield Finding(
                    "definition_excluded",
                    said,
                    f"{said} meets {criterion.id} and makes {exclusion.id} apply:"
                    " definition and exclusion contradict each other, and the exclusion decides",
                    places_of(reasoner, criterion.symbol, criterion.kind)
                    + places_of(reasoner, exclusion.symbol, exclusion.kind),
                )


def _status(effects: Effects, world: int, clause: Clause, status: str) -> int | None:
    return effects.literal(world, "status", clause.symbol, Function(status))


def _turns(effects: Effects, question: Symbol, clause: Clause, one: str, other: str) -> bool:
    """Whether the answer of *question* alone turns *clause* from *one* status to the *other*."""
    literals = [_status(effects, 1, clause, one), _status(effects, 2, clause, other)]
    known = [literal for literal in literals if literal is not None]
    return known == literals and effects.beside([question], known)


def _answers(
    reasoner: Reasoner, effects: Effects, question: Symbol, literals: list[int | None]
) -> list[Symbol]:
    """Return the answers of *question* in the first of two worlds that have all of *literals*."""
    known = [literal for literal in literals if literal is not None]
    if known != literals or not effects.beside([question], known):
        return []
    return [
        answer
        for answer in reasoner.worlds.answers[question]
        if (held := effects.literal(1, "is", question, answer)) is not None
        and effects.beside([question], [*known, held])
    ]


def _stated(reasoner: Reasoner, effects: Effects) -> Iterator[Finding]:
    files, _ = read_properties(reasoner.policy)
    ids = reasoner.policy.clause_ids
    for file in files:
        for rule in read_rules(file):
            if rule.name != _DEFINITION:
                continue
            clause, question, answer = _read(reasoner, rule.head, rule.place)
            said = f"{question} = {answer}"
            held = effects.literal(1, "is", question, answer)
            met = effects.literal(1, "status", clause, Function("met"))
            if held is None:
                continue
            excluding = [
                one
                for one in reasoner.policy.identity.clauses
                if one.kind == "exclusion" and _excludes(effects, one, question, held)
            ]
            never = met is None or not effects.possible([held, met])
            if not never and not excluding:
                continue
            first = f"no world with {said} meets {ids[clause]}" if never else ""
            second = " and ".join(f"{one.id} excludes it" for one in excluding)
            decided = [(clause, "criterion"), *((one.symbol, one.kind) for one in excluding)]
            places = [place for one, kind in decided for place in places_of(reasoner, one, kind)]
            yield Finding(
                "definition_excluded",
                said,
                f"{rule.sentence or f'{said} satisfies {ids[clause]} by definition.'}"
                f" In the rules {', and '.join(part for part in (first, second) if part)}",
                (rule.place, *places),
            )


def _excludes(effects: Effects, clause: Clause, question: Symbol, held: int) -> bool:
    """Whether *clause* applies by an answer of *question*, and is clear by another."""
    literals = [_status(effects, 1, clause, "applies"), _status(effects, 2, clause, "clear")]
    known = [literal for literal in literals if literal is not None]
    return known == literals and effects.beside([question], [held, *known])


def _read(reasoner: Reasoner, head: str, place: str) -> tuple[Symbol, Symbol, Symbol]:
    try:
        clause, answered = clingo.parse_term(head).arguments
        question, answer = answered.arguments
        if clause in reasoner.policy.clause_ids and answer in reasoner.worlds.every[question]:
            return clause, question, answer
    except (RuntimeError, ValueError, KeyError):
        pass
    raise PolicyError(
        "policy.property",
        f"`{head}` names no clause, question or answer of the policy",
        where=place,
        hint="write `definition(approval(i), is(question, answer))`",
    )
