"""Whether a mutant is no change at all, by proof: over all worlds, or rule by rule."""

from __future__ import annotations

import clingo
from clingo import Function

from explain.instrument import read
from reasoner.days import Calendar
from reasoner.facts import reference_facts, word
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology
from workbench.mutation.baseline import Baseline
from workbench.mutation.mutant import Mutant, mutated

__all__ = ["proved"]

_SHOWN = (
    "status(C,V)",
    "result(R,N)",
    "refer(W)",
    "advisory(A)",
)
"""What a decision states of a world."""
_OLD, _NEW = "_old", "_new"


def proved(base: Baseline, mutant: Mutant) -> str:
    """Return why *mutant* can change no decision, or nothing where that is not proved."""
    policy = base.reasoner.policy
    in_evidence = any(file.name == mutant.file for file in policy.evidence)
    if not in_evidence:
        if not _of_worlds(policy, mutant):
            return ""
        same = _same_in_all_worlds(policy, mutated(policy, mutant), base.reasoner.terminology)
        return "no world tells the two apart" if same else ""
    in_criteria = any(file.name == mutant.file for file in policy.criteria)
    implied = mutant.literal in base.implied.get(mutant.rule, frozenset())
    if mutant.operator == "drop literal" and implied and not in_criteria:
        return "the literal follows from the rest of the rule"
    return ""


def _of_worlds(policy: Policy, mutant: Mutant) -> bool:
    """Whether the changed rule derives what depends on the world: the rest stands there once."""
    heads = {rule.name for rule in read(policy.criteria) if rule.place == mutant.rule}
    return bool(heads) and heads <= policy.world_predicates


def _same_in_all_worlds(old: Policy, new: Policy, terminology: Terminology) -> bool:
    """Whether both criteria say the same of every world: both stand over the same answers."""
    control = clingo.Control(["--warn=none"], lambda *_: None)
    for policy, guard in ((old, _OLD), (new, _NEW)):
        local = policy.world_predicates
        shared = {file.name for file in policy.evidence}
        for file in policy.criteria:
            if file.name not in shared or guard == _OLD:
                control.add("base", [], relocate(file.text, local, "World", guard, always=True))
    world = old.worlds[0].text
    control.add("base", [], world)
    control.add("base", [], "#defined _old/1. #defined _new/1. _old(1). _new(2).")
    control.add("base", [], "is(2,Q,A) :- is(1,Q,A).")
    for atom in _SHOWN:
        name, _, rest = atom.partition("(")
        for one, other in ((1, 2), (2, 1)):
            control.add("base", [], f"_apart :- {name}({one},{rest}, not {name}({other},{rest}.")
    control.add("base", [], "#defined _apart/0. :- not _apart.")
    with control.backend() as backend:
        for clause in old.identity.clauses:
            symbol = Function("clause", [clause.symbol, word(clause.kind)])
            backend.add_rule([backend.add_atom(symbol)])
        for advisory in sorted(old.identity.advisories):
            backend.add_rule([backend.add_atom(Function("advisable", [word(advisory)]))])
        for symbol in reference_facts((), terminology):
            backend.add_rule([backend.add_atom(symbol)])
    control.ground([("base", [])], context=Calendar())
    return not control.solve().satisfiable
