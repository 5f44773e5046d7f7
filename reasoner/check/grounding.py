"""What clingo says when it grounds both programs, with the place in the file as written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import clingo
from clingo import MessageCode, Symbol
from clingo.ast import ASTType

from reasoner.check.finding import Finding, error, of_error
from reasoner.check.program import Programs
from reasoner.check.source import Source, Statement, place
from reasoner.days import Calendar
from reasoner.errors import PolicyError
from reasoner.facts import reference_facts
from reasoner.policy import Policy
from reasoner.terminology import Terminology
from reasoner.worlds import Worlds

__all__ = ["check", "check_worlds", "ground"]

_CHOICES = """
{ reading(I, V) : interpretation(I, V) }.
{ is(Q, A) : answer(Q, A) }.
"""
_NOTE = re.compile(r":(\d+):(\d+)(?:-\d+)?(?:-\d+)?: note: '([^']+)' is unsafe")
_TEXT = re.compile(r":(\d+):(\d+)(?:-\d+)?(?:-\d+)?: ?(?:error|info|warning)?:? ?(.*)", re.DOTALL)


def check(programs: Programs, terminology: Terminology) -> Iterator[Finding]:
    """Yield what keeps clingo from grounding the programs as they are written."""
    for program in programs.both:
        messages: list[tuple[MessageCode, str]] = []
        ground(program.sources, _reference(programs.policy, terminology), messages)
        for code, text in messages:
            if code is not MessageCode.AtomUndefined:  # the vocabulary says it better
                yield from _findings(program.sources, code, text)


def check_worlds(policy: Policy, terminology: Terminology) -> Iterator[Finding]:
    """Yield what keeps the criteria from being asked about worlds."""
    try:
        Worlds(policy, terminology)
    except PolicyError as fault:
        finding = of_error(fault, f"policies/{policy.id}/criteria.lp")
        yield error("rules.worlds", finding.message, finding.where, finding.hint)


def ground(
    sources: Sequence[Source],
    facts: Sequence[Symbol],
    messages: list[tuple[MessageCode, str]],
) -> clingo.Control | None:
    """Ground *sources* with any reading and any answer; nothing if that is impossible."""
    control = clingo.Control([], lambda code, text: messages.append((code, text)), 10_000)
    try:
        for source in sources:
            control.load(str(source.file.path))
        control.add("base", [], "#defined interpretation/2. #defined answer/2." + _CHOICES)
        with control.backend() as backend:
            for symbol in facts:
                backend.add_rule([backend.add_atom(symbol)])
        control.ground([("base", [])], context=_Registry(messages))
    except RuntimeError as fault:
        if not messages:
            messages.append((MessageCode.RuntimeError, str(fault)))
        return None
    return control


class _Registry:
    """The calendar, with its complaints as messages: an exception must not cross clingo."""

    def __init__(self, messages: list[tuple[MessageCode, str]]) -> None:
        self._messages = messages

    def __getattr__(self, name: str) -> Callable[..., Sequence[Symbol]]:
        function = getattr(Calendar(), name, None)

        def call(*arguments: Symbol) -> Sequence[Symbol]:
            try:
                return [function(*arguments)] if function else []
            except (RuntimeError, TypeError):
                given = ", ".join(map(str, arguments))
                text = f"`@{name}({given})` has no value"
                self._messages.append((MessageCode.OperationUndefined, text))
                return []

        return call


def _reference(policy: Policy, terminology: Terminology) -> list[Symbol]:
    clauses = [
        clingo.Function("clause", [clause.symbol, clingo.Function(clause.kind, [])])
        for clause in policy.identity.clauses
    ]
    return [*clauses, *reference_facts((), terminology)]


def _findings(sources: Sequence[Source], code: MessageCode, text: str) -> Iterator[Finding]:
    source = next((s for s in sources if text.startswith(f"{s.file.path}:")), None)
    name = source.name if source else ""
    rest = text.removeprefix(str(source.file.path)) if source else text
    if notes := _NOTE.findall(text):
        for line, column, variable in notes:
            yield error(
                "rules.unsafe",
                f"nothing binds `{variable}`{_in(source, int(line), int(column))}",
                f"{name}:{line}:{column}",
                f"name `{variable}` in an atom of the body that stands without `not`",
            )
        return
    match = _TEXT.match(rest)
    where = f"{name}:{match[1]}:{match[2]}" if match else name or _call(sources, text)
    message = " ".join((match[3] if match else text).split())
    kind, hint = _KINDS.get(code, ("rules.ground", ""))
    yield error(kind, message, where, hint)


_KINDS = {
    MessageCode.OperationUndefined: (
        "rules.operation",
        "compute with numbers only: bind the variables to them first",
    ),
    MessageCode.GlobalVariable: (
        "rules.variable",
        "inside an aggregate, use another letter for what it counts",
    ),
}


def _call(sources: Sequence[Source], text: str) -> str:
    """Return where the function is called that *text* begins with: `@year(x)`."""
    for source in sources:
        for statement in source.statements:
            for node in statement.parts:
                if node.ast_type is ASTType.Function and text.startswith(f"`@{node.name}("):
                    return place(source.name, node)
    return sources[-1].name


def _in(source: Source | None, line: int, column: int) -> str:
    """Name the predicate whose rule holds the place."""
    found: Statement | None = None
    for statement in source.statements if source else ():
        begin = statement.node.location.begin
        if (begin.line, begin.column) <= (line, column):
            found = statement
    heads = found.heads if found else ()
    return f" in a rule of `{heads[0].term.name}`" if heads else ""
