"""What names and labels are cut to, row by row: only in rows that are too wide, and blanks go before letters.

A row may take so many columns. What stands in it is made narrower until it does: labels first give what makes them
longer than a box, then boxes the blanks in their borders, then names and labels letters, the longest first, down to a
least. Where the drawing turns out to have blank cells beside a box, the box grows again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from copy import copy
from itertools import pairwise
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.drawing.elements import Zoom
from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.labels import Caption, fitted_captions, is_whole
from sfdebug.drawing.layout.coordinates import BOX_GAP, separation
from sfdebug.drawing.layout.grid import BOX, LABEL, LABEL_INDENT, Element, Grid, set_label, set_size
from sfdebug.drawing.layout.rails import Rails, exit_counts
from sfdebug.drawing.layout.sizes import (
    LEAF_HEIGHT,
    LEAST_STATUS,
    box_widths,
    dot_width,
    fitted_names,
    name_room,
    name_width,
    status_width,
)
from sfdebug.drawing.model import ItemKind, ScopeModel
from sfdebug.text import cell_width

USUAL_LABEL: Final = 20
"""The longest text beside a line in a row that is too wide: about as wide as a box."""

_LEAST_LABEL: Final = 12
_NO_LIMIT: Final = 1 << 20


Spared: TypeAlias = "tuple[int, int, bool]"
"""A name or a label that is not cut: the id of its scope, the number of its item or wire, and whether it is a label."""


class Room(Struct, frozen=True, gc=False):
    """How many cells a name, a label, and all that stands in a row may take; what names are not cut below in a row.

    `digits` are the letters of a label's sign in the legend, of which every label that is cut has one.
    """

    name: int
    label: int
    row: int
    least: int
    digits: int
    zoom: Zoom = Zoom.FULL
    spared: frozenset[Spared] = frozenset()
    """What is left whole however wide a row becomes."""

    @property
    def is_dots(self) -> bool:
        """Whether states are drawn as dots, with but the legend for what stands beside lines."""
        return self.zoom is Zoom.DOTS


class Widths:
    """How many cells the names of a scope's items take, and the statuses in their upper borders, by item."""

    def __init__(self, scope: ScopeModel, room: Room, rails: Rails | None = None) -> None:
        self.scope = scope
        self.room = room
        exits = exit_counts(scope, rails if rails is not None else Rails({}, {}))
        self.boxes = [box_widths(item, count, room.zoom) for item, count in zip(scope.items, exits, strict=True)]
        self._whole_names = [min(room.name, name_width(item)) for item in scope.items]
        self._whole_statuses = [status_width(item.type, is_open=item.is_open, zoom=room.zoom) for item in scope.items]
        self.opened = [index for index, item in enumerate(scope.items) if item.is_open]
        self._dots = _dots(scope) if room.is_dots else frozenset[int]()
        self._labels: dict[tuple[int, int, int], str] = {}
        self.names = list(self._whole_names)
        self.statuses = list(self._whole_statuses)
        height = LEAF_HEIGHT if room.zoom is Zoom.FULL else 1
        self.sizes = [
            (self.width(index), 1 if item.kind is ItemKind.START else height) for index, item in enumerate(scope.items)
        ]
        """The sizes of all boxes before anything is cut, those of open containers as if they were empty."""

    def anew(self, room: Room) -> Widths:
        """The same in another room, for names as long and states as large, before anything is cut."""
        found = copy(self)
        found.room = room
        found.names, found.statuses = list(self._whole_names), list(self._whole_statuses)
        return found

    @property
    def is_whole(self) -> bool:
        """Whether all names and statuses are as long as they are where there is room."""
        return self.names == self._whole_names and self.statuses == self._whole_statuses

    def is_cut(self, item: int) -> bool:
        """Whether the name or the status of an item is not as long as it is where there is room; -1 is none."""
        return item >= 0 and (
            self.names[item] != self._whole_names[item] or self.statuses[item] != self._whole_statuses[item]
        )

    def cut_names(self) -> list[tuple[int, int]]:
        """The items whose names are cut, with the cells that these lack."""
        pairs = enumerate(zip(self._whole_names, self.names, strict=True))
        return [(item, whole - now) for item, (whole, now) in pairs if whole > now]

    def whole_label(self, wire: int) -> str:
        """The shortest text for a wire that leaves nothing out."""
        captions = self.scope.wires[wire].captions
        limits = range(_LEAST_LABEL, cell_width(fitted_captions(captions, _NO_LIMIT)))
        at = bisect_left(limits, True, key=lambda limit: is_whole(captions, fitted_captions(captions, limit)))
        return fitted_captions(captions, limits[at] if at < len(limits) else _NO_LIMIT)

    def texts(self) -> list[str]:
        """The names as they are drawn."""
        return fitted_names(self.scope.items, self.names)

    def longest_labels(self) -> list[str]:
        """The text of every wire, as long as a row with nothing else in it lets it be."""
        wires, room = self.scope.wires, self.room
        if room.is_dots:
            return [""] * len(wires)
        return [self.label(index, room.label) if wire.captions else "" for index, wire in enumerate(wires)]

    def label(self, wire: int, width: int) -> str:
        """What stands beside a wire in so many cells; a text that does not say all ends with room for its number."""
        key = wire, width, self.room.digits
        known = self._labels.get(key)
        if known is None:
            known = self._labels[key] = _fitted_label(self.scope.wires[wire].captions, width, self.room.digits)
        return known

    def is_dot(self, item: int) -> bool:
        """Whether an item is drawn as a dot."""
        return item in self._dots

    def width(self, item: int) -> int:
        """The least width of an item's box with its name and its status as they are now."""
        if item in self._dots:
            return dot_width(self.scope.items[item], self.names[item]) + 2
        return self.boxes[item].width(self.names[item], self.statuses[item])


