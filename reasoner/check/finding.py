"""What a check finds: a stable code, one sentence, a place, and how to mend it."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from reasoner.errors import PolicyError

__all__ = [
    "CODES",
    "Finding",
    "Place",
    "Severity",
    "error",
    "of_error",
    "place_of",
    "place_order",
    "warning",
]

Severity = Literal["error", "warning"]

_PLACE: Final = re.compile(r"(.*?)(?::(\d+))?(?::(\d+))?")

CODES: Final = {
    "rules.syntax": "clingo cannot read a statement",
    "rules.unsafe": "nothing binds a variable",
    "rules.variable": "a variable inside an aggregate means the one outside of it",
    "rules.operation": "an operation has no value: arithmetic on a word, a comparison of no sense",
    "rules.ground": "clingo refuses the rules for another reason",
    "rules.file": "a rule file that nothing loads",
    "rules.worlds": "the criteria cannot be asked about worlds",
    "split.record": "criteria read a record, or what evidence derives from one",
    "split.world": "evidence, or what both programs share, reads worlds",
    "split.reading": "criteria read `reading/2`, or evidence `is(reading(Id), Value)`",
    "split.reference": "criteria look up a code",
    "split.head": "a rule derives what the case, the terminology or the worlds provide",
    "fragment.loop": "a rule depends on itself through `not` or an aggregate",
    "fragment.growing": "recursion builds ever larger terms",
    "fragment.disjunction": "a disjunctive or conditional head",
    "fragment.choice": "a choice outside of core/",
    "fragment.negation": "classical negation",
    "fragment.constraint": "a constraint outside of properties.lp",
    "fragment.directive": "a directive, a weak constraint or a theory",
    "fragment.aggregate": "an aggregate of another kind, or without a guard",
    "fragment.conditional": "a conditional literal in a body",
    "fragment.remainder": "a remainder: by zero, it ends the process",
    "fragment.weight": "a sum of negative weights",
    "fragment.function": "a call of an unknown function, or with a wrong number of arguments",
    "fragment.pool": "a pool or an interval under `not`, or a pool that a comma divides",
    "fragment.comparison": "text compared with numbers or words",
    "vocabulary.undefined": "a predicate that nothing defines",
    "vocabulary.arity": "a known predicate with another number of arguments",
    "vocabulary.unread": "a rule that nobody reads",
    "vocabulary.never": "an atom that no rule can derive",
    "vocabulary.word": "a word that is not in a closed list of the case or the terminology",
    "vocabulary.function": "a predicate's name used as a term",
    "rule.dead": "a rule that no result depends on",
    "rule.twice": "a rule that says what another one says, up to names and order",
    "rule.subsumed": "a rule that derives nothing that a more general one does not derive",
    "rule.number": "a number that decides from within a rule",
    "rule.variable": "a variable that occurs once",
    "parameter.unused": "a parameter that no rule reads",
    "evidence.nothing": "an answer that nothing stated supports",
    "evidence.silence": "an answer that is supported because a record is silent",
    "answer.question": "a question that nobody declared",
    "answer.undeclared": "an answer that nobody declared",
    "answer.none": "a question without an answer",
    "answer.text": "a question without a text",
    "answer.can": "a question of which nobody says whether its answer can change",
    "reading.unknown": "there is no such reading",
    "reading.value": "a reading has no such value",
    "reading.incomplete": "a reading lacks default, about, issue or reason",
    "reading.about": "a reading is about a clause that does not exist",
    "reading.first": "the default of a reading is not the first of its values",
    "reading.unnamed": "a rule reads a reading without naming it",
    "reading.unread": "a reading that no rule reads",
    "clause.rules": "no rule defines a clause",
    "clause.text": "a clause without a text",
    "clause.unknown": "rules speak of a clause that is not in policy.toml",
    "clause.kind": "a clause of another kind than the rule needs",
    "clause.locator": "a locator that names no heading of the document",
    "clause.test": "a clause that no test is about",
    "clause.twice": "two clauses with one id",
    "advisory.text": "an advisory without a text",
    "advisory.rules": "no rule derives an advisory",
    "text.number": "a text says another number than the rules behind it",
    "sentence.variable": "a sentence names a variable that its rule does not bind",
    "sentence.rule": "a sentence without a rule",
    "header.defines": "the header's `Defines` and the file disagree",
    "header.reads": "the header's `Reads` names what the file does not read",
    "concept.name": "one name means two things in the terminology",
    "translation.missing": "a sentence is not translated, in a language that has a catalogue",
    "translation.placeholder": "a sentence and its translation name different placeholders",
    "translation.unused": "a translation of what nothing says",
    "relocation.tokens": "the fast transformation and the syntax tree disagree",
    "relocation.variable": "a variable or predicate that the transformation needs for itself",
    "relocation.mixed": "one name depends on the case or world and is provided without it",
}
"""Every code that this package gives; those of a policy that cannot be loaded come on top."""


class Finding(msgspec.Struct, frozen=True):
    """One fault of a policy: *where* is `policies/x/criteria.lp:12:3`."""

    code: str
    severity: Severity
    message: str
    where: str
    hint: str = ""


def error(code: str, message: str, where: str, hint: str = "") -> Finding:
    """Return a finding that makes the check fail."""
    return Finding(code, "error", message, where, hint)


def warning(code: str, message: str, where: str, hint: str = "") -> Finding:
    """Return a finding that makes nobody fail."""
    return Finding(code, "warning", message, where, hint)


def of_error(fault: PolicyError, where: str = "") -> Finding:
    """Return what stopped the loading of a policy as a finding."""
    return Finding(fault.code, "error", fault.message, fault.where or where, fault.hint)


def place_order(finding: Finding) -> tuple[str, int, int, str, str]:
    """Order findings by file, line and column.

    >>> place_order(error("c", "m", "a.lp:12:3"))
    ('a.lp', 12, 3, 'c', 'm')
    """
    place = place_of(finding)
    return place.file, place.line, place.column, finding.code, finding.message


class Place(msgspec.Struct, frozen=True):
    """A file below the rules folder, and the line and byte in it, from 1; 0 where unknown."""

    file: str
    line: int
    column: int


def place_of(finding: Finding) -> Place:
    """Return where *finding* stands.

    >>> place_of(error("c", "m", "a.lp:12:3"))
    Place(file='a.lp', line=12, column=3)
    """
    match = _PLACE.fullmatch(finding.where)
    file, line, column = match.groups() if match else (finding.where, None, None)
    return Place(file, int(line or 0), int(column or 0))
