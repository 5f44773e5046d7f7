"""The ways in which a rule can be slightly wrong, made on its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from reasoner.engine import Reasoner
from reasoner.program import RuleFile, statements
from workbench.mutation.mutant import Mutant, Operator
from workbench.mutation.siblings import Siblings

__all__ = ["mutants"]

_FLIPPED: Final = {"<=": "<", "<": "<=", ">=": ">", ">": ">=", "=": "!=", "!=": "="}
_LAYOUT: Final = ("space", "comment")
_TOLD: Final = frozenset({"text", "more", "issue", "reason", "about", "can"})
"""What only words are made of, or only `what-if` reads, decides nothing."""


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    start: int
    line: int
    column: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Rule(msgspec.Struct, frozen=True):
    """A statement as tokens without layout: its *head*, its *body* literal by literal."""

    file: RuleFile
    place: str
    head: tuple[_Token, ...]
    body: tuple[tuple[_Token, ...], ...]
    stop: _Token

    @property
    def begin(self) -> int:
        """Where it begins in the text of the file."""
        return (self.head or self.body[0])[0].start

    @property
    def tokens(self) -> Iterator[tuple[int, _Token, tuple[_Token, ...]]]:
        """Every token with the place of its literal, -1 for the head, and the literal."""
        for token in self.head:
            yield -1, token, self.head
        for place, literal in enumerate(self.body):
            for token in literal:
                yield place, token, literal


def mutants(reasoner: Reasoner) -> list[Mutant]:
    """Return the mutants of the policy and of the library that it uses, in their order."""
    policy = reasoner.policy
    siblings = Siblings(reasoner)
    files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
    found = [
        mutant
        for file in files.values()
        if not file.name.startswith("core/")
        for rule in _rules(file)
        for mutant in _of(rule, siblings)
    ]
    return list(dict.fromkeys(found))


def _rules(file: RuleFile) -> Iterator[_Rule]:
    offset, line, column = 0, 1, 1
    for statement in statements(file.text):
        tokens = []
        for kind, text in statement.tokens:
            if kind not in _LAYOUT:
                tokens.append(_Token(kind, text, offset, line, column))
            offset += len(text)
            breaks = text.count("\n")
            line += breaks
            column = len(text) - text.rfind("\n") if breaks else column + len(text)
        rule = _rule(file, tokens)
        if rule is not None:
            yield rule


def _rule(file: RuleFile, tokens: Sequence[_Token]) -> _Rule | None:
    if not tokens or tokens[0].kind == "directive" or tokens[-1].text != ".":
        return None
    if tokens[0].text in _TOLD:
        return None
    begin = tokens[0]
    place = f"{file.name}:{begin.line}"
    place += f":{begin.column}" if begin.column > 1 else ""
    depth = 0
    sides: list[list[list[_Token]]] = [[[]]]
    for token in tokens[:-1]:
        if token.text in ("(", "{"):
            depth += 1
        elif token.text in (")", "}"):
            depth -= 1
        elif depth == 0 and token.text == ":-":
            sides.append([[]])
            continue
        elif depth == 0 and token.text in (",", ";") and len(sides) > 1:
            sides[1].append([])
            continue
        sides[-1][-1].append(token)
    head = tuple(sides[0][0])
    body = tuple(map(tuple, sides[1])) if len(sides) > 1 else ()
    return _Rule(file, place, head, body, tokens[-1])


def _of(rule: _Rule, siblings: Siblings) -> Iterator[Mutant]:
    yield from _dropped_rule(rule)
    for place in range(len(rule.body)):
        yield from _dropped_literal(rule, place)
        yield from _negated(rule, place)
    for place, token, literal in rule.tokens:
        yield from _flipped(rule, place, token)
        yield from _moved(rule, place, token)
        yield from _swapped(rule, place, token, literal, siblings)


def _mutant(
    rule: _Rule, place: int, at: _Token, operator: Operator, span: tuple[int, int, str], now: str
) -> Mutant:
    start, end, put = span
    was = " ".join(rule.file.text[start:end].strip(" ,;").split())
    return Mutant(
        rule.file.name,
        at.line,
        at.column,
        rule.place,
        place,
        operator,
        was,
        now,
        start,
        end,
        put,
        rule.begin,
        rule.stop.end,
    )


def _dropped_rule(rule: _Rule) -> Iterator[Mutant]:
    first = rule.head[0] if rule.head else rule.body[0][0]
    yield _mutant(rule, -1, first, "drop rule", (first.start, rule.stop.end, ""), "")


def _dropped_literal(rule: _Rule, place: int) -> Iterator[Mutant]:
    literal = rule.body[place]
    if len(rule.body) == 1:
        start = rule.head[-1].end if rule.head else literal[0].start
        span = start, literal[-1].end, ""
    elif place:
        span = rule.body[place - 1][-1].end, literal[-1].end, ""
    else:
        span = literal[0].start, rule.body[1][0].start, ""
    yield _mutant(rule, place, literal[0], "drop literal", span, "")


def _negated(rule: _Rule, place: int) -> Iterator[Mutant]:
    first, *rest = rule.body[place]
    if first.text == "not":
        span = first.start, rest[0].start, ""
        now = " ".join(token.text for token in rest)
    elif first.kind == "name" and not any(token.text in _FLIPPED for token in rest):
        span = first.start, first.start, "not "
        now = "not " + rule.file.text[first.start : rule.body[place][-1].end]
    else:
        return
    made = _mutant(rule, place, first, "negate", span, " ".join(now.split()))
    was = " ".join(rule.file.text[first.start : rule.body[place][-1].end].split())
    yield msgspec.structs.replace(made, was=was)


def _flipped(rule: _Rule, place: int, token: _Token) -> Iterator[Mutant]:
    if token.text in _FLIPPED and place >= 0:
        now = _FLIPPED[token.text]
        span = token.start, token.end, now
        yield _around(_mutant(rule, place, token, "flip comparison", span, now), rule)


def _moved(rule: _Rule, place: int, token: _Token) -> Iterator[Mutant]:
    if token.kind != "number":
        return
    for step in (1, -1):
        number = int(token.text) + step
        if number >= 0:
            span = token.start, token.end, str(number)
            yield _around(_mutant(rule, place, token, "move number", span, str(number)), rule)


def _swapped(
    rule: _Rule, place: int, token: _Token, literal: Sequence[_Token], siblings: Siblings
) -> Iterator[Mutant]:
    if token.kind != "name" or token.text == "not":
        return
    index = next(i for i, one in enumerate(literal) if one is token)
    following = literal[index + 1].text if index + 1 < len(literal) else ""
    before = [one.text for one in literal[:index] if one.kind == "name"]
    depth = sum((one.text == "(") - (one.text == ")") for one in literal[:index])
    if following == "(" or depth == 0:
        return
    other = siblings.of(token.text, [*reversed(before)])
    if other is not None:
        span = token.start, token.end, other
        yield _around(_mutant(rule, place, token, "swap constant", span, other), rule)


def _around(mutant: Mutant, rule: _Rule) -> Mutant:
    """Say the whole literal before and after, where only a token changes."""
    tokens = rule.head if mutant.literal < 0 else rule.body[mutant.literal]
    text, first, last = rule.file.text, tokens[0].start, tokens[-1].end
    now = text[first : mutant.start] + mutant.put + text[mutant.end : last]
    return msgspec.structs.replace(
        mutant, was=" ".join(text[first:last].split()), now=" ".join(now.split())
    )
