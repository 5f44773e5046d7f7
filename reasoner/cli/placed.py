"""The place of what is wrong in the rules, where deciding a case could not say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from reasoner.errors import PolicyError, ReasonerError

if TYPE_CHECKING:
    from reasoner.cli.options import Options

__all__ = ["placed"]

_LINE = re.compile(r"[^:]+\.\w+:\d+")


def placed(options: Options, run: Callable[[], int]) -> int:
    """Return the status of *run*; of broken rules, say what `check` says of them.

    A case is decided by rules that were rewritten, so what clingo says of them has no place.
    The check takes seconds: it is asked only where there is no decision anyway.

    Raises:
        ReasonerError: what *run* raises, with its place where the check finds one.
    """
    try:
        return run()
    except PolicyError as error:
        loaded = options.reasoners.loaded if options.reasoners else None
        if loaded is None:  # it was refused before it was loaded, and that has its place
            raise
        raise _found(options, loaded.id, error) or error from None


def _found(options: Options, policy_id: str, error: PolicyError) -> PolicyError | None:
    """Return the first error of the check; rather than that, the one where *error* stands."""
    from reasoner.check import check_policy
    from reasoner.cli.session import rules_of

    try:
        findings = check_policy(rules_of(options), policy_id)
    except ReasonerError:
        return None
    wrong = [finding for finding in findings if finding.severity == "error"]
    line = _LINE.match(error.where)
    same = [one for one in wrong if line and f"{one.where}:".startswith(f"{line.group()}:")]
    for one in same or wrong:
        return PolicyError(one.code, one.message, where=one.where, hint=one.hint)
    return None
