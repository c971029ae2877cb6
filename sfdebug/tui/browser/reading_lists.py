"""What all lists have that are read from an account or a folder: where from, what is under way, and trouble that stays
until it is mended."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from textual import on

from sfdebug.aws.concurrency import Cancellation
from sfdebug.errors import SfdebugError
from sfdebug.executions.account import AccountSource
from sfdebug.text import clean
from sfdebug.tui.browser.base import ListScreen
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.browser.reading import Filled, Once, PageLoaded, Progressed, ReadingDone, ReadingFailed, Work
from sfdebug.tui.browser.switching import place_dialog
from sfdebug.tui.dialogs.frame import DialogNote, painted_lines
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.terminal.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.widget import Widget

    from sfdebug.aws.pacing import Slowdown
    from sfdebug.aws.session import Access
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tui.browser.base import Clock
    from sfdebug.tui.browser.lists import EntryList
    from sfdebug.tui.browser.places import SourcePlace
    from sfdebug.tui.painting.paint import Piece

E = TypeVar("E")
T = TypeVar("T")


class _Working(Struct, frozen=True):
    """A piece of work: what it is called, and what becomes of it."""

    what: str
    reader: Once
    cancellation: Cancellation
    then: Callable[[Any], None]
    refusal: str


class ReadingListScreen(ListScreen[E]):
    """A list that is read, on threads, from a place."""

    def __init__(self, place: SourcePlace, entries: EntryList[E], now: Clock) -> None:
        super().__init__(entries, now)
        self.place = place
        self.cancellation = Cancellation()
        self._source: ExecutionSource | None = None
        self._working: _Working | None = None
        self.trouble_note = DialogNote("", id="trouble")
        self.trouble = ""

    def notes(self) -> Iterator[Widget]:
        """What is to be mended."""
        yield self.trouble_note

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
        self.post_message(Progressed.waits(seconds, is_throttled=throttled))

    @on(Progressed)
    @guarded
    def _progressed(self, event: Progressed) -> None:
        event.stop()
        self.say(event.text)
        if event.is_throttled:
            self.slow_down()

    def slow_down(self) -> None:
        """AWS asks for fewer requests."""

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
        """Give up what is read."""
        if self._working is None:
            return False
        self._working.reader.stop()
        self._working.cancellation.cancel()
        self._working = None
        self.say("")
        return True

    def _worked(self, working: _Working, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        self._working = None
        self.say("")
        if isinstance(event, ReadingFailed):
            self.app.push_screen(TextDialog(working.refusal, str(event.error)))
        elif isinstance(event, ReadingDone):
            working.then(event.result)

    # Elsewhere

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
    @on(ReadingDone)
    @on(ReadingFailed)
    @guarded
    def _arrived(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        event.stop()
        if getattr(event.reader, "is_stopped", False):
            return
        if self._working is not None and event.reader is self._working.reader:
            self._worked(self._working, event)
        else:
            self.take(event)

    @abstractmethod
    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        """Something was read, or could not be."""
