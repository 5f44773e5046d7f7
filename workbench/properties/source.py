"""Properties as they are written: what each says, how it is broken, what it starts from.

A property is a rule `violated(P) :- …` of a file `properties.lp`, read as a rule of the
criteria. It speaks of one world, or with `first(A)` and `second(A)` of two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from explain.rules import Rule, read_rules
from reasoner.errors import PolicyError, nearest
from reasoner.policy import Policy
from reasoner.program import RuleFile, Statement, dependents, read, statements

__all__ = [
    "FILE",
    "PREMISE",
    "VIOLATED",
    "WRAPPED",
    "Property",
    "companions",
    "premises",
    "properties_of",
    "read_properties",
    "refuse",
    "wrappers",
]

FILE = "properties.lp"
VIOLATED, PREMISE, COMPARES = "violated", "premise", "compares"
_WORLDS = ("first", "second")
_RESULT = "result"
_ANY_WORLD = "is(_, _)"
WRAPPED = re.compile(rf"\b({'|'.join(_WORLDS)})\s*\(\s*([a-z_]\w*)")
"""`first(name`: a predicate of the first or the second."""
_HEAD = re.compile(rf"{VIOLATED}\(\s*([a-z]\w*)\s*\)")
_COMPARES = re.compile(rf"^{COMPARES}\(\s*([a-z]\w*)\s*,")
_NAME = re.compile(r"(?:not\s+)*([a-z_]\w*)")
_VARIABLE = re.compile(r"\b_*[A-Z]\w*'*")
_ATOM = re.compile(r"_*[a-z]\w*'*\s*(\(.*\))?", re.DOTALL)
_ASSIGNED = re.compile(r"(_*[A-Z]\w*'*)\s*=(?!=)(.*)", re.DOTALL)


class Property(msgspec.Struct, frozen=True, dict=True):
    """A property: its *sentence* says what must hold, its *rules* how it would be broken.

    *id* is unique in the policy; *worlds* is how many worlds it speaks of, 1 or 2.
    """

    id: str
    sentence: str
    rules: tuple[Rule, ...]
    worlds: int

    @property
    def place(self) -> str:
        """Where its first rule stands."""
        return self.rules[0].place


def read_properties(policy: Policy) -> tuple[tuple[RuleFile, ...], tuple[Property, ...]]:
    """Return the files with the properties of *policy*, those that all owe first, and each of them.

    Raises:
        PolicyError: a file is not written as properties are.
    """
    rules = policy.folder.parent.parent
    names = [f"core/{FILE}", f"policies/{policy.id}/{FILE}"]
    files = tuple(read(rules / name, name) for name in names if (rules / name).is_file())
    decided = {name for one in policy.criteria for s in statements(one.text) for name in s.head}
    for file in files:
        refuse(file, files, decided)
    return files, tuple(properties_of(files, _WORLDS))


def refuse(file: RuleFile, files: Sequence[RuleFile], decided: Collection[str] = ()) -> None:
    """Refuse a rule that would change what properties speak of, among it what is *decided*.

    Raises:
        PolicyError: it is a constraint or a choice, or derives what another file derives.
    """
    for statement in statements(file.text):
        marks = [text for kind, text in statement.tokens if kind not in ("space", "comment")]
        where = f"{file.name}:{statement.line}"
        if not marks or marks[0].startswith("#"):
            continue
        if marks[0] == ":-" or "{" in _head(statement):
            raise PolicyError(
                "policy.property",
                "a constraint or a choice would change the worlds that a property speaks of",
                where=where,
                hint=f"say how the property would be broken: `{VIOLATED}(name) :- …`",
            )
        if changed := sorted(statement.head.intersection(decided)):
            raise PolicyError(
                "policy.property",
                f"a property derives `{changed[0]}`, which the criteria derive",
                where=where,
                hint="call it by another name, or read what the criteria derive",
            )
        for other in files[: files.index(file)]:
            defined = {name for s in statements(other.text) for name in s.head}
            if again := sorted(statement.head & defined - {VIOLATED, COMPARES}):
                raise PolicyError(
                    "policy.property",
                    f"`{again[0]}` is derived in {other.name} too",
                    where=where,
                    hint="call it by another name, or read it from there",
                )


def _head(statement: Statement) -> list[str]:
    marks = [text for _, text in statement.tokens]
    return marks[: marks.index(":-")] if ":-" in marks else marks


def properties_of(files: Sequence[RuleFile], worlds: Collection[str]) -> Iterator[Property]:
    """Yield the properties of *files*; what reads one of *worlds* must say what is compared.

    Raises:
        PolicyError: a rule is not written as properties are.
    """
    found: dict[str, list[Rule]] = {}
    every = [rule for file in files for rule in read_rules(file)]
    for rule in every:
        if rule.name != VIOLATED:
            continue
        named = _HEAD.fullmatch(rule.head)
        if named is None:
            raise PolicyError(
                "policy.property",
                f"`{rule.head}` does not name a property",
                where=rule.place,
                hint=f"a property is named by one word: `{VIOLATED}(name)`",
            )
        found.setdefault(named[1], []).append(rule)
    compared = {m[1]: rule for rule in every if (m := _COMPARES.match(rule.head))}
    for name, rule in compared.items():
        if name not in found:
            raise PolicyError(
                "policy.property",
                f"`{COMPARES}` names `{name}`, which is no property",
                where=rule.place,
                hint=nearest(name, list(found)),
            )
    wide = dependents(files, worlds) if worlds else frozenset[str]()
    for name, rules in found.items():
        sentence = next((rule.sentence for rule in rules if rule.sentence), "")
        if not sentence:
            raise PolicyError(
                "policy.property",
                f"the property `{name}` has no sentence",
                where=rules[0].place,
                hint="write above its first rule what must hold: `%! …`",
            )
        two = any(_names(rule.body) & wide for rule in rules)
        if two and name not in compared:
            raise PolicyError(
                "policy.property",
                f"nothing says in which questions the two worlds of `{name}` may differ",
                where=rules[0].place,
                hint=f"write `{COMPARES}({name}, Question)`",
            )
        if compared.get(name) and not two:
            raise PolicyError(
                "policy.property",
                f"`{name}` speaks of one world, so that nothing is compared",
                where=compared[name].place,
                hint="read `first(A)` and `second(A)`, or remove the line",
            )
        yield Property(name, sentence, tuple(rules), 2 if two else 1)


def _names(body: str) -> set[str]:
    return set(re.findall(r"\b([a-z_]\w*)\b", body))


# -- what a property starts from -----------------------------------------------------------------


def premises(properties: Sequence[Property], results: Collection[str], always: str) -> list[str]:
    """Return a rule `premise(P, I)` for each rule of a property: its body without what must not be.

    That is the last literal that speaks of one of *results*, with the comparisons that nothing
    binds any more; *always* is a literal that always holds.
    """
    return [
        f"{PREMISE}({one.id}, {number}) :- {', '.join([always, *body])}."
        for one in properties
        for number, rule in enumerate(one.rules)
        for body in [_premise(_literals(rule.body), results)]
    ]


def companions(policy: Policy, files: Sequence[RuleFile], properties: Sequence[Property]) -> str:
    """Return the rules that say where each property starts from, in some world.

    A property of which no premise holds in any world says nothing.
    """
    results = dependents([*policy.criteria, *files], [_RESULT])
    rules = premises(properties, results, _ANY_WORLD)
    # It never fires, and makes every property one of a world, also where none reads one.
    rules.append(f"{VIOLATED}(P) :- {PREMISE}(P, _), not {_ANY_WORLD}.")
    return "\n".join(rules)


def _premise(literals: list[str], results: Collection[str]) -> list[str]:
    last = max((i for i, text in enumerate(literals) if _of_result(text, results)), default=None)
    kept = [text for i, text in enumerate(literals) if i != last]
    bound = {v for text in kept if _ATOM.fullmatch(text) for v in _VARIABLE.findall(text)}
    while True:
        more = {
            found[1]
            for text in kept
            if (found := _ASSIGNED.fullmatch(text))
            and bound.issuperset(_VARIABLE.findall(found[2]))
        }
        if more <= bound:
            break
        bound |= more
    return [text for text in kept if "{" in text or _bound(text, bound)]


def _bound(text: str, variables: set[str]) -> bool:
    return variables.issuperset(_VARIABLE.findall(text))


def _of_result(literal: str, results: Collection[str]) -> bool:
    wrapped = WRAPPED.search(literal)
    if wrapped is not None:
        return wrapped[2] in results
    named = _NAME.match(literal)
    if named is not None:
        return named[1] in results
    return "{" in literal and not _names(literal).isdisjoint(results)


def _literals(body: str) -> list[str]:
    """Return the literals of *body*.

    >>> _literals("a(X, Y), not b; 2 #count { Z : c(Z), d } ; X < Y")
    ['a(X, Y)', 'not b', '2 #count { Z : c(Z), d }', 'X < Y']
    """
    found, depth, start = [], 0, 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[(){},;]', body):
        mark = match.group()
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(mark, 0)
        if mark in ",;" and depth == 0:
            found.append(body[start : match.start()].strip())
            start = match.end()
    found.append(body[start:].strip())
    return [text for text in found if text]


# -- what the two worlds say ---------------------------------------------------------------------


def wrappers(files: Sequence[RuleFile], policy: Policy) -> str:
    """Return the rules that give `first(A)` and `second(A)` for every atom that is read so.

    Raises:
        PolicyError: such an atom is nothing that a world says.
    """
    known = policy.world_predicates | dependents(files, policy.world_predicates)
    rules: set[str] = set()
    for file in files:
        for statement in statements(file.text):
            text = "".join(mark for kind, mark in statement.tokens if kind != "comment")
            for match in WRAPPED.finditer(text):
                name = match[2]
                if name not in known:
                    raise PolicyError(
                        "policy.property",
                        f"`{match[1]}({name}…)` is nothing that a world says",
                        where=f"{file.name}:{statement.line}",
                        hint=nearest(name, sorted(known)),
                    )
                inner = ", ".join(f"X{i}" for i in range(_arity(text, match.end())))
                term, rest = (f"{name}({inner})", f", {inner}") if inner else (name, "")
                number = _WORLDS.index(match[1]) + 1
                rules.add(f"{match[1]}({term}) :- {name}({number}{rest}).")
    return "\n".join(sorted(rules))


def _arity(text: str, at: int) -> int:
    rest = text[at:].lstrip()
    if not rest.startswith("("):
        return 0
    depth, count = 0, 1
    for mark in rest:
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0:
            break
        count += mark == "," and depth == 1
    return count
