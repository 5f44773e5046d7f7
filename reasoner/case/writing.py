"""A case as it is written: the inverse of reading one, as plain data and as YAML.

What is written is read back as an equal case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from reasoner.model import Case, Coding, Condition, Day, Observation

__all__ = ["case_document", "write_yaml"]

_NOT_WRITTEN = ("digest", "origin", "unread")
_UNNAMED = {Coding: "icd-10-cm", Condition: "icd-10-cm", Observation: "loinc"}
"""The system of a code where a case names none."""
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?)?$")
_DECIMAL = "tag:yaml.org,2002:float"
_NOT_OURS = (":timestamp", ":float")
"""What PyYAML takes for a day or a number, and a case does not."""
_WIDTH = 100
_SHORT = 5
"""A mapping of no more keys stands on one line."""


def case_document(case: Case) -> dict[str, object]:
    """Return *case* as its file would say it: keys in the order of the format, nothing absent."""
    found = _plain(case)
    assert isinstance(found, dict)  # noqa: S101 -- a case is a mapping
    return {key: value for key, value in found.items() if key not in _NOT_WRITTEN}


def _plain(value: object) -> object:
    match value:
        case Day():
            return value.text
        case Decimal():
            return int(value) if value == value.to_integral_value() else value
        case msgspec.Struct():
            unnamed = _UNNAMED.get(type(value))
            return {
                field.name: _plain(content)
                for field in msgspec.structs.fields(value)
                if (content := getattr(value, field.name)) != field.default
                and not _is_empty(content)
                and not (field.name == "system" and content == unnamed)
            }
        case tuple() | list():
            return [_plain(one) for one in value]
        case _:
            return value


def _is_empty(content: object) -> bool:
    """Whether nothing is stated: also a request or a member of which nothing is known."""
    if isinstance(content, msgspec.Struct) and not isinstance(content, Day):
        return all(
            getattr(content, field.name) == field.default
            for field in msgspec.structs.fields(content)
        )
    return content is None or content == ()


def write_yaml(document: Mapping[str, object], *, comment: str = "") -> str:
    """Return *document* as a YAML file; *comment* lines stand above it.

    >>> print(write_yaml({"id": "a", "answers": [{"answer": "no", "date": "2026-01-02"}]}), end="")
    id: a
    answers:
    - {answer: 'no', date: 2026-01-02}
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes what `read_yaml` reads: a day is plain text, and only its numbers are numbers."""

        def represent(self, data: object) -> None:
            """Write the case; a short record takes one line, the case itself never does."""
            node: Any = self.represent_data(data)
            node.flow_style = False
            self.serialize(node)

        def represent_mapping(self, *given: Any, **named: Any) -> yaml.MappingNode:  # noqa: ANN401 -- as PyYAML has it
            node = super().represent_mapping(*given, **named)
            values = [value for _, value in node.value]
            if len(values) <= _SHORT and all(_is_flat(value) for value in values):
                node.flow_style = True
            return node

    def _is_flat(node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode) or (
            isinstance(node, yaml.SequenceNode)
            and all(isinstance(one, yaml.ScalarNode) for one in node.value)
        )

    Dumper.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in found if not tag.endswith(_NOT_OURS)]
        for first, found in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }
    Dumper.add_implicit_resolver(_DECIMAL, _NUMBER, list("-+0123456789"))
    Dumper.add_representer(Decimal, lambda into, one: into.represent_scalar(_DECIMAL, str(one)))
    text: str = yaml.dump(
        dict(document),
        Dumper=Dumper,
        allow_unicode=True,
        default_flow_style=None,
        sort_keys=False,
        width=_WIDTH,
    )
    return "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines()) + text
