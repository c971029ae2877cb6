"""The commands that only look: panes, searching, copying, the sentence, help, themes. The run stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sfdebug.text import counted
from sfdebug.tui.graph.motion import Standpoint
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.painting.themes import next_theme
from sfdebug.tui.panes.stages import look_here
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import is_present

if TYPE_CHECKING:
    from sfdebug.tui.commands.dispatch import Commands
    from sfdebug.tui.screens.debug import DebugScreen

_WIDEST_EXCERPT: Final = 110


class ViewCommands:
    """One method for each command that changes what is seen."""

    def __init__(self, screen: DebugScreen, commands: Commands) -> None:
        self.screen = screen
        self.commands = commands
        self._mode_before = Mode.AFTER
        self._searched: LineList | GraphView | None = None
        self._before: Standpoint | int | None = None
        """Where one was when the search began: a place in the graph, or a row."""

    def actions(self) -> dict[str, Callable[[], None]]:
        """The commands that these belong to, by action."""
        screen = self.screen
        panes = {f"pane_{name}": self._opening(name) for name in ("graph", "stages", "data", "timeline")}
        return {
            **panes,
            "next_pane": lambda: screen.open(screen.pane_beside(1)),
            "previous_pane": lambda: screen.open(screen.pane_beside(-1)),
            "maximise": self.maximise,
            "explain": self.explain,
            "data_view": self.next_data_view,
            "variables": self.variables,
            "search": self.search,
            "next_match": lambda: self.find(1),
            "previous_match": lambda: self.find(-1),
            "copy": self.copy,
            "here": self.here,
            "warnings": self.warnings,
            "help": self.help,
            "palette": self.palette,
            "theme": self.theme,
            "quit": self.quit,
        }

    def _opening(self, name: str) -> Callable[[], None]:
        return lambda: self.screen.open(name)

    # Panes

    def maximise(self) -> None:
        """Show the pane with the focus alone, or all again."""
        self.screen.is_maximised = not self.screen.is_maximised
        self.screen.rearrange()

    def here(self) -> None:
        """Show where the run stands, in every pane."""
        self.screen.refresh_view()

    def explain(self) -> None:
        """Show or hide the sentence."""
        self.screen.sentence.display = not self.screen.sentence.display

    def next_data_view(self) -> None:
        """Before, after, difference, expression, and variables where there are any, round and round."""
        self.screen.data.next_mode()
        if not self.screen.data.is_on_screen:
            self.screen.say(f"data: {self.screen.data.mode}")

    def variables(self) -> None:
        """Show the variables in the data, or what it showed before."""
        data = self.screen.data
        if not self.screen.looking_at.variables:
            self.screen.say("no variables here: Assign makes them", Tone.REFUSAL)
            return
        if data.mode is Mode.VARIABLES and data.is_on_screen:
            data.show_mode(self._mode_before)
            return
        if data.mode is not Mode.VARIABLES:
            self._mode_before = data.mode
        data.show_mode(Mode.VARIABLES)
        if not data.is_on_screen:
            self.screen.open("data")

    # Searching

    def search(self) -> None:
        """Search in the pane that is open."""
        screen = self.screen
        if screen.open_pane == "data":
            screen.data.json.focus()
            screen.data.json.action_search()
            return
        target = self._targets[screen.open_pane]
        self._searched = target
        self._before = target.standpoint if isinstance(target, GraphView) else target.cursor
        screen.search.open(target.filter_query)

    @property
    def _targets(self) -> dict[str, LineList | GraphView]:
        """What is searched in each pane but that of the data, which searches by itself."""
        screen = self.screen
        return {"graph": screen.graph, "stages": screen.stages, "timeline": screen.timeline}

    @property
    def _filtered(self) -> LineList | GraphView | None:
        """What is searched in the pane that is open, with a search in force."""
        target = self._targets.get(self.screen.open_pane)
        return target if target is not None and target.filter_query else None

    def search_typed(self, query: str) -> None:
        """Show what matches, as it is typed."""
        if self._searched is None:
            return
        count = self._searched.set_filter(query)
        self.screen.search.count(counted(count, "match") if query else "")
        self.screen.show_filters()

    def search_kept(self) -> None:
        """Go back to the pane, with the search in force."""
        self.screen.search.close()
        if self._searched is not None:
            self._searched.focus()
            if self._searched.filter_query:
                ends = "ends the search" if isinstance(self._searched, GraphView) else "shows all"
                self.screen.say(f"/{self._searched.filter_query}   , and . go from match to match, Esc {ends}")

    def search_dropped(self) -> None:
        """Go back to the pane, to where one was, without a search."""
        self.screen.search.close()
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
        self.screen.show_filters()

    def find(self, direction: int) -> None:
        """To the next match, or the previous one: in the pane that is open, else where was searched last."""
        target = self._filtered or self._searched
        if target is None or not target.filter_query:
            self.screen.say("nothing is searched for: / searches", Tone.REFUSAL)
        elif isinstance(target, GraphView):
            target.go_to_match(direction)
            self.screen.show_filters()
        elif direction > 0:
            target.action_down()
        else:
            target.action_up()

    def back_out(self) -> bool:
        """One level back: the search in this pane, the maximised pane, the state looked at. Says whether there was
        one."""
        screen, filtered = self.screen, self._filtered
        if filtered is not None:
            filtered.set_filter("")
            screen.show_filters()
        elif screen.is_maximised:
            self.maximise()
        elif not screen.looking_at.is_here:
            screen.look(look_here(screen.view))
        else:
            return False
        return True

    # Copying

    def copy(self) -> None:
        """Copy what the open pane shows: a state's name, a stage's data, an event."""
        screen = self.screen
        is_shown = screen.timeline.place_of(screen.timeline.cursor) is not None
        if screen.open_pane == "timeline" and screen.view.events and is_shown:
            event = screen.timeline.event_at(screen.timeline.cursor)
            self._copied(json.dumps(event.as_dict(), indent=2, ensure_ascii=False), f"event {event.id}")
        elif screen.open_pane == "graph" and screen.graph.selected:
            name = str(screen.graph.selected[-1])
            self._copied(name, f"the name {name}")
        elif screen.open_pane == "timeline":
            why = "no event matches" if screen.view.events else "no events yet"
            self.screen.say(f"nothing to copy: {why}", Tone.REFUSAL)
        elif not is_present(screen.data.json.value):
            self.screen.say("nothing to copy: there is no value yet in the data of this stage", Tone.REFUSAL)
        else:
            screen.data.json.copy_value()
            if not screen.data.is_on_screen:
                self.screen.say("copied the value in the data pane to the terminal's clipboard (OSC 52)")

    def _copied(self, text: str, what: str) -> None:
        self.screen.app.copy_to_clipboard(text)
        self.screen.say(f"copied {what} to the terminal's clipboard (OSC 52)")

    # The program

    def warnings(self) -> None:
        """The warnings about the definition, each with its place."""
        machine = self.screen.debugger.machine
        if not machine.warnings:
            self.screen.say(f"no warnings about {machine.name}", Tone.REFUSAL)
            return
        from sfdebug.asl.text.problems import render
        from sfdebug.tui.dialogs.messages import TextDialog

        width = max(40, min(_WIDEST_EXCERPT, self.screen.app.size.width - 12))
        title = f"{counted(len(machine.warnings), 'warning')} about {machine.name}"
        self.screen.app.push_screen(TextDialog(title, render(machine.warnings, width)))

    def help(self) -> None:
        """All keys, to search and to run."""
        from sfdebug.tui.screens.help import help_dialog

        def chosen(id: str | None) -> None:
            if id:
                self.commands.run(id)

        self.screen.app.push_screen(help_dialog(self.screen), chosen)

    def palette(self) -> None:
        """Find a command by its name."""
        from sfdebug.tui.commands.palette import Palette

        self.screen.app.push_screen(Palette())

    def theme(self) -> None:
        """The next theme."""
        name = next_theme(self.screen.app.theme)
        self.screen.app.theme = name
        self.screen.say(f"theme {name.removeprefix('sfdebug-')}")

    def quit(self) -> None:
        """Leave; ask first when forks would be lost."""
        screen = self.screen
        if len(screen.view.forks) < 2:
            self.leave()
            return
        from sfdebug.tui.dialogs.messages import ConfirmDialog

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.leave()

        text = f"The session ends, and its {len(screen.view.forks)} timelines with it."
        screen.app.push_screen(ConfirmDialog("Leave sfdebug?", text, yes="leave", no="stay"), confirmed)

    def leave(self) -> None:
        """Leave the program, or go back to the screen that this one was opened from."""
        self.commands.shut_down()
        if self.screen.is_nested:
            self.screen.dismiss()
        else:
            self.screen.app.exit(0)
