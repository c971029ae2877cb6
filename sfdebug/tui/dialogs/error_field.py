"""Naming an error: an input with the names that make sense for the state below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from sfdebug.tui.dialogs.error_names import ErrorName, error_names
from sfdebug.tui.dialogs.frame import Field, text_input
from sfdebug.tui.glyphs import glyphs_of
from sfdebug.tui.text import fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.definition import State
    from sfdebug.tui.paint import Piece


class Suggestions(LineList, can_focus=False):
    """The names, a line each. The input above keeps the focus; arrows and clicks there choose here."""

    DEFAULT_CSS = "Suggestions { height: 5; margin-left: 11; }"

    def __init__(self, names: Sequence[ErrorName]) -> None:
        super().__init__()
        self.names = names

    def on_mount(self) -> None:
        """Show the names."""
        self.rows_changed()

    def count_rows(self) -> int:
        """How many names there are."""
        return len(self.names)

    def row_text(self, row: int) -> str:
        """The name."""
        return self.names[row].name

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """The name, and where it is from."""
        entry = self.names[row]
        name = fit(entry.name, width - 4)
        room = width - cell_len(name) - 5
        return [
            (f"{glyphs_of(self).current if row == self.cursor else ' '} ", "current"),
            (name, ""),
            ("  ", ""),
            (fit(entry.note, room) if room > 8 else "", "muted"),
        ]


class ErrorField(Vertical):
    """An error name: typed, or taken from the suggestions with the arrows or the mouse."""

    DEFAULT_CSS = "ErrorField { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "suggest(1)", "Next suggestion", show=False),
        Binding("up", "suggest(-1)", "Previous suggestion", show=False),
    ]

    class Changed(Message):
        """The name is another one."""

        def __init__(self, field: ErrorField, name: str) -> None:
            super().__init__()
            self.field = field
            self.name = name

        @property
        def control(self) -> ErrorField:
            """The field."""
            return self.field

    def __init__(self, state: State, error: str = "", *, rows: int = 5, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = error_names(state)
        first = error or (self._names[0].name if self._names else "")
        self._input = text_input(first, placeholder="an error name")
        self._list = Suggestions(self._names)
        self._list.styles.height = rows

    def compose(self) -> ComposeResult:
        """The input above the suggestions."""
        yield Field("Error", self._input)
        yield self._list

    def focus_input(self) -> None:
        """Give the focus to the input."""
        self._input.focus()

    @property
    def error(self) -> str:
        """The name."""
        return self._input.value.strip()

    def set_error(self, name: str) -> None:
        """Put a name into the input."""
        self._input.value = name

    def show_state(self, state: State) -> None:
        """Suggest names for another state."""
        self._names = error_names(state)
        self._list.names = self._names
        self._list.set_filter("")
        self._list.rows_changed(0)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        name = self.error
        row = next((row for row, entry in enumerate(self._names) if entry.name == name), None)
        if row is None:
            row = next((row for row, entry in enumerate(self._names) if name.lower() in entry.name.lower()), 0)
        self._list.move_to(row)
        self.post_message(self.Changed(self, name))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._take(event.row)
        self._input.focus()

    def action_suggest(self, direction: int) -> None:
        """Take the next name, or the previous one."""
        if not self._names:
            return
        at_cursor = self._names[self._list.cursor].name == self.error
        row = self._list.cursor + direction if at_cursor else self._list.cursor
        self._take(max(0, min(row, len(self._names) - 1)))

    def _take(self, row: int) -> None:
        self._list.move_to(row)
        self._input.value = self._names[row].name
        self._input.cursor_position = len(self._input.value)
