"""What all lists of the browser have: a title, the filter in force, columns, the entry at hand, trouble that stays
until it is mended, and the keys."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from msgspec import Struct
from textual import on
from textual.screen import Screen
from textual.widgets import Input

from sfdebug.aws.concurrency import Cancellation
from sfdebug.errors import SfdebugError
from sfdebug.executions.account import AccountSource
from sfdebug.text import clean
from sfdebug.times import zone_text
from sfdebug.tui.browser.columns import planned, sort_sign
from sfdebug.tui.browser.keys import KeyLine, ListKey, keys_dialog
from sfdebug.tui.browser.lines import EntryDetail, HeadingLine, TwoSidedLine
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.browser.reading import Done, Filled, Once, PageLoaded, Progressed, ReadingFailed, Work
from sfdebug.tui.browser.switching import place_dialog
from sfdebug.tui.dialogs.frame import DialogNote, painted_lines, text_input
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.line import Line
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from sfdebug.aws.pacing import Slowdown
    from sfdebug.aws.session import Access
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tui.browser.filters import SortOrder
    from sfdebug.tui.browser.places import SourcePlace
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


class _Working(Struct, frozen=True):
    """A piece of work: what it is called, and what becomes of it."""

    what: str
    reader: Once
    cancellation: Cancellation
    then: Callable[[Any], None]
    refusal: str


class ListScreen(ClosesOnce, Screen[None], Generic[E]):
    """A list, and the lines around it. Subclasses say what is in it, and what its keys do."""

    KEYS: ClassVar[tuple[ListKey, ...]] = ()
    FILTER_HINT: ClassVar[str] = "a regular expression, ! in front inverts it"
    AUTO_FOCUS = "EntryList"

    def __init__(self, place: SourcePlace, entries: EntryList[E], now: Clock) -> None:
        super().__init__()
        self.place = place
        self.entries = entries
        self.now = now
        self.cancellation = Cancellation()
        self._source: ExecutionSource | None = None
        self._working: _Working | None = None
        self.title_line = TwoSidedLine("heading")
        self.filter_line = TwoSidedLine("filters")
        self.columns_line = HeadingLine()
        self.detail = EntryDetail()
        self.progress = DialogNote("", id="said")
        self.trouble_note = DialogNote("", id="trouble")
        self.field = text_input(placeholder=self.FILTER_HINT)
        self.trouble = ""
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
        yield self.trouble_note
        yield KeyLine(self.KEYS)

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

    # Reading

    @property
    def source(self) -> ExecutionSource:
        """What is read from, as long as it can be."""
        if self._source is None:
            self.cancellation = Cancellation()
            self._source = self.place.source(self.cancellation, self._waits)
        return self._source

    @property
    def slowdown(self) -> Slowdown | None:
        """What is asked more slowly than it could be, because of AWS's quotas or because it has throttled."""
        return self._source.slowdown if isinstance(self._source, AccountSource) else None

    def renew_source(self) -> None:
        """Read through another one from now on, which looks for credentials anew."""
        self.cancellation.cancel()
        self._source = None

    def _waits(self, seconds: float, throttled: bool) -> None:
        why = "AWS asks for fewer requests" if throttled else "no good answer from AWS"
        self.post_message(Progressed(f"{why}: once more in {seconds:.0f} s", is_throttled=throttled))

    @on(Progressed)
    @guarded
    def _progressed(self, event: Progressed) -> None:
        event.stop()
        self.say(event.text)
        if event.is_throttled:
            self.slow_down()

    def slow_down(self) -> None:
        """AWS asks for fewer requests."""

    def say(self, text: str) -> None:
        """Show what is under way, or nothing."""
        self.progress.say(f" {text}" if text else "")
        self.progress.display = bool(text)

    def in_trouble(self, error: SfdebugError) -> None:
        """Say what went wrong, until it is mended; what is known stays where it is."""
        where = f" ({error.where})" if error.where and self.size.width >= 100 else ""
        fix = f" {error.fix}" if error.fix else ""
        self.trouble = f"{error.what}{where}.{fix}"
        self.show_trouble()
        self.say("")

    def show_trouble(self) -> None:
        """Say what is to be mended, if anything is."""
        glyphs = glyphs_of(self)
        words: list[Piece] = [(f" {glyphs.failed} ", "failed"), (clean(self.trouble), "waiting")]
        self.trouble_note.say(painted_lines([[*words, ("  R", "key"), (" goes on", "muted")]]))
        self.trouble_note.display = bool(self.trouble)

    def out_of_trouble(self) -> None:
        """It was mended."""
        self.trouble = ""
        self.trouble_note.display = False

    # Work

    @property
    def is_working(self) -> bool:
        """Whether something is under way that Esc gives up."""
        return self._working is not None

    def work(self, what: str, read: Callable[[Work], T], then: Callable[[T], None], refusal: str) -> None:
        """Read on a thread, "reading run-7" for example, and hand what came of it to `then` on the screen's own.

        Esc gives it up. What goes wrong is told in a dialog with the title `refusal`.
        """
        if self._working is not None:
            self.say(f"{self._working.what}... Esc gives that up")
            return
        cancellation = Cancellation()
        source = self.place.beside(self.source, cancellation)

        def tell(how_far: str) -> None:
            if not cancellation.is_cancelled:
                self.post_message(Progressed(f"{what}: {how_far}. Esc gives up"))

        self.say(f"{what}... Esc gives up")
        reader = Once(self, lambda: read(Work(source, cancellation, tell)))
        self._working = _Working(what, reader, cancellation, then, refusal)

    def give_up(self) -> bool:
        """Give up what is under way; whether something was."""
        if self._working is None:
            return False
        self._working.reader.stop()
        self._working.cancellation.cancel()
        self._working = None
        self.say("")
        return True

    def _worked(self, working: _Working, event: PageLoaded | Filled | Done | ReadingFailed) -> None:
        self._working = None
        self.say("")
        if isinstance(event, ReadingFailed):
            self.app.push_screen(TextDialog(working.refusal, str(event.error)))
        elif isinstance(event, Done):
            working.then(event.result)

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
        self.app.push_screen(keys_dialog("Keys of this list", self.KEYS, width), chosen)

    @on(Line.Picked)
    async def _picked(self, event: Line.Picked) -> None:
        event.stop()
        await self.run_action(event.target)

    def ask_place(self, switched: Callable[[AccountPlace], None]) -> None:
        """Ask for another profile or region."""
        place = self.place
        if not isinstance(place, AccountPlace):
            self.say("these are on this machine: there is no other region")
            return

        def chosen(access: Access | None) -> None:
            if access is not None and access != place.access:
                switched(AccountPlace(access))

        try:
            dialog = place_dialog(place.access)
        except SfdebugError as error:
            self.in_trouble(error)
        else:
            self.app.push_screen(dialog, chosen)

    # Leaving

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

    def on_unmount(self) -> None:
        """Nothing is read for a screen that is gone."""
        self.give_up()
        self.stop_reading()
        self.cancellation.cancel()

    def stop_reading(self) -> None:
        """Nothing that is under way is waited for any more."""

    # What comes from threads

    @on(PageLoaded)
    @on(Filled)
    @on(Done)
    @on(ReadingFailed)
    @guarded
    def _arrived(self, event: PageLoaded | Filled | Done | ReadingFailed) -> None:
        event.stop()
        if getattr(event.reader, "is_stopped", False):
            return
        if self._working is not None and event.reader is self._working.reader:
            self._worked(self._working, event)
        else:
            self.take(event)

    @abstractmethod
    def take(self, event: PageLoaded | Filled | Done | ReadingFailed) -> None:
        """Something was read, or could not be."""


def entry_lines(*lines: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Lines of pieces, cleaned, the empty ones left out."""
    cleaned = ([(clean(text), paint) for text, paint in line if text] for line in lines)
    return [line for line in cleaned if line]
