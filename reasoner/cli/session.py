"""From the options to a reasoner that is ready to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reasoner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from reasoner.cli.options import Options
    from reasoner.engine import Reasoner
    from reasoner.model import Case

__all__ = ["open_case", "open_reasoner", "rules_of"]


def rules_of(options: Options) -> Path:
    """Return the rules folder that *options* name, or the installed one."""
    if options.rules is not None:
        return options.rules
    from reasoner.policy import rules_folder

    return rules_folder()


def open_reasoner(options: Options, policy_id: str | None = None) -> Reasoner:
    """Load the policy that *options* name and the terminology, and ground the criteria.

    Raises:
        PolicyError: a file of the policy is broken.
        UsageError: there is no such policy, or it is not in force on the day of `--as-of`.
    """
    from reasoner import __version__
    from reasoner.cli.bounds import limit_memory, limit_time
    from reasoner.engine import Reasoner
    from reasoner.policy import load_policy
    from reasoner.terminology import load

    limit_memory()
    limit_time(options.time_limit, as_json=options.json)
    rules = rules_of(options)
    policy = load_policy(rules, policy_id or options.policy)
    identity = policy.identity
    if options.as_of is not None and not (
        (identity.effective_from is None or identity.effective_from <= options.as_of)
        and (identity.effective_to is None or options.as_of <= identity.effective_to)
    ):
        raise UsageError(
            "usage.as_of",
            f"`{identity.id}` version {identity.version} is not in force on {options.as_of}",
            where="--as-of",
            hint=f"in force from {identity.effective_from or 'ever'}"
            f" to {identity.effective_to or 'now'}",
        )
    return Reasoner(policy, load(rules / "terminology"), version=__version__)


def open_case(options: Options, path: str) -> Case:
    """Read one case; `-` is the standard input. `--request` is laid over a patient record.

    Raises:
        CaseError: the file holds no case.
        UsageError: it is a stream of cases, or nothing that a request can be laid over.
    """
    if path.endswith(".jsonl"):
        raise UsageError(
            "usage.case",
            f"`{path}` is a stream of cases, and this command takes one case",
            hint="`reasoner decide` takes a stream; write one case to a file for this one",
        )
    if options.request is not None:
        return _laid_over(options.request, path)
    from reasoner.case import load_case

    return load_case(path)


def _laid_over(request: str, path: str) -> Case:
    from reasoner.case import load_document
    from reasoner.fhir import read_order

    record, over = load_document(path).value, load_document(request).value
    if not isinstance(record, dict) or "resourceType" not in record:
        raise UsageError(
            "usage.request",
            f"a request is laid over a FHIR record, and `{path}` is none",
            where="--request",
            hint="write the request into the case itself",
        )
    return read_order(record, where=path, request=over if isinstance(over, dict) else None)
