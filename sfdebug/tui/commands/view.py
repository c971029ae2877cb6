"""The commands that only look: panes, searching, copying, the sentence, help, themes; the graph, states and visits."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual import actions

from sfdebug.configuration import Explaining
from sfdebug.debugger.wording.values import named
from sfdebug.errors import UsageError
from sfdebug.text import clean, counted
from sfdebug.tui.graph.view import GraphView, Standpoint
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.keys import key_of
from sfdebug.tui.painting.themes import next_theme
from sfdebug.tui.panes.stages import StageSelection, selection_here, selection_of_state, selection_of_visit
from sfdebug.tui.settings import settings_of
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tui.commands.advice import AdviceCommands
    from sfdebug.tui.commands.host import Dispatcher, PaneHost


_LEAST_HELP: Final = 60
_MOST_HELP: Final = 100
"""The cells that the help is wide, at least and at most."""

_WIDEST_EXCERPT: Final = 110
_LISTED: Final = 100
"""So many warnings and pieces of advice are listed; the others are counted."""

_SILENCE: Final = (
    'A rule that does not fit is silenced by a Comment of the state, or of the definition: "sfdebug: ignore RULE".\n'
    "sfdebug lint --explain RULE says why there is one."
)


class ViewCommands:
    """One method for each command that changes what is seen."""

    def __init__(self, host: PaneHost, commands: Dispatcher, advice: AdviceCommands) -> None:
        self.host = host
        self.commands = commands
        self.advice = advice
        self._mode_before = Mode.AFTER
        self._searched: LineList | GraphView | None = None
        self._before: Standpoint | int | None = None
        """Where one was when the search began: a place in the graph, or a row."""

    # Panes

    def open(self, name: str) -> None:
        """Go to a pane."""
        self.host.open(name)

    def open_beside(self, step: int) -> None:
        """Go to the next pane, or the previous one."""
        self.host.open(self.host.pane_beside(step))

    def maximise(self) -> None:
        """Show the pane with the focus alone, or all again."""
        self.host.maximise()

    def here(self) -> None:
        """Show where the run stands, in every pane."""
        self.host.refresh_view()

    def tour(self) -> None:
        """Begin the tour on its sample."""
        begin = settings_of(self.host.app).open_tour
        if begin is None:
            self.host.say("the tour needs the bundled sample: sfdebug demo", Tone.REFUSAL)
        else:
            self.host.app.push_screen(begin())

    def lessons(self) -> None:
        """Show the list of the lessons over this screen."""
        begin = settings_of(self.host.app).open_lessons
        if begin is None:
            self.host.say("there are no lessons here: sfdebug learn has them", Tone.REFUSAL)
        else:
            self.host.app.push_screen(begin())

    def explain(self) -> None:
        """Say more of the stage at hand, or nothing: a sentence, the whole explanation, none, round and round."""
        self.host.show_explained(self.host.sentence.mode.next)
        self.explain_row(self.host.stages.cursor)

    def explain_row(self, row: int) -> None:
        """Explain the stage in a row, where the whole explanation is shown and no verb is under way."""
        host, look = self.host, self.host.selection
        if host.sentence.mode is not Explaining.WHOLE or self.commands.is_running or look.state is None:
            return
        debugger, is_at_hand = host.debugger, look.is_here and row == max(0, look.index)
        try:
            if look.is_here:
                explanation = debugger.explanation(None if is_at_hand else row)
            elif look.visit is not None:
                explanation = debugger.explanation(row, visit=look.visit)
            else:
                explanation = debugger.explanation(row, state=look.state.path)
        except UsageError:
            return  # a followed execution has gone on: what is shown comes anew at once
        if is_at_hand and host.sentence.sentence != clean(host.view.sentence):  # a hint stands behind it
            explanation = replace(explanation, happened=host.sentence.sentence)
        host.sentence.explain(explanation)

    def next_data_view(self) -> None:
        """Before, after, difference, expression, and variables where there are any, round and round."""
        self.host.data.next_mode()
        if not self.host.data.is_on_screen:
            self.host.say(f"data: {self.host.data.mode}")

    def variables(self) -> None:
        """Show the variables in the data, or what it showed before."""
        data = self.host.data
        if not self.host.selection.variables:
            self.host.say("no variables here: Assign makes them", Tone.REFUSAL)
            return
        if data.mode is Mode.VARIABLES and data.is_on_screen:
            data.show_mode(self._mode_before)
            return
        if data.mode is not Mode.VARIABLES:
            self._mode_before = data.mode
        data.show_mode(Mode.VARIABLES)
        if not data.is_on_screen:
            self.host.open("data")

    # Searching

    def search(self) -> None:
        """Search in the pane that is open."""
        host = self.host
        if host.open_pane == "data":
            host.data.json.focus()
            host.data.json.action_search()
            return
        target = self._targets[host.open_pane]
        self._searched = target
        self._before = target.standpoint if isinstance(target, GraphView) else target.cursor
        host.search.open(target.filter_query)

    @property
    def _targets(self) -> dict[str, LineList | GraphView]:
        """What is searched in each pane but that of the data, which searches by itself."""
        host = self.host
        return {"graph": host.graph, "stages": host.stages, "timeline": host.timeline}

    @property
    def _filtered(self) -> LineList | GraphView | None:
        """What is searched in the pane that is open, with a search in force."""
        target = self._targets.get(self.host.open_pane)
        return target if target is not None and target.filter_query else None

    def search_typed(self, query: str) -> None:
        """Show what matches, as it is typed."""
        if self._searched is None:
            return
        count = self._searched.set_filter(query)
        self.host.search.count(counted(count, "match") if query else "")
        self.host.show_filters()

    def search_kept(self) -> None:
        """Go back to the pane, with the search in force."""
        self.host.search.close()
        if self._searched is not None:
            self._searched.focus()
            if self._searched.filter_query:
                ends = "ends the search" if isinstance(self._searched, GraphView) else "shows all"
                keys = f"{key_of('look.last_match')} and {key_of('look.next_match')}"
                ways = f"{keys} go from match to match, {key_of('program.escape')} {ends}"
                self.host.say(f"{key_of('look.search')}{self._searched.filter_query}   {ways}")

    def search_dropped(self) -> None:
        """Go back to the pane, to where one was, without a search."""
        self.host.search.close()
        target, before = self._searched, self._before
        if target is None:
            return
        target.set_filter("")
        if isinstance(target, GraphView):
            if isinstance(before, Standpoint):
                target.go_back_to(before)
        elif isinstance(before, int):
            target.put_cursor(before)
        target.focus()
        self.host.show_filters()

    def find(self, direction: int) -> None:
        """To the next match, or the previous one: in the pane that is open, else where was searched last."""
        target = self._filtered or self._searched
        if target is None or not target.filter_query:
            self.host.say(f"nothing is searched for: {key_of('look.search')} searches", Tone.REFUSAL)
        elif isinstance(target, GraphView):
            target.go_to_match(direction)
            self.host.show_filters()
        elif direction > 0:
            target.action_down()
        else:
            target.action_up()

    def back_out(self) -> bool:
        """One level back: the search in this pane, the maximised pane, the state looked at. Says whether there was
        one."""
        host, filtered = self.host, self._filtered
        if filtered is not None:
            filtered.set_filter("")
            host.show_filters()
        elif host.is_maximised:
            self.maximise()
        elif not host.selection.is_here:
            host.select_stages(selection_here(host.view))
        else:
            return False
        return True

    def jump(self) -> None:
        """Show a letter on each pane and each state in view, and go to the one that is typed."""
        from sfdebug.tui.dialogs.jump import JumpScreen, JumpTarget

        host = self.host
        targets: list[JumpTarget[str | StatePath]] = [
            JumpTarget(name, x, y, str(number)) for number, (name, x, y) in enumerate(host.panes_in_view(), start=1)
        ]
        if any(target.value == "graph" for target in targets):
            targets += [JumpTarget(path, x, y) for path, x, y in host.graph.states_in_view()]

        def chosen(value: str | StatePath | None) -> None:
            if isinstance(value, str):
                host.open(value)
            elif value is not None:
                host.open("graph")
                host.graph.select(value)

        host.ask(JumpScreen(targets), chosen)

    # Copying

    def copy(self) -> None:
        """Copy what the open pane shows: a state's name, a stage's data, an event."""
        host = self.host
        is_shown = host.timeline.position_of(host.timeline.cursor) is not None
        if host.open_pane == "timeline" and host.view.events and is_shown:
            event = host.timeline.event_at(host.timeline.cursor)
            self._copied(json.dumps(event.as_dict(), indent=2, ensure_ascii=False), f"event {event.id}")
        elif host.open_pane == "graph" and host.graph.selected:
            name = str(host.graph.selected[-1])
            self._copied(name, f"the name {name}")
        elif host.open_pane == "timeline":
            why = "no event matches" if host.view.events else "no events yet"
            self.host.say(f"nothing to copy: {why}", Tone.REFUSAL)
        elif not is_present(host.data.json.value):
            self.host.say("nothing to copy: there is no value yet in the data of this stage", Tone.REFUSAL)
        else:
            host.data.json.copy_value()
            if not host.data.is_on_screen:
                self._say_copied("the value in the data pane")

    def _copied(self, text: str, what: str) -> None:
        self.host.app.copy_to_clipboard(text)
        self._say_copied(what)

    def _say_copied(self, what: str) -> None:
        where = getattr(self.host.app, "copied_to", "")
        if where:
            self.host.say(f"copied {what} {where}")

    # The program

    def suspend(self) -> None:
        """Give the terminal back to the shell, until `fg`."""
        app = self.host.app
        if sys.platform == "win32" or app.is_headless or app.is_web:
            self.host.say("this terminal cannot take the program into the background", Tone.REFUSAL)
            return
        app.action_suspend_process()

    def warnings(self) -> None:
        """The warnings about the definition and the advice on it, each with its place."""
        machine = self.host.debugger.machine
        advice = self.advice.problems()
        if not self.advice.is_looked_for:
            self.host.say("advice is not looked for: the definition is not known, its states are those of the history")
            return
        if not machine.warnings and not advice:
            self.host.say(f"no warnings about {machine.name}, and no advice")
            return
        from pathlib import Path

        from msgspec.structs import replace

        from sfdebug.asl.text.problems import render
        from sfdebug.tui.dialogs.messages import TextDialog

        width = max(40, min(_WIDEST_EXCERPT, self.host.app.size.width - 12))
        counts = [(machine.warnings, counted(len(machine.warnings), "warning"))]
        counts.append((advice, f"{counted(len(advice), 'piece')} of advice"))
        shown = " and ".join(count for those, count in counts if those)
        listed = (*machine.warnings, *advice)
        if len({problem.file for problem in listed}) == 1:  # the title says which file that is
            listed = tuple(replace(problem, file=Path(problem.file).name) for problem in listed)
        text = render(listed, width, _LISTED)
        if advice:
            text += f"\n\n{_SILENCE}"
        self.host.ask(TextDialog(f"{shown} about {machine.name}", text))

    def help(self) -> None:
        """All keys, to search and to run."""
        from sfdebug.tui.commands.finding import help_dialog

        def chosen(id: str | None) -> None:
            if id:
                self.commands.run(id)

        host = self.host
        width = max(_LEAST_HELP, min(host.app.size.width * 96 // 100, _MOST_HELP))
        host.ask(help_dialog(self.commands.why_not, host.open_pane, host.glyphs, width), chosen)

    def palette(self) -> None:
        """Find a command by its name."""
        from sfdebug.tui.commands.finding import Palette

        self.host.ask(Palette())

    def theme(self) -> None:
        """The next theme."""
        name = next_theme(self.host.app.theme)
        self.host.app.theme = name
        self.host.say(f"theme {name.removeprefix('sfdebug-')}")

    def repaint(self) -> None:
        """Write the whole screen again: what differs is all that is written else."""
        self.host.repaint()


class GraphCommands:
    """What the screen does about its graph."""

    def __init__(self, host: PaneHost) -> None:
        self.host = host
        self._shown: tuple[StatePath, int, int] | None = None
        """The state last shown, at which node of the timeline, and which of its visits (from 1; 0 for none)."""

    def run(self, action: str) -> None:
        """Do what a key of the graph does, from any pane."""
        self.host.open("graph")
        _, name, arguments = actions.parse(action)
        getattr(self.host.graph, f"action_{name}")(*arguments)

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
            return selection_here(view)
        if not visits:
            return selection_of_state(self.host.debugger.machine.state(path))
        visit = visits[number - 1]
        return selection_of_visit(visit, number, len(visits), self.host.debugger.lines_of(visit))

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
