"""The commands by name. Only the one that is asked for is imported and built.

Whatever goes wrong ends here: as an error in the house's shape, with its exit status.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated

import typer

from reasoner.cli.failure import USAGE, guarded
from reasoner.errors import UsageError

__all__ = ["run_app"]

# name: (module, function); in the order in which help lists them
_COMMANDS = {
    "decide": ("decide", "decide"),
    "why": ("why", "why"),
    "why-not": ("why_not", "why_not"),
    "report": ("report", "report"),
    "missing": ("missing", "missing"),
    "notice": ("notice", "notice"),
    "questionnaire": ("questionnaire", "questionnaire"),
    "respond": ("respond", "respond"),
    "to-fhir": ("to_fhir", "to_fhir"),
    "what-if": ("what_if", "what_if"),
    "replay": ("replay", "replay"),
    "check-proof": ("check_proof", "check_proof"),
    "policies": ("policies", "policies"),
    "readings": ("readings", "readings"),
    "check": ("check", "check"),
    "verify": ("verify", "verify"),
    "test": ("test", "run_tests"),
    "format": ("format", "format_rules"),
    "diff": ("diff", "diff"),
    "schema": ("schema", "schema"),
}
_GROUPS = {
    "policy": (
        "A policy: its clauses, its questions, cases on both sides of them; a new one.",
        {
            "show": ("policies", "show"),
            "questions": ("policies", "questions"),
            "new": ("new_policy", "new_policy"),
            "boundaries": ("boundaries", "boundaries"),
        },
    ),
    "terminology": (
        "The tables of codes: what each means, and which source says so.",
        {"lookup": ("terminology", "lookup")},
    ),
}

# Bad parameters, unknown options, missing arguments: one root, which typer does not name.
_Refused: type[Exception] = typer.BadParameter.__mro__[2]


def run_app(arguments: list[str]) -> int:
    """Run the command that *arguments* name and return the exit status."""

    def run() -> int:
        try:
            status = _app(arguments)(arguments, prog_name="reasoner", standalone_mode=False)
        except _Refused as refused:
            if type(refused).__name__ == "NoArgsIsHelpError":
                sys.stderr.write(f"{refused}\n")
                return USAGE
            raise _usage(refused) from None
        except typer.Abort:
            raise KeyboardInterrupt from None
        return status if isinstance(status, int) else 0

    return guarded(run, as_json=_asks_for_json(arguments))


def _app(arguments: list[str]) -> typer.Typer:
    """Build the commands that *arguments* can mean: one where it is named, else all."""
    named = arguments[0] if arguments else ""
    app = typer.Typer(
        add_completion=named not in _COMMANDS,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_describe)
    for name, place in _COMMANDS.items():
        if named == name or named not in (*_COMMANDS, *_GROUPS):
            app.command(name)(_load(*place))
    if named not in _COMMANDS:
        for name, (help_text, commands) in _GROUPS.items():
            if named in _GROUPS and named != name:
                continue
            group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
            for below, place in commands.items():
                group.command(below)(_load(*place))
            app.add_typer(group, name=name, help=help_text)
    return app


def _load(module: str, function: str) -> Callable[..., int]:
    command: Callable[..., int] = getattr(import_module(f"reasoner.cli.{module}"), function)
    return command


def _describe(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True)
    ] = False,
) -> None:
    """Recommend on drug requests by written policy, and say why, clause by clause."""
    if version:
        from reasoner import __version__

        sys.stdout.write(f"reasoner {__version__}\n")
        raise typer.Exit


def _asks_for_json(arguments: list[str]) -> bool:
    """Whether errors are wanted as JSON: known even where the arguments make no sense."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)
    return any(a == "--format=json" or (a == "--format" and b == "json") for a, b in pairs)


def _usage(refused: Exception) -> UsageError:
    text = str(getattr(refused, "message", "") or refused)
    if type(refused).__name__ != "NoSuchOption" and hasattr(refused, "format_message"):
        text = refused.format_message()
    message, _, guess = text.strip().rstrip(".?").replace("'", "`").partition(". Did you mean ")
    known = getattr(refused, "possibilities", None)
    if known:
        guess = " or ".join(f"`{name}`" for name in sorted(known))
    context = getattr(refused, "ctx", None)
    command = context.command_path if context else "reasoner"
    hint = f"did you mean {guess}?" if guess else f"`{command} --help` says what there is"
    return UsageError("usage", message[:1].lower() + message[1:], hint=hint)
