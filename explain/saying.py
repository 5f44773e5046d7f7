"""What rules say where they hold: their sentences with all values, found near a conclusion."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import msgspec
from clingo import Symbol

from explain.instrument import Fired, by_head
from explain.node import Sentence
from explain.rules import say, spoken
from reasoner.terminology import Terminology

__all__ = ["Derived", "sentence_of", "sentences_of"]


class Derived(msgspec.Struct, frozen=True, eq=False):
    """The rule instances of one program, by what they derive."""

    by_head: dict[Symbol, list[Fired]]

    @classmethod
    def of(cls, fired: Iterable[Fired]) -> Derived:
        """Return *fired* by their heads, those of one head in the order of their rules."""
        return cls(by_head(fired))

    def nearest(
        self,
        starts: Iterable[Symbol],
        speaks: Callable[[Fired], bool],
        past: Callable[[Symbol], bool] = lambda _: False,
    ) -> list[Fired]:
        """Return the nearest instances that *speaks* holds of, from *starts* down.

        Where one speaks, nothing below it is looked at; *past* says where not to look at all.
        """
        found: list[Fired] = []
        queue = deque(starts)
        seen = set(queue)
        while queue:
            for one in self._speaking(queue.popleft(), speaks, found):
                for below in one.below:
                    if below not in seen and not past(below):
                        seen.add(below)
                        queue.append(below)
        return found

    def _speaking(
        self, head: Symbol, speaks: Callable[[Fired], bool], found: list[Fired]
    ) -> list[Fired]:
        """Add what speaks for *head* to *found*; return the rest, to look further."""
        here = self.by_head.get(head, [])
        spoken_here = [one for one in here if speaks(one)]
        found += spoken_here
        return [] if spoken_here else here

    def reached(self, starts: Iterable[Symbol], past: Iterable[str] = ()) -> Iterable[Symbol]:
        """Yield every atom that *starts* rest on, signs left aside, those *past* not followed."""
        queue = deque(starts)
        seen = set(queue)
        names = frozenset(past)
        while queue:
            atom = queue.popleft()
            if names and atom.name in names:
                continue
            yield atom
            for one in self.by_head.get(atom, ()):
                for below in (*one.below, *one.negatives):
                    if below not in seen:
                        seen.add(below)
                        queue.append(below)


def sentence_of(one: Fired, terminology: Terminology) -> Sentence:
    """Return what the rule of *one* says, with its values."""
    values = tuple(
        (name, spoken(value, terminology))
        for name, value in zip(one.rule.variables, one.values, strict=True)
        if f"{{{name}}}" in one.rule.sentence
    )
    return Sentence(say(one.rule.sentence, dict(values)), one.rule.place, one.rule.sentence, values)


def sentences_of(fired: Iterable[Fired], terminology: Terminology) -> tuple[Sentence, ...]:
    """Return what the rules of *fired* say, each sentence once."""
    return tuple(dict.fromkeys(sentence_of(one, terminology) for one in fired))
