"""Answers that no record supports: no rule of the evidence has them in its head."""

from __future__ import annotations

from collections.abc import Iterator

from clingo import Symbol

from reasoner.check.program import programs
from reasoner.check.term import of_symbol, unify
from reasoner.engine import Reasoner
from workbench.structure.finding import Finding
from workbench.witness import presumed

__all__ = ["unsupported_answers"]

_SUPPORTS = ("supports", 3)


def unsupported_answers(reasoner: Reasoner) -> Iterator[Finding]:
    """Yield each question, or each answer, that only a direct answer can give."""
    heads = [
        head.term.arguments[:2]
        for head in programs(reasoner.policy).evidence.heads[_SUPPORTS]
        if not head.where.startswith("core/")
    ]
    worlds = reasoner.worlds
    silent = presumed(reasoner)
    families: dict[str, list[tuple[Symbol, list[Symbol]]]] = {}
    for question in sorted(worlds.answers, key=worlds.position):
        if question.name == "reading":
            continue
        missing = [
            answer
            for answer in worlds.answers[question]
            if worlds.usual.get(question) != answer
            and silent.get(question) != answer
            and not any(unify(head, (of_symbol(question), of_symbol(answer))) for head in heads)
        ]
        name = worlds.families.get(question, str(question))
        families.setdefault(name, []).append((question, missing))
    for name, members in families.items():
        short = [(question, missing) for question, missing in members if missing]
        if not short:
            continue
        whole = len(short) == len(members)
        about = f"{name}(_)" if whole and len(members) > 1 else ", ".join(str(q) for q, _ in short)
        answers = sorted({answer for _, missing in short for answer in missing})
        every = all(set(missing) == set(worlds.answers[question]) for question, missing in short)
        said = "any answer" if every else " or ".join(map(str, answers))
        yield Finding(
            "answer_unsupported",
            about,
            f"no record supports {said} to {about}: only a direct answer gives it",
            proved=False,
        )
