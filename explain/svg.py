"""A proof as a picture: from the result on the left to the records on the right.

What stands in two places of the proof is drawn in full once, in the document's order, and as
a reference (`↗`) after that. So the picture is a tree, no line crosses another, and the same
proof gives the same picture. Widths of text are estimated from a wide font, to be on the safe
side with any other. A box grows with its text; only a text longer than any policy's or
source's is cut, with a mark, and stands in the box's tooltip.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import msgspec

from explain.label import STATUSES, Label, Labels, Link
from explain.language import Phrase
from explain.proof import Proof
from reasoner.plain import plain

__all__ = ["Box", "Line", "Picture", "Row", "draw", "fitted", "svg", "width_of"]

_WIDTHS = (168, 216)
"""Pixels of a box: of the result, of any other."""

_GAP_X, _GAP_Y, _EDGE = 44, 10, 8
_PADDING, _ROW = 8, 15
_SIZE, _BOLD, _SMALL = 11, 1.12, 10 / 11
"""Pixels of the text; how much wider bold letters are, how much smaller a place is set."""

_MOST_BELOW, _MOST = 24, 400
"""Boxes below any but the first, and in all: what is more is counted, not drawn."""

_LONGEST = 300
"""Characters of a text that are looked at; the tooltip shows as many."""

_MOST_ROWS = 14
"""Rows of one text in a box: more than so many characters of usual width take."""

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]/ "), frozenset("mwMW@%&#—…")


class Row(msgspec.Struct, frozen=True):
    """A line of text in a box: *role* is head, state, body or place; *y* its baseline."""

    text: str
    role: str
    y: int


class Box(msgspec.Struct, frozen=True):
    """A box with its upper left corner, its *rows*, and the whole text as its *title*."""

    x: int
    y: int
    width: int
    height: int
    tone: str
    decisive: bool
    reference: bool
    title: str
    rows: tuple[Row, ...]


class Line(msgspec.Struct, frozen=True):
    """A line between two boxes as the `d` of a path; dashed where nothing is rested on it."""

    path: str
    dashed: bool


class Picture(msgspec.Struct, frozen=True):
    """Everything that is drawn, with the size of the whole in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


class _Tree(msgspec.Struct):
    """A box before it has a place, with what hangs below it."""

    rows: list[tuple[str, str]]
    title: str
    label: Label
    dashed: bool = False
    reference: bool = False
    below: list[_Tree] = msgspec.field(default_factory=list)

    @property
    def height(self) -> int:
        return 2 * _PADDING + _ROW * len(self.rows) - 3

    def span(self) -> int:
        """The height of all below it, or its own."""
        below = sum(tree.span() + _GAP_Y for tree in self.below) - _GAP_Y
        return max(self.height, below)


def draw(proof: Proof, labels: Labels) -> Picture:
    """Return the picture of *proof*, with every box in its place."""
    tree = _Planter(proof, labels).plant()
    boxes: list[Box] = []
    lines: list[Line] = []
    _place(tree, _EDGE, _EDGE, 0, boxes, lines)
    return Picture(
        width=max(box.x + box.width for box in boxes) + _EDGE,
        height=max(box.y + box.height for box in boxes) + _EDGE,
        boxes=tuple(boxes),
        lines=tuple(lines),
    )


def svg(proof: Proof, labels: Labels) -> str:
    """Return *proof* as an SVG document of its own, with its colours for light and dark."""
    from explain.templating import render

    picture, result = draw(proof, labels), labels.at(proof.root)
    return render("graph.svg", labels.language, picture=picture, result=result)


class _Planter:
    """Makes the tree of boxes out of the graph."""

    def __init__(self, proof: Proof, labels: Labels) -> None:
        self.graph = proof.graph
        self.root = proof.root
        self.labels = labels
        self.drawn: set[str] = set()
        self.count = 0

    def plant(self) -> _Tree:
        return self._plant(self.root, Link("", (), used=True, aside=False), _WIDTHS[0])

    def _plant(self, key: str, link: Link, width: int) -> _Tree:
        label = self.labels.at(key)
        again = key in self.drawn
        self.drawn.add(key)
        self.count += 1
        tree = _Tree(
            rows=_reference(label, width) if again else _rows(label, link, width),
            title=label.heading if again else _whole(label, link),
            label=label,
            dashed=not link.used or link.aside or label.kind == "absence",
            reference=again,
        )
        if again:
            return tree
        below = list(self.graph[key].items())
        # A last one that is told by its number takes as much room as the one it stands for.
        many = len(below) > _MOST_BELOW and key != self.root
        shown = below[: _MOST_BELOW - 1] if many else below
        for target, edge in shown:
            if self.count >= _MOST:
                break
            tree.below.append(self._plant(target, self.labels.link(edge), _WIDTHS[1]))
        if len(tree.below) < len(below):
            tree.below.append(self._more(len(below) - len(tree.below)))
        return tree

    def _more(self, count: int) -> _Tree:
        said = self.labels.language.text("{count} more, not drawn", count=str(count))
        label = Label("more", STATUSES["more"], said, Phrase("", translated=True))
        return _Tree([("head", f"… {said}")], said, label, dashed=True)


