"""`check-proof`: a proof compared with the rules and the case, without the solver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reasoner.cli.failure import ANSWERED, FAILED
from reasoner.cli.options import Options
from reasoner.cli.parameters import shared
from reasoner.errors import CaseError, UsageError

if TYPE_CHECKING:
    from reasoner.certificate.check import Report
    from reasoner.certificate.format import Proof
    from reasoner.cli.screen import Screen

__all__ = ["check_proof"]

_Proof = Annotated[str, typer.Argument(metavar="PROOF", help="The proof: a JSON file.")]
_Case = Annotated[str, typer.Option("--case", metavar="CASE", help="The case that it is about.")]


@shared(case=False, request=True)
def check_proof(options: Options, proof: _Proof, case: _Case) -> int:
    """Check a proof again, step by step, without the program that made it."""
    import msgspec

    from reasoner.certificate import check
    from reasoner.certificate.reading import load_proof
    from reasoner.cli.bounds import limit_memory, limit_time
    from reasoner.cli.screen import Screen
    from reasoner.cli.session import open_case, rules_of, terminology_of
    from reasoner.policy import load_policy

    limit_memory()
    limit_time(options.time_limit, as_json=options.json)
    claimed = load_proof(proof)
    options.policy = claimed.policy.id
    read = open_case(options, case)
    rules = rules_of(options)
    try:
        policy = load_policy(rules, claimed.policy.id)
    except UsageError as error:  # it is the proof that names a policy that does not exist
        raise CaseError("proof.input", error.message, where=proof, hint=error.hint) from None
    report = check.check_proof(claimed, read, policy, terminology_of(options))
    screen = Screen.out(color=options.color)
    if options.json:
        data = msgspec.json.encode({**msgspec.structs.asdict(report), "engine": _engine(claimed)})
        screen.data(msgspec.json.format(data, indent=2))
    else:
        _show(screen, claimed, report)
    return ANSWERED if report.valid else FAILED


def _engine(proof: Proof) -> str:
    """Return what is to be said of the program that made *proof*, if it is another one."""
    import clingo

    from reasoner import __version__

    made, now = (proof.engine.version, proof.engine.clingo), (__version__, clingo.__version__)
    if made == now:
        return ""
    return f"made by version {made[0]} with clingo {made[1]}, checked by {now[0]} with {now[1]}"


def _show(screen: Screen, proof: Proof, report: Report) -> None:
    screen.line(f"{'VALID' if report.valid else 'NOT VALID'}  {report.case}", tone="head")
    if report.valid:
        policy = f"{proof.policy.id} version {proof.policy.version}"
        screen.line(f"{report.recommendation}: it follows from the case by {policy}")
        seen = f"records seen on {report.decided_on}" if report.decided_on else "no day is stated"
        other = ", ".join(f"{name} = {value}" for name, value in report.readings.items())
        screen.line(f"{seen}; readings: {other or 'those of the policy'}")
        screen.line(
            f"{report.records} records, {report.atoms} atoms, {report.instances} rule instances, "
            f"{report.contexts} sets of worlds, {report.claims} claims"
        )
    for fault in report.faults:
        screen.line(fault, mark="✗", tone="bad", hang=4)
    if engine := _engine(proof):
        screen.line(engine)
