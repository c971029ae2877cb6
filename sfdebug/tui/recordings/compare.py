"""What is different between two recorded executions: the first thing on top, below it their visits side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen

from sfdebug.debugger.recorded.summary import branch_text
from sfdebug.history.comparison import ExecutionDifference, Pairing, compare_recordings
from sfdebug.history.leaves import Leaf
from sfdebug.history.made_up import looks_made_up
from sfdebug.history.replay.explain import dotted, shown
from sfdebug.reports.contrasts import INPUTS_HEADING, contrast_blocks
from sfdebug.text import clean, counted
from sfdebug.times import duration_text
from sfdebug.tui.dialogs.frame import DialogNote, painted_lines
from sfdebug.tui.dialogs.messages import TextDialog, flowing
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column
from sfdebug.tui.recordings.durations import visit_sign
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.key_hints import KeyHints
from sfdebug.tui.widgets.line import Line
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.values import is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.content import Content

    from sfdebug.debugger.decisive_data.model import ExecutionContrast
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.partings import Parting
    from sfdebug.history.recording import RecordedEvent
    from sfdebug.history.replay.event_comparison import Rules
    from sfdebug.tui.painting.paint import Piece

Opens: TypeAlias = "Callable[[RecordedSession, int, BranchId], Screen[Any]]"
"""Makes the screen on an execution, at the event with that index, in that branch."""

_KINDS: Final = ("path", "data", "timing")
_PAINTS: Final = {"path": "failed", "data": "caught", "timing": "waiting"}
_MOST: Final = 6
_FEW: Final = 3
_TALL: Final = 30
"""Rows from which the terminal has room for more."""


class PairList(LineList):
    """A row for each pair of visits: the left one, whether they differ, the right one."""

    def __init__(
        self,
        pairings: Sequence[Pairing],
        contrasts: Mapping[int, Sequence[ExecutionDifference]],
        parted: int | None = None,
    ) -> None:
        """`parted` is the row of the pair that is named first."""
        super().__init__()
        self._pairings = pairings
        self._contrasts = contrasts
        self._parted = parted

    def on_mount(self) -> None:
        """Put the cursor where the two part, or on the first difference."""
        self.rows_changed(min(self._contrasts, default=0) if self._parted is None else self._parted)

    def go_to(self, row: int | None) -> None:
        """Put the cursor on a row; None: on the first difference."""
        self.move_to(min(self._contrasts, default=0) if row is None else row)

    def contrasts(self, row: int) -> Sequence[ExecutionDifference]:
        """What differs in a row."""
        return self._contrasts.get(row, ())

    def pairing(self, row: int) -> Pairing | None:
        """The visits of a row; None where there are none."""
        return self._pairings[row] if row < len(self._pairings) else None

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
        is_first = row == self._parted
        middle = f"{glyphs.differs} {kinds[0]}" if kinds else glyphs.alike
        middle = f"{glyphs.differs} first" if is_first else middle
        side = max(10, (width - 14) // 2)
        return [
            *self._side(pairing.left, side),
            (column(f"  {middle}", 12), "current" if is_first else _PAINTS[kinds[0]] if kinds else "done"),
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


class FirstDifferencePane(VerticalScroll):
    """What is different, the first thing first, and what decided it; where the inputs differ is folded."""

    ALLOW_MAXIMIZE = False

    def __init__(self, found: ExecutionContrast) -> None:
        super().__init__()
        self._found = found
        self.is_unfolded = False
        self._note = DialogNote(self._content())

    def compose(self) -> ComposeResult:
        """One text, as long as it is."""
        yield self._note

    def fold(self) -> None:
        """Show where the inputs differ, or hide it again."""
        self.is_unfolded = not self.is_unfolded
        self._note.say(self._content())

    def _content(self) -> Content:
        lines: list[list[Piece]] = []
        for number, (heading, block) in enumerate(contrast_blocks(self._found)):
            if heading == INPUTS_HEADING and not self.is_unfolded:
                count = len(self._found.inputs)
                lines.append([(f"the inputs differ at {counted(count, 'place')}: i shows where", "muted")])
                continue
            if number:
                lines.append([(heading, "muted")])
            for at, line in enumerate(block):
                is_lead = number == 0 and at == 0
                lines.append([(clean(line if number == 0 else f"  {line}"), "strong" if is_lead else "")])
        return painted_lines(lines)


class CompareScreen(ClosesOnce, Screen[None]):
    """What is different on top; below it the pairs of visits, and what differs in the pair at hand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "leave", "Leave", id="compare.leave", show=False),
        Binding("n,full_stop", "difference(1)", "Next difference", id="compare.next", show=False),
        Binding("N,comma", "difference(-1)", "Difference before", id="compare.previous", show=False),
        Binding("f", "first", "The first difference", id="compare.first", show=False),
        Binding("a", "open('A')", "Open A there", id="compare.open_a", show=False),
        Binding("b", "open('B')", "Open B there", id="compare.open_b", show=False),
        Binding("i", "inputs", "Where the inputs differ", id="compare.inputs", show=False),
        Binding("question_mark", "help", "Help", id="compare.help", show=False),
    ]
    AUTO_FOCUS = "PairList"

    def __init__(
        self,
        found: ExecutionContrast,
        rules: Rules | None = None,
        *,
        names: tuple[str, str] = ("", ""),
        opens: Opens | None = None,
        differences: Sequence[ExecutionDifference] | None = None,
    ) -> None:
        """`found` is what is different (`contrast`), `differences` are all of them (`compare_recordings`; without them
        they are looked for here): both take a moment for long executions, and are better made before.

        `names` are what the two are called, else what their recordings are; `opens` makes the screen on one of them.
        """
        super().__init__()
        left, right = found.left.recording, found.right.recording
        self._found = found
        self._names = (names[0] or left.title, names[1] or right.title)
        self._opens = opens
        if differences is None:
            differences = compare_recordings(left, right, rules)
        pairings = found.partings.pairings
        self._titles = (left, right)
        self._whole = [one for one in differences if not one.state]
        self._count = len(differences)
        self._first = _row_of(found.leading, pairings)
        self.first = FirstDifferencePane(found)
        self.pairs = PairList(pairings, _by_row(pairings, differences), self._first)

    def compose(self) -> ComposeResult:
        """Titles, what is different, pairs, what differs in one, keys."""
        left, right = self._titles
        count = counted(self._count, "difference") if self._count else "no difference"
        mine, theirs = map(clean, self._names)
        titles = f" A {mine} ({left.standing})\n B {theirs} ({right.standing})   {count}"
        yield DialogNote(titles, classes="title")
        yield self.first
        yield self.pairs
        yield DialogNote("", id="differences")
        yield KeyHints(self._hints())

    def _hints(self) -> Sequence[tuple[str, str, str]]:
        ways = (("a", "open A here", "open('A')"), ("b", "open B here", "open('B')")) if self._opens is not None else ()
        return (
            *ways,
            ("n", "next difference", "difference(1)"),
            ("f", "the first", "first"),
            ("i", "inputs", "inputs"),
            ("?", "keys", "help"),
            ("q", "leave", "leave"),
        )

    @on(Line.Picked)
    async def _picked(self, event: Line.Picked) -> None:
        event.stop()
        await self.run_action(event.target)

    def on_mount(self) -> None:
        """Tell of the first difference."""
        self.call_after_refresh(lambda: self.tell(self.pairs.cursor))

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.tell(event.row)

    @on(LineList.Chosen)
    @guarded
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.tell(event.row)
        pairing = self.pairs.pairing(event.row)
        self.action_open("A" if pairing is None or pairing.left is not None else "B")

    def action_open(self, side: str) -> None:
        """Open one of the two where the pair at hand is: at its failure, else where it was entered."""
        pairing = self.pairs.pairing(self.pairs.cursor)
        if pairing is None or self._opens is None:
            return
        run = self._found.left if side == "A" else self._found.right
        visit = pairing.left if side == "A" else pairing.right
        if visit is None:
            others = pairing.right if side == "A" else pairing.left
            state = clean(others.state) if others is not None else "it"
            self.query_one("#differences", DialogNote).say(
                f"{state} was not entered in {side}: there is nothing to open"
            )
            return
        index = run.recording.index_of(telling_event(visit).id)
        if index is not None:
            self.app.push_screen(self._opens(run, index, visit.branch))

    def tell(self, row: int) -> None:
        """Say what differs in a pair; where nothing does, in the executions as a whole."""
        found = sorted(self.pairs.contrasts(row) or self._whole, key=self._is_made_up)
        most = _MOST if self.app.size.height >= _TALL else _FEW
        lines = [_line(one) for one in found[:most]]
        if len(found) > most:
            lines.append(f"and {len(found) - most:,} more: sfdebug diff lists them")
        self.query_one("#differences", DialogNote).say("\n".join(lines) or "alike")

    def _is_made_up(self, one: ExecutionDifference) -> bool:
        """Whether it is an id, a time or a token by its looks: those come last."""
        facts = self._titles[0].facts, self._titles[1].facts
        return one.kind == "data" and looks_made_up(Leaf(one.pointer, one.left, one.right), facts)

    def action_difference(self, step: int) -> None:
        """To the next difference, or the one before."""
        self.pairs.next_difference(step)

    def action_first(self) -> None:
        """To where the paths part first."""
        self.pairs.go_to(self._first)
        self.tell(self.pairs.cursor)

    def action_inputs(self) -> None:
        """Show where the inputs differ, or hide it."""
        self.first.fold()

    def action_help(self) -> None:
        """What is here, and the keys."""
        self.app.push_screen(TextDialog("Two executions compared", flowing(_HELP)))

    def action_leave(self) -> None:
        """Leave the program, or go back to the screen below."""
        if len(self.app.screen_stack) > 1:
            self.dismiss(None)
        else:
            self.app.exit(0)


_HELP: Final = """\
On top stands what is different: the first place where the paths part, or from which the way to the failure was another
one, and the data that decided it, followed back to where they first differ. Without the definition only what the
recordings show is told.

Below are the visits of both, paired: A on the left, B on the right; under them what differs in the pair at hand.

a opens A at the pair at hand, b opens B, Enter the one that has it: at what failed there, else where the state was
entered; q comes back from there.

n and N go from difference to difference, f to the first one; i shows where the inputs differ; Tab goes to the upper
part, where the arrows scroll; q or Esc goes back."""


def telling_event(visit: RecordedVisit) -> RecordedEvent:
    """The event of a visit at which there is most to see: what its last try came to, else its entry."""
    ended = visit.attempts[-1].ended if visit.attempts else None
    return ended if ended is not None else visit.entered


def _row_of(parting: Parting | None, pairings: Sequence[Pairing]) -> int | None:
    """The row of the pair that parted."""
    if parting is None:
        return None
    for row, pair in enumerate(pairings):
        if (parting.left is not None and pair.left is parting.left) or (
            parting.left is None and pair.right is parting.right
        ):
            return row
    return None


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
