"""Therapies: which MS drugs failed, were not tolerated, or run beside the course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from .days import EVER, Span, plus_months, span
from .request import Case, Record, documented
from .settle import Answer, Question, any_record, intersect
from .vocabulary import (
    CLASS_OF,
    INTERVALS,
    MS_CONCEPTS,
    MS_INGREDIENTS,
    NAMED_IN_EXCLUSION_IV,
    OFF_LABEL,
    Product,
    concept_of_code,
    concept_of_display,
    in_infectious_range,
    product_of_code,
    product_of_name,
)

__all__ = ["concurrent", "failed", "given_as_therapy", "infection_treatments", "intolerant"]

_ALSO_FOR_OTHER_DISEASES = ("natalizumab", "ozanimod", "mitoxantrone")
_ONLY_BY_BRAND = ("cladribine", "ofatumumab")
_OUTCOME = ("taken", "response", "stopped_for")


# --- which drug ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """A therapy read as one drug; *disputed* where name and code mean two drugs."""

    record: Record
    product: Product
    disputed: bool = False


def _products(record: Record) -> list[Product]:
    found = (
        product_of_name(record.get("product")),
        product_of_code(record.get("code"), record.get("system")),
    )
    products: list[Product] = []
    for product in found:
        if product and product.ingredient not in {other.ingredient for other in products}:
            products.append(product)
    return products


def _trials(case: Case, question: str) -> list[_Trial]:
    return [
        _Trial(record, product, disputed=len(products) > 1)
        for record in case.records("therapies", question=question)
        for products in (_products(record),)
        for product in products
    ]


def _unidentified(case: Case, question: str) -> list[Record]:
    return [r for r in case.records("therapies", question=question) if not _products(r)]


def _members(case: Case, family: str) -> list[str]:
    """Return the MS drugs that some record names."""
    named = {trial.product.ingredient for trial in _trials(case, "")}
    for other in ("failed", "intolerant", "concurrent"):
        named |= set(case.answered_members(other))
    wanted = set(MS_INGREDIENTS)
    if case.readings["off_label_counts"] == "yes" and family != "concurrent":
        wanted |= OFF_LABEL
    return sorted(named & wanted)


# --- what a record says ----------------------------------------------------------------------


def _contradicts_itself(case: Case, record: Record) -> bool:
    start, end = span(record.get("start")), span(record.get("end"))
    if case.after_decision(start):
        return True
    if start and end and end.before(start):
        return True
    outcome = record.get("response") or record.get("stopped_for")
    return bool(outcome and end and case.last.before(end))


def _used_for(record: Record, product: Product) -> str:
    """Return ms, other or unclear."""
    stated: Record | None = record.get("indication")
    if not stated:
        several = product.ingredient in _ALSO_FOR_OTHER_DISEASES or (
            product.ingredient in _ONLY_BY_BRAND and not product.brand
        )
        return "unclear" if several or product.ingredient in OFF_LABEL else "ms"
    concept = concept_of_code(stated.get("code"), stated.get("system")) or concept_of_display(
        stated.get("display")
    )
    if concept is None or concept == "cis_or_unspecified_demyelination":
        return "unclear"
    return "ms" if concept in MS_CONCEPTS else "other"


def _outcome(record: Record) -> str:
    """Return yes, no or doubt: whether the response was inadequate, as the record tells it."""
    response, stopped_for = record.get("response"), record.get("stopped_for")
    if response == "inadequate":
        return "yes"
    if response is not None:
        return "doubt" if stopped_for == "inadequate_response" else "no"
    if stopped_for is None:
        return "doubt"
    return "yes" if stopped_for == "inadequate_response" else "no"


def _long_enough(case: Case, record: Record) -> str:
    """Return yes, no or doubt: whether the trial lasted the days the reading wants."""
    wanted = int(case.readings["minimum_trial_days"])
    if wanted == 0:
        return "yes"
    start, end = span(record.get("start")), span(record.get("end"))
    if end is None and record.get("ongoing") and case.decided:
        end = Span(case.decided, EVER.last)  # it may go on
    if start is None or end is None:
        return "doubt"
    if (end.first - start.last).days + 1 >= wanted:
        return "yes"
    return "no" if (end.last - start.first).days + 1 < wanted else "doubt"


def _failed_says(case: Case, record: Record, product: Product) -> str:
    if _contradicts_itself(case, record):
        return "doubt"
    if record.get("taken") is False:
        return "no"
    off_label = product.brand == "Arzerra" or product.ingredient in OFF_LABEL
    if off_label and case.readings["off_label_counts"] == "no":
        return "no"
    if not documented(record):
        return "doubt"
    use, outcome = _used_for(record, product), _outcome(record)
    if use == "other" or outcome == "no":
        return "no"
    long_enough = _long_enough(case, record)
    if long_enough == "no":
        return "no"
    needs = (outcome == "yes", record.get("taken") is True, use == "ms", long_enough == "yes")
    return "yes" if all(needs) else "doubt"


def _intolerant_says(case: Case, record: Record, product: Product) -> str | None:
    use, stopped_for = _used_for(record, product), record.get("stopped_for")
    if stopped_for is None or use == "other" or product.brand == "Arzerra":
        return None
    consistent = not _contradicts_itself(case, record)
    if stopped_for != "intolerance":
        return "no" if documented(record) and consistent else None
    if record.get("taken") is False:
        return None
    clear = consistent and documented(record) and record.get("taken") is True and use == "ms"
    return "yes" if clear else "doubt"


def _in_use_says(
    case: Case, record: Record, *, until: Span, lasts: Callable[[Span], Span] | None = None
) -> str:
    """Return yes, no or doubt: whether it runs on any day from the first infusion to *until*.

    *lasts* tells of the last intake until when a long-acting drug is in use.
    """
    if _contradicts_itself(case, record):
        return "doubt"
    start, end = span(record.get("start")), span(record.get("end"))
    ongoing = record.get("ongoing")
    if end and lasts:
        end = lasts(end)
    ended = end is not None and end.before(case.first)
    stopped = (
        end is None
        and ongoing is not True
        and (record.get("stopped_for") is not None or ongoing is False)
    )
    if record.get("taken") is False:
        return "doubt" if ongoing is True else "no"
    if ended:
        return "doubt" if ongoing is True else "no"
    if start and until.before(start):
        return "no"
    if stopped:
        return "doubt" if lasts else "no"  # when its last dose was given is not said
    if not documented(record):
        return "doubt"
    if start and start.last > until.first and not (case.decided and case.decided <= until.first):
        return "doubt"
    if end is not None:
        return "yes" if end.first >= case.first.last else "doubt"
    return "yes" if ongoing is True else "doubt"


def _concurrent_says(case: Case, record: Record, product: Product) -> str:
    named = product.brand in NAMED_IN_EXCLUSION_IV or product.ingredient == "glatiramer_acetate"
    if case.readings["exclusion_iv_list"] == "closed" and not named:
        return "no"
    return _runs(case, record, product)


def _runs(case: Case, record: Record, product: Product) -> str:
    """Return what a record says of its use, whether or not the product is on a list."""
    by_interval = case.readings["concurrent_means"] == "dosing_interval"
    months, days = INTERVALS.get(product.ingredient, (0, 0))

    def lasts(end: Span) -> Span:
        due = plus_months(end, months)
        wait = timedelta(days=days - 1)  # the day on which the next dose is due is free again
        return Span(due.first + wait, due.last + wait)

    long_acting = by_interval and product.ingredient in INTERVALS
    return _in_use_says(case, record, until=case.last, lasts=lasts if long_acting else None)


def _concurrent_one(case: Case, trial: _Trial, others: list[_Trial]) -> str | None:
    """Weigh a use against a record of what may be the same trial, and says that it is over."""
    said = _one(case, trial, _concurrent_says)
    if said != "yes":
        return said
    over = any(
        _runs(case, other.record, other.product) == "no"
        and not case.last.before(span(other.record.get("start")) or EVER)
        and _may_be_one_trial(trial.record, other.record)
        for other in others
        if not other.disputed
    )
    return "doubt" if over else "yes"


# --- the questions ---------------------------------------------------------------------------

_Says = Callable[[Case, Record, Product], str | None]


def _one(case: Case, trial: _Trial, says: _Says) -> str | None:
    said = says(case, trial.record, trial.product)
    return "doubt" if trial.disputed and said == "yes" else said


def _settle(case: Case, question: str, says: list[str | None], *, presumed: str | None) -> Question:
    if "yes" in says:
        return any_record(["yes"])
    direct = case.says_directly(question, doubt="doubt" in says)
    return any_record(direct or says, presumed=presumed)


def _may_be_one_trial(one: Record, other: Record) -> bool:
    """Tell whether two records of one drug can have begun on the same day."""
    first, second = span(one.get("start")) or EVER, span(other.get("start")) or EVER
    return not first.before(second) and not second.before(first)


def _days_make_sense(case: Case, record: Record) -> bool:
    end, ongoing = span(record.get("end")), record.get("ongoing") is True
    ended = bool(end and case.decided and end.last < case.decided)
    never = record.get("taken") is False
    return not (_contradicts_itself(case, record) or (ongoing and (ended or never)))


def _tells(record: Record) -> str | None:
    """Return failed or other: on which side the record stands, where it stands on one."""
    if record.get("taken") is False or record.get("response") == "adequate":
        return "other"
    return "failed" if _outcome(record) == "yes" else None


def _disputed_by_another(case: Case, trial: _Trial, others: list[_Trial]) -> bool:
    """Tell whether a record of what may be the same trial tells the opposite of how it went."""
    side = _tells(trial.record)
    return side is not None and any(
        _tells(other.record) == {"failed": "other", "other": "failed"}[side]
        and _may_be_one_trial(trial.record, other.record)
        and all(not t.disputed and _days_make_sense(case, t.record) for t in (trial, other))
        for other in others
    )


def _failed_one(case: Case, trial: _Trial, others: list[_Trial]) -> str | None:
    if not _disputed_by_another(case, trial, others):
        return _one(case, trial, _failed_says)
    # How it went is open, and whether it was taken; what needs neither still says no.
    unsettled = {k: v for k, v in trial.record.items() if k not in _OUTCOME}
    said = _failed_says(case, unsettled, trial.product)
    return "no" if said == "no" else "doubt"


def _by_brand(trials: list[_Trial]) -> dict[str, list[_Trial]]:
    """Return the trials of one ingredient by brand; a generic name is one brand more.

    A code of the ingredient alone does not say that it was another brand.
    """
    units: dict[str, list[_Trial]] = {}
    for trial in sorted(trials, key=lambda t: not (t.product.brand or t.record.get("product"))):
        named = trial.product.brand.casefold() or trial.record.get("product")
        brand = trial.product.brand.casefold() or trial.product.ingredient
        units.setdefault(brand if named or not units else min(units), []).append(trial)
    return dict(sorted(units.items()))


def failed(case: Case) -> dict[str, Question]:
    """Settle failed(D) for the drugs that a record names, and failed(others).

    Under the reading ``counted_by: brand`` the members are brands.
    """
    found: dict[str, Question] = {}
    for drug in _members(case, "failed"):
        question = f"failed({drug})"
        trials = [t for t in _trials(case, question) if t.product.ingredient == drug]
        units = {drug: trials}
        if case.readings["counted_by"] == "brand" and trials:
            units = _by_brand(trials)
        for unit, members in units.items():
            says = [_failed_one(case, t, trials) for t in members]
            if not members and case.complete("therapies"):
                says = ["no"]
            found[f"failed({unit})"] = _settle(case, question, says, presumed=None)
    found["failed(others)"] = _other_failures(case)
    return found


def _other_failures(case: Case) -> Question:
    question = "failed(others)"
    unread = Product("", "")
    doubt = case.stray(question) or any(
        _failed_says(case, record, unread) != "no" for record in _unidentified(case, question)
    )
    direct: list[frozenset[Answer]] = [frozenset({int(text)}) for text in case.answers(question)]
    if not direct and case.complete("therapies") and not doubt:
        direct = [frozenset({0})]
    return intersect((0, 1, 2), direct)


def intolerant(case: Case) -> dict[str, Question]:
    """Settle intolerant(D) for the drugs that a record names."""
    found: dict[str, Question] = {}
    for drug in _members(case, "intolerant"):
        question = f"intolerant({drug})"
        trials = [t for t in _trials(case, question) if t.product.ingredient == drug]
        says = [_one(case, trial, _intolerant_says) for trial in trials]
        found[question] = _settle(case, question, says, presumed="no")
    return found


def concurrent(case: Case) -> dict[str, Question]:
    """Settle concurrent(D) for the drugs that a record names, and concurrent(others)."""
    found: dict[str, Question] = {}
    for drug in _members(case, "concurrent"):
        question = f"concurrent({drug})"
        trials = [t for t in _trials(case, question) if t.product.ingredient == drug]
        says = [_concurrent_one(case, trial, trials) for trial in trials]
        found[question] = _settle(case, question, says, presumed="no")
    question = "concurrent(others)"
    unread = [
        _in_use_says(case, record, until=case.last) for record in _unidentified(case, question)
    ]
    doubt = any(said != "no" for said in unread)
    direct = case.says_directly(question, doubt=doubt)
    if not direct and case.complete("therapies"):
        direct = ["no"]
    found[question] = any_record(direct, presumed="no")
    return found


def class_of(member: str) -> str:
    """Return the class of a failed(D) question's drug, itself where it stands alone."""
    drug = member[len("failed(") : -1]
    return CLASS_OF.get(drug, drug)


