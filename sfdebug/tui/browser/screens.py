"""The screens of the browser: state machines, then executions of one, or the children of a Map Run."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from textual import on
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from sfdebug.aws.arns import read_arn
from sfdebug.aws.express import LogSearch
from sfdebug.aws.listing import (
    CHILDREN_FAILED_FIRST,
    FAILED_FIRST,
    ExecutionEntry,
    MachineEntry,
    Wanted,
    child_pages,
    execution_pages,
    state_machine_pages,
)
from sfdebug.aws.session import AwsReader
from sfdebug.text import clean
from sfdebug.tui.browser.lists import EntryList, ExecutionList, MachineList
from sfdebug.tui.browser.loading import LoadFailed, Once, Opened, PageLoaded, Pages, Progressed, read_ready
from sfdebug.tui.dialogs.frame import DialogNote, text_input
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.terminal.guard import ClosesOnce
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.aws.concurrency import Cancellation, Progress
    from sfdebug.aws.session import Access

E = TypeVar("E", MachineEntry, ExecutionEntry)

_STATUSES: Final = ("", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "SUCCEEDED")
_HOURS: Final = (None, 1, 24, 24 * 7, 24 * 30)
_HOUR: Final = 3_600_000


class BrowserScreen(ClosesOnce, Screen[None], Generic[E]):
    """A list that is read page by page, with a filter by name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter by name", id="browser.filter", show=False),
        Binding("escape", "back", "Back", id="browser.back", show=False),
        Binding("q", "leave", "Leave", id="browser.leave", show=False),
        Binding("f5,R", "reload", "Read again", id="browser.reload", show=False),
    ]
    AUTO_FOCUS = "EntryList"
    KEYS: ClassVar[str] = "Enter open   / name   R read again   q leave"

    def __init__(self, access: Access, entries: EntryList[E], title: str) -> None:
        super().__init__()
        self.access = access
        self.entries: EntryList[E] = entries
        self.heading = title
        self.name_filter = ""
        self.pages: Pages[E] | None = None
        self.opening: Once | None = None

    def compose(self) -> ComposeResult:
        """Title, list, filter, keys."""
        yield DialogNote(f" {clean(self.heading)}", id="heading", classes="title")
        yield self.entries
        yield text_input(placeholder="part of a name, or a pattern with * and ?")
        yield DialogNote("", id="said")
        yield DialogNote(f" {self.KEYS}", id="hints", classes="hints")

    @abstractmethod
    def begin(self, reader: AwsReader) -> Iterator[list[E]]:
        """The pages, as they are filtered now."""

    @abstractmethod
    def choose(self, entry: E) -> None:
        """Open an entry."""

    def describe(self) -> str:
        """What the title says of the filter."""
        return f"name: {self.name_filter}" if self.name_filter else ""

    # Reading

    def on_mount(self) -> None:
        """Read the first page."""
        self.action_reload()

    def reader(self, cancellation: Cancellation) -> AwsReader:
        """Asks AWS until it is cancelled, and says on the screen when it has to wait."""

        def waits(seconds: float, throttled: bool) -> None:
            why = "AWS asks for fewer requests" if throttled else "no good answer from AWS"
            self.post_message(Progressed(f"{why}: once more in {seconds:.0f} s"))

        return AwsReader(self.access, cancellation=cancellation, on_wait=waits)

    def action_reload(self) -> None:
        """Read from the start."""
        self._stop()
        self.say("")
        self.entries.clear("reading from AWS...")
        described = self.describe()
        heading = f" {clean(self.heading)}" + (f"   {clean(described)}" if described else "")
        self.query_one("#heading", DialogNote).say(heading)
        self.pages = Pages(self, lambda cancellation: self.begin(self.reader(cancellation)))
        self.pages.more()

    def _stop(self) -> None:
        if self.pages is not None:
            self.pages.stop()
        if self.opening is not None:
            self.opening.stop()
        self.pages = self.opening = None

    @on(PageLoaded)
    def _page_loaded(self, event: PageLoaded) -> None:
        event.stop()
        if event.loader is not self.pages or self.pages is None:
            return  # of a filter that is not in force any more
        self.pages.is_loading = False
        self.pages.is_over = event.is_last
        entries: list[Any] = list(event.entries)
        self.say("")
        self.entries.add(entries, "nothing fits: / changes the name" if event.is_last else "reading from AWS...")

    @on(EntryList.NearEnd)
    def _near_end(self, event: EntryList.NearEnd) -> None:
        event.stop()
        if self.pages is not None:
            self.pages.more()

    @on(LoadFailed)
    def _load_failed(self, event: LoadFailed) -> None:
        event.stop()
        if event.loader not in (self.pages, self.opening):
            return
        if event.loader is self.pages and self.pages is not None:
            self.pages.is_over = True
            self.entries.add([], "nothing could be read")
        self.opening = None
        self.say("")
        self.app.push_screen(TextDialog("AWS could not be read", event.text))

    @on(Progressed)
    def _progressed(self, event: Progressed) -> None:
        event.stop()
        self.say(event.text)

    def say(self, text: str) -> None:
        """Show a line above the keys, or none."""
        said = self.query_one("#said", DialogNote)
        said.say(text)
        said.display = bool(text)

    # Choosing and filtering

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        if self.opening is None and self.entries.entry is not None:
            self.choose(self.entries.entry)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.name_filter = event.value.strip()
        self.entries.focus()
        self.query_one(Input).display = False
        self.action_reload()

    def action_filter(self) -> None:
        """Type a name."""
        field = self.query_one(Input)
        field.value = self.name_filter
        field.display = True
        self.set_focus(field)  # at once: keys that come in one burst are meant for it

    def action_back(self) -> None:
        """One level back: the opening, the typing, the filter, the screen."""
        field = self.query_one(Input)
        if self.opening is not None:
            self.opening.stop()
            self.opening = None
            self.say("")
        elif field.display:
            field.display = False
            self.entries.focus()
        elif self.name_filter:
            self.name_filter = ""
            self.action_reload()
        else:
            self._leave(0)

    def action_leave(self) -> None:
        """Leave this screen."""
        self._leave(0)

    def _leave(self, code: int) -> None:
        self._stop()
        if len(self.app.screen_stack) > 1:
            self.dismiss()
        else:
            self.app.exit(code)

    def on_unmount(self) -> None:
        """Nothing is read for a screen that is gone."""
        self._stop()


