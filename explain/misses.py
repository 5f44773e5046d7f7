"""Why an atom does not hold: every rule that might derive it, and the literals that fail.

A rule that fires nowhere is grounded once more with some literals left out, first none, then
one, then two: the smallest sets that let it fire are what fails. So a rule of five literals of
which four hold is a near miss by one, with its variables bound; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import clingo
import msgspec
from clingo import Function, Number, Symbol

from explain.contexts import PairModel
from explain.instrument import Counting, TracedRule
from reasoner.days import Calendar
from reasoner.program import relocate

__all__ = ["Miss", "Tally", "Without", "misses", "without"]

_MISSED, _GOAL, _TALLY = "_missed", "_goal", "_tally"
_VARIABLE = re.compile(r"\b_*[A-Z]\w*'*")
_ATOM = re.compile(r"_*[a-z]\w*'*(\(.*\))?")
_NAMED = re.compile(r"\bAnonymous[0-9]+\b")  # what stands for a `_` is one again
_ANY = re.compile(r"\b_\b")
_ASSIGNS = re.compile(r"^(_*[A-Z]\w*'*) = (.*)$")
MOST_BODY = 10
"""A rule with more literals is looked at as a whole: which of its literals hold alone."""


class Tally(msgspec.Struct, frozen=True, eq=False):
    """An aggregate that fails: its text, and the tuples that it counted, of one term or more."""

    text: str
    tuples: tuple[tuple[Symbol, ...], ...]


class Miss(msgspec.Struct, frozen=True, eq=False):
    """A rule that does not derive *atom*: what its variables are, and what *fails* of its body.

    *fails* are literals with the values filled in; a variable that nothing binds stays one.
    *tallies* say what the aggregates among them counted.
    """

    atom: Symbol
    rule: TracedRule
    bindings: tuple[tuple[str, Symbol], ...]
    fails: tuple[str, ...]
    tallies: tuple[Tally, ...] = ()


class _Literal(msgspec.Struct, frozen=True):
    """A literal of a body: what it *binds*, once the variables of one of *needs* have a value."""

    text: str
    variables: frozenset[str]
    binds: frozenset[str]
    needs: tuple[frozenset[str], ...]

    @property
    def is_atom(self) -> bool:
        """Whether it is an atom, without `not`: it needs nothing."""
        return not any(self.needs)


class _Try(msgspec.Struct, frozen=True, eq=False):
    """A rule without the literals *dropped*: what is *kept* gives the variables *bound* a value."""

    index: int
    rule: TracedRule
    dropped: tuple[_Literal, ...]
    kept: tuple[str, ...]
    bound: frozenset[str]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the rule that have a value."""
        return tuple(name for name in self.rule.variables if name in self.bound)


def misses(
    atoms: Sequence[Symbol],
    rules: Sequence[TracedRule],
    holds: Iterable[Symbol],
    model: PairModel | None = None,
    local: frozenset[str] = frozenset(),
) -> list[Miss]:
    """Return why each of *atoms* does not hold, given all that *holds*.

    With a *model* of worlds, why it cannot hold in any of them: *holds* are then the plain
    atoms, and *local* the predicates of worlds.
    """
    return _Search(atoms, rules, holds, model, local).run()


