"""`notice`: the reasons of a recommendation in plain language, for the person concerned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared
from reasoner.errors import CaseError

if TYPE_CHECKING:
    from explain.language import Language
    from explain.notice import Asked, ClauseLine, Finding, Ground, Notice
    from reasoner.cli.screen import Screen

__all__ = ["lines", "notice"]

_MOST_BYTES = 100_000
_Appeal = Annotated[
    Path | None,
    typer.Option("--appeal", metavar="FILE", help="Text on how to appeal, put at the end."),
]
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the notice there.")
]


class Line(NamedTuple):
    """A line of a notice: a heading where it has no indent and is said to be one."""

    text: str
    indent: int = 0
    mark: str = ""
    tone: str = ""
    heading: bool = False


@shared(lang=True)
def notice(options: Options, case: CasePath, appeal: _Appeal = None, output: _Output = None) -> int:
    """Give the reasons in plain language, for the person concerned; it decides nothing."""
    from explain.language import load_language
    from explain.notice import refuse
    from explain.proof import prove
    from explain.telling import tell_notice
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner
    from reasoner.engine import decision_day

    read = open_case(options, case)
    slot = "" if appeal is None else _read(appeal)
    reasoner = open_reasoner(options, case=read)
    language = load_language(options.lang, reasoner.policy)
    examination = reasoner.examine(read, readings=options.readings, decided_on=options.decided_on)
    proof = prove(reasoner, examination, options.decided_on or decision_day(read))
    found = tell_notice(reasoner, examination, proof, language, slot)
    refuse(found)
    if output is None:
        _write(Screen.out(color=options.color), found, language, as_json=options.json)
        return ANSWERED
    _save(output, found, language, as_json=options.json)
    return ANSWERED


def _read(path: Path) -> str:
    """Return the text of *path*, which nobody here wrote.

    Raises:
        CaseError: it is no text, or more than a notice can take.
    """
    data = path.read_bytes()
    where = str(path)
    if len(data) > _MOST_BYTES:
        raise CaseError(
            "notice.appeal",
            f"the text has {len(data)} bytes, and a notice takes {_MOST_BYTES}",
            where=where,
            hint="say the essential, and where to read more",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaseError(
            "notice.appeal", "the text is not in UTF-8", where=where, hint="save it as UTF-8"
        ) from None


def _save(path: Path, found: Notice, language: Language, *, as_json: bool) -> None:
    """Write the notice to *path*, whole or not at all."""
    import io

    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen

    memory = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    _write(Screen(memory), found, language, as_json=as_json)
    memory.seek(0)
    with Output() as files:
        files.write(path, memory.read())


def _write(screen: Screen, found: Notice, language: Language, *, as_json: bool) -> None:
    if as_json:
        import msgspec

        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    for line in lines(found, language):
        if line.heading:
            screen.heading(line.text)
        else:
            screen.line(line.text, mark=line.mark, tone=line.tone, indent=line.indent)


def lines(found: Notice, language: Language) -> Iterator[Line]:
    """Yield the lines of a notice: what is recommended, why, what is missing, what was met."""
    text = language.text
    yield Line(text("Notice about your request {case}", case=found.case), tone="head")
    yield from _request(found, language)
    yield Line(text("What is recommended"), heading=True)
    yield Line(found.recommended, 2)
    yield Line(text("This is a recommendation. It is not a decision. A person decides."), 2)
    yield from _reasons(found, language)
    if found.missing:
        yield Line(text("What is missing"), heading=True)
        for asked in found.missing:
            yield from _asked(asked, language)
    if found.unused:
        yield Line(text("What you sent and was not used"), heading=True)
        for finding in found.unused:
            yield from _finding(finding, language, 2)
    yield from _clauses(text("What is not clear yet"), found.undecided, language, ("?", "open"))
    passed = text("What does not stand in the way")
    yield from _clauses(passed, found.passed, language, ("✓", "good"))
    yield from _basis(found, language)
    yield Line(text("If you do not agree"), heading=True)
    for paragraph in found.appeal or _appeal(language):
        yield Line(paragraph, 2)


def _clauses(
    title: str, clauses: tuple[ClauseLine, ...], language: Language, look: tuple[str, str]
) -> Iterator[Line]:
    told: set[Finding] = set()
    if clauses:
        yield Line(title, heading=True)
    for clause in clauses:
        yield Line(f"{clause.clause}  {clause.text}: {clause.status}", 2, *look)
        yield Line(clause.locator, 4, tone="faint")
        for finding in clause.findings:
            if finding not in told:
                yield from _finding(finding, language, 4)
        told.update(clause.findings)


def _request(found: Notice, language: Language) -> Iterator[Line]:
    text = language.text
    yield Line(text("The request: {what}", what=found.request.said))
    for amount, words in (
        (found.requested, "Amount asked for: {amount}"),
        (found.approved, "Amount recommended: {amount}"),
    ):
        if amount is not None:
            said = ", ".join(f"{number} {text(unit)}" for unit, number in amount.items())
            yield Line(text(words, amount=said))
    if found.authorization:
        months = str(found.authorization.months)
        yield Line(text("Recommended for: {months} months", months=months))
    yield Line(
        text(
            "Policy: {document}, version {version}",
            document=found.document,
            version=found.policy.version,
        )
    )


def _reasons(found: Notice, language: Language) -> Iterator[Line]:
    text = language.text
    if not (found.grounds or found.judged or found.because):
        return
    yield Line(text("Why"), heading=True)
    for sentence in found.judged:
        yield Line(sentence, 2)
    for finding in found.because:
        yield from _finding(finding, language, 2)
    for number, ground in enumerate(found.grounds, 1):
        indent = 2
        if len(ground) > 1:
            one_of = text(
                "{number}. One of these stands in the way in every case:", number=str(number)
            )
            yield Line(one_of, 2)
            indent = 4
        told: set[Finding] = set()
        for one in ground:
            lead = "" if len(ground) > 1 else f"{number}. "
            yield from _ground(one, language, lead, indent, told)


def _ground(
    ground: Ground, language: Language, lead: str, indent: int, told: set[Finding]
) -> Iterator[Line]:
    """Tell a ground; of several that are one, each finding is *told* once."""
    text = language.text
    yield Line(f"{lead}{ground.clause}  {ground.text}: {ground.status}", indent)
    inner = indent + 3
    yield Line(text("In the policy: {locator}", locator=ground.locator), inner, tone="faint")
    for sentence in ground.because:
        yield Line(sentence, inner)
    if ground.count:
        yield Line(ground.count, inner)
    for finding in ground.findings:
        if finding not in told:
            yield from _finding(finding, language, inner)
    told.update(ground.findings)
    for change in ground.change:
        yield Line(change, inner, "→")


def _finding(finding: Finding, language: Language, indent: int) -> Iterator[Line]:
    text = language.text
    said = finding.said if finding.used else text("Not used: {what}", what=finding.said)
    yield Line(said, indent, "•")
    if finding.record:
        record = text(
            "Record: {record}; date: {day}; source: {source}",
            record=finding.record,
            day=finding.day,
            source=finding.source,
        )
        yield Line(record, indent + 2, tone="faint")
        if finding.states:
            yield Line(text("It says: {what}", what=finding.states), indent + 2, tone="faint")
    if finding.looked:
        looked = text("Looked in: {sections}", sections=", ".join(finding.looked))
        yield Line(looked, indent + 2, tone="faint")


def _asked(asked: Asked, language: Language) -> Iterator[Line]:
    text = language.text
    yield Line(asked.text, 2, "?", "open")
    if asked.clauses:
        yield Line(text("Needed for: {clauses}", clauses=", ".join(asked.clauses)), 4)
    for finding in asked.findings:
        yield from _finding(finding, language, 4)


def _basis(found: Notice, language: Language) -> Iterator[Line]:
    text = language.text
    for title, several in (
        ("What was taken as so, because no record speaks about it", found.assumptions),
        ("How unclear words of the policy were read", found.readings),
    ):
        if several:
            yield Line(text(title), heading=True)
        for one in several:
            yield Line(f"{one.text}  ({one.id})", 2, "~", "open")
            if one.looked:
                looked = text("Looked in: {sections}", sections=", ".join(one.looked))
                yield Line(looked, 4, tone="faint")
    if found.advisories:
        yield Line(text("Good to know; it decides nothing"), heading=True)
        for advisory in found.advisories:
            yield Line(advisory, 2, "·")


def _appeal(language: Language) -> tuple[str, ...]:
    """What a notice says on appeals where its sender says nothing."""
    return (
        language.text("You and your doctor can send more documents."),
        language.text("Your plan can tell you how to ask for a review or an exception."),
    )
