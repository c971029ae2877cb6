"""Two timelines beside one another: their visits since they parted, what differs marked, and told for the pair at hand.

Values stand side by side where there is room for both, below one another where there is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.binding import Binding
from textual.screen import ModalScreen

from sfdebug.debugger.timeline_comparison import Contrast, ContrastField, TimelineComparison, VisitPair
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.json_pointer import parse
from sfdebug.text import clean, counted
from sfdebug.tui.dialogs.frame import DialogNote
from sfdebug.tui.painting.describe import short
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.terminal.guard import ClosesOnce
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.values import Value, is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.debugger.timeline.forks import ForkInfo
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_SIDE_BY_SIDE: Final = 110
"""Columns from which two values have room beside one another."""

_WORDS: Final = {
    ContrastField.VISIT: "entered",
    ContrastField.CALL: "called with",
    ContrastField.NEXT: "led to",
}


class ComparedVisit(NamedTuple):
    """Where to go: a visit, the timeline that it is on, and whether that is the left one."""

    fork: int
    number: int
    is_left: bool


class VisitPairList(LineList):
    """A row for each pair of visits: the left one, whether they differ, the right one; the last one is the end."""

    def __init__(self, comparison: TimelineComparison) -> None:
        super().__init__()
        self._pairs = comparison.pairs
        self._end = comparison.end

    def on_mount(self) -> None:
        """Put the cursor on the first difference."""
        self.rows_changed(next((row for row in range(self.count_rows()) if self.contrasts(row)), 0))

    def contrasts(self, row: int) -> Sequence[Contrast]:
        """What differs in a row."""
        return self._pairs[row].contrasts if row < len(self._pairs) else self._end

    def pair(self, row: int) -> VisitPair | None:
        """The visits of a row; None for the end."""
        return self._pairs[row] if row < len(self._pairs) else None

    def next_difference(self, step: int) -> bool:
        """Go to the next row that differs, or the one before; whether there is one."""
        rows = range(self.cursor + 1, self.count_rows()) if step > 0 else range(self.cursor - 1, -1, -1)
        found = next((row for row in rows if self.contrasts(row)), None)
        if found is not None:
            self.put_cursor(found)
        return found is not None

    def count_rows(self) -> int:
        """One row for each pair, and the end."""
        return len(self._pairs) + 1

    def row_text(self, row: int) -> str:
        """The state's name, and what differs."""
        pair = self.pair(row)
        name = pair.any.state.name if pair is not None else "the end"
        return " ".join((name, *(str(one.field) for one in self.contrasts(row))))

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`✓ Charge        ≠ output       ✓ Charge`."""
        glyphs, pair, contrasts = glyphs_of(self), self.pair(row), self.contrasts(row)
        pointer = glyphs.current if row == self.cursor else " "
        side = max(10, (width - 20) // 2)
        middle, paint = _middle(contrasts, glyphs)
        if pair is None:
            names: list[Piece] = [(column("  the end", side), "muted")]
            others: list[Piece] = [(column("  the end", side), "muted")]
        else:
            names, others = _side(pair.left, side, glyphs), _side(pair.right, side, glyphs)
        return [(f" {pointer} ", "current"), *names, (column(middle, 14), paint), *others]


def _middle(contrasts: Sequence[Contrast], glyphs: Glyphs) -> Piece:
    if not contrasts:
        return f" {glyphs.alike}", "done"
    first = next((one for one in contrasts if one.is_path), contrasts[0])
    return f" {glyphs.differs} {first.field}", "failed" if first.is_path else "caught"


def _side(visit: Visit | None, width: int, glyphs: Glyphs) -> list[Piece]:
    if visit is None:
        return [(column("  not entered", width), "faint")]
    signs = {
        VisitStatus.RUNNING: (glyphs.current, "current"),
        VisitStatus.SUCCEEDED: (glyphs.done, "done"),
        VisitStatus.CAUGHT: (glyphs.caught, "caught"),
        VisitStatus.FAILED: (glyphs.failed, "failed"),
        VisitStatus.ABORTED: (glyphs.skipped, "muted"),
    }
    tries = f" {glyphs.times}{visit.attempt}" if visit.attempt > 1 else ""
    index = f" #{visit.branch[-1][1]}" if visit.branch else ""
    name = f"{'  ' * min(len(visit.branch), 4)}{clean(visit.state.name)}{index}{tries}"
    return [signs[visit.status], (" ", ""), (column(name, width - 2), "")]


class ContrastLine(NamedTuple):
    """A line of what differs: a place, and the values on both sides, or one of the two alone."""

    place: str
    left: str = ""
    right: str = ""
    sign: str = ""


class ContrastList(LineList):
    """What differs in the pair at hand."""

    DEFAULT_CSS = "ContrastList { height: 40%; min-height: 4; border-top: solid $sf-faint; }"

    def __init__(self) -> None:
        super().__init__()
        self._contrasts: Sequence[Contrast] = ()
        self._lines: list[ContrastLine] = []

    def tell(self, contrasts: Sequence[Contrast]) -> None:
        """Show these."""
        self._contrasts = contrasts
        self._lay_out()
        self.rows_changed(0)

    def on_resize(self) -> None:
        """Side by side or below one another, as there is room."""
        super().on_resize()
        self._lay_out()
        self.rows_changed()

    def _lay_out(self) -> None:
        self._lines = []
        for one in self._contrasts:
            place = _place(one)
            left, right = _shown(one.left), _shown(one.right)
            if self.size.width >= _SIDE_BY_SIDE:
                self._lines.append(ContrastLine(place, left, right))
            else:
                self._lines += [ContrastLine(place)]
                self._lines += [ContrastLine("", left, sign="A"), ContrastLine("", right, sign="B")]

    def count_rows(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def row_text(self, row: int) -> str:
        """What a filter looks at."""
        return " ".join(self._lines[row])

    @property
    def empty_text(self) -> str:
        """They are alike."""
        return "alike"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`output $.total     42     43`, or of these three one below the other."""
        line = self._lines[row]
        if line.sign:
            paint = "removed" if line.sign == "A" else "added"
            return [(f"   {line.sign} ", "muted"), (fit(line.left, width - 6), paint)]
        if width < _SIDE_BY_SIDE:
            return [(f" {fit(line.place, width - 2)}", "json-key")]
        place = min(40, width // 3)
        side = (width - place - 3) // 2
        return [
            (f" {column(line.place, place)}", "json-key"),
            (column(line.left, side), "removed"),
            (" ", ""),
            (column(line.right, side), "added"),
        ]


def _place(one: Contrast) -> str:
    path = "".join(f"[{name}]" if name.isdecimal() else f".{name}" for name in parse(one.pointer))
    return clean(f"{_WORDS.get(one.field, str(one.field))}{f' ${path}' if path else ''}")


def _shown(value: Value) -> str:
    return clean(short(value)) if is_present(value) else "(nothing)"


class TimelinesScreen(ClosesOnce, ModalScreen[ComparedVisit]):
    """The pairs above, what differs in the pair at hand below. Its answer is the visit to go to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape,equals_sign", "leave", "Back", id="timelines.leave", show=False),
        Binding("n,full_stop", "difference(1)", "Next difference", id="timelines.next", show=False),
        Binding("N,comma", "difference(-1)", "Difference before", id="timelines.previous", show=False),
    ]
    AUTO_FOCUS = "VisitPairList"
    DEFAULT_CSS = """
    TimelinesScreen {
        background: $background;
        & > .title { height: auto; }
        & > VisitPairList { height: 1fr; }
        & > .hints { height: 1; color: $sf-muted; }
    }
    """

    def __init__(self, comparison: TimelineComparison) -> None:
        super().__init__()
        self._comparison = comparison
        self.pairs = VisitPairList(comparison)
        self.told = ContrastList()

    def compose(self) -> ComposeResult:
        """Titles, pairs, what differs, keys."""
        found = self._comparison
        count = len(found.differing)
        told = f"{counted(count, 'visit')} differ{'s' if count == 1 else ''}" if count else "no visit differs"
        at = len(found.parted.execution.events)
        titles = [f" {name} {fork.name}, {fork.status}{_why(fork.reason)}" for name, fork in self._sides]
        yield DialogNote("\n".join((*titles, f" they part after event {at:,}; {told}")), classes="title")
        yield self.pairs
        yield self.told
        yield DialogNote(" n next difference   N before   Enter go there   Esc back", classes="hints")

    @property
    def _sides(self) -> tuple[tuple[str, ForkInfo], ...]:
        return (("A", self._comparison.left), ("B", self._comparison.right))

    def on_mount(self) -> None:
        """Tell of the first difference."""
        self.call_after_refresh(lambda: self.told.tell(self.pairs.contrasts(self.pairs.cursor)))

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        if event.control is self.pairs:
            self.told.tell(self.pairs.contrasts(event.row))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        pair = self.pairs.pair(self.pairs.cursor)
        if pair is None:
            return
        if pair.right is not None:
            self.dismiss(ComparedVisit(self._comparison.right.id, pair.right.number, is_left=False))
        elif pair.left is not None:
            self.dismiss(ComparedVisit(self._comparison.left.id, pair.left.number, is_left=True))

    def action_difference(self, step: int) -> None:
        """To the next difference, or the one before."""
        self.pairs.next_difference(step)

    def action_leave(self) -> None:
        """Leave."""
        self.dismiss(None)


def _why(reason: str) -> str:
    return f": {clean(reason)}" if reason else ""
