"""What is in the graph's pane: the graph, the small map beside it, and below it the lines about what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from sfdebug.tui.graph.inspector import LEAST, GraphInspector, most_rows
from sfdebug.tui.graph.map import WIDTH, GraphMap
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult

    from sfdebug.asl.definition import StatePath
    from sfdebug.asl.findings import Finding
    from sfdebug.debugger import View

_WIDE: Final = 64
"""A pane of so many columns can spare the map's, where the drawing is to be scrolled sideways anyway."""


class GraphRow(Horizontal):
    """The graph and the map side by side."""

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take a size; the two have theirs by then, and nothing here scrolls, so nothing more is laid out."""
        return super()._size_updated(size, virtual_size, container_size, layout=False)


class GraphBody(Vertical):
    """Tells the graph how much room there is, and the others what the graph shows."""

    def __init__(self, graph: GraphView, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.graph = graph
        self.map = GraphMap()
        self.inspector = GraphInspector()
        self.wants_map: bool | None = None
        """Whether the map is shown: None for where there is room for it and need of it."""
        self._needed = 0
        self.answered_by: Callable[[StatePath], str] = lambda path: ""
        """Who has answered a state's Task, or will, in words."""
        self.leads_to: Callable[[StatePath], str] = lambda path: ""
        """What the Task of a state calls in the project, in words."""
        self.advice: Mapping[StatePath, Sequence[Finding]] = {}
        """What is advised on each state, the worst first."""
        self.find_advice: Callable[[], None] = lambda: None
        """Looks for it; called when a drawing is painted."""
        self.widest = 0
        """How wide the pane may become for a drawing that needs it; 0: it stays as it is."""

    def compose(self) -> ComposeResult:
        """The graph and the map, the lines below."""
        with GraphRow():
            yield self.graph
            yield self.map
        yield self.inspector

    def may_take(self, columns: int) -> None:
        """Say how wide the pane may become."""
        self.widest = columns
        self._fit()

    @property
    def needed(self) -> int:
        """How many columns the drawing takes, a scroll bar included. Zooming out does not make it fewer: the panes
        stay where they are until the drawing is fitted again."""
        drawing = self.graph.drawing
        if drawing is None:
            return 0
        columns = drawing.width + (drawing.height > self._height - self._lent)
        self._needed = columns if self.graph.drawer.is_fitted else max(columns, self._needed)
        return self._needed

    @property
    def _height(self) -> int:
        return max(1, self.size.height - LEAST)

    @property
    def _lent(self) -> int:
        """How many rows more the inspector may take for a while."""
        return most_rows(self.size.height) - LEAST

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._fit()
        self._refresh()

    def _fit(self) -> None:
        if self.size.area:
            self.graph.fit_to(Size(max(self.size.width, self.widest), self._height), self._lent)

    def toggle_map(self) -> bool:
        """Show the map, or hide it; return whether it is shown."""
        self.wants_map = not self.map.display
        self._refresh()
        return bool(self.map.display)

    def advise(self, advice: Mapping[StatePath, Sequence[Finding]]) -> None:
        """Mark the states that there is advice on, and say it of the one that is selected."""
        self.graph.advise({path: findings for path, findings in advice.items() if path})
        self.advice = advice
        self._refresh()

    def show(self, view: View) -> None:
        """Show the marks of this view, and what they say about the state that it stands at."""
        self.graph.show(view)
        self._refresh()  # with the graph, not with a repaint of its own when the message comes

    @on(GraphView.Drawn)
    def _drawn(self) -> None:
        self.call_after_refresh(self.find_advice)

    @on(GraphView.Changed)
    def _changed(self, event: GraphView.Changed) -> None:
        event.stop()
        self._refresh()

    @on(GraphMap.Pointed)
    def _jumped(self, event: GraphMap.Pointed) -> None:
        event.stop()
        self.graph.viewport.centre_on(event.x, event.y)

    def _refresh(self) -> None:
        """Show what the graph shows now."""
        graph = self.graph
        has_map = self._has_map()
        if self.map.display != has_map:
            self.map.display = has_map
        if has_map:
            self.map.show(graph.drawing, graph.overlay.marks, graph.in_view, graph.selected)
        if graph.drawing is None:
            return
        from sfdebug.tui.graph.facts import advice_facts, edge_facts, state_facts

        glyphs = glyphs_of(self)
        if graph.selected_edges:
            lines = edge_facts(graph.drawing, sorted(graph.selected_edges), graph.overlay, glyphs)
        else:
            calls = self.leads_to(graph.selected)
            answered = self.answered_by(graph.selected)
            width = self.size.width
            lines = state_facts(graph.drawing, graph.selected, graph.overlay, glyphs, width, calls, answered)
            advised = self.advice.get(graph.selected, ())
            if advised:
                lines.insert(2 if calls or answered else 1, advice_facts(advised, glyphs))
        self.inspector.say(lines, graph.drawer.size_words, self.size.height, glyphs)

    def _has_map(self) -> bool:
        drawing = self.graph.drawing
        if drawing is None or self.size.width < 3 * WIDTH:
            return False
        if self.wants_map is not None:
            return self.wants_map
        if drawing.width > self.size.width:
            return self.size.width >= _WIDE
        return drawing.height > self._height and drawing.width + 1 + WIDTH <= self.size.width
