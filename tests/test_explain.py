"""A proof rests on what the decision was made from, and reads the same each time.

`REWRITE_GOLDEN=1 pytest tests/test_explain.py` rewrites the texts under `tests/golden/`.
"""

import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import networkx as nx
import pytest

from explain.export import graph_data
from explain.find import find
from explain.node import AbsenceNode, AssumptionNode, ClauseNode, QuestionNode, RecordNode
from explain.outline import outline
from explain.proof import Proof, prove
from explain.rules import read_rules
from explain.tree import numbered, tree
from reasoner.case import load_case
from reasoner.cli import run
from reasoner.engine import Examination, decision_day
from reasoner.errors import UsageError
from reasoner.marks import HEADLINES, MARKS
from reasoner.model import Case
from reasoner.policy import rules_folder
from shipped import the_reasoner

HERE = Path(__file__).parent
CASES = HERE / "data" / "cases"
GOLDEN = HERE / "golden"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))


def examined(case: Case) -> tuple[Examination, Proof]:
    examination = the_reasoner().examine(case)
    return examination, prove(the_reasoner(), examination, decision_day(case))


@cache
def proved(name: str) -> tuple[Examination, Proof]:
    return examined(load_case(str(CASES / f"{name}.yaml")))


def node(proof: Proof, key: str) -> Any:  # noqa: ANN401 - of the kind that the test expects
    return proof.graph.nodes[key]["node"]


def edges(proof: Proof, key: str, kind: str) -> list[str]:
    return [below for below, edge in proof.graph[key].items() if edge["kind"] == kind]


def text_of(proof: Proof, *, full: bool = False) -> str:
    lines = tree(outline(proof, full=full), HEADLINES, MARKS, unicode=True)
    return "".join(f"{lead}{text}\n" for lead, _, text in lines)


# --- structure --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_is_proved_with_the_status_of_the_decision(name: str) -> None:
    examination, proof = proved(name)
    clauses = [node(proof, key) for key in edges(proof, "result", "decided_by")]
    assert [(c.id, c.status, c.decisive) for c in clauses] == [
        (c.id, c.status, c.decisive) for c in examination.decision.clauses
    ]
    assert all(clause.locator and clause.text for clause in clauses)


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_has_one_root_and_no_way_back(name: str) -> None:
    graph = proved(name)[1].graph
    assert nx.is_directed_acyclic_graph(graph)
    assert [key for key in graph if graph.in_degree(key) == 0] == ["result"]


@pytest.mark.parametrize("name", NAMES)
def test_every_question_ends_in_a_record_an_assumption_or_an_absence(name: str) -> None:
    _, proof = proved(name)
    questions = [key for key in proof.graph if isinstance(node(proof, key), QuestionNode)]
    assert questions
    for key in questions:
        below = [node(proof, one) for one in proof.graph[key]]
        assert below, key
        assert all(isinstance(one, RecordNode | AssumptionNode | AbsenceNode) for one in below)
        match node(proof, key).state:
            case "settled":
                assert edges(proof, key, "settled_by")
            case "assumed":
                assert edges(proof, key, "assumed")
            case "disputed":
                assert len(edges(proof, key, "settled_by")) > 1


@pytest.mark.parametrize("name", NAMES)
def test_every_record_of_the_proof_is_one_of_the_case(name: str) -> None:
    examination, proof = proved(name)
    case = examination.case
    known = {
        record.id
        for section in (case.conditions, case.therapies, case.observations, case.doses)
        for record in section
    }
    for key in proof.graph:
        shown = node(proof, key)
        if isinstance(shown, RecordNode) and shown.section in (
            "conditions",
            "therapies",
            "observations",
            "doses",
        ):
            assert shown.id in known or shown.id.startswith("the list of")


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_names_a_rule_that_stands_there(name: str) -> None:
    _, proof = proved(name)
    sentences = [
        sentence
        for _, data in proof.graph.nodes(data="node")
        for sentence in getattr(data, "because", ())
    ]
    sentences += [
        one for *_, edge in proof.graph.edges(data=True) for one in edge.get("sentences", ())
    ]
    assert sentences
    for sentence in sentences:
        file, _, number = sentence.rule.rpartition(":")
        lines = (rules_folder() / file).read_text(encoding="utf-8").splitlines()
        assert lines[int(number) - 1].strip(), sentence
        assert "{" not in sentence.text


