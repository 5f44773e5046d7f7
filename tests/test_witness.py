"""Worlds as cases: every witness is a case that says so, and no answer of it is idle."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from clingo import Symbol, parse_term

from reasoner.case import case_document, load_case, read_case, write_yaml
from reasoner.engine import Reasoner
from shipped import the_reasoner
from workbench.witness import Claim, plainest_first, smallest_case, witness_of

ROOT = Path(__file__).parent.parent
CASES = sorted([*ROOT.glob("examples/*.yaml"), *ROOT.glob("tests/data/cases/*.yaml")])


@pytest.fixture(scope="module")
def reasoner() -> Reasoner:
    return the_reasoner()


def world_with(reasoner: Reasoner, atom: str) -> dict[Symbol, Symbol]:
    for inside in plainest_first(reasoner):
        world = reasoner.worlds.example(inside, parse_term(atom))
        if world is not None:
            return world
    raise AssertionError(atom)


@pytest.mark.parametrize(
    ("atom", "claim"),
    [
        ("result(approve,3)", Claim("approve", 3)),
        ("result(partial,2)", Claim("partial", 2)),
        ("result(deny,0)", Claim("deny")),
        ("result(refer,0)", Claim("refer")),
        ("result(not_applicable,0)", Claim("not_applicable")),
        ("status(approval(ii),met)", Claim(statuses={"approval.II": "met"})),
        ("status(exclusion(iv),applies)", Claim(statuses={"exclusion.IV": "applies"})),
        ("status(quantity(limit),exhausted)", Claim(statuses={"quantity.limit": "exhausted"})),
    ],
)
def test_a_witness_is_decided_as_claimed_and_needs_each_of_its_answers(
    reasoner: Reasoner, atom: str, claim: Claim
) -> None:
    found = smallest_case(reasoner, world_with(reasoner, atom), claim)
    assert found is not None
    read = read_case(found.as_yaml().encode(), name="witness.yaml", notation="yaml")
    decision = reasoner.decide(read, readings=found.readings)
    assert claim.recommendation in (None, decision.recommendation)
    statuses = {clause.id: clause.status for clause in decision.clauses}
    assert statuses.items() >= claim.statuses.items()
    answers = {parse_term(one.question): one for one in found.case.answers}
    world = world_with(reasoner, atom)
    for left_out in answers:
        fewer = {q: world[q] for q in answers if q != left_out}
        assert not claim(witness_of(reasoner, fewer)), left_out


def test_a_world_of_another_reading_says_which(reasoner: Reasoner) -> None:
    *_, everything = plainest_first(reasoner)
    minor = {"adult": "no", "service_dates": "planned", "reading(under_18)": "refer"}
    fixed = {parse_term(q): frozenset({parse_term(a)}) for q, a in minor.items()}
    world = reasoner.worlds.example({**everything, **fixed}, parse_term("result(refer,0)"))
    assert world is not None
    found = smallest_case(reasoner, world, Claim("refer"))
    assert found is not None
    assert found.readings["under_18"] == "refer"
    assert "--reading under_18=refer" in found.as_yaml().splitlines()[0]
    assert reasoner.decide(found.case).recommendation == "deny"


def test_what_no_case_can_show_is_no_witness(reasoner: Reasoner) -> None:
    world = world_with(reasoner, "result(approve,3)")
    assert smallest_case(reasoner, world, Claim("deny")) is None


def test_the_same_world_gives_the_same_bytes(reasoner: Reasoner) -> None:
    world = world_with(reasoner, "result(approve,3)")
    again = dict(reversed(list(world.items())))
    first, second = (smallest_case(reasoner, w, Claim("approve")) for w in (world, again))
    assert first is not None
    assert second is not None
    assert first.as_yaml() == second.as_yaml()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_that_is_written_is_read_back_as_it_was(path: Path) -> None:
    case = load_case(str(path))
    again = read_case(write_yaml(case_document(case)).encode(), name="again", notation="yaml")
    same = {"digest": case.digest, "origin": case.origin}
    assert msgspec.structs.replace(again, **same) == case


@pytest.mark.parametrize(
    "text", ["no", "010", "1e5", "1.5e3", "1_000", "2026-01-02", "null", "~", "a: b", "# x", "é\tñ"]
)
def test_text_stays_text(text: str) -> None:
    written = write_yaml({"id": "x", "request": {"plan": text}})
    assert read_case(written.encode(), name="x", notation="yaml").request.plan == text
