"""What is told of a row that came out otherwise: the difference, the rules, the proof."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from reasoner.check import Finding
from reasoner.decision import Decision
from reasoner.engine import Reasoner, decision_day
from reasoner.errors import ReasonerError
from workbench.suite.judgement import Difference
from workbench.suite.row import Row

__all__ = ["replay", "summary", "told", "told_of_findings"]

MOST_PROOFS, MOST_LINES = 3, 24
"""So many clauses are explained, in so many lines each: the rest is asked for by itself."""


def summary(differences: Sequence[Difference]) -> str:
    """Return the first difference on one line."""
    first = differences[0]
    what = "" if first.what == "recommendation" else f"{first.what}: "
    return f"{what}expected {first.expected}, got {first.got}"


def told_of_findings(findings: Sequence[Finding]) -> str:
    """Return why the policy is refused, finding by finding."""
    lines = ["decide refuses this policy; the rows below are decided by what is left of it"]
    for one in findings:
        lines += [f"{one.where}  {one.message}", *([f"  hint: {one.hint}"] if one.hint else [])]
    return "\n".join(lines)


def replay(item: str) -> str:
    """Return the command that runs the *item* of pytest again."""
    return f"reasoner test {shlex.quote(item)}"


def told(
    row: Row,
    reasoner: Reasoner,
    decision: Decision,
    differences: Sequence[Difference],
    item: str,
    *,
    proofs: bool = True,
) -> str:
    """Return what a reader needs to find the fault; *item* is the row to pytest.

    *proofs* are most of what it costs.
    """
    place = f"{item.partition('::')[0]}:{row.line}"
    lines = [f"{place}  {row.name}" + (f"  ({row.origin})" if row.origin else "")]
    for one in differences:
        lines.append(f"{one.what}")
        lines.append(f"  expected  {one.expected}")
        lines.append(f"  got       {one.got}")
    if decision.recommendation != "pend" and not _is_about_result(differences):
        lines.append(f"recommended  {decision.recommendation}")
    concerns = list(dict.fromkeys(name for one in differences for name in one.concerns))
    clauses = {clause.id: clause for clause in reasoner.policy.identity.clauses}
    for name in concerns:
        if name in clauses:
            lines.append(f"rules of {name}")
            lines += [f"  {place}  {rule}" for place, rule in _rules(reasoner, name)]
    for proof in _proofs(row, reasoner, concerns[:MOST_PROOFS]) if proofs else ():
        lines.append("because")
        lines += [f"  {line}" for line in proof]
    lines.append(f"again: {replay(item)}")
    return "\n".join(lines)


def _is_about_result(differences: Sequence[Difference]) -> bool:
    return any(one.what == "recommendation" for one in differences)


def _rules(reasoner: Reasoner, name: str) -> Iterator[tuple[str, str]]:
    """Yield the rules that define a clause, each with its place."""
    from explain.rules import defining, read_rules

    (clause,) = (one for one in reasoner.policy.identity.clauses if one.id == name)
    rules = [rule for file in reasoner.policy.criteria for rule in read_rules(file)]
    for rule in defining(rules, clause.symbol, clause.kind):
        yield rule.place, f"{rule.head} :- {rule.body}." if rule.body else f"{rule.head}."


def _proofs(row: Row, reasoner: Reasoner, concerns: Sequence[str]) -> Iterator[list[str]]:
    """Yield the proof of each clause or question that *concerns* the row, as a tree."""
    from explain.proof import prove
    from explain.tree import tree
    from explain.why_not import why_not

    day = row.decided_on or decision_day(row.case)
    examination = reasoner.examine(row.case, readings=row.readings, decided_on=row.decided_on)
    proof = prove(reasoner, examination, day)
    for name in concerns:
        try:
            found = why_not(reasoner, examination, proof, day, name)
        except ReasonerError:
            continue  # a family that nobody asks about has no proof of its own
        lines = [f"{lead}{text}" for lead, _, text in tree(found, {}, {}, unicode=True)]
        more = len(lines) - MOST_LINES
        yield [*lines[:MOST_LINES], f"… {more} more lines"] if more > 0 else lines