def test_a_clause_reads_the_questions_of_its_rules_alone() -> None:
    _, proof = proved("deny")
    assert edges(proof, "clause:approval.I", "reads") == [
        "question:indication",
        "question:phenotype",
    ]
    assert edges(proof, "clause:approval.III", "reads") == ["question:hiv"]
    assert edges(proof, "clause:exclusion.V", "reads") == ["question:infection"]


def test_a_record_shows_its_source() -> None:
    _, proof = proved("approve")
    (record,) = edges(proof, "question:hiv", "settled_by")
    assert node(proof, record) == RecordNode(
        id="t1",
        section="observations",
        said="56888-1, result non reactive",
        day="2026-02-10",
        source="laboratory-2026-02-10.pdf, page 1",
    )


def test_an_absence_says_where_was_looked_and_what_nearly_answered() -> None:
    _, proof = proved("pend")
    (absence,) = edges(proof, "question:hiv", "lacks")
    assert node(proof, absence).sections == ("conditions", "observations", "answers")
    (absence,) = edges(proof, "question:failed(glatiramer_acetate)", "lacks")
    (near,) = edges(proof, absence, "near_miss")
    assert near == "record:rx2"
    (sentence,) = proof.graph.edges[absence, near]["sentences"]
    assert sentence.text == "rx2 is claimed, not documented: no source stands beside it."


def test_a_dispute_names_both_records() -> None:
    _, proof = proved("conflict")
    assert node(proof, "question:phenotype").state == "disputed"
    assert edges(proof, "question:phenotype", "settled_by") == ["record:dx1", "record:dx2"]


def test_an_overruled_record_is_set_aside() -> None:
    case = load_case(str(CASES / "conflict.yaml"))
    from reasoner.model import Answer

    answer = Answer(question="phenotype", answer="rrms", by="reviewer", overrules=("dx2",))
    case = msgspec.structs.replace(case, answers=(answer,))
    examination, proof = examined(case)
    assert examination.decision.recommendation == "approve"
    assert edges(proof, "question:phenotype", "set_aside") == ["record:dx2"]


def test_a_reading_stands_under_its_clause() -> None:
    _, proof = proved("refer")
    (reading,) = edges(proof, "clause:approval.I", "read_as")
    assert node(proof, reading).value == "refer"
    assert node(proof, reading).reason


def test_the_folded_outline_is_the_decisive_core() -> None:
    _, proof = proved("deny")
    shown = text_of(proof)
    for clause in ("approval.I", "exclusion.II", "exclusion.IV"):
        assert f"✗ {clause}  " in shown
    assert "✓" not in shown
    assert "✓ approval.III" in text_of(proof, full=True)


def test_a_node_is_found_by_the_name_a_reader_uses() -> None:
    _, proof = proved("pend")
    assert find(proof, "approval.iii") == "clause:approval.III"
    assert find(proof, "failed( glatiramer_acetate )") == "question:failed(glatiramer_acetate)"
    with pytest.raises(UsageError) as caught:
        find(proof, "aproval.III")
    assert caught.value.hint == "did you mean `approval.III`?"


def test_the_order_of_the_records_changes_nothing() -> None:
    case = load_case(str(CASES / "deny.yaml"))
    first = msgspec.json.encode(graph_data(examined(case)[1]))
    shuffled = random.Random(1)
    for _ in range(3):
        sections = {
            name: tuple(shuffled.sample(getattr(case, name), len(getattr(case, name))))
            for name in ("conditions", "therapies", "observations")
        }
        again = msgspec.structs.replace(case, **sections)
        assert msgspec.json.encode(graph_data(examined(again)[1])) == first


