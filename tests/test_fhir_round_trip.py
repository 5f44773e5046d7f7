"""A case written as FHIR reads back as the case, and is decided alike."""

import copy
from pathlib import Path

import msgspec
import pytest

import oracle
from exchange.element import to_json
from exchange.request import request_bundle
from exchange.systems import addresses
from fhir_out_parts import (
    EXAMPLES,
    ODD,
    ROOT,
    SEEDS,
    Json,
    case,
    examined,
    odd,
    request,
    same,
    through,
)
from pas_rules import resources
from reasoner.case import decode_case, load_case
from reasoner.errors import CaseError
from reasoner.policy import rules_folder
from shipped import the_reasoner
from workbench.suite.files import policy_rows


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reads_back_as_itself(path: Path) -> None:
    before = case(path.stem)
    after = decode_case(request(path.stem), where="a.json")
    expected = msgspec.structs.replace(before, origin="", unread=())
    assert msgspec.structs.replace(after, origin="", unread=()) == expected
    assert after.digest == before.digest
    decision = the_reasoner().decide(after)
    assert same(decision) == same(examined(path.stem).decision)


@pytest.mark.parametrize("first", SEEDS[::20])
def test_a_generated_case_reads_back_as_itself(first: int) -> None:
    for seed in range(first, first + 20):
        before = decode_case(oracle.generate(seed), where="a")
        bundle = through(request_bundle(before, addresses(rules_folder())))
        after = decode_case(bundle, where="a.json")
        expected = msgspec.structs.replace(before, origin="", unread=())
        assert msgspec.structs.replace(after, origin="", unread=()) == expected, seed
        assert after.digest == before.digest


@pytest.mark.parametrize("name", ODD)
def test_an_odd_case_reads_back_as_itself(name: str) -> None:
    before, bundle = odd(name)
    assert decode_case(bundle, where="a.json").digest == before.digest


ORDERS = sorted((ROOT / "examples" / "fhir").glob("*.json"))


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.stem)
def test_the_case_of_an_order_reads_back_as_itself(path: Path) -> None:
    before = load_case(str(path))
    bundle = through(request_bundle(before, addresses(rules_folder())))
    after = decode_case(bundle, where="a.json")
    expected = msgspec.structs.replace(before, origin="", unread=(), digest="")
    assert msgspec.structs.replace(after, origin="", unread=(), digest="") == expected


def test_a_dose_over_some_days_reads_back_as_such() -> None:
    bundle = copy.deepcopy(request("partial"))
    for one in resources(bundle):
        if one["resourceType"] == "MedicationAdministration":
            del one["extension"], one["effectiveDateTime"]
            one["effectivePeriod"] = {"start": "2024-02", "end": "2024-02-20"}
    before = decode_case(bundle, where="a.json")
    assert before.doses[0].date is not None
    assert before.doses[0].date.text == "2024-02/2024-02-20"
    after = decode_case(through(request_bundle(before, {})), where="a.json")
    assert after.doses == before.doses
    assert after.excerpts == before.excerpts


def test_the_same_case_gives_the_same_bytes() -> None:
    systems = addresses(rules_folder())
    first, second = (request_bundle(case("partial"), systems) for _ in range(2))
    assert to_json(first) == to_json(second)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "section", "valueCode": "drugs"}, "`drugs` is no section of a case"),
        ({"url": "response", "valueString": "bad"}, "response"),
        ({"url": "responce", "valueString": "adequate"}, "unknown key `responce`"),
        ({"url": "response"}, "`response` has no value"),
    ],
)
def test_a_restatement_of_nothing_is_an_error_with_its_place(change: Json, said: str) -> None:
    bundle = copy.deepcopy(request("deny-several"))
    at = next(
        at
        for at, one in enumerate(resources(bundle))
        if one["resourceType"] == "MedicationStatement"
    )
    parts = bundle["entry"][at]["resource"]["extension"][0]["extension"]
    if change["url"] == "section":
        parts[0] = change
    else:
        parts[1:] = [part for part in parts[1:] if part["url"] != change["url"]]
        parts.append(change)
    with pytest.raises(CaseError) as error:
        decode_case(bundle, where="a.json")
    assert said in error.value.message
    assert f"/entry/{at}/resource" in error.value.where


def test_whose_record_it_is_cannot_be_restated() -> None:
    bundle = copy.deepcopy(request("deny-several"))
    bundle["entry"].append({"resource": {"resourceType": "Patient", "id": "another"}})
    for one in resources(bundle):
        if one["resourceType"] == "MedicationStatement":
            del one["subject"]
            one["extension"][0]["extension"].append({"url": "documented", "valueBoolean": True})
    found = decode_case(bundle, where="a.json")
    assert [one.documented for one in found.therapies] == [False] * len(found.therapies)


@pytest.mark.parametrize("policy", ["mp-rx-fp-52-23", "teaching-infliximab"])
def test_a_case_of_the_authors_rows_reads_back_as_itself(policy: str) -> None:
    """Every fifth row: the same case, and where it is decided again, the same decision."""
    systems = addresses(rules_folder())
    for row in policy_rows(rules_folder() / "policies" / policy)[::5]:
        bundle = through(request_bundle(row.case, systems))
        after = decode_case(bundle, where="a.json")
        expected = msgspec.structs.replace(row.case, origin="", unread=())
        assert msgspec.structs.replace(after, origin="", unread=()) == expected, row.where
        assert after.digest == row.case.digest, row.where
        if policy == the_reasoner().policy.id and not row.readings:
            first, second = (the_reasoner().decide(one) for one in (row.case, after))
            assert same(first) == same(second), row.where
