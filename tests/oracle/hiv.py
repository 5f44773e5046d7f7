"""HIV status, by algorithm: a screen with what confirms or refutes it."""

from __future__ import annotations

from dataclasses import dataclass

from .conditions import state
from .days import Span, plus_months, span
from .request import Case, Record
from .settle import Answer, Question, intersect
from .vocabulary import concept_of_code, concept_of_display, observation_kind

__all__ = ["hiv"]

_NEGATIVE = frozenset[Answer]({"negative"})
_POSITIVE = frozenset[Answer]({"positive"})
_SYNONYMS = {"detected": "reactive", "not_detected": "non_reactive"}


@dataclass(frozen=True)
class _Test:
    kind: str
    result: str
    when: Span | None

    def not_before(self, other: _Test) -> bool:
        """Tell whether this was done on the other's day or later, for certain."""
        return bool(self.when and other.when and self.when.first >= other.when.last)

    def older_than(self, when: Span | None) -> bool:
        """Tell whether this is older, for certain."""
        return bool(self.when and when and self.when.before(when))


def _tests(case: Case) -> list[_Test]:
    tests: list[_Test] = []
    for record in case.records("observations", question="hiv"):
        kind, when = (
            observation_kind(record.get("code"), record.get("system")),
            span(record.get("date")),
        )
        if kind is None or record.get("documented") is False or case.after_decision(when):
            continue
        result = str(record.get("result"))
        tests.append(_Test(kind, _SYNONYMS.get(result, result), when))
    return tests


def _fresh(case: Case, test: _Test) -> bool:
    months = case.readings["hiv_test_max_age_months"]
    if months == "none":
        return True
    return test.when is not None and case.first.last <= plus_months(test.when, int(months)).first


def _established(screen: _Test, tests: list[_Test]) -> Span | None:
    """Return when a negative status was established: by the screen, or by what refuted it."""
    if screen.result == "non_reactive":
        return screen.when
    return max(
        (t.when for t in tests if t.kind == "differentiation" and t.when and t.not_before(screen)),
        default=screen.when,
    )


def _refuted(screen: _Test, tests: list[_Test]) -> bool:
    """Tell whether a reactive screen was refuted: a negative differentiation, no RNA since."""
    later = [test for test in tests if test.not_before(screen)]
    by = [t for t in later if t.kind == "differentiation"]
    rna = any(t.kind == "rna" and t.result == "reactive" for t in later)
    return bool(by) and all(t.result == "non_reactive" for t in by) and not rna


def _concept(record: Record) -> str | None:
    if record.get("code"):
        return concept_of_code(record.get("code"), record.get("system"))
    return concept_of_display(record.get("display"))


def _recorded(record: Record) -> Span | None:
    return span(record.get("recorded")) or span(record.get("onset"))


def _inconclusive(case: Case) -> list[_Test]:
    """Read an inconclusive code as an indeterminate screen of the day on which it was recorded."""
    return [
        _Test("screen", "indeterminate", _recorded(record))
        for record in case.records("conditions", question="hiv")
        if state(case, record) == "speaks" and _concept(record) == "hiv_inconclusive"
    ]


def _opening(tests: list[_Test]) -> list[_Test]:
    """Read as an open screen what a part of a screen finds, and a confirmation nobody can read."""
    return [
        _Test("screen", "reactive" if test.result == "reactive" else "indeterminate", test.when)
        for test in tests
        if (test.kind == "part" and test.result != "non_reactive")
        or (
            test.kind in ("differentiation", "rna")
            and test.result not in ("reactive", "non_reactive")
        )
    ]


def hiv(case: Case) -> Question:
    """Settle the HIV status from tests, codes and direct answers."""
    tests = _tests(case) + _inconclusive(case)
    tests += _opening(tests)
    screens = [test for test in tests if test.kind == "screen"]
    latest = [s for s in screens if not any(s.older_than(other.when) for other in screens)]
    negative = bool(latest) and all(
        screen.result == "non_reactive" or (screen.result == "reactive" and _refuted(screen, tests))
        for screen in latest
    )
    positive_since: list[Span | None] = [
        test.when
        for test in tests
        if test.kind in ("differentiation", "rna") and test.result == "reactive"
    ]
    voices: list[frozenset[Answer]] = [frozenset({answer}) for answer in case.answers("hiv")]
    positive_since += [
        _recorded(record)
        for record in case.records("conditions", question="hiv")
        if state(case, record) == "speaks" and _concept(record) == "hiv_positive"
    ]
    if positive_since:
        voices.append(_POSITIVE)
    established = [_established(screen, tests) for screen in latest]
    superseded = any(
        since is not None and all(when is not None and when.before(since) for when in established)
        for since in positive_since
    )
    if negative and not superseded and any(_fresh(case, screen) for screen in latest):
        voices.append(_NEGATIVE)
    return intersect(("negative", "positive"), voices)
