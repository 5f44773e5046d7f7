"""A proof as steps inside steps, for a view that can fold them and lead from one to another.

Each node is told once. Where it is met again, the step only leads to where it was told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from explain.core import is_needed, reached
from explain.label import Label, Labels, Link
from explain.node import ClauseNode, QuestionNode
from explain.proof import Proof

__all__ = ["Step", "Steps"]

_ANCHOR = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_FIRST = Link("", (), used=True, aside=False)


class Step(msgspec.Struct):
    """A node as it is reached from the one above.

    *anchor* is where it is told; *again* if that is elsewhere. *below* is what it rests on,
    *beside* what stands there too without carrying the recommendation.
    """

    anchor: str
    label: Label
    link: Link
    again: bool = False
    below: list[Step] = msgspec.field(default_factory=list)
    beside: list[Step] = msgspec.field(default_factory=list)


class Steps:
    """Tells the steps of one proof, each once.

    Where *put_off* is a table, what is missing and carries nothing is put there, by the key of
    what reads it, to be told elsewhere.
    """

    def __init__(self, proof: Proof, labels: Labels) -> None:
        self.graph = proof.graph
        self.labels = labels
        self.anchors = _anchors(proof)
        self.told: set[str] = set()
        self.put_off: dict[str, list[str]] | None = None

    def tell(self, key: str, link: Link = _FIRST) -> Step:
        """Return the step at *key*, with all below it that was not told before."""
        label = self.labels.at(key)
        step = Step(self.anchors[key], label, link, again=key in self.told)
        if not step.again:
            self.told.add(key)
            self.fill(step, key, self.graph[key])
        return step

    def fill(self, step: Step, key: str, below: Iterable[str]) -> None:
        """Tell the nodes *below* the node *key* as steps below *step*."""
        for target in below:
            needed = is_needed(self.graph, key, target)
            if self.put_off is not None and not needed and self._is_unsettled(target):
                self.put_off.setdefault(key, []).append(target)
                continue
            told = self.tell(target, self.labels.link(self.graph.edges[key, target]))
            (step.below if needed else step.beside).append(told)

    def _is_unsettled(self, key: str) -> bool:
        node = self.graph.nodes[key]["node"]
        return isinstance(node, QuestionNode) and node.state in ("open", "assumed")


def _anchors(proof: Proof) -> dict[str, str]:
    """Return a name in the page for each node: a clause's own, where it can be one."""
    anchors: dict[str, str] = {}
    for index, key in enumerate(reached(proof)):
        node = proof.graph.nodes[key]["node"]
        own = node.id if isinstance(node, ClauseNode) else ""
        # A number keeps apart what a policy calls like a part of the page.
        usable = "." in own and _ANCHOR.fullmatch(own) and own not in anchors.values()
        anchors[key] = own if usable else f"n{index}"
    return anchors
