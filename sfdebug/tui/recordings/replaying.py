"""Replays a recording that was opened without its replay: a little at a time, in between what the screen does."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from sfdebug.history.replay.replay import EVENTS_AT_A_TIME
from sfdebug.times import duration_text
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from sfdebug.debugger import Debugger
    from sfdebug.history.replay.replay import ReplayProgress
    from sfdebug.tui.painting.glyphs import Glyphs

LONG: Final = 3_000
"""From so many events on, a recording is shown before it is replayed."""

_SLICE: Final = 0.012
"""Seconds that are given to the replay at a time: less than a picture takes that follows a key."""

_BREATH: Final = 0.003
"""Seconds in between, in which keys are taken and the screen is painted."""

_CELLS: Final = 10


class ReplayScreen(Protocol):
    """A screen that is there while a recording is replayed."""

    @property
    def debugger(self) -> Debugger:
        """What replays it."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs that are drawn with."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back later."""

    def show_progress(self, text: str) -> None:
        """Say how far it is."""


class BackgroundReplay:
    """The replay of one recording. All of it happens on the screen's own thread, so that nobody else is in the debugger
    meanwhile; whoever has it on another thread, a verb or the end of this, has it alone."""

    def __init__(
        self,
        screen: ReplayScreen,
        is_busy: Callable[[], bool],
        over: Callable[[], None],
        goes_on: Callable[[], object],
    ) -> None:
        """`is_busy` says whether a verb has the debugger; `over` is called once, when it is over or was stopped, and
        `goes_on` now and then before that."""
        self._screen = screen
        self._is_busy = is_busy
        self._over = over
        self._goes_on = goes_on
        self._tenth = 0
        self._began = time.monotonic()
        self._stopping: threading.Thread | None = None
        self.is_under_way = False

    def begin(self) -> None:
        """Begin with it, if there is something to be replayed."""
        if self._screen.debugger.replaying is not None:
            self.is_under_way = True
            self._breathe()

    def stop(self) -> None:
        """Replay no further: what is known by now stays, and nothing is claimed of the rest."""
        if self.is_under_way and not self._is_busy():
            self.is_under_way = False
            # What was recorded is to be put in place of what would have been computed: of a long one, half a second.
            stop = self._screen.debugger.stop_replaying
            self._stopping = threading.Thread(target=stop, name="sfdebug-stopping", daemon=True)
            self._stopping.start()
            self._screen.show_progress("the replay is being stopped")
            self._await_stop()

    @property
    def is_stopping(self) -> bool:
        """Whether it is about to be stopped, and has the debugger on a thread of its own."""
        return self._stopping is not None

    def _await_stop(self) -> None:
        if self._stopping is not None and self._stopping.is_alive():
            self._screen.set_timer(_BREATH, self._await_stop)
        else:
            self._stopping = None
            self._end()

    def _breathe(self) -> None:
        self._screen.set_timer(_BREATH, self._go_on)

    def _go_on(self) -> None:
        if not self.is_under_way:
            return
        if self._is_busy():
            self._breathe()
            return
        progress = self._replayed_until(time.monotonic() + _SLICE)
        if progress is None:
            self._end()
        else:
            self._screen.show_progress(self._text(progress))
            tenth = 10 * progress.done // max(1, progress.of)
            if tenth != self._tenth:
                self._tenth = tenth
                self._goes_on()
            self._breathe()

    def _replayed_until(self, moment: float) -> ReplayProgress | None:
        """Replay until then, or to the end: then None. A verb may have come to the end meanwhile."""
        debugger = self._screen.debugger
        while debugger.replay_on(EVENTS_AT_A_TIME) is not None and time.monotonic() < moment:
            pass
        return debugger.replaying

    def _end(self) -> None:
        self.is_under_way = False
        self._over()

    def _text(self, progress: ReplayProgress) -> str:
        """`━━━━╌╌╌╌╌╌ 40% replayed, Esc stops · 10,000 of 25,000 events · 3 s`: what matters least at the end."""
        glyphs, share = self._screen.glyphs, progress.done / max(1, progress.of)
        bar = glyphs.block * int(_CELLS * share) + glyphs.dash * (_CELLS - int(_CELLS * share))
        seconds = int(time.monotonic() - self._began)
        elapsed = f" {glyphs.dot} {duration_text(1_000 * seconds)}" if seconds else ""
        counts = f"{progress.done:,} of {progress.of:,} events"
        return f"{bar} {share:.0%} replayed, {key_of('program.escape')} stops {glyphs.dot} {counts}{elapsed}"
