"""Rules as data: read a rule file as tokens, and ask it in one more argument.

One policy is asked about many worlds and one evidence program about many cases. Both are
one transformation: every predicate that depends on the world (the case) gets it as its
first argument. It is done on tokens, because a cold start cannot afford a syntax tree in
Python; `check` proves for each policy that the syntax tree says the same.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from reasoner.errors import PolicyError

__all__ = ["RuleFile", "Statement", "asked_by", "dependents", "read", "relocate", "statements"]

_TOKEN = re.compile(
    r"""
      (?P<comment>%\*.*?\*%|%[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<space>\s+)
    | (?P<directive>\#[a-z]+)
    | (?P<call>@[a-z_][A-Za-z0-9_']*)
    | (?P<name>_*[a-z][A-Za-z0-9_']*)
    | (?P<variable>_*[A-Z][A-Za-z0-9_']*|_)
    | (?P<number>[0-9]+)
    | (?P<operator>:-|:~|\.\.|<=|>=|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LAYOUT = ("space", "comment")
_REFUSED = {
    "#script": "rules call only the calendar functions; write the rest as rules",
    "#include": "a policy's files are found by their names; nothing is included",
}
_LARGEST = 2**31 - 1
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_OTHER_BASES = ("0x", "0o", "0b")


class RuleFile(msgspec.Struct, frozen=True, eq=False):
    """A rule file: its *path* on disk, its *name* below the rules folder, its *text*."""

    path: Path
    name: str
    text: str


class Statement(msgspec.Struct, frozen=True, eq=False):
    """One statement as tokens `(kind, text)`, with the predicates of its head and body.

    *line* counts from 1 in its file; *conditional* says that it has a body at all.
    """

    tokens: tuple[tuple[str, str], ...]
    head: frozenset[str]
    body: frozenset[str]
    line: int
    conditional: bool


def read(path: Path, name: str) -> RuleFile:
    """Read a rule file.

    Raises:
        PolicyError: it cannot be read, or it holds a script, an include, or a number that
            clingo would wrap.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            "policy.file", f"cannot read the rule file: {error}", where=name
        ) from None
    if "\0" in text:
        raise PolicyError("policy.file", "a rule file holds a NUL character", where=name)
    if any(directive in text for directive in _REFUSED):
        _refuse_directives(text, name)
    # A plain search of bytes, because a cold start reads every file.
    if b"0" * 10 in text.encode().translate(_ZEROS) or any(base in text for base in _OTHER_BASES):
        _refuse_numbers(text, name)
    return RuleFile(path, name, text)


def _refuse_directives(text: str, name: str) -> None:
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "directive" and match.group() in _REFUSED:
            directive = match.group()
            raise PolicyError(
                "policy.fragment",
                f"`{directive}` is not allowed in a rule file",
                where=_place(name, text, match.start()),
                hint=_REFUSED[directive],
            )


def _refuse_numbers(text: str, name: str) -> None:
    """Refuse what clingo does not read as it is written: it keeps 32 bits and says nothing."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "number":
            continue
        if text[match.start() : match.end() + 1] in _OTHER_BASES:
            raise PolicyError(
                "policy.fragment",
                "a number is not written in tens",
                where=_place(name, text, match.start()),
                hint="write it with the digits 0 to 9",
            )
        if int(match.group()) > _LARGEST:
            raise PolicyError(
                "policy.fragment",
                f"`{match.group()}` is too large: clingo would read another number",
                where=_place(name, text, match.start()),
                hint=f"the largest is {_LARGEST}; choose a larger unit",
            )


def _place(name: str, text: str, start: int) -> str:
    return f"{name}:{text.count(chr(10), 0, start) + 1}"


@lru_cache(maxsize=64)
def statements(text: str) -> tuple[Statement, ...]:
    """Split *text* into statements; comments and layout stay with the statement they precede.

    >>> [sorted(s.head | s.body) for s in statements("a(X) :- b(f(X)), not c.")]
    [['a', 'b', 'c']]
    """
    return tuple(_statements(text))


def _statements(text: str) -> Iterator[Statement]:  # noqa: C901 -- one branch a kind of token
    tokens: list[tuple[str, str]] = []
    head: set[str] = set()
    body: set[str] = set()
    depth, line, start, names = 0, 1, 0, head
    for match in _TOKEN.finditer(text):
        kind, mark = match.lastgroup or "operator", match.group()
        tokens.append((kind, mark))
        if kind == "name":
            if depth == 0 and mark != "not":
                names.add(mark)
        elif kind == "operator":
            if mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
            elif mark in (":-", ":~"):
                names = body
            elif mark == "." and depth <= 0:
                yield Statement(
                    tuple(tokens), frozenset(head), frozenset(body), start or line, names is body
                )
                tokens, head, body, depth, start = [], set(), set(), 0, 0
                names = head
        if kind not in ("space", "comment") and not start and tokens:
            start = line
        line += mark.count("\n")
    if tokens:
        yield Statement(
            tuple(tokens), frozenset(head), frozenset(body), start or line, names is body
        )


def dependents(files: Iterable[RuleFile], roots: Iterable[str]) -> frozenset[str]:
    """Return *roots* and every predicate that some rule derives from one of them."""
    rules = [(s.head, s.body) for file in files for s in statements(file.text) if s.body]
    found = set(roots)
    while True:
        more = {name for head, body in rules if not body.isdisjoint(found) for name in head}
        if more <= found:
            return frozenset(found)
        found |= more


def asked_by(files: Iterable[RuleFile], root: str, past: Container[str] = ()) -> frozenset[str]:
    """Return the names of the questions that *root* depends on, but for those behind *past*.

    >>> rules = RuleFile(Path(), "", "a :- b, c. b :- is(adult, yes). c :- is(failed(D), no).")
    >>> sorted(asked_by([rules], "a", past={"c"}))
    ['adult']
    """
    rules = [s for file in files for s in statements(file.text) if s.conditional]
    reached, queue = {root}, [root]
    names: set[str] = set()
    while queue:
        head = queue.pop()
        for rule in rules:
            if head not in rule.head:
                continue
            if "is" in rule.body:
                marks = [mark for kind, mark in rule.tokens if kind not in _LAYOUT]
                names |= {marks[i + 2] for i, mark in enumerate(marks) if mark == "is"}
            more = [name for name in rule.body if name not in reached and name not in past]
            reached.update(more)
            queue += more
    return frozenset(names)


def relocate(
    text: str,
    local: frozenset[str],
    variable: str,
    guard: str,
    dual: str | None = None,
    *,
    lean: bool = False,
) -> str:
    """Give every atom over a *local* predicate *variable* as its first argument.

    *guard* is the predicate that lists the values of *variable*; it is added to the body of
    every rule with a local predicate. *lean* leaves it out where a positive atom of the body has
    such a value anyway. Lines stay where they are.

    >>> relocate("a(X) :- b(X), not c, d(X).", frozenset("abc"), "W", "world")
    'a(W,X) :- b(W,X), not c(W), d(X); world(W).'
    >>> relocate("a(X) :- b(X), not c, d(X).", frozenset("abc"), "W", "world", lean=True)
    'a(W,X) :- b(W,X), not c(W), d(X).'

    With a *dual*, what only takes something away (an atom under `not`, an aggregate with an
    upper bound) gets that instead: of `certain`, the dual is `possible`.

    >>> relocate("a(X) :- b(X), not c, d(X).", frozenset("abc"), "W", "pair", "V")
    'a(W,X) :- b(W,X), not c(V), d(X); pair(W,V).'

    Raises:
        PolicyError: with a *dual*, an aggregate both gives and takes (`= #count`).
    """
    out: list[str] = []
    for statement in statements(text):
        if statement.head.isdisjoint(local) and statement.body.isdisjoint(local):
            out.extend(mark for _, mark in statement.tokens)
        else:
            out.extend(_relocated(statement, local, variable, guard, dual, lean=lean))
    return "".join(out)


def _relocated(
    statement: Statement,
    local: frozenset[str],
    variable: str,
    guard: str,
    dual: str | None,
    *,
    lean: bool,
) -> Iterator[str]:
    tokens = statement.tokens
    depth, declared = 0, False
    taking = _taking(statement, local) if dual else frozenset()
    end = "."
    if dual or not (lean and _binds(statement, local)):
        values = f"{variable},{dual}" if dual else variable
        end = f"{';' if statement.conditional else ' :-'} {guard}({values})."
    for index, (kind, mark) in enumerate(tokens):
        following = tokens[index + 1][1] if index + 1 < len(tokens) else ""
        if kind == "directive" and mark in ("#defined", "#show"):
            declared = True
            yield mark
        elif kind == "name" and depth == 0 and mark in local and not declared:
            here = dual if index in taking else variable
            yield f"{mark}({here}," if following == "(" else f"{mark}({here})"
        elif kind == "operator" and mark == "(":
            inserted = depth == 0 and index > 0 and tokens[index - 1][1] in local and not declared
            depth += 1
            if not inserted:
                yield mark
        elif kind == "number" and declared:
            yield str(int(mark) + 1)
        elif kind == "operator" and mark == "." and depth == 0 and not declared:
            yield end
        else:
            if kind == "operator" and mark == ")":
                depth -= 1
            yield mark


def _binds(statement: Statement, local: frozenset[str]) -> bool:
    """Whether a positive literal of the body, outside aggregates, is over a *local* predicate."""
    depth, before, in_body, found = 0, "", False, False
    for kind, mark in statement.tokens:
        if kind in _LAYOUT:
            continue
        if kind == "operator":
            depth += mark in "({"
            depth -= mark in ")}"
            in_body |= mark == ":-"
            if mark == ":" and in_body and depth == 0:
                return False  # under a condition nothing is bound
        elif kind == "name" and in_body and depth == 0 and mark in local and before != "not":
            found = True
        before = mark
    return found


AGGREGATES = ("#count", "#sum", "#sum+", "#min", "#max")

_UPPER = {"<=": False, "<": False, ">=": True, ">": True}
"""Whether a bound that stands left of an aggregate is an upper one."""


def _taking(statement: Statement, local: frozenset[str]) -> frozenset[int]:
    """Return the places of the tokens whose atoms only take something away."""
    marks = [(i, m) for i, (kind, m) in enumerate(statement.tokens) if kind not in _LAYOUT]
    found = {
        index for (index, _), (_, before) in zip(marks[1:], marks, strict=False) if before == "not"
    }
    for at, (_, mark) in enumerate(marks):
        if mark in AGGREGATES:
            end = next(i for i in range(at, len(marks)) if marks[i][1] == "}")
            inside = range(at, end)
            if all(marks[i][1] not in local for i in inside):
                continue
            if _is_upper(statement, [m for _, m in marks], at, end) ^ (mark == "#min"):
                found ^= {marks[i][0] for i in inside}
    return frozenset(found)


def refuse_assignments(statement: Statement) -> None:
    """Refuse an aggregate that both gives and takes: of worlds it could not be told.

    Raises:
        PolicyError: there is one, on that line.
    """
    marks = [mark for kind, mark in statement.tokens if kind not in _LAYOUT]
    for at, mark in enumerate(marks):
        if mark in AGGREGATES:
            end = next((i for i in range(at, len(marks)) if marks[i] == "}"), None)
            if end is not None:
                _is_upper(statement, marks, at, end)


def _is_upper(statement: Statement, marks: list[str], begin: int, end: int) -> bool:
    """Whether the aggregate from *begin* to *end* has upper bounds only: more can make it false."""
    negated = marks[begin - 1] == "not"
    left = marks[begin - 1] if begin and marks[begin - 1] in (*_UPPER, "=", "!=") else ""
    if not left and marks[begin - 1] not in ("not", ",", ";", ":-"):
        left = "<="  # `2 #count { … }`
    right = marks[end + 1] if end + 1 < len(marks) else ""
    bounds = {_UPPER[left]} if left in _UPPER else set()
    if right in _UPPER:
        bounds.add(not _UPPER[right])
    if len(bounds) != 1 or left in ("=", "!=") or right in ("=", "!="):
        raise PolicyError(
            "policy.aggregate",
            "an aggregate over worlds must have a lower bound or an upper one, not both",
            where=f"line {statement.line}",
            hint="write `#count { … } >= N`; two bounds are two literals",
        )
    return bounds.pop() ^ negated
