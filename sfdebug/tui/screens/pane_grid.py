"""The four panes of the debug screen: what they show, which is open, and how they are arranged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from textual.containers import Container

from sfdebug.tui.graph.body import GraphBody
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.panes.arrangement import Arrangement, Pane, arrangement_for, columns, grid_rows, panes_shown, widest
from sfdebug.tui.panes.data import DataPane
from sfdebug.tui.panes.meters import PayloadMeter, event_meter
from sfdebug.tui.panes.stages import StagesPanel
from sfdebug.tui.panes.strips import PANES
from sfdebug.tui.panes.timeline import TimelineList, TimelineSlider, timeline_title

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.widget import Widget

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger import Breakpoints, View
    from sfdebug.tui.panes.stages import StageSelection
    from sfdebug.tui.widgets.search import FilterNote
    from sfdebug.values import Value

_NAMES: Final = tuple(name for name, _ in PANES)
_AROUND: Final = 2
"""Rows of the screen above and below the panes, but for those at the foot that say something of the stage at hand."""

_EVENTS_AROUND: Final = 2
_EVENTS_OF_A_STATE: Final = 5
_UNKNOWN: Final = 1_000
"""How many events a simulation has, as far as its definition tells: more than that, and nobody knows."""


class PaneGrid(Container):
    """Graph, stages, data and timeline, each in its frame."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.graph = GraphView(id="graph")
        self.graph_body = GraphBody(self.graph)
        self.stages = StagesPanel(id="stages")
        self.data = DataPane(id="data")
        self.slider = TimelineSlider(id="slider")
        self.timeline = TimelineList(id="timeline")
        self._payload = PayloadMeter()
        self.opened = _NAMES[0]
        """The name of the pane that has the focus, or had it last."""
        self.is_maximised = False
        self.shows_one = False
        self.shown: frozenset[str] | None = None
        """The names of the panes that are shown; None for all of them."""
        self._lit = ""
        self._awaited_events = -1
        self._foot = 2
        self._rows = ""

    def compose(self) -> ComposeResult:
        """The panes."""
        with Pane(id="graph-pane"):
            yield self.graph_body
        with Pane(id="stages-pane"):
            yield self.stages
        with Pane(id="data-pane"):
            yield self.data
        with Pane(id="timeline-pane"):
            yield self.slider
            yield self.timeline

    def on_mount(self) -> None:
        """Number them."""
        for number, (name, title) in enumerate(PANES, start=1):
            self.pane(name).set_title(f"{number} {title}")

    def pane(self, name: str) -> Pane:
        """The frame around one of the four main widgets."""
        return self.query_one(f"#{name}-pane", Pane)

    def main_widget(self, name: str) -> Widget:
        """What has the focus when a pane has it."""
        widgets: dict[str, Widget] = {
            "graph": self.graph,
            "stages": self.stages,
            "data": self.data.json,
            "timeline": self.timeline,
        }
        return widgets[name]

    def in_view(self) -> list[tuple[str, int, int]]:
        """The names of the panes, in their order, with the cells of the screen where their titles begin: outside of it
        for those that are not shown."""
        regions = [(name, self.pane(name).region) for name in _NAMES]
        return [(name, region.x + 3, region.y) if region.area else (name, -1, -1) for name, region in regions]

    def beside(self, step: int) -> str:
        """The pane after the open one, or before it."""
        return _NAMES[(_NAMES.index(self.opened) + step) % len(_NAMES)]

    # How they are looked at

    @property
    def looks(self) -> dict[str, Any]:
        """How they are looked at: what a session finds again."""
        return {
            "pane": self.opened,
            "maximised": self.is_maximised,
            **self.graph.drawer.looks,
            "data": str(self.data.mode),
        }

    def look_again(self, seen: dict[str, Any], machine: StateMachine) -> str:
        """Look at them as a session tells, as far as that fits. Gives the pane that was open, "" where none is told."""
        given = seen.get("folded")
        paths = [tuple(path) for path in given if isinstance(path, list)] if isinstance(given, list) else []
        folded = frozenset(state.path for state in machine.walk() if state.path in paths)
        self.graph.drawer.draw_as(folded, str(seen.get("zoom", "")))
        self.is_maximised = seen.get("maximised") is True
        for mode in Mode:
            if mode == seen.get("data"):
                self.data.show_mode(mode)
        return next((name for name in _NAMES if name == seen.get("pane")), "")

    # What they show

    def show(self, view: View, differing: Collection[int], seams: Collection[int] = ()) -> None:
        """Show the graph and the timeline as they are now; events of which the ids are in `differing` are marked, and
        on the slider those with the indices `seams`, at which it was redriven."""
        self.graph_body.show(view)
        self.pane("timeline").set_title(f"{len(PANES)} {timeline_title(view)}", *event_meter(view))
        self.slider.show(view, seams)
        self.timeline.show(view, differing)
        self._await_events(view)

    def show_breakpoints(self, breakpoints: Breakpoints) -> None:
        """Mark stages and events by these from now on."""
        self.stages.breakpoints = self.timeline.breakpoints = breakpoints

    def select_stages(self, selection: StageSelection, back: str) -> None:
        """Show these stages; where they are not those at the cursor, `back` says how to go back there."""
        self.stages.show(selection)
        self.pane("stages").set_title(f"2 {selection.title}", "" if selection.is_here else back)

    def show_data(self, selection: StageSelection, row: int) -> None:
        """Show the data of one of the stages."""
        heading = self.data.show(selection, row)
        self.pane("data").set_title(f"3 {heading}", *self._payload.of(self.data.json.value))

    def preview(self, value: Value, what: str, before: Value) -> None:
        """Show a value in the data that is of no stage, or how it differs from one `before`."""
        self.data.show_alone(value, before)
        self.pane("data").set_title(f"3 Data: {what}")

    @property
    def filter_notes(self) -> dict[str, FilterNote | None]:
        """Which filter is in force in each pane that can be searched."""
        searched = (("graph", self.graph), ("stages", self.stages), ("timeline", self.timeline))
        return {name: widget.filter_note for name, widget in searched}

    def light(self, lit: str) -> None:
        """Have one pane stand out, and the others be faint; "" for none."""
        if lit != self._lit:
            self._lit = lit
            for name in _NAMES:
                self.pane(name).light((name == lit) if lit else None)

    # How they are arranged

    def arrange_for(self, size: Size) -> Arrangement:
        """Put them as a terminal of this size asks for; which arrangement that is."""
        arrangement = arrangement_for(*size, is_maximised=self.is_maximised)
        self.shows_one = arrangement is Arrangement.ONE
        self.shown = panes_shown(arrangement, size.height, self.opened, is_maximised=self.is_maximised)
        is_stacked = self.shown is not None and len(self.shown) > 1
        for name in _NAMES:
            pane = self.pane(name)
            pane.display = self.shown is None or name in self.shown
            pane.set_class(is_stacked, "-stacked")
        self.fit_graph(size)
        self._share_rows(size)
        return arrangement

    def _await_events(self, view: View) -> None:
        """Know how many rows the timeline needs: as many as there are events, and in a simulation those that may still
        come, so that the panes keep their sizes while one steps."""
        count, before = len(view.events), self._awaited_events
        if count <= before:
            return
        if before >= 0:
            count = _UNKNOWN
        elif view.mode == "simulation":
            states = view.execution.machine.scope.states.values()
            is_known = not any(state.branches for state in states)
            count = _EVENTS_AROUND + _EVENTS_OF_A_STATE * len(states) if is_known else _UNKNOWN
        self._awaited_events = count
        self._share_rows(self.app.size)

    def leave_rows(self, foot: int, size: Size) -> None:
        """Leave so many rows to what is said at the foot of the screen."""
        if foot != self._foot:
            self._foot = foot
            self._share_rows(size)

    def _share_rows(self, size: Size) -> None:
        """Give each pane its rows, where they are not those of the style sheet."""
        arrangement = arrangement_for(*size, is_maximised=self.is_maximised)
        rows = ""
        if arrangement in (Arrangement.TWO, Arrangement.WIDE):
            rows = grid_rows(arrangement, size.height - _AROUND - self._foot, self._awaited_events)
        if rows != self._rows:
            self._rows = rows
            if rows:
                self.styles.grid_rows = rows
            else:
                self.styles.clear_rule("grid_rows")

    def fit_graph(self, size: Size) -> None:
        """Give the graph's pane the width that its drawing needs, as far as the others can spare it."""
        arrangement = arrangement_for(*size, is_maximised=self.is_maximised)
        if arrangement not in (Arrangement.TWO, Arrangement.WIDE):
            self.graph_body.may_take(0)
            self.styles.clear_rule("grid_columns")
            return
        self.graph_body.may_take(widest(arrangement, size.width))
        self.styles.grid_columns = f"{columns(arrangement, size.width, self.graph_body.needed)} 1fr"
