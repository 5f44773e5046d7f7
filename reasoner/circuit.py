"""The criteria as a circuit: what holds in many worlds at once, without a search.

In the ground criteria of one world each atom is a function of the answers. A whole number is a
row of worlds, one bit each, and *and*, *or* and *not* of such rows work a rule out in all of
them in one step (bit-parallel simulation, as of logic circuits).

The same steps answer a second question for sets of worlds, one bit each: in which of them does
an atom hold in *all* worlds, and in which in *some*? Each row then has two halves, and *not*
swaps them: what is not possible is certain not to be. Backwards through the circuit it is seen
which questions can matter at all; only their answers need to be gone through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import clingo

__all__ = ["Circuit", "GroundRules", "compiled"]

_Rule = tuple[Sequence[int], Sequence[tuple[int, int]], int]
"""A head's body: literals that must all hold, or weighted ones that must add up to a bound."""


class GroundRules(clingo.Observer):
    """Notes the rules of a program while it is grounded."""

    def __init__(self) -> None:
        self.bodies: dict[int, list[_Rule]] = {}
        self.constraints: list[Sequence[int]] = []
        self.chosen: set[int] = set()
        self.is_plain = True

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:  # noqa: FBT001 -- clingo's
        """Take a rule, a choice or a constraint."""
        if choice:
            self.chosen.update(head)
        elif not head:
            self.constraints.append(tuple(body))
        elif len(head) > 1:
            self.is_plain = False
        else:
            self.bodies.setdefault(head[0], []).append((tuple(body), (), 0))

    def weight_rule(
        self,
        choice: bool,  # noqa: FBT001 -- clingo's
        head: Sequence[int],
        lower_bound: int,
        body: Sequence[tuple[int, int]],
    ) -> None:
        """Take a rule whose body is an aggregate."""
        if choice or len(head) != 1:
            self.is_plain = False
        else:
            self.bodies.setdefault(head[0], []).append(((), tuple(body), lower_bound))


_Members = tuple[tuple[int, int], ...]
_Gate = tuple[
    int, int, tuple[int, ...], tuple[tuple[int, ...], ...], tuple[tuple[_Members, int], ...]
]
"""How the row of an atom follows from those below it.

It is the atom's row, that of its opposite (0: nobody asks for it), the rows one of which is
enough, the rows that must hold together, and the weighted rows with the bound to reach.
"""


class Circuit:
    """Gates from the rows of *inputs*, by question and answer, to those of *outputs*."""

    def __init__(
        self,
        gates: Sequence[_Gate],
        rows: Mapping[int, int],
        inputs: Sequence[Sequence[int]],
        opposites: Sequence[tuple[int, int]],
    ) -> None:
        self._gates = gates
        self._backwards = tuple(reversed(gates))
        self.row = rows
        self.inputs = inputs
        self._opposites = opposites
        self.size = 2 + max(rows.values(), default=0)

    def work_out(self, rows: list[int], full: int, opposite: Callable[[int], int]) -> None:
        """Work out the row of every atom from those of the inputs; the others are 0 before."""
        for row, negated in self._opposites:
            rows[negated] = opposite(rows[row])
        for row, negated, singles, conjunctions, counts in self._gates:
            value = 0
            for one in singles:
                value |= rows[one]
            for first, second, *others in conjunctions:
                both = rows[first] & rows[second]
                for one in others:
                    both &= rows[one]
                value |= both
            for members, bound in counts:
                value |= _at_least(rows, members, bound, full)
            rows[row] = value
            if negated:
                rows[negated] = opposite(value)

    def relevant(
        self, certain: Sequence[int], possible: Sequence[int], targets: Mapping[int, int]
    ) -> list[int]:
        """Return for each row in which sets of worlds a target can hang on it.

        *certain* and *possible* are the rows over the sets; *targets* are the rows that are
        asked for, each with the sets in which it is.
        """
        unsettled = [p & ~c for p, c in zip(possible, certain, strict=True)]
        relevant = [0] * self.size
        for row, sets in targets.items():
            relevant[row] = unsettled[row] & sets
        for row, negated, singles, conjunctions, counts in self._backwards:
            here = relevant[row] | relevant[negated]
            if not here:
                continue
            for one in singles:
                relevant[one] |= here & unsettled[one]
            for conjunction in conjunctions:
                live = here
                for one in conjunction:
                    live &= possible[one]
                for one in conjunction if live else ():
                    relevant[one] |= live & unsettled[one]
            for one in {one for members, _ in counts for one, _ in members}:
                relevant[one] |= here & unsettled[one]
        for row, negated in self._opposites:
            relevant[row] |= relevant[negated]
        return relevant


