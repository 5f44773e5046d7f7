"""The only maker of symbols: a case, its reference data and typed words become clingo terms.

Text never becomes program text. A string stays a string, a word of a closed list a constant,
a day its ordinal, a decimal its thousandths; what clingo cannot hold exactly is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from clingo import Function, Number, String, Symbol, SymbolType

from reasoner.agreement import agrees
from reasoner.errors import CaseError, UsageError
from reasoner.model import (
    Allergy,
    AnswerValue,
    Case,
    Coding,
    Condition,
    Day,
    Dose,
    Observation,
    Quantity,
    Request,
    Therapy,
)
from reasoner.terminology import Row, Terminology, normal_display

__all__ = [
    "Code",
    "answer_symbol",
    "answer_value",
    "case_facts",
    "question_symbol",
    "record_name",
    "reference_facts",
    "to_symbol",
    "word",
]

Code = tuple[str, str]
"""A system and a code of it, as the terminology compares them."""

Record = Condition | Therapy | Observation | Dose | Allergy

_QUESTION = re.compile(r"([a-z][a-z0-9_]*)(?:\(([a-z][a-z0-9_]*|_)\))?")
_FAMILY = "_"
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PAIR = 2
_LIMIT = 2**31 - 1
_REQUEST = Function("request", [])
_MEMBER = Function("member", [])
_FLAG = {True: Function("yes", []), False: Function("no", [])}


@lru_cache(maxsize=4096)
def word(text: str) -> Symbol:
    """Return *text*, a word of a closed list, as a constant."""
    return Function(text, [])


# Days, codes and names recur from case to case; a term costs more to make than to look up.
_number = lru_cache(maxsize=65536)(Number)
_string = lru_cache(maxsize=65536)(String)


def to_symbol(value: object, *, where: str) -> Symbol:
    """Return *value* as a clingo term: text as a string, a day as its ordinal.

    >>> to_symbol(dt.date(2025, 3, 1), where="tests[0].date")
    Number(739311)

    Raises:
        CaseError: clingo cannot hold the value exactly (a fraction, NUL, more than 32 bits).
    """
    match value:
        case bool():
            return _FLAG[value]
        case int() if -_LIMIT <= value <= _LIMIT:
            return Number(value)
        case Decimal() if value == value.to_integral_value() and abs(value) <= _LIMIT:
            return Number(int(value))
        case str() if _holdable(value):
            return String(value)
        case dt.datetime():
            pass
        case dt.date():
            return Number(value.toordinal())
    raise CaseError("case.value", f"`{value!r}` cannot be held exactly", where=where)


def _holdable(text: str) -> bool:
    """Whether clingo holds *text* whole: it stops at NUL and crashes on a lone surrogate."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def question_symbol(text: str) -> Symbol:
    """Return a question as rules name it: `failed(fingolimod)`.

    A family asked for as a whole, `failed(_)`, is answered by what holds of its others.

    Raises:
        UsageError: *text* is not shaped like a question.
    """
    match = _QUESTION.fullmatch(text)
    if match is None:
        raise UsageError(
            "usage.question", f"`{text}` is no question", hint="write it like `failed(fingolimod)`"
        )
    name, argument = match.groups()
    if argument == _FAMILY:
        argument = "others"
    return Function(name, [Function(argument, [])] if argument else [])


def answer_symbol(value: AnswerValue, *, where: str) -> Symbol:
    """Return an answer as rules name it: a word, a number or a pair of numbers.

    A number may come as text. Text that is neither word nor number stays text, and so is no
    answer of any question.
    """
    match value:
        case str() if _WORD.fullmatch(value):
            return Function(value, [])
        case str() if _NUMBER.fullmatch(value):
            return Number(int(value))
        case (first, second):
            return Function("", [to_symbol(first, where=where), to_symbol(second, where=where)])
        case _:
            return to_symbol(value, where=where)


def answer_value(symbol: Symbol) -> AnswerValue:
    """Return an answer as the decision states it: the inverse of `answer_symbol`."""
    if symbol.type is SymbolType.Number:
        return symbol.number
    if symbol.type is SymbolType.String:
        return symbol.string
    if symbol.name == "" and len(symbol.arguments) == _PAIR:
        first, second = symbol.arguments
        return first.number, second.number
    return str(symbol)


