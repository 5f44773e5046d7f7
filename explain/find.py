"""What a reader calls the parts of a proof."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

from explain.node import QuestionNode, ResultNode
from explain.proof import Proof
from reasoner.errors import UsageError, nearest
from reasoner.facts import question_symbol
from reasoner.model import Recommendation

__all__ = ["find"]


def find(proof: Proof, what: str) -> str:
    """Return the key of the node that a reader calls *what*.

    That is a clause, a question, an answer that holds (`hiv=negative`) or the recommendation.

    Raises:
        UsageError: the proof has nothing of that name, or it is not so.
    """
    name, equals, value = what.replace(" ", "").partition("=")
    result: ResultNode = proof.graph.nodes[proof.root]["node"]
    if name in ("result", "recommendation", result.recommendation) and not equals:
        return proof.root
    if name in get_args(Recommendation):
        raise _not_so(f"the recommendation is not {name}")
    key = _named(proof, name, what)
    node = proof.graph.nodes[key]["node"]
    if equals and not (
        isinstance(node, QuestionNode) and tuple(map(str, node.answers)) == (value,)
    ):
        raise _not_so(f"`{name}` is not certainly {value}")
    return key


def _not_so(message: str) -> UsageError:
    return UsageError("usage.what", message, hint="`reasoner why-not` says why not")


def _named(proof: Proof, name: str, what: str) -> str:
    with suppress(UsageError):  # a family asked for as a whole has a question of its own
        name = str(question_symbol(name))
    names: dict[str, str] = {
        key.partition(":")[2]: key
        for key in proof.graph
        if key.startswith(("clause:", "question:", "reading:"))
    }
    lowered = {one.casefold(): key for one, key in names.items()}
    if name.casefold() in lowered:
        return names.get(name, lowered[name.casefold()])
    raise UsageError(
        "usage.what",
        f"the proof has no clause and no question `{what}`",
        hint=nearest(name, list(names)) or f"one of {', '.join(names)}",
    )
