"""Two recorded executions side by side: their visits paired, what differs marked, and told for the pair at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.screen import Screen

from sfdebug.debugger.recorded.summary import branch_text
from sfdebug.history.comparison import ExecutionDifference, Pairing, compare_recordings, pair_visits
from sfdebug.history.replay.explain import dotted, shown
from sfdebug.text import clean, counted
from sfdebug.times import duration_text
from sfdebug.tui.dialogs.frame import DialogNote
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column
from sfdebug.tui.recordings.durations import visit_sign
from sfdebug.tui.terminal.guard import ClosesOnce
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.values import is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import Recording
    from sfdebug.history.replay.event_comparison import Rules
    from sfdebug.tui.painting.paint import Piece

_KINDS: Final = ("path", "data", "timing")
_PAINTS: Final = {"path": "failed", "data": "caught", "timing": "waiting"}
_MOST: Final = 6


class PairList(LineList):
    """A row for each pair of visits: the left one, whether they differ, the right one."""

    def __init__(self, pairings: Sequence[Pairing], contrasts: Mapping[int, Sequence[ExecutionDifference]]) -> None:
        super().__init__()
        self._pairings = pairings
        self._contrasts = contrasts

    def on_mount(self) -> None:
        """Put the cursor on the first difference."""
        first = min(self._contrasts, default=0)
        self.rows_changed(first)

    def contrasts(self, row: int) -> Sequence[ExecutionDifference]:
        """What differs in a row."""
        return self._contrasts.get(row, ())

    def next_difference(self, step: int) -> bool:
        """Go to the next row that differs, or the one before; whether there is one."""
        rows = sorted(self._contrasts)
        found = [row for row in rows if (row > self.cursor) == (step > 0) and row != self.cursor]
        if not found:
            return False
        self.move_to(found[0] if step > 0 else found[-1])
        self.post_message(self.Moved(self, self.cursor))
        return True

    def count_rows(self) -> int:
        """One row for each pair."""
        return len(self._pairings)

    def row_text(self, row: int) -> str:
        """The states' names, and what differs."""
        pairing = self._pairings[row]
        names = [visit.state for visit in (pairing.left, pairing.right) if visit is not None]
        return " ".join((*names, *(one.kind for one in self.contrasts(row))))

    @property
    def empty_text(self) -> str:
        """Neither has a state."""
        return "no state was entered in either"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`✓ Charge  8.7 s      ≠ data       ✓ Charge  1.2 s`."""
        pairing, glyphs = self._pairings[row], glyphs_of(self)
        kinds = [kind for kind in _KINDS if any(one.kind == kind for one in self.contrasts(row))]
        middle = f"{glyphs.differs} {kinds[0]}" if kinds else glyphs.alike
        side = max(10, (width - 14) // 2)
        return [
            *self._side(pairing.left, side),
            (column(f"  {middle}", 12), _PAINTS[kinds[0]] if kinds else "done"),
            *self._side(pairing.right, side),
        ]

    def _side(self, visit: RecordedVisit | None, width: int) -> list[Piece]:
        if visit is None:
            return [(column("   not entered", width), "faint")]
        glyphs = glyphs_of(self)
        took = duration_text(visit.milliseconds)
        tries = f" {glyphs.times}{len(visit.attempts)}" if len(visit.attempts) > 1 else ""
        name = f"{'  ' * min(len(visit.branch), 4)}{clean(visit.state)}"
        name += f" #{visit.branch[-1][1]}" if visit.branch else ""
        return [
            visit_sign(visit, glyphs),
            (column(name, width - 18), ""),
            (column(f" {took}{tries}", 15), "muted"),
        ]


class CompareScreen(ClosesOnce, Screen[None]):
    """The pairs above, what differs in the pair at hand below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "leave", "Leave", id="compare.leave", show=False),
        Binding("n,full_stop", "difference(1)", "Next difference", id="compare.next", show=False),
        Binding("N,comma", "difference(-1)", "Difference before", id="compare.previous", show=False),
    ]
    AUTO_FOCUS = "PairList"

    def __init__(self, left: Recording, right: Recording, rules: Rules | None = None) -> None:
        super().__init__()
        found = compare_recordings(left, right, rules)
        pairings = list(pair_visits(left, right))
        self._titles = (left, right)
        self._whole = [one for one in found if not one.state]
        self._count = len(found)
        self.pairs = PairList(pairings, _by_row(pairings, found))

    def compose(self) -> ComposeResult:
        """Titles, pairs, what differs, keys."""
        left, right = self._titles
        count = counted(self._count, "difference") if self._count else "no difference"
        titles = f" A {clean(left.title)} ({left.standing})\n B {clean(right.title)} ({right.standing})   {count}"
        yield DialogNote(titles, classes="title")
        yield self.pairs
        yield DialogNote("", id="differences")
        yield DialogNote(" n next difference   N before   j k move   q leave", classes="hints")

    def on_mount(self) -> None:
        """Tell of the first difference."""
        self.call_after_refresh(lambda: self.tell(self.pairs.cursor))

    @on(LineList.Moved)
    @on(LineList.Chosen)
    def _moved(self, event: LineList.Moved | LineList.Chosen) -> None:
        event.stop()
        self.tell(event.row)

    def tell(self, row: int) -> None:
        """Say what differs in a pair; where nothing does, in the executions as a whole."""
        found = list(self.pairs.contrasts(row)) or self._whole
        lines = [_line(one) for one in found[:_MOST]]
        if len(found) > _MOST:
            lines.append(f"and {len(found) - _MOST:,} more: sfdebug diff lists them")
        self.query_one("#differences", DialogNote).say("\n".join(lines) or "alike")

    def action_difference(self, step: int) -> None:
        """To the next difference, or the one before."""
        self.pairs.next_difference(step)

    def action_leave(self) -> None:
        """Leave."""
        self.app.exit(0)


def _by_row(pairings: Sequence[Pairing], found: Sequence[ExecutionDifference]) -> dict[int, list[ExecutionDifference]]:
    """The differences by the row of their pair: both name branch, state and the number of the visit."""
    rows: dict[tuple[object, str, int, bool], int] = {}
    for row, pairing in enumerate(pairings):
        visit = pairing.left or pairing.right
        if visit is not None:
            rows[visit.branch, visit.state, pairing.number, pairing.left is None] = row
    by_row: dict[int, list[ExecutionDifference]] = {}
    for one in found:
        is_right_only = one.field == "visit" and not is_present(one.left)
        row_of = rows.get((one.branch, one.state, one.visit, is_right_only))
        if one.state and row_of is not None:
            by_row.setdefault(row_of, []).append(one)
    return by_row


def _line(one: ExecutionDifference) -> str:
    where = f"{one.state}{branch_text(one.branch)}" if one.state else "the execution"
    if one.field == "visit":
        return f"{where}: only in {'A' if is_present(one.left) else 'B'}"
    attempt = f", attempt {one.attempt}" if one.attempt > 1 else ""
    if one.field == "milliseconds" and isinstance(one.left, int) and isinstance(one.right, int):
        return f"{where}{attempt}: A took {duration_text(one.left)}, B {duration_text(one.right)}"
    place = f" at {dotted(one.pointer)}" if one.pointer else ""
    return f"{where}{attempt}, {one.field}{place}: A {shown(one.left)}, B {shown(one.right)}"