def record_name(symbol: Symbol) -> str:
    """Return the record that a voice belongs to, as the case names it."""
    if symbol.type is SymbolType.String:
        return symbol.string
    if symbol.name in ("voice", "answer", "list") and symbol.arguments:
        inner = symbol.arguments[0]
        if symbol.name == "voice":
            return record_name(inner)
        return f"answers[{inner}]" if symbol.name == "answer" else f"complete[{inner}]"
    return str(symbol)


@lru_cache(maxsize=256)
def _system(name: str) -> Symbol:
    """Return a code system as a constant where rules can write it as one, else as text."""
    return Function(name, []) if _WORD.fullmatch(name) else String(name)


class _Writer:
    """Collects facts of one case; *prefix* is the case's number in a batch, or nothing."""

    def __init__(self, prefix: tuple[Symbol, ...], terminology: Terminology) -> None:
        self.prefix = prefix
        self.terminology = terminology
        self.facts: list[Symbol] = []
        self.codes: set[Code] = set()

    def add(self, name: str, *arguments: Symbol) -> None:
        self.facts.append(Function(name, [*self.prefix, *arguments]))

    def code(self, system: str, code: str) -> tuple[Symbol, Symbol]:
        name = self.terminology.system(system)
        self.codes.add((name, code))
        return _system(name), _string(code)

    def day(self, name: str, day: Day | None, *before: Symbol) -> None:
        if day is not None:
            first, last = _number(day.first.toordinal()), _number(day.last.toordinal())
            self.add(name, *before, first, last)

    def flag(self, name: str, record: Symbol, *, value: bool | None) -> None:
        if value is not None:
            self.add(name, record, _FLAG[value])

    def word(self, name: str, record: Symbol, value: str | None) -> None:
        if value is not None:
            self.add(name, record, word(value))

    def quantity(self, record: Symbol, what: str, quantity: Quantity | None) -> None:
        if quantity is not None:
            where = f"{record_name(record)}.{what}.value"
            thousandths = to_symbol(quantity.value * 1000, where=where)
            self.add("amount", record, word(what), thousandths, word(quantity.unit.lower()))


def case_facts(
    case: Case, terminology: Terminology, decided_on: dt.date | None, *, number: int | None = None
) -> tuple[list[Symbol], set[Code]]:
    """Return the facts of *case*, and the codes whose meaning they need.

    With a *number*, it is the first argument of every fact: the case's place in a batch.
    """
    prefix = () if number is None else (Number(number),)
    out = _Writer(prefix, terminology)
    if decided_on is not None:
        out.add("decided_on", Number(decided_on.toordinal()))
    out.day("birth", case.member.birth_date)
    _request(out, case.request)
    for condition in sorted(case.conditions, key=_by_id):
        _condition(out, condition)
    for therapy in sorted(case.therapies, key=_by_id):
        _therapy(out, therapy)
    for observation in sorted(case.observations, key=_by_id):
        _observation(out, observation)
    for dose in sorted(case.doses, key=_by_id):
        _dose(out, dose)
    for allergy in sorted(case.allergies, key=_by_id):
        _allergy(out, allergy)
    _answers(out, case)
    for section in ("conditions", "therapies", "observations", "doses"):
        if getattr(case, section):
            out.add("excerpt" if section in case.excerpts else "listed", word(section))
    for section in case.complete:
        out.add("complete", word(section))
    return out.facts, out.codes


def _answers(out: _Writer, case: Case) -> None:
    for index, answer in enumerate(case.answers):
        name = Function("answer", [Number(index)])
        where = f"answers[{index}].answer"
        out.add(
            "answered",
            name,
            question_symbol(answer.question),
            answer_symbol(answer.answer, where=where),
        )
        out.day("date", answer.date, name, word("recorded"))
        for record in answer.overrules:
            out.add("overrules", name, _REQUEST if record == "request" else String(record))


def _by_id(record: Record) -> str:
    """The order of records in a case means nothing: they are always stated in this one."""
    return record.id


