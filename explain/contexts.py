"""The criteria over sets of worlds: what certainly holds in a set, and what possibly does.

Every rule is read twice, once for *certain* and once for *possible*, swapped under `not`:
no world is enumerated and nothing is solved. The pair is sound and not complete: a claim
that needs to look at the answers of a question one by one is proved by a tree of contexts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from clingo import Function, Number, Symbol

from explain.evidence import Ground, derivations
from explain.instrument import COUNTED, FIRED, Fired, TracedRule, companions, read, trace
from explain.saying import Derived
from reasoner.certificate.format import Context, Leaf, Split, Tree
from reasoner.facts import reference_facts, word
from reasoner.policy import Policy
from reasoner.program import relocate
from reasoner.terminology import Terminology
from reasoner.worlds import Worlds

__all__ = ["MOST_LEAVES", "Contexts", "PairModel", "Set"]

MOST_LEAVES = 32
"""A tree with more leaves proves nothing to a reader."""

_MEMORY = 64
"""So many sets of worlds are remembered: many cases leave the same answers possible."""

Set = Mapping[Symbol, frozenset[Symbol]]
"""A set of worlds: the answers that each question may have."""

_CERTAIN, _POSSIBLE = "certain", "possible"


class PairModel:
    """What the pair rules derive for one set of worlds, without their first argument.

    *certain* and *possible* are atoms, *certainly* and *possibly* the rules that fired;
    *plain* atoms are the same in every world. *number* tells the set from others that were
    grounded with it.
    """

    def __init__(
        self,
        answers: Set,
        ground: Ground,
        number: int,
        rules: Sequence[TracedRule],
        local: frozenset[str],
    ) -> None:
        self.answers = answers
        self._ground = ground
        self._rules = rules
        self._local = local
        self._worlds = {name: Function(name, [Number(number)]) for name in (_CERTAIN, _POSSIBLE)}

    @cached_property
    def certain(self) -> frozenset[Symbol]:
        """The atoms that hold in every world of the set."""
        return self._atoms(_CERTAIN)

    @cached_property
    def possible(self) -> frozenset[Symbol]:
        """The atoms that may hold in some world of the set."""
        return self._atoms(_POSSIBLE)

    @cached_property
    def plain(self) -> frozenset[Symbol]:
        """The atoms that hold whatever the world."""
        others = self._local | {FIRED, COUNTED, "pair"}
        return frozenset(a for a in self._ground.atoms() if a.name not in others)

    def certain_of(self, predicate: str) -> list[Symbol]:
        """Return the atoms of *predicate* that hold in every world of the set, in order."""
        return sorted(self._atoms(_CERTAIN, {predicate}))

    def _atoms(self, kind: str, among: Container[str] | None = None) -> frozenset[Symbol]:
        world = self._worlds[kind]
        found = set()
        for name, arity in self._ground.signatures:
            if name in (self._local if among is None else among):
                for atom in self._ground.atoms(name, arity):
                    first, *rest = atom.arguments
                    if first == world:
                        found.add(Function(name, rest))
        return frozenset(found)

    @cached_property
    def certainly(self) -> list[Fired]:
        """The rule instances that hold in every world of the set."""
        return self._fired(_CERTAIN)

    @cached_property
    def possibly(self) -> list[Fired]:
        """The rule instances that may hold in some world of the set."""
        return self._fired(_POSSIBLE)

    @cached_property
    def certain_rules(self) -> Derived:
        """The instances that hold in every world, by what they derive."""
        return Derived.of(self.certainly)

    @cached_property
    def possible_rules(self) -> Derived:
        """The instances that may hold in some world, by what they derive."""
        return Derived.of(self.possibly)

    @cached_property
    def statuses(self) -> dict[Symbol, Symbol]:
        """The status that each clause has in every world, where it has one."""
        return {atom.arguments[0]: atom for atom in reversed(self.certain_of("status"))}

    def _fired(self, kind: str) -> list[Fired]:
        world = self._worlds[kind]
        fired, counted = (
            [atom for atom in self._ground.atoms(name, 6) if atom.arguments[0] == world]
            for name in (FIRED, COUNTED)
        )
        return trace(self._rules, fired, counted, self.holding(kind))

    def has(self, atom: Symbol) -> bool:
        """Whether *atom* holds in every world of the set."""
        return atom in self.holding(_CERTAIN)

    def may_have(self, atom: Symbol) -> bool:
        """Whether *atom* may hold in some world of the set."""
        return atom in self.holding(_POSSIBLE)

    def holding(self, kind: str) -> Container[Symbol]:
        """Return what holds in the worlds of this *kind*, to be asked for single atoms."""
        return _Holding(self._ground, self._worlds[kind], self._local)


class _Holding:
    def __init__(self, ground: Ground, world: Symbol, local: frozenset[str]) -> None:
        self._ground = ground
        self._world = world
        self._local = local

    def __contains__(self, atom: object) -> bool:
        if not isinstance(atom, Symbol):
            return False
        if atom.name in self._local:
            return Function(atom.name, [self._world, *atom.arguments]) in self._ground
        return atom in self._ground


@lru_cache(maxsize=4)
def _programs(policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the criteria in the pair of certain and possible, and their companions."""
    local = policy.world_predicates
    texts = (relocate(f.text, local, "World", "pair", "Dual") for f in policy.criteria)
    return tuple(texts), tuple(companions(read(policy.criteria), local))


