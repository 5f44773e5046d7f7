"""What became of each record: for which clauses it is used, or why it is not."""

from __future__ import annotations

import msgspec
import networkx as nx

from explain.label import Labels, Told
from explain.node import ClauseNode
from explain.proof import Proof
from explain.record import RecordView, records_of
from reasoner.decision import Decision
from reasoner.model import Case

__all__ = ["RecordUse", "record_uses"]

_WHOLE = "complete["
_PARTS = ("request", "member")


class RecordUse(msgspec.Struct, frozen=True):
    """A record with the keys of the clauses that it is *used* for, or of questions of none.

    *told* says why it is not used somewhere; *reasons* the same in the words of the decision.
    """

    record: RecordView
    key: str
    used: tuple[str, ...]
    told: tuple[Told, ...]
    reasons: tuple[str, ...]


def record_uses(
    proof: Proof, case: Case, decision: Decision, labels: Labels
) -> tuple[RecordUse, ...]:
    """Return every record of *case*: the request first, then by section and id."""
    reasons = {doubt.record: tuple(doubt.reason.split(", ")) for doubt in decision.doubts}
    order = [key for key, data in proof.graph.nodes(data=True) if _is_clause(data["node"])]
    found = []
    for name, view in sorted(records_of(case, labels.language).items(), key=_place):
        key = f"record:{name}"
        known = key in proof.graph
        if not known and (name.startswith(_WHOLE) or (name in _PARTS and not view.said)):
            continue  # a list, or a part of the request, that nothing reads and nobody states
        used: dict[str, None] = {}
        told: dict[Told, None] = {}
        for above in proof.graph.predecessors(key) if known else ():
            link = labels.link(proof.graph.edges[above, key])
            if not link.used:
                told |= dict.fromkeys(link.told)
                continue
            over = {above, *nx.ancestors(proof.graph, above)}
            used |= dict.fromkeys([clause for clause in order if clause in over] or [above])
        by_document = [clause for clause in order if clause in used]
        others = [one for one in used if one not in by_document]
        shown = tuple(by_document + others)
        found.append(RecordUse(view, key, shown, tuple(told), reasons.get(name, ())))
    return tuple(found)


def _place(item: tuple[str, RecordView]) -> tuple[int, bool, str]:
    name, view = item
    sections = (*_PARTS, "conditions", "therapies", "observations", "doses", "allergies", "answers")
    return sections.index(view.section), name.startswith(_WHOLE), name


def _is_clause(node: object) -> bool:
    return isinstance(node, ClauseNode)
