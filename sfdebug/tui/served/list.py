"""The executions of the host as rows, the newest first. A row is made when it is painted, of how its execution stands
then: thousands of them cost no more than those in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.times import duration_text
from sfdebug.tui.browser.columns import ListColumn
from sfdebug.tui.browser.filters import STATUSES
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.served.rows import HELD, ServedEntry, arn_of, row_of

if TYPE_CHECKING:
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

SERVED_COLUMNS: Final[tuple[ListColumn, ...]] = (
    ListColumn("status", "STATUS", 9),
    ListColumn("machine", "STATE MACHINE", 13, 2, weight=2, most=36, keeps_end=True),
    ListColumn("name", "EXECUTION", 14, weight=3, most=44, keeps_end=True),
    ListColumn("state", "STATE", 14, 1, weight=3, most=44),
    ListColumn("error", "ERROR", 14, 5, weight=2, most=40),
    ListColumn("started", "STARTED", 14, 4, roomy=19),
    ListColumn("took", "TOOK", 11, 3, is_right=True),
)
_CASE: Final = ListColumn("case", "TEST CASE", 10, 2, weight=1, most=30, keeps_end=True)
_WITH_CASES: Final = (*SERVED_COLUMNS[:3], _CASE, *SERVED_COLUMNS[3:])
"""Where an execution was started with a test case."""
STATUS_SIGNS: Final = {**STATUSES, HELD: ("paused", "current-mark")}
"""Sign and paint of each status: what is held stands out."""


def status_sign(status: str, glyphs: Glyphs) -> Piece:
    """The sign of a status, with its paint."""
    sign, paint = STATUS_SIGNS.get(status, ("unvisited", "muted"))
    return getattr(glyphs, sign), paint


class ServedList(EntryList[ServedEntry]):
    """The rows."""

    COLUMNS = SERVED_COLUMNS

    def show_cases(self, *, are_shown: bool) -> None:
        """Whether there is a column of test cases."""
        columns = _WITH_CASES if are_shown else SERVED_COLUMNS
        if columns is not self.COLUMNS:
            self.COLUMNS, self._planned_for = columns, -1

    def key_of(self, entry: ServedEntry) -> str:
        """Its ARN."""
        return arn_of(entry)

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  ‖ HELD       Orders       run-17     Charge        01-01 00:00:00     4.2 s`."""
        shown, glyphs, plan = row_of(self.entries[row]), glyphs_of(self), self.plan(width)
        sign, paint = status_sign(shown.status, glyphs)
        return [
            ("  ", ""),
            (f"{sign} ", paint if not shown.is_held else "current"),
            *plan.cells(
                {
                    "status": (shown.status, paint),
                    "machine": (shown.machine, "muted"),
                    "name": (shown.name, ""),
                    "case": (shown.test_case, "muted"),
                    "state": (shown.states, "current" if shown.is_running else "muted"),
                    "error": (shown.error, ""),
                    "started": (self.moment(shown.started, "started"), "muted"),
                    "took": (duration_text(shown.took), "current" if shown.is_running else "muted"),
                }
            ),
        ]
