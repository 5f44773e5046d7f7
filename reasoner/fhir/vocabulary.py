"""The names that this project gives to what FHIR has no element for: written and read alike.

The base is a reserved name (RFC 2606): nobody else can use it, and nothing is fetched there.

- `RECORD_ID` is the system of an identifier: the id of the record in its case.
- `CASE_ID` is the system of an identifier of the Claim: the id of the case.
- `RESTATED` is an extension of a resource: the `section` of the case that it is a record of,
  and the fields of that record, by their names in a case, that its elements alone are not read
  as. `notStated` names a field that they would give and the case does not.
- `COMPLETE` is an extension of the Claim, a code each: a list that the sender states to be
  complete. Beside a `CASE_ID`, those listed are all.
- `EXCERPT` is another, likewise: a list that is known to be an excerpt.
- `ANSWERS` is the system of the codes of answers: the text of the answer, `yes`, `3`, `(3,5)`.
"""

from __future__ import annotations

from typing import Final

from reasoner.model import AnswerValue

__all__ = [
    "ANSWERS",
    "CASE_ID",
    "COMPLETE",
    "EXCERPT",
    "ITEM",
    "NOT_STATED_FIELD",
    "QUESTIONNAIRE",
    "RECORD_ID",
    "RESTATED",
    "SECTION",
    "answer_code",
]

_BASE: Final = "https://policy-reasoner.example/fhir"

RECORD_ID: Final = f"{_BASE}/record-id"
CASE_ID: Final = f"{_BASE}/case-id"
RESTATED: Final = f"{_BASE}/StructureDefinition/restated"
COMPLETE: Final = f"{_BASE}/StructureDefinition/complete-list"
EXCERPT: Final = f"{_BASE}/StructureDefinition/excerpt-list"
QUESTIONNAIRE: Final = f"{_BASE}/Questionnaire"
ANSWERS: Final = f"{_BASE}/CodeSystem/answer"

NOT_STATED_FIELD: Final = "notStated"
SECTION: Final = "section"
ITEM: Final = "item"
"""The name of each member where a field of `RESTATED` is a list."""


def answer_code(answer: AnswerValue) -> str:
    """Return the code of an answer: its text as the rules write it.

    >>> answer_code("rrms"), answer_code((3, 5))
    ('rrms', '(3,5)')
    """
    return f"({answer[0]},{answer[1]})" if isinstance(answer, tuple) else str(answer)
