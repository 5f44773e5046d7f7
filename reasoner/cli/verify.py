"""`verify`: the properties of a policy, proved over all worlds or refuted with a case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED, FAILED, INPUT, OPEN
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.cli.policies import PolicyId

if TYPE_CHECKING:
    from reasoner.check import Finding as Fault
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from workbench.properties import Tried, Verified
    from workbench.structure import Finding

__all__ = ["verify"]

_Folder = Annotated[
    Path | None,
    typer.Option("--save-case", metavar="DIR", help="Write the case of each violation there."),
]
_Pairs = Annotated[
    int | None,
    typer.Option(
        "--pairs", metavar="N", min=0, help="Of cases, for properties of records; 0 tries none."
    ),
]
_TONES = {"proved": "good", "violated": "bad", "unknown": "open"}


@shared(case=False)
def verify(
    options: Options,
    policy_id: PolicyId = None,
    save_case: _Folder = None,
    pairs: _Pairs = None,
) -> int:
    """Prove what must hold in all worlds, or show a case that breaks it; status 1 if one does."""
    from reasoner.cli.bounds import limit_time
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import rules_of, terminology_of
    from workbench.draft import open_draft
    from workbench.properties import PAIRS, try_records
    from workbench.properties import verify as verify_policy
    from workbench.structure import structure

    rules = rules_of(options)
    draft = open_draft(rules, policy_id, terminology_of(options))
    reasoner = draft.reasoner
    # The properties end by themselves and say how far they came; grounding cannot be stopped.
    limit_time(2 * options.time_limit, as_json=options.json)
    seconds = float(options.time_limit) or None
    found = list(verify_policy(reasoner, seconds=seconds))
    tried = [] if pairs == 0 else list(try_records(reasoner, pairs=pairs or PAIRS))
    built = list(structure(reasoner))
    with Output() as output:
        saved = _saved([*found, *tried], save_case, output)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        rows = [_row(one, saved) for one in found]
        content = {
            "policy": reasoner.policy.id,
            "refused": draft.refused,
            "properties": rows,
            "records": [_tried_row(one, saved) for one in tried],
            "structure": built,
        }
        screen.data(msgspec.json.format(msgspec.json.encode(content), indent=2))
    else:
        _show_refused(screen, draft.refused, rules)
        _show(screen, found, saved)
        _show_tried(screen, tried, saved)
        _show_structure(screen, built)
    every: list[Verified | Tried] = [*found, *tried]
    if draft.refused:
        return INPUT
    if any(one.outcome == "violated" for one in every):
        return FAILED
    return OPEN if any(one.outcome == "unknown" for one in found) else ANSWERED


def _saved(
    found: Sequence[Verified | Tried], folder: Path | None, output: Output
) -> dict[str, str]:
    """Write the cases of *found* into *folder*; return the path of each case by its id."""
    paths: dict[str, str] = {}
    cases = [(one, case) for one in found for case in one.cases]
    if folder is None or not cases:
        return paths
    output.folder(folder)
    for one, case in cases:
        path = folder / f"{case.case.id}.yaml"
        output.write(
            path,
            case.as_yaml(
                f"Violates {one.property.id} ({one.property.place}): {one.property.sentence}",
                f"Decided as: {case.decision.recommendation}.",
            ),
        )
        paths[case.case.id] = str(path)
    return paths


def _about(one: Verified | Tried, saved: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.property.id,
        "sentence": one.property.sentence,
        "where": one.property.place,
        "outcome": one.outcome,
        "cases": [
            {
                "case": case.document,
                "readings": case.readings,
                "recommendation": case.decision.recommendation,
                "file": saved.get(case.case.id),
            }
            for case in one.cases
        ],
    }


def _tried_row(one: Tried, saved: dict[str, str]) -> dict[str, Any]:
    return _about(one, saved) | {"bounds": one.bounds, "met": one.met}


def _row(one: Verified, saved: dict[str, str]) -> dict[str, Any]:
    return _about(one, saved) | {
        "worlds": one.property.worlds,
        "vacuous": one.vacuous,
        "violated_by": [
            {str(question): str(answer) for question, answer in world.items()}
            for world in one.violated_by
        ],
    }


def _show_refused(screen: Screen, refused: Sequence[Fault], rules: Path) -> None:
    if refused:
        from reasoner.cli.findings_text import show_findings

        screen.line("decide refuses this policy; verified is what is left of it", tone="bad")
        show_findings(screen, refused, rules)


def _show(screen: Screen, found: list[Verified], saved: dict[str, str]) -> None:
    from reasoner.cli.words import plural

    for one in found:
        screen.line(
            f"{one.property.id}  {one.property.sentence}",
            mark=one.outcome.upper().ljust(8),
            tone=_TONES[one.outcome],
            hang=9,
        )
        if one.vacuous:
            screen.line(
                f"vacuous: what it starts from holds in no world  --> {one.property.place}",
                indent=9,
                tone="open",
            )
        if one.outcome == "violated":
            _show_violation(screen, one, saved)
    counts = {name: sum(one.outcome == name for one in found) for name in _TONES}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    screen.line(f"{plural(len(found), 'property', 'properties')}: {told or 'none'}")


def _show_tried(screen: Screen, tried: list[Tried], saved: dict[str, str]) -> None:
    from reasoner.cli.words import plural

    if not tried:
        return
    bounds = tried[0].bounds
    screen.heading(
        f"Records: tried on {plural(bounds.pairs, 'pair')} of cases, nothing of it proved:"
        f" {plural(bounds.records, 'record')} added to each of {plural(bounds.cases, 'case')}"
    )
    for one in tried:
        screen.line(
            f"{one.property.id}  {one.property.sentence}",
            mark="VIOLATED" if one.outcome == "violated" else "NONE FOUND",
            tone="bad" if one.outcome == "violated" else "open",
            hang=9,
        )
        said = f"what it starts from held on {plural(one.met, 'pair')}"
        screen.line(said if one.met else f"not tried: {said}", indent=9, tone="faint")
        if one.outcome == "violated":
            _show_cases(screen, one, saved)


def _show_violation(screen: Screen, one: Verified, saved: dict[str, str]) -> None:
    _show_cases(screen, one, saved)
    if not one.cases:
        screen.line("no case of direct answers shows it; it is violated in this world:", indent=9)
        for world in one.violated_by:
            text = ", ".join(f"{question} = {answer}" for question, answer in world.items())
            screen.line(text, indent=11)


def _show_cases(screen: Screen, one: Verified | Tried, saved: dict[str, str]) -> None:
    screen.line(f"--> {one.property.place}", indent=9)
    for case in one.cases:
        screen.line(f"{case.case.id}: {case.decision.recommendation}", indent=9, tone="head")
        for answer in case.case.answers:
            screen.line(f"{answer.question} = {_value(answer.answer)}", indent=11)
        for section, records in _records(case.document):
            for record in records:
                said = ", ".join(f"{key}: {value}" for key, value in record.items())
                screen.line(f"{section}: {said}", indent=11)
        for name, value in case.readings.items():
            screen.line(f"reading {name} = {value}", indent=11)
        if case.case.id in saved:
            command = f"reasoner decide {saved[case.case.id]} {case.options}".rstrip()
            screen.line(f"try it: {command}", indent=11)


def _show_structure(screen: Screen, built: list[Finding]) -> None:
    if built:
        screen.heading("Structure: what an author should know; none of it is a fault by itself")
    for one in built:
        screen.line(one.text, mark="·", indent=2, hang=2)
        for place in one.places:
            screen.line(f"--> {place}", indent=4)


def _records(document: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    names = ("conditions", "therapies", "observations", "doses")
    return [(name, document[name]) for name in names if name in document]


def _value(answer: object) -> str:
    from reasoner.cli.decision_text import answer_text

    return answer_text(answer)  # type: ignore[arg-type]
