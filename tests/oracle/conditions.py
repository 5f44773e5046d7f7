"""Conditions: what the drug is for, which form of MS it is, whether an infection is active."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .days import EVER, Span, span
from .request import Case, Record, documented
from .settle import Answer, Question, any_record, intersect
from .therapies import infection_treatments
from .vocabulary import (
    EXCLUDED_PHENOTYPES,
    MS_CONCEPTS,
    PHENOTYPES,
    concept_of_code,
    concept_of_display,
    in_infectious_range,
)

__all__ = ["indication", "infection", "phenotype", "state"]

_UNSPECIFIED = "cis_or_unspecified_demyelination"
_PARENT_CODE_ENDS = dt.date(2025, 9, 30)


def state(case: Case, record: Record) -> str:
    """Return speaks, doubt or silent: whether the condition counts at the first infusion."""
    if record.get("status") in ("resolved", "ruled_out"):
        return "silent"
    end = span(record.get("end"))
    if _contradicts_itself(case, record):
        return "doubt"
    if end and end.before(case.first):
        return "silent"
    if record.get("status") != "active" or not documented(record):
        return "doubt"
    if end and end.first < case.first.last:
        return "doubt"
    return "speaks"


def _contradicts_itself(case: Case, record: Record) -> bool:
    recorded, onset, end = (span(record.get(key)) for key in ("recorded", "onset", "end"))
    late = case.after_decision(recorded) or case.after_decision(onset)
    return late or bool(end and onset and end.before(onset))


def _concepts(record: Record) -> list[str]:
    """Return the concepts of code and display, those that somebody lists.

    Beside a code in no list the display is not trusted either.
    """
    if record.get("code") and not concept_of_code(record.get("code"), record.get("system")):
        return []
    both = (
        concept_of_code(record.get("code"), record.get("system")),
        concept_of_display(record.get("display")),
    )
    return [concept for concept in both if concept]


# --- phenotype ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Statement:
    """What one record says: one set, or the sets that disagree within it."""

    parts: tuple[frozenset[Answer], ...]
    when: Span | None
    settles: bool = True

    @property
    def says(self) -> frozenset[Answer]:
        return frozenset().union(*self.parts)


def _statement(record: Record) -> _Statement | None:
    concepts = _concepts(record)
    if not concepts or not all(c in MS_CONCEPTS or c == _UNSPECIFIED for c in concepts):
        return None
    parts: list[frozenset[Answer]] = [
        frozenset(MS_CONCEPTS.get(concept, {"cis"})) for concept in concepts
    ]
    match record.get("activity"):
        case "active":
            parts.append(frozenset(PHENOTYPES) - {"nonactive_spms"})
        case "nonactive":
            parts.append(frozenset(PHENOTYPES) - {"active_spms"})
    common = frozenset.intersection(*parts)
    when = span(record.get("recorded")) or span(record.get("onset"))
    bare = set(concepts) == {_UNSPECIFIED}
    return _Statement((common,) if common else tuple(parts), when, settles=not bare)


_LATER_STAGES: tuple[tuple[frozenset[Answer], frozenset[Answer]], ...] = (
    (frozenset({"cis"}), frozenset(PHENOTYPES) - {"cis"}),
    (frozenset({"rrms"}), frozenset({"active_spms", "nonactive_spms"})),
)


def _superseded(old: _Statement, new: _Statement) -> bool:
    if old.when is None or new.when is None or not old.when.before(new.when):
        return False
    return any(old.says <= stage and new.says <= later for stage, later in _LATER_STAGES)


def phenotype(case: Case) -> Question:
    """Settle which form of the disease is treated."""
    statements = [
        statement
        for record in case.records("conditions", question="phenotype")
        if (statement := _statement(record)) and state(case, record) == "speaks"
    ]
    named = _request_concept(case)
    concept = frozenset[Answer](
        {"cis"} if named == _UNSPECIFIED else MS_CONCEPTS.get(named or "", ())
    )
    if len(concept) == 1 and concept <= set(EXCLUDED_PHENOTYPES):
        statements.append(_Statement((concept,), span(case.request.get("received"))))
    statements += [
        _Statement((frozenset({answer}),), when) for answer, when in case.dated_answers("phenotype")
    ]
    standing = [s for s in statements if not any(_superseded(s, other) for other in statements)]
    heard = intersect(PHENOTYPES, [part for s in standing for part in s.parts])
    if heard.conflict:
        return heard
    return intersect(PHENOTYPES, [part for s in standing if s.settles for part in s.parts])


# --- indication -----------------------------------------------------------------------------


def _request_concept(case: Case) -> str | None:
    stated: Record = case.request.get("indication") or {}
    code, system = stated.get("code"), stated.get("system")
    if (
        case.readings["parent_code_after_2025"] == "ask"
        and code == "G35"
        and case.first.first > _PARENT_CODE_ENDS
    ):
        return None
    return concept_of_code(code, system)


def indication(case: Case) -> Question:
    """Settle whether the drug is for MS: the request says so, the chart only in one case."""
    voices: list[frozenset[Answer]] = []
    concept = _request_concept(case)
    if concept in MS_CONCEPTS:
        voices.append(frozenset({"ms"}))
    elif concept == _UNSPECIFIED:
        voices.append(frozenset({"ms", "other"}))
        voices += [
            frozenset({"ms"})
            for record in case.records("conditions", question="indication")
            if "cis" in _concepts(record) and state(case, record) == "speaks"
        ]
    elif concept is not None:
        voices.append(frozenset({"other"}))
    voices += [frozenset({answer}) for answer in case.answers("indication")]
    return intersect(("ms", "other"), voices)


# --- infection ------------------------------------------------------------------------------


def _infectious(case: Case, record: Record) -> str | None:
    """Return yes, doubt or None: whether what the condition names is an infection."""
    counting = {"infection"}
    if case.readings["chronic_infection"] == "any":
        counting.add("infection_latent")
    code, system = record.get("code"), record.get("system") or "icd-10-cm"
    concepts = _concepts(record)
    kinds = {concept in counting for concept in concepts}
    if code and concept_of_code(code, system) is None:
        if system == "icd-10-cm":
            if in_infectious_range(code) and True not in kinds:
                return "doubt"
        elif not concepts:
            return "doubt"
    if not concepts:
        return "doubt" if not code else None
    if kinds == {True}:
        return "yes"
    return "doubt" if True in kinds else None


def _infection_says(case: Case, record: Record) -> str | None:
    nature = _infectious(case, record)
    standing = state(case, record)
    if nature is None or standing == "silent":
        return None
    chronic = case.readings["chronic_infection"] == "any"
    if nature == "yes" and record.get("activity") == "nonactive" and not chronic:
        return None
    onset, recorded = span(record.get("onset")), span(record.get("recorded"))
    if standing == "speaks":
        if onset and case.first.before(onset):
            return None  # it began after the initiation
        if onset and not onset.last <= case.first.first and onset.last > case.first.last:
            return "doubt"
        if onset is None and recorded and case.first.before(recorded):
            return "doubt"  # recorded later; whether it was there at the initiation is not said
    return "yes" if (nature, standing) == ("yes", "speaks") else "doubt"


def _same_infection(one: Record, other: Record) -> bool:
    """Tell whether two entries are for the very same thing: one code, or the same bare words."""
    named = [
        (r.get("system") or "icd-10-cm", r["code"])
        if r.get("code")
        else (r.get("display") or "").strip().casefold()
        for r in (one, other)
    ]
    return bool(named[0]) and named[0] == named[1]


def _over_on(case: Case, record: Record) -> Span | None:
    """Return when an entry says that its infection was over; None where it does not say so.

    It must be documented and make sense. Undated, it may be of any day.
    """
    recorded, end = span(record.get("recorded")), span(record.get("end"))
    if not documented(record) or state(case, record) != "silent":
        return None
    if _contradicts_itself(case, record):
        return None
    days = [recorded] if record.get("status") in ("resolved", "ruled_out") else []
    days += [end] if end and end.before(case.first) else []
    known = [day for day in days if day]
    if not known:
        return EVER
    return Span(max(day.first for day in known), max(day.last for day in known))


def _outdated(case: Case, record: Record, says: str, others: list[Record]) -> str | None:
    """Weigh an entry of an infection against those that call the same one over."""
    over = [
        when
        for other in others
        if other is not record and _same_infection(record, other)
        if _infectious(case, other) or _latent(other)
        if (when := _over_on(case, other))
    ]
    recorded, onset = span(record.get("recorded")), span(record.get("onset"))
    stated = [day for day in (recorded, onset) if day]
    if not over or any(all(when.before(day) for when in over) for day in stated):
        return says
    for when in over:
        older = recorded and recorded.before(when) and not (onset and not onset.before(when))
        if older and not _contradicts_itself(case, record):
            return None
    return "doubt"


def _latent(record: Record) -> bool:
    return "infection_latent" in _concepts(record)


def infection(case: Case) -> Question:
    """Settle whether an infection is active at the first infusion."""
    entries = case.records("conditions", question="infection")
    says = [
        said and _outdated(case, record, said, entries)
        for record in entries
        for said in (_infection_says(case, record),)
    ]
    says += infection_treatments(case)
    shown = "yes" in says
    direct = case.says_directly("infection", doubt="doubt" in says)
    if shown:
        direct = ["yes"]
    elif not direct and case.complete("conditions"):
        direct = ["no"]
    presumed = "no" if case.readings["infection_unstated"] == "absent" else None
    return any_record(direct, presumed=presumed)
