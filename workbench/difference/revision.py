"""Where a version is: a rules folder, the working tree, or a revision of git."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from reasoner.errors import UsageError

__all__ = ["open_rules"]


def open_rules(name: str, into: Path, *, rules: Path) -> Path:
    """Return the rules folder that *name* means; what git keeps is written to *into*.

    *name* is a folder with `policies/`, one with `rules/policies/`, or a git revision, as
    `REV` or `REV:FOLDER`; of a bare revision the folder is that of *rules* in its repository.

    Raises:
        UsageError: it is none of these; or git is not there, or does not know it.
    """
    path = Path(name)
    for folder in (path, path / "rules"):
        if (folder / "policies").is_dir():
            return folder
    if path.is_dir():
        raise UsageError(
            "usage.rules",
            f"`{name}` is no rules folder: it has no `policies/`",
            hint="name the folder that holds core/, library/, terminology/ and policies/",
        )
    revision, _, below = name.partition(":")
    return _archived(revision, below, into, rules)


def _archived(revision: str, below: str, into: Path, rules: Path) -> Path:
    name = f"{revision}:{below}" if below else revision
    here = Path() if below else rules
    top = _git(here, "rev-parse", "--show-toplevel", name=name).decode().strip()
    if revision.startswith("-") or not _known(Path(top), revision):
        raise UsageError(
            "usage.revision",
            f"`{name}` is neither a rules folder nor a revision that git knows",
            where=top,
            hint="name a folder, a branch, a tag or a commit; `git log -- rules` lists commits",
        )
    folder = below.strip("/") or rules.resolve().relative_to(Path(top).resolve()).as_posix()
    archive = _git(Path(top), "archive", "--format=tar", revision, "--", folder, name=name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")
    found = into / folder
    if not (found / "policies").is_dir():
        raise UsageError(
            "usage.rules",
            f"`{folder}` of the revision `{revision}` is no rules folder: it has no `policies/`",
            hint="write REVISION:FOLDER to name another folder",
        )
    return found


def _known(top: Path, revision: str) -> bool:
    done = _run(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return done.returncode == 0


def _git(folder: Path, *arguments: str, name: str) -> bytes:
    done = _run(folder, *arguments)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(
            "usage.revision",
            f"`{name}` is no rules folder, and git cannot read it as a revision: "
            f"{(said or ['it says nothing'])[0].removeprefix('fatal: ')}",
            hint="name a rules folder, or a revision of a repository that holds the rules",
        )
    return done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 -- no shell, and a revision cannot be an option
            ["git", "-C", str(folder), *arguments],  # noqa: S607 -- the user's git
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError(
            "usage.revision",
            "a revision needs git, and git is not installed",
            hint="name two rules folders instead",
        ) from None
