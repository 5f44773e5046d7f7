"""The criteria program, grounded once a policy, in one world or in two.

A clingo symbol is dear to hash and to compare, and a program costs a call what it weighs.
So a question is a place in a list here, a set of its answers a mask of bits, what a case
leaves possible a handful of assumptions; and a query about one world has a program of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import clingo
from clingo import Function, Number, Symbol

from reasoner.days import Calendar
from reasoner.errors import PolicyError
from reasoner.facts import answer_value, reference_facts, word
from reasoner.messages import Messages
from reasoner.model import Amount, Recommendation
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology

__all__ = ["Answers", "Criteria", "Narrowed", "Result", "State", "criteria_facts", "place_of"]

Answers = Mapping[Symbol, frozenset[Symbol]]
"""The answers that each question may have; questions left out have their usual answer."""


class State(dict[int, int]):
    """The same for the solver: a mask of answers for the place of each question.

    It is not changed once it is made.
    """

    @cached_property
    def key(self) -> frozenset[tuple[int, int]]:
        """The state as a key, under which what is known of it is remembered."""
        return frozenset(self.items())


Result = tuple[Recommendation, Amount]
"""A recommendation and what it gives (0 where it gives nothing)."""


def place_of(result: Result) -> tuple[str, tuple[int, ...]]:
    """Return what sorts results: a quantity with months may stand beside one without."""
    recommendation, amount = result
    return recommendation, amount if isinstance(amount, tuple) else (amount,)


_EMPTY = {"criterion": "not_met", "exclusion": "clear", "exception": "closed"}
"""The status of a clause that no rule decides, by its kind."""


_SHOWN = (
    ("faulty", 1, 1),
    ("result", 3, 2),
    ("status", 3, 2),
    ("blocks", 2, 1),
    ("free", 1, 1),
    ("refer", 2, 1),
    ("silent", 1, 1),
)
"""What `core/world.lp` shows of a world: the predicate, its arity, how many arguments are shown."""


class Narrowed(dict[Symbol, frozenset[Symbol]]):
    """Answers whose `state` is known: it is looked up once, not in every query."""

    __slots__ = ("state",)
    state: State


class Criteria:
    """A grounded criteria program; *worlds* are 1 or 2.

    *beyond* are answers that no rule lists and a case has named. Where *spoken_of* is given,
    these are the worlds of one case, which speaks of no other question that has an answer
    unless somebody names it.
    """

    def __init__(
        self,
        policy: Policy,
        terminology: Terminology,
        beyond: Sequence[tuple[Symbol, Symbol]],
        *,
        worlds: int,
        spoken_of: Iterable[Symbol] | None = None,
        observer: clingo.Observer | None = None,
    ) -> None:
        self.policy = policy
        self.control = _ground(policy, terminology, beyond, spoken_of, worlds, observer)
        self._seen: dict[Symbol, tuple[str, Any]] = {}
        self._fixed: dict[tuple[int, int, int], list[int]] = {}
        self._literal: dict[Symbol, int | None] = {}
        self._index(worlds)

    def _index(self, worlds: int) -> None:
        atoms = self.control.symbolic_atoms
        found: dict[Symbol, dict[Symbol, dict[int, int]]] = {}
        unnamed = {atom.symbol.arguments[0] for atom in atoms.by_signature("unnamed", 1)}
        for atom in atoms.by_signature("is", 3):
            number, question, answer = atom.symbol.arguments
            if question not in unnamed:
                found.setdefault(question, {}).setdefault(answer, {})[number.number] = atom.literal
        self.questions = sorted(found)
        self.answers = {question: tuple(sorted(found[question])) for question in self.questions}
        self.place = {question: i for i, question in enumerate(self.questions)}
        self._bits = [{a: 1 << n for n, a in enumerate(self.answers[q])} for q in self.questions]
        self._literals = [
            [[found[q][a][world] for a in self.answers[q]] for q in self.questions]
            for world in range(1, worlds + 1)
        ]
        usual = (atom.symbol.arguments for atom in atoms.by_signature("usual", 2))
        self.usual: dict[Symbol, Symbol] = {q: a for q, a in usual if q not in unnamed}
        for question, answer in self.usual.items():
            if answer not in self.answers.get(question, ()):
                raise _no_answer(self.policy, question, answer, self.answers.get(question, ()))
        self._usual = {self.place[q]: self._bits[self.place[q]][a] for q, a in self.usual.items()}
        self._unsurprising = [
            _usual_first(self.answers[q], self.usual.get(q)) for q in self.questions
        ]
        groups: dict[Symbol, list[int]] = {}
        for atom in atoms.by_signature("group", 2):
            question, group = atom.symbol.arguments
            groups.setdefault(group, []).append(self.place[question])
        self._groups = [
            (atom.literal, groups[atom.symbol.arguments[0]])
            for atom in atoms.by_signature("kept", 1)
        ]
        first = Number(1)
        self.results: dict[Result, int] = {
            (_recommendation(symbol.arguments[1]), _amount(symbol.arguments[2])): atom.literal
            for atom in atoms.by_signature("result", 3)
            if (symbol := atom.symbol).arguments[0] == first
        }
        self.blocks = {
            a.symbol.arguments[1]: a.literal
            for a in atoms.by_signature("blocks", 2)
            if a.symbol.arguments[0] == first
        }
        self._check_clauses(atoms)
        self.differ = {
            self.place[a.symbol.arguments[0]]: a.literal for a in atoms.by_signature("differ", 1)
        }
        apart = {a.symbol.arguments[0].number: a.literal for a in atoms.by_signature("apart", 1)}
        second = [
            a.literal for a in atoms.by_signature("world", 1) if a.symbol.arguments[0] != first
        ]
        unequal = [a.literal for a in atoms.by_signature("unequal", 0)]
        unbounded = [-literal for literal in apart.values()]
        # What a query assumes besides the answers: about one world; about two; about two with
        # different results, of which any number of questions differ, or at most so many.
        self.alone = [-literal for literal in (*second, *unequal)] + unbounded
        self.beside = [*second, *(-literal for literal in unequal), *unbounded]
        self.unequal = [*second, *unequal, *unbounded]
        self.apart = {
            size: [*second, *unequal, *(x if n == size else -x for n, x in apart.items())]
            for size in apart
        }

    def _check_clauses(self, atoms: clingo.SymbolicAtoms) -> None:
        """Refuse a clause that no rule can meet, apply or open: it would decide by being empty."""
        if self.policy.draft:
            return
        taken: dict[Symbol, set[str]] = {}
        for atom in atoms.by_signature("status", 3):
            taken.setdefault(atom.symbol.arguments[1], set()).add(atom.symbol.arguments[2].name)
        for clause in self.policy.identity.clauses:
            if not taken.get(clause.symbol, set()) - {_EMPTY.get(clause.kind)}:
                raise PolicyError(
                    "policy.clause",
                    f"no rule decides the clause `{clause.id}`",
                    where=f"policies/{self.policy.id}/policy.toml",
                    hint=f"write a rule for `{clause.symbol}`, or remove the clause",
                )

    # -- what a set of worlds is to the solver ------------------------------------------------

    def narrowed(self, answers: Answers) -> Narrowed:
        """Return *answers* ready for several queries."""
        narrowed = Narrowed(answers)
        narrowed.state = self.state(answers)
        return narrowed

    def altered(self, answers: Narrowed, changes: Answers) -> Narrowed:
        """Return *answers* with *changes*; only those are looked up."""
        altered = Narrowed({**answers, **changes})
        altered.state = State({**answers.state, **self.state(changes)})
        return altered

    def state(self, answers: Answers) -> State:
        """Return *answers* as places and masks."""
        if isinstance(answers, Narrowed):
            return answers.state
        state = State()
        for question, allowed in answers.items():
            place = self.place[question]
            bits = self._bits[place]
            mask = 0
            for answer in allowed:
                mask |= bits[answer]
            state[place] = mask
        return state

    def assume(self, state: State, world: int, *, beside: State | None = None) -> list[int]:
        """Return *state* as assumptions about *world*.

        A group is kept in both worlds or in none, so what is *beside* it in the other world
        breaks it here too.
        """
        touched = state if beside is None else {**beside, **state}
        out: list[int] = []
        for place, mask in state.items():
            out += self.fix(place, mask, world)
        for kept, members in self._groups:
            if any(member in touched for member in members):
                out.append(-kept)
                for member in members:
                    if member not in state:
                        out += self.fix(member, self._usual[member], world)
            else:
                out.append(kept)
        return out

    def fix(self, place: int, mask: int, world: int) -> list[int]:
        """Return the assumptions that leave the answers of *mask* to the question at *place*."""
        key = (place, mask, world)
        if key not in self._fixed:
            literals = self._literals[world - 1][place]
            left = [literal for n, literal in enumerate(literals) if mask >> n & 1]
            self._fixed[key] = (
                left
                if len(left) == 1
                else [-x for n, x in enumerate(literals) if not mask >> n & 1]
            )
        return self._fixed[key]

    def having(self, recommendation: str, world: int) -> list[int]:
        """Return the assumption that *world* has no result but of *recommendation*, if given."""
        if not recommendation:
            return []
        number = Number(world)
        return [
            -atom.literal
            for atom in self.control.symbolic_atoms.by_signature("result", 3)
            if atom.symbol.arguments[0] == number
            and atom.symbol.arguments[1].name != recommendation
        ]

    def literal(self, atom: Symbol) -> int | None:
        """Return the literal of *atom*, written without its world, in the first world."""
        if atom not in self._literal:
            found = self.control.symbolic_atoms[Function(atom.name, [Number(1), *atom.arguments])]
            self._literal[atom] = None if found is None else found.literal
        return self._literal[atom]

    # -- what may be asked, for a circuit --------------------------------------------------------

    @property
    def inputs(self) -> list[list[int]]:
        """The literals of the answers of each question, by place, in the first world."""
        return self._literals[0]

    @property
    def unnamed(self) -> list[int]:
        """The answers, as a mask, of each question of which a state says nothing."""
        grouped = {place for _, members in self._groups for place in members}
        return [
            self._usual[place] if place in grouped else (1 << len(answers)) - 1
            for place, answers in enumerate(self.answers.values())
        ]

    def shown(self) -> dict[int, tuple[str, Any]]:
        """Return by their literals the terms that `brave` tells of a world."""
        return {
            atom.literal: self._read(Function(name, atom.symbol.arguments[arity - count :]))
            for name, arity, count in _SHOWN
            for atom in self.control.symbolic_atoms.by_signature(name, arity)
        }

    # -- asking -------------------------------------------------------------------------------

    def possible(self, assumptions: list[int]) -> bool:
        """Whether some world satisfies *assumptions*."""
        return bool(self.control.solve(assumptions=assumptions).satisfiable)

    def core(self, assumptions: list[int]) -> list[int] | None:
        """Return which of *assumptions* leave no world; nothing where there is one."""
        with self.control.solve(assumptions=assumptions, yield_=True) as handle:
            return handle.core() if handle.get().unsatisfiable else None

    def brave(self, assumptions: list[int]) -> list[tuple[str, Any]] | None:
        """Return what is shown of any world that satisfies *assumptions*, if there is one."""
        last: Sequence[Symbol] | None = None
        with self.control.solve(assumptions=assumptions, yield_=True) as handle:
            for model in handle:
                last = model.symbols(terms=True)
        return None if last is None else [self._read(symbol) for symbol in last]

    def result(self, assumptions: list[int]) -> Result | None:
        """Return the result of some world that satisfies *assumptions*."""
        with self.control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            if model is None:
                return None
            found = [result for result, literal in self.results.items() if model.is_true(literal)]
            return found[0] if len(found) == 1 else None

    def worlds(
        self, state: State, assumptions: list[int], *numbers: int
    ) -> tuple[dict[Symbol, Symbol], ...] | None:
        """Return how the questions of *state* are answered in the worlds of these *numbers*.

        Of several such worlds the least surprising: in the order of the questions, each has
        its usual answer, or else the first in order, that the questions before it allow. So
        it does not depend on what was asked of the solver before.
        """
        # Where brave consequences are enumerated, a model tells of what is shown only.
        solving: Any = self.control.configuration.solve
        solving.enum_mode = "auto"
        try:
            return self._first(state, list(assumptions), numbers)
        finally:
            solving.enum_mode = "brave"

    def _first(
        self, state: State, assumptions: list[int], numbers: tuple[int, ...]
    ) -> tuple[dict[Symbol, Symbol], ...] | None:
        found = self._true_of(assumptions, state, numbers)
        if found is None:
            return None
        for number in numbers:
            for place, mask in sorted(state.items()):
                literals = self._literals[number - 1][place]
                for n in self._unsurprising[place]:
                    if not mask >> n & 1:
                        continue
                    if found[number, place] != n:
                        other = self._true_of([*assumptions, literals[n]], state, numbers)
                        if other is None:
                            continue
                        found = other
                    assumptions.append(literals[n])
                    break
        return tuple(
            {
                question: self.answers[question][found[number, place]]
                for place in state
                for question in [self.questions[place]]
            }
            for number in numbers
        )

    def _true_of(
        self, assumptions: list[int], state: State, numbers: tuple[int, ...]
    ) -> dict[tuple[int, int], int] | None:
        """Return the answer, by its number, of each place of *state* in some such worlds."""
        with self.control.solve(assumptions=assumptions, yield_=True) as handle:
            model = handle.model()
            if model is None:
                return None
            return {
                (number, place): next(
                    n for n, x in enumerate(self._literals[number - 1][place]) if model.is_true(x)
                )
                for number in numbers
                for place in state
            }

    def _read(self, symbol: Symbol) -> tuple[str, Any]:
        """Return the name and the content of a shown term; each is read once."""
        if symbol not in self._seen:
            arguments = symbol.arguments
            content: object = arguments[0]
            match symbol.name:
                case "result":
                    content = (_recommendation(arguments[0]), _amount(arguments[1]))
                case "status":
                    content = (arguments[0], arguments[1].name)
                case "silent" | "faulty":
                    content = arguments[0].name
            self._seen[symbol] = (symbol.name, content)
        return self._seen[symbol]


def _recommendation(symbol: Symbol) -> Recommendation:
    """Return the recommendation that *symbol* names: the results are those of the core rules."""
    return cast("Recommendation", symbol.name)


def _amount(symbol: Symbol) -> Amount:
    """Return the amount that *symbol* states, as the core rules write it."""
    return cast("Amount", answer_value(symbol))


def _usual_first(answers: Sequence[Symbol], usual: Symbol | None) -> list[int]:
    """Return the numbers of *answers*, in order but for the usual one, which leads."""
    return sorted(range(len(answers)), key=lambda n: answers[n] != usual)


def _no_answer(
    policy: Policy, question: Symbol, answer: Symbol, answers: Sequence[Symbol]
) -> PolicyError:
    """Return what is wrong where a question has a usual *answer* that it does not know."""
    if question.name == "reading":
        what, file = f"the default of the reading `{question.arguments[0]}`", "readings.lp"
    else:
        what, file = f"the usual answer of `{question}`", "questions.lp"
    known = ", ".join(map(str, answers))
    return PolicyError(
        "policy.usual",
        f"`{answer}` is {what}, and none of its answers",
        where=f"policies/{policy.id}/{file}",
        hint=f"one of {known}" if known else "declare the question and its answers",
    )


def criteria_facts(policy: Policy, terminology: Terminology) -> Iterator[Symbol]:
    """Yield what the criteria are told besides their rules: clauses, advisories, properties."""
    for clause in policy.identity.clauses:
        yield Function("clause", [clause.symbol, word(clause.kind)])
    for advisory in sorted(policy.identity.advisories):
        yield Function("advisable", [word(advisory)])
    yield from reference_facts((), terminology)


def _ground(
    policy: Policy,
    terminology: Terminology,
    beyond: Iterable[tuple[Symbol, Symbol]],
    spoken_of: Iterable[Symbol] | None,
    worlds: int,
    observer: clingo.Observer | None,
) -> clingo.Control:
    messages = Messages(policy.criteria, draft=policy.draft)
    control = clingo.Control(["--enum-mode=brave", "0"], messages.log, 1000)
    if observer is not None:
        control.register_observer(observer)
    local = policy.world_predicates
    for file in policy.criteria:
        messages.add(control, relocate(file.text, local, "World", "world", lean=True))
    for file in policy.worlds[:worlds]:
        messages.add(control, file.text)
    with control.backend() as backend:

        def state(symbol: Symbol) -> None:
            backend.add_rule([backend.add_atom(symbol)])

        for symbol in criteria_facts(policy, terminology):
            state(symbol)
        for question, answer in beyond:
            state(Function("answer", [question, answer]))
        if spoken_of is not None:
            state(word("one_case"))
            for question in spoken_of:
                state(Function("speaks_of", [question]))
    messages.ground(control, Calendar())
    return control
