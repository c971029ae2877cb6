"""The one table of keys: bindings, footer, help screen and command palette are all made from it.

Lowercase steps forward, uppercase is the same verb backward. Verbs work in every pane; motion belongs to the pane
that has the focus. The ids are stable: a user's own keymap names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding


class Group(StrEnum):
    """The headings of the help screen, in its order."""

    STEP = "Step, forward and back"
    IMPOSE = "Change what happens"
    TIME = "Timeline"
    LOOK = "Look"
    MOVE = "Move in a pane"
    PROGRAM = "Program"


class Scope(StrEnum):
    """Where a key works."""

    EVERYWHERE = "everywhere"
    LISTS = "lists"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    `keys` are Textual's names, the letter first; `aliases` are what some terminals send for one of them (Textual
    reads Alt+1 as the character that a Mac types with it). `label` is the footer's word. `verb` is the Debugger
    method that it calls, whose `can()` says whether it is possible now; `action`, if there is one, names what the
    screen does, with a dialog perhaps.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    group: Group
    help: str
    verb: str = ""
    action: str = ""
    scope: Scope = Scope.EVERYWHERE
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name that help and palette show: the label with a capital."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def key(self) -> str:
        """The first key as people write it: `n`, `F10`, `?`."""
        return key_label(self.keys[0])

    @property
    def all_keys(self) -> str:
        """All its keys: `n  F10`."""
        return "  ".join(key_label(key) for key in self.keys)


_STEP, _IMPOSE, _TIME, _LOOK, _MOVE, _PROGRAM = Group


def _graph(id: str, keys: tuple[str, ...], label: str, help: str, action: str, group: Group = _MOVE) -> Command:
    """A key that works in the graph."""
    return Command(id, keys, label, group, help, "", action, Scope.GRAPH)


COMMANDS: Final[tuple[Command, ...]] = (
    Command("step.over", ("n", "f10"), "over", _STEP, "Run the state to its end", verb="step_over"),
    Command("step.into", ("s", "f11"), "into", _STEP, "One stage on, into branches and iterations", "step_into"),
    Command(
        "step.out", ("o", "shift+f11"), "out", _STEP, "Run until this branch, iteration or execution ends", "step_out"
    ),
    Command("step.continue", ("c", "f5"), "continue", _STEP, "Run to a breakpoint, a question or the end", "run"),
    Command("back.over", ("N", "shift+f10"), "back over", _STEP, "Back to before the previous state", "back_over"),
    Command("back.into", ("S",), "back", _STEP, "One stage back", "step_back"),
    Command("back.out", ("O",), "back out", _STEP, "Back to where this branch or iteration began", "back_out"),
    Command("back.continue", ("C",), "run back", _STEP, "Back to a breakpoint or the start", "run_back"),
    Command("step.restart", ("R",), "restart", _STEP, "Back to the start, keeping this timeline", "restart"),
    Command("break.state", ("b", "f9"), "break", _STEP, "Breakpoint on the selected state, on or off", action="break"),
    Command("break.faults", ("B",), "break on faults", _STEP, "Pause at every fault, on or off", action="break_faults"),
    Command("impose.answer", ("a",), "answer", _IMPOSE, "Answer the task that waits", "answer_task", "answer"),
    Command("impose.force", ("f",), "force", _IMPOSE, "Force the Choice to a rule or Default", "force_choice", "force"),
    Command("impose.inject", ("i",), "inject", _IMPOSE, "Make a state's next attempts fail", action="inject"),
    Command("impose.edit", ("e",), "edit", _IMPOSE, "Edit the state's input or its task's result", action="edit"),
    Command("impose.branch", ("v",), "branch", _IMPOSE, "Choose the branch or iteration to step", action="branch"),
    Command("time.back", ("left_square_bracket",), "event back", _TIME, "One event back", action="scrub_back"),
    Command("time.forward", ("right_square_bracket",), "event on", _TIME, "One event forward", action="scrub_forward"),
    Command(
        "impose.definition",
        ("E",),
        "definition",
        _IMPOSE,
        "Run the recording under another definition file",
        verb="goto_place",
        action="definition",
    ),
    Command("time.first", ("left_curly_bracket",), "first event", _TIME, "To the first event", action="first_event"),
    Command("time.last", ("right_curly_bracket",), "last event", _TIME, "To the last known event", action="last_event"),
    Command("time.forks", ("t",), "timelines", _TIME, "List the timelines and switch", action="timelines"),
    Command(
        "time.failure",
        ("exclamation_mark",),
        "failure",
        _TIME,
        "To what failed; again, to the next fault",
        "goto_failure",
    ),
    Command("time.fork", ("F",), "fork here", _TIME, "Leave the recording: a simulation from here on", "fork_here"),
    Command("time.undo", ("u",), "undo", _TIME, "Take back the last change, or leave this fork", verb="leave_fork"),
    Command("look.explain", ("x",), "explain", _LOOK, "The plain sentence, on or off", action="explain"),
    Command("look.data", ("d",), "data view", _LOOK, "Before, after, difference, expression", action="data_view"),
    Command("look.variables", ("dollar_sign",), "variables", _LOOK, "The variables, in the data", action="variables"),
    Command("look.search", ("slash",), "search", _LOOK, "Search in this pane; , and . for the next", action="search"),
    Command("look.next_match", ("full_stop",), "next match", _LOOK, "Next match of the search", action="next_match"),
    Command("look.last_match", ("comma",), "last match", _LOOK, "Previous match", action="previous_match"),
    Command("look.copy", ("y",), "copy", _LOOK, "Copy what this pane shows; in the data, yy", action="copy"),
    Command("look.here", ("w",), "where", _LOOK, "Back to where the run stands", action="here"),
    Command(
        "look.summary",
        ("A",),
        "about",
        _LOOK,
        "About the recording: status, failure, retries",
        verb="goto_place",
        action="summary",
    ),
    Command(
        "look.durations",
        ("D",),
        "durations",
        _LOOK,
        "When each state ran, for how long",
        verb="goto_place",
        action="durations",
    ),
    Command(
        "look.differences",
        ("X",),
        "differences",
        _LOOK,
        "Where recorded and computed differ",
        verb="goto_place",
        action="differences",
    ),
    Command("look.find", ("ctrl+f",), "find in data", _LOOK, "Search in all data of all events", action="find_data"),
    Command("look.follow", ("ctrl+r",), "follow", _LOOK, "Follow a running execution again", action="follow"),
    Command("look.warnings", ("W",), "warnings", _LOOK, "What is odd about the definition", action="warnings"),
    Command("look.state", ("p",), "go to state", _LOOK, "All states: find one by its name, go there", action="state"),
    Command("look.visits", ("r",), "visits", _LOOK, "All visits to the selected state: look at one", action="visits"),
    Command("look.map", ("m",), "map", _LOOK, "The small map beside the graph, on or off", action="map"),
    Command("look.maximise", ("z",), "maximise", _LOOK, "This pane alone, on or off", action="maximise"),
    Command("look.graph", ("alt+1", "1"), "graph", _LOOK, "Go to the graph", "", "pane_graph", aliases=("¡",)),
    Command("look.stages", ("alt+2", "2"), "stages", _LOOK, "Go to the stages", "", "pane_stages", aliases=("™",)),
    Command("look.json", ("alt+3", "3"), "data", _LOOK, "Go to the data", "", "pane_data", aliases=("£",)),
    Command(
        "look.timeline", ("alt+4", "4"), "timeline", _LOOK, "Go to the timeline", "", "pane_timeline", aliases=("¢",)
    ),
    Command("look.next", ("tab",), "next pane", _LOOK, "Next pane", action="next_pane"),
    Command("look.previous", ("shift+tab",), "previous pane", _LOOK, "Previous pane", action="previous_pane"),
    Command("move.down", ("j", "down"), "down", _MOVE, "Down", action="down", scope=Scope.LISTS),
    Command("move.up", ("k", "up"), "up", _MOVE, "Up", action="up", scope=Scope.LISTS),
    Command("move.page_down", ("ctrl+d", "pagedown"), "page down", _MOVE, "A page down", "", "page_down", Scope.LISTS),
    Command("move.page_up", ("ctrl+u", "pageup"), "page up", _MOVE, "A page up", "", "page_up", Scope.LISTS),
    Command("move.first", ("g", "home"), "first", _MOVE, "To the first", action="first", scope=Scope.LISTS),
    Command("move.last", ("G", "end"), "last", _MOVE, "To the last", action="last", scope=Scope.LISTS),
    Command("move.choose", ("enter",), "choose", _MOVE, "Show or jump to this", action="choose", scope=Scope.LISTS),
    Command("graph.down", ("j", "down"), "along", _MOVE, "To a next state", action="down", scope=Scope.GRAPH),
    Command("graph.up", ("k", "up"), "back along", _MOVE, "To a previous state", action="up", scope=Scope.GRAPH),
    Command("graph.left", ("h", "left"), "left", _MOVE, "To the state on the left", action="left", scope=Scope.GRAPH),
    Command("graph.right", ("l", "right"), "right", _MOVE, "To the state on the right", "", "right", Scope.GRAPH),
    Command("graph.page_down", ("ctrl+d", "pagedown"), "page down", _MOVE, "A page down", "", "page_down", Scope.GRAPH),
    Command("graph.page_up", ("ctrl+u", "pageup"), "page up", _MOVE, "A page up", "", "page_up", Scope.GRAPH),
    Command("graph.pan_left", ("H",), "pan left", _MOVE, "Half a pane to the left", "", "pan_left", Scope.GRAPH),
    Command("graph.pan_right", ("L",), "pan right", _MOVE, "Half a pane to the right", "", "pan_right", Scope.GRAPH),
    Command("graph.first", ("g", "home"), "first", _MOVE, "To the first state", action="first", scope=Scope.GRAPH),
    Command("graph.last", ("G", "end"), "last", _MOVE, "To the last state", action="last", scope=Scope.GRAPH),
    _graph("graph.choose", ("enter",), "show", "Show its last visit; again, an earlier one", "choose"),
    _graph("graph.inside", ("greater_than_sign",), "into it", "Into this Parallel or Map", "inside"),
    _graph(
        "graph.outside", ("less_than_sign", "backspace"), "out of it", "To the Parallel or Map around it", "outside"
    ),
    _graph("graph.nudge_left", ("shift+left",), "nudge left", "A few columns to the left", "nudge_left"),
    _graph("graph.nudge_right", ("shift+right",), "nudge right", "A few columns to the right", "nudge_right"),
    _graph("graph.nudge_up", ("shift+up",), "nudge up", "A few rows up", "nudge_up"),
    _graph("graph.nudge_down", ("shift+down",), "nudge down", "A few rows down", "nudge_down"),
    _graph("graph.fold", ("space",), "fold", "Fold or unfold this Parallel or Map", "fold", _LOOK),
    _graph(
        "graph.fold_all", ("asterisk",), "fold all", "Fold every Parallel and Map, or unfold all", "fold_all", _LOOK
    ),
    _graph("graph.larger", ("plus", "equals_sign"), "larger", "Draw states larger: lines, full boxes", "larger", _LOOK),
    _graph("graph.smaller", ("minus",), "smaller", "Draw states smaller: lines, dots", "smaller", _LOOK),
    _graph("graph.fit", ("0",), "fit", "Draw states as large as fits the pane", "fit", _LOOK),
    Command("program.help", ("question_mark", "f1"), "help", _PROGRAM, "All keys: search, and run one", action="help"),
    Command("program.palette", ("ctrl+p",), "commands", _PROGRAM, "Find a command by name", action="palette"),
    Command("program.theme", ("T",), "theme", _PROGRAM, "Next theme: dark, light, high contrast", action="theme"),
    Command(
        "program.escape",
        ("escape", "ctrl+c"),
        "back out",
        _PROGRAM,
        "Interrupt a run, or go back one level",
        "",
        "escape",
    ),
    Command("program.quit", ("q", "ctrl+q"), "quit", _PROGRAM, "Leave sfdebug", action="quit"),
)
"""Every key of the program, apart from those that the JSON views and dialogs document themselves."""

BY_ID: Final[dict[str, Command]] = {command.id: command for command in COMMANDS}

_NAMES: Final = {
    "question_mark": "?",
    "slash": "/",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "comma": ",",
    "full_stop": ".",
    "dollar_sign": "$",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "asterisk": "*",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "backspace": "Backspace",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "shift": "Shift",
    "ctrl": "Ctrl",
    "alt": "Alt",
}


def key_label(key: str) -> str:
    """A Textual key name as people write it: `question_mark` is `?`, `shift+f10` is `Shift+F10`."""
    parts = key.split("+")
    words = [_NAMES.get(part, part) for part in parts]
    last = words[-1]
    if len(last) > 1 and last[0] == "f" and last[1:].isdigit():
        words[-1] = last.upper()
    return "+".join(words)


def bindings_for(scope: Scope, action: str = "{action}") -> list[Binding]:
    """The Textual bindings of a scope, with stable ids. `action` is filled with each command's id and action."""
    return [
        Binding(
            ",".join((*command.keys, *command.aliases)),
            action.format(id=command.id, action=command.action),
            command.title,
            id=command.id,
            show=False,
            tooltip=command.help,
        )
        for command in COMMANDS
        if command.scope is scope
    ]
