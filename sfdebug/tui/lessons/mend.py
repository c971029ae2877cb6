"""The screen of a mend step: a definition to mend, its graph beside the goal's, and what its run comes to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.widgets import TextArea

from sfdebug.asl.load import parse_definition
from sfdebug.errors import DefinitionError, SfdebugError, UsageError
from sfdebug.text import clean, counted
from sfdebug.tui.dialogs.frame import DialogNote, painted_lines
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.editor import JsonArea
from sfdebug.tui.keys import key_label
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import wrapped
from sfdebug.tui.panes.arrangement import Pane
from sfdebug.tui.terminal.editor_program import edit_file, edit_text
from sfdebug.tui.terminal.guard import ClosesOnce, guarded, report
from sfdebug.tui.widgets.key_hints import KeyHints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.definition import StateMachine
    from sfdebug.errors import Problem
    from sfdebug.lessons.mending import MendDifference, MendGoal, MendResult
    from sfdebug.lessons.model import MendStep
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_WIDE: Final = 100
_HIGH: Final = 30
"""From so many columns and rows on, both graphs stand above the editor; below, one thing is shown at a time."""

_MOST_TOLD: Final = 5
_SOLUTION: Final = " This is one way to mend it; {} brings yours back, {} runs it."
_OFFERED: Final = (
    ("run", "run it"),
    ("turn", "graphs"),
    ("hint", "hint"),
    ("solution", "solution"),
    ("go_to_place", "to the place"),
    ("reset", "begin again"),
    ("own_editor", "$EDITOR"),
    ("back", "back"),
)
"""The actions that the line of keys names, with what each does; the last two always."""

_BINDINGS: Final = (
    Binding("ctrl+s", "run", "Run it", id="mend.run", show=False, priority=True),
    Binding("ctrl+e", "own_editor", "Your editor", id="mend.editor", show=False, priority=True),
    Binding("f1", "hint", "Hint", id="mend.hint", show=False, priority=True),
    Binding("f2", "solution", "Solution", id="mend.solution", show=False, priority=True),
    Binding("f3", "turn", "Graphs", id="mend.graphs", show=False, priority=True),
    Binding("ctrl+r", "reset", "Begin again", id="mend.reset", show=False, priority=True),
    Binding("ctrl+g", "go_to_place", "To the place", id="mend.place", show=False, priority=True),
    Binding("escape", "back", "Back", id="mend.back", show=False, priority=True),
)


def mend_key(action: str) -> str:
    """The key of an action of the mend screen, as people write it."""
    return next(key_label(binding.key) for binding in _BINDINGS if binding.action == action)


class MendAttempt:
    """What is being mended: the text as it stands, what came of its last run, and how many hints were shown."""

    def __init__(self, step: MendStep, goal: MendGoal) -> None:
        self.step = step
        self.goal = goal
        self.text = goal.broken
        self.result: MendResult | None = None
        self.ran = ""
        """The text that `result` is of."""
        self.hints = 0
        self.has_seen_goal = False

    def hint(self) -> str:
        """The next hint; after the last one, that one again."""
        hints = self.step.hints
        if not hints:
            return "there is no hint here"
        self.hints = min(self.hints + 1, len(hints))
        return f"Hint {self.hints} of {len(hints)}: {hints[self.hints - 1]}" if len(hints) > 1 else f"Hint: {hints[0]}"

    def solution(self) -> str:
        """The goal's own text."""
        self.has_seen_goal = True
        return self.goal.machine.document.source.text

    @property
    def case(self) -> int:
        """The number of the case that is drawn, from 0: the first that comes to something else than the goal."""
        differing = {one.case for one in self.result.differences} if self.result is not None else ()
        found = (number for number, label in enumerate(self.step.labels) if label in differing)
        return next(found, 0)

    @property
    def place(self) -> tuple[int, int]:
        """The line and the column, from 1, of the first thing that was told with a place; zeros for none."""
        if self.result is None:
            return 0, 0
        places = [(one.line, one.column) for one in self.result.problems]
        places += [(one.line, one.column) for one in self.result.differences]
        return next((place for place in places if place[0]), (0, 0))


