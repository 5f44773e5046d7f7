"""A search for records with which the rules derive something: every case within bounds at once.

The records are not listed one by one. Each section has some places for records, each place
may be taken, each field of a record may have one of its values; the solver looks for a choice
with which the goal holds. So *none found* covers every combination within the bounds, and a
record has only the fields that the goal needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import get_args

import msgspec
from clingo import Function, Number, Symbol
from clingo.ast import AST

from reasoner.case import decode_case
from reasoner.facts import Code, case_facts, reference_facts
from reasoner.model import SECTIONS, Section
from reasoner.terminology import Terminology
from workbench.joint import Joint, Key, stated
from workbench.records.domain import DECIDED, Domain, Keys
from workbench.rules import Rule, copies

__all__ = ["Reader", "Search"]

_SHORT = {section: section[0] for section in SECTIONS}
_NEEDED: dict[str, tuple[str, Keys]] = {
    "conditions": ("code", {"code": "0"}),
    "therapies": ("product", {"product": "0"}),
    "observations": ("code", {"code": "0"}),
    "allergies": ("product", {"product": "0"}),
}
"""What a record must say to be one: the field, and something to say meanwhile."""
_OF_NEEDED = {"code", "product", "mislabelled"}
"""What that states."""

_RULES = """
:- _on(S, I), I > 1, not _on(S, I - 1).
:- _field(S, I, F), 2 #count { O : _pick(S, I, F, O) }.
:- _field(S, I, F), _pick(S, I, F, _), not _on(S, I).
:- _needed(S, F), _on(S, I), not _pick(S, I, F, _).
#defined _needed/2.
#defined _field/3.

