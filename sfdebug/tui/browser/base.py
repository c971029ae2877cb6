"""What all lists have: a title, the filter in force, columns, the entry at hand, and the keys."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from textual import on
from textual.screen import Screen
from textual.widgets import Input

from sfdebug.text import clean
from sfdebug.times import zone_text
from sfdebug.tui.browser.columns import planned, sort_sign
from sfdebug.tui.browser.keys import PALETTE, KeyLine, ListKey, bindings, keys_dialog
from sfdebug.tui.browser.lines import EntryDetail, HeadingLine, TwoSidedLine
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.dialogs.frame import DialogNote, text_input
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.line import Line
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from sfdebug.tui.browser.filters import SortOrder
    from sfdebug.tui.painting.paint import Piece

E = TypeVar("E")
T = TypeVar("T")

Clock = Callable[[], int]
"""The time now, in milliseconds since 1970."""

_LEAST_FOR_DETAIL: Final = 18
"""So many rows the terminal has at least where the entry at hand is told."""


_ROOMY: Final = 30
"""So many rows it has where a long text in there gets a second line."""


def wall_clock() -> int:
    """What this machine's clock says."""
    return int(time.time() * 1000)


class ListScreen(ClosesOnce, Screen[None], Generic[E]):
    """A list, and the lines around it. Subclasses say what is in it, and what its keys do."""

    KEYS: ClassVar[tuple[ListKey, ...]] = ()
    FILTER_HINT: ClassVar[str] = "a regular expression, ! in front inverts it"
    AUTO_FOCUS = "EntryList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings((PALETTE,))]

    def __init__(self, entries: EntryList[E], now: Clock) -> None:
        super().__init__()
        self.entries = entries
        self.now = now
        self.title_line = TwoSidedLine("heading")
        self.filter_line = TwoSidedLine("filters")
        self.columns_line = HeadingLine()
        self.detail = EntryDetail()
        self.progress = DialogNote("", id="said")
        self.field = text_input(placeholder=self.FILTER_HINT)
        self.pattern = ""
        """What was typed as a filter."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.title_line
        yield self.filter_line
        yield self.columns_line
        yield self.entries
        yield self.field
        yield self.detail
        yield self.progress
        yield from self.notes()
        yield KeyLine(self.KEYS)

    def notes(self) -> Iterator[Widget]:
        """What stands between what is under way and the keys."""
        yield from ()

    # What a subclass says

    @abstractmethod
    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """The title: what is listed, and from where."""

    @abstractmethod
    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """The filter in force, and what is counted."""

    @abstractmethod
    def about(self, entry: E) -> list[list[Piece]]:
        """The entry at hand, in up to four lines."""

    @abstractmethod
    def refresh_list(self) -> None:
        """Show what is known now, of it what the filter lets through."""

    @abstractmethod
    def open_entry(self, entry: E) -> None:
        """Open an entry."""

    @property
    def order(self) -> SortOrder | None:
        """What it is sorted by, where that can be chosen."""
        return None

    @property
    def filter_text(self) -> str:
        """What the field of the filter begins with."""
        return self.pattern

    def typed(self, text: str) -> None:
        """A filter is being typed."""
        self.pattern = text
        self.refresh_list()

    def reset_filter(self) -> bool:
        """Take the filter away, one part at a time; whether there was one."""
        had, self.pattern = bool(self.pattern), ""
        if had:
            self.refresh_list()
        return had

    def seen(self) -> None:
        """Other rows are in view, or the cursor is on another one."""

    def say(self, text: str) -> None:
        """Show what is under way, or nothing."""
        self.progress.say(f" {text}" if text else "")
        self.progress.display = bool(text)

    # Showing

    def show_lines(self) -> None:
        """Write the lines around the list anew."""
        self.title_line.say(*self.heading())
        self.filter_line.say(*self.filters())
        order = self.order
        sign = sort_sign(glyphs_of(self), is_turned=order.is_turned) if order is not None else ""
        plan = planned(self.entries.COLUMNS, self.app.size.width - 1)
        self.columns_line.say(plan.heading(order.key if order is not None else None, sign))
        self.show_detail()

    def show_detail(self) -> None:
        """Tell the entry at hand."""
        entry = self.entries.entry
        self.detail.say(self.about(entry) if entry is not None else ())

    @property
    def zone_words(self) -> str:
        """The time zone in which times are shown."""
        return zone_text(self.now(), self.entries.zone)

    def on_resize(self, event: events.Resize) -> None:
        """Other columns have room."""
        self.detail.display = event.size.height >= _LEAST_FOR_DETAIL
        self.detail.styles.height = 4 if event.size.height < _ROOMY else 5
        self.show_lines()

    @on(EntryList.Seen)
    @guarded
    def _seen(self, event: EntryList.Seen) -> None:
        event.stop()
        self.seen()
        self.show_detail()

    # Choosing and filtering

    @on(LineList.Chosen)
    @guarded
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the entry at hand."""
        entry = self.entries.entry
        if entry is not None:
            self.open_entry(entry)

    def action_filter(self) -> None:
        """Type a filter."""
        self.field.value = self.filter_text
        self.field.display = True
        self.set_focus(self.field)  # at once: keys that come in one burst are meant for it

    @on(Input.Changed)
    @guarded
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.field.display:
            self.typed(event.value.strip())

    @on(Input.Submitted)
    @guarded
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_field()

    def _close_field(self) -> None:
        self.field.display = False
        self.entries.focus()

    def action_zone(self) -> None:
        """UTC, or the time zone of this machine."""
        self.use_zone(None if self.entries.zone is UTC else UTC)

    def use_zone(self, zone: tzinfo | None) -> None:
        """Show times in this zone (None: that of this machine)."""
        self.entries.zone = zone
        self.entries.refresh_rows()
        self.show_lines()

    def action_help(self) -> None:
        """All keys."""

        async def chosen(action: str | None) -> None:
            if action:
                await self.run_action(action)

        width = min(110, self.app.size.width * 96 // 100)
        self.app.push_screen(keys_dialog("Keys of this list", (*self.KEYS, PALETTE), width), chosen)

    def action_palette(self) -> None:
        """Find a command by its name."""
        from sfdebug.tui.browser.palette import ListPalette

        self.app.push_screen(ListPalette(self.KEYS))

    @on(Line.Picked)
    async def _picked(self, event: Line.Picked) -> None:
        event.stop()
        await self.run_action(event.target)

    # Leaving

    def give_up(self) -> bool:
        """Give up what is under way; whether something was."""
        return False

    def action_back(self) -> None:
        """One level back: the typing, the filter, the screen."""
        if self.field.display:
            self._close_field()
        elif not self.give_up() and not self.reset_filter():
            self.action_leave()

    def action_leave(self) -> None:
        """Leave this list."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()
        else:
            self.app.exit(0)


def entry_lines(*lines: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Lines of pieces, cleaned, the empty ones left out."""
    cleaned = ([(clean(text), paint) for text, paint in line if text] for line in lines)
    return [line for line in cleaned if line]
