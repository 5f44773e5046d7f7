"""What an explanation costs beside the decision it explains, in one warm process.

`python -m benchmarks.explaining CASE…` prints, for each case, the median milliseconds of
`decide` and of `why`, and their ratio.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

from explain.outline import outline
from explain.proof import prove
from reasoner.case import load_case
from reasoner.engine import Reasoner, decision_day
from reasoner.policy import load_policy, rules_folder
from reasoner.terminology import load

__all__ = ["ratios"]

ROUNDS = 7


def ratios(paths: list[str]) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of deciding, and of deciding and explaining, each case."""
    rules = rules_folder()
    reasoner = Reasoner(load_policy(rules), load(rules / "terminology"), version="0")
    found = {}
    for path in paths:
        case = load_case(path)

        def why(case=case) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
            examination = reasoner.examine(case)
            outline(prove(reasoner, examination, decision_day(case)))

        def decide(case=case) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
            reasoner.decide(case)

        why()
        # In turns: a busy machine slows both.
        pairs = [(_milliseconds(decide), _milliseconds(why)) for _ in range(ROUNDS)]
        found[path] = (
            statistics.median(first for first, _ in pairs),
            statistics.median(second for _, second in pairs),
        )
    return found


def _milliseconds(run: Callable[[], None]) -> float:
    begun = time.process_time()
    run()
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    print(json.dumps(ratios(sys.argv[1:])))
