"""What the tests of a policy cost, and the mutants of its rules: seconds of processor time."""

from __future__ import annotations

import json
import os
import subprocess
import sys

__all__ = ["POLICIES", "measured"]

POLICIES = ("mp-rx-fp-52-23", "teaching-infliximab")
_TEST = [sys.executable, "-m", "reasoner", "test"]


def measured(policy: str) -> dict[str, float]:
    """Return rows, seconds a hundred rows beyond the start, and seconds for all mutants."""
    start, _ = _run([*_TEST, "--help"])
    whole, told = _run([*_TEST, policy, "--format", "json"])
    rows = len(json.loads(told)["rows"])
    every, told = _run([*_TEST, policy, "--mutate", "-n", "2", "--format", "json"])
    (score,) = json.loads(told)["policies"]
    return {
        "rows": rows,
        "hundred_s": (whole - start) * 100 / rows,
        "mutants": len(score["mutants"]),
        "mutate_s": every,
        "percent": score["percent"],
    }


def _run(command: list[str]) -> tuple[float, str]:
    """Return the processor time of *command* and its children, and what it printed."""
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = os.times()
    used = after.children_user + after.children_system
    return used - before.children_user - before.children_system, done.stdout


if __name__ == "__main__":
    print(json.dumps({policy: measured(policy) for policy in POLICIES}))
