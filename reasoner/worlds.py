"""Every query over worlds: the criteria program, grounded once a policy, in two worlds.

A case narrows the worlds to those that its records leave possible; it becomes assumptions
to a program that is already grounded. Nothing is enumerated: each query asks the solver
for what holds in some world (brave consequences), or whether a world exists at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import clingo
from clingo import Function, Number, Symbol

from reasoner.days import Calendar
from reasoner.errors import PolicyError
from reasoner.facts import reference_facts, word
from reasoner.messages import Messages
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology

__all__ = ["Answers", "Narrowed", "Result", "Survey", "Worlds"]

Answers = Mapping[Symbol, frozenset[Symbol]]
"""The answers that each question may have; questions left out have their usual answer."""

_State = dict[int, int]
"""A mask of answers for the place of each question."""

MEMORY = 20_000
"""Surveys that are remembered; each is about a kilobyte."""

Result = tuple[str, int]
"""A recommendation and a quantity in the policy's unit (0 where it gives none)."""


class Narrowed(dict[Symbol, frozenset[Symbol]]):
    """Answers that `Worlds.narrowed` has made ready: they are looked up once, not every time."""

    __slots__ = ("state",)
    state: _State


@dataclass(frozen=True, slots=True)
class Survey:
    """What holds in some world of a set of worlds.

    *statuses* has, for each clause, the statuses that it takes; *blocking* the clauses that
    block somewhere, *free* those that do not block somewhere.
    """

    results: frozenset[Result]
    statuses: Mapping[Symbol, frozenset[str]]
    blocking: frozenset[Symbol]
    free: frozenset[Symbol]
    referrals: tuple[Symbol, ...]
    advisories: frozenset[str]

    @property
    def always_blocking(self) -> frozenset[Symbol]:
        """The clauses that block in every world."""
        return self.blocking - self.free

    @property
    def recommendations(self) -> frozenset[str]:
        """The recommendations of all worlds."""
        return frozenset(recommendation for recommendation, _ in self.results)


