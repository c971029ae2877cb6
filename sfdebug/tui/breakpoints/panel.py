"""The panel of breakpoints: what there is, on or off, how often each was hit; what was said in place of stopping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from msgspec.structs import replace
from textual.binding import Binding

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, BreakpointSign
from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text
from sfdebug.debugger.breakpoints.breakpoints import LogLine
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.text import clean, counted
from sfdebug.tui.breakpoints.asking import BREAKPOINT_EXAMPLES, AskTextDialog
from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.painting.glyphs import breakpoint_sign, glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.debugger import Debugger
    from sfdebug.tui.painting.paint import Piece

_MOST_SAID: Final = 200
"""So many of the last messages are listed."""

_HITS: Final = 12
_IN_SESSION: Final = "They stop forward and back. Hits are counted on this timeline, up to where the run stands."

Row: TypeAlias = "Breakpoint | LogLine | str"
"""A breakpoint, a message, or a heading."""


class PointList(LineList):
    """The breakpoints, and below them what they have said up to where the run stands, the newest first."""

    DEFAULT_CSS = "PointList { height: auto; }"

    def __init__(self, debugger: Debugger) -> None:
        super().__init__()
        self.add_class("tall")
        self._debugger = debugger
        self.items: list[Row] = []
        self._hits: dict[Breakpoint, int] = {}

    def on_mount(self) -> None:
        """Read what there is."""
        self.read()

    def read(self, row: int = 0) -> None:
        """Read anew what there is, and put the cursor on a row."""
        points, timeline = self._debugger.breakpoints, self._debugger.timeline
        self.items = list(points.all)
        self._hits = {point: points.hits_so_far(point, timeline) for point in points.all}
        if any(point.message is not None for point in points.all):
            self.items.append(f"Said so far: {points.said_so_far(timeline):,}")
            self.items += reversed(points.log(timeline, last=_MOST_SAID))
        self.styles.height = max(1, len(self.items))
        self.rows_changed(row)

    @property
    def at_hand(self) -> Row | None:
        """What the cursor is on."""
        return self.items[self.cursor] if self.cursor < len(self.items) else None

    def count_rows(self) -> int:
        """How many rows there are."""
        return len(self.items)

    def row_text(self, row: int) -> str:
        """What stands in it."""
        item = self.items[row]
        if isinstance(item, str):
            return item
        return breakpoint_text(item) if isinstance(item, Breakpoint) else item.text

    @property
    def empty_text(self) -> str:
        """What stands where there is none."""
        return "no breakpoints yet: a adds one"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`▸ ◐ Ship order if $.total > 100        3 hits`."""
        item, glyphs = self.items[row], glyphs_of(self)
        if isinstance(item, str):
            return [(f" {item}", "strong")]
        pointer = glyphs.current if row == self.cursor else " "
        if isinstance(item, LogLine):
            number = len(item.cursor.node.execution.events)
            event = f"after event {number:,}  "
            return [(f" {pointer}   ", "current"), (event, "muted"), (fit(item.text, width - len(event) - 5), "")]
        sign = item.sign
        text = breakpoint_text(replace(item, is_on=True))
        hits = counted(self._hits.get(item, 0), "hit")
        paint = "muted" if sign is BreakpointSign.OFF else ""
        return [
            (f" {pointer} ", "current"),
            (breakpoint_sign(sign, glyphs), "faint" if sign is BreakpointSign.OFF else "breakpoint"),
            (" ", ""),
            (column(clean(text), max(8, width - _HITS - 6)), paint),
            (f" {fit(hits, _HITS - 1):>{_HITS - 1}} ", "muted"),
        ]


class BreakpointsDialog(Dialog[Cursor]):
    """All breakpoints, to add, change, switch and take away; the answer is where a message that was chosen was said."""

    OTHER_ROWS: ClassVar[int] = 9
    HINTS: ClassVar = (
        ("a", "add", "add"),
        ("Enter", "change", "choose"),
        ("Space", "on/off", "switch"),
        ("d", "delete", "delete"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,plus", "add", "Add", id="breakpoints.add", show=False),
        Binding("e", "choose", "Change", id="breakpoints.change", show=False),
        Binding("space", "switch", "On or off", id="breakpoints.switch", show=False),
        Binding("d,delete,backspace", "delete", "Delete", id="breakpoints.delete", show=False),
    ]

    def __init__(
        self, debugger: Debugger, changed: Callable[[], None], suggested: str = "", note: str = _IN_SESSION
    ) -> None:
        """`changed` shows the session anew; `suggested` is what a new one begins with, `note` says what they do."""
        super().__init__("Breakpoints")
        self._debugger = debugger
        self._changed = changed
        self._suggested = suggested
        self._note = note
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """What they are, and the list."""
        yield DialogNote(self._note, classes="explanation")
        yield PointList(self._debugger)

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys, and the way out."""
        return (*self.HINTS, ("Esc", "close", "cancel"))

    def on_mount(self) -> None:
        """Start in the list; where it is empty, with a new one."""
        self._list.focus()

    @property
    def _list(self) -> PointList:
        return self.query_one(PointList)

    def action_add(self) -> None:
        """Write another one."""
        self._ask("A new breakpoint", self._suggested, self._added)

    def _added(self, text: str | None) -> None:
        if text is not None:
            self._debugger.breakpoints.add(self._debugger.breakpoints.read(text))
            self._show(len(self._debugger.breakpoints.all) - 1)

    def action_choose(self) -> None:
        """Change the breakpoint with the cursor, or go to where the message was said."""
        item = self._list.at_hand
        if isinstance(item, LogLine):
            self.dismiss(item.cursor)
        elif isinstance(item, Breakpoint):

            def changed(text: str | None) -> None:
                if text is not None:
                    self._debugger.breakpoints.change(item, self._debugger.breakpoints.read(text))
                    self._show(self._list.cursor)

            self._ask("Change the breakpoint", breakpoint_text(item), changed)
        elif item is None:
            self.action_add()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Change what was chosen."""
        event.stop()
        self.action_choose()

    def action_switch(self) -> None:
        """Switch the one with the cursor on or off."""
        item = self._list.at_hand
        if isinstance(item, Breakpoint):
            self._debugger.breakpoints.switch(item)
            self._show(self._list.cursor)

    def action_delete(self) -> None:
        """Take the one with the cursor away."""
        item = self._list.at_hand
        if isinstance(item, Breakpoint):
            self._debugger.breakpoints.remove(item)
            self._show(self._list.cursor)

    def _ask(self, title: str, text: str, answered: Callable[[str | None], None]) -> None:
        read = self._debugger.breakpoints.read
        self.app.push_screen(AskTextDialog(title, text, read, examples=BREAKPOINT_EXAMPLES), answered)

    def _show(self, row: int) -> None:
        self._list.read(row)
        self.on_resize()
        self._changed()
