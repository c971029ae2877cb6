"""The one table of commands: bindings, dispatch, help screen and command palette are all made from it. The footer names
those of its rows that `useful` chooses for the possible, the most useful first.

`n`, `s`, `o` and `c` step forward, and in uppercase backward. Verbs work in every pane; motion belongs to the pane
that has the focus. The ids are stable: a user's own keymap names them. Sentences that name a key ask here for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from textual.binding import Binding

from sfdebug.asl.definition import StateType
from sfdebug.debugger.verbs import Hint, Verb

if TYPE_CHECKING:
    from sfdebug.debugger.view.model import View


class Group(StrEnum):
    """The headings of the help screen, in its order."""

    STEP = "Step, forward and back"
    INTERVENE = "Change what happens"
    TIME = "Timeline"
    LOOK = "Look"
    MOVE = "Move in a pane"
    LEARN = "Lessons"
    CLIENT = "A client's execution (serve --watch)"
    PROGRAM = "Program"


class KeyScope(StrEnum):
    """Where a key works."""

    EVERYWHERE = "everywhere"
    LISTS = "lists"
    GRAPH = "graph"
    LESSON = "lesson"


class KeyCommand(Struct, frozen=True):
    """One row of the table.

    `default_keys` are Textual's names, the letter first, and `keys` what a user has put in their place; `aliases` are
    what some terminals send for one of them (Textual reads Alt+1 as the character that a Mac types with it). `label`
    is the footer's word. `verb` is the debugger's, the availability of which is the command's; it is done at once, or
    by `action`, a method of `Commands` that is called with `arguments` and may ask in a dialog first. `leads_to` are
    other verbs that such a dialog can end with. Where the scope is a pane, `action` is the widget's own.
    """

    id: str
    default_keys: tuple[str, ...]
    label: str
    group: Group
    help: str
    verb: Verb | None = None
    action: str = ""
    arguments: tuple[str | int, ...] = ()
    leads_to: tuple[Verb, ...] = ()
    scope: KeyScope = KeyScope.EVERYWHERE
    aliases: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it has now."""
        return _IN_FORCE.get(self.id, self.default_keys)

    @property
    def title(self) -> str:
        """The name that help and palette show: the label with a capital."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def key(self) -> str:
        """The first key as people write it: `n`, `F10`, `?`."""
        return key_label(self.keys[0]) if self.keys else ""

    @property
    def all_keys(self) -> str:
        """All its keys: `n  F10`."""
        return "  ".join(key_label(key) for key in self.keys)


_IN_FORCE: Final[dict[str, tuple[str, ...]]] = {}
"""What a user has put in the place of the keys of commands, by their ids."""


def put_in_force(keymap: Mapping[str, tuple[str, ...]]) -> None:
    """Have every key that is shown be that of `keymap`, by the ids of commands; the others are the table's."""
    _IN_FORCE.clear()
    _IN_FORCE.update(keymap)


_GROUPS: Final = {
    **dict.fromkeys(("step", "back", "break"), Group.STEP),
    "impose": Group.INTERVENE,
    "time": Group.TIME,
    "look": Group.LOOK,
    "client": Group.CLIENT,
    "program": Group.PROGRAM,
}
"""The heading that a command belongs under, by how its id begins."""


def _everywhere(id: str, keys: str, label: str, help: str, **others: Any) -> KeyCommand:
    return KeyCommand(id, tuple(keys.split()), label, _GROUPS[id.split(".")[0]], help, **others)


def _verb(id: str, keys: str, label: str, help: str, verb: Verb, action: str = "") -> KeyCommand:
    """A verb of the debugger, done at once or by an action."""
    return _everywhere(id, keys, label, help, verb=verb, action=action)


def _does(id: str, keys: str, label: str, help: str, action: str, *arguments: str | int) -> KeyCommand:
    """What the screen does, whatever the debugger says."""
    return _everywhere(id, keys, label, help, action=action, arguments=arguments)