class MachinesScreen(BrowserScreen[MachineEntry]):
    """The state machines of an account and region."""

    def __init__(self, access: Access) -> None:
        where = access.region or "the region of your AWS configuration"
        super().__init__(access, MachineList(), f"State machines in {where}")

    def begin(self, reader: AwsReader) -> Iterator[list[MachineEntry]]:
        """All of them whose names fit."""
        return state_machine_pages(reader, self.name_filter)

    def choose(self, entry: MachineEntry) -> None:
        """Its executions."""
        self.app.push_screen(ExecutionsScreen(self.access, entry.arn, f"Executions of {entry.name}"))


class ExecutionsScreen(BrowserScreen[ExecutionEntry]):
    """The executions of a state machine, or the child executions of a Map Run; failed ones first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "status(1)", "Next status", id="browser.status", show=False),
        Binding("F", "status(-1)", "Status before", id="browser.status_back", show=False),
        Binding("t", "time(1)", "Since when", id="browser.time", show=False),
        Binding("T", "time(-1)", "Since when, back", id="browser.time_back", show=False),
    ]
    KEYS = "Enter open   f status   t time   / name   R read again   Esc back"

    def __init__(
        self, access: Access, arn: str, title: str, *, is_map_run: bool = False, now: Callable[[], float] = time.time
    ) -> None:
        super().__init__(access, ExecutionList(), title)
        self._arn = arn
        self._is_map_run = is_map_run
        self._status = 0
        self._hours = 0
        self._now = now

    def begin(self, reader: AwsReader) -> Iterator[list[ExecutionEntry]]:
        """Those that fit the filters."""
        hours = _HOURS[self._hours]
        since = int(self._now() * 1000) - hours * _HOUR if hours is not None else None
        status = _STATUSES[self._status]
        order = CHILDREN_FAILED_FIRST if self._is_map_run else FAILED_FIRST
        wanted = Wanted((status,) if status else order, self.name_filter, since)
        return (child_pages if self._is_map_run else execution_pages)(reader, self._arn, wanted)

    def describe(self) -> str:
        """The filters in force."""
        hours = _HOURS[self._hours]
        since = "" if hours is None else f"the last {hours} h" if hours < 48 else f"the last {hours // 24} days"
        parts = (_STATUSES[self._status] or "failed first", since, super().describe())
        return " · ".join(part for part in parts if part)

    def action_status(self, step: int) -> None:
        """The next status to filter by, or the one before."""
        self._status = (self._status + step) % len(_STATUSES)
        self.action_reload()

    def action_time(self, step: int) -> None:
        """The next span of time to filter by, or the one before."""
        self._hours = (self._hours + step) % len(_HOURS)
        self.action_reload()

    def choose(self, entry: ExecutionEntry) -> None:
        """Read it, and open it."""
        arn = read_arn(entry.arn)
        search = LogSearch(since=(entry.started_at or 0) - 60_000)

        def begin(what: str) -> Progress:
            self.post_message(Progressed(f"reading {what} of {entry.name}... Esc gives up"))

            def count(done: int, of: int | None) -> None:
                how_far = f"{done:,}" if of is None else f"{done:,} of {of:,}"
                self.post_message(Progressed(f"reading {what} of {entry.name}: {how_far}. Esc gives up"))

            return count

        self.say(f"reading {clean(entry.name)}...")
        self.opening = Once(self, lambda cancellation: read_ready(self.reader(cancellation), arn, begin, search))

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        event.stop()
        if event.loader is not self.opening:
            return
        self.opening = None
        self.say("")
        self.app.push_screen(event.ready.screen(is_nested=True))
