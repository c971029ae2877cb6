"""A list of lines with a cursor, drawn row by row: as fast with 25,000 rows as with ten."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.cache import LRUCache
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from sfdebug.tui.keys import KeyScope, bindings_for
from sfdebug.tui.painting.paint import Piece, fit, strip_of
from sfdebug.tui.widgets.line import WidgetMessage
from sfdebug.tui.widgets.scrolled import Scrolled
from sfdebug.tui.widgets.search import FilterNote, Matcher, matcher

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

_CACHED_ROWS = 512


class LineList(Scrolled, can_focus=True):
    """Rows that a subclass paints, of which one has the cursor. Rows that a filter hides keep their numbers."""

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(KeyScope.LISTS))

    DEFAULT_CSS = """
    LineList { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    """The row with the cursor, by its number (not by its position on the screen)."""

    class Chosen(WidgetMessage["LineList"]):
        """A row was chosen, with Enter or a click."""

        def __init__(self, lines: LineList, row: int) -> None:
            super().__init__(lines)
            self.row = row

    class Moved(WidgetMessage["LineList"]):
        """The cursor moved to a row by the user's hand."""

        def __init__(self, lines: LineList, row: int) -> None:
            super().__init__(lines)
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: LRUCache[tuple[int, int, str], Strip] = LRUCache(_CACHED_ROWS)
        self._query = ""
        self._shown: Sequence[int] = range(0)

    # What a subclass says about its rows

    @abstractmethod
    def count_rows(self) -> int:
        """How many rows there are, filtered or not."""

    @abstractmethod
    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """The pieces of a row; what goes beyond `width` is cut."""

    @abstractmethod
    def row_text(self, row: int) -> str:
        """The text that a filter looks at."""

    @property
    def standing_row(self) -> int | None:
        """The row that the run stands at; None in a list of something else."""
        return None

    @property
    def empty_text(self) -> str:
        """What an empty list says: the key to press next."""
        return ""

    def counted(self, rows: Sequence[int]) -> int:
        """How many things these rows are."""
        return len(rows)

    @property
    def way_back(self) -> str:
        """How to see all rows again."""
        return "Esc shows all"

    # Content

    def rows_changed(self, cursor: int | None = None) -> None:
        """Paint again after the rows changed; `cursor` puts the cursor on a row and shows it."""
        self._strips.clear()
        self._shown = self._filtered()
        self.set_length(self._length)
        wanted = self.cursor if cursor is None else cursor
        self.set_reactive(LineList.cursor, max(0, min(wanted, self.count_rows() - 1)))
        self.show_row(self.cursor)
        self.repaint()

    @property
    def _length(self) -> Size:
        return Size(self.size.width, max(1, len(self._shown)))

    def set_filter(self, query: str) -> int:
        """Show only the rows that match `query` ("" for all); return how many do."""
        self._query = query
        self.rows_changed()
        if self._shown and self.position_of(self.cursor) is None:
            self.put_cursor(self._shown[0])
        return len(self._shown)

    @property
    def filter_note(self) -> FilterNote | None:
        """The filter in force, with its count, and whether it hides where the run stands; None without one."""
        if not self._query:
            return None
        row, count = self.standing_row, self.counted(range(self.count_rows()))
        hidden = ", current hidden" if row is not None and self.position_of(row) is None else ""
        return FilterNote(self._query, f": {self.counted(self._shown):,} of {count:,}{hidden}")

    @property
    def filter_query(self) -> str:
        """The filter in force, "" for none."""
        return self._query

    def _filtered(self) -> Sequence[int]:
        matches: Matcher | None = matcher(self._query)
        rows = range(self.count_rows())
        return rows if matches is None else [row for row in rows if matches(self.row_text(row))]

    def position_of(self, row: int) -> int | None:
        """Where a row stands among those shown; None when it is filtered out."""
        if isinstance(self._shown, range):
            return row if row in self._shown else None
        position = _bisect(self._shown, row)
        return position if position < len(self._shown) and self._shown[position] == row else None

    # The cursor

    def move_to(self, row: int) -> None:
        """Put the cursor on a row and bring it into view."""
        self.cursor = max(0, min(row, self.count_rows() - 1))

    def put_cursor(self, row: int) -> None:
        """Put the cursor on a row, as by the user's hand."""
        if row != self.cursor:
            self.move_to(row)
            self.post_message(self.Moved(self, self.cursor))

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint the two rows and keep the cursor in view."""
        for row in (before, after):
            position = self.position_of(row)
            if position is not None:
                self.refresh_line(position)
        self.show_row(after)

    def show_row(self, row: int) -> None:
        """Scroll so that a row is in view, with a line around it where there is room."""
        position, height = self.position_of(row), self.scrollable_content_region.height
        if position is None or height <= 0:
            return
        margin = 1 if height > 4 else 0
        top = round(self.scroll_y)
        if position < top + margin:
            self.scroll_to(y=max(0, position - margin), animate=False, force=True)
        elif position >= top + height - margin:
            self.scroll_to(y=position - height + 1 + margin, animate=False, force=True)

    def _move_by(self, rows: int) -> None:
        if not self._shown:
            return
        position = _bisect(self._shown, self.cursor)
        self.cursor = self._shown[max(0, min(position + rows, len(self._shown) - 1))]
        self.post_message(self.Moved(self, self.cursor))

    def action_down(self) -> None:
        """One row down."""
        self._move_by(1)

    def action_up(self) -> None:
        """One row up."""
        self._move_by(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self._move_by(max(1, self.size.height - 2))

    def action_page_up(self) -> None:
        """A page up."""
        self._move_by(-max(1, self.size.height - 2))

    def action_first(self) -> None:
        """To the first row."""
        self._move_by(-len(self._shown))

    def action_last(self) -> None:
        """To the last row."""
        self._move_by(len(self._shown))

    def action_choose(self) -> None:
        """Choose the row with the cursor."""
        if self.position_of(self.cursor) is not None:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the mouse."""
        position = event.y + round(self.scroll_y)
        if 0 <= position < len(self._shown):
            event.stop()
            self.cursor = self._shown[position]
            self.post_message(self.Chosen(self, self.cursor))

    # Painting

    def paint_line(self, y: int) -> Strip:
        """One line of the visible part."""
        width, position = self.size.width, y + round(self.scroll_y)
        if not self._shown and y == 0:
            text = f"nothing matches {fit(self._query, 40)}: {self.way_back}" if self._query else self.empty_text
            return strip_of(self, [(f" {text}", "muted")], width)
        if position >= len(self._shown):
            return strip_of(self, (), width)
        row = self._shown[position]
        under = self.row_under(row)
        key = (row, width, under)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = strip_of(self, self.paint_row(row, width), width, under)
        return strip

    def row_under(self, row: int) -> str:
        """The paint that lies beneath a row: the cursor's, stronger while the list has the focus."""
        if row != self.cursor:
            return ""
        return "cursor" if self.has_focus else "cursor-blurred"

    def notify_style_update(self) -> None:
        """Forget painted rows when the theme or the focus changes."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """Keep the cursor in view in the new size."""
        self.set_length(self._length)
        self.show_row(self.cursor)


def _bisect(rows: Sequence[int], row: int) -> int:
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low
