"""Whether a context is right: what certainly holds in a set of worlds, and what possibly does.

The pair rules are the criteria, read twice. Certainly: positive literals hold certainly,
negated ones not even possibly. Possibly: the other way round. What an aggregate with an
upper bound counts only takes something away, so it is read the other way round too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from reasoner.certificate.closure import check_founded
from reasoner.certificate.derivations import check_derivations, read_atoms
from reasoner.certificate.faults import Faults, read_atom, shown
from reasoner.certificate.format import Context, Failure
from reasoner.certificate.matching import Matcher
from reasoner.certificate.setting import Setting
from reasoner.certificate.side import Side
from reasoner.certificate.store import AtomTerm, Store
from reasoner.certificate.syntax import filled_in
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
    named = _check_rejected(context, setting, open_, f"{where}.rejected", faults)
    return Checked(
        allowed,
        frozenset({*certain, *must}),
        frozenset(possible),
        frozenset(rules | named),
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


# -- why not --------------------------------------------------------------------------------------


def _check_rejected(
    context: Context, setting: Setting, side: Side, where: str, faults: Faults
) -> set[str]:
    """Check what *context* says of atoms that cannot hold; return the rules that are named."""
    named: set[str] = set()
    seen: set[str] = set()
    for rejection in context.rejected:
        here = f"{where} {shown(rejection.atom)}"
        atom = read_atom(rejection.atom)
        if atom is None or rejection.atom in seen:
            faults.add(here, "it is no atom as clingo writes it, or listed twice")
            continue
        seen.add(rejection.atom)
        if atom in side.positive:
            faults.add(here, "it is possible")
        heads: dict[str, list[tuple[Matcher, dict[str, Term]]]] = {}
        for matcher in _all(setting):
            values = matcher.unified(atom)
            if values is not None:
                heads.setdefault(matcher.rule.place, []).append((matcher, values))
        failed = [failure.rule for failure in rejection.failures]
        for place in heads.keys() - set(failed):
            faults.add(here, f"`{place}` might derive it, and is not listed")
        told: set[str] = set()
        for failure in rejection.failures:
            if failure.rule not in heads:
                faults.add(here, f"{shown(failure.rule)} is no rule that might derive it")
                continue
            key = msgspec.json.encode(failure).decode()
            if key in told or not any(
                _fails(failure, matcher, values, side) for matcher, values in heads[failure.rule]
            ):
                faults.add(here, f"`{failure.rule}` does not fail as it is listed, or twice")
            told.add(key)
            named.add(failure.rule)
    return named


def _all(setting: Setting) -> Iterator[Matcher]:
    yield from setting.matchers
    yield from setting.unworldly


def _fails(failure: Failure, matcher: Matcher, head: dict[str, Term], side: Side) -> bool:
    """Whether exactly the literals of *failure* fail under its bindings."""
    try:
        values = {name: read_term(text) for name, text in failure.bindings.items()}
    except TermError:
        return False
    if not values.keys() <= set(matcher.names) or any(
        values.get(name) != value for name, value in head.items()
    ):
        return False
    failing = [
        filled_in(literal, failure.bindings)
        for literal in matcher.variant.body
        if matcher.holds(literal, values, side) is False
    ]
    return bool(failing) and sorted(failing) == sorted(failure.fails)
