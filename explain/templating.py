"""The templates of pages and pictures: everything that they show is made plain and escaped.

No value reaches a template's output by another way, and no template marks one as safe.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from reasoner.plain import plain

if TYPE_CHECKING:
    from jinja2 import Environment

    from explain.language import Language

__all__ = ["environment", "render", "source"]


def render(name: str, language: Language, *, package: str = "explain", **values: object) -> str:
    """Return the template *name* of *package*, filled in in *language*.

    Templates of another package may include those of this one.
    """
    template = environment(package).get_template(f"{name}.jinja")
    return template.render(t=language.text, language=language, **values) + "\n"


def source(name: str) -> str:
    """Return a template that takes no values as it stands in what includes it."""
    return environment().get_template(name).render()


@cache
def environment(package: str = "explain") -> Environment:
    """Return the environment that all templates of *package* share."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: object) -> object:
        # A macro's output is escaped already; nothing else here makes markup.
        return value if isinstance(value, Markup) else plain(str(value))

    return Environment(
        loader=ChoiceLoader([PackageLoader(one) for one in dict.fromkeys([package, "explain"])]),
        autoescape=True,
        auto_reload=False,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
