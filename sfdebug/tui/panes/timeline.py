"""The events of the current timeline, and the slider above them. Future events are dimmed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.message import Message

from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.engine.execution.events import EventType, utc_text
from sfdebug.history.recording import ENDINGS
from sfdebug.text import clean
from sfdebug.times import duration_text, elapsed_text
from sfdebug.tui.painting.describe import event_state, event_text, short
from sfdebug.tui.painting.glyphs import breakpoint_sign, glyphs_of
from sfdebug.tui.painting.paint import Piece, column, fit, pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual import events

    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.view.model import View
    from sfdebug.engine.execution.events import Event
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.values import Json

_SEAMS: Final = (EventType.EXECUTION_REDRIVEN, EventType.MAP_RUN_REDRIVEN)
"""The events with which something goes on after a redrive."""
_BAD: Final = ("Failed", "TimedOut", "Aborted")
_TYPE_WIDTH: Final = 24
_STATE_WIDTH: Final = 22
_TIME_WIDTH: Final = 10
_WIDE: Final = 100
_NUMBER: Final = 3
"""Columns of the number of an iteration before its state."""

_SAMPLES_PER_CELL: Final = 16
_CLOCK_FROM: Final = 110
"""From this width on, recorded events show the time of day."""


class TimelineList(LineList):
    """One row for each event; the cursor follows the run, and moves freely until the next step."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._events: Sequence[Event] = ()
        self._happened = 0
        self._start = 0
        self._texts: dict[int, str] = {}
        self._payloads: dict[int, str] = {}
        self._texts_of: tuple[int, int, str] = (-1, -1, "")
        self._longest_type = self._longest_state = 0
        self._child_depth = 0
        self._differing: Collection[int] = ()
        self._is_recorded = False
        self._hides_ahead = False
        self.breakpoints: Breakpoints | None = None
        """Those of which the events have marks."""

    def show(self, view: View, differing: Collection[int] = ()) -> None:
        """Show the timeline of this view, with the cursor on the event that happened last. `differing` are the ids of
        recorded events that are computed otherwise."""
        self._differing = differing
        self._is_recorded = view.mode != "simulation"
        timeline = (view.fork_id, len(view.events), view.child.arn if view.child else "")
        if timeline != self._texts_of:
            self._texts.clear()
            self._payloads.clear()
            self._texts_of = timeline
            self._longest_type = max(map(len, {event.type for event in view.events}), default=0)
            names = {state.name for state in view.execution.machine.walk()}
            self._longest_state = max((cell_len(clean(name)) for name in names), default=0) + _NUMBER
        self._events = view.events
        self._child_depth = len(view.child.id) if view.child else 0
        self._happened = view.event_index
        self._start = view.execution.settings.start_time
        self.rows_changed(cursor=view.event_index - 1)

    @property
    def empty_text(self) -> str:
        """What stands there before the first event."""
        return "no events yet: n runs the first state"

    @property
    def standing_row(self) -> int | None:
        """The event that happened last."""
        return self._happened - 1 if self._happened else None

    def event_at(self, row: int) -> Event:
        """The event of a row."""
        return self._events[row]

    def count_rows(self) -> int:
        """One row for each event; for those that have happened, while what comes is asked for."""
        return self._happened if self._hides_ahead else len(self._events)

    def hide_ahead(self, hides: bool) -> None:
        """Show no event that comes after where the run stands, as long as what comes is asked for."""
        if hides != self._hides_ahead:
            self._hides_ahead = hides
            self.rows_changed(cursor=self._happened - 1)

    def row_text(self, row: int) -> str:
        """Type, state and data. Kept while the timeline is the same, so that the next letter typed is quick."""
        text = self._texts.get(row)
        if text is None:
            event = self._events[row]
            if self._is_recorded:
                from sfdebug.debugger.recorded.events import PastEvent  # here: a simulation does without what replays

                if isinstance(event, PastEvent):  # as it was written: searching parses nothing
                    return f"{event.id} {event.type} {event_state(event)} {event.search_text}"
            text = self._texts[row] = f"{event.id} {event.type} {event_state(event)} {event_text(event, self._brief)}"
        return text

    def _brief(self, value: Json) -> str:
        """A payload as text. One value stands in many events, and they keep it alive, so its id tells it."""
        text = self._payloads.get(id(value))
        if text is None:
            text = self._payloads[id(value)] = short(value)
        return text

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`▸11 TaskScheduled    ChargeCard    +5 s    {"amount":42.5,…}`."""
        event, glyphs = self._events[row], glyphs_of(self)
        is_last, is_future = row == self._happened - 1, row >= self._happened
        plain = "faint" if is_future else ""
        type_width = (max(_TYPE_WIDTH, self._longest_type) if width >= _WIDE else _TYPE_WIDTH) if width >= 70 else 20
        state_width = max(_STATE_WIDTH, min(self._longest_state, width // 4)) if width >= 90 else max(8, width // 5)
        inner = event.branch[self._child_depth :]
        state = f"#{inner[-1][1]} {event_state(event)}" if inner else event_state(event)
        pieces: list[Piece] = [
            (glyphs.current if is_last else " ", "current"),
            (f"{event.id:>5} ", "current" if is_last else "faint" if is_future else "muted"),
            *self._breakpoint_mark(event, glyphs),
            *self._sign(event, glyphs),
            (column(event.type, type_width), plain or _type_paint(event)),
            (" ", ""),
            (column(state, state_width), plain or ("strong" if is_last else "")),
            (" ", ""),
            (column(elapsed_text(event.time - self._start), _TIME_WIDTH), "faint" if is_future else "muted"),
            (" ", ""),
        ]
        if self._is_recorded and width >= _CLOCK_FROM:
            pieces.append((f"{utc_text(event.time)[11:23] if event.time else '':12} ", "faint"))
        room = width - pieces_length(pieces) - 1
        if room > 4:
            is_seam = event.type == EventType.EXECUTION_REDRIVEN and row > 0
            text = seam_text(self._events[row - 1], event) if is_seam else event_text(event)
            pieces.append((fit(text, room), "faint" if is_future else "waiting" if is_seam else "muted"))
        return pieces

    def _breakpoint_mark(self, event: Event, glyphs: Glyphs) -> list[Piece]:
        """Whether the event has a breakpoint, or enters a state that has one; no column where there are none."""
        if self.breakpoints is None or not self.breakpoints.all:
            return []
        sign = self.breakpoints.event_sign(event.type, event_state(event))
        return [(f"{breakpoint_sign(sign, glyphs) or ' '} ", "faint" if sign is BreakpointSign.OFF else "breakpoint")]

    def _sign(self, event: Event, glyphs: Glyphs) -> list[Piece]:
        """In a recording: whether the event is computed otherwise, or a redrive goes on with it."""
        if not self._is_recorded:
            return []
        if event.type in _SEAMS:
            return [(f"{glyphs.retry} ", "waiting")]
        return [(f"{glyphs.differs} ", "caught") if event.id in self._differing else ("  ", "")]


def _type_paint(event: Event) -> str:
    if any(word in event.type for word in _BAD):
        return "failed"
    return "waiting" if event.type in _SEAMS else ""


def seam_text(end: Event, redriven: Event) -> str:
    """`1 h 00 min after it FAILED with Refused`: what lies between two runs of one execution."""
    status = ENDINGS.get(end.type)
    error = end.details.get("error") if end.details else None
    if status is None:
        return event_text(redriven)
    return f"{duration_text(redriven.time - end.time)} after it {status}{f' with {error}' if error else ''}"


class TimelineSlider(FittedLine):
    """The whole timeline on one line: ●──●──✗──◆╌╌╌┬╌╌. A click jumps there."""

    class Jumped(Message):
        """A place on the slider was clicked."""

        def __init__(self, event_id: int) -> None:
            super().__init__()
            self.event_id = event_id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: View | None = None
        self._seams: Collection[int] = ()
        self._length = 0

    def show(self, view: View, seams: Collection[int] = ()) -> None:
        """Show the timeline of this view. `seams` are the indices of the events at which it was redriven."""
        self._view = view
        self._seams = seams
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The slider, and what it says beside it."""
        view = self._view
        if view is None or width < 20:
            return ()
        label = slider_label(view)
        self._length = max(8, min(width - cell_len(label) - 5, 3 * len(view.events)))
        cells = slider_cells(view, self._length, glyphs_of(self), self._seams)
        return [(" ", ""), *cells, ("  ", ""), (fit(label, max(0, width - self._length - 4)), "muted")]

    def on_click(self, event: events.Click) -> None:
        """Jump to the place under the mouse."""
        if self._view is None or not 1 <= event.x <= self._length or not self._view.events:
            return
        event.stop()
        total = len(self._view.events)
        index = (event.x - 1) * (total - 1) // max(1, self._length - 1)
        self.post_message(self.Jumped(self._view.events[index].id))


