"""The commands about the graph: finding a state, its visits one by one, the map, and how wide the pane is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.wording.values import named
from sfdebug.tui.keys import key_of
from sfdebug.tui.panes.stages import StageSelection, look_at_state, look_at_visit, look_here
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tui.commands.host import PaneHost


class GraphCommands:
    """What the screen does about its graph."""

    def __init__(self, host: PaneHost) -> None:
        self.host = host
        self._shown: tuple[StatePath, int, int] | None = None
        """The state last shown, at which node of the timeline, and which of its visits (from 1; 0 for none)."""

    def run(self, action: str) -> None:
        """Do what a key of the graph does, from any pane."""
        self.host.open("graph")
        getattr(self.host.graph, f"action_{action}")()

    # Showing states

    def show_state(self, path: StatePath) -> None:
        """Show the last visit to a state up to the cursor; asked again, the one before; or how it is defined."""
        visits = self.host.debugger.visits_of(path)
        count, node = len(visits), self.host.view.node_id
        number = count
        if self._shown is not None and self._shown[:2] == (path, node) and count:
            number = (self._shown[2] - 2) % count + 1
        self._shown = (path, node, number)
        self.host.select_stages(self._selection(path, visits, number))
        if count > 1:
            ways = f"{key_of('graph.choose')} shows the one before, {key_of('look.visits')} lists them"
            self.host.say(f"visit {number:,} of {count:,}: {ways}")

    def _selection(self, path: StatePath, visits: list[Visit], number: int) -> StageSelection:
        view = self.host.view
        is_last = number == len(visits)
        if path == view.state_path and (is_last or not visits) and self._is_at_hand(visits):
            return look_here(view)
        if not visits:
            return look_at_state(self.host.debugger.machine.state(path))
        visit = visits[number - 1]
        return look_at_visit(visit, number, len(visits), self.host.debugger.lines_of(visit))

    def _is_at_hand(self, visits: list[Visit]) -> bool:
        """Whether the last visit is the one at the cursor, or there is none and the state is about to run."""
        view = self.host.view
        return view.is_about_to_run or view.visit is None or not visits or visits[-1].number == view.visit.number

    def find_visit(self) -> None:
        """List the visits to the selected state."""
        from sfdebug.tui.dialogs.find_state import find_visit_dialog

        path = self.host.graph.selected or self.host.view.state_path
        visits = self.host.debugger.visits_of(path)
        if not visits:
            name = f"{named(str(path[-1]))} has" if path else "no state has"
            self.host.say(f"{name} not been visited yet", Tone.REFUSAL)
            return
        state, looked_at = self.host.debugger.machine.state(path), self.host.selection.visit
        numbers = {visit.number: number for number, visit in enumerate(visits, start=1)}
        current = numbers.get(looked_at.number, 0) if looked_at is not None else 0

        def chosen(number: int | None) -> None:
            if number is not None:
                self._shown = (path, self.host.view.node_id, number)
                self.host.select_stages(self._selection(path, visits, number))
                if self.host.shows_one_pane:
                    self.host.open("stages")

        execution, glyphs = self.host.view.execution, self.host.glyphs
        self.host.ask(find_visit_dialog(state, visits, execution, current, glyphs), chosen)

    def find_state(self) -> None:
        """Find a state by its name, and select it in the graph."""
        from sfdebug.tui.dialogs.find_state import find_state_dialog

        host = self.host

        def chosen(path: StatePath | None) -> None:
            if path is not None:
                host.open("graph")
                host.graph.reveal(path)

        machine, marks = host.debugger.machine, host.view.marks
        host.ask(find_state_dialog(machine, marks, host.graph.selected, host.glyphs), chosen)

    # The pane

    def toggle_map(self) -> None:
        """Show the small map beside the graph, or hide it."""
        body = self.host.graph_body
        if not body.toggle_map() and body.wants_map:
            way = f"{key_of('look.maximise')} gives it the whole screen"
            self.host.say(f"the graph's pane is too narrow for the map: {way}", Tone.REFUSAL)
