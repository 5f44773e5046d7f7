"""One fault planted in the rules of each clause: the comparison with the oracle finds it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from oracle.policy import CLAUSES
from reasoner import terminology
from reasoner.engine import Reasoner
from reasoner.policy import load_policy, rules_folder
from test_oracle import Difference, differences, said

SEEDS = range(400)
POLICY = "policies/mp-rx-fp-52-23"


class Fault(NamedTuple):
    """*sound* stands once in *file*; *planted* takes its place."""

    file: str
    sound: str
    planted: str


FAULTS = {
    "approval.I": Fault(
        f"{POLICY}/parameters.lp", "relapsing(rrms; active_spms)", "relapsing(rrms; cis)"
    ),
    "approval.II": Fault(
        f"{POLICY}/parameters.lp", "parameter(failures_needed, 2)", "parameter(failures_needed, 1)"
    ),
    "approval.III": Fault(f"{POLICY}/evidence.lp", "step(hiv, positive_code, hiv_positive).", ""),
    "exclusion.I": Fault(f"{POLICY}/exclusions.lp", "is(phenotype, cis)", "is(phenotype, rrms)"),
    "exclusion.II": Fault(
        f"{POLICY}/exclusions.lp",
        "applies(exclusion(ii)) :- is(indication, ms), is(phenotype, ppms).",
        "applies(exclusion(ii)) :- is(indication, other), is(phenotype, ppms).",
    ),
    "exclusion.III": Fault(
        f"{POLICY}/parameters.lp",
        "phenotype_of(nonactive_spms, nonactive_spms)",
        "phenotype_of(nonactive_spms, ppms)",
    ),
    "exclusion.IV": Fault(
        "library/therapies.lp",
        "ends(R, First, _), first_planned(_, Day), First >= Day",
        "ends(R, First, _), first_planned(_, Day), First > Day",
    ),
    "exclusion.V": Fault(
        "library/conditions.lp",
        "ended_before_start(R) :- condition(R), date(R, end, _, Last), first_planned(Day, _), "
        "Last < Day.",
        "ended_before_start(R) :- condition(R), date(R, end, _, Last), first_planned(Day, _), "
        "Last <= Day.",
    ),
    "exclusion.VI": Fault(
        f"{POLICY}/parameters.lp", "parameter(adult_months, 216)", "parameter(adult_months, 215)"
    ),
    "quantity.limit": Fault(f"{POLICY}/parameters.lp", "limit_months(12)", "limit_months(11)"),
    "quantity.initiation": Fault(
        f"{POLICY}/parameters.lp", "limit(initiation, 5)", "limit(initiation, 3)"
    ),
}


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(rules_folder(), folder / "rules"))


def compared(rules: Path) -> list[Difference]:
    loaded = Reasoner(load_policy(rules), terminology.load(rules / "terminology"), version="0")
    return differences(loaded, SEEDS)


def test_every_clause_has_its_fault() -> None:
    assert tuple(FAULTS) == CLAUSES


def test_a_sound_copy_agrees_with_the_oracle(tmp_path: Path) -> None:
    assert said(compared(copied(tmp_path))) == ""


@pytest.mark.parametrize("clause", FAULTS)
def test_the_oracle_finds_a_fault(clause: str, tmp_path: Path) -> None:
    fault = FAULTS[clause]
    path = copied(tmp_path) / fault.file
    text = path.read_text(encoding="utf-8")
    assert text.count(fault.sound) == 1, f"`{fault.sound}` no longer stands once in {fault.file}"
    path.write_text(text.replace(fault.sound, fault.planted), encoding="utf-8")

    found = compared(tmp_path / "rules")
    assert found, f"no seed of {SEEDS} shows the fault"
    sys.stdout.write(f"{clause}: {len(found)} of {len(SEEDS)} seeds, the first: {found[0]}\n")
    assert any(d.expected["clauses"][clause] != d.found["clauses"][clause] for d in found)
