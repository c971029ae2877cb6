"""Injecting a failure: which error, how often, and, before it is done, who would take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from msgspec import Struct
from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widgets import Input, Select, Static

from sfdebug.text import clean
from sfdebug.tui.dialogs.error_field import ErrorField
from sfdebug.tui.dialogs.frame import Dialog, DialogField, DialogNote, painted_lines, text_input
from sfdebug.tui.dialogs.outlook import outlook, reasons
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.stepping.forecasts import OutcomeForecast

_MOST_ATTEMPTS = 99_999


class InjectResult(Struct, frozen=True):
    """The failure to inject: into which state, its error and cause, and how many attempts fail."""

    state_path: StatePath
    error: str
    cause: str | None
    attempts: int


InjectionForecaster: TypeAlias = "Callable[[StatePath, str, str | None, int], OutcomeForecast | None]"


def _no_forecast(path: StatePath, error: str, cause: str | None, attempts: int) -> None:
    """Where nobody can say what the engine would do, the state's fields alone are judged."""


class InjectFailureDialog(Dialog[InjectResult]):
    """Which state's next attempts fail, and how.

    `states` are those that can fail; `initial` is the one to start with. `attempt` and `retrier_counts` say how far
    the visit to it has come, when it is under way. `forecast_of` says what the engine would do, where it can be known.
    """

    OTHER_ROWS: ClassVar[int] = 15
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "inject", "Inject", id="dialog.inject", show=False),
    ]
    DEFAULT_CSS = """
    InjectFailureDialog {
        & Select { width: 1fr; height: 1; }
        & Select > SelectCurrent { background: $panel; padding: 0 1; }
        & #attempts { width: 9; }
        & .outlook { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(
        self,
        states: Sequence[State],
        initial: State | None = None,
        *,
        attempt: int = 1,
        retrier_counts: Sequence[int] = (),
        forecast_of: InjectionForecaster = _no_forecast,
    ) -> None:
        super().__init__("Inject a failure")
        self._forecast_of = forecast_of
        self._states = list(states)
        self._state = initial if initial is not None else self._states[0]
        self._initial = self._state
        self._attempt = attempt
        self.add_class("-wide")
        self._counts = tuple(retrier_counts)

    def body(self) -> ComposeResult:
        """The fields, and below them what will happen."""
        names = [(Text(clean(_title(state))), number) for number, state in enumerate(self._states)]
        if len(names) > 1:
            number = next((n for n, state in enumerate(self._states) if state is self._state), 0)
            yield DialogField("State", Select(names, value=number, allow_blank=False, compact=True, id="state"))
        else:
            yield DialogField("State", Static(clean(_title(self._state)), markup=False))
        yield ErrorField(self._state, id="error")
        yield DialogField("Cause", text_input(placeholder="no cause", id="cause"))
        yield DialogField("Attempts", text_input("1", id="attempts"), "of its next attempts fail")
        yield Static("What will happen", classes="heading", markup=False)
        yield DialogNote(classes="outlook tall")

    def on_mount(self) -> None:
        """Start in the error's input."""
        self.query_one(ErrorField).focus_input()
        self._show_forecast()

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """How to inject, to go through the error names and the fields, and to leave."""
        arrows = "Up Down" if self.app.has_class("ascii") else "↑ ↓"
        keys = (
            ("Enter", "inject", "inject"),
            (arrows, "other errors", "suggest"),
            ("Tab", "next field", "app.focus_next"),
        )
        return (*keys, ("Esc", "cancel", "cancel"))

    def action_suggest(self) -> None:
        """Take the next error name."""
        self.query_one(ErrorField).action_suggest(1)

    @property
    def attempts(self) -> int | None:
        """How many attempts fail; None while the field holds no such number."""
        text = self.query_one("#attempts", Input).value.strip()
        count = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        return count if 0 < count <= _MOST_ATTEMPTS else None

    @on(Select.Changed)
    def _state_picked(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, int):
            self._state = self._states[event.value]
            self.query_one(ErrorField).show_state(self._state)
            self._show_forecast()

    @on(ErrorField.Named)
    @on(Input.Changed)
    def _changed(self, event: ErrorField.Named | Input.Changed) -> None:
        event.stop()
        self.complain("")
        self._show_forecast()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_inject()

    def _show_forecast(self) -> None:
        error, attempts = self.query_one(ErrorField).error, self.attempts
        note = self.query_one(".outlook", DialogNote)
        if not error or attempts is None:
            note.say("")
            return
        is_under_way = self._state is self._initial
        attempt, counts = (self._attempt, self._counts) if is_under_way else (1, ())
        glyphs = glyphs_of(self)
        outcome = self._forecast_of(self._state.path, error, self.query_one("#cause", Input).value or None, attempts)
        lines = outlook(self._state, error, attempts, glyphs, attempt=attempt, retrier_counts=counts, outcome=outcome)
        lines += reasons(self._state, error, glyphs, counts)
        note.say(painted_lines(lines))

    def action_inject(self) -> None:
        """Give the answer, if it is one."""
        error, attempts = self.query_one(ErrorField).error, self.attempts
        if not error:
            self.complain("an error name is needed, such as States.TaskFailed")
            self.query_one(ErrorField).focus_input()
        elif attempts is None:
            self.complain(f"the attempts are a number from 1 to {_MOST_ATTEMPTS:,}")
            self.query_one("#attempts", Input).focus()
        else:
            cause = self.query_one("#cause", Input).value or None
            self.dismiss(InjectResult(self._state.path, error, cause, attempts))


def _title(state: State) -> str:
    """The state's name, its type, and the containers that it stands in."""
    around = [str(step) for step in state.path[:-1] if isinstance(step, str)]
    return f"{state.name}  ({state.type}{', in ' + ' / '.join(around) if around else ''})"
