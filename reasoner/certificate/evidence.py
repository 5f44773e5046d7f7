"""Whether the evidence of a proof is the case, the terminology and what follows from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec
from clingo import Symbol, SymbolType

from reasoner.certificate.closure import check_founded
from reasoner.certificate.derivations import check_derivations, read_atoms
from reasoner.certificate.faults import Faults, shown
from reasoner.certificate.format import Proof, QuestionState, Settlement
from reasoner.certificate.matching import Matcher
from reasoner.certificate.setting import Setting
from reasoner.certificate.side import Side
from reasoner.certificate.store import AtomTerm, Store
from reasoner.certificate.syntax import Rule
from reasoner.certificate.term import Term, read_term, write_term
from reasoner.errors import CaseError
from reasoner.facts import case_facts, reference_facts
from reasoner.model import Case, Source
from reasoner.terminology import Terminology

__all__ = ["Left", "check_evidence", "check_questions", "check_sources"]

Worlds = Mapping[Term, frozenset[Term]]
"""The answers that are left to each question that is asked."""


class Left(msgspec.Struct, frozen=True):
    """The worlds that a case leaves: *inside* with presumptions in force, *freed* without."""

    inside: Worlds
    freed: Worlds


def check_evidence(
    proof: Proof, case: Case, terminology: Terminology, rules: Iterable[Rule], faults: Faults
) -> tuple[Store, set[str]]:
    """Return what holds of the records, and the places of the rules that derive it.

    Raises:
        Enough: something is wrong.
        CaseError: a value of the case cannot be held exactly, or the day is none.
    """
    facts = _stated(proof, case, terminology, faults)
    facts |= {("reading", (name,), read_term(value)) for name, value in proof.readings.items()}
    where = "evidence.derived"
    derived = read_atoms(proof.evidence.derived, where, faults)
    for text, instances in proof.evidence.derived.items():
        if not instances:
            faults.add(f"{where} {shown(text)}", "no rule instance derives it")
    faults.stop()
    store = Store()
    for atom in (*facts, *derived):
        store.add(atom)
    side = Side(store, store)
    matchers = [Matcher(rule, one, store, frozenset()) for rule in rules for one in rule.variants]
    named = check_derivations(matchers, side, proof.evidence.derived, where, faults)
    faults.stop()
    check_founded(matchers, side, facts.__contains__, where, faults)
    faults.stop()
    return store, named


def _stated(proof: Proof, case: Case, terminology: Terminology, faults: Faults) -> set[AtomTerm]:
    """Return the facts of the case and the terminology, which *proof* must list."""
    facts, codes = case_facts(case, terminology, _day(proof.decided_on))
    grouped: dict[str, set[str]] = {}
    for fact in facts:
        grouped.setdefault(_record(fact), set()).add(str(fact))
    for name in sorted(grouped.keys() | proof.evidence.records.keys()):
        where = f"evidence.records {shown(name)}"
        listed = proof.evidence.records.get(name)
        if name not in grouped:
            faults.add(where, "the case has nothing of that name")
        elif listed is None:
            faults.add(where, "it is not listed")
        else:
            _compare(listed, grouped[name], "the case", where, faults)
    reference = {str(fact) for fact in reference_facts(codes, terminology)}
    _compare(proof.evidence.reference, reference, "the terminology", "evidence.reference", faults)
    faults.stop()
    texts = [*(text for group in grouped.values() for text in group), *reference]
    return {atom for text in texts if isinstance(atom := read_term(text), tuple)}


def _compare(
    listed: Iterable[str], wanted: set[str], whose: str, where: str, faults: Faults
) -> None:
    seen: set[str] = set()
    for text in listed:
        if text in seen:
            faults.add(where, f"{shown(text)} is listed twice")
        elif text not in wanted:
            faults.add(where, f"{shown(text)} is no fact of {whose}")
        seen.add(text)
    for text in sorted(wanted - seen):
        faults.add(where, f"the fact {shown(text)} of {whose} is not listed")


def _day(text: str | None) -> dt.date | None:
    try:
        day = None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if text is not None and (day is None or day.isoformat() != text):
        raise CaseError("proof.format", f"`decided_on` is no day: {shown(text)}")
    return day


_OF_THE_CASE = ("decided_on", "listed", "complete")


def _record(fact: Symbol) -> str:
    """Return the record that *fact* belongs to, as a proof names it."""
    if fact.name in _OF_THE_CASE:
        return "case"
    if fact.name == "birth":
        return "member"
    first = fact.arguments[0]
    if first.type is SymbolType.String:
        return first.string
    if first.type is SymbolType.Function and first.name == "answer":
        return f"answers[{first.arguments[0]}]"
    return "request"


def check_questions(proof: Proof, store: Store, setting: Setting, faults: Faults) -> Left:
    """Return the worlds that the evidence leaves, which *questions* must say.

    Raises:
        Enough: something is wrong.
    """
    settled = _Settled(store, setting)
    inside: dict[Term, frozenset[Term]] = {}
    freed: dict[Term, frozenset[Term]] = {}
    wanted: dict[str, Settlement] = {}
    for question in settled.unasked():
        faults.add(
            f"questions {shown(write_term(question))}",
            "it is settled though it is not asked, which no proof can say",
        )
    for question in sorted(settled.asked, key=write_term):
        text = write_term(question)
        every = setting.answers.get(question, frozenset())
        state, answers = settled.of(question)
        if state is None or not answers or not answers <= every:
            faults.add(f"questions {shown(text)}", "the evidence does not say one thing of it")
            continue
        inside[question] = answers
        freed[question] = every if state == "assumed" else answers
        wanted[text] = Settlement(state, tuple(sorted(map(write_term, answers))))
    faults.stop()
    for text in sorted(proof.questions.keys() | wanted.keys()):
        where = f"questions {shown(text)}"
        listed = proof.questions.get(text)
        if text not in wanted:
            faults.add(where, "the evidence does not ask it")
        elif listed is None:
            faults.add(where, "it is asked, and not listed")
        elif listed.state != wanted[text].state:
            faults.add(where, f"it is {wanted[text].state}, not {listed.state}")
        elif sorted(listed.answers) != [*wanted[text].answers]:
            faults.add(where, f"the records leave {shown(', '.join(wanted[text].answers))}")
    faults.stop()
    return Left(inside, freed)


class _Settled:
    """What the evidence says of each question."""

    def __init__(self, store: Store, setting: Setting) -> None:
        self.asked = store.column("asked", 1)
        self.disputed = store.column("conflict", 1)
        self.open = store.column("open", 1)
        self.known = setting.answers
        self.candidates = _by_question(store, "candidate")
        self.assumed = _by_question(store, "assumed")

    def unasked(self) -> list[Term]:
        """Return the questions that are settled and not asked."""
        said = self.candidates.keys() | self.assumed.keys() | self.open
        return sorted((said & self.known.keys()) - self.asked, key=write_term)

    def of(self, question: Term) -> tuple[QuestionState | None, frozenset[Term]]:
        """Return the state of a question and its answers; no state, where it has not one."""
        said = (question in self.candidates, question in self.assumed, question in self.open)
        match said:
            case (True, False, False):
                state: QuestionState = "disputed" if question in self.disputed else "settled"
                return state, frozenset(self.candidates[question])
            case (False, True, False) if len(self.assumed[question]) == 1:
                return "assumed", frozenset(self.assumed[question])
            case (False, False, True):
                return "open", self.known.get(question, frozenset())
        return None, frozenset()


def _by_question(store: Store, name: str) -> dict[Term, set[Term]]:
    found: dict[Term, set[Term]] = {}
    for question, answer in store.rows(name, 2):
        found.setdefault(question, set()).add(answer)
    return found


def check_sources(proof: Proof, case: Case, faults: Faults) -> None:
    """Check that *sources* says where each record of the case was read."""
    found: dict[str, Source | None] = {"request": case.request.source}
    found |= {record.id: record.source for record in case.records}
    found |= {f"answers[{number}]": answer.source for number, answer in enumerate(case.answers)}
    for name in sorted(found.keys() | proof.sources.keys()):
        if proof.sources.get(name) != found.get(name):
            faults.add(f"sources {shown(name)}", "it is not the source that the case names")
