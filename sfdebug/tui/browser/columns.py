"""The columns of the lists: which of them have room in so many cells, how wide each is, and what names are cut to."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.text import ELLIPSIS, cell_width, clean, fit_ends
from sfdebug.tui.browser.filters import SortKey
from sfdebug.tui.painting.paint import column

if TYPE_CHECKING:
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece


class ListColumn(Struct, frozen=True):
    """A column that has `least` cells, on a wide terminal `roomy` if that is more, and up to `most` where room is left;
    it gets its share of that by `weight`. `rank` says which of them go first when there is no room for all: the
    highest. What is right-aligned is a number or a length of time; what `keeps_end` is cut in the middle: names differ
    at their ends."""

    id: str
    title: str
    least: int
    rank: int = 0
    weight: int = 0
    most: int = 0
    roomy: int = 0
    sort: SortKey | None = None
    is_right: bool = False
    keeps_end: bool = False


SIGN: Final = 4
"""The cells of the mark and the sign, in front of all columns."""
_GAP: Final = 2
_WIDE: Final = 110
"""From so many cells on, times have their day and year."""

EXECUTION_COLUMNS: Final = (
    ListColumn("status", "STATUS", 9, sort=SortKey.STATUS),
    ListColumn("name", "NAME", 14, weight=3, most=40, sort=SortKey.NAME, keeps_end=True),
    ListColumn("error", "ERROR", 14, 1, weight=3, most=46, sort=SortKey.ERROR),
    ListColumn("state", "STATE", 12, 4, weight=2, most=30),
    ListColumn("started", "STARTED", 14, 2, roomy=19, sort=SortKey.START),
    ListColumn("took", "TOOK", 11, 3, sort=SortKey.DURATION, is_right=True),
    ListColumn("tries", "RETRIES", 7, 5, is_right=True),
    ListColumn("cause", "CAUSE", 30, 6, weight=4, most=120),
)

MACHINE_COLUMNS: Final = (
    ListColumn("name", "STATE MACHINE", 24, weight=1, most=60),
    ListColumn("type", "TYPE", 8, 1),
    ListColumn("running", "RUNNING", 9, is_right=True),
    ListColumn("failed", "FAILED 24 H", 12, is_right=True),
    ListColumn("created", "CREATED", 19, 2),
)

ARCHIVED_COLUMNS: Final = tuple(
    ListColumn("failed", "FAILED", 12, is_right=True) if one.id == "failed" else one for one in MACHINE_COLUMNS
)
"""The same for a folder: what is kept there is old, and all of it counts."""

GROUP_COLUMNS: Final = (
    ListColumn("count", "COUNT", 6, is_right=True),
    ListColumn("error", "ERROR", 16, weight=3, most=46),
    ListColumn("state", "STATE", 12, 1, weight=2, most=30),
    ListColumn("last", "LAST SEEN", 14, 2, roomy=19),
    ListColumn("first", "FIRST SEEN", 14, 3, roomy=19),
    ListColumn("cause", "CAUSE", 24, 4, weight=5, most=120),
)


OVERVIEW_COLUMNS: Final = (
    ListColumn("kind", "BY", 8, 1),
    ListColumn("name", "STATUS OR ERROR", 20, weight=3, most=50),
    ListColumn("count", "COUNT", 7, is_right=True),
    ListColumn("most", "UP TO", 12, 2, is_right=True),
    ListColumn("usual", "MEDIAN", 12, 3, is_right=True),
    ListColumn("first", "FIRST OF THEM", 14, 4, weight=2, most=50, keeps_end=True),
)


class ColumnPlan(Struct, frozen=True):
    """Columns with their widths, in their order."""

    columns: tuple[tuple[ListColumn, int], ...]

    def has(self, id: str) -> bool:
        """Whether there is room for a column."""
        return any(one.id == id for one, _ in self.columns)

    def width_of(self, id: str) -> int:
        """The cells of a column; 0 where there is no room for it."""
        return next((width for one, width in self.columns if one.id == id), 0)

    def heading(self, order: SortKey | None, sign: str) -> list[Piece]:
        """The titles, `sign` beside the one that is sorted by."""
        pieces: list[Piece] = [(" " * SIGN, "")]
        for one, width in self.columns:
            is_order = order is not None and one.sort is order
            pieces.append((_aligned(f"{one.title} {sign}" if is_order else one.title, one, width), _PAINT[is_order]))
            pieces.append((" " * _GAP, ""))
        return pieces

    def cells(self, texts: dict[str, Piece]) -> list[Piece]:
        """A row of cells by the ids of their columns."""
        pieces: list[Piece] = []
        for one, width in self.columns:
            text, paint = texts.get(one.id, ("", ""))
            pieces += [(_aligned(text, one, width), paint), (" " * _GAP, "")]
        return pieces


_PAINT: Final = {True: "strong", False: "muted"}


def _aligned(text: str, one: ListColumn, width: int) -> str:
    fitted = column(fit_name(text, width) if one.keeps_end else text, width)
    if not one.is_right:
        return fitted
    bare = fitted.rstrip(" ")
    return " " * (len(fitted) - len(bare)) + bare


class NamesAlike:
    """The names of a list that differ at some place in them, which is shown where there is no room for all of one."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Look at them when the first one is too long."""
        self._names = names
        self._in_order: Sequence[str] | None = None

    def fitted(self, name: str, width: int) -> str:
        """A name cut to at most `width` cells: behind the word in which it differs from those that are most alike, then
        as much of what all begin with as is in the way, then in the middle."""
        if _excess(name, width) <= 0:
            return fit_name(name, width)
        if self._in_order is None:
            self._in_order = sorted(set(self._names))
        beginning = _alike(self._in_order[0], self._in_order[-1]) if len(self._in_order) > 1 else 0
        end = self._end_of(name)
        if end < len(name) - 1:
            name = name[:end] + ELLIPSIS
        excess = _excess(name, width)
        if excess > 0 and beginning > 1:
            name = ELLIPSIS + name[min(excess + 1, beginning) :]
        return fit_name(name, width)

    def _end_of(self, name: str) -> int:
        """Where the word ends in which a name differs from the one before it and the one after it."""
        assert self._in_order is not None
        at = bisect_left(self._in_order, name)
        beside = [*self._in_order[max(0, at - 1) : at], *self._in_order[at + 1 : at + 2]]
        differs = max((_alike(name, other) for other in beside), default=len(name))
        found = _SIGN.search(name, differs)
        return found.start() if found is not None else len(name)


