"""A case whose every text tries to be something else: markup, script, an escape, a direction.

The loader refuses control and invisible characters; `hostile_case` puts them in after it.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import yaml

from reasoner.case import load_case
from reasoner.model import Case

__all__ = ["ALL", "CONTROLS", "hostile_case", "write_case"]

EXAMPLE = Path(__file__).parent.parent / "examples" / "deny-several.yaml"
CONTROLS = "\x1b[31m\x07\x00\x9b\u202e\u2066\r\n\t\ufffe\uffff"
HERE = "CONTROLS"
PIECES = (
    "<script>document.title='RAN'</script>",
    "</title></style></script><img src=x onerror=\"document.title='RAN'\">",
    f"\"]; end{HERE}--> <!-- %%{{init: {{'securityLevel':'loose'}}}}%%",
    f'{HERE} exe.gnp {{{{ 7*7 }}}} {{% raw %}} ]]> &amp; &#60; \\N \\"',
    "javascript:document.title='RAN' ' \" ` | { } # ; :::evil click n0 call alert()",
    "data:text/html,<svg onload=document.title='RAN'>",
)
ALL = " ".join(PIECES)


def write_case(folder: Path) -> Path:
    """Write the case to *folder*: an example with every free text replaced."""
    case = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    case["id"] = f"PA {PIECES[0]} {PIECES[3]}"
    case["request"]["source"] = {"document": ALL, "quote": ALL}
    for section in ("conditions", "therapies", "observations"):
        for index, record in enumerate(case[section]):
            record["id"] = f"{section}{index} {PIECES[index]}"
            record["source"] = {"document": ALL, "page": 1, "quote": ALL}
            if section != "therapies":
                record["display"] = ALL
    case["therapies"].append({"id": f"x {ALL}", "product": ALL, "taken": True})
    answer = {"question": "infection", "answer": "yes", "by": ALL, "source": {"document": ALL}}
    case["answers"] = [answer]
    path = folder / "hostile.json"
    path.write_text(json.dumps(case, default=str), "utf-8")
    return path


def hostile_case(folder: Path) -> Case:
    """Return the case, with control characters too."""
    found = _with_controls(load_case(str(write_case(folder))))
    assert isinstance(found, Case)
    return found


def _with_controls(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a case
    match value:
        case str():
            return value.replace(HERE, CONTROLS)
        case tuple():
            return tuple(_with_controls(one) for one in value)
        case msgspec.Struct():
            names = value.__struct_fields__
            return msgspec.structs.replace(
                value, **{name: _with_controls(getattr(value, name)) for name in names}
            )
        case _:
            return value
