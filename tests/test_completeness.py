"""Every rule of the shipped programs fires for some case of the tests.

A rule fires where its body holds: each gets a mark that holds with it, and the marked programs
are grounded over the rows of the tables, the examples and generated cases, under every reading.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import clingo
from clingo import Function, Number, Symbol

import oracle
from oracle.evidence import questions
from oracle.request import DEFAULT_READINGS, open_case
from reasoner import terminology
from reasoner.case import decode_case, load_case
from reasoner.days import Calendar
from reasoner.facts import reference_facts, word
from reasoner.model import Case
from reasoner.policy import rules_folder
from reasoner.program import RuleFile, Statement, relocate, statements
from test_boundaries import body, grounded, marked
from test_oracle import ALTERNATIVES, reasoner
from test_policy import EXAMPLES, FOLDER
from workbench.suite.files import policy_rows

GENERATED, BATCH = 1500, 128

PLUMBING = ("core/world.lp", "core/twin.lp")
"""Not rules about cases: the choice of worlds, and what a query may demand of two of them."""

SILENT = {
    "misnamed(R) :- therapy(R), mislabelled(R).": "only a FHIR order gives a therapy a display",
    "some_dose_unread(R) :- dosed(R, I, _, _), not kind_units(R, I, _).": (
        "every unit of a case has its size here; the teaching policy has no mL"
    ),
}
"""Rules that none of these cases reaches, with the reason."""
OF_OTHERS = ("months_approved(", "authorizes(")
"""What only a policy with an authorization length reaches; `test_teaching_policy` has its cases."""


def rules_of(file: RuleFile) -> Iterator[Statement]:
    for statement in statements(file.text):
        directive = any(kind == "directive" for kind, _ in statement.tokens)
        if statement.conditional and not directive:
            yield statement


def named(file: RuleFile, statement: Statement) -> str:
    text = "".join(mark for kind, mark in statement.tokens if kind != "comment")
    return f"{file.name}:{statement.line}: {' '.join(text.split())}"


def instrumented(files: Sequence[RuleFile]) -> tuple[list[RuleFile], list[str]]:
    """The files with a mark for each rule, and the rule that each mark stands for."""
    names: list[str] = []
    out = []
    for file in files:
        marks = []
        for statement in rules_of(file):
            marks.append((f"mark({len(names)})", body(statement)))
            names.append(named(file, statement))
        out.append(marked(file, marks))
    return out, names


@cache
def cases() -> list[Case]:
    table = [row.case for row in policy_rows(FOLDER) if not row.readings]
    examples = [load_case(str(path)) for path in sorted(EXAMPLES.glob("*.yaml"))]
    seeds = [decode_case(oracle.generate(s), where=f"seed {s}") for s in range(GENERATED)]
    return [*table, *examples, *seeds]


def fired(control: clingo.Control) -> set[int]:
    """The marks that hold under the default readings or under one other."""
    certain: set[int] = set()
    open_marks: list[tuple[int, int]] = []
    for atom in control.symbolic_atoms.by_signature("mark", 2):
        number = atom.symbol.arguments[1].number
        if atom.is_fact:
            certain.add(number)
        else:
            open_marks.append((number, atom.literal))
    literals = {
        (atom.symbol.arguments[0].name, str(atom.symbol.arguments[1])): atom.literal
        for atom in control.symbolic_atoms.by_signature("reading", 2)
    }
    defaults = {name: str(value) for name, value in DEFAULT_READINGS.items()}
    for name, value in (("other_relapsing", defaults["other_relapsing"]), *ALTERNATIVES):
        chosen = {**defaults, name: str(value)}
        assumptions = [literals[pair] for pair in chosen.items()]
        with control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            assert model is not None
            certain |= {number for number, literal in open_marks if model.is_true(literal)}
        open_marks = [pair for pair in open_marks if pair[0] not in certain]
    return certain


def of_the_evidence() -> dict[str, bool]:
    """Every rule of the evidence program, and whether it fires."""
    policy = reasoner().policy
    files, names = instrumented(policy.evidence)
    found: set[int] = set()
    for first in range(0, len(cases()), BATCH):
        found |= fired(grounded(policy, files, cases()[first : first + BATCH]))
    return {name: number in found for number, name in enumerate(names)}


# --- the criteria: worlds of generated cases --------------------------------------------------


def symbol(text: object) -> Symbol:
    return clingo.parse_term(str(text).replace(" ", ""))


def world(number: int, raw: dict[str, Any], reading: tuple[str, str | int]) -> Iterator[Symbol]:
    """One of the worlds that a case leaves possible, under one reading."""
    rng = random.Random(number)
    for name, value in {**DEFAULT_READINGS, reading[0]: reading[1]}.items():
        yield Function("is", [Number(number), Function("reading", [symbol(name)]), symbol(value)])
    for name, question in questions(open_case(raw, dict([reading]))).items():
        answer = rng.choice(question.freed)
        yield Function("is", [Number(number), symbol(name), symbol(answer)])


def of_the_criteria() -> dict[str, bool]:
    """Every rule of the criteria program, and whether it fires."""
    policy = reasoner().policy
    files, names = instrumented([f for f in policy.criteria if f.name not in PLUMBING])
    control = clingo.Control(["--warn=none"])
    local = policy.world_predicates | {"mark"}
    for file in files:
        control.add("base", [], relocate(file.text, local, "World", "world"))
    facts = [*reference_facts((), terminology.load(rules_folder() / "terminology"))]
    facts += [
        Function("clause", [clause.symbol, word(clause.kind)]) for clause in policy.identity.clauses
    ]
    for number in range(GENERATED):
        reading = ALTERNATIVES[number % len(ALTERNATIVES)]
        facts.append(Function("world", [Number(number)]))
        facts += world(number, oracle.generate(number), reading)
    with control.backend() as backend:
        for fact in facts:
            backend.add_rule([backend.add_atom(fact)])
    control.ground([("base", [])], context=Calendar())
    found = {
        atom.symbol.arguments[-1].number
        for arity in (1, 2)
        for atom in control.symbolic_atoms.by_signature("mark", arity)
    }
    return {name: number in found for number, name in enumerate(names)}


def test_every_rule_fires() -> None:
    evidence, criteria = of_the_evidence(), of_the_criteria()
    silent = {
        name: SILENT.get(name.partition(": ")[2])
        for name in {**evidence, **criteria}
        if not evidence.get(name) and not criteria.get(name)
    }
    lost = [name for name, reason in silent.items() if reason is None]
    assert [name for name in lost if not any(other in name for other in OF_OTHERS)] == []
