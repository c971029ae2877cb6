"""The commands about the graph: finding a state, its visits one by one, the map, and how wide the pane is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sfdebug.debugger.wording.values import named
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.panes.arrangement import Arrangement, arrangement_for, columns, widest
from sfdebug.tui.panes.stages import StageSelection, look_at_state, look_at_visit, look_here
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tui.screens.debug import DebugScreen


class GraphCommands:
    """What the screen does about its graph."""

    def __init__(self, screen: DebugScreen) -> None:
        self.screen = screen
        self._shown: tuple[StatePath, int, int] | None = None
        """The state last shown, at which node of the timeline, and which of its visits (from 1; 0 for none)."""

    def actions(self) -> dict[str, Callable[[], None]]:
        """The commands, by action."""
        return {"state": self.find_state, "visits": self.find_visit, "map": self.toggle_map}

    def run(self, action: str) -> None:
        """Do what a key of the graph does, from any pane."""
        self.screen.open("graph")
        getattr(self.screen.graph, f"action_{action}")()

    # Looking at states

    def look_at(self, path: StatePath) -> None:
        """Show the last visit to a state up to the cursor; asked again, the one before; or how it is defined."""
        visits = self.screen.debugger.visits_of(path)
        count, node = len(visits), self.screen.view.node_id
        number = count
        if self._shown is not None and self._shown[:2] == (path, node) and count:
            number = (self._shown[2] - 2) % count + 1
        self._shown = (path, node, number)
        self.screen.look(self._look(path, visits, number))
        if count > 1:
            self.screen.say(f"visit {number:,} of {count:,}: Enter shows the one before, r lists them")

    def _look(self, path: StatePath, visits: list[Visit], number: int) -> StageSelection:
        view = self.screen.view
        is_last = number == len(visits)
        if path == view.state_path and (is_last or not visits) and self._is_at_hand(visits):
            return look_here(view)
        if not visits:
            return look_at_state(self.screen.debugger.machine.state(path))
        visit = visits[number - 1]
        return look_at_visit(visit, number, len(visits), self.screen.debugger.lines_of(visit))

    def _is_at_hand(self, visits: list[Visit]) -> bool:
        """Whether the last visit is the one at the cursor, or there is none and the state is about to run."""
        view = self.screen.view
        return view.is_about_to_run or view.visit is None or not visits or visits[-1].number == view.visit.number

    def find_visit(self) -> None:
        """List the visits to the selected state."""
        from sfdebug.tui.dialogs.find_state import find_visit_dialog

        path = self.screen.graph.selected or self.screen.view.state_path
        visits = self.screen.debugger.visits_of(path)
        if not visits:
            name = f"{named(str(path[-1]))} has" if path else "no state has"
            self.screen.say(f"{name} not been visited yet", Tone.REFUSAL)
            return
        state, looked_at = self.screen.debugger.machine.state(path), self.screen.looking_at.visit
        numbers = {visit.number: number for number, visit in enumerate(visits, start=1)}
        current = numbers.get(looked_at.number, 0) if looked_at is not None else 0

        def chosen(number: int | None) -> None:
            if number is not None:
                self._shown = (path, self.screen.view.node_id, number)
                self.screen.look(self._look(path, visits, number))
                if self.screen.shows_one_pane:
                    self.screen.open("stages")

        execution, glyphs = self.screen.view.execution, glyphs_of(self.screen)
        self.screen.app.push_screen(find_visit_dialog(state, visits, execution, current, glyphs), chosen)

    def find_state(self) -> None:
        """Find a state by its name, and select it in the graph."""
        from sfdebug.tui.dialogs.find_state import find_state_dialog

        screen = self.screen

        def chosen(path: StatePath | None) -> None:
            if path is not None:
                screen.open("graph")
                screen.graph.reveal(path)

        machine, marks = screen.debugger.machine, screen.view.marks
        screen.app.push_screen(find_state_dialog(machine, marks, screen.graph.selected, glyphs_of(screen)), chosen)

    # The pane

    def toggle_map(self) -> None:
        """Show the small map beside the graph, or hide it."""
        body = self.screen.graph_body
        if not body.toggle_map() and body.wants_map:
            self.screen.say("the graph's pane is too narrow for the map: z gives it the whole screen", Tone.REFUSAL)

    def arrange(self) -> None:
        """Give the graph's pane the width that its drawing needs, as far as the others can spare it."""
        screen = self.screen
        width, height = screen.app.size
        arrangement = arrangement_for(width, height, is_maximised=screen.is_maximised)
        panes = screen.query_one("#panes")
        if arrangement not in (Arrangement.TWO, Arrangement.THREE):
            screen.graph_body.may_take(0)
            panes.styles.clear_rule("grid_columns")
            return
        screen.graph_body.may_take(widest(arrangement, width))
        needed = screen.graph_body.needed
        others = "1fr" if arrangement is Arrangement.TWO else "6fr 7fr"
        panes.styles.grid_columns = f"{columns(arrangement, width, needed)} {others}"