def test_exported_data_has_every_node_and_edge_once() -> None:
    _, proof = proved("pend")
    data = graph_data(proof)
    assert set(data.nodes) == set(proof.graph)
    assert len(data.edges) == proof.graph.number_of_edges()
    part = graph_data(proof, "clause:approval.III")
    assert isinstance(part.nodes["clause:approval.III"], ClauseNode)
    assert "clause:approval.I" not in part.nodes


def test_numbered_sentences_need_no_tree() -> None:
    _, proof = proved("deny")
    lines = list(numbered(outline(proof), HEADLINES))
    assert lines[0] == "DENY RECOMMENDED: case deny."
    assert lines[1] == "1 Because: enough by itself: approval.I not met (given scope = yes)."
    assert any(line.startswith("4 approval.I, not met, ") for line in lines)
    assert not any(mark in text for text in lines for mark in "├└│✗✓•")
    assert all(text.endswith((".", "?", "!")) for text in lines)


def test_what_is_not_so_is_sent_to_why_not() -> None:
    _, proof = proved("deny")
    assert find(proof, "deny") == "result"
    assert find(proof, "scope = yes") == "question:scope"
    for what in ("approve", "scope=no"):
        with pytest.raises(UsageError) as caught:
            find(proof, what)
        assert "why-not" in (caught.value.hint or "")


def test_of_many_records_a_few_are_told() -> None:
    _, proof = proved("deny")
    many = Proof(proof.graph.copy())
    for number in range(40):
        key = f"record:many{number}"
        many.graph.add_node(key, node=RecordNode(f"many{number}", "doses", "", "", ""))
        many.graph.add_edge(
            "question:scope", key, kind="settled_by", answers=("yes",), sentences=()
        )
    assert "29 more records (--full)" in text_of(many)
    assert "many39 says yes" not in text_of(many)
    assert "many39 says yes" in text_of(many, full=True)


# --- rules as their readers see them ----------------------------------------------------------


def test_a_rule_knows_its_line_and_its_sentence() -> None:
    for file in (*the_reasoner().policy.criteria, *the_reasoner().policy.evidence):
        lines = file.text.splitlines()
        for rule in read_rules(file):
            assert rule.head.partition("(")[0] in lines[rule.line - 1], rule.place
            assert not rule.sentence or rule.sentence[-40:] in file.text, rule.place


# --- golden -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_explanation_reads_as_reviewed(name: str) -> None:
    shown = text_of(proved(name)[1])
    golden = GOLDEN / f"why-{name}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8"), (
        "look at the difference, then: REWRITE_GOLDEN=1 pytest tests/test_explain.py"
    )


# --- what only a presumption makes block --------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments, "--format", "text"]) == 0
    return capsys.readouterr().out


def test_what_a_presumption_makes_block_stands_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """No conventional drug failed, and silence has it that none is contraindicated."""
    path = str(HERE.parent / "examples/teaching/deny.yaml")
    alone, presumed = told(capsys, "why-not", path).split(
        "what stands in the way, as long as what is presumed holds:"
    )
    assert "approval.II" in alone
    assert "exclusion.III" in alone
    assert "initial.I" not in alone
    assert "initial.I  not met" in presumed
    # Every rule of the clause is told of, with what was counted and what is presumed.
    assert "counted: 0 of 1: nothing" in presumed
    assert "rx1 does not show that methotrexate failed: it was too short." in presumed
    assert "contraindicated is presumed to be no" in presumed
    assert "not: a later course" in presumed
    notice = told(capsys, "notice", path)
    assert "not met, as long as no record says otherwise" in notice
    assert "initial.I" not in notice.partition("What is not clear yet")[0]


def test_two_worlds_say_what_else_both_of_them_answer(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(HERE.parent / "examples/teaching/pend.yaml")
    found = told(capsys, "why", path).partition("it could be so")[2]
    assert found.count("given in both: tuberculosis = negative, course = initial") == 2


def test_an_answer_is_called_by_its_words_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = told(capsys, "why", str(HERE.parent / "examples/split.yaml"))
    assert "dx2 says secondary progressive MS without activity." in found
    assert "phenotype = nonactive_spms or ppms (disputed)" in found
