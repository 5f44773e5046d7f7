"""Rules that tell on themselves: a copy of each rule whose head says which instance held.

`a(X) :- b(X), not c(X).` gets a companion `_fired(7, a(X), (X,), …) :- b(X), not c(X).`
Grounded beside the rules, the companions are facts wherever the rules are: every instance of
every rule, with all bindings, whatever clingo simplifies away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
from clingo import Symbol
from clingo.ast import (
    AST,
    ASTType,
    ComparisonOperator,
    Sign,
    Transformer,
    Variable,
    parse_string,
)

from explain.rules import read_rules
from reasoner.errors import PolicyError
from reasoner.policy import Policy
from reasoner.program import RuleFile, relocate

__all__ = [
    "COUNTED",
    "FIRED",
    "Counting",
    "Fired",
    "TracedRule",
    "Tuple",
    "by_head",
    "companions",
    "read",
    "speaking",
    "trace",
]

FIRED, COUNTED = "_fired", "_counted"
_ANY = "Anonymous"


class Counting(msgspec.Struct, frozen=True):
    """An aggregate of a body: its *function*, and what it counts: terms, condition, atoms.

    The atoms are those of the condition, without its comparisons. *upper* says that its
    bounds only take something away: what possibly holds is counted.
    """

    function: str
    elements: tuple[tuple[str, str, tuple[str, ...]], ...]
    upper: bool


class TracedRule(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A rule of *place* as clingo writes it, ready for its companion.

    *variables* are the global ones, those that stand for a `_` last and with the names that
    the companion gives them; *head* and *body* have those names too. *positives* and
    *negatives* are the atoms of the body; a negated one with a `_` is no single atom and left
    out. *pattern* is the head with a variable for each term that is computed, *equations* say
    which: what an atom must look like for the rule to derive it. *sentence* is what the `%!`
    comment above the rule says.
    """

    place: str
    text: str
    name: str
    head: str
    pattern: str
    equations: tuple[str, ...]
    body: tuple[str, ...]
    positives: tuple[str, ...]
    negatives: tuple[str, ...]
    variables: tuple[str, ...]
    aggregates: tuple[Counting, ...]
    sentence: str

    @cached_property
    def position(self) -> tuple[str, tuple[int, ...]]:
        """Where the rule stands, to sort by."""
        file, *numbers = self.place.split(":")
        return file, tuple(map(int, numbers))

    @cached_property
    def needs(self) -> frozenset[str]:
        """The predicates without which the rule derives nothing, its own among them."""
        return frozenset({self.name, *(atom.partition("(")[0] for atom in self.positives)})

    @cached_property
    def words(self) -> frozenset[str]:
        """The predicates that the body looks at, and the constants in it."""
        return frozenset(name for text in self.body for name in _WORD.findall(text))

    @cached_property
    def has_pool(self) -> bool:
        """Whether an atom of the body stands for several."""
        return any(";" in atom for atom in self.positives)

    def shown(self, variable: str) -> str:
        """Return the name of *variable* in a proof: `_1` for the first `_`."""
        return re.sub(rf"^{_ANY}(?=\d+$)", "_", variable)


_WORD = re.compile(r"\b_*[a-z]\w*'*")


@lru_cache(maxsize=64)
def _read(name: str, text: str) -> tuple[TracedRule, ...]:
    found: list[AST] = []
    parse_string(text, found.append)
    sentences = {rule.place: rule.sentence for rule in read_rules(RuleFile(Path(), name, text))}
    return tuple(_rule(name, node, sentences) for node in found if node.ast_type is ASTType.Rule)


def read(files: Iterable[RuleFile]) -> list[TracedRule]:
    """Return the rules of *files* in their order.

    Raises:
        PolicyError: a rule is outside the fragment that can be traced.
    """
    return [rule for file in files for rule in _read(file.name, file.text)]


