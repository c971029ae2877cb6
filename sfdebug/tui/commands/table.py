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


class KeyScope(StrEnum):
    """Where a key works."""

    EVERYWHERE = "everywhere"
    LISTS = "lists"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class KeyCommand:
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
    scope: KeyScope = KeyScope.EVERYWHERE
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


def _graph(id: str, keys: tuple[str, ...], label: str, help: str, action: str, group: Group = _MOVE) -> KeyCommand:
    """A key that works in the graph."""
    return KeyCommand(id, keys, label, group, help, "", action, KeyScope.GRAPH)


COMMANDS: Final[tuple[KeyCommand, ...]] = (
    KeyCommand("step.over", ("n", "f10"), "over", _STEP, "Run the state to its end", verb="step_over"),
    KeyCommand("step.into", ("s", "f11"), "into", _STEP, "One stage on, into branches and iterations", "step_into"),
    KeyCommand(
        "step.out", ("o", "shift+f11"), "out", _STEP, "Run until this branch, iteration or execution ends", "step_out"
    ),
    KeyCommand("step.continue", ("c", "f5"), "continue", _STEP, "Run to a breakpoint, a question or the end", "run"),
    KeyCommand("back.over", ("N", "shift+f10"), "back over", _STEP, "Back to before the previous state", "back_over"),
    KeyCommand("back.into", ("S",), "back", _STEP, "One stage back", "step_back"),
    KeyCommand("back.out", ("O",), "back out", _STEP, "Back to where this branch or iteration began", "back_out"),
    KeyCommand("back.continue", ("C",), "run back", _STEP, "Back to a breakpoint or the start", "run_back"),
    KeyCommand("step.restart", ("R",), "restart", _STEP, "Back to the start, keeping this timeline", "restart"),
    KeyCommand(
        "break.state", ("b", "f9"), "break", _STEP, "Breakpoint on the selected state, on or off", action="break"
    ),
    KeyCommand(
        "break.faults", ("B",), "break on faults", _STEP, "Pause at every fault, on or off", action="break_faults"
    ),
    KeyCommand("impose.answer", ("a",), "answer", _IMPOSE, "Answer the task that waits", "answer_task", "answer"),
    KeyCommand(
        "impose.force", ("f",), "force", _IMPOSE, "Force the Choice to a rule or Default", "force_choice", "force"
    ),
    KeyCommand("impose.inject", ("i",), "inject", _IMPOSE, "Make a state's next attempts fail", action="inject"),
    KeyCommand("impose.edit", ("e",), "edit", _IMPOSE, "Edit the state's input or its task's result", action="edit"),
    KeyCommand("impose.branch", ("v",), "branch", _IMPOSE, "Choose the branch or iteration to step", action="branch"),
    KeyCommand("time.back", ("left_square_bracket",), "event back", _TIME, "One event back", action="scrub_back"),
    KeyCommand(
        "time.forward", ("right_square_bracket",), "event on", _TIME, "One event forward", action="scrub_forward"
    ),
    KeyCommand(
        "impose.definition",
        ("E",),
        "definition",
        _IMPOSE,
        "Run the recording under another definition file",
        verb="goto_place",
        action="definition",
    ),
    KeyCommand("time.first", ("left_curly_bracket",), "first event", _TIME, "To the first event", action="first_event"),
    KeyCommand(
        "time.last", ("right_curly_bracket",), "last event", _TIME, "To the last known event", action="last_event"
    ),
    KeyCommand("time.forks", ("t",), "timelines", _TIME, "List the timelines and switch", action="timelines"),
    KeyCommand(
        "time.failure",
        ("exclamation_mark",),
        "failure",
        _TIME,
        "To what failed; again, to the next fault",
        "goto_failure",
    ),
    KeyCommand("time.fork", ("F",), "fork here", _TIME, "Leave the recording: a simulation from here on", "fork_here"),
    KeyCommand("time.undo", ("u",), "undo", _TIME, "Take back the last change, or leave this fork", verb="leave_fork"),
    KeyCommand("look.explain", ("x",), "explain", _LOOK, "The plain sentence, on or off", action="explain"),
    KeyCommand("look.data", ("d",), "data view", _LOOK, "Before, after, difference, expression", action="data_view"),
    KeyCommand(
        "look.variables", ("dollar_sign",), "variables", _LOOK, "The variables, in the data", action="variables"
    ),
    KeyCommand(
        "look.search", ("slash",), "search", _LOOK, "Search in this pane; , and . for the next", action="search"
    ),
    KeyCommand("look.next_match", ("full_stop",), "next match", _LOOK, "Next match of the search", action="next_match"),
    KeyCommand("look.last_match", ("comma",), "last match", _LOOK, "Previous match", action="previous_match"),
    KeyCommand("look.copy", ("y",), "copy", _LOOK, "Copy what this pane shows; in the data, yy", action="copy"),
    KeyCommand("look.here", ("w",), "where", _LOOK, "Back to where the run stands", action="here"),
    KeyCommand(
        "look.summary",
        ("A",),
        "about",
        _LOOK,
        "About the recording: status, failure, retries",
        verb="goto_place",
        action="summary",
    ),
    KeyCommand(
        "look.durations",
        ("D",),
        "durations",
        _LOOK,
        "When each state ran, for how long",
        verb="goto_place",
        action="durations",
    ),
    KeyCommand(
        "look.differences",
        ("X",),
        "differences",
        _LOOK,
        "Where recorded and computed differ",
        verb="goto_place",
        action="differences",
    ),
    KeyCommand("look.find", ("ctrl+f",), "find in data", _LOOK, "Search in all data of all events", action="find_data"),
    KeyCommand("look.follow", ("ctrl+r",), "follow", _LOOK, "Follow a running execution again", action="follow"),
    KeyCommand("look.warnings", ("W",), "warnings", _LOOK, "What is odd about the definition", action="warnings"),
    KeyCommand(
        "look.state", ("p",), "go to state", _LOOK, "All states: find one by its name, go there", action="state"
    ),
    KeyCommand(
        "look.visits", ("r",), "visits", _LOOK, "All visits to the selected state: look at one", action="visits"
    ),
    KeyCommand("look.map", ("m",), "map", _LOOK, "The small map beside the graph, on or off", action="map"),
    KeyCommand("look.maximise", ("z",), "maximise", _LOOK, "This pane alone, on or off", action="maximise"),
    KeyCommand("look.graph", ("alt+1", "1"), "graph", _LOOK, "Go to the graph", "", "pane_graph", aliases=("¡",)),
    KeyCommand("look.stages", ("alt+2", "2"), "stages", _LOOK, "Go to the stages", "", "pane_stages", aliases=("™",)),
    KeyCommand("look.json", ("alt+3", "3"), "data", _LOOK, "Go to the data", "", "pane_data", aliases=("£",)),
    KeyCommand(
        "look.timeline", ("alt+4", "4"), "timeline", _LOOK, "Go to the timeline", "", "pane_timeline", aliases=("¢",)
    ),
    KeyCommand("look.next", ("tab",), "next pane", _LOOK, "Next pane", action="next_pane"),
    KeyCommand("look.previous", ("shift+tab",), "previous pane", _LOOK, "Previous pane", action="previous_pane"),
    KeyCommand("move.down", ("j", "down"), "down", _MOVE, "Down", action="down", scope=KeyScope.LISTS),
    KeyCommand("move.up", ("k", "up"), "up", _MOVE, "Up", action="up", scope=KeyScope.LISTS),
    KeyCommand(
        "move.page_down", ("ctrl+d", "pagedown"), "page down", _MOVE, "A page down", "", "page_down", KeyScope.LISTS
    ),
    KeyCommand("move.page_up", ("ctrl+u", "pageup"), "page up", _MOVE, "A page up", "", "page_up", KeyScope.LISTS),
    KeyCommand("move.first", ("g", "home"), "first", _MOVE, "To the first", action="first", scope=KeyScope.LISTS),
    KeyCommand("move.last", ("G", "end"), "last", _MOVE, "To the last", action="last", scope=KeyScope.LISTS),
    KeyCommand(
        "move.choose", ("enter",), "choose", _MOVE, "Show or jump to this", action="choose", scope=KeyScope.LISTS
    ),
    KeyCommand("graph.down", ("j", "down"), "along", _MOVE, "To a next state", action="down", scope=KeyScope.GRAPH),
    KeyCommand("graph.up", ("k", "up"), "back along", _MOVE, "To a previous state", action="up", scope=KeyScope.GRAPH),
    KeyCommand(
        "graph.left", ("h", "left"), "left", _MOVE, "To the state on the left", action="left", scope=KeyScope.GRAPH
    ),
    KeyCommand("graph.right", ("l", "right"), "right", _MOVE, "To the state on the right", "", "right", KeyScope.GRAPH),
    KeyCommand(
        "graph.page_down", ("ctrl+d", "pagedown"), "page down", _MOVE, "A page down", "", "page_down", KeyScope.GRAPH
    ),
    KeyCommand("graph.page_up", ("ctrl+u", "pageup"), "page up", _MOVE, "A page up", "", "page_up", KeyScope.GRAPH),
    KeyCommand("graph.pan_left", ("H",), "pan left", _MOVE, "Half a pane to the left", "", "pan_left", KeyScope.GRAPH),
    KeyCommand(
        "graph.pan_right", ("L",), "pan right", _MOVE, "Half a pane to the right", "", "pan_right", KeyScope.GRAPH
    ),
    KeyCommand(
        "graph.first", ("g", "home"), "first", _MOVE, "To the first state", action="first", scope=KeyScope.GRAPH
    ),
    KeyCommand("graph.last", ("G", "end"), "last", _MOVE, "To the last state", action="last", scope=KeyScope.GRAPH),
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
    KeyCommand(
        "program.help", ("question_mark", "f1"), "help", _PROGRAM, "All keys: search, and run one", action="help"
    ),
    KeyCommand("program.palette", ("ctrl+p",), "commands", _PROGRAM, "Find a command by name", action="palette"),
    KeyCommand("program.theme", ("T",), "theme", _PROGRAM, "Next theme: dark, light, high contrast", action="theme"),
    KeyCommand(
        "program.escape",
        ("escape", "ctrl+c"),
        "back out",
        _PROGRAM,
        "Interrupt a run, or go back one level",
        "",
        "escape",
    ),
    KeyCommand("program.quit", ("q", "ctrl+q"), "quit", _PROGRAM, "Leave sfdebug", action="quit"),
)
"""Every key of the program, apart from those that the JSON views and dialogs document themselves."""

BY_ID: Final[dict[str, KeyCommand]] = {command.id: command for command in COMMANDS}

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


def bindings_for(scope: KeyScope, action: str = "{action}") -> list[Binding]:
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
