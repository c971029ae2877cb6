"""Searching in all data of a run: what is typed is looked for in every payload of every event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from sfdebug.debugger.recorded.events import MOST_HITS, SearchHit, search
from sfdebug.text import clean, counted
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, text_input
from sfdebug.tui.painting.describe import event_state
from sfdebug.tui.painting.paint import column
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.engine.execution.events import Event
    from sfdebug.tui.painting.paint import Piece

_PAUSE = 0.12
"""Seconds after the last letter before a long history is searched."""
_LONG = 2_000
_WHERE = 20
_COLUMNS = 40
"""How wide a row is before its excerpt."""
_LEAST_LEAD = 8


class HitList(LineList):
    """The places that were found, a line each."""

    DEFAULT_CSS = "HitList { height: 16; }"

    def __init__(self) -> None:
        super().__init__()
        self.add_class("tall")
        self.hits: list[SearchHit] = []
        self.nothing = "type what to look for in inputs, outputs, parameters, errors and causes"

    def show(self, hits: list[SearchHit], nothing: str) -> None:
        """Show these hits."""
        self.hits, self.nothing = hits, nothing
        self.rows_changed(0)

    def count_rows(self) -> int:
        """One row for each hit."""
        return len(self.hits)

    def row_text(self, row: int) -> str:
        """The excerpt."""
        return self.hits[row].excerpt

    @property
    def empty_text(self) -> str:
        """What stands there without hits."""
        return self.nothing

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`▸ 12 Charge  output  …"customer":"Ada"…`."""
        hit = self.hits[row]
        end = hit.at + hit.length
        where, more = event_state(hit.event) or hit.event.type, max(0, width // 4 - _WHERE)
        return [
            (f"{hit.event.id:>6} ", "muted"),
            (column(where, _WHERE + more), ""),
            (" ", ""),
            (column(hit.field, 10), "muted"),
            (" ", ""),
            (_lead(clean(hit.excerpt[: hit.at]), width - _COLUMNS - more - hit.length), "muted"),
            (clean(hit.excerpt[hit.at : end]), "found"),
            (clean(hit.excerpt[end:]), "muted"),
        ]


def _lead(text: str, room: int) -> str:
    """What stands before the found text, cut at its front where the found text would not be seen."""
    room = max(room, _LEAST_LEAD)
    return text if len(text) <= room else f"…{text[len(text) - room + 1 :]}"


class FindDialog(Dialog[SearchHit]):
    """Its answer is the hit to go to."""

    OTHER_ROWS: ClassVar[int] = 10
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", "Down", show=False),
        Binding("up", "move('up')", "Up", show=False),
        Binding("pagedown", "move('page_down')", "Page down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
    ]

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__("Find in all data")
        self._events = events
        self._query = ""
        self._searched = ""
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The line to type into, how many were found, and where."""
        yield text_input(placeholder="a text or a regular expression")
        yield DialogNote("", id="found", classes="heading")
        yield HitList()

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """How to move, go there and leave."""
        return (("Up Down", "move", "move('down')"), ("Enter", "go there", "pick"), ("Esc", "cancel", "cancel"))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._query = event.value
        if len(self._events) > _LONG:
            self.set_timer(_PAUSE, lambda query=event.value: self._search(query))
        else:
            self._search(event.value)

    def _search(self, query: str) -> None:
        if query != self._query:
            return  # more was typed meanwhile
        self._searched = query
        hits = list(search(self._events, query)) if query else []
        count = f"the first {MOST_HITS}" if len(hits) >= MOST_HITS else counted(len(hits), "place")
        self.query_one("#found", DialogNote).say(f"{count}; a value that recurs is at its first event" if hits else "")
        nothing = f"no data holds {clean(query)!r}" if query else "type what to look for"
        self.query_one(HitList).show(hits, nothing)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._searched != self._query:
            self._search(self._query)
        self.action_pick()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_pick()

    def action_move(self, where: str) -> None:
        """Move in the list while the focus stays in the line above."""
        hits = self.query_one(HitList)
        getattr(hits, f"action_{where}")()

    def action_pick(self) -> None:
        """Go to the hit with the cursor."""
        hits = self.query_one(HitList)
        if hits.hits:
            self.dismiss(hits.hits[hits.cursor])
