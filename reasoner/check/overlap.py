"""Rules that say what another rule says: alike up to names and order, or less general.

A rule *subsumes* another where some values of its variables make its head the same and each
literal of its body one of the other's body (theta-subsumption): whatever the other derives,
it derives already.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from reasoner.check.finding import Finding, warning
from reasoner.check.program import Programs
from reasoner.check.shape import VARIABLE, Clause, Tree, clauses
from reasoner.check.source import Signature, Source, Statement, remembered

__all__ = ["check", "subsumes"]

Bindings = dict[str, Tree]
_SIGNS = ("", "not", "not not")


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every rule that another one makes superfluous."""
    seen: set[tuple[str, str]] = set()
    for program in programs.both:
        groups: dict[Signature, list[tuple[Statement, Clause]]] = {}
        for source in program.sources:
            for statement, clause in _clauses(source):
                groups.setdefault(statement.heads[0].signature, []).append((statement, clause))
        for group in groups.values():
            yield from _group(group, seen)


@remembered
def _clauses(source: Source) -> tuple[tuple[Statement, Clause], ...]:
    return tuple((s, clause) for s in source.statements for clause in clauses(s))


def _group(group: list[tuple[Statement, Clause]], seen: set[tuple[str, str]]) -> Iterator[Finding]:
    for (one, general), (other, special) in permutations(group, 2):
        if one is other or not subsumes(general, special):
            continue
        alike = subsumes(special, general)
        if alike and (one.file, one.line) > (other.file, other.line):
            continue  # the later of the two is the one too many
        if (one.where, other.where) in seen:
            continue
        seen.add((one.where, other.where))
        name = other.heads[0].term.name
        if alike:
            yield warning(
                "rule.twice",
                f"this rule of `{name}` says what {one.file}:{one.line} says",
                other.where,
                "keep one of them",
            )
        else:
            yield warning(
                "rule.subsumed",
                f"this rule of `{name}` derives nothing that {one.file}:{one.line} does not derive",
                other.where,
                "remove it, or take from the more general rule what it should not say",
            )


def subsumes(general: Clause, special: Clause) -> bool:
    """Whether *general* derives whatever *special* derives, as far as their literals show."""
    bindings = _match(general.head, special.head, {})
    if bindings is None or not general.skeletons <= special.skeletons:
        return False
    # Aggregates last: by then it is known what their variables stand for.
    body = tuple(sorted(general.body, key=lambda literal: literal[1] == "aggregate"))
    return _covers(body, special.body, bindings)


def _covers(left: tuple[Tree, ...], special: tuple[Tree, ...], bindings: Bindings) -> bool:
    if not left:
        return True
    for literal in special:
        found = _literal(left[0], literal, bindings)
        if any(_covers(left[1:], special, one) for one in found):
            return True
    return False


def _literal(general: Tree, special: Tree, bindings: Bindings) -> Iterator[Bindings]:
    found = _match(general, special, bindings)
    if found is not None:
        yield found
    sign, kind, *rest = general
    if kind == "compare" and rest[0] in ("Equal", "NotEqual"):
        found = _match((sign, kind, rest[0], rest[2], rest[1]), special, bindings)
        if found is not None:
            yield found


def _match(general: Tree, special: Tree, bindings: Bindings) -> Bindings | None:
    """Return *bindings* with what makes *general* be *special*; nothing if nothing does."""
    if general[0] == VARIABLE:
        known = bindings.get(general[1])
        if known is None:
            return {**bindings, general[1]: special}
        return bindings if known == special else None
    if general[0] in _SIGNS and general[1] == "aggregate":
        return _aggregate(general, special, bindings)
    if len(general) != len(special):
        return None
    for one, other in zip(general, special, strict=True):
        if isinstance(one, tuple) and isinstance(other, tuple):
            found = _match(one, other, bindings)
            if found is None:
                return None
            bindings = found
        elif one != other:
            return None
    return bindings


def _aggregate(general: Tree, special: Tree, bindings: Bindings) -> Bindings | None:
    """Match aggregates as wholes: what is counted in one is what is counted in the other."""
    if len(general) != len(special) or general[:3] != special[:3]:
        return None
    found: Bindings | None = bindings
    for one, other in zip(general[3:], special[3:], strict=True):
        found = _match(one, other, found) if found is not None else None
    if found is None:
        return None
    # A variable of its own may have another name, but stays one variable.
    new = {name: tree for name, tree in found.items() if name not in bindings}
    images = list(new.values())
    if any(tree[0] != VARIABLE for tree in images) or len(set(images)) != len(images):
        return None
    return found
