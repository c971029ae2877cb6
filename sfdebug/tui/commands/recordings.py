"""The commands that are about a recorded execution. Dialogs load when they are opened."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.errors import SfdebugError
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.search import Hit
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.recorded.spans import RecordedBranch, TimeSpan
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.tui.commands.dispatch import Commands
    from sfdebug.tui.screens.debug import DebugScreen

_SIMULATION = "this is a simulation, not a recorded execution"
_SIGNS = {"failed": "failed", "aborted": "skipped", "running": "waiting", "caught": "caught", "succeeded": "done"}


class RecordingCommands:
    """One method for each command."""

    def __init__(self, screen: DebugScreen, commands: Commands) -> None:
        self.screen = screen
        self.debugger = screen.debugger
        self.commands = commands

    def actions(self) -> dict[str, Callable[[], None]]:
        """The commands that these belong to, by action."""
        return {
            "summary": self.summary,
            "differences": self.differences,
            "durations": self.durations,
            "find_data": self.find_data,
            "definition": self.load_definition,
            "branch": self.choose_branch,
            "follow": self.screen.follow_again,
        }

    @property
    def differing(self) -> Collection[int]:
        """The ids of the recorded events with something that is computed otherwise."""
        run = self.debugger.recorded
        return run.differences if run is not None and self.debugger.timeline.is_on_recording else ()

    def _run(self) -> RecordedSession | None:
        run = self.debugger.recorded
        if run is None:
            self.screen.say(_SIMULATION, Tone.REFUSAL)
        return run

    # Summary

    def summary(self, *, is_opened_by_itself: bool = False) -> None:
        """What the recorded execution comes to."""
        run = self._run()
        if run is None:
            return
        from sfdebug.debugger.recorded.failure import has_failure
        from sfdebug.debugger.recorded.summary import summary_lines
        from sfdebug.tui.recordings.summary_dialog import SummaryDialog

        has_faults = has_failure(run)

        def chosen(command: str | None) -> None:
            if command:
                self.commands.run(command)

        dialog = SummaryDialog(
            run.recording.facts.name or run.recording.title,
            summary_lines(run),
            run.recording.status,
            has_faults=has_faults,
            has_differences=bool(run.differences),
        )
        if is_opened_by_itself:
            dialog.drop_typed_ahead()
        self.screen.app.push_screen(dialog, chosen)

    # Differences

    def differences(self) -> None:
        """What the definition computes otherwise than was recorded; on a fork, what it does otherwise."""
        run = self._run()
        if run is None:
            return
        if not self.debugger.timeline.is_on_recording:
            self._fork_differences(run)
            return
        if run.replay is None:
            self.screen.say(run.why_not_replayed, Tone.REFUSAL)
            return
        from sfdebug.debugger.recorded.summary import definition_text
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs = glyphs_of(self.screen)
        items = [
            ListItem(
                one, f"{one.event_id} {one.state} {one.field}", one.explanation or one.event_type,
                glyphs.failed if one.is_end else glyphs.differs, "failed" if one.is_end else "caught",
            )
            for one in run.replay.differences if run.differences and not one.is_carried
        ]  # fmt: skip

        def chosen(difference: Difference | None) -> None:
            if difference is not None:
                self._go_to(difference)

        dialog: ListDialog[Difference] = ListDialog(
            f"Recorded and computed{' differ' if items else ''}",
            items,
            verb="go there",
            nothing=definition_text(run),
        )
        dialog.add_class("-wide")
        self.screen.app.push_screen(dialog, chosen)

    def _go_to(self, difference: Difference) -> None:
        """To where it can be seen, with all that is said about it. What a state gave on is seen before it is left."""
        self.commands.jump(difference.event_id)
        if difference.event_type.endswith("StateExited") and difference.field != "type":
            self.commands.settle(self.debugger.step_back())
            at = self.debugger.view().state
            if at is None or at.name != difference.state:  # another branch was the last to move
                self.commands.jump(difference.event_id)
        self.screen.say(difference_text(difference))

    def _fork_differences(self, run: RecordedSession) -> None:
        from sfdebug.debugger.recorded.forks import fork_contrasts
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs = glyphs_of(self.screen)
        found = fork_contrasts(self.debugger.timeline, run)
        items = [
            ListItem(one.position, one.label, one.text, glyphs.differs, "failed" if one.is_path else "caught")
            for one in found
        ]

        def chosen(position: int | None) -> None:
            if position is not None and position > 0:
                self.commands.jump(self.screen.view.events[position - 1].id)

        dialog: ListDialog[int] = ListDialog(
            f"{self.screen.view.fork_name}: what goes otherwise than recorded",
            items,
            "",
            verb="go there",
            nothing="as far as it has run, it goes as recorded",
        )
        dialog.add_class("-wide")
        self.screen.app.push_screen(dialog, chosen)

    # Durations

    def durations(self) -> None:
        """When each state ran and for how long."""
        run = self._run()
        if run is None:
            return
        from sfdebug.debugger.recorded.spans import spans
        from sfdebug.tui.recordings.durations import DurationsScreen

        found = spans(run)
        if not found:
            self.screen.say("the recording has no times", Tone.REFUSAL)
            return
        here = self.screen.view.clock_ms

        def chosen(span: TimeSpan | None) -> None:
            if span is not None:
                self.commands.settle(self.debugger.goto_place(span.place, span.visit.branch))

        self.screen.app.push_screen(DurationsScreen(found, here), chosen)

    # Searching

    def find_data(self) -> None:
        """Search in all data of the run."""
        from sfdebug.tui.recordings.find_dialog import FindDialog

        def chosen(hit: Hit | None) -> None:
            if hit is not None:
                self.commands.jump(hit.event.id)

        self.screen.app.push_screen(FindDialog(self.screen.view.events), chosen)

    # Another definition

    def load_definition(self) -> None:
        """Run the recording again under another definition, from a file; come back with q."""
        run = self._run()
        if run is None:
            return
        from sfdebug.tui.dialogs.messages import DefinitionDialog

        known = "" if run.is_reconstructed else run.machine.name

        def chosen(path: str | None) -> None:
            if path:
                self._open_with(run, path)

        self.screen.app.push_screen(DefinitionDialog(known), chosen)

    def _open_with(self, run: RecordedSession, path: str) -> None:
        from sfdebug.asl.load import load_definition
        from sfdebug.debugger import Debugger
        from sfdebug.debugger.recorded.session import open_recording
        from sfdebug.debugger.recorded.summary import definition_text
        from sfdebug.tui.screens.debug import DebugScreen

        try:
            machine = load_definition(path)
            found = open_recording(run.recording, machine, recorded_definition=run.recorded_definition)
        except SfdebugError as error:
            self.screen.say(str(error), Tone.TROUBLE)
            return
        debugger = Debugger.on_recording(found)
        place = max(0, self.screen.view.event_index - 1)
        divergence = found.replay.divergence if found.replay is not None else None
        debugger.goto_place(min(place, len(debugger.timeline.record.past) - 1 if debugger.timeline.record else place))
        if found.replay is None:
            text = found.why_not_replayed
        elif divergence is not None:
            text = f"this definition leaves the recording at event {divergence.event_id}: {divergence.explanation}"
        else:
            text = f"under this definition: {definition_text(found)}"
        title = Path(path).name
        screen = DebugScreen(debugger, title, is_nested=True, greeting=f"{text} · F forks here, q goes back")
        self.screen.app.push_screen(screen)

    # Branches

    def choose_branch(self) -> None:
        """Pick a branch or iteration: in a recording any that ran, failed ones first."""
        container = self._container()
        run = self.debugger.recorded
        if run is None or container is None or not self.debugger.timeline.is_on_recording:
            self.commands.impositions.choose_branch()
            return
        from sfdebug.debugger.recorded.spans import branches_of
        from sfdebug.times import duration_text
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs, focus = glyphs_of(self.screen), self.screen.view.branch
        what = "iteration" if container.type == "Map" else "branch"
        found = branches_of(run, container)
        items = [
            ListItem(
                one,
                f"{what} #{one.id[-1][1]}",
                _branch_text(one.status, one.state, one.error, duration_text(one.milliseconds)),
                getattr(glyphs, _SIGNS[one.status]),
                _SIGNS[one.status] if one.status in ("failed", "caught") else "done",
                one.id == focus[: len(one.id)],
            )
            for one in found
        ]

        def chosen(branch: RecordedBranch | None) -> None:
            if branch is not None:
                self.commands.settle(self.debugger.goto_place(branch.place, branch.id))

        failed = sum(one.status == "failed" for one in found)
        note = f"{len(found):,} ran, {failed:,} failed" if failed else f"{len(found):,} ran"
        title = f"Go to which {what} of {container.state}?"
        self.screen.app.push_screen(ListDialog(title, items, note, verb="go there"), chosen)

    def _container(self) -> RecordedVisit | None:
        """The recorded visit to the Parallel or Map at the cursor, or to the nearest around it."""
        run, view, record = self.debugger.recorded, self.screen.view, self.debugger.timeline.record
        if run is None or record is None:
            return None
        visit = record.visit_of(view.visit, self.debugger.timeline.lane) if view.visit is not None else None
        if visit is None:
            place = min(view.event_index, len(run.recording.events)) - 1
            visit = run.visit_at(place) if place >= 0 else None
        while visit is not None and visit.type not in ("Map", "Parallel"):
            visit = run.alignment.visits[visit.container] if visit.container is not None else None
        return visit


def difference_text(difference: Difference) -> str:
    """`event 17, output of Charge card: recorded output has …`; of another event than the recorded one, both."""
    if difference.field != "type":
        where = f"event {difference.event_id}, {difference.field}"
        where += f" of {difference.state}" if difference.state else ""
        return f"{where}: {difference.explanation or 'recorded and computed differ'}"
    recorded = difference.recorded if isinstance(difference.recorded, str) else "the end"
    computed = difference.computed if isinstance(difference.computed, str) else "nothing that follows"
    text = f"event {difference.event_id}: recorded is {recorded}, computed is {computed}"
    return f"{text}: {difference.explanation}" if difference.explanation else text


def _branch_text(status: str, state: str, error: str, took: str) -> str:
    """`failed in Work: Bad, 4.2 s`."""
    return f"{status} in {state}{f': {error}' if error else ''}, {took}"