{ _switch(I, V) : _option(I, V) } 1.
_switched(I) :- _switch(I, _).
_another :- _switch(_, _).
reading(R, I, V) :- _default(R, I, V), not _switched(I).
reading(R, I, V) :- _switch(I, V), _default(R, I, _).
#defined _option/2.
#defined _default/3.
"""


class Reader(msgspec.Struct, frozen=True, eq=False):
    """A version of the rules that read the records: its *side*, tables and rules.

    *readings* has the answer of every reading by its id. The *shared* predicates are those of
    the first reader, whose facts and rules say the same.
    """

    side: Symbol
    terminology: Terminology
    rules: Sequence[Rule]
    readings: Mapping[str, Symbol]
    shared: frozenset[str] = frozenset()


class Search:
    """The records of one domain, so many a section, and the rules that read them."""

    def __init__(
        self,
        readers: Sequence[Reader],
        domain: Domain,
        places: Mapping[str, int],
        goal: str,
        facts: Iterable[Symbol] = (),
        options: Iterable[tuple[str, Symbol]] = (),
    ) -> None:
        """Ground all that may be chosen; *options* are readings that may take a default's place."""
        self._readers = readers
        self._read = {
            atom.term.name
            for reader in readers
            for rule in reader.rules
            for atom in rule.statement.body
        }
        self._values: dict[Key, Keys] = {}
        self._codes: dict[Symbol, set[Code]] = {reader.side: set() for reader in readers}
        self.joint = Joint()
        self._nodes: list[AST] = []
        self._start()
        for section, fields in domain.records.items():
            for number in range(1, places.get(section, 0) + 1):
                self._place(section, number, fields)
        for section, fields in (("request", domain.request), ("member", domain.member)):
            for field, values in fields.items():
                self._field(section, 0, field, values)
        for section in get_args(Section):
            if places.get(section, 0):
                self._field("complete", 0, section, [{"complete": section}])
        self.joint.add(self._nodes)
        given: list[Symbol] = [
            *facts,
            *(Function("_needed", [_w(s), _w(f)]) for s, (f, _) in _NEEDED.items()),
        ]
        for reader in readers:
            self.joint.add(copies(reader.rules, str(reader.side), reader.shared))  # type: ignore[arg-type]
            codes = self._codes[reader.side]
            reference = reference_facts(codes, reader.terminology)
            own = (fact for fact in reference if fact.name not in reader.shared)
            given += stated(reader.side, own)
            given += [
                Function("_default", [reader.side, Function(name), value])
                for name, value in sorted(reader.readings.items())
                if "reading" not in reader.shared
            ]
        given += [Function("_option", [Function(name), value]) for name, value in options]
        self.joint.ground(_RULES + goal, given)
        self._picked = self.joint.literals("_pick", 4)
        self._on = self.joint.literals("_on", 2)
        self.switches = self.joint.literals("_switch", 2)

    # -- what may be chosen ---------------------------------------------------------------------

    def _facts(self, document: Keys) -> dict[Symbol, frozenset[Symbol]]:
        """Return what a case states, to each reader."""
        case = decode_case({"id": "x", **document}, where="records")
        found = {}
        for reader in self._readers:
            facts, codes = case_facts(case, reader.terminology, DECIDED)
            self._codes[reader.side] |= codes
            found[reader.side] = frozenset(f for f in facts if f.name not in reader.shared)
        return found

    def _start(self) -> None:
        for side, facts in self._facts(_with("request", 0, {})).items():
            for fact in sorted(facts):
                self._rule(Function(fact.name, [side, *fact.arguments]))

    def _place(self, section: str, number: int, fields: Mapping[str, list[Keys]]) -> None:
        """Make a place for a record, and choices for its fields."""
        empty = self._facts(_with("request", 0, {}))
        bare = self._facts(_with(section, number, _meanwhile(section)))
        place = Function("_on", [_w(section), Number(number)])
        own = [
            Function(fact.name, [side, *fact.arguments])
            for side, facts in bare.items()
            for fact in sorted(facts - empty[side])
            if fact.name not in _OF_NEEDED and fact.name in self._read
        ]
        if not own:
            return
        literal = self._choice(place)
        for fact in own:
            self._rule(fact, literal)
        for field, values in fields.items():
            self._field(section, number, field, values)

    def _field(self, section: str, number: int, field: str, values: Sequence[Keys]) -> None:
        needed = _meanwhile(section)
        base = self._facts(_with(section, number, needed))
        if section in _NEEDED and _NEEDED[section][0] == field:
            needed = {}
        seen: set[tuple[Symbol, ...]] = set()
        for place, keys in enumerate(values):
            if section == "complete":
                document: Keys = {**_with("request", 0, {}), "complete": [keys["complete"]]}
            else:
                document = _with(section, number, {**needed, **keys})
            facts = tuple(
                Function(fact.name, [side, *fact.arguments])
                for side, found in self._facts(document).items()
                for fact in sorted(found - base[side])
                if fact.name in self._read
            )
            if not facts or facts in seen:
                continue
            seen.add(facts)
            pick = Function("_pick", [_w(section), Number(number), _w(field), Number(place)])
            literal = self._choice(pick)
            for fact in facts:
                self._rule(fact, literal)
            self._values[tuple(pick.arguments)] = keys
        if seen:
            self._rule(Function("_field", [_w(section), Number(number), _w(field)]))
            if section not in SECTIONS:
                self._rule(Function("_on", [_w(section), Number(number)]))

    def _choice(self, symbol: Symbol) -> Symbol:
        self._nodes.append(self.joint.rule(symbol, choice=True))
        return symbol

    def _rule(self, head: Symbol, body: Symbol | None = None) -> None:
        self._nodes.append(self.joint.rule(head, body))

    # -- asking ---------------------------------------------------------------------------------

    def goals(self, name: str, arity: int) -> dict[Key, int]:
        """Return the literals of a goal predicate."""
        return self.joint.literals(name, arity)

    def under(self, readings: Mapping[str, str]) -> list[int]:
        """Return the assumption that *readings* take the place of the defaults, and no others."""
        return [
            literal if readings.get(key[0].name) == str(key[1]) else -literal
            for key, literal in self.switches.items()
        ]

    def find(self, assumptions: Iterable[int]) -> Keys | None:
        """Return a smallest document with which *assumptions* hold, or nothing.

        Smallest: no record and no field of it can be left out.
        """
        wanted = list(assumptions)
        every = {**self._on, **self._picked}
        chosen = self.joint.chosen(wanted, every)
        if chosen is None:
            return None
        out = [-every[key] for key in every if key not in chosen and every[key] != 1]
        kept = sorted(chosen)
        for key in reversed(kept):
            without = [*wanted, *out, -every[key]]
            fewer = self.joint.chosen(without, every)
            if fewer is not None:
                out = [-every[k] for k in every if k not in fewer]
        final = self.joint.chosen([*wanted, *out], every)
        return None if final is None else self._document(final)

    def _document(self, chosen: Collection[Key]) -> Keys:
        records: dict[tuple[str, int], Keys] = {}
        document = _with("request", 0, {})
        for key in sorted(chosen):
            section, number = key[0].name, key[1].number
            keys = self._values.get(key, {})
            if section in SECTIONS:
                bare = {"id": _record_id(section, number)}
                records.setdefault((section, number), bare).update(keys)
            elif section == "complete" and keys:
                document.setdefault("complete", []).append(keys["complete"])
            elif keys:
                document.setdefault(section, {}).update(keys)
        for (section, _), record in sorted(records.items()):
            document.setdefault(section, []).append(record)
        return document


def _w(text: str) -> Symbol:
    return Function(text)


def _meanwhile(section: str) -> Keys:
    return _NEEDED[section][1] if section in _NEEDED else {}


def _record_id(section: str, number: int) -> str:
    return f"{_SHORT[section]}{number}"


def _with(section: str, number: int, keys: Keys) -> Keys:
    """Return a case with one record that says *keys*, or a request or member that does."""
    request: Keys = {"received": DECIDED.isoformat()}
    if section == "request":
        return {"request": {**request, **keys}}
    if section == "member":
        return {"request": request, "member": dict(keys)}
    if section in SECTIONS:
        return {"request": request, section: [{"id": _record_id(section, number), **keys}]}
    return {"request": request}
