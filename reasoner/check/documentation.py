"""What the comments promise: sentences name what their rules bind, headers what files define."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clingo.ast import ASTType

from reasoner.check.finding import Finding, error, warning
from reasoner.check.program import Programs
from reasoner.check.source import Comment, Signature, Source, Statement, remembered, shown
from reasoner.errors import nearest

__all__ = ["check", "documented", "promised", "words_read"]

_BRACED = re.compile(r"\{([^{}]*)\}?|\}")
_WORD = re.compile(r"[a-z]\w*")
_SECTION = re.compile(r"^(Reads|Defines)\s", re.MULTILINE)
_SIGNATURE = re.compile(r"(?<![\w.])([a-z_]\w*)/(\d+)\b")


def check(programs: Programs) -> Iterator[Finding]:
    """Yield every sentence and header that its file does not keep."""
    for source in programs.sources:
        yield from _sentences(source)
        yield from _header(programs, source)


# -- sentences --------------------------------------------------------------------------------


@remembered
def _sentences(source: Source) -> tuple[Finding, ...]:
    return tuple(_unkept(source))


def _unkept(source: Source) -> Iterator[Finding]:
    for comment, rule in documented(source):
        where = f"{source.name}:{comment.line}:{comment.column}"
        if rule is None:
            yield error(
                "sentence.rule",
                "a sentence stands above no rule",
                where,
                "put it directly above the rule that it documents",
            )
            continue
        for match in _BRACED.finditer(comment.text):
            column = comment.column + len(comment.text[: match.start()].encode())
            place = f"{source.name}:{comment.line}:{column}"
            name = match[1]
            if name is None or not match[0].endswith("}"):
                yield error(
                    "sentence.variable", "a brace has no partner", place, "write {Variable}"
                )
            elif name not in rule.bound:
                known = sorted(rule.bound - {"_"})
                yield error(
                    "sentence.variable",
                    f"the sentence names `{name}`, which its rule does not bind",
                    place,
                    nearest(name, known)
                    or (f"the rule binds {', '.join(known)}" if known else "it binds nothing"),
                )


def documented(source: Source) -> Iterator[tuple[Comment, Statement | None]]:
    """Yield every sentence with the rule directly below it; further comments may stand between."""
    comments = {comment.line for comment in source.comments}
    lines = {s.line: s for s in reversed(source.statements)}
    for comment in source.comments:
        if not comment.text.startswith("%!"):
            continue
        line = comment.line + 1
        while line in comments and line not in lines:
            line += 1
        rule = lines.get(line)
        yield comment, rule if rule and rule.node.ast_type is ASTType.Rule else None


# -- headers ----------------------------------------------------------------------------------


def _header(programs: Programs, source: Source) -> Iterator[Finding]:
    if not source.comments or not source.comments[0].text.startswith("%*"):
        return
    header = source.comments[0]
    sections = {name: found for name, *found in _sections(header)}
    defined = {head.signature for s in source.statements for head in s.heads}
    read = {atom.signature for s in source.statements for atom in s.body}
    if "Defines" in sections:
        listed, where = _listed(source, sections["Defines"])
        for signature in sorted(listed - defined):
            yield warning(
                "header.defines",
                f"the header defines `{shown(signature)}`, the file does not",
                where,
                nearest(shown(signature), sorted(map(shown, defined - listed)))
                or "remove it from `Defines`",
            )
        for signature in sorted((defined & _read_elsewhere(programs, source)) - listed):
            yield warning(
                "header.defines",
                f"the header does not name `{shown(signature)}`, which other files read",
                where,
                "add it to `Defines`",
            )
    if "Reads" in sections:
        listed, where = _listed(source, sections["Reads"])
        known = programs.evidence.known | programs.criteria.known
        undefined = sorted(map(shown, read - known))
        for signature in sorted(listed - read - set(source.declared)):
            if nearest(shown(signature), undefined):
                continue  # the rule misspells it, which is said there
            yield warning(
                "header.reads",
                f"the header reads `{shown(signature)}`, the file does not",
                where,
                nearest(shown(signature), sorted(map(shown, read - listed)))
                or "remove it from `Reads`",
            )


def words_read(source: Source) -> frozenset[str]:
    """Return the words of the section `Reads` of a file's header: what it documents to read."""
    header = source.comments[0] if source.comments else None
    if header is None or not header.text.startswith("%*"):
        return frozenset()
    return frozenset(
        word
        for name, text, _ in _sections(header)
        if name == "Reads"
        for word in _WORD.findall(text)
    )


def promised(source: Source, section: str) -> frozenset[Signature]:
    """Return the predicates that the header of *source* lists in *section*."""
    if not source.comments or not source.comments[0].text.startswith("%*"):
        return frozenset()
    texts = [text for name, text, _ in _sections(source.comments[0]) if name == section]
    return frozenset((name, int(n)) for text in texts for name, n in _SIGNATURE.findall(text))


def _sections(header: Comment) -> Iterator[tuple[str, str, int]]:
    """Yield each section of the header up to a blank line, with the line it begins on."""
    matches = list(_SECTION.finditer(header.text))
    ends = [match.start() for match in matches[1:]] + [len(header.text)]
    for match, end in zip(matches, ends, strict=False):  # a header may have no sections
        text = header.text[match.start() : end].split("\n\n")[0]
        yield match[1], text, header.line + header.text.count("\n", 0, match.start())


def _listed(source: Source, section: list[object]) -> tuple[set[Signature], str]:
    text, line = section
    found = {(name, int(arity)) for name, arity in _SIGNATURE.findall(str(text))}
    return found, f"{source.name}:{line}:1"


def _read_elsewhere(programs: Programs, source: Source) -> set[Signature]:
    return {
        atom.signature
        for program in programs.both
        if source in program.sources
        for other in program.sources
        if other is not source
        for statement in other.statements
        for atom in statement.body
    }
