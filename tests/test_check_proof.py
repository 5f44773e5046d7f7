"""The proof checker: what is right passes, and whatever is changed in a proof is found.

`PROOF_MUTANTS=5000 pytest tests/test_check_proof.py -k every_change` tries one change of every
kind and place of every example's proof; without it, some.

Proofs are made by the builder, of which the checker knows nothing, for the examples and for an
invented policy (`data/proof`) that has one of everything that a proof can hold.
"""

import ast
import copy
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clingo
import msgspec
import pytest
from clingo import Function, Number, String, Symbol
from msgspec.structs import replace

import reasoner.certificate
from explain.certificate import _Certifier, certify
from reasoner import __version__
from reasoner.case import decode_case, load_case
from reasoner.certificate.check import check_proof
from reasoner.certificate.closure import check_founded, closure
from reasoner.certificate.faults import Enough, Faults
from reasoner.certificate.format import Claim, Leaf, Proof, Tree
from reasoner.certificate.matching import Matcher
from reasoner.certificate.reading import load_proof, read_proof
from reasoner.certificate.side import Side
from reasoner.certificate.store import Store
from reasoner.certificate.syntax import Rule, read_rules
from reasoner.certificate.term import TermError, calculate, compare, read_term, write_term
from reasoner.cli import run
from reasoner.cli.failure import ANSWERED, FAILED, INPUT
from reasoner.days import Calendar
from reasoner.engine import Reasoner, decision_day
from reasoner.errors import CaseError, PolicyError, ReasonerError
from reasoner.model import Case
from reasoner.policy import load_policy, rules_folder
from reasoner.program import RuleFile
from reasoner.terminology import load

HERE = Path(__file__).parent
EXAMPLES = sorted([*HERE.parent.glob("examples/*.yaml"), *HERE.glob("data/cases/*.yaml")])
TEACHING = sorted(HERE.parent.glob("examples/teaching/*.yaml"))
MUTANTS = int(os.environ.get("PROOF_MUTANTS", "8"))


# -- proofs to check ------------------------------------------------------------------------------


class Bench:
    """A policy, and proofs about it."""

    def __init__(self, rules: Path, policy: str | None = None) -> None:
        self.rules = rules
        self.policy = load_policy(rules, policy)
        self.terminology = load(rules / "terminology")
        self._reasoner = Reasoner(self.policy, self.terminology, version=__version__)

    def proof(self, case: Case, **readings: str) -> Proof:
        examination = self._reasoner.examine(case, readings=readings)
        proof: Proof = certify(self._reasoner, examination, decision_day(case))
        return proof

    def faults(self, proof: Proof, case: Case) -> tuple[str, ...]:
        return check_proof(proof, case, self.policy, self.terminology).faults


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(shutil.copytree(rules_folder(), tmp_path_factory.mktemp("real") / "rules"))


@pytest.fixture(scope="session")
def teaching(real: Bench) -> Bench:
    return Bench(real.rules, "teaching-infliximab")


@pytest.fixture(scope="session")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    rules = tmp_path_factory.mktemp("mini") / "rules"
    shutil.copytree(HERE / "data/proof", rules)
    shutil.copytree(rules_folder() / "core", rules / "core")
    return Bench(rules)


def source(document: str) -> dict[str, object]:
    return {"document": document, "page": 1}


AXE = {"id": "t1", "product": "Axe", "taken": True, "source": source("a")}
SAW = {"id": "t2", "product": "Saw", "taken": True, "start": "2020-01-01", "source": source("b")}
ADZE = {"id": "t3", "product": "Adze", "source": source("c")}
REQUEST = {
    "received": "2025-05-01",
    "quantity": {"value": 2, "unit": "vial"},
    "source": source("r"),
}
DOSES = [
    {"id": "d1", "date": "2025-01-01"},
    {"id": "d2", "date": "2025-01-20"},
    {"id": "d3", "date": "2025-02-10"},
    {"id": "d4", "date": "2025-09-01"},
]
MINI: dict[str, dict[str, object]] = {
    # The number of tools that were tried is open: one leaf each.
    "approve": {"doses": DOSES},
    # In an even year the wood is soft or wet: neither exclusion is certain, one of them is.
    "deny": {"doses": DOSES, "request": REQUEST | {"received": "2024-05-01"}},
    "pend": {"conditions": [], "therapies": [AXE, ADZE]},
    "partial": {"request": REQUEST | {"quantity": {"value": 7, "unit": "vial"}}},
    "not certain": {
        "conditions": [],
        "complete": ["doses"],
        "answers": [
            {"question": "wood", "answer": "hard", "source": source("x")},
            {"question": "wood", "answer": "wet"},
            {"question": "lent", "answer": "yes"},
        ],
    },
}


