"""What a decision costs, beside plain clingo, measured in one run on one core.

`python -m benchmarks.run` prints the report. Ratios are the result: both sides run here and
now, in turns, so that a slow or busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import RECORDS_PER_CASE, cases
from benchmarks.charts import chart
from benchmarks.testing import POLICIES, measured

__all__: list[str] = []

ROOT = Path(__file__).parent.parent
BARE = [sys.executable, "-c", "import clingo, typer"]
REASONER = [sys.executable, "-m", "reasoner"]
PLAIN = [sys.executable, "-m", "benchmarks.plain"]

PARTS = ("cold", "reading", "explaining", "stream", "testing")

COLD_TARGET = 2.0  # times BARE
STREAM_TARGET_MS = 3.0  # a case
MEMORY_TARGET = 1.1  # the long stream to the short one
WHY_TARGET = 5.0  # times `decide`, in one warm process
LARGE_RECORDS = 2000
LARGE_TARGET_S = 10.0
LARGE_TARGET_MIB = 500.0
PAGE_TARGET_KB = 150.0
TEST_TARGET_S = 1.0  # a hundred rows, beyond the start
MUTATE_TARGET_S = 240.0  # CPU: two minutes on two cores
CHART_MB = 5
CHART_TARGET_S = 1.0  # CPU
CHART_TARGET_MIB = 300.0  # beyond the file


@dataclass(frozen=True)
class Cost:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measure(command: Sequence[str], stdin: Path, stdout: Path) -> Cost:
    """Run *command* in the checkout and return its cost.

    Raises:
        SystemExit: the command failed, so there is nothing to compare.
    """
    with stdin.open("rb") as source, stdout.open("wb") as target:
        begun = time.perf_counter()
        # Not `run`: only `wait4` tells what this one child used.
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=source, stdout=target, stderr=subprocess.PIPE
        )
        complaint = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        text = complaint.decode(errors="replace")
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}:\n{text}")
    kib = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, kib / 1024)


def in_turns(
    commands: Sequence[tuple[Sequence[str], Path, Path]], rounds: int
) -> list[tuple[Cost, float]]:
    """Return the median costs of each command, and its median wall-time ratio to the last one.

    A first round, not counted, warms caches and byte code. The ratio is taken round by round.
    """
    for command in commands:
        measure(*command)
    costs = [[measure(*command) for command in commands] for _ in range(rounds)]
    medians = []
    for mine in zip(*costs, strict=True):
        ratios = [cost.wall_s / row[-1].wall_s for cost, row in zip(mine, costs, strict=True)]
        middle = Cost(
            statistics.median(cost.wall_s for cost in mine),
            statistics.median(cost.cpu_s for cost in mine),
            statistics.median(cost.peak_mib for cost in mine),
        )
        medians.append((middle, statistics.median(ratios)))
    return medians


def mark(value: float, target: float) -> str:
    """Say whether *value* keeps within *target*.

    >>> mark(1.5, 2.0), mark(2.5, 2.0)
    ('within 2.0', 'OVER 2.0')
    """
    return f"{'within' if value <= target else 'OVER'} {target}"


def cold(example: Path, rounds: int, scratch: Path) -> None:
    """Print what one decision costs from a cold start."""
    nothing = Path(os.devnull)
    decide = [*REASONER, "decide", str(example)]
    (mine, ratio), (bare, _) = in_turns(
        [(decide, nothing, scratch / "decision"), (BARE, nothing, scratch / "bare")], rounds
    )
    print(f"cold start, median of {rounds} runs in turns")
    print(f"  reasoner decide {example}: {mine.wall_s * 1000:7.0f} ms")
    print(f"  import clingo, typer: {bare.wall_s * 1000:7.0f} ms")
    print(f"  ratio: {ratio:.2f} ({mark(ratio, COLD_TARGET)})")


def stream(short: int, long: int, *, seed: int, rounds: int, scratch: Path) -> None:
    """Print what a case costs in a stream of *short* cases, and the memory of a *long* one."""
    files = {count: scratch / f"{count}.jsonl" for count in (short, long)}
    for count, file in files.items():
        made = cases(count, seed=seed)
        file.write_text("".join(f"{json.dumps(case)}\n" for case in made), encoding="utf-8")
    decide = [*REASONER, "decide", "-", "--format", "json"]
    decisions, verdicts = scratch / "decisions.jsonl", scratch / "verdicts"
    (mine, ratio), (plain, _) = in_turns(
        [(decide, files[short], decisions), (PLAIN, files[short], verdicts)], rounds
    )
    found = tally(decisions, short)
    case_ms = mine.cpu_s * 1000 / short
    print(
        f"stream of {short} cases of {RECORDS_PER_CASE} records, median of {rounds} runs in turns"
    )
    print(f"  reasoner decide: {case_ms:.2f} ms CPU a case, start included", end=" ")
    print(f"({mark(case_ms, STREAM_TARGET_MS)})")
    print(f"  plain clingo: {plain.cpu_s * 1000 / short:.2f} ms CPU a case")
    print(f"  ratio: {ratio:.2f}")
    print(f"  results: {', '.join(f'{name} {count}' for name, count in found.most_common())}")

    more = measure(decide, files[long], decisions)
    tally(decisions, long)
    further_ms = (more.cpu_s - mine.cpu_s) * 1000 / (long - short)
    growth = more.peak_mib / mine.peak_mib
    print(f"stream of {long} cases")
    print(f"  each further case: {further_ms:.2f} ms CPU")
    print(f"  peak memory: {more.peak_mib:.0f} MiB, with {short} cases {mine.peak_mib:.0f} MiB")
    print(f"  ratio: {growth:.2f} ({mark(growth, MEMORY_TARGET)})")


def explaining(folder: Path, *, seed: int, scratch: Path) -> None:
    """Print what `why` costs beside `decide`, on a large case, and how heavy pages are."""
    examples = sorted(map(str, folder.glob("*.yaml")))
    found = scratch / "ratios"
    measure([sys.executable, "-m", "benchmarks.explaining", *examples], Path(os.devnull), found)
    pairs = json.loads(found.read_text(encoding="utf-8"))
    ratios = sorted(why / decide for decide, why in pairs.values())
    middle = statistics.median(ratios)
    print(f"why of {len(ratios)} examples, warm, beside decide")
    print(f"  ratio: median {middle:.2f}, most {ratios[-1]:.2f} ({mark(ratios[-1], WHY_TARGET)})")

    (large,) = cases(1, seed=seed, records=LARGE_RECORDS)
    path = scratch / "large.json"
    path.write_text(json.dumps(large), encoding="utf-8")
    cost = measure([*REASONER, "why", str(path)], Path(os.devnull), scratch / "why")
    print(f"why of a case of {LARGE_RECORDS} records, from a cold start")
    print(f"  {cost.wall_s:.1f} s ({mark(cost.wall_s, LARGE_TARGET_S)})", end=", ")
    print(f"{cost.peak_mib:.0f} MiB ({mark(cost.peak_mib, LARGE_TARGET_MIB)})")

    pages = scratch / "pages"
    report = [*REASONER, "report", *examples, "-o", f"{pages}{os.sep}"]
    measure(report, Path(os.devnull), scratch / "report")
    heaviest = max(page.stat().st_size for page in pages.glob("*.html")) / 1000
    print(f"the heaviest page: {heaviest:.0f} kB ({mark(heaviest, PAGE_TARGET_KB)})")


def reading(scratch: Path) -> None:
    """Print what it takes to read a chart of FHIR."""
    path, found = scratch / "chart.json", scratch / "reading"
    path.write_text(chart(CHART_MB * 1_000_000), encoding="utf-8")
    measure([sys.executable, "-m", "benchmarks.reading", str(path)], Path(os.devnull), found)
    took = json.loads(found.read_text(encoding="utf-8"))
    beyond = took["mib"] - path.stat().st_size / 2**20
    print(f"a FHIR chart of {CHART_MB} MB, {took['records']} records")
    print(f"  {took['cpu_s']:.2f} s CPU ({mark(took['cpu_s'], CHART_TARGET_S)})", end=", ")
    print(f"{beyond:.0f} MiB beyond the file ({mark(beyond, CHART_TARGET_MIB)})")


def testing() -> None:
    """Print what the tests of a policy take, and its mutants."""
    for policy in POLICIES:
        took = measured(policy)
        print(f"reasoner test {policy}, {took['rows']:.0f} rows")
        hundred, mutants = took["hundred_s"], took["mutate_s"]
        print(f"  100 rows: {hundred:.2f} s CPU ({mark(hundred, TEST_TARGET_S)})")
        print(f"  --mutate -n 2, {took['mutants']:.0f} mutants: {mutants:.0f} s CPU", end=" ")
        print(f"({mark(mutants, MUTATE_TARGET_S)}), {took['percent']} % noticed")


def tally(decisions: Path, expected: int) -> Counter[str]:
    """Count the recommendations, one line a case.

    Raises:
        SystemExit: a case was not answered, so that the times are those of something else.
    """
    with decisions.open(encoding="utf-8") as lines:
        found = Counter(str(json.loads(line).get("recommendation", "error")) for line in lines)
    if found["error"] or found.total() != expected:
        raise SystemExit(f"{expected} cases gave {found.total()} lines, {found['error']} errors")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--example", type=Path, default=Path("examples/approve.yaml"))
    parser.add_argument("--cold-rounds", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--many", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # children inherit it
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"seed {given.seed}, Python {sys.version.split()[0]}, one core")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if "cold" in given.only:
            cold(given.example, given.cold_rounds, scratch)
        if "reading" in given.only:
            reading(scratch)
        if "explaining" in given.only:
            explaining(given.example.parent, seed=given.seed, scratch=scratch)
        if "stream" in given.only:
            stream(given.cases, given.many, seed=given.seed, rounds=given.rounds, scratch=scratch)
        if "testing" in given.only:
            testing()


if __name__ == "__main__":
    main()
