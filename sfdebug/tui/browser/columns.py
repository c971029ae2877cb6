"""The columns of the lists: which of them have room in so many cells, and how wide each is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.tui.browser.filters import SortKey
from sfdebug.tui.painting.paint import column

if TYPE_CHECKING:
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece


class ListColumn(Struct, frozen=True):
    """A column that has `least` cells, on a wide terminal `roomy` if that is more, and up to `most` where room is left;
    it gets its share of that by `weight`. `rank` says which of them go first when there is no room for all: the
    highest. What is right-aligned is a number or a length of time."""

    id: str
    title: str
    least: int
    rank: int = 0
    weight: int = 0
    most: int = 0
    roomy: int = 0
    sort: SortKey | None = None
    is_right: bool = False


SIGN: Final = 4
"""The cells of the mark and the sign, in front of all columns."""
_GAP: Final = 2
_WIDE: Final = 110
"""From so many cells on, times have their day and year."""

EXECUTION_COLUMNS: Final = (
    ListColumn("status", "STATUS", 9, sort=SortKey.STATUS),
    ListColumn("name", "NAME", 14, weight=3, most=40, sort=SortKey.NAME),
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
    ListColumn("first", "FIRST OF THEM", 14, 4, weight=2, most=50),
)


class ColumnPlan(Struct, frozen=True):
    """Columns with their widths, in their order."""

    columns: tuple[tuple[ListColumn, int], ...]

    def has(self, id: str) -> bool:
        """Whether there is room for a column."""
        return any(one.id == id for one, _ in self.columns)

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
    fitted = column(text, width)
    if not one.is_right:
        return fitted
    bare = fitted.rstrip(" ")
    return " " * (len(fitted) - len(bare)) + bare


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
