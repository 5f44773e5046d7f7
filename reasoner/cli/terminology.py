"""`terminology lookup`: what a code means, from when to when, from which source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared

if TYPE_CHECKING:
    from reasoner.cli.screen import Screen
    from reasoner.terminology.lookup import Found
    from reasoner.terminology.row import Row

__all__ = ["lookup"]

_Code = Annotated[str, typer.Argument(metavar="CODE", help="A code, or a drug's name.")]
_System = Annotated[
    str | None, typer.Option("--system", metavar="S", help="Of this code system alone.")
]


@shared(case=False, as_of=True)
def lookup(options: Options, code: _Code, system: _System = None) -> int:
    """Show what a code or a name means, from when to when, and which source says so."""
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import terminology_of
    from reasoner.errors import UsageError, nearest
    from reasoner.terminology import lookup as look_up

    tables = terminology_of(options)
    if system is not None and tables.system(system) not in set(tables.aliases.values()):
        known = sorted(set(tables.aliases.values()))
        hint = nearest(system, known) or f"one of {', '.join(known)}"
        raise UsageError("usage.system", f"`{system}` is not a code system", hint=hint)
    found = look_up(tables, code, system=system, day=options.as_of)
    screen = Screen.out(color=options.color)
    if options.json:
        import msgspec

        data = {"found": bool(found.entries), **msgspec.to_builtins(found)}
        screen.data(msgspec.json.format(msgspec.json.encode(data), indent=2))
    else:
        _show(screen, found)
    return ANSWERED


def _show(screen: Screen, found: Found) -> None:
    if not found.entries:
        _unknown(screen, found)
        return
    for entry in found.entries:
        row = entry.row
        screen.line(f"{row.system} {row.code}  {row.display}", tone="head")
        screen.line(f"means {row.concept}{_found_by(entry.by)}", indent=2)
        if row.labelled_for:
            screen.line(f"labelled for {', '.join(row.labelled_for)}", indent=2)
        if row.lists:
            screen.line(f"named in {', '.join(row.lists)}", indent=2)
        screen.line(f"in force {_span(row)}{_today(entry.in_force)}", indent=2)
        screen.line(f"source {row.source}  ({row.confidence})  {row.place}", indent=2, hang=4)
        if row.note:
            screen.line(f"note {row.note}", indent=2, hang=4)
    for concept in found.concepts:
        told = [one for one in found.properties if one.concept == concept]
        if told:
            screen.line(f"{concept}", tone="head")
        for one in told:
            screen.line(f"{one.property} {one.value}  {one.source}  {one.place}", indent=2, hang=4)


def _unknown(screen: Screen, found: Found) -> None:
    screen.line(f"UNKNOWN  {found.code}", tone="head")
    of = f" of {found.system}" if found.system else ""
    screen.line(f"no table lists this code or name{of}: a record with it casts doubt", indent=2)
    for row in found.ranges:
        screen.line(
            f"in the range {row.first} to {row.last} of {row.system}: {row.concept}", indent=2
        )
        screen.line(f"source {row.source}  {row.place}", indent=4, hang=4)
    if found.nearest:
        screen.line(f"hint: {found.nearest}", indent=2)
    screen.line("`--terminology FILE.csv` adds rows of your own", indent=2)


def _found_by(by: str) -> str:
    return "  (found by its display)" if by == "display" else ""


def _span(row: Row) -> str:
    if row.valid_from is None and row.valid_to is None:
        return "on any day: the source states none"
    return f"from {row.valid_from or 'ever'} to {row.valid_to or 'now'}"


def _today(in_force: bool | None) -> str:
    if in_force is None:
        return ""
    return "; yes on that day" if in_force else "; not on that day"
