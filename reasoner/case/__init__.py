"""Cases: read from YAML, JSON or JSON Lines, validated strictly, given as frozen data.

    bytes -> document (`document`) -> notation (`notation`) -> `Case` (`content`)

Whatever is wrong is a `CaseError` that names the place; nothing else leaves this package.
"""

from __future__ import annotations

from reasoner.case.day import read_day
from reasoner.case.digest import case_digest
from reasoner.case.document import Document
from reasoner.case.file import decode_case, iter_jsonl, load_case, load_document, read_case
from reasoner.case.notation import case_schema
from reasoner.case.writing import case_document, write_yaml

__all__ = [
    "Document",
    "case_digest",
    "case_document",
    "case_schema",
    "decode_case",
    "iter_jsonl",
    "load_case",
    "load_document",
    "read_case",
    "read_day",
    "write_yaml",
]
