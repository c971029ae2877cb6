"""One event of the timeline, whole: its JSON, to fold, search and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.json.view import JsonView
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from sfdebug.engine.execution.events import Event
    from sfdebug.values import Json


_NOTE: Final = "As GetExecutionHistory gives it, but payloads are values here."


class EventDialog(Dialog[None]):
    """Shows an event in the shape of GetExecutionHistory, with its payloads as values in place of their texts."""

    OTHER_ROWS: ClassVar[int] = 8

    def __init__(self, event: Event) -> None:
        super().__init__(f"Event {event.id}: {event.type}")
        self._event = event
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The JSON."""
        yield DialogNote(_NOTE, classes="explanation")
        yield JsonView(has_header=False, id="event-json")

    def on_mount(self) -> None:
        """Show it, open to where its payloads begin."""
        super().on_mount()
        view = self.query_one(JsonView)
        view.add_class("tall")
        view.styles.height = self.app.size.height - self.OTHER_ROWS
        view.set_values(MISSING, event_values(self._event), Mode.AFTER)
        view.focus()

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys of the JSON, and the way out."""
        return (
            ("space", "fold", "nothing"),
            ("/", "search", "nothing"),
            ("y", "copy", "nothing"),
            ("Esc", "close", "cancel"),
        )

    def action_nothing(self) -> None:
        """The keys that the line names are those of the JSON."""


def event_values(event: Event) -> dict[str, Json]:
    """The event as it is written, with its details as values."""
    written = event.as_dict()
    details = event.details or {}
    return {
        name: {key: details.get(key, text) for key, text in value.items()} if isinstance(value, dict) else value
        for name, value in written.items()
    }
