"""The yardstick: clingo alone, one small program grounded and solved for each case.

Reads JSON Lines from stdin and prints the verdict of each line. This is what the same
records cost without questions, worlds, missing facts or reasons. The rules are a sketch of
a policy, never one to decide by.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import clingo

__all__: list[str] = []

RULES = """
ms_drug("Avonex"; "Rebif"; "Plegridy"; "Betaseron"; "Extavia"; "Copaxone"; "Glatopa").
ms_drug("Gilenya"; "Mayzent"; "Zeposia"; "Ponvory"; "Aubagio"; "Tecfidera"; "Vumerity").
ms_drug("Bafiertam"; "Mavenclad"; "Kesimpta"; "Ocrevus"; "Briumvi"; "Tysabri"; "Tyruko").
phenotype("G35.A"; "G35.C1").

failed(P) :- value(R, product, P), ms_drug(P), value(R, response, "inadequate"),
             value(R, taken, "True"), value(R, documented, "True").
met(1) :- value(R, code, C), phenotype(C), value(R, status, "active").
met(2) :- #count { P : failed(P) } >= 2.
met(3) :- value(R, code, "56888-1"), value(R, result, "non_reactive"), not positive.
positive :- value(R, code, "56888-1"), value(R, result, "reactive").
excluded(4) :- value(R, product, P), ms_drug(P), value(R, ongoing, "True").
excluded(5) :- value(R, code, ("N10"; "B18.2")), value(R, status, "active").
result(deny) :- excluded(_).
result(approve) :- met(1), met(2), met(3), not result(deny).
result(pend) :- not result(deny), not result(approve).
#show result/1.
"""


def facts(case: dict[str, object]) -> Iterator[clingo.Symbol]:
    """Yield `value(Record, Key, Value)` for every plain value of the records of *case*."""
    for section, records in case.items():
        if isinstance(records, list):
            for record in records:
                if isinstance(record, dict):
                    name = clingo.String(f"{section}.{record.get('id', '')}")
                    for key, value in record.items():
                        term = clingo.String(str(value))
                        yield clingo.Function("value", [name, clingo.Function(key), term])


def verdict(case: dict[str, object]) -> str:
    """Ground and solve the program with the facts of *case*."""
    control = clingo.Control(["--warn=none"])
    control.add("base", [], RULES)
    with control.backend() as backend:
        for fact in facts(case):
            backend.add_rule([backend.add_atom(fact)])
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        model = handle.model()
        return str(model) if model else "none"


if __name__ == "__main__":
    for line in sys.stdin:
        print(verdict(json.loads(line)))
