"""A comparison of two versions as text: what changed, both verdicts, a case a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reasoner.cli.decision_text import answer_text
from reasoner.cli.findings_text import show_findings
from reasoner.cli.flips_text import show_flips
from reasoner.cli.words import plural, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reasoner.cli.screen import Screen
    from workbench.difference.changes import Change
    from workbench.difference.comparison import (
        Comparison,
        CriteriaPart,
        Difference,
        EvidencePart,
        Outcome,
    )

__all__ = ["show"]

_TOPICS = {
    "policy": "Policy",
    "clause": "Clauses",
    "parameter": "Parameters",
    "terminology": "Terminology",
    "question": "Questions",
    "reading": "Readings",
    "rule": "Rules",
    "text": "Texts",
    "translation": "Translations",
}
_MARKS = {"added": "+", "removed": "-", "changed": "~", "renamed": "=", "written differently": "·"}
_TONES = {"unchanged": "good", "loosened": "open", "tightened": "open"}
_MOST_CHANGES = 20
"""More changes of one topic are counted, not listed."""


def show(screen: Screen, found: Comparison, rules: Sequence[Path]) -> None:
    """Write what was found; *rules* are the folders of the two versions."""
    screen.line(f"{found.old.name} -> {found.new.name}  {found.new.policy}", tone="head")
    for side, version, folder in zip(("old", "new"), (found.old, found.new), rules, strict=True):
        if version.refused:
            told = "compared is what is left of it"
            screen.heading(f"The {side} version is refused by decide; {told}")
            show_findings(screen, version.refused, folder)
    _changes(screen, found.changes)
    _criteria(screen, found.criteria)
    _evidence(screen, found.evidence)
    if found.flips is not None:
        screen.heading("Cases")
        show_flips(screen, found.flips)


def _changes(screen: Screen, changes: tuple[Change, ...]) -> None:
    if not changes:
        screen.line("nothing was changed", indent=2)
    for topic, heading in _TOPICS.items():
        own = [one for one in changes if one.topic == topic]
        if own:
            screen.heading(heading)
        for one in own[:_MOST_CHANGES]:
            _change(screen, one)
        if len(own) > _MOST_CHANGES:
            screen.line(f"… and {len(own) - _MOST_CHANGES} more (--format json)", indent=2)


def _change(screen: Screen, one: Change) -> None:
    name = f"{one.clause}  {one.name}" if one.clause else one.name
    place = f"  {one.where}" if one.where else ""
    short = len(one.old) + len(one.new) < 60 and one.topic != "rule"  # noqa: PLR2004 -- fits a line
    if one.what == "written differently":
        told = f" ({one.old} is now {one.new})" if one.new else ""
        screen.line(f"{name} is written differently{told}{place}", mark=_MARKS[one.what], indent=2)
        return
    if short and one.old and one.new:
        screen.line(f"{name}: {one.old} -> {one.new}{place}", mark=_MARKS[one.what], indent=2)
        return
    if short:
        said = one.old or one.new
        told = f": {said}" if said else ""
        screen.line(f"{name} {one.what}{told}{place}", mark=_MARKS[one.what], indent=2)
        return
    screen.line(f"{name} {one.what}{place}", mark=_MARKS[one.what], indent=2)
    for lead, said in (("old", one.old), ("new", one.new)):
        if said:
            screen.line(f"{lead}  {said}", indent=6, hang=5)


# -- criteria --------------------------------------------------------------------------------------


def _criteria(screen: Screen, part: CriteriaPart) -> None:
    proved = " (proved)" if part.proved else ""
    screen.heading(f"Criteria: {part.verdict}{proved}")
    asked = f"whatever the answers to the {plural(part.questions, 'question')} that both ask"
    if part.proved:
        screen.line(f"No world tells the results apart, {asked}.", indent=2)
    else:
        screen.line(f"Results over all worlds, {asked}:", indent=2)
    _claimed(screen, part)
    for side, world in part.faulty:
        text = f"the {side} version has no result, or two: {_world(world)}"
        screen.line(text, mark="!", tone="bad", indent=2)
    for old, new in part.pairs:
        moved = f"{_outcome(old)} -> {_outcome(new)}"
        screen.line(moved, mark="•", indent=4)
    if part.pairs:
        screen.line("no other pair of results (proved)", mark="✓", tone="good", indent=4)
    caused = {cause.clause for one in part.differences for cause in one.causes}
    for quiet in part.quiet:
        if quiet.clause in caused:
            continue
        said = "is told by one version only," if _is_note(quiet.clause) else "has another status"
        screen.line(
            f"{quiet.clause} {said} though the result is the same: {_world(quiet.world)}",
            mark="·",
            indent=2,
        )
    for one in part.unshown:
        screen.line(
            f"{_outcome(one.old)} -> {_outcome(one.new)} in a world that no case of direct "
            f"answers shows: {_world(one.answers)}",
            mark="?",
            indent=2,
        )
    for difference in part.differences:
        _difference(screen, difference)


def _claimed(screen: Screen, part: CriteriaPart) -> None:
    """Say what the statement over worlds does not cover, or covers with every answer."""
    for side, only in (("old", part.only_old), ("new", part.only_new)):
        if only:
            names = ", ".join(only[:_FEW]) + (" …" if len(only) > _FEW else "")
            screen.line(f"only the {side} version asks, with every answer: {names}", indent=2)
    if part.answers:
        names = ", ".join(part.answers[:_FEW]) + (" …" if len(part.answers) > _FEW else "")
        screen.line(f"only one version knows, and no world has: {names}", indent=2)


def _is_note(name: str) -> bool:
    return name.startswith("advisory(")


_FEW = 8


# -- evidence --------------------------------------------------------------------------------------


def _evidence(screen: Screen, part: EvidencePart) -> None:
    if part.same:
        screen.heading("Evidence: unchanged up to renaming and order")
        for old, new in part.renamed.items():
            screen.line(f"the predicate {old} is now {new}", mark="=", indent=2)
        return
    if part.differences:
        screen.heading(f"Evidence: {part.verdict}")
    elif part.misread:
        screen.heading("Evidence: read differently, no result found that changes")
    else:
        screen.heading("Evidence: no difference found")
    if part.bounds is not None:
        bounds = part.bounds
        edges = ", ".join(map(str, bounds.edges)) or "none"
        readings = f"; readings {', '.join(bounds.readings)}" if bounds.readings else ""
        screen.line(
            f"Searched, not proved: every choice of up to {plural(bounds.records, 'record')} a "
            f"section; {bounds.codes} codes and products; days around the planned day at the "
            f"distances {edges}, and a day to each side{readings}.",
            indent=2,
        )
    for misread in part.misread:
        what = misread.question
        said = (
            f"{what} is told by one version only"
            if _is_note(what)
            else f"read differently on {what}"
        )
        screen.line(f"{said}:", mark="·", indent=2)
        _document(screen, misread.document)
    for difference in part.differences:
        _difference(screen, difference)


# -- a case ----------------------------------------------------------------------------------------


def _difference(screen: Screen, one: Difference) -> None:
    screen.line()
    screen.line(
        f"{_outcome(one.old)} -> {_outcome(one.new)}  {one.direction}",
        tone=_TONES.get(one.direction, "bad"),
        indent=2,
    )
    if one.readings:
        chosen = ", ".join(f"{name}={value}" for name, value in sorted(one.readings.items()))
        screen.line(f"under the reading {chosen}", indent=4)
    if one.question:
        screen.line(f"the records are read differently on {one.question}", indent=4)
    for rule in one.rules[:_FEW]:
        screen.line(f"changed: {rule}", indent=6)
    for cause in one.causes:
        screen.line(
            f"{cause.clause}: {spoken(cause.old)} -> {spoken(cause.new)}", indent=4, tone="head"
        )
        for side, rules in (("old", cause.old_rules), ("new", cause.new_rules)):
            screen.line(f"{side}  {', '.join(rules) or 'no rule'}", indent=6, hang=5)
    _document(screen, one.document)
    if one.renamed is not None:
        screen.line("and for the new version:", indent=4)
        _document(screen, one.renamed)
    if one.proofs is None:
        screen.line("proved as above", indent=4, tone="faint")
        return
    for side, proof in zip(("old", "new"), one.proofs, strict=True):
        screen.line(f"by the {side} version", indent=4, tone="faint")
        _proof(screen, proof)


def _proof(screen: Screen, proof: Any) -> None:  # noqa: ANN401 -- an explain.outline.Item
    from explain.tree import tree
    from reasoner.marks import HEADLINES, MARKS

    for lead, hang, text in tree(proof, HEADLINES, MARKS, unicode=screen.unicode):
        screen.branch(f"      {lead}", f"      {hang}", text)


def _document(screen: Screen, document: dict[str, Any]) -> None:
    from reasoner.case import write_yaml

    for line in write_yaml(document).splitlines():
        screen.line(line, indent=6, hang=4)


def _outcome(outcome: Outcome) -> str:
    text = spoken(outcome.recommendation)
    return text if outcome.quantity is None else f"{text} {outcome.quantity}"


def _world(answers: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {answer_text(answer)}" for name, answer in answers.items())
