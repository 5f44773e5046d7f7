"""From records to what they leave possible: the evidence program over a batch of cases.

The program is grounded once for many cases, the case being one more argument of every
predicate that depends on it. What does not depend on a chosen reading is then a fact, and
needs no solving; what does is looked up for each alternative reading in one call a batch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import clingo
import msgspec
from clingo import Function, Number, Symbol

from reasoner.answer_set import AnswerSet
from reasoner.days import Calendar
from reasoner.errors import PolicyError
from reasoner.facts import Code, case_facts, reference_facts
from reasoner.messages import Messages
from reasoner.model import Case
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology

__all__ = ["Change", "Evidence", "Reading", "Settled", "Voice"]

Reading = tuple[str, Symbol]
"""The id of a reading and the answer chosen for it."""

_OUTPUTS = {
    "candidate": 2,
    "assumed": 2,
    "open": 1,
    "conflict": 1,
    "backs": 3,
    "doubt": 2,
    "stray": 3,
    "flaw": 2,
    "undocumented": 1,
    "unused": 3,
    "behind": 2,
    "advisory": 2,
}

_READINGS = """
{ reading(I, V) : interpretation(I, V) } = 1 :- interpretation(I, _).
#show.   % atoms are looked up: a table of their names would only cost time
"""
_CONTRADICTING = "contradicting(Case, Q, A, R) :- conflict(Case, Q), backs(Case, Q, A, R)."

_OF_A_BATCH = {name: arity for name, arity in _OUTPUTS.items() if name not in ("backs", "behind")}
_OF_A_BATCH |= {"contradicting": 3}
"""What a decision states; a proof tells all of `backs`, and what is behind it."""

_SEEN_BY_CRITERIA = frozenset({"candidate", "assumed", "open"})


class Voice(msgspec.Struct, frozen=True, eq=False):
    """A record, or one facet of it, that backs *answer* for *question*."""

    question: Symbol
    answer: Symbol
    record: Symbol


class Settled(msgspec.Struct, eq=False):
    """What the records of one case leave possible, under one choice of readings.

    *candidates* are the answers of each question on which a record speaks, *assumed* the
    presumptions in force, *open* what nothing settles. *backs* (if not settled in full: only
    where records contradict each other), *doubts*, *strays* and *flaws* say which record is
    behind it, *undocumented* which are claims, *unused* which are set aside, *behind* (if
    settled in full) what a record's word rests on besides. *whole* is all that the evidence
    derives of a case that is settled alone.
    """

    candidates: dict[Symbol, set[Symbol]] = {}
    assumed: dict[Symbol, Symbol] = {}
    open: set[Symbol] = msgspec.field(default_factory=set)
    conflicts: set[Symbol] = msgspec.field(default_factory=set)
    backs: list[Voice] = []
    doubts: list[tuple[Symbol, Symbol]] = []
    strays: list[Voice] = []
    flaws: list[tuple[Symbol, Symbol]] = []
    undocumented: set[Symbol] = msgspec.field(default_factory=set)
    unused: list[tuple[Symbol, Symbol, Symbol]] = []
    behind: list[tuple[Symbol, Symbol]] = []
    advisories: list[tuple[Symbol, Symbol]] = []
    whole: AnswerSet | None = None

    def add(self, name: str, arguments: Sequence[Symbol]) -> None:  # noqa: C901 -- one branch an output
        """Take one atom of the evidence program."""
        match name:
            case "candidate":
                self.candidates.setdefault(arguments[0], set()).add(arguments[1])
            case "assumed":
                self.assumed[arguments[0]] = arguments[1]
            case "open":
                self.open.add(arguments[0])
            case "conflict":
                self.conflicts.add(arguments[0])
            case "backs" | "contradicting":
                self.backs.append(Voice(arguments[0], arguments[1], arguments[2]))
            case "stray":
                self.strays.append(Voice(arguments[0], arguments[1], arguments[2]))
            case "doubt":
                self.doubts.append((arguments[0], arguments[1]))
            case "flaw":
                self.flaws.append((arguments[0], arguments[1]))
            case "unused":
                self.unused.append((arguments[0], arguments[1], arguments[2]))
            case "behind":
                self.behind.append((arguments[0], arguments[1]))
            case "undocumented":
                self.undocumented.add(arguments[0])
            case "advisory":
                self.advisories.append((arguments[0], arguments[1]))

    def copy(self) -> Settled:
        """A copy that can be added to."""
        return Settled(
            {question: set(answers) for question, answers in self.candidates.items()},
            dict(self.assumed),
            set(self.open),
            set(self.conflicts),
            list(self.backs),
            list(self.doubts),
            list(self.strays),
            list(self.flaws),
            set(self.undocumented),
            list(self.unused),
            list(self.behind),
            list(self.advisories),
        )

    @property
    def profile(self) -> frozenset[tuple[Symbol, object]]:
        """What the criteria can see of it: equal profiles have equal decisions."""
        return frozenset(
            [(q, frozenset(a)) for q, a in self.candidates.items()]
            + [(q, a) for q, a in self.assumed.items()]
            + [(q, None) for q in self.open]
        )

    @property
    def questions(self) -> set[Symbol]:
        """The questions that it settles or leaves open: all that the case speaks of."""
        return {*self.candidates, *self.assumed, *self.open}

    def of(self, questions: Iterable[Symbol]) -> Settled:
        """A copy, which can be added to, of what it leaves possible for these *questions*."""
        copy = Settled()
        for question in questions:
            if question in self.candidates:
                copy.candidates[question] = set(self.candidates[question])
            if question in self.assumed:
                copy.assumed[question] = self.assumed[question]
            if question in self.open:
                copy.open.add(question)
        return copy


class Change(msgspec.Struct, frozen=True, eq=False):
    """What another reading leaves possible for the *questions* on which it differs."""

    questions: frozenset[Symbol]
    settled: Settled


class Evidence:
    """The evidence program of a policy, ready for batches of cases."""

    def __init__(self, policy: Policy, terminology: Terminology) -> None:
        self.policy = policy
        self.terminology = terminology
        self._relocated: list[str] | None = None
        self.read_here = readings_read(policy)

    def settle(
        self,
        cases: Sequence[tuple[Case, dt.date | None]],
        chosen: Mapping[str, Symbol],
        *,
        in_full: bool = False,
    ) -> list[tuple[Settled, dict[Reading, Change]]]:
        """Settle each case under the *chosen* readings, and where another reading differs.

        Each case comes with the day from which its records are seen. The second part of an
        answer has the alternative readings under which the records leave something else
        possible, and what. Of several cases, *in_full* tells all of *backs* and *behind*; a
        case alone is always settled in full.

        Raises:
            PolicyError: the rules are broken.
            CaseError: a value of a case cannot be held exactly.
        """
        alone = len(cases) == 1
        in_full = in_full or alone
        control, messages = self._ground(cases, in_full=in_full)
        settled = [Settled() for _ in cases]
        undecided: list[tuple[int, str, Sequence[Symbol], int]] = []
        atoms = control.symbolic_atoms
        for name, arity in (_OUTPUTS if in_full else _OF_A_BATCH).items():
            for atom in atoms.by_signature(name, arity if alone else arity + 1):
                arguments = atom.symbol.arguments
                number = 0
                if not alone:
                    number, arguments = arguments[0].number, arguments[1:]
                if atom.is_fact:
                    settled[number].add(name, arguments)
                elif atom.literal:  # 0 is named by a rule and derived by none
                    undecided.append((number, name, arguments, atom.literal))
        results = [(one, dict[Reading, Change]()) for one in settled]
        if undecided:
            self._vary(control, chosen, undecided, results)
        messages.check()
        if alone:
            settled[0].whole = AnswerSet(control, chosen)
        return results

    def _ground(
        self, cases: Sequence[tuple[Case, dt.date | None]], *, in_full: bool
    ) -> tuple[clingo.Control, Messages]:
        messages = Messages(self.policy.evidence, draft=self.policy.draft)
        control = clingo.Control([], messages.log, 1000)
        alone = len(cases) == 1
        texts = [file.text for file in self.policy.evidence] if alone else self._texts()
        for text in texts:
            messages.add(control, text)
        messages.add(control, _READINGS if in_full else _READINGS + _CONTRADICTING)
        codes: set[Code] = set()
        with control.backend() as backend:

            def state(symbol: Symbol) -> None:
                backend.add_rule([backend.add_atom(symbol)])

            for number, (case, decided_on) in enumerate(cases):
                facts, used = case_facts(
                    case, self.terminology, decided_on, number=None if alone else number
                )
                codes |= used
                for symbol in facts:
                    state(symbol)
                if not alone:
                    state(Function("case", [Number(number)]))
            for symbol in reference_facts(codes, self.terminology):
                state(symbol)
        messages.ground(control, Calendar())
        return control, messages

    def expect_many(self) -> None:
        """Write the program of a batch, before there is one."""
        self._texts()

    def _texts(self) -> list[str]:
        if self._relocated is None:
            local = self.policy.case_predicates
            self._relocated = ["#defined case/1."] + [
                relocate(file.text, local, "Case", "case", lean=True)
                for file in self.policy.evidence
            ]
        return self._relocated

    def _vary(
        self,
        control: clingo.Control,
        chosen: Mapping[str, Symbol],
        undecided: list[tuple[int, str, Sequence[Symbol], int]],
        results: list[tuple[Settled, dict[Reading, Change]]],
    ) -> None:
        literals = {
            (str(atom.symbol.arguments[0]), atom.symbol.arguments[1]): atom.literal
            for atom in control.symbolic_atoms.by_signature("reading", 2)
        }
        base = self._true(control, literals, chosen, undecided, range(len(undecided)))
        # The criteria see no more of a case than this: only here can another reading matter.
        watched = [i for i, atom in enumerate(undecided) if atom[1] in _SEEN_BY_CRITERIA]
        about = {i: undecided[i][2][0] for i in watched}
        asked: dict[int, set[Symbol]] = {}
        for index in watched:
            asked.setdefault(undecided[index][0], set()).add(about[index])
        facts = {number: results[number][0].of(questions) for number, questions in asked.items()}
        for index in base:
            number, name, arguments, _ = undecided[index]
            results[number][0].add(name, arguments)
        base &= set(watched)
        for identifier, value in literals:
            if identifier not in self.read_here or chosen[identifier] == value:
                continue
            true = self._true(control, literals, {**chosen, identifier: value}, undecided, watched)
            touched: dict[int, set[Symbol]] = {}
            for index in true ^ base:
                touched.setdefault(undecided[index][0], set()).add(about[index])
            others = {number: facts[number].of(there) for number, there in touched.items()}
            for index in true:
                number, name, arguments, _ = undecided[index]
                if number in touched and about[index] in touched[number]:
                    others[number].add(name, arguments)
            for number, questions in touched.items():
                change = Change(frozenset(questions), others[number])
                results[number][1][identifier, value] = change

    @staticmethod
    def _true(
        control: clingo.Control,
        literals: Mapping[Reading, int],
        chosen: Mapping[str, Symbol],
        undecided: list[tuple[int, str, Sequence[Symbol], int]],
        watched: Iterable[int],
    ) -> set[int]:
        """Return which of the *watched* atoms hold under the *chosen* readings."""
        assumptions = [literals[identifier, value] for identifier, value in chosen.items()]
        with control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            if model is None:
                raise PolicyError(
                    "policy.evidence",
                    "the evidence program has no answer under these readings",
                    hint="derive what is wrong instead of forbidding it with a constraint",
                )
            return {i for i in watched if model.is_true(undecided[i][3])}


def readings_read(policy: Policy) -> frozenset[str]:
    """Return the ids of the readings that the evidence program reads."""
    import re

    found: set[str] = set()
    for file in policy.evidence:
        found.update(re.findall(r"\breading\(\s*([a-z]\w*)\s*,", file.text))
    return frozenset(found)
