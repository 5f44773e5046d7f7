"""The options that commands share, as parameters: each is written once.

A command is a function whose first parameter is `Options`; `shared` replaces it by the
options themselves, so that typer sees them and the command gets them as one value.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from reasoner.cli.bounds import SECONDS
from reasoner.cli.completion import policy_ids, reading_ids
from reasoner.cli.failure import in_silence
from reasoner.cli.options import Format, Options
from reasoner.cli.placed import placed

__all__ = ["CasePath", "shared"]

_Command = TypeVar("_Command", bound=Callable[..., int])

CasePath = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help="A case: YAML, JSON, FHIR, or a folder of a FHIR bulk export."
    ),
]
_PLAIN = Annotated[bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.")]
_RULES = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Another rules folder.")
]
_POLICY = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="ID",
        help="The policy, where there are several.",
        autocompletion=policy_ids,
    ),
]
_READING = Annotated[
    list[str] | None,
    typer.Option(
        "--reading",
        metavar="NAME=VALUE",
        help="Another reading of ambiguous words.",
        autocompletion=reading_ids,
    ),
]
_AS_OF = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The day that the policy is of.")
]
_DECIDED_ON = Annotated[
    str | None,
    typer.Option("--decided-on", metavar="DATE", help="The day from which records are seen."),
]
_REQUEST = Annotated[
    str | None,
    typer.Option("--request", metavar="FILE", help="A request laid over a FHIR record."),
]

_TERMINOLOGY = Annotated[
    list[Path] | None,
    typer.Option(
        "--terminology", metavar="PATH", help="More tables of codes: a CSV file or a folder."
    ),
]
_TIME_LIMIT = Annotated[
    int, typer.Option("--time-limit", metavar="SECONDS", min=0, help="Of a case; 0 is no limit.")
]
_LANG = Annotated[
    str, typer.Option("--lang", metavar="LANGUAGE", help="The reader's language: en, es.")
]

_ALWAYS: dict[str, tuple[Any, Any]] = {
    "no_color": (_PLAIN, False),
    "rules": (_RULES, None),
    "time_limit": (_TIME_LIMIT, SECONDS),
    "terminology": (_TERMINOLOGY, None),
}
_FOR_A_CASE: dict[str, tuple[Any, Any]] = {
    "policy": (_POLICY, None),
    "reading": (_READING, None),
    "decided_on": (_DECIDED_ON, None),
}
_FOR_A_DAY: dict[str, tuple[Any, Any]] = {"as_of": (_AS_OF, None)}
_FOR_A_RECORD: dict[str, tuple[Any, Any]] = {"request": (_REQUEST, None)}
_FOR_A_READER: dict[str, tuple[Any, Any]] = {"lang": (_LANG, "en")}


def shared(
    *,
    case: bool = True,
    lang: bool = False,
    request: bool = False,
    as_of: bool = False,
    formats: type[StrEnum] = Format,
) -> Callable[[_Command], _Command]:
    """Give a command the shared options, with those about a *case* and *lang* or without.

    *request* and *as_of* alone are for commands that take the other options from elsewhere.
    *formats* are the ways in which it writes its result; the first of them is what it does
    where nobody asks.
    """
    option = typer.Option("--format", help="How the result is written.")
    form = Annotated[formats, option]  # type: ignore[valid-type] # known when it runs
    added = {"format": (form, next(iter(formats)))} | _ALWAYS
    added = added | _FOR_A_CASE if case else added
    added = added | _FOR_A_DAY if case or as_of else added
    added = added | _FOR_A_RECORD if case or request else added
    added = added | _FOR_A_READER if lang else added

    def decorate(command: _Command) -> _Command:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

        @functools.wraps(command)
        def wrapper(**values: Any) -> int:  # noqa: ANN401 - typer calls it with what it parsed
            options = Options({name: values.pop(name) for name in added})
            return in_silence(lambda: placed(options, lambda: command(options, **values)))

        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (kind, default) in added.items()
        ]
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + more
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapper  # type: ignore[return-value]

    return decorate
