"""What codes and names mean: the tables of `rules/terminology/` as frozen rows.

A row says that a code of a system, or a drug name, means a concept, from when to when,
after which source. Nothing here knows a drug or a disease: which concepts exist is said
in the tables, what follows from them in the policies.

A file is a table. `systems.csv` names the code systems, `ranges.csv` gives a concept to
an interval of codes, `properties.csv` says something of concepts, `units.csv` and
`results.csv` say what FHIR writes for the words of a case; every other file lists codes,
whose system is the file's name (`rxnorm.csv`) or stands in a column `system`.
"""

from reasoner.terminology.index import Terminology
from reasoner.terminology.loader import load
from reasoner.terminology.lookup import Entry, lookup
from reasoner.terminology.normal import normal_code, normal_display
from reasoner.terminology.row import PropertyRow, RangeRow, ResultRow, Row, UnitRow

__all__ = [
    "Entry",
    "PropertyRow",
    "RangeRow",
    "ResultRow",
    "Row",
    "Terminology",
    "UnitRow",
    "load",
    "lookup",
    "normal_code",
    "normal_display",
]