class Worlds:
    """The worlds of one policy.

    *beyond* are answers that no rule lists and a case has named: a whole number is an answer
    of a question that asks for one, however large.
    """

    def __init__(
        self,
        policy: Policy,
        terminology: Terminology,
        beyond: Iterable[tuple[Symbol, Symbol]] = (),
    ) -> None:
        self.policy = policy
        self._control = self._ground(policy, terminology, sorted(beyond))
        self._seen: dict[Symbol, tuple[str, Any]] = {}
        self._surveys: dict[frozenset[tuple[int, int]], Survey] = {}
        self._outcomes: dict[frozenset[tuple[int, int]], Result | None] = {}
        self._collect()

    @staticmethod
    def _ground(
        policy: Policy, terminology: Terminology, beyond: Sequence[tuple[Symbol, Symbol]]
    ) -> clingo.Control:
        messages = Messages(policy.criteria)
        control = clingo.Control(["--enum-mode=brave", "0"], messages.log, 1000)
        local = policy.world_predicates
        for file in policy.criteria:
            messages.add(control, relocate(file.text, local, "World", "world"))
        messages.add(control, policy.twin.text)
        with control.backend() as backend:

            def state(symbol: Symbol) -> None:
                backend.add_rule([backend.add_atom(symbol)])

            for clause in policy.identity.clauses:
                state(Function("clause", [clause.symbol, word(clause.kind)]))
            for advisory in sorted(policy.identity.advisories):
                state(Function("advisable", [word(advisory)]))
            for symbol in reference_facts((), terminology):
                state(symbol)
            for question, answer in beyond:
                state(Function("answer", [question, answer]))
        messages.ground(control, Calendar())
        return control

    def _collect(self) -> None:
        atoms = self._control.symbolic_atoms
        found: dict[Symbol, dict[Symbol, dict[int, int]]] = {}
        for atom in atoms.by_signature("is", 3):
            number, question, answer = atom.symbol.arguments
            found.setdefault(question, {}).setdefault(answer, {})[number.number] = atom.literal
        self.answers: dict[Symbol, tuple[Symbol, ...]] = {
            question: tuple(sorted(found[question])) for question in sorted(found)
        }
        self.every: dict[Symbol, frozenset[Symbol]] = {
            question: frozenset(answers) for question, answers in self.answers.items()
        }
        # A clingo symbol is dear to hash and to compare. Inside, a question is its place in
        # this list and a set of its answers is a mask of bits.
        self._questions = list(self.answers)
        self._place = {question: i for i, question in enumerate(self._questions)}
        self._bits = [{a: 1 << n for n, a in enumerate(self.answers[q])} for q in self._questions]
        self._literals = [
            [(found[q][a][1], found[q][a][2]) for a in self.answers[q]] for q in self._questions
        ]
        self._fixed: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        self.usual: dict[Symbol, Symbol] = {
            question: answer
            for question, answer in (a.symbol.arguments for a in atoms.by_signature("usual", 2))
        }
        self._usual = {self._place[q]: self._bits[self._place[q]][a] for q, a in self.usual.items()}
        groups: dict[Symbol, list[int]] = {}
        for atom in atoms.by_signature("group", 2):
            question, group = atom.symbol.arguments
            groups.setdefault(group, []).append(self._place[question])
        self._groups = [
            (atom.literal, groups[atom.symbol.arguments[0]])
            for atom in atoms.by_signature("kept", 1)
        ]
        self.families: dict[Symbol, str] = {
            atom.symbol.arguments[0]: atom.symbol.arguments[1].name
            for atom in atoms.by_signature("family", 2)
        }
        self._differ = {
            self._place[a.symbol.arguments[0]]: a.literal for a in atoms.by_signature("differ", 1)
        }
        self._apart = _by_number(atoms.by_signature("apart", 1))
        self._at_most = _by_number(atoms.by_signature("at_most", 1))
        self._results: dict[Result, int] = {
            (symbol.arguments[1].name, symbol.arguments[2].number): atom.literal
            for atom in atoms.by_signature("result", 3)
            if (symbol := atom.symbol).arguments[0] == Number(1)
        }
        self._unequal = next(a.literal for a in atoms.by_signature("unequal", 0))
        self._blocks = {
            a.symbol.arguments[1]: a.literal
            for a in atoms.by_signature("blocks", 2)
            if a.symbol.arguments[0] == Number(1)
        }
        self._no_bound = [-literal for literal in self._apart.values()]
        self._unbounded = [-literal for literal in self._at_most.values()]
        (second,) = (
            a.literal for a in atoms.by_signature("world", 1) if a.symbol.arguments[0] == Number(2)
        )
        self._twin = [second, *self._unbounded]
        self._single = [-second, -self._unequal, *self._no_bound]
        self._alone = [*self._single, *self._unbounded]

    # -- what a set of worlds is to the solver ------------------------------------------------

    def narrowed(self, answers: Answers) -> Narrowed:
        """Return *answers* ready for several queries."""
        narrowed = Narrowed(answers)
        narrowed.state = self._encode(answers)
        return narrowed

    def _encode(self, answers: Answers) -> _State:
        if isinstance(answers, Narrowed):
            return answers.state
        state: _State = {}
        for question, allowed in answers.items():
            place = self._place[question]
            bits = self._bits[place]
            mask = 0
            for answer in allowed:
                mask |= bits[answer]
            state[place] = mask
        return state

    def _fix(self, place: int, mask: int, world: int) -> list[int]:
        key = (place, mask)
        if key not in self._fixed:
            pairs = self._literals[place]
            chosen = [pair for n, pair in enumerate(pairs) if mask >> n & 1]
            if len(chosen) == 1:
                self._fixed[key] = ([chosen[0][0]], [chosen[0][1]])
            else:
                others = [pair for n, pair in enumerate(pairs) if not mask >> n & 1]
                self._fixed[key] = ([-one for one, _ in others], [-two for _, two in others])
        return self._fixed[key][world]

    def _assume(self, state: _State, world: int, *, beside: _State | None = None) -> list[int]:
        """Return *state* as assumptions about *world*; a group is kept in both worlds or in none,
        so what else is *beside* it in the other world breaks it too."""
        touched = state if beside is None else {**beside, **state}
        out: list[int] = []
        for place, mask in state.items():
            out += self._fix(place, mask, world)
        for kept, members in self._groups:
            if any(member in touched for member in members):
                out.append(-kept)
                for member in members:
                    if member not in state:
                        out += self._fix(member, self._usual[member], world)
            else:
                out.append(kept)
        return out

    def _brave(self, assumptions: list[int]) -> list[Symbol] | None:
        """Return every shown term that holds in some world, or nothing where there is none."""
        last: list[Symbol] | None = None
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            for model in handle:
                last = list(model.symbols(terms=True))
        return last

    def _possible(self, assumptions: list[int]) -> bool:
        return bool(self._control.solve(assumptions=assumptions).satisfiable)

    def _named(self, name: str, shown: list[Symbol] | None) -> frozenset[Symbol]:
        return frozenset(
            shown_as[1] for symbol in shown or () if (shown_as := self._read(symbol))[0] == name
        )

    def _read(self, symbol: Symbol) -> tuple[str, Any]:
        """Return the name and the content of a shown term; each is read once."""
        if symbol not in self._seen:
            arguments = symbol.arguments
            content: object
            match symbol.name:
                case "result":
                    content = (arguments[0].name, arguments[1].number)
                case "status":
                    content = (arguments[0], arguments[1].name)
                case "silent" | "faulty":
                    content = arguments[0].name
                case _:
                    content = arguments[0]
            self._seen[symbol] = (symbol.name, content)
        return self._seen[symbol]

    # -- the queries --------------------------------------------------------------------------

    def survey(self, answers: Answers) -> Survey:
        """Return what holds in some world in which each question has one of *answers*.

        Raises:
            PolicyError: there is no world, or a world has no result or two.
        """
        state = self._encode(answers)
        key = frozenset(state.items())
        if key not in self._surveys:
            if len(self._surveys) >= MEMORY:
                self._surveys.clear()
            self._surveys[key] = self._survey(state)
        return self._surveys[key]

    def _survey(self, state: _State) -> Survey:
        shown = self._brave(self._assume(state, 0) + self._alone)
        if shown is None:
            raise PolicyError("policy.worlds", "no world is left: the criteria exclude all of them")
        results: set[Result] = set()
        statuses: dict[Symbol, set[str]] = {}
        blocking: set[Symbol] = set()
        free: set[Symbol] = set()
        referrals: list[Symbol] = []
        silent: set[str] = set()
        for symbol in shown:
            name, content = self._read(symbol)
            match name:
                case "result":
                    results.add(content)
                case "status":
                    statuses.setdefault(content[0], set()).add(content[1])
                case "blocks":
                    blocking.add(content)
                case "free":
                    free.add(content)
                case "refer":
                    referrals.append(content)
                case "silent":
                    silent.add(content)
                case "faulty":
                    raise self._faulty(state, content)
        return Survey(
            results=frozenset(results),
            statuses={clause: frozenset(values) for clause, values in statuses.items()},
            blocking=frozenset(blocking),
            free=frozenset(free),
            referrals=tuple(sorted(referrals)),
            advisories=frozenset(self.policy.identity.advisories) - silent,
        )

    def _faulty(self, state: _State, why: str) -> PolicyError:
        """Name a world in which the criteria give no result, or more than one."""
        faulty = next(
            atom.literal
            for atom in self._control.symbolic_atoms.by_signature("faulty", 1)
            if atom.symbol.arguments[0].name == why
        )
        assumptions = [*self._assume(state, 0), *self._alone, faulty]
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            world = [
                f"{self._questions[place]}={answer}"
                for place in state
                for answer, (one, _) in zip(
                    self.answers[self._questions[place]], self._literals[place], strict=True
                )
                if model is not None and model.is_true(one)
            ]
        return PolicyError(
            "policy.worlds",
            f"a world has {why.replace('_', ' ')}",
            where=f"{self.policy.id}: {', '.join(world)}",
            hint="the criteria must give exactly one result in each world",
        )

    def outcome(self, answers: Answers) -> Result | None:
        """Return the result that every world in which each question has one of *answers* gives;
        nothing, where two worlds differ."""
        state = self._encode(answers)
        key = frozenset(state.items())
        if key not in self._outcomes:
            if len(self._outcomes) >= MEMORY:
                self._outcomes.clear()
            self._outcomes[key] = self._outcome(self._assume(state, 0) + self._alone)
        return self._outcomes[key]

    def _outcome(self, assumptions: list[int]) -> Result | None:
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            found = [r for r, literal in self._results.items() if model and model.is_true(literal)]
        if len(found) != 1 or self._possible([*assumptions, -self._results[found[0]]]):
            return None
        return found[0]

    def separating(self, answers: Answers, size: int = 1) -> frozenset[Symbol]:
        """Return the questions by which two worlds differ, in at most *size* questions and in
        the result.

        Worlds are a product of answers, so single questions are all there is to ask for,
        unless the policy marks combinations as incoherent.
        """
        state = self._encode(answers)
        # A question with one answer left cannot differ.
        same = [-self._differ[p] for p, mask in state.items() if not mask & (mask - 1)]
        shown = self._brave(
            self._assume(state, 0)
            + self._assume(state, 1)
            + same
            + self._twin
            + [self._unequal]
            + [literal if n == size else -literal for n, literal in self._apart.items()]
        )
        return self._named("differ", shown)

    def resting_on(
        self, answers: Answers, alternatives: Answers, *, size: int = 2
    ) -> frozenset[Symbol]:
        """Return the questions in the minimal sets whose change to one of *alternatives*
        can change the result, up to *size* questions a set.

        *answers* are the worlds as they are; in *alternatives* each question may have any
        answer listed there.
        """
        state = self._encode(answers)
        freed = self._encode(alternatives)
        same = [-literal for place, literal in self._differ.items() if place not in freed]
        base = [
            *self._assume(state, 0, beside=freed),
            *self._assume({**state, **freed}, 1),
            *same,
            *self._twin,
            self._unequal,
        ]
        found: frozenset[Symbol] = frozenset()
        for count in range(1, size + 1):
            excluded = [-self._differ[self._place[question]] for question in found]
            if count > 1 and not self._possible(base + excluded + self._no_bound):
                break
            bound = [literal if n == count else -literal for n, literal in self._apart.items()]
            found |= self._named("differ", self._brave(base + excluded + bound))
        return found

    def varying(self, answers: Answers, fixed: Iterable[Symbol]) -> frozenset[Symbol]:
        """Return the clauses whose status varies though the *fixed* questions do not."""
        state = self._encode(answers)
        same = [-self._differ[self._place[question]] for question in fixed]
        shown = self._brave(
            self._assume(state, 0) + self._assume(state, 1) + same + self._twin + [-self._unequal, *self._no_bound]
        )
        return self._named("varies", shown)

    def disjunction(self, answers: Answers, among: Sequence[Symbol]) -> tuple[Symbol, ...]:
        """Return a smallest set of the clauses *among* of which one always blocks, or nothing.

        Of several, the first in the order of *among*.
        """
        base = self._assume(self._encode(answers), 0) + self._alone
        known = [clause for clause in among if clause in self._blocks]
        if not known or self._possible(base + [-self._blocks[c] for c in known]):
            return ()
        for size in range(2, len(known)):
            for group in combinations(known, size):
                if not self._possible(base + [-self._blocks[c] for c in group]):
                    return group
        return tuple(known)

    def needed(self, answers: Answers, established: int, unwanted: str) -> int:
        """Return how much more weight must hold before some world has no *unwanted* result.

        *established* is the weight that the records have already shown.
        """
        base = self._assume(self._encode(answers), 0) + self._single
        for bound in sorted(self._at_most):
            if bound < established:
                continue
            limit = [literal if n == bound else -literal for n, literal in self._at_most.items()]
            if self._possible(base + limit + [-lit for (r, _), lit in self._results.items() if r == unwanted]):
                return bound - established
        return 1

    @cached_property
    def weights(self) -> dict[tuple[Symbol, Symbol], int]:
        """How much each answer adds to what is counted."""
        atoms = self._control.symbolic_atoms.by_signature("weight", 3)
        return {
            (a.symbol.arguments[0], a.symbol.arguments[1]): a.symbol.arguments[2].number
            for a in atoms
        }

    def facts(self, name: str, arity: int) -> list[tuple[Symbol, ...]]:
        """Return the arguments of every atom of a predicate that no world changes, in order."""
        atoms = self._control.symbolic_atoms.by_signature(name, arity)
        return sorted(tuple(atom.symbol.arguments) for atom in atoms)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The question in words, by the name of the question or family."""
        atoms = self._control.symbolic_atoms.by_signature("text", 2)
        return {a.symbol.arguments[0].name: a.symbol.arguments[1].string for a in atoms}

    @cached_property
    def wording(self) -> dict[tuple[str, int], str]:
        """What to ask for of a family, by its name and by how many more it takes."""
        return {(name.name, n.number): text.string for name, n, text in self.facts("more", 3)}

    @cached_property
    def readings_read(self) -> frozenset[str]:
        """The ids of the readings that the criteria read."""
        found: set[str] = set()
        for file in self.policy.criteria:
            found.update(re.findall(r"\bis\(\s*reading\(\s*([a-z]\w*)\s*\)", file.text))
        return frozenset(found)

    def position(self, question: Symbol) -> tuple[int, Symbol]:
        """Where the policy asks *question*: the order in which questions are shown."""
        names = self._order
        return names.get(question.name, len(names)), question

    @cached_property
    def _order(self) -> dict[str, int]:
        names: dict[str, int] = {}
        for file in self.policy.criteria:
            if file.name.endswith("/questions.lp"):
                for name in re.findall(r"^text\((\w+),", file.text, re.MULTILINE):
                    names.setdefault(name, len(names))
        return names


def _by_number(atoms: Iterable[clingo.SymbolicAtom]) -> dict[int, int]:
    """The literal of each atom by the number that it is about."""
    return {atom.symbol.arguments[0].number: atom.literal for atom in atoms}
