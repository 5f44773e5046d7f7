"""What an author waits for: `verify` and `diff`, from a cold command, on every policy.

`python -m benchmarks.authoring` prints the report. A change is compared for each way in which
`diff` answers: proved over all worlds, unchanged up to names, found among records.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.run import REASONER, ROOT, mark, measure

__all__ = ["authoring"]

VERIFY_TARGET_S = 5.0  # CPU
DIFF_TARGET_S = 5.0  # CPU

Edit = tuple[str, str, str]
"""In a file, what stands there, and what takes its place."""

_LEMTRADA, _TEACHING = "mp-rx-fp-52-23", "teaching-infliximab"
CHANGES: Mapping[str, Mapping[str, Sequence[Edit]]] = {
    _LEMTRADA: {
        "nothing": (),
        "a threshold of the criteria": (
            ("parameters.lp", "parameter(failures_needed, 2)", "parameter(failures_needed, 3)"),
        ),
        "a literal in another order": (
            (
                "exclusions.lp",
                "is(indication, ms), is(phenotype, cis)",
                "is(phenotype, cis), is(indication, ms)",
            ),
        ),
        "an age in days of birth": (
            ("parameters.lp", "parameter(adult_months, 216)", "parameter(adult_months, 217)"),
        ),
        "a window of doses": (("parameters.lp", "limit_months(12)", "limit_months(11)"),),
        "a threshold under another reading": (
            ("parameters.lp", "renewal_months(60)", "renewal_months(48)"),
        ),
    },
    _TEACHING: {
        "nothing": (),
        "a threshold of the criteria": (
            ("parameters.lp", "parameter(signs_needed, 2)", "parameter(signs_needed, 3)"),
        ),
        "a measured number": (
            (
                "parameters.lp",
                "parameter(raised_protein, 10000)",
                "parameter(raised_protein, 10001)",
            ),
        ),
        "a default of a reading": (
            ("readings.lp", "default(minimum_trial_days, 84)", "default(minimum_trial_days, 0)"),
        ),
    },
}


def authoring(scratch: Path, rounds: int = 3) -> None:
    """Print what `verify` and `diff` cost on each policy, the median of *rounds* runs."""
    nothing, rules = Path(os.devnull), ROOT / "rules"
    for policy, changes in CHANGES.items():
        command = [*REASONER, "verify", policy]
        cost = _median([measure(command, nothing, scratch / "verify").cpu_s for _ in range(rounds)])
        print(f"verify {policy}: {cost:.1f} s CPU ({mark(cost, VERIFY_TARGET_S)})")
        for name, edits in changes.items():
            new = _changed(rules, scratch / "rules", policy, edits)
            command = [*REASONER, "diff", str(rules), str(new), "--policy", policy]
            cost = _median(
                [measure(command, nothing, scratch / "diff").cpu_s for _ in range(rounds)]
            )
            print(f"diff {policy}, {name}: {cost:.1f} s CPU ({mark(cost, DIFF_TARGET_S)})")


def _median(costs: Sequence[float]) -> float:
    return sorted(costs)[len(costs) // 2]


def _changed(rules: Path, into: Path, policy: str, edits: Sequence[Edit]) -> Path:
    """Return a copy of *rules* with *edits* made.

    Raises:
        SystemExit: the rules do not say what is to be changed.
    """
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(rules, into)
    for file, old, new in edits:
        path = into / "policies" / policy / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"{path}: `{old}` stands there {text.count(old)} times")
        path.write_text(text.replace(old, new), encoding="utf-8")
    return into


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        authoring(Path(name))
