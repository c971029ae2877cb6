"""Something that is read before a screen can show it: how far that is, the way out, how to mend what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual import on
from textual.binding import Binding

from sfdebug.aws.concurrency import Cancellation
from sfdebug.tui.browser.reading import Once, Progressed, ReadingDone, ReadingFailed
from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.terminal.guard import guarded

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.screen import Screen

    from sfdebug.aws.concurrency import Progress
    from sfdebug.aws.fetching import Begin
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tui.browser.places import SourcePlace

MakeScreen: TypeAlias = "Callable[[], Screen[Any]]"
"""Makes the screen, on the program's own thread."""
Work: TypeAlias = "Callable[[ExecutionSource, Begin], MakeScreen]"
"""Reads what a screen shows, on a thread of its own. Raises SfdebugError."""


class ReadingDialog(Dialog["Screen[Any]"]):
    """Reads; its answer is the screen that shows what was read, None when somebody gave up.

    What goes wrong stays there to be read, with how to mend it; R tries again, with new credentials.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R,f5,enter", "again", "Try again", id="reading.again", show=False),
        Binding("q", "cancel", "Give up", id="reading.close", show=False),
    ]

    def __init__(self, title: str, place: SourcePlace, work: Work) -> None:
        super().__init__(title)
        self._place = place
        self._work = work
        self._said = DialogNote("reading...", id="reading")
        self._reading: Once | None = None
        self._cancellation = Cancellation()
        self.trouble = ""

    def body(self) -> ComposeResult:
        """How far it is, or what went wrong."""
        yield self._said

    def on_mount(self) -> None:
        """Begin."""
        super().on_mount()
        self._read()

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The way out, and after trouble the way on."""
        ways = (("R", "tries again", "again"), ("Esc", "close", "cancel"))
        return ways if self.trouble else (("Esc", "give up", "cancel"),)

    def _read(self) -> None:
        self.trouble = ""
        self.complain("")
        self._said.display = True
        self._said.say("reading...")
        self.show_hints()
        self._cancellation = Cancellation()
        cancellation = self._cancellation
        self._reading = Once(self, lambda: self._work(self._place.source(cancellation, self._waits), self._begin))

    def _begin(self, what: str) -> Progress:
        self.post_message(Progressed(f"reading {what}..."))

        def count(done: int, of: int | None) -> None:
            how_far = f"{done:,}" if of is None else f"{done:,} of {of:,}"
            self.post_message(Progressed(f"reading {what}: {how_far}"))

        return count

    def _waits(self, seconds: float, throttled: bool) -> None:
        self.post_message(Progressed.waits(seconds, is_throttled=throttled))

    @on(Progressed)
    @guarded
    def _progressed(self, event: Progressed) -> None:
        event.stop()
        if not self.trouble:
            self._said.say(event.text)

    @on(ReadingDone)
    @guarded
    def _done(self, event: ReadingDone) -> None:
        event.stop()
        if event.reader is self._reading:
            make: MakeScreen = event.result
            self.dismiss(make())

    @on(ReadingFailed)
    @guarded
    def _failed(self, event: ReadingFailed) -> None:
        event.stop()
        if event.reader is self._reading:
            self.trouble = str(event.error)
            self._said.display = False
            self.complain(self.trouble)
            self.show_hints()

    def action_again(self) -> None:
        """Read again, after trouble."""
        if self.trouble:
            self._read()

    def on_unmount(self) -> None:
        """Nothing is read for a dialog that is gone."""
        if self._reading is not None:
            self._reading.stop()
        self._cancellation.cancel()