def _request(out: _Writer, request: Request) -> None:
    named: list[Row] = []
    out.day("date", request.received, _REQUEST, word("recorded"))
    if request.plan is not None:
        out.add("plan", _REQUEST, String(" ".join(request.plan.casefold().split())))
    if request.product is not None:
        out.add("product", _REQUEST, out.code("name", request.product)[1])
    codes = [("hcpcs", request.hcpcs), (request.system or "name", request.code)]
    for system, code in codes:
        if code is not None:
            out.add("code", _REQUEST, *out.code(system, code))
            named += out.terminology.rows(system, code)
    if request.product is not None and _unlike(out, named, request.product):
        out.add("mislabelled", _REQUEST)
    out.quantity(_REQUEST, "quantity", request.quantity)
    if request.billed_units is not None:
        out.quantity(_REQUEST, "billed_units", Quantity(Decimal(request.billed_units), "unit"))
    _dosed(out, request)
    for index, day in enumerate(sorted(request.service_dates, key=lambda d: (d.first, d.last)), 1):
        out.day("planned", day, Number(index))
    if request.course is not None:
        out.add("course", _REQUEST, to_symbol(request.course, where="request.course"))
    _indication(out, _REQUEST, request.indication)
    if request.indication is not None:
        _display(out, word("request_indication"), request.indication)


def _dosed(out: _Writer, request: Request) -> None:
    for index, dose in enumerate(request.dosed, 1):
        thousandths = to_symbol(dose.value * 1000, where=f"request.dosed[{index - 1}].value")
        out.add("dosed", _REQUEST, Number(index), thousandths, word(dose.unit.lower()))
        if dose.times is not None:
            out.add("dosed_times", _REQUEST, Number(index), Number(dose.times))


def _indication(out: _Writer, record: Symbol, indication: Coding | None) -> None:
    if indication is not None:
        out.add("indication", record, *out.code(indication.system, indication.code))


def _unlike(out: _Writer, rows: Sequence[Row], product: str) -> bool:
    """Whether a product's unknown name shares no word with anything that its code is called.

    A known name speaks for itself: that it names another drug is for the rules to see.
    """
    known = out.terminology.rows("name", product) or out.terminology.named(product)
    return bool(rows) and not known and not agrees(out.terminology, rows, product)


def _strange(out: _Writer, coding: Coding | Condition | Observation) -> bool:
    """Whether the display of a known code shares no word with anything that the code is called."""
    if coding.code is None or coding.display is None:
        return False
    rows = out.terminology.rows(coding.system, coding.code)
    if not rows:
        return False
    return not agrees(out.terminology, rows, coding.display)


def _display(out: _Writer, record: Symbol, coding: Coding | Condition | Observation) -> None:
    """State what the display says itself where it is known, and whether it contradicts its code."""
    if coding.display is None:
        return
    named = {row.concept for row in out.terminology.named(coding.display)}
    for concept in sorted(named):
        out.add("says", record, String(coding.display), word(concept))
    if not named and _strange(out, coding):
        out.add("mislabelled", record)


def _mentions(out: _Writer, record: Symbol, coding: Condition | Observation) -> None:
    """State what the words beside a code that no table lists name; they do not say how."""
    called = out.terminology.called
    if not called or coding.display is None:
        return
    if coding.code is not None and out.terminology.rows(coding.system, coding.code):
        return
    text = f" {normal_display(coding.display)} "
    named = {concept for said, them in called.items() if f" {said} " in text for concept in them}
    for concept in sorted(named):
        out.add("mentions", record, word(concept))


def _shared(out: _Writer, record: Record, section: str) -> Symbol:
    name = _string(record.id)
    out.add(section, name)
    if record.source is not None:
        out.add("sourced", name)
    if (
        record.source is None or record.documented is False
    ):  # beside a source, yes goes without saying
        out.flag("documented", name, value=record.documented)
    return name


