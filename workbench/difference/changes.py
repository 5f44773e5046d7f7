"""What was changed between two versions, in words: what an author would say that they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from clingo import Symbol

from explain.rules import read_rules
from reasoner.catalogue import places, read_catalogue
from reasoner.check.term import Compound, written
from reasoner.policy import Policy
from reasoner.terminology import Row
from workbench.difference.matching import Matching
from workbench.difference.tables import Tables
from workbench.difference.version import Version
from workbench.rules import Rule, changed, every_rule

__all__ = ["Change", "changes"]

Topic = Literal[
    "policy",
    "clause",
    "parameter",
    "terminology",
    "question",
    "reading",
    "rule",
    "text",
    "translation",
]
What = Literal["added", "removed", "changed", "renamed", "written differently"]


class Change(msgspec.Struct, frozen=True):
    """One change: *name* is what it is about, *where* its file and line, *old* and *new* say it.

    *clause* is the id of the clause that a rule belongs to, where it names one.
    """

    topic: Topic
    what: What
    name: str
    where: str = ""
    old: str = ""
    new: str = ""
    clause: str = ""


def changes(old: Version, new: Version, matching: Matching, tables: Tables) -> list[Change]:
    """Return what was changed from *old* to *new*, topic by topic."""
    return [
        *_identity(old.policy, new.policy),
        *_parameters(old.policy, new.policy),
        *_tables(tables),
        *_questions(old, new, matching),
        *_readings(old, new),
        *_rules(old.policy, new.policy),
        *_texts(old, new),
        *_translations(old.policy, new.policy),
    ]


def _between(
    topic: Topic, old: Mapping[str, str], new: Mapping[str, str], where: str = ""
) -> Iterator[Change]:
    """Yield how the values of the same names differ."""
    for name in old.keys() - new.keys():
        yield Change(topic, "removed", name, where, old=old[name])
    for name in new.keys() - old.keys():
        yield Change(topic, "added", name, where, new=new[name])
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Change(topic, "changed", name, where, old[name], new[name])


def _sorted(found: Iterable[Change]) -> list[Change]:
    return sorted(found, key=lambda one: (one.where, one.name, one.what))


# -- policy.toml -----------------------------------------------------------------------------------


def _identity(old: Policy, new: Policy) -> Iterator[Change]:
    where = f"policies/{new.id}/policy.toml"
    one, other = old.identity, new.identity
    plain = ("id", "number", "title", "version", "document", "effective_from", "effective_to")
    for name in (*plain, "library", "quantity"):
        before, after = getattr(one, name), getattr(other, name)
        if before != after:
            yield Change("policy", "changed", name, where, _shown(before), _shown(after))
    before, after = ({c.id: c for c in identity.clauses} for identity in (one, other))
    for name in before:
        if name not in after:
            yield Change("clause", "removed", name, where, old=before[name].text)
    for name, clause in after.items():
        if name not in before:
            yield Change("clause", "added", name, where, new=f"{clause.kind}: {clause.text}")
            continue
        for field in ("kind", "locator", "text"):
            said = getattr(before[name], field), getattr(clause, field)
            if said[0] != said[1]:
                yield Change("clause", "changed", f"{name} {field}", where, *said)
    shared = [name for name in before if name in after]
    if shared != [name for name in after if name in before]:
        yield Change("clause", "written differently", "the order of the clauses", where)
    yield from _sorted(_between("text", one.advisories, other.advisories, where))


def _shown(value: object) -> str:
    return "" if value is None else str(value)


# -- parameters.lp ---------------------------------------------------------------------------------


def _parameters(old: Policy, new: Policy) -> Iterator[Change]:
    only = changed(_of(old, "parameters.lp"), _of(new, "parameters.lp"), ())
    gone = {_key(rule): rule for rule in only.old if not rule.statement.body}
    come = {_key(rule): rule for rule in only.new if not rule.statement.body}
    for key, rule in gone.items():
        if key in come and rule.form != key:
            yield Change(
                "parameter", "changed", key, come[key].where, _last(rule), _last(come[key])
            )
        elif key not in come:
            yield Change("parameter", "removed", rule.form, rule.where)
    for key, rule in come.items():
        if key not in gone:
            yield Change("parameter", "added", rule.form, rule.where)


def _key(rule: Rule) -> str:
    """Return a fact without its last argument, which is its value."""
    (head, *_) = rule.statement.heads or (None,)
    if head is None or len(head.term.arguments) != 2:  # noqa: PLR2004 -- a name and its value
        arguments = head.term.arguments if head is not None else ()
        return head.term.name if head is not None and len(arguments) == 1 else rule.form
    return f"{head.term.name}({written(head.term.arguments[0])})"


def _last(rule: Rule) -> str:
    return written(rule.statement.heads[0].term.arguments[-1])


def _of(policy: Policy, name: str) -> list[Rule]:
    files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
    return [r for f in files.values() if f.name.endswith(f"/{name}") for r in every_rule(f)]


# -- terminology -----------------------------------------------------------------------------------

_COLUMNS = ("display", "concept", "labelled_for", "valid_from", "valid_to", "lists")


def _tables(tables: Tables) -> Iterator[Change]:
    after: dict[tuple[str, str], list[Row]] = {}
    for row in tables.new:
        after.setdefault((row.system, row.code), []).append(row)
    for row in tables.old:
        same = after.get((row.system, row.code), [])
        name = f"{row.system} {row.code}"
        if not same:
            yield Change("terminology", "removed", name, row.place, old=row.concept)
            continue
        other = same.pop(0)
        for column in _COLUMNS:
            said = (_cell(getattr(row, column)), _cell(getattr(other, column)))
            if said[0] != said[1]:
                yield Change("terminology", "changed", f"{name} {column}", other.place, *said)
    for rows in after.values():
        for row in rows:
            name = f"{row.system} {row.code}"
            yield Change("terminology", "added", name, row.place, new=row.concept)
    for side, what in tables.besides:
        if side == "old":
            yield Change("terminology", "removed", what)
        else:
            yield Change("terminology", "added", what)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else _shown(value)


# -- questions.lp and readings.lp ------------------------------------------------------------------


def _questions(old: Version, new: Version, matching: Matching) -> Iterator[Change]:
    yield from (Change("question", "removed", name) for name in _asked(matching.only_old))
    yield from (Change("question", "added", name) for name in _asked(matching.only_new))
    for question, other in matching.renamed.items():
        yield Change("question", "renamed", str(question), old=str(question), new=str(other))
    for question, answers in matching.answers.items():
        for answer, named in answers.items():
            if answer != named:
                said = str(answer), str(named)
                yield Change("question", "renamed", f"an answer of {question}", "", *said)
    yield from (Change("question", "removed", name, old=a) for name, a in _told(matching.lost))
    yield from (Change("question", "added", name, new=a) for name, a in _told(matching.gained))
    yield from _presumptions(old, new, matching)
    texts = _between("text", old.reasoner.worlds.texts, new.reasoner.worlds.texts)
    yield from _sorted(one for one in texts if one.what == "changed")


def _asked(questions: Iterable[Symbol]) -> list[str]:
    return [str(question) for question in questions if question.name != "reading"]


def _told(pairs: Iterable[tuple[Symbol, Symbol]]) -> Iterator[tuple[str, str]]:
    for question, answer in pairs:
        if question.name != "reading":
            yield f"an answer of {question}", str(answer)


def _presumptions(old: Version, new: Version, matching: Matching) -> Iterator[Change]:
    shared = {str(question) for question in matching.questions if question.name != "reading"}
    presumed = [
        {str(question): str(answer) for question, answer in version.presumed.items()}
        for version in (old, new)
    ]
    for one in _sorted(_between("question", presumed[0], presumed[1])):
        if one.name in shared:
            name = f"what is presumed of {one.name}"
            yield msgspec.structs.replace(one, what="changed", name=name)


def _readings(old: Version, new: Version) -> Iterator[Change]:
    def told(version: Version, name: str) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for identifier, value in version.reasoner.worlds.facts(name, 2):
            found.setdefault(str(identifier), []).append(str(value))
        return {identifier: ", ".join(values) for identifier, values in found.items()}

    values = told(old, "interpretation"), told(new, "interpretation")
    yield from _sorted(_between("reading", *values))
    for name in ("default", "about", "issue", "reason"):
        said = told(old, name), told(new, name)
        shared = [
            {k: v for k, v in one.items() if k in values[0] and k in values[1]} for one in said
        ]
        for one in _sorted(_between("reading", shared[0], shared[1])):
            yield msgspec.structs.replace(one, name=f"{one.name} {name}")


# -- rules -----------------------------------------------------------------------------------------

_SAID_ELSEWHERE = frozenset({"parameters.lp", "readings.lp"})
_TOLD = frozenset({("text", 2), ("more", 3)})


def _rules(old: Policy, new: Policy) -> Iterator[Change]:
    sides = [_by_file(policy) for policy in (old, new)]
    names = sorted(sides[0].keys() | sides[1].keys())
    flat = [[rule for rules in side.values() for rule in rules] for side in sides]
    fixed = old.case_vocabulary | new.case_vocabulary
    only = changed(flat[0], flat[1], fixed)
    clauses = {**old.clause_ids, **new.clause_ids}
    for name, renamed in sorted(only.renamed.items()):
        yield Change("rule", "written differently", f"the predicate {name}", "", name, renamed)
    come = list(only.new)
    for rule in only.old:
        if _is_told(rule):
            continue
        other = next((one for one in come if _head(one) == _head(rule)), None)
        clause = _clause(rule, clauses)
        if other is None:
            yield Change("rule", "removed", _head(rule), rule.where, _code(rule), "", clause)
        else:
            come.remove(other)
            said = _code(rule), _code(other)
            yield Change("rule", "changed", _head(rule), other.where, *said, clause)
    for rule in come:
        if not _is_told(rule):
            clause = _clause(rule, clauses)
            yield Change("rule", "added", _head(rule), rule.where, "", _code(rule), clause)
    for name in names:
        before, after = (side.get(name, []) for side in sides)
        forms = {rule.form for rule in before}
        again = {rule.form: str(rule.node) for rule in after if rule.form in forms}
        moved = [r for r in before if again.get(r.form, str(r.node)) != str(r.node)]
        for rule in moved:
            where = next(one.where for one in after if one.form == rule.form)
            yield Change(
                "rule", "written differently", _head(rule), where, clause=_clause(rule, clauses)
            )
        shared = {rule.form for rule in after} & forms
        orders = [
            list(dict.fromkeys(r.form for r in side if r.form in shared))
            for side in (before, after)
        ]
        if orders[0] != orders[1]:
            yield Change("rule", "written differently", "the order of the rules", name)


def _by_file(policy: Policy) -> dict[str, list[Rule]]:
    files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
    return {
        name: list(every_rule(file))
        for name, file in files.items()
        if name.rpartition("/")[2] not in _SAID_ELSEWHERE
    }


def _is_told(rule: Rule) -> bool:
    """Whether it is a fact about words, which stands under texts."""
    heads = rule.statement.heads
    return not rule.statement.body and bool(heads) and heads[0].signature in _TOLD


def _head(rule: Rule) -> str:
    return rule.form.partition(" :- ")[0]


def _code(rule: Rule) -> str:
    return str(rule.node)


def _clause(rule: Rule, clauses: Mapping[Symbol, str]) -> str:
    for head in rule.statement.heads:
        for argument in head.term.arguments:
            if isinstance(argument, Compound):
                for symbol, name in clauses.items():
                    if written(argument) == str(symbol):
                        return name
    return ""


# -- words -----------------------------------------------------------------------------------------


def _texts(old: Version, new: Version) -> Iterator[Change]:
    """Yield the sentences of rules that say something else of the same rule."""

    def told(policy: Policy) -> dict[tuple[str, str, str], tuple[str, str]]:
        files = {file.name: file for file in (*policy.evidence, *policy.criteria)}
        return {
            (rule.file, rule.head, rule.body): (rule.sentence, rule.place)
            for file in files.values()
            for rule in read_rules(file)
        }

    before, after = told(old.policy), told(new.policy)
    for key, (sentence, place) in after.items():
        if key in before and before[key][0] != sentence:
            yield Change("text", "changed", key[1], place, before[key][0], sentence)


def _translations(old: Policy, new: Policy) -> Iterator[Change]:
    one, other = (_catalogues(policy) for policy in (old, new))
    for name in sorted(one.keys() | other.keys()):
        said = [side[name].read_bytes() if name in side else b"" for side in (one, other)]
        if said[0] != said[1]:
            told = [_entries(side.get(name), name) for side in (one, other)]
            yield from _sorted(_between("translation", told[0], told[1], name))


def _catalogues(policy: Policy) -> dict[str, Path]:
    rules = policy.folder.parent.parent
    return {
        path.relative_to(rules).as_posix(): path
        for folder in places(rules, policy.id)
        for path in sorted(folder.glob("locale/*/*.po"))
    }


def _entries(path: Path | None, name: str) -> dict[str, str]:
    if path is None:
        return {}
    return {one.source: one.text for one in read_catalogue(path, name) if not one.retired}