def told(result: MendResult, glyphs: Glyphs, *, is_of_now: bool = True) -> list[list[Piece]]:
    """What a run has come to, a line for each thing that is not as in the goal's; `is_of_now`: the text is that."""
    since = "" if is_of_now else f"The text has changed since: {mend_key('run')} runs it."
    if result.is_reached:
        comes = "It comes to the goal. " if is_of_now else f"It came to the goal. {since} "
        goes_on = f"{mend_key('back')} goes on."
        return [[(f" {glyphs.done} ", "done"), (comes, "strong"), (goes_on, "muted")]]
    lines: list[list[Piece]] = [[(f" {glyphs.failed} ", "failed"), (_problem(one), "")] for one in result.problems]
    lines += [[(f" {glyphs.differs} ", "waiting"), (_sentence(one), "")] for one in result.differences]
    if len(lines) > _MOST_TOLD:
        left = len(lines) - _MOST_TOLD + 1
        lines[_MOST_TOLD - 1 :] = [[(f"   and {counted(left, 'more thing')}", "muted")]]
    return lines if is_of_now else [*lines, [(f"   {since}", "muted")]]


def _problem(problem: Problem) -> str:
    place = f"line {problem.line}, column {problem.column}: " if problem.line else ""
    fix = f": {problem.fix}" if problem.fix else ""
    return clean(f"{place}{problem.what}{fix}")


def _sentence(difference: MendDifference) -> str:
    case = f"{difference.case}: " if difference.case else ""
    place = f"line {difference.line}: " if difference.line else ""
    return clean(f"{case}{place}{difference.sentence}")


class MendGraph(GraphView):
    """A graph to look at: it is fitted to its room."""

    def on_resize(self) -> None:
        """Draw for the new size."""
        if self.size.area:
            self.fit_to(self.size)
        super().on_resize()


