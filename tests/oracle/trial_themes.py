"""Themes of the therapies: what counts as a failure, what runs beside the course."""

from __future__ import annotations

import datetime as dt

from .draft import BRANDS, UNIDENTIFIED, Draft

__all__ = [
    "beside",
    "concurrent_drug",
    "contradicting_trials",
    "history_open",
    "odd_trial_dates",
    "one_short",
    "third_trial",
    "trial_by_code",
]

_MULTI_USE = (
    "Tysabri", "Tyruko", "natalizumab", "Zeposia", "ozanimod", "Novantrone", "mitoxantrone",
    "cladribine", "ofatumumab",
)  # fmt: skip
_NOT_COUNTED = (
    "Rituxan", "rituximab", "Ampyra", "dalfampridine", "methylprednisolone", "Endoxan",
    "methotrexate", "Arzerra", "metformin", "Lemtrada",
)  # fmt: skip
_BY_CODE = (
    {"code": "153326", "system": "rxnorm"},
    {"code": "1012892", "system": "rxnorm"},
    {"code": "2121085", "system": "rxnorm"},
    {"code": "J2350", "system": "hcpcs"},
    {"code": "J1595", "system": "hcpcs"},
    {"code": "1876381", "system": "rxnorm"},
)


# --- prior therapies --------------------------------------------------------------------------


def one_short(draft: Draft) -> None:  # noqa: C901, PLR0912 -- one branch a variant
    """Make the second drug one that may not count."""
    draft.drop_failure()
    first = draft.case["therapies"][0].get("product", "Avonex")
    match draft.rng.randrange(14):
        case 0:
            ingredient = draft.rng.choice(
                [drug for drug, names in BRANDS.items() if len(names) > 1]
            )
            draft.case["therapies"] = []
            for name in draft.rng.sample(BRANDS[ingredient], 2):
                draft.failure(name)
        case 1 | 2:
            reason = draft.rng.choice(
                ("intolerance", "contraindication", "choice", "cost", "other")
            )
            draft.therapy(draft.brand(), stopped_for=reason)
        case 3:
            draft.therapy(draft.brand(), response=draft.rng.choice(("adequate", "not_assessable")))
        case 4:
            record = draft.failure(draft.brand())
            record.pop("source", None)
            record.pop("documented", None)
            record |= draft.no_evidence()
        case 5:
            record = draft.failure(draft.brand())
            if draft.chance(0.5):
                record["taken"] = False
            else:
                record.pop("taken")
        case 6:
            record = draft.failure(draft.brand())
            start = dt.date.fromisoformat(record["start"])
            record["end"] = (start + dt.timedelta(days=10)).isoformat()
        case 7:
            use = draft.rng.choice((None, {"code": "G35.D"}, {"code": "C91.10"}, {"code": "M99.9"}))
            draft.failure(draft.rng.choice(_MULTI_USE), **({"indication": use} if use else {}))
        case 8:
            draft.failure(draft.rng.choice(_NOT_COUNTED[:-1]), indication={"code": "G35.D"})
        case 9:
            draft.failure(draft.rng.choice(UNIDENTIFIED))
        case 10:
            draft.therapy(draft.brand())
        case 11:
            brand = draft.brand()
            record = draft.failure(brand, response="inadequate")
            draft.therapy(brand, start=record["start"], response="adequate")
        case 12:
            draft.therapy(draft.brand(), response="adequate", stopped_for="inadequate_response")
        case _:
            draft.failure(first)
    if draft.chance(0.3):
        draft.case["complete"] = ["doses"]


def trial_by_code(draft: Draft) -> None:
    draft.drop_failure()
    record = draft.failure("")
    record.pop("product")
    record |= draft.rng.choice(_BY_CODE)
    if draft.chance(0.3):
        record["product"] = draft.rng.choice(("Avonex", "Ocrevus", "generic"))


def odd_trial_dates(draft: Draft) -> None:
    if not draft.case["therapies"]:
        draft.failure(draft.brand())
    record = draft.case["therapies"][-1]
    match draft.rng.randrange(5):
        case 0:
            record["start"] = (
                draft.received + dt.timedelta(days=draft.rng.choice((0, 1)))
            ).isoformat()
            record.pop("end", None)
        case 1 if "end" in record:
            record["start"], record["end"] = record["end"], record["start"]
        case 2:
            last = draft.case["request"].get("service_dates") or [draft.after_first(0)]
            try:
                end = dt.date.fromisoformat(last[-1])
            except ValueError:
                return
            record["end"] = (end + dt.timedelta(days=draft.rng.choice((0, 1)))).isoformat()
        case 3:
            record["start"] = record["start"][:4]
        case _:
            if "end" in record:
                record["end"] = record["end"][: draft.rng.choice((4, 7))]


def third_trial(draft: Draft) -> None:
    draft.failure(draft.brand())


def history_open(draft: Draft) -> None:
    draft.case["complete"] = ["doses"]
    if draft.chance(0.6):
        draft.drop_failure()


def contradicting_trials(draft: Draft) -> None:
    brand = draft.case["therapies"][0].get("product", "Avonex")
    if draft.chance(0.5):
        draft.therapy(brand, response="adequate")
    else:
        draft.therapy(brand, response="adequate", start=draft.case["therapies"][0].get("start"))


# --- concurrency ------------------------------------------------------------------------------


def concurrent_drug(draft: Draft) -> None:
    brand = draft.rng.choice((draft.brand(), draft.rng.choice(_MULTI_USE), "Arzerra"))
    start = draft.ago(40, 400)
    match draft.rng.randrange(8):
        case 0 | 1:
            draft.therapy(brand, start=start, end=None, ongoing=True)
        case 2 | 3:
            end = draft.after_first(draft.rng.choice((-1, -1, 0, 0, 1)))
            draft.therapy(brand, start=start, end=end)
        case 4:
            draft.therapy(brand, start=start, end=None)
        case 5:
            draft.therapy(brand, start=start, end=None, ongoing=False)
        case 6:
            record = draft.therapy(brand, start=start, end=None, ongoing=True)
            record.pop("source", None)
            record.pop("documented", None)
            record |= draft.no_evidence()
        case _:
            end = draft.after_first(0)[: draft.rng.choice((4, 7))]
            draft.therapy(brand, start=start, end=end)


def beside(draft: Draft) -> None:
    """Add a drug that is not one for MS, or that nobody identifies."""
    name = draft.rng.choice((*_NOT_COUNTED[:-2], "metformin", *UNIDENTIFIED, *UNIDENTIFIED))
    start = draft.ago(40, 400)
    if draft.chance(0.4):
        draft.therapy(name, start=start)
        draft.case["therapies"][-1]["end"] = draft.ago(1, 30)
    elif draft.chance(0.5):
        draft.therapy(name, start=start, end=None, ongoing=True)
    else:
        draft.therapy(name, start=start, end=None, stopped_for="other")
