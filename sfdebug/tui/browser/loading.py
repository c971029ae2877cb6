"""Reading from AWS on threads of their own: pages of a list, and an execution, made ready for the debug screen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct
from textual.message import Message

from sfdebug.aws.concurrency import Cancellation
from sfdebug.aws.errors import CancelledError, DeniedError
from sfdebug.aws.express import ANYWHERE, LogSearch
from sfdebug.aws.opening import OpenedExecution, later_events, open_execution
from sfdebug.aws.session import AwsReader
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import begin_recording, open_recording
from sfdebug.errors import SfdebugError
from sfdebug.history.reading.read import definition_of, recording_of
from sfdebug.history.recording import RecordingError
from sfdebug.tui.keys import BY_ID
from sfdebug.tui.recordings.live import Follower
from sfdebug.tui.recordings.replaying import LONG
from sfdebug.tui.screens.debug import DebugScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.arns import Arn
    from sfdebug.aws.fetching import Begin
    from sfdebug.history.recording import Recording


class Ready(Struct, frozen=True):
    """An execution that can be shown: the debugger on it, and what follows it when it still runs.

    `greeting` says what AWS did not give of it.
    """

    debugger: Debugger
    title: str
    follower: Follower | None
    greeting: str = ""

    def screen(self, *, is_nested: bool) -> DebugScreen:
        """The debug screen on it."""
        return DebugScreen(
            self.debugger, self.title, is_nested=is_nested, greeting=self.greeting, follower=self.follower
        )


def read_ready(
    reader: AwsReader, arn: Arn, begin: Begin, search: LogSearch = ANYWHERE, machine: StateMachine | None = None
) -> Ready:
    """Read an execution and make it ready; `machine` takes the place of the definition that AWS names.

    Where the credentials allow only the history, that is shown. Raises AwsError, and RecordingError when there is no
    event to look at yet.
    """
    opened = open_execution(reader, arn, begin, search, with_definition=machine is None)
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
    return Ready(debugger, opened.name or arn.name, follower, _refused(opened) if definition is None else "")


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


T = TypeVar("T")


class PageLoaded(Message):
    """A page has come. `is_last` says that there is no other after it."""

    def __init__(self, loader: object, entries: Sequence[object], *, is_last: bool) -> None:
        super().__init__()
        self.loader = loader
        self.entries = entries
        self.is_last = is_last


class LoadFailed(Message):
    """Nothing more comes: `text` says what went wrong and what to do."""

    def __init__(self, loader: object, text: str) -> None:
        super().__init__()
        self.loader = loader
        self.text = text


class Progressed(Message):
    """How far the reading of one execution is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Opened(Message):
    """An execution has been read."""

    def __init__(self, loader: object, ready: Ready) -> None:
        super().__init__()
        self.loader = loader
        self.ready = ready


class Pages(Generic[T]):
    """Reads the pages that `begin` gives, each when `more` asks for it. It posts to `screen` until `stop`."""

    def __init__(self, screen: Screen[None], begin: Callable[[Cancellation], Iterator[list[T]]]) -> None:
        self._screen = screen
        self._begin = begin
        self._wanted = threading.Semaphore(0)
        self._cancellation = Cancellation()
        self.is_loading = False
        self.is_over = False
        self._thread = threading.Thread(target=self._read, name="sfdebug-pages", daemon=True)
        self._thread.start()

    def more(self) -> None:
        """Read the next page, unless one is on its way."""
        if not self.is_loading and not self.is_over:
            self.is_loading = True
            self._wanted.release()

    def stop(self) -> None:
        """Read nothing more, and post nothing."""
        self.is_over = True
        self._cancellation.cancel()
        self._wanted.release()

    def _read(self) -> None:
        try:
            pages = self._begin(self._cancellation)
            while True:
                self._wanted.acquire()
                if self._cancellation.is_cancelled:
                    return
                page = next(pages, None)
                self._post(PageLoaded(self, page or [], is_last=page is None))
                if page is None:
                    return
        except CancelledError:
            return
        except SfdebugError as error:
            self._post(LoadFailed(self, str(error)))

    def _post(self, message: Message) -> None:
        if not self._cancellation.is_cancelled:
            self._screen.post_message(message)


class Once:
    """Does one thing on a thread, and posts what came of it to `screen` until `stop`."""

    def __init__(self, screen: Screen[None], read: Callable[[Cancellation], Ready]) -> None:
        self._screen = screen
        self._read = read
        self.cancellation = Cancellation()
        self._thread = threading.Thread(target=self._do, name="sfdebug-open", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give up."""
        self.cancellation.cancel()

    def _do(self) -> None:
        try:
            message: Message = Opened(self, self._read(self.cancellation))
        except CancelledError:
            return
        except SfdebugError as error:
            message = LoadFailed(self, str(error))
        if not self.cancellation.is_cancelled:
            self._screen.post_message(message)
