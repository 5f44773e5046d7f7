"""The plugin of pytest: a row of a policy's tests is an item.

Only files under the `tests/` of a folder with a `policy.toml` are collected; what decides is
imported with the first of them, so that other projects pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reasoner.check import Finding
    from reasoner.decision import Decision
    from reasoner.engine import Reasoner
    from workbench.suite.bench import Result
    from workbench.suite.judgement import Difference
    from workbench.suite.row import Row

__all__ = ["RowItem", "pytest_collect_file"]

_SUFFIXES = (".yaml", ".yml", ".csv")
_AHEAD, _AHEAD_OF_WORKER = 64, 8
"""So many rows are decided together; a worker of xdist does not know which are its own."""

_MOST_EXPLAINED = 20
"""So many failures are told with a proof; where more rows fail, one cause is likely behind them."""

_SEEN = pytest.StashKey[dict[Path, dict[str, "Row"]]]()
_RESULTS = pytest.StashKey[dict["RowItem", "Result"]]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RowFile | None:
    """Collect a file of a policy's tests."""
    if file_path.suffix not in _SUFFIXES or "tests" not in file_path.parts:
        return None
    from workbench.suite.row import policy_folder

    if policy_folder(file_path) is None:
        return None
    found: RowFile = RowFile.from_parent(parent, path=file_path)
    return found


class RowFile(pytest.File):
    """A file of tests; its rows are the items."""

    def collect(self) -> Iterator[RowItem | RefusedItem]:
        """Yield the rows; before them, of the first file, why `decide` refuses the policy."""
        from workbench.suite.files import check_unique, read_rows
        from workbench.suite.row import policy_folder

        folder = policy_folder(self.path)
        assert folder is not None  # noqa: S101 -- else it would not have been collected
        files = self.session.stash.setdefault(_SEEN, {})
        if folder not in files and (refused := _refused(folder)):
            yield RefusedItem.from_parent(self, name="the rules", folder=folder, refused=refused)
        seen = files.setdefault(folder, {})
        for row in read_rows(self.path):
            check_unique(row, seen)
            yield RowItem.from_parent(self, name=row.name, row=row, folder=folder)

    def repr_failure(  # type: ignore[override] # pytest hands over no style
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:  # noqa: ANN401 -- pytest's
        """Say in one line what is wrong with the file."""
        from reasoner.errors import ReasonerError

        if isinstance(excinfo.value, ReasonerError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class OtherwiseError(Exception):
    """A row came out otherwise than expected."""

    def __init__(self, decision: Decision, differences: list[Difference]) -> None:
        super().__init__()
        self.decision = decision
        self.differences = differences


class _Told:
    """What is told of a failure: all of it, and its first line for the summary."""

    def __init__(self, text: str, path: str, line: int, message: str) -> None:
        from _pytest._code.code import ReprFileLocation

        self.text = text
        self.reprcrash = ReprFileLocation(path, line, message)

    def __str__(self) -> str:
        return self.text

    def toterminal(self, tw: Any) -> None:  # noqa: ANN401 -- pytest's
        """Write it."""
        for line in self.text.splitlines():
            tw.line(line)


def _refused(folder: Path) -> tuple[Finding, ...]:
    from reasoner.errors import ReasonerError
    from workbench.suite.bench import draft_of

    try:
        return draft_of(folder).refused
    except ReasonerError:
        return ()  # each row says so


class RefusedItem(pytest.Item):
    """Fails: `decide` refuses the policy, whose rows are decided as a draft all the same."""

    def __init__(
        self,
        *,
        folder: Path,
        refused: tuple[Finding, ...],
        **rest: Any,  # noqa: ANN401 -- pytest's
    ) -> None:
        super().__init__(**rest)
        self.folder = folder
        self.refused = refused

    def runtest(self) -> None:
        """Fail."""
        raise PolicyRefusedError

    def repr_failure(  # type: ignore[override] # pytest hands over no style
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:  # noqa: ANN401 -- pytest's
        """Say what is wrong with the rules."""
        if not isinstance(excinfo.value, PolicyRefusedError):
            return super().repr_failure(excinfo)
        from reasoner.check.finding import place_of
        from workbench.suite.telling import told_of_findings

        first = self.refused[0]
        place = place_of(first)
        path = str(self.folder.parent.parent / place.file)
        return _Told(told_of_findings(self.refused), path, place.line, first.message)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the rows stand."""
        return self.path, 0, self.name


class PolicyRefusedError(Exception):
    """`decide` refuses the policy."""


class RowItem(pytest.Item):
    """A row: it passes where the decision on its case is what the row expects."""

    def __init__(self, *, row: Row, folder: Path, **rest: Any) -> None:  # noqa: ANN401 -- pytest's
        super().__init__(**rest)
        self.row = row
        self.folder = folder
        self.user_properties.append(("row", f"{row.path.name}:{row.line}"))

    @property
    def reasoner(self) -> Reasoner:
        """The reasoner of the policy, one for the process."""
        from workbench.suite.bench import reasoner_of

        return reasoner_of(self.folder)

    def runtest(self) -> None:
        """Decide the row, with those that follow it, and compare."""
        from reasoner.errors import ReasonerError
        from workbench.suite.judgement import judged

        results = self.session.stash.setdefault(_RESULTS, {})
        if self not in results:
            self._decide(results)
        result = results.pop(self)
        if isinstance(result, ReasonerError):
            raise result
        differences = judged(self.row.expect, result)
        if differences:
            raise OtherwiseError(result, differences)

    def _decide(self, results: dict[RowItem, Result]) -> None:
        from workbench.suite.bench import decided

        ahead = _AHEAD_OF_WORKER if hasattr(self.config, "workerinput") else _AHEAD
        items = self.session.items
        first = items.index(self)
        block = [
            item
            for item in items[first:]
            if isinstance(item, RowItem) and item.folder == self.folder and item not in results
        ][:ahead]
        found = decided(self.reasoner, [item.row for item in block])
        results.update(zip(block, found, strict=True))

    def repr_failure(  # type: ignore[override] # pytest hands over no style
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:  # noqa: ANN401 -- pytest's
        """Say what came out otherwise, and why."""
        from reasoner.errors import ReasonerError
        from workbench.suite.telling import summary, told

        error = excinfo.value
        where = str(self.row.path), self.row.line
        if isinstance(error, ReasonerError):
            return _Told(str(error), *where, error.message)
        if isinstance(error, OtherwiseError):
            failed = self.session.testsfailed
            text = told(
                self.row,
                self.reasoner,
                error.decision,
                error.differences,
                self._item,
                proofs=failed < _MOST_EXPLAINED,
            )
            return _Told(text, *where, summary(error.differences))
        return super().repr_failure(excinfo)

    @property
    def _item(self) -> str:
        """The item as it is called from here: pytest cuts off the path of a folder elsewhere."""
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        return f"{path}::{self.name}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the row stands."""
        return self.path, self.row.line - 1, self.name