def mini_case(name: str) -> Case:
    document: dict[str, object] = {
        "id": f"mini {name}",
        "request": REQUEST,
        "conditions": [{"id": "w1", "status": "active", "display": "Wood", "source": source("w")}],
        "therapies": [AXE, SAW],
    }
    return decode_case(document | MINI[name], where=name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_proof_of_every_example_is_valid(real: Bench, path: Path) -> None:
    case = load_case(str(path))
    assert real.faults(real.proof(case), case) == ()


@pytest.mark.parametrize("path", TEACHING, ids=lambda path: path.stem)
def test_the_proof_of_another_policy_is_valid(teaching: Bench, path: Path) -> None:
    case = load_case(str(path))
    assert teaching.faults(teaching.proof(case), case) == ()


@pytest.mark.parametrize("name", MINI)
def test_the_proof_of_every_kind_is_valid(mini: Bench, name: str) -> None:
    case = mini_case(name)
    proof = mini.proof(case)
    assert name in (proof.recommendation, "not certain")
    assert mini.faults(proof, case) == ()


def test_another_reading_has_another_proof(mini: Bench) -> None:
    case = mini_case("approve")
    proof = mini.proof(case, count_lent="yes", fresh="year")
    assert mini.faults(proof, case) == ()
    assert proof.readings == {"count_lent": "yes", "fresh": "year"}
    assert proof.evidence.derived.keys() != mini.proof(case).evidence.derived.keys()


# -- whatever is changed is found -----------------------------------------------------------------

Json = Any
Path_ = tuple[str | int, ...]
Mutant = tuple[str, Path_, Json]

# Keys that are names of the format; all others are data.
FIELDS = {
    *Proof.__struct_fields__,
    *("id", "digest", "version", "clingo", "document", "page", "records", "reference", "derived"),
    *("rule", "bindings", "aggregates", "place", "value", "elements", "state", "answers"),
    *("certain", "possible", "type", "atom", "atoms", "tree", "context", "question"),
    *("branches", "worlds"),
}
# Who made a proof is information: the checker names another version, and refuses none.
HARMLESS = {("engine", "version"), ("engine", "clingo")}
ORDERED = {"statuses", "grounds", "atoms", "contexts", "blocking"}


def mutants(whole: Json, draw: random.Random) -> Iterator[Mutant]:  # noqa: C901, PLR0912 -- one branch a kind
    """Yield every change of one node of *whole*: its kind, its place, the changed whole."""
    leaves: dict[Path_, list[Any]] = {}
    for path, value in _walk(whole, ()):
        if not isinstance(value, dict | list):
            leaves.setdefault(_pattern(path), []).append(value)
    for path, value in _walk(whole, ()):
        if path in HARMLESS:
            continue
        if isinstance(value, dict):
            for key in value:
                yield "key dropped", (*path, key), {k: v for k, v in value.items() if k != key}
                renamed = {(f"{k}x" if k == key else k): v for k, v in value.items()}
                yield "key renamed", (*path, key), renamed
            yield (
                "key added",
                (*path, "*"),
                value | {"nobody": copy.deepcopy(next(iter(value.values()), 1))},
            )
        elif isinstance(value, list):
            for number, one in enumerate(value):
                yield "dropped", (*path, number), value[:number] + value[number + 1 :]
                yield "doubled", (*path, number), [*value, one]
            yield "added", (*path, "*"), [*value, "nobody"]
        else:
            for kind, other in _changed(value):
                yield kind, path, other
            # What stands in the same place elsewhere may look right, and is not.
            others = [one for one in leaves[_pattern(path)] if one != value]
            if others:
                yield "exchanged", path, draw.choice(others)
        if path and path[-1] in ORDERED and len(value) > 1:
            turned = dict(reversed(value.items())) if isinstance(value, dict) else value[::-1]
            if path[-1] != "contexts" or not isinstance(value, dict):
                yield "turned round", path, turned


def _walk(value: Json, path: Path_) -> Iterator[tuple[Path_, Json]]:
    yield path, value
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk(one, (*path, key))


def _pattern(path: Path_) -> Path_:
    return tuple(key if key in FIELDS else "*" for key in path)


def _changed(value: Json) -> Iterator[tuple[str, Json]]:
    yield "another type", [value]
    match value:
        case bool() | None:
            yield "changed", 1 if value is None else not value
        case int():
            yield "changed", value + 1
        case str():
            yield "changed", f"{value}x"
            yield "emptied", ""
            if value.lstrip("-").isdigit():
                yield "another number", str(int(value) + 1)


def _with(whole: Json, path: Path_, kind: str, new: Json) -> bytes:
    """Return *whole* with the node at *path* changed, as JSON."""
    if kind.startswith("key") or kind in ("dropped", "doubled", "added"):
        path = path[:-1]
    if not path:
        return msgspec.json.encode(new)
    node = whole
    for key in path[:-1]:
        node = node[key]
    before, node[path[-1]] = node[path[-1]], new
    data = msgspec.json.encode(whole)
    node[path[-1]] = before
    return data


def survivors(
    bench: Bench, case: Case, proof: Proof, *, seed: int, each: int = 1, most: int = 10000
) -> tuple[list[str], int]:
    """Return the changes that are not found, and how many were tried.

    Of every kind of change and place *each* are tried, of *most* such kinds.
    """
    draw = random.Random(seed)
    whole = json.loads(msgspec.json.encode(proof))
    sampled: dict[tuple[str, Path_], list[Mutant]] = {}
    for mutant in mutants(whole, draw):
        sampled.setdefault((mutant[0], _pattern(mutant[1])), []).append(mutant)
    left, tried = [], 0
    groups = list(sampled.values())
    for group in draw.sample(groups, min(most, len(groups))):
        for kind, path, new in draw.sample(group, min(each, len(group))):
            tried += 1
            try:
                changed = read_proof(_with(whole, path, kind, new), name="mutant")
                found = bool(bench.faults(changed, case))
            except ReasonerError:
                found = True
            # Another context that shows the same makes a proof as good as the first.
            if kind == "exchanged" and ("context" in path[-1:] or "contexts" in path[-2:]):
                continue
            if not found:
                left.append(f"{kind} {'/'.join(map(str, path))}")
    return left, tried


@pytest.mark.parametrize(("name", "seed"), [(name, seed) for seed, name in enumerate(MINI)])
def test_every_change_of_a_proof_is_found(mini: Bench, name: str, seed: int) -> None:
    case = mini_case(name)
    left, tried = survivors(mini, case, mini.proof(case), seed=seed)
    assert left == []
    assert tried > 300


@pytest.mark.parametrize("path", [*EXAMPLES, *TEACHING], ids=lambda path: path.stem)
def test_every_change_of_the_proof_of_an_example_is_found(
    real: Bench, teaching: Bench, path: Path
) -> None:
    case = load_case(str(path))
    bench = teaching if path in TEACHING else real
    most = max(MUTANTS, 60 if path.stem in ("split", "pend-missing") else 0)
    left, tried = survivors(bench, case, bench.proof(case), seed=len(path.stem), most=most)
    assert left == []
    assert tried >= min(most, 60)


@pytest.mark.parametrize(
    ("file", "rule", "other", "name"),
    [
        ("evidence", "not undocumented(R).", "undocumented(R).", "approve"),
        ("evidence", "G - F < 32.", "G - F < 320.", "approve"),
        ("evidence", "} > 2.", "} > 5.", "approve"),
        ("evidence", "Y \\ 2 = 0.", "Y \\ 2 = 1.", "deny"),
        ("evidence", "N / 1000", "N / 500", "partial"),
        ("questions", "answer(tried, 0..2).", "answer(tried, 1..2).", "pend"),
        ("questions", "presumed(lent, no).", "presumed(lent, yes).", "approve"),
        ("parameters", "parameter(enough, 2).", "parameter(enough, 1).", "pend"),
        ("criteria", ">= N - More.", ">= N + More.", "approve"),
        ("criteria", "} <= Most,", "} > Most,", "pend"),
        ("criteria", ">= 3.", ">= 2.", "approve"),
        ("exclusions", "is(wood, wet).", "is(wood, hard).", "deny"),
        ("limits", "allows(2)", "allows(1)", "partial"),
    ],
)
def test_a_proof_by_other_rules_is_found(
    mini: Bench, tmp_path: Path, file: str, rule: str, other: str, name: str
) -> None:
    """Made with care by a builder that has one rule wrong, and signed with the right digest."""
    rules = tmp_path / "rules"
    shutil.copytree(mini.rules, rules)
    path = rules / f"policies/mini/{file}.lp"
    text = path.read_text()
    assert rule in text
    path.write_text(text.replace(rule, other))
    case = mini_case(name)
    proof = Bench(rules).proof(case)
    right = {one.place: one.text for one in read_rules(mini.policy.evidence)}
    right |= {one.place: one.text for one in read_rules(mini.policy.criteria)}
    forged = replace(
        proof,
        policy=msgspec.structs.replace(proof.policy, digest=mini.policy.digest),
        rules={place: right[place] for place in proof.rules},
    )
    assert mini.faults(forged, case)


# -- forged with care ---------------------------------------------------------------------------


def contexts_used(proof: Proof) -> set[str]:
    """The contexts that the claims of *proof* name."""
    found = set(proof.spared)

    def walk(tree: Tree) -> None:
        if isinstance(tree, Leaf):
            found.add(tree.context)
            return
        for branch in tree.branches.values():
            walk(branch)

    claims: list[Any] = [proof.result, *proof.blocking, *proof.statuses.values()]
    for claim in claims:
        if isinstance(claim, Claim):
            walk(claim.tree)
        else:
            found.update(claim.contexts)
    return found


class Widening(_Certifier):
    """Makes a proof over more worlds than the case leaves: what it hides is open there."""

    def hide(self, question: str, ground: str) -> Proof:
        freed = self.sets["freed"]
        (hidden,) = [one for one in freed if str(one) == question]
        self.sets["freed"] = {**freed, hidden: self.worlds.every[hidden]}
        kept = tuple(one for one in self.decision.grounds if one != ground)
        self.decision = replace(self.decision, grounds=kept)
        return self.certify(decision_day(self.case))


@pytest.mark.parametrize(
    ("question", "ground"),
    [("infection", "exclusion.V"), ("concurrent(glatiramer_acetate)", "exclusion.IV")],
)
def test_a_ground_that_is_left_out_is_found(real: Bench, question: str, ground: str) -> None:
    case = load_case(str(HERE.parent / "examples/deny-several.yaml"))
    reasoner = Reasoner(real.policy, real.terminology, version=__version__)
    forged = Widening(reasoner, reasoner.examine(case)).hide(question, ground)
    assert forged.grounds
    assert ground not in forged.grounds
    assert f"grounds: `{ground}` is not seen to spare a world, and is no ground" in (
        real.faults(forged, case)
    )
    whole = real.proof(case)
    spared = {name: whole.contexts[name] for name in whole.spared}
    forged = replace(forged, spared=whole.spared, contexts={**forged.contexts, **spared})
    assert f"grounds: `{ground}` is not seen to spare a world, and is no ground" in (
        real.faults(forged, case)
    )


def test_a_disjunction_that_is_left_out_is_found(real: Bench) -> None:
    case = load_case(str(HERE.parent / "examples/split.yaml"))
    proof = real.proof(case)
    several = [number for number, one in enumerate(proof.grounds) if not isinstance(one, str)]
    assert several
    forged = replace(
        proof,
        grounds=tuple(one for number, one in enumerate(proof.grounds) if number not in several),
        blocking=tuple(one for number, one in enumerate(proof.blocking) if number not in several),
    )
    used = contexts_used(forged)
    forged = replace(forged, contexts={n: c for n, c in forged.contexts.items() if n in used})
    assert real.faults(forged, case) == (
        "grounds: no world is seen that all of the other clauses spare",
    )


# -- one thing at a time --------------------------------------------------------------------------


def test_a_loop_does_not_carry_itself() -> None:
    """Two atoms that derive each other have instances, and yet nothing to rest on."""
    rules = rules_of("a(X) :- b(X), not c(X). b(X) :- a(X). a(X) :- f(X).")
    store = stored("f(1)", "a(1)", "b(1)", "a(2)", "b(2)")
    faults = Faults()
    matchers = [Matcher(rule, one, store, frozenset()) for rule in rules for one in rule.variants]
    check_founded(matchers, Side(store, store), lambda atom: atom[0] == "f", "evidence", faults)
    assert sorted(faults.lines) == [
        "evidence `a(2)`: it rests on itself alone",
        "evidence `b(2)`: it rests on itself alone",
    ]


def test_a_loop_through_an_aggregate_is_refused() -> None:
    rules = rules_of("a(X) :- d(X), #count { Y : a(Y) } >= 0.")
    matchers = [Matcher(rule, one, Store(), frozenset()) for rule in rules for one in rule.variants]
    with pytest.raises(PolicyError, match="through an aggregate: a/1"):
        check_founded(matchers, Side(Store(), Store()), lambda _: False, "evidence", Faults())


def test_an_atom_that_nothing_derives_is_found(mini: Bench) -> None:
    case = mini_case("approve")
    proof = mini.proof(case)
    bogus = {**proof.evidence.derived, 'supports(wood,hard,"w2")': ()}
    changed = replace(proof, evidence=msgspec.structs.replace(proof.evidence, derived=bogus))
    assert mini.faults(changed, case) == (
        'evidence.derived `supports(wood,hard,"w2")`: no rule instance derives it',
    )


def test_a_message_says_which_literal_fails(mini: Bench) -> None:
    case = mini_case("approve")
    proof = mini.proof(case)
    derived = dict(proof.evidence.derived)
    (instance,) = derived['supports(owns(axe),yes,"t1")']
    wrong = msgspec.structs.replace(instance, bindings={"D": "saw", "R": '"t1"'})
    derived['supports(owns(saw),yes,"t1")'] = (wrong,)
    changed = replace(proof, evidence=msgspec.structs.replace(proof.evidence, derived=derived))
    assert any('`owned("t1",saw)` does not hold' in line for line in mini.faults(changed, case))


def test_more_leaves_than_a_person_can_follow_are_refused(
    mini: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = mini_case("approve")
    proof = mini.proof(case)
    monkeypatch.setattr("reasoner.certificate.claims.MOST_LEAVES", 1)
    assert "result: its tree has more than 1 leaves" in mini.faults(proof, case)


def test_a_tree_that_splits_without_end_is_refused(mini: Bench) -> None:
    case = mini_case("approve")
    proof = mini.proof(case)
    claim: Any = proof.result
    split: Any = claim.tree
    for _ in range(40):
        split = msgspec.structs.replace(split, question="wanted", branches={"2": split})
    deep = replace(proof, result=msgspec.structs.replace(claim, tree=split))
    assert mini.faults(deep, case)[0] == "result: it splits `wanted`, which it cannot"


def test_a_leaf_that_leaves_out_worlds_is_found(mini: Bench) -> None:
    case = mini_case("deny")
    proof = mini.proof(case)
    split: Any = proof.result.tree  # type: ignore[union-attr]
    (leaf, *_) = split.branches.values()
    narrow = msgspec.structs.replace(proof.result, tree=leaf)
    lines = mini.faults(replace(proof, result=narrow), case)
    assert any("leaves out worlds of its branch" in line for line in lines)


def rule_file(name: str) -> RuleFile:
    path = HERE / "data/proof" / name
    return RuleFile(path, name, path.read_text())


def test_a_pend_needs_worlds_that_differ(mini: Bench) -> None:
    """That some world without presumptions denies takes nothing from an approval."""
    case = mini_case("approve")
    proof = mini.proof(case)
    lines = mini.faults(replace(proof, recommendation="pend", approved=None), case)
    assert lines[0] == "result: `result(approve,2)` is not `pend`"


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (("case", "digest"), "another case"),
        (("policy", "digest"), "another policy"),
        (("policy", "version"), "another policy"),
        (("terminology", "digest"), "another terminology"),
    ],
)
def test_a_proof_about_something_else_is_no_proof(
    mini: Bench, place: tuple[str, str], what: str
) -> None:
    case = mini_case("approve")
    whole = json.loads(msgspec.json.encode(mini.proof(case)))
    whole[place[0]][place[1]] += "0"
    with pytest.raises(CaseError, match=what):
        mini.faults(read_proof(json.dumps(whole).encode(), name="x"), case)


