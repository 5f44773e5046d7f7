"""What the build of a policy shows without a case: clauses, rules and questions without effect.

Whatever is said here of worlds is proved over all of them. What is said of records is read off
the rules: an answer is unsupported where no rule has it in its head.
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.engine import Reasoner
from workbench.structure.clauses import clauses_without_effect
from workbench.structure.definitions import excluded_definitions
from workbench.structure.effects import Effects
from workbench.structure.finding import Finding
from workbench.structure.rules import questions_without_effect, rules_without_effect
from workbench.structure.support import unsupported_answers

__all__ = ["Finding", "structure"]


def structure(reasoner: Reasoner) -> Iterator[Finding]:
    """Yield what is noteworthy of the policy, kind by kind.

    Raises:
        PolicyError: the rules cannot be read or grounded.
    """
    effects = Effects(reasoner)
    yield from clauses_without_effect(reasoner, effects)
    yield from excluded_definitions(reasoner, effects)
    yield from rules_without_effect(effects)
    yield from questions_without_effect(reasoner, effects)
    yield from unsupported_answers(reasoner)
