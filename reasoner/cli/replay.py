"""`replay`: the same decision again from its record, or what differs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import CaseError, UsageError

if TYPE_CHECKING:
    from reasoner.decision import Decision

__all__ = ["replay"]

_Record = Annotated[
    str, typer.Argument(metavar="DECISION", help="The record: what `decide --format json` wrote.")
]
_Case = Annotated[str, typer.Option("--case", metavar="CASE", help="The case that was decided.")]

_LONGEST = 400  # characters of a value that differs
_MADE_FROM = {"case": "case.digest", "rules": "policy.digest", "terminology": "terminology.digest"}


@shared(case=False, request=True)
def replay(options: Options, decision: _Record, case: _Case) -> int:
    """Decide again from the record of a decision, and say what differs."""
    import msgspec

    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, open_reasoner

    old = _read(decision)
    options.policy = old.policy.id
    read = open_case(options, case)
    try:
        reasoner = open_reasoner(options, old.policy.id)
        new = reasoner.decide(
            read,
            readings={used.id: str(used.value) for used in old.readings},
            decided_on=dt.date.fromisoformat(old.decided_on) if old.decided_on else None,
        )
    except UsageError as error:  # it is the record that asks for what does not exist
        raise CaseError(
            "record", error.message, where=decision, hint=error.hint or "is it from these rules?"
        ) from None
    if old.as_of is not None:
        new = msgspec.structs.replace(new, as_of=old.as_of)
    inputs, results = _differences(msgspec.to_builtins(old), msgspec.to_builtins(new))
    same = not inputs and not results
    screen = Screen.out(color=options.color)
    if options.json:
        rows = [{"what": w, "recorded": a, "now": b} for w, a, b in [*inputs, *results]]
        found = {"case": new.case.id, "same": same, "same_result": not results, "differs": rows}
        screen.data(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return ANSWERED if same else FAILED
    screen.line(f"{'SAME' if same else 'DIFFERS'}  {new.case.id}", tone="head")
    if inputs:
        screen.line(f"made from something else: {', '.join(what for what, _, _ in inputs)}")
        for what, before, now in inputs:
            screen.line(f"{what}: {before} -> {now}", indent=2)
    if results:
        screen.line(f"another result: {', '.join(what for what, _, _ in results)}")
        for what, before, now in results:
            screen.line(f"{what}: {_short(before)} -> {_short(now)}", indent=2)
    else:
        screen.line("the result is the same, clause by clause")
    return ANSWERED if same else FAILED


def _read(path: str) -> Decision:
    import msgspec

    from reasoner.decision import SCHEMA, Decision

    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"the record cannot be read: {reason}"
        raise CaseError("decision.file", message, where=path) from None
    hint = "a record is what `reasoner decide CASE --format json` writes"
    if (count := _lines(data)) > 1:
        message = f"this holds {count} decisions, one a line, and `replay` takes one"
        hint = "write the line of the decision to a file of its own"
        raise CaseError("decision.record", message, where=path, hint=hint)
    try:
        found = msgspec.json.decode(data, type=Decision)
        if found.decided_on:
            dt.date.fromisoformat(found.decided_on)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        message = f"this is no record of a decision: {str(error).lower()}"
        raise CaseError("decision.record", message, where=path, hint=hint) from None
    if found.schema != SCHEMA:
        message = f"the record has the schema `{found.schema}`, this program reads `{SCHEMA}`"
        raise CaseError("decision.schema", message, where=path, hint=hint)
    return found


def _lines(data: bytes) -> int:
    """Return how many lines of *data* are objects of their own, if all of them are."""
    lines = [line.strip() for line in data.splitlines() if line.strip()]
    return len(lines) if all(line[:1] + line[-1:] == b"{}" for line in lines) else 0


_Rows = list[tuple[str, Any, Any]]


def _differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[_Rows, _Rows]:
    """Return what the two were made from that differs, and what of the result does."""
    inputs: _Rows = []
    for what, path in _MADE_FROM.items():
        section, name = path.split(".")
        before, now = old.pop(section), new.pop(section)
        if before[name] != now[name]:
            inputs.append((what, before[name], now[name]))
        if what == "case" and before["id"] != now["id"]:
            inputs.append(("case.id", before["id"], now["id"]))
    before, now = old.pop("engine"), new.pop("engine")
    inputs += [
        (f"engine.{name}", before[name], now[name]) for name in now if before[name] != now[name]
    ]
    results = [(name, old[name], new[name]) for name in new if old[name] != new[name]]
    return inputs, results


def _short(value: object) -> str:
    import msgspec

    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
