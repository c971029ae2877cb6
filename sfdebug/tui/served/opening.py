"""A hosted execution made ready for the debug screen: by its decisions, where all of them are known; else from its
history, as a recording is."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Final

from sfdebug.debugger import Debugger
from sfdebug.debugger.following import Following
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.engine import ExecutionStatus
from sfdebug.history.reading.read import parse_recordings
from sfdebug.tui.recordings.live import Follower

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.engine import Execution
    from sfdebug.history.recording import Recording
    from sfdebug.hosting.hosted import HostedExecution

_NEWS_SECONDS: Final = 0.5
"""How often a long execution is looked at for more events."""


class OpenedHosted:
    """A debugger on a hosted execution: `following` its decisions, or with a `follower` of its history."""

    def __init__(self, hosted: HostedExecution, *, is_known: bool) -> None:
        """`is_known`: all that was decided in it is. Raises SfdebugError where it cannot be opened."""
        self.following: Following | None = None
        self.follower: Follower | None = None
        if is_known:
            self.following = Following(hosted.execution)
            self.debugger = self.following.debugger
            return
        execution = hosted.execution
        machine, is_live = execution.machine, execution.status is ExecutionStatus.RUNNING
        run = open_recording(recording_of(execution), machine, is_live=is_live, recorded_definition=machine)
        self.debugger = Debugger.on_recording(run)
        if is_live:
            self.follower = Follower(HostedEvents(hosted), machine, machine)
            self.debugger.goto_event(len(execution.events))


def recording_of(execution: Execution) -> Recording:
    """An execution as far as it has come, as if it had been recorded. Raises RecordingError."""
    data = json.dumps({"events": execution.history}).encode()
    (recording,) = parse_recordings(data, execution.settings.name or execution.machine.name)
    return recording


class HostedEvents:
    """The source of the longer and longer recordings of a hosted execution."""

    def __init__(self, hosted: HostedExecution) -> None:
        self._hosted = hosted
        self._known = len(hosted.execution.events)
        self._cancelled = threading.Event()

    def recordings(self) -> Iterable[Recording]:
        """A recording of all events so far, each time that there are new ones."""
        while not self._cancelled.is_set():
            is_over = self._hosted.over.is_set()
            execution = self._hosted.execution
            if len(execution.events) > self._known:
                self._known = len(execution.events)
                yield recording_of(execution)
            if is_over:
                return
            self._cancelled.wait(_NEWS_SECONDS)

    def cancel(self) -> None:
        """Look no more."""
        self._cancelled.set()
