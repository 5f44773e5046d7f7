"""The rules against the oracle: an independent, naive reading of the document, case by case.

The seeds of a test are in its name; `oracle.generate(seed)` is the case.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import oracle
from oracle.histogram import deciding
from oracle.policy import CLAUSES
from oracle.request import DEFAULT_READINGS
from reasoner import terminology
from reasoner.case import decode_case
from reasoner.decision import Decision
from reasoner.engine import Reasoner
from reasoner.policy import load_policy, rules_folder

TESTS = Path(__file__).parent
COUNT, CHUNK = 5000, 625
RECOMMENDATIONS = ("approve", "partial", "deny", "pend", "refer", "not_applicable")
COMPARED = ("recommendation", "grounds", "approved_vials", "missing", "clauses", "conflicts")

ALTERNATIVES: list[tuple[str, str | int]] = [
    ("other_relapsing", "met"),
    ("other_relapsing", "not_met"),
    ("intolerance_counts", "yes"),
    ("counted_by", "brand"),
    ("counted_by", "class"),
    ("off_label_counts", "yes"),
    ("minimum_trial_days", 28),
    ("minimum_trial_days", 90),
    ("highly_active_bypass", "yes"),
    ("hiv_test_max_age_months", 12),
    ("hiv_test_max_age_months", 24),
    ("exclusion_iv_list", "closed"),
    ("concurrent_means", "dosing_interval"),
    ("chronic_infection", "any"),
    ("infection_unstated", "ask"),
    ("under_18", "refer"),
    ("under_18", "silent"),
    ("twelve_months", "calendar_year"),
    ("twelve_months", "from_first_dose"),
    ("exception_vials_count", "no"),
    ("first_course", "again_after_5_years"),
    ("parent_code_after_2025", "ask"),
]

Answer = dict[str, Any]
Readings = Mapping[str, str | int]


@cache
def reasoner() -> Reasoner:
    folder = rules_folder()
    return Reasoner(load_policy(folder), terminology.load(folder / "terminology"), version="0")


def in_the_oracles_words(decision: Decision) -> Answer:
    approved = decision.quantity.approved
    return {
        "recommendation": decision.recommendation,
        "grounds": [[*g] if isinstance(g, tuple) else g for g in decision.grounds],
        "approved_vials": approved["vials"] if approved else None,
        "missing": sorted(missing.question for missing in decision.missing),
        "clauses": {clause.id: clause.status for clause in decision.clauses},
        "conflicts": sorted(conflict.question for conflict in decision.conflicts),
    }


class Difference(NamedTuple):
    """A seed whose case the oracle and the rules decide differently."""

    seed: int
    expected: Answer
    found: Answer

    def __str__(self) -> str:
        what = next(name for name in COMPARED if self.expected[name] != self.found[name])
        oracles, ours = self.expected[what], self.found[what]
        if what == "clauses":
            clause = next(name for name in CLAUSES if oracles[name] != ours[name])
            what, oracles, ours = clause, oracles[clause], ours[clause]
        return f"seed {self.seed}: {what}: the oracle says {oracles}, the rules {ours}"


def differences(
    rules: Reasoner, seeds: Iterable[int], readings: Readings | None = None
) -> list[Difference]:
    documents = {seed: oracle.generate(seed) for seed in seeds}
    cases = [decode_case(raw, where=f"seed {seed}") for seed, raw in documents.items()]
    chosen = {name: str(value) for name, value in (readings or {}).items()}
    decisions = rules.decide_many(cases, readings=chosen)
    both = (
        Difference(seed, oracle.decide(document, readings), in_the_oracles_words(decision))
        for (seed, document), decision in zip(documents.items(), decisions, strict=True)
    )
    return [d for d in both if any(d.expected[name] != d.found[name] for name in COMPARED)]


def said(found: list[Difference]) -> str:
    """What to show of the differences: the first ones."""
    return "\n".join(str(difference) for difference in found[:20])


def result(answer: Answer) -> tuple[object, ...]:
    return answer["recommendation"], answer["grounds"], answer["approved_vials"], answer["missing"]


# --- the comparison ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seeds",
    [range(first, first + CHUNK) for first in range(0, COUNT, CHUNK)],
    ids=lambda seeds: f"seeds {seeds.start} to {seeds.stop - 1}",
)
def test_the_rules_agree_with_the_oracle(seeds: range) -> None:
    assert said(differences(reasoner(), seeds)) == ""


@cache
def by_default(seed: int) -> Answer:
    return oracle.decide(oracle.generate(seed))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(
            name,
            value,
            id=f"{name}={value}",
        )
        for name, value in ALTERNATIVES
    ],
)
def test_the_rules_agree_under_every_reading(name: str, value: str | int) -> None:
    readings = {name: value}
    changed = [
        seed
        for seed in range(1200)
        if result(oracle.decide(oracle.generate(seed), readings)) != result(by_default(seed))
    ]
    assert changed, "no generated case depends on the reading"
    found = differences(reasoner(), sorted({*range(300), *changed[:100]}), readings)
    assert said(found) == ""


def test_the_oracle_has_the_readings_of_the_policy() -> None:
    rules = reasoner()
    assert {name: str(value) for name, value in DEFAULT_READINGS.items()} == {
        name: str(value) for name, value in rules.defaults.items()
    }
    assert {(name, str(value)) for name, value in ALTERNATIVES} == {
        (name, str(value))
        for name, values in rules.readings.items()
        for value in values
        if value != rules.defaults[name]
    }


# --- the cases --------------------------------------------------------------------------------


def test_the_cases_reach_every_recommendation_and_every_clause_decides_some() -> None:
    recommendations, clauses = Counter[str](), Counter[str]()
    for seed in range(COUNT):
        decision = by_default(seed)
        recommendations[decision["recommendation"]] += 1
        clauses.update(deciding(oracle.generate(seed), decision))
    rare = {name: recommendations[name] for name in RECOMMENDATIONS}
    assert {name: n for name, n in rare.items() if n < COUNT * 5 // 100} == {}
    assert {clause: clauses[clause] for clause in CLAUSES if clauses[clause] < 50} == {}


ALONE = """
import pathlib
import sys

TESTS = pathlib.Path(sys.argv[1])

def refuse(event, arguments):
    if event == "import" and arguments[0].split(".")[0] in {"reasoner", "explain", "clingo"}:
        raise ImportError(f"the oracle imports {arguments[0]}")
    if event == "open" and isinstance(arguments[0], str):
        path = pathlib.Path(arguments[0]).resolve()
        if any((TESTS.parent / name) in path.parents for name in ("rules", "reasoner", "examples")):
            raise PermissionError(f"the oracle reads {path}")

sys.addaudithook(refuse)
sys.path[:] = [str(TESTS), *(p for p in sys.path if p and "site-packages" not in p)]
import oracle
for seed in range(20):
    oracle.decide(oracle.generate(seed))
assert not {"reasoner", "explain", "clingo"} & set(sys.modules)
"""


def test_the_oracle_works_without_the_product_and_its_rules() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(TESTS)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
