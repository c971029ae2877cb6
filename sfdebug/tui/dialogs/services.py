"""What the services hold that Tasks have called: messages, items, objects, and what the last call has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from textual.binding import Binding
from textual.message import Message

from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.values import Json

Contents: TypeAlias = "tuple[dict[str, Json] | None, dict[str, Json]]"
_READING: Final = "Reading…"
_STARTING: Final = "Reading; local services are started by the first look at them…"


class ContentsRead(Message):
    """What services hold is read, or why it cannot be."""

    def __init__(self, contents: Contents | None, error: str = "") -> None:
        super().__init__()
        self.contents = contents
        self.error = error


class ServicesDialog(Dialog[None]):
    """Shows what services hold; `read` is called on a thread, and again when it is asked for."""

    OTHER_ROWS: ClassVar[int] = 9
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "difference", "What the last call changed", id="services.difference", show=False),
        Binding("f5,r", "reload", "Read again", id="services.reload", show=False),
        Binding("X", "reset", "As at the beginning", id="services.reset", show=False),
        Binding("q", "cancel", "Close", id="services.close", show=False),
    ]

    def __init__(
        self, read: Callable[[], Contents], reset: Callable[[], None] | None, place: str, lost: Callable[[], str]
    ) -> None:
        """`reset` has them be as at the beginning; None where that cannot be. `lost` tells which calls have left no
        trace in them, "" where all have."""
        super().__init__(f"What the services hold {place}".rstrip())
        self._read = read
        self._reset = reset
        self._lost = lost
        self._contents: Contents | None = None
        self._mode = Mode.DIFFERENCE
        self.is_reading = False
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The JSON."""
        yield DialogNote(_READING if self._reset is None else _STARTING, classes="explanation")
        yield JsonView(has_header=False, id="services-json")

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        view = self.query_one(JsonView)
        view.add_class("tall")
        view.styles.height = self.app.size.height - self.OTHER_ROWS
        view.set_values(MISSING, MISSING, Mode.AFTER, empty="")
        view.focus()
        self._begin(lambda: None)

    def _begin(self, first: Callable[[], None]) -> None:
        if self.is_reading:
            return
        self.is_reading = True

        def run() -> None:
            try:
                first()
                found = ContentsRead(self._read())
            except Exception as error:
                found = ContentsRead(None, trouble_text(error))
            self.post_message(found)

        threading.Thread(target=run, name="sfdebug-services", daemon=True).start()

    def on_contents_read(self, message: ContentsRead) -> None:
        """Show what was read."""
        message.stop()
        self.is_reading = False
        note = self.query_one(DialogNote)
        if message.contents is None:
            note.say(message.error)
            return
        self._contents = message.contents
        self._show()

    def _show(self) -> None:
        note, view = self.query_one(DialogNote), self.query_one(JsonView)
        if self._contents is None:
            return
        before, now = self._contents
        is_same = before == now
        has_difference = before is not None and not is_same
        mode = self._mode if has_difference else Mode.AFTER
        view.set_values(before if before is not None else MISSING, now, mode, empty="(they hold nothing)")
        if before is None:
            said = "From now on it is told what a call changes."
        elif is_same:
            said = "The last call has changed nothing here."
        elif mode is Mode.DIFFERENCE:
            said = "What the last call changed. d shows all that is there now."
        else:
            said = "All that is there now. d shows what the last call changed."
        lost = self._lost()
        note.say(f"{said} {lost[:1].upper()}{lost[1:]}." if lost else said)

    def action_difference(self) -> None:
        """What the last call changed, or all."""
        self._mode = Mode.AFTER if self._mode is Mode.DIFFERENCE else Mode.DIFFERENCE
        self._show()

    def action_reload(self) -> None:
        """Read again."""
        self._begin(lambda: None)

    def action_reset(self) -> None:
        """Have them be as at the beginning."""
        if self._reset is None:
            self.query_one(DialogNote).say("Only services on this machine can be reset.")
        else:
            self._begin(self._reset)

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys."""
        return (
            ("d", "difference", "difference"),
            ("r", "read again", "reload"),
            *((("X", "reset", "reset"),) if self._reset is not None else ()),
            ("/", "search", "nothing"),
            ("Esc", "close", "cancel"),
        )

    def action_nothing(self) -> None:
        """The keys that the line names are those of the JSON."""
