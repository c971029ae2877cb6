"""From AWS to the debug screen: an execution is read, its recording made ready, and followed when it still runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.asl.load import parse_definition
from sfdebug.aws.opening import OpenedExecution, later_events, open_execution
from sfdebug.debugger import Debugger
from sfdebug.debugger.recording import open_recording
from sfdebug.errors import DefinitionError
from sfdebug.history.fetched import recording_of
from sfdebug.history.recording import RecordingError
from sfdebug.tui.recordings.live import Follower

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.arns import Arn
    from sfdebug.aws.fetching import Steps
    from sfdebug.aws.session import Reader
    from sfdebug.history.recording import Recording
    from sfdebug.tui.screens.debug import DebugScreen


@dataclass(frozen=True, slots=True)
class Ready:
    """An execution that can be shown: the debugger on it, and what follows it when it still runs."""

    debugger: Debugger
    title: str
    follower: Follower | None

    def screen(self, *, is_nested: bool) -> DebugScreen:
        """The debug screen on it."""
        from sfdebug.tui.screens.debug import DebugScreen

        return DebugScreen(self.debugger, self.title, is_nested=is_nested, follower=self.follower)


def read_ready(reader: Reader, arn: Arn, steps: Steps, since: int | None, machine: StateMachine | None = None) -> Ready:
    """Read an execution and make it ready; `machine` takes the place of the definition that AWS names.

    Raises AwsError, and RecordingError when there is no event to look at yet.
    """
    opened = open_execution(reader, arn, steps, since)
    definition = machine or _definition_of(opened)
    recording = recording_of(opened, opened.events)
    run = open_recording(recording, definition, is_live=opened.is_running and recording.end is None)
    debugger = Debugger.on_recording(run)
    follower = None
    if run.is_live:
        follower = Follower(_Later(reader, opened), definition)
        debugger.goto_event(recording.events[-1].id)  # where it is now; from there the screen moves along
    return Ready(debugger, opened.name or arn.name, follower)


def _definition_of(opened: OpenedExecution) -> StateMachine | None:
    """The definition; None when there is none, or sfdebug cannot read it: then the events alone are shown."""
    if not opened.definition:
        return None
    try:
        return parse_definition(opened.definition, opened.name or "definition", "json")
    except DefinitionError:
        return None


class _Later:
    """The source of the recordings of an execution that runs."""

    def __init__(self, reader: Reader, opened: OpenedExecution) -> None:
        self._reader = reader
        self._opened = opened

    def recordings(self) -> Iterable[Recording]:
        """A recording of all events so far, each time that there are new ones."""
        events = list(self._opened.events)
        last = events[-1].get("id") if events else 0
        for news in later_events(self._reader, self._opened.arn, last if isinstance(last, int) else 0):
            events += news
            try:
                yield recording_of(self._opened, events)
            except RecordingError:
                continue

    def cancel(self) -> None:
        """Ask for nothing more."""
        self._reader.cancellation.cancel()
