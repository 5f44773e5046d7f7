"""What FHIR has no element for, read back: the record as its case states it.

A resource that this project wrote carries the extension `RESTATED`: fields by their names in a
case. They are laid over what the elements are read as, and checked as a case is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, get_args

import msgspec

from reasoner.case import notation
from reasoner.case.content import check_records
from reasoner.case.misfit import misfit
from reasoner.case.place import Fault
from reasoner.case.record import (
    read_answer,
    read_condition,
    read_dose,
    read_observation,
    read_request,
    read_therapy,
)
from reasoner.case.written import Plain, written
from reasoner.fhir.element import Element
from reasoner.fhir.resource import Resource, Resources
from reasoner.fhir.vocabulary import (
    CASE_ID,
    COMPLETE,
    ITEM,
    NOT_STATED_FIELD,
    RECORD_ID,
    RESTATED,
)
from reasoner.model import (
    Answer,
    Case,
    Condition,
    Dose,
    Observation,
    Request,
    Section,
    Therapy,
)

__all__ = ["restated"]

_Record = TypeVar("_Record", Condition, Therapy, Observation, Dose, Answer, Request)
_Note = TypeVar("_Note", bound=msgspec.Struct)

_VALUES = ("valueString", "valueBoolean", "valueInteger", "valueDecimal", "valueCode")


def restated(case: Case, resources: Resources, main: Resource | None) -> Case:
    """Return *case*, read from *resources*, as the extensions restate it; *main* asks.

    Raises:
        CaseError: an extension holds no such field; the error names the place.
    """
    laid = {
        one.key: one
        for one in resources.all
        if _extensions(one.element, RESTATED) or _identifier(one.element, RECORD_ID)
    }
    request, name, complete = case.request, case.id, case.complete
    if main is not None:
        name = _identifier(main.element, CASE_ID) or name
        complete = (*complete, *_complete(main.element))
        if _extensions(main.element, RESTATED):
            request = _over(case.request, main, notation.Request, read_request)
    if not laid:
        return msgspec.structs.replace(case, id=name, request=request, complete=complete)

    def over(
        records: Iterable[_Record], note: type[_Note], read: Callable[[_Note], _Record]
    ) -> tuple[_Record, ...]:
        return tuple(
            _over(one, laid[key], note, read) if (key := _whole(one)) in laid else one
            for one in records
        )

    found = msgspec.structs.replace(
        case,
        id=name,
        request=request,
        conditions=over(case.conditions, notation.Condition, read_condition),
        therapies=over(case.therapies, notation.Therapy, read_therapy),
        observations=over(case.observations, notation.Observation, read_observation),
        doses=over(case.doses, notation.Dose, read_dose),
        answers=over(case.answers, notation.Answer, read_answer),
        complete=complete,
    )
    try:
        check_records(found)
    except Fault as fault:
        raise fault.error(case.origin) from None
    return found


def _whole(record: Condition | Therapy | Observation | Dose | Answer | Request) -> str | None:
    """Return the key of the resource that is this record and no other."""
    key = record.source.reference if record.source else None
    return key if getattr(record, "id", key) == key else None


def _over(
    record: _Record, owner: Resource, note: type[_Note], read: Callable[[_Note], _Record]
) -> _Record:
    fields: dict[str, Plain] = written(record)
    untold = fields.get("documented") is False  # nobody can tell whose record it is
    if name := _identifier(owner.element, RECORD_ID):
        fields["id"] = name
    for extension in _extensions(owner.element, RESTATED):
        for part in extension.many("extension"):
            url = _url(part)
            if url == NOT_STATED_FIELD:
                fields.pop(part.word("valueCode") or "", None)
            else:
                fields[url] = _value(part)
    if untold:
        fields["documented"] = False
    try:
        try:
            found = msgspec.convert(fields, note)
        except (msgspec.MsgspecError, TypeError):
            raise misfit(fields, note, "the record") from None
        return read(found)
    except Fault as fault:
        raise owner.element.fault(fault.code, fault.message, "extension", hint=fault.hint) from None


def _value(part: Element) -> Plain:
    """Return the value of a field: a word, a number, a list, or fields of its own."""
    below = list(part.many("extension"))
    if below and all(_url(one) == ITEM for one in below):
        return [_value(one) for one in below]
    if below:
        return {_url(one): _value(one) for one in below}
    for name in _VALUES:
        if (value := part.fields.get(name)) is not None:
            return part.text(name) or "" if isinstance(value, str) else _number(part, name)
    raise part.fault("fhir.extension", f"`{_url(part)}` has no value", hint="leave it out")


def _number(part: Element, name: str) -> Plain:
    from reasoner.fhir.amount import number

    if name == "valueBoolean":
        return bool(part.flag(name))
    found = number(part.fields[name])
    if found is None:
        raise part.fault("fhir.type", f"`{name}` must be a number", name)
    return int(found) if name == "valueInteger" and found == int(found) else found


def _url(part: Element) -> str:
    url = part.word("url")
    if url is None:
        raise part.fault("fhir.extension", "an extension has no `url`", hint="name the field")
    return url


def _extensions(element: Element, url: str) -> list[Element]:
    if not isinstance(element.fields.get("extension"), list):
        return []
    return [one for one in element.many("extension") if one.fields.get("url") == url]


def _identifier(element: Element, system: str) -> str | None:
    found = element.fields.get("identifier")
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, Mapping) and one.get("system") == system:
            value = one.get("value")
            return value if isinstance(value, str) and value.strip() else None
    return None


def _complete(element: Element) -> list[Section]:
    known: dict[str, Section] = {name: name for name in get_args(Section)}
    found = []
    for one in _extensions(element, COMPLETE):
        name = one.word("valueCode") or ""
        if name not in known:
            raise one.fault(
                "fhir.extension", f"`{name}` is no list of a case", "valueCode",
                hint=f"one of {', '.join(known)}",
            )  # fmt: skip
        found.append(known[name])
    return found
