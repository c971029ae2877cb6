"""The commands that are about a recorded execution. Dialogs load when they are opened."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.collection import keep_for_good
from sfdebug.errors import SfdebugError
from sfdebug.tui.keys import key_of
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.events import SearchHit
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.recorded.spans import TimeSpan
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.tui.commands.host import Dispatcher, RecordingHost
    from sfdebug.tui.recordings.replaying import BackgroundReplay
    from sfdebug.tui.recordings.summary_dialog import SummaryDialog

_REDRIVEN: Final = "ExecutionRedriven"


class RecordingCommands:
    """One method for each command."""

    def __init__(self, host: RecordingHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands
        self._replay: BackgroundReplay | None = None
        self._summary: SummaryDialog | None = None

    @property
    def differing(self) -> Collection[int]:
        """The ids of the recorded events with something that is computed otherwise."""
        run = self.debugger.recorded
        return run.differences if run is not None and self.debugger.timeline.is_on_recording else ()

    @property
    def seams(self) -> Collection[int]:
        """The indices of the events of the timeline at which the recorded execution was redriven."""
        run, view = self.debugger.recorded, self.host.view
        if run is None or view.child is not None:
            return ()
        events = view.events
        return [at for at in run.alignment.redrives if at < len(events) and events[at].type == _REDRIVEN]

    def _run_or_simulation(self) -> RecordedSession | None:
        """The recording; or the simulation as if it had been recorded."""
        run = self.debugger.recorded
        if run is not None:
            return run
        from sfdebug.debugger.recorded.simulated import as_recorded

        execution = self.debugger.timeline.tip.execution
        if execution.visit_count == 0:
            text = self.text_to_watch()
            nothing = f"nothing has run yet: {key_of('step.over')} runs the first state"
            self.host.say(text or nothing, Tone.NEWS if text else Tone.REFUSAL)
            return None
        return as_recorded(execution)

    # Summary

    def summary(self, *, is_opened_by_itself: bool = False) -> None:
        """What the recorded execution, or the simulation, comes to."""
        run = self._run_or_simulation()
        if run is None:
            return
        from sfdebug.tui.recordings.summary_dialog import SummaryDialog

        def chosen(command: str | None) -> None:
            self._summary = None
            if command:
                self.commands.run(command)

        dialog = self._summary = SummaryDialog(
            run.recording.facts.name or run.recording.title.rsplit("/", 1)[-1],
            self._lines(run),
            run.recording.status,
            has_faults=run.has_failure and self.debugger.recorded is not None,
            has_differences=bool(run.differences),
            has_relatives=self.debugger.recorded is not None and self.host.relatives is not None,
            way_out="from the start" if is_opened_by_itself else "close",
        )
        if is_opened_by_itself:
            dialog.drop_typed_ahead()
        self.host.ask(dialog, chosen)

    def text_to_watch(self) -> str:
        """What to watch in what is open, with the key that shows it again; "" where nobody has said."""
        if not self._to_watch:
            return ""
        return "\n".join((f"What to watch ({key_of('look.summary')} shows it again):", *self._to_watch))

    @property
    def _to_watch(self) -> Sequence[str]:
        return self.host.session.to_watch if self.host.session is not None else ()

    def _lines(self, run: RecordedSession) -> list[tuple[str, str]]:
        """The lines of the summary, each with its heading."""
        from sfdebug.tui.recordings.summary_dialog import TO_WATCH

        return [*((TO_WATCH, one) for one in self._to_watch), *_summary_lines(run)]

    # A replay that is under way

    def begin_replay(self) -> None:
        """Replay what was opened without it, a little at a time."""
        if self.debugger.replaying is None:
            return
        from sfdebug.tui.recordings.replaying import BackgroundReplay

        self._replay = BackgroundReplay(self.host, lambda: self.commands.is_running, self._replayed, self._tell_summary)
        self._replay.begin()

    @property
    def is_replaying(self) -> bool:
        """Whether a recording is being replayed."""
        return self._replay is not None and self._replay.is_under_way

    @property
    def is_stopping(self) -> bool:
        """Whether a replay is being stopped, on a thread that has the debugger."""
        return self._replay is not None and self._replay.is_stopping

    def stop_replay(self) -> None:
        """Replay no further."""
        if self._replay is not None:
            self._replay.stop()

    def _tell_summary(self) -> bool:
        """Tell the summary what is known by now; whether it is there."""
        run = self.debugger.recorded
        if run is None or self._summary is None:
            return False
        self._summary.tell(self._lines(run), has_differences=bool(run.differences))
        return True

    def _replayed(self) -> None:
        """Show what came of it, where the user is by now."""
        run = self.debugger.recorded
        if not self.host.is_nested:  # else it goes away again while the program runs
            keep_for_good()
        self.host.refresh_in_place()
        if run is None:
            return
        if not self._tell_summary():
            from sfdebug.debugger.recorded.summary import definition_text

            how = "replayed in part" if run.replay is not None and run.replay.is_stopped else "replayed"
            self.host.say(f"{how}: {_with_way(run, definition_text(run))}")

    # Durations

    def durations(self) -> None:
        """When each state ran and for how long; in a simulation, on its virtual clock."""
        run = self._run_or_simulation()
        if run is None:
            return
        from sfdebug.debugger.recorded.spans import spans
        from sfdebug.tui.recordings.durations import DurationsScreen

        found = spans(run)
        if not found:
            self.host.say("the recording has no times", Tone.REFUSAL)
            return
        here = self.host.view.clock_ms

        def chosen(span: TimeSpan | None) -> None:
            if span is None:
                return
            if self.debugger.recorded is None:
                self.commands.jump(span.visit.entered.id)
            else:
                self.commands.settle(self.debugger.goto_recorded(span.index, span.visit.branch))

        self.host.ask(DurationsScreen(found, here), chosen)

    # Searching

    def find_data(self) -> None:
        """Search in all data of the run."""
        from sfdebug.tui.recordings.find_dialog import FindDialog

        def chosen(hit: SearchHit | None) -> None:
            if hit is not None:
                self.commands.jump(hit.event.id)

        self.host.ask(FindDialog(self.host.view.events), chosen)

    # Another definition

    def load_definition(self) -> None:
        """Run the recording again under another definition, from a file; come back with q."""
        run = self.debugger.recorded
        assert run is not None, "the table of keys asks for a recording"
        from sfdebug.projects.addresses import DefinitionAddress
        from sfdebug.tui.dialogs.messages import DefinitionDialog

        known = "" if run.is_reconstructed else run.machine.name

        def chosen(path: str | None) -> None:
            if not path:
                return
            try:
                opened = DefinitionAddress.read(path).opened()
            except SfdebugError as error:
                self.host.say(str(error), Tone.TROUBLE)
            else:
                self.open_with(run, opened)

        self.host.ask(DefinitionDialog(known), chosen)

    def open_with(self, run: RecordedSession, opened: OpenedDefinition) -> None:
        """Run a recording again under another definition; come back with q."""
        from sfdebug.debugger import Debugger
        from sfdebug.debugger.recorded.session import open_recording
        from sfdebug.debugger.recorded.summary import definition_text

        try:
            found = open_recording(run.recording, opened.definition, recorded_definition=run.recorded_definition)
        except SfdebugError as error:
            self.host.say(str(error), Tone.TROUBLE)
            return
        debugger = Debugger.on_recording(found)
        place = max(0, self.host.view.event_index - 1)
        divergence = found.replay.divergence if found.replay is not None else None
        debugger.goto_recorded(min(place, len(found.recording.events) - 1))
        if found.replay is None:
            text = found.why_not_replayed
        elif divergence is not None:
            text = f"this definition leaves the recording at event {divergence.event_id}: {divergence.explanation}"
        else:
            text = f"under this definition: {_with_way(found, definition_text(found))}"
        ways = f"{key_of('time.fork')} forks here, {key_of('program.quit')} goes back"
        name = Path(opened.address.path).name
        title = f"{name}#{opened.address.name}" if opened.address.name else name
        self.host.open_session(debugger, title, f"{text} · {ways}")


def _summary_lines(run: RecordedSession) -> list[tuple[str, str]]:
    from sfdebug.debugger.recorded.simulated import SIMULATED
    from sfdebug.debugger.recorded.summary import summary_lines

    if run.why_not_replayed == SIMULATED:
        found = [line for line in summary_lines(run) if line[0] not in ("Definition", "Map Run", "Redrive")]
        return [*found, ("Time", SIMULATED)]
    found = summary_lines(run, int(time.time() * 1000))
    return [(heading, _with_way(run, text) if heading == "Definition" else text) for heading, text in found]


def _with_way(run: RecordedSession, text: str) -> str:
    """What is said about a definition, and where it computes otherwise, the key that lists how."""
    from sfdebug.history.verification.verdict import VerificationStatus

    if run.conclusion is None or run.conclusion.status is not VerificationStatus.DIVERGES:
        return text
    return f"{text}: {key_of('look.differences')} lists them"
