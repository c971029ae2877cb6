"""Searching in a pane: the line to type into, and what is made of it.

A query is a regular expression, `!` in front to invert it, and what is no regular expression is taken literally.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from msgspec import Struct
from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from sfdebug.patterns import compiled
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

Matcher: TypeAlias = Callable[[str], bool]

_WIDEST_NOTE: Final = 80
_WIDEST_QUERY: Final = 24
_LEAST_QUERY: Final = 4


def matcher(query: str) -> Matcher | None:
    """What decides whether a text matches `query`; None for an empty query. Case counts once a capital is typed."""
    inverse = query.startswith("!")
    pattern = query[1:] if inverse else query
    if not pattern:
        return None
    found = compiled(pattern).search
    if inverse:
        return lambda text: found(text) is None
    return lambda text: found(text) is not None


class FilterNote(Struct, frozen=True):
    """What is said of a filter in force: what it looks for, and how many rows fit it."""

    query: str
    result: str

    def fitted(self, width: int = _WIDEST_NOTE) -> str:
        """`/Failed: 3 of 120`, in at most so many cells as far as the query can be cut for that."""
        room = max(_LEAST_QUERY, min(width, _WIDEST_NOTE) - cell_len(self.result) - 1)
        return f"/{fit(self.query, min(room, _WIDEST_QUERY))}{self.result}"


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
