"""The stages of a visit: one line each, with its expression and what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.debugger.recorded.origins import Origin
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.text import clean
from sfdebug.tui.painting.describe import expression_text, outcome, stage_title
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from sfdebug.debugger.view.model import StageLine
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.panes.stage_selection import StageSelection

_NAME_WIDTH: Final = 14
_MARK_WIDTH: Final = 5
_LEAST_EXPRESSION: Final = 12
"""An expression keeps so many columns; what it came to has the others, if it needs them."""


class StagesPanel(LineList):
    """Shows a `StageSelection`; the row with the cursor is the stage whose data the data pane shows."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look: StageSelection | None = None
        self._longest_title = _NAME_WIDTH

    @property
    def look(self) -> StageSelection | None:
        """What is shown."""
        return self._look

    def show(self, look: StageSelection) -> None:
        """Show these stages, with the cursor on the one at hand."""
        self._look = look
        self._longest_title = max((len(stage_title(line)) for line in look.lines), default=0)
        self.rows_changed(cursor=max(0, look.index))

    @property
    def empty_text(self) -> str:
        """What stands there when a state has no stages."""
        return "no stages here: s takes one step"

    @property
    def standing_row(self) -> int | None:
        """The stage at hand."""
        return self._look.index if self._look is not None and self._look.is_here and self._look.index >= 0 else None

    def count_rows(self) -> int:
        """One row for each stage."""
        return len(self._look.lines) if self._look else 0

    def row_text(self, row: int) -> str:
        """Name, expression and outcome."""
        line = self._line(row)
        return f"{stage_title(line)} {expression_text(line)} {self._outcome(line)}"

    def _outcome(self, line: StageLine) -> str:
        assert self._look is not None
        return clean(outcome(line, self._look.before(line), self._look.waiting))

    def _line(self, row: int) -> StageLine:
        assert self._look is not None
        return self._look.lines[row]

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`▸✓ InputPath     $.order          − customer`."""
        assert self._look is not None
        line, glyphs = self._line(row), glyphs_of(self)
        is_at_hand = row == self._look.index
        mark, paint = stage_mark(line, glyphs)
        plain = "faint" if line.is_pending else ""
        name_width = min(self._longest_title, _NAME_WIDTH if width >= 40 else max(6, width // 4))
        room = width - _MARK_WIDTH - name_width - 2
        result = self._outcome(line)
        least = max(room * 2 // 3, room - cell_len(clean(expression_text(line))) - 2, room - _LEAST_EXPRESSION - 2)
        result_width = min(cell_len(result), least)
        expression_width = max(0, room - result_width - (2 if result else 0))
        pieces: list[Piece] = [
            (f" {glyphs.current if is_at_hand else ' '}", "current" if is_at_hand else ""),
            (mark, paint),
            origin_mark(line, glyphs),
            (" ", ""),
            (column(stage_title(line), name_width), "strong" if is_at_hand else plain),
            (" ", ""),
            (column(expression_text(line), expression_width), "faint" if line.is_pending else "muted"),
        ]
        if result:
            pieces += [("  ", ""), (fit(result, result_width), outcome_paint(line, result, glyphs))]
        return pieces


def origin_mark(line: StageLine, glyphs: Glyphs) -> Piece:
    """In a recording: whether the value was recorded, and recorded and computed agree."""
    signs: dict[str, Piece] = {
        Origin.BOTH: (glyphs.alike, "done"),
        Origin.DIFFERS: (glyphs.differs, "failed"),
        Origin.RECORDED: (glyphs.recorded, "muted"),
    }
    return signs.get(line.origin, (" ", ""))


def stage_mark(line: StageLine, glyphs: Glyphs) -> Piece:
    """The sign of a stage's status, and its paint."""
    if line.name is StageName.REDRIVE or (line.name is StageName.RETRY and line.status == StageStatus.MATCHED):
        return glyphs.retry, "waiting"
    if line.name is StageName.CATCH and line.status == StageStatus.MATCHED:
        return glyphs.caught, "caught"
    if line.is_pending:
        return glyphs.unvisited, "unvisited"
    return {
        StageStatus.DONE: (glyphs.done, "done"),
        StageStatus.MATCHED: (glyphs.done, "done"),
        StageStatus.FAILED: (glyphs.failed, "failed"),
        StageStatus.WAITING: (glyphs.waiting, "waiting"),
        StageStatus.NOT_MATCHED: (glyphs.skipped, "muted"),
        StageStatus.FORCED: (glyphs.forced, "current"),
        StageStatus.INJECTED: (glyphs.injected, "failed"),
    }[StageStatus(line.status)]


def outcome_paint(line: StageLine, text: str, glyphs: Glyphs) -> str:
    """Failures, additions, removals and changes each have their colour, next to their sign."""
    stage = line.stage
    if stage is not None and stage.fault is not None and stage.detail is None:
        return "failed"
    signs = {"+": "added", "−": "removed", "-": "removed", "~": "changed", glyphs.removed: "removed"}
    return signs.get(text[:1], "muted")
