"""What the Da Vinci PAS guide (2.2.1) demands of a response, as far as a file alone can show it.

A row is a place in the guide, what it demands, and a check of the Bundle.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

__all__ = ["broken"]

Json = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ACTIONS = {"A1", "A2", "A3", "A4", "A6", "C", "CT"}  # those that public examples of the guide use
BUNDLE, RESPONSE = "profile-pas-response-bundle", "profile-claimresponse"


def resources(bundle: Json) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"]]


def response(bundle: Json) -> Json:
    return resources(bundle)[0]


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for below in value.values():
            yield from references(below)
    elif isinstance(value, list):
        for below in value:
            yield from references(below)


def leads_to(bundle: Json, name: str, *types: str) -> bool:
    """An element names a resource of the Bundle, or says by a name or a reason that it does not."""
    reference = response(bundle).get(name, {})
    if "reference" not in reference:
        return bool({"identifier", "display", "extension"} & set(reference))
    found = {e["fullUrl"]: e["resource"]["resourceType"] for e in bundle["entry"]}
    return found.get(reference["reference"]) in types


def lines(bundle: Json) -> list[Json]:
    return [*response(bundle)["item"], *response(bundle).get("addItem", [])]


def actions(line: Json) -> list[Json]:
    return [
        extension
        for adjudication in line["adjudication"]
        for extension in adjudication.get("extension", [])
        if extension["url"] == f"{PAS}/extension-reviewAction"
    ]


def codes(line: Json) -> list[str]:
    return [
        part["valueCodeableConcept"]["coding"][0]["code"]
        for action in actions(line)
        for part in action["extension"]
        if part["url"] == f"{PAS}/extension-reviewActionCode"
    ]


def has_one_action(line: Json) -> bool:
    known = {
        f"{PAS}/extension-reviewActionCode",
        "number",
        "reasonCode",
        "secondSurgicalOpinionFlag",
    }
    found = actions(line)
    return len(found) == 1 and {part["url"] for part in found[0]["extension"]} <= known


def notes_resolve(bundle: Json) -> bool:
    numbers = [note.get("number") for note in response(bundle).get("processNote", [])]
    used = {number for line in lines(bundle) for number in line.get("noteNumber", [])}
    return None not in numbers and len(set(numbers)) == len(numbers) and used <= set(numbers)


def reviewer(bundle: Json) -> list[bool]:
    return [
        part["valueBoolean"]
        for extension in response(bundle).get("extension", [])
        if extension["url"] == f"{PAS}/extension-claimResponseReviewer"
        for part in extension["extension"]
        if part["url"] == "wasHumanReviewedFlag"
    ]


class Rule(NamedTuple):
    where: str
    demand: str
    holds: Callable[[Json], bool]


RULES = [
    Rule(BUNDLE, "type is collection", lambda b: b["type"] == "collection"),
    Rule(BUNDLE, "identifier 1..1", lambda b: {"system", "value"} <= set(b.get("identifier", {}))),
    Rule(BUNDLE, "timestamp 1..1", lambda b: bool(INSTANT.fullmatch(b.get("timestamp", "")))),
    Rule(BUNDLE, "the first entry is the ClaimResponse, and the only one",
         lambda b: [r["resourceType"] == "ClaimResponse" for r in resources(b)]
         == [True] + [False] * (len(b["entry"]) - 1)),
    Rule(BUNDLE, "entry.fullUrl 1..1, each another",
         lambda b: len({e.get("fullUrl") for e in b["entry"]} - {None}) == len(b["entry"])),
    Rule(BUNDLE, "entry.search, request and response 0..0",
         lambda b: all(set(e) <= {"fullUrl", "resource"} for e in b["entry"])),
    Rule(BUNDLE, "what the response points at is in the Bundle",
         lambda b: set(references(response(b))) <= {e["fullUrl"] for e in b["entry"]}),
    Rule(RESPONSE, "status is active", lambda b: response(b)["status"] == "active"),
    Rule(RESPONSE, "use is preauthorization", lambda b: response(b)["use"] == "preauthorization"),
    Rule(RESPONSE, "created 1..1", lambda b: bool(INSTANT.fullmatch(response(b)["created"]))),
    Rule(RESPONSE, "patient is a Patient", lambda b: leads_to(b, "patient", "Patient")),
    Rule(RESPONSE, "insurer is an Organization", lambda b: leads_to(b, "insurer", "Organization")),
    Rule(RESPONSE, "request 1..1", lambda b: leads_to(b, "request", "Claim")),
    Rule(RESPONSE, "outcome is complete, error or partial",
         lambda b: response(b)["outcome"] in {"complete", "error", "partial"}),
    Rule(RESPONSE, "preAuthRef only where something is authorized",
         lambda b: "preAuthRef" not in response(b)
         or bool({"A1", "A6"} & {c for line in lines(b) for c in codes(line)})),
    Rule(RESPONSE, "item.adjudication has one reviewAction, of known parts",
         lambda b: all(map(has_one_action, lines(b)))),
    Rule(RESPONSE, "reviewAction has one known code",
         lambda b: all(len(codes(line)) == 1 and set(codes(line)) <= ACTIONS for line in lines(b))),
    Rule(RESPONSE, "adjudication.category is submitted",
         lambda b: all(a["category"]["coding"][0]["code"] == "submitted"
                       for line in lines(b) for a in line["adjudication"])),
    Rule(RESPONSE, "addItem.itemSequence 1..1, of an item",
         lambda b: all(one["itemSequence"] in [[i["itemSequence"]] for i in response(b)["item"]]
                       for one in response(b).get("addItem", []))),
    Rule(RESPONSE, "processNote.number 1..1, and each noteNumber is one", notes_resolve),
    Rule(RESPONSE, "claimResponseReviewer has wasHumanReviewedFlag 1..1",
         lambda b: len(reviewer(b)) == 1),
    Rule("no automated denial", "A3 and A6 only with wasHumanReviewedFlag true",
         lambda b: reviewer(b) == [True]
         or not {"A3", "A6"} & {c for line in lines(b) for c in codes(line)}),
]  # fmt: skip


def broken(bundle: Json) -> list[str]:
    """Return what *bundle* breaks."""
    return [f"{rule.where}: {rule.demand}" for rule in RULES if not rule.holds(bundle)]