def _rule(name: str, node: AST, sentences: Mapping[str, str]) -> TracedRule:
    begin = node.location.begin
    place = f"{name}:{begin.line}" if begin.column == 1 else f"{name}:{begin.line}:{begin.column}"
    head = node.head
    if head.ast_type is not ASTType.Literal or head.atom.ast_type is not ASTType.SymbolicAtom:
        raise PolicyError(
            "policy.fragment",
            "a rule must have one atom as its head to be explained",
            where=place,
            hint="choices and disjunctions stand in the core only",
        )
    text = str(node)
    named = _Namer().rule(node)
    body = tuple(str(literal) for literal in named.body)
    variables = _variables(named)
    aggregates = tuple(
        _counting(literal, frozenset(variables))
        for literal in named.body
        if literal.ast_type is ASTType.Literal and literal.atom.ast_type is ASTType.BodyAggregate
    )
    symbol = head.atom.symbol
    if symbol.ast_type is ASTType.Pool:
        symbol = symbol.arguments[0]
    computed = _Computed()
    return TracedRule(
        place=place,
        text=text,
        name=symbol.name,
        head=str(named.head),
        pattern=str(computed.visit(named.head)),
        equations=tuple(computed.equations),
        body=body,
        positives=tuple(_atoms(named.body, Sign.NoSign)),
        negatives=tuple(_atoms(named.body, Sign.Negation)),
        variables=variables,
        aggregates=aggregates,
        sentence=sentences.get(place, ""),
    )


_ANONYMOUS = re.compile(r"\b_\b")


def _atoms(literals: Iterable[AST], sign: Sign) -> Iterator[str]:
    for literal in literals:
        if literal.ast_type is ASTType.Literal and literal.sign == sign:
            text = str(literal.atom)
            if literal.atom.ast_type is ASTType.SymbolicAtom and not _ANONYMOUS.search(text):
                yield text


_SPOKEN_OF = frozenset(
    {"supports", "doubt", "stray", "unused", "behind", "assumed", "overruled", "flaw"}
    | {"undocumented", "outweighed"}
)


@lru_cache(maxsize=4)
def speaking(policy: Policy) -> frozenset[str]:
    """Return the predicates of the evidence whose rules say something of an answer.

    They are those that a reader is told of, and below them what a rule without a sentence of
    its own rests on.
    """
    rules = read(policy.evidence)
    found, queue = set(_SPOKEN_OF), list(_SPOKEN_OF)
    while queue:
        name = queue.pop()
        for rule in rules:
            if rule.name == name and not rule.sentence:
                below = {atom.partition("(")[0] for atom in rule.positives} - found
                found |= below
                queue += below
    return frozenset(found & policy.case_predicates)