class Contexts:
    """The contexts of one proof, each kept under a name once it is used.

    *readings* are the answers of the readings in force; *asked* the questions of the case.
    """

    def __init__(
        self,
        worlds: Worlds,
        terminology: Terminology,
        readings: Mapping[str, Symbol],
        companions: Iterable[str] | None = None,
    ) -> None:
        """Other *companions*, over the pair of worlds, take the place of those of a proof."""
        policy = worlds.policy
        self.worlds = worlds
        self.rules = read(policy.criteria)
        self._local = policy.world_predicates
        self._texts, own = _programs(policy)
        self._companions = own if companions is None else tuple(companions)
        self.readings: dict[Symbol, Symbol] = {
            worlds.readings[name]: value for name, value in readings.items()
        }
        self._facts: list[Symbol] = []
        self._facts += [
            Function("clause", [clause.symbol, word(clause.kind)])
            for clause in policy.identity.clauses
        ]
        self._facts += [
            Function("advisable", [word(a)]) for a in sorted(policy.identity.advisories)
        ]
        self._facts += list(reference_facts((), terminology))
        self._known = sorted(worlds.answers.items())
        self._models: dict[_Key, PairModel] = {}
        if companions is None:
            self._models = worlds.remembered(
                ("pairs", *sorted(self.readings.items())), dict[_Key, PairModel]
            )
        self.named: dict[str, PairModel] = {}

    def model(self, answers: Set) -> PairModel:
        """Return what the pair rules derive where each question has one of *answers*."""
        return self.models([answers])[0]

    def models(self, sets: Sequence[Set]) -> list[PairModel]:
        """Return what the pair rules derive for each of *sets*, grounded together."""
        keys = [frozenset(answers.items()) for answers in sets]
        found = {key: self._models[key] for key in keys if key in self._models}
        new = {k: one for k, one in zip(keys, sets, strict=True) if k not in found}
        if new:
            ground = self.ground(list(new.values()))
            if len(self._models) >= _MEMORY:
                self._models.clear()
            for number, (key, answers) in enumerate(new.items()):
                model = PairModel(answers, ground, number, self.rules, self._local)
                found[key] = self._models[key] = model
        return [found[key] for key in keys]

    def ground(self, sets: Sequence[Set], more: Iterable[Symbol] = ()) -> Ground:
        """Return the pair rules grounded for *sets*: the n-th is `certain(n)` and `possible(n)`.

        *more* are facts for the companions.
        """
        facts = [*self._facts, *more]
        for number, answers in enumerate(sets):
            facts += self._is(answers, number)
        return Ground(
            self.worlds.policy.criteria, self._texts, facts, self._companions, stratified=True
        )

    def _is(self, answers: Set, number: int) -> Iterator[Symbol]:
        certain, possible = (Function(name, [Number(number)]) for name in (_CERTAIN, _POSSIBLE))
        yield Function("pair", [certain, possible])
        yield Function("pair", [possible, certain])
        for question, known in self._known:
            left: Iterable[Symbol] = known
            if question in self.readings:
                left = [self.readings[question]]
            elif question in answers:
                left = sorted(answers[question])
            elif question in self.worlds.usual:
                left = [self.worlds.usual[question]]
            left = list(left)
            for answer in left:
                yield Function("is", [possible, question, answer])
                if answer not in known:
                    yield Function("answer", [question, answer])
            if len(left) == 1:
                yield Function("is", [certain, question, left[0]])

    # -- proving ------------------------------------------------------------------------------

    def prove(
        self,
        answers: Set,
        holds: Callable[[PairModel], bool],
        questions: Collection[Symbol] = (),
    ) -> Tree | None:
        """Return a tree that covers the worlds of *answers*, in whose leaves something *holds*.

        It splits over *questions*, or over any. Nothing where a tree would have too many
        leaves: it is certain, but not by a proof.
        """
        found = self._prove(answers, holds, frozenset(questions) or frozenset(answers), MOST_LEAVES)
        return None if found is None else self._named(found)

    def _prove(
        self,
        answers: Set,
        holds: Callable[[PairModel], bool],
        questions: frozenset[Symbol],
        most: int,
    ) -> _Found | None:
        model = self.model(answers)
        if holds(model):
            return model
        open_questions = [q for q in answers if q in questions and 1 < len(answers[q]) <= most]
        for question in sorted(
            open_questions, key=lambda q: (len(answers[q]), self.worlds.position(q))
        ):
            branches = self._branches(answers, question)
            models = self.models(list(branches.values()))
            if all(map(holds, models)):
                flat: dict[Symbol, _Found] = dict(zip(branches, models, strict=True))
                return question, flat
        for question in sorted(open_questions, key=self.worlds.position):
            branches = self._branches(answers, question)
            room = most - len(branches) + 1
            trees: dict[Symbol, _Found] = {}
            for answer, branch in branches.items():
                tree = self._prove(branch, holds, questions, room) if room > 0 else None
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


_Key = frozenset[tuple[Symbol, frozenset[Symbol]]]
_Found = PairModel | tuple[Symbol, dict[Symbol, "_Found"]]


def _leaves(found: _Found) -> int:
    return 1 if isinstance(found, PairModel) else sum(map(_leaves, found[1].values()))
