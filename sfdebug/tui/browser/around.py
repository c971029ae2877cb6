"""What is around one execution: others of its state machine to compare it with, what it started and what started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.wording.values import named
from sfdebug.errors import UsageError
from sfdebug.executions.folder import FolderSource
from sfdebug.executions.lately import last_succeeded
from sfdebug.times import moment_text
from sfdebug.tui.browser.loading import parsed
from sfdebug.tui.browser.places import KeptPlace
from sfdebug.tui.browser.waiting import ReadingDialog
from sfdebug.tui.keys import key_of
from sfdebug.tui.recordings.compare import CompareScreen
from sfdebug.tui.screens.debug import DebugScreen

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.concurrency import Cancellation
    from sfdebug.aws.fetching import Begin
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.browser.loading import Ready
    from sfdebug.tui.browser.places import SourcePlace, Waits
    from sfdebug.tui.browser.waiting import MakeScreen


class FolderPlace(Struct, frozen=True):
    """A folder, looked through when it is asked for. `machine` takes the place of the definitions that its executions
    ran; `tasks` answer after a recording was left."""

    path: str
    machine: StateMachine | None = None
    tasks: TaskHandler | None = None

    @property
    def title(self) -> str:
        """Its path."""
        return self.path

    @property
    def is_account(self) -> bool:
        """Nobody outside is asked."""
        return False

    def source(self, cancellation: Cancellation, waits: Waits) -> ExecutionSource:
        """What is in it now."""
        return FolderSource(self.path)

    def beside(self, source: ExecutionSource, cancellation: Cancellation) -> ExecutionSource:
        """The same: reading a file is over soon."""
        return source

    def ready(self, source: ExecutionSource, outcome: ExecutionOutcome, begin: Begin) -> Ready:
        """Read from its file."""
        return KeptPlace(self.path, source, self.machine, self.tasks).ready(source, outcome, begin)


class Around(Struct, frozen=True):
    """An execution, and the place that it and those around it are read from."""

    place: SourcePlace
    outcome: ExecutionOutcome

    def compared(self, run: RecordedSession | None = None, other: ExecutionOutcome | None = None) -> ReadingDialog:
        """What is different between it and another one: without one, the last of its state machine that succeeded.

        `run` is the execution as it is open already.
        """

        def work(source: ExecutionSource, begin: Begin) -> MakeScreen:
            return _compared(self, source, begin, run, other)

        return ReadingDialog("What is different", self.place, work)


def show_read(app: App[Any], reading: ReadingDialog) -> None:
    """Read, and show what was read."""

    def read(screen: Screen[Any] | None) -> None:
        if screen is not None:
            app.push_screen(screen)

    app.push_screen(reading, read)


def _compared(
    around: Around,
    source: ExecutionSource,
    begin: Begin,
    run: RecordedSession | None,
    other: ExecutionOutcome | None,
) -> MakeScreen:
    from sfdebug.debugger.decisive_data.contrast import contrast

    one = around.outcome
    if other is None:
        begin("which one succeeded last")
        other = _last_good(source, one)
    machine = getattr(around.place, "machine", None)
    mine = _finished(run) if run is not None else _opened(source, one, begin, machine)
    known = None if mine.is_reconstructed else mine.machine
    theirs = _opened(source, other, begin, machine, known)
    pair, outcomes = (mine, theirs), (one, other)
    if other.is_unsuccessful and not one.is_unsuccessful:  # the one that failed stands on the left
        pair, outcomes = (theirs, mine), (other, one)
    begin("what differs")
    found = contrast(*pair)
    sides = {id(pair[at].recording): Around(around.place, outcomes[at]) for at in (0, 1)}
    names = tuple(_title(outcome) for outcome in outcomes)

    def opens(run: RecordedSession, index: int, branch: Any) -> Screen[Any]:
        return at_event(run, index, branch, sides.get(id(run.recording)))

    return lambda: CompareScreen(found, names=(names[0], names[1]), opens=opens)


def _last_good(source: ExecutionSource, one: ExecutionOutcome) -> ExecutionOutcome:
    found = last_succeeded(source, one.state_machine_arn, besides=one.key)
    if found is not None:
        return found
    name = one.state_machine_name or "the same state machine"
    fix = "Mark any other one with Space in the list, and compare with that one."
    raise UsageError(f"no other execution of {name} that succeeded is there", where=source.title, fix=fix)


def _title(outcome: ExecutionOutcome) -> str:
    when = moment_text(outcome.started_at) if outcome.started_at is not None else ""
    name = outcome.name or outcome.label or outcome.key
    return f"{name}, began {when} UTC" if when else name


def _finished(run: RecordedSession) -> RecordedSession:
    """The same with its replay to the end: one that is under way belongs to the screen."""
    if run.replaying is None:
        return run
    return open_recording(run.recording, run.machine, recorded_definition=run.recorded_definition)


def _opened(
    source: ExecutionSource,
    outcome: ExecutionOutcome,
    begin: Begin,
    machine: StateMachine | None,
    known: StateMachine | None = None,
) -> RecordedSession:
    """An execution with its history and the definition that it ran; where nothing says which, with the `known` one."""
    name = outcome.name or outcome.label
    begin(f"the history of {name}")
    recording = source.recording(outcome)
    recorded = parsed(source.definition(outcome), name) if machine is None else None
    return open_recording(recording, machine or recorded or known, recorded_definition=recorded)


def at_event(run: RecordedSession, index: int, branch: Any, around: Around | None = None) -> DebugScreen:
    """The debugger on a recording, where one of its events happened."""
    debugger = Debugger.on_recording(run)
    debugger.goto_recorded(index, branch)
    title = run.recording.facts.name or run.recording.key or run.recording.title.rsplit("/", 1)[-1]
    state = debugger.view().state
    where = f" at {named(state.name)}" if state is not None else ""
    greeting = f"{title}{where}: {key_of('program.quit')} comes back to what is different"
    return DebugScreen(
        debugger,
        title,
        is_nested=True,
        greeting=greeting,
        relatives=(lambda: around) if around is not None else None,
    )
