"""Naming an error: an input, and below it the names that the state handles, then those that AWS raises there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from sfdebug.asl.definition import StateType
from sfdebug.engine.faults import ALL
from sfdebug.engine.resources import Family, parse_resource
from sfdebug.tui.dialogs.frame import DialogField, text_input
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit
from sfdebug.tui.widgets.line import WidgetMessage
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.definition import State
    from sfdebug.tui.painting.paint import Piece


class ErrorName(Struct, frozen=True):
    """An error name, and where it comes from: "Retry 1, Catch 2", or what it means."""

    name: str
    note: str


_COMMON: Final = (
    ErrorName("States.TaskFailed", "the task failed"),
    ErrorName("States.Timeout", "TimeoutSeconds or HeartbeatSeconds ran out"),
    ErrorName("States.HeartbeatTimeout", "no heartbeat in HeartbeatSeconds"),
    ErrorName("States.Permissions", "the role may not do this"),
)
_LAMBDA: Final = (
    ErrorName("Lambda.TooManyRequestsException", "throttled"),
    ErrorName("Lambda.ServiceException", "Lambda itself failed"),
    ErrorName("Lambda.SdkClientException", "the call did not get through"),
    ErrorName("Lambda.AWSLambdaException", "Lambda itself failed"),
    ErrorName("Lambda.Unknown", "the function died or ran out of memory"),
)
_SERVICES: Final[dict[str, tuple[ErrorName, ...]]] = {
    "dynamodb": (
        ErrorName("DynamoDB.ConditionalCheckFailedException", "the condition did not hold"),
        ErrorName("DynamoDB.ProvisionedThroughputExceededException", "throttled"),
    ),
    "sqs": (ErrorName("SQS.SdkClientException", "the call did not get through"),),
    "sns": (ErrorName("SNS.SdkClientException", "the call did not get through"),),
    "states": (ErrorName("StepFunctions.ExecutionLimitExceededException", "too many executions"),),
}
_LAST: Final = (
    ErrorName("States.DataLimitExceeded", "more than 256 KiB; States.ALL does not cover it"),
    ErrorName("States.Runtime", "can be neither retried nor caught"),
)
_BRANCH_FAILED: Final = (ErrorName("States.BranchFailed", "a branch failed"),)
_WILDCARDS: Final = (ALL,)


def error_names(state: State) -> list[ErrorName]:
    """Names to suggest for a failure of `state`: none of them twice, wildcards left out."""
    handled: dict[str, list[str]] = {}
    for kind, entries in (("Retry", state.retriers), ("Catch", state.catchers)):
        for entry in entries:
            for name in entry.error_equals:
                if name not in _WILDCARDS:
                    handled.setdefault(name, []).append(f"{kind} {entry.index + 1}")
    names = [ErrorName(name, ", ".join(places)) for name, places in handled.items()]
    return names + [entry for entry in _raised_in(state) if entry.name not in handled]


def _raised_in(state: State) -> tuple[ErrorName, ...]:
    if state.type is StateType.PARALLEL:
        return (*_BRANCH_FAILED, *_COMMON[:2], *_LAST)
    if state.type is StateType.MAP:
        return (*_COMMON[:2], *_LAST)
    resource = parse_resource(state.resource)
    if resource.family is Family.LAMBDA or resource.type == "lambda":
        return (*_LAMBDA, *_COMMON, *_LAST)
    return (*_SERVICES.get(resource.type.removeprefix("aws-sdk:"), ()), *_COMMON, *_LAST)


class Suggestions(LineList, can_focus=False):
    """The names, a line each. The input above keeps the focus; arrows and clicks there choose here."""

    DEFAULT_CSS = "Suggestions { height: 5; margin-left: 11; }"

    def __init__(self, names: Sequence[ErrorName]) -> None:
        super().__init__()
        self.names = names

    def on_mount(self) -> None:
        """Show the names."""
        self.rows_changed()

    def offer(self, names: Sequence[ErrorName], marked: int) -> None:
        """Show these, with the mark on one of them."""
        self.names = names
        self.rows_changed(marked)

    @property
    def marked(self) -> ErrorName | None:
        """The name with the mark."""
        return self.names[self.cursor] if self.cursor < len(self.names) else None

    def count_rows(self) -> int:
        """How many names there are."""
        return len(self.names)

    def row_text(self, row: int) -> str:
        """The name."""
        return self.names[row].name

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """The name, and where it is from."""
        entry = self.names[row]
        name = fit(entry.name, width - 4)
        room = width - cell_len(name) - 5
        return [
            (f"{glyphs_of(self).current if row == self.cursor else ' '} ", "current"),
            (name, ""),
            ("  ", ""),
            (fit(entry.note, room) if room > 8 else "", "muted"),
        ]


class ErrorField(Vertical):
    """An error name: what is typed filters the suggestions, and the one that is marked is the answer.

    A name of one's own is the last of them. The arrows and the mouse move the mark.
    """

    DEFAULT_CSS = "ErrorField { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "suggest(1)", "Next suggestion", show=False),
        Binding("up", "suggest(-1)", "Previous suggestion", show=False),
    ]

    class Named(WidgetMessage["ErrorField"]):
        """The name is another one."""

        def __init__(self, field: ErrorField, name: str) -> None:
            super().__init__(field)
            self.name = name

    def __init__(self, state: State, error: str = "", *, rows: int = 5, id: str | None = None) -> None:
        super().__init__(id=id)
        self._all = error_names(state)
        self._input = text_input(error, placeholder="type to filter, or a name of your own")
        self._list = Suggestions(())
        self._list.styles.height = rows
        self._filter()

    def compose(self) -> ComposeResult:
        """The input above the suggestions."""
        yield DialogField("Error", self._input)
        yield self._list

    def focus_input(self) -> None:
        """Give the focus to the input."""
        self._input.focus()

    @property
    def error(self) -> str:
        """The name that is marked."""
        marked = self._list.marked
        return marked.name if marked is not None else ""

    def set_error(self, name: str) -> None:
        """Put a name into the input."""
        self._input.value = name
        self._filter()

    def show_state(self, state: State) -> None:
        """Suggest names for another state."""
        self._all = error_names(state)
        self._filter()

    def _filter(self) -> None:
        """Offer the names that have what is typed; one that is typed in full is marked, else the first."""
        typed = self._input.value.strip()
        names = [entry for entry in self._all if typed.lower() in entry.name.lower()]
        exact = next((row for row, entry in enumerate(names) if entry.name == typed), None)
        if typed and exact is None:
            names.append(ErrorName(typed, "as it is typed"))
        names_before, marked = [entry.name for entry in self._list.names], exact or 0
        if [entry.name for entry in names] != names_before or exact is not None:
            self._list.offer(names, marked)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter()
        self.post_message(self.Named(self, self.error))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._mark(event.row)
        self._input.focus()

    def action_suggest(self, direction: int) -> None:
        """Mark the next name, or the previous one."""
        self._mark(self._list.cursor + direction)

    def _mark(self, row: int) -> None:
        self._list.move_to(row)
        self.post_message(self.Named(self, self.error))
