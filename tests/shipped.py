"""The reasoner over the shipped rules, made once for each process of the tests."""

from functools import cache

from reasoner.engine import Reasoner
from reasoner.policy import load_policy, rules_folder
from reasoner.terminology import load

__all__ = ["the_reasoner"]


@cache
def the_reasoner() -> Reasoner:
    """Return the reasoner of the shipped policy."""
    rules = rules_folder()
    return Reasoner(load_policy(rules), load(rules / "terminology"), version="0")
