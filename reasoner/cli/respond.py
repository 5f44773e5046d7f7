"""`respond`: a decision as the FHIR response of a prior authorization."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from reasoner.cli.failure import ANSWERED, as_data, report, status_of, worst
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import CaseError, ReasonerError, UsageError

if TYPE_CHECKING:
    from exchange.asked import Asked
    from exchange.response import Answer
    from explain.language import Language
    from reasoner.cli.screen import Screen
    from reasoner.engine import Examination, Reasoner
    from reasoner.model import Case

__all__ = ["SAID", "respond"]

_Cases = Annotated[
    list[str], typer.Argument(metavar="CASE...", help="Cases: YAML, JSON, or FHIR requests.")
]
_ReviewedBy = Annotated[
    str | None,
    typer.Option(
        "--reviewed-by",
        metavar="NAME",
        help="Who has reviewed it and confirms what is recommended.",
    ),
]
_PreAuthRef = Annotated[
    str | None,
    typer.Option("--pre-auth-ref", metavar="NUMBER", help="The number of the authorization."),
]
_ReasonCodes = Annotated[
    Path | None,
    typer.Option(
        "--reason-codes", metavar="FILE", help="CSV of reason, system, code: yours, for clauses."
    ),
]
_Crd = Annotated[
    bool, typer.Option("--crd", help="The order with CRD coverage information instead.")
]
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the resource there.")
]


class _Asks(msgspec.Struct, frozen=True):
    """What the options ask of every case."""

    reviewed_by: str | None
    pre_auth_ref: str | None
    reason_codes: Path | None
    crd: bool


@shared(lang=True)
def respond(
    options: Options,
    cases: _Cases,
    reviewed_by: _ReviewedBy = None,
    pre_auth_ref: _PreAuthRef = None,
    reason_codes: _ReasonCodes = None,
    crd: _Crd = False,
    output: _Output = None,
) -> int:
    """Answer a request as FHIR: a PAS response Bundle; without a reviewer nothing is denied."""
    from reasoner.cli.screen import Screen

    for name, text in (("--reviewed-by", reviewed_by), ("--pre-auth-ref", pre_auth_ref)):
        if text is not None and not text.strip():
            raise UsageError("usage.respond", "the text is empty", where=name)
    if len(cases) > 1 and (output is not None or options.request is not None):
        where = "--output" if output is not None else "--request"
        raise UsageError("usage.respond", f"`{where}` is for one case", where=where)
    asks = _Asks(reviewed_by, pre_auth_ref, reason_codes, crd)
    screen = Screen.out(color=options.color)
    if len(cases) == 1:
        _one(screen, options, cases[0], asks, output)
        return ANSWERED
    status = ANSWERED
    for path in cases:
        try:
            _one(screen, options, path, asks, None, compact=True)
        except ReasonerError as error:
            status = worst(status, status_of(error))
            if options.json:
                screen.data(msgspec.json.encode({"file": path, "error": as_data(error)}))
            else:
                report(error, as_json=False, last=False)
    return status


def _one(
    screen: Screen,
    options: Options,
    path: str,
    asks: _Asks,
    output: Path | None,
    *,
    compact: bool = False,
) -> None:
    from exchange.element import to_json
    from explain.language import load_language
    from reasoner.cli.output import Output
    from reasoner.cli.session import open_reasoner, open_sources

    case, documents = open_sources(options, path)
    reasoner = open_reasoner(options, case=case)
    language = load_language(options.lang, reasoner.policy)
    examination = reasoner.examine(case, readings=options.readings, decided_on=options.decided_on)
    if examination.decision.recommendation == "not_applicable":
        raise CaseError(
            "respond.not_applicable",
            f"`{reasoner.policy.id}` does not govern this request: no response is written",
            where=path,
            hint="`reasoner decide` says why; another policy is named with `--policy`",
        )
    request = _asked(options, case, documents)
    answer = _answer(options, reasoner, examination, language, asks, request)
    data = to_json(_resource(examination, request, answer, asks), compact=compact)
    if output is not None:
        with Output() as files:
            files.write(output, f"{data.decode()}\n")
    elif options.json:
        screen.data(data)
        return
    _show(screen, answer, language, case.id)


def _asked(options: Options, case: Case, documents: list[dict[str, Any]]) -> Asked:
    """Return the request as it came; one without a Claim is written as one first."""
    from exchange.asked import asked
    from exchange.request import request_bundle
    from exchange.systems import addresses
    from reasoner.cli.session import rules_of

    found = asked(documents, case.origin, case.digest) if documents else None
    if found is None:
        bundle = request_bundle(case, addresses(rules_of(options)))
        found = asked([bundle], case.origin, case.digest)
    if found is None:
        raise CaseError("respond.claim", "the request cannot be written as a Claim")
    return found


def _answer(
    options: Options,
    reasoner: Reasoner,
    examination: Examination,
    language: Language,
    asks: _Asks,
    request: Asked,
) -> Answer:
    from exchange.lines import divided, lines_of
    from exchange.notes import notes_of
    from exchange.reasons import read_reason_codes
    from exchange.response import Answer
    from exchange.review import reviewed
    from explain.notice import refuse
    from explain.proof import prove
    from explain.telling import tell_notice
    from reasoner.engine import decision_day

    proof = prove(reasoner, examination, options.decided_on or decision_day(examination.case))
    notice = tell_notice(reasoner, examination, proof, language)
    refuse(notice)
    items = request.wanted(reasoner.terminology)
    approved = examination.decision.quantity.approved or {}
    divisible = len(items) == 1 or divided(items, approved) is not None
    review = reviewed(examination.decision, asks.reviewed_by, divisible=divisible)
    lines = lines_of(review, items, len(request.items), approved)
    notes = notes_of(notice, review, language)
    if any(line.other for line in lines):
        notes.append(language.text("The policy decides on nothing else that the Claim asks for."))
    codes = {}
    if asks.reason_codes is not None:
        clauses = (clause.id for clause in reasoner.policy.identity.clauses)
        codes = dict(read_reason_codes(asks.reason_codes, clauses))
    return Answer(
        decision=options.dated(examination.decision),
        review=review,
        notes=tuple(notes),
        lang=language.code,
        codes=codes,
        pre_auth_ref=asks.pre_auth_ref,
        lines=lines,
    )


def _resource(
    examination: Examination, request: Asked, answer: Answer, asks: _Asks
) -> dict[str, Any]:
    if asks.crd:
        from exchange.coverage import annotated_order
        from exchange.questionnaire import canonical

        return annotated_order(request, answer, canonical(examination))
    from exchange.response import response_bundle

    return response_bundle(request, answer)


SAID = {
    "A1": "goes out as approved",
    "A3": "goes out as denied, as reviewed",
    "A4": "goes out as pended",
    "A6": "goes out as a smaller amount, as reviewed",
}
"""What a response says with each action code."""


def _show(screen: Screen, answer: Answer, language: Language, name: str) -> None:
    review, text = answer.review, language.text
    screen.line(f"{review.action}  {text(SAID[review.action])}  {name}", tone="head")
    for number, line in enumerate(answer.lines if len(answer.lines) > 1 else (), 1):
        told = "item {number}: {action}, {amount}" if line.amount else "item {number}: {action}"
        amount = f"{line.amount} {text(line.unit)}"
        screen.line(text(told, number=str(number), action=line.action, amount=amount), indent=2)
    if review.why:
        why = text("still pended, although reviewed: {why}", why=text(review.why))
        screen.line(why, indent=2)
    if answer.pre_auth_ref and review.action not in ("A1", "A6"):
        screen.line(text("without the number: nothing is authorized"), indent=2)
    for number, note in enumerate(answer.notes, 1):
        screen.line(f"{number}. {note}", indent=2, hang=3)
