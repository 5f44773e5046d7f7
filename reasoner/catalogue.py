"""Translations as they are written: gettext catalogues beside what they translate.

A folder `locale/<language>/` holds them, each entry an English sentence and its translation.
Nothing here is read unless a language other than English is asked for, or the rules checked.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from reasoner.errors import PolicyError

__all__ = ["Entry", "languages_of", "places", "read_catalogue", "read_folder"]


class Entry(msgspec.Struct, frozen=True):
    """A translation: the English *source*, the *text* (empty: none yet), its *place*.

    A *retired* entry is commented out: kept by an editor, used by nobody.
    """

    source: str
    text: str
    place: str
    retired: bool = False


def places(rules: Path, policy_id: str) -> tuple[Path, ...]:
    """Return the folders whose sentences a reader of the policy can meet, the nearest last."""
    shared = (rules / name for name in ("core", "library", "terminology"))
    return (*shared, rules / "policies" / policy_id)


def languages_of(folder: Path) -> list[str]:
    """Return the languages in which *folder* has a catalogue, in order."""
    return sorted({path.parent.name for path in folder.glob("locale/*/*.po")})


def read_folder(folder: Path, language: str, *, below: Path) -> list[Entry]:
    """Return the entries of every catalogue of *folder* in *language*, by file and line.

    A place is told from the folder *below* on: `policies/x/locale/es/x.po:12`.

    Raises:
        PolicyError: a catalogue cannot be read.
    """
    found: list[Entry] = []
    for path in sorted((folder / "locale" / language).glob("*.po")):
        found += read_catalogue(path, path.relative_to(below).as_posix())
    return found


def read_catalogue(path: Path, name: str) -> list[Entry]:
    """Return the entries of the catalogue at *path*, which places call *name*.

    A translation that its translator marks as a guess (`fuzzy`) counts as none.

    Raises:
        PolicyError: the file cannot be read.
    """
    import polib

    try:
        # The text, not the path: a path that does not exist would be read as a catalogue.
        text = path.read_text("utf-8")
        entries = polib.pofile(f"{text}\n") if text.strip() else []
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            "translation.file",
            "a catalogue of translations cannot be read",
            where=name,
            hint=str(error).splitlines()[0].removeprefix("Syntax error in po file None "),
        ) from None
    return [
        Entry(
            entry.msgid,
            "" if entry.fuzzy else entry.msgstr,
            f"{name}:{entry.linenum}",
            bool(entry.obsolete),
        )
        for entry in sorted(entries, key=lambda entry: int(entry.linenum or 0))
    ]
