"""The one list of the home screen, with the sections at its left."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.text import clean
from sfdebug.tui.home.items import HomeItem, HomeSection
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from sfdebug.tui.painting.paint import Piece

_SECTION: Final = 16
_OTHERS: Final = 7
_LEAST_LABEL: Final = 14
_ORDER: Final = list(HomeSection)


class HomeList(LineList):
    """The items by section; under one that is unfolded its test cases."""

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, HomeItem] = {}
        self._unfolded: dict[str, tuple[HomeItem, ...]] = {}
        self.rows: list[HomeItem] = []
        self._label = _LEAST_LABEL
        self._wanted = ""
        """The key of the item that the user was at last, which may not be there yet."""

    def put(self, items: Sequence[HomeItem], *, is_anew: bool = False) -> None:
        """Show these too, or `is_anew` these alone; the cursor stays on what it was on."""
        if is_anew:
            self._items.clear()
        self._items.update((item.key, item) for item in items)
        self._arrange()

    def _arrange(self) -> None:
        if not self._wanted and self.item is not None:
            self._wanted = self.item.key
        ordered = sorted(self._items.values(), key=lambda item: _ORDER.index(item.section))
        self.rows = [row for item in ordered for row in (item, *self._unfolded.get(item.key, ()))]
        self._label = max([_LEAST_LABEL, *(cell_len(clean(row.label)) + 2 * row.is_case for row in self.rows)])
        keys = [row.key for row in self.rows]
        self.rows_changed(keys.index(self._wanted) if self._wanted in keys else 0)
        if self._shown and self.position_of(self.cursor) is None:
            self.move_to(self._shown[0])

    def want(self) -> None:
        """Stay on the item under the cursor, whatever comes."""
        self._wanted = self.item.key if self.item is not None else ""

    @property
    def item(self) -> HomeItem | None:
        """The item under the cursor, if it is shown."""
        is_shown = self.cursor < len(self.rows) and self.position_of(self.cursor) is not None
        return self.rows[self.cursor] if is_shown else None

    def unfold(self) -> None:
        """Show the test cases of the item under the cursor. Raises SfdebugError when they cannot be read."""
        item = self.item
        if item is not None and item.cases is not None and item.key not in self._unfolded:
            self._unfolded[item.key] = tuple(item.cases())
            self._arrange()

    def fold(self) -> None:
        """Hide the test cases around the cursor, or under it."""
        item = self.item
        if item is None:
            return
        for key, cases in self._unfolded.items():
            if key == item.key or item in cases:
                self.move_to(next(row for row, one in enumerate(self.rows) if one.key == key))
                self._wanted = key
                del self._unfolded[key]
                self._arrange()
                return

    def filter_by(self, query: str) -> None:
        """Show what matches, with the cursor on the first; with nothing typed, all."""
        self.set_filter(query)
        if self._shown:
            self.move_to(self._shown[0])
        self.want()

    def count_rows(self) -> int:
        """One row for each item and each test case that is unfolded."""
        return len(self.rows)

    def row_text(self, row: int) -> str:
        """All that a filter looks at."""
        item = self.rows[row]
        return f"{item.section} {item.label} {item.detail}"

    @property
    def empty_text(self) -> str:
        """What stands there before anything is known."""
        return "nothing to open"

    @property
    def way_back(self) -> str:
        """How to see all again."""
        return "Esc shows all"

    def _begins_section(self, row: int) -> bool:
        """Whether the row above it, of those shown, is of another section."""
        shown = self._shown
        position = row if isinstance(shown, range) else bisect_left(shown, row)
        return position == 0 or self.rows[shown[position - 1]].section is not self.rows[row].section

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`Samples          ▸ order    an online shop's order: …`."""
        item, glyphs = self.rows[row], glyphs_of(self)
        section = item.section if self._begins_section(row) else ""
        pointer = glyphs.current if row == self.cursor else " "
        fold = ("-" if item.key in self._unfolded else "+") if item.cases is not None else " "
        label = min(self._label, max(_LEAST_LABEL, (width - _SECTION - _OTHERS) // 2))
        paint = "faint" if item.is_missing else "" if item.is_case else "strong"
        indent = "  " if item.is_case else ""
        return [
            (f" {column(section, _SECTION - 1)}", "muted"),
            (f"{pointer} ", "current"),
            (f"{fold} ", "faint"),
            (column(f"{indent}{clean(item.label)}", label), paint),
            ("  ", ""),
            (fit(item.detail, width - _SECTION - _OTHERS - label), "faint" if item.is_missing else "muted"),
        ]
