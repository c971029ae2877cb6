"""How large a box is: room for its title, its status, its name and its ports; a container also for its content."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from sfdebug.drawing.elements import MISSING_TYPE, STATUS_WIDTH, Badge, Zoom, title
from sfdebug.drawing.layout.shelves import on_shelves
from sfdebug.drawing.model import Item, ItemKind
from sfdebug.text import ELLIPSIS, cell_width, fit, fit_ends, stripped

LEAF_HEIGHT: Final = 3
LEAF_WIDTH: Final = 19
"""The least width of a state's box: enough for most titles, so that short names stand in boxes of one width."""

FRAME: Final = 2
"""Columns that a container's frame takes on either side: the border and a blank."""

LEAST_STATUS: Final = 3
"""The cells for a status in a box that gives its blanks away: its sign, and how often."""

_FULL: Final = Zoom.FULL
_RETRY: Final = Badge.RETRY
_UNREACHABLE: Final = Badge.UNREACHABLE
_ENDS: Final = frozenset((Badge.END, Badge.SUCCEED, Badge.FAIL))

_NAMELESS: Final = "(no name)"

_DIVIDER: Final = 3
"""Columns between two branches: a blank, the divider, a blank."""

_PADDING: Final = 5
"""What a box of one row takes besides name and badges: brackets, a blank on either side, and room for a status."""


def badge_width(badges: Sequence[str]) -> int:
    """The cells that badges take after the title."""
    retry = 2 if _RETRY in badges else 0
    return retry + (1 + len(_UNREACHABLE) if _UNREACHABLE in badges else 0)


def has_end_badge(badges: Sequence[str]) -> bool:
    """Whether the lower border ends with the sign of an end."""
    return not _ENDS.isdisjoint(badges)


def name_width(item: Item) -> int:
    """The cells that the whole name of an item takes."""
    return _cells(item.name)


@lru_cache(maxsize=4096)
def _cells(name: str) -> int:
    return cell_width(stripped(name) or _NAMELESS)


def fitted_names(items: Sequence[Item], widths: Sequence[int]) -> list[str]:
    """The names of `items` as they are drawn, each cut to so many cells, so that states of one scope differ."""
    names = [fit(item.name, width) or _NAMELESS for item, width in zip(items, widths, strict=True)]
    alike: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name.endswith(ELLIPSIS):
            alike.setdefault(name, []).append(index)
    for indices in alike.values():
        if len(indices) > 1:
            width = min(widths[index] for index in indices)
            for index, name in zip(indices, _unlike([items[index].name for index in indices], width), strict=True):
                names[index] = name
    return names


def _unlike(names: Sequence[str], width: int) -> list[str]:
    """Names that are alike at the beginning, cut in the middle, with as much of the beginning as leaves them unlike."""
    best: list[str] = []
    for tail in range(width // 3, width - 1):
        fitted = [fit_ends(name, width, tail) for name in names]
        if len(set(fitted)) > len(set(best)):
            best = fitted
    return best or [fit(name, width) for name in names]


class BoxWidths(NamedTuple):
    """What a box takes besides its name and its status, in cells.

    `title` is its upper border: corners, title and badges; `named` is beside the name, which stands in the border where
    the box `is_open`. It is no narrower than its `ports` need, nor than `least` with a status of the full width, before
    which `gap` is blank.
    """

    title: int
    named: int
    is_open: bool
    ports: int
    least: int
    gap: int
    is_marker: bool = False

    def width(self, name: int, status: int) -> int:
        """The least width with so many cells for the name, and for a status. It is odd, so that it has a middle."""
        title, named, is_open, ports, least, gap, is_marker = self
        if is_marker:
            return 1
        border = title + name if is_open else title
        if status:
            border += status + 1
            if status == STATUS_WIDTH:
                border = max(border - 1 + gap, least)
        return max(border, 0 if is_open else named + name, ports) | 1


_MARKER: Final = BoxWidths(0, 0, False, 1, 0, 0, is_marker=True)


def box_widths(item: Item, exits: int, zoom: Zoom) -> BoxWidths:
    """What the box of `item` takes besides its name and its status; that of the start marker has no room for either."""
    if item.kind is ItemKind.START:
        return _MARKER
    badges, is_open = item.badges, item.is_open
    if zoom is not _FULL and not is_open:
        # Lines stand three columns apart, on either side of the middle; the brackets have room for a status.
        return BoxWidths(0, _signed(item, 0) + _PADDING, False, 6 * exits - 3, 0, 0)
    titled = f"{item.type}: " if is_open else title(item.type, item.content, collapsed=item.collapsed)
    border, ports = cell_width(titled) + 4, 2 * exits + 3
    if badges:
        border += badge_width(badges)
        ports += 2 if has_end_badge(badges) else 0
    # The statuses of a Succeed state are short: it cannot fail.
    gap = 0 if badges and Badge.SUCCEED in badges else 1
    return BoxWidths(border, 4, is_open, ports, LEAF_WIDTH if zoom is _FULL else 0, gap)


def name_room(item: Item, width: int, zoom: Zoom) -> int:
    """The cells that a box so wide, no dot and not open, leaves for the name."""
    return width - (4 if zoom is _FULL else _signed(item, 0) + _PADDING)


def dot_width(item: Item, name: int) -> int:
    """What stands behind a dot: a blank, a name of so many cells, and badges."""
    return 1 + _signed(item, name)


def _signed(item: Item, name: int) -> int:
    """The width of a name of so many cells and the badges behind it."""
    return name + (len(item.badges) + 1 if item.badges else 0)


def status_width(type: str, *, is_open: bool, zoom: Zoom) -> int:
    """How many cells of a box are kept free for a status."""
    if type == MISSING_TYPE:
        return 0
    return STATUS_WIDTH if zoom is _FULL or (is_open and zoom is Zoom.LINES) else 1


class Shelves(Struct, frozen=True, gc=False):
    """Where the branches of a container stand, from the inside of its frame, and its dividers in between."""

    width: int
    height: int
    corners: tuple[tuple[int, int], ...]
    dividers: tuple[tuple[int, int, int, bool], ...]


def shelve(sizes: Sequence[tuple[int, int]], limit: int) -> Shelves:
    """Put branches of these sizes side by side, on as few shelves as keep each within `limit` columns."""
    corners: list[tuple[int, int]] = []
    dividers: list[tuple[int, int, int, bool]] = []
    shelves = on_shelves([width for width, _ in sizes], limit, _DIVIDER)
    total = max((_length(sizes, shelf) for shelf in shelves), default=0)
    y = 0
    for number, shelf in enumerate(shelves):
        if number:
            dividers.append((0, y, total, False))
            y += 1
        height = max((sizes[index][1] for index in shelf), default=0)
        x = (total - _length(sizes, shelf)) // 2
        for index in shelf:
            if index != shelf[0]:
                dividers.append((x - 2, y, height, True))
            corners.append((x, y))
            x += sizes[index][0] + _DIVIDER
        y += height
    return Shelves(total, y, tuple(corners), tuple(dividers))


def _length(sizes: Sequence[tuple[int, int]], shelf: Sequence[int]) -> int:
    return sum(sizes[index][0] for index in shelf) + _DIVIDER * (len(shelf) - 1)
