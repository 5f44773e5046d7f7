"""Why something is not so, as an outline: each rule that could make it so, and what it lacks.

Below a rule stand the literals that fail. A literal that rules derive is asked about in turn,
down to answers, to the facts of the case, and to what speaks against a negated one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import clingo
from clingo import Function, Symbol, SymbolType

from explain.evidence import Grounded, ground_evidence
from explain.instrument import read
from explain.outline import Item, outline
from explain.rules import say, spoken
from explain.saying import Derived, sentence_of
from explain.upper import Upper
from explain.whynot import Miss, Tally, misses
from reasoner.errors import UsageError, nearest
from reasoner.facts import answer_value, question_symbol, record_name

if TYPE_CHECKING:
    from explain.proof import Proof
    from reasoner.engine import Examination, Reasoner

__all__ = ["MOST_DEEP", "MOST_WIDE", "why_not"]

MOST_DEEP = 5
"""So many steps down are told; what lies deeper is asked for by itself."""

MOST_WIDE = 6
"""So many rules are told of, where one atom has more that come as near."""

_GOALS = {"criterion": "met", "exclusion": "applies", "exception": "opens"}
_BLOCKING = ("not_met", "applies", "exhausted")
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1).toordinal(), dt.date(2200, 1, 1).toordinal()
_VARIABLE = re.compile(r"\b_*[A-Z]\w*")


def why_not(
    reasoner: Reasoner,
    examination: Examination,
    proof: Proof,
    decided_on: dt.date | None,
    what: str = "approve",
) -> Item:
    """Return why *what* is not so: a recommendation, a clause, a question or an atom.

    A question (`hiv`) stands for each of its answers that is not left; `hiv=negative` for one.

    Raises:
        UsageError: there is no such thing, or it is so.
    """
    return _Teller(reasoner, examination, proof, decided_on).tell(what)


class _Teller:
    def __init__(
        self,
        reasoner: Reasoner,
        examination: Examination,
        proof: Proof,
        decided_on: dt.date | None,
    ) -> None:
        self.reasoner = reasoner
        self.terminology = reasoner.terminology
        self.examination = examination
        self.decision = examination.decision
        self.proof = proof
        self.decided_on = decided_on
        self.policy = reasoner.policy
        self.local = reasoner.policy.world_predicates
        self.worlds = reasoner.worlds_for(examination.settled)
        self.readings = reasoner.choose({r.id: str(r.value) for r in self.decision.readings})
        asked = examination.verdict.asked
        self.upper = Upper(self.worlds, reasoner.terminology, self.readings, asked)
        self.told: set[str] = set()

    @cached_property
    def evidence(self) -> Derived:
        return Derived.of(self._grounded.fired)

    @cached_property
    def _grounded(self) -> Grounded:
        return ground_evidence(
            self.policy,
            self.terminology,
            self.examination.case,
            self.decided_on,
            self.readings,
            only=self.policy.case_predicates,
        )

    @cached_property
    def _here(self) -> Derived:
        return Derived.of(self.upper.here.possibly)

    # -- what is asked about ------------------------------------------------------------------

    def tell(self, what: str) -> Item:
        """Return why *what* is not so."""
        text = what.strip()
        name, equals, value = text.partition("=")
        if text in ("approve", "partial", "deny", "refer", "not_applicable", "pend"):
            return self._recommendation(text)
        for clause in self.policy.identity.clauses:
            if clause.id.casefold() == text.casefold():
                return self._clause(clause.id)
        if equals and "(" not in value:
            return self._answers(name.strip(), value.strip())
        if self._question(text) is not None:
            return self._answers(text, "")
        return self._of_atom(text)

    def _recommendation(self, wanted: str) -> Item:
        got = self.decision.recommendation
        if got == wanted:
            raise UsageError(
                "usage.why_not",
                f"`{wanted}` is what is recommended",
                hint="`reasoner why` says why",
            )
        item = Item(f"result:{got}", self.decision.case.id)
        if wanted == "pend":
            item.below.append(Item("because", "every world of the case gives the same result."))
            return item
        rank = [clause for clause in self.decision.clauses if clause.status in _BLOCKING]
        open_ = [c for c in self.decision.clauses if c.status in ("unknown", "conflict")]
        if wanted == "deny":
            item.below += self._no_ground()
        elif got == "not_applicable" or not rank + open_:
            item.below += self._nearest_result(wanted)
        for heading, clauses in (
            ("stands in the way by itself", rank),
            ("is not settled", open_),
        ):
            if clauses and wanted != "deny":
                told = [self._clause(clause.id) for clause in clauses]
                item.below.append(Item("because", f"what {heading}:", told))
        return item

    def _nearest_result(self, wanted: str) -> list[Item]:
        """Return why the nearest result with the *wanted* recommendation does not hold."""
        results = sorted(self.worlds.survey({}).results)
        asked = {atom.arguments[0] for atom in self.upper.here.possible if atom.match("asks", 1)}
        atoms = [
            Function("result", [Function(name, []), clingo.Number(number)])
            for name, number in results
            if name == wanted
        ]
        # What was asked for comes nearest, where that could have been the result.
        atoms = [atom for atom in atoms if atom.arguments[1] in asked] or atoms
        found = [miss for atom in atoms for miss in self._misses(atom)]
        least = min((len(miss.fails) for miss in found), default=0)
        first = next((miss for miss in found if len(miss.fails) == least), None)
        return [] if first is None else [self._miss(first, 1)]

    def _no_ground(self) -> list[Item]:
        blocking = [c for c in self.decision.clauses if c.status in _BLOCKING]
        if not blocking:
            return [Item("because", "no clause blocks in every world.")]
        kept = ", ".join(a.question for a in self.decision.assumptions if a.decisive)
        text = "a denial must hold whatever silence may hide"
        return [Item("because", f"{text}: presumed are {kept}." if kept else f"{text}.")]

    def _clause(self, id_: str) -> Item:
        told = next(clause for clause in self.decision.clauses if clause.id == id_)
        ref = next(c for c in self.policy.identity.clauses if c.id == id_)
        status = told.status.replace("_", " ")
        item = Item(told.status, f"{id_}  {status}  {told.text}  [{told.locator}]")
        if told.kind in _GOALS and told.status in ("not_met", "clear", "closed"):
            item.below += self._atom(Function(_GOALS[told.kind], [ref.symbol]), 0).below
        else:
            found = outline(self.proof, f"clause:{id_}", full=True)
            item.below += found.below
        return item

    # -- questions ----------------------------------------------------------------------------

    def _question(self, text: str) -> Symbol | None:
        try:
            question = question_symbol(text)
        except UsageError:
            return None
        return question if question in self.worlds.answers else None

    def _answers(self, text: str, value: str) -> Item:
        question = self._question(text)
        if question is None:
            names = [str(name) for name in self.worlds.answers]
            raise UsageError(
                "usage.what",
                f"the policy asks no question `{text}`",
                hint=nearest(text, names) or "`reasoner policy questions` lists them",
            )
        every = self.worlds.answers[question]
        left = self.upper.asked.get(question, frozenset(every))
        wanted = [
            a
            for a in every
            if (
                str(a).replace(" ", "") == value.strip("()")
                or str(a) == value
                or (not value and a not in left)
            )
        ]
        if value and not wanted:
            listed = ", ".join(map(str, every))
            raise UsageError(
                "usage.answer", f"`{value}` is no answer of `{text}`", hint=f"one of {listed}"
            )
        key = f"question:{question}"
        if key in self.proof.graph:
            item = outline(self.proof, key, full=True)
        else:
            item = Item("settled", f"{question}: no record names it")
        for answer in wanted[:MOST_DEEP]:
            item.below.append(self._no_support(question, answer))
        return item

    def _no_support(self, question: Symbol, answer: Symbol) -> Item:
        """Why no record supports *answer*, told of the records that come nearest."""
        goals = [
            Function("supports", [question, answer, record]) for record in self._speaking(question)
        ]
        held = [goal for goal in goals if goal in self._grounded.ground]
        said = answer_value(answer)
        if held:
            item = Item("met", f"{question} = {said} is supported:")
            item.below += [Item("record", self._sentence(goal)) for goal in held]
            return item
        item = Item("not_met", f"{question} = {said}: no record supports it")
        found = misses(goals, read(self.policy.evidence), self._grounded.ground.atoms())
        for goal in goals:
            # That a record is no answer says nothing of it: the core's rule is for answers.
            own = [m for m in found if m.atom == goal and not m.rule.place.startswith("core/")]
            item.below += self._nearest(own, 1)
        return item

    def _nearest(self, found: Sequence[Miss], depth: int) -> list[Item]:
        """Tell of the rules that lack least; of the criteria, of all."""
        least = min((len(miss.fails) for miss in found), default=0)
        near = [miss for miss in found if miss.atom.name in self.local or len(miss.fails) == least]
        told = [self._miss(miss, depth) for miss in near[:MOST_WIDE]]
        if len(near) > MOST_WIDE:
            told.append(Item("folded", f"{len(near) - MOST_WIDE} more like these"))
        return told

    def _speaking(self, question: Symbol) -> list[Symbol]:
        """The records that speak on *question*, or could have."""
        settled = self.examination.settled
        voices = [
            one.record for one in (*settled.backs, *settled.strays) if one.question == question
        ]
        voices += [record for about, record in settled.doubts if about == question]
        voices += [record for about, record, _ in settled.unused if about == question]
        return sorted(set(voices))

    # -- atoms --------------------------------------------------------------------------------

    def _of_atom(self, text: str) -> Item:
        try:
            atom = clingo.parse_term(text)
        except RuntimeError:
            atom = None
        known = sorted(
            {rule.name for rule in (*self.upper.contexts.rules, *read(self.policy.evidence))}
        )
        if atom is None or atom.type is not SymbolType.Function or atom.name not in known:
            names = [c.id for c in self.policy.identity.clauses] + known
            raise UsageError(
                "usage.what",
                f"there is no recommendation, clause, question or atom `{text}`",
                hint=nearest(text.partition("(")[0], names)
                or "write an atom like `met(approval(i))`",
            )
        if self._holds(atom):
            raise UsageError("usage.why_not", f"`{atom}` holds", hint="`reasoner why` says why")
        return self._atom(atom, 0)

    def _holds(self, atom: Symbol) -> bool:
        if atom.name in self.local:
            return atom in self.upper.here.certain
        return atom in self._grounded.ground

    def _atom(self, atom: Symbol, depth: int) -> Item:
        """Return why *atom* does not hold."""
        if atom.name == "is":
            return self._is(atom)
        text = str(atom)
        item = Item("not_met", f"{text} does not hold")
        if text in self.told or depth >= MOST_DEEP:
            item.text += (
                f": ask for it by itself, `why-not '{text}'`"
                if text not in self.told
                else ", as above"
            )
            return item
        self.told.add(text)
        if atom.name in self.local and atom in self.upper.here.possible:
            item.text = f"{text} may hold, and may not"
        found = self._misses(atom)
        if not found:
            item.text = f"nothing states {self._dated(text)}"
        item.below += self._nearest(found, depth + 1)
        return item

    def _misses(self, atom: Symbol) -> list[Miss]:
        if atom.name in self.local:
            here = self.upper.here
            rules = self.upper.contexts.rules
            return misses([atom], rules, sorted(here.plain), here, self.local)
        return misses([atom], read(self.policy.evidence), self._grounded.ground.atoms())

    def _miss(self, miss: Miss, depth: int) -> Item:
        bindings = {name: spoken(value, self.terminology) for name, value in miss.bindings}
        said = say(miss.rule.sentence, bindings) if miss.rule.sentence else miss.rule.text
        item = Item("because", f"not: {said}  {miss.rule.place}")
        tallies = {tally.text: tally for tally in miss.tallies}
        for fail in miss.fails:
            if fail in tallies:
                item.below.append(self._tally(miss.rule.place, tallies[fail]))
            else:
                item.below.append(self._fail(fail, depth))
        return item

    def _tally(self, rule: str, tally: Tally) -> Item:
        """What an aggregate counted, and the questions that kept more from being counted."""
        names = [", ".join(spoken(t, self.terminology) for t in one) for one in tally.tuples]
        counted = "; ".join(names) or "nothing"
        item = Item("not_met", f"{self._dated(tally.text)}: {len(names)} counted: {counted}")
        for question in self.upper.not_counted(rule, set(tally.tuples)):
            item.below.append(outline(self.proof, f"question:{question}", full=True))
        return item

    def _fail(self, text: str, depth: int) -> Item:
        negated = text.removeprefix("not ") if text.startswith("not ") else None
        atom = self._parsed(negated or text)
        if atom is None:
            return Item("not_met", f"fails: {self._dated(text)}")
        if negated is not None:
            item = Item("not_met", f"{self._dated(negated)} holds")
            item.below += [Item("because", s) for s in self._because(atom)]
            return item
        return self._atom(atom, depth)

    @staticmethod
    def _parsed(text: str) -> Symbol | None:
        if _VARIABLE.search(re.sub(r'"[^"]*"', "", text)) or not re.match(r"[a-z_]", text):
            return None
        try:
            return clingo.parse_term(text)
        except RuntimeError:
            return None

    def _is(self, atom: Symbol) -> Item:
        """An answer that is not left: what the question is settled to, and by what."""
        question, answer = atom.arguments
        if question.name == "reading":
            name = question.arguments[0].name
            chosen = self.readings[name]
            return Item(
                "reading", f"reading {name} = {answer_value(chosen)}, not {answer_value(answer)}"
            )
        key = f"question:{question}"
        if key in self.told or key not in self.proof.graph:
            return Item("not_met", f"{question} is not {answer_value(answer)}")
        self.told.add(key)
        item = outline(self.proof, key, full=True)
        item.text = f"{item.text}  (not {answer_value(answer)})"
        return item

    def _because(self, atom: Symbol) -> Iterable[str]:
        derived = self._here if atom.name in self.local else self.evidence
        found = derived.nearest([atom], lambda one: bool(one.rule.sentence))
        return dict.fromkeys(sentence_of(one, self.terminology).text for one in found)

    def _sentence(self, goal: Symbol) -> str:
        said = " ".join(self._because(goal))
        return said or record_name(goal.arguments[-1])

    @staticmethod
    def _dated(text: str) -> str:
        """Return *text* with the day beside every number that is one."""

        def day(found: re.Match[str]) -> str:
            number = int(found.group())
            if _FIRST_DAY <= number < _LAST_DAY:
                return f"{number} ({dt.date.fromordinal(number)})"
            return found.group()

        return re.sub(r"\b\d{6}\b", day, text)
