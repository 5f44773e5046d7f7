"""What a proof says: the records, what follows from them, and worlds that agree or differ.

A proof claims that the rules, read on the case, give the decision. It holds every atom that
the evidence derives with every rule instance that derives it; for the criteria, contexts: sets
of worlds, each with what certainly holds in it and what possibly does. A tree of contexts covers
all worlds of the case; two contexts of one world each show that worlds differ. What is not
listed does not hold: that is checked by going through the rules.

Atoms and terms are written as clingo writes them: `supports(hiv,negative,"t1")`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from reasoner.decision import CaseRef, Engine, PolicyRef, TerminologyRef
from reasoner.model import Recommendation, Source

__all__ = [
    "SCHEMA",
    "Aggregate",
    "Claim",
    "Context",
    "Derivations",
    "Differ",
    "Evidence",
    "Instance",
    "Leaf",
    "Proof",
    "QuestionState",
    "Settlement",
    "Split",
    "Tree",
    "proof_schema",
]

SCHEMA = "policy-reasoner/proof/3"

QuestionState = Literal["settled", "assumed", "disputed", "open"]


class Aggregate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An aggregate of a rule instance: which, what it counted, and to what it came.

    *place* is its place among the aggregates of the rule, from 0 in the order of the body;
    *elements* are the distinct tuples that count, each as clingo writes its terms (`1,"t1"`).
    """

    place: int
    value: str
    elements: tuple[str, ...] = ()


class Instance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule (`policies/x/criteria.lp:12`) with the value of each of its global variables.

    A rule is named by its file and line, `:column` added where it does not start in column 1.

    A `_` in a positive literal of the body counts as a variable of its own: `_1` is the first
    of them in the order of the text, then `_2`, ….
    """

    rule: str
    bindings: dict[str, str] = {}
    aggregates: tuple[Aggregate, ...] = ()


Derivations = dict[str, tuple[Instance, ...]]
"""Every derived atom with all rule instances that derive it, in order of rule and bindings."""


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the records say: the facts of the case by record, of the terminology, and all else.

    *records* has `request`, `member`, `case` (what belongs to no record: `decided_on`, `listed`,
    `complete`) and the ids of records and answers (`answers[0]`); *reference* what the
    terminology says of the codes of the case. Readings are facts too, named in the proof.
    """

    records: dict[str, tuple[str, ...]]
    reference: tuple[str, ...]
    derived: Derivations


class Settlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the evidence leaves of a question that is asked: its *state* and possible *answers*."""

    state: QuestionState
    answers: tuple[str, ...]


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of worlds: each question of *answers* has one of them, all others the usual one.

    A reading is a question too: it is left out, and has the answer that the proof names.

    *certain* holds in each of these worlds, by the pair rules: positive literals certain,
    negated ones not even possible. *possible* are all atoms that may hold in one of them:
    closed under the rules, with positive literals possible and negated ones not certain.
    """

    answers: dict[str, tuple[str, ...]]
    certain: Derivations
    possible: tuple[str, ...]


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="leaf", tag_field="type"):
    """The claim holds in the context of this name."""

    context: str


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="split", tag_field="type"):
    """The claim holds whichever answer *question* has: a tree for each answer, as they are left."""

    question: str
    branches: dict[str, Leaf | Split]


Tree = Leaf | Split


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="holds", tag_field="type"):
    """*atom* holds in every one of the *worlds*: with presumptions in force (`inside`), or not."""

    atom: str
    worlds: Literal["inside", "freed"]
    tree: Tree


class Differ(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="differs", tag_field="type"
):
    """Two contexts of one world each, in which the atoms of *claims* hold: they differ."""

    worlds: Literal["inside", "freed"]
    atoms: tuple[str, str]
    contexts: tuple[str, str]


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proof of one decision.

    *result* is the claim of a certain decision (`result(deny,0)`), or how results differ where
    it pends. *statuses* has for each clause id the claim of its status, or how it differs.
    *grounds* claims for each clause that blocks in every world `blocks(…)`, for a certain
    disjunction of clauses a tree in whose leaves one of them blocks (the atoms are joined by
    ` | `). *spared* are contexts of one world each, that no presumption narrows, in which what
    is no ground does not block. *questions* is what the case leaves of every question that is
    asked; *sources* where each record was read; *rules* the text of every rule that is named,
    as clingo writes it.
    """

    schema: str
    case: CaseRef
    policy: PolicyRef
    terminology: TerminologyRef
    engine: Engine
    decided_on: str | None
    readings: dict[str, str]
    recommendation: Recommendation
    approved: int | tuple[int, int] | None
    grounds: tuple[str | tuple[str, ...], ...]
    sources: dict[str, Source]
    rules: dict[str, str]
    evidence: Evidence
    questions: dict[str, Settlement]
    contexts: dict[str, Context]
    result: Claim | Differ
    statuses: dict[str, Claim | Differ]
    blocking: tuple[Claim, ...]
    spared: tuple[str, ...]


def proof_schema() -> dict[str, Any]:
    """Return the JSON Schema of a proof (draft 2020-12)."""
    schema = msgspec.json.schema(Proof)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Proof", **schema}
