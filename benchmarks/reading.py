"""What it takes to read a chart: `python -m benchmarks.reading FILE` prints it as JSON.

Seconds of CPU and MiB beyond what the tables and the program take; the file itself, which is
read as a whole, is in the MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from reasoner.case import load_case
from reasoner.case.known import Known
from reasoner.installed import rules_folder
from reasoner.terminology import load

__all__: list[str] = []


def main() -> None:
    """Read the file and print what it took."""
    import reasoner.fhir  # noqa: F401 - its import is no part of reading

    tables = load(rules_folder() / "terminology")
    before = _peak_kib()
    begun = time.process_time()
    case = load_case(sys.argv[1], known=Known(lambda: tables))
    seconds = time.process_time() - begun
    records = sum(map(len, (case.conditions, case.therapies, case.observations, case.doses)))
    mib = (_peak_kib() - before) / 1024
    print(
        json.dumps({"cpu_s": seconds, "mib": mib, "records": records, "unread": len(case.unread)})
    )


def _peak_kib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform == "darwin" else peak


if __name__ == "__main__":
    main()
