"""Following an execution that still runs: its new events come in from a thread, and the screen moves with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from sfdebug.debugger.recorded.session import open_recording
from sfdebug.errors import SfdebugError
from sfdebug.text import counted
from sfdebug.tui.commands.table import BY_ID
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.recording import Recording
    from sfdebug.tui.screens.debug import DebugScreen


class EventSource(Protocol):
    """Where the longer and longer recordings of a running execution come from."""

    def recordings(self) -> Iterable[Recording]:
        """One recording for each time that there was news, as long as the execution runs; called again, it goes on
        after the newest event that it has given. Raises SfdebugError."""

    def cancel(self) -> None:
        """End `recordings` soon, from another thread."""


class Follower:
    """Reads a source on a thread of its own, and hands what it found to the screen."""

    def __init__(
        self, source: EventSource, machine: StateMachine | None, recorded_definition: StateMachine | None = None
    ) -> None:
        """`machine` is what it is looked at with, `recorded_definition` what it runs, where that is known."""
        self._source = source
        self._machine = machine
        self._recorded_definition = recorded_definition
        self._thread: threading.Thread | None = None
        self._is_over = False
        self._is_stopped = False
        self._why = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._is_over

    @property
    def why_ended(self) -> str:
        """Why nothing more comes though the execution may still run; "" while it is followed, and after its end."""
        return self._why

    def start(self, screen: DebugScreen) -> None:
        """Begin to follow, or go on after it ended; `screen` is told of all news on its own thread."""
        tell = screen.app.call_from_thread
        self._is_over, self._why = False, ""
        self._thread = threading.Thread(target=self._follow, args=(screen, tell), name="sfdebug-follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give up."""
        self._is_over = self._is_stopped = True
        self._source.cancel()

    def _follow(self, screen: DebugScreen, tell: Callable[..., object]) -> None:
        try:
            why, has_ended = "AWS gives no more events", False
            try:
                for recording in self._source.recordings():
                    if self._is_stopped:
                        return
                    has_ended = recording.end is not None
                    run = open_recording(
                        recording,
                        self._machine,
                        is_live=not has_ended,
                        recorded_definition=self._recorded_definition,
                    )
                    tell(show_news, screen, run)
            except SfdebugError as error:
                why = f"{error.what}\n{error.fix}" if error.fix else error.what
            if not has_ended and not self._is_stopped:
                self._why, self._is_over = why, True
                tell(show_ending, screen, why)
        except RuntimeError:
            return  # the screen is gone
        finally:
            if self._thread is threading.current_thread():  # else it is followed again already
                self._is_over = True


def show_ending(screen: DebugScreen, why: str) -> None:
    """The execution is not followed any more, though it may still run: say so, and how to go on."""
    if screen.commands.is_running:
        screen.set_timer(0.05, lambda: show_ending(screen, why))
        return
    screen.debugger.set_live(is_live=False)
    screen.refresh_view()
    screen.say(f"following ended: {why}\n{BY_ID['look.follow'].key} follows again", Tone.TROUBLE)


def show_news(screen: DebugScreen, found: RecordedSession) -> None:
    """Show more of an execution: a reader who stood at its end moves on with it, another one stays where they are."""
    if screen.commands.is_running:
        screen.set_timer(0.05, lambda: show_news(screen, found))
        return
    debugger = screen.debugger
    before = len(debugger.timeline.record.past) if debugger.timeline.record is not None else 0
    has_other_machine = found.machine is not debugger.machine
    was_at_end = debugger.take_in(found)
    if has_other_machine:
        screen.graph.load(found.machine)
    screen.refresh_view()
    count = len(found.recording.events) - before
    if found.recording.end is not None:
        screen.say(f"{found.recording.status}: A sums it up, ! goes to what failed" if count else "")
    elif count and not was_at_end:
        screen.say(f"{counted(count, 'new event')}: }} goes to the newest")
