"""Whether the claims of a proof follow from its contexts, and the decision from its claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reasoner.certificate.contexts import Checked
from reasoner.certificate.evidence import Left, Worlds
from reasoner.certificate.faults import Faults, read_atom, shown
from reasoner.certificate.format import Claim, Differ, Leaf, Proof, Tree
from reasoner.certificate.setting import Setting
from reasoner.certificate.store import AtomTerm
from reasoner.certificate.term import Term, TermError, read_term
from reasoner.policy import Policy

__all__ = ["MOST_LEAVES", "check_claims"]

MOST_LEAVES = 32
"""A tree of more is no proof that a person can follow."""

_GIVING = ("approve", "partial")


def check_claims(
    proof: Proof,
    contexts: Mapping[str, Checked],
    left: Left,
    setting: Setting,
    policy: Policy,
    faults: Faults,
) -> None:
    """Check every claim, and that together they are the decision."""
    checker = _Checker(contexts, left, setting, faults)
    checker.result(proof)
    checker.statuses(proof, policy)
    checker.grounds(proof, policy)
    for name in sorted(contexts.keys() - checker.used):
        faults.add(f"contexts {shown(name)}", "no claim uses it")


class _Checker:
    def __init__(
        self, contexts: Mapping[str, Checked], left: Left, setting: Setting, faults: Faults
    ) -> None:
        self.contexts = contexts
        self.left = left
        self.setting = setting
        self.faults = faults
        self.used: set[str] = set()

    # -- what a claim says ------------------------------------------------------------------------

    def worlds(self, claim: Claim | Differ) -> Worlds:
        """Return the worlds that *claim* is about."""
        return self.left.inside if claim.worlds == "inside" else self.left.freed

    def leaves(self, claim: Claim, where: str) -> list[Checked]:
        """Return the contexts of a claim's tree, which must cover all worlds of it."""
        found: list[Checked] = []
        for name, worlds in self._leaves(claim.tree, dict(self.worlds(claim)), where, 0):
            if len(found) == MOST_LEAVES:
                self.faults.add(where, f"its tree has more than {MOST_LEAVES} leaves")
                break
            context = self.contexts.get(name)
            if context is None:
                self.faults.add(where, f"there is no context {shown(name)}")
                continue
            self.used.add(name)
            narrow = [q for q, answers in worlds.items() if not context.allowed[q] >= answers]
            if narrow:
                self.faults.add(where, f"the context {shown(name)} leaves out worlds of its branch")
            found.append(context)
        return found

    def _leaves(
        self, tree: Tree, worlds: dict[Term, frozenset[Term]], where: str, depth: int
    ) -> Iterator[tuple[str, Worlds]]:
        if isinstance(tree, Leaf):
            yield tree.context, worlds
            return
        question = _term(tree.question)
        if depth >= MOST_LEAVES or question is None or question not in worlds:
            self.faults.add(where, f"it splits {shown(tree.question)}, which it cannot")
            return
        branches = {_term(text): branch for text, branch in tree.branches.items()}
        if branches.keys() != worlds[question] or len(branches) != len(tree.branches):
            self.faults.add(
                where, f"the branches of {shown(tree.question)} are not the answers that are left"
            )
            return
        for answer, branch in branches.items():
            assert answer is not None  # noqa: S101 -- it is one of the answers that are left
            narrowed = {**worlds, question: frozenset({answer})}
            yield from self._leaves(branch, narrowed, where, depth + 1)

    def holds(self, claim: Claim, where: str) -> list[Checked]:
        """Check that the atom of *claim* is certain in every leaf; return the leaves."""
        leaves = self.leaves(claim, where)
        atom = read_atom(claim.atom)
        if any(atom not in context.certain for context in leaves):
            self.faults.add(where, f"{shown(claim.atom)} is not certain in every leaf")
        return leaves

    def differ(self, claim: Differ, where: str) -> list[tuple[AtomTerm, Checked]]:
        """Check that two worlds have one atom each, and not the other's; return them."""
        found: list[tuple[AtomTerm, Checked]] = []
        for text, name in zip(claim.atoms, claim.contexts, strict=True):
            atom, context = read_atom(text), self.contexts.get(name)
            if atom is None or context is None:
                self.faults.add(where, f"there is no atom {shown(text)} or context {shown(name)}")
                return []
            self.used.add(name)
            for question, answers in self.worlds(claim).items():
                allowed = context.allowed[question]
                if len(allowed) != 1 or not allowed <= answers:
                    self.faults.add(where, f"the context {shown(name)} is not one of its worlds")
                    break
            if atom not in context.certain:
                self.faults.add(where, f"{shown(text)} is not certain in {shown(name)}")
            found.append((atom, context))
        if any(
            atom in context.possible
            for (atom, _), (_, context) in zip(found, reversed(found), strict=True)
        ):
            self.faults.add(where, "its two worlds do not differ")
        return found

    # -- what the decision says -------------------------------------------------------------------

    def result(self, proof: Proof) -> None:
        """Check that *result* is the recommendation, by the one rule of certainty."""
        claim, faults = proof.result, self.faults
        approved: int | tuple[int, int] | None = None
        if isinstance(claim, Claim):
            self.holds(claim, "result")
            result = _result(read_atom(claim.atom))
            if result is None or result[0] != proof.recommendation:
                faults.add("result", f"{shown(claim.atom)} is not `{proof.recommendation}`")
            elif result[0] in _GIVING:
                approved = result[1]
            if claim.worlds != ("freed" if proof.recommendation == "deny" else "inside"):
                faults.add("result", f"a claim over the worlds `{claim.worlds}` is none of it")
        else:
            if proof.recommendation != "pend":
                faults.add("result", f"worlds that differ are not `{proof.recommendation}`")
            self._pends(claim)
        if proof.approved != approved or isinstance(proof.approved, bool):
            told = "null" if approved is None else str(approved)
            faults.add("approved", f"it is {told}, as the result has it")

    def _pends(self, claim: Differ) -> None:
        """Check that two worlds keep the result from being certain.

        Where presumptions are freed, only a denial fails to be certain: one of the worlds with
        presumptions in force denies, and a world without them does not.
        """
        found = self.differ(claim, "result")
        results = [_result(atom) for atom, _ in found]
        if None in results:
            self.faults.add("result", "what differs is no result")
        elif found and claim.worlds == "freed":
            denying = [
                context
                for (_, context), result in zip(found, results, strict=True)
                if result is not None and result[0] == "deny"
            ]
            if len(denying) != 1:
                self.faults.add("result", "one of its worlds denies, and the other does not")
            elif any(
                not denying[0].allowed[question] <= answers
                for question, answers in self.left.inside.items()
            ):
                self.faults.add("result", "with presumptions in force there is no such denial")

    def statuses(self, proof: Proof, policy: Policy) -> None:
        """Check the status of every clause, in the document's order."""
        ids = [clause.id for clause in policy.identity.clauses]
        if [*proof.statuses] != ids:
            self.faults.add("statuses", "they are not the clauses of the policy in their order")
        for name, claim in proof.statuses.items():
            where = f"statuses {shown(name)}"
            clause = self.setting.clauses.get(name)
            if isinstance(claim, Claim):
                self.holds(claim, where)
                atoms = [read_atom(claim.atom)]
            else:
                self.differ(claim, where)
                atoms = [read_atom(text) for text in claim.atoms]
            if not all(_is_status(atom, clause) for atom in atoms):
                self.faults.add(where, "it claims no status of the clause")
            if claim.worlds != "inside":
                self.faults.add(where, "a status is one with presumptions in force")

    def grounds(self, proof: Proof, policy: Policy) -> None:
        """Check that the grounds are the clauses that block in every world."""
        faults = self.faults
        if proof.recommendation != "deny":
            limits = tuple(c.id for c in policy.identity.clauses if c.kind == "limit")
            if proof.grounds != (limits if proof.recommendation == "partial" else ()):
                faults.add("grounds", "they are not those of such a recommendation")
            if proof.blocking or proof.spared:
                faults.add("blocking", "only a denial has what blocks, and what does not")
            return
        if not proof.grounds or len(proof.grounds) != len(proof.blocking):
            faults.add("grounds", "each has one claim, and there is at least one")
            return
        places = {clause.id: place for place, clause in enumerate(policy.identity.clauses)}
        groups = [(one,) if isinstance(one, str) else one for one in proof.grounds]
        order = [[places.get(name, -1) for name in group] for group in groups]
        named = [place for group in order for place in group]
        if (
            any(group != sorted(group) for group in order)
            or [group[:1] for group in order] != sorted(group[:1] for group in order)
            or len(set(named)) != len(named)
            or -1 in named
            or any(
                len(group) == 1 and not isinstance(one, str)
                for one, group in zip(proof.grounds, groups, strict=True)
            )
        ):
            faults.add("grounds", "they are not clauses of the policy in their order, each once")
            return
        for number, (group, claim) in enumerate(zip(groups, proof.blocking, strict=True)):
            self._blocks(group, claim, f"blocking {number}")
        single = {group[0] for group in groups if len(group) == 1}
        self._complete(proof.spared, single, several=len(single) < len(groups))

    def _blocks(self, group: Sequence[str], claim: Claim, where: str) -> list[Checked]:
        """Check that in every leaf of *claim* one of the clauses of *group* blocks."""
        atoms = [("blocks", self.setting.clauses[name]) for name in group]
        if [read_atom(text) for text in claim.atom.split(" | ")] != atoms:
            self.faults.add(where, f"{shown(claim.atom)} is not what the ground says")
        if claim.worlds != "freed":
            self.faults.add(where, "what blocks does so without presumptions")
        leaves = self.leaves(claim, where)
        if not all(any(atom in leaf.certain for atom in atoms) for leaf in leaves):
            self.faults.add(where, "there is a leaf in which none of it blocks")
        for name in group if len(group) > 1 else ():
            rest = [("blocks", self.setting.clauses[other]) for other in group if other != name]
            if all(any(atom in leaf.certain for atom in rest) for leaf in leaves):
                self.faults.add(where, f"it needs no {shown(name)}")
        return leaves

    def _complete(self, spared: Sequence[str], single: set[str], *, several: bool) -> None:
        """Check that no other clause blocks in every world, nor one of several others.

        Each of the others must be seen not to block, in a world of its own or, where no ground
        is one of *several* clauses, in one world all of them: a set of worlds that is wider
        than that of the denial would hide what blocks in it.
        """
        faults = self.faults
        others = {name for name in self.setting.clauses if name not in single}
        missing, together = set(others), False
        for name in spared:
            where = f"spared {shown(name)}"
            context = self.contexts.get(name)
            if context is None:
                faults.add(where, "there is no such context")
                continue
            self.used.add(name)
            if any(
                len(context.allowed[question]) != 1 or not context.allowed[question] <= answers
                for question, answers in self.left.freed.items()
            ):
                faults.add(where, "it is not one of the worlds without presumptions")
                continue
            free = {
                one
                for one in others
                if ("blocks", self.setting.clauses[one]) not in context.possible
            }
            if missing.isdisjoint(free):
                faults.add(where, "it shows nothing that the others do not")
            missing -= free
            together = together or free == others
        for name in sorted(missing):
            faults.add("grounds", f"{shown(name)} is not seen to spare a world, and is no ground")
        if others and not missing and not several and not together:
            faults.add("grounds", "no world is seen that all of the other clauses spare")


def _term(text: str) -> Term | None:
    try:
        return read_term(text)
    except TermError:
        return None


def _result(atom: AtomTerm | None) -> tuple[str, int | tuple[int, int]] | None:
    match atom:
        case ("result", (str() as recommendation,), int() as quantity):
            return recommendation, quantity
        case ("result", (str() as recommendation,), ("", int() as quantity, int() as months)):
            return recommendation, (quantity, months)
    return None


def _is_status(atom: AtomTerm | None, clause: Term | None) -> bool:
    match atom:
        case ("status", named, (str(),)):
            return bool(named == clause)
    return False
