"""The rules of the old version with the names that the new one has for questions and answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import get_args

from clingo import Function, Symbol, SymbolType
from clingo.ast import AST, ASTType, SymbolicTerm, Transformer

from reasoner import model
from reasoner.program import statements
from workbench.canonical import canonical
from workbench.difference.matching import Matching
from workbench.difference.version import Version
from workbench.rules import Rule

__all__ = ["OF_QUESTIONS", "given", "renamed", "words"]

_WORD = re.compile(r"[a-z_][A-Za-z0-9_]*")
_PROPERTY = re.compile(r"\bproperty\([^,()]*(?:\([^()]*\))?[^,()]*,\s*(\w+)")
OF_QUESTIONS = (
    *("question", "answer", "presumed", "any_record", "whole_number", "family", "otherwise"),
    *("group_of", "supports", "doubt", "unused", "named", "answered", "overruled", "weight"),
)
"""What the core rules read of a question, and which argument is the question: the first."""


_CLOSED = (
    *(model.Status, model.Activity, model.Response, model.StoppedFor, model.Result, model.Unit),
    model.Section,
)


def renamed(
    old: Sequence[Rule], new: Sequence[Rule], matching: Matching, outside: Collection[str]
) -> list[Rule]:
    """Return the *old* rules with the names that the new version has for questions and answers.

    A name that only one version has is another name of the same term wherever it stands: rules
    of a library pass it on. A name that both have, or one that comes from *outside* of the
    rules, is renamed only where the core rules look for it.
    """
    names = {one.name: other.name for one, other in matching.renamed.items()}
    for answers in matching.answers.values():
        for one, other in answers.items():
            if one != other and one.type is other.type is SymbolType.Function:
                names[one.name] = other.name
    if not names:
        return list(old)
    before, after = (words(rules) for rules in (old, new))
    apart = not before & set(names.values()) and not after & names.keys()
    apart = apart and not {*names, *names.values()} & set(outside)
    alike = len(set(names.values())) == len(names)
    renamer: Transformer = _Everywhere(names) if apart and alike else _Renamer(matching)
    nodes = [renamer.visit(rule.node) for rule in old]
    return [
        rule if node is rule.node else Rule(canonical(node), rule.statement, rule.node)
        for rule, node in zip(old, nodes, strict=True)
    ]


def given(version: Version) -> set[str]:
    """Return the words that a case, the tables or the choice of a reading bring to the rules."""
    tables = version.terminology
    found = {word for closed in _CLOSED for word in get_args(closed)} | tables.concepts
    read = _properties_read(version)
    found |= {
        word
        for _, name, value in tables.properties
        if read is None or name in read
        for word in (name, value)
    }
    readings = version.reasoner.readings
    return found | {str(value) for values in readings.values() for value in values}


def _properties_read(version: Version) -> set[str] | None:
    """Return the names of the properties that the rules read; nothing: it may be any."""
    files = (*version.policy.evidence, *version.policy.criteria)
    texts = (
        "".join(mark for kind, mark in statement.tokens if kind != "comment")
        for file in files
        for statement in statements(file.text)
    )
    names = {name for text in texts for name in _PROPERTY.findall(text)}
    return None if any(not name[0].islower() for name in names) else names


def words(rules: Sequence[Rule]) -> set[str]:
    """Return every word that stands in *rules*: names of predicates and of terms."""
    return {word for rule in rules for word in _WORD.findall(rule.form)}


class _Everywhere(Transformer):
    """Renames terms wherever they stand; predicates keep their names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename in the arguments of an atom."""
        symbol = node.symbol
        if symbol.ast_type is not ASTType.Function:
            return node
        return node.update(
            symbol=symbol.update(arguments=[self.visit(a) for a in symbol.arguments])
        )

    def visit_Function(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename a term, and what stands in it."""
        arguments = [self.visit(argument) for argument in node.arguments]
        return node.update(name=self.names.get(node.name, node.name), arguments=arguments)

    def visit_SymbolicTerm(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename a constant."""
        return node.update(symbol=self._symbol(node.symbol))

    def _symbol(self, symbol: Symbol) -> Symbol:
        if symbol.type is not SymbolType.Function:
            return symbol
        arguments = [self._symbol(argument) for argument in symbol.arguments]
        return Function(self.names.get(symbol.name, symbol.name), arguments)


class _Renamer(Transformer):
    """Renames questions, and answers beside them, where the core rules look for them."""

    def __init__(self, matching: Matching) -> None:
        self.names = {one.name: other.name for one, other in matching.renamed.items()}
        self.answers = {
            (question.name, str(one)): other
            for question, answers in matching.answers.items()
            for one, other in answers.items()
            if one != other
        }

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802 -- clingo names it
        """Rename the question of an atom, and its answer."""
        symbol = node.symbol
        if symbol.ast_type is not ASTType.Function or symbol.name not in OF_QUESTIONS:
            return node
        place = 1 if symbol.name == "answered" else 0
        if len(symbol.arguments) <= place:
            return node
        arguments = list(symbol.arguments)
        question = _name(arguments[place])
        if len(arguments) > place + 1:
            answer = self.answers.get((question, str(arguments[place + 1])))
            if answer is not None:
                arguments[place + 1] = SymbolicTerm(symbol.location, answer)
        if question in self.names:
            arguments[place] = _called(arguments[place], self.names[question])
        return node.update(symbol=symbol.update(arguments=arguments))


def _name(term: AST) -> str:
    if term.ast_type is ASTType.Function:
        return str(term.name)
    if term.ast_type is ASTType.SymbolicTerm and term.symbol.type is SymbolType.Function:
        return str(term.symbol.name)
    return ""


def _called(term: AST, name: str) -> AST:
    if term.ast_type is ASTType.Function:
        return term.update(name=name)
    return term.update(symbol=Function(name, term.symbol.arguments))
