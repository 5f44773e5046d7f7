"""A new policy: the one that the authoring guide builds, under the author's own id.

`template/` holds it file by file; a test holds the guide and the template to each other.
"""

from __future__ import annotations

import errno
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from reasoner.errors import UsageError
from reasoner.installed import installed_rules
from reasoner.policy import list_policies

__all__ = ["TEMPLATE", "write_policy"]

TEMPLATE = Path(__file__).resolve().parent / "template"
"""The folder of a policy as it is written, for the id and the number below."""

_ID, _NUMBER = "demo-natalizumab", "DEMO-1"
_VALID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write_policy(rules: Path, policy_id: str) -> tuple[Path, ...]:
    """Write a new policy into the folder *rules*, whole or not at all; return its files.

    Raises:
        UsageError: *policy_id* is no id, it is taken, or the folder cannot be written: not
            by us, if it is part of the installed program.
    """
    list_policies(rules)
    if rules.resolve() == installed_rules():
        raise UsageError(
            "usage.rules",
            "the rules that are installed with the program are not written to",
            where=str(rules),
            hint=f"copy the folder, and name the copy: `cp -r {shlex.quote(str(rules))} rules`, "
            "then `--rules rules`",
        )
    if not _VALID.fullmatch(policy_id):
        raise UsageError(
            "usage.policy",
            f"`{policy_id}` is no id of a policy",
            hint="small letters and digits, in groups with a hyphen between: `rx-17-drug`",
        )
    target = rules / "policies" / policy_id
    if target.exists():
        raise _taken(target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as made:
            whole = Path(made) / policy_id
            _fill(whole, policy_id)
            whole.rename(target)  # it never replaces a folder that holds something
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise _taken(target) from None
        reason = (error.strerror or "unknown reason").lower()
        raise UsageError(
            "usage.rules",
            f"the policy cannot be written: {reason}",
            where=str(target),
            hint="name a rules folder of your own: `--rules DIR`",
        ) from None
    return tuple(sorted(path for path in target.rglob("*") if path.is_file()))


def _taken(target: Path) -> UsageError:
    return UsageError(
        "usage.policy",
        f"there is something at `{target}` already",
        hint="choose another id, or change the policy that is there",
    )


def _fill(folder: Path, policy_id: str) -> None:
    """Copy the template into *folder* under the new id, with its number in the texts."""
    shutil.copytree(TEMPLATE, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            new = text.replace(_ID, policy_id).replace(_NUMBER, policy_id.upper())
            path.write_text(new, encoding="utf-8")
