"""What FHIR has no element for, read back: the record as its case states it.

A resource that this project wrote is one record of one section of a case. Its extension
`RESTATED` names the section, and the fields that its elements are not read as; they are laid
over what is read, and checked as a case is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

import msgspec

from reasoner.case import notation
from reasoner.case.content import check_records
from reasoner.case.day import is_date
from reasoner.case.misfit import misfit
from reasoner.case.place import Fault
from reasoner.case.record import (
    read_allergy,
    read_answer,
    read_condition,
    read_dose,
    read_member,
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
    EXCERPT,
    ITEM,
    NOT_STATED_FIELD,
    RECORD_ID,
    RESTATED,
    SECTION,
)
from reasoner.model import Case, Day, Section

__all__ = ["restated"]

_VALUES: Final = ("valueString", "valueBoolean", "valueInteger", "valueDecimal", "valueCode")

_Reader = Callable[[Any], Any]

_LISTS: Final[dict[str, tuple[type[msgspec.Struct], _Reader]]] = {
    "conditions": (notation.Condition, read_condition),
    "therapies": (notation.Therapy, read_therapy),
    "observations": (notation.Observation, read_observation),
    "doses": (notation.Dose, read_dose),
    "allergies": (notation.Allergy, read_allergy),
    "answers": (notation.Answer, read_answer),
}
_SINGLE: Final[dict[str, tuple[type[msgspec.Struct], _Reader]]] = {
    "request": (notation.Request, read_request),
    "member": (notation.Member, read_member),
}


def restated(case: Case, resources: Resources, main: Resource | None) -> Case:
    """Return *case*, read from *resources*, as the extensions restate it; *main* asks.

    Raises:
        CaseError: an extension holds no such field; the error names the place.
    """
    own = {one: _section(one.element) for one in resources.all}
    told = {one: section for one, section in own.items() if section is not None}
    changed: dict[str, Any] = {}
    if main is not None and (name := _identifier(main.element, CASE_ID)):
        changed["id"] = name
        changed["complete"] = _lists(main.element, COMPLETE)
        changed["excerpts"] = _lists(main.element, EXCERPT)
    if not told:
        return msgspec.structs.replace(case, **changed)
    keys = {one.key for one in told}
    for section, (note, read) in _LISTS.items():
        before: Sequence[Any] = getattr(case, section)
        found = {_reference(one): one for one in reversed(before)}
        changed[section] = (
            *(one for one in before if _reference(one) not in keys),
            *(
                _over(found.get(one.key), one, note, read)
                for one, name in told.items()
                if name == section
            ),
        )
    for section, (note, read) in _SINGLE.items():
        for one in [one for one, name in told.items() if name == section]:
            changed[section] = _over(getattr(case, section), one, note, read)
    case = msgspec.structs.replace(case, **changed)
    try:
        check_records(case)
    except Fault as fault:
        raise fault.error(case.origin) from None
    return case


def _reference(record: Any) -> str | None:  # noqa: ANN401 - a record of any section
    return record.source.reference if record.source else None


def _over(
    record: msgspec.Struct | None, owner: Resource, note: type[msgspec.Struct], read: _Reader
) -> Any:  # noqa: ANN401 - a record of the section that *note* writes
    fields: dict[str, Plain] = written(record) if record is not None else {}
    untold = fields.get("documented") is False  # nobody can tell whose record it is
    if name := _identifier(owner.element, RECORD_ID):
        fields["id"] = name
    odd = _odd_days(record)
    for extension in _extensions(owner.element, RESTATED):
        for part in extension.many("extension"):
            url = _url(part)
            if url == NOT_STATED_FIELD:
                url = part.word("valueCode") or ""
                fields.pop(url, None)
            elif span := part.one("valuePeriod"):
                odd[url] = _span(span)
                continue
            elif url != SECTION:
                fields[url] = _value(part)
            odd.pop(url, None)
    if untold:
        fields["documented"] = False
    try:
        found = _read({key: value for key, value in fields.items() if key not in odd}, note, read)
    except Fault as fault:
        raise owner.element.fault(fault.code, fault.message, "extension", hint=fault.hint) from None
    return msgspec.structs.replace(found, **odd)


def _odd_days(record: msgspec.Struct | None) -> dict[str, Day]:
    """Return the days of *record* that a chart leaves open in a way that no case writes."""
    if record is None:
        return {}
    days = ((name, getattr(record, name)) for name in record.__struct_fields__)
    return {name: day for name, day in days if isinstance(day, Day) and not is_date(day)}


def _span(period: Element) -> Day:
    """Return the days from the first that the start can mean to the last that the end can."""
    start, end = period.day("start"), period.day("end")
    if start is None or end is None or end.last < start.first:
        raise period.fault("fhir.extension", "a span has a start, and an end that is not before it")
    return Day(start.first, end.last, f"{start.text}/{end.text}")


def _read(fields: dict[str, Plain], note: type[msgspec.Struct], read: _Reader) -> Any:  # noqa: ANN401
    try:
        found = msgspec.convert(fields, note)
    except (msgspec.MsgspecError, TypeError):
        raise misfit(fields, note, "the record") from None
    return read(found)


def _section(element: Element) -> str | None:
    """Return the section that a resource is a record of, or None where it does not say."""
    for extension in _extensions(element, RESTATED):
        for part in extension.many("extension"):
            if part.fields.get("url") == SECTION:
                name = part.word("valueCode") or ""
                if name not in (*_LISTS, *_SINGLE):
                    raise part.fault(
                        "fhir.extension", f"`{name}` is no section of a case", "valueCode",
                        hint=f"one of {', '.join((*_LISTS, *_SINGLE))}",
                    )  # fmt: skip
                return name
    return None


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


def _lists(element: Element, url: str) -> tuple[Section, ...]:
    known: dict[str, Section] = {name: name for name in get_args(Section)}
    found = []
    for one in _extensions(element, url):
        name = one.word("valueCode") or ""
        if name not in known:
            raise one.fault(
                "fhir.extension", f"`{name}` is no list of a case", "valueCode",
                hint=f"one of {', '.join(known)}",
            )  # fmt: skip
        found.append(known[name])
    return tuple(dict.fromkeys(found))