def _asks(id: str, keys: str, label: str, help: str, action: str, *verbs: Verb) -> KeyCommand:
    """What asks in a dialog that can end with one of these verbs."""
    return _everywhere(id, keys, label, help, action=action, leads_to=verbs)


def _lists(id: str, keys: str, label: str, help: str, action: str) -> KeyCommand:
    """A key that works in a list."""
    return KeyCommand(id, tuple(keys.split()), label, Group.MOVE, help, action=action, scope=KeyScope.LISTS)


def _graph(id: str, keys: str, label: str, help: str, action: str, group: Group = Group.MOVE) -> KeyCommand:
    """A key that works in the graph."""
    return KeyCommand(id, tuple(keys.split()), label, group, help, action=action, scope=KeyScope.GRAPH)


def _lesson(id: str, keys: str, label: str, help: str, action: str) -> KeyCommand:
    """A key that works at the foot of a lesson or a quiz."""
    return KeyCommand(id, tuple(keys.split()), label, Group.LEARN, help, action=action, scope=KeyScope.LESSON)


def _pane(id: str, number: str, alias: str, label: str, name: str) -> KeyCommand:
    """The key of a pane, by its number."""
    ways = {"action": "view.open", "arguments": (name,), "aliases": (alias,)}
    return _everywhere(id, f"{number} alt+{number}", label, f"Go to the {label}", **ways)


