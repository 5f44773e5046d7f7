"""`verify`: the properties of a policy, proved over all worlds or refuted with a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED, FAILED, OPEN
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.cli.policies import PolicyId

if TYPE_CHECKING:
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from workbench.properties import Verified
    from workbench.structure import Finding

__all__ = ["verify"]

_Folder = Annotated[
    Path | None,
    typer.Option("--save-case", metavar="DIR", help="Write the case of each violation there."),
]
_TONES = {"proved": "good", "violated": "bad", "unknown": "open"}


@shared(case=False)
def verify(options: Options, policy_id: PolicyId = None, save_case: _Folder = None) -> int:
    """Prove what must hold in all worlds, or show a case that breaks it; status 1 if one does."""
    from reasoner.cli.bounds import limit_time
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_reasoner
    from workbench.properties import verify as verify_policy
    from workbench.structure import structure

    reasoner = open_reasoner(options, policy_id)
    # The properties end by themselves and say how far they came; grounding cannot be stopped.
    limit_time(2 * options.time_limit, as_json=options.json)
    seconds = float(options.time_limit) or None
    found = list(verify_policy(reasoner, seconds=seconds))
    built = list(structure(reasoner))
    with Output() as output:
        saved = _saved(found, save_case, output)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        rows = [_row(one, saved) for one in found]
        content = {"policy": reasoner.policy.id, "properties": rows, "structure": built}
        screen.data(msgspec.json.format(msgspec.json.encode(content), indent=2))
    else:
        _show(screen, found, saved)
        _show_structure(screen, built)
    if any(one.outcome == "violated" for one in found):
        return FAILED
    return OPEN if any(one.outcome == "unknown" for one in found) else ANSWERED


def _saved(found: list[Verified], folder: Path | None, output: Output) -> dict[str, str]:
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


def _row(one: Verified, saved: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.property.id,
        "sentence": one.property.sentence,
        "where": one.property.place,
        "worlds": one.property.worlds,
        "outcome": one.outcome,
        "vacuous": one.vacuous,
        "violated_by": [
            {str(question): str(answer) for question, answer in world.items()}
            for world in one.violated_by
        ],
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


def _show_violation(screen: Screen, one: Verified, saved: dict[str, str]) -> None:
    screen.line(f"--> {one.property.place}", indent=9)
    for case in one.cases:
        screen.line(f"{case.case.id}: {case.decision.recommendation}", indent=9, tone="head")
        for answer in case.case.answers:
            screen.line(f"{answer.question} = {_value(answer.answer)}", indent=11)
        for name, value in case.readings.items():
            screen.line(f"reading {name} = {value}", indent=11)
        if case.case.id in saved:
            command = f"reasoner decide {saved[case.case.id]} {case.options}".rstrip()
            screen.line(f"try it: {command}", indent=11)
    if not one.cases:
        screen.line("no case of direct answers shows it; it is violated in this world:", indent=9)
        for world in one.violated_by:
            text = ", ".join(f"{question} = {answer}" for question, answer in world.items())
            screen.line(text, indent=11)


def _show_structure(screen: Screen, built: list[Finding]) -> None:
    if built:
        screen.heading("Structure: what an author should know; none of it is a fault by itself")
    for one in built:
        screen.line(one.text, mark="·", indent=2, hang=2)
        for place in one.places:
            screen.line(f"--> {place}", indent=4)


def _value(answer: object) -> str:
    from reasoner.cli.decision_text import answer_text

    return answer_text(answer)  # type: ignore[arg-type]
