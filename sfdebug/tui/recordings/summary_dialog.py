"""The summary of a recorded execution: how it ended, where and why it failed, how long it took, what was retried."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines
from sfdebug.tui.dialogs.messages import ReadingPane
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.tui.painting.paint import Piece

TO_WATCH = "To watch"
_HEADING_WIDTH = 12
_WIDEST = 100
_FRAME = 6
"""So many keys leave room for another one in 80 columns."""
_BAD = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED)


class SummaryDialog(Dialog[str]):
    """Shows the facts; its answer is the id of the command to run next, None for none."""

    OTHER_ROWS: ClassVar[int] = 6
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,exclamation_mark", "failure", "To the failure", id="summary.failure", show=False),
        Binding("X", "differences", "Differences", id="summary.differences", show=False),
        Binding("ampersand", "compare", "What is different", id="summary.compare", show=False),
        Binding("number_sign", "ticket", "For a ticket", id="summary.ticket", show=False),
        Binding("D", "durations", "Durations", id="summary.durations", show=False),
        Binding("q,A", "cancel", "Close", id="summary.close", show=False),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[tuple[str, str]],
        status: ExecutionStatus,
        *,
        has_faults: bool,
        has_differences: bool,
        has_relatives: bool = False,
        way_out: str = "from the start",
    ) -> None:
        """`has_relatives`: there are others to compare it with. `way_out` says what closing it is, beside its key."""
        super().__init__(title)
        self._way_out = way_out
        self._lines = lines
        self._status = status
        self._has_faults = has_faults
        self._has_differences = has_differences
        self._has_relatives = has_relatives
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """A line for each fact."""
        with ReadingPane(classes="tall"):
            yield DialogNote(painted_lines(self._painted()), id="facts")

    def tell(self, lines: Sequence[tuple[str, str]], *, has_differences: bool) -> None:
        """More has become known."""
        self._lines, self._has_differences = lines, has_differences
        if self.is_mounted:
            self.query_one("#facts", DialogNote).say(painted_lines(self._painted()))
            self.show_hints()

    def _painted(self) -> list[list[Piece]]:
        rows: list[list[Piece]] = []
        before = ""
        for heading, text in self._lines:
            shown = "" if heading == before else heading
            before = heading
            [(whole, paint)] = self._text(heading, text)
            hang = "  " if heading == TO_WATCH else ""
            for part in wrap(whole, self._room, subsequent_indent=hang) or [""]:
                rows.append([(column(shown, _HEADING_WIDTH), "muted"), (part, paint)])
                shown = ""
        return rows

    @property
    def _room(self) -> int:
        """The width of a text beside its heading."""
        width = self.app.size.width
        return max(20, min(_WIDEST, width * 96 // 100) - _HEADING_WIDTH - _FRAME)

    def _text(self, heading: str, text: str) -> list[Piece]:
        glyphs = glyphs_of(self)
        if heading == TO_WATCH:
            return [(f"{glyphs.dot} {clean(text)}", "")]
        if heading == "Status":
            if self._status in _BAD:
                return [(f"{glyphs.failed} {clean(text)}", "failed")]
            if self._status is ExecutionStatus.RUNNING:
                return [(f"{glyphs.current} {clean(text)}", "current")]
            return [(f"{glyphs.done} {clean(text)}", "done")]
        paints = {"Failed in": "strong", "Error": "failed", "Retried": "waiting", "Caught": "caught", "File": "warn"}
        return [(clean(text), paints.get(heading, ""))]

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """Where to go from here: what has no room in one line is left out, the last of all the way out."""
        found = [("Enter", "to the failure" if self._status in _BAD else "to the first fault", "failure")]
        hints = found if self._has_faults else [("Enter", "close", "cancel")]
        if self._has_differences:
            hints = [*hints, ("X", "differences", "differences")]
        if self._has_relatives:
            hints = [*hints, ("&", "compare", "compare")]
        if self._has_faults:
            hints = [*hints, ("#", "ticket", "ticket")]
        hints = [*hints, ("D", "durations", "durations"), ("Esc", self._way_out, "cancel")]
        for less in ("durations", "ticket"):
            if sum(len(f"{key} {what}   ") for key, what, _ in hints) - 3 > self._room + _HEADING_WIDTH:
                hints = [hint for hint in hints if hint[2] != less]
        return tuple(hints)

    def action_failure(self) -> None:
        """Go to what failed; close when nothing did."""
        self.dismiss("time.failure" if self._has_faults else None)

    def action_differences(self) -> None:
        """List the differences."""
        self.dismiss("look.differences")

    def action_compare(self) -> None:
        """Compare it with the last that succeeded."""
        self.dismiss("look.compare" if self._has_relatives else None)

    def action_ticket(self) -> None:
        """Show it as a ticket needs it."""
        self.dismiss("look.ticket")

    def action_durations(self) -> None:
        """Show the durations."""
        self.dismiss("look.durations")