class _Namer(Transformer):
    """Gives every `_` of a positive literal a name of its own, from `Anonymous1` on."""

    def __init__(self) -> None:
        self.count = 0

    def rule(self, node: AST) -> AST:
        """Return *node* with names."""
        body = [
            self.visit(literal)
            if literal.ast_type is ASTType.Literal
            and literal.sign == Sign.NoSign
            and literal.atom.ast_type is ASTType.SymbolicAtom
            else literal
            for literal in node.body
        ]
        return node.update(body=body)

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Name an anonymous variable."""
        if node.name != "_":
            return node
        self.count += 1
        return node.update(name=f"{_ANY}{self.count}")


class _Computed(Transformer):
    """Puts a variable in the place of every term that is computed, and says what it equals."""

    def __init__(self) -> None:
        self.equations: list[str] = []

    def _replace(self, node: AST) -> AST:
        name = f"Head{len(self.equations) + 1}"
        self.equations.append(f"{name} = {node}")
        return Variable(node.location, name)

    def visit_BinaryOperation(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Replace arithmetic."""
        return self._replace(node)

    def visit_UnaryOperation(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Replace arithmetic."""
        return self._replace(node)

    def visit_Interval(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Replace an interval: one of its members."""
        return self._replace(node)

    def visit_Function(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Replace what a calendar function gives."""
        return self._replace(node) if node.external else node.update(**self.visit_children(node))


def _variables(rule: AST) -> tuple[str, ...]:
    """Return the global variables: those that stand outside of aggregates and conditions."""
    found: dict[str, None] = {}

    def walk(node: object) -> None:
        if isinstance(node, AST):
            if node.ast_type is ASTType.Variable:
                if node.name != "_":
                    found.setdefault(node.name)
                return
            if node.ast_type is ASTType.BodyAggregate:
                walk(node.left_guard)
                walk(node.right_guard)
                return
            if node.ast_type is ASTType.ConditionalLiteral:
                return
            for key in node.child_keys:
                walk(getattr(node, key))
        elif isinstance(node, Sequence) and not isinstance(node, str):
            for one in node:
                walk(one)

    walk(rule.head)
    walk(rule.body)
    return tuple(sorted(found, key=_natural))


def _natural(name: str) -> tuple[int, str]:
    """Sort a variable by its name, those that stand for a `_` last and by their number."""
    match = re.fullmatch(rf"{_ANY}(\d+)", name)
    return (int(match[1]), "") if match else (0, name)


_LOWER = (ComparisonOperator.LessEqual, ComparisonOperator.LessThan)
_FUNCTIONS = ("#count", "#sum", "#sum+", "#min", "#max")


class _Apart(Transformer):
    """Renames the variables of an element that are its own: beside the aggregate they clash."""

    def __init__(self, shared: frozenset[str]) -> None:
        self.shared = shared

    def visit_Variable(self, node: AST) -> AST:  # noqa: N802 -- clingo's name
        """Rename a variable that is not shared."""
        own = node.name != "_" and node.name not in self.shared
        return node.update(name=f"{node.name}_own") if own else node


def _counting(literal: AST, shared: frozenset[str]) -> Counting:
    aggregate = literal.atom
    apart = _Apart(shared)
    left = aggregate.left_guard
    upper = left is not None and left.comparison not in _LOWER
    elements = tuple(
        (
            ", ".join(map(str, element.terms)),
            "; ".join(map(str, element.condition)),
            tuple(_atoms(element.condition, Sign.NoSign)),
        )
        for element in map(apart.visit, aggregate.elements)
    )
    return Counting(
        _FUNCTIONS[int(aggregate.function)], elements, upper ^ (literal.sign == Sign.Negation)
    )


def companions(
    rules: Sequence[TracedRule],
    local: frozenset[str] | None = None,
    wanted: Callable[[TracedRule], bool] = lambda _: True,
) -> Iterator[str]:
    """Yield the companions of the *wanted* ones of *rules*, for clingo to ground beside them.

    With the *local* predicates of worlds, those of the rules over them, in the pair of
    `certain` and `possible`, which then is the first argument.
    """
    yield f"#defined {FIRED}/5. #defined {COUNTED}/5. #defined {FIRED}/6. #defined {COUNTED}/6."
    for index, rule in enumerate(rules):
        if wanted(rule) and (local is None or rule.name in local):
            yield from _companions(index, rule, local)


@lru_cache(maxsize=4096)
def _companions(index: int, rule: TracedRule, local: frozenset[str] | None) -> tuple[str, ...]:
    values = _tuple(rule.variables)
    world = "" if local is None else "World,"
    told = f"{values},{_tuple(rule.positives)},{_tuple(rule.negatives)}"
    texts = [_clause(f"{FIRED}({world}{index},{rule.head},{told})", rule.body, local)]
    for place, counting in enumerate(rule.aggregates):
        for terms, condition, atoms in counting.elements:
            told = f"{index},{place},{values},({terms},),{_tuple(atoms)}"
            head = f"{COUNTED}({world}{told})"
            texts.append(_clause(head, rule.body, local, condition, upper=counting.upper))
    return tuple(texts)


def _tuple(terms: Iterable[str]) -> str:
    return f"({''.join(f'{term},' for term in terms)})"


def _clause(
    head: str,
    body: Sequence[str],
    local: frozenset[str] | None,
    condition: str = "",
    *,
    upper: bool = False,
) -> str:
    own = "; ".join(body)
    if local is None:
        parts = [part for part in (own, condition) if part]
        return f"{head} :- {'; '.join(parts)}." if parts else f"{head}."
    parts = ["pair(World,Dual)"]
    for part, swapped in ((own, False), (condition, upper)):
        if part:
            world, dual = ("Dual", "World") if swapped else ("World", "Dual")
            text = relocate(f"x :- {part}.", local, world, "pair", dual)
            parts.append(text.removeprefix("x :- ").removesuffix("."))
    return f"{head} :- {'; '.join(parts)}."


class Tuple(msgspec.Struct, frozen=True):
    """A tuple that an aggregate counted, with the atoms by which it counts."""

    terms: tuple[Symbol, ...]
    atoms: tuple[Symbol, ...]


class Fired(msgspec.Struct, frozen=True, eq=False):
    """A rule instance that held: *values* of the rule's variables, and what it rests on.

    *positives* are the atoms of the body, *negatives* those under `not`, *counted* what each
    aggregate of the rule counted.
    """

    rule: TracedRule
    head: Symbol
    values: tuple[Symbol, ...]
    positives: tuple[Symbol, ...]
    negatives: tuple[Symbol, ...]
    counted: tuple[tuple[Tuple, ...], ...] = ()

    @property
    def below(self) -> Iterator[Symbol]:
        """The atoms that the instance rests on, what was counted among them."""
        yield from self.positives
        for tuples in self.counted:
            for one in tuples:
                yield from one.atoms

    @property
    def sentence(self) -> str:
        """The sentence of the rule, without values."""
        return self.rule.sentence


def trace(
    rules: Sequence[TracedRule],
    fired: Iterable[Symbol],
    counted: Iterable[Symbol],
    holds: Container[Symbol],
) -> list[Fired]:
    """Return the rule instances that the companions tell of.

    *fired* and *counted* are what they derive, *holds* what holds, as the rules have it. The
    order of the instances is that in which they were grounded.
    """
    elements: dict[tuple[int, Symbol], dict[int, list[Tuple]]] = {}
    for atom in counted:
        index, place, values, terms, told = atom.arguments[-5:]
        places = elements.setdefault((index.number, values), {})
        found = places.setdefault(place.number, [])
        found.append(Tuple(tuple(terms.arguments), tuple(told.arguments)))
    out = []
    for atom in fired:
        index, head, values, positives, negatives = atom.arguments[-5:]
        rule = rules[index.number]
        below = tuple(positives.arguments) if rule.positives else ()
        if rule.has_pool and not all(one in holds for one in below):
            continue  # a pool is told of with each of its members, whichever held
        places = elements.get((index.number, values), {}) if rule.aggregates else {}
        out.append(
            Fired(
                rule,
                head,
                tuple(values.arguments) if rule.variables else (),
                below,
                tuple(negatives.arguments) if rule.negatives else (),
                tuple(_sorted(places.get(p, ())) for p in range(len(rule.aggregates))),
            )
        )
    return out


def _sorted(counted: Iterable[Tuple]) -> tuple[Tuple, ...]:
    return tuple(sorted(counted, key=lambda one: (one.terms, one.atoms)))


def by_head(fired: Iterable[Fired]) -> dict[Symbol, list[Fired]]:
    """Return *fired* by what they derive; those that derive one atom as their rules stand.

    Grounding has an order of its own, which depends on what else was grounded.
    """
    found: dict[Symbol, list[Fired]] = {}
    for one in fired:
        found.setdefault(one.head, []).append(one)
    for several in found.values():
        if len(several) > 1:
            several.sort(key=lambda one: (one.rule.position, one.values))
    return found
