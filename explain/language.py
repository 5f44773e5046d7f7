"""The languages of a reader: the program's own words, and the sentences of a policy.

English is what rules and views are written in, so it costs nothing. Another language is read
from gettext catalogues: the program's words from `explain/locale/`, the sentences of rules,
clauses and questions from the catalogues beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from reasoner.errors import UsageError, nearest

if TYPE_CHECKING:
    from reasoner.policy import Policy

__all__ = ["ENGLISH", "Language", "Phrase", "Words", "known_languages", "load_language"]

Words = Callable[..., str]
"""The program's own words: a message in English with the values of its placeholders."""

ENGLISH_CODE: Final = "en"
_MOST_ANSWERS = 24  # as many are listed one by one
_CALLED = re.compile(r'^words\((\w+), *"([^"\\]*)"\)\.', re.MULTILINE)
_TELLING: Final = 8  # letters of its own by which a message with values is known
_BRACES = re.compile(r"\{([A-Za-z_][A-Za-z0-9_']*)\}")
_PROGRAM = Path(__file__).resolve().parent


class Phrase(msgspec.Struct, frozen=True):
    """A sentence in the reader's language; English where it is not *translated*."""

    text: str
    translated: bool

    @property
    def marked(self) -> str:
        """The sentence, with a mark where it is English to a reader of something else.

        >>> Phrase("HIV negative", translated=False).marked
        'HIV negative [en]'
        """
        return self.text if self.translated else f"{self.text} [{ENGLISH_CODE}]"


class Language:
    """A language by its *code*, with the *words* of the program and *sentences* of a policy.

    *answers* are what answers are called in sentences, where that is not their name.
    """

    def __init__(
        self,
        code: str,
        words: Mapping[str, str] = {},
        sentences: Mapping[str, str] = {},
        answers: Mapping[str, str] = {},
    ) -> None:
        self.code: Final = code
        self._words = words
        self._sentences = sentences
        self._answers = answers

    def text(self, msgid: str, **values: str) -> str:
        """Return what the program says for *msgid*, `{name}` replaced by the value of *name*.

        >>> ENGLISH.text("page {number}", number="2")
        'page 2'
        """
        return _filled(self._words.get(msgid, msgid), values)

    def told(self, sentence: str) -> Phrase:
        """Return a sentence of the program that its values are already in.

        Of the messages that it fits, the one with the most words of its own is meant.

        >>> ENGLISH.told("`note` is not read").text
        '`note` is not read'
        """
        if self.code == ENGLISH_CODE or sentence in self._words:
            return Phrase(self.text(sentence), translated=True)
        for template, pattern in self._patterns:
            if found := pattern.fullmatch(sentence):
                return Phrase(self.text(template, **found.groupdict()), translated=True)
        return Phrase(sentence, translated=False)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """The messages with values, as what they look like: those that say most come first."""
        found = []
        for template in sorted(self._words, key=lambda one: -len(_BRACES.sub("", one))):
            parts = _BRACES.split(template)
            if len(parts) > 1 and len("".join(parts[::2])) >= _TELLING:
                said = (
                    f"(?P<{one}>.+)" if n % 2 else re.escape(one) for n, one in enumerate(parts)
                )
                found.append((template, re.compile("".join(said), re.DOTALL)))
        return found

    def policy(
        self, template: str, values: Mapping[str, str] = {}, *, names: Collection[str] = ()
    ) -> Phrase:
        """Return a sentence of rules, clauses or questions, `{Variable}` replaced by its value.

        A value that the catalogues know (a drug, an answer) is translated too, unless it is
        one of *names*: a record may be called like a word.

        >>> ENGLISH.policy("{D} is counted.", {"D": "ocrelizumab"}).text
        'ocrelizumab is counted.'
        """
        found = self._sentences.get(template, "") if template else ""
        said = {
            name: value if value in names else self._answers.get(value) or self.word(value)
            for name, value in values.items()
        }
        known = self.code == ENGLISH_CODE or bool(found) or not template
        return Phrase(_filled(found or template, said), known)

    def choice(self, answers: Sequence[str]) -> str:
        """Return *answers* that stay possible as a choice; of very many the first and the last.

        >>> ENGLISH.choice(["yes", "no"]), ENGLISH.choice([str(n) for n in range(1, 61)])
        ('yes or no', '1 … 60, 60 answers')
        """
        if len(answers) <= _MOST_ANSWERS:
            return self.text(" or ").join(answers)
        return self.text(
            "{first} … {last}, {count} answers",
            first=answers[0],
            last=answers[-1],
            count=str(len(answers)),
        )

    def plain(self, answer: str) -> str:
        """Return what *answer* is called in a sentence.

        >>> ENGLISH.plain("not_met")
        'not met'
        """
        word = self.word(answer).replace("_", " ")
        return self._answers.get(word, word)

    def word(self, word: str) -> str:
        """Return one word of a policy or of the program, itself where no catalogue has it.

        >>> ENGLISH.word("not_met")
        'not_met'
        """
        for known in (word, word.replace("_", " ")):
            if found := self._sentences.get(known) or self._words.get(known):
                return found
        return word


ENGLISH: Final = Language(ENGLISH_CODE)


def known_languages() -> list[str]:
    """Return the languages that the program speaks."""
    from reasoner.catalogue import languages_of

    return sorted({ENGLISH_CODE, *languages_of(_PROGRAM)})


def load_language(code: str, policy: Policy) -> Language:
    """Return the language *code*, with the sentences of *policy* where it has them.

    Raises:
        UsageError: the program does not speak it.
        PolicyError: a catalogue cannot be read.
    """
    if code == ENGLISH_CODE:
        return _english(policy)
    known = known_languages()
    if code not in known:
        raise UsageError(
            "usage.language",
            f"there is no language `{code}`",
            where="--lang",
            hint=nearest(code, known) or f"one of {', '.join(known)}",
        )
    from reasoner.catalogue import places, read_folder

    rules = policy.folder.parent.parent
    words = read_folder(_PROGRAM, code, below=_PROGRAM.parent)
    sentences = [
        entry
        for folder in places(rules, policy.id)
        for entry in read_folder(folder, code, below=rules)
    ]
    return Language(
        code,
        {entry.source: entry.text for entry in words if entry.text and not entry.retired},
        {entry.source: entry.text for entry in sentences if entry.text and not entry.retired},
    )


@lru_cache(maxsize=4)
def _english(policy: Policy) -> Language:
    """Return English, with the policy's own words for its answers: `words(rrms, "…")`."""
    found = (_CALLED.findall(file.text) for file in policy.criteria)
    named = {name.replace("_", " "): said for pairs in found for name, said in pairs}
    return Language(ENGLISH_CODE, answers=named)


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _BRACES.sub(lambda found: values.get(found[1], found[1]), template)
