"""Whether a context is right: what certainly holds in a set of worlds, and what possibly does.

The pair rules are the criteria, read twice. Certainly: positive literals hold certainly,
negated ones not even possibly. Possibly: the other way round. What an aggregate with an
upper bound counts only takes something away, so it is read the other way round too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from reasoner.certificate.closure import check_founded
from reasoner.certificate.derivations import check_derivations, read_atoms
from reasoner.certificate.faults import Faults, shown
from reasoner.certificate.format import Context
from reasoner.certificate.matching import Matcher
from reasoner.certificate.setting import Setting
from reasoner.certificate.side import Side
from reasoner.certificate.store import AtomTerm, Store
from reasoner.certificate.term import Term, TermError, read_term, write_term

__all__ = ["Checked", "check_context"]


class Checked(msgspec.Struct, frozen=True):
    """A context that was checked: the answers of each question, what holds, which rules say so."""

    allowed: Mapping[Term, frozenset[Term]]
    certain: frozenset[AtomTerm]
    possible: frozenset[AtomTerm]
    rules: frozenset[str]


def check_context(
    name: str,
    context: Context,
    asked: Mapping[Term, frozenset[Term]],
    readings: Mapping[str, Term],
    setting: Setting,
    faults: Faults,
) -> Checked:
    """Return what holds in *context*; only questions that are *asked* may be named.

    Raises:
        Enough: something is wrong.
    """
    where = f"contexts {shown(name)}"
    allowed = setting.allowed(_answers(context, asked, setting, where, faults), readings)
    faults.stop()
    may = {("is", q, a) for q, answers in allowed.items() for a in answers}
    must = {("is", q, a) for q, answers in allowed.items() if len(answers) == 1 for a in answers}

    possible = read_atoms(context.possible, f"{where}.possible", faults)
    certain = read_atoms(context.certain, f"{where}.certain", faults)
    for atom, text in possible.items():
        if atom[0] not in setting.world:
            faults.add(f"{where}.possible", f"{shown(text)} does not depend on the world")
        elif _is_answer(atom) and atom not in may:
            faults.add(f"{where}.possible", f"{shown(text)} is no answer that the context leaves")
    for atom in may - possible.keys():
        faults.add(f"{where}.possible", f"{shown(write_term(atom))} is not listed")
    for atom, text in certain.items():
        if not context.certain[text]:
            faults.add(f"{where}.certain {shown(text)}", "no rule instance derives it")
        if atom not in possible:
            faults.add(f"{where}.certain {shown(text)}", "it is not even listed as possible")
    faults.stop()

    certainly, possibly = Store(setting.plain), Store(setting.plain)
    for atom in (*certain, *must):
        certainly.add(atom)
    for atom in possible:
        possibly.add(atom)
    sure, open_ = Side(certainly, possibly), Side(possibly, certainly)
    sure.dual, open_.dual = open_, sure

    rules = check_derivations(setting.matchers, sure, context.certain, f"{where}.certain", faults)
    faults.stop()
    _check_possible(setting, open_, possible.keys() - may, f"{where}.possible", faults)
    faults.stop()
    check_founded(setting.matchers, sure, must.__contains__, f"{where}.certain", faults)
    check_founded(setting.matchers, open_, may.__contains__, f"{where}.possible", faults)
    faults.stop()
    return Checked(
        allowed,
        frozenset({*certain, *must}),
        frozenset(possible),
        frozenset(rules),
    )


def _is_answer(atom: AtomTerm) -> bool:
    return len(atom) == len(("is", "question", "answer")) and atom[0] == "is"


def _answers(
    context: Context,
    asked: Mapping[Term, frozenset[Term]],
    setting: Setting,
    where: str,
    faults: Faults,
) -> dict[Term, frozenset[Term]]:
    found: dict[Term, frozenset[Term]] = {}
    for text, texts in context.answers.items():
        try:
            question, answers = read_term(text), [read_term(answer) for answer in texts]
        except TermError:
            faults.add(f"{where}.answers", f"{shown(text)} has what is no ground term")
            continue
        if question not in asked or question not in setting.answers:
            faults.add(f"{where}.answers", f"{shown(text)} is not asked")
        elif not answers or len(set(answers)) != len(answers):
            faults.add(f"{where}.answers", f"{shown(text)} has no answer, or one twice")
        elif not setting.answers[question] >= set(answers):
            faults.add(f"{where}.answers", f"{shown(text)} has an answer that is none of it")
        else:
            found[question] = frozenset(answers)
    for text in sorted(map(write_term, asked.keys() - found.keys())):
        faults.add(f"{where}.answers", f"{shown(text)} is asked, and not listed")
    return found


def _check_possible(
    setting: Setting, side: Side, listed: set[AtomTerm], where: str, faults: Faults
) -> None:
    """Check that *listed* is what the rules make possible: nothing more, nothing less."""
    supported: set[AtomTerm] = set()
    for matcher in setting.matchers:

        def take(env: list[Any], _side: Side, matcher: Matcher = matcher) -> None:
            for head in matcher.heads(env):
                if head not in supported:
                    supported.add(head)
                    if head not in listed:
                        faults.add(
                            f"{where} {shown(write_term(head))}",
                            f"`{matcher.rule.place}` makes it possible, and it is not listed",
                        )

        matcher.each(side, take)
    for atom in sorted(listed - supported, key=write_term):
        faults.add(f"{where} {shown(write_term(atom))}", "no rule makes it possible")
