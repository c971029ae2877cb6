"""The lists of the browser: a row for each state machine or execution, however many there are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from textual.message import Message

from sfdebug.aws.listing import ExecutionEntry, MachineEntry
from sfdebug.times import duration_text, moment_text
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from sfdebug.tui.painting.paint import Piece

E = TypeVar("E", MachineEntry, ExecutionEntry)

STATUSES: Final = {
    "FAILED": ("failed", "failed"),
    "TIMED_OUT": ("failed", "failed"),
    "ABORTED": ("skipped", "muted"),
    "RUNNING": ("current", "current"),
    "PENDING_REDRIVE": ("retry", "waiting"),
    "SUCCEEDED": ("done", "done"),
}
"""Sign and paint of each status, in the order in which somebody on call wants them."""
_AHEAD: Final = 40
"""So many rows before the end the next page is asked for."""


class EntryList(LineList, Generic[E]):
    """Entries that grow page by page."""

    class NearEnd(Message):
        """The cursor is near the last row that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[E] = []
        self.note = ""

    def clear(self, note: str) -> None:
        """Forget all; `note` stands there until something comes."""
        self.entries, self.note = [], note
        self.rows_changed(0)

    def add(self, entries: Sequence[E], note: str) -> None:
        """Show more; `note` is what an empty list says."""
        known = {entry.arn for entry in self.entries}
        self.entries += [entry for entry in entries if entry.arn not in known]
        self.note = note
        self.rows_changed(self.cursor)
        self.tell_when_near()

    def tell_when_near(self) -> None:
        """Ask for more when the rows run out."""
        if self.cursor >= len(self.entries) - _AHEAD:
            self.post_message(self.NearEnd())

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint, and ask for more in time."""
        super().watch_cursor(before, after)
        self.tell_when_near()

    @property
    def entry(self) -> E | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def count_rows(self) -> int:
        """One row for each entry."""
        return len(self.entries)

    def row_text(self, row: int) -> str:
        """The name."""
        return self.entries[row].name

    @property
    def empty_text(self) -> str:
        """What is known while nothing is there."""
        return self.note

    @abstractmethod
    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """A row."""


class MachineList(EntryList[MachineEntry]):
    """State machines: name, type, since when."""

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  Orders        STANDARD   2025-01-01 00:00:00`."""
        entry = self.entries[row]
        name_width = max(20, width - 36)
        return [
            ("  ", ""),
            (column(entry.name, name_width), ""),
            (" ", ""),
            (column(entry.type, 9), "muted"),
            ("  ", ""),
            (column(moment_text(entry.created_at), 19), "muted"),
        ]


class ExecutionList(EntryList[ExecutionEntry]):
    """Executions: how they stand, name, start, duration."""

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`✗ FAILED     run-17     2025-01-01 00:00:00   4.2 s  ↻1`."""
        entry, glyphs = self.entries[row], glyphs_of(self)
        sign, paint = STATUSES.get(entry.status, ("unvisited", "muted"))
        name_width = max(16, width - 54)
        took = entry.stopped_at - entry.started_at if entry.stopped_at and entry.started_at else None
        again = f"{glyphs.retry}{entry.redrive_count}" if entry.redrive_count else ""
        return [
            (f" {getattr(glyphs, sign)} ", paint),
            (column(entry.status, 15), paint),
            (" ", ""),
            (column(entry.name, name_width), ""),
            (" ", ""),
            (column(moment_text(entry.started_at), 19), "muted"),
            ("  ", ""),
            (column(duration_text(took), 11), "muted"),
            (again, "waiting"),
        ]
