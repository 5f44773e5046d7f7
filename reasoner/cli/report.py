"""`report`: a decision as a page, several with an index, or the graph of its proof alone."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import UsageError

if TYPE_CHECKING:
    from explain.language import Language
    from explain.proof import Proof
    from reasoner.engine import Examination, Reasoner
    from reasoner.model import Case

__all__ = ["report"]

_STDOUT = "-"
_INDEX = "index.html"
_LONGEST = 80


class _Graph(StrEnum):
    DOT = "dot"
    MERMAID = "mermaid"
    GRAPHML = "graphml"
    SVG = "svg"
    JSON = "json"


_Cases = Annotated[
    list[str], typer.Argument(metavar="CASE...", help="Cases: YAML, JSON, or FHIR orders.")
]
_Out = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|DIR/",
        help="A file; of several cases, the index, with a page for each case beside it. "
        "A folder gets index.html and the pages. `-`, and nothing for one case, is stdout.",
    ),
]
_GraphOnly = Annotated[
    _Graph | None, typer.Option("--graph", help="Of one case: the graph of the proof alone.")
]
_Core = Annotated[
    bool, typer.Option("--core", help="Of the graph: only what the recommendation rests on.")
]


@shared(lang=True)
def report(
    options: Options,
    cases: _Cases,
    output: _Out = None,
    graph: _GraphOnly = None,
    core: _Core = False,
) -> int:
    """Write the page of a decision: reasons, map, evidence, record; opens offline, prints."""
    _check(options, cases, output, graph, core=core)
    from reasoner.cli.session import open_case, reasoners_of

    read = [open_case(options, path) for path in cases]
    reasoners = reasoners_of(options)
    from explain.language import load_language
    from explain.page import decision_page

    def draw(case: Case) -> tuple[str, Examination]:
        reasoner = reasoners.of(case)
        language = load_language(options.lang, reasoner.policy)
        proof, found = _proved(options, reasoner, case)
        if graph is None:
            return decision_page(proof, found, reasoner.policy, language), found
        return _graph(proof, found, graph, language, core=core), found

    if len(cases) == 1 and not _is_folder(output):
        text, _ = draw(read[0])
        if output in (None, _STDOUT):
            sys.stdout.buffer.write(text.encode())
            return ANSWERED
        return _single(options, Path(str(output)), text)
    language = load_language(options.lang, reasoners.of(read[0]).policy)
    return _several(options, read, draw, language, str(output))


_Draw = Callable[["Case"], tuple[str, "Examination"]]
"""A case as what is written of it, with its decision."""


def _check(
    options: Options, cases: Sequence[str], output: str | None, graph: _Graph | None, *, core: bool
) -> None:
    many = len(cases) > 1
    if many and options.request is not None:
        raise UsageError("usage.request", "`--request` is for one case", where="--request")
    if graph is None and core:
        raise UsageError("usage.core", "`--core` is for a graph", where="--core")
    if graph is not None and (many or _is_folder(output)):
        hint = "name one case, and a file for it"
        raise UsageError("usage.graph", "`--graph` is for one case", where="--graph", hint=hint)
    if many and output in (None, _STDOUT):
        raise UsageError(
            "usage.output",
            "several cases need a place for their pages",
            hint="`-o out/` writes an index and a page for each case",
        )
    if options.json and output in (None, _STDOUT):
        raise UsageError(
            "usage.format",
            "`--format json` tells as data which files were written, and none is",
            where="--format",
            hint="`-o FILE` writes one; `--graph json` gives the graph as data",
        )


def _is_folder(output: str | None) -> bool:
    return output is not None and (output.endswith(("/", os.sep)) or Path(output).is_dir())


def _proved(options: Options, reasoner: Reasoner, case: Case) -> tuple[Proof, Examination]:
    import msgspec

    from explain.proof import prove
    from reasoner.engine import decision_day

    found = reasoner.examine(case, readings=options.readings, decided_on=options.decided_on)
    proof = prove(reasoner, found, options.decided_on or decision_day(case))
    dated = msgspec.structs.replace(found, decision=options.dated(found.decision))
    return proof, dated


def _graph(
    proof: Proof, found: Examination, graph: _Graph, language: Language, *, core: bool
) -> str:
    from explain.core import core as core_of
    from explain.label import Labels
    from explain.record import records_of

    labels = Labels(proof, language, records_of(found.case, language))
    shown = core_of(proof) if core else proof
    match graph:
        case _Graph.JSON:
            import msgspec

            from explain.export import graph_data
            from reasoner.cli.screen import safe_json

            data = msgspec.json.encode(graph_data(shown))
            return safe_json(msgspec.json.format(data, indent=2)) + "\n"
        case _Graph.SVG:
            from explain.svg import svg

            return svg(shown, labels)
        case _:
            from explain import graph_text

            write: Callable[[Proof, Labels], str] = getattr(graph_text, graph.value)
            return write(shown, labels)


def _single(options: Options, path: Path, text: str) -> int:
    from reasoner.cli.output import Output

    with Output() as out:
        size = out.write(path, text)
    _say(options, [(path, size)])
    return ANSWERED


def _several(
    options: Options,
    cases: Sequence[Case],
    draw: _Draw,
    language: Language,
    output: str,
) -> int:
    from explain.page import Entry, index_page
    from reasoner.cli.bounds import limit_time
    from reasoner.cli.output import Output

    gc.enable()  # there may be many
    index = Path(output) / _INDEX if _is_folder(output) else Path(output)
    taken = {index.name.casefold()}
    entries: list[Entry] = []
    written: list[tuple[Path, int]] = []
    with Output() as out:
        if _is_folder(output):
            out.folder(index.parent)
        for case in cases:
            limit_time(options.time_limit, as_json=options.json)  # of a case
            name = _file_name(case.id, taken)
            text, found = draw(case)
            path = index.with_name(name)
            written.append((path, out.write(path, text)))
            entries.append(Entry(found.decision, name))
        written.append((index, out.write(index, index_page(entries, language))))
    _say(options, written)
    return ANSWERED


def _file_name(case: str, taken: set[str]) -> str:
    """Return a name for the page of *case* that no other page has, on any file system.

    >>> _file_name("PA/17", taken := {"index.html"}), _file_name("pa_17", taken)
    ('PA_17.html', 'pa_17-2.html')
    """
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", case)[:_LONGEST].strip(".") or "case"
    name, number = f"{stem}.html", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}.html"
    taken.add(name.casefold())
    return name


def _say(options: Options, written: Sequence[tuple[Path, int]]) -> None:
    from reasoner.cli.screen import Screen

    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        found: list[dict[str, Any]] = [{"file": str(path), "bytes": size} for path, size in written]
        screen.data(msgspec.json.format(msgspec.json.encode({"written": found}), indent=2))
        return
    for path, size in written:
        screen.line(f"wrote {path}  {size / 1000:.0f} kB")
