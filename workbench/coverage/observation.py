"""What is seen of rules: which fired, which carried a result, which literal held which back.

Each rule gets companions with its own body: one that marks it, and one for each atom that it
rests on, which hands a need down. Clingo grounds them beside the rules and follows the needs;
only the marks come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from clingo import Symbol

from explain.instrument import TracedRule
from explain.misses import without

__all__ = ["LOCAL", "NEED", "Observation", "Place", "marks", "probes"]

MARK, CARRIES, HELD, NEED, ROOT = "_mark", "_carries", "_held", "_need", "_root"
LOCAL = frozenset({MARK, CARRIES, HELD, NEED, ROOT})
"""The predicates of companions: each depends on the case or the world."""

Place = str
"""Where a rule stands: `policies/x/criteria.lp:12`."""

Held = tuple[Place, tuple[int, ...]]
"""A rule and the places of literals in its body."""


class Observation(msgspec.Struct, frozen=True, eq=False):
    """What is seen of the rules of a program, by the numbers of the rows.

    *fired* are the rows in which a rule fired, *held* those in which the literals at some
    places of its body were all that failed, *decisive* those whose result rests on it, or in
    which what it derives alone holds another rule back.
    """

    fired: dict[Place, set[int]] = msgspec.field(default_factory=dict)
    held: dict[Held, set[int]] = msgspec.field(default_factory=dict)
    decisive: dict[Place, set[int]] = msgspec.field(default_factory=dict)

    def take(self, atom: Symbol, rules: Sequence[TracedRule], rows: Sequence[int]) -> None:
        """Take one mark, which says something of *rows*."""
        if atom.name == HELD:
            index, places = atom.arguments[-2:]
            key = rules[index.number].place, tuple(p.number for p in places.arguments)
            self.held.setdefault(key, set()).update(rows)
            return
        place = rules[atom.arguments[-1].number].place
        (self.fired if atom.name == MARK else self.decisive).setdefault(place, set()).update(rows)


_PLAIN = re.compile(r"(?!not )_*[a-z]\w*(\((?:(?!\b_\b).)*\))?")
"""An atom: what stood under `not` and alone held a rule back is needed too."""

ARITIES = {MARK: 1, CARRIES: 1, HELD: 2}


def marks(rules: Sequence[TracedRule], roots: Sequence[str]) -> Iterator[str]:
    """Yield companions that mark which of *rules* fires, and which carries what is needed.

    *roots* are rules that say what is needed, from `_root/1`.
    """
    yield "#defined _mark/1. #defined _carries/1. #defined _need/1. #defined _root/1."
    yield from roots
    for index, rule in enumerate(rules):
        if not rule.body:
            continue
        body = "; ".join(rule.body)
        needed = f"{body}; {NEED}({rule.head})"
        yield f"{MARK}({index}) :- {body}."
        yield f"{CARRIES}({index}) :- {needed}."
        for atom in rule.positives:
            yield f"{NEED}({atom}) :- {needed}."
        for counting in rule.aggregates:
            for _, condition, atoms in counting.elements:
                for atom in atoms:
                    yield f"{NEED}({atom}) :- {needed}; {condition}."


def probes(rules: Sequence[TracedRule], size: int = 1) -> Iterator[str]:
    """Yield companions that tell where *size* literals alone hold one of *rules* back."""
    yield "#defined _held/2."
    for index, rule in enumerate(rules):
        for one in without(rule, size):
            places = "".join(f"{place}," for place in one.places)
            body = "; ".join((*one.kept, *one.fails))
            yield f"{HELD}({index},({places})) :- {body}."
            if size == 1 and _PLAIN.fullmatch(one.fails[0]):
                yield f"{NEED}({one.fails[0]}) :- {body}."
