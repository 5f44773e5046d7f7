"""The proof checker: a proof is compared with the rules, the case and the terminology.

Nothing is grounded and nothing is solved: every rule is gone through over what the proof
lists, and what the proof claims is looked up in it.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from reasoner.certificate.claims import check_claims
from reasoner.certificate.contexts import check_context
from reasoner.certificate.evidence import check_evidence, check_questions, check_sources
from reasoner.certificate.faults import Enough, Faults, shown
from reasoner.certificate.format import Proof
from reasoner.certificate.setting import Setting, check_readings
from reasoner.certificate.store import Store
from reasoner.certificate.syntax import read_rules
from reasoner.certificate.term import Term, write_term
from reasoner.errors import CaseError
from reasoner.model import Case
from reasoner.policy import Policy
from reasoner.terminology import Terminology

__all__ = ["Report", "check_inputs", "check_proof"]


class Report(msgspec.Struct, frozen=True):
    """What the check of a proof found: *faults* are lines, none where the proof is *valid*.

    *decided_on* is the day from which it sees the records, *readings* are those that it does
    not take as the policy does. The numbers say how much was gone through.
    """

    valid: bool
    case: str
    recommendation: str
    faults: tuple[str, ...]
    decided_on: str | None
    readings: dict[str, str]
    records: int
    atoms: int
    instances: int
    contexts: int
    claims: int


def check_inputs(proof: Proof, case: Case, policy: Policy, terminology: Terminology) -> None:
    """Refuse a proof about something else than what it is checked against.

    Raises:
        CaseError: the case, the policy or the terminology is another one.
    """
    for what, said, given in (
        ("case", proof.case.id, case.id),
        ("case", proof.case.digest, case.digest),
        ("policy", proof.policy.id, policy.id),
        ("policy", proof.policy.version, policy.identity.version),
        ("policy", proof.policy.digest, policy.digest),
        ("terminology", proof.terminology.digest, terminology.digest),
    ):
        if said != given:
            raise CaseError(
                "proof.input",
                f"the proof is about another {what}: {shown(said)}, not {shown(given)}",
                hint="check it against the case and the rules that it was made from",
            )


def check_proof(proof: Proof, case: Case, policy: Policy, terminology: Terminology) -> Report:
    """Return what is wrong with *proof*, after `check_inputs`.

    Raises:
        CaseError: the proof is about something else, or a value cannot be held exactly.
        PolicyError: the rules are beyond what the checker reads.
    """
    check_inputs(proof, case, policy, terminology)
    faults = Faults()
    unusual: dict[str, str] = {}
    with suppress(Enough):
        unusual = _check(proof, case, policy, terminology, faults)
    evidence = proof.evidence
    derivations = [evidence.derived, *(one.certain for one in proof.contexts.values())]
    return Report(
        valid=not faults.lines,
        case=proof.case.id,
        recommendation=proof.recommendation,
        faults=tuple(faults.lines),
        decided_on=proof.decided_on,
        readings=unusual,
        records=len(evidence.records),
        atoms=sum(map(len, evidence.records.values()))
        + len(evidence.reference)
        + sum(map(len, derivations)),
        instances=sum(len(one) for derived in derivations for one in derived.values()),
        contexts=len(proof.contexts),
        claims=1 + len(proof.statuses) + len(proof.blocking),
    )


def _check(
    proof: Proof, case: Case, policy: Policy, terminology: Terminology, faults: Faults
) -> dict[str, str]:
    """Check all of it; return the readings that are not the policy's own."""
    rules = read_rules(policy.evidence)
    criteria = read_rules(policy.criteria)
    setting = Setting(policy, criteria, terminology)
    readings = check_readings(proof.readings, setting, faults)
    store, named = check_evidence(proof, case, terminology, rules, faults)
    check_sources(proof, case, faults)
    beyond = _beyond(store, setting)
    if beyond:
        setting = Setting(policy, criteria, terminology, beyond)
    left = check_questions(proof, store, setting, faults)
    checked = {
        name: check_context(name, context, left.inside, readings, setting, faults)
        for name, context in proof.contexts.items()
    }
    check_claims(proof, checked, left, setting, policy, faults)
    for one in checked.values():
        named |= one.rules
    _check_texts(proof, named, {rule.place: rule.text for rule in (*rules, *criteria)}, faults)
    usual: dict[Term, Term] = dict(setting.plain.rows("default", 2))
    return {name: write_term(v) for name, v in sorted(readings.items()) if usual[(name,)] != v}


def _beyond(store: Store, setting: Setting) -> list[tuple[Term, Term]]:
    """Return the answers that the case names and no rule lists: numbers beyond the usual ones."""
    return [
        (question, answer)
        for question, answer in store.rows("candidate", 2)
        if question in setting.answers and answer not in setting.answers[question]
    ]


def _check_texts(proof: Proof, named: set[str], texts: dict[str, str], faults: Faults) -> None:
    """Check that *rules* has the text of every rule that is named, and of no other."""
    for place in sorted(named | proof.rules.keys()):
        where = f"rules {shown(place)}"
        if place not in named:
            faults.add(where, "nothing names it")
        elif place not in proof.rules:
            faults.add(where, "it is named, and not listed")
        elif proof.rules[place] != texts[place]:
            faults.add(where, f"it reads {shown(texts[place])}")
