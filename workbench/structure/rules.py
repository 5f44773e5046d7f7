"""Rules and questions without effect: left out or answered otherwise, nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

from clingo import Symbol

from reasoner.engine import Reasoner
from workbench.structure.effects import Effects
from workbench.structure.finding import Finding

__all__ = ["questions_without_effect", "rules_without_effect"]


def rules_without_effect(effects: Effects) -> Iterator[Finding]:
    """Yield each rule of the criteria that can be left out without a change in any world."""
    for number, rule in enumerate(effects.rules):
        said = f"the rule of `{rule.head}`"
        if not effects.fires(number):
            text = f"{said} fires in no world"
            yield Finding("rule_never_fires", rule.head, text, (rule.place,))
        elif not effects.matters(number):
            text = f"{said} can be left out: no world shows anything else without it"
            yield Finding("rule_without_effect", rule.head, text, (rule.place,))


def questions_without_effect(reasoner: Reasoner, effects: Effects) -> Iterator[Finding]:
    """Yield each question whose answer changes nothing; a family as one, where none of it does."""
    families = reasoner.worlds.families
    idle: dict[str, list[Symbol]] = {}
    every: dict[str, int] = {}
    for question in effects.criteria.questions:
        name = families.get(question, str(question))
        if question.name == "reading":
            name = str(question)  # each reading is a question of its own
            if question.arguments[0].name in reasoner.evidence.read_here:
                continue
        every[name] = every.get(name, 0) + 1
        if not effects.reads(question):
            idle.setdefault(name, []).append(question)
    for name, questions in idle.items():
        members = ", ".join(map(str, questions))
        about = name if len(questions) == every[name] else members
        text = f"no answer to {about} changes what any world shows"
        yield Finding("question_without_effect", about, text)
