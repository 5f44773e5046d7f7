"""The first place where a document does not fit the notation, with how to mend it."""

from __future__ import annotations

from decimal import Decimal

from msgspec import inspect

from reasoner.case import notation
from reasoner.case.day import DATE_FORMS
from reasoner.case.place import Fault, show
from reasoner.errors import nearest

__all__ = ["misfit"]


def misfit(document: object, kind: type = notation.Case, name: str = "a case") -> Fault:
    """Return the first fault of *document*, *name*, which the notation *kind* has refused."""
    try:
        _fit(document, inspect.type_info(kind), name)
    except Fault as fault:
        return fault
    return Fault("case.type", f"this does not fit {name}")


def _fit(value: object, kind: inspect.Type, name: str) -> None:
    """Raise the Fault of *value*, called *name*, if it is not of *kind*."""
    match kind:
        case inspect.Metadata(type=below, extra={"noun": noun}):
            if not _is(value, below):
                raise _wrong_type(name, str(noun), value)
        case inspect.Metadata(type=below):
            _fit(value, below, name)
        case inspect.UnionType(types=(below, inspect.NoneType())):
            if value is not None:
                _fit(value, below, name)
        case inspect.StructType():
            _fit_mapping(value, kind, name)
        case inspect.ListType(item_type=below):
            _fit_list(value, below, name)
        case _:
            _fit_scalar(value, kind, name)


def _fit_scalar(value: object, kind: inspect.Type, name: str) -> None:
    match kind:
        case inspect.LiteralType(values=words):
            _fit_word(value, [str(word) for word in words], name)
        case inspect.StrType(min_length=least):
            if not isinstance(value, str):
                raise _wrong_type(name, "text", value)
            if least and not value:
                raise Fault("case.text", f"`{name}` must not be empty")
        case inspect.BoolType():
            if not isinstance(value, bool):
                raise _wrong_type(name, "true or false", value)
        case inspect.IntType(ge=low, le=high):
            if type(value) is not int or not (low or 0) <= value <= (high or 0):
                raise _wrong_type(name, f"a whole number from {low} to {high:,}", value)


def _fit_list(value: object, kind: inspect.Type, name: str) -> None:
    if not isinstance(value, list | tuple):
        raise _wrong_type(name, "a list", value)
    for index, item in enumerate(value):
        try:
            _fit(item, kind, f"{name}[{index}]")
        except Fault as fault:
            raise fault.under(index) from None


def _is(value: object, kind: inspect.Type) -> bool:
    match kind:
        case inspect.UnionType(types=types):
            return any(_is(value, below) for below in types)
        case inspect.ListType(item_type=below):
            return isinstance(value, list | tuple) and all(_is(item, below) for item in value)
        case inspect.StrType():
            return isinstance(value, str)
        case _:
            return type(value) is int


def _fit_mapping(value: object, kind: inspect.StructType, name: str) -> None:
    if not isinstance(value, dict):
        raise _wrong_type(name, "a mapping", value)
    fields = {known.encode_name: known for known in kind.fields}
    for key, below in value.items():
        if key not in fields:
            raise Fault(
                "case.unknown_key",
                f"unknown key {show(key)}",
                str(key),
                hint=nearest(str(key), list(fields)) or f"known here: {', '.join(fields)}",
            )
        if below is None:
            continue
        try:
            _fit(below, fields[key].type, key)
        except Fault as fault:
            raise fault.under(key) from None
    for key, known in fields.items():
        if known.required and value.get(key) is None:
            raise Fault("case.missing", f"`{key}` is missing", key)


def _fit_word(value: object, words: list[str], name: str) -> None:
    if value in words and isinstance(value, str):
        return
    choice = ", ".join(f"`{word}`" for word in words)
    same = [word for word in words if _letters(word) == _letters(str(value))]
    if same:
        hint = f"did you mean `{same[0]}`?"
    else:
        # A clinical word is not guessed: `inactive` is near `active` and means the opposite.
        hint = nearest(str(value), words) if _is_plain(name) else ""
    raise Fault(
        "case.unit" if name == "unit" else "case.value",
        f"`{name}` must be one of {choice}, found {show(value)}",
        hint=hint,
    )


def _letters(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _is_plain(name: str) -> bool:
    return name == "unit" or name.startswith("complete")


def _wrong_type(name: str, noun: str, value: object) -> Fault:
    message = f"`{name}` must be {noun}, found {show(value)}"
    return Fault("case.type", message, hint=_mend(noun, value))


def _mend(noun: str, value: object) -> str:
    """Return how a *value* becomes the *noun* it should be, where that is a matter of quotes."""
    match value:
        case bool() if noun.startswith("text"):
            return 'yes and no without quotes are true and false: write "yes" or "no"'
        case int() | Decimal() if noun == "text":
            return f"write it in quotes: {show(value).replace('`', chr(34))}"
        case str() if noun == "true or false" and value in {"true", "false"}:
            return "write it without quotes"
        case str() if noun.startswith("a whole number") and value.isdecimal():
            return "write it without quotes"
        case _ if noun == "a date":
            return DATE_FORMS
        case _:
            return ""
