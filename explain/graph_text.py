"""A proof as DOT, Mermaid and GraphML: for tools that draw graphs or read them.

Each writes the same nodes and edges in the same order, under names of its own (`n0`, `n1`, …):
what a case says stands only where the notation takes any text, and is escaped there.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from explain.core import reached
from explain.label import Label, Labels, Link
from explain.proof import Proof
from reasoner.plain import plain

__all__ = ["dot", "graphml", "mermaid"]

_LONGEST = 160
"""Characters of a line in a drawn box; GraphML keeps everything."""

_COLORS = {
    "good": ("#e3f4ec", "#0b6b4f"),
    "bad": ("#fde8df", "#9a2c06"),
    "warn": ("#fff4cf", "#6b4e00"),
    "note": ("#e8eefb", "#2d4a8a"),
    "plain": ("#ffffff", "#5b6470"),
}
"""Fill and border of each tone."""


def dot(proof: Proof, labels: Labels) -> str:
    """Return *proof* in the language of Graphviz, laid out from left to right."""
    lines = [
        "digraph proof {",
        '  graph [rankdir=LR, charset="UTF-8", ordering=out, fontname="sans-serif"];',
        '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11];',
        '  edge [color="#5b6470", fontname="sans-serif", fontsize=9];',
    ]
    for name, _, label in _nodes(proof, labels):
        fill, line = _COLORS[label.status.tone]
        text = r"\n".join(_dot(part) for part in _lines(label))
        style = ', style="rounded,filled,bold"' if label.decisive else ""
        lines.append(f'  {name} [label="{text}", fillcolor="{fill}", color="{line}"{style}];')
    for source, target, link in _edges(proof, labels):
        style = "solid" if link.used and not link.aside else "dashed"
        lines.append(f'  {source} -> {target} [label="{_dot(_word(link))}", style={style}];')
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(proof: Proof, labels: Labels) -> str:
    """Return *proof* as a Mermaid flowchart, from left to right."""
    lines = ["flowchart LR"]
    for name, _, label in _nodes(proof, labels):
        text = "<br/>".join(_mermaid(part) for part in _lines(label))
        lines.append(f'  {name}["{text}"]:::{label.status.tone}')
    for source, target, link in _edges(proof, labels):
        arrow = "-->" if link.used and not link.aside else "-.->"
        lines.append(f'  {source} {arrow}|"{_mermaid(_word(link))}"| {target}')
    for tone, (fill, line) in _COLORS.items():
        lines.append(f"  classDef {tone} fill:{fill},stroke:{line},color:#1b1f24")
    return "\n".join(lines) + "\n"


def graphml(proof: Proof, labels: Labels) -> str:
    """Return *proof* as GraphML, with everything that is known of a node as its attributes."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, key, label in _nodes(proof, labels):
        graph.add_node(
            name,
            key=plain(key),
            kind=plain(label.kind),
            status=plain(label.status.word),
            name=plain(label.name),
            value=plain(label.value),
            title=plain(label.title.text),
            day=plain(label.day),
            place=plain(label.place.text),
            because=plain(" ".join(told.said.text for told in label.because)),
            more=plain("; ".join(f"{name}: {value}" for name, value in label.more)),
            decisive=label.decisive,
        )
    for source, target, link in _edges(proof, labels):
        said = " ".join(told.said.text for told in link.told)
        graph.add_edge(
            source,
            target,
            kind=plain(link.kind),
            said=plain(said),
            used=link.used,
            aside=link.aside,
        )
    return "\n".join(nx.generate_graphml(graph)) + "\n"


def _nodes(proof: Proof, labels: Labels) -> Iterator[tuple[str, str, Label]]:
    for index, key in enumerate(reached(proof)):
        yield f"n{index}", key, labels.at(key)


def _edges(proof: Proof, labels: Labels) -> Iterator[tuple[str, str, Link]]:
    names = {key: f"n{index}" for index, key in enumerate(reached(proof))}
    for key, name in names.items():
        for below, edge in proof.graph[key].items():
            yield name, names[below], labels.link(edge)


def _lines(label: Label) -> list[str]:
    """Return the lines of a box."""
    head = f"{label.status.mark} {label.heading}"
    if label.kind != "result" and label.status.word:
        head += f"  {label.status.word}"
    below = (label.title.text, label.place.text, label.day)
    return [_short(plain(line)) for line in (head, *below) if line]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _word(link: Link) -> str:
    return plain(link.kind).replace("_", " ")


def _dot(text: str) -> str:
    r"""Return *text* for a quoted string: an escape or an entity would be read as one.

    >>> print(_dot('say "\\N" & go'))
    say \"\\N\" &amp; go
    """
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def _mermaid(text: str) -> str:
    """Return *text* with everything but letters, digits and plain punctuation as a code.

    >>> _mermaid('a "b" %%{init')
    'a #34;b#34; #37;#37;#123;init'
    """
    return "".join(c if c.isalnum() or c in " .,:_/?=+-" else f"#{ord(c)};" for c in text)
