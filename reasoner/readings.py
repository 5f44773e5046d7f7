"""The readings that a policy declares: the answers of each, and the one that is its default."""

from __future__ import annotations

import clingo
import msgspec
from clingo import Symbol

from reasoner.errors import PolicyError
from reasoner.messages import Messages
from reasoner.policy import Policy

__all__ = ["Declared", "declared_readings"]

FILE = "readings.lp"

_VOCABULARY = "#defined interpretation/2. #defined default/2."


class Declared(msgspec.Struct, frozen=True):
    """What a reading may be, in order, and what it is unless somebody chooses."""

    answers: tuple[Symbol, ...]
    default: Symbol


def declared_readings(policy: Policy) -> dict[str, Declared]:
    """Return the readings of *policy* by their ids, in the order of the terms.

    They stand in its `readings.lp`, which needs no other file to be understood.

    Raises:
        PolicyError: the file is broken, or a default is none of the answers.
    """
    files = [file for file in policy.criteria if file.path == policy.folder / FILE]
    messages = Messages(files, draft=policy.draft)
    control = clingo.Control([], messages.log, 1000)
    messages.add(control, _VOCABULARY)
    for file in files:
        messages.add(control, file.text)
    messages.ground(control, None)
    atoms = control.symbolic_atoms
    answers: dict[str, list[Symbol]] = {}
    for atom in sorted(atoms.by_signature("interpretation", 2), key=lambda a: a.symbol):
        name, answer = atom.symbol.arguments
        answers.setdefault(name.name, []).append(answer)
    named = [atom.symbol.arguments for atom in atoms.by_signature("default", 2)]
    defaults = {name.name: answer for name, answer in named}
    return {name: _declared(policy, name, found, defaults) for name, found in answers.items()}


def _declared(
    policy: Policy, name: str, answers: list[Symbol], defaults: dict[str, Symbol]
) -> Declared:
    default = defaults.get(name)
    if default not in answers:
        missing = f"the reading `{name}` has no default"
        wrong = f"`{default}` is the default of the reading `{name}`, and none of its answers"
        raise PolicyError(
            "policy.reading" if default is None else "policy.usual",
            missing if default is None else wrong,
            where=f"policies/{policy.id}/{FILE}",
            hint=f"one of {', '.join(map(str, answers))}",
        )
    return Declared(tuple(answers), default)