# -- rules are read as clingo reads them ----------------------------------------------------------


def rules_of(text: str) -> tuple[Rule, ...]:
    return read_rules([RuleFile(Path("x.lp"), "x.lp", text)])


def stored(*atoms: str) -> Store:
    store = Store()
    for text in atoms:
        term = read_term(text)
        assert isinstance(term, tuple)
        store.add(term)
    return store


PROGRAMS = {
    "pools": """
        a(1; 2). b(X; X + 1) :- a(X). c(X, (1; x)) :- b((X; 1)), a(X). d :- a((5; 2)).
    """,
    "intervals": """
        a(1..3). b(X..3) :- a(X). c(X) :- X = 2..4, a(X). d(X) :- a(X), b(1..2).
    """,
    "arithmetic": """
        a(-7; 7; 0; x; "t"). b(X / 2, X \\ 3, X * X - 1, -X) :- a(X).
        c(2 ** X) :- a(X). d(1 / X) :- a(X). e(X) :- a(X), X + 1 > 0.
        f(X & 3, X ? 8, X ^ 5) :- a(X).
    """,
    "order": """
        v(1; -1; x; y; "x"; ""; f(1); f(1, 2); g(0); (1, 2); (1,); f(x); aa).
        less(A, B) :- v(A), v(B), A < B. most(M) :- M = #max { V : v(V) }.
        least(M) :- M = #min { V : v(V) }. no(M) :- M = #max { V : v(V), V != V }.
        none(M) :- M = #min { V : v(V), V != V }.
    """,
    "chains": """
        a(1..9). b(X, Y) :- a(X), a(Y), 2 < X <= Y < 5. c(X) :- a(X), not 2 < X < 8.
        d(X) :- a(X), not X = 3. e(X) :- X = Y, Y = 3, a(Y).
    """,
    "functions": """
        day(738000; 738030). next(D, @plus_months(D, 1)) :- day(D). y(@year(D)) :- day(D).
        late(D) :- day(D), @months_between(738000, D) >= 1. odd(@year(D) \\ 2) :- day(D).
    """,
    "counting": """
        p(1, a). p(2, a). p(3, b). q(a; b; c).
        n(G, N) :- q(G), N = #count { X : p(X, G) }.
        s(G, N) :- q(G), N = #sum { X, G : p(X, G); 10 : p(_, G) }.
        m(N) :- N = #sum+ { -X : p(X, _); X : p(X, _) }.
        two(G) :- q(G), 2 #count { X : p(X, G) } 3.
        few(G) :- q(G), not #count { X : p(X, G) } >= 2.
        t(G) :- q(G), #sum { X : p(X, G), X > 1; w, X : p(X, _) } = 2. e(N) :- N = #count { }.
    """,
    "negation": """
        p(1, a; 2, b). q(a; b; c). no(X) :- q(X), not p(_, X).
        yes(X) :- q(X), not not p(_, X). z(X) :- q(X), not p(X, _), not r.
        w(X) :- q(X), p(Y, X), not p(Y + 1, _). u :- not p(_, (_, _)).
    """,
    "matching": """
        p(f(1, g(x)), (1, 2)). p(f(2, h), (3,)). a(X, Y) :- p(f(X, Y), (_, _)).
        b(X) :- p(f(X, _), _). c(V) :- p(V, _), V = f(_, g(_)). d(X) :- p(_, V), V = (X,).
        same(X) :- r(X, X), r(_, _). r(1, 1; 1, 2). e(K) :- K = by(A, B), r(A, B), K != by(1, 1).
        m(A) :- mm(K), K = by(A, _). mm(by(3, 4)). back(A) :- r(A, f(A)). r(2, f(2); 3, f(2)).
    """,
    "recursion": """
        edge(1, 2; 2, 3; 3, 1; 4, 5). path(X, Y) :- edge(X, Y).
        path(X, Z) :- path(X, Y), edge(Y, Z).
        apart(X, Y) :- edge(X, _), edge(_, Y), not path(X, Y).
    """,
    "truth": """
        a :- #true. b :- #false. c :- not #false. #defined z/1. d :- a, not z(1). #show a/0.
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_rules_derive_what_they_derive_in_clingo(name: str) -> None:
    control = clingo.Control([], lambda *_: None, 0)
    control.add("base", [], PROGRAMS[name].replace("#show a/0.", ""))
    control.ground([("base", [])], context=Calendar())
    wanted = {str(atom.symbol) for atom in control.symbolic_atoms if atom.is_fact}
    store = Store()
    matchers = [
        Matcher(rule, one, store, frozenset())
        for rule in rules_of(PROGRAMS[name])
        for one in rule.variants
    ]
    closure(matchers, store)
    found = {
        write_term((name, *row)) for (name, _), rel in store.relations.items() for row in rel.rows
    }
    assert found == wanted


@pytest.mark.parametrize(
    "text",
    [
        "{ a }.",
        "a ; b.",
        ":- a.",
        "-a.",
        "a :- b : c.",
        "a :- 1 { b } 2.",
        "#const n = 1.",
        "#external a.",
        "a(X) :- b(Y), X = X + Y.",
        "a :- #count { X : #count { Y : b(Y) } = X } = 1.",
        "a(@nothing(1)).",
        "a(@year(1, 2)).",
        "a(@_date(1)).",
        "a(",
        "p :- not q. q :- not p.",
    ],
)
def test_what_the_checker_does_not_read_is_refused(text: str) -> None:
    store = Store()
    with pytest.raises(PolicyError):
        closure(
            [
                Matcher(rule, one, store, frozenset())
                for rule in rules_of(text)
                for one in rule.variants
            ],
            store,
        )


def some_term(draw: random.Random, depth: int = 0) -> Symbol:
    match draw.randrange(6 if depth < 3 else 3):
        case 0:
            return Number(draw.choice([0, -1, 5, 12, -(2**31), 2**31 - 1]))
        case 1:
            return String(draw.choice(["", 'a"b', "x\\y", "n\nl", "é", "zz", "t\tt"]))
        case 2:
            return Function(draw.choice(["a", "b", "abc", "b2", "_x", "a'"]), [])
        case 3:
            return Function("", [some_term(draw, depth + 1) for _ in range(draw.randint(1, 3))])
        case 4:
            name = draw.choice(["a", "bb", "f"])
            return Function(name, [some_term(draw, depth + 1) for _ in range(draw.randint(1, 3))])
    return draw.choice([clingo.Infimum, clingo.Supremum])


def test_terms_are_read_written_and_ordered_as_in_clingo() -> None:
    draw = random.Random(1)
    symbols = [some_term(draw) for _ in range(500)]
    terms = [read_term(str(symbol)) for symbol in symbols]
    assert [write_term(term) for term in terms] == [str(symbol) for symbol in symbols]
    for _ in range(3000):
        one, two = draw.randrange(500), draw.randrange(500)
        assert compare("<", terms[one], terms[two]) == (symbols[one] < symbols[two])
        assert compare("=", terms[one], terms[two]) == (symbols[one] == symbols[two])


def test_numbers_are_computed_as_in_clingo() -> None:
    numbers = [0, 1, -1, 2, -2, 7, -7, 31, 33, 2**31 - 1, -(2**31)]
    for operator in ("+", "-", "*", "/", "\\", "**", "&", "?", "^"):
        for left in numbers:
            for right in numbers[:9]:
                if operator in "/\\" and (right == 0 or (left, right) == (-(2**31), -1)):
                    continue  # clingo itself does not survive them all
                text = f"({left}){operator}({right})"
                try:
                    wanted = clingo.parse_term(text, logger=lambda *_: None).number
                except RuntimeError:
                    wanted = None
                assert calculate(operator, left, right) == wanted, text
    assert calculate("/", 1, 0) is calculate("\\", 1, 0) is calculate("+", 1, "1") is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "a(", "(1)", "f()", "a b", "01", "-0", "+1", "f(1,)", "(,)", "(1,2,)", "X", "_"),
        *('"a', "9999999999", "2147483648", "1.5", "f( 1)", "f(1)(2)", "a\n", "-a", "1..2"),
        *('"a\\t"', "#x", "(" * 500 + ")" * 500, "f(" * 10**5, "a\0", "not a"),
    ],
    ids=range(28),
)
def test_what_clingo_would_write_otherwise_is_no_term(text: str) -> None:
    with pytest.raises(TermError):
        read_term(text)


# -- the file, and the command --------------------------------------------------------------------


def hostile(whole: dict[str, Any]) -> dict[str, bytes]:
    """Return files that a proof is not, from one that is."""
    text = json.dumps(whole)
    tree: Any = {"type": "leaf", "context": "c0"}
    for _ in range(200):
        tree = {"type": "split", "question": "tried", "branches": {"0": tree}}
    deep = dict(whole, result=dict(whole["result"], tree=tree))
    return {
        "empty": b"",
        "no JSON": b"{",
        "no object": b"[]",
        "another encoding": b'\xff\xfe{"schema": 1}',
        "deep": b'{"schema":' + b"[" * 10**6,
        "deep tree": json.dumps(deep).encode(),
        "a huge number": text.replace('"approved": 2', f'"approved": {"9" * 5000}').encode(),
        "a large number": text.replace('"approved": 2', f'"approved": {"9" * 50}').encode(),
        "not a number": text.replace('"approved": 2', '"approved": NaN').encode(),
        "a key twice": text.replace('"approved": 2', '"approved": 2, "approved": 2').encode(),
        "a key twice inside": text.replace('"tried": {', '"tried": {"state": "open", ', 1).encode(),
        "an unknown key": json.dumps(whole | {"signed": True}).encode(),
        "an unknown key of what is shared": json.dumps(
            whole | {"case": whole["case"] | {"name": "x"}}
        ).encode(),
        "another schema": json.dumps(whole | {"schema": "policy-reasoner/proof/1"}).encode(),
        "NUL": json.dumps(whole | {"readings": {"count_lent": "no\0"}}).encode(),
        "half a character": text.replace('"count_lent": "no"', '"count_lent": "\\ud800"').encode(),
        "a policy elsewhere": json.dumps(
            whole | {"policy": whole["policy"] | {"id": "../../etc"}}
        ).encode(),
        "another day": json.dumps(whole | {"decided_on": "2025-05-01T00:00"}).encode(),
        "no day": json.dumps(whole | {"decided_on": "tomorrow\u202e"}).encode(),
    }


@pytest.fixture
def command(
    mini: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `check-proof` on bytes, against the invented policy and the case that is approved."""
    path = tmp_path / "case.json"
    document = MINI["approve"] | {
        "id": "mini approve",
        "request": REQUEST,
        "conditions": [{"id": "w1", "status": "active", "display": "Wood", "source": source("w")}],
        "therapies": [AXE, SAW],
    }
    path.write_text(json.dumps(document))

    def check(data: bytes, *more: str) -> tuple[int, str, str]:
        proof = tmp_path / "proof.json"
        proof.write_bytes(data)
        arguments = ["check-proof", str(proof), "--case", str(path), "--rules", str(mini.rules)]
        status = run([*arguments, *more])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return check


def test_the_command_says_what_was_checked(
    mini: Bench, command: Callable[..., tuple[int, str, str]]
) -> None:
    proof = mini.proof(mini_case("approve"))
    status, out, err = command(msgspec.json.encode(proof))
    assert (status, err) == (ANSWERED, "")
    assert out.startswith(
        "VALID  mini approve\napprove: it follows from the case by mini version 1"
    )
    status, out, _ = command(msgspec.json.encode(proof), "--format", "json")
    found = json.loads(out)
    assert (status, found["valid"], found["faults"], found["claims"]) == (ANSWERED, True, [], 6)


def test_the_command_names_another_engine(
    mini: Bench, command: Callable[..., tuple[int, str, str]]
) -> None:
    proof = mini.proof(mini_case("approve"))
    other = msgspec.structs.replace(proof.engine, version="0.0.1")
    status, out, _ = command(msgspec.json.encode(replace(proof, engine=other)))
    assert status == ANSWERED
    assert "made by version 0.0.1" in out


def test_the_command_says_what_is_wrong(
    mini: Bench, command: Callable[..., tuple[int, str, str]]
) -> None:
    proof = replace(mini.proof(mini_case("approve")), approved=3)
    status, out, err = command(msgspec.json.encode(proof))
    assert (status, err) == (FAILED, "")
    assert out == ("NOT VALID  mini approve\n✗ approved: it is 2, as the result has it\n")
    status, out, _ = command(msgspec.json.encode(proof), "--format", "json")
    assert status == FAILED
    assert json.loads(out)["faults"] == ["approved: it is 2, as the result has it"]


def test_what_is_no_proof_gives_one_error(
    mini: Bench, command: Callable[..., tuple[int, str, str]]
) -> None:
    whole = json.loads(msgspec.json.encode(mini.proof(mini_case("approve"))))
    for name, data in hostile(whole).items():
        status, out, err = command(data)
        assert status in (INPUT, FAILED), name
        shown = out if status == FAILED else err
        assert "Traceback" not in shown, name
        assert all(c.isprintable() or c == "\n" for c in shown), name
        if status == INPUT:
            assert err.startswith("error["), name
            assert out == "", name


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="the proof cannot be read"):
        load_proof(str(tmp_path / "none.json"))


