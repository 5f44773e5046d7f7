"""The cases of a set that get another recommendation: as a matrix, as lines, as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from reasoner.cli.words import plural, spoken

if TYPE_CHECKING:
    from reasoner.cli.screen import Screen
    from workbench.difference.flips import Flip, Flips

__all__ = ["flips_csv", "show_flips", "show_moved"]

_ORDER = ("approve", "partial", "refer", "pend", "deny", "not_applicable")


def show_flips(screen: Screen, flips: Flips) -> None:
    """Write the matrix, old recommendations down and new ones across, then the cases that moved."""
    rows = [name for name in _ORDER if name in flips.matrix]
    used = {name for row in flips.matrix.values() for name in row}
    columns = [name for name in _ORDER if name in used]
    width = max((len(spoken(name)) for name in (*rows, *columns)), default=0)
    if rows:
        cells = [spoken(name).rjust(width) for name in columns]
        screen.line("  ".join(["old / new".ljust(width), *cells]).rstrip(), indent=2)
    for name in rows:
        counts = [str(flips.matrix[name].get(other, "")).rjust(width) for other in columns]
        screen.line("  ".join([spoken(name).ljust(width), *counts]).rstrip(), indent=2)
    screen.line(
        f"{len(flips.flips)} of {plural(flips.cases, 'case')} decided differently", indent=2
    )
    show_moved(screen, flips)


def show_moved(screen: Screen, flips: Flips) -> None:
    """Write the cases that moved, and those that could not be decided."""
    for flip in flips.flips:
        screen.line(f"{flip.case}: {_moved(flip)}  {flip.direction}", indent=4)
    for one in flips.unread:
        screen.line(f"{one.case}: not decided: {one.message}", indent=4, tone="bad")


def _moved(flip: Flip) -> str:
    old, new = spoken(flip.old), spoken(flip.new)
    before = old if flip.old_quantity is None else f"{old} {flip.old_quantity}"
    after = new if flip.new_quantity is None else f"{new} {flip.new_quantity}"
    return f"{before} -> {after}"


def flips_csv(flips: Flips) -> str:
    """Return the cases that moved as CSV, one a line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["case", "old", "new", "old_quantity", "new_quantity", "direction"])
    for flip in flips.flips:
        writer.writerow(
            [
                *(flip.case, flip.old, flip.new),
                *("" if n is None else n for n in (flip.old_quantity, flip.new_quantity)),
                flip.direction,
            ]
        )
    return text.getvalue()