# --- infections under treatment --------------------------------------------------------------


def infection_treatments(case: Case) -> list[str | None]:
    """Return what therapies given for an infection say on an active infection."""
    counting = {"infection"}
    if case.readings["chronic_infection"] == "any":
        counting.add("infection_latent")
    says: list[str | None] = []
    for record in case.records("therapies", question="infection"):
        stated: Record = record.get("indication") or {}
        code, system = stated.get("code"), stated.get("system") or "icd-10-cm"
        concept = concept_of_code(code, system) or concept_of_display(stated.get("display"))
        unknown = bool(
            code and concept is None and system == "icd-10-cm" and in_infectious_range(code)
        )
        if concept in counting or unknown:
            said = _in_use_says(case, record, until=case.first)
            if said != "no":
                says.append("yes" if said == "yes" and not unknown else "doubt")
    return says


# --- the drug itself -------------------------------------------------------------------------


def given_as_therapy(case: Case, question: str, *, not_after: dt.date | None = None) -> bool:
    """Tell whether a therapy says that the drug itself was taken, claimed or documented.

    With *not_after*: whether one shows it, documented, and begun on that day or before.
    """
    return any(
        trial.product.ingredient == "alemtuzumab"
        and trial.product.brand != "Campath"
        and not trial.disputed
        and trial.record.get("taken") is True
        and _used_for(trial.record, trial.product) != "other"
        and _days_make_sense(case, trial.record)
        and (not_after is None or _shows_start(trial.record, not_after))
        for trial in _trials(case, question)
    )


def _shows_start(record: Record, not_after: dt.date) -> bool:
    start = span(record.get("start"))
    return documented(record) and start is not None and start.last <= not_after
