"""Why something is not so, as an outline: each rule that could make it so, and what it lacks.

Below a rule stand the literals that fail. A literal that rules derive is asked about in turn,
down to answers, to the facts of the case, and to what speaks against a negated one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, get_args

import clingo
from clingo import Function, Symbol, SymbolType

from explain.clauses import Clauses, bound, goal_of
from explain.evidence import Grounded, ground_evidence
from explain.instrument import read
from explain.language import ENGLISH, Language
from explain.misses import Miss, Tally, misses
from explain.node import BLOCKING
from explain.outline import Item, outline
from explain.record import records_of
from explain.rules import spoken
from explain.saying import Derived, sentence_of
from reasoner.errors import UsageError, nearest
from reasoner.facts import answer_symbol, answer_value, question_symbol, record_name
from reasoner.model import Recommendation
from reasoner.narrowing import inside

if TYPE_CHECKING:
    from explain.proof import Proof
    from reasoner.engine import Examination, Reasoner

__all__ = ["MOST_DEEP", "MOST_WIDE", "why_not"]

MOST_DEEP = 5
"""So many steps down are told; what lies deeper is asked for by itself."""

MOST_WIDE = 6
"""So many rules are told of, where one atom has more that come as near."""

_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1).toordinal(), dt.date(2200, 1, 1).toordinal()
_VARIABLE = re.compile(r"\b_*[A-Z]\w*")


def why_not(
    reasoner: Reasoner,
    examination: Examination,
    proof: Proof,
    decided_on: dt.date | None,
    what: str = "approve",
    language: Language = ENGLISH,
) -> Item:
    """Return why *what* is not so: a recommendation, a clause, a question or an atom.

    A question (`hiv`) stands for each of its answers that is not left; `hiv=negative` for one.

    Raises:
        UsageError: there is no such thing, or it is so.
    """
    return _Teller(reasoner, examination, proof, decided_on, language).tell(what)


class _Teller:
    def __init__(
        self,
        reasoner: Reasoner,
        examination: Examination,
        proof: Proof,
        decided_on: dt.date | None,
        language: Language,
    ) -> None:
        self.language = language
        self.text = language.text
        self.shown = records_of(examination.case, language)
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
        self.clauses = Clauses(self.worlds, reasoner.terminology, self.readings, asked)
        # What a denial is free of, presumptions, may be why a clause is not met.
        self.over = [self.clauses]
        kept = inside(self.worlds, examination.settled, self.readings, {})
        if kept != asked:
            self.over.append(Clauses(self.worlds, reasoner.terminology, self.readings, kept))
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
            whole=self.examination.settled.whole,
        )

    @cached_property
    def _here(self) -> Derived:
        return self.clauses.here.possible_rules

    # -- what is asked about ------------------------------------------------------------------

    def tell(self, what: str) -> Item:
        """Return why *what* is not so."""
        text = what.strip()
        name, equals, value = text.partition("=")
        if text in get_args(Recommendation):
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
            item.below.append(
                Item("because", self.text("whatever is still open, the result is the same."))
            )
            return item
        ids = self.policy.clause_ids
        always = {ids[clause] for clause in self.examination.verdict.freed.always_blocking}
        blocking = [clause for clause in self.decision.clauses if clause.status in BLOCKING]
        rank = [clause for clause in blocking if clause.id in always]
        presumed = [clause for clause in blocking if clause.id not in always]
        open_ = [c for c in self.decision.clauses if c.status in ("unknown", "conflict")]
        if wanted == "deny":
            item.below += self._no_ground()
            return item
        # What is not approved for its clauses is told by them; the rest by its own rules.
        by_clauses = wanted in ("approve", "partial") and got != "not_applicable"
        if not by_clauses or not blocking + open_:
            item.below += self._nearest_result(wanted)
            return item
        for heading, clauses in (
            ("what stands in the way by itself:", rank),
            ("what stands in the way, as long as what is presumed holds:", presumed),
            ("what is not settled:", open_),
        ):
            if clauses:
                told = [self._clause(clause.id) for clause in clauses]
                item.below.append(Item("because", self.text(heading), told))
        return item

    def _nearest_result(self, wanted: str) -> list[Item]:
        """Return why the nearest result with the *wanted* recommendation does not hold."""
        asked = {atom.arguments[0] for atom in self.clauses.here.possible if atom.match("asks", 1)}
        atoms = sorted(
            Function("result", [Function(name, []), answer_symbol(amount, where="result")])
            for name, amount in self.worlds.survey({}).results
            if name == wanted
        )
        # What was asked for comes nearest, where that could have been the result.
        # Else the most that could have been.
        atoms = [atom for atom in atoms if _quantity(atom) in asked] or atoms[::-1]
        found = [miss for atom in atoms for miss in self._misses(atom)]
        least = min((len(miss.fails) for miss in found), default=0)
        first = next((miss for miss in found if len(miss.fails) == least), None)
        return [] if first is None else [self._miss(first, 1)]

    def _no_ground(self) -> list[Item]:
        blocking = [c for c in self.decision.clauses if c.status in BLOCKING]
        if not blocking:
            return [Item("because", self.text("no clause blocks approval for certain."))]
        kept = ", ".join(a.question for a in self.decision.assumptions if a.decisive)
        text = self.text("a denial must hold whatever silence may hide")
        told = self.text("presumed: {things}", things=kept) if kept else ""
        return [Item("because", "; ".join(part for part in (text, told) if part))]

    def _clause(self, id_: str) -> Item:
        told = next(clause for clause in self.decision.clauses if clause.id == id_)
        ref = next(c for c in self.policy.identity.clauses if c.id == id_)
        status = self.text(told.status.replace("_", " "))
        said, where = (self.language.policy(text).marked for text in (told.text, told.locator))
        item = Item(told.status, f"{id_}  {status}  {said}  [{where}]")
        goal = goal_of(ref)
        if goal is not None and told.status in ("not_met", "clear", "closed"):
            item.below += self._atom(goal, 0).below
        else:
            found = outline(
                self.proof, f"clause:{id_}", full=True, language=self.language, records=self.shown
            )
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
        left = self.clauses.asked.get(question, frozenset(every))
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
            item = outline(self.proof, key, full=True, language=self.language, records=self.shown)
        else:
            item = Item(
                "settled", self.text("{question}: no record names it", question=str(question))
            )
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
            item = Item("met", self.text("{answer} is supported:", answer=f"{question} = {said}"))
            item.below += [Item("record", self._sentence(goal)) for goal in held]
            return item
        answered = f"{question} = {said}"
        text = self.text("{answer}: no record supports it", answer=answered)
        item = Item("not_met", text)
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
        # What the policy itself rules out is no near miss, where the rule has another instance.
        possible = {miss.rule.place for miss in near if self._could_hold(miss)}
        near = [m for m in near if m.rule.place not in possible or self._could_hold(m)]
        told = [self._miss(miss, depth) for miss in near[:MOST_WIDE]]
        if len(near) > MOST_WIDE:
            told.append(
                Item("folded", self.text("{n} more like these", n=str(len(near) - MOST_WIDE)))
            )
        return told

    def _could_hold(self, miss: Miss) -> bool:
        """Whether other answers or records could make up for what fails."""
        changing = self.local | self.policy.case_predicates
        atoms = (fail.removeprefix("not ").partition("(")[0] for fail in miss.fails)
        return all(not re.fullmatch(r"[a-z_]\w*", name) or name in changing for name in atoms)

    def _speaking(self, question: Symbol) -> list[Symbol]:
        """The records that speak on *question*, or could have."""
        settled = self.examination.settled
        voices = [
            one.record for one in (*settled.backs, *settled.strays) if one.question == question
        ]
        voices += [record for about, record in settled.doubts if about == question]
        voices += [record for about, record, _ in settled.unused if about == question]
        supports = (atom.arguments for atom in self._grounded.ground.atoms("supports", 3))
        voices += [record for about, _, record in supports if about == question]
        return sorted(set(voices))

    # -- atoms --------------------------------------------------------------------------------

    def _of_atom(self, text: str) -> Item:
        try:
            atom = clingo.parse_term(text)
        except RuntimeError:
            atom = None
        known = sorted(
            {rule.name for rule in (*self.clauses.contexts.rules, *read(self.policy.evidence))}
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
            return atom in self.clauses.here.certain
        return atom in self._grounded.ground

    def _atom(self, atom: Symbol, depth: int) -> Item:
        """Return why *atom* does not hold."""
        if atom.name == "is":
            return self._is(atom)
        text = str(atom)
        item = Item("not_met", self.text("{atom} does not hold", atom=text))
        if text in self.told or depth >= MOST_DEEP:
            again = text in self.told
            words = "{atom}: as above" if again else "{atom}: ask for it by itself with why-not"
            item.text = self.text(words, atom=text)
            return item
        self.told.add(text)
        if atom.name in self.local and self._over(atom).here.may_have(atom):
            item.text = self.text("{atom} may hold, and may not", atom=text)
        found = self._misses(atom)
        if not found:
            item.text = self.text("nothing states {atom}", atom=self._dated(text))
        item.below += self._nearest(found, depth + 1)
        return item

    def _over(self, atom: Symbol) -> Clauses:
        """The worlds in which *atom* does not hold, those with fewest presumptions first."""
        return next((one for one in self.over if not one.here.may_have(atom)), self.clauses)

    def _misses(self, atom: Symbol) -> list[Miss]:
        if atom.name in self.local:
            here = self._over(atom).here
            rules = self.clauses.contexts.rules
            return misses([atom], rules, sorted(here.plain), here, self.local)
        return misses([atom], read(self.policy.evidence), self._grounded.ground.atoms())

    def _miss(self, miss: Miss, depth: int) -> Item:
        # What nothing binds has no value to tell.
        values = dict.fromkeys(miss.rule.variables, "…")
        values |= {name: spoken(value, self.terminology) for name, value in miss.bindings}
        said = miss.rule.text
        if miss.rule.sentence:
            said = self.language.policy(miss.rule.sentence, values).marked
        item = Item("because", f"{self.text('not: {rule}', rule=said)}  {miss.rule.place}")
        tallies = {tally.text: tally for tally in miss.tallies}
        for fail in miss.fails:
            if fail in tallies:
                item.below.append(self._tally(miss, tallies[fail]))
            else:
                item.below.append(self._fail(fail, depth))
        return item

    def _tally(self, miss: Miss, tally: Tally) -> Item:
        """What an aggregate counted, and the questions that kept more from being counted."""
        names = [", ".join(spoken(t, self.terminology) for t in one) for one in tally.tuples]
        counted = "; ".join(map(self.language.word, names)) or self.text("nothing")
        least, needed = bound(tally.text)
        words = "counted: {value} of {needed}" if least else "counted: {value}, at most {needed}"
        text = self.text(words, value=str(len(names)), needed=str(needed))
        item = Item("not_met", f"{text}: {counted}")
        clauses = self._over(miss.atom)
        for question in clauses.not_counted(miss.rule.place, set(tally.tuples)):
            item.below.append(
                outline(
                    self.proof,
                    f"question:{question}",
                    full=True,
                    language=self.language,
                    records=self.shown,
                )
            )
        return item

    def _fail(self, text: str, depth: int) -> Item:
        negated = text.removeprefix("not ") if text.startswith("not ") else None
        atom = self._parsed(negated or text)
        if atom is None:
            return Item("not_met", self.text("fails: {literal}", literal=self._dated(text)))
        if negated is not None:
            item = Item("not_met", self.text("{atom} holds", atom=self._dated(negated)))
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
            text = self.text("reading {name} = {value}", name=name, value=str(answer_value(chosen)))
            return Item("reading", f"{text} (≠ {answer_value(answer)})")
        key = f"question:{question}"
        if key in self.told or key not in self.proof.graph:
            return Item("not_met", f"{question} ≠ {self.language.word(str(answer_value(answer)))}")
        self.told.add(key)
        item = outline(self.proof, key, full=True, language=self.language, records=self.shown)
        item.text = f"{item.text}  (≠ {self.language.word(str(answer_value(answer)))})"
        return item

    def _because(self, atom: Symbol) -> Iterable[str]:
        derived = self._here if atom.name in self.local else self.evidence
        found = derived.nearest([atom], lambda one: bool(one.rule.sentence))
        said = (sentence_of(one, self.terminology) for one in found)
        return dict.fromkeys(
            self.language.policy(one.template, dict(one.values)).marked for one in said
        )

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


def _quantity(result: Symbol) -> Symbol:
    """Return the quantity that *result* gives, without the months that may stand beside it."""
    amount = result.arguments[1]
    return amount.arguments[0] if amount.type is SymbolType.Function else amount