class _Search:
    def __init__(
        self,
        atoms: Sequence[Symbol],
        rules: Sequence[TracedRule],
        holds: Iterable[Symbol],
        model: PairModel | None,
        local: frozenset[str],
    ) -> None:
        self.atoms = atoms
        self.rules = rules
        self.local = local if model is not None else None
        self.facts = [Function(_GOAL, [Number(i), atom]) for i, atom in enumerate(atoms)]
        goals = {atom.name for atom in atoms}
        seen = frozenset[str]().union(*(rule.words for rule in rules if rule.name in goals))
        self.facts += [atom for atom in holds if atom.name in seen]
        if model is not None:
            for name, found in (("certain", model.certain), ("possible", model.possible)):
                world = Function(name, [])
                self.facts += sorted(
                    Function(a.name, [world, *a.arguments]) for a in found if a.name in seen
                )
            self.facts.append(Function("pair", [Function("possible", []), Function("certain", [])]))

    def run(self) -> list[Miss]:
        """Return the misses in the order of the atoms, then of the rules."""
        found: list[tuple[int, int, Miss]] = []
        pending = {index: _literals(self.rules[index]) for index in self._may_derive()}
        size = 0
        while pending:
            size += 1
            tries = [
                one
                for index, literals in pending.items()
                for one in _variants(index, self.rules[index], literals, size)
            ]
            for goal, one, values, tallies in self._outcomes(tries):
                bindings = tuple(zip(one.variables, values, strict=True))
                fails = _filled((literal.text for literal in one.dropped), bindings)
                told = tuple(
                    Tally(_filled([text], bindings)[0], tuples) for text, tuples in tallies.items()
                )
                found.append(
                    (goal, one.index, Miss(self.atoms[goal], one.rule, bindings, fails, told))
                )
                pending.pop(one.index, None)
            pending = {i: body for i, body in pending.items() if size < min(len(body), MOST_BODY)}
        found.sort(key=lambda one: (one[0], one[1], [str(value) for _, value in one[2].bindings]))
        return [miss for _, _, miss in found]

    def _may_derive(self) -> list[int]:
        """Return the rules with a body whose head may be one of the atoms."""
        names = {atom.name for atom in self.atoms}
        texts = [
            f"{_MISSED}({index},Goal,()) :- {_GOAL}(Goal,{rule.pattern})."
            for index, rule in enumerate(self.rules)
            if rule.name in names and rule.body
        ]
        atoms = self._ground(texts, self.facts[: len(self.atoms)])
        return sorted({symbol.arguments[0].number for symbol in atoms})

    def _outcomes(
        self, tries: Sequence[_Try]
    ) -> Iterator[tuple[int, _Try, Sequence[Symbol], dict[str, tuple[tuple[Symbol, ...], ...]]]]:
        """Yield each try that holds, with the goal, the values, and what its aggregates count."""
        counted: dict[tuple[int, int, Symbol], dict[str, set[tuple[Symbol, ...]]]] = {}
        missed: list[tuple[int, int, Symbol]] = []
        for atom in self._ground(self._programs(tries), self.facts):
            first, goal, values, *told = atom.arguments
            key = first.number, goal.number, values
            if told:
                of, terms = told
                counts = counted.setdefault(key, {})
                counts.setdefault(of.string, set()).add(tuple(terms.arguments))
            else:
                missed.append(key)
        for key in missed:
            one = tries[key[0]]
            counts = counted.get(key, {})
            tallies = {of: tuple(sorted(counts.get(of, ()))) for of, _ in _aggregates(one)}
            yield key[1], one, key[2].arguments, tallies

    def _programs(self, tries: Sequence[_Try]) -> list[str]:
        texts = []
        for number, one in enumerate(tries):
            names = "".join(f"{name}," for name in one.variables)
            body = [f"{_GOAL}(Goal,{one.rule.pattern})", *map(self._placed, one.kept)]
            failing = [self._failing(literal, one.bound) for literal in one.dropped]
            head = f"{_MISSED}({number},Goal,({names}))"
            texts.append(f"{head} :- {'; '.join([*self._pair, *body, *failing])}.")
            for text, counting in _aggregates(one):
                for terms, condition, _ in counting.elements:
                    told = f'{_TALLY}({number},Goal,({names}),"{_quoted(text)}",({terms},))'
                    texts.append(
                        f"{told} :- {head}; {self._placed(condition)}; "
                        f"{'; '.join([*self._pair, *body])}."
                    )
        return texts

    @property
    def _pair(self) -> list[str]:
        return [] if self.local is None else ["pair(World,Dual)"]

    def _placed(self, literal: str) -> str:
        """Return *literal* as it may hold in some world."""
        if self.local is None:
            return literal
        text = relocate(f"x :- {literal}.", self.local, "World", "pair", "Dual")
        return text.removeprefix("x :- ").removesuffix(".")

    def _failing(self, literal: _Literal, bound: frozenset[str]) -> str:
        """Return what holds where *literal* fails, as it may in some world."""
        text = self._placed(literal.text).partition("; pair(World,Dual)")[0]
        return _opposite(text, literal.variables - bound)

    @staticmethod
    def _ground(texts: Sequence[str], facts: Sequence[Symbol]) -> list[Symbol]:
        if not texts:
            return []
        control = clingo.Control(["--warn=none"], lambda *_: None)
        control.add("base", [], "\n".join(texts))
        with control.backend() as backend:
            for symbol in facts:
                backend.add_rule([backend.add_atom(symbol)])
        control.ground([("base", [])], context=Calendar())
        atoms = control.symbolic_atoms
        return sorted(
            atom.symbol
            for name, arity in ((_MISSED, 3), (_TALLY, 5))
            for atom in atoms.by_signature(name, arity)
        )