def timeline_title(view: View) -> str:
    """`Timeline`; inside a child execution of a Map Run, also which one's, and its name."""
    if view.child is None:
        return "Timeline"
    return f"Timeline of {view.child_label} · {view.child.name}"


def slider_label(view: View) -> str:
    """`main · event 9 of 14 · fork 1: t`; inside a child execution, which one it is."""
    name = "recording" if view.mode in ("recording", "live") else view.fork_name
    parts = [name, f"event {view.event_index:,} of {len(view.events):,}"]
    if view.child is not None:
        parts.insert(1, view.child_label)
    others = [fork for fork in view.forks if fork.id != view.fork_id]
    if len(others) == 1:
        is_recording = view.mode in ("recording", "live", "fork of a recording") and others[0].parent is None
        parts.append(f"{'recording' if is_recording else others[0].name}: t")
    elif others:
        parts.append(f"{len(others)} other timelines: t")
    return " · ".join(parts)


def slider_cells(view: View, length: int, glyphs: Glyphs, seams: Collection[int] = ()) -> list[Piece]:
    """One character for each cell: the most telling of the events that it stands for; a redrive before all others."""
    total = len(view.events)
    here = cell_of(max(0, view.event_index - 1), total, length)
    forks = (
        set()
        if view.child is not None
        else {
            cell_of(max(0, fork.at_event - 1), total, length)
            for fork in view.forks
            if (fork.parent == view.fork_id or fork.id == view.fork_id) and fork.parent is not None
        }
    )
    cells = [(glyphs.rule, "done") if cell <= here else (glyphs.dash, "faint") for cell in range(length)]
    signs = {"failed": glyphs.failed, "done": glyphs.knot}
    for index in _samples(total, length):
        paint = _event_paint(view.events[index].type)
        if paint:
            cell = cell_of(index, total, length)
            if cells[cell][0] != glyphs.failed:
                cells[cell] = (signs[paint], paint if cell <= here else "faint")
    for index in seams:
        cell = cell_of(index, total, length)
        cells[cell] = (glyphs.retry, "waiting" if cell <= here else "faint")
    for cell in forks:
        cells[cell] = (glyphs.fork, "caught")
    cells[here] = (glyphs.cursor, "current")
    return _merged(cells)


def cell_of(index: int, total: int, length: int) -> int:
    """The cell that an event falls into; the last event is in the last cell."""
    return index * (length - 1) // (total - 1) if total > 1 else 0


def _samples(total: int, length: int) -> range:
    """The events that are looked at: all of a short timeline, an even sample of a long one."""
    return range(0, total, max(1, total // (length * _SAMPLES_PER_CELL)))


@lru_cache(maxsize=256)
def _event_paint(event_type: str) -> str:
    """The paint of what the slider shows of an event of this type; "" where it shows nothing."""
    if any(word in event_type for word in _BAD):
        return "failed"
    return "done" if event_type.endswith("StateEntered") else ""


def _merged(cells: list[Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    for text, paint in cells:
        if pieces and pieces[-1][1] == paint:
            pieces[-1] = (pieces[-1][0] + text, paint)
        else:
            pieces.append((text, paint))
    return pieces
