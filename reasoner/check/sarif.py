"""Findings as SARIF 2.1.0, the format in which code hosts and editors take them.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from reasoner.check.excerpt import excerpt
from reasoner.check.finding import CODES, Finding, place_of

__all__ = ["sarif"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Iterable[Finding], rules: Path, base: str, version: str) -> dict[str, Any]:
    """Return *findings* on the folder *rules* as a log of one run.

    *base* leads from where the reader stands to that folder, with a slash at its end; places
    are relative, so that a log says the same on every machine.
    """
    found = list(findings)
    codes = sorted({finding.code for finding in found})
    index = {code: number for number, code in enumerate(codes)}
    driver = {
        "name": "reasoner check",
        "version": version,
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(finding, rules, base, index) for finding in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    text = CODES.get(code, "a policy that cannot be loaded")
    return {"id": code, "shortDescription": {"text": text}}


def _result(finding: Finding, rules: Path, base: str, index: dict[str, int]) -> dict[str, Any]:
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.severity,
        "message": {"text": finding.message + hint},
    }
    place = place_of(finding)
    if place.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(base + place.file)}}
        shown = excerpt(rules, finding)
        if shown is not None:
            physical["region"] = {
                "startLine": shown.line,
                "startColumn": shown.column,
                "endColumn": shown.end,
                "snippet": {"text": shown.text},
            }
        result["locations"] = [{"physicalLocation": physical}]
    return result


def _uri(path: str) -> str:
    from urllib.parse import quote

    return ("file://" if path.startswith("/") else "") + quote(path, safe="/")
