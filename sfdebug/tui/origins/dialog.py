"""Who changed a value: a list to walk, over the screen. Enter goes where a line happened, `@` asks on from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.binding import Binding

from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.origins.rows import OriginRow, RowKind
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.debugger.data_origins.model import DataPlace
    from sfdebug.tui.painting.paint import Piece

_WIDEST_STATE: Final = 26
_WIDEST_VALUE: Final = 48
_SIGN: Final = 5
_FRAME: Final = 6
_LEADS: Final = (RowKind.STEP, RowKind.END, RowKind.SOURCE, RowKind.READ, RowKind.WRITE)
_PAINTS: Final = {
    RowKind.STEP: "",
    RowKind.END: "strong",
    RowKind.SOURCE: "",
    RowKind.READ: "",
    RowKind.WRITE: "changed",
}

Asked = Callable[["DataPlace"], "tuple[str, Sequence[OriginRow]]"]
"""Gives the title and the rows of another value."""


class OriginList(LineList):
    """The rows, a line each; headings and notes cannot be chosen."""

    def __init__(self, rows: Sequence[OriginRow]) -> None:
        super().__init__()
        self.add_class("tall")
        self.rows = rows

    def on_mount(self) -> None:
        """Put the cursor on the first step."""
        self.show(self.rows)

    def show(self, rows: Sequence[OriginRow], cursor: int = 1) -> None:
        """Show these rows."""
        self.rows = rows
        self.styles.height = max(1, len(rows))
        self.rows_changed(cursor)

    def count_rows(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def row_text(self, row: int) -> str:
        """What a filter looks at."""
        return f"{self.rows[row].state} {self.rows[row].text}"

    def _widths(self, width: int) -> tuple[int, int, int]:
        """The columns of state, text and value: a value has what the text leaves, and at least a third."""
        state = min(_WIDEST_STATE, max((cell_len(clean(row.state)) for row in self.rows), default=0), width // 4)
        room = max(0, width - _SIGN - state - 4)
        wanted = max((cell_len(clean(row.text)) for row in self.rows if row.kind is not RowKind.NOTE), default=0)
        value = min(max((cell_len(row.shown) for row in self.rows), default=0), _WIDEST_VALUE)
        text = min(wanted, max(room - value, room * 2 // 3))
        return state, text, max(0, room - text)

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`▸ ← Sum          Parameters takes $.order.id        "o-7"`."""
        shown, glyphs = self.rows[row], glyphs_of(self)
        pointer = glyphs.current if row == self.cursor else " "
        if shown.kind is RowKind.HEADING:
            return [(f" {fit(shown.text, width - 2)}", "muted")]
        state, text, value = self._widths(width)
        if shown.kind is RowKind.NOTE:
            return [(f" {pointer}   ", ""), (fit(shown.text, width - 6), "faint")]
        sign = {RowKind.END: glyphs.dot, RowKind.READ: glyphs.arrow[:1], RowKind.WRITE: glyphs.changed}
        indent = "  " if shown.kind is RowKind.SOURCE else ""
        return [
            (f" {pointer} ", "current"),
            (f"{sign.get(shown.kind, ' ')} ", "muted"),
            (column(shown.state, state), "json-key"),
            ("  ", ""),
            (column(f"{indent}{shown.text}", text), _PAINTS[shown.kind]),
            ("  ", ""),
            (fit(shown.shown, value), "muted"),
        ]

    @property
    def whole_width(self) -> int:
        """The columns in which nothing but a very long value is cut."""
        state = min(_WIDEST_STATE, max((cell_len(clean(row.state)) for row in self.rows), default=0))
        text = max((cell_len(clean(row.text)) for row in self.rows), default=0)
        value = min(max((cell_len(row.shown) for row in self.rows), default=0), _WIDEST_VALUE)
        return state + text + value + _SIGN + 8


class OriginDialog(Dialog["DataPlace"]):
    """Its answer is the place to go to."""

    OTHER_ROWS: ClassVar[int] = 8
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("at", "ask", "Ask on", id="origins.ask", show=False),
        Binding("backspace,left,h", "back", "Back", id="origins.back", show=False),
        Binding("q", "close", "Close", id="origins.close", show=False),
    ]

    def __init__(self, title: str, what: str, rows: Sequence[OriginRow], ask: Asked) -> None:
        super().__init__(title)
        self._what = what
        self._ask = ask
        self._before: list[tuple[str, Sequence[OriginRow], int]] = []
        self.list = OriginList(rows)

    def body(self) -> ComposeResult:
        """What the value is, and the rows."""
        yield DialogNote(self._what, classes="explanation", id="what")
        yield self.list

    def needed_width(self) -> int:
        """So that no line is cut."""
        return max(self.list.whole_width, cell_len(clean(self._what))) + _FRAME

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """How to go there, ask on, and leave."""
        back = (("Backspace", "back", "back"),) if self._before else ()
        return (("Enter", "go there", "pick"), ("@", "ask of this one", "ask"), *back, ("Esc", "close", "close"))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_pick()

    def action_pick(self) -> None:
        """Go where the line with the cursor happened."""
        row = self.list.rows[self.list.cursor]
        if row.kind in _LEADS and row.place is not None:
            self.dismiss(row.place)

    def action_ask(self) -> None:
        """Ask the same of the value of the line with the cursor."""
        row = self.list.rows[self.list.cursor]
        if row.kind not in _LEADS or row.place is None:
            return
        self._before.append((self._what, self.list.rows, self.list.cursor))
        what, rows = self._ask(row.place)
        self._show(what, rows, 1)

    def action_back(self) -> None:
        """To the value that was asked about before."""
        if self._before:
            self._show(*self._before.pop())

    def action_close(self) -> None:
        """Leave it."""
        self.dismiss(None)

    def action_cancel(self) -> None:
        """One value back; from the first, leave."""
        if self._before:
            self.action_back()
        else:
            self.dismiss(None)

    def _show(self, what: str, rows: Sequence[OriginRow], cursor: int) -> None:
        self._what = what
        self.query_one("#what", DialogNote).say(what)
        self.list.show(rows, cursor)
        self.show_hints()
        self.on_resize()
