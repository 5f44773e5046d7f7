"""The criteria over sets of worlds: what certainly holds in a set, and what possibly does.

Every rule is read twice, once for *certain* and once for *possible*, swapped under `not`:
no world is enumerated and nothing is solved. The pair is sound and not complete: a claim
that needs to look at the answers of a question one by one is proved by a tree of contexts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from clingo import Function, Symbol

from explain.evidence import derivations, ground
from explain.instrument import COUNTED, FIRED, Fired, TracedRule, companions, read, trace
from reasoner.certificate.format import Context, Leaf, Split, Tree
from reasoner.facts import reference_facts, word
from reasoner.program import relocate
from reasoner.terminology import Terminology
from reasoner.worlds import Worlds

__all__ = ["MOST_LEAVES", "Contexts", "Set"]

MOST_LEAVES = 32
"""A tree with more leaves proves nothing to a reader."""

Set = Mapping[Symbol, frozenset[Symbol]]
"""A set of worlds: the answers that each question may have."""

_CERTAIN, _POSSIBLE = Function("certain", []), Function("possible", [])


class PairModel:
    """What the pair rules derive for one set of worlds, without their first argument.

    *certain* and *possible* are atoms, *certainly* and *possibly* the rules that fired;
    *plain* atoms are the same in every world.
    """

    def __init__(
        self,
        answers: Set,
        atoms: Iterable[Symbol],
        rules: Sequence[TracedRule],
        local: frozenset[str],
    ) -> None:
        self.answers = answers
        self.certain: set[Symbol] = set()
        self.possible: set[Symbol] = set()
        self._rules = rules
        self.plain: set[Symbol] = set()
        self._told: dict[Symbol, list[Symbol]] = {_CERTAIN: [], _POSSIBLE: []}
        for atom in atoms:
            if atom.name in (FIRED, COUNTED):
                self._told[atom.arguments[0]].append(atom)
            elif atom.name in local:
                world, *rest = atom.arguments
                kept = self.certain if world == _CERTAIN else self.possible
                kept.add(Function(atom.name, rest))
            else:
                self.plain.add(atom)

    @cached_property
    def certainly(self) -> list[Fired]:
        """The rule instances that hold in every world of the set."""
        return trace(self._rules, self._told[_CERTAIN], self.certain | self.plain)

    @cached_property
    def possibly(self) -> list[Fired]:
        """The rule instances that may hold in some world of the set."""
        return trace(self._rules, self._told[_POSSIBLE], self.possible | self.plain)


class Contexts:
    """The contexts of one proof, each kept under a name once it is used.

    *readings* are the answers of the readings in force; *asked* the questions of the case.
    """

    def __init__(
        self, worlds: Worlds, terminology: Terminology, readings: Mapping[str, Symbol]
    ) -> None:
        policy = worlds.policy
        self.worlds = worlds
        self.rules = read(policy.criteria)
        self._local = policy.world_predicates
        self._readings = {worlds.readings[name]: value for name, value in readings.items()}
        self._texts = [
            relocate(file.text, self._local, "World", "pair", "Dual") for file in policy.criteria
        ]
        self._companions = [*companions(self.rules, self._local)]
        self._facts = [
            Function("pair", [_CERTAIN, _POSSIBLE]),
            Function("pair", [_POSSIBLE, _CERTAIN]),
        ]
        self._facts += [
            Function("clause", [clause.symbol, word(clause.kind)])
            for clause in policy.identity.clauses
        ]
        self._facts += [
            Function("advisable", [word(a)]) for a in sorted(policy.identity.advisories)
        ]
        self._facts += list(reference_facts((), terminology))
        self._models: dict[frozenset[tuple[Symbol, frozenset[Symbol]]], PairModel] = {}
        self.named: dict[str, PairModel] = {}

    def model(self, answers: Set) -> PairModel:
        """Return what the pair rules derive where each question has one of *answers*."""
        key = frozenset(answers.items())
        if key not in self._models:
            atoms = ground(
                self.worlds.policy.criteria,
                self._texts,
                [*self._facts, *self._is(answers)],
                self._companions,
            )
            self._models[key] = PairModel(answers, atoms, self.rules, self._local)
        return self._models[key]

    def _is(self, answers: Set) -> Iterator[Symbol]:
        for question, known in sorted(self.worlds.answers.items()):
            left: Iterable[Symbol] = known
            if question in self._readings:
                left = [self._readings[question]]
            elif question in answers:
                left = sorted(answers[question])
            elif question in self.worlds.usual:
                left = [self.worlds.usual[question]]
            left = list(left)
            for answer in left:
                yield Function("is", [_POSSIBLE, question, answer])
                if answer not in known:
                    yield Function("answer", [question, answer])
            if len(left) == 1:
                yield Function("is", [_CERTAIN, question, left[0]])

    # -- proving ------------------------------------------------------------------------------

    def prove(self, answers: Set, holds: Callable[[PairModel], bool]) -> Tree | None:
        """Return a tree that covers the worlds of *answers*, in whose leaves something *holds*.

        Nothing where a tree would have too many leaves: it is certain, but not by a proof.
        """
        found = self._prove(answers, holds, MOST_LEAVES)
        return None if found is None else self._named(found)

    def _prove(self, answers: Set, holds: Callable[[PairModel], bool], most: int) -> _Found | None:
        model = self.model(answers)
        if holds(model):
            return model
        open_questions = [q for q in answers if 1 < len(answers[q]) <= most]
        for question in sorted(
            open_questions, key=lambda q: (len(answers[q]), self.worlds.position(q))
        ):
            branches = self._branches(answers, question)
            if all(holds(self.model(branch)) for branch in branches.values()):
                flat: dict[Symbol, _Found] = {a: self.model(b) for a, b in branches.items()}
                return question, flat
        for question in sorted(open_questions, key=self.worlds.position):
            branches = self._branches(answers, question)
            room = most - len(branches) + 1
            trees: dict[Symbol, _Found] = {}
            for answer, branch in branches.items():
                tree = self._prove(branch, holds, room) if room > 0 else None
                if tree is None:
                    break
                trees[answer] = tree
                room -= _leaves(tree) - 1
            else:
                return question, trees
        return None

    @staticmethod
    def _branches(answers: Set, question: Symbol) -> dict[Symbol, Set]:
        return {
            answer: {**answers, question: frozenset({answer})}
            for answer in sorted(answers[question])
        }

    def _named(self, found: _Found) -> Tree:
        if isinstance(found, PairModel):
            return Leaf(self.name(found))
        question, branches = found
        return Split(
            str(question), {str(answer): self._named(branch) for answer, branch in branches.items()}
        )

    def name(self, model: PairModel) -> str:
        """Keep the context of *model* in the proof, and return its name."""
        for name, known in self.named.items():
            if known is model:
                return name
        name = f"c{len(self.named)}"
        self.named[name] = model
        return name

    # -- written down -------------------------------------------------------------------------

    def written(self) -> dict[str, Context]:
        """Return every context that was named, as a proof has it."""
        return {
            name: Context(
                answers={
                    str(question): tuple(map(str, sorted(left)))
                    for question, left in sorted(
                        model.answers.items(), key=lambda item: self.worlds.position(item[0])
                    )
                },
                certain=derivations(model.certainly),
                possible=tuple(map(str, sorted(model.possible))),
            )
            for name, model in self.named.items()
        }


_Found = PairModel | tuple[Symbol, dict[Symbol, "_Found"]]


def _leaves(found: _Found) -> int:
    return 1 if isinstance(found, PairModel) else sum(map(_leaves, found[1].values()))