def _at_least(
    rows: Sequence[int], members: Iterable[tuple[int, int]], bound: int, full: int
) -> int:
    """Return the worlds in which the weights of the members that hold add up to *bound*."""
    reached = [full] + [0] * bound
    for row, weight in members:
        worlds = rows[row]
        if worlds:
            for total in range(bound, 0, -1):
                reached[total] |= worlds & reached[max(0, total - weight)]
    return reached[bound]


def compiled(
    rules: GroundRules, inputs: Sequence[Sequence[int]], outputs: Iterable[int]
) -> Circuit | None:
    """Return the circuit of *outputs*, or nothing where the rules do not make one.

    *inputs* are the atoms of each question's answers, exactly one of which holds. The rules
    make none where an atom depends on itself or on another choice, where a weight is negative,
    or where a constraint forbids a combination of answers.
    """
    given = {atom for answers in inputs for atom in answers}
    if not rules.is_plain:
        return None
    try:
        order = _order(rules, given, outputs)
    except CycleError:
        return None
    weighed = [
        w for atom in order for _, members, _ in rules.bodies.get(atom, ()) for _, w in members
    ]
    if any(atom in rules.chosen for atom in order) or any(weight < 0 for weight in weighed):
        return None
    circuit = _wired(rules, inputs, order)
    return circuit if _constrains_nothing(rules, inputs) else None


def _order(rules: GroundRules, given: set[int], wanted: Iterable[int]) -> list[int]:
    """Return the atoms that *wanted* ones depend on, each after those it depends on itself."""
    below: dict[int, set[int]] = {}
    waiting = list(wanted)
    while waiting:
        atom = waiting.pop()
        if atom in below or atom in given:
            continue
        below[atom] = {
            abs(literal)
            for literals, members, _ in rules.bodies.get(atom, ())
            for literal in (*literals, *(literal for literal, _ in members))
        }
        waiting += below[atom]
    return [atom for atom in TopologicalSorter(below).static_order() if atom not in given]


def _wired(rules: GroundRules, inputs: Sequence[Sequence[int]], order: Sequence[int]) -> Circuit:
    """Return the circuit with a row for each atom, and for the opposite of each negated one."""
    literals = {
        literal
        for atom in order
        for body, members, _ in rules.bodies.get(atom, ())
        for literal in (*body, *(literal for literal, _ in members))
    }
    atoms = [atom for answers in inputs for atom in answers] + list(order)
    # Row 0 is nothing: where no opposite is asked for, it stands for it.
    rows = {literal: 1 + n for n, literal in enumerate(atoms)}
    for literal in sorted(literals):
        if literal < 0:
            rows[literal] = 1 + len(rows)
    gates = [_gate(rows, atom, rules.bodies.get(atom, ())) for atom in order]
    answers = [[rows[atom] for atom in group] for group in inputs]
    opposites = [(rows[a], rows[-a]) for group in inputs for a in group if -a in rows]
    return Circuit(gates, rows, answers, opposites)


def _gate(rows: dict[int, int], atom: int, bodies: Iterable[_Rule]) -> _Gate:
    conjunctions = [tuple(rows[x] for x in body) for body, members, _ in bodies if not members]
    always = ((), 0)
    counts = [
        (tuple((rows[x], weight) for x, weight in members), bound)
        for _, members, bound in bodies
        if members
    ]
    return (
        rows[atom],
        rows.get(-atom, 0),
        tuple(body[0] for body in conjunctions if len(body) == 1),
        tuple(body for body in conjunctions if len(body) > 1),
        (*counts, *(always for body in conjunctions if not body)),
    )


def _constrains_nothing(rules: GroundRules, inputs: Sequence[Sequence[int]]) -> bool:
    """Whether the constraints say no more than that each question has one answer.

    A constraint on something that is chosen besides can be met by not choosing it.
    """
    question = {atom: n for n, answers in enumerate(inputs) for atom in answers}
    for constraint in rules.constraints:
        if any(x in rules.chosen and x not in question for x in constraint):
            continue
        atoms = [abs(literal) for literal in constraint]
        try:
            order = _order(rules, set(question), atoms)
        except CycleError:
            return False
        below = {
            abs(x)
            for atom in order
            for b, m, _ in rules.bodies.get(atom, ())
            for x in (*b, *(y for y, _ in m))
        }
        asked = {question[x] for x in {*below, *atoms} if x in question}
        if len(asked) != 1 or any(x in rules.chosen for x in order):
            return False
        answers = [inputs[n] for n in asked]
        circuit = _wired(rules, answers, order)
        full = (1 << len(answers[0])) - 1
        rows = [0] * circuit.size
        for n, row in enumerate(circuit.inputs[0]):
            rows[row] = 1 << n
        circuit.work_out(rows, full, full.__xor__)
        forbidden = full
        for literal in constraint:
            worlds = rows[circuit.row[abs(literal)]]
            forbidden &= worlds if literal > 0 else full ^ worlds
        if forbidden:
            return False
    return True
