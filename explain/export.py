"""A proof as data, for other programs."""

from __future__ import annotations

from typing import Any

import msgspec

from explain.node import Edge, GraphData
from explain.proof import Proof

__all__ = ["SCHEMA", "graph_data", "graph_schema"]

SCHEMA = "policy-reasoner/graph/1"


def graph_data(proof: Proof, start: str = "result") -> GraphData:
    """Return the nodes and edges of *proof* from *start* down, in the order of the document."""
    graph = proof.graph
    below: dict[str, None] = {start: None}
    edges: list[Edge] = []
    queue = [start]
    while queue:
        source = queue.pop(0)
        for _, target, data in graph.out_edges(source, data=True):
            edges.append(Edge(source, target, **data))
            if target not in below:
                below[target] = None
                queue.append(target)
    return GraphData(
        schema=SCHEMA,
        case=graph.nodes["result"]["node"].case,
        nodes={key: graph.nodes[key]["node"] for key in below},
        edges=tuple(edges),
    )


def graph_schema() -> dict[str, Any]:
    """Return the JSON Schema of a proof (draft 2020-12)."""
    schema = msgspec.json.schema(GraphData)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Graph", **schema}
