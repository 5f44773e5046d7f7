"""Where an answer was looked for: which sections of a case the rules of a question read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from clingo import Symbol

from explain.rules import Rule, read_rules
from reasoner.policy import Policy

__all__ = ["looked_in"]

# The vocabulary of a case (core/case.lp) and the sections that it comes from.
_SECTIONS = {
    "condition": "conditions",
    "therapy": "therapies",
    "observation": "observations",
    "dose": "doses",
    "allergy": "allergies",
    "plan": "request",
    "planned": "request",
    "course": "request",
    "amount": "request",
    "birth": "member",
    "answered": "answers",
}
_ORDER = (
    "request",
    "member",
    "conditions",
    "therapies",
    "observations",
    "doses",
    "allergies",
    "answers",
)
_NAME = re.compile(r"\b([a-z]\w*)\b(?=\s*[(,;.)]|\s*$)")


@lru_cache(maxsize=256)
def looked_in(policy: Policy, question: Symbol) -> tuple[str, ...]:
    """Return the sections of a case in which the answer to *question* may stand.

    Followed from the rules that support an answer; what the core says of every record (that
    it is usable, say) names every section and is not followed.
    """
    defined = _defined(policy)
    start = [rule for rule in defined.get("supports", ()) if _about(rule, question)]
    found, seen, queue = {"answers"}, set[str](), [*start]
    while queue:
        rule = queue.pop()
        for name in _names(rule.body):
            if name in _SECTIONS:
                found.add(_SECTIONS[name])
            elif name not in seen and name not in ("supports", "doubt"):
                seen.add(name)
                queue += defined.get(name, [])
    return tuple(section for section in _ORDER if section in found)


@lru_cache(maxsize=4)
def _defined(policy: Policy) -> dict[str, list[Rule]]:
    """Return the rules of the evidence that are not the core's, by what they derive."""
    found: dict[str, list[Rule]] = {}
    for file in policy.evidence:
        if not file.name.startswith("core/"):
            for rule in read_rules(file):
                found.setdefault(rule.name, []).append(rule)
    return found


def _about(rule: Rule, question: Symbol) -> bool:
    argument = rule.head.replace(" ", "").removeprefix("supports(")
    if not argument.startswith(question.name):
        return False
    rest = argument[len(question.name) :]
    if not question.arguments:
        return rest.startswith(",")
    inner = rest.partition(")")[0].removeprefix("(")
    return rest.startswith("(") and (inner[:1].isupper() or inner == str(question.arguments[0]))


def _names(body: str) -> Iterable[str]:
    return _NAME.findall(re.sub(r'"[^"]*"', "", body))