COMMANDS: Final[tuple[KeyCommand, ...]] = (
    _verb("step.over", "n f10", "over", "Run the state to its end", Verb.STEP_OVER),
    _verb("step.into", "s f11", "into", "One stage on, into branches and iterations", Verb.STEP_INTO),
    _verb("step.out", "o shift+f11", "out", "Run until this branch, iteration or execution ends", Verb.STEP_OUT),
    _verb("step.continue", "c f5", "continue", "Run to a breakpoint, a question or the end", Verb.RUN),
    _verb("back.over", "N shift+f10", "back over", "Back to before the previous state", Verb.BACK_OVER),
    _verb("back.into", "S", "back", "One stage back", Verb.STEP_BACK),
    _verb("back.out", "O", "back out", "Back to where this branch or iteration began", Verb.BACK_OUT),
    _verb("back.continue", "C", "run back", "Back to a breakpoint or the start", Verb.RUN_BACK),
    _verb("step.restart", "R", "restart", "Back to the start, keeping this timeline", Verb.RESTART),
    _does("break.state", "b f9", "break", "Breakpoint on the selected state, on or off", "breakpoints.here"),
    _does("break.faults", "B", "break on faults", "Pause at every fault, on or off", "breakpoints.on_faults"),
    _asks(
        "step.to",
        "J",
        "run to",
        "Run to the selected state or event",
        "breakpoints.run_to",
        Verb.RUN_TO_STATE,
        Verb.RUN_TO_EVENT,
    ),
    _asks(
        "back.to",
        "K",
        "run back to",
        "Back to the selected state or event",
        "breakpoints.run_back_to",
        Verb.RUN_BACK_TO_STATE,
        Verb.RUN_BACK_TO_EVENT,
    ),
    _asks("step.until", "colon", "run until", "Run until a condition is true", "breakpoints.until", Verb.RUN_UNTIL),
    _verb("impose.answer", "a", "answer", "Answer the task that waits", Verb.ANSWER_TASK, "interventions.answer"),
    _verb(
        "impose.force", "f", "force", "Force the Choice to a rule or Default", Verb.FORCE_CHOICE, "interventions.force"
    ),
    _asks(
        "impose.inject", "i", "inject", "Make a state's next attempts fail", "interventions.inject", Verb.INJECT_FAILURE
    ),
    _asks(
        "impose.edit",
        "e",
        "edit",
        "Edit the state's input or its task's result",
        "interventions.edit",
        Verb.EDIT_INPUT,
        Verb.EDIT_RESULT,
    ),
    _asks(
        "impose.branch",
        "v",
        "branch",
        "Choose the branch or iteration to step",
        "branches.choose",
        Verb.FOCUS_BRANCH,
    ),
    _does("time.back", "left_square_bracket", "event back", "One event back", "scrub", -1),
    _does("time.forward", "right_square_bracket", "event on", "One event forward", "scrub", 1),
    _verb(
        "impose.definition",
        "E",
        "definition",
        "Run the recording under another definition file",
        Verb.GOTO_RECORDED,
        "recordings.load_definition",
    ),
    _does("time.first", "left_curly_bracket", "first event", "To the first event", "first_event"),
    _does("time.last", "right_curly_bracket", "last event", "To the last known event", "last_event"),
    _asks("time.forks", "t", "timelines", "List the timelines and switch", "timelines.choose", Verb.SWITCH_FORK),
    _does("time.case", "M", "make a test", "Write what happened as a test case, or as a history", "cases.write"),
    _verb("time.failure", "exclamation_mark", "failure", "To what failed; again, to the next fault", Verb.GOTO_FAILURE),
    _verb("time.fork", "F", "fork here", "Leave the recording: a simulation from here on", Verb.FORK_HERE),
    _verb("time.undo", "u", "undo", "Take back the last change, or leave this fork", Verb.LEAVE_FORK),
    _verb("impose.again", "I", "call again", "Call again what the Task called: a handler, say", Verb.CALL_AGAIN),
    _verb(
        "impose.answerer",
        "Z",
        "who answers",
        "Who answers the Task: its handler, a service, a mock, you",
        Verb.CHOOSE_ANSWERER,
        "answerers.choose",
    ),
    _does("look.log", "P", "task log", "What the Task called, and all that this printed", "calls.show_log"),
    _does("look.services", "Q", "services", "What the called services hold, and what changed", "calls.show_services"),
    _verb("time.redo", "U", "redo", "Do again what was undone last", Verb.REDO),
    _does("look.explain", "x", "explain", "Explain the stage: in a sentence, whole, not", "view.explain"),
    _does("look.data", "d", "data view", "Before, after, difference, expression", "view.next_data_view"),
    _asks(
        "look.origins",
        "at",
        "who changed",
        "Who changed the value at the data's cursor, and who reads it",
        "origins.who_changed",
        Verb.GOTO_STAGE,
    ),
    _does("look.variables", "dollar_sign", "variables", "The variables, in the data", "view.variables"),
    _does("look.breakpoints", "ctrl+b", "breakpoints", "List, write and switch breakpoints", "breakpoints.panel"),
    _does("look.watch", "V", "watch", "Watch the data's value; elsewhere, list the watches", "breakpoints.watch"),
    _does("look.search", "slash", "search", "Search in this pane; , and . for the next", "view.search"),
    _does("look.next_match", "full_stop", "next match", "Next match of the search", "view.find", 1),
    _does("look.last_match", "comma", "last match", "Previous match", "view.find", -1),
    _does("look.copy", "y", "copy", "Copy what this pane shows; in the data, yy", "view.copy"),
    _does("look.here", "w", "where", "Back to where the run stands", "view.here"),
    _does("look.summary", "A", "about", "About this run: status, failure, retries", "recordings.summary"),
    _does("look.ticket", "number_sign", "ticket", "For a ticket, as Markdown: copy, write, redact", "tickets.show"),
    _does("look.page", "underscore", "page", "The run as a page that anybody can open in a browser", "pages.write"),
    _does("look.meter", "percent_sign", "meter", "What this run uses: events, payload, costs, loops", "meter.show"),
    _does("look.durations", "D", "durations", "When each state ran, for how long", "recordings.durations"),
    _verb(
        "look.differences",
        "X",
        "differences",
        "Where recorded and computed differ",
        Verb.GOTO_RECORDED,
        "differences.show",
    ),
    _does(
        "look.compare", "ampersand", "compare", "What is different from the last that succeeded", "relatives.compare"
    ),
    _does(
        "look.into", "ctrl+n", "into", "Into the execution or Map Run that the state at hand started", "relatives.below"
    ),
    _does("look.parent", "ctrl+k", "parent", "Up to the execution that started this one", "relatives.above"),
    _does("look.family", "ctrl+t", "family", "What started it and what it started, on one page", "relatives.family"),
    _does("look.find", "ctrl+f", "find in data", "Search in all data of all events", "recordings.find_data"),
    _does("look.follow", "ctrl+r", "follow", "Follow a running execution again", "following.again"),
    _does("look.warnings", "W", "warnings", "What is odd about the definition, and advice on it", "view.warnings"),
    _does("look.state", "p", "go to state", "All states: find one by its name, go there", "graph.find_state"),
    _does("look.visits", "r", "visits", "All visits to the selected state: look at one", "graph.find_visit"),
    _does("look.map", "m", "map", "The small map beside the graph, on or off", "graph.toggle_map"),
    _does("look.maximise", "z", "maximise", "This pane alone, on or off", "view.maximise"),
    _pane("look.graph", "1", "¡", "graph", "graph"),
    _pane("look.stages", "2", "™", "stages", "stages"),
    _pane("look.json", "3", "£", "data", "data"),
    _pane("look.timeline", "4", "¢", "timeline", "timeline"),
    _pane("look.lesson", "5", "∞", "lesson", "lesson"),
    _does("look.jump", "ctrl+o", "jump", "A letter on each pane and state: type it", "view.jump"),
    _does("look.next", "tab", "next pane", "Next pane", "view.open_beside", 1),
    _does("look.previous", "shift+tab", "previous pane", "Previous pane", "view.open_beside", -1),
    _lists("move.down", "j down", "down", "Down", "down"),
    _lists("move.up", "k up", "up", "Up", "up"),
    _lists("move.page_down", "ctrl+d pagedown", "page down", "A page down", "page_down"),
    _lists("move.page_up", "ctrl+u pageup", "page up", "A page up", "page_up"),
    _lists("move.first", "g home", "first", "To the first", "first"),
    _lists("move.last", "G end", "last", "To the last", "last"),
    _lists("move.choose", "enter", "choose", "Show or jump to this", "choose"),
    _graph("graph.down", "j down", "along", "To a next state", "walk('down')"),
    _graph("graph.up", "k up", "back along", "To a previous state", "walk('up')"),
    _graph("graph.left", "h left", "left", "To the state on the left", "walk('left')"),
    _graph("graph.right", "l right", "right", "To the state on the right", "walk('right')"),
    _graph("graph.page_down", "ctrl+d pagedown", "page down", "A page down", "page(1)"),
    _graph("graph.page_up", "ctrl+u pageup", "page up", "A page up", "page(-1)"),
    _graph("graph.pan_left", "H", "pan left", "Half a pane to the left", "pan(-1)"),
    _graph("graph.pan_right", "L", "pan right", "Half a pane to the right", "pan(1)"),
    _graph("graph.first", "g home", "first", "To the first state", "walk('first')"),
    _graph("graph.last", "G end", "last", "To the last state", "walk('last')"),
    _graph("graph.choose", "enter", "show", "Show its last visit; again, an earlier one", "choose"),
    _graph("graph.inside", "greater_than_sign", "into it", "Into this Parallel or Map", "walk('inside')"),
    _graph(
        "graph.outside", "less_than_sign backspace", "out of it", "To the Parallel or Map around it", "walk('outside')"
    ),
    _graph("graph.nudge_left", "shift+left", "nudge left", "A few columns to the left", "nudge(-1, 0)"),
    _graph("graph.nudge_right", "shift+right", "nudge right", "A few columns to the right", "nudge(1, 0)"),
    _graph("graph.nudge_up", "shift+up", "nudge up", "A few rows up", "nudge(0, -1)"),
    _graph("graph.nudge_down", "shift+down", "nudge down", "A few rows down", "nudge(0, 1)"),
    _graph("graph.fold", "space", "fold", "Fold or unfold this Parallel or Map", "fold", Group.LOOK),
    _graph(
        "graph.fold_all", "asterisk", "fold all", "Fold every Parallel and Map, or unfold all", "fold_all", Group.LOOK
    ),
    _graph(
        "graph.larger", "plus equals_sign", "larger", "Zoom in: states as lines, as full boxes", "larger", Group.LOOK
    ),
    _graph("graph.smaller", "minus", "smaller", "Zoom out: states as lines, as dots", "smaller", Group.LOOK),
    _graph("graph.fit", "0", "fit", "Zoom to fit: states as large as the pane allows", "fit", Group.LOOK),
    _lesson("lesson.next", "enter n", "next", "Go on, or answer with what is chosen", "next"),
    _lesson("lesson.hint", "h", "hint", "A hint; again, a larger one", "hint"),
    _lesson("lesson.solution", "s", "solution", "Show how it is done, and go on", "solution"),
    _lesson("lesson.skip", "k", "skip", "Leave this step out", "skip"),
    _lesson("lesson.back", "u", "back", "Back to the step before", "back"),
    _lesson("lesson.list", "l", "list", "To the list of lessons; this one is remembered", "list"),
    _lesson("lesson.down", "down", "down", "To the next choice", "choose(1)"),
    _lesson("lesson.up", "up", "up", "To the previous choice", "choose(-1)"),
    _lesson("lesson.write", "f4", "editor", "Write the answer in the larger editor", "write"),
    _does("client.menu", "semicolon", "client", "Hold a client's execution, step it, let it go on", "client.menu"),
    _does("program.help", "question_mark f1", "help", "All keys: search, and run one", "view.help"),
    _does("program.tour", "f2", "tour", "Five keys, on a sample: step, back, look, force, fork", "view.tour"),
    _does("program.learn", "f6", "lessons", "Learn it: lessons in which one predicts, then sees", "view.lessons"),
    _does("program.case", "Y", "test case", "Which test case answers the Tasks: list, switch", "mock_cases.choose"),
    _does("program.palette", "ctrl+p", "commands", "Find a command by name", "view.palette"),
    _does(
        "program.source", "ctrl+e", "edit file", "The definition in your editor; then go on under it", "definition.edit"
    ),
    _does("program.reload", "f4", "reload", "Go on here under what the files are now", "definition.reload"),
    _does("program.values", "f3", "values", "What was assumed for the project: list it, set it", "values.choose"),
    _does("program.suspend", "ctrl+z", "suspend", "Back to the shell; fg comes back here", "view.suspend"),
    _does("program.theme", "T", "theme", "Next theme: dark, light, contrast, terminal", "view.theme"),
    _does("program.repaint", "ctrl+l", "repaint", "Write the screen again, if something wrote on it", "view.repaint"),
    _does("program.escape", "escape ctrl+c", "back out", "Interrupt a run, or go back one level", "escape"),
    _does("program.save", "ctrl+s", "save", "Save the session under a name", "sessions.save"),
    _does("program.quit", "q ctrl+q", "quit", "Leave sfdebug", "sessions.quit"),
)
"""Every key of the program, apart from those that the JSON views and dialogs document themselves."""

