"""What a test may name: clauses, statuses, questions, answers, readings, advisories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reasoner.case.place import Fault
from reasoner.engine import Reasoner
from reasoner.errors import UsageError, nearest
from reasoner.facts import answer_value, question_symbol
from workbench.suite.expectation import MORE, Expectation
from workbench.suite.row import Row, wrong

__all__ = ["check_names"]

_UNSETTLED: Final = ("unknown", "conflict")
STATUSES: Final = {
    "criterion": ("met", "not_met", *_UNSETTLED),
    "exclusion": ("applies", "clear", *_UNSETTLED),
    "limit": ("within", "reduces", "exhausted", *_UNSETTLED),
    "exception": ("open", "closed", *_UNSETTLED),
}
"""The statuses that a decision gives to a clause, by its kind."""


def check_names(row: Row, reasoner: Reasoner) -> None:
    """Refuse a *row* that names what the policy does not have: it could never fail, or pass.

    Raises:
        PolicyError: it does; the error says what is meant, where that can be guessed.
    """
    try:
        reasoner.choose(row.readings)
        _check(row.expect, reasoner)
    except UsageError as error:
        fault = Fault(error.code.replace("usage.", "test."), error.message, hint=error.hint)
        raise wrong(fault, f"{row.where} {row.name}") from None
    except Fault as fault:
        raise wrong(fault, f"{row.where} {row.name}") from None


def _check(expect: Expectation, reasoner: Reasoner) -> None:
    identity = reasoner.policy.identity
    kinds = {clause.id: clause.kind for clause in identity.clauses}
    for ground in [*_listed(expect.deny), *_listed(expect.not_grounds)]:
        for name in ground if isinstance(ground, list) else [ground]:
            _known("clause", name, kinds)
    for name, status in _entries(expect.clauses):
        _known("clause", name, kinds)
        _known(f"status of `{name}`", status, STATUSES[kinds[name]])
    _check_questions(expect, reasoner)
    for name in _listed(expect.rests_on):
        _known("reading", name, reasoner.readings)
    for name in [*_listed(expect.advisories), *_listed(expect.not_advised)]:
        _known("advisory", name, identity.advisories)
    if _listed(expect.refer):
        reasons = [str(r) for r in reasoner.worlds.survey(reasoner.worlds.every).referrals]
        for name in _listed(expect.refer):
            _known("reason to refer", name, reasons)


def _check_questions(expect: Expectation, reasoner: Reasoner) -> None:
    for name in (
        *_listed(expect.pend),
        *_listed(expect.not_asked),
        *_listed(expect.conflicts),
        *(name for name, _ in _entries(expect.needed)),
    ):
        _question(name, reasoner)
    for name, answer in _entries(expect.assumes):
        _question(name, reasoner)
        answers = reasoner.worlds.answers[question_symbol(name)]
        known = [_plain(answer_value(one)) for one in answers]
        if answer is not None and answer not in known:
            raise _unknown(f"answer of `{name}`", str(answer), list(map(str, known)))


def _listed(value: object) -> list[object]:
    return [one for one in value if one != MORE] if isinstance(value, list) else []


def _entries(value: object) -> Iterable[tuple[str, object]]:
    return value.items() if isinstance(value, dict) else ()


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _question(name: object, reasoner: Reasoner) -> None:
    worlds = reasoner.worlds
    families = [f"{family}(_)" for family in sorted(set(worlds.families.values()) - {"reading"})]
    _known("question", name, [*map(str, worlds.answers), *families])


def _known(what: str, name: object, known: Iterable[object]) -> None:
    if name not in known:
        raise _unknown(what, str(name), [str(one) for one in known])


def _unknown(what: str, name: str, known: list[str]) -> Fault:
    hint = nearest(name, known) or f"one of {', '.join(known)}"
    return Fault("test.name", f"the policy has no {what} `{name}`", hint=hint)