class Without(msgspec.Struct, frozen=True):
    """A body without some of its literals, which fail: *places* in it, *kept*, what *fails*."""

    places: tuple[int, ...]
    kept: tuple[str, ...]
    fails: tuple[str, ...]


def without(rule: TracedRule, size: int = 1) -> Iterator[Without]:
    """Yield the ways in which *size* literals of *rule* can fail while the others hold.

    A literal that alone gives a computed variable its value cannot, and is left out.
    """
    known = frozenset(rule.variables)
    literals = [_literal(text, known) for text in rule.body]
    for one in _variants(0, rule, literals, size, frozenset()):
        if not all(_can_fail(x, one.bound) for x in one.dropped):
            continue
        places = tuple(i for i, x in enumerate(literals) if any(x is y for y in one.dropped))
        fails = tuple(_opposite(x.text, x.variables - one.bound) for x in one.dropped)
        yield Without(places, one.kept, fails)


def _can_fail(literal: _Literal, bound: frozenset[str]) -> bool:
    """Whether it can be said that *literal* fails: of a comparison, only with all its values."""
    if _ATOM.fullmatch(literal.text):
        return True
    negated = literal.text.startswith("not ")
    return literal.variables <= bound and (negated or not _ANY.search(literal.text))


def _opposite(text: str, free: frozenset[str]) -> str:
    """Return what holds where the literal *text* fails, whatever the *free* variables."""
    text = _VARIABLE.sub(lambda one: "_" if one.group() in free else one.group(), text)
    return text.removeprefix("not ") if text.startswith("not ") else f"not {text}"


def _variants(
    index: int,
    rule: TracedRule,
    literals: Sequence[_Literal],
    size: int,
    given: frozenset[str] | None = None,
) -> Iterator[_Try]:
    """Yield the ways to leave out *size* literals, the variables *given* or those of the head.

    A literal whose variables nothing binds any more cannot be looked at: it goes too, and is
    not said to fail.
    """
    given = frozenset(_VARIABLE.findall(rule.pattern)) if given is None else given
    for dropped in combinations(literals, size):
        kept = [one for one in literals if one not in dropped]
        bound = given
        while True:
            more = [
                one
                for one in kept
                if not one.binds <= bound and any(needs <= bound for needs in one.needs)
            ]
            if not more:
                break
            bound = bound.union(*(one.binds for one in more))
        # What nothing binds can be said to fail of an atom only: there is none like it.
        if all(one.variables <= bound or one.is_atom for one in dropped):
            looked_at = tuple(one.text for one in kept if one.variables <= bound)
            yield _Try(index, rule, dropped, looked_at, bound)


def _literals(rule: TracedRule) -> list[_Literal]:
    """Return what an atom must satisfy for *rule* to derive it, literal by literal."""
    known = {*rule.variables, *_VARIABLE.findall(rule.pattern)}
    return [_literal(text, frozenset(known)) for text in (*rule.equations, *rule.body)]


def _literal(text: str, known: frozenset[str]) -> _Literal:
    """Return *text* with the variables in it that are not an aggregate's own."""
    variables = known & frozenset(_VARIABLE.findall(text))
    nothing: frozenset[str] = frozenset()
    if _ATOM.fullmatch(text):
        return _Literal(text, variables, variables, (nothing,))
    if (assigned := _ASSIGNS.match(text)) is not None:
        name = frozenset({assigned[1]})
        rest = variables - name
        # `W = by(M, F)` can be read from either side; a sum or a count only from the right.
        plain = re.fullmatch(r"[a-z]\w*\([\w, ]*\)", assigned[2]) is not None
        from_left = (name,) if plain else ()
        from_right = () if _ANY.search(assigned[2]) else (rest,)
        return _Literal(text, variables, variables if plain else name, from_right + from_left)
    return _Literal(text, variables, nothing, (variables,))


def _aggregates(one: _Try) -> list[tuple[str, Counting]]:
    """Return the aggregates among the literals that *one* leaves out."""
    texts = [text for text in one.rule.body if "{" in text]
    dropped = {literal.text for literal in one.dropped}
    pairs = zip(texts, one.rule.aggregates, strict=True)
    return [(text, counting) for text, counting in pairs if text in dropped]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _filled(texts: Iterable[str], bindings: Iterable[tuple[str, Symbol]]) -> tuple[str, ...]:
    values = {name: str(value) for name, value in bindings}
    return tuple(
        _NAMED.sub("_", _VARIABLE.sub(lambda v: values.get(v.group(), v.group()), text))
        for text in texts
    )
