"""`questionnaire`: the questions still open as a FHIR Questionnaire."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.missing import NOTHING
from reasoner.cli.options import Options
from reasoner.cli.parameters import CasePath, shared

if TYPE_CHECKING:
    from explain.language import Language
    from reasoner.cli.screen import Screen

__all__ = ["questionnaire"]

_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the Questionnaire there."),
]


@shared(lang=True)
def questionnaire(options: Options, case: CasePath, output: _Output = None) -> int:
    """Ask what is still open: a FHIR Questionnaire whose response answers it."""
    from exchange.element import to_json
    from exchange.questionnaire import questionnaire as written
    from explain.language import load_language
    from reasoner.cli.output import Output
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner

    read = open_case(options, case)
    reasoner = open_reasoner(options, case=read)
    language = load_language(options.lang, reasoner.policy)
    examination = reasoner.examine(read, readings=options.readings, decided_on=options.decided_on)
    found = written(reasoner, examination, language)
    data = to_json(found)
    screen = Screen.out(color=options.color)
    if output is not None:
        with Output() as files:
            files.write(output, f"{data.decode()}\n")
    elif options.json:
        screen.data(data)
        return ANSWERED
    _show(screen, found, language)
    return ANSWERED


def _show(screen: Screen, found: dict[str, Any], language: Language) -> None:
    screen.line(found["title"], tone="head")
    if "item" not in found:
        screen.line(language.text(NOTHING))
    for item in found.get("item", []):
        _item(screen, item, language, 2)


def _item(screen: Screen, item: dict[str, Any], language: Language, indent: int) -> None:
    text = language.text
    screen.line(f"{item['linkId']}  {item['text']}", mark="?", tone="open", indent=indent)
    options = [one["valueCoding"]["code"] for one in item.get("answerOption", [])]
    if options:
        screen.line(text("answers: {answers}", answers=", ".join(options)), indent=indent + 2)
    elif item["type"] == "integer":
        least, most = (str(one["valueInteger"]) for one in item["extension"])
        screen.line(
            text("a number from {least} to {most}", least=least, most=most), indent=indent + 2
        )
    for below in item.get("item", []):
        _item(screen, below, language, indent + 2)
