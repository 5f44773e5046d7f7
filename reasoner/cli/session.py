"""From the options to a reasoner that is ready to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reasoner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from reasoner.case.known import Known
    from reasoner.cli.options import Options
    from reasoner.engine import Reasoner
    from reasoner.model import Case
    from reasoner.terminology import Terminology

__all__ = [
    "known_to",
    "open_case",
    "open_reasoner",
    "open_sources",
    "rules_of",
    "terminology_of",
]


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
    policy_id = policy_id or options.policy
    if policy_id not in options.reasoners:
        options.reasoners[policy_id] = _open(options, policy_id)
    return options.reasoners[policy_id]


def _open(options: Options, policy_id: str | None) -> Reasoner:
    from reasoner import __version__
    from reasoner.cli.bounds import limit_memory, limit_time
    from reasoner.engine import Reasoner
    from reasoner.policy import load_policy

    limit_memory()
    limit_time(options.time_limit, as_json=options.json)
    rules = rules_of(options)
    policy = load_policy(rules, policy_id)
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
    return Reasoner(policy, terminology_of(options), version=__version__)


def terminology_of(options: Options) -> Terminology:
    """Return the tables of the rules folder with those that `--terminology` names, read once.

    Raises:
        PolicyError: a table cannot be read, or contradicts another one.
    """
    if options.tables is None:
        from reasoner.terminology import load

        options.tables = load(rules_of(options) / "terminology", *options.terminology)
    return options.tables


def known_to(options: Options) -> Known:
    """Return what a reader of FHIR may ask for: the tables, and the questions of the policy."""
    from reasoner.case.known import Known

    def asks(question: str) -> bool:
        return open_reasoner(options).asks(question)

    return Known(lambda: terminology_of(options), asks)


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
    from reasoner.case import load_case

    return load_case(path, request=options.request, known=known_to(options))


def open_sources(options: Options, path: str) -> tuple[Case, list[dict[str, Any]]]:
    """Read one case, and the FHIR documents that it is made of, what is laid over first.

    A bulk export is a record of lines: no document of it is given.

    Raises:
        CaseError: the file holds no case.
        UsageError: as `open_case` has it.
    """
    from reasoner.case import decode_case, load_document

    if path == "-" and options.request is None:
        from reasoner.fhir import read_order

        document = load_document(path)
        found = document.value
        if isinstance(found, dict) and "resourceType" in found:
            return read_order(found, where=document.name, known=known_to(options)), [found]
        return decode_case(found, where=document.name, positions=document.positions), []
    case = open_case(options, path)
    places = [one for one in (options.request, path) if one is not None and _is_document(one)]
    values = [load_document(place).value for place in places]
    return case, [one for one in values if isinstance(one, dict) and "resourceType" in one]


def _is_document(path: str) -> bool:
    from pathlib import Path

    return path != "-" and not path.endswith(".ndjson") and not Path(path).is_dir()
