"""Where tests are: the files of `tests/` beside a `policy.toml`."""

from __future__ import annotations

from pathlib import Path

from reasoner.errors import PolicyError
from workbench.suite.row import Row, policy_folder

__all__ = ["SUFFIXES", "policy_rows", "read_rows", "test_files"]

SUFFIXES = (".yaml", ".yml", ".csv")


def read_rows(path: Path) -> list[Row]:
    """Return the rows of the file of tests at *path*.

    Raises:
        PolicyError: it is no file of tests.
        CaseError: a row is no case.
    """
    if path.suffix == ".csv":
        from workbench.suite.sheet import read_sheet

        return read_sheet(path)
    from workbench.suite.table import read_table

    return read_table(path)


def test_files(folder: Path) -> list[Path]:
    """Return the files of tests below *folder*, in order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES and path.is_file() and policy_folder(path) is not None
    )


def policy_rows(folder: Path) -> list[Row]:
    """Return every row of the policy in *folder*.

    Raises:
        PolicyError: a file is no file of tests, or two rows have one name.
        CaseError: a row is no case.
    """
    rows = [row for path in test_files(folder / "tests") for row in read_rows(path)]
    seen: dict[str, Row] = {}
    for row in rows:
        check_unique(row, seen)
    return rows


def check_unique(row: Row, seen: dict[str, Row]) -> None:
    """Keep *row* among those that were *seen*.

    Raises:
        PolicyError: another row has its name.
    """
    first = seen.setdefault(row.name, row)
    if (first.path, first.line) != (row.path, row.line):
        raise PolicyError(
            "test.twice",
            f"the name `{row.name}` is given twice",
            where=row.where,
            hint=f"{first.where} has it too; a name is unique among the tests of a policy",
        )
