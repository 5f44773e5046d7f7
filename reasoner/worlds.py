"""Every query over worlds: the criteria program, grounded once a policy, in two worlds.

A case narrows the worlds to those that its records leave possible; it becomes assumptions
to a program that is already grounded. Nothing is enumerated: each query asks the solver
for what holds in some world (brave consequences), or whether a world exists at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

import clingo
from clingo import Function, Number, Symbol

from reasoner.days import Calendar
from reasoner.errors import PolicyError
from reasoner.facts import reference_facts, word
from reasoner.messages import Messages
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology

__all__ = ["Answers", "Result", "Survey", "Worlds"]

Answers = Mapping[Symbol, frozenset[Symbol]]
"""The answers that each question may have; questions left out have their usual answer."""

Result = tuple[str, int]
"""A recommendation and a quantity in the policy's unit (0 where it gives none)."""


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
        self._collect()
        self._survey = lru_cache(maxsize=4096)(self._survey_of)

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
        self._is: dict[Symbol, dict[Symbol, tuple[int, int]]] = {}
        found: dict[tuple[Symbol, Symbol], dict[int, int]] = {}
        for atom in atoms.by_signature("is", 3):
            number, question, answer = atom.symbol.arguments
            found.setdefault((question, answer), {})[number.number] = atom.literal
        for (question, answer), literals in sorted(found.items()):
            self._is.setdefault(question, {})[answer] = (literals[1], literals[2])
        self.answers: dict[Symbol, tuple[Symbol, ...]] = {q: tuple(a) for q, a in self._is.items()}
        self.usual: dict[Symbol, Symbol] = {
            question: answer
            for question, answer in (a.symbol.arguments for a in atoms.by_signature("usual", 2))
        }
        groups: dict[Symbol, list[Symbol]] = {}
        for atom in atoms.by_signature("group", 2):
            question, group = atom.symbol.arguments
            groups.setdefault(group, []).append(question)
        kept = {a.symbol.arguments[0]: a.literal for a in atoms.by_signature("kept", 1)}
        self._groups = [(kept[group], frozenset(members)) for group, members in groups.items()]
        self.families: dict[Symbol, str] = {
            atom.symbol.arguments[0]: atom.symbol.arguments[1].name
            for atom in atoms.by_signature("family", 2)
        }
        self._differ = {a.symbol.arguments[0]: a.literal for a in atoms.by_signature("differ", 1)}
        self._apart = {
            a.symbol.arguments[0].number: a.literal for a in atoms.by_signature("apart", 1)
        }
        self._at_most = {
            a.symbol.arguments[0].number: a.literal for a in atoms.by_signature("at_most", 1)
        }
        self._unequal = next(a.literal for a in atoms.by_signature("unequal", 0))
        self._blocks = {
            a.symbol.arguments[1]: a.literal
            for a in atoms.by_signature("blocks", 2)
            if a.symbol.arguments[0] == Number(1)
        }
        self._off = [-self._unequal, *(-literal for literal in self._apart.values())]
        self._unbounded = [-literal for literal in self._at_most.values()]
        self._usual_literals = {
            question: tuple(self._fix(question, frozenset({answer}), world) for world in (0, 1))
            for question, answer in self.usual.items()
        }

    # -- what a set of worlds is to the solver ------------------------------------------------

    def _fix(self, question: Symbol, answers: frozenset[Symbol], world: int) -> list[int]:
        literals = self._is[question]
        if len(answers) == 1:
            (answer,) = answers
            return [literals[answer][world]]
        return [-pair[world] for answer, pair in literals.items() if answer not in answers]

    def _assume(self, answers: Answers, world: int) -> list[int]:
        out: list[int] = []
        for question, allowed in answers.items():
            out += self._fix(question, allowed, world)
        for kept, members in self._groups:
            if members.isdisjoint(answers):
                out.append(kept)
            else:
                out.append(-kept)
                for question in members:
                    if question not in answers:
                        out += self._usual_literals[question][world]
        return out

    def _brave(self, assumptions: list[int]) -> list[Symbol] | None:
        shown: list[Symbol] | None = None
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            for model in handle:
                shown = list(model.symbols(shown=True))
        return shown

    def _possible(self, assumptions: list[int]) -> bool:
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            return handle.model() is not None

    # -- the queries --------------------------------------------------------------------------

    def survey(self, answers: Answers) -> Survey:
        """Return what holds in some world in which each question has one of *answers*.

        Raises:
            PolicyError: there is no world, or a world has no result or two.
        """
        return self._survey(frozenset(answers.items()))

    def _survey_of(self, key: frozenset[tuple[Symbol, frozenset[Symbol]]]) -> Survey:
        answers = dict(key)
        shown = self._brave(
            self._assume(answers, 0) + self._pinned(answers) + self._off + self._unbounded
        )
        if shown is None:
            raise PolicyError("policy.worlds", "no world is left: the criteria exclude all of them")
        results: set[Result] = set()
        statuses: dict[Symbol, set[str]] = {}
        blocking: set[Symbol] = set()
        free: set[Symbol] = set()
        referrals: list[Symbol] = []
        silent: set[str] = set()
        for symbol in shown:
            arguments = symbol.arguments
            match symbol.name:
                case "result":
                    results.add((arguments[0].name, arguments[1].number))
                case "status":
                    statuses.setdefault(arguments[0], set()).add(arguments[1].name)
                case "blocks":
                    blocking.add(arguments[0])
                case "free":
                    free.add(arguments[0])
                case "refer":
                    referrals.append(arguments[0])
                case "silent":
                    silent.add(arguments[0].name)
                case "faulty":
                    raise self._faulty(answers, arguments[0].name)
        return Survey(
            results=frozenset(results),
            statuses={clause: frozenset(values) for clause, values in statuses.items()},
            blocking=frozenset(blocking),
            free=frozenset(free),
            referrals=tuple(sorted(referrals)),
            advisories=frozenset(self.policy.identity.advisories) - silent,
        )

    def _faulty(self, answers: Answers, why: str) -> PolicyError:
        """Name a world in which the criteria give no result, or more than one."""
        assumptions = self._assume(answers, 0) + self._pinned(answers) + self._off + self._unbounded
        faulty = next(
            atom.literal
            for atom in self._control.symbolic_atoms.by_signature("faulty", 1)
            if atom.symbol.arguments[0].name == why
        )
        with self._control.solve(assumptions=[*assumptions, faulty], yield_=True) as handle:
            model = handle.model()
            world = [
                f"{question}={answer}"
                for question, literals in self._is.items()
                if question in answers
                for answer, (first, _) in literals.items()
                if model is not None and model.is_true(first)
            ]
        return PolicyError(
            "policy.worlds",
            f"a world has {why.replace('_', ' ')}",
            where=f"{self.policy.id}: {', '.join(world)}",
            hint="the criteria must give exactly one result in each world",
        )

    def _pinned(self, answers: Answers) -> list[int]:
        """The second world where only the first matters: any one, the same each time."""
        return [
            self._is[question][min(answers[question]) if question in answers else usual][1]
            for question, usual in self._defaults.items()
        ]

    @property
    def _defaults(self) -> dict[Symbol, Symbol]:
        return {q: self.usual.get(q, answers[0]) for q, answers in self.answers.items()}

    def separating(self, answers: Answers, size: int = 1) -> frozenset[Symbol]:
        """Return the questions by which two worlds differ, in at most *size* questions and in
        the result.

        Worlds are a product of answers, so single questions are all there is to ask for,
        unless the policy marks combinations as incoherent.
        """
        shown = self._brave(
            self._assume(answers, 0)
            + self._assume(answers, 1)
            + self._unbounded
            + [self._unequal]
            + [literal if n == size else -literal for n, literal in self._apart.items()]
        )
        return _named("differ", shown)

    def resting_on(
        self, answers: Answers, alternatives: Answers, *, size: int = 2
    ) -> frozenset[Symbol]:
        """Return the questions in the minimal sets whose change to one of *alternatives*
        can change the result, up to *size* questions a set.

        *answers* are the worlds as they are; in *alternatives* each question may have any
        answer listed there.
        """
        freed = {**answers, **alternatives}
        fixed = [-self._differ[q] for q in self._differ if q not in alternatives]
        base = self._assume(answers, 0) + self._assume(freed, 1) + fixed + self._unbounded
        found: set[Symbol] = set()
        for count in range(1, size + 1):
            excluded = [-self._differ[q] for q in sorted(found)]
            if count > 1 and not self._possible(base + excluded + [self._unequal] + self._no_bound):
                break
            more = self._brave(
                base
                + excluded
                + [self._unequal]
                + [literal if n == count else -literal for n, literal in self._apart.items()]
            )
            found |= _named("differ", more)
        return frozenset(found)

    @property
    def _no_bound(self) -> list[int]:
        return [-literal for literal in self._apart.values()]

    def varying(self, answers: Answers, fixed: Iterable[Symbol]) -> frozenset[Symbol]:
        """Return the clauses whose status varies though the *fixed* questions do not."""
        same = [-self._differ[question] for question in fixed if question in self._differ]
        shown = self._brave(
            self._assume(answers, 0) + self._assume(answers, 1) + same + self._off + self._unbounded
        )
        return _named("varies", shown)

    def disjunction(self, answers: Answers, among: Sequence[Symbol]) -> tuple[Symbol, ...]:
        """Return a smallest set of the clauses *among* of which one always blocks, or nothing.

        Of several, the first in the order of *among*.
        """
        base = self._assume(answers, 0) + self._pinned(answers) + self._off + self._unbounded
        known = [clause for clause in among if clause in self._blocks]
        if not known or self._possible(base + [-self._blocks[c] for c in known]):
            return ()
        for size in range(2, len(known)):
            for group in combinations(known, size):
                if not self._possible(base + [-self._blocks[c] for c in group]):
                    return group
        return tuple(known)

    def needed(self, answers: Answers, established: int, wanted: str) -> int:
        """Return how much more weight must hold before some world is no *wanted* result.

        *established* is the weight that the records have already shown.
        """
        for bound in sorted(self._at_most):
            if bound < established:
                continue
            shown = self._brave(
                self._assume(answers, 0)
                + self._pinned(answers)
                + self._off
                + [literal if n == bound else -literal for n, literal in self._at_most.items()]
            )
            results = {s.arguments[0].name for s in shown or () if s.name == "result"}
            if results - {wanted}:
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


def _named(name: str, shown: list[Symbol] | None) -> frozenset[Symbol]:
    return frozenset(s.arguments[0] for s in shown or () if s.name == name)
