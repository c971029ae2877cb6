"""A menu whose entries each have a letter: one key opens it, the next one chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from msgspec import Struct
from textual import on

from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import Dialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from sfdebug.tui.painting.paint import Piece

V = TypeVar("V")

_LABEL = 20


class MenuItem(Struct, Generic[V], frozen=True):
    """An entry: what it stands for, its letter, its name, what it does, or why it is not possible."""

    value: V
    letter: str
    name: str
    detail: str
    is_possible: bool = True


class MenuList(LineList, Generic[V]):
    """The entries, a line each."""

    DEFAULT_CSS = "MenuList { height: auto; }"

    def __init__(self, items: Sequence[MenuItem[V]]) -> None:
        super().__init__()
        self.add_class("tall")
        self.items = items

    def on_mount(self) -> None:
        """Put the cursor on the first that is possible."""
        self.styles.height = max(1, len(self.items))
        self.rows_changed(next((row for row, item in enumerate(self.items) if item.is_possible), 0))

    def count_rows(self) -> int:
        """How many there are."""
        return len(self.items)

    def row_text(self, row: int) -> str:
        """Its name, and what it does."""
        return f"{self.items[row].name} {self.items[row].detail}"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """` ▸ h  hold it            it stops where it is`."""
        item = self.items[row]
        pointer = glyphs_of(self).current if row == self.cursor else " "
        return [
            (f" {pointer} ", "current"),
            (f"{item.letter}  ", "key" if item.is_possible else "faint"),
            (column(item.name, _LABEL), "" if item.is_possible else "faint"),
            (fit(clean(item.detail), max(1, width - _LABEL - 7)), "muted" if item.is_possible else "faint"),
        ]


class MenuDialog(Dialog[V], Generic[V]):
    """Its answer is the value of what was chosen, by its letter or with Enter; what is not possible says why."""

    HINTS: ClassVar = (("Enter", "do it", "choose"),)

    def __init__(self, title: str, items: Sequence[MenuItem[V]]) -> None:
        super().__init__(title)
        self._items = items
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The entries."""
        yield MenuList(self._items)

    def on_mount(self) -> None:
        """Begin in the list."""
        super().on_mount()
        self.query_one(MenuList).focus()

    def on_key(self, event: events.Key) -> None:
        """Choose by a letter."""
        item = next((one for one in self._items if one.letter == event.character), None)
        if item is not None:
            event.stop()
            event.prevent_default()
            self._choose(item)

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._choose(self._items[event.row])

    def action_choose(self) -> None:
        """Choose the one with the cursor."""
        self._choose(self._items[self.query_one(MenuList).cursor])

    def _choose(self, item: MenuItem[V]) -> None:
        if item.is_possible:
            self.dismiss(item.value)
        else:
            self.complain(item.detail)
