"""The line to type a search into."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class SearchBar(Horizontal):
    """Posts what is typed as it is typed; Enter keeps it, Escape drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", "Stop searching", show=False)]

    class Typed(Message):
        """The query changed."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Kept(Message):
        """Enter: the search stays in force, the focus goes back to its pane."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Dropped(Message):
        """Escape: the search is over."""

    def compose(self) -> ComposeResult:
        """A label, the input, and how many matches there are."""
        yield Static("/", classes="sign", markup=False)
        yield Input(placeholder="text or regular expression, ! in front inverts", compact=True)
        yield Static("", classes="count", markup=False)

    def open(self, query: str = "") -> None:
        """Show the bar and type into it."""
        self.display = True
        field = self.query_one(Input)
        with self.prevent(Input.Changed):
            field.value = query
        field.focus()

    def close(self) -> None:
        """Hide the bar."""
        self.display = False
        self.count("")

    def count(self, text: str) -> None:
        """Say how many matches there are."""
        self.query_one(".count", Static).update(text)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Kept(event.value))

    def action_drop(self) -> None:
        """Stop searching."""
        self.post_message(self.Dropped())
