"""The panel of watches: to add, change and take away, and to see them where the data have no room for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from sfdebug.debugger.expressions.language import compile_expression
from sfdebug.tui.breakpoints.asking import EXPRESSION_EXAMPLES, AskTextDialog
from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fitted
from sfdebug.tui.panes.watches import watch_pieces
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.debugger import Debugger
    from sfdebug.debugger.watches import WatchLine
    from sfdebug.tui.painting.paint import Piece


class WatchList(LineList):
    """The watches, a row each."""

    DEFAULT_CSS = "WatchList { height: auto; }"

    def __init__(self, debugger: Debugger) -> None:
        super().__init__()
        self.add_class("tall")
        self._debugger = debugger
        self.lines: Sequence[WatchLine] = ()

    def on_mount(self) -> None:
        """Read what there is."""
        self.read()

    def read(self, row: int = 0) -> None:
        """Read anew what there is, and put the cursor on a row."""
        self.lines = self._debugger.watched()
        self.styles.height = max(1, len(self.lines))
        self.rows_changed(row)

    @property
    def at_hand(self) -> str | None:
        """The text of the one with the cursor."""
        return self.lines[self.cursor].text if self.cursor < len(self.lines) else None

    def count_rows(self) -> int:
        """How many there are."""
        return len(self.lines)

    def row_text(self, row: int) -> str:
        """What is watched."""
        return self.lines[row].text

    @property
    def empty_text(self) -> str:
        """What stands where there is none."""
        return "nothing is watched yet: a adds an expression"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """The pointer, then the watch."""
        glyphs = glyphs_of(self)
        pointer = glyphs.current if row == self.cursor else " "
        return [(f" {pointer}", "current"), *fitted(watch_pieces(self.lines[row], glyphs, width - 2), width - 2)]


class WatchesDialog(Dialog[None]):
    """All watches, with their values before the last step and after it."""

    OTHER_ROWS: ClassVar[int] = 9
    HINTS: ClassVar = (("a", "add", "add"), ("Enter", "change", "choose"), ("d", "delete", "delete"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,plus", "add", "Add", id="watches.add", show=False),
        Binding("e", "choose", "Change", id="watches.change", show=False),
        Binding("d,delete,backspace", "delete", "Delete", id="watches.delete", show=False),
    ]

    def __init__(self, debugger: Debugger, changed: Callable[[], None]) -> None:
        """`changed` shows the session anew."""
        super().__init__("Watches")
        self._debugger = debugger
        self._changed = changed
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """What they are, and the list."""
        note = "Each with its value before the last step, and now. $ is the data where the run stands."
        yield DialogNote(note, classes="explanation")
        yield WatchList(self._debugger)

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys, and the way out."""
        return (*self.HINTS, ("Esc", "close", "cancel"))

    def on_mount(self) -> None:
        """Start in the list."""
        self._list.focus()

    @property
    def _list(self) -> WatchList:
        return self.query_one(WatchList)

    def action_add(self) -> None:
        """Watch another expression."""

        def added(text: str | None) -> None:
            if text is not None:
                self._debugger.watches.add(text)
                self._show(len(self._debugger.watches.texts) - 1)

        self._ask("Watch an expression", "", added)

    def action_choose(self) -> None:
        """Change the one with the cursor."""
        text = self._list.at_hand
        if text is None:
            self.action_add()
            return

        def changed(answer: str | None) -> None:
            if answer is not None:
                self._debugger.watches.change(text, answer)
                self._show(self._list.cursor)

        self._ask("Change the watch", text, changed)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Change what was chosen."""
        event.stop()
        self.action_choose()

    def action_delete(self) -> None:
        """Take the one with the cursor away."""
        text = self._list.at_hand
        if text is not None:
            self._debugger.watches.remove(text)
            self._show(self._list.cursor)

    def _ask(self, title: str, text: str, answered: Callable[[str | None], None]) -> None:
        def check(text: str) -> object:
            return compile_expression(text.strip())

        self.app.push_screen(AskTextDialog(title, text, check, examples=EXPRESSION_EXAMPLES), answered)

    def _show(self, row: int) -> None:
        self._list.read(row)
        self.on_resize()
        self._changed()
