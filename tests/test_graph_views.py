"""The graph as DOT, Mermaid, GraphML, SVG and JSON: one graph, and no text breaks out of it.

Each notation is read back by a strict reader: networkx, an XML parser, a grammar of our own,
and Graphviz itself where it is installed (REQUIRE_TOOLS=1 fails where it is not).
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import networkx as nx
import pytest

from explain.core import core, reached
from explain.graph_text import dot, graphml, mermaid
from explain.label import Labels
from explain.proof import Proof, prove
from explain.svg import draw, fitted, svg, width_of
from hostile import ALL, HERE, hostile_case
from reasoner.case import load_case
from reasoner.cli import run
from reasoner.engine import decision_day
from reasoner.model import Case
from reasoner.plain import plain
from shipped import the_reasoner

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = ["approve", "conflict", "deny-several", "partial", "pend-undocumented", "refer"]
WRITERS: dict[str, Callable[[Proof, Labels], str]] = {
    "dot": dot,
    "mermaid": mermaid,
    "graphml": graphml,
    "svg": svg,
}
SVG = "{http://www.w3.org/2000/svg}"

# What DOT and Mermaid may hold: the strict part of each that we write.
DOT_STRING = r'"(?:[^"\\\n]|\\.)*"'
DOT_LINE = re.compile(
    rf"(?P<node>n\d+)(?: -> (?P<other>n\d+))? "
    rf"\[(?:\w+=(?:{DOT_STRING}|\w+)(?:, )?)+\];|(?:graph|node|edge) \[.*\];"
)
MERMAID_TEXT = r'"(?:[\w .,:/?=+-]|#\d+;|<br/>)*"'
MERMAID_LINE = re.compile(
    rf"(?P<node>n\d+)\[{MERMAID_TEXT}\]:::\w+"
    rf"|(?P<from>n\d+) (?:-->|-\.->)\|{MERMAID_TEXT}\| (?P<to>n\d+)"
    r"|classDef \w+ fill:#\w+,stroke:#\w+,color:#\w+"
)


def proved(case: Case) -> Proof:
    return prove(the_reasoner(), the_reasoner().examine(case), decision_day(case))


@cache
def example(name: str) -> Proof:
    return proved(load_case(str(EXAMPLES / f"{name}.yaml")))


@pytest.fixture(params=[*NAMES, "hostile", "core"])
def proof(request: pytest.FixtureRequest, tmp_path: Path) -> Proof:
    match request.param:
        case "hostile":
            return proved(hostile_case(tmp_path))
        case "core":
            return core(example("deny-several"))
        case name:
            return example(str(name))


def sizes(proof: Proof) -> tuple[int, int]:
    return proof.graph.number_of_nodes(), proof.graph.number_of_edges()


def test_every_node_is_reached_from_the_result(proof: Proof) -> None:
    assert sorted(reached(proof)) == sorted(proof.graph)


def test_dot_has_every_node_and_edge_and_nothing_else(proof: Proof) -> None:
    first, *lines, last = dot(proof, Labels(proof)).splitlines()
    assert (first, last) == ("digraph proof {", "}")
    found = [DOT_LINE.fullmatch(line.strip()) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    nodes = [m["node"] for m in found if m and m["node"] and not m["other"]]
    edges = [(m["node"], m["other"]) for m in found if m and m["other"]]
    assert (len(set(nodes)), len(set(edges))) == sizes(proof)
    assert {name for edge in edges for name in edge} <= set(nodes)


def test_graphviz_draws_it(proof: Proof) -> None:
    program = shutil.which("dot")
    if program is None:
        if os.environ.get("REQUIRE_TOOLS"):
            pytest.fail("Graphviz is not installed")
        pytest.skip("Graphviz is not installed")
    written = dot(proof, Labels(proof))
    drawn = subprocess.run(
        [program, "-Tjson"], input=written.encode(), capture_output=True, check=True, timeout=60
    )
    assert drawn.stderr == b""
    graph = json.loads(drawn.stdout)
    assert (len(graph["objects"]), len(graph["edges"])) == sizes(proof)


def test_mermaid_has_every_node_and_edge_and_nothing_else(proof: Proof) -> None:
    first, *lines = mermaid(proof, Labels(proof)).splitlines()
    assert first == "flowchart LR"
    found = [MERMAID_LINE.fullmatch(line.strip()) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    nodes = [m["node"] for m in found if m and m["node"]]
    edges = [(m["from"], m["to"]) for m in found if m and m["from"]]
    assert (len(set(nodes)), len(set(edges))) == sizes(proof)


def test_graphml_reads_back_as_the_same_graph(proof: Proof) -> None:
    graph = nx.read_graphml(io.BytesIO(graphml(proof, Labels(proof)).encode()))
    assert (graph.number_of_nodes(), graph.number_of_edges()) == sizes(proof)
    assert nx.is_isomorphic(graph, proof.graph)
    labels = Labels(proof)
    for _, data in graph.nodes(data=True):
        key = next(key for key in proof.graph if plain(key) == data["key"])
        label = labels.at(key)
        assert data["kind"] == label.kind
        assert data["name"] == plain(label.name)
        assert data["title"] == plain(label.title.text)
        assert data["decisive"] == label.decisive


def test_svg_is_well_formed_and_has_every_node_in_full_once(proof: Proof) -> None:
    root = ET.fromstring(svg(proof, Labels(proof)))  # noqa: S314 - our own text, no entities
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    known = {"svg", "title", "desc", "style", "rect", "g", "path", "text"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == known
    assert not [e for e in root.iter() if any(name.startswith("on") for name in e.attrib)]
    boxes = [g for g in root.iter(f"{SVG}g") if "box" in g.get("class", "")]
    full = [g for g in boxes if "reference" not in g.get("class", "")]
    assert len(full) == proof.graph.number_of_nodes()
    assert len(boxes) - 1 == proof.graph.number_of_edges()


def test_no_boxes_overlap_and_all_stay_inside(proof: Proof) -> None:
    picture = draw(proof, Labels(proof))
    boxes = sorted(picture.boxes, key=lambda box: (box.x, box.y))
    for upper, lower in pairwise(boxes):
        assert upper.x != lower.x or upper.y + upper.height < lower.y
    for box in boxes:
        assert 0 <= box.x <= box.x + box.width <= picture.width
        assert 0 <= box.y <= box.y + box.height <= picture.height
        for row in box.rows:
            small = 10 / 11 if row.role == "place" else 1
            assert width_of(row.text) * small <= box.width - 8
            assert box.y < row.y < box.y + box.height


def test_the_clauses_are_drawn_in_the_order_of_the_document() -> None:
    proof = example("approve")
    picture = draw(proof, Labels(proof))
    x = sorted({box.x for box in picture.boxes})[1]
    drawn = [box.rows[0].text.split()[-1] for box in picture.boxes if box.x == x]
    clauses = [clause.id for clause in the_reasoner().policy.identity.clauses]
    assert drawn[: len(clauses)] == clauses


def test_the_core_of_a_denial_is_what_blocks() -> None:
    found = core(example("deny-several")).graph
    blocking = ("approval.II", "exclusion.IV", "exclusion.V")
    assert list(found["result"]) == [*(f"clause:{name}" for name in blocking), "question:scope"]
    assert "record:dx2" in found
    assert "record:hiv1" not in found


def test_many_records_are_counted_and_not_drawn() -> None:
    proof = Proof(example("deny-several").graph.copy())
    record = proof.graph.nodes["record:rx1"]["node"]
    for number in range(2000):
        key = f"record:more{number}"
        proof.graph.add_node(key, node=msgspec.structs.replace(record, id=f"more{number}"))
        edge = {"kind": "settled_by", "answers": ("yes",), "sentences": ()}
        proof.graph.add_edge("question:infection", key, **edge)
    boxes = draw(proof, Labels(proof)).boxes
    assert len(boxes) < 150
    assert [box.rows[0].text for box in boxes if "not drawn" in box.title] == [
        "… 1978 more, not drawn"
    ]


def test_a_long_word_is_cut_in_time() -> None:
    assert fitted("x" * 1_000_000, 200, 3)[-1].endswith("…")


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_bytes_whatever_the_hash_seed(name: str) -> None:
    case = str(EXAMPLES / "deny-several.yaml")
    command = [sys.executable, "-m", "reasoner", "report", case, "--graph", name]
    found = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


@pytest.mark.parametrize("name", WRITERS)
def test_the_order_of_records_does_not_matter(name: str) -> None:
    case = load_case(str(EXAMPLES / "partial.yaml"))
    turned = msgspec.structs.replace(
        case, **{s: getattr(case, s)[::-1] for s in ("conditions", "therapies", "doses")}
    )
    first, second = proved(case), proved(turned)
    assert WRITERS[name](first, Labels(first)) == WRITERS[name](second, Labels(second))


def test_json_is_the_published_graph(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    case = str(EXAMPLES / "refer.yaml")
    assert run(["report", case, "--graph", "json"]) == 0
    graph = json.loads(capsysbinary.readouterr().out)
    assert graph["schema"] == "policy-reasoner/graph/1"
    assert run(["why", case, "approval.I", "--format", "json"]) == 0
    part = json.loads(capsysbinary.readouterr().out)
    assert part["nodes"].items() <= graph["nodes"].items()
    assert all(edge in graph["edges"] for edge in part["edges"])


def test_the_hostile_text_is_there_to_be_escaped() -> None:
    assert HERE in ALL
    for danger in ('"', "\\", "-->", "]", "%%{", "</script>", "]]>", "&#60;", "`", "|", "{{"):
        assert danger in ALL, danger


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_box_of_an_example_cuts_its_text(path: Path) -> None:
    shown = core(proved(load_case(str(path))))
    picture = draw(shown, Labels(shown))
    assert not [row.text for box in picture.boxes for row in box.rows if row.text.endswith("…")]
