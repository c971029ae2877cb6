"""When each state ran and for how long: a bar for each visit on one scale of time, with its retries and waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Input

from sfdebug.debugger.recorded.spans import SpanPart, SpanPartKind, TimeSpan
from sfdebug.debugger.recorded.summary import branch_text
from sfdebug.text import clean, counted
from sfdebug.times import duration_text
from sfdebug.tui.dialogs.frame import DialogNote, text_input
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column
from sfdebug.tui.terminal.guard import ClosesOnce
from sfdebug.tui.widgets.line import FittedLine, LinePiece
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_NAME_SHARE: Final = 3
_TIME_WIDTH: Final = 14
_MIDDLE_FROM: Final = 36
"""From this width of the bars on, the scale says its middle too."""
_PAINTS: Final = {
    SpanPartKind.STAY: "muted",
    SpanPartKind.WORK: "done",
    SpanPartKind.FAILED: "failed",
    SpanPartKind.RETRY_WAIT: "waiting",
    SpanPartKind.WAIT: "waiting",
}
_ORDER: Final = (SpanPartKind.FAILED, SpanPartKind.WORK, SpanPartKind.RETRY_WAIT, SpanPartKind.WAIT, SpanPartKind.STAY)
"""Which part a cell shows when several fall into it."""


def visit_sign(visit: RecordedVisit, glyphs: Glyphs) -> Piece:
    """How a recorded visit ended."""
    if visit.status == "aborted":
        return f" {glyphs.skipped} ", "muted"
    name = {"failed": "failed", "running": "current", "caught": "caught"}.get(visit.status, "done")
    return f" {getattr(glyphs, name)} ", name


class SpanList(LineList):
    """A row for each visit: its name, how long it took, and its bar."""

    def __init__(self, spans: Sequence[TimeSpan], here: int) -> None:
        super().__init__()
        self._spans = spans
        self._here = here
        self._total = max((span.end for span in spans), default=0)
        self._is_sorted = False

    @property
    def total(self) -> int:
        """The whole time, in milliseconds."""
        return self._total

    def on_mount(self) -> None:
        """Put the cursor on the visit at hand."""
        at = max((row for row, span in enumerate(self._spans) if span.begin <= self._here), default=0)
        self.rows_changed(at)

    def toggle_order(self) -> bool:
        """By time of entry, or the longest first; whether it is the latter now."""
        self._is_sorted = not self._is_sorted
        key = (lambda span: -span.milliseconds) if self._is_sorted else (lambda span: span.visit.number)
        self._spans = sorted(self._spans, key=key)
        self.rows_changed(0)
        return self._is_sorted

    def count_rows(self) -> int:
        """One row for each visit."""
        return len(self._spans)

    def row_text(self, row: int) -> str:
        """State, branch, status and error."""
        visit = self._spans[row].visit
        error = visit.attempts[-1].error or "" if visit.attempts else ""
        return f"{visit.state}{branch_text(visit.branch)} {visit.type} {visit.status} {error}"

    @property
    def empty_text(self) -> str:
        """Only a filter empties it."""
        return "no state was entered"

    def span_at(self, row: int) -> TimeSpan:
        """The span of a row."""
        return self._spans[row]

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`✗ Charge   4.5 s ×2     ──▓▓▓╌╌╌▓▓──`."""
        span, glyphs = self._spans[row], glyphs_of(self)
        index = f" #{span.visit.branch[-1][1]}" if span.visit.branch else ""
        name = f"{'  ' * min(span.depth, 4)}{clean(span.visit.state)}{index}"
        name_width = max(14, width // _NAME_SHARE)
        tries = f" {glyphs.times}{span.attempts}" if span.attempts > 1 else ""
        left: list[Piece] = [
            visit_sign(span.visit, glyphs),
            (column(name, name_width), ""),
            (" ", ""),
            (column(f"{duration_text(span.milliseconds)}{tries}", _TIME_WIDTH), "waiting" if tries else "muted"),
            (" ", ""),
        ]
        bar = width - name_width - _TIME_WIDTH - 6
        return [*left, *bar_pieces(span, self._total, bar, glyphs)]


def bar_pieces(span: TimeSpan, total: int, width: int, glyphs: Glyphs) -> list[Piece]:
    """The bar of a span in `width` cells that stand for `total` milliseconds; what took any time is seen."""
    if width < 4:
        return []
    cells: list[SpanPartKind | None] = [None] * width
    for part in sorted(span.parts, key=lambda part: -_ORDER.index(part.kind)):
        first, last = _cells(part, total, width)
        cells[first : last + 1] = [part.kind] * (last - first + 1)
    pieces: list[Piece] = []
    for kind in cells:
        text, paint = (" ", "") if kind is None else (_sign(kind, glyphs), _PAINTS[kind])
        if pieces and pieces[-1][1] == paint:
            pieces[-1] = (pieces[-1][0] + text, paint)
        else:
            pieces.append((text, paint))
    return pieces


def _cells(part: SpanPart, total: int, width: int) -> tuple[int, int]:
    if total <= 0:
        return 0, 0
    first = min(width - 1, part.begin * width // total)
    return first, min(width - 1, max(first, (part.end * width - 1) // total))


def _sign(kind: SpanPartKind, glyphs: Glyphs) -> str:
    if kind in (SpanPartKind.WORK, SpanPartKind.FAILED):
        return glyphs.block
    return glyphs.dash if kind in (SpanPartKind.RETRY_WAIT, SpanPartKind.WAIT) else glyphs.rule


class Scale(FittedLine):
    """The scale above the bars: the start, the middle and the end."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self._total = total

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """Three times, over the bars."""
        left = max(14, width // _NAME_SHARE) + _TIME_WIDTH + 5
        bar = width - left - 1
        if bar < 24:
            return [(" " * max(0, left), ""), (duration_text(self._total), "muted")]
        middle, end = duration_text(self._total // 2), duration_text(self._total)
        text = "0" + " " * (bar // 2 - 1) + middle if bar > _MIDDLE_FROM else "0"
        return [(" " * left, ""), (text + end.rjust(bar - len(text)), "muted")]


class DurationsScreen(ClosesOnce, ModalScreen[TimeSpan]):
    """All visits on one scale of time; its answer is the one to go to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,D", "leave", "Back", id="durations.leave", show=False),
        Binding("slash", "filter", "Filter", id="durations.filter", show=False),
        Binding("s", "sort", "Longest first", id="durations.sort", show=False),
    ]
    AUTO_FOCUS = "SpanList"

    def __init__(self, spans: Sequence[TimeSpan], here: int) -> None:
        super().__init__()
        self._list = SpanList(spans, here)
        self._count = len(spans)

    def compose(self) -> ComposeResult:
        """Title, scale, bars, keys."""
        glyphs = glyphs_of(self.app)
        total = duration_text(self._list.total)
        yield DialogNote(f" Durations: {counted(self._count, 'state visit')} in {total}", classes="title")
        yield Scale(self._list.total)
        yield self._list
        yield text_input(placeholder="state, status or error; ! in front inverts")
        keys = " Enter go there  / filter  s longest first  Esc back  "
        legend = f"  {glyphs.block} works or fails  {glyphs.dash} waits  {glyphs.rule} in the state"
        if len(keys) + len(legend) > self.app.size.width:
            legend = f"{glyphs.block} works  {glyphs.dash} waits  {glyphs.rule} in it"
        yield DialogNote(f"{keys}{legend}", classes="hints")

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(self._list.span_at(event.row))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._list.set_filter(event.value.strip())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()

    def action_filter(self) -> None:
        """Type what to show."""
        field = self.query_one(Input)
        field.display = True
        self.set_focus(field)  # at once: keys that come in one burst are meant for it

    def action_sort(self) -> None:
        """Longest first, or by time again."""
        self._list.toggle_order()

    def action_leave(self) -> None:
        """Drop the filter, or leave."""
        field = self.query_one(Input)
        if field.display:
            field.value = ""
            field.display = False
            self._list.set_filter("")
            self._list.focus()
        else:
            self.dismiss(None)
