"""How large a box is: room for its title, its status, its name and its ports; a container also for its content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sfdebug.graph.drawing import MISSING_TYPE, STATUS_WIDTH, Badge, Zoom
from sfdebug.graph.model import Item, ItemKind
from sfdebug.graph.width import cell_width, fit

LEAF_HEIGHT: Final = 3
LEAF_WIDTH: Final = 19
"""The least width of a state's box: enough for most titles, so that short names stand in boxes of one width."""

FRAME: Final = 2
"""Columns that a container's frame takes on either side: the border and a blank."""

_DIVIDER: Final = 3
"""Columns between two branches: a blank, the divider, a blank."""


_PADDING: Final = 4
"""What a box of one row takes besides name and badges: brackets, a blank on either side; the last is for a status."""

_DOT: Final = 3
"""What stands before the name of a dot: the gutter, the dot, a blank."""


def title(type: str, content: int, *, collapsed: bool) -> str:
    """What the top border of a closed box says before badges and status: `Task`, `Map: 3 states`."""
    return f"{type}: {content} state{'' if content == 1 else 's'}" if collapsed else type


def badge_width(badges: Sequence[str]) -> int:
    """The cells that badges take after the title."""
    retry = 2 if Badge.RETRY in badges else 0
    return retry + (1 + len(Badge.UNREACHABLE) if Badge.UNREACHABLE in badges else 0)


def has_end_badge(badges: Sequence[str]) -> bool:
    """Whether the lower border ends with the sign of an end."""
    return any(badge in badges for badge in (Badge.END, Badge.SUCCEED, Badge.FAIL))


def fitted_name(item: Item, max_name: int) -> str:
    """The name of `item` as it is drawn."""
    return fit(item.name, max_name) or "(no name)"


def frame_width(item: Item, name: str, exits: int, zoom: Zoom) -> int:
    """The least width of the box: corners, title, badges, status, name, ports; odd, so that it has a middle."""
    if item.kind is ItemKind.START:
        return 1
    if zoom is not Zoom.FULL and not item.is_open:
        signs = len(item.badges) + 1 if item.badges else 0
        named = cell_width(name) + signs + (_DOT if zoom is Zoom.DOTS else _PADDING)
        return max(named, 6 * exits - 3) | 1  # lines stand three columns apart, on either side of the middle
    if item.is_open:
        titled, named = cell_width(f"{item.type}: {name}"), 0
    else:
        titled, named = cell_width(title(item.type, item.content, collapsed=item.collapsed)), cell_width(name) + 4
    border = titled + badge_width(item.badges) + 4
    status = status_width(item.type, is_open=item.is_open, zoom=zoom)
    if status:
        # The statuses of a Succeed state are short: it cannot fail.
        border += status + (0 if Badge.SUCCEED in item.badges else 1)
        border = max(border, LEAF_WIDTH if zoom is Zoom.FULL else 0)
    ports = 2 * exits + 3 + (2 if has_end_badge(item.badges) else 0)
    return max(border, named, ports) | 1


def status_width(type: str, *, is_open: bool, zoom: Zoom) -> int:
    """How many cells of a box are kept free for a status."""
    if type == MISSING_TYPE:
        return 0
    return STATUS_WIDTH if zoom is Zoom.FULL or (is_open and zoom is Zoom.LINES) else 1


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the branches of a container stand, from the inside of its frame, and its dividers in between."""

    width: int
    height: int
    places: tuple[tuple[int, int], ...]
    dividers: tuple[tuple[int, int, int, bool], ...]


def shelve(sizes: Sequence[tuple[int, int]], limit: int) -> Shelves:
    """Put branches of these sizes side by side, on as few shelves as keep each within `limit` columns."""
    widest = max((width for width, _ in sizes), default=0)
    limit = max(limit, widest)
    count = len(_fill(sizes, limit))
    while limit > widest and len(_fill(sizes, limit - 1)) == count:
        limit -= 1  # as many shelves, but of more even lengths
    places: list[tuple[int, int]] = []
    dividers: list[tuple[int, int, int, bool]] = []
    shelves = _fill(sizes, limit)
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
            places.append((x, y))
            x += sizes[index][0] + _DIVIDER
        y += height
    return Shelves(total, y, tuple(places), tuple(dividers))


def _fill(sizes: Sequence[tuple[int, int]], limit: int) -> list[list[int]]:
    shelves: list[list[int]] = []
    used = 0
    for index, (width, _) in enumerate(sizes):
        if shelves and used + _DIVIDER + width <= limit:
            shelves[-1].append(index)
            used += _DIVIDER + width
        else:
            shelves.append([index])
            used = width
    return shelves


def _length(sizes: Sequence[tuple[int, int]], shelf: Sequence[int]) -> int:
    return sum(sizes[index][0] for index in shelf) + _DIVIDER * (len(shelf) - 1)
