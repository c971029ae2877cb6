"""Following an execution that still runs: its new events come in from a thread, and the screen moves with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from sfdebug.debugger.recorded.session import open_recording
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.recording import Recording


class EventSource(Protocol):
    """Where the longer and longer recordings of a running execution come from."""

    def recordings(self) -> Iterable[Recording]:
        """One recording for each time that there was news, as long as the execution runs; called again, it goes on
        after the newest event that it has given. Raises SfdebugError."""

    def cancel(self) -> None:
        """End `recordings` soon, from another thread."""


class NewsShown(Protocol):
    """What shows the news of an execution that is followed."""

    def show_news(self, found: RecordedSession) -> None:
        """More of it is known."""

    def show_ending(self, why: str) -> None:
        """Nothing more comes, though it may still run."""


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

    def start(self, news: NewsShown, tell: Callable[..., object]) -> None:
        """Begin to follow, or go on after it ended; `tell` calls on the thread of the screen what shows the news."""
        self._is_over, self._why = False, ""
        self._thread = threading.Thread(target=self._follow, args=(news, tell), name="sfdebug-follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give up."""
        self._is_over = self._is_stopped = True
        self._source.cancel()

    def _follow(self, news: NewsShown, tell: Callable[..., object]) -> None:
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
                    tell(news.show_news, run)
            except SfdebugError as error:
                why = f"{error.what}\n{error.fix}" if error.fix else error.what
            if not has_ended and not self._is_stopped:
                self._why, self._is_over = why, True
                tell(news.show_ending, why)
        except RuntimeError:
            return  # the screen is gone
        finally:
            if self._thread is threading.current_thread():  # else it is followed again already
                self._is_over = True
