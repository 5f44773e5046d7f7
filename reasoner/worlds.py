"""Every query over worlds.

A case narrows the worlds to those that its records leave possible. Nothing is enumerated:
each query asks the solver for what holds in some world (brave consequences), or whether a
world exists at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from clingo import Symbol

from reasoner.criteria import Answers, Criteria, Narrowed, Result, State
from reasoner.errors import PolicyError, nearest
from reasoner.policy import Policy
from reasoner.terminology import Terminology

if TYPE_CHECKING:
    from reasoner.table import Table, Tables

__all__ = ["Answers", "Result", "Survey", "Worlds"]

MEMORY = 1024
"""Surveys and outcomes that are remembered: enough for the variants of one case and for repeats."""


Found = TypeVar("Found")


class Survey(msgspec.Struct, frozen=True, eq=False):
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
    of a question that asks for one, however large. With *spoken_of* they are the worlds of one
    case: a question that it does not speak of, and that has an answer unless somebody names
    it, has that one and is none of the questions here.
    """

    def __init__(
        self,
        policy: Policy,
        terminology: Terminology,
        beyond: Iterable[tuple[Symbol, Symbol]] = (),
        spoken_of: Iterable[Symbol] | None = None,
    ) -> None:
        self.policy = policy
        self._terminology = terminology
        self._beyond = sorted(beyond)
        self._two = Criteria(policy, terminology, self._beyond, worlds=2, spoken_of=spoken_of)
        self._one = self._two
        self.answers: dict[Symbol, tuple[Symbol, ...]] = self._two.answers
        self.every: dict[Symbol, frozenset[Symbol]] = {
            question: frozenset(answers) for question, answers in self.answers.items()
        }
        self.usual: dict[Symbol, Symbol] = self._two.usual
        self._tables: Tables | None = None
        self._surveys: dict[frozenset[tuple[int, int]], Survey] = {}
        self._outcomes: dict[frozenset[tuple[int, int]], Result | None] = {}
        self._remembered: dict[Hashable, Any] = {}

    def expect_many(self) -> None:
        """Ground a program of one world too: it pays where many cases follow, not for one."""
        if self._one is self._two:
            self._one = Criteria(self.policy, self._terminology, self._beyond, worlds=1)

    def tabulate(self) -> None:
        """Make tables ready, where the rules allow it: they pay where hundreds of cases follow."""
        if self._tables is None:
            from reasoner.table import tabulated

            self._one, self._tables = tabulated(self.policy, self._terminology, self._beyond)

    @property
    def has_tables(self) -> bool:
        """Whether queries are answered from tables, as long as these are small."""
        return self._tables is not None

    def foresee(self, asked: Iterable[tuple[Answers, bool]]) -> None:
        """Look at many sets of worlds at once, where there are tables.

        With each set goes whether more will be asked of it than its result.
        """
        if self._tables is not None:
            self._tables.foresee((self._two.state(answers), more) for answers, more in asked)

    def _table(self, state: State) -> Table | None:
        return None if self._tables is None else self._tables.table(state)

    def narrowed(self, answers: Answers) -> Narrowed:
        """Return *answers* ready for several queries."""
        return self._two.narrowed(answers)

    def remembered(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """Return what *make* makes, and made before under *key*."""
        if key not in self._remembered:
            if len(self._remembered) >= MEMORY:
                self._remembered.clear()
            self._remembered[key] = make()
        found: Found = self._remembered[key]
        return found

    def altered(self, answers: Narrowed, changes: Answers) -> Narrowed:
        """Return *answers* with *changes*."""
        return self._two.altered(answers, changes)

    # -- about one world ----------------------------------------------------------------------

    def survey(self, answers: Answers) -> Survey:
        """Return what holds in some world in which each question has one of *answers*.

        Raises:
            PolicyError: there is no world, or a world has no result or two.
        """
        state = self._two.state(answers)
        if state.key not in self._surveys:
            if len(self._surveys) >= MEMORY:
                self._surveys.clear()
            self._surveys[state.key] = self._survey(state)
        return self._surveys[state.key]

    def _survey(self, state: State) -> Survey:
        shown = self._shown(state)
        if shown is None:
            raise PolicyError("policy.worlds", "no world is left: the criteria exclude all of them")
        results: set[Result] = set()
        statuses: dict[Symbol, set[str]] = {}
        blocking: set[Symbol] = set()
        free: set[Symbol] = set()
        referrals: list[Symbol] = []
        silent: set[str] = set()
        for name, content in shown:
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

    def _shown(self, state: State) -> list[tuple[str, Any]] | None:
        """Return what is shown of any world of *state*, if there is one."""
        table = self._table(state)
        if table is None or self._tables is None:
            return self._one.brave(self._about_one(state))
        return [term for row, term in self._tables.terms.items() if table.rows[row]]

    def _about_one(self, state: State) -> list[int]:
        return self._one.assume(state, 1) + self._one.alone

    def _faulty(self, state: State, why: str) -> PolicyError:
        """Name a world in which the criteria give no result, or more than one."""
        faulty = next(
            atom.literal
            for atom in self._one.control.symbolic_atoms.by_signature("faulty", 1)
            if atom.symbol.arguments[0].name == why
        )
        found = self._one.worlds(state, [*self._about_one(state), faulty], 1) or ({},)
        world = [f"{question}={answer}" for question, answer in found[0].items()]
        return PolicyError(
            "policy.worlds",
            f"a world has {why.replace('_', ' ')}",
            where=f"{self.policy.id}: {', '.join(world)}",
            hint="the criteria must give exactly one result in each world",
        )

    def outcome(self, answers: Answers) -> Result | None:
        """Return the result that all worlds in which each question has one of *answers* give.

        Nothing, where two of them differ.
        """
        state = self._two.state(answers)
        if state.key not in self._outcomes:
            if len(self._outcomes) >= MEMORY:
                self._outcomes.clear()
            self._outcomes[state.key] = self._outcome(state)
        return self._outcomes[state.key]

    def _outcome(self, state: State) -> Result | None:
        row = None if self._tables is None else self._tables.result(state)
        if row is not None:
            return self._results_by_row.get(row)
        assumptions = self._about_one(state)
        result = self._one.result(assumptions)
        if result and self._one.possible([*assumptions, -self._one.results[result]]):
            return None
        return result

    @cached_property
    def _results_by_row(self) -> dict[int, Result]:
        row = self._tables.circuit.row if self._tables else {}
        return {row[literal]: result for result, literal in self._one.results.items()}

    def disjunction(self, answers: Answers, among: Sequence[Symbol]) -> tuple[Symbol, ...]:
        """Return a smallest set of the clauses *among* of which one always blocks, or nothing.

        Of several, the first in the order of *among*.
        """
        state = self._two.state(answers)
        blocks = self._one.blocks
        known = [clause for clause in among if clause in blocks]
        if not known or self._possible(state, [-blocks[c] for c in known]):
            return ()
        for size in range(2, len(known)):
            for group in combinations(known, size):
                if not self._possible(state, [-blocks[c] for c in group]):
                    return group
        return tuple(known)

    def _possible(self, state: State, literals: Sequence[int], part: State | None = None) -> bool:
        """Whether all *literals* hold in some world of *state*, or of a *part* of them."""
        table = self._table(state)
        if table is None or self._tables is None:
            narrowed = state if part is None else State({**state, **part})
            return self._one.possible(self._about_one(narrowed) + list(literals))
        circuit = self._tables.circuit
        worlds = table.full
        for place, mask in (part or {}).items():
            worlds &= table.among(place, mask, circuit.inputs[place])
        for literal in literals:
            holds = table.rows[circuit.row[abs(literal)]]
            worlds &= holds if literal > 0 else ~holds
        return worlds != 0

    def needed(self, answers: Answers, unwanted: str) -> int:
        """Return how much more weight must hold before some world has no *unwanted* result.

        Weight is what the policy gives to an answer of an open question (one more failed drug).
        """
        weights = self.weights
        least: dict[Symbol, frozenset[Symbol]] = {}
        more: list[tuple[Symbol, Symbol, int]] = []
        for question, allowed in answers.items():
            weighty = [(weights.get((question, a), 0), a) for a in sorted(allowed)]
            if len(allowed) > 1 and any(weight for weight, _ in weighty):
                least[question] = frozenset({min(weighty)[1]})
                more += [(question, answer, weight) for weight, answer in weighty if weight]
        unwished = [-lit for (name, _), lit in self._one.results.items() if name == unwanted]
        state = self._two.state(answers)
        for total in range(MOST_NEEDED + 1):
            for picks in _adding_up(more, total):
                if self._possible(state, unwished, self._two.state({**least, **picks})):
                    return total
        return 1

    def certain(self, answers: Answers, atom: Symbol) -> bool:
        """Whether *atom*, a status or a result, holds in all worlds of *answers*."""
        literal = self._literal(atom)
        if literal is None:
            return False
        return not self._one.possible([*self._about_one(self._one.state(answers)), -literal])

    def forcing(
        self, answers: Answers, members: Sequence[Symbol], recommendation: str
    ) -> list[Symbol] | None:
        """Return some of *members* with which every world of *answers* has the *recommendation*.

        Members are statuses (`status(C, V)`) and answers (`is(Q, A)`). Nothing, where some
        world with all of them has another recommendation. Questions that *answers* leave out
        may have any answer.
        """
        one = self._one
        assumptions = list(one.alone)
        for place, mask in one.state(answers).items():
            assumptions += one.fix(place, mask, 1)
        literals = {member: self._literal(member) for member in members}
        assumptions += [literal for literal in literals.values() if literal is not None]
        unwanted = [-x for (name, _), x in one.results.items() if name == recommendation]
        core = one.core(assumptions + unwanted)
        return None if core is None else [m for m in members if literals[m] in core]

    def possible(self, answers: Answers, atom: Symbol) -> bool:
        """Whether *atom*, a status or a result, holds in some world of *answers*."""
        literal = self._literal(atom)
        if literal is None:
            return False
        return self._one.possible([*self._about_one(self._one.state(answers)), literal])

    def _literal(self, atom: Symbol) -> int | None:
        return self._one.literal(atom)

    def example(self, answers: Answers, atom: Symbol) -> dict[Symbol, Symbol] | None:
        """Return a world of *answers*, all questions of which are answered, where *atom* holds.

        *atom* is a status or a result, without the world: `status(approval(ii),met)`.
        """
        one = self._one
        state = one.state(answers)
        literal = self._literal(atom)
        if literal is None:
            return None
        worlds = one.worlds(state, [*self._about_one(state), literal], 1)
        return worlds[0] if worlds else None

    def sparing(self, answers: Answers, clauses: Iterable[Symbol]) -> dict[Symbol, Symbol] | None:
        """Return a world of *answers* in which none of *clauses* blocks, or nothing."""
        one = self._one
        state = one.state(answers)
        spared = [-one.blocks[clause] for clause in clauses if clause in one.blocks]
        worlds = one.worlds(state, [*self._about_one(state), *spared], 1)
        return worlds[0] if worlds else None

    # -- about two worlds ---------------------------------------------------------------------

    def separating(self, answers: Answers, size: int = 1) -> frozenset[Symbol]:
        """Return the questions by which two worlds differ: at most *size*, and in the result.

        Worlds are a product of answers, so single questions are all there is to ask for,
        unless the policy marks combinations as incoherent.
        """
        two = self._two
        state = two.state(answers)
        if size == 1 and self._tables and (table := self._table(state)):
            return frozenset(
                two.questions[axis.place]
                for axis in table.axes.values()
                if any(table.varies(row, axis) for row in self._tables.results)
            )
        # A question with one answer left cannot differ.
        same = [-two.differ[place] for place, mask in state.items() if not mask & (mask - 1)]
        return self._named(
            "differ", two.assume(state, 1) + two.assume(state, 2) + same + two.apart[size]
        )

    def opposed(
        self, answers: Answers, inside: Answers | None = None
    ) -> tuple[dict[Symbol, Symbol], ...]:
        """Return two worlds of *answers* with different results, as alike as can be, or nothing.

        The first of them is a world of *inside*, if that is given. Of several such pairs, one
        whose results are far apart: a denial beside an approval.
        """
        two = self._two
        state = two.state(answers)
        first = state if inside is None else two.state(inside)
        base = two.assume(first, 1, beside=state) + two.assume(state, 2)
        for apart in (*(two.apart[size] for size in sorted(two.apart)), two.unequal):
            for one, other in (*_FAR_APART, ("", "")):
                results = two.having(one, 1) + two.having(other, 2)
                found = two.worlds(state, [*base, *apart, *results], 1, 2)
                if found is not None:
                    return found
        return ()

    def resting_on(
        self, answers: Answers, alternatives: Answers, *, size: int = 2
    ) -> frozenset[Symbol]:
        """Return the questions of *alternatives* whose change can change the result.

        They are those of the minimal sets, up to *size* questions a set: *answers* are the
        worlds as they are, and in a set each question may have any of its alternatives.
        """
        two = self._two
        state, freed = two.state(answers), two.state(alternatives)
        if self._tables is not None:
            places = self._tables.resting_on(state, freed, size)
            if places is not None:
                return frozenset(two.questions[place] for place in places)
        base = two.assume(state, 1, beside=freed) + two.assume(State({**state, **freed}), 2)
        base += [-literal for place, literal in two.differ.items() if place not in freed]
        found: frozenset[Symbol] = frozenset()
        for count in range(1, size + 1):
            excluded = [-two.differ[two.place[question]] for question in found]
            if count > 1 and not two.possible(base + excluded + two.unequal):
                break
            found |= self._named("differ", base + excluded + two.apart[count])
        return found

    def varying(self, answers: Answers, fixed: Iterable[Symbol]) -> frozenset[Symbol]:
        """Return the clauses whose status varies though the *fixed* questions do not."""
        two = self._two
        state = two.state(answers)
        if self._tables and (table := self._table(state)):
            places = {two.place[question] for question in fixed}
            axes = [axis for axis in table.axes.values() if axis.place not in places]
            return frozenset(
                content[0]
                for row, (name, content) in self._tables.terms.items()
                if name == "status" and any(table.varies(row, axis) for axis in axes)
            )
        same = [-two.differ[two.place[question]] for question in fixed]
        return self._named(
            "varies", two.assume(state, 1) + two.assume(state, 2) + same + two.beside
        )

    def _named(self, name: str, assumptions: list[int]) -> frozenset[Symbol]:
        shown = self._two.brave(assumptions) or ()
        return frozenset(content for shown_name, content in shown if shown_name == name)

    # -- what the policy says of its questions -------------------------------------------------

    def facts(self, name: str, arity: int) -> list[tuple[Symbol, ...]]:
        """Return the arguments of every atom of a predicate that no world changes, in order."""
        atoms = self._two.control.symbolic_atoms.by_signature(name, arity)
        return sorted(tuple(atom.symbol.arguments) for atom in atoms)

    @cached_property
    def families(self) -> dict[Symbol, str]:
        """The family of each question that belongs to one."""
        return {question: family.name for question, family in self.facts("family", 2)}

    @cached_property
    def weights(self) -> dict[tuple[Symbol, Symbol], int]:
        """How much each answer adds to what is counted."""
        return {(question, answer): n.number for question, answer, n in self.facts("weight", 3)}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The question in words, by the name of the question or family."""
        return {name.name: text.string for name, text in self.facts("text", 2)}

    @cached_property
    def words(self) -> dict[str, str]:
        """What an answer is called in plain words."""
        return {str(answer): text.string for answer, text in self.facts("words", 2)}

    @cached_property
    def wording(self) -> dict[tuple[str, int], str]:
        """What to ask for of a family, by its name and by how many more it takes."""
        return {(name.name, n.number): text.string for name, n, text in self.facts("more", 3)}

    @cached_property
    def readings(self) -> dict[str, Symbol]:
        """The question of each reading by its id."""
        return {q.arguments[0].name: q for q in self.answers if q.name == "reading"}

    @cached_property
    def usual_readings(self) -> dict[str, Symbol]:
        """What each reading is unless somebody chooses, by its id."""
        return {name: self.usual[question] for name, question in self.readings.items()}

    @cached_property
    def whole_numbers(self) -> tuple[Symbol, ...]:
        """The questions that ask for a whole number: a case may name more than are listed."""
        return tuple(q for (q,) in self.facts("whole_number", 1) if q in self.every)

    @cached_property
    def readings_read(self) -> frozenset[str]:
        """The ids of the readings that the criteria read."""
        found = frozenset(_readings(self.policy))
        for name in sorted(found - self.readings.keys()):
            raise PolicyError(
                "policy.reading",
                f"the criteria read a reading `{name}`, which the policy does not have",
                where=self.policy.id,
                hint=nearest(name, list(self.readings)) or "list it in `readings.lp`",
            )
        return found

    @cached_property
    def reading_answers(self) -> Narrowed:
        """The answers of every reading that the criteria read."""
        questions = [self.readings[name] for name in self.readings_read]
        return self.narrowed({question: self.every[question] for question in questions})

    def position(self, question: Symbol) -> tuple[int, Symbol]:
        """Where the policy asks *question*: the order in which questions are shown."""
        return self._order.get(question.name, len(self._order)), question

    @cached_property
    def _order(self) -> dict[str, int]:
        names: dict[str, int] = {}
        for file in self.policy.criteria:
            if file.name.endswith("/questions.lp"):
                for name in re.findall(r"^text\((\w+),", file.text, re.MULTILINE):
                    names.setdefault(name, len(names))
        return names


_FAR_APART = (("deny", "approve"), ("deny", "partial"), ("deny", "refer"), ("refer", "approve"))
"""Pairs of recommendations that tell a reader most, the first before the others."""

MOST_NEEDED = 3
"""Beyond so much weight nothing more is looked for."""


def _adding_up(
    more: Sequence[tuple[Symbol, Symbol, int]], total: int
) -> Iterator[dict[Symbol, frozenset[Symbol]]]:
    """Yield the choices of answers whose weights add up to *total*, one a question at most."""
    for count in range(total + 1):
        for group in combinations(more, count):
            picks = {question: frozenset({answer}) for question, answer, _ in group}
            if len(picks) == count and sum(weight for _, _, weight in group) == total:
                yield picks


def _readings(policy: Policy) -> Iterator[str]:
    for file in policy.criteria:
        yield from re.findall(r"\bis\(\s*reading\(\s*([a-z]\w*)\s*\)", file.text)