BY_ID: Final[dict[str, KeyCommand]] = {command.id: command for command in COMMANDS}
_BY_VERB: Final[dict[Verb, KeyCommand]] = {
    verb: command
    for command in reversed(COMMANDS)  # a verb that several commands need belongs to the first of them
    for verb in (*command.leads_to, *((command.verb,) if command.verb is not None else ()))
}

KEY_NAMES: Final = {
    "question_mark": "?",
    "slash": "/",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "comma": ",",
    "colon": ":",
    "semicolon": ";",
    "underscore": "_",
    "full_stop": ".",
    "dollar_sign": "$",
    "number_sign": "#",
    "percent_sign": "%",
    "plus": "+",
    "at": "@",
    "ampersand": "&",
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
"""Keys as people write them, by Textual's names; what is not here is called as its character is."""


def key_label(key: str) -> str:
    """A Textual key name as people write it: `question_mark` is `?`, `shift+f10` is `Shift+F10`, `ctrl+e` `Ctrl+E`."""
    parts = key.split("+")
    words = [KEY_NAMES.get(part, part) for part in parts]
    last = words[-1]
    if (len(last) > 1 and last[0] == "f" and last[1:].isdigit()) or (len(last) == 1 and "ctrl" in parts[:-1]):
        words[-1] = last.upper()
    return "+".join(words)


def bindings_for(scope: KeyScope, action: str = "{action}") -> list[Binding]:
    """The Textual bindings of a scope, with stable ids. `action` is filled with each command's id and action."""
    return [
        Binding(
            ",".join((*command.default_keys, *command.aliases)),
            action.format(id=command.id, action=command.action),
            command.title,
            id=command.id,
            show=False,
            tooltip=command.help,
        )
        for command in COMMANDS
        if command.scope is scope
    ]


def key_of(id: str) -> str:
    """The key of a command, for a sentence that tells to use it."""
    return BY_ID[id].key


def with_keys(text: str, hints: Iterable[Hint]) -> str:
    """A sentence of the debugger with the keys of the verbs that help: `ahead: …; n follows it, u takes it back`."""
    keys = dict.fromkeys(_BY_VERB[hint.verb].key for hint in hints if not hint.does and hint.verb in _BY_VERB)
    ways = [f"{_BY_VERB[hint.verb].key} {hint.does}" for hint in hints if hint.does]
    whole = text.removesuffix(".")
    if keys:
        whole = f"{whole} ({', '.join(keys)})"
    if ways:
        clause = re.split(r"[;.] ", whole)[-1]
        whole = f"{whole}{';' if ': ' in clause else ':'} {', '.join(ways)}"
    return whole + text[len(text.removesuffix(".")) :]


# What is useful now


_FAILING: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)
MOST: Final = 6


