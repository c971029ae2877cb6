"""One line to write: a breakpoint, a condition, an expression. What is wrong with it is shown while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.containers import VerticalScroll
from textual.widgets import Input

from sfdebug.debugger.expressions.language import DebugSyntaxError
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines, text_input
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from sfdebug.tui.painting.paint import Piece

_FURTHEST: Final = 66
"""A caret further to the right would not stand under its place: the line scrolls."""

Example = tuple[str, str]
"""What can be written, and what it means."""


class AskTextDialog(Dialog[str]):
    """Asks for a text that `check` takes; None when it is left without one."""

    DEFAULT_CSS = """
    AskTextDialog {
        & Input { width: 1fr; background: $panel; padding: 0 1; }
        & Input:focus { background: $sf-cursor-blurred; }
        & #asked-problem { height: auto; min-height: 3; }
        & #asked-examples { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
        & .examples { height: auto; }
    }
    """
    HINTS: ClassVar = (("Enter", "use it", "use"),)
    OTHER_ROWS: ClassVar[int] = 12

    def __init__(
        self,
        title: str,
        text: str,
        check: Callable[[str], object],
        *,
        explanation: str = "",
        examples: Sequence[Example] = (),
    ) -> None:
        """`check` raises DebugSyntaxError for what cannot be taken."""
        super().__init__(title)
        self._text = text
        self._check = check
        self._explanation = explanation
        self._examples = examples
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The line, what is wrong with it, and what can be written."""
        if self._explanation:
            yield DialogNote(self._explanation, classes="explanation")
        yield text_input(self._text)
        yield DialogNote(id="asked-problem")
        with VerticalScroll(classes="tall examples", can_focus=False):
            yield DialogNote(painted_lines(map(_example, self._examples)), id="asked-examples")

    def on_mount(self) -> None:
        """Start in the line, at its end."""
        line = self.query_one(Input)
        line.focus()
        line.select_on_focus = False
        line.cursor_position = len(self._text)
        self._judge(self._text)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._judge(event.value)

    def _judge(self, text: str) -> DebugSyntaxError | None:
        note = self.query_one("#asked-problem", DialogNote)
        if not text.strip():
            note.say("")
            return DebugSyntaxError(text, 0, "nothing is written yet")
        try:
            self._check(text)
        except DebugSyntaxError as error:
            note.say(painted_lines(_problem_lines(error)))
            return error
        note.say(painted_lines([[(f" {glyphs_of(self).done} ", "done"), ("Enter uses it", "muted")]]))
        return None

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_use()

    def action_use(self) -> None:
        """Give the text back, if it can be taken."""
        text = self.query_one(Input).value
        if self._judge(text) is None:
            self.dismiss(text.strip())


def _problem_lines(error: DebugSyntaxError) -> list[list[Piece]]:
    place: list[Piece] = [(f"{' ' * (error.offset + 1)}^", "failed")]
    if error.offset > _FURTHEST:
        place = [(f" at column {error.offset + 1}:", "muted")]
    return [place, [(f" {error.what}", "failed")], *([[(f" {error.fix}", "muted")]] if error.fix else [])]


def _example(example: Example) -> list[Piece]:
    text, meaning = example
    return [(f" {text:<44}", "key"), (f" {meaning}", "muted")]


BREAKPOINT_EXAMPLES: Final[tuple[Example, ...]] = (
    ("Ship order", "before it is entered"),
    ("Ship order at Parameters", "at a stage of it"),
    ("Check stock -> Ship order", "when it was left for that one"),
    ("event TaskFailed", "an event of a type"),
    ("error States.Timeout", "an error; States.ALL for all that can be caught"),
    ("variable $total", "when it gets another value"),
    ("payload over 200 KiB", "when the data become larger"),
    ("clock +00:05:00", "at a time since the start"),
    ("fault", "any fault"),
    ("... if $.total > 100 && $mode == 'late'", "only where that is true: JSONPath"),
    ("... if {% $states.input.total > 100 %}", "or JSONata; .result .output .errorOutput .context"),
    ("... if $states.attempt > 1", "also .iteration, from 1"),
    ("... iteration 4", "only in that iteration"),
    ("... hit 3 / hit 3+ / every 10", "the third time, from then on, each tenth"),
    ('... log "total is {$.total}"', "says it, and does not stop"),
    ("off ...", "kept, and does nothing"),
)

EXPRESSION_EXAMPLES: Final[tuple[Example, ...]] = (
    ("$.order.total", "in the data where the run stands"),
    ("$states.input.items", "the state's input; also .result .output .attempt"),
    ("$count", "a variable"),
    ("$$.State.Name", "the Context object"),
    ("{% $sum($states.input.items.price) %}", "JSONata"),
)

CONDITION_EXAMPLES: Final[tuple[Example, ...]] = (
    ("$.order.total > 100", "JSONPath; the data where the run stands"),
    ("$states.attempt > 1", "also .input .result .output .iteration"),
    ("$count == 3 && $mode == 'late'", "variables"),
    ("$.error", "there is such a field"),
    ("{% $count($states.input.items) > 3 %}", "JSONata"),
)
