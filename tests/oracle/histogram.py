"""How the generated cases fall: `python -m oracle.histogram [N]` in `tests/` prints it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator

from .decide import Decision, decide
from .generator import generate

__all__ = ["deciding", "histogram"]

# What a clause brings with it: an excluded form of MS is not an approved one either.
_COMPANIONS = {
    "approval.I": {"exclusion.I", "exclusion.II", "exclusion.III"},
    "exclusion.I": {"approval.I"},
    "exclusion.II": {"approval.I"},
    "exclusion.III": {"approval.I"},
    "exclusion.VI": {"approval.I", "approval.II"},
}


def deciding(case: dict[str, object], decision: Decision) -> Iterator[str]:
    """Yield the clauses that decide the case alone, companions aside.

    The exception decides where a second course would be approved fewer vials.
    """
    flat: set[str] = set()
    for ground in decision["grounds"]:
        flat |= {ground} if isinstance(ground, str) else set(ground)
    yield from (c for c in sorted(flat) if not flat - {c} - _COMPANIONS.get(c, set()))
    approved = decision["approved_vials"]
    if approved is not None and decision["clauses"]["quantity.initiation"] == "open":
        given = [{"question": "first_course", "answer": "no"}]
        request = case["request"]
        assert isinstance(request, dict)
        later = {**case, "request": {**request, "course": 2}, "answers": given}
        if decide(later)["approved_vials"] != approved:
            yield "quantity.initiation"


def histogram(count: int) -> str:
    """Return recommendations, deciding clauses, what is asked for and disputed, by number."""
    began = time.perf_counter()
    counters = {
        name: Counter[str]()
        for name in ("recommendation", "decides alone", "grounds", "asked for", "conflict")
    }
    for seed in range(count):
        case = generate(seed)
        decision = decide(case)
        grounds = decision["grounds"]
        counters["recommendation"][decision["recommendation"]] += 1
        counters["decides alone"].update(deciding(case, decision))
        counters["grounds"][f"{len(grounds)} grounds"] += 1
        counters["grounds"]["a disjunction"] += any(isinstance(g, list) for g in grounds)
        counters["asked for"].update(decision["missing"])
        counters["conflict"].update(decision["conflicts"])
    lines = [f"seeds 0 to {count - 1} in {time.perf_counter() - began:.1f} s"]
    for title, counter in counters.items():
        lines.append(title)
        lines += [
            f"  {name:20} {n:5} {100 * n / count:5.1f} %" for name, n in counter.most_common()
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(histogram(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