def test_a_check_stops_after_enough_faults() -> None:
    faults = Faults()
    for number in range(19):
        faults.add("x", str(number))
    with pytest.raises(Enough):
        faults.add("x", "19")
    assert len(faults.lines) == 20


# -- it stands alone ------------------------------------------------------------------------------

ALLOWED = {
    *("agreement", "case", "certificate", "days", "decision", "errors", "facts", "model"),
    *("policy", "program", "terminology"),
}


def test_the_checker_uses_nothing_that_decides_or_builds_proofs() -> None:
    """No import of it, no solver: `clingo` only for terms and for parsing."""
    assert reasoner.certificate.__file__
    for path in Path(reasoner.certificate.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Name | ast.Attribute):
                named = node.id if isinstance(node, ast.Name) else node.attr
                assert named not in ("Control", "relocate", "eval", "exec"), path
                continue
            else:
                continue
            for name in names:
                first, *rest = name.split(".")
                assert first not in ("explain", "networkx"), path
                assert first != "reasoner" or rest[0] in ALLOWED, (path, name)
                assert first != "clingo" or name.split(".")[1] in (
                    *("ast", "Function", "Number", "Symbol", "SymbolType"),
                ), (path, name)


def test_a_leaf_is_what_it_says() -> None:
    """The tag tells leaves from splits, so neither can be read as the other."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": "split", "context": "c0"}, Leaf)
