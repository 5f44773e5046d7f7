"""The commands by name. Only the one that is asked for is imported and built.

Whatever goes wrong ends here: as an error in the house's shape, with its exit status.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

import typer

from reasoner.cli.failure import INPUT, USAGE, report, status_of
from reasoner.errors import ReasonerError, UsageError

__all__ = ["run_app"]

# name: (module, function); in the order in which help lists them
_COMMANDS = {
    "decide": ("decide", "decide"),
    "why": ("why", "why"),
    "missing": ("missing", "missing"),
    "what-if": ("what_if", "what_if"),
    "replay": ("replay", "replay"),
    "policies": ("policies", "policies"),
    "readings": ("readings", "readings"),
    "check": ("check", "check"),
    "schema": ("schema", "schema"),
}
_OF_A_POLICY = {"show": ("policies", "show"), "questions": ("policies", "questions")}

_INTERRUPTED = 130
# Bad parameters, unknown options, missing arguments: one root, which typer does not name.
_Refused: type[Exception] = typer.BadParameter.__mro__[2]


def run_app(arguments: list[str]) -> int:
    """Run the command that *arguments* name and return the exit status."""
    as_json = _asks_for_json(arguments)
    try:
        status = _app(arguments)(arguments, prog_name="reasoner", standalone_mode=False)
        sys.stdout.flush()
    except ReasonerError as error:
        report(error, as_json=as_json)
        return status_of(error)
    except _Refused as refused:
        report(_usage(refused), as_json=as_json)
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except OSError as error:
        if error.errno == errno.EPIPE:  # nobody reads any more: leave without a word
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        report(ReasonerError("file", (error.strerror or str(error)).lower()), as_json=as_json)
        return INPUT
    return status if isinstance(status, int) else 0


def _app(arguments: list[str]) -> typer.Typer:
    """Build the commands that *arguments* can mean: one where it is named, else all."""
    named = arguments[0] if arguments else ""
    app = typer.Typer(
        add_completion=named not in _COMMANDS,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_describe)
    for name, place in _COMMANDS.items():
        if named == name or named not in (*_COMMANDS, "policy"):
            app.command(name)(_load(*place))
    if named not in _COMMANDS:
        policy = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
        for name, place in _OF_A_POLICY.items():
            policy.command(name)(_load(*place))
        app.add_typer(policy, name="policy", help="A policy: its clauses, its questionnaire.")
    return app


def _load(module: str, function: str) -> object:
    return getattr(import_module(f"reasoner.cli.{module}"), function)


def _describe() -> None:
    """Recommend on drug requests by written policy, and say why, clause by clause."""


def _asks_for_json(arguments: list[str]) -> bool:
    """Whether errors are wanted as JSON: known even where the arguments make no sense."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(a == "--format=json" or (a == "--format" and b == "json") for a, b in pairs)


def _usage(refused: Exception) -> UsageError:
    message = refused.format_message() if hasattr(refused, "format_message") else str(refused)
    message = message.strip().rstrip(".").replace("'", "`")
    context = getattr(refused, "ctx", None)
    command = context.command_path if context else "reasoner"
    return UsageError(
        "usage", message[:1].lower() + message[1:], hint=f"`{command} --help` says what there is"
    )