def _condition(out: _Writer, condition: Condition) -> None:
    name = _shared(out, condition, "condition")
    if condition.code is not None:
        out.add("code", name, *out.code(condition.system, condition.code))
    out.word("status", name, condition.status)
    out.word("activity", name, condition.activity)
    for kind in ("onset", "recorded", "end"):
        out.day("date", getattr(condition, kind), name, word(kind))
    _display(out, name, condition)
    _mentions(out, name, condition)


def _therapy(out: _Writer, therapy: Therapy) -> None:
    name = _shared(out, therapy, "therapy")
    rows: tuple[Row, ...] = ()
    if therapy.product is not None:
        out.add("product", name, out.code("name", therapy.product)[1])
    if therapy.code is not None:
        system = therapy.system or "name"
        out.add("code", name, *out.code(system, therapy.code))
        rows = out.terminology.rows(system, therapy.code)
    if therapy.product is not None and _unlike(out, rows, therapy.product):
        out.add("mislabelled", name)
    for kind in ("start", "end"):
        out.day("date", getattr(therapy, kind), name, word(kind))
    out.flag("ongoing", name, value=therapy.ongoing)
    out.flag("taken", name, value=therapy.taken)
    out.word("response", name, therapy.response)
    out.word("stopped_for", name, therapy.stopped_for)
    _indication(out, name, therapy.indication)


def _observation(out: _Writer, observation: Observation) -> None:
    name = _shared(out, observation, "observation")
    out.add("code", name, *out.code(observation.system, observation.code))
    out.word("result", name, observation.result)
    if observation.value is not None:
        where = f"{observation.id}.value"
        # More decimals than a thousandth never change what a rule compares with: they are cut.
        thousandths = to_symbol(int(observation.value * 1000), where=where)
        out.add("number", name, thousandths, String(observation.unit or ""))
    out.day("date", observation.date, name, word("date"))
    _display(out, name, observation)
    _mentions(out, name, observation)


def _dose(out: _Writer, dose: Dose) -> None:
    name = _shared(out, dose, "dose")
    out.day("date", dose.date, name, word("date"))
    out.quantity(name, "quantity", dose.quantity)


def _allergy(out: _Writer, allergy: Allergy) -> None:
    name = _shared(out, allergy, "allergy")
    if allergy.product is not None:
        out.add("product", name, out.code("name", allergy.product)[1])
    if allergy.code is not None:
        out.add("code", name, *out.code(allergy.system or "name", allergy.code))
    out.word("status", name, allergy.status)
    for kind in ("onset", "recorded"):
        out.day("date", getattr(allergy, kind), name, word(kind))


def _trade_name(row: Row) -> str | None:
    """Return what a product is sold as: its display, unless that names the ingredient."""
    name = normal_display(row.display)
    return None if name == normal_display(row.concept.replace("_", " ")) else name


def reference_facts(codes: Iterable[Code], terminology: Terminology) -> Iterator[Symbol]:
    """Yield what the terminology says of *codes*, and the properties of every concept."""
    for system, code in sorted(codes):
        key = (_system(system), _string(code))
        rows = terminology.rows(system, code)
        if system == "name" and not rows:
            rows = terminology.named(code)
        seen: set[Symbol] = set()
        for row in rows:
            seen.add(Function("means", [*key, word(row.concept)]))
            seen |= {Function("labelled", [*key, word(use)]) for use in row.labelled_for}
            if (name := _trade_name(row)) is not None:
                seen.add(Function("trade_name", [*key, _string(name)]))
            seen |= {Function("named_in", [*key, word(name)]) for name in row.lists}
            if row.valid_from is not None or row.valid_to is not None:
                first = (row.valid_from or dt.date.min).toordinal()
                last = (row.valid_to or dt.date.max).toordinal()
                seen.add(Function("in_force", [*key, Number(first), Number(last)]))
        if not rows:
            ranges = terminology.in_ranges(system, code)
            # A code in no range of its system is no code of it, or of a system nobody knows.
            concepts = {row.concept for row in ranges} or {"no_range"}
            seen |= {Function("within_range", [*key, word(concept)]) for concept in concepts}
        yield from sorted(seen)
    for concept, name, value in terminology.properties:
        number = Number(int(value)) if value.isdecimal() else word(value)
        yield Function("property", [word(concept), word(name), number])
