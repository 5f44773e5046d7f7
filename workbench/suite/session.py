"""A run of pytest over a policy's tests, away from whatever else pytest is set up for."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec

from reasoner.errors import UsageError

if TYPE_CHECKING:
    import pytest

__all__ = ["Outcome", "Report", "collected", "run"]

_OWN = ("-p", "workbench.suite.plugin", "--noconftest", "--tb=short", "-q", "--no-header")
_XDIST = ("-p", "xdist.plugin")


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a row: `passed`, `failed` or `error`, and what is told of it."""

    item: str
    outcome: str
    told: str = ""


class Report(msgspec.Struct, frozen=True):
    """What came of a run: so many rows, and each of them."""

    passed: int
    failed: int
    errors: int
    rows: tuple[Outcome, ...]


def run(arguments: Sequence[str], plugins: Sequence[object] = ()) -> int:
    """Run pytest on *arguments* and return its exit status; it prints.

    Neither the settings of the project that the user stands in nor its plugins count: the
    same rows give the same report everywhere.

    Raises:
        UsageError: pytest is not installed, or what `-n` needs.
    """
    if find_spec("pytest") is None:
        raise _lacking("pytest", "`reasoner test` runs")
    parallel = any(one.startswith(("-n", "--numprocesses", "--dist")) for one in arguments)
    if parallel and find_spec("xdist") is None:
        raise _lacking("pytest-xdist", "`-n` needs")
    import pytest

    place = os.getcwd()  # noqa: PTH109 -- pytest takes text
    fixed = [*_OWN, *(_XDIST if parallel else ()), "-c", os.devnull, f"--rootdir={place}"]
    before = os.environ.get(_ALONE)
    os.environ[_ALONE] = "1"
    try:
        return int(pytest.main([*fixed, *arguments], plugins=list(plugins)))
    finally:
        if before is None:
            del os.environ[_ALONE]
        else:
            os.environ[_ALONE] = before


_ALONE = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


def _lacking(package: str, needed: str) -> UsageError:
    return UsageError(
        "usage.extra",
        f"{needed} `{package}`, which is not installed",
        hint="pip install 'policy-reasoner[author]'",
    )


def collected(arguments: Sequence[str]) -> tuple[Report, int]:
    """Run pytest in silence and return what came of each row, and its exit status."""
    keeper = _Keeper()
    with contextlib.redirect_stdout(io.StringIO()):
        status = run(arguments, [keeper])
    rows = tuple(keeper.outcomes())
    count = {kind: sum(one.outcome == kind for one in rows) for kind in _KINDS}
    return Report(count["passed"], count["failed"], count["error"], rows), status


_KINDS = ("passed", "failed", "error")


class _Keeper:
    """A plugin that keeps the reports."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport | pytest.CollectReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what came of an item."""
        if report.when == "call" or report.failed:
            self.reports.append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what is wrong with a file."""
        if report.failed:
            self.reports.append(report)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what came of each row, in the order in which they ran."""
        for report in self.reports:
            told: Any = report.longreprtext
            of_row = getattr(report, "when", "") == "call"
            kind = "passed" if report.passed else "failed" if of_row else "error"
            yield Outcome(report.nodeid, kind, told)
