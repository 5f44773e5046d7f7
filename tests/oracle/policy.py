"""The policy: one world to the value of every clause, and to one result.

A world is written in *factors*: the few facts that clauses read, each a function of the answers
to some questions (whether two drugs failed, not which).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from .settle import Answer
from .therapies import class_of

__all__ = ["CLAUSES", "Judgement", "World", "judge", "questions_of"]

CLAUSES = (
    "approval.I",
    "approval.II",
    "approval.III",
    "exclusion.I",
    "exclusion.II",
    "exclusion.III",
    "exclusion.IV",
    "exclusion.V",
    "exclusion.VI",
    "quantity.limit",
    "quantity.initiation",
)
_FAILURES_NEEDED = 2

Answers = Mapping[str, Answer]
Readings = Mapping[str, str | int]


class World(NamedTuple):
    """The factors of one world; *disease* is the phenotype, or ``other`` for another indication."""

    scope: str
    dates: str
    disease: str
    hiv: str
    enough_failed: bool
    concurrent: bool
    infection: str
    adult: str
    quantity: tuple[str, int, str]


class Judgement(NamedTuple):
    """What follows in one world; *vials* are those approved."""

    clauses: tuple[str, ...]
    blocking: frozenset[str]
    recommendation: str
    vials: int


# --- answers to factors ----------------------------------------------------------------------


def _disease(answers: Answers, readings: Readings) -> str:
    return "other" if answers["indication"] == "other" else str(answers["phenotype"])


def _enough_failed(answers: Answers, readings: Readings) -> bool:
    counting = {
        question
        for question, answer in answers.items()
        if question.startswith("failed(") and question != "failed(others)" and answer == "yes"
    }
    if readings["intolerance_counts"] == "yes":
        counting |= {
            question.replace("intolerant(", "failed(")
            for question, answer in answers.items()
            if question.startswith("intolerant(") and answer == "yes"
        }
    if readings["counted_by"] == "class":
        counting = {class_of(question) for question in counting}
    bypass = readings["highly_active_bypass"] == "yes" and answers["highly_active"] == "yes"
    return bypass or len(counting) + int(str(answers["failed(others)"])) >= _FAILURES_NEEDED


def _concurrent(answers: Answers, readings: Readings) -> bool:
    return "yes" in answers.values()


def _quantity(answers: Answers, readings: Readings) -> tuple[str, int, str]:
    pair = answers["vials_available"]
    requested = int(str(answers["vials_requested"]))
    assert isinstance(pair, tuple)
    without, with_exception = pair
    is_first = answers["first_course"] == "yes"
    available = with_exception if is_first else without
    initiation = "open" if is_first and with_exception > without else "closed"
    if available == 0:
        return "exhausted", 0, initiation
    limit = "within" if requested <= available else "reduces"
    return limit, min(requested, available), initiation


Factor = Callable[[Answers, Readings], object]


def questions_of(asked: list[str], readings: Readings) -> dict[str, tuple[list[str], Factor]]:
    """Return each factor with the questions that it reads and how."""

    def family(name: str) -> list[str]:
        return [question for question in asked if question.startswith(f"{name}(")]

    def answer_to(question: str) -> Factor:
        return lambda answers, _: answers[question]

    trials = family("failed")
    if readings["intolerance_counts"] == "yes":
        trials += family("intolerant")
    if readings["highly_active_bypass"] == "yes":
        trials.append("highly_active")
    return {
        "scope": (["scope"], answer_to("scope")),
        "dates": (["service_dates"], answer_to("service_dates")),
        "disease": (["indication", "phenotype"], _disease),
        "hiv": (["hiv"], answer_to("hiv")),
        "enough_failed": (trials, _enough_failed),
        "concurrent": (family("concurrent"), _concurrent),
        "infection": (["infection"], answer_to("infection")),
        "adult": (["adult"], answer_to("adult")),
        "quantity": (["first_course", "vials_available", "vials_requested"], _quantity),
    }


# --- a world to its result -------------------------------------------------------------------


@cache
def judge(world: World, other_relapsing: str, under_18: str) -> Judgement:
    """Return clauses and result of a world, under the two readings that concern criteria."""
    for_ms = world.disease != "other"
    limit, approved, initiation = world.quantity
    of_age = world.adult == "yes"

    def criterion(*, met: bool) -> str:
        return "met" if met else "not_met"

    def exclusion(*, applies: bool) -> str:
        return "applies" if applies else "clear"

    # approval I: relapsing-remitting or active secondary progressive; other forms by reading
    diagnosis = criterion(met=world.disease in ("rrms", "active_spms"))
    to_a_person = world.dates == "unplanned"
    if world.disease == "other_relapsing":
        if other_relapsing == "refer":
            diagnosis, to_a_person = "unknown", True
        else:
            diagnosis = other_relapsing
    if not of_age and under_18 == "refer":
        to_a_person = True
    values = {
        "approval.I": diagnosis,
        "approval.II": criterion(met=for_ms and world.enough_failed),
        "approval.III": criterion(met=world.hiv == "negative"),
        "exclusion.I": exclusion(applies=world.disease == "cis"),
        "exclusion.II": exclusion(applies=world.disease == "ppms"),
        "exclusion.III": exclusion(applies=world.disease == "nonactive_spms"),
        "exclusion.IV": exclusion(applies=world.concurrent),
        "exclusion.V": exclusion(applies=world.infection == "yes"),
        "exclusion.VI": "unknown"
        if for_ms and not of_age and under_18 == "refer"
        else exclusion(applies=not for_ms or (not of_age and under_18 == "exclusion_vi")),
        "quantity.limit": limit,
        "quantity.initiation": initiation,
    }
    blocking = {clause for clause, value in values.items() if value in ("not_met", "applies")}
    if for_ms and limit == "exhausted":
        blocking.add("quantity.limit")
    if world.scope == "no":
        result, vials = "not_applicable", 0
    elif blocking:
        result, vials = "deny", 0
    elif to_a_person:
        result, vials = "refer", 0
    else:
        result, vials = ("partial" if limit == "reduces" else "approve"), approved
    return Judgement(tuple(values.values()), frozenset(blocking), result, vials)
