"""An execution made ready for the debug screen: from AWS, where what happens next to it is followed, or as recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.asl.load import parse_definition
from sfdebug.aws.arns import read_arn
from sfdebug.aws.errors import DeniedError
from sfdebug.aws.express import ANYWHERE, LogSearch
from sfdebug.aws.opening import OpenedExecution, later_events, open_execution
from sfdebug.aws.session import AwsReader
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import begin_recording, open_recording
from sfdebug.errors import DefinitionError
from sfdebug.history.reading.read import definition_of, recording_of
from sfdebug.history.recording import RecordingError
from sfdebug.tui.keys import BY_ID
from sfdebug.tui.recordings.live import Follower
from sfdebug.tui.recordings.replaying import LONG
from sfdebug.tui.screens.debug import DebugScreen

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.arns import Arn
    from sfdebug.aws.fetching import Begin
    from sfdebug.history.recording import Recording
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.commands.host import FindRelatives


class Ready(Struct, frozen=True):
    """An execution that can be shown: the debugger on it, and what follows it when it still runs.

    `greeting` says what AWS did not give of it.
    """

    debugger: Debugger
    title: str
    follower: Follower | None
    greeting: str = ""

    def screen(self, *, is_nested: bool, relatives: FindRelatives | None = None) -> DebugScreen:
        """The debug screen on it; `relatives` gives what is around it."""
        return DebugScreen(
            self.debugger,
            self.title,
            is_nested=is_nested,
            greeting=self.greeting,
            follower=self.follower,
            relatives=relatives,
        )


def read_ready(
    reader: AwsReader, arn: Arn, begin: Begin, search: LogSearch = ANYWHERE, machine: StateMachine | None = None
) -> Ready:
    """Read an execution and make it ready; `machine` takes the place of the definition that AWS names.

    Where the credentials allow only the history, that is shown. Raises AwsError, and RecordingError when there is no
    event to look at yet.
    """
    return opened_ready(reader, open_execution(reader, arn, begin, search, with_definition=machine is None), machine)


def opened_ready(reader: AwsReader, opened: OpenedExecution, machine: StateMachine | None = None) -> Ready:
    """What was read of an execution, made ready; `reader` follows it where it still runs. Raises RecordingError."""
    recorded = None if machine is not None else definition_of(opened)
    definition = machine or recorded
    recording = recording_of(opened, opened.events)
    is_live = opened.is_running and recording.end is None
    is_long = len(recording.events) >= LONG and not is_live
    begun = begin_recording if is_long else open_recording
    run = begun(recording, definition, is_live=is_live, recorded_definition=recorded)
    debugger = Debugger.on_recording(run)
    follower = None
    if run.is_live:
        follower = Follower(_Later(reader, opened), definition, recorded)
        debugger.goto_event(recording.events[-1].id)  # where it is now; from there the screen moves along
    title = opened.name or read_arn(opened.arn).name
    return Ready(debugger, title, follower, _refused(opened) if definition is None else "")


def recorded_ready(
    recording: Recording, machine: StateMachine | None, definition: str | None, tasks: TaskHandler | None = None
) -> Ready:
    """A recording that is on this machine, made ready. `machine` takes the place of the one with the text `definition`,
    which the execution ran; `tasks` answer after the recording was left. Raises SfdebugError."""
    title = recording.facts.name or recording.key
    recorded = parsed(definition, title)
    begun = begin_recording if len(recording.events) >= LONG else open_recording
    run = begun(recording, machine or recorded, recorded_definition=recorded)
    return Ready(Debugger.on_recording(run, tasks=tasks), title, None)


def parsed(definition: str | None, title: str) -> StateMachine | None:
    """The text of a definition, parsed; None when there is none, or it cannot be read."""
    if not definition:
        return None
    try:
        return parse_definition(definition, title or "definition", "json")
    except DefinitionError:
        return None


def _refused(opened: OpenedExecution) -> str:
    """What AWS did not give, and what can be done about it: short enough for the message line of a small terminal."""
    if not opened.refusals:
        return ""
    actions = [error.action for error in opened.refusals if isinstance(error, DeniedError)]
    others = [error.what for error in opened.refusals if not isinstance(error, DeniedError)]
    whys = [*([f"these credentials may not {', '.join(actions)}"] if actions else []), *others]
    offer = f"{BY_ID['impose.definition'].key} takes the definition from a file (or: sfdebug replay ARN -d FILE)"
    return "\n".join([f"only what was recorded is shown: {'; '.join(whys)}", offer])


class _Later:
    """The source of the recordings of an execution that runs."""

    def __init__(self, reader: AwsReader, opened: OpenedExecution) -> None:
        self._reader = reader
        self._opened = opened
        self._events = list(opened.events)
        self._has_begun = False

    def recordings(self) -> Iterable[Recording]:
        """A recording of all events so far, each time that there are new ones."""
        if self._has_begun:  # a reader of its own looks for credentials anew
            self._reader = AwsReader(self._reader.access)
        self._has_begun = True
        last = self._events[-1].get("id") if self._events else 0
        for news in later_events(self._reader, self._opened.arn, last if isinstance(last, int) else 0):
            self._events += news
            try:
                yield recording_of(self._opened, self._events)
            except RecordingError:
                continue

    def cancel(self) -> None:
        """Ask for nothing more."""
        self._reader.cancellation.cancel()
