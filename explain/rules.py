"""Rules as their readers see them: where each stands, what it derives, and its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec
from clingo import Symbol, SymbolType

from reasoner.facts import record_name
from reasoner.program import RuleFile, statements
from reasoner.terminology import Terminology

__all__ = ["Rule", "defining", "read_rules", "say", "spoken"]

_BRACES = re.compile(r"\{([A-Z_][A-Za-z0-9_']*)\}")


class Rule(msgspec.Struct, frozen=True, dict=True):
    """A rule of the file *file* (below the rules folder) that starts on *line*.

    *name* is the predicate of its head, empty where the head is no single atom; *sentence*
    is what the `%!` comment above it says, with variables in braces.
    """

    file: str
    line: int
    name: str
    head: str
    body: str
    sentence: str

    @property
    def place(self) -> str:
        """Where the rule stands: `policies/x/criteria.lp:12`."""
        return f"{self.file}:{self.line}"

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The variables of the sentence that the rule binds."""
        known = set(re.findall(r"\b_*[A-Z]\w*", f"{self.head} {self.body}"))
        named = _BRACES.findall(self.sentence)
        return tuple(name for name in dict.fromkeys(named) if name in known)


def read_rules(file: RuleFile) -> list[Rule]:
    """Return the rules and facts of *file* in its order, directives left out."""
    return [rule for rule in (_rule(file, s.tokens, s.line) for s in statements(file.text)) if rule]


def _rule(file: RuleFile, tokens: Iterable[tuple[str, str]], line: int) -> Rule | None:
    sentence: list[str] = []
    parts: list[list[str]] = [[], []]
    depth, side, name = 0, 0, ""
    for kind, text in tokens:
        if kind == "comment":
            if text.startswith("%!"):
                sentence.append(text.removeprefix("%!").strip())
            elif not parts[0]:
                sentence = []  # a comment in between: the sentence was for nothing
            continue
        if kind == "directive" and not parts[side] and side == 0:
            return None
        if kind == "operator":
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(text, 0)
            if text == ":-" and depth == 0:
                side = 1
                continue
        if kind == "name" and not name and side == 0 and not "".join(parts[0]).strip():
            name = text
        parts[side].append(" " if kind == "space" else text)
    head, body = (" ".join("".join(part).split()) for part in parts)
    if not head and not body:
        return None
    last = "body" if side else "head"
    head = head.removesuffix(".").strip() if last == "head" else head
    body = body.removesuffix(".").strip()
    plain = name if re.fullmatch(r"[a-z_]\w*(\(.*\))?", head) else ""
    return Rule(file.name, line, plain, head, body, " ".join(sentence))


def say(sentence: str, values: Mapping[str, str]) -> str:
    """Return *sentence* with the *values* of its variables.

    >>> say("at least {Needed} drugs failed.", {"Needed": "2"})
    'at least 2 drugs failed.'
    """
    return _BRACES.sub(lambda found: values.get(found[1], found[1]), sentence)


def spoken(symbol: Symbol, terminology: Terminology) -> str:
    """Return the value of a variable as a sentence has it: a record's id, a concept's name."""
    if symbol.type is SymbolType.Function and symbol.name in ("voice", "list", "answer"):
        return record_name(symbol)
    if symbol.type is SymbolType.String:
        return symbol.string
    if symbol.type is SymbolType.Function and not symbol.arguments:
        return terminology.spoken(symbol.name)
    return str(symbol)


def defining(rules: Iterable[Rule], clause: Symbol, kind: str) -> list[Rule]:
    """Return the rules that say when *clause* is met, applies, or how much it allows.

    Which predicates a kind of clause reads is said by the status rules themselves.
    """
    every = list(rules)
    status = [rule for rule in every if rule.name == "status" and _names_kind(rule.body, kind)]
    read = {name for rule in status for name in re.findall(r"\b([a-z]\w*)\s*\(", rule.body)}
    read |= {"refer", "waived"}
    own = str(clause).replace(" ", "")
    found = []
    for rule in every:
        if rule.name not in read - {"clause"} or rule.file.startswith("core/"):
            continue
        argument = rule.head.replace(" ", "").partition("(")[2].removesuffix(")")
        names_a_clause = re.fullmatch(r"[a-z]\w*\([a-z]\w*\)", argument) is not None
        if argument == own or (rule.name != "refer" and not names_a_clause and kind == "limit"):
            found.append(rule)
    return found


def _names_kind(body: str, kind: str) -> bool:
    return re.search(rf"\bclause\(\s*\w+\s*,\s*(?:{kind}|_)\s*\)", body) is not None
