"""Choosing among several recorded executions of one file: a list of them, failed ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import begin_recording, open_recording
from sfdebug.errors import SfdebugError
from sfdebug.text import clean, counted
from sfdebug.times import duration_text, moment_text
from sfdebug.tui.browser.lists import STATUSES
from sfdebug.tui.dialogs.frame import DialogNote, text_input
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column
from sfdebug.tui.recordings.replaying import LONG
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.recording import Recording
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.painting.paint import Piece

_KEYS: Final = "Enter open   / name   q leave"


class RecordingList(LineList):
    """Recorded executions: how they stand, name, start, duration, events."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        super().__init__()
        order = list(STATUSES)
        self.recordings = sorted(recordings, key=lambda one: order.index(one.status) if one.status in order else 0)

    def on_mount(self) -> None:
        """Show them."""
        self.rows_changed(0)

    def count_rows(self) -> int:
        """One row for each execution."""
        return len(self.recordings)

    def row_text(self, row: int) -> str:
        """All that a filter can look for."""
        recording = self.recordings[row]
        return f"{recording.key} {recording.facts.name} {recording.facts.arn} {recording.status}"

    @property
    def empty_text(self) -> str:
        """What an empty list says."""
        return "nothing fits: / changes the name"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`✗ FAILED     run-17     2025-01-01 00:00:00   4.2 s   40 events`."""
        recording, glyphs = self.recordings[row], glyphs_of(self)
        sign, paint = STATUSES.get(recording.status, ("unvisited", "muted"))
        last, started = recording.events[-1].time, recording.start_time
        took = last - started if last is not None and started is not None else None
        return [
            (f" {getattr(glyphs, sign)} ", paint),
            (column(recording.status, 10), paint),
            (column(recording.key, max(14, width - 59)), ""),
            (" ", ""),
            (column(moment_text(started), 20), "muted"),
            (column(duration_text(took), 11), "muted"),
            (counted(len(recording.events), "event"), "muted"),
        ]


class ChooseScreen(Screen[None]):
    """The list; each execution opens over it, and q there comes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter by name", id="choose.filter", show=False),
        Binding("escape", "back", "Back", id="choose.back", show=False),
        Binding("q", "leave", "Leave", id="choose.leave", show=False),
    ]
    AUTO_FOCUS = "RecordingList"

    def __init__(
        self, recordings: Sequence[Recording], machine: StateMachine | None, title: str, tasks: TaskHandler | None
    ) -> None:
        """`machine` is the definition that they all ran, if it is known; `tasks` answer after a recording was left."""
        super().__init__()
        self._machine = machine
        self._heading = title
        self._tasks = tasks
        self.executions = RecordingList(recordings)

    def compose(self) -> ComposeResult:
        """Title, list, filter, keys."""
        yield DialogNote(f" {clean(self._heading)}", id="heading", classes="title")
        yield self.executions
        yield text_input(placeholder="part of a name, an ARN or a status")
        yield DialogNote(f" {_KEYS}", id="hints", classes="hints")

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        if event.row >= len(self.executions.recordings):
            return
        recording = self.executions.recordings[event.row]
        try:
            opened = begin_recording if len(recording.events) >= LONG else open_recording
            run = opened(recording, self._machine)
        except SfdebugError as error:
            self.app.push_screen(TextDialog("This execution cannot be opened", str(error)))
            return
        debugger = Debugger.on_recording(run, tasks=self._tasks)
        self.app.push_screen(DebugScreen(debugger, recording.facts.name or recording.key, is_nested=True))

    def action_filter(self) -> None:
        """Type a part of a name."""
        field = self.query_one(Input)
        field.value = self.executions.filter_query
        field.display = True
        self.set_focus(field)  # at once: keys that come in one burst are meant for it

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_field()

    def _filter(self, query: str) -> None:
        shown = self.executions.set_filter(query)
        count = f"   {shown:,} of {len(self.executions.recordings):,} have '{query}'" if query else ""
        self.query_one("#heading", DialogNote).say(f" {clean(self._heading + count)}")

    def _close_field(self) -> None:
        self.query_one(Input).display = False
        self.executions.focus()

    def action_back(self) -> None:
        """One level back: the typing, the filter, the screen."""
        if self.query_one(Input).display:
            self._close_field()
        elif self.executions.filter_query:
            self._filter("")
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave the program, or go back to the screen below."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()
        else:
            self.app.exit(0)
