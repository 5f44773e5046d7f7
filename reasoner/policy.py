"""A policy as it is written: its identity, its clauses, and the rule files of its two programs.

A policy is a folder under `rules/policies/`. The *evidence* program turns the records of a
case into what they support; the *criteria* program turns a world into a result. Which file
belongs to which is said by its name, here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from clingo import Function, Symbol

from reasoner.errors import PolicyError, UsageError, nearest
from reasoner.fragment import refuse
from reasoner.installed import rules_folder
from reasoner.program import RuleFile, asked_by, dependents, read

__all__ = [
    "Clause",
    "Identity",
    "Policy",
    "list_policies",
    "load_policy",
    "read_identity",
    "rules_folder",
    "the_policy",
]

Kind = Literal["criterion", "exclusion", "limit", "exception"]

_CORE_OF_EVIDENCE = ("core/case.lp", "core/reference.lp", "core/worlds.lp")
_CORE_OF_CRITERIA = ("core/reference.lp", "core/recommendation.lp")
_SHARED = ("parameters.lp", "questions.lp", "readings.lp")
_EVIDENCE = ("evidence.lp",)
_CRITERIA = ("criteria.lp", "exclusions.lp", "limits.lp", "advisories.lp")
_CASE_VOCABULARY = "core/case.lp"


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A clause of the document: where it stands and what it says, in our own words."""

    id: str
    kind: Kind
    locator: str
    text: str

    @cached_property
    def symbol(self) -> Symbol:
        """The clause as rules name it: `approval.II` is `approval(ii)`."""
        section, _, numeral = self.id.partition(".")
        return Function(section, [Function(numeral.lower())] if numeral else [])


class QuantityUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one unit of the limit is, and what it makes in the units that a decision states.

    *question* is the one that asks how many are requested.
    """

    question: str
    unit: str
    factors: dict[str, int]


class _Headings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `policy.toml` says; *invented* policies are for teaching, and say so everywhere."""

    id: str
    number: str
    title: str
    version: str
    document: str
    clauses: tuple[Clause, ...]
    quantity: QuantityUnit
    headings: _Headings
    library: tuple[str, ...] = ()
    invented: bool = False
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    advisories: dict[str, str] = {}


