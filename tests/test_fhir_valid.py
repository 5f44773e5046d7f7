"""What is written is valid R4, and keeps the rules of the PAS guide."""

import copy
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fhir_out_parts import (
    NAMES,
    NEWEST_REFUSED,
    VALIDATOR,
    Json,
    request,
    written,
)
from pas_rules import broken


def tool() -> str:
    """Node.js, where it and the validator are installed."""
    node = shutil.which("node")
    version = node and subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    )
    old = not version or int(version.stdout.strip("v\n").partition(".")[0] or 0) < NEWEST_REFUSED
    if node is None or old or not (VALIDATOR / "node_modules").is_dir():
        if os.environ.get("REQUIRE_TOOLS"):
            pytest.fail("no validator of FHIR is installed, and REQUIRE_TOOLS asks for it")
        pytest.skip("no validator: Node.js 22, and `npm ci --prefix tests/fhir_validator`")
    return node


@pytest.fixture(scope="module")
def validated() -> Callable[[str], list[str]]:
    """What the validator says, by name: one process for everything that is written."""
    node = tool()
    given = list(written().items()) + [(name, one) for name, one, _ in CORRUPTED]
    bound, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        ran = subprocess.run(
            [node, str(VALIDATOR / "validate.mjs")],
            input=json.dumps(given), capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found.__getitem__


KINDS = ("request", "response", "reviewed", "crd", "questions")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_valid_r4(kind: str, validated: Callable[[str], list[str]]) -> None:
    names = [name for name in written() if name.startswith(f"{kind} ")]
    assert len(names) >= len(NAMES)
    assert {name: validated(name) for name in names} == {name: [] for name in names}


def corrupted() -> Iterator[tuple[str, Json, str]]:
    """A response with one fault, and a word of what the validator must say of it."""
    plain = request("partial")
    claim = plain["entry"][0]["resource"]

    def changed(**fields: object) -> Json:
        kept = {k: v for k, v in {**claim, **fields}.items() if v is not None}
        return {**plain, "entry": [{**plain["entry"][0], "resource": kept}, *plain["entry"][1:]]}

    yield "lacks a field", changed(priority=None), "Missing required property"
    yield "has another field", changed(colour="red"), "additional property"
    yield "has an unknown code", changed(use="purchase"), "not a code of"
    yield "has no date", changed(created="last week"), "Invalid"
    yield "has a list for one", changed(status=["active"]), "Claim.status"
    yield "has a type that is none", changed(item=[{"sequence": "one"}]), "Claim.item"
    twice = {**plain, "entry": [plain["entry"][0], plain["entry"][0]]}
    yield "has an entry twice", twice, "bdl-7"


CORRUPTED = list(corrupted())


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, said in CORRUPTED])
def test_the_validator_refuses_what_is_corrupt(
    name: str, said: str, validated: Callable[[str], list[str]]
) -> None:
    faults = validated(name)
    assert any(said in fault or said in fault.replace("resource.", "Claim.") for fault in faults), (
        faults
    )


def test_a_response_keeps_the_rules_of_the_guide() -> None:
    for name, one in written().items():
        if name.startswith(("response", "reviewed")):
            assert broken(one) == [], name


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("type",), "batch", "type is collection"),
        (("timestamp",), "2026-03-05", "timestamp"),
        (("entry", 0, "resource", "patient"), {"reference": "Patient/x"}, "patient"),
        (("entry", 0, "resource", "outcome"), "queued", "outcome"),
        (("entry", 0, "resource", "preAuthRef"), "PA", "preAuthRef"),
        (("entry", 0, "resource", "item", 0, "noteNumber"), [99], "noteNumber"),
        (("entry", 0, "resource", "item", 0, "adjudication", 0, "extension"), [], "reviewAction"),
        (("entry", 0, "resource", "extension"), [], "wasHumanReviewedFlag"),
    ],
)
def test_the_rules_see_what_is_broken(path: tuple[Any, ...], value: object, said: str) -> None:
    bundle = copy.deepcopy(written()["response deny-several"])
    below: Any = bundle
    for step in path[:-1]:
        below = below[step]
    below[path[-1]] = value
    assert any(said in rule for rule in broken(bundle))
