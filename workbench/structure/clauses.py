"""Clauses that change no recommendation: another one blocks wherever they do."""

from __future__ import annotations

from collections.abc import Iterator

from clingo import Function, Number, Symbol

from explain.rules import defining, read_rules
from reasoner.engine import Reasoner
from reasoner.policy import Clause
from workbench.structure.effects import Effects
from workbench.structure.finding import Finding

__all__ = ["clauses_without_effect", "places_of"]

_DENY = (Function("deny"), Number(0))
_BLOCKING = {"criterion": "not_met", "exclusion": "applies", "limit": "exhausted"}
_SAID = {"criterion": "is not met", "exclusion": "applies", "limit": "is exhausted"}


def clauses_without_effect(reasoner: Reasoner, effects: Effects) -> Iterator[Finding]:
    """Yield each clause whose status changes no recommendation in any world."""
    clauses = reasoner.policy.identity.clauses
    for clause in clauses:
        if clause.kind == "exception":
            if not _granted_with(effects, clause, "open"):
                yield _finding(reasoner, clause, "no world that is approved has it open")
            continue
        blocks = effects.literal(1, "blocks", clause.symbol)
        if clause.kind == "limit" and _granted_with(effects, clause, "reduces"):
            continue
        if effects.literal(1, "status", clause.symbol, Function("undetermined")) is not None:
            continue  # what a person must judge is no matter of blocking alone
        if blocks is None or not effects.possible([blocks]):
            yield _finding(reasoner, clause, f"no world in which it {_SAID[clause.kind]}")
            continue
        others = {
            other.id: literal
            for other in clauses
            if other != clause
            and (literal := effects.literal(1, "blocks", other.symbol)) is not None
        }
        denied = effects.literal(1, "result", *_DENY)
        alone = [blocks, *([] if denied is None else [denied])]
        if not effects.possible([*alone, *(-literal for literal in others.values())]):
            always = [
                name for name, literal in others.items() if not effects.possible([*alone, -literal])
            ]
            who = " and ".join(always) if always else "always another clause"
            yield _finding(
                reasoner,
                clause,
                f"wherever it {_SAID[clause.kind]}, {who} blocks too; it adds a ground, no more",
            )


def _granted_with(effects: Effects, clause: Clause, status: str) -> bool:
    """Whether something is approved in a world in which *clause* has *status*."""
    held = effects.literal(1, "status", clause.symbol, Function(status))
    if held is None:
        return False
    results = effects.criteria.results
    granted = [x for (name, _), x in results.items() if name in ("approve", "partial")]
    return any(effects.possible([held, literal]) for literal in granted)


def _finding(reasoner: Reasoner, clause: Clause, why: str) -> Finding:
    return Finding(
        "clause_without_effect",
        clause.id,
        f"{clause.id} changes no recommendation: {why}",
        places_of(reasoner, clause.symbol, clause.kind),
    )


def places_of(reasoner: Reasoner, clause: Symbol, kind: str) -> tuple[str, ...]:
    """Return where the rules stand that decide *clause*."""
    rules = [rule for file in reasoner.policy.criteria for rule in read_rules(file)]
    return tuple(rule.place for rule in defining(rules, clause, kind))