class KnownWidths:
    """The widths of the scopes of one machine, each of which is measured once for names as long and states as large."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, Zoom, bool], Widths] = {}

    def of(self, scope: ScopeModel, room: Room, rails: Rails | None = None) -> Widths:
        """Those of a scope in a room, before anything is cut; without `rails`, as if it had none."""
        key = id(scope), room.name, room.zoom, rails is not None and bool(rails.of)
        if key not in self._known:
            self._known[key] = Widths(scope, room, rails)
        return self._known[key].anew(room)


def _dots(scope: ScopeModel) -> frozenset[int]:
    """The items that are drawn as dots, where any are."""
    items = enumerate(scope.items)
    return frozenset(index for index, item in items if not item.is_open and item.kind is not ItemKind.START)


def _fitted_label(captions: Sequence[Caption], width: int, digits: int) -> str:
    number = f" [{'a' * digits}]"
    text = fitted_captions(captions, width + len(number))
    return text if is_whole(captions, text) else fitted_captions(captions, width) + number


def cut_wires(scope: ScopeModel, labels: Sequence[tuple[int, str]], room: Room) -> frozenset[int]:
    """The wires whose labels do not say all, given as they are drawn."""
    if room.is_dots:
        return frozenset(index for index, wire in enumerate(scope.wires) if wire.captions)
    return frozenset(wire for wire, text in labels if not is_whole(scope.wires[wire].captions, text))


class RowFitter:
    """Makes the rows of one grid narrow enough: cuts the texts and sizes of its elements, but for open containers."""

    def __init__(self, grid: Grid, widths: Widths) -> None:
        self.grid = grid
        self.widths = widths

    def fit(self) -> None:
        """Fit every row."""
        room = self.widths.room
        row = room.row
        for rank in self.grid.ranks:
            give_way()
            elements = [self.grid.elements[node] for node in rank]
            if _taken(elements) + (BOX_GAP + 1) * len(rank) > row and row_length(elements) > row:
                boxes = [each for each in elements if each.kind is BOX and not self._is_open(each)]
                labels = [node for node in rank if self.grid.elements[node].kind is LABEL]
                self._squeeze(elements, boxes, labels)
        if room.spared:
            self._spare()

    def _spare(self) -> None:
        """Have names and labels that are not to be cut say all, and take the room that they take."""
        widths, room = self.widths, self.widths.room
        own = id(widths.scope)
        for node, element in enumerate(self.grid.elements):
            if element.kind is LABEL:
                wire = self.grid.labelled[node]
                if (own, wire, True) in room.spared:
                    set_label(element, widths.whole_label(wire))
            elif element.kind is BOX and (own, element.item, False) in room.spared:
                widths.names[element.item] = min(room.name, name_width(widths.scope.items[element.item]))
                self._set([element])

    def _is_open(self, element: Element) -> bool:
        return self.widths.scope.items[element.item].is_open

    def _set(self, boxes: Sequence[Element]) -> None:
        for element in boxes:
            set_size(element, (self.widths.width(element.item), element.height))

    def _squeeze(self, elements: Sequence[Element], boxes: Sequence[Element], labels: Sequence[int]) -> None:
        """Make a row no longer than it may be, or as short as it can be."""
        widths, room = self.widths, self.widths.room
        texts = {node: self.grid.elements[node].label for node in labels}
        names = [widths.names[element.item] for element in boxes]
        blanks = row_length(elements) - _taken(elements)

        def is_short(labelled: int, named: int) -> bool:
            """Make all names and labels no longer than this; whether the row is short enough then."""
            for node, text in texts.items():
                self._cut(node, text, max(labelled, _LEAST_LABEL))
            for element, name in zip(boxes, names, strict=True):
                widths.names[element.item] = min(name, max(named, room.least))
            self._set(boxes)
            return blanks + _taken(elements) <= room.row

        most_label, most_name = max([*map(cell_width, texts.values()), 0]), max([*names, 0])
        if is_short(USUAL_LABEL, most_name):
            last_that_fits(range(USUAL_LABEL, most_label), lambda width: is_short(width, most_name))
            return
        for element in boxes:
            widths.statuses[element.item] = min(widths.statuses[element.item], LEAST_STATUS)
        if not is_short(USUAL_LABEL, most_name):
            longest = max(most_name, USUAL_LABEL)
            last_that_fits(
                range(min(room.least, _LEAST_LABEL), longest), lambda width: is_short(min(width, USUAL_LABEL), width)
            )

    def _cut(self, node: int, text: str, width: int) -> None:
        """Cut the label of `node`, of which `text` is all there is room for, to `width` cells."""
        if cell_width(text) > width:
            shorter = self.widths.label(self.grid.labelled[node], width)
            text = shorter if cell_width(shorter) < cell_width(text) else text
        set_label(self.grid.elements[node], text)


def last_that_fits(limits: range, fits: Callable[[int], bool]) -> None:
    """Ask `fits`, which does what it is asked about, for the last of `limits` that it is true of, or for the first."""
    low, high = 0, len(limits) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(limits[middle]):
            low = middle
        else:
            high = middle - 1
    fits(limits[low])


def _taken(elements: Sequence[Element]) -> int:
    """The columns that elements take by themselves, but for one each."""
    return sum([element.left + element.right for element in elements])


def row_length(elements: Sequence[Element]) -> int:
    """The columns that elements take beside one another, as near as they may be."""
    if not elements:
        return 0
    apart = sum([separation(left, right) for left, right in pairwise(elements)])
    return elements[0].left + apart + elements[-1].right + 1


def grow(grid: Grid, widths: Widths) -> None:
    """Let boxes whose names or statuses are cut take the blank cells beside them, within the drawing.

    The columns of all elements are set, and stay.
    """
    first = min([element.x - element.left for element in grid.elements])
    last = max([element.x + element.right for element in grid.elements])
    for rank in grid.ranks:
        elements = [grid.elements[node] for node in rank]
        for at, (node, element) in enumerate(zip(rank, elements, strict=True)):
            is_label = element.kind is LABEL
            if not _is_cut(grid, node, widths):
                continue
            left, right = element.x - first, last - element.x
            if at:
                left = element.left + element.x - elements[at - 1].x - separation(elements[at - 1], element)
            if at + 1 < len(elements):
                right = element.right + elements[at + 1].x - element.x - separation(element, elements[at + 1])
            if is_label:
                _lengthen(
                    element, grid.labelled[node], (left if element.is_before else right) - LABEL_INDENT + 1, widths
                )
                continue
            needed = _needed(element, widths)
            if needed > element.left + element.right + 1:
                _widen(element, needed, left, right)
                _take_over(element, widths)


def _is_cut(grid: Grid, node: int, widths: Widths) -> bool:
    """Whether an element does not show all of what it may."""
    element = grid.elements[node]
    if element.kind is LABEL:
        return not is_whole(widths.scope.wires[grid.labelled[node]].captions, element.label)
    return widths.is_cut(element.item)


def _lengthen(element: Element, wire: int, free: int, widths: Widths) -> None:
    """Let a label that is cut say more, in so many cells."""
    room = widths.room
    text = widths.label(wire, free - room.digits - 3)
    if cell_width(element.label) < cell_width(text) <= free:
        set_label(element, text)


def _needed(element: Element, widths: Widths) -> int:
    """How wide a box would be if there were room."""
    item, room = widths.scope.items[element.item], widths.room
    name = min(room.name, name_width(item))
    if element.is_dot:
        return element.left + 1 + dot_width(item, name)
    status = status_width(item.type, is_open=False, zoom=room.zoom)
    return widths.boxes[element.item].width(name, status)


def _widen(element: Element, needed: int, left: int, right: int) -> None:
    """Make a box up to `needed` wide, with up to so many cells on either side of its column: evenly, if it may."""
    spare = needed - (element.left + element.right + 1)
    free_left, free_right = max(0, left - element.left), max(0, right - element.right)
    if element.is_dot:
        element.right += min(spare, free_right)
        return
    more_right = min(free_right, spare - min(free_left, spare // 2))
    element.left += min(free_left, spare - more_right)
    element.right += more_right


def _take_over(element: Element, widths: Widths) -> None:
    """Make the name as long, and the status as wide, as the box has become."""
    index, zoom = element.item, widths.room.zoom
    item, width = widths.scope.items[index], element.left + element.right + 1
    full = status_width(item.type, is_open=False, zoom=zoom)
    if element.is_dot:
        free = element.right - dot_width(item, 0)
    else:
        free = name_room(item, width, zoom)
        if widths.boxes[index].width(0, full) <= width:
            widths.statuses[index] = full
    widths.names[index] = max(widths.names[index], min(free, name_width(item), widths.room.name))
