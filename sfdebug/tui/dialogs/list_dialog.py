"""Picking one of several: a fork, a branch, an iteration. Typing filters the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from msgspec import Struct
from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.widgets import Input

from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, text_input
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.tui.painting.paint import Piece

V = TypeVar("V")

_WIDEST_LABEL = 36
_OTHERS = 8
"""Columns of a row that are not its label and its detail."""

_SIGN = "="
"""What picks an item for the other thing."""

_FRAME = 5
"""Columns of the dialog that are not its rows': border, padding, scroll bar."""


class ListItem(Struct, Generic[V], frozen=True):
    """One line to pick. `value` is what the dialog returns; `sign` and `paint` tell its status by more than a word.

    `searched` is what typing filters by, when that is more than the label and the detail: lines that belong together
    have all of their text in it.
    """

    value: V
    label: str
    detail: str = ""
    sign: str = ""
    paint: str = ""
    is_current: bool = False
    searched: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether it is one more line of the item above."""
        return not self.label and not self.sign and bool(self.searched)


class PickList(LineList, Generic[V]):
    """The items, a line each."""

    DEFAULT_CSS = "PickList { height: auto; }"

    def __init__(self, items: Sequence[ListItem[V]], nothing: str) -> None:
        super().__init__()
        self.add_class("tall")
        self.items = items
        self._nothing = nothing
        self._label = max((cell_len(clean(item.label)) for item in items), default=0)
        self._detail = max((cell_len(clean(item.detail)) for item in items), default=0)

    def on_mount(self) -> None:
        """Put the cursor on the item that is current."""
        self.styles.height = max(1, len(self.items))
        self.rows_changed(self.current_row)

    @property
    def current_row(self) -> int:
        """The row of the item that is current, or else the first."""
        return next((row for row, item in enumerate(self.items) if item.is_current), 0)

    def filter_by(self, query: str) -> None:
        """Show what matches; with nothing typed, all, and the cursor where it was at first."""
        self.set_filter(query)
        if not query:
            self.move_to(self.current_row)

    @property
    def way_back(self) -> str:
        """Esc leaves the dialog, so what is typed has to go."""
        return "Backspace shows more"

    def count_rows(self) -> int:
        """How many items there are."""
        return len(self.items)

    def counted(self, rows: Sequence[int]) -> int:
        """How many items these rows are."""
        return sum(not self.items[row].goes_on for row in rows)

    def row_text(self, row: int) -> str:
        """What typing filters by."""
        item = self.items[row]
        return item.searched or f"{item.label} {item.detail}"

    @property
    def empty_text(self) -> str:
        """What stands where there is nothing to pick."""
        return self._nothing

    @property
    def whole_width(self) -> int:
        """The columns in which nothing is cut."""
        return self._label + self._detail + _OTHERS

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """The pointer, the sign, the label and the detail. Where not all has room, a long label gives way first."""
        item = self.items[row]
        pointer = glyphs_of(self).current if row == self.cursor else " "
        room = width - _OTHERS
        label = min(self._label, max(_WIDEST_LABEL, room - self._detail))
        left = room - label
        return [
            (f" {pointer} ", "current"),
            (item.sign or " ", item.paint),
            (" ", ""),
            (column(item.label, label), "strong" if item.is_current else ""),
            ("  ", ""),
            (fit(item.detail, left), "muted"),
        ]


class ListDialog(Dialog[V], Generic[V]):
    """Picks one item and returns its value; None when it is left without picking.

    What is typed filters the items; the arrows move, Enter picks. Where there is another thing to do with an item,
    `=` picks it for that, and `is_other` says so.
    """

    OTHER_ROWS: ClassVar[int] = 11
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", "Down", show=False),
        Binding("up", "move('up')", "Up", show=False),
        Binding("pagedown", "move('page_down')", "Page down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
    ]

    def __init__(
        self,
        title: str,
        items: Sequence[ListItem[V]],
        explanation: str = "",
        *,
        verb: str = "choose",
        nothing: str = "there is nothing to choose",
        other: str = "",
    ) -> None:
        """`verb` says what Enter does with an item, `other` what `=` does: "" for nothing else."""
        super().__init__(title)
        self._other = other
        self.is_other = False
        self._items = items
        self._explanation = explanation
        self._verb = verb
        self._nothing = nothing

    def body(self) -> ComposeResult:
        """The line to type into, and the items; without items, why there are none."""
        if self._explanation:
            yield DialogNote(self._explanation, classes="explanation")
        if not self._items:
            yield DialogNote(self._nothing)
            return
        yield text_input(placeholder="type to filter")
        yield PickList(self._items, self._nothing)

    def needed_width(self) -> int:
        """So that no item is cut."""
        return self.picks.whole_width + _FRAME if self._items else 0

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """How to move, pick and leave."""
        if not self._items:
            return (("Esc", "close", "cancel"),)
        keys = "↑ ↓" if not self.app.has_class("ascii") else "Up Down"
        other = ((_SIGN, self._other, "pick_other"),) if self._other else ()
        return ((keys, "move", "move('down')"), ("Enter", self._verb, "pick"), *other, ("Esc", "cancel", "cancel"))

    @property
    def picks(self) -> PickList[V]:
        """The list of items."""
        return self.query_one(PickList)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._other and _SIGN in event.value:  # it is typed where the filter is: no item's name has it
            event.input.value = event.value.replace(_SIGN, "")
            self.action_pick_other()
            return
        self.picks.filter_by(event.value.strip())
        self.show_note(self.picks.filter_note)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(self._items[event.row].value)

    def action_move(self, where: str) -> None:
        """Move the cursor of the list while the focus stays in the line above."""
        if self._items:
            getattr(self.picks, f"action_{where}")()

    def action_pick_other(self) -> None:
        """Pick the item with the cursor for the other thing."""
        self.is_other = True
        self.action_pick()

    def action_pick(self) -> None:
        """Pick the item with the cursor, if the filter shows it."""
        if self._items and self.picks.position_of(self.picks.cursor) is not None:
            self.dismiss(self._items[self.picks.cursor].value)