_SIGN: Final = re.compile(r"[^0-9A-Za-z]")


def _alike(one: str, other: str) -> int:
    """So many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def fit_name(name: str, width: int) -> str:
    """A name cut in the middle to at most `width` cells."""
    if len(name) > _LONGEST:
        name = name[: _LONGEST // 2] + name[-_LONGEST // 2 :]
    return fit_ends(clean(name), width, width * 2 // 3)


def _excess(name: str, width: int) -> int:
    return cell_width(clean(name[:_LONGEST])) - width


_LONGEST: Final = 2_000
"""Characters of a name that are measured."""


def planned(columns: Sequence[ListColumn], width: int) -> ColumnPlan:
    """The columns that fit into `width` cells at their least, widened by what is left."""
    widths = {one.id: max(one.least, one.roomy if width >= _WIDE else 0) for one in columns}
    kept = list(columns)
    room = width - SIGN
    while len(kept) > 1 and sum(widths[one.id] + _GAP for one in kept) - _GAP > room:
        kept.remove(max(kept, key=lambda one: one.rank))
    left = room - sum(widths[one.id] for one in kept) - _GAP * (len(kept) - 1)
    growing = [one for one in kept if one.weight]
    while left > 0 and growing:
        unit = left / sum(one.weight for one in growing)
        for one in growing:
            more = min(max(1, int(unit * one.weight)), one.most - widths[one.id], left)
            widths[one.id] += more
            left -= more
        growing = [one for one in growing if widths[one.id] < one.most]
    return ColumnPlan(tuple((one, widths[one.id]) for one in kept))


def sort_sign(glyphs: Glyphs, *, is_turned: bool) -> str:
    """The sign beside the title of the column that is sorted by."""
    return glyphs.rising if is_turned else glyphs.falling
