"""The decisive core of a proof: what the recommendation rests on, and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx

from explain.node import BLOCKING, ClauseNode, QuestionNode, ResultNode
from explain.proof import Proof

__all__ = ["core", "is_needed", "reached"]


def is_needed(graph: nx.DiGraph[str], above: str, below: str) -> bool:
    """Whether the step from *above* to *below* carries the recommendation."""
    upper, lower = graph.nodes[above]["node"], graph.nodes[below]["node"]
    if isinstance(upper, ResultNode):
        match lower:
            case ClauseNode():
                return lower.decisive
            case QuestionNode():
                return (
                    lower.decisive
                    or lower.state in ("open", "disputed")
                    or any(
                        (lower.id, a) in one
                        for one in upper.reasons
                        for a in map(str, lower.answers)
                    )
                )
    if isinstance(upper, ClauseNode) and isinstance(lower, QuestionNode):
        # A denial holds whatever silence may hide: nothing that is missing blocks on its own.
        denied = graph.nodes["result"]["node"].recommendation == "deny"
        if denied and upper.status in BLOCKING and _is_silent(graph, below, lower):
            return False
    return not graph.edges[above, below].get("aside", False)


def _is_silent(graph: nx.DiGraph[str], key: str, question: QuestionNode) -> bool:
    """Whether no record speaks on the question: it is presumed, or left open."""
    return question.state == "assumed" or any(
        edge["kind"] == "lacks" for edge in graph[key].values()
    )


def core(proof: Proof) -> Proof:
    """Return the part of *proof* that the recommendation rests on, in the same order."""
    found: nx.DiGraph[str] = nx.DiGraph()
    found.add_node(proof.root, **proof.graph.nodes[proof.root])
    queue = [proof.root]
    while queue:
        above = queue.pop(0)
        for below, edge in _edges(proof.graph, above):
            if not is_needed(proof.graph, above, below):
                continue
            if below not in found:
                found.add_node(below, **proof.graph.nodes[below])
                queue.append(below)
            found.add_edge(above, below, **edge)
    return Proof(found)


def reached(proof: Proof) -> list[str]:
    """Return the keys of all nodes, from the root down, each level in the document's order."""
    found = dict.fromkeys([proof.root])
    queue = [proof.root]
    while queue:
        for below in proof.graph[queue.pop(0)]:
            if below not in found:
                found[below] = None
                queue.append(below)
    return list(found)


def _edges(graph: nx.DiGraph[str], above: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for below, edge in graph[above].items():
        yield below, dict(edge)