def _place(tree: _Tree, x: int, top: int, depth: int, boxes: list[Box], lines: list[Line]) -> Box:
    """Give *tree* its place, from *top* on, and all below it theirs."""
    width = _WIDTHS[min(depth, 1)]
    y = top + (tree.span() - tree.height) // 2
    rows = tuple(
        Row(text, role, y + _PADDING + _ROW * index + 11)
        for index, (role, text) in enumerate(tree.rows)
    )
    box = Box(
        x,
        y,
        width,
        tree.height,
        tree.label.status.tone,
        tree.label.decisive,
        tree.reference,
        tree.title,
        rows,
    )
    boxes.append(box)
    whole = sum(below.span() + _GAP_Y for below in tree.below) - _GAP_Y
    top += max(0, (tree.span() - whole) // 2)
    for below in tree.below:
        other = _place(below, x + width + _GAP_X, top, depth + 1, boxes, lines)
        lines.append(Line(_curve(box, other), below.dashed))
        top += below.span() + _GAP_Y
    return box


def _curve(left: Box, right: Box) -> str:
    x1, y1 = left.x + left.width, left.y + left.height // 2
    x2, y2 = right.x, right.y + right.height // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"


def _rows(label: Label, link: Link, width: int) -> list[tuple[str, str]]:
    """Return the rows of a box, each with its role."""
    status = label.status
    state = "" if label.kind in ("result", "question", "absence") else status.word
    if label.kind == "question" and label.value:
        state = f"= {label.value}" + (f" ({status.word})" if status.word else "")
    elif label.value:
        state = f"{state} = {label.value}".strip()
    body = " ".join(told.said.text for told in link.told) or label.title.text
    name = label.name if status is STATUSES["settled"] else f"{status.mark} {label.name}"
    rows = [("head", text) for text in fitted(name, width, _MOST_ROWS, _BOLD)]
    rows += [("state", text) for text in fitted(state, width, _MOST_ROWS, _BOLD)]
    rows += [("body", text) for text in fitted(body, width, _MOST_ROWS)]
    place = "  ".join(part for part in (label.day, label.place.text) if part)
    rows += [("place", text) for text in fitted(place, width, _MOST_ROWS, _SMALL)]
    return rows


def _reference(label: Label, width: int) -> list[tuple[str, str]]:
    return [("head", text) for text in fitted(f"↗ {label.heading}", width, _MOST_ROWS)]


def _whole(label: Label, link: Link) -> str:
    told = " ".join(told.said.text for told in link.told)
    parts = (label.heading, label.status.word, told, label.title.text, label.day, label.place.text)
    short = (part[:_LONGEST] + "…" if len(part) > _LONGEST else part for part in parts)
    return plain(". ".join(part.rstrip(".") for part in dict.fromkeys(short) if part))


def fitted(text: str, width: int, rows: int, scale: float = 1.0) -> list[str]:
    """Return *text* in at most *rows* rows of a box *width* pixels wide, the rest cut.

    *scale* is the size of its letters as a part of the usual one.

    >>> fitted("one two three four", 60, 2)
    ['one', 'two…']
    """
    room = (width - 2 * _PADDING) / scale
    lines: list[str] = []
    line = ""
    # No more than can be seen is measured: a text may be as long as it likes.
    seen = text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
    for word in _words(plain(seen).split(), room):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    lines += [line] if line else []
    if len(lines) <= rows:
        return lines
    last = lines[rows - 1]
    while last and width_of(f"{last}…") > room:
        last = last[:-1]
    return [*lines[: rows - 1], f"{last.rstrip()}…"]


def _words(words: list[str], room: float) -> Iterator[str]:
    """Yield words, one that is wider than a row in parts."""
    for word in words:
        rest = word
        while width_of(rest) > room:
            cut = next(i for i in range(1, len(rest) + 1) if width_of(rest[: i + 1]) > room)
            # Rather after a bracket or an underscore than in the middle of a word.
            soft = max(rest.rfind(mark, 1, cut - 1) for mark in "(_-/") + 1
            cut = soft if soft > cut // 2 else cut
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def width_of(text: str) -> float:
    """Return the width of *text* in pixels, rather too much than too little.

    >>> width_of("illi") < width_of("mama")
    True
    """
    return sum(map(_advance, text)) * _SIZE


def _advance(character: str) -> float:
    """Return the width of a character as a part of the size of the text."""
    if character in _NARROW:
        return 0.42
    if character in _WIDE:
        return 1.0
    if character.isascii():
        return 0.76 if character.isupper() else 0.65
    if unicodedata.combining(character):
        return 0.0
    return 1.1 if unicodedata.east_asian_width(character) in "WF" else 0.85