def useful(view: View) -> tuple[str, ...]:
    """Ids of commands, the most useful first; at most six, help not counted."""
    return tuple(dict.fromkeys(_wanted(view)))[:MOST]


def _wanted(view: View) -> list[str]:
    if view.mode in ("recording", "live"):
        return _of_a_recording(view)
    if view.is_finished:
        others = ["time.forks"] if len(view.forks) > 1 else []
        return ["back.over", "back.into", "back.continue", "step.restart", *others, "look.search"]
    if view.question is not None:
        return ["impose.answer", "impose.inject", "back.over", "impose.edit", *_branches(view), "back.into"]
    wanted = ["step.over", "step.into", "step.continue", "back.over"]
    special: list[str] = []
    if view.state is not None and view.state.type is StateType.CHOICE:
        special.append("impose.force")
    if view.state is not None and view.state.type in _FAILING:
        special.append("impose.inject")
    if view.branch:
        special.append("step.out")
    special += _branches(view)
    special += ["impose.edit", "break.state"]
    return wanted + special


def _of_a_recording(view: View) -> list[str]:
    """What one does with a recording: find the failure, look around, leave it."""
    inside = ["impose.branch"] if view.branch or len(view.branches) > 1 else []
    if view.is_finished and view.is_at_tip:  # else it was redriven
        return ["time.failure", "back.over", "back.into", "look.summary", "look.durations", "look.find"]
    return ["time.failure", "step.over", "step.into", *inside, "impose.edit", "time.fork", "look.summary"]


def _branches(view: View) -> list[str]:
    return ["impose.branch"] if len(view.branches) > 1 else []
