"""`policies`, `policy show`, `policy questions`: what is there, clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.completion import policy_ids
from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

if TYPE_CHECKING:
    from reasoner.cli.screen import Screen

__all__ = ["PolicyId", "policies", "questions", "show"]

PolicyId = Annotated[
    str | None,
    typer.Argument(metavar="[ID]", help="The id of the policy.", autocompletion=policy_ids),
]


@shared(case=False)
def policies(options: Options) -> int:
    """List the policies."""
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from reasoner.policy import list_policies, load_policy

    rules = rules_of(options)
    found = [load_policy(rules, name).identity for name in list_policies(rules)]
    screen = Screen.out(color=options.color)
    rows = [
        {
            "id": one.id,
            "number": one.number,
            "version": one.version,
            "title": one.title,
            "document": one.document,
            "effective_from": one.effective_from,
            "effective_to": one.effective_to,
            "clauses": len(one.clauses),
        }
        for one in found
    ]
    if options.json:
        _data(screen, rows)
        return ANSWERED
    for row in rows:
        text = f"{row['id']}  version {row['version']}  {row['title']}"
        screen.line(f"{text}, {row['clauses']} clauses")
    return ANSWERED


@shared(case=False)
def show(options: Options, policy_id: PolicyId = None) -> int:
    """Show the clauses in the document's order, each beside its rules."""
    from explain.rules import defining, read_rules
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of
    from reasoner.policy import load_policy

    policy = load_policy(rules_of(options), policy_id)
    identity = policy.identity
    rules = [rule for file in policy.criteria for rule in read_rules(file)]
    clauses = [(clause, defining(rules, clause.symbol, clause.kind)) for clause in identity.clauses]
    screen = Screen.out(color=options.color)
    if options.json:
        rows = [
            {
                "id": clause.id,
                "kind": clause.kind,
                "locator": clause.locator,
                "text": clause.text,
                "rules": [
                    {
                        "where": rule.place,
                        "rule": _code(rule.head, rule.body),
                        "says": rule.sentence,
                    }
                    for rule in found
                ],
            }
            for clause, found in clauses
        ]
        _data(
            screen,
            {
                "id": identity.id,
                "version": identity.version,
                "digest": policy.digest,
                "clauses": rows,
            },
        )
        return ANSWERED
    screen.line(f"{identity.number}  {identity.title}", tone="head")
    screen.line(f"{identity.id} version {identity.version}, {policy.digest}", tone="faint")
    for clause, found in clauses:
        screen.heading(f"{clause.id}  {clause.kind}  {clause.locator}")
        screen.line(clause.text, indent=2)
        for rule in found:
            screen.line(f"{rule.place}  {rule.sentence}".rstrip(), indent=4)
            screen.line(_code(rule.head, rule.body), indent=6, tone="faint")
    return ANSWERED


def _code(head: str, body: str) -> str:
    return f"{head} :- {body}." if body else f"{head}."


@shared(case=False)
def questions(options: Options, policy_id: PolicyId = None) -> int:
    """Show the questionnaire: what is asked, what may be answered, what is presumed."""
    from explain.questionnaire import questionnaire
    from reasoner.cli.decision_text import answer_text
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_reasoner

    reasoner = open_reasoner(options, policy_id)
    rows = questionnaire(reasoner)
    screen = Screen.out(color=options.color)
    if options.json:
        _data(screen, rows)
        return ANSWERED
    for row in rows:
        screen.line(f"{row.id}  {row.text}", tone="head")
        screen.line(f"answers: {', '.join(answer_text(a) for a in row.answers)}", indent=4)
        if row.presumed is not None:
            screen.line(f"presumed where no record speaks: {answer_text(row.presumed)}", indent=4)
        if row.can:
            screen.line(f"can still happen to it: {', '.join(row.can)}", indent=4)
        if row.members:
            screen.line(f"asked of: {', '.join(row.members)}", indent=4)
    return ANSWERED


def _data(screen: Screen, value: Any) -> None:  # noqa: ANN401 - anything that JSON can hold
    import msgspec

    screen.data(msgspec.json.format(msgspec.json.encode(value), indent=2))
