"""Which question is meant where somebody names one that a policy does not ask."""

from __future__ import annotations

from collections.abc import Iterable

from reasoner.errors import nearest
from reasoner.terminology import Terminology

__all__ = ["meant"]


def meant(text: str, names: Iterable[str], terminology: Terminology) -> str:
    """Return a hint naming the one of *names* that *text* means, or the empty string.

    Of a family, that is what the terminology knows by another name. Names of drugs are spelt
    alike without meaning anything alike, so what else is spelt alike counts without its family.
    """
    known = list(names)
    head, _, rest = text.partition("(")
    spelt = rest.strip().removesuffix(")")
    if not spelt:
        return nearest(text, known)
    heads = sorted({name.partition("(")[0] for name in known if "(" in name})
    own = [one for one in heads if one == head] or [one for one in heads if nearest(head, [one])]
    family = {
        name.partition("(")[2].removesuffix(")"): name
        for name in known
        if name.partition("(")[0] in own[:1]
    }
    for row in terminology.named(spelt.replace("_", " ")):
        if row.concept in family:
            return f"`{spelt}` is `{row.concept}` here: ask `{family[row.concept]}`"
    close = [name for argument, name in family.items() if nearest(spelt, [argument])]
    return nearest(text, close)
