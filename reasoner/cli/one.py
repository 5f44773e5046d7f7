"""One case, decided and shown: the path that must start fast, so it needs no typer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from reasoner.cli.options import Options
from reasoner.cli.screen import Screen
from reasoner.cli.session import open_case, open_reasoner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reasoner.decision import Decision
    from reasoner.policy import Policy

__all__ = ["decide_one", "is_stream"]


def is_stream(path: str) -> bool:
    """Whether *path* names a stream of cases."""
    return path == "-" or path.endswith(".jsonl")


def decide_one(options: Options, path: str) -> Decision:
    """Decide the case at *path*, write the decision, and return it."""
    case = open_case(options, path)
    reasoner = open_reasoner(options, case=case)
    examination = reasoner.decide_alone(
        case, readings=options.readings, decided_on=options.decided_on
    )
    decision = options.dated(examination.decision)
    screen = Screen.out(color=options.color)
    if options.json:
        screen.data(msgspec.json.format(msgspec.json.encode(decision), indent=2))
    else:
        _show(screen, reasoner.policy, examination.worlds.texts, decision, path, options.lang)
    return decision


def _show(
    screen: Screen,
    policy: Policy,
    texts: Mapping[str, str],
    decision: Decision,
    path: str,
    lang: str,
) -> None:
    from reasoner.cli.decision_text import show_decision

    reasons = _reasons(policy, decision)
    if lang == "en":  # nothing more is imported for it
        show_decision(screen, decision, texts, reasons, path)
        return
    from explain.language import load_language
    from reasoner.cli.translation import translated, translated_texts

    language = load_language(lang, policy)
    decision = translated(decision, language)
    texts, reasons = translated_texts(texts, language), translated_texts(reasons, language)
    show_decision(screen, decision, texts, reasons, path, language.text)


def _reasons(policy: Policy, decision: Decision) -> dict[str, str]:
    """Return what the rules say for each reason to refer."""
    if not decision.refer_reasons:
        return {}
    from explain.rules import read_rules

    rules = [rule for file in policy.criteria for rule in read_rules(file)]
    heads = {rule.head: rule.sentence for rule in rules if rule.name == "refer"}
    return {reason: heads.get(f"refer({reason})", "") for reason in decision.refer_reasons}
