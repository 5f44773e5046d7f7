"""The static checks of a policy: everything that can be said of rules without a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from reasoner.check.finding import CODES, Finding, error, of_error, place_order
from reasoner.errors import PolicyError, nearest

_ENDLESS = ("fragment.growing",)

__all__ = ["CODES", "Finding", "check_folder", "check_policy"]

_LOADED = (
    "advisories.lp",
    "criteria.lp",
    "evidence.lp",
    "exclusions.lp",
    "limits.lp",
    "parameters.lp",
    "properties.lp",
    "questions.lp",
    "readings.lp",
    "record_properties.lp",
)


def check_policy(rules: Path, policy_id: str) -> list[Finding]:
    """Return what is wrong with the policy *policy_id* of the folder *rules*, by place.

    Raises:
        UsageError: there is no such policy.
    """
    return sorted(set(_check(rules, policy_id)), key=place_order)


def check_folder(rules: Path) -> Iterator[Finding]:
    """Yield what is wrong with the folder *rules* itself: policies that nobody could load."""
    folder = rules / "policies"
    found = sorted(path for path in folder.glob("*") if path.is_dir())
    for path in found:
        if not (path / "policy.toml").is_file():
            yield error(
                "policy.toml",
                f"`{path.name}` has no `policy.toml`, so nothing loads it",
                f"policies/{path.name}",
                "write one, or move the folder away",
            )
    if not found:
        yield error("policy.toml", "the folder holds no policy", "policies", "add one")


def _check(rules: Path, policy_id: str) -> Iterable[Finding]:
    from reasoner import terminology
    from reasoner.check.program import programs
    from reasoner.policy import load_policy

    try:
        policy = load_policy(rules, policy_id, strict=False)
        found = programs(policy)
        terms = terminology.load(rules / "terminology")
    except PolicyError as fault:
        return [of_error(fault, f"policies/{policy_id}")]
    files = list(_files(policy.folder, policy.id))
    broken = [finding for source in found.sources for finding in source.findings]
    if broken:
        return files + broken

    from reasoner.check import (
        answers,
        clauses,
        concepts,
        declaration,
        documentation,
        figures,
        fragment,
        grounding,
        numbers,
        overlap,
        readings,
        relocation,
        silence,
        split,
        strata,
        tested,
        translations,
        unused,
        variables,
        vocabulary,
    )

    endless = [*strata.check(found), *fragment.check(found)]
    if any(finding.severity == "error" and finding.code in _ENDLESS for finding in endless):
        # Grounding such rules may never end, so nothing that grounds them is asked.
        return [*files, *endless, *split.check(found)]
    findings = [
        *files,
        *grounding.check(found, terms),
        *split.check(found),
        *endless,
        *vocabulary.check(found, terms),
        *clauses.check(found),
        *tested.check(found),
        *concepts.check(terms),
        *relocation.check(found),
        *documentation.check(found),
        *unused.check(found),
        *overlap.check(found),
        *variables.check(found),
        *numbers.check(found),
        *silence.check(found),
    ]
    declared = declaration.declarations(found, terms)
    if declared is not None:
        findings += [*answers.check(found, declared), *readings.check(found, declared)]
        findings += figures.check(found, declared)
    findings += translations.check(found, terms, declared)
    if not any(finding.severity == "error" for finding in findings):
        findings += grounding.check_worlds(policy, terms)
    return findings


def _files(folder: Path, policy_id: str) -> Iterator[Finding]:
    for path in sorted(folder.glob("*.lp")):
        if path.name not in _LOADED:
            yield error(
                "rules.file",
                f"nothing loads `{path.name}`",
                f"policies/{policy_id}/{path.name}",
                nearest(path.name, list(_LOADED)) or f"the files are {', '.join(_LOADED)}",
            )
