"""Cases by seed: an eligible request, changed by one to four themes.

Each theme is one source of difficulty (a window edge, a stale problem list, a claim without a
document). `histogram.py` tells how seeds fall.
"""

from __future__ import annotations

from collections.abc import Callable

from . import chart_themes as chart
from . import request_themes as request
from . import trial_themes as trial
from .draft import Draft, Raw

__all__ = ["generate"]

Theme = Callable[[Draft], None]

_SECTIONS = ("conditions", "therapies", "observations", "doses")

_THEMES: tuple[tuple[Theme, float], ...] = (
    (request.as_it_is, 6),
    (request.window_edge, 7),
    (request.exhausted, 4),
    (request.more_than_allowed, 6),
    (request.unfinished_first_course, 5),
    (request.course_not_stated, 3.5),
    (request.doses_not_stated, 1.5),
    (request.partial_dose_date, 1.5),
    (request.spread_course, 1.5),
    (request.quantity_details, 3),
    (chart.excluded_form, 7),
    (chart.stale_problem_list, 5),
    (chart.unspecified_form, 3),
    (chart.other_relapsing, 7),
    (chart.disputed_form, 4),
    (chart.weak_condition, 3),
    (chart.other_purposes, 5),
    (trial.one_short, 9),
    (trial.trial_by_code, 2),
    (trial.odd_trial_dates, 3),
    (trial.third_trial, 2),
    (trial.history_open, 1.5),
    (trial.contradicting_trials, 1.5),
    (trial.concurrent_drug, 6),
    (trial.beside, 3),
    (chart.hiv_tests, 9),
    (chart.infections, 7),
    (chart.ages, 4),
    (request.scopes, 4),
    (request.not_applicable, 4),
    (request.days_of_service, 3),
    (request.unplanned, 2),
    (request.direct_answers, 6),
    (request.absence, 3),
    (request.complete_conditions, 1),
)


def generate(seed: int) -> Raw:
    """Return the case of a seed, in the shape that CLI.md describes.

    >>> generate(7) == generate(7)
    True
    """
    draft = Draft(seed)
    themes, weights = zip(*_THEMES, strict=True)
    count = draft.rng.choices((1, 2, 3, 4), (55, 27, 12, 6))[0]
    chosen = draft.rng.choices(themes, weights, k=count)
    chosen.sort(key=lambda theme: theme is request.absence)  # taking away comes last
    for theme in chosen:
        theme(draft)
    present = {record["id"] for section in _SECTIONS for record in draft.case.get(section, ())}
    for answer in draft.case.get("answers", ()):
        if not set(answer.get("overrules", ())) <= present:  # a later theme took the record away
            del answer["overrules"]
    for section in _SECTIONS:
        if not draft.case.get(section) and draft.chance(0.5):
            draft.case.pop(section, None)
    return draft.case
