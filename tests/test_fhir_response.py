"""What a response says of a decision, item by item, and who stands behind it."""

from pathlib import Path

import pytest

from exchange.asked import asked
from exchange.coverage import annotated_order
from exchange.reasons import read_reason_codes
from exchange.review import WHY, reviewed
from fhir_out_parts import (
    CLINIC,
    NAMES,
    REVIEWER,
    SERVICE,
    action,
    answer,
    examined,
    information,
    keeps_the_rules_of_crd,
    of_a_clinic,
    request,
    respond,
    several,
    through,
    units,
    written,
)
from pas_rules import broken, codes, lines, resources, response, reviewer
from reasoner.errors import CaseError
from shipped import the_reasoner


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_denied_without_a_reviewer(name: str) -> None:
    recommended = examined(name).decision.recommendation
    plain, confirmed = (written()[f"{kind} {name}"] for kind in ("response", "reviewed"))
    assert action(plain) == ("A1" if recommended == "approve" else "A4")
    expected = {"approve": "A1", "deny": "A3", "partial": "A6"}.get(recommended, "A4")
    assert action(confirmed) == expected
    assert reviewer(plain) == [False]
    assert reviewer(confirmed) == [expected != "A4"]
    notes = [one["text"] for one in response(plain)["processNote"]]
    assert ("draft" in notes[0]) == (recommended in {"deny", "partial", "refer"})


def test_a_smaller_amount_is_added_as_it_is_billed() -> None:
    (added,) = response(written()["reviewed partial"])["addItem"]
    assert added["quantity"] == {"value": 36, "unit": "units"}
    assert codes(added) == ["A1"]
    assert "addItem" not in response(written()["response partial"])


@pytest.mark.parametrize(
    ("amounts", "actions", "added"),
    [
        ([(12, 16), (12, 17), (12, 18), (12, 19), (12, 20)], "A1 A1 A1 A3 A3", []),
        ([(24, 16), (36, 18)], "A1 A6", [([2], 12)]),
        ([(36, 18), (24, 16)], "A6 A1", [([1], 12)]),  # day by day, in whatever order
    ],
)
def test_a_smaller_amount_is_divided_day_by_day(
    amounts: list[tuple[int, int]], actions: str, added: list[tuple[list[int], int]]
) -> None:
    told = response(several(*(units(value, f"2026-03-{day}") for value, day in amounts)))
    assert [codes(item) for item in told["item"]] == [[one] for one in actions.split()]
    more = told.get("addItem", [])
    assert [(one["itemSequence"], one["quantity"]["value"]) for one in more] == added


def test_what_the_policy_does_not_decide_on_stays_pended() -> None:
    told = response(several(SERVICE, units(60, "2026-03-16")))
    assert [codes(item) for item in told["item"]] == [["A4"], ["A6"]]
    (added,) = told["addItem"]
    assert (added["itemSequence"], added["quantity"]["value"]) == ([2], 36)


def test_an_amount_that_no_item_states_is_divided_by_nobody() -> None:
    told = response(several({}, units(60, "2026-03-16")))
    assert [codes(item) for item in told["item"]] == [["A4"], ["A4"]]
    assert "addItem" not in told
    found = reviewed(examined("partial").decision, REVIEWER, divisible=False)
    assert (found.action, found.by, found.why) == ("A4", None, WHY["items"])


def test_the_number_is_there_only_where_one_is_given() -> None:
    with_number = respond(request("approve"), answer("approve", pre_auth_ref="PA-7"))
    assert response(with_number)["preAuthRef"] == "PA-7"
    assert "preAuthRef" not in response(written()["response approve"])
    assert "preAuthRef" not in response(written()["reviewed deny-hiv"])


def test_notes_speak_the_language_of_the_reader() -> None:
    notes = response(written()["reviewed deny-several"])["processNote"]
    assert {one["language"]["coding"][0]["code"] for one in notes} == {"es"}
    assert f"Una persona lo revisó: {REVIEWER}." in [one["text"] for one in notes]
    grounds = [one["text"].partition(":")[0] for one in notes]
    assert {"approval.II", "exclusion.IV", "exclusion.V"} <= set(grounds)


def test_whom_the_request_names_comes_along() -> None:
    found = written()["response that names others"]
    assert broken(found) == []
    kinds = [one["resourceType"] for one in resources(found)]
    assert kinds == ["ClaimResponse", "Patient", "Organization", "Practitioner", "Organization"]
    assert response(found)["insurer"] == {"reference": f"{CLINIC}/Organization/plan"}
    assert response(found)["request"]["identifier"]["value"] == "77"


def test_a_service_that_is_asked_for_carries_the_coverage_information() -> None:
    found = asked([of_a_clinic()], "a.json", "seed")
    assert found is not None
    order = through(annotated_order(found, answer("deny-several"), None))
    assert order["resourceType"] == "ServiceRequest"
    assert keeps_the_rules_of_crd(information(order))


def test_reason_codes_come_from_the_users_table(tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text(
        "reason,system,code\napproval.II,https://x.example/r,7\npended,https://x.example/r,P\n"
    )
    clauses = [clause.id for clause in the_reasoner().policy.identity.clauses]
    found = read_reason_codes(table, clauses)

    def told_codes(by: str | None) -> list[str]:
        bundle = respond(request("deny-several"), answer("deny-several", by, codes=found))
        return [
            part["valueCodeableConcept"]["coding"][0]["code"]
            for line in lines(bundle)
            for part in line["adjudication"][0]["extension"][0]["extension"]
            if part["url"] == "reasonCode"
        ]

    assert told_codes(REVIEWER) == ["7"]
    assert told_codes(None) == ["P"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reason,code\n", "the column `system` is missing"),
        ("reason,system,code\napproval.2,a,b\n", "`approval.2` is no clause of the policy"),
        ("reason,system,code\napproval.II,a,\n", "`system` and `code` must be filled"),
        ("reason,system,code\napproval.II,a,b\napproval.II,a,c\n", "`approval.II` has two codes"),
        ("reason,system,code\nx", "`x` is no clause"),
    ],
)
def test_a_table_that_is_none_is_an_error_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    table = tmp_path / "codes.csv"
    table.write_text(text)
    with pytest.raises(CaseError) as error:
        read_reason_codes(table, ["approval.II"])
    assert said in error.value.message
    assert str(table) in error.value.where
