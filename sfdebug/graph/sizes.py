"""How large a box is: room for its title, its status, its name and its ports; a container also for its content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sfdebug.graph.drawing import STATUS_WIDTH, Badge
from sfdebug.graph.model import Item, ItemKind
from sfdebug.graph.width import cell_width, clean, fit

LEAF_HEIGHT: Final = 3
LEAF_WIDTH: Final = 19
"""The least width of a state's box: enough for most titles, so that short names stand in boxes of one width."""

FRAME: Final = 2
"""Columns that a container's frame takes on either side: the border and a blank."""

_DIVIDER: Final = 3
"""Columns between two branches: a blank, the divider, a blank."""


def title(item: Item) -> str:
    """What the top border says before the status, badges apart: `Task`, `Map: Each order`, `Map: 3 states`."""
    if item.kind is not ItemKind.CONTAINER:
        return item.type
    if item.collapsed:
        return f"{item.type}: {item.content} state{'' if item.content == 1 else 's'}"
    return f"{item.type}: {clean(item.name)}"


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


def frame_width(item: Item, name: str, exits: int) -> int:
    """The least width of the box: corners, title, badges, status, name, ports; odd, so that it has a middle."""
    if item.kind is ItemKind.START:
        return 1
    if item.kind is ItemKind.CONTAINER and not item.collapsed:
        titled, named = cell_width(f"{item.type}: {name}"), 0
    else:
        titled, named = cell_width(title(item)), cell_width(name) + 4
    border = titled + badge_width(item.badges) + 4
    if item.kind is not ItemKind.MISSING:
        # The statuses of a Succeed state are short: it cannot fail.
        border += STATUS_WIDTH + (0 if Badge.SUCCEED in item.badges else 1)
        border = max(border, LEAF_WIDTH)
    ports = 2 * exits + 3 + (2 if has_end_badge(item.badges) else 0)
    return max(border, named, ports) | 1


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
