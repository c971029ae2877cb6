"""Sessions on recorded executions that are in a file: what each is kept as, and how it is gone on with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sfdebug.cli.definitions import address_of
from sfdebug.cli.sessions import SessionPlan, new_path_of, recording_source, sources_of
from sfdebug.debugger.recorded.session import begin_recording, open_recording
from sfdebug.projects.in_use import DefinitionInUse
from sfdebug.tui.recordings.replaying import LONG

if TYPE_CHECKING:
    from argparse import Namespace

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.history.recording import Recording
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.settings import ScreenSettings


class NewRecordedSession(NamedTuple):
    """All that a session on a recorded execution begins with.

    `machine` is what it is looked at with, None for what its events show; `recorded_definition` what it ran. It is the
    execution with the name `execution` ("" for the only one) of the file or folder `history`.
    """

    recording: Recording
    machine: StateMachine | None
    recorded_definition: StateMachine | None
    args: Namespace
    history: str
    execution: str = ""
    definition: str = ""
    tasks: TaskHandler | None = None
    breakpoints: tuple[Breakpoint, ...] = ()

    def followed(self) -> RecordedSession:
        """The recording with its machine. Of a long one, the replay is gone on with from the screen."""
        opened = begin_recording if len(self.recording.events) >= LONG else open_recording
        return opened(self.recording, self.machine, recorded_definition=self.recorded_definition)

    def debugger(self, followed: RecordedSession) -> Debugger:
        """A debugger at the start of it."""
        from sfdebug.debugger import Debugger

        debugger = Debugger.on_recording(followed, tasks=self.tasks)
        for point in self.breakpoints:
            debugger.breakpoints.add(point)
        return debugger

    def plan(self, debugger: Debugger, settings: ScreenSettings) -> SessionPlan:
        """What the session is kept as."""
        source = cache(lambda: recording_source(self.history, self.execution))
        return SessionPlan(
            DefinitionInUse(address_of(self.definition, self.args)) if self.definition else None,
            lambda: sources_of(self.args),
            source,
            lambda one: one.recording is not None and one.recording == source(),
            lambda path: self._resumed(path, debugger, settings),
        )

    def _resumed(self, path: Path, debugger: Debugger, settings: ScreenSettings) -> Continued:
        from sfdebug.debugger.sessions.opening import continued

        run = debugger.recorded
        if run is None or run.replaying is not None:  # what is to be gone on with stands on a replay that is over
            run = open_recording(self.recording, self.machine, recorded_definition=self.recorded_definition)
        new_path = new_path_of(self.args, settings)
        session = continued(path, new_path, run.machine, lambda *_: self.tasks, run)
        for point in self.breakpoints:
            session.debugger.breakpoints.add(point)
        return session
