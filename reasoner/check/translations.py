"""Translations: every sentence that a reader can meet has one, in each language that there is.

A folder that has a catalogue in some language promises the rest of its sentences in it. A
policy without catalogues promises nothing, and is asked for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from clingo import SymbolType

from reasoner.catalogue import Entry, languages_of, places, read_folder
from reasoner.check.declaration import Declarations
from reasoner.check.finding import Finding, error, of_error, warning
from reasoner.check.program import Programs
from reasoner.check.source import Signature, Source, parse
from reasoner.check.term import Compound, Term, Value
from reasoner.errors import PolicyError, nearest
from reasoner.program import read
from reasoner.terminology import Terminology

__all__ = ["Wanted", "check", "wanted"]

_TEXTS: Final[frozenset[Signature]] = frozenset(
    {("text", 2), ("more", 3), ("issue", 2), ("reason", 2)}
)
"""The facts whose last argument is a sentence for a reader."""

_WORDS: Final[dict[Signature, int]] = {("flaw", 2): 1, ("unused", 3): 2}
"""The facts with a word for a reader, and its place among the arguments."""

_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class Wanted(msgspec.Struct, frozen=True):
    """A sentence or a word that can reach a reader, and where it is written."""

    text: str
    place: str


def check(
    programs: Programs, terminology: Terminology, declared: Declarations | None
) -> Iterator[Finding]:
    """Yield what is not translated, translated amiss, or translated for nobody."""
    rules = programs.policy.folder.parent.parent
    folders = places(rules, programs.policy.id)
    by_folder = {
        folder: list(dict.fromkeys(_of_folder(folder, programs, terminology, declared)))
        for folder in folders
    }
    every = {one.text for found in by_folder.values() for one in found}
    for language in sorted({code for folder in folders for code in languages_of(folder)}):
        entries: dict[Path, list[Entry]] = {}
        for folder in folders:
            try:
                entries[folder] = read_folder(folder, language, below=rules)
            except PolicyError as fault:
                yield of_error(fault)
        known = {
            entry.source
            for found in entries.values()
            for entry in found
            if entry.text and not entry.retired
        }
        for folder, found in entries.items():
            if language in languages_of(folder):
                yield from _missing(by_folder[folder], known, language, folder)
            yield from _amiss(found)
            yield from _unused(found, every)


def _missing(
    sentences: Iterable[Wanted], known: set[str], language: str, folder: Path
) -> Iterator[Finding]:
    told = set[str]()
    for one in sentences:
        if one.text not in known and one.text not in told:
            told.add(one.text)
            yield warning(
                "translation.missing",
                f"`{one.text}` has no translation in the language `{language}`",
                one.place,
                f"add it to a catalogue in {folder.name}/locale/{language}/",
            )


def _amiss(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Placeholders are names that the program fills in: a translation keeps them all."""
    for entry in entries:
        if entry.retired or not entry.text:
            continue
        wanted, found = (set(_BRACES.findall(text)) for text in (entry.source, entry.text))
        for name in sorted(wanted ^ found):
            here, there = "the sentence", "its translation"
            if name in found:
                here, there = there, here
            yield error(
                "translation.placeholder",
                f"{here} names `{{{name}}}`, {there} does not",
                entry.place,
                f"the names are {', '.join(f'{{{one}}}' for one in sorted(wanted))}"
                if wanted
                else "the sentence has no names to fill in",
            )


def _unused(entries: Iterable[Entry], sentences: set[str]) -> Iterator[Finding]:
    for entry in entries:
        if entry.source not in sentences:
            yield warning(
                "translation.unused",
                f"`{entry.source}` is translated, and nothing says it",
                entry.place,
                nearest(entry.source, sorted(sentences)) or "delete the entry",
            )


# -- what a reader can meet -------------------------------------------------------------------


def wanted(
    programs: Programs, terminology: Terminology, declared: Declarations | None
) -> list[Wanted]:
    """Return every sentence and word of a policy and what it shares that a reader can meet."""
    rules = programs.policy.folder.parent.parent
    found = [
        one
        for folder in places(rules, programs.policy.id)
        for one in _of_folder(folder, programs, terminology, declared)
    ]
    return list(dict.fromkeys(found))


def _of_folder(
    folder: Path, programs: Programs, terminology: Terminology, declared: Declarations | None
) -> Iterator[Wanted]:
    rules = programs.policy.folder.parent.parent
    if folder.name == "terminology":
        yield from _concepts(terminology)
        return
    # A library is shared: all its files are looked at, also those that this policy leaves out.
    loaded = {source.name: source for source in programs.sources}
    for path in sorted(folder.glob("*.lp")):
        if path.name.endswith("properties.lp"):
            continue  # its sentences are for the author, who reads the language of the rules
        name = path.relative_to(rules).as_posix()
        source = loaded.get(name) or parse(read(path, name))
        yield from _sentences(source)
        yield from _facts(source)
    if folder == programs.policy.folder:
        yield from _identity(programs)
        if declared is not None:
            yield from _answers(declared)


def _sentences(source: Source) -> Iterator[Wanted]:
    """The `%!` comments; what goes on in the next line is one sentence."""
    open_at, parts, last = 0, list[str](), -1
    for comment in source.comments:
        if not comment.text.startswith("%!"):
            continue
        if comment.line != last + 1 and parts:
            yield Wanted(" ".join(parts), f"{source.name}:{open_at}:1")
            parts = []
        open_at = open_at if parts else comment.line
        parts.append(comment.text.removeprefix("%!").strip())
        last = comment.line
    if parts:
        yield Wanted(" ".join(parts), f"{source.name}:{open_at}:1")


def _facts(source: Source) -> Iterator[Wanted]:
    for statement in source.statements:
        for head in statement.heads:
            if head.signature in _TEXTS:
                last = head.term.arguments[-1]
                if isinstance(last, Value) and last.symbol.type is SymbolType.String:
                    yield Wanted(last.symbol.string, head.where)
            elif head.signature in _WORDS:
                yield from _word(head.term.arguments[_WORDS[head.signature]], head.where)


def _identity(programs: Programs) -> Iterator[Wanted]:
    identity = programs.policy.identity
    name = f"policies/{identity.id}/policy.toml"
    lines = (programs.policy.folder / "policy.toml").read_text("utf-8").splitlines()
    texts = [identity.title]
    for clause in identity.clauses:
        texts += [clause.text, clause.locator]
    for text in (*texts, *identity.advisories.values()):
        if text:
            # Where the text is broken over lines or escaped, the file is place enough.
            line = next((n for n, line in enumerate(lines, 1) if text in line), 1)
            yield Wanted(text, f"{name}:{line}:1")


def _answers(declared: Declarations) -> Iterator[Wanted]:
    for question, answers in declared.answers.items():
        for answer in answers:
            yield from _word(answer, declared.place("answer", (question, answer)))


def _word(term: Term, place: str) -> Iterator[Wanted]:
    if isinstance(term, Compound) and term.name and not term.arguments:
        yield Wanted(term.name.replace("_", " "), place)


def _concepts(terminology: Terminology) -> Iterator[Wanted]:
    """Drugs and the classes that they belong to, as a sentence spells them."""
    for row in terminology.property_rows:
        yield Wanted(terminology.spoken(row.concept), f"terminology/{row.place}")
        if row.property == "class":
            yield Wanted(terminology.spoken(row.value), f"terminology/{row.place}")
