"""From the options to a reasoner that is ready to decide."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from reasoner.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from reasoner.case.known import Known
    from reasoner.cli.options import Options
    from reasoner.engine import Reasoner
    from reasoner.governance import Governance
    from reasoner.model import Case
    from reasoner.policy import Identity
    from reasoner.terminology import Terminology

__all__ = [
    "Reasoners",
    "known_to",
    "open_case",
    "open_reasoner",
    "open_sources",
    "reasoners_of",
    "rules_of",
    "terminology_of",
]


def rules_of(options: Options) -> Path:
    """Return the rules folder that *options* name, or the installed one."""
    if options.rules is not None:
        return options.rules
    from reasoner.policy import rules_folder

    return rules_folder()


class Reasoners:
    """The policies of one run, each made ready once: a case is decided by the one that governs it.

    Raises, on any use:
        PolicyError: a file of the policy is broken.
        UsageError: there is no such policy, or it is not in force on the day of `--as-of`.
    """

    def __init__(self, options: Options) -> None:
        from reasoner.cli.bounds import limit_memory, limit_time

        limit_memory()
        limit_time(options.time_limit, as_json=options.json)
        self._options = options
        self._rules = rules_of(options)
        self._ready: dict[str | None, Reasoner] = {}
        self.loaded: Identity | None = None
        """The policy that was loaded last: the rules of what fails from then on."""

    @cached_property
    def _terminology(self) -> Terminology:
        return terminology_of(self._options)

    def only(self) -> Reasoner | None:
        """Return the policy of every case, where it is named or there is no other."""
        return self.named(None) if self._options.policy or self._alone else None

    def of(self, case: Case) -> Reasoner:
        """Return what decides *case*."""
        if self._options.policy or self._alone:
            return self.named(None)
        return self.named(self._governance.of(case, self._terminology, self._options.as_of))

    @cached_property
    def _alone(self) -> bool:
        return len(self._governance.known) == 1

    @cached_property
    def _governance(self) -> Governance:
        from reasoner.governance import Governance

        return Governance(self._rules)

    def every(self) -> Iterator[Reasoner]:
        """Yield the policy that is named, or else each that is installed."""
        named = self._options.policy
        yield from map(self.named, [named] if named else self._governance.known)

    def named(self, policy_id: str | None) -> Reasoner:
        """Return the policy of that id; without one, the policy that the options name."""
        if policy_id not in self._ready:
            self._ready[policy_id] = self._open(policy_id)
        return self._ready[policy_id]

    def _open(self, policy_id: str | None) -> Reasoner:
        from reasoner import __version__
        from reasoner.engine import Reasoner
        from reasoner.policy import load_policy

        self.loaded = None
        policy = load_policy(self._rules, policy_id or self._options.policy)
        self.loaded = policy.identity
        _check_in_force(policy.identity, self._options.as_of)
        return Reasoner(policy, self._terminology, version=__version__)


def open_reasoner(
    options: Options, policy_id: str | None = None, *, case: Case | None = None
) -> Reasoner:
    """Load the policy of that id, or else the one that governs *case*, and ground its criteria.

    Raises:
        PolicyError: a file of the policy is broken.
        UsageError: there is no such policy, or it is not in force on the day of `--as-of`.
    """
    reasoners = reasoners_of(options)
    return reasoners.named(policy_id) if case is None else reasoners.of(case)


def reasoners_of(options: Options) -> Reasoners:
    """Return the policies of this run, made once."""
    if options.reasoners is None:
        options.reasoners = Reasoners(options)
    return options.reasoners


def _check_in_force(identity: Identity, day: dt.date | None) -> None:
    if day is None:
        return
    from reasoner.governance import in_force

    if not in_force(identity, day):
        raise UsageError(
            "usage.as_of",
            f"`{identity.id}` version {identity.version} is not in force on {day}",
            where="--as-of",
            hint=f"in force from {identity.effective_from or 'ever'}"
            f" to {identity.effective_to or 'now'}",
        )


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
    """Return what a reader of FHIR may ask for: the tables, and the questions of the policies."""
    from reasoner.case.known import Known

    def asks(question: str) -> bool:
        return any(one.asks(question) for one in reasoners_of(options).every())

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
