"""What stands beside lines once all have their places: the letters of the legend from top to bottom, one for each text;
where states are dots, the conditions and errors that blank cells have room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.drawing.elements import Label, Layout, Legend, Point, Zoom, along, legend_sign
from sfdebug.text import cell_width

LONGEST: Final = 40
"""A text beside a line among dots takes no more cells."""


class Spoken(Struct, frozen=True, gc=False):
    """What a line says: all that its label cannot, and the same in texts that leave nothing out, the longest first."""

    edges: tuple[int, ...]
    text: str
    whole: tuple[str, ...]


def with_legend(layout: Layout, spoken: Sequence[Spoken], widest: int) -> Layout:
    """The layout with a legend of what is not said in it; `spoken` are by the numbers, from 1, that labels have.

    What stands beside lines among dots may make it as wide as `widest`.
    """
    if layout.zoom is Zoom.DOTS:
        labels, left = _beside_dots(layout, spoken, max(layout.width, widest))
        width = max([layout.width, *(label.x + cell_width(label.text) for label in labels)])
        return replace(layout, width=width, labels=labels, legend=_entries(layout, labels, left)[1])
    labels, legend = _entries(layout, layout.labels, dict(enumerate(spoken, 1)))
    return replace(layout, labels=labels, legend=legend)


def _entries(
    layout: Layout, labels: tuple[Label, ...], spoken: dict[int, Spoken]
) -> tuple[tuple[Label, ...], tuple[Legend, ...]]:
    """The labels with their letters in reading order, and the entries that these stand for."""
    places = {label.number: (label.y, label.x) for label in labels if label.number}
    for number, each in spoken.items():
        if number not in places:
            corners = layout.edges[each.edges[0]].corners
            places[number] = (corners[-1][1], corners[-1][0]) if corners else (layout.height, number)
    legend: dict[str, Legend] = {}
    numbers: dict[int, int] = {}
    for number in sorted(spoken, key=places.__getitem__):
        each = spoken[number]
        known = legend.get(each.text) or Legend(len(legend) + 1, each.text, ())
        legend[each.text] = replace(known, edges=(*known.edges, *each.edges))
        numbers[number] = known.number
    return tuple(_signed(label, numbers) for label in labels), tuple(legend.values())


def _signed(label: Label, numbers: dict[int, int]) -> Label:
    if not label.number:
        return label
    number = numbers[label.number]
    text = f"{label.text[: label.text.rindex(' ')]} {legend_sign(number)}"
    x = label.x + (cell_width(label.text) - cell_width(text) if label.is_before else 0)
    return replace(label, number=number, text=text, x=x)


def _beside_dots(layout: Layout, spoken: Sequence[Spoken], width: int) -> tuple[tuple[Label, ...], dict[int, Spoken]]:
    """The labels that have room in so many columns, and what has none, by its number."""
    blanks = _Blanks(layout, width)
    labels: list[Label] = []
    left: dict[int, Spoken] = {}
    for number, each in enumerate(spoken, 1):
        label = next(blanks.places(each), None)
        if label is None:
            left[number] = each
        else:
            labels.append(label)
            blanks.take(label)
    return tuple(labels), left


class _Blanks:
    """The cells in which nothing stands, in rows without a state."""

    def __init__(self, layout: Layout, width: int) -> None:
        self.layout = layout
        self.width = width
        self.full: set[Point] = set(layout.start)
        self.owners: dict[Point, set[int]] = {}
        self.rows: set[int] = set()
        for box in layout.boxes:
            if box.height == 1:
                self.rows.add(box.y)
            else:
                self.rows |= {box.y, box.bottom}
                self.full.update((x, y) for x in (box.x, box.right) for y in range(box.y, box.bottom + 1))
        for divider in layout.dividers:
            if divider.is_vertical:
                self.full.update((divider.x, y) for y in range(divider.y, divider.y + divider.length))
            else:
                self.rows.add(divider.y)
        for stroke in layout.strokes:
            for at in along(stroke.corners):
                self.owners.setdefault(at, set()).update(stroke.edges)

    def places(self, spoken: Spoken) -> Iterator[Label]:
        """Where what a line says could stand, whole: on the right of a stretch of its own, nearest to its target."""
        own = set(spoken.edges)
        corners = self.layout.edges[spoken.edges[0]].corners
        upright = [at for a, b in pairwise(corners) if a[0] == b[0] for at in along((a, b))]
        for x, y in reversed(upright):
            if y in self.rows or not self.owners.get((x, y), {-1}) <= own:
                continue
            for text in spoken.whole:
                width = cell_width(text)
                if width <= LONGEST and self._is_blank(x + 1, y, width + 2):
                    yield Label(x + 2, y, text, spoken.edges)

    def take(self, label: Label) -> None:
        """Have a label stand in its cells."""
        self.full.update((x, label.y) for x in range(label.x - 1, label.x + cell_width(label.text) + 1))

    def _is_blank(self, x: int, y: int, width: int) -> bool:
        """Whether so many cells are blank; the last may be behind the right end of the drawing."""
        if x + width - 1 > self.width:
            return False
        return not any((column, y) in self.full or (column, y) in self.owners for column in range(x, x + width))