class Policy(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A policy with its rule files; *digest* covers every one of them and `policy.toml`.

    Of a *draft*, clauses that no rule decides and predicates that nothing defines are empty
    instead of refused: its author may ask what it would do, and nobody decides by it.
    """

    identity: Identity
    folder: Path
    evidence: tuple[RuleFile, ...]
    criteria: tuple[RuleFile, ...]
    worlds: tuple[RuleFile, RuleFile]
    digest: str
    draft: bool = False

    @property
    def id(self) -> str:
        """The name of the folder, in lower case: `mp-rx-fp-52-23`."""
        return self.identity.id

    @cached_property
    def clause_ids(self) -> Mapping[Symbol, str]:
        """The id of each clause, in the document's order, by its name in the rules."""
        return {clause.symbol: clause.id for clause in self.identity.clauses}

    @cached_property
    def case_predicates(self) -> frozenset[str]:
        """The predicates of the evidence program that depend on the case."""
        return dependents(self.evidence, self.case_vocabulary)

    @cached_property
    def case_vocabulary(self) -> frozenset[str]:
        """The predicates that a case may state."""
        (vocabulary,) = (file for file in self.evidence if file.name == _CASE_VOCABULARY)
        return declared(vocabulary.text)

    @cached_property
    def world_predicates(self) -> frozenset[str]:
        """The predicates of the criteria program that depend on the world."""
        return dependents(self.criteria, ["is"])

    @cached_property
    def asked_beside_clauses(self) -> frozenset[str]:
        """The names of the questions that the result reads, and the status of no clause."""
        behind = asked_by(self.criteria, "status")
        return asked_by(self.criteria, "result", past={"status"}) - behind


def declared(text: str) -> frozenset[str]:
    """Return the predicates that `#defined` declares in *text*."""
    return frozenset(re.findall(r"^#defined\s+([a-z_]\w*)/\d+\.", text, re.MULTILINE))


def list_policies(rules: Path) -> list[str]:
    """Return the ids of the policies of the folder *rules*, in order.

    Raises:
        UsageError: *rules* is no rules folder.
    """
    folder = rules / "policies"
    if not folder.is_dir():
        raise UsageError(
            "usage.rules",
            f"`{rules}` is no rules folder: it has no `policies/`",
            hint="name the folder that holds core/, library/, terminology/ and policies/",
        )
    return sorted(path.parent.name for path in folder.glob("*/policy.toml"))


def the_policy(rules: Path) -> str:
    """Return the id of the policy to use where none is named: the only one that is not invented.

    Raises:
        UsageError: there is no policy, or there are several.
        PolicyError: a `policy.toml` is broken.
    """
    known = list_policies(rules)
    real = known if len(known) == 1 else [n for n in known if not read_identity(rules, n).invented]
    if len(real) != 1:
        raise UsageError(
            "usage.policy",
            "name the policy" if known else f"`{rules}` holds no policy",
            hint=f"--policy one of {', '.join(known)}" if known else "",
        )
    return real[0]


def read_identity(rules: Path, policy_id: str) -> Identity:
    """Return what `policy.toml` of the policy *policy_id* says.

    Raises:
        PolicyError: it cannot be read.
    """
    return _identity(rules / "policies" / policy_id)[0]


def load_policy(rules: Path, policy_id: str | None = None, *, strict: bool = True) -> Policy:
    """Load the policy *policy_id* of the folder *rules*; without an id, `the_policy`.

    Not *strict*, it also loads rules that must decide nothing: `check` says what is wrong.

    Raises:
        UsageError: there is no such policy, or several and none is named.
        PolicyError: a file of it is missing or broken.
    """
    known = list_policies(rules)
    wanted = (the_policy(rules) if policy_id is None else policy_id).casefold()
    if wanted not in known:
        raise UsageError(
            "usage.policy", f"there is no policy `{policy_id}`", hint=nearest(wanted, known)
        )
    folder = rules / "policies" / wanted
    identity, toml = _identity(folder)
    library = tuple(f"library/{name}.lp" for name in identity.library)

    loaded: dict[str, RuleFile] = {}

    def files(*names: str) -> tuple[RuleFile, ...]:
        out = []
        for name in names:
            if name not in loaded:
                loaded[name] = read(rules / name, name)
            out.append(loaded[name])
        return tuple(out)

    def own(*names: str, optional: bool = False) -> tuple[str, ...]:
        return tuple(
            f"policies/{wanted}/{name}"
            for name in names
            if not optional or (folder / name).is_file()
        )

    shared = own(*_SHARED)
    evidence = files(*_CORE_OF_EVIDENCE, *library, *shared, *own(*_EVIDENCE))
    criteria = files(*_CORE_OF_CRITERIA, *shared, *own(*_CRITERIA, optional=True))
    one, two = files("core/world.lp", "core/twin.lp")
    if strict:
        for file in {file.name: file for file in (*evidence, *criteria)}.values():
            refuse(file, of_worlds=file not in evidence)
    return Policy(
        identity=identity,
        folder=folder,
        evidence=evidence,
        criteria=criteria,
        worlds=(one, two),
        digest=_digest(toml, loaded),
    )


def _identity(folder: Path) -> tuple[Identity, bytes]:
    path = folder / "policy.toml"
    where = f"policies/{folder.name}/policy.toml"
    data = b""
    try:
        data = path.read_bytes()
        identity = _read_identity(data)
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError("policy.toml", f"cannot be read: {error}", where=where) from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        from reasoner.toml_place import located

        message, place = located(str(error), data.decode())
        raise PolicyError("policy.toml", message, where=where + place) from None
    if identity.id != folder.name:
        raise PolicyError(
            "policy.toml",
            f"the id `{identity.id}` is not the name of its folder",
            where=where,
            hint=f"call one of them `{folder.name}`",
        )
    return identity, data


@lru_cache(maxsize=8)  # it is read to choose a policy, and again to load it
def _read_identity(data: bytes) -> Identity:
    return msgspec.convert(tomllib.loads(data.decode()), Identity)


def _digest(toml: bytes, loaded: Mapping[str, RuleFile]) -> str:
    digest = hashlib.sha256(toml)
    for name in sorted(loaded):
        digest.update(b"\0" + name.encode() + b"\0" + loaded[name].text.encode())
    return "sha256:" + digest.hexdigest()