class MendScreen(ClosesOnce, Screen[bool]):
    """Ends with whether the goal was reached."""

    class Ran(Message):
        """A text was run."""

        def __init__(self, result: MendResult, text: str) -> None:
            super().__init__()
            self.result = result
            self.text = text

    BINDINGS: ClassVar[list[BindingType]] = list(_BINDINGS)

    def __init__(self, attempt: MendAttempt) -> None:
        super().__init__()
        self.attempt = attempt
        self.mine = MendGraph(id="mine")
        self.goal = MendGraph(id="goal")
        self.area = JsonArea(attempt.text)
        self._hint = ""
        """What was hinted since the last run."""
        self._is_of_now = True
        """Whether what is told is of the text as it stands."""
        self._turned = 0
        """Which is shown where only one thing fits: the text, its graph, the goal's."""

    def compose(self) -> ComposeResult:
        """What is asked, both graphs, the text, what its run comes to, the keys."""
        yield DialogNote(clean(self.attempt.step.say), classes="title")
        with Horizontal(id="graphs"):
            with Pane(id="mine-pane"):
                yield self.mine
            with Pane(id="goal-pane"):
                yield self.goal
        with Pane(id="text"):
            yield self.area
        yield DialogNote(f" {mend_key('run')} runs it, beside the goal.", id="told")
        yield KeyHints([(mend_key(action), does, action) for action, does in _OFFERED])

    def on_mount(self) -> None:
        """Draw both, and begin in the text."""
        self.query_one("#mine-pane", Pane).set_title("Yours")
        self.query_one("#goal-pane", Pane).set_title("The goal")
        self.query_one("#text", Pane).set_title(Path(self.attempt.step.broken).name)
        self.goal.load(self.attempt.goal.machine)
        self.goal.show(self.attempt.goal.runs[0].view())
        machine = _machine_of(self.attempt.text)
        if machine is not None:
            self.mine.load(machine)
        if self.attempt.result is not None:
            self._tell(self.attempt.result)
        self.area.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Show both graphs where there is room."""
        self._arrange(event.size)

    def _has_room(self, size: Size) -> bool:
        return size.width >= _WIDE and size.height >= _HIGH

    def _arrange(self, size: Size) -> None:
        has_room = self._has_room(size)
        turned = 0 if has_room else self._turned
        graphs = self.query_one("#graphs", Horizontal)
        graphs.display = has_room or turned > 0
        self.query_one("#mine-pane", Pane).display = has_room or turned == 1
        self.query_one("#goal-pane", Pane).display = has_room or turned == 2
        self.query_one("#text", Pane).display = has_room or turned == 0

    # The text and its run

    @on(TextArea.Changed)
    @guarded
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.area.grown()
        self.attempt.text = self.area.text
        if self.attempt.result is not None and self._is_of_now != (self.area.text == self.attempt.ran):
            self._is_of_now = not self._is_of_now
            self._say_told()

    def action_run(self) -> None:
        """Run the text, on a thread: a machine that never ends is told so a moment later."""
        text, goal = self.area.text, self.attempt.goal
        self.attempt.text = text
        self.query_one("#told", DialogNote).say(" It runs ...")

        def run() -> None:
            try:
                result = goal.compare(text)
            except Exception as error:
                self.app.call_from_thread(report, self.app, error)
            else:
                self.post_message(self.Ran(result, text))

        self.run_worker(run, thread=True, exclusive=True, group="mend", exit_on_error=False)

    @on(Ran)
    @guarded
    def _ran(self, event: MendScreen.Ran) -> None:
        event.stop()
        self.attempt.result, self.attempt.ran = event.result, event.text
        self._hint = ""
        self._tell(event.result)

    def _tell(self, result: MendResult) -> None:
        if result.machine is not None:
            case = self.attempt.case
            self.mine.load(result.machine)
            self.mine.show(result.runs[case].view())
            self.goal.show(self.attempt.goal.runs[case].view())
        self._is_of_now = self.area.text == self.attempt.ran
        self._say_told()

    def _say_told(self) -> None:
        """The hint that was asked for, above what the last run has come to."""
        result = self.attempt.result
        lines: list[list[Piece]] = [[(f" {clean(self._hint)}", "strong")]] if self._hint else []
        self._say([*lines, *(told(result, glyphs_of(self), is_of_now=self._is_of_now) if result is not None else [])])

    def _say(self, lines: Sequence[Sequence[Piece]]) -> None:
        width = max(1, self.size.width)
        broken = [part for line in lines for part in wrapped(line, width)]
        self.query_one("#told", DialogNote).say(painted_lines(broken))

    # What the user does

    def action_hint(self) -> None:
        """A hint, above what was told."""
        self._hint = self.attempt.hint()
        self._say_told()

    def action_solution(self) -> None:
        """Put the goal's text in place of what stands there; undo brings that back."""
        self._set_text(self.attempt.solution())
        self._say([[(_SOLUTION.format(key_label("ctrl+z"), mend_key("run")), "")]])

    def action_reset(self) -> None:
        """Begin again with the broken definition; undo brings back what stood there."""
        self._set_text(self.attempt.goal.broken)

    def _set_text(self, text: str) -> None:
        self.area.replace(text, self.area.document.start, self.area.document.end)
        self.area.move_cursor((0, 0))

    def action_own_editor(self) -> None:
        """Mend it in the user's own editor; what was saved is run."""
        suffix = Path(self.attempt.step.broken).suffix or ".json"
        try:
            text = edit_text(self.area.text, suffix, lambda path: edit_file(self.app, path, self.attempt.place[0]))
        except UsageError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        if text != self.area.text:
            self._set_text(text)
        self.action_run()

    def action_turn(self) -> None:
        """Show the text, its graph, the goal's graph, one after the other, where not all have room."""
        if self._has_room(self.size):
            self._say([[(" Both graphs are shown above.", "")]])
            return
        self._turned = (self._turned + 1) % 3
        self._arrange(self.size)
        if self._turned == 0:
            self.area.focus()

    def action_go_to_place(self) -> None:
        """Put the cursor where the first thing is that was told."""
        line, column = self.attempt.place
        if line:
            self.area.move_cursor((line - 1, max(0, column - 1)))
            self.area.focus()

    def action_back(self) -> None:
        """Back to the lesson, with whether the goal was reached."""
        self.attempt.text = self.area.text
        result = self.attempt.result
        self.dismiss(result is not None and result.is_reached)


def _machine_of(text: str) -> StateMachine | None:
    """The machine in a text; None where there is none yet."""
    try:
        return parse_definition(text, "")
    except (DefinitionError, SfdebugError):
        return None
