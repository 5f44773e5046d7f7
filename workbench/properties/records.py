"""Properties of records: what one more record must not do to a decision.

Evidence is not seen by worlds, so nothing here is ever proved. A property is tried on pairs of
cases, the second of which has one record more; what is found is a case, and where nothing is
found, the bounds say how far was looked.

The rules of `record_properties.lp` read `first(A)` and `second(A)`: what is said of the case
before and after; and `added(R)`: the record that the second has more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

import clingo
import msgspec
from clingo import Function, Number, String, Symbol

from reasoner.case import decode_case
from reasoner.engine import BATCH, Reasoner, decision_day
from reasoner.evidence import Settled
from reasoner.facts import case_facts
from reasoner.messages import Messages
from reasoner.narrowing import freed, inside
from reasoner.program import RuleFile, dependents, read, relocate, statements
from reasoner.verdict import recommended
from workbench.properties.source import (
    PREMISE,
    VIOLATED,
    WRAPPED,
    Property,
    premises,
    properties_of,
    refuse,
)
from workbench.records.additions import RECORD, added, bases, domain_of, records
from workbench.records.domain import Keys
from workbench.witness import Witness, deciding

__all__ = ["FILE", "Bounds", "Tried", "try_records"]

FILE = "record_properties.lp"
_ROOTS = ("first", "second", "added")
_OUTCOME = "recommended"
_ADDED = "added(_)"
_DEFINED = "".join(f"#defined {name}/2." for name in _ROOTS)
PAIRS = 800
"""So many pairs of cases are tried: about two seconds."""


class Bounds(msgspec.Struct, frozen=True):
    """How far was looked: so many cases, to each of which so many records were added."""

    cases: int
    records: int
    pairs: int


class Tried(msgspec.Struct, frozen=True, eq=False):
    """What became of a property: a pair of *cases* that violates it, or none within *bounds*.

    *met* says on how many pairs what the property starts from held; on none, it said nothing.
    """

    property: Property
    outcome: Literal["violated", "none found"]
    bounds: Bounds
    met: int
    cases: tuple[Witness, ...] = ()


def try_records(reasoner: Reasoner, *, pairs: int = PAIRS) -> Iterator[Tried]:
    """Yield what becomes of each property of records, tried on at most so many *pairs* of cases.

    Raises:
        PolicyError: a property is not written as properties are.
    """
    policy = reasoner.policy
    rules = policy.folder.parent.parent
    names = [f"core/{FILE}", f"policies/{policy.id}/{FILE}"]
    files = tuple(read(rules / name, name) for name in names if (rules / name).is_file())
    for file in files:
        refuse(file, files)
    properties = tuple(properties_of(files, ()))
    if not properties:
        return
    found = _Trial(reasoner, files, properties, pairs)
    for one in properties:
        violating = found.of(VIOLATED, one)
        met = len(found.of(PREMISE, one))
        if violating:
            number = violating[0]
            cases = tuple(
                deciding(reasoner, {**document, "id": f"{one.id}-{place}"})
                for place, document in zip(("first", "second"), found.pairs[number], strict=True)
            )
            yield Tried(one, "violated", found.bounds, met, cases)
        else:
            yield Tried(one, "none found", found.bounds, met)


class _Trial:
    """Pairs of cases, what is said of them, and which of them violate what."""

    def __init__(
        self,
        reasoner: Reasoner,
        files: Sequence[RuleFile],
        properties: Sequence[Property],
        most: int,
    ) -> None:
        self._reasoner = reasoner
        reasoner.expect_many()
        before = list(bases(reasoner))
        additions = records(domain_of(reasoner))[: most // max(1, len(before))]
        self.bounds = Bounds(len(before), len(additions), len(before) * len(additions))
        self._read = _names_read(files)
        said = list(self._said(before))
        self.pairs: list[tuple[Keys, Keys]] = []
        sides: list[tuple[list[Symbol], list[Symbol]]] = []
        longer = [(n, added(one, more)) for more in additions for n, one in enumerate(before)]
        for (number, document), after in zip(
            longer, self._said([document for _, document in longer]), strict=True
        ):
            self.pairs.append((before[number], document))
            sides.append((said[number], after))
        self._atoms = _derived(files, properties, sides)

    def of(self, name: str, one: Property) -> list[int]:
        """Return the numbers of the pairs for which a rule of *one* derives *name*."""
        return sorted(
            {
                atom.arguments[0].number
                for atom in self._atoms
                if atom.name == name and atom.arguments[1].name == one.id
            }
        )

    def _said(self, documents: Sequence[Keys]) -> Iterator[list[Symbol]]:
        """Yield what the rules may read of each case: its facts, what they support, the outcome."""
        cases = iter(decode_case(one, where=str(one["id"])) for one in documents)
        reasoner = self._reasoner
        chosen = reasoner.choose({})
        while batch := [(case, decision_day(case)) for case in islice(cases, BATCH)]:
            found = reasoner.evidence.settle(batch, chosen, in_full=True)
            for (case, day), (settled, _) in zip(batch, found, strict=True):
                worlds = reasoner.worlds_for(settled)
                kept = inside(worlds, settled, chosen, {})
                name, _ = recommended(worlds, kept, freed(worlds, settled, kept, {}))
                facts, _ = case_facts(case, reasoner.terminology, day)
                atoms = [*facts, *_settled(settled), Function(_OUTCOME, [Function(name)])]
                yield [atom for atom in atoms if atom.name in self._read]


def _names_read(files: Sequence[RuleFile]) -> frozenset[str]:
    """Return the predicates that the rules of *files* read of a case."""
    texts = (
        "".join(m for k, m in s.tokens if k != "comment") for f in files for s in statements(f.text)
    )
    return frozenset(found[2] for text in texts for found in WRAPPED.finditer(text))


def _settled(settled: Settled) -> Iterator[Symbol]:
    for question, answers in settled.candidates.items():
        for answer in answers:
            yield Function("candidate", [question, answer])
    for voice in settled.backs:
        yield Function("backs", [voice.question, voice.answer, voice.record])
    for question, record in settled.doubts:
        yield Function("doubt", [question, record])
    for record, why in settled.flaws:
        yield Function("flaw", [record, why])
    for question, record, why in settled.unused:
        yield Function("unused", [question, record, why])
    for record in settled.undocumented:
        yield Function("undocumented", [record])
    for voice_of, record in settled.behind:
        yield Function("behind", [voice_of, record])
    for question in settled.conflicts:
        yield Function("conflict", [question])


def _derived(
    files: Sequence[RuleFile],
    properties: Sequence[Property],
    sides: Sequence[tuple[list[Symbol], list[Symbol]]],
) -> list[Symbol]:
    """Return what the rules of *files* derive of each pair, with its number."""
    more = RuleFile(files[0].path, "premises", "\n".join(premises(properties, (_OUTCOME,), _ADDED)))
    every = [*files, more]
    local = dependents(every, _ROOTS)
    messages = Messages(every)
    control = clingo.Control([], messages.log, 1000)
    for file in every:
        messages.add(control, relocate(file.text, local, "Pair", "pair"))
    messages.add(control, _DEFINED)
    record = String(RECORD)
    with control.backend() as backend:

        def state(name: str, *arguments: Symbol) -> None:
            backend.add_rule([backend.add_atom(Function(name, list(arguments)))])

        for place, pair in enumerate(sides):
            number = Number(place)
            state("pair", number)
            state("added", number, record)
            for name, said in zip(_ROOTS, pair, strict=False):
                for atom in said:
                    state(name, number, atom)
    messages.ground(control, object())
    atoms = control.symbolic_atoms
    return [
        atom.symbol
        for name, arity in ((VIOLATED, 2), (PREMISE, 3))
        for atom in atoms.by_signature(name, arity)
    ]
