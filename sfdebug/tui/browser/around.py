"""What is around one execution: others of its state machine to compare it with, what it started and what started it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.listing import Wanted
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.wording.values import named
from sfdebug.errors import UsageError
from sfdebug.executions.family import asked_for, family_of, parent_of
from sfdebug.executions.folder import FolderSource
from sfdebug.executions.lately import last_succeeded, succeeded_around
from sfdebug.executions.outcome import SUCCEEDED
from sfdebug.history.partings import UNSUCCESSFUL
from sfdebug.history.started import StartedKind, map_run_of, started_in
from sfdebug.times import moment_text
from sfdebug.tui.browser.family import FamilyScreen
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
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.history.recording import Recording
    from sfdebug.history.started import Started
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.browser.loading import Ready
    from sfdebug.tui.browser.places import SourcePlace, Waits
    from sfdebug.tui.browser.waiting import MakeScreen, Work


_MOST_LOOKED_AT: Final = 50
"""Recordings of unknown state machines that are read to find one that began alike."""
_MARK: Final = "Mark any other one with Space in a list of executions, and compare with that one."


class FolderPlace(Struct, frozen=True):
    """A folder, looked through when it is asked for. `machine` takes the place of the definition that the executions of
    the state machine `of` ran, by its ARN; `tasks` answer after a recording was left."""

    path: str
    of: str = ""
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
        is_of_it = outcome.state_machine_arn == self.of
        kept = KeptPlace(self.path, source, self.machine if is_of_it else None, self.tasks if is_of_it else None)
        return kept.ready(source, outcome, begin)


Children: TypeAlias = "Callable[[SourcePlace, str], Screen[Any]]"
"""Makes the list of the children of a Map Run, by its ARN."""


class Around(Struct, frozen=True):
    """An execution, the place that it and those around it are read from, and what lists the children of a Map Run.

    Each method reads in a dialog, and shows what it read over the screen that is there.
    """

    place: SourcePlace
    outcome: ExecutionOutcome
    children: Children

    @property
    def title(self) -> str:
        """Where all of them are read from."""
        return self.place.title

    def of(self, outcome: ExecutionOutcome) -> Around:
        """What is around another execution of the same place."""
        return Around(self.place, outcome, self.children)

    # comparing

    def compare(self, app: App[Any], run: RecordedSession | None = None, other: ExecutionOutcome | None = None) -> None:
        """What is different between it and another one: without one, the last of its state machine that succeeded.

        `run` is the execution as it is open already.
        """
        self._show(app, "What is different", lambda source, begin: _compared(self, source, begin, run, other))

    def show_comparison(self, app: App[Any], outcome: ExecutionOutcome) -> None:
        """The same of another execution of the place."""
        self.of(outcome).compare(app)

    # down and up

    def show_family(self, app: App[Any]) -> None:
        """What started it and what it started, on one page."""

        def read(source: ExecutionSource, begin: Begin) -> MakeScreen:
            progress = begin("the family")
            family = family_of(source, asked_for(source, self.outcome), progress=progress)
            return lambda: FamilyScreen(family, self, is_ascii=app.has_class("ascii"))

        self._show(app, "The family of an execution", read)

    def show_below(self, app: App[Any], started: Started) -> None:
        """What a visit of it started: an execution, or the children of a Map Run."""
        if started.kind is StartedKind.MAP_RUN:
            self.show_children(app, started.arn)
            return

        def read(source: ExecutionSource, begin: Begin) -> MakeScreen:
            return self._opened(source, source.find(started.arn), begin)

        self._show(app, f"What {named(started.state)} started", read)

    def show_above(self, app: App[Any], run: RecordedSession) -> None:
        """What started it, at the state that did."""

        def read(source: ExecutionSource, begin: Begin) -> MakeScreen:
            asked = asked_for(source, self.outcome)
            parent, why = parent_of(source, asked, lambda: run.recording)
            if parent is None:
                raise UsageError(
                    "what started this execution is not known", where=asked.arn or asked.key, fix=f"{why}."
                )
            return self._opened(source, parent, begin, at={asked.arn, asked.map_run_arn} - {""})

        self._show(app, "What started it", read)

    def show_execution(self, app: App[Any], outcome: ExecutionOutcome) -> None:
        """The debugger on an execution."""
        self._show(app, outcome.name or outcome.key, lambda source, begin: self._opened(source, outcome, begin))

    def show_children(self, app: App[Any], map_run: str) -> None:
        """The list of the children of a Map Run, failed ones first."""
        app.push_screen(self.children(self.place, map_run))

    def _opened(
        self, source: ExecutionSource, outcome: ExecutionOutcome, begin: Begin, at: Collection[str] = ()
    ) -> MakeScreen:
        """An execution, opened; `at` the state that started one of these, where its history names it."""
        ready = self.place.ready(source, outcome, begin)
        run = ready.debugger.recorded
        found = started_in(run.alignment) if run is not None and at else ()
        started = next((one for one in found if one.arn in at), None)
        if run is not None and started is not None:
            index = run.recording.index_of(started.event_id)
            if index is not None:
                ready.debugger.goto_recorded(index, started.branch)
                where = f"{named(started.state)} started it: {key_of('program.quit')} goes back down"
                ready = replace(ready, greeting=ready.greeting or where)
        around = self.of(outcome)
        return lambda: ready.screen(is_nested=True, relatives=lambda: around)

    def _show(self, app: App[Any], title: str, work: Work) -> None:
        def read(screen: Screen[Any] | None) -> None:
            if screen is not None:
                app.push_screen(screen)

        app.push_screen(ReadingDialog(title, self.place, work), read)


def _compared(
    around: Around,
    source: ExecutionSource,
    begin: Begin,
    run: RecordedSession | None,
    other: ExecutionOutcome | None,
) -> MakeScreen:
    from sfdebug.debugger.decisive_data.contrast import contrast
    from sfdebug.history.comparison import compare_recordings

    one = around.outcome
    machine = getattr(around.place, "machine", None)
    mine = _finished(run) if run is not None else _opened(source, one, begin, machine)
    if other is None:
        begin("which one succeeded last")
        one = asked_for(source, one) if map_run_of(one.arn) else one
        other = _last_good(source, one, mine)
    known = None if mine.is_reconstructed else mine.machine
    theirs = _opened(source, other, begin, machine, known)
    pair, outcomes = (mine, theirs), (one, other)
    if [side.recording.status in UNSUCCESSFUL for side in pair] == [False, True]:  # what failed stands on the left
        pair, outcomes = (theirs, mine), (other, one)
    begin("what differs")
    found = contrast(*pair)
    differences = compare_recordings(pair[0].recording, pair[1].recording)
    sides = {id(side.recording): around.of(outcome) for side, outcome in zip(pair, outcomes, strict=True)}
    names = _title(outcomes[0]), _title(outcomes[1])

    def opens(run: RecordedSession, index: int, branch: BranchId) -> Screen[Any]:
        return at_event(run, index, branch, sides.get(id(run.recording)))

    return lambda: CompareScreen(found, names=names, opens=opens, differences=differences)


def _last_good(source: ExecutionSource, one: ExecutionOutcome, mine: RecordedSession) -> ExecutionOutcome:
    began = one.started_at or mine.recording.start_time
    if map_run_of(one.arn):
        if not one.map_run_arn:
            raise UsageError("the Map Run that it is a child of is not known", where=one.arn, fix=_MARK)
        found = last_succeeded(source, one.map_run_arn, besides=one.key)
    elif ":express:" in one.arn and not one.place and began is not None:
        found = succeeded_around(source, one.state_machine_arn, began, besides=one.key)
    elif one.state_machine_arn:
        found = last_succeeded(source, one.state_machine_arn, besides=one.key)
    else:
        found = _last_alike(source, one, mine.recording)
    if found is not None:
        return found
    name = "the same Map Run" if one.map_run_arn else one.state_machine_name or "the same state machine"
    raise UsageError(f"no other execution of {name} that succeeded is there", where=source.title, fix=_MARK)


def _last_alike(source: ExecutionSource, one: ExecutionOutcome, mine: Recording) -> ExecutionOutcome | None:
    """Where nothing says of which state machine it is: the last that succeeded and began with the same state."""
    looked = 0
    for page in source.executions("", Wanted(statuses=(SUCCEEDED,))):
        for outcome in page:
            if outcome.key == one.key or outcome.state_machine_arn:
                continue
            looked += 1
            if _first_state(source.recording(outcome)) == _first_state(mine):
                return outcome
            if looked >= _MOST_LOOKED_AT:
                return None
    return None


def _first_state(recording: Recording) -> str:
    return next((event.name for event in recording.events if event.is_entry), "")


def _title(outcome: ExecutionOutcome) -> str:
    when = moment_text(outcome.started_at) if outcome.started_at is not None else ""
    name = outcome.title or outcome.key
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
    name = outcome.title
    begin(f"the history of {name}")
    recording = source.recording(outcome)
    recorded = parsed(source.definition(outcome), name) if machine is None else None
    return open_recording(recording, machine or recorded or known, recorded_definition=recorded)


def at_event(run: RecordedSession, index: int, branch: BranchId, around: Around | None = None) -> DebugScreen:
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
