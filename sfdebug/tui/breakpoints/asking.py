"""One line to write: a breakpoint, a condition, an expression. What is wrong with it is shown while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Input

from sfdebug.debugger.expressions.language import DebugSyntaxError
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines, text_input
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "more(1)", "More examples", show=False),
        Binding("up", "more(-1)", "Earlier examples", show=False),
    ]
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

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys; the arrows only where there are examples."""
        arrows = "Up Down" if self.app.has_class("ascii") else "↑ ↓"
        more = (((arrows, "more examples", "more(1)")),) if self._examples else ()
        return (("Enter", "use it", "use"), *more, ("Esc", "cancel", "cancel"))

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

    def action_more(self, rows: int) -> None:
        """Show other examples, where not all have room; the line keeps the focus."""
        self.query_one(".examples", VerticalScroll).scroll_relative(y=rows, animate=False)

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
    return [(f" {text:<46}", "key"), (f" {meaning}", "muted")]


BREAKPOINT_EXAMPLES: Final[tuple[Example, ...]] = (
    ("Ship order", "before it is entered"),
    ("Ship order at Parameters", "at a stage of it"),
    ("Check stock -> Ship order", "when it leads there"),
    ("event TaskFailed", "an event of a type"),
    ("error States.Timeout", "or States.ALL"),
    ("variable $total", "when it changes"),
    ("payload over 200 KiB", "when data get larger"),
    ("clock +00:05:00", "a time since the start"),
    ("fault", "any fault"),
    ("... if $.total > 100 && $mode == 'late'", "where that is true"),
    ("... if {% $states.input.total > 100 %}", "the same in JSONata"),
    ("... if $states.attempt > 1", "also .iteration .result"),
    ("... if $states.errorOutput.Cause =~ /.*quota.*/", "also .output .context"),
    ("... iteration 4", "counted from 1"),
    ("... hit 3 / hit 3+ / every 10", "the 3rd, from it, each 10th"),
    ('... log "total is {$.total}"', "says it, does not stop"),
    ("off ...", "kept, and does nothing"),
)

EXPRESSION_EXAMPLES: Final[tuple[Example, ...]] = (
    ("$.order.total", "in the data at hand"),
    ("$states.input.items", "also .result .output"),
    ("$count", "a variable"),
    ("$$.State.Name", "the Context object"),
    ("{% $sum($states.input.items.price) %}", "JSONata"),
)

CONDITION_EXAMPLES: Final[tuple[Example, ...]] = (
    ("$.order.total > 100", "in the data at hand"),
    ("$states.attempt > 1", "also .input .result"),
    ("$count == 3 && $mode == 'late'", "variables"),
    ("$.error", "there is such a field"),
    ("{% $count($states.input.items) > 3 %}", "JSONata"),
)
